#!/usr/bin/python3
"""dport diagnose while a source is stuck: programs that never answer, name servers that keep silent, files that never
end. Each is cut off at its deadline and named among what is missing; what the others say stands.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from surroundlib import DROPPED, SLOW, TMP, UNSEEN, at, document, dropped, grant_of, says
from taplib import done, kill_group_at_exit, need_root, ok

WHOLE_S = 10
# systemd and its journal seem to be there. Deaf to everything but being killed, as children are that wait for a disk.
STUCK = """mkdir -p /run/systemd /run/log
mount -t tmpfs none /run/systemd; mkdir /run/systemd/system; mount -t tmpfs none /run/log; mkdir /run/log/journal
mount -t tmpfs none /mnt; mkdir /mnt/upper /mnt/work
printf '#!/bin/sh\\ntrap "" TERM INT HUP PIPE\\nwhile :; do sleep 600; done\\n' >/mnt/hangs; chmod 755 /mnt/hangs
mount -t overlay -o lowerdir=/usr/bin,upperdir=/mnt/upper,workdir=/mnt/work none /usr/bin
"""
# It prints without end, and never a whole line.
CHATTERS = STUCK + """printf '#!/bin/sh\\nexec tr "\\\\0" x </dev/zero\\n' >/mnt/hangs
"""
INSTEAD = "rm -f /usr/bin/{0}; cp /mnt/hangs /usr/bin/{0}\n"
SILENT_NAMES = ("printf 'nameserver 10.0.0.9\\n' >/mnt/resolv; mount --bind /mnt/resolv $(readlink -f /etc/resolv.conf)\n")


def is_right(d, seconds=WHOLE_S):
    return d["exit"] == 1 and d["cause"] == "firewall.drop" and d["certainty"] == "proven" and \
        d["seconds"] < seconds * SLOW


def none_is_left(place):
    """Whatever was started in its place has been killed."""
    return "hangs" not in place.server.shell("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; true")


def test_programs(place):
    for name, source, reason in (("journalctl", "logs", "journal: it did not answer in time"),
                                 ("systemctl", "units", "did not answer in time")):
        script = STUCK + INSTEAD.format(name)
        for words, is_proven in (DROPPED, True), (UNSEEN, False):
            d = document(at(place, words, before=script))
            right = is_right(d) if is_proven else d["verdict"] == "unknown" and d["seconds"] < WHOLE_S * SLOW
            ok(right, f"{name} hangs: the verdict stands in time" + ("" if is_proven else ", where nothing is proven"),
               says(d))
            ok(grant_of(d, source, reason) is not None, f"{name} hangs: it is named", says(d))
        ok(none_is_left(place), f"{name} hangs: it is killed in the end")


def test_chatter(place):
    d = document(at(place, DROPPED, before=CHATTERS + INSTEAD.format("journalctl")))
    ok(is_right(d), "a journal without an end is cut off, and the verdict stands in time", says(d))


def test_ssh(place):
    d = document(at(place, "diagnose 10.0.0.1:443 --from 10.0.0.2 --client ssh:root@10.0.0.2 --json",
                    before=STUCK + INSTEAD.format("ssh")))
    ok(is_right(d), "ssh hangs: the verdict stands", says(d))
    ok(grant_of(d, "client", "ssh:root@10.0.0.2: it did not answer in time") is not None, "ssh hangs: it is named", says(d))
    ok(none_is_left(place), "ssh hangs: it is killed in the end")


def test_resolver(place):
    name = "web1.example.org"
    got = at(place, f"diagnose {name}:443 --role client --json", before=STUCK + SILENT_NAMES)
    d = document(got)
    ok(d["seconds"] < WHOLE_S * SLOW and d["cause"] in ("client.name-unresolved", None) and d["certainty"] != "proven",
       "a name server that keeps silent: nothing is proven of the name, in time", says(d))
    ok(b"10.0.0.9" in got.stdout and name.encode() in got.stdout, "and both are named", got.stdout[-600:])
    got = at(place, f"diagnose {name}:443 --from 10.0.0.2 --json", before=STUCK + SILENT_NAMES)
    ok(got.returncode == 3 and got.seconds < WHOLE_S * SLOW and name.encode() in got.stderr,
       "where the name must be known first it is named in one sentence, in time", got)


def test_files(place):
    script = "mount -t tmpfs none /var/log; cd /var/log; mkfifo syslog messages; ln -s /dev/zero kern.log; cd /\n"
    d = document(at(place, DROPPED, before=script))
    ok(is_right(d), "pipes without a writer and files without an end hold nothing up", says(d))


def test_all_at_once(place):
    script = STUCK + INSTEAD.format("journalctl") + INSTEAD.format("systemctl") + SILENT_NAMES
    d = document(at(place, DROPPED, before=script))
    ok(is_right(d), "journal, systemd and names hang at once: the verdict stands in time", says(d))
    ok(grant_of(d, "logs", "in time") is not None and grant_of(d, "units", "in time") is not None,
       "and each is named", says(d))


def main():
    need_root()
    kill_group_at_exit()
    os.makedirs(TMP, exist_ok=True)
    place = dropped()
    try:
        for test in (test_programs, test_chatter, test_ssh, test_resolver, test_files, test_all_at_once):
            test(place)
    finally:
        place.close()
    done()


main()

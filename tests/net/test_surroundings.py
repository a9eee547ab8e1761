#!/usr/bin/python3
"""dport diagnose without rights, in a container, without systemd, /sys, BTF or logs: it stays useful, names each
source that is missing and what would help, and excludes nothing that it could not look at.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from surroundlib import DROPPED, NOBODY, UNSEEN, at, document, dropped, grant_of, says
from taplib import done, kill_group_at_exit, need_root, ok

USER_SPACE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount", "--mount-proc"]
# What a container engine leaves its root.
FEW_RIGHTS = ["setpriv", "--bounding-set=-all,+chown,+dac_override,+net_bind_service,+net_raw", "--inh-caps=-all"]
PROGRAMS = "for f in {}; do [ ! -e /usr/bin/$f ] || mount --bind /dev/null /usr/bin/$f; done\n"
HIDDEN = "for d in /run/systemd /run/log; do [ ! -d $d ] || mount -t tmpfs none $d; done\n"
NO_LOGS = HIDDEN + "mount -t tmpfs none /var/log\n" + PROGRAMS.format("journalctl")
NO_SYSTEMD = HIDDEN + PROGRAMS.format("systemctl journalctl")
# What each right opens: it must stand in the grant of that gap.
RIGHTS = {"capture": "CAP_NET_RAW", "nf_tables": "CAP_NET_ADMIN", "conntrack": "CAP_NET_ADMIN",
          "programs": "CAP_NET_ADMIN", "owners": ""}


def granted(d, wanted):
    return {source: grant_of(d, source) for source, right in wanted.items()
            if not grant_of(d, source) or right not in grant_of(d, source)}


def without(wanted, *names):
    return {k: v for k, v in wanted.items() if k not in names}


def test_nobody(place):
    d = document(at(place, DROPPED, NOBODY))
    ok(d["exit"] == 3 and d["verdict"] == "unknown" and d["cause"] is None, "nobody claims no cause", says(d))
    ok(not granted(d, RIGHTS), "nobody is told each source that lacks, with the right that opens it",
       (granted(d, RIGHTS), says(d)))
    ok(d["state"]["server"] == "pass", "nobody is told of the socket all the same", says(d))
    ok(d["state"]["firewall"] == d["state"]["client"] == "denied" and "firewall.drop" not in d["excluded"],
       "nobody is told that rules and clients are denied, not that there are none", says(d))
    d = document(at(place, "diagnose 444 --from 10.0.0.2 --json --wait 1", NOBODY))
    ok(d["verdict"] == "unknown" and d["cause"] in (None, "server.not-listening") and d["state"]["server"] != "pass",
       "nobody is told that no socket is seen, and what hides others", says(d))


def test_container(place):
    d = document(at(place, DROPPED, USER_SPACE))
    ok(d["exit"] == 3 and d["verdict"] == "unknown", "root of a user namespace claims no cause", says(d))
    wanted = {**RIGHTS, "owners": "--pid=host"}
    ok(not granted(d, wanted), "root of a user namespace is told what lacks, and of the PID namespace",
       (granted(d, wanted), says(d)))
    d = document(at(place, DROPPED, FEW_RIGHTS))
    wanted = {**without(RIGHTS, "capture"), "owners": "--cap-add"}
    ok(d["exit"] == 3 and d["syn"]["seen"] and d["state"]["client"] == "pass",
       "a container's root with CAP_NET_RAW sees the SYNs", says(d))
    ok(not granted(d, wanted) and grant_of(d, "capture") is None,
       "a container's root is told what lacks, and of the engine's option", (granted(d, wanted), says(d)))
    # Seen, silent, and the rules are hidden: nothing here may be said to have dropped it.
    ok(d["certainty"] in (None, "possible") and "firewall.drop" not in d["excluded"],
       "a container's root is told no more than was seen", says(d))


def test_systemd(place):
    d = document(at(place, DROPPED, before=NO_SYSTEMD))
    ok(d["exit"] == 1 and d["cause"] == "firewall.drop" and d["certainty"] == "proven",
       "without systemd the rule is proven", says(d))
    d = document(at(place, "diagnose 444 --from 10.0.0.2 --json --wait 2", before=NO_SYSTEMD))
    ok(d["exit"] == 1 and d["cause"] == "server.not-listening" and d["state"]["logs"] != "fail",
       "without systemd it is said that nobody listens, and no unit is blamed", says(d))


def test_sys(place):
    for name, script in (("empty", "mount -t tmpfs none /sys"), ("a file", "mount -t tmpfs none /sys; touch /sys/fs")):
        d = document(at(place, DROPPED, before=script))
        ok(d["exit"] == 1 and d["cause"] == "firewall.drop" and d["certainty"] == "proven",
           f"without /sys ({name}) the rule is proven", says(d))
        d = document(at(place, UNSEEN, before=script))
        ok("/sys/fs/cgroup" in (grant_of(d, "programs", "control groups") or ""),
           f"without /sys ({name}) it is said that programs of control groups are hidden", says(d))
        ok("firewall.cgroup-drop" not in d["excluded"], f"without /sys ({name}) none of them is excluded", d["excluded"])


def test_btf(place):
    script = "[ ! -d /sys/kernel/btf ] || mount -t tmpfs none /sys/kernel/btf"
    d = document(at(place, DROPPED, before=script))
    ok(d["exit"] == 1 and d["cause"] == "firewall.drop" and d["certainty"] == "proven",
       "without BTF the rule is proven", says(d))
    d = document(at(place, UNSEEN, before=script))
    ok(d["verdict"] == "unknown" and d["syn"] is not None, "without BTF the capture works", says(d))


def test_logs(place):
    d = document(at(place, DROPPED, before=NO_LOGS))
    ok(d["exit"] == 1 and d["cause"] == "firewall.drop" and d["certainty"] == "proven",
       "without a log the rule is proven", says(d))
    d = document(at(place, UNSEEN, before=NO_LOGS))
    ok("/var/log" in (grant_of(d, "logs") or ""), "it is said that neither a journal nor a log file is here", says(d))
    d = document(at(place, UNSEEN, NOBODY, before="mount -t tmpfs none /var/log; touch /var/log/syslog; "
                    "chmod 600 /var/log/syslog\n" + PROGRAMS.format("journalctl")))
    ok("adm" in (grant_of(d, "logs") or ""), "of logs that may not be read the group is named that may", says(d))


def main():
    need_root()
    kill_group_at_exit()
    place = dropped()
    try:
        for test in (test_nobody, test_container, test_systemd, test_sys, test_btf, test_logs):
            test(place)
    finally:
        place.close()
    done()


main()

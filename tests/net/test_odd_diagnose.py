#!/usr/bin/python3
"""diagnose, capture and record where something is not as usual: rights are missing, libraries, logs and
namespaces too, disks are full, signals reach the whole job, recordings are damaged, rules are many. What
cannot be known is said with its reason; wrong words and broken files are one sentence and an exit code.
"""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

from caseplace import Place
from taplib import DPORT, done, need_root, ok

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
DROP = ("table inet f { chain input { type filter hook input priority filter; policy accept;\n"
        "ip saddr 10.0.0.2 tcp dport 443 counter drop\n} }")
FROM = "diagnose 443 --from 10.0.0.2"
TMP = os.environ.get("TMPDIR", "/tmp")
SLOW = 3 if os.path.basename(os.path.dirname(DPORT)) == "asan" else 1


def at(place, words, around=(), before="", seconds=40):
    """Runs dport on the server: under a shell script that comes first, and commands around it."""
    prefix = ["nsenter", "-t", str(place.server.pid), "-n", "-m", "-u", "-p"]
    if before:
        prefix += ["unshare", "--mount", "sh", "-ec", before + '\nexec "$@"', "sh"]
    began = time.monotonic()
    got = subprocess.run(prefix + list(around) + [place.program] + words.split(), stdin=subprocess.DEVNULL,
                         capture_output=True, timeout=seconds * SLOW, check=False)
    got.seconds = time.monotonic() - began
    return got


def document(got):
    d = json.loads(got.stdout)
    d["state"] = {step["step"]: step["state"] for step in d["steps"]}
    d["grants"] = " ".join(str(m["grant"]).lower() for m in d["missing"])
    d["reasons"] = " ".join(m["source"] + ": " + m["reason"] for m in d["missing"])
    return d


def dropped():
    """A client that a rule drops, and a copy of the program that nobody may start."""
    place = Place()
    place.serve("443")
    place.server.nft(DROP)
    place.call("10.0.0.1 443 --every 0.3")
    place.program = os.path.join(TMP, "dport-for-nobody")
    shutil.copy(DPORT, place.program)
    os.chmod(place.program, 0o755)
    return place


def with_right(name):
    return NOBODY + [f"--inh-caps=+{name}", f"--ambient-caps=+{name}"]


def test_missing_rights(place):
    d = document(got := at(place, FROM + " --json", NOBODY))
    ok(got.returncode == 3 and d["verdict"] == "unknown" and d["state"]["firewall"] == "denied" and
       d["state"]["client"] == "denied", "without any right rules and clients are denied, not absent", d)
    ok("cap_net_admin" in d["grants"] and "cap_net_raw" in d["grants"], "the grants for both are named",
       d["missing"])
    d = document(got := at(place, FROM + " --json --wait 2", with_right("net_raw")))
    ok(got.returncode == 3 and d["syn"]["seen"] and d["state"]["firewall"] == "denied",
       "with CAP_NET_RAW alone the SYNs are seen and the rules are denied", d)
    d = document(got := at(place, FROM + " --json --wait 2", with_right("net_admin")))
    ok(got.returncode == 1 and d["cause"] == "firewall.drop" and d["certainty"] == "likely",
       "with CAP_NET_ADMIN alone the rule is named and not called proven", d)
    got = at(place, "capture 443 --for 1", NOBODY)
    ok(got.returncode == 77 and got.stderr.count(b"\n") == 1 and b"CAP_NET_RAW" in got.stderr,
       "a capture without the right is one sentence with the right in it", got)


def test_spaces(place):
    record = os.path.join(TMP, "nosuch.tar")
    for words in "diagnose 443", f"record {record} 443 --for 1", "capture --for 1":
        got = at(place, words + " --netns nosuch")
        ok(got.returncode == 2 and b"amespace" in got.stderr and not got.stdout,
           f"{words.split()[0]}: a namespace that is not there is a wrong word", got)
    got = at(place, "diagnose 443 --netns 1", NOBODY)
    ok(got.returncode == 77 and b"cap_sys_admin" in got.stderr and not got.stdout,
       "a namespace that may not be entered is a matter of rights", got)


def test_words(place):
    wrong = ("diagnose 443 --from 0.0.0.0", "diagnose 443 --from 224.0.0.1", "diagnose 443 --from ::",
             "diagnose 443 --from 255.255.255.255:7", "diagnose 443 --from 2001:db8::1%eth0",
             "diagnose 443 --family 6", "diagnose ::1:443", "diagnose 443 --wait 0", "diagnose 443 --role king",
             "diagnose 443 --netns all", "capture 443 --wait 3", "capture -i abcdefghijklmnop --for 1")
    failed = [(words, got) for words in wrong
              if (got := at(place, words)).returncode != 2 or got.stderr.count(b"\n") != 1 or got.stdout]
    ok(not failed, "a wrong word is one sentence and exit code 2", failed)
    got = at(place, "diagnose ::1:443")
    ok(b"[::1:443]:443" in got.stderr, "the sentence about a missing port shows words that are taken", got)
    got = at(place, "diagnose 443 --wait 1 --json --from fe80::1%eth0")
    ok(got.returncode in (0, 1, 3) and document(got)["target"]["client"] == "fe80::1",
       "a link behind a link-local address is taken", got)


def test_things_missing(place):
    pcap = "for f in /usr/lib/*/libpcap.so.0.8 /usr/lib/libpcap.so.0.8; do [ ! -e $f ] || " \
           "mount --bind /dev/null $(readlink -f $f); done"
    d = document(got := at(place, FROM + " --json", before=pcap))
    ok(got.returncode == 1 and d["certainty"] == "likely" and "capture: " in d["reasons"],
       "without libpcap the rule is likely and the capture is missing", d)
    got = at(place, "capture 443 --for 1", before=pcap)
    ok(got.returncode == 3 and b"libpcap" in got.stderr, "without libpcap a capture says so", got)
    got = at(place, FROM + " --wait 2", before="umount -l /proc; mount -t tmpfs none /proc")
    ok(got.returncode in (1, 3) and b"no nftables chain" not in got.stdout,
       "without /proc nothing is claimed of rules", got)


def test_hostile_logs(place):
    logs = f"""d={TMP}/logs; mkdir -p $d; cd $d
mkfifo syslog; ln -s /dev/zero messages; ln -s $d/loop loop; mkdir -p dpkg.log
head -c 50000000 /dev/zero | tr '\\0' x >kern.log
printf 'Nov 22 12:00:00 h kernel: \\033]0;pwn\\007 \\000 IN=eth0 SRC=10.0.0.2 PROTO=TCP DPT=443\\n' >user.log
mount --bind $d /var/log
printf '#!/bin/sh\\nexec sleep 50\\n' >{TMP}/hangs; chmod 755 {TMP}/hangs
[ ! -e /usr/bin/journalctl ] || mount --bind {TMP}/hangs /usr/bin/journalctl"""
    got = at(place, FROM, before=logs)
    ok(got.returncode == 1 and b"(proven)" in got.stdout and b"\x1b" not in got.stdout + got.stderr,
       "FIFOs, devices, endless lines and a journal that hangs do not change the verdict", got)
    ok(got.seconds < 15 * SLOW, "and cost seconds at most", got.seconds)


def told(place, words, number, after_s):
    """The whole job gets the signal, as from a terminal or from `timeout`."""
    job = subprocess.Popen(["nsenter", "-t", str(place.server.pid), "-n", DPORT] + words.split(),
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           start_new_session=True)
    time.sleep(after_s)
    os.killpg(job.pid, number)
    out, err = job.communicate(timeout=10 * SLOW)
    left = subprocess.run(["pgrep", "-g", str(job.pid)], capture_output=True, check=False).stdout
    return job.returncode, out, err, left


def test_signals(place):
    failed = []
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        for after_s in 0.3 * SLOW, 1 * SLOW:
            code, out, err, left = told(place, "capture 443", number, after_s)
            if code != 0 or err or left or b"attempt" not in out:
                failed.append((number, after_s, "capture", code, out, err, left))
        code, out, err, left = told(place, "diagnose 443 --from 10.0.0.9", number, 0.6 * SLOW)
        if code != 130 or err or left or out:
            failed.append((number, "diagnose", code, out, err, left))
    ok(not failed, "a signal to the whole job ends a capture with totals and a diagnosis with 130", failed)


def descendants(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [d for child in f.read().split() for d in (int(child), *descendants(int(child)))]


def test_killed_processes(place):
    """Whichever process is killed: an end in time, an exit code of ours, and none is left."""
    failed, i, n = [], 0, 1
    while i < n:
        job = subprocess.Popen(["nsenter", "-t", str(place.server.pid), "-n", DPORT, "diagnose", "443",
                                "--from", "10.0.0.9", "--wait", str(SLOW)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        time.sleep(0.6 * SLOW)
        ours = [job.pid, *descendants(job.pid)]
        n = len(ours)
        os.kill(ours[i], signal.SIGKILL)
        out, err = job.communicate(timeout=20 * SLOW)
        time.sleep(0.2)
        left = subprocess.run(["pgrep", "-g", str(job.pid)], capture_output=True, check=False).stdout
        allowed = (-9,) if i == 0 else (1, 3, 70)
        if job.returncode not in allowed or left or not err:
            failed.append((i, job.returncode, out, err, left))
        i += 1
    ok(n >= 4 and not failed, "kill -9 of any one process is survived or said, and nothing is left", (n, failed))


def test_full_disk(place):
    small = f"mkdir -p {TMP}/small; mount -t tmpfs -o size=16k none {TMP}/small"
    for words in f"{FROM} --wait 1 --record {TMP}/small/x.tar", f"record {TMP}/small/x.tar 443 --for 1":
        got = at(place, words, before=small)
        ok(got.returncode == 74 and b"could not be written to its end" in got.stderr,
           f"a full disk is said: {words.split()[0]}", got)


def damaged(base, rng):
    b = bytearray(base)
    kind = rng.randrange(4)
    if kind == 0:
        return b[:rng.randrange(len(b))]
    if kind == 1:
        b[rng.randrange(len(b) // 512) * 512 + rng.randrange(150)] ^= 1 << rng.randrange(8)
    for _ in range(rng.choice((1, 10, 200))):
        b[rng.randrange(len(b))] = rng.randrange(256)
    return b


def test_damaged_recordings(place):
    tar, file = os.path.join(TMP, "base.tar"), os.path.join(TMP, "damaged.tar")
    at(place, f"{FROM} --record {tar}")
    with open(tar, "rb") as f:
        base = f.read()
    rng, failed = random.Random(443), []
    for _ in range(24):
        b = damaged(base, rng)
        with open(file, "wb") as f:
            f.write(b)
        words = rng.choice((FROM, FROM + " --json", "capture 443", "diagnose 80"))
        got = subprocess.run([DPORT, *words.split(), "--replay", file], stdin=subprocess.DEVNULL,
                             capture_output=True, timeout=30 * SLOW, check=False)
        if got.returncode not in (0, 1, 3, 65) or got.stderr.count(b"\n") > 2:
            failed.append((words, got))
    ok(not failed, "a damaged recording is read as far as it goes", failed[:2])
    with open(file, "wb") as f:
        f.write(base[:len(base) // 2])
    failed = []
    for words in FROM, "capture 443":
        got = subprocess.run([DPORT, *words.split(), "--replay", file], stdin=subprocess.DEVNULL,
                             capture_output=True, timeout=30 * SLOW, check=False)
        if got.returncode != 65 or b"ends early" not in got.stderr:
            failed.append((words, got))
    ok(not failed, "that a recording ends early is said, and the exit code is 65", failed)
    with open(file, "wb") as f:
        f.write(base[:300])
    got = subprocess.run([DPORT, *FROM.split(), "--replay", file], stdin=subprocess.DEVNULL,
                         capture_output=True, timeout=30, check=False)
    ok(got.returncode == 65 and got.stderr.count(b"\n") == 1 and not got.stdout,
       "a recording without anything in it is one sentence and exit code 65", got)


def test_many_rules(place):
    sets = "".join(f"set s{i} {{ type ipv4_addr; elements = {{ 198.51.{i % 256}.{i // 256} }}\n}}\n"
                   for i in range(4000))
    rules = "".join(f"ip saddr @s{i % 4000} tcp dport {1000 + i % 5000} accept\n" for i in range(10000))
    place.server.nft("flush ruleset\ntable inet big {\n" + sets + "chain input { type filter hook input "
                     "priority filter; policy drop;\n" + rules + "}\n}\n")
    d = document(got := at(place, FROM + " --json"))
    ok(got.returncode == 1 and d["cause"] == "firewall.policy-drop", "10,000 rules with 4,000 sets are judged", d)
    ok(got.seconds < 12 * SLOW, "and cost seconds at most", got.seconds)


def main():
    need_root()
    place = dropped()
    try:
        for test in (test_missing_rights, test_spaces, test_words, test_things_missing, test_hostile_logs,
                     test_signals, test_killed_processes, test_full_disk, test_damaged_recordings,
                     test_many_rules):
            test(place)
    finally:
        place.close()
    done()


sys.exit(main())

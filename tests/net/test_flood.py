#!/usr/bin/python3
"""A flood of SYNs with changing sources and ports: every one is counted or told as lost, memory stays
within its bound, and the client that is asked about is told right. Measures no time.

    test_flood.py [WORD...]

WORDs choose the cases of diagnose whose name has one of them; the captures are left out then.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from caselib import Case, fault, healthy, input_chain, play
from caseplace import Broken, Place
from taplib import DPORT, TOP, done, kill_group_at_exit, need_root, ok

FLOOD = os.path.join(os.environ.get("TOOLS", os.path.join(TOP, "build/tests/net")), "syn_flood")
SERVER = "10.0.0.1"
# The tables of a capture of everything (2^18 attempts), its ring of 16 MiB, its rows of ports.
MOST_KIB = 120 << 10
PER_SECOND = 100000  # beside a diagnosis; it goes on until that ends
MOST_PER_SECOND = 2000000  # more than a machine sends
FLOOD_S = 100


def flood_words(place, port, count, per_second=0):
    link = json.loads(place.server.shell("ip -j link show eth0"))[0]["address"]
    return [FLOOD, "eth0", link, SERVER, str(port), str(count), *([str(per_second)] if per_second else [])]


def n_dropped(place):
    """By the wire, before anybody could see them."""
    return json.loads(place.client.shell("ip -s -j link show eth0"))[0]["stats64"]["tx"]["dropped"]


def flood(place, port, count, per_second=0):
    """Sends them all; how many arrived."""
    before = n_dropped(place)
    got = place.client.run(*flood_words(place, port, count, per_second))
    if got.returncode:
        raise Broken("the flood: " + got.stderr.decode())
    return int(got.stdout.split()[0]) - (n_dropped(place) - before)


# ---- captures ----

def tap_of(host):
    """The process on the host that holds a packet socket; its number as the host sees it."""
    script = ("inodes=$(awk 'NR > 1 { print $NF }' /proc/net/packet)\n"
              "for fd in /proc/[0-9]*/fd/*; do for i in $inodes; do\n"
              '[ "$(readlink $fd)" = "socket:[$i]" ] && { echo $fd; exit; }; done; done; true')
    name = host.shell(script)
    return name.split("/")[2] if name else None


def memory_kib(host, tap):
    """The most it ever had, and what it has now beside the ring and the program."""
    lines = host.shell(f"cat /proc/{tap}/status").splitlines()
    numbers = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return numbers["VmHWM"], numbers["RssAnon"]


class Capture:
    def __init__(self, host, *words):
        self.host = host
        self.process = subprocess.Popen(host.prefix + [DPORT, "capture", "--json", *words], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        end = time.monotonic() + 20
        self.tap = None
        while not self.tap and time.monotonic() < end:
            time.sleep(0.1)
            self.tap = tap_of(host)
        if not self.tap:
            self.process.kill()
            raise Broken("no capture: " + self.process.communicate()[1].decode())
        time.sleep(0.5)

    def end(self):
        """The document, once a second has passed in which the rest was read."""
        time.sleep(1)
        os.killpg(self.process.pid, signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        return json.loads(out), err.decode()


def check_counted(name, n_sent, document, said):
    seen = sum(document["totals"].values())
    lost = document["kernel_drops"] + document["device_drops"]
    ok(seen == n_sent if not lost else seen <= n_sent <= seen + lost, f"{name}: every SYN is counted or told as lost",
       (n_sent, seen, lost, said))
    ok(not lost or str(document["kernel_drops"]) in said, f"{name}: a loss is said in words", (lost, said))
    print(f"# {name}: {n_sent} sent, {seen} counted, {lost} lost, {document['evicted']} forgotten undecided")


def test_totals():
    """At full speed, then slowly enough that nothing need be lost."""
    place = Place()
    try:
        for name, per_second, count in (("1,000,000 at full speed", 0, 1000000),
                                        ("200,000 in four seconds", 50000, 200000)):
            capture = Capture(place.server, "--summary", "-i", "eth0")
            before_kib, _ = memory_kib(place.server, capture.tap)
            n_sent = flood(place, 0, count, per_second)
            most_kib, _ = memory_kib(place.server, capture.tap)
            check_counted(name, n_sent, *capture.end())
            ok(most_kib - before_kib < MOST_KIB, f"{name}: memory stays within its bound", (before_kib, most_kib))
    finally:
        place.close()


def test_bound():
    """Of one port, told one by one: what came before makes room."""
    place = Place()
    try:
        capture = Capture(place.server, "443")
        flood(place, 443, 500000)
        time.sleep(0.5)
        _, first_kib = memory_kib(place.server, capture.tap)
        n_sent = 500000 + flood(place, 443, 1000000)
        time.sleep(0.5)
        _, second_kib = memory_kib(place.server, capture.tap)
        document, said = capture.end()
        # The second flood repeats the tuples of the first, which may be known or forgotten.
        seen = sum(document["totals"].values())
        ok(0 < seen <= n_sent and document["evicted"] > 0 and "forgotten undecided" in said,
           "more attempts than there is room for are told as forgotten", (seen, document["evicted"], said))
        ok(second_kib - first_kib < 8 << 10, "a longer flood takes no more memory", (first_kib, second_kib))
    finally:
        place.close()


# ---- diagnose ----

def flooded_at(port, per_second):
    def start(place):
        words = flood_words(place, port, FLOOD_S * (per_second or MOST_PER_SECOND), per_second)
        place.started.append(place.client.start(*words))
        time.sleep(0.5)
    return start


def says_loss(seen):
    """Whatever was not followed is a number among what is missing."""
    d = seen.document
    told = [m["reason"] for m in d["missing"] if m["source"] == "capture"]
    if d["syn"]["capture_drops"] and not any(str(d["syn"]["capture_drops"]) in text for text in told):
        yield f"{d['syn']['capture_drops']} packets were lost and it is not said: {told}"


def flooded(where, port, per_second=PER_SECOND):
    drop = input_chain('ip saddr 10.0.0.2 tcp dport 443 counter drop comment "culprit"')
    start = {"prepare": flooded_at(port, per_second), "look": says_loss}
    return [
        Case(f"an answered client, {where} flooded", "answered", healthy("proven", "likely"), **start),
        Case(f"a dropped client, {where} flooded", "timeout",
             fault("firewall.drop", "firewall", rule="culprit", why="explicit-deny"), nft=drop, **start),
        Case(f"nobody listens, {where} flooded", "refused", fault("server.not-listening", "server"), services=(), **start),
    ]


def test_diagnose(words):
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    full = flooded("other ports at full rate", 0, 0) + flooded("the port at full rate", 443, 0)
    for case in flooded("other ports", 0) + flooded("the port", 443) + full:
        if words and not any(w in case.name for w in words):
            continue
        result = play(case, DPORT, folder)
        details = [f"{kind}: {text}" for kind, text in result.failures]
        if result.broken:
            details.append("the scenario is broken: " + result.broken)
        ok(not details, f"{case.name}: {result.document.get('summary')}", "\n".join(details))


def main():
    need_root()
    kill_group_at_exit()
    words = sys.argv[1:]
    if not words:
        test_totals()
        test_bound()
    test_diagnose(words)
    done()


main()

#!/usr/bin/python3
"""What `dport path` says of a packet against what a real connection met.

This namespace is the router in the middle: cli (10.1.0.2) - r0 | r1 - srv (10.2.0.2), r2 - con (10.3.0.2),
br0 - box (10.4.0.2) and tin (10.4.0.3).
Every case lays out rules, routes or settings, tries to connect, and asks for the way of the same packet.
"""
import dataclasses
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

LISTEN = """
import socket, sys
kept = []
for word in sys.argv[1:]:
    address, port = word.rsplit("-", 1)
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, int(port)))
    s.listen(64)
    kept.append(s)
print("ready", flush=True)
sys.stdin.read()
"""
CONNECT = """
import errno, socket, sys
source, target, port, ttl, patience = sys.argv[1:]
s = socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_STREAM)
s.settimeout(float(patience))
if source != "-":
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    address, _, own = source.partition("@")
    s.bind((address, int(own or 0)))
if ttl != "-":
    s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, int(ttl))
try:
    s.connect((target, int(port)))
    print("open")
except TimeoutError:
    print("silent")
except ConnectionRefusedError:
    print("refused")
except OSError as e:
    print("silent" if e.errno == errno.ETIMEDOUT else "unreachable")
"""


@dataclasses.dataclass
class Case:
    name: str
    setup: str  # lines: rules of this namespace; "@srv ..." of another; "$ ..." a command
    seen: str  # open, silent, refused, unreachable: what the connection itself must meet
    words: tuple = ("--from", "10.1.0.2", "--in", "r0")
    target: tuple = ("10.2.0.2", 80)
    place: tuple = ()  # (leg, place, outcome) of the hop that decides
    by: dict = dataclasses.field(default_factory=dict)  # of decided_by
    origin: str = "cli"  # where the connection is made; "": here
    ttl: str = "-"
    translated: dict = None
    inner: str = ""  # the namespace that it must have been followed to
    unsure: str = ""  # a piece of what makes it unsure: then nothing else is asked


def base(hook, rules, priority="0", policy="accept", kind="filter", family="ip"):
    return (f"table {family} t {{ chain {hook} {{ type {kind} hook {hook} priority {priority}; policy {policy};"
            f" {rules}; }}; }};")


def nat(hook, rules):
    return (f"table ip n_{hook} {{ chain {hook} {{ type nat hook {hook} priority "
            f"{-100 if hook in ('prerouting', 'output') else 100}; {rules}; }}; }};")


PUBLISH = nat("prerouting", "tcp dport 8080 dnat to 10.3.0.2:80")
MASQUERADE = nat("postrouting", 'oifname "r1" masquerade')
SYN_ACK = "tcp flags & (syn|ack) == syn|ack"
HERE = ("10.1.0.1", 22)
LOCAL = {"words": ("--origin", "local"), "origin": ""}

CASES = [
    Case("what nothing forbids is passed on and comes back", "", "open", inner="srv"),
    Case("a rule of the forward hook drops it", base("forward", "tcp dport 80 drop"), "silent",
         place=("hops", "forward", "dropped"), by={"backend": "nft", "chain": "forward", "rule": "tcp dport 80 drop"}),
    Case("the policy of the forward hook drops it", base("forward", "tcp dport 81 accept", policy="drop"), "silent",
         place=("hops", "forward", "dropped"), by={"chain": "forward", "handle": None, "verdict": "drop"}),
    Case("a reset of the forward hook is told as one", base("forward", "tcp dport 80 reject with tcp reset"), "refused",
         place=("hops", "forward", "rejected"), by={"verdict": "reject"}),
    Case("so is an ICMP error", base("forward", "tcp dport 80 reject with icmp admin-prohibited"), "unreachable",
         place=("hops", "forward", "rejected"), by={"verdict": "reject"}),
    Case("a rule of postrouting drops it", base("postrouting", 'oifname "r1" drop'), "silent",
         place=("hops", "postrouting", "dropped"), by={"chain": "postrouting"}),
    Case("a chain of the device that it comes in by drops it",
         "table netdev d { chain in { type filter hook ingress device r0 priority 0; tcp dport 80 drop; }; };", "silent",
         place=("hops", "ingress", "dropped"), by={"family": "netdev"}),
    Case("a chain of the device that it leaves by drops it",
         "table netdev d { chain out { type filter hook egress device r1 priority 0; tcp dport 80 drop; }; };", "silent",
         place=("hops", "egress", "dropped"), by={"family": "netdev"}),
    Case("behind a masquerade the server sees this host's address",
         MASQUERADE + "\n@srv " + base("input", "ip saddr 10.2.0.1 accept", policy="drop"), "open",
         translated={"saddr": "10.2.0.1", "daddr": "10.2.0.2", "dport": 80}, inner="srv"),
    Case("without the masquerade the server's own rules drop it",
         "@srv " + base("input", "ip saddr 10.2.0.1 accept", policy="drop"), "silent",
         by={"chain": "input", "verdict": "drop"}, inner="srv"),
    Case("a masqueraded flow's answer meets the mangle rules before it is turned back",
         MASQUERADE + base("prerouting", 'iifname "r1" ip daddr 10.2.0.1 drop', "mangle"), "silent",
         place=("reply", "prerouting", "dropped")),
    Case("and the later rules after it", MASQUERADE + base("prerouting", 'iifname "r1" ip daddr 10.2.0.1 drop'), "open"),
    Case("which may drop what was turned back",
         MASQUERADE + base("prerouting", 'iifname "r1" ip daddr 10.1.0.2 drop'), "silent",
         place=("reply", "prerouting", "dropped")),
    Case("a published port leads to the container's socket", PUBLISH, "open", target=("10.1.0.1", 8080), inner="con",
         translated={"saddr": "10.1.0.2", "daddr": "10.3.0.2", "dport": 80}),
    Case("a published port that nobody serves in there is refused",
         nat("prerouting", "tcp dport 8080 dnat to 10.3.0.2:81"), "refused", target=("10.1.0.1", 8080), inner="con",
         by={"backend": "socket"}),
    Case("nor does a socket of the container's loopback take it",
         nat("prerouting", "tcp dport 8080 dnat to 10.3.0.2:3000"), "refused", target=("10.1.0.1", 8080), inner="con",
         by={"backend": "socket"}),
    Case("the container's own rules may drop it", PUBLISH + "\n@con " + base("input", "tcp dport 80 drop"), "silent",
         target=("10.1.0.1", 8080), inner="con", by={"chain": "input", "rule": "tcp dport 80 drop"}),
    Case("the container's answer may be dropped in there", PUBLISH + "\n@con " + base("output", "tcp sport 80 drop"),
         "silent", target=("10.1.0.1", 8080), inner="con"),
    Case("translated, then dropped by the forward hook under its new target",
         PUBLISH + base("forward", "ip daddr 10.3.0.2 tcp dport 80 drop"), "silent", target=("10.1.0.1", 8080),
         place=("hops", "forward", "dropped")),
    Case("a rule for the old target does not meet it", PUBLISH + base("forward", "tcp dport 8080 drop"), "open",
         target=("10.1.0.1", 8080), words=("--from", "10.1.0.2:45678", "--in", "r0")),
    Case("the SYN-ACK is dropped by the forward hook", base("forward", SYN_ACK + " drop"), "silent",
         place=("reply", "forward", "dropped")),
    Case("the answer is forwarded under the container's address", PUBLISH + base("forward", "ip saddr 10.3.0.2 drop"),
         "silent", target=("10.1.0.1", 8080), place=("reply", "forward", "dropped")),
    Case("and turned back only behind it", PUBLISH + base("forward", "ip saddr 10.1.0.1 drop"), "open",
         target=("10.1.0.1", 8080)),
    Case("late rules of postrouting see it turned back",
         PUBLISH + base("postrouting", 'oifname "r0" ip saddr 10.1.0.1 drop', "200"), "silent",
         target=("10.1.0.1", 8080), place=("reply", "postrouting", "dropped")),
    Case("early ones do not", PUBLISH + base("postrouting", 'oifname "r0" ip saddr 10.1.0.1 drop'), "open",
         target=("10.1.0.1", 8080)),
    Case("the answer passes where established is accepted",
         base("forward", "ct state established accept; ct state new tcp dport 80 accept", policy="drop"), "open"),
    Case("and not where it is forgotten", base("forward", "ct state new tcp dport 80 accept", policy="drop"), "silent",
         place=("reply", "forward", "dropped")),
    Case("a hairpin without masquerade comes home as a stranger",
         nat("prerouting", "tcp dport 8080 dnat to 10.1.0.2:80"), "silent", target=("10.1.0.1", 8080), inner="cli"),
    Case("a hairpin with masquerade is open",
         nat("prerouting", "tcp dport 8080 dnat to 10.1.0.2:80") + nat("postrouting", 'oifname "r0" masquerade'), "open",
         target=("10.1.0.1", 8080), inner="cli"),
    Case("forwarding is off", "$ sysctl -qw net.ipv4.ip_forward=0", "silent unreachable",
         place=("hops", "route", "dropped"), by={"backend": "route"}),
    Case("the reverse-path filter drops it",
         "$ sysctl -qw net.ipv4.conf.r0.rp_filter=1\n$ ip route add 10.1.0.2/32 dev r2", "silent",
         place=("hops", "route", "dropped"), by={"backend": "route"}),
    Case("there is no route on", "", "unreachable", target=("10.99.0.1", 80), place=("hops", "route", "dropped"),
         by={"backend": "route"}),
    Case("a prohibit route", "$ ip route add prohibit 10.2.0.2/32", "unreachable", place=("hops", "route", "dropped"),
         by={"backend": "route"}),
    Case("an unreachable route", "$ ip route add unreachable 10.2.0.2/32", "unreachable",
         place=("hops", "route", "dropped"), by={"backend": "route"}),
    Case("a blackhole", "$ ip route add blackhole 10.2.0.2/32", "silent", place=("hops", "route", "dropped"),
         by={"backend": "route"}),
    Case("the server has no route back", "$ ip -n srv route del default", "silent", inner="srv"),
    Case("this host has no route back", "$ ip route del 10.1.0.0/24 dev r0", "silent",
         place=("reply", "route", "dropped")),
    Case("a blackhole takes the answer", "$ ip route add blackhole 10.1.0.2/32", "silent",
         place=("reply", "route", "dropped")),
    Case("its time to live ends here", "", "unreachable", words=("--from", "10.1.0.2", "--in", "r0", "--ttl", "1"), ttl="1",
         place=("hops", "forward", "dropped")),
    Case("a rule sees one hop less", base("forward", "ip ttl 4 drop"), "silent",
         words=("--from", "10.1.0.2", "--in", "r0", "--ttl", "5"), ttl="5", place=("hops", "forward", "dropped")),
    Case("a socket of this host takes it", "", "open", target=HERE),
    Case("a port that nobody serves refuses", "", "refused", target=("10.1.0.1", 23), by={"backend": "socket"}),
    Case("the answer is dropped by output", base("output", "tcp sport 22 drop"), "silent", target=HERE,
         place=("reply", "output", "dropped")),
    Case("what is sent here passes", "", "open", inner="srv", **LOCAL),
    Case("output drops what is sent here", base("output", "tcp dport 80 drop"), "silent unreachable", **LOCAL,
         place=("hops", "output", "dropped")),
    Case("postrouting drops what is sent here", base("postrouting", "tcp dport 80 drop"), "silent unreachable", **LOCAL,
         place=("hops", "postrouting", "dropped")),
    Case("output translates what is sent here", nat("output", "tcp dport 8080 dnat to 10.3.0.2:80"), "open", inner="con",
         target=("10.2.0.2", 8080), **LOCAL),
    Case("input drops the answer to what is sent here", base("input", SYN_ACK + " drop"), "silent", **LOCAL,
         place=("reply", "input", "dropped")),
    Case("input sees the answer's source before it is turned back",
         nat("output", "tcp dport 8080 dnat to 10.3.0.2:80") + base("input", "ip saddr 10.3.0.2 drop"), "silent",
         target=("10.2.0.2", 8080), **LOCAL, place=("reply", "input", "dropped")),
    Case("loopback is open", "", "open", target=("127.0.0.1", 22), **LOCAL),
    Case("what comes in by loopback is confirmed already", base("prerouting", "iif lo tcp dport 22 ct status confirmed drop"), "silent",
         target=("127.0.0.1", 22), **LOCAL, place=("hops", "prerouting", "dropped")),
    Case("what comes in by loopback meets no translation at input", nat("input", "iif lo tcp dport 22 drop"), "open",
         target=("127.0.0.1", 22), **LOCAL),
    Case("a masquerade on lo takes no address of lo",
         nat("postrouting", 'oifname "lo" masquerade') + base("input", "iif lo ip saddr 127.0.0.1 tcp dport 22 drop"), "open",
         target=("127.0.0.1", 22), words=("--from", "127.0.0.1:40000", "--origin", "local"), origin=""),
    Case("a masquerade on lo takes an address of another device",
         nat("postrouting", 'oifname "lo" masquerade') + base("input", "iif lo ip saddr != 127.0.0.0/8 tcp dport 22 drop"), "silent",
         target=("127.0.0.1", 22), **LOCAL, place=("hops", "input", "dropped")),
    Case("input drops what comes in by loopback", base("input", 'iif "lo" tcp dport 22 drop'), "silent",
         target=("127.0.0.1", 22), **LOCAL, place=("hops", "input", "dropped")),
    Case("prerouting drops what comes in by loopback", base("prerouting", 'iif "lo" tcp dport 22 drop'), "silent",
         target=("127.0.0.1", 22), **LOCAL, place=("hops", "prerouting", "dropped")),
]
BRIDGED = nat("prerouting", "tcp dport 8080 dnat to 10.4.0.2:80")
CASES += [
    Case("a container behind a bridge is found", BRIDGED, "open", target=("10.1.0.1", 8080), inner="box"),
    Case("its rules count", BRIDGED + "\n@box " + base("input", "tcp dport 80 reject"), "refused unreachable",
         target=("10.1.0.1", 8080), inner="box", by={"verdict": "reject"}),
    Case("who shares the link with the server may get its answer past the translation", BRIDGED.replace("4.0.2", "4.0.3"),
         "silent", target=("10.4.0.1", 8080), origin="box", words=("--from", "10.4.0.2", "--in", "br0"),
         unsure="past the translation"),
    Case("rules of the bridge by which it leaves are followed",
         BRIDGED + "table bridge b { chain output { type filter hook output priority 0; ip daddr 10.4.0.2 drop; }; };",
         "silent", target=("10.1.0.1", 8080), place=("hops", "bridge-output", "dropped")),
    Case("the bridge's rules are nobody's business elsewhere",
         "table bridge b { chain output { type filter hook output priority 0; drop; }; };", "open", inner="srv"),
    Case("a mark that output sets chooses another route",
         "$ ip rule add fwmark 7 table 77\n$ ip route add 10.2.0.2/32 via 10.3.0.2 dev r2 table 77\n"
         + base("output", "tcp dport 80 mark set 7", kind="route") +
         base("postrouting", 'oifname "r2" tcp dport 80 drop').replace("table ip t", "table ip t2"),
         "silent unreachable", **LOCAL, place=("hops", "postrouting", "dropped")),
]
V6 = {"words": ("--from", "fd01::2", "--in", "r0"), "target": ("fd02::2", 80)}
CASES += [
    Case("the same over IPv6", "", "open", inner="srv", **V6),
    Case("a rule of the forward hook drops IPv6", base("forward", "tcp dport 80 drop", family="ip6"), "silent", **V6,
         place=("hops", "forward", "dropped")),
    Case("a SYN-ACK of IPv6 is dropped on its way back", base("forward", SYN_ACK + " drop", family="inet"), "silent", **V6,
         place=("reply", "forward", "dropped")),
    Case("IPv6 forwarding is off", "$ sysctl -qw net.ipv6.conf.all.forwarding=0", "silent unreachable", **V6),
]


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, **more)


def must(line):
    got = run(*line.split())
    if got.returncode:
        raise SystemExit(f"{line}: {got.stderr}")


def inside(space):
    return ["ip", "netns", "exec", space] if space else []


class Hosts:
    """The router with its three neighbours; every case begins with the same picture."""

    def __init__(self):
        self.servers = []
        for n, space in enumerate(("cli", "srv", "con"), 1):
            must(f"ip netns add {space}")
            must(f"ip link add r{n - 1} type veth peer name e0 netns {space}")
            must(f"ip -n {space} link set lo up")
            must(f"ip -n {space} addr add 10.{n}.0.2/24 dev e0")
            must(f"ip -n {space} addr add fd0{n}::2/64 dev e0 nodad")
            must(f"ip -n {space} link set e0 up")
            must(f"ip addr add 10.{n}.0.1/24 dev r{n - 1}")
            must(f"ip addr add fd0{n}::1/64 dev r{n - 1} nodad")
            must(f"ip link set r{n - 1} up")
            must(f"ip -n {space} route add default via 10.{n}.0.1")
            must(f"ip -n {space} -6 route add default via fd0{n}::1")
        self.add_bridge()
        must("ip link set lo up")
        must("sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0")
        self.listen("", "0.0.0.0-22")
        self.listen("cli", "0.0.0.0-80")
        self.listen("srv", "0.0.0.0-80", "::1-81", "fd02::2-80")
        self.listen("box", "0.0.0.0-80")
        self.listen("tin", "0.0.0.0-80")
        self.listen("con", "0.0.0.0-80", "127.0.0.1-3000")
        self.undo = []

    @staticmethod
    def add_bridge():
        """A network as container engines make them: box (10.4.0.2) and tin (.3) on ports of br0 (10.4.0.1)."""
        # Where br_netfilter is loaded, what the bridge itself passes on would meet the rules of IP.
        run("sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0")
        for line in ("ip link add br0 type bridge", "ip link set br0 up", "ip addr add 10.4.0.1/24 dev br0"):
            must(line)
        for n, space in enumerate(("box", "tin")):
            for line in (f"ip netns add {space}", f"ip link add p{n} type veth peer name e0 netns {space}",
                         f"ip link set p{n} master br0", f"ip link set p{n} up", f"ip -n {space} link set lo up",
                         f"ip -n {space} addr add 10.4.0.{n + 2}/24 dev e0", f"ip -n {space} link set e0 up",
                         f"ip -n {space} route add default via 10.4.0.1"):
                must(line)

    def listen(self, space, *where):
        p = subprocess.Popen(inside(space) + [sys.executable, "-c", LISTEN, *where], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
        self.servers.append(p)
        if p.stdout.readline() != "ready\n":
            raise SystemExit(f"nothing listens in {space or 'the router'}")

    def reset(self):
        for space in ("", "cli", "srv", "con", "box"):
            run(*inside(space), "nft", "flush", "ruleset")
            run(*inside(space), "conntrack", "-F")  # fails where no rule needed it
        for line in ("sysctl -qw net.ipv4.ip_forward=1", "sysctl -qw net.ipv6.conf.all.forwarding=1",
                     "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.r0.rp_filter=0 "
                     "net.ipv4.conf.r1.rp_filter=0 net.ipv4.conf.r2.rp_filter=0"):
            must(line)
        for kind in ("prohibit", "unreachable", "blackhole"):
            for where in ("10.2.0.2/32", "10.1.0.2/32"):
                run("ip", "route", "del", kind, where)
        run("ip", "route", "del", "10.1.0.2/32", "dev", "r2")
        run("ip", "rule", "del", "fwmark", "7")
        run("ip", "route", "flush", "table", "77")
        must("ip route replace 10.1.0.0/24 dev r0 proto kernel scope link src 10.1.0.1")
        must("ip -n srv route replace default via 10.2.0.1")

    def lay_out(self, text):
        for line in text.splitlines():
            if line.startswith("$ "):
                must(line[2:])
                continue
            space, rules = line[1:].split(" ", 1) if line.startswith("@") else ("", line)
            got = run(*inside(space), "nft", "-f", "-", input=rules + "\n")
            if got.returncode:
                raise SystemExit(f"{rules}: {got.stderr}")

    def connect(self, case):
        source = case.words[1] if case.origin and "--from" in case.words else "-"
        if "." in source:
            source = source.replace(":", "@")
        # The kernel tells one address of a missing route once a second: the next SYN is told.
        patience = "2.5" if "unreachable" in case.seen else "0.7"
        got = run(*inside(case.origin), sys.executable, "-c", CONNECT, source, case.target[0], str(case.target[1]), case.ttl,
                  patience)
        return got.stdout.strip() or got.stderr


def target_word(case):
    address, port = case.target
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def ask(case, *more):
    return run(DPORT, "path", target_word(case), *case.words, *more)


def is_at(document, place):
    """One hop of the leg, here or further in, had this outcome."""
    leg, where, outcome = place
    while document:
        hops = document["hops"] if leg == "hops" else (document["reply"] or {"hops": []})["hops"]
        if any(h["place"] == where and h["outcome"] == outcome for h in hops):
            return True
        document = document["inner"]
    return False


def judge(case, document, code, seen):
    """What is wrong with the document, "" if nothing is."""
    wrong = []
    if case.unsure:
        is_said = any(case.unsure in u["why"] for u in document["unsure"])
        return "" if code == 3 and document["open"] is None and is_said else f"exit code {code}, not unsure"
    if (seen == "open") != (document["open"] is True) or document["open"] is None:
        wrong.append(f"open is {document['open']}, the connection was {seen}")
    if code != (0 if seen == "open" else 1):
        wrong.append(f"exit code {code}")
    if seen == "silent" and document["verdict"] == "reject":
        wrong.append("a reject, and nothing came back")
    if seen == "refused" and document["decided_by"]["verdict"] != "reject":
        wrong.append("no reject, and a reset came back")
    if case.place and not is_at(document, case.place):
        wrong.append(f"not {' '.join(case.place)}")
    for key, value in case.by.items():
        if (document["decided_by"] or {}).get(key, "") != value:
            wrong.append(f"decided_by.{key} is not {value}")
    for key, value in (case.translated or {}).items():
        if (document["translated"] or {}).get(key) != value:
            wrong.append(f"translated.{key} is not {value}")
    if case.inner and (document["inner"] or {}).get("netns") != case.inner:
        wrong.append(f"not followed to {case.inner}")
    return "; ".join(wrong)


def check(hosts, case):
    hosts.reset()
    hosts.lay_out(case.setup)
    seen = hosts.connect(case)
    if not ok(seen in case.seen.split(), f"the kernel: {case.name}", f"{seen}, not {case.seen}"):
        return
    got = ask(case, "--json")
    try:
        document = json.loads(got.stdout)
    except ValueError:
        ok(False, case.name, got.stdout + got.stderr)
        return
    wrong = judge(case, document, got.returncode, seen)
    ok(not wrong, case.name, wrong and wrong + "\n" + ask(case).stdout)


def check_replay(hosts, case):
    """A recording elsewhere, without rights, tells the same."""
    hosts.reset()
    hosts.lay_out(case.setup)
    name = os.path.join(os.environ.get("TMPDIR", "/tmp"), "path.tar")
    live = ask(case, "--json", "--record", name)
    os.chmod(name, 0o644)
    replayed = run("unshare", "--net", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", DPORT, "path",
                   target_word(case), *case.words, "--json", "--replay", name)
    ok(live.returncode == replayed.returncode and live.stdout == replayed.stdout, f"replayed alike: {case.name}",
       f"{live.returncode} {replayed.returncode} {replayed.stderr}\n{live.stdout[:600]}\n{replayed.stdout[:600]}")
    os.unlink(name)


def check_words():
    """What is wrong is said in one sentence, and nothing else."""
    for words in (["path"], ["path", "80", "nonsense/xyz"], ["path", "80", "--flags", "SZ"], ["path", "80", "--state", "old"],
                  ["path", "80", "--origin", "there"], ["path", "80", "--ttl", "0"], ["path", "80", "--ttl", "256"],
                  ["path", "80", "--in", "nowhere9"], ["path", "80", "--from", "10.0.0.0/8"],
                  ["path", "80/udp", "--flags", "S"], ["path", "80", "--origin", "local", "--in", "r0"],
                  ["path", "10.2.0.2:80", "--from", "fd01::2"], ["path", "nonsense/xyz"], ["list", "--ttl", "3"]):
        got = run(DPORT, *words)
        ok(got.returncode == 2 and not got.stdout and len(got.stderr.strip().splitlines()) == 1,
           "refused: " + " ".join(words), f"{got.returncode} {got.stderr}")


def page(document):
    """What is said of one way, without what belongs to the document."""
    return {key: value for key, value in document.items() if key not in ("others", "schema")}


def check_together():
    """Several targets in one call come to what each comes to alone, the worst first."""
    words = ("--from", "10.1.0.2", "--in", "r0", "--json")
    targets = ["10.2.0.2:80", "10.2.0.2:81", "10.2.0.2:90", "10.3.0.2:80"]
    alone = [json.loads(run(DPORT, "path", target, *words).stdout) for target in targets]
    got = run(DPORT, "path", *targets, *words)
    document = json.loads(got.stdout)
    pages = [document] + document["others"]
    place = {"false": 0, "null": 1, "true": 2}
    states = [place[json.dumps(one["open"])] for one in pages]
    ok(len(pages) == len(targets) and states == sorted(states), "several targets: the worst first", f"{states}")
    for one in alone:
        same = [other for other in pages if other["packet"] == one["packet"]]
        ok(len(same) == 1 and page(same[0]) == page(one), f"together as alone: {json.dumps(one['packet'])}",
           f"{json.dumps(page(one))[:1500]}\n{json.dumps(page(same[0]) if same else None)[:1500]}")
    ok(got.returncode == (1 if not states[0] else 3 if states[0] == 1 else 0), "the exit code is of the worst",
       f"{got.returncode} {states}")


def main():
    need_root()
    kill_group_at_exit()
    hosts = Hosts()
    only = sys.argv[1:]
    for case in CASES:
        if not only or any(word in case.name for word in only):
            check(hosts, case)
    for at in (0, 1, 8, 13, 15) if not only else ():
        check_replay(hosts, CASES[at])
    if not only:
        hosts.reset()
        check_words()
        hosts.reset()
        run("nft", "-f", "-", input=base("forward", "tcp dport 81 drop; ip daddr 10.3.0.2 reject"))
        check_together()
    done()


if __name__ == "__main__":
    main()

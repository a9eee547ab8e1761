#!/usr/bin/python3
"""Exposure against single packets: for every ruleset of rules_cases.py (and some of its own) each listener's
sources, as dport exposure finds them, must be those whose packets get through one by one. rules_exposure does
both in the namespace of test_rules.py's host; spot checks send real packets.
"""
import ipaddress
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rules_cases import CASES
from ruleslib import TOP, Host, load, must, run
from taplib import done, kill_group_at_exit, need_root, ok

TOOL = os.path.join(os.environ.get("TOOLS", os.path.join(TOP, "build/tests/net")), "rules_exposure")


def inet(*lines, more="", hook="input", policy="accept", family="inet", kind="filter", priority="0"):
    body = "\n".join(lines)
    return (f"table {family} t {{\n{more}\nchain c {{\ntype {kind} hook {hook} priority {priority}; policy {policy};\n"
            f"{body}\n}}\n}}\n")


BANS = ", ".join(f"{10 + i % 200}.{i % 251}.{i * 7 % 256}.{i * 13 % 256}" for i in range(400))
NETS = ", ".join(f"{20 + i}.{i * 3}.0.0/{16 + i % 9}" for i in range(60))
OWN = [
    ("a ban list", inet("ip saddr @b drop", more=f"set b {{ type ipv4_addr; elements = {{ {BANS} }}; }}")),
    ("networks let in", inet("ip saddr @b tcp dport 80 accept", policy="drop",
                             more=f"set b {{ type ipv4_addr; flags interval; elements = {{ {NETS} }}; }}")),
    ("outside of a list", inet("ip saddr != @b drop",
                               more=f"set b {{ type ipv4_addr; flags interval; elements = {{ {NETS} }}; }}")),
    ("source and port together", inet("ip saddr . tcp dport { 10.9.0.2 . 80, 10.9.0.2 . 22, 198.51.100.7 . 80 } accept",
                                      policy="drop")),
    ("port and source together", inet("tcp dport . ip saddr { 80 . 10.9.0.2, 22 . 10.9.0.4 } accept", policy="drop")),
    ("ranges of two", inet("ip saddr . tcp dport { 10.9.0.0/28 . 20-25, 198.51.100.0/24 . 80, 10.8.0.0-10.8.0.9 . 1-99 } accept",
                           policy="drop")),
    ("source and destination together", inet("ip saddr . ip daddr { 10.9.0.2 . 10.9.0.1, 10.8.0.5 . 10.9.0.3 } drop")),
    ("a map of verdicts", inet("ip saddr vmap { 10.9.0.0/24 : accept, 198.51.100.0/25 : drop, 10.8.0.0/16 : accept }",
                               policy="drop")),
    ("a map to a mark", inet("meta mark set ip saddr map { 10.9.0.0/24 : 1, 10.8.0.0/16 : 2 }", "meta mark 1 drop", "meta mark 2 accept")),
    ("odd masks", inet("ip saddr & 0.0.255.0 == 0.0.7.0 drop", "ip saddr & 255.255.0.0 == 10.8.0.0 drop")),
    ("a masked lookup", inet("ip saddr & 255.255.255.0 @b drop",
                             more="set b { type ipv4_addr; flags interval; elements = { 10.9.0.0-10.9.0.127, 198.51.100.0/24, 10.8.0.128/25 }; }")),
    ("order of addresses", inet("ip saddr < 10.0.0.0 drop", "ip saddr >= 198.51.100.7 drop")),
    ("parts of an address", inet("@nh,96,8 198 drop", "@nh,104,8 9 tcp dport 80 drop")),
    ("a limit for some", inet("ip saddr 10.9.0.0/24 limit rate 5/second accept", "ip saddr 198.51.100.0/24 accept", policy="drop")),
    ("types of sources", inet("fib saddr type local drop", "fib saddr type multicast drop", "fib saddr type != unicast drop")),
    ("reverse path", inet("fib saddr . iif oif missing drop", hook="prerouting", priority="-300")),
    ("IPv6 networks", inet("ip6 saddr fd09::/64 tcp dport 80 accept", "ip6 saddr fd00::-fd00::ffff accept",
                           "ip6 saddr & ffff::ff == fd08::5 accept", policy="drop")),
    ("chains", "table inet t {\nchain ban { ip saddr 10.9.0.2 drop; ip saddr 10.9.0.4-10.9.0.9 return; tcp dport 22 drop; }\n"
               "chain c { type filter hook input priority 0; policy drop;\nip saddr 10.8.0.0/15 jump ban\ntcp dport { 22, 80 } accept\n}\n}\n"),
    ("interfaces", inet('iifname "srv0" ip saddr 10.9.0.0/24 accept', 'iifname "oth*" ip saddr 10.8.0.0/16 accept', policy="drop")),
    ("answers", inet("ip daddr 10.9.0.2 drop", "ip6 daddr fd09::/64 tcp sport 80 drop", hook="output")),
    ("answers of some", inet("ct original ip saddr 198.51.100.0/24 drop", "ct reply ip daddr 10.8.0.0/16 drop", hook="output")),
    ("a translated port", inet("tcp dport 8080 redirect to :80", "ip saddr 10.9.0.0/28 tcp dport 9990-9999 dnat to 10.9.0.1:22",
                               family="ip", hook="prerouting", kind="nat", priority="-100")),
    ("a translation that takes a port away", inet("ip saddr 198.51.100.0/24 tcp dport 80 dnat to 10.9.0.1:22", "tcp dport 22 ip saddr 10.9.0.2 redirect to :9",
                                                  family="ip", hook="prerouting", kind="nat", priority="-100")),
    ("a translation by source", inet("tcp dport 8080 dnat to ip saddr map { 10.9.0.0/24 : 10.9.0.1, 198.51.100.0/24 : 10.9.0.3 }",
                                     family="ip", hook="prerouting", kind="nat", priority="-100")),
    ("translated, then filtered", inet("tcp dport 8080 redirect to :80", family="ip", hook="prerouting", kind="nat", priority="-100") +
     "table inet f {\nchain c { type filter hook input priority 0; policy drop;\nct original proto-dst 8080 ip saddr 10.9.0.0/24 accept\n"
     "tcp dport 80 ip saddr 198.51.100.7 accept\n}\n}\n"),
    ("no tracking", inet("ip saddr 10.9.0.0/24 notrack", hook="prerouting", priority="-300") +
     "table inet f {\nchain c { type filter hook input priority 0; policy drop;\nct state new accept\n}\n}\n"),
    ("a mark from the source", inet("meta mark set ip saddr & 0.0.0.3", "meta mark 2 drop")),
]
# Their sources fall into more intervals than anybody would read: the rest is unsure.
TOO_MANY = {"odd masks", "parts of an address", "IPv6 networks", "a mark from the source"}
WORDS = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-f]*:[0-9a-f:]+:[0-9a-f:]*")


DPORT = os.environ.get("DPORT", os.path.join(TOP, "build/dport"))
SPOTS = ("a ban list", "networks let in", "source and port together", "a map of verdicts", "order of addresses", "chains",
         "interfaces", "answers", "a translated port", "a translation that takes a port away", "IPv6 networks")


def is_open(document, source, port):
    """None: not known."""
    for listener in document["listeners"]:
        if listener["proto"] != "tcp" or listener["port"] != port:
            continue
        for way in listener["ways"]:
            if "srv0" not in way["devices"] or way["translated"]:
                continue
            if any(source in ipaddress.ip_network(n) for doubt in way["unsure"] for n in doubt["sources"]):
                return None
            nets = way["except"] if way["sources"] is None else way["sources"]
            if any(source in ipaddress.ip_network(n) for n in nets) == (way["sources"] is not None):
                return True
    return False


def spots(host, name):
    """Real packets from real sources to the ports that have listeners; what they met and what was said."""
    got = run(DPORT, "exposure", "--json")
    if got.returncode:
        raise SystemExit(f"dport exposure: {got.returncode} {got.stderr}")
    document = json.loads(got.stdout)
    asked = [("tcp", source, to, port, "S", "new") for port in (22, 80, 443)
             for source, to in (("10.9.0.2", "10.9.0.1"), ("198.51.100.7", "10.9.0.1"), ("fd09::2", "fd09::1"), ("fd09::5", "fd09::1"))]
    sports = host.send(asked)
    said = {sport: is_open(document, ipaddress.ip_address(p[1]), p[3]) for sport, p in sports.items()}
    met = host.probe(sports, {sport for sport, way in said.items() if way})
    wrong = [(sports[sport], way, met.get(sport)) for sport, way in said.items()
             if way is not None and way != (met.get(sport) == "synack") and not is_moved(name, sports[sport])]
    ok(not wrong, f"real packets: {name}", wrong)


def is_moved(name, packet):
    """Another listener answers this one."""
    return name == "a translation that takes a port away" and packet[1] == "198.51.100.7" and packet[3] == 80


def find(text):
    got = run(TOOL, input="".join(word + "\n" for word in WORDS.findall(text)))
    if got.returncode:
        raise SystemExit(f"rules_exposure: {got.returncode} {got.stderr}")
    return json.loads(got.stdout)


LISTEN = "import socket, sys\ns = socket.create_server(('0.0.0.0', 7070))\nprint(flush=True)\nsys.stdin.read()"


def elsewhere():
    """A listener of another namespace, behind a translation: its own rules are not read."""
    must("ip netns add con")
    must("ip link add r2 type veth peer name c0 netns con")
    must("ip address add 10.3.0.1/24 dev r2")
    must("ip link set r2 up")
    must("ip netns exec con ip link set lo up")
    must("ip netns exec con ip address add 10.3.0.2/24 dev c0")
    must("ip netns exec con ip link set c0 up")
    must("sysctl -qw net.ipv4.ip_forward=1")
    refused = load("nft", "table ip t {\nchain p { type nat hook prerouting priority -100; tcp dport 8070 dnat to 10.3.0.2:7070; }\n"
                   "chain c { type filter hook forward priority 0; ip saddr 198.51.100.0/24 drop; }\n}\n")
    with subprocess.Popen(["ip", "netns", "exec", "con", sys.executable, "-c", LISTEN], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as served:
        served.stdout.readline()
        got = run(DPORT, "exposure", "--json")
        told = [entry for entry in json.loads(got.stdout)["listeners"] if entry["port"] == 7070]
        served.stdin.close()
    ways = [way for entry in told for way in entry["ways"] if way["to"]["port"] == 8070 and way["translated"]]
    doubts = [doubt for way in ways for doubt in way["unsure"]]
    ok(not refused and ways and all(way["sources"] == [] and way["except"] is None for way in ways),
       "of a listener in another namespace nobody is said to get in", told)
    ok(doubts and {doubt["why"] for doubt in doubts} == {"the rules of the listener's own namespace were not read"},
       "and why that is not known is said", told)
    dropped, other = ipaddress.ip_address("198.51.100.7"), ipaddress.ip_address("10.9.0.2")
    unsure = [ipaddress.ip_network(net) for doubt in doubts for net in doubt["sources"]]
    ok(any(other in net for net in unsure) and not any(dropped in net for net in unsure),
       "whom a rule of this namespace drops is not unsure", told)


def main():
    need_root()
    kill_group_at_exit()
    host = Host()
    total, untold = {"tried": 0, "open": 0, "closed": 0, "unsure": 0}, []
    for name, how, text in [(n, "nft", t) for n, t in OWN] + [(n, h, t) for n, h, t, _ in CASES]:
        refused = load(how, text)
        if refused:
            untold.append(name)
            print(f"# not taken here: {name}: {refused.splitlines()[0]}")
            continue
        found = find(text)
        ok(not found["wrong"] and (not found["cut"] or name in TOO_MANY), name, found)
        if name in SPOTS:
            spots(host, name)
        for key in total:
            total[key] += found[key]
    print(f"# {total}")
    ok(min(total.values()) > 10000, "sources were found that get in, that do not, and of which it is not known", total)
    ok(len(untold) < 12, "nearly every ruleset could be loaded", untold)
    elsewhere()
    must("nft flush ruleset")
    del host
    done()


if __name__ == "__main__":
    main()

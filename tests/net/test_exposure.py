#!/usr/bin/python3
"""Exposure against single packets: for every ruleset of rules_cases.py (and some of its own) each listener's
sources, as dport exposure finds them, must be those whose packets get through one by one. rules_exposure does
both in the namespace of test_rules.py's host; spot checks send real packets.

Every /24 of IPv4 is a packet of its own (16.7 million for one way in) for SWEEP_RULESETS (3) of them, far from each
other. EXPOSURE_SWEEP=N: N ways in of every ruleset, "all": all of them (hours); EXPOSURE_SWEEP_FROM=K: from the Kth
ruleset on.
"""
import ipaddress
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rules_cases import CASES
from ruleslib import TOP, Host, load, must, run
from taplib import done, kill_group_at_exit, need_root, ok
from test_sets import IPSETS, drop, entries, load_sets

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
WORDS = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-f]*:[0-9a-f:]+:[0-9a-f:]*(?:/[0-9]{1,3})?")
SWEEP = os.environ.get("EXPOSURE_SWEEP", "")
SWEEP_RULESETS = int(os.environ.get("SWEEP_RULESETS", "3"))
STRIDE = 37  # rulesets of one kind stand together: those that are swept are taken from all over


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


def find(text, n_ways=0, first=0, *doubt):
    got = run(TOOL, str(n_ways), str(first), *doubt, input="".join(word + "\n" for word in WORDS.findall(text)))
    if got.returncode:
        raise SystemExit(f"rules_exposure: {got.returncode} {got.stderr}")
    return json.loads(got.stdout)


# Keys with more than an address and a port are asked for one by one: for exposure they are not read.
READ_WHOLE = re.compile(r"create \w+ (?:hash:ip|hash:net|hash:ip,port|hash:net,port|bitmap:ip|bitmap:port|list:set) ")


def is_but(nets, n):
    """Single addresses of IPv4, so many (neighbours are one network); but what is no source."""
    return n // 2 < sum(1 for net in nets if net.startswith("10.") and net.endswith("/32")) <= n


def on_ipsets():
    """What an ipset holds is read at once; the kernel says of each single key whether it is in."""
    n_read = 0
    for name, ipsets, *rulesets in IPSETS:
        for i, (how, text) in enumerate(rulesets):
            must("nft flush ruleset")
            if load_sets(ipsets).returncode or load(how, text):
                print(f"# not taken here: {name}")
                continue
            is_read = len(ipsets) < 9999 and all(READ_WHOLE.match(line + " ") for line in ipsets.splitlines() if line.startswith("create"))
            found = find((ipsets if len(ipsets) < 9999 else "") + text, 0, 0, *[] if is_read else ["doubt"])
            ok(not found["wrong"] and (not is_read or found["open"] and found["closed"]), f"{name} {i}", found)
            n_read += is_read
    must("nft flush ruleset")
    load_sets(entries("s", "hash:ip", [f"10.{i >> 8}.{i & 255}.{i % 250}" for i in range(9000)]))
    refused = load(*drop("-m set --match-set s src"))
    told = [entry for entry in json.loads(run(DPORT, "exposure", "--json", "22").stdout)["listeners"] if entry["port"] == 22]
    v4 = [way for way in told[0]["ways"] if way["except"] is not None]
    ok(not refused and v4 and all(is_but(way["except"], 9000) and not way["unsure"] for way in v4),
       "who is in an ipset of thousands is left out one by one", str(told)[:400])
    must("nft flush ruleset")
    load_sets("")
    ok(n_read > 15, "ipsets were read", n_read)


LISTEN = "import socket, sys\ns = socket.create_server(('0.0.0.0', 7070))\nprint(flush=True)\nsys.stdin.read()"


MANY = ", ".join(f"172.18.{i >> 8}.{i & 255}" for i in range(3000))
INSIDE = """table ip in {
 set many { type ipv4_addr; elements = { @MANY@ }; }
 chain i { type filter hook input priority 0; ip saddr 10.8.0.0/16 drop
 ip saddr @many drop
 ip saddr 192.0.2.0/24 limit rate 1/minute accept
 ip saddr 192.0.2.0/24 drop
 }
 chain o { type filter hook output priority 0; ip daddr 203.0.113.0/24 drop; }
}
"""


def join(name):
    """A namespace at the end of a cable, with rules of its own."""
    must(f"ip netns add {name}")
    must(f"ip link add r2 type veth peer name c0 netns {name}")
    must("ip address add 10.3.0.1/24 dev r2")
    must("ip link set r2 up")
    for line in ("link set lo up", "address add 10.3.0.2/24 dev c0", "link set c0 up", "route add default via 10.3.0.1"):
        must(f"ip netns exec {name} ip {line}")
    must("sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.r2.rp_filter=0")
    refused = run("ip", "netns", "exec", name, "nft", "-f", "-", input=INSIDE.replace("@MANY@", MANY)).returncode
    sets = "create banned hash:net\nadd banned 10.9.0.128/25\nadd banned 10.9.0.200 nomatch\n"
    rules = "*filter\n-A INPUT -m set --match-set banned src -j DROP\nCOMMIT\n"
    return refused or run("ip", "netns", "exec", name, "ipset", "restore", input=sets).returncode or \
        run("ip", "netns", "exec", name, "iptables-restore", input=rules).returncode


def is_within(nets, address):
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(net) for net in nets)


def of_7070(*words):
    got = run(DPORT, "exposure", "--json", *words)
    return [entry for entry in json.loads(got.stdout)["listeners"] if entry["port"] == 7070] if got.stdout else got.stderr


def elsewhere(host):
    """A listener of another namespace, behind a translation: its own rules count as well."""
    refused = join("con") or load("nft", "table ip t {\nchain p { type nat hook prerouting priority -100; tcp dport 8070 dnat to 10.3.0.2:7070; }\n"
                                  "chain c { type filter hook forward priority 0; ip saddr 198.51.100.0/24 drop; }\n}\n")
    with subprocess.Popen(["ip", "netns", "exec", "con", sys.executable, "-c", LISTEN], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as served:
        served.stdout.readline()
        told, own = of_7070(), of_7070("--netns", "con")
        sports = host.send([("tcp", source, "10.9.0.1", 8070, "S", "new") for source in ("10.9.0.2", "198.51.100.7", "10.8.0.5")])
        met = {sports[sport][1]: answer for sport, answer in host.probe(sports, {next(iter(sports))}).items()}
        served.stdin.close()
    ways = [way for entry in told for way in entry["ways"] if way["to"]["port"] == 8070 and way["translated"]]
    ok(not refused and len(ways) == 1 and "srv0" in ways[0]["devices"], "a listener in another namespace is reached by its port here", told)
    ok(met == {"10.9.0.2": "synack"} and is_within(ways[0]["sources"], "10.9.0.2"), "who gets through to it is told", (met, told))
    ok(not is_within(ways[0]["sources"], "198.51.100.7"), "and who is dropped on the way", told)
    ok(not is_within(ways[0]["sources"], "10.8.0.5"), "and who is dropped in the other namespace", told)
    ok(not is_within(ways[0]["sources"], "203.0.113.9"), "and whose answer is", told)
    ok(not is_within(ways[0]["sources"], "172.18.0.7") and is_within(ways[0]["sources"], "172.18.200.7"),
       "its sets are asked for there", str(told)[:400])
    ok(not is_within(ways[0]["sources"], "10.9.0.130") and is_within(ways[0]["sources"], "10.9.0.200"),
       "and its ipsets", str(told)[:400])
    doubts = ways[0]["unsure"]
    ok([doubt["sources"] for doubt in doubts] == [["192.0.2.0/24"]] and doubts[0]["why"] == "limit" and doubts[0]["rule"] is None,
       "of whom it is not known it is said why, without a rule of this namespace", doubts)
    plain = [way for entry in own for way in entry["ways"] if way["devices"] == ["c0"]]
    ok(plain and is_within(plain[0]["sources"], "198.51.100.7") and not is_within(plain[0]["sources"], "10.8.0.5"),
       "of the namespace that is named its own rules decide", own)


def n_ways_of_each():
    return 1 << 30 if SWEEP == "all" else int(SWEEP or 1)


def sweep(rulesets):
    """Each /24 of ways in to rulesets; without the switch to a few."""
    start, n_done, sums = time.monotonic(), 0, {"swept": 0, "ways": 0, "differences": 0}
    order = [rulesets[i * STRIDE % len(rulesets)] for i in range(len(rulesets))] if len(rulesets) % STRIDE else rulesets
    for turn, (name, how, text) in enumerate(order[int(os.environ.get("EXPOSURE_SWEEP_FROM", "0")):]):
        if not SWEEP and n_done == SWEEP_RULESETS:
            break
        if load(how, text):
            continue
        found = find(text, n_ways_of_each(), turn)
        ok(not found["differences"], f"every /24 of {found['ways']} of {found['of']} ways: {name}", found)
        n_done += 1
        for key in sums:
            sums[key] += found[key]
        if SWEEP:
            print(f"# {time.monotonic() - start:.0f} s, {n_done} rulesets: {sums}", flush=True)
    print(f"# every /24: {n_done} rulesets, {sums} in {time.monotonic() - start:.0f} s")
    ok(n_done and sums["swept"] > 10 ** 7, "networks of IPv4 were evaluated one by one", sums)


def main():
    need_root()
    kill_group_at_exit()
    host = Host()
    total, untold = {"tried": 0, "open": 0, "closed": 0, "unsure": 0}, []
    rulesets = [(n, "nft", t) for n, t in OWN] + [(n, h, t) for n, h, t, _ in CASES]
    if SWEEP:
        sweep(rulesets)
        done()
        return
    for name, how, text in rulesets:
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
    on_ipsets()
    sweep(rulesets)
    elsewhere(host)
    must("nft flush ruleset")
    del host
    done()


if __name__ == "__main__":
    main()

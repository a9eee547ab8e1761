#!/usr/bin/python3
"""What `dport path` says of a packet on a bridge against what a real connection met, and what `diagnose` says of it.

br0 (10.4.0.1) has the ports pa, pb and pc, behind which are the hosts cli (10.4.0.2), srv (10.4.0.3) and tin (10.4.0.4);
out (10.1.0.2) is behind r0. Everybody serves 80 and 81. Every case lays out rules, tries to connect, and asks for
the way of the same packet.
"""
import dataclasses
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

LISTEN = """
import socket, sys
kept = []
for port in sys.argv[1:]:
    s = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
    kept.append(s)
print("ready", flush=True)
sys.stdin.read()
"""
CONNECT = """
import socket, sys
source, target, port, patience = sys.argv[1:]
s = socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_STREAM)
s.settimeout(float(patience))
if source != "-":
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", int(source)))
try:
    s.connect((target, int(port)))
    print("open")
except TimeoutError:
    print("silent")
except ConnectionRefusedError:
    print("refused")
except OSError:
    print("unreachable")
"""
HERE, THERE, OUT = ("10.4.0.1", 80), ("10.4.0.3", 80), ("10.1.0.2", 80)
FROM_PORT = ("--from", "10.4.0.2", "--in", "pa")
PUBLISHED = ("10.1.0.1", 8080)
PUBLISH = "table ip n { chain p { type nat hook prerouting priority -100; tcp dport 8080 dnat to 10.4.0.3:80; }; };"
FROM_OUT = {"words": ("--from", "10.1.0.2", "--in", "r0"), "origin": "out", "target": PUBLISHED}
SYN_ACK = "tcp flags & (syn|ack) == syn|ack"


@dataclasses.dataclass
class Case:
    name: str
    setup: str
    seen: str
    target: tuple = HERE
    words: tuple = FROM_PORT
    place: tuple = ()
    origin: str = "cli"
    unsure: str = ""
    source: str = "-"  # the client's port
    has_ip: bool = False  # br_netfilter shows frames to the hooks of IP


def bridge(hook, rules, priority="0", policy="accept", name="b"):
    return (f"table bridge {name} {{ chain c_{hook} {{ type filter hook {hook} priority {priority}; policy {policy}; "
            f"{rules}; }}; }};")


def netdev(hook, device, rules):
    return (f"table netdev d {{ chain c {{ type filter hook {hook} device {device} priority 0; {rules}; }}; }};")


def ip(hook, rules, priority="0", family="ip"):
    return f"table {family} t {{ chain c_{hook} {{ type filter hook {hook} priority {priority}; {rules}; }}; }};"


VLANS = "$ ip link set br0 type bridge vlan_filtering 1\n"


def vlan(port, number):
    return f"{VLANS}$ bridge vlan del dev {port} vid 1\n$ bridge vlan add dev {port} vid {number} pvid untagged\n"


def dropped(place, leg="hops"):
    return (leg, place, "dropped")


CASES = [
    Case("what comes in by a port goes up to this host", "", "open"),
    Case("what is for another host of the bridge is bridged", "", "open", target=THERE),
    Case("prerouting of the bridge drops what goes up", bridge("prerouting", "tcp dport 80 drop"), "silent",
         place=dropped("bridge-prerouting")),
    Case("and what is bridged", bridge("prerouting", "tcp dport 80 drop", "-300"), "silent", target=THERE,
         place=dropped("bridge-prerouting")),
    Case("input of the bridge drops what goes up", bridge("input", "ip daddr 10.4.0.1 tcp dport 80 drop"), "silent",
         place=dropped("bridge-input")),
    Case("not what is bridged", bridge("input", "tcp dport 80 drop"), "open", target=THERE),
    Case("forward of the bridge drops what is bridged", bridge("forward", "tcp dport 80 drop"), "silent", target=THERE,
         place=dropped("bridge-forward")),
    Case("not what goes up", bridge("forward", "tcp dport 80 drop"), "open"),
    Case("the policy of a bridge chain drops, ARP let through",
         bridge("forward", "ether type arp accept; tcp dport 81 accept", policy="drop"), "silent", target=THERE,
         place=dropped("bridge-forward")),
    Case("an accept in one chain does not stop the next",
         bridge("forward", "tcp dport 80 accept", "-200") + bridge("forward", "tcp dport 80 drop", "0", name="b2"), "silent",
         target=THERE, place=dropped("bridge-forward")),
    Case("a rule for another port of the bridge lets it pass", bridge("input", 'iifname "pb" drop'), "open"),
    Case("a rule for the port it came in by", bridge("input", 'iifname "pa" tcp dport 80 drop'), "silent",
         place=dropped("bridge-input")),
    Case("the port is the device of prerouting too", bridge("prerouting", 'iifname "br0" drop'), "open"),
    Case("both ports are the devices of forward", bridge("forward", 'iifname "pa" oifname { "pb", "pc" } tcp dport 80 drop'),
         "silent", target=THERE, place=dropped("bridge-forward")),
    Case("postrouting of the bridge knows no port that it came in by",
         bridge("postrouting", 'iifname "pa" tcp dport 80 drop'), "open", target=THERE, source="41000",
         words=("--from", "10.4.0.2:41000", "--in", "pa")),
    Case("postrouting of the bridge drops what is bridged", bridge("postrouting", "tcp dport 80 drop"), "silent",
         target=THERE, place=dropped("bridge-postrouting")),
    Case("output of the bridge drops the answer", bridge("output", "tcp sport 80 drop"), "silent",
         place=dropped("bridge-output", "reply")),
    Case("postrouting of the bridge drops the answer", bridge("postrouting", 'oifname "pa" tcp sport 80 drop'), "silent",
         place=dropped("bridge-postrouting", "reply")),
    Case("the answer leaves by the port that the request came by", bridge("output", 'oifname { "pb", "pc" } drop'), "open"),
    Case("the answer of another host is bridged back", bridge("forward", SYN_ACK + " drop"), "silent", target=THERE,
         place=dropped("bridge-forward", "reply")),
    Case("frames for this host are its own", bridge("input", "meta pkttype host tcp dport 80 drop"), "silent",
         place=dropped("bridge-input")),
    Case("bridged ones are another's", bridge("forward", "meta pkttype other tcp dport 80 drop"), "silent", target=THERE,
         place=dropped("bridge-forward")),
    Case("and not this host's", bridge("forward", "meta pkttype host drop"), "open", target=THERE),
    Case("the frame's type", bridge("input", "ether type ip tcp dport 80 drop"), "silent", place=dropped("bridge-input")),
    Case("another type", bridge("input", "ether type ip6 drop"), "open"),
    Case("the protocol", bridge("input", "meta protocol ip ip saddr 10.4.0.0/24 tcp dport 80 drop"), "silent",
         place=dropped("bridge-input")),
    Case("an untagged frame has no VLAN", bridge("input", "vlan id 7 drop"), "open"),
    Case("a mark of prerouting is seen by input",
         bridge("prerouting", "tcp dport 80 mark set 9") + bridge("input", "mark 9 drop", name="b2"), "silent",
         place=dropped("bridge-input")),
    Case("and by IP", bridge("prerouting", "tcp dport 80 mark set 9") + ip("input", "mark 9 drop"), "silent",
         place=dropped("input")),
    Case("the client's own address in the frame, which this host knows", bridge("input", "ether saddr @CLI@ tcp dport 80 drop"),
         "silent", place=dropped("bridge-input")),
    Case("and another's", bridge("input", "ether saddr 02:00:00:00:00:99 drop"), "open"),
    Case("the address of the other host in what is bridged", bridge("forward", "ether daddr @SRV@ tcp dport 80 drop"), "silent",
         target=THERE, place=dropped("bridge-forward")),
    Case("ingress of the port drops", netdev("ingress", "pa", "tcp dport 80 drop"), "silent", place=dropped("ingress")),
    Case("also what is bridged", netdev("ingress", "pa", "tcp dport 80 drop"), "silent", target=THERE,
         place=dropped("ingress")),
    Case("ingress of another port does not", netdev("ingress", "pb", "tcp dport 80 drop"), "open"),
    Case("ingress of the bridge drops what goes up", netdev("ingress", "br0", "tcp dport 80 drop"), "silent",
         place=dropped("ingress")),
    Case("not what is bridged past it", netdev("ingress", "br0", "tcp dport 80 drop"), "open", target=THERE),
    Case("egress of the bridge drops the answer", netdev("egress", "br0", "tcp sport 80 drop"), "silent",
         place=dropped("egress", "reply")),
    Case("egress of the port drops the answer", netdev("egress", "pa", "@ll,96,16 0x800 tcp sport 80 drop"), "silent",
         place=dropped("egress", "reply")),
    Case("the way on by another device", bridge("forward", "drop"), "open", target=OUT),
    Case("input of the bridge before the way on", bridge("input", "ip daddr 10.1.0.2 drop"), "silent", target=OUT,
         place=dropped("bridge-input")),
    Case("the answer from beyond leaves by the bridge's output", bridge("output", "ip saddr 10.1.0.2 drop"), "silent",
         target=OUT, place=dropped("bridge-output", "reply")),
    Case("a published port leaves by the bridge", PUBLISH, "open", **FROM_OUT),
    Case("the bridge's output drops it", PUBLISH + bridge("output", "ip daddr 10.4.0.3 tcp dport 80 drop"), "silent",
         place=dropped("bridge-output"), **FROM_OUT),
    Case("the bridge's input drops what comes back", PUBLISH + bridge("input", "ip saddr 10.4.0.3 tcp sport 80 drop"), "silent",
         place=dropped("bridge-input", "reply"), **FROM_OUT),
    Case("by which port it leaves the bridge has learned", PUBLISH + bridge("output", 'oifname "pb" drop'), "silent",
         place=dropped("bridge-output"), **FROM_OUT),
    Case("nor by another one", PUBLISH + bridge("output", 'oifname { "pa", "pc" } drop'), "open", **FROM_OUT),
    Case("IP's forward does not see what is bridged", ip("forward", "drop"), "open", target=THERE),
    Case("with br_netfilter it does", ip("forward", 'iifname "br0" oifname "br0" tcp dport 80 drop'), "silent", target=THERE,
         has_ip=True, place=dropped("forward")),
    Case("so does IP's prerouting", ip("prerouting", 'iifname "br0" tcp dport 80 drop'), "silent", target=THERE, has_ip=True,
         place=dropped("prerouting")),
    Case("and postrouting", ip("postrouting", 'oifname "br0" tcp dport 80 drop'), "silent", target=THERE, has_ip=True,
         place=dropped("postrouting")),
    Case("IP's prerouting stands before the later chains of the bridge",
         ip("prerouting", "tcp dport 80 mark set 5") + bridge("prerouting", "mark 5 drop", "100"), "silent", has_ip=True,
         place=dropped("bridge-prerouting")),
    Case("and behind the earlier ones",
         ip("prerouting", "tcp dport 80 mark set 5") + bridge("prerouting", "mark 5 drop", "-200"), "open", has_ip=True),
    Case("without br_netfilter it is behind all of them",
         ip("prerouting", "tcp dport 80 mark set 5") + bridge("input", "mark 5 drop"), "open"),
    Case("bridged answers are established to IP",
         ip("forward", "ct state established accept; tcp dport 80 ct state new accept; drop"), "open", target=THERE,
         has_ip=True),
    Case("a redirect on the bridge turns it to this host",
         "table ip n { chain p { type nat hook prerouting priority -100; tcp dport 82 redirect to :80; }; };", "open",
         target=("10.4.0.3", 82), has_ip=True),
    Case("without the port, both being on the bridge, it is bridged all the same", bridge("forward", "tcp dport 80 drop"),
         "silent", target=THERE, words=("--from", "10.4.0.2"), place=dropped("bridge-forward")),
    Case("and IP does not see it", ip("forward", "drop"), "open", target=THERE, words=("--from", "10.4.0.2")),
    Case("the port that it comes in by the bridge has learned", bridge("input", 'iifname "pa" tcp dport 80 drop'), "silent",
         words=("--from", "10.4.0.2", "--in", "br0"), place=dropped("bridge-input")),
    Case("rules of another port let it pass", bridge("input", 'iifname "pb" drop'), "open",
         words=("--from", "10.4.0.2", "--in", "br0")),
    Case("of whom it has learned nothing a rule that tells the ports apart leaves it open",
         bridge("input", 'iifname "pb" drop'), "open",
         words=("--from", "10.4.0.77", "--in", "br0"), unsure="port of the bridge"),
    Case("a bridge that filters VLANs passes on within one", VLANS, "open", target=THERE),
    Case("and up to this host", VLANS, "open"),
    Case("in a VLAN of their own two ports reach each other", vlan("pa", 7) + vlan("pb", 7), "open", target=THERE),
    Case("a port in another VLAN is not reached", vlan("pb", 7), "silent", target=THERE, unsure="VLAN that does not lead there"),
    Case("this host is not reached from a VLAN that it is not in", vlan("pa", 7), "silent", unsure="VLAN that does not lead there"),
    Case("a port without a VLAN for untagged frames takes none", VLANS + "$ bridge vlan del dev pa vid 1\n", "silent",
         unsure="without a VLAN tag"),
    Case("what leaves with a tag is not followed", VLANS + "$ bridge vlan add dev pb vid 1 pvid\n", "silent", target=THERE,
         unsure="leaves the bridge with a VLAN tag"),
    Case("IPv6 as well", bridge("input", "ip6 daddr fd04::1 tcp dport 80 drop"), "silent", target=("fd04::1", 80),
         words=("--from", "fd04::2", "--in", "pa"), place=dropped("bridge-input")),
    Case("IPv6 is bridged", bridge("forward", "meta protocol ip6 tcp dport 80 drop"), "silent", target=("fd04::3", 80),
         words=("--from", "fd04::2", "--in", "pa"), place=dropped("bridge-forward")),
]
EBTABLES = [
    Case("ebtables by port", "$ ebtables-nft -A INPUT -p IPv4 --ip-proto tcp --ip-dport 80 -j DROP", "silent",
         place=dropped("bridge-input")),
    Case("ebtables by another port", "$ ebtables-nft -A INPUT -p IPv4 --ip-proto tcp --ip-dport 81 -j DROP", "open"),
    Case("ebtables by source, bridged", "$ ebtables-nft -A FORWARD -p IPv4 --ip-src 10.4.0.2 -j DROP", "silent", target=THERE,
         place=dropped("bridge-forward")),
    Case("ebtables by a negated destination", "$ ebtables-nft -A FORWARD -p IPv4 ! --ip-dst 10.4.0.3 -i pa -j DROP", "open",
         target=THERE),
    Case("ebtables marks", "$ ebtables-nft -A INPUT -p IPv4 --ip-proto tcp --ip-dport 80 -j mark --mark-set 6 "
         "--mark-target CONTINUE\n$ ebtables-nft -A INPUT --mark 6 -j DROP", "silent", place=dropped("bridge-input")),
    Case("ebtables by type of frame", "$ ebtables-nft -A FORWARD -p IPv4 --pkttype-type otherhost -j DROP", "silent",
         target=THERE, place=dropped("bridge-forward")),
    Case("ebtables of IPv6", "$ ebtables-nft -A INPUT -p IPv6 --ip6-proto tcp --ip6-dport 80 -j DROP", "silent",
         target=("fd04::1", 80), words=("--from", "fd04::2", "--in", "pa"), place=dropped("bridge-input")),
    Case("what ebtables only logs goes on", "$ ebtables-nft -A INPUT -p IPv4 --log --log-prefix x -j CONTINUE", "open"),
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
    """This namespace with the bridge, and its neighbours."""

    def __init__(self):
        self.servers = []
        for line in ("ip link add br0 type bridge", "ip link set br0 up", "ip addr add 10.4.0.1/24 dev br0",
                     "ip addr add fd04::1/64 dev br0 nodad", "sysctl -qw net.ipv4.ip_forward=1"):
            must(line)
        for n, (space, port) in enumerate((("cli", "pa"), ("srv", "pb"), ("tin", "pc")), 2):
            self.add(space, port, f"10.4.0.{n}/24", "10.4.0.1")
            must(f"ip link set {port} master br0")
            must(f"ip -n {space} addr add fd04::{n}/64 dev e0 nodad")
        self.add("out", "r0", "10.1.0.2/24", "10.1.0.1")
        must("ip addr add 10.1.0.1/24 dev r0")
        for space in ("", "cli", "srv", "tin", "out"):
            self.listen(space, "80", "81")
        self.filters_vlans = run("ip", "link", "set", "br0", "type", "bridge", "vlan_filtering", "0").returncode == 0
        self.macs = {"@CLI@": self.mac("cli"), "@SRV@": self.mac("srv")}
        for n in (2, 3):
            run(sys.executable, "-c", CONNECT, "-", f"10.4.0.{n}", "80", "2")  # so that they are known neighbours

    @staticmethod
    def add(space, port, address, gateway):
        for line in (f"ip netns add {space}", f"ip link add {port} type veth peer name e0 netns {space}",
                     f"ip link set {port} up", f"ip -n {space} link set lo up", f"ip -n {space} addr add {address} dev e0",
                     f"ip -n {space} link set e0 up", f"ip -n {space} route add default via {gateway}"):
            must(line)

    @staticmethod
    def mac(space):
        return json.loads(run("ip", "-n", space, "-j", "link", "show", "e0").stdout)[0]["address"]

    def listen(self, space, *ports):
        p = subprocess.Popen(inside(space) + [sys.executable, "-c", LISTEN, *ports], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
        self.servers.append(p)
        if p.stdout.readline() != "ready\n":
            raise SystemExit(f"nothing listens in {space or 'the middle'}")

    def lay_out(self, case):
        run("nft", "flush", "ruleset")
        if self.filters_vlans:
            must("ip link set br0 type bridge vlan_filtering 0")
            for port in ("pa", "pb"):
                run("bridge", "vlan", "del", "dev", port, "vid", "7")
                run("bridge", "vlan", "add", "dev", port, "vid", "1", "pvid", "untagged")
        if os.path.exists("/proc/sys/net/bridge"):
            must(f"sysctl -qw net.bridge.bridge-nf-call-iptables={int(case.has_ip)}")
            must(f"sysctl -qw net.bridge.bridge-nf-call-ip6tables={int(case.has_ip)}")
        for line in case.setup.splitlines():
            for word, mac in self.macs.items():
                line = line.replace(word, mac)
            if line.startswith("$ "):
                must(line[2:])
                continue
            got = run("nft", "-f", "-", input=line + "\n")
            if got.returncode:
                raise SystemExit(f"{line}: {got.stderr}")


def connect(case, patience="0.6"):
    got = run(*inside(case.origin), sys.executable, "-c", CONNECT, case.source, case.target[0], str(case.target[1]),
              patience)
    return got.stdout.strip() or got.stderr


def target_word(case):
    address, port = case.target
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def is_at(document, place):
    leg, where, outcome = place
    while document:
        hops = document["hops"] if leg == "hops" else (document["reply"] or {"hops": []})["hops"]
        if any(h["place"] == where and h["outcome"] == outcome for h in hops):
            return True
        document = document["inner"]
    return False


def judge(case, document, code, seen):
    """What is wrong with the document, "" if nothing is."""
    if case.unsure:
        is_said = case.unsure in json.dumps(document["unsure"])
        return "" if code == 3 and document["open"] is None and is_said else f"exit code {code}, not unsure"
    if document["open"] is not (seen == "open") or code != int(seen != "open"):
        return f"open is {document['open']}, exit code {code}, the connection was {seen}"
    if case.place and not is_at(document, case.place):
        return f"not {' '.join(case.place)}"
    return ""


def check(hosts, case):
    if case.has_ip and not os.path.exists("/proc/sys/net/bridge"):
        ok(True, f"{case.name} # SKIP this kernel has no br_netfilter")
        return
    if VLANS in case.setup and not hosts.filters_vlans:
        ok(True, f"{case.name} # SKIP this kernel's bridges filter no VLANs")
        return
    hosts.lay_out(case)
    seen = connect(case)
    if not ok(seen == case.seen, f"the kernel: {case.name}", f"{seen}, not {case.seen}"):
        return
    words = [DPORT, "path", target_word(case), *case.words]
    got = run(*words, "--json")
    try:
        wrong = judge(case, json.loads(got.stdout), got.returncode, seen)
    except ValueError:
        wrong = got.stdout + got.stderr
    ok(not wrong, case.name, wrong and wrong + "\n" + run(*words).stdout)


def diagnose(hosts, case, *more):
    """The document of a diagnosis during which somebody tries."""
    hosts.lay_out(case)
    p = subprocess.Popen([DPORT, "diagnose", "10.4.0.1:80", "--json", "--wait", "7", *more], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    time.sleep(0.7)
    connect(case, "5")
    out, err = p.communicate(timeout=60)
    try:
        return json.loads(out)
    except ValueError:
        return {"cause": err, "certainty": None, "steps": [], "also": []}


DIAGNOSES = [
    ("prerouting of the bridge", bridge("prerouting", "tcp dport 80 counter drop"), "firewall.bridge-drop"),
    ("input of the bridge", bridge("input", 'iifname "pa" tcp dport 80 counter drop'), "firewall.bridge-drop"),
    ("the policy of the bridge's input", bridge("input", "ether type arp accept", policy="drop"), "firewall.bridge-drop"),
    ("ingress of the port", netdev("ingress", "pa", "tcp dport 80 counter drop"), "firewall.netdev-drop"),
    ("ingress of the bridge", netdev("ingress", "br0", "tcp dport 80 counter drop"), "firewall.netdev-drop"),
    ("output of the bridge", bridge("output", "tcp sport 80 counter drop"), "firewall.reply-drop"),
    ("egress of the port", netdev("egress", "pa", "tcp sport 80 counter drop"), "firewall.reply-drop"),
    ("IP's own input", ip("input", "tcp dport 80 counter drop"), "firewall.drop"),
    ("another port of the bridge only", bridge("input", 'iifname "pb" drop'), None),
]


def check_diagnosis(hosts, name, setup, cause):
    found = diagnose(hosts, Case(name, setup, ""), "--from", "10.4.0.2")
    ok(found["cause"] == cause and (found["certainty"] == "proven" or not cause), f"diagnosed: {name}: {cause}",
       json.dumps({k: found.get(k) for k in ("verdict", "cause", "certainty", "summary", "also")}, indent=1))
    if name == "input of the bridge":
        ok("not at the bridge br0" in json.dumps(found["steps"]), "the capture shows it at the port and not at the bridge",
           json.dumps(found["steps"], indent=1)[:3000])


PROOFS = [
    ("input of the bridge", bridge("input", "tcp dport 80 drop"), "bridge"),
    ("ingress of the port", netdev("ingress", "pa", "tcp dport 80 drop"), "netdev"),
    ("egress of the port", netdev("egress", "pa", "tcp sport 80 drop"), "netdev"),
    ("output of the bridge", bridge("output", "tcp sport 80 drop"), "bridge"),
]


def check_proof(hosts, name, setup, family):
    """The traced packet met the very rule; ours stood before it, and is gone with the process."""
    found = diagnose(hosts, Case(name, setup, ""), "--from", "10.4.0.2", "--prove")
    said = json.dumps(found)
    ok(found["certainty"] == "proven" and "as expected" in said and f"met {family} " in said, f"traced: {name}",
       json.dumps({k: found.get(k) for k in ("cause", "certainty", "summary")}) + said[:3000])
    time.sleep(0.5)
    tables = run("nft", "list", "tables").stdout
    ok("dport-prove" not in tables, f"nothing of it is left: {name}", tables)


def main():
    need_root()
    kill_group_at_exit()
    hosts = Hosts()
    only = sys.argv[1:]
    cases = CASES + (EBTABLES if run("ebtables-nft", "-L").returncode == 0 else [])
    for case in cases:
        if not only or any(word in case.name for word in only):
            check(hosts, case)
    for row in DIAGNOSES:
        if not only or any(word in row[0] for word in only):
            check_diagnosis(hosts, *row)
    for row in PROOFS:
        if not only or any(word in "traced: " + row[0] for word in only):
            check_proof(hosts, *row)
    done()


if __name__ == "__main__":
    main()

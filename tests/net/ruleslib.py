"""What the tests of the evaluator share: a host with a socket or two on the one end of a cable, frames made by hand
on the other, the verdict of rules_walk for each, and what the packet met in the kernel.
"""
import ctypes
import json
import os
import select
import socket
import struct
import subprocess
import threading
import time

from cleanlib import clear_rules, legacy_tables
from taplib import TOP

WALK = os.path.join(os.environ.get("TOOLS", os.path.join(TOP, "build/tests/net")), "rules_walk")
TCP_OPEN, UDP_OPEN = {22, 80, 443, 2222}, {53, 5353}
ONLY_SECOND = ("10.9.0.3", 8000)
CLIENT_MAC = bytes.fromhex("0200000000c1")
# Sources as the cable's other end sends them; the answer to each goes to its own link.
SOURCES = {"srv0": ("10.9.0.2", "198.51.100.7", "fd09::2", "fd09::5"), "oth0": ("10.8.0.5", "fd08::5")}
LATE_S, QUIET_S = 3.0, 0.05
ANYTHING = "anything"  # it is translated, nobody knows to what

# (protocol, source, destination, port, flags or ICMP type, state of tracking)
PACKETS = [("tcp", "10.9.0.2", "10.9.0.1", port, "S", "new") for port in (22, 80, 443, 8080, 9999, 8000)]
PACKETS += [("tcp", source, "10.9.0.1", port, "S", "new") for source in ("198.51.100.7", "10.8.0.5") for port in (22, 80)]
PACKETS += [("tcp", "10.9.0.2", "10.9.0.3", port, "S", "new") for port in (80, 8000)]
PACKETS += [("tcp", "10.9.0.2", "10.9.0.1", 80, flags, state)
            for flags, state in (("A", "new"), ("FPU", "invalid"), ("-", "invalid"))]
PACKETS += [("udp", "10.9.0.2", "10.9.0.1", port, "-", "new") for port in (53, 161)]
PACKETS += [("udp", "198.51.100.7", "10.9.0.1", 53, "-", "new"), ("icmp", "10.9.0.2", "10.9.0.1", 0, "8", "new")]
PACKETS += [("tcp", source, "fd09::1", port, "S", "new") for source in ("fd09::2", "fd09::5") for port in (22, 80, 8080)]
PACKETS += [("tcp", "fd08::5", "fd09::1", 80, "S", "new")]
PACKETS += [("udp", "fd09::2", "fd09::1", port, "-", "new") for port in (53, 161)]
PACKETS += [("icmp", "fd09::2", "fd09::1", 0, "128", "new")]


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, check=False, **more)


def must(line):
    got = run(*line.split())
    if got.returncode:
        raise SystemExit(f"{line}: {got.stderr}")


def is_v6(address):
    return ":" in address


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if is_v6(address) else socket.AF_INET, address)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def transport(packet, sport):
    """The bytes behind the IP header, with their checksum, and the protocol's number."""
    proto, source, destination, port, what, _ = packet
    if proto == "tcp":
        flags = sum(1 << "FSRPAUEW".index(letter) for letter in what if letter != "-")
        body, at = struct.pack(">HHIIBBHHH4s", sport, port, 1000, 0, 0x60, flags, 64240, 0, 0, b"\2\4\5\xb4"), 16
    elif proto == "udp":
        body, at = struct.pack(">HHHH", sport, port, 12, 0) + b"ping", 6
    else:
        body, at = struct.pack(">BBHHH", int(what), 0, 0, sport, 1) + b"ping", 2
    number = {"tcp": 6, "udp": 17, "icmp": 58 if is_v6(source) else 1}[proto]
    pseudo = b"" if number == 1 else packed(source) + packed(destination) + struct.pack(">II", len(body), number)
    return body[:at] + struct.pack(">H", checksum(pseudo + body)) + body[at + 2:], number


def frame(packet, sport, to_mac):
    body, number = transport(packet, sport)
    source, destination = packed(packet[1]), packed(packet[2])
    if is_v6(packet[1]):
        head = struct.pack(">IHBB", 6 << 28, len(body), number, 64) + source + destination
        return to_mac + CLIENT_MAC + b"\x86\xdd" + head + body
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), sport, 0x4000, 64, number, 0) + source + destination
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return to_mac + CLIENT_MAC + b"\x08\x00" + head + body


def said(data):
    """(source port of the packet that it answers, what it says), or None."""
    kind, data = data[12:14], data[14:]
    if kind == b"\x08\x00":
        number, body = data[9], data[(data[0] & 15) * 4:]
    elif kind == b"\x86\xdd":
        number, body = data[6], data[40:]
    else:
        return None
    if number == 6:
        flags = body[13]
        return struct.unpack(">H", body[2:4])[0], "rst" if flags & 4 else "synack" if flags & 0x12 == 0x12 else "ack"
    if number == 17:
        return struct.unpack(">H", body[2:4])[0], "echo"
    if number in (1, 58):
        return said_icmp(number, body)
    return None


def said_icmp(number, body):
    if body[0] == (0 if number == 1 else 129):
        return struct.unpack(">H", body[4:6])[0], "pong"
    if body[0] != (3 if number == 1 else 1):
        return None
    inner = body[8:]
    number, inner = (inner[9], inner[20:]) if number == 1 else (inner[6], inner[40:])
    at = 4 if number in (1, 58) else 0
    return struct.unpack(">H", inner[at:at + 2])[0], ("icmp", body[0], body[1])


class Host:
    """This namespace with its sockets; the cables' other ends are in another one."""

    def __init__(self):
        must("ip netns add far")
        for near, far, addresses in (("srv0", "cli0", "10.9.0.1/24 198.51.100.1/24 fd09::1/64"),
                                     ("oth0", "oth1", "10.8.0.1/24 fd08::1/64")):
            must(f"ip link add {near} type veth peer name {far} netns far")
            must(f"ip netns exec far sysctl -qw net.ipv6.conf.{far}.disable_ipv6=1")
            must(f"ip netns exec far ip link set {far} arp off up")
            must(f"sysctl -qw net.ipv6.conf.{near}.accept_dad=0 net.ipv6.conf.{near}.router_solicitations=0 "
                 f"net.ipv4.conf.{near}.rp_filter=0")
            must(f"ip link set {near} up")
            for address in addresses.split():
                must(f"ip address add {address} dev {near}" + (" nodad" if is_v6(address) else ""))
            for source in SOURCES[near]:
                must(f"ip neigh replace {source} lladdr {CLIENT_MAC.hex(':')} nud permanent dev {near}")
        must("ip address add 10.9.0.3/24 dev srv0")
        must("sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 "
             "net.ipv4.tcp_synack_retries=1 net.core.somaxconn=4096 net.ipv4.tcp_max_syn_backlog=8192 "
             "net.ipv4.ip_forward=0")
        run("sysctl", "-qw", "net.ipv4.icmp_msgs_per_sec=100000", "net.ipv4.icmp_msgs_burst=100000")
        self.mac = bytes.fromhex(json.loads(run("ip", "-j", "link", "show", "srv0").stdout)[0]["address"].replace(":", ""))
        self.sockets = [self.listen(socket.SOCK_STREAM, "::", port) for port in TCP_OPEN]
        self.sockets += [self.listen(socket.SOCK_STREAM, *ONLY_SECOND)]
        self.echoes = [self.listen(socket.SOCK_DGRAM, where, port) for port in UDP_OPEN for where in ("0.0.0.0", "::")]
        threading.Thread(target=self.echo, daemon=True).start()
        self.wires = self.far_sockets("cli0", "oth1")
        self.sport = 20000

    @staticmethod
    def listen(kind, address, port):
        s = socket.socket(socket.AF_INET6 if is_v6(address) else socket.AF_INET, kind)
        if is_v6(address):
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, kind == socket.SOCK_DGRAM)
        s.bind((address, port))
        if kind == socket.SOCK_STREAM:
            s.listen(4096)
        elif not is_v6(address):
            s.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO
        return s

    def echo(self):
        """Answers from the address that was asked."""
        while True:
            for s in select.select(self.echoes, [], [])[0]:
                data, more, _, peer = s.recvmsg(2048, 256)
                more = [(level, kind, struct.pack("=I4s4s", 0, bytes(value[4:8]), bytes(4)))
                        for level, kind, value in more if level == socket.IPPROTO_IP]
                s.sendmsg([data], more, 0, peer)

    @staticmethod
    def far_sockets(*devices):
        libc = ctypes.CDLL(None, use_errno=True)
        home, far = os.open("/proc/thread-self/ns/net", os.O_RDONLY), os.open("/run/netns/far", os.O_RDONLY)
        if libc.setns(far, 0):
            raise SystemExit("the other namespace cannot be entered")
        wires = []
        for device in devices:
            wires.append(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)))
            wires[-1].bind((device, 0))
            wires[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        libc.setns(home, 0)
        return wires

    def send(self, packets):
        """Every packet from a port of its own; answers by that port."""
        first = self.sport
        self.sport += len(packets)
        if self.sport > 60000:
            self.sport = 20000
        return {first + i: packet for i, packet in enumerate(packets)}

    def hear(self, answers, ports, awaited):
        """Until every awaited answer has come and then a moment of quiet."""
        end = time.monotonic() + LATE_S
        while True:
            left = end - time.monotonic() if awaited - set(answers) else QUIET_S
            ready = select.select(self.wires, [], [], max(left, 0))[0]
            for wire in ready:
                data, where = wire.recvfrom(4096)
                found = said(data) if where[2] != socket.PACKET_OUTGOING else None
                if found and found[0] in ports:
                    answers.setdefault(found[0], found[1])
            if not ready:
                return answers

    def probe(self, sports, awaited):
        answers = {}
        for sport, packet in sports.items():
            self.wires[0].send(frame(packet, sport, self.mac))
        return self.hear(answers, sports, awaited)


def load(how, text):
    """Why this kernel and these tools do not take the ruleset, which stands alone; nothing if they do."""
    clear_rules()
    return load_more(how, text)


def load_more(how, text):
    """The same behind rules that stand. how: nft, iptables, ip6tables (-nft), iptables-legacy, ip6tables-legacy."""
    command = ["nft", "-f", "-"] if how == "nft" else [f"{how}-restore" if how.endswith("legacy") else f"{how}-nft-restore"]
    got = run(*command, input=text)
    return "" if got.returncode == 0 else got.stderr.strip() or "?"


def legacy_counters():
    """As counters(), of legacy tables: rules have a place in their chain instead of a handle."""
    found = {}
    for program, table in list(legacy_tables()):
        family, places = "legacy ip6" if program.startswith("ip6") else "legacy ip", {}
        for line in run(f"{program}-save", "-c", "-t", table).stdout.splitlines():
            words = line.split()
            if len(words) < 3 or words[1] != "-A":
                continue
            places[words[2]] = places.get(words[2], 0) + 1
            found[family, table, words[2], places[words[2]]] = int(words[0][1:].split(":")[0])
    return found


def walk(sports):
    lines = "".join(" ".join(map(str, (p[0], p[1], sport, p[2], p[3], p[4], p[5]))) + "\n"
                    for sport, p in sports.items())
    got = run(WALK, "srv0", input=lines)
    if got.returncode:
        raise SystemExit(f"rules_walk: {got.stderr}")
    return dict(zip(sports, map(json.loads, got.stdout.splitlines())))


def is_open(proto, address, port):
    if proto == "udp":
        return port in UDP_OPEN
    return port in TCP_OPEN or (address, port) == ONLY_SECOND


def expected(packet, outcome):
    """What comes back if the verdict is right."""
    proto, source, _, _, what, _ = packet
    if outcome["verdict"] == "reject":
        is_reset, kind, code = outcome["reject"]
        return "rst" if is_reset else ("icmp", kind, code)
    if outcome["verdict"] == "accept" and "nat_unsure" in outcome:
        return ANYTHING
    if outcome["verdict"] != "accept" or outcome["to"] not in ("10.9.0.1", "10.9.0.3", "fd09::1"):
        return None
    if proto == "icmp":
        return "pong"
    opened = is_open(proto, outcome["to"], outcome["port"])
    if proto == "udp":
        return "echo" if opened else ("icmp", 1, 4) if is_v6(source) else ("icmp", 3, 3)
    if not opened or "A" in what:
        return "rst"
    return "synack" if "S" in what else None


def counters():
    """(family, table, chain, handle) -> packets, of every rule that counts."""
    document = json.loads(run("nft", "-j", "list", "ruleset").stdout)
    found = legacy_counters()
    for item in document["nftables"]:
        rule = item.get("rule")
        counts = [e["counter"]["packets"] for e in rule["expr"]
                  if isinstance(e, dict) and isinstance(e.get("counter"), dict)] if rule else []
        if counts:
            found[rule["family"], rule["table"], rule["chain"], rule["handle"]] = counts[0]
    return found


def matched(walks):
    found = {}
    for said_so in walks.values():
        for rule in said_so["matched"]:
            found[tuple(rule)] = found.get(tuple(rule), 0) + 1
    return found


class Score:
    def __init__(self):
        self.packets = self.unsure = self.rules = 0
        self.untold = []


def judge(host, how, text, allowed, score):
    """What is wrong with this case; an empty list: nothing."""
    sports = host.send(PACKETS)
    walks = walk(sports)
    wanted = {sport: {expected(sports[sport], o) for o in walks[sport]["outcomes"]} for sport in sports}
    answers = host.probe(sports, {s for s, any_of in wanted.items() if not any_of & {None, ANYTHING}})
    wrong, is_any_unsure = [], False
    for sport, packet in sports.items():
        why = set(walks[sport]["why"])
        if ANYTHING in wanted[sport]:
            why.add("translated to one of several")
        is_any_unsure |= bool(why)
        score.packets += 1
        score.unsure += len(wanted[sport]) > 1 or ANYTHING in wanted[sport]
        if answers.get(sport) not in wanted[sport] and ANYTHING not in wanted[sport]:
            wrong.append(f"{packet}: met {answers.get(sport)}, said {walks[sport]}")
        if not all(any(word.endswith(a) for a in allowed) for word in why):
            wrong.append(f"{packet}: unsure because of {why}")
    if not is_any_unsure:
        ours = matched(walks)
        for rule, packets in counters().items():
            score.rules += 1
            if ours.get(rule, 0) != packets:
                wrong.append(f"rule {rule} counted {packets}, said {ours.get(rule, 0)}")
    return wrong

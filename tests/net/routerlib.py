"""A router between two cables for test_rules_random.py: packets that carry a number, so that what is seen of them and
their answers can be told apart, and connections that were there before any rule. Knows nothing of what rules say.
"""
import collections
import json
import select
import socket
import struct
import time

import ruleslib
from ruleshost import HOST, NEAR, OTHER
from ruleslib import CLIENT_MAC, checksum, is_v6, must, packed, run

STEP = 4  # bits of a sequence number below the packet's own number
QUIET_S, LATE_S = 0.04, 1.0

Seen = collections.namedtuple("Seen", "device kind source sport destination dport")


def segment(proto, ends, flags, seq, ack=0, data=b""):
    """The bytes behind the IP header and their protocol. ends: (source, port, destination, port)"""
    source, sport, destination, dport = ends
    if proto == "tcp":
        bits = sum(1 << "FSRPAUEW".index(letter) for letter in flags if letter != "-")
        body, at, protocol = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, bits, 64240, 0, 0) + data, 16, 6
    else:
        body, at, protocol = struct.pack(">HHHHI", sport, dport, 12, 0, seq), 6, 17
    pseudo = packed(source) + packed(destination) + struct.pack(">II", len(body), protocol)
    return body[:at] + struct.pack(">H", checksum(pseudo + body)) + body[at + 2:], protocol


def with_header(source, destination, body, protocol):
    if is_v6(source):
        return struct.pack(">IHBB", 6 << 28, len(body), protocol, 64) + packed(source) + packed(destination) + body
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, 64, protocol, 0) + packed(source) + packed(destination)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def datagram(packet, number, flow=None):
    """flow: (sequence number, acknowledged) of a connection that there is."""
    proto, source, destination, port, flags = packet[:5]
    first = number << STEP if proto == "tcp" else number
    seq, ack = flow or (first, first + 1 if "A" in flags else 0)
    body, protocol = segment(proto, (source, number, destination, port), flags, seq, ack, b"data" if flow and "P" in flags else b"")
    return with_header(source, destination, body, protocol)


def answer_to(proto, number, seen):
    """What the far end says to what it saw."""
    ends = (seen.destination, seen.dport, seen.source, seen.sport)
    seq, ack = ((number << STEP) + 8, (number << STEP) + 1) if proto == "tcp" else (number, 0)
    return with_header(seen.destination, seen.source, *segment(proto, ends, "SA", seq, ack))


def number_of(protocol, body):
    """Of a packet or of its answer, which acknowledges it."""
    if protocol == 17:
        return struct.unpack(">I", body[8:12])[0] if len(body) >= 12 else None
    seq, ack, _, flags = struct.unpack(">IIBB", body[4:14])
    if flags & 4 and not flags & 0x10:
        return (seq - 1) >> STEP  # a reset of what acknowledged the number
    return ((ack - 1) if flags & 0x10 else seq) >> STEP


def heard(device, frame, numbers):
    """(number, Seen), or None."""
    kind, data = frame[12:14], frame[14:]
    if kind == b"\x08\x00":
        protocol, ends, body, family = data[9], data[12:20], data[(data[0] & 15) * 4:], socket.AF_INET
    elif kind == b"\x86\xdd":
        protocol, ends, body, family = data[6], data[8:40], data[40:], socket.AF_INET6
    else:
        return None
    half = len(ends) // 2
    source, destination = (socket.inet_ntop(family, part) for part in (ends[:half], ends[half:]))
    if protocol in (1, 58):
        return heard_error(device, protocol, body, source, destination)
    if protocol not in (6, 17) or len(body) < 12:
        return None
    sport, dport = struct.unpack(">HH", body[:4])
    word = "udp" if protocol == 17 else tcp_word(body[13])
    number = number_of(protocol, body)
    if number not in numbers and protocol == 6:  # a reset of an old flow
        number = next((n for n in (dport, sport) if n in numbers), None)
    return (number, Seen(device, word, source, sport, destination, dport)) if number in numbers else None


def tcp_word(flags):
    return "rst" if flags & 4 else "synack" if flags & 0x12 == 0x12 else "syn" if flags & 2 else "ack"


def heard_error(device, protocol, body, source, destination):
    if body[0] != (3 if protocol == 1 else 1):
        return None
    inner = body[8:]
    number, inner = (inner[9], inner[20:]) if protocol == 1 else (inner[6], inner[40:])
    found = struct.unpack(">I", inner[4:8])[0] >> STEP if number == 6 else struct.unpack(">I", inner[8:12])[0]
    return found, Seen(device, ("icmp", body[0], body[1]), source, 0, destination, 0)


# ---- the host ----

class Router(ruleslib.Host):
    """The host of test_rules.py, which also passes packets on between its two cables."""

    def __init__(self):
        super().__init__()
        must("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 "
             "net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.srv0.send_redirects=0 net.ipv4.conf.oth0.send_redirects=0 net.netfilter.nf_conntrack_udp_timeout=600 net.netfilter.nf_conntrack_udp_timeout_stream=600")
        for device, sources in (("srv0", NEAR), ("oth0", OTHER)):
            for address in sources[4] + sources[6]:
                must(f"ip neigh replace {address} lladdr {CLIENT_MAC.hex(':')} nud permanent dev {device}")
        macs = {device: json.loads(run("ip", "-j", "link", "show", device).stdout)[0]["address"] for device in ("srv0", "oth0")}
        self.macs = {device: bytes.fromhex(mac.replace(":", "")) for device, mac in macs.items()}
        self.wire_of = dict(zip(("srv0", "oth0"), self.wires))
        self.raw = {4: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
                    6: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)}
        self.number = 20000
        self.flows = {}
        for listener in self.sockets:
            listener.setblocking(False)

    def numbers(self, n):
        if self.number + n > 60000:
            self.number = 20000
            run("conntrack", "-F")
        self.number += n
        return range(self.number - n, self.number)

    def put(self, device, data):
        kind = b"\x86\xdd" if data[0] >> 4 == 6 else b"\x08\x00"
        self.wire_of[device].send(self.macs[device] + CLIENT_MAC + kind + data)

    def transmit(self, number, packet):
        data = datagram(packet, number, self.flows.get(number))
        if packet[6] != "-":
            self.put(packet[6], data)
            return
        try:
            self.raw[6 if is_v6(packet[2]) else 4].sendto(data, (packet[2], 0))
        except OSError:
            pass  # a rule forbids it

    def listen_for(self, numbers, awaited):
        """number -> [(Seen, frame)] until all that is awaited was seen, and then a moment of quiet."""
        found, devices = collections.defaultdict(list), {wire: device for device, wire in self.wire_of.items()}
        end = time.monotonic() + LATE_S
        while True:
            left = end - time.monotonic() if awaited - set(found) else QUIET_S
            ready = select.select(self.wires, [], [], max(left, 0))[0]
            for wire in ready:
                frame, where = wire.recvfrom(4096)
                got = heard(devices[wire], frame, numbers) if where[2] != socket.PACKET_OUTGOING else None
                if got and got[0] in numbers:
                    found[got[0]].append((got[1], frame))
            if not ready:
                return found

    def deliver(self, packets, awaited):
        for number, packet in packets.items():
            self.transmit(number, packet)
        return self.look(packets, awaited)

    def look(self, numbers, awaited):
        return {n: [seen for seen, _ in all_of] for n, all_of in self.listen_for(numbers, awaited).items()}

    def answer(self, answers, awaited):
        """answers: number -> (device, datagram) of the far ends."""
        for device, data in answers.values():
            self.put(device, data)
        return self.look(answers, awaited)

    def echo(self):
        """Answers from the address that was asked, as far as the rules let it."""
        for s in self.echoes[1::2]:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        while True:
            for s in select.select(self.echoes, [], [])[0]:
                data, more, _, peer = s.recvmsg(2048, 256)
                level, kind, value = more[0]
                asked = struct.pack("=I4s4s", 0, value[4:8], bytes(4)) if level == socket.IPPROTO_IP else value[:16] + bytes(4)
                try:
                    s.sendmsg([data], [(level, kind, asked)], 0, peer)
                except OSError:
                    pass  # a rule forbids it

    def hang_up(self):
        for listener in self.sockets:
            try:
                while True:
                    peer = listener.accept()[0]
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    peer.close()
            except BlockingIOError:
                pass

    def old_flows(self):
        """Connections that were there before any rule: number -> their next packet."""
        must("nft flush ruleset")
        run("nft", "-f", "-", input="table inet keep { chain c { type filter hook prerouting priority 0; ct state new counter; }\n}")
        self.hang_up()
        flows, packets = {}, {}
        for number, v, proto in zip(self.numbers(40), (4, 6) * 20, ("tcp", "tcp", "udp", "udp") * 10):
            port = (22, 80, 443)[number % 3] if proto == "tcp" else 53
            packets[number] = (proto, NEAR[v][0], HOST[v][0], port, "S" if proto == "tcp" else "-", "new", "srv0")
        for number, packet in packets.items():
            self.transmit(number, packet)
        for number, answers in self.listen_for(packets, set(packets)).items():
            packet = packets[number]
            if packet[0] == "tcp":
                body = answers[0][1][14 + (40 if is_v6(packet[1]) else 20):]
                self.flows[number] = ((number << STEP) + 1, struct.unpack(">I", body[4:8])[0] + 1)
                self.transmit(number, packet[:4] + ("A",) + packet[5:])
            flows[number] = packet[:4] + ("PA" if packet[0] == "tcp" else "-", "established", "srv0")
        return flows

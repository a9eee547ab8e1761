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
from cleanlib import clear_rules
from ruleshost import HOST, NEAR, OTHER
from ruleslib import CLIENT_MAC, checksum, is_v6, must, packed, run

STEP = 4  # bits of a sequence number below the packet's own number
FAR_SEQ = 8  # that the far end begins with, in those bits
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
    """What the far end says to what it saw: to a SYN, to data of a connection, to a datagram."""
    ends = (seen.destination, seen.dport, seen.source, seen.sport)
    flags, seq = ("A", FAR_SEQ + 1) if seen.kind == "ack" else ("SA", FAR_SEQ)
    seq, ack = ((number << STEP) + seq, (number << STEP) + 1) if proto == "tcp" else (number, 0)
    return with_header(seen.destination, seen.source, *segment(proto, ends, flags, seq, ack))


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
             "net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.srv0.send_redirects=0 net.ipv4.conf.oth0.send_redirects=0 "
             "net.netfilter.nf_conntrack_udp_timeout=600 net.netfilter.nf_conntrack_udp_timeout_stream=600 "
             "net.ipv4.tcp_synack_retries=0")  # what is said once more would be counted under the next rules
        for device, sources in (("srv0", NEAR), ("oth0", OTHER)):
            for address in sources[4] + sources[6]:
                must(f"ip neigh replace {address} lladdr {CLIENT_MAC.hex(':')} nud permanent dev {device}")
        macs = {device: json.loads(run("ip", "-j", "link", "show", device).stdout)[0]["address"] for device in ("srv0", "oth0")}
        self.macs = {device: bytes.fromhex(mac.replace(":", "")) for device, mac in macs.items()}
        self.wire_of = dict(zip(("srv0", "oth0", "lo"), self.wires + [self.loopback()]))
        self.raw = {4: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
                    6: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)}
        self.number = 20000
        self.flows, self.last = {}, {}  # what the next packet says; the frame that was heard last
        for listener in self.sockets:
            listener.setblocking(False)

    @staticmethod
    def loopback():
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        wire.bind(("lo", 0))
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        return wire

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
        """number -> [(Seen, frame)] until all that is awaited (number -> frames) was seen, and then a moment of quiet."""
        found, devices = collections.defaultdict(list), {wire: device for device, wire in self.wire_of.items()}
        end = time.monotonic() + LATE_S
        while True:
            is_short = any(len(found.get(n, ())) < frames for n, frames in awaited.items())
            left = end - time.monotonic() if is_short else QUIET_S
            ready = select.select(devices, [], [], max(left, 0))[0]
            for wire in ready:
                frame, where = wire.recvfrom(4096)
                is_leaving = (where[2] == socket.PACKET_OUTGOING) == (devices[wire] == "lo")  # the cables are seen from afar
                got = heard(devices[wire], frame, numbers) if is_leaving else None
                if got and got[0] in numbers:
                    found[got[0]].append((got[1], frame))
            if not ready:
                return found

    def deliver(self, packets, awaited):
        for number, packet in packets.items():
            self.transmit(number, packet)
        return self.look(packets, awaited)

    def look(self, numbers, awaited):
        found = self.listen_for(numbers, awaited)
        self.last.update((n, all_of[0][1]) for n, all_of in found.items())
        return {n: [seen for seen, _ in all_of] for n, all_of in found.items()}

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
        clear_rules()
        run("nft", "-f", "-", input="table inet keep { chain c { type filter hook prerouting priority 0; ct state new counter; }\n}")
        self.hang_up()
        packets = dict(zip(self.numbers(56), map(old_packet, range(56))))
        for number, packet in packets.items():
            self.transmit(number, packet)
        found = self.listen_for(packets, dict.fromkeys(packets, 1))
        far = {n: (found[n][0][0].device, answer_to(p[0], n, found[n][0][0])) for n, p in packets.items() if is_passed_on(p)}
        for device, data in far.values():
            self.put(device, data)
        found.update(self.listen_for(far, {n: 1 for n in far if packets[n][6] != "-"}))
        flows = {n: self.known(n, packet, found.get(n)) for n, packet in packets.items()}
        self.listen_for(flows, {})  # the last word of each beginning
        return flows

    def known(self, number, packet, answers):
        """The next packet of a connection whose first answer this is."""
        if packet[0] == "tcp":
            self.last[number] = answers[0][1]
        following = self.following(number, packet)
        if packet[0] == "tcp":
            self.transmit(number, packet[:4] + ("A",) + packet[5:])
        return following

    def following(self, number, packet):
        """What the client says next to the answer that was heard last."""
        if packet[0] == "tcp":
            body = self.last[number][14 + (40 if is_v6(packet[1]) else 20):]
            self.flows[number] = ((number << STEP) + 1, struct.unpack(">I", body[4:8])[0] + 1)
        return packet[:4] + ("PA" if packet[0] == "tcp" else "-", "established", packet[6])


def is_passed_on(packet):
    return packet[2] in OTHER[4] + OTHER[6] + NEAR[4] + NEAR[6]


def old_packet(i):
    """The first packet of one flow after the other: to this host, through it, from it, inside it."""
    v = (4, 6)[i % 2]
    proto = "tcp" if i % 4 < 2 and i < 40 else "udp"
    port, flags = ((22, 80, 443)[i % 3], "S") if proto == "tcp" else (53, "-")
    if i < 24:
        return (proto, NEAR[v][0], HOST[v][0], port, flags, "new", "srv0")
    if i < 40:
        return (proto, NEAR[v][0], OTHER[v][0], port, flags, "new", "srv0")
    if i < 48:
        return (proto, HOST[v][0], NEAR[v][0], port, flags, "new", "-")
    return (proto, HOST[v][0], HOST[v][-1], port, flags, "new", "-")

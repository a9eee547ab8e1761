"""Capture files made by hand: packets, link headers, pcap and pcapng."""
import ipaddress
import struct

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
ETHERNET, RAW, SLL, SLL2 = 1, 101, 113, 276


def checksum_free_v4(src, dst, proto, payload, ttl=64, fragment=0):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, fragment, ttl, proto, 0,
                       ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed) + payload


def v6(src, dst, proto, payload, ttl=64, extension=None):
    """extension: the number of a header that is put between (8 bytes of options)."""
    if extension is not None:
        payload = bytes([proto, 0, 1, 4, 0, 0, 0, 0]) + payload
        proto = extension
    return struct.pack("!IHBB16s16s", 6 << 28, len(payload), proto, ttl,
                       ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed) + payload


def ip(src, dst, proto, payload, **more):
    return (v6 if ":" in src else checksum_free_v4)(src, dst, proto, payload, **more)


def tcp(src, sport, dst, dport, flags, seq=1000, ack=0, payload=b"", **more):
    options = b"\x02\x04\x05\xb4" if flags & SYN else b""
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, (20 + len(options)) // 4 << 4, flags, 64000, 0, 0)
    return ip(src, dst, 6, head + options + payload, **more)


def udp(src, sport, dst, dport, payload=b"x", **more):
    return ip(src, dst, 17, struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload, **more)


def icmp(sender, to, kind, code, quoted, **more):
    """An ICMP or ICMPv6 error that quotes the start of a packet."""
    return ip(sender, to, 58 if ":" in sender else 1, struct.pack("!BBHI", kind, code, 0, 0) + quoted[:60], **more)


def ether(packet, vlan=()):
    tags = b"".join(struct.pack("!HH", 0x8100, tag) for tag in vlan)
    kind = 0x86dd if packet[0] >> 4 == 6 else 0x0800
    return b"\x02\0\0\0\0\x01" + b"\x02\0\0\0\0\x02" + tags + struct.pack("!H", kind) + packet


def sll(packet):
    return struct.pack("!HHH8sH", 0, 1, 6, b"\x02\0\0\0\0\x02\0\0", 0x86dd if packet[0] >> 4 == 6 else 0x0800) + packet


def sll2(packet, ifindex=3):
    kind = 0x86dd if packet[0] >> 4 == 6 else 0x0800
    return struct.pack("!HHIHBB8s", kind, 0, ifindex, 1, 0, 6, b"\x02\0\0\0\0\x02\0\0") + packet


LINKS = {ETHERNET: ether, RAW: bytes, SLL: sll, SLL2: sll2}


def pcap(frames, link=ETHERNET, order="<", nanoseconds=False, snaplen=262144):
    """frames: [(seconds, bytes)]."""
    out = struct.pack(order + "IHHiIII", 0xa1b23c4d if nanoseconds else 0xa1b2c3d4, 2, 4, 0, 0, snaplen, link)
    for when, frame in frames:
        part = int(round(when % 1 * (1e9 if nanoseconds else 1e6)))
        kept = frame[:snaplen]
        out += struct.pack(order + "IIII", int(when), part, len(kept), len(frame)) + kept
    return out


def block(kind, body, order="<"):
    body += b"\0" * (-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def pcapng(frames, n_interfaces, link=ETHERNET, order="<"):
    """frames: [(seconds, interface, bytes)]."""
    out = block(0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1), order)
    out += block(1, struct.pack(order + "HHI", link, 0, 262144), order) * n_interfaces
    for when, interface, frame in frames:
        stamp = int(round(when * 1e6))
        out += block(6, struct.pack(order + "IIIII", interface, stamp >> 32, stamp & 0xffffffff,
                                    len(frame), len(frame)) + frame, order)
    return out

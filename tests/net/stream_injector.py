#!/usr/bin/python3
"""A device between two hosts that resets connections under the client's or the server's address.

    stream_injector.py PORT TTL client|both

Runs on a router: sees what passes, and when a client has sent its first data, sends a RST in its name
to the server, with `both` one in the server's name to the client as well.
"""
import socket
import struct
import sys

TCP_ACK, TCP_RST = 16, 4


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def reset(source, target, sport, dport, sequence, ttl):
    head = struct.pack("!HHIIBBHHH", sport, dport, sequence, 0, 5 << 4, TCP_RST, 0, 0, 0)
    pseudo = source + target + struct.pack("!HH", 6, len(head))
    head = head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 4242, 0, ttl, 6, 0, source, target)
    return ip + head


def main():
    port, ttl, whom = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    taps = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    print("ready", flush=True)
    while True:
        ip, address = taps.recvfrom(2048)
        if address[2] == socket.PACKET_OUTGOING or ip[0] != 0x45 or ip[9] != 6:
            continue
        source, target, tcp = ip[12:16], ip[16:20], ip[20:]
        sport, dport, sequence, acknowledged = struct.unpack("!HHII", tcp[:12])
        length = struct.unpack("!H", ip[2:4])[0] - 20 - (tcp[12] >> 4) * 4
        if dport != port or not length or not tcp[13] & TCP_ACK:
            continue
        out.sendto(reset(source, target, sport, dport, (sequence + length) & 0xffffffff, ttl),
                   (socket.inet_ntoa(target), 0))
        if whom == "both":
            out.sendto(reset(target, source, dport, sport, acknowledged, ttl), (socket.inet_ntoa(source), 0))


main()

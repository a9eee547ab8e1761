#!/usr/bin/python3
"""Fills the table of connection tracking of this network namespace with answered flows: fill_conntrack.py"""
import socket
import struct
import sys

NETLINK_NETFILTER = 12
CT_NEW = 1 << 8  # NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_NEW
REQUEST_CREATE = 0x1 | 0x400
NESTED = 0x8000
ASSURED = 2 | 4 | 8
AT_ONCE = 400


def attribute(kind, data):
    text = struct.pack("=HH", 4 + len(data), kind) + data
    return text + b"\0" * (-len(text) % 4)


def ends(kind, source, target, sport, dport):
    ip = attribute(1, source) + attribute(2, target)
    ports = attribute(1, b"\x06") + attribute(2, struct.pack(">H", sport)) + attribute(3, struct.pack(">H", dport))
    return attribute(kind | NESTED, attribute(1 | NESTED, ip) + attribute(2 | NESTED, ports))


def entry(n):
    a, b = struct.pack(">I", 0xc6336400 + (n >> 15)), b"\x0a\x63\0\1"
    port = 1024 + (n & 0x7fff)
    state = attribute(1 | NESTED, attribute(1, b"\x03"))  # ESTABLISHED
    body = struct.pack(">BBH", socket.AF_INET, 0, 0) + ends(1, a, b, port, 80) + ends(2, b, a, 80, port) + \
        attribute(3, struct.pack(">I", ASSURED)) + attribute(7, struct.pack(">I", 600)) + \
        attribute(4 | NESTED, state)
    return struct.pack("=IHHII", 16 + len(body), CT_NEW, REQUEST_CREATE, n, 0) + body


def number(name):
    with open("/proc/sys/net/netfilter/nf_conntrack_" + name, encoding="ascii") as f:
        return int(f.read())


def main():
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    s.setblocking(False)
    most = number("max")
    for first in range(0, most + AT_ONCE, AT_ONCE):
        s.send(b"".join(entry(n) for n in range(first, first + AT_ONCE)))
        try:
            while s.recv(1 << 16):
                pass  # what no longer fits is refused: the table is full then
        except (BlockingIOError, OSError):
            continue
    return number("count") < most


sys.exit(main())

#!/usr/bin/python3
"""A service whose socket refuses: keys of TCP-MD5, a minimum TTL, a filter, a buffer that nobody empties."""
import argparse
import ctypes
import socket
import struct
import sys
import time

ANSWER = b"HTTP/1.0 200 OK\r\n\r\nhere\n"
TCP_MD5SIG, IP_MINTTL, SO_ATTACH_FILTER = 14, 21, 26
DROP_ALL, TAKE_ALL = 0, 0xffffffff  # what a filter returns: bytes to keep


def options():
    p = argparse.ArgumentParser()
    p.add_argument("port", type=int)
    p.add_argument("--udp", action="store_true")
    p.add_argument("--key-for", help="segments of this peer must be signed")
    p.add_argument("--min-ttl", type=int)
    p.add_argument("--filter", choices=["drop", "take"])
    p.add_argument("--deaf", type=float, default=0, help="so long nothing is read")
    return p.parse_args()


def set_key(s, peer):
    address = struct.pack("=HH4s120x", socket.AF_INET, 0, socket.inet_aton(peer))
    s.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, address + struct.pack("=BBHi80s", 0, 0, 6, 0, b"secret"))


def set_filter(s, keep):
    code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, keep))  # BPF_RET | BPF_K
    s.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(code)))


def bound(args):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if args.udp else socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if args.udp:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    s.bind(("0.0.0.0", args.port))
    if args.key_for:
        set_key(s, args.key_for)
    if args.min_ttl:
        s.setsockopt(socket.IPPROTO_IP, IP_MINTTL, args.min_ttl)
    if args.filter:
        set_filter(s, DROP_ALL if args.filter == "drop" else TAKE_ALL)
    return s


def main():
    args = options()
    s = bound(args)
    if not args.udp:
        s.listen(64)
    print("ready", flush=True)
    time.sleep(args.deaf)
    while True:
        if args.udp:
            _, peer = s.recvfrom(2048)
            s.sendto(ANSWER, peer)
            continue
        connection, _ = s.accept()
        connection.recv(2048)
        connection.sendall(ANSWER)
        connection.close()


sys.exit(main())

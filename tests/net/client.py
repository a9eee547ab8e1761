#!/usr/bin/python3
"""A client for the cases of diagnose: tries again and again, says on one line each what it saw."""
import argparse
import errno
import itertools
import os
import signal
import socket
import struct
import threading
import time

WORDS = {
    errno.ECONNREFUSED: "refused", errno.ETIMEDOUT: "timeout", errno.EHOSTUNREACH: "host-unreachable",
    errno.ENETUNREACH: "net-unreachable", errno.EACCES: "denied", errno.EPERM: "not-permitted",
    errno.ECONNRESET: "reset", errno.EADDRNOTAVAIL: "no-address", errno.ENOPROTOOPT: "no-protocol",
}
AT_ONCE = 4  # attempts under way


def options():
    p = argparse.ArgumentParser()
    p.add_argument("address")
    p.add_argument("ports", help="80 or 80,81 or 80-90: one after the other")
    p.add_argument("--udp", action="store_true")
    p.add_argument("--source", default="")
    p.add_argument("--every", type=float, default=1)
    p.add_argument("--give-up", type=float, default=3)
    p.add_argument("--for", type=int, default=0, dest="seconds", help="ends after that time")
    p.add_argument("--manner", default="polite", choices=["polite", "abort", "scan"])
    return p.parse_args()


def port_list(text):
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def word_of(error):
    if isinstance(error, TimeoutError) and error.errno is None:
        return "timeout"
    return WORDS.get(error.errno, str(error))


def after_connect(s, args):
    """What becomes of a question once there is a connection."""
    try:
        s.settimeout(1.2)
        s.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = s.recv(100)
        if args.manner == "abort":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return "answered" if answer else "closed"
    except OSError as error:
        return {"timeout": "silent", "refused": "refused"}.get(word_of(error), word_of(error))


def attempt(args, port):
    family = socket.AF_INET6 if ":" in args.address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_DGRAM if args.udp else socket.SOCK_STREAM)
    try:
        if args.source:
            s.bind((args.source, 0))
        s.settimeout(args.give_up)
        s.connect((args.address, port))
        saw = after_connect(s, args)
        saw = "timeout" if args.udp and saw == "silent" else saw
    except OSError as error:
        saw = word_of(error)
    s.close()
    os.write(1, saw.encode() + b"\n")  # whole: other attempts write at the same time


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def send_bare_syn(s, args, port, source_port):
    """As scanners do: no socket stands behind it, so the kernel answers a SYN-ACK by a reset."""
    head = struct.pack("!HHIIBBHHH", source_port, port, source_port * 7919, 0, 5 << 4, 2, 64240, 0, 0)
    pseudo = socket.inet_aton(args.source) + socket.inet_aton(args.address) + struct.pack("!HH", 6, len(head))
    head = head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:]
    s.sendto(head, (args.address, 0))


def scan(args, ports):
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    s.bind((args.source, 0))
    for n, port in enumerate(itertools.cycle(ports)):
        send_bare_syn(s, args, port, 40000 + n % 20000)
        time.sleep(args.every)


def main():
    args = options()
    signal.alarm(args.seconds)
    ports = list(port_list(args.ports))
    if args.manner == "scan":
        scan(args, ports)
    free = threading.Semaphore(AT_ONCE)

    def one(port):
        attempt(args, port)
        free.release()

    for port in itertools.cycle(ports):
        free.acquire()
        threading.Thread(target=one, args=(port,), daemon=True).start()
        time.sleep(args.every)


main()

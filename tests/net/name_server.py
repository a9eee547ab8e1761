#!/usr/bin/python3
"""A tiny name server for the cases of probe: names and addresses are words, "web1=10.0.0.1,fd00::1"; what it
does not have does not exist. Its manner may be to fail, or to say nothing."""
import argparse
import socket
import struct

CODES = {"answer": 3, "servfail": 2, "silent": None}


def answer_to(query, table, code):
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
        at += 1 + query[at]
    kind = struct.unpack(">H", query[at + 1:at + 3])[0]
    question, name = query[12:at + 5], ".".join(labels)
    size = {1: 4, 28: 16}.get(kind, 0)
    found = [a for a in table.get(name, ()) if len(a) == size]
    if name in table:
        code = 0
    records = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(a)) + a for a in found)
    return query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(found), 0, 0) + question + records


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--address", default="10.0.0.1")
    p.add_argument("--manner", default="answer", choices=CODES)
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    table = {}
    for word in args.names:
        name, _, addresses = word.partition("=")
        table[name] = [socket.inet_pton(socket.AF_INET6 if ":" in a else socket.AF_INET, a) for a in addresses.split(",")]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((args.address, 53))
    print("ready", flush=True)
    while True:
        query, peer = s.recvfrom(2048)
        if args.manner != "silent":
            s.sendto(answer_to(query, table, CODES[args.manner]), peer)


main()

"""Reads queues of netfilter and says yes or no to each packet: nfnetlink_queue.h, without a library.

    queue_reader.py accept|drop|none QUEUE...

"none" holds the queues and wants no packets (copy mode 0). Prints "ready", ends with its input.
"""
import select
import socket
import struct
import sys

NETFILTER, QUEUE, CONFIG, VERDICT, PACKET = 12, 3 << 8, 2, 1, 0
CFG_CMD, CFG_PARAMS, PACKET_HDR, VERDICT_HDR, BIND = 1, 2, 1, 2, 1
COPY_META = 1


def message(kind, queue, attribute, body, flags=1):
    padded = body + b"\0" * (-len(body) % 4)
    payload = struct.pack("=BB", 0, 0) + struct.pack(">H", queue) + struct.pack("=HH", 4 + len(body), attribute) + padded
    return struct.pack("=IHHII", 16 + len(payload), QUEUE | kind, flags, 0, 0) + payload


def ask(s, *words):
    """With NLM_F_ACK: the kernel's own answer."""
    s.send(message(*words, flags=5))
    answer = s.recv(65536)
    error = struct.unpack_from("=i", answer, 16)[0]
    if error:
        raise OSError(-error, "the queue is not taken")


def answer(s, verdict, packet):
    """The id of the packet stands in its first attribute of that name."""
    length, kind = struct.unpack_from("=IH", packet)
    queue = struct.unpack_from(">H", packet, 18)[0]
    at = 20
    while kind == QUEUE | PACKET and at + 4 <= length:
        size, name = struct.unpack_from("=HH", packet, at)
        if name & 0x3FFF == PACKET_HDR:
            number = struct.unpack_from(">I", packet, at + 4)[0]
            s.send(message(VERDICT, queue, VERDICT_HDR, struct.pack(">II", verdict, number)))
            return
        at += (size + 3) & ~3


def main():
    how, queues = sys.argv[1], [int(word) for word in sys.argv[2:]]
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETFILTER)
    s.bind((0, 0))
    for queue in queues:
        ask(s, CONFIG, queue, CFG_CMD, struct.pack(">BBH", BIND, 0, 0))
        if how != "none":
            ask(s, CONFIG, queue, CFG_PARAMS, struct.pack(">IB", 0xFFFF, COPY_META))
    print("ready", flush=True)
    while True:
        ready = select.select([s, sys.stdin], [], [])[0]
        if sys.stdin in ready:
            return
        answer(s, 1 if how == "accept" else 0, s.recv(65536))


main()

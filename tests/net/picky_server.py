#!/usr/bin/python3
"""A service for the cases of probe: what it answers depends on the first bytes, or on the address that was asked.
Of TLS only a ServerHello is spoken, which is all that probe waits for."""
import argparse
import select
import socket

OK, BAD = b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"
HELLO = b"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" + bytes(35)
# Of streams: what plain HTTP gets, and what TLS gets; nothing is the end.
STREAMS = {"http": (OK, b""), "bad-http": (BAD, b""), "tls": (b"", HELLO), "tls-400": (BAD, HELLO), "closes": (b"", b"")}
DATAGRAMS = ("elsewhere", "both", "ntp")


def serve_streams(port, answers):
    s = socket.create_server(("0.0.0.0", port))
    print("ready", flush=True)
    while True:
        connection, _ = s.accept()
        try:
            connection.sendall(answers[connection.recv(4096)[:1] == b"\x16"])
        except OSError:
            pass  # the client went away: its own business
        connection.close()


def answer_to(question, manner):
    if manner == "ntp" and len(question) == 48:
        return bytes([0x24, 1]) + bytes(22) + question[40:48] + bytes(16)
    if len(question) >= 12:  # DNS: the reply bit
        return question[:2] + bytes([question[2] | 0x80]) + question[3:]
    return b"here"


def serve_datagrams(port, manner, other):
    asked, elsewhere = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    asked.bind(("10.0.0.1", port))
    elsewhere.bind((other or "10.0.0.1", port if other else 0))
    print("ready", flush=True)
    while True:
        select.select([asked], [], [])
        question, peer = asked.recvfrom(2048)
        if manner in ("elsewhere", "both"):
            elsewhere.sendto(answer_to(question, manner), peer)
        if manner != "elsewhere":
            asked.sendto(answer_to(question, manner), peer)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("port", type=int)
    p.add_argument("manner", choices=[*STREAMS, *DATAGRAMS])
    p.add_argument("--other", help="the other address; none: another port of the same")
    args = p.parse_args()
    if args.manner in STREAMS:
        serve_streams(args.port, STREAMS[args.manner])
    serve_datagrams(args.port, args.manner, args.other)


main()

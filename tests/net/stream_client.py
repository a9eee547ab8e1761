#!/usr/bin/python3
"""A client for the cases of conversations: speaks one protocol again and again, says what it saw."""
import argparse
import errno
import os
import socket
import ssl
import struct
import threading
import time

WORDS = {errno.ECONNREFUSED: "refused", errno.ETIMEDOUT: "timeout", errno.ECONNRESET: "reset",
         errno.EHOSTUNREACH: "host-unreachable", errno.EADDRNOTAVAIL: "no-address", errno.EPIPE: "reset"}
GET = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
ASKS = {"http": GET, "ssh": b"SSH-2.0-PuTTY_0.78\r\n", "smtp": b"EHLO here\r\n",
        "proxy": b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 443\r\n" + GET, "large": b"PUT " + b"x" * 3400 + b"END",
        "nothing": b""}
# All over within this, so that attempts follow each other.
PATIENCE_S = 4


def options():
    p = argparse.ArgumentParser()
    p.add_argument("address")
    p.add_argument("port", type=int)
    p.add_argument("--speak", default="http", choices=sorted(ASKS) + ["tls"])
    p.add_argument("--listens-first", action="store_true", help="as who waits for a greeting")
    p.add_argument("--hangs-up", action="store_true", help="leaves at once, as who looks whether a port is open")
    p.add_argument("--reads-all", action="store_true", help="until END")
    p.add_argument("--reads-nothing", action="store_true", help="of the answer")
    p.add_argument("--reads-slowly", action="store_true", help="a little of the answer at a time")
    p.add_argument("--aborts", action="store_true", help="resets the connection after its answer")
    p.add_argument("--source", default="")
    p.add_argument("--source-port", type=int, default=0)
    p.add_argument("--every", type=float, default=0.7)
    p.add_argument("--name", default="www.example.org")
    p.add_argument("--trusts", default="", help="a file with a certificate; nothing is checked without")
    p.add_argument("--least", default="TLSv1_2")
    p.add_argument("--most", default="TLSv1_3")
    return p.parse_args()


def speak_tls(s, args):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.minimum_version, c.maximum_version = ssl.TLSVersion[args.least], ssl.TLSVersion[args.most]
    if args.trusts == "nobody":
        pass
    elif args.trusts:
        c.load_verify_locations(args.trusts)
    else:
        c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    with c.wrap_socket(s, server_hostname=args.name) as t:
        t.sendall(GET)
        return "answered" if t.recv(100) else "closed"


def speak(s, args):
    if args.hangs_up:
        return "connected"
    if args.speak == "tls":
        return speak_tls(s, args)
    got = s.recv(1000) if args.listens_first else b""
    if args.listens_first and not got:
        return "closed"
    s.sendall(ASKS[args.speak])
    if args.reads_nothing:
        time.sleep(PATIENCE_S)
        return "idle"
    if args.reads_slowly:
        for _ in range(20):
            got = s.recv(700) or got
            time.sleep(0.2)
        return "answered" if got else "closed"
    while args.reads_all and not got.endswith(b"END"):
        got += s.recv(65536)
    piece = b"" if args.reads_all else s.recv(65536)
    while piece and len(got) < 18000:
        got += piece
        piece = s.recv(65536) if len(got) > 2000 else b""
    if args.aborts:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return "answered" if got else "closed"


def word_of(error):
    if isinstance(error, ssl.SSLCertVerificationError):
        return "untrusted"
    if isinstance(error, ssl.SSLEOFError):
        return "closed"
    if isinstance(error, ssl.SSLError):
        return "alert" if "ALERT" in (error.reason or "") else "no-tls"
    if isinstance(error, TimeoutError) and error.errno is None:
        return "silent"
    return WORDS.get(error.errno, str(error))


def attempt(args):
    s = socket.socket()
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if args.reads_nothing or args.reads_slowly:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.bind((args.source, args.source_port))
        s.settimeout(PATIENCE_S)
        s.connect((args.address, args.port))
        saw = speak(s, args)
    except OSError as error:
        saw = word_of(error)
    if args.source_port:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
    os.write(1, saw.encode() + b"\n")


def main():
    args = options()
    while True:
        if args.source_port:
            attempt(args)
        else:
            threading.Thread(target=attempt, args=(args,), daemon=True).start()
        time.sleep(args.every)


main()

#!/usr/bin/python3
"""A service for the cases of conversations: one port, and one manner of talking to who comes."""
import argparse
import http.server
import signal
import socket
import ssl
import struct
import sys
import threading
import time

MYSQL_FULL = b"\xff\x10\x04Too many connections"


def options():
    p = argparse.ArgumentParser()
    p.add_argument("port", type=int)
    p.add_argument("--address", default="0.0.0.0")
    p.add_argument("--manner", required=True, choices=sorted(MANNERS) + ["http", "tls"])
    p.add_argument("--for", type=int, default=0, dest="seconds", help="ends after that time")
    p.add_argument("--certificate", default="", help="a file with key and certificate")
    p.add_argument("--least", default="TLSv1_2")
    p.add_argument("--most", default="TLSv1_3")
    p.add_argument("--name", default="", help="the only name that is served")
    p.add_argument("--wants-certificate", action="store_true")
    return p.parse_args()


def answer(s, body=b"here\n"):
    s.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def close(s):
    """As a list of hosts that may not come in: nothing is read."""


def abort(s):
    s.recv(100)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def abort_unheard(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def large(s):
    s.recv(4096)
    answer(s, b"x" * 20000)
    time.sleep(3)


def greets_then_large(s):
    """A small segment, then large ones and a small one."""
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.recv(4096)
    s.sendall(b"HTTP/1.0 200 OK\r\n")
    time.sleep(0.01)
    s.sendall(b"Content-Length: 20000\r\n\r\n" + b"x" * (14 * 1448 + 100) + b"END")
    time.sleep(3)


def endless(s):
    s.recv(4096)
    answer(s, b"x" * 4000000)


def late_large(s):
    s.recv(4096)
    time.sleep(0.1)
    answer(s, b"x" * 20000)
    time.sleep(3)


def mute(s):
    s.recv(4096)
    time.sleep(3)  # shorter than the client waits: which of them ends it is no race


def takes_all(s):
    """Reads a large question whole before it answers."""
    got = b""
    while not got.endswith(b"END"):
        piece = s.recv(65536)
        if not piece:
            return
        got += piece
    answer(s)


def proxied(s):
    """Takes a PROXY header, and whoever has none is left without a word."""
    first = s.recv(4096)
    if first.startswith(b"PROXY "):
        answer(s)


def ssh(s):
    s.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    if not s.recv(300).startswith(b"SSH-"):
        s.sendall(b"Invalid SSH identification string.\r\n")
    else:
        time.sleep(1)


def smtp(s):
    s.sendall(b"220 mail.example.org ESMTP Postfix\r\n")
    if not s.recv(300).upper().startswith((b"EHLO", b"HELO")):
        s.sendall(b"221 2.7.0 Error: I can break rules, too. Goodbye.\r\n")
    else:
        s.sendall(b"250 mail.example.org\r\n")
        time.sleep(1)


def full(s):
    s.sendall(struct.pack("<I", len(MYSQL_FULL))[:3] + b"\0" + MYSQL_FULL)


def denied(s):
    s.sendall(b"554 mail.example.org ESMTP connection denied\r\n")


def https_only(s):
    """As nginx says it."""
    if s.recv(4096).startswith(b"GET "):
        body = b"<center>The plain HTTP request was sent to HTTPS port</center>"
        s.sendall(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def idle(s):
    """Waits for a question for a while, as services do, and hangs up then."""
    s.settimeout(2.5)
    try:
        if s.recv(100):
            answer(s)
    except TimeoutError:
        pass


MANNERS = {f.__name__.replace("_", "-"): f for f in (
    close, abort, abort_unheard, large, greets_then_large, endless, late_large, mute, takes_all, proxied, ssh, smtp, full, denied, https_only, idle)}


class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"here\n")

    def log_message(self, *_):
        pass


def context(args):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(args.certificate)
    c.minimum_version, c.maximum_version = ssl.TLSVersion[args.least], ssl.TLSVersion[args.most]
    if args.wants_certificate:
        c.load_verify_locations(args.certificate)
        c.verify_mode = ssl.CERT_REQUIRED
    if args.name:
        c.sni_callback = lambda _s, name, _c: None if name == args.name else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return c


def serve_tls(s, tls):
    with tls.wrap_socket(s, server_side=True) as t:
        t.recv(4096)
        answer(t)


def serve_one(s, args, tls):
    try:
        with s:
            if tls:
                serve_tls(s, tls)
            else:
                MANNERS[args.manner](s)
    except OSError:
        pass  # the client's business; ssl.SSLError is one


def main():
    args = options()
    signal.alarm(args.seconds)
    if args.manner == "http":
        server = http.server.ThreadingHTTPServer((args.address, args.port), Quiet)
        print("ready", flush=True)
        server.serve_forever()
    tls = context(args) if args.manner == "tls" else None
    listener = socket.create_server((args.address, args.port), backlog=64)
    print("ready", flush=True)
    while True:
        s, _ = listener.accept()
        threading.Thread(target=serve_one, args=(s, args, tls), daemon=True).start()


sys.exit(main())

#!/usr/bin/python3
"""A proxy for the cases of diagnose: takes each connection and makes one of its own for it."""
import argparse
import socket
import threading


def options():
    p = argparse.ArgumentParser()
    p.add_argument("port", type=int)
    p.add_argument("upstream", help="ADDRESS:PORT")
    p.add_argument("--address", default="0.0.0.0")
    p.add_argument("--name", help="of the process")
    p.add_argument("--manner", default="close", choices=["close", "502"], help="what a client gets without an upstream")
    return p.parse_args()


def copy(one, other):
    try:
        while data := one.recv(4096):
            other.sendall(data)
    except OSError:
        pass  # either end went away
    other.close()


def serve_one(client, args):
    host, _, port = args.upstream.rpartition(":")
    try:
        if args.manner == "502":
            client.recv(4096, socket.MSG_PEEK)
        upstream = socket.create_connection((host, int(port)), 2)
    except OSError:
        if args.manner == "502":
            client.recv(4096)
            client.sendall(b"HTTP/1.0 502 Bad Gateway\r\n\r\n")
        client.close()
        return
    upstream.settimeout(None)
    threading.Thread(target=copy, args=(client, upstream), daemon=True).start()
    copy(upstream, client)


def main():
    args = options()
    if args.name:
        with open("/proc/self/comm", "w", encoding="ascii") as f:
            f.write(args.name)
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((args.address, args.port))
    s.listen()
    print("ready", flush=True)
    while True:
        client, _ = s.accept()
        threading.Thread(target=serve_one, args=(client, args), daemon=True).start()


main()

#!/usr/bin/python3
"""A service for the cases of diagnose: one socket and one manner of serving it, well or badly."""
import argparse
import os
import resource
import signal
import socket
import struct
import sys
import threading
import time

# IP_TRANSPARENT, IPV6_TRANSPARENT
TRANSPARENT = {socket.AF_INET: (socket.SOL_IP, 19), socket.AF_INET6: (socket.IPPROTO_IPV6, 75)}
ANSWER = b"HTTP/1.0 200 OK\r\n\r\nhere\n"


def options():
    p = argparse.ArgumentParser()
    p.add_argument("port", type=int)
    p.add_argument("--address", default="0.0.0.0")
    p.add_argument("--both", action="store_true", help="an IPv6 socket that takes IPv4 too")
    p.add_argument("--udp", action="store_true")
    p.add_argument("--device")
    p.add_argument("--reuseport", action="store_true", help="others may take the same port and share it")
    p.add_argument("--transparent", action="store_true", help="takes what is for others (IP_TRANSPARENT)")
    p.add_argument("--for", type=int, default=0, dest="seconds", help="ends after that time")
    p.add_argument("--backlog", type=int, default=64)
    p.add_argument("--manner", default="answer", choices=[
        "answer", "banner", "mute", "reset", "idle", "stopped", "no-files", "slow"])
    return p.parse_args()


def bound(args):
    family = socket.AF_INET6 if ":" in args.address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_DGRAM if args.udp else socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if args.both else 1)
    if args.reuseport:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if args.transparent:
        level, option = TRANSPARENT[family]
        s.setsockopt(level, option, 1)
    if args.device:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, args.device.encode())
    s.bind((args.address, args.port))
    return s


def serve_datagrams(s, manner):
    while True:
        _, peer = s.recvfrom(2048)
        if manner == "answer":
            s.sendto(ANSWER, peer)


def serve_one(connection, manner):
    try:
        if manner == "banner":
            connection.sendall(b"220 here\r\n")
        connection.recv(2048)
        if manner == "mute":
            time.sleep(600)
        if manner == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if manner in ("answer", "slow"):
            connection.sendall(ANSWER)
    except OSError:
        pass  # the client went away: its own business
    connection.close()


def serve(s, manner):
    while True:
        try:
            connection, _ = s.accept()
        except OSError:  # no descriptor left
            time.sleep(0.2)
            continue
        if manner == "slow":
            time.sleep(0.5)
        threading.Thread(target=serve_one, args=(connection, manner), daemon=True).start()


def take_all_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
    kept = []
    try:
        while True:
            kept.append(os.dup(0))
    except OSError:
        return kept


def main():
    args = options()
    signal.alarm(args.seconds)
    s = bound(args)
    if not args.udp:
        s.listen(args.backlog)
    kept = take_all_descriptors() if args.manner == "no-files" else []
    print("ready", flush=True)
    if args.manner == "stopped":
        # Not by its own hand: the first process of a namespace would ignore it.
        os.kill(os.getpid(), signal.SIGSTOP)
    if args.manner == "idle":
        time.sleep(600)
    if args.udp:
        serve_datagrams(s, args.manner)
    serve(s, args.manner)
    return len(kept)


sys.exit(main())

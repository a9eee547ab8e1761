#!/usr/bin/python3
"""Holds N connections to one port: their source ports are not free for it."""
import socket
import sys
import time

held = [socket.create_connection((sys.argv[1], int(sys.argv[2])), 5) for _ in range(int(sys.argv[3]))]
print("ready", len(held), flush=True)
time.sleep(600)

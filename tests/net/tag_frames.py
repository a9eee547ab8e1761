#!/usr/bin/python3
"""tag_frames.py DEVICE NUMBER: all frames that leave by it get the tag of a VLAN (0: a priority alone), as a
switch's port would give it; until this ends. For kernels without VLAN interfaces."""
import os
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bpflib

VLAN_PUSH = 18  # a helper: bpf_skb_vlan_push(skb, type of the tag, its content)
TAG = socket.htons(0x8100)
PRIORITY = 5 << 13

program = bpflib.load(bpflib.SCHED_CLS, [
    bpflib.insn(0xb7, 2, number=TAG), bpflib.insn(0xb7, 3, number=PRIORITY | int(sys.argv[2])),
    bpflib.insn(0x85, number=VLAN_PUSH),
    bpflib.insn(0xb7, 0, number=-1), bpflib.insn(0x95)], name="tag_frames")
held = bpflib.link(program, socket.if_nametoindex(sys.argv[1]), bpflib.TCX_EGRESS)
print("ready", flush=True)
time.sleep(600)

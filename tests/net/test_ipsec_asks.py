#!/usr/bin/python3
"""No key of IPsec leaves the kernel: what a diagnosis asks of it while a policy stops the client are its policies, the
number of associations and the default; never an association, whose answer holds its keys.
"""
import glob
import os
import re
import shutil
import struct
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from caseplace import Place
from taplib import DPORT, done, need_root, ok, skip

# linux/xfrm.h
NAMES = {0x10: "NEWSA", 0x12: "GETSA", 0x15: "GETPOLICY", 0x1f: "GETAE", 0x23: "GETSADINFO", 0x25: "GETSPDINFO",
         0x28: "GETDEFAULT"}
WANTED = {"GETPOLICY", "GETSADINFO", "GETDEFAULT"}
STRACE = ["strace", "-ff", "-qq", "-y", "-e", "trace=socket,sendto,sendmsg,write,writev", "-e", "write=all", "-o"]


def dumped(lines):
    """The bytes of strace's dump that begins these lines."""
    data = b""
    for line in lines:
        row = re.match(r" \| [0-9a-f]{5}  ((?:[0-9a-f]{2} {1,2})+)", line)
        if row:
            data += bytes.fromhex(row.group(1))
        elif not line.startswith(" * "):
            break
    return data


def sent(text):
    """The types of the messages that one process sent to XFRM."""
    sockets = set(re.findall(r"^socket\(AF_NETLINK, .*, NETLINK_XFRM\) = \d+<socket:\[(\d+)\]>", text, re.M))
    lines = text.splitlines()
    for n, line in enumerate(lines):
        call = re.match(r"\w+\(\d+<socket:\[(\d+)\]>", line)
        data = dumped(lines[n + 1:]) if call and call.group(1) in sockets else b""
        if len(data) >= 16:
            kind = struct.unpack_from("<H", data, 4)[0]
            yield NAMES.get(kind, hex(kind))


def main():
    need_root()
    if not shutil.which("strace"):
        skip("no strace here")
    place = Place()
    with tempfile.TemporaryDirectory() as folder:
        try:
            place.server.shell("ip xfrm policy add dir in src 10.0.0.2/32 dst 10.0.0.1/32 action block")
            place.serve("443")
            place.call("10.0.0.1 443")
            got = place.server.run(*STRACE, os.path.join(folder, "trace"), DPORT, "diagnose", "443/tcp", "--from",
                                   "10.0.0.2", "--wait", "4")
        finally:
            place.close()
        asked = []
        for path in glob.glob(os.path.join(folder, "trace.*")):
            with open(path, encoding="utf-8", errors="replace") as f:
                asked += sent(f.read())
    ok(b"dst 10.0.0.1/32 dir in" in got.stdout, "the policy is named", got.stdout + got.stderr)
    ok(set(asked) == WANTED, "policies, their default and the number of associations are asked for, and nothing else",
       asked)
    done()


main()

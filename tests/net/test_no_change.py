#!/usr/bin/python3
"""Nothing that dport sends changes the host: every netlink message of every process of every command only
asks, no table is replaced, no setting is written; with --prove nothing but the one table is added.

    test_no_change.py [COMMAND...]
"""
import glob
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from caseplace import Place
from taplib import DPORT, Screen, done, need_root, ok, skip

OWN = b"dport-prove-"
WORDS = sys.argv[1:]
# linux/netfilter/nfnetlink.h: subsystem -> messages that only ask (nf_tables, ctnetlink, expectations, ipset, hooks).
ASKING = {10: {1, 4, 7, 10, 13, 16, 19, 23}, 1: {1, 4, 5}, 2: {1, 3}, 6: {1, 7, 8, 11, 12, 13, 14, 15}, 12: {0}}
BATCH_BEGIN, BATCH_END = 0x10, 0x11
NEWTABLE, NEWCHAIN, NEWRULE = 0xa00, 0xa03, 0xa06
XFRM_ASKING = {0x15, 0x23, 0x28}  # no association (0x12): its answer holds keys
CALLS = "network,write,writev,open,openat,openat2,creat"
NFT = """table inet filter {
    set banned { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }
    }
    chain input { type filter hook input priority filter; policy accept;
        ip saddr @banned drop
        tcp dport 443 ct state new counter accept
    }
}
"""


def only_asks(protocol, kind, body):
    """Whether a message of this netlink protocol leaves everything as it was."""
    if kind < 0x10 and protocol != "NETLINK_NETFILTER":
        return True
    if protocol == "NETLINK_NETFILTER":
        return kind >> 8 in ASKING and kind & 0xff in ASKING[kind >> 8]
    if protocol == "NETLINK_ROUTE":
        return (kind - 0x10) % 4 == 2
    if protocol == "NETLINK_SOCK_DIAG":
        return kind in (18, 20)
    if protocol == "NETLINK_XFRM":
        return kind in XFRM_ASKING
    if protocol == "NETLINK_GENERIC":
        return kind == 0x10 and body[:1] == b"\x03"  # CTRL_CMD_GETFAMILY
    return False


class Traced:
    """What all processes of one call sent and opened."""

    def __init__(self, prefix):
        self.sockets, self.messages, self.calls = {}, [], []
        texts = []
        for path in sorted(glob.glob(prefix + ".*")):
            with open(path, encoding="utf-8", errors="replace") as f:
                texts.append((path, f.read()))
        for _, text in texts:
            for protocol, inode in re.findall(r"^socket\(AF_NETLINK, .*, (NETLINK_\w+)\) = \d+<socket:\[(\d+)\]>",
                                              text, re.M):
                self.sockets[inode] = protocol
        for path, text in texts:
            self.read(path.rsplit(".", 1)[1], text)

    def read(self, pid, text):
        """strace's dump of what is written stands behind its call."""
        call, data = "", b""
        for line in text.splitlines() + [""]:
            dumped = re.match(r" \| [0-9a-f]{5}  ((?:[0-9a-f]{2} {1,2})+)", line)
            if dumped:
                data += bytes.fromhex(dumped.group(1))
                continue
            if data:
                self.take(pid, call, data)
                data = b""
            if line.startswith(" * "):
                continue
            call = line
            self.calls.append(line)

    def take(self, pid, call, data):
        inode = re.match(r"\w+\(\d+<socket:\[(\d+)\]>", call)
        protocol = self.sockets.get(inode.group(1)) if inode else None
        at = 0
        while protocol and at + 16 <= len(data):
            size, kind = struct.unpack_from("<IH", data, at)
            self.messages.append((pid, protocol, kind, data[at + 16:at + size]))
            at += max(16, (size + 3) & ~3)

    def changing(self):
        return [m for m in self.messages if not only_asks(*m[1:])]

    def writing(self):
        """Calls that write a setting or replace a table."""
        opened = [c for c in self.calls if re.match(r"(open|openat|openat2|creat)\(", c) and
                  re.search(r"O_WRONLY|O_RDWR|O_CREAT|^creat", c) and re.search(r'"[^"]*(proc|sys)/', c)]
        replaced = [c for c in self.calls if c.startswith("setsockopt(") and
                    re.search(r"SO_SET_(REPLACE|ADD_COUNTERS|ENTRIES|COUNTERS)|SOL_IP(V6)?, (0x4[0-9a-f]|6[4-9]|128)", c)]
        return opened + replaced


def strace_words(folder, name):
    prefix = os.path.join(folder, name)
    return prefix, ["strace", "-ff", "-qq", "-y", "-s", "512", "-e", f"trace={CALLS}", "-e", "write=all",
                    "-o", prefix]


def run_traced(place, folder, name, *words):
    prefix, strace = strace_words(folder, name)
    got = place.server.run(*strace, DPORT, *words)
    return Traced(prefix), got


def say(traced, name, n_least):
    n = len(traced.messages)
    ok(n >= n_least, f"{name}: {n} netlink messages were seen", traced.calls[:20])
    ok(not traced.changing(), f"{name}: each of them only asks", traced.changing()[:5])
    ok(not traced.writing(), f"{name}: no setting is written, no table replaced", traced.writing()[:5])


def batch_commands(folder):
    """Name -> words, as far as this dport has the command."""
    shown = subprocess.run([DPORT, "--help"], capture_output=True, text=True, check=False).stdout
    words = {
        "list": ["list", "--json"], "doctor": ["doctor"],
        "diagnose": ["diagnose", "443/tcp", "--from", "10.0.0.2", "--wait", "2"],
        "capture": ["capture", "--for", "1"],
        "record": ["record", os.path.join(folder, "all.tar"), "--for", "1"],
        "path": ["path", "443/tcp", "--from", "10.0.0.2"], "rules": ["rules", "443"], "exposure": ["exposure"],
    }
    return {name: w for name, w in words.items() if re.search(rf"^\s+(dport )?{name}\b", shown, re.M)}


def console(place, folder):
    """The Guide on the port, the key that asks, and No."""
    prefix, strace = strace_words(folder, "console")
    screen = Screen(place.server.prefix + strace + [DPORT, "443"])
    screen.pump(3)
    screen.child.send("r")  # without answering what it asks first
    screen.pump(8)
    screen.child.send("P")
    screen.pump(1)
    asked = "[y/N]" in "\n".join(screen.screen.display)
    screen.child.send("n")
    screen.pump(1)
    screen.child.send("q")
    screen.pump(2)
    ok(asked, "console: the key asks before anything is added", "\n".join(screen.screen.display))
    say(Traced(prefix), "console", 10)


def with_prove(place, folder):
    traced, got = run_traced(place, folder, "prove", "diagnose", "443/tcp", "--from", "10.0.0.2", "--prove",
                             "--wait", "2")
    changing = traced.changing()
    kinds = [kind for _, _, kind, _ in changing]
    ok(b"trace   " in got.stdout, "--prove: something was traced", got.stdout + got.stderr)
    added = kinds[2:-1]
    per_chain = [NEWCHAIN] + [NEWRULE] * (len(added) // 2 - 1)
    ok(kinds[:2] == [BATCH_BEGIN, NEWTABLE] and kinds[-1] == BATCH_END and len(added) > 3 and added == per_chain * 2,
       "--prove: one transaction adds one table, two chains and their rules", kinds)
    ok(all(OWN in body for _, _, kind, body in changing if kind > BATCH_END), "--prove: all of it is our own table's")
    ok(len({pid for pid, *_ in changing}) == 1, "--prove: by one process", changing)
    ok(not traced.writing(), "--prove: no setting is written, no table replaced", traced.writing())


def main():
    need_root()
    if not shutil.which("strace"):
        skip("no strace here")
    place = Place()
    with tempfile.TemporaryDirectory() as folder:
        try:
            place.server.nft(NFT)
            place.serve("443")
            place.call("10.0.0.1 443")
            time.sleep(0.3)
            for name, words in batch_commands(folder).items():
                if not WORDS or name in WORDS:
                    traced, got = run_traced(place, folder, name, *words)
                    ok(got.returncode in (0, 1, 3), f"{name}: it runs", got.stderr)
                    say(traced, name, 0 if name == "capture" else 3)
            if not WORDS or "console" in WORDS:
                console(place, folder)
            if not WORDS or "prove" in WORDS:
                with_prove(place, folder)
        finally:
            place.close()
    done()


main()

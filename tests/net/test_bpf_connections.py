#!/usr/bin/python3
"""Connections counted in the kernel (BPF) on a host that has many, beside those of a sock_diag dump and those of ss."""
import collections
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, done, kill_group_at_exit, need_root, ok, skip

PAIRS = 7500  # most of them leave two sockets: more than from where on they are counted
NO_BPF = ("setpriv", "--bounding-set", "-bpf,-perfmon,-sys_admin", "--inh-caps", "-bpf,-perfmon,-sys_admin")
COUNTED = struct.pack("=IH", 44, 0x7f05)  # so a message with a count begins
MPTCP = 262
DEVICE = socket.SO_BINDTODEVICE


def listener(address, port, proto=0, v6only=None, device=None):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM, proto)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if v6only is not None:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    if device:
        s.setsockopt(socket.SOL_SOCKET, DEVICE, device)
    s.bind((address, port))
    s.listen(4096)
    return s


def connect(to, port):
    s = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET)
    s.connect((to, port))
    return s


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def syn(source, target, port, source_port):
    """From an address that never answers: its handshake waits."""
    addresses = socket.inet_aton(source) + socket.inet_aton(target)
    head = struct.pack(">HHIIBBHHH", source_port, port, 1, 0, 5 << 4, 2, 65535, 0, 0)
    sum_ = checksum(addresses + struct.pack(">BBH", 0, 6, len(head)) + head)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(head), 1, 0, 64, 6, 0) + addresses
    raw.sendto(ip + head[:16] + struct.pack(">H", sum_) + head[18:], (target, 0))


def make_connections():
    """Everything that has to be kept open: of many kinds in all states that a connection may rest in."""
    listeners = {
        "any": listener("0.0.0.0", 7001), "one": listener("127.0.0.2", 7001), "dual": listener("::", 7002, v6only=0),
        "v6": listener("::", 7003, v6only=1), "v4": listener("0.0.0.0", 7003), "device": listener("0.0.0.0", 7004, device=b"lo"),
        "waits": listener("10.9.9.1", 7005), "silent": listener("0.0.0.0", 7006)}
    kept = list(listeners.values())
    try:
        kept.append(listener("0.0.0.0", 7007, proto=MPTCP))
    except OSError:
        kept.append(listener("0.0.0.0", 7007))
    targets = [("127.0.0.1", 7001, "any"), ("127.0.0.2", 7001, "one"), ("127.0.0.1", 7002, "dual"), ("::1", 7002, "dual"),
               ("::1", 7003, "v6"), ("127.0.0.1", 7003, "v4"), ("127.0.0.1", 7004, "device")]
    for i in range(PAIRS):
        address, port, name = targets[i % len(targets)]
        client = connect(address, port)
        server = listeners[name].accept()[0]
        if i % 5 == 0:
            client.close()  # the server's end is in CLOSE_WAIT, the client's in FIN_WAIT2
            kept.append(server)
        elif i % 5 == 1:
            server.close()
            client.close()  # the server's end is in TIME_WAIT
        else:
            kept += [client, server]
    kept += [connect("127.0.0.1", 7006) for _ in range(5)]  # nobody takes them
    kept += [connect("127.0.0.1", 7007) for _ in range(3)]
    for i in range(9):
        syn("10.9.9.77", "10.9.9.1", 7005, 40000 + i)
    return kept


def is_counted(path):
    """Whether the recorded answer of the connections is one of counts."""
    with tarfile.open(path) as tape:
        for one in tape:
            if ",states=0x1b7e," in one.name:
                return COUNTED in tape.extractfile(one).read()
    return False


def look(*prefix, words=()):
    """The listeners with their connections, and whether they were counted in the kernel."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        tape = os.path.join(folder, "tape.tar")
        got = subprocess.run([*prefix, DPORT, "list", "--json", "--no-owners", "--record", tape, *words],
                             capture_output=True, text=True, check=True)
        again = subprocess.run([DPORT, "list", "--json", "--no-owners", "--replay", tape, *words],
                               capture_output=True, text=True, check=True)
        return json.loads(got.stdout)["listeners"], is_counted(tape), json.loads(again.stdout)["listeners"]


def by_port(listeners):
    sums = collections.defaultdict(collections.Counter)
    for one in listeners:
        sums[one["port"]].update({k: n for k, n in (one["connections"] or {}).items() if n})
    return {port: dict(states) for port, states in sums.items()}


def by_socket(listeners):
    return {tuple(one["inode"]): one["connections"] for one in listeners}


def by_ss():
    names = {"ESTAB": "established", "SYN-RECV": "syn_recv", "FIN-WAIT-1": "fin_wait1", "FIN-WAIT-2": "fin_wait2",
             "TIME-WAIT": "time_wait", "CLOSE-WAIT": "close_wait", "LAST-ACK": "last_ack"}
    sums = collections.defaultdict(collections.Counter)
    out = subprocess.run(["ss", "-tanH"], capture_output=True, text=True, check=True).stdout
    for state, _, _, local, _ in (line.split()[:5] for line in out.splitlines()):
        port = int(local.rpartition(":")[2])
        if 7001 <= port <= 7007 and state in names:
            sums[port][names[state]] += 1
    return {port: dict(states) for port, states in sums.items()}


def compare():
    counted, was_counted, replayed = look()
    if not was_counted:
        skip("this kernel, or its lockdown, does not let us count in it")
    dumped, without, _ = look(*NO_BPF)
    ok(not without, "without the right to load a program the connections are dumped")
    ok(counted == dumped, "what is counted in the kernel is what a dump tells, listener by listener and state by state",
       [(a, b) for a, b in zip(counted, dumped) if a != b][:2])
    ok(replayed == counted, "a recording of counts replays to the same list")
    mine, theirs = by_port(counted), by_ss()
    ok(mine == theirs, "and what ss tells, port by port", (mine, theirs))
    for state in ("established", "close_wait", "time_wait", "syn_recv"):
        ok(any(state in states for states in mine.values()), f"some are in {state}, so that this says something")
    return counted


def elsewhere(counted):
    """From another namespace these are not ours; asked for by --netns they are the same."""
    here = f"--netns={os.getpid()}"
    other = ("unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")
    asked, was_counted, _ = look(*other, words=(here,))
    ok(was_counted, "connections of another namespace are counted in the kernel, too")
    ok(by_socket(asked) == by_socket(counted), "and are those that are seen from within",
       (by_socket(asked), by_socket(counted)))
    holder = ("unshare", "--net", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh", sys.executable, "-c", """
import socket, subprocess, sys
s = socket.create_server(("127.0.0.1", 7001))
kept = [socket.create_connection(("127.0.0.1", 7001)) for _ in range(4)]
sys.exit(subprocess.run(sys.argv[1:]).returncode)
""")
    alone, was_counted, _ = look(*holder)
    ok(was_counted and by_port(alone) == {7001: {"established": 4}},
       "a namespace of four connections has four, whatever the others have", by_port(alone))


def main():
    need_root()
    kill_group_at_exit()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if limit < 2 * PAIRS:
        skip(f"a process may open only {limit} files here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    for command in ("ip link add quiet0 type veth peer name quiet1", "ip link set quiet1 up",
                    "ip link set quiet0 arp off up", "ip address add 10.9.9.1/24 dev quiet0"):
        subprocess.run(command.split(), check=True)
    kept = make_connections()
    elsewhere(compare())
    for one in kept:
        one.close()
    done()


main()

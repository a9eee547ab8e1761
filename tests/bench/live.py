"""Captures beside a bare libpcap reader, under the fastest flood of SYNs that this machine makes.

Two namespaces and a wire between them; the sender on the first processor, the readers on the last.
A reader's processor time is the scheduler's own count of its process; of dport it is that of the
process that holds the packet socket. It is taken when silence has decided all attempts.
"""
import json
import os
import signal
import statistics
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FLOOD = os.path.join(TOP, "build/tests/net/syn_flood")
CPUS = sorted(os.sched_getaffinity(0))
SENDER, READER = (["taskset", "-c", str(cpu)] for cpu in (CPUS[0], CPUS[-1]))
SERVER, CLIENT = "10.0.0.1", "10.0.0.2"
N, ROUNDS = 1000000, 3
DECIDED_S = 4.5  # then 3 s of silence have been noticed


class Wire:
    """The server's namespace and the client's."""

    def __init__(self):
        holder = ["unshare", "-n", "--kill-child", "sh", "-c", "ip link set lo up; echo; exec sleep infinity"]
        self.holders = [subprocess.Popen(holder, stdout=subprocess.PIPE) for _ in range(2)]
        for holder in self.holders:
            holder.stdout.readline()
        self.server, self.client = (["nsenter", "-t", str(h.pid), "-n"] for h in self.holders)
        self.run(self.server, "ip", "link", "add", "eth0", "type", "veth",
                 "peer", "name", "eth0", "netns", str(self.holders[1].pid))
        for prefix, address in ((self.server, SERVER), (self.client, CLIENT)):
            self.run(prefix, "ip", "address", "add", address + "/24", "dev", "eth0")
            self.run(prefix, "ip", "link", "set", "eth0", "up")
        self.link = json.loads(self.run(self.server, "ip", "-j", "link", "show", "eth0"))[0]["address"]
        time.sleep(1)

    @staticmethod
    def run(prefix, *command):
        return subprocess.run(prefix + list(command), check=True, stdout=subprocess.PIPE).stdout

    def flood_words(self, port, count):
        return self.client + SENDER + [FLOOD, "eth0", self.link, SERVER, str(port), str(count)]

    def n_dropped(self):
        """By the wire, before anybody could see them."""
        return json.loads(self.run(self.client, "ip", "-s", "-j", "link", "show", "eth0"))[0]["stats64"]["tx"]["dropped"]

    def flood(self, port):
        """(arrived, SYNs a second)"""
        before = self.n_dropped()
        n, seconds = self.run(self.flood_words(port, N)).split()
        return int(n) - (self.n_dropped() - before), int(n) / float(seconds)

    def tap(self):
        """The process that holds a packet socket in the server's namespace."""
        with open(f"/proc/{self.holders[0].pid}/net/packet", encoding="ascii") as f:
            sockets = {f"socket:[{line.split()[-1]}]" for line in f.readlines()[1:]}
        for pid in filter(str.isdigit, os.listdir("/proc") if sockets else ()):
            try:
                if any(os.readlink(f"/proc/{pid}/fd/{fd}") in sockets for fd in os.listdir(f"/proc/{pid}/fd")):
                    return int(pid)
            except OSError:
                pass
        return None

    def wait_for_tap(self):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            pid = self.tap()
            if pid:
                time.sleep(0.5)
                return pid
            time.sleep(0.05)
        raise SystemExit("bench: no capture began")

    def close(self):
        for holder in self.holders:
            holder.kill()
            holder.wait()


def cpu_ns(pid):
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as f:
        return int(f.read().split()[0])


def most_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) / 1024


class Seen:
    """What one reader did in one flood."""

    def __init__(self, ns, n_lost, per_second, mib=0.0):
        self.ns, self.n_lost, self.per_second, self.mib = ns, n_lost, per_second, mib


def read_bare(wire, floor):
    reader = subprocess.Popen(wire.server + READER + [floor, "eth0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    reader.stdout.readline()
    n_sent, per_second = wire.flood(0)
    time.sleep(0.5)
    n, _, ns = map(int, reader.communicate("")[0].split())
    return Seen(ns / max(n, 1), max(0, n_sent - n), per_second)


def measured(wire, port):
    """What the tap did in a flood, and how many were sent."""
    tap = wire.wait_for_tap()
    before = cpu_ns(tap)
    n_sent, per_second = wire.flood(port)
    time.sleep(DECIDED_S)
    return Seen((cpu_ns(tap) - before) / n_sent, 0, per_second, most_mib(tap)), n_sent


def read_ours(wire, dport, port, *words):
    words = [dport, "capture", "--json", "-i", "eth0", *words]
    reader = subprocess.Popen(wire.server + READER + words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, start_new_session=True)
    seen, n_sent = measured(wire, port)
    os.killpg(reader.pid, signal.SIGINT)
    document = json.loads(reader.communicate()[0])
    # What a capture of another port lets pass is counted as packets only.
    counted = document["packets"] if port == 0 and "--summary" not in words else sum(document["totals"].values())
    seen.n_lost = max(0, n_sent - counted)
    return seen


def read_dashboard(wire, dport, screen):
    console = screen(wire.server + READER + [dport])
    console.read(2)
    seen, _ = measured(wire, 0)
    console.close()
    return seen


def verdict(wire, dport, port):
    """Of a client that is answered, while the flood goes on as fast as it can."""
    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scripts = os.path.join(TOP, "tests/net")
    service = subprocess.Popen(wire.server + ["python3", os.path.join(scripts, "service.py"), "443"],
                               stdout=subprocess.PIPE, **quiet)
    service.stdout.readline()
    client = subprocess.Popen(wire.client + ["python3", os.path.join(scripts, "client.py"), SERVER, "443"],
                              stdout=subprocess.DEVNULL, **quiet)
    sender = subprocess.Popen(wire.flood_words(port, 0), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    time.sleep(0.5)
    got = subprocess.run(wire.server + [dport, "diagnose", "443", "--from", CLIENT, "--json"],
                         stdout=subprocess.PIPE, timeout=60, check=False, **quiet)
    sender.communicate(b"")
    for process in (client, service):
        process.kill()
        process.wait()
    document = json.loads(got.stdout)
    return document["verdict"], document["certainty"], document["summary"]


def show(name, pairs, row):
    """One reader beside the bare one of the same round."""
    value = statistics.median(ours.ns / bare.ns for ours, bare in pairs)
    mib = max(ours.mib for ours, _ in pairs)
    rate = statistics.median(ours.per_second for ours, _ in pairs) / 1e6
    ours_ns, bare_ns = (statistics.median(pair[i].ns for pair in pairs) for i in (0, 1))
    row(name + " / bare reader", f"{value:.2f}", "<= 10", value <= 10,
        f"({ours_ns:.0f} / {bare_ns:.0f} ns a SYN, {rate:.2f} M/s)")
    row(name + ": memory, MiB", f"{mib:.0f}", "<= 160", mib <= 160)
    if "dashboard" in name:  # it has no document
        return
    n_lost, n_bare_lost = (sum(pair[i].n_lost for pair in pairs) for i in (0, 1))
    row(name + ": lost", str(n_lost), "0", n_lost == 0, f"(of {len(pairs) * N}; bare reader {n_bare_lost})")


def bench_live(dport, floor, screen, row):
    """row: as in tests/bench/run; screen: a program on a terminal of its own."""
    subprocess.run(["make", "-s", "-C", TOP, os.path.relpath(FLOOD, TOP)], check=True)
    readers = {
        "capture --summary, 50,000 ports": lambda: read_ours(wire, dport, 0, "--summary"),
        "capture --summary, one port": lambda: read_ours(wire, dport, 443, "--summary"),
        "capture of the flooded port": lambda: read_ours(wire, dport, 443, "443"),
        "capture of another port": lambda: read_ours(wire, dport, 0, "443"),
        "dashboard, 50,000 ports": lambda: read_dashboard(wire, dport, screen),
    }
    wire = Wire()
    try:
        seen = {name: [] for name in readers}
        for _ in range(ROUNDS):
            bare = read_bare(wire, floor)
            for name, read in readers.items():
                seen[name].append((read(), bare))
        for name, pairs in seen.items():
            show(name, pairs, row)
        for where, port in (("other ports", 0), ("the port", 443)):
            said = verdict(wire, dport, port)
            row(f"answered client, {where} flooded", said[0], "healthy", said[0] == "healthy", f"({said[1]}: {said[2]})")
    finally:
        wire.close()

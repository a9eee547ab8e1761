"""dport path of 100 ports beside nft and iptables-save, over 10,000 and 50,000 rules.

Each ruleset is loaded into a network namespace of its own. Measured are the time from start to end,
the processor time (user and system, of all processes), and the memory: for dport the peaks of all its
processes added up, for the peers, which are one process, its peak.
"""
import json
import resource
import statistics
import subprocess
import tempfile
import time

PORTS = [str(port) for port in range(8000, 8100)]
CLIENT, SERVER = "192.0.2.1", "192.0.2.9"
PATIENCE_S = 60  # nft needs minutes for tens of thousands of sets
KINDS = ("nft", "nft-sets", "iptables-nft", "iptables-legacy")


def addresses(i):
    return f"10.{i >> 14 & 255}.{i >> 6 & 255}.{(i & 63) * 4}", 1024 + i % 40000


def nft_rules(n, has_sets):
    """Of 5 rules 2 have an anonymous set, with has_sets; none of them lets the client in."""
    yield "table inet bench {\n chain input { type filter hook input priority 0; policy drop;"
    yield '  ct state established,related accept\n  iifname "lo" accept'
    for i in range(n - 3):
        source, port = addresses(i)
        if has_sets and i % 5 < 2:
            yield f"  ip saddr {source}/30 tcp dport {{ {port}, {port + 1}, {port + 7} }} accept"
        elif i % 5 == 3:
            yield f"  ip saddr {source} udp dport {port} counter drop"
        else:
            yield f"  ip saddr {source} tcp dport {port} counter accept"
    yield "  tcp dport 8000-8049 accept\n }\n}"


def iptables_rules(n):
    yield "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]"
    yield "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -i lo -j ACCEPT"
    for i in range(n - 3):
        source, port = addresses(i)
        if i % 5 == 3:
            yield f"-A INPUT -s {source}/32 -p udp -m udp --dport {port} -j DROP"
        else:
            yield f"-A INPUT -s {source}/32 -p tcp -m tcp --dport {port} -j ACCEPT"
    yield "-A INPUT -p tcp -m tcp --dport 8000:8049 -j ACCEPT\nCOMMIT"


class Rules:
    """A namespace with that many rules; the client's network is on a device of its own."""

    def __init__(self, kind, n):
        self.process = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec cat"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.process.stdout.readline()
        self.prefix = ["nsenter", "-t", str(self.process.pid), "-n"]
        self.run(["ip", "tuntap", "add", "wire0", "mode", "tap"])
        self.run(["ip", "address", "add", SERVER + "/24", "dev", "wire0"])
        self.run(["ip", "link", "set", "wire0", "up"])
        self.run(["ip", "link", "set", "lo", "up"])
        lines = nft_rules(n, kind.endswith("sets")) if kind.startswith("nft") else iptables_rules(n)
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("\n".join(lines) + "\n")
            f.flush()
            self.run(["nft", "-f", f.name] if kind.startswith("nft") else [kind + "-restore", f.name])

    def run(self, command):
        subprocess.run(self.prefix + command, check=True)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def peak_kib(pid):
    with open(f"/proc/{pid}/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def below(pid):
    """The processes that a process has started, and theirs."""
    found, todo = [], [pid]
    while todo:
        pid = todo.pop()
        found.append(pid)
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as f:
                todo += [int(word) for word in f.read().split()]
        except OSError:
            pass
    return found


def family_peak_kib(command):
    """Peaks of all processes of a command added up, as seen every 2 ms."""
    peaks = {}
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.perf_counter() + PATIENCE_S
    while child.poll() is None:
        if time.perf_counter() > end:
            child.kill()
        for pid in below(child.pid):
            try:
                peaks[pid] = peak_kib(pid) or peaks.get(pid, 0)
            except OSError:
                pass
        time.sleep(0.002)
    return sum(peaks.values())


def measure(command):
    """Seconds, seconds of a processor; at least, where it is ended after PATIENCE_S."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    try:
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        pass
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def check(ours):
    """What is measured is the right answer: half of the ports are let in, half are not."""
    answer = json.loads(subprocess.run(ours, capture_output=True, check=False).stdout)
    pages = [answer] + answer["others"]
    verdicts = [page["verdict"] for page in pages]
    if len(pages) != len(PORTS) or verdicts.count("accept") != 50 or verdicts.count("drop") != 50:
        raise SystemExit(f"bench: {len(pages)} answers, {verdicts.count('accept')} accept, "
                         f"{verdicts.count('drop')} drop, {verdicts.count('unsure')} unsure")


def peers_of(kind):
    if kind == "iptables-legacy":
        return [["iptables-legacy-save"]]
    if kind == "iptables-nft":
        return [["nft", "list", "ruleset"], ["nft", "-j", "list", "ruleset"], ["iptables-nft-save"]]
    return [["nft", "list", "ruleset"], ["nft", "-j", "list", "ruleset"]]


def bench_one(dport, kind, n, row):
    rules = Rules(kind, n)
    try:
        ours = rules.prefix + [dport, "path", *PORTS, "--from", CLIENT, "--json"]
        check(ours)
        our_memory = family_peak_kib(ours)
        for peer in peers_of(kind):
            theirs = rules.prefix + peer
            rounds = 1 if kind.endswith("sets") else 5
            pairs = [(measure(ours), measure(theirs)) for _ in range(rounds)]
            memory = family_peak_kib(theirs)
            aim = 0.2 if n == 10000 and peer == ["nft", "list", "ruleset"] else 1
            for what, at in (("time", 0), ("processor time", 1)):
                value = statistics.median(a[at] / max(b[at], 1e-3) for a, b in pairs)
                row(f"{what} / {' '.join(peer)}", f"{value:.3f}", f"<= {aim:g}", value <= aim,
                    f"({statistics.median(a[at] for a, _ in pairs) * 1e3:.0f} / "
                    f"{statistics.median(b[at] for _, b in pairs) * 1e3:.0f} ms)")
            aim = 1 / 3 if aim == 0.2 else 1
            value = our_memory / max(memory, 1)
            row(f"memory / {' '.join(peer)}", f"{value:.2f}", f"<= {aim:.2f}", value <= aim,
                f"({our_memory / 1024:.1f} / {memory / 1024:.1f} MiB)")
    finally:
        rules.close()


def bench_rules(dport, row, wanted):
    """wanted: (kind, number of rules) pairs; none: all."""
    for n in (10000, 50000):
        for kind in KINDS:
            if wanted and f"{kind}-{n}" not in wanted:
                continue
            print(f"rules, {n} of {kind}, 100 ports:", flush=True)
            bench_one(dport, kind, n, row)

#!/usr/bin/python3
"""dport capture between two namespaces: outcomes, rights, what is written and recorded, and its rest."""
import json
import os
import signal
import socket
import subprocess
import threading
import time

from capturelib import FOLDER, capture, read, tcpdump_count
from taplib import DPORT, done, need_root, ok

SERVER, CLIENT, SERVER6, CLIENT6 = "10.77.0.1", "10.77.0.2", "fd77::1", "fd77::2"
REJECTS = {"tcp reset": None, "icmpx port-unreachable": (3, 1, 4), "icmpx admin-prohibited": (13, 1, 1),
           "icmpx no-route": (0, 1, 0), "icmpx host-unreachable": (1, 1, 3)}


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def in_client(code):
    run("ip", "netns", "exec", "client", "python3", "-c", "import socket, time\n" + code)


def make_hosts():
    run("ip", "netns", "add", "client")
    run("ip", "link", "add", "s0", "type", "veth", "peer", "name", "c0", "netns", "client")
    for ns, dev, v4, v6 in (([], "s0", SERVER, SERVER6), (["-n", "client"], "c0", CLIENT, CLIENT6)):
        run("ip", *ns, "address", "add", v4 + "/24", "dev", dev)
        run("ip", *ns, "address", "add", v6 + "/64", "dev", dev, "nodad")
        run("ip", *ns, "link", "set", dev, "up")
    rules = ["table inet t {", "chain in {", "type filter hook input priority 0;", "tcp dport 9000 drop"]
    for port, reject in enumerate(REJECTS, 9001):
        rules.append(f"tcp dport {port} reject with {reject}")
    rules += ["udp dport 9100 drop", "}", "}"]
    run("nft", "-f", "-", input="\n".join(rules))
    # A client whose ACK never comes.
    run("ip", "netns", "exec", "client", "nft", "-f", "-",
        input="table inet t {\nchain out {\ntype filter hook output priority 0;\n"
              "tcp dport 9200 tcp flags & (syn|ack) == ack drop\n}\n}")


class Services:
    """8001 serves, 8002 resets what it accepts; 8053/udp echoes; 9200 is never ACKed."""

    def __init__(self):
        self.sockets = []
        for port in (8001, 8002, 9200):
            s = socket.socket(socket.AF_INET6)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("::", port))
            s.listen(20)
            self.sockets.append(s)
        threading.Thread(target=self.reset, args=(self.sockets[1],), daemon=True).start()
        self.udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.udp.bind(("::", 8053))
        threading.Thread(target=self.echo, daemon=True).start()

    @staticmethod
    def reset(s):
        while True:
            accepted, _ = s.accept()
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            accepted.close()

    def echo(self):
        while True:
            data, peer = self.udp.recvfrom(99)
            self.udp.sendto(data, peer)


class Live:
    """A capture in the background; its readiness is known by its first answer to a probe of ours."""

    def __init__(self, *words, prefix=()):
        self.process = subprocess.Popen([*prefix, DPORT, "capture", *words], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, start_new_session=True)
        self.wait_until_ready()

    def packet_sockets(self):
        with open("/proc/net/packet", encoding="ascii") as f:
            return len(f.readlines()) - 1

    def wait_until_ready(self):
        end = time.monotonic() + 15
        while self.packet_sockets() == 0 and time.monotonic() < end and self.process.poll() is None:
            time.sleep(0.05)
        time.sleep(0.3)

    def end(self, sign=signal.SIGINT):
        os.killpg(self.process.pid, sign)  # as a terminal does
        out, err = self.process.communicate(timeout=30)
        return out, err


def promiscuity(device):
    return int(json.loads(run("ip", "-d", "-j", "link", "show", device))[0].get("promiscuity", 0))


def test_live(services):
    live = Live("--json")
    ok(promiscuity("s0") == 0, "a capture is not promiscuous")
    for server in (SERVER, SERVER6):
        in_client(f"""
for port in (8001, 8002, 8003, 9001, 9002, 9003, 9004, 9005, 9000, 9200):
    try:
        s = socket.create_connection(('{server}', port), 0.3 if port in (9000, 9200) else 2)
        time.sleep(0.05)
    except OSError:
        pass
for port in (8053, 8054, 9100):
    s = socket.socket(socket.AF_INET6 if ':' in '{server}' else socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(0.3)
    s.connect(('{server}', port))
    try:
        s.send(b'x'), s.recv(9)
    except OSError:
        pass
""")
    time.sleep(4)
    out, err = live.end()
    ok(live.process.returncode == 0, "Ctrl-C ends a capture with exit code 0", (live.process.returncode, err))
    document = json.loads(out)
    for server, v6 in ((SERVER, False), (SERVER6, True)):
        got = {(a["proto"], a["sport"]): a for a in document["attempts"] if a["server"] == server}
        want = {("tcp", 8001): "answered", ("tcp", 8002): "reset-later", ("tcp", 8003): "refused",
                ("tcp", 9000): "silent", ("tcp", 9001): "refused", ("tcp", 9200): "half-open",
                ("udp", 8053): "answered", ("udp", 8054): "icmp", ("udp", 9100): "silent"}
        seen = {key: got[key]["outcome"] if key in got else None for key in want}
        ok(seen == want, f"live outcomes at {server}", {k: (seen[k], want[k]) for k in want if seen[k] != want[k]})
        bad = {}
        for port, (reject, codes) in enumerate(REJECTS.items(), 9001):
            a = got.get(("tcp", port))
            if codes is None:
                continue
            expected = (1, codes[2]) if v6 else (3, codes[0])
            if not a or a["outcome"] != "icmp" or (a["icmp"]["type"], a["icmp"]["code"]) != expected:
                bad[reject] = a
        ok(not bad, f"every reject of nft at {server} is told by its code", bad)
        ok(got and all("s0" in a["devices"] for a in got.values()), f"the interface is named at {server}", got)
    ok(document["kernel_drops"] == 0 and document["packets"] > 20, "the losses of the capture are told")
    got = subprocess.run(["grep", "-c", "", "/proc/net/packet"], capture_output=True, text=True, check=False)
    ok(got.stdout.strip() == "1", "no packet socket is left behind", got.stdout)


def test_flow_and_file(services):
    path = os.path.join(FOLDER.name, "written.pcap")
    live = Live("-w", path, "--format", "jsonl", SERVER + ":8001")
    started = time.monotonic()
    in_client(f"s = socket.create_connection(('{SERVER}', 8001)); s.send(b'GET / SECRET'); time.sleep(.2)\n"
              f"try: socket.create_connection(('{SERVER}', 8003))\nexcept OSError: pass")
    line = live.process.stdout.readline()
    took = time.monotonic() - started
    ok(json.loads(line)["outcome"] == "answered" and took < 8, "an attempt is told when it is decided", (line, took))
    out, err = live.end()
    ok(live.process.returncode == 0 and not out, "only the target is told", (out, err))
    with open(path, "rb") as f:
        data = f.read()
    ok(b"SECRET" not in data, "what packets carry is not written")
    ok(oct(os.stat(path).st_mode & 0o777) == "0o600", "the file is the caller's alone")
    ok(tcpdump_count(path, "tcp[13] & 2 != 0 and port 8001") == 2, "tcpdump reads what was written")
    document, _ = read(path, "8001")
    ok([a["outcome"] for a in document["attempts"]] == ["answered"], "and so do we", document)
    got = capture("-w", path)
    ok(got.returncode == 2 and b"is there already" in got.stderr, "a file that is there is not replaced", got.stderr)


def test_rights():
    user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
    got = subprocess.run([*user, DPORT, "capture", "--for", "1"], capture_output=True, check=False)
    ok(got.returncode == 77 and b"CAP_NET_RAW" in got.stderr and not got.stdout, "without the right it says which", got)
    got = capture("-i", "nodevice", "--for", "1")
    ok(got.returncode == 2 and b"no interface 'nodevice'" in got.stderr, "an interface that is not there", got.stderr)
    live = Live("--for", "20")
    pids = [p for p in os.listdir("/proc") if p.isdigit()]
    taps = []
    for pid in pids:
        try:
            links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
            with open(f"/proc/{pid}/status", encoding="ascii") as f:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
            with open("/proc/net/packet", encoding="ascii") as f:
                inodes = {line.split()[-1] for line in f.readlines()[1:]}
        except OSError:
            continue
        if any(f"socket:[{i}]" in links for i in inodes):
            taps.append(status)
    ok(len(taps) == 1 and taps[0]["CapEff"].strip("0") == "" and taps[0]["CapPrm"].strip("0") == ""
       and taps[0]["NoNewPrivs"] == "1" and taps[0]["Uid"].split()[0] == "65534",
       "who reads packets has no right", taps and {k: taps[0][k] for k in ("CapEff", "Uid", "NoNewPrivs")})
    live.process.kill()
    live.process.wait()
    end = time.monotonic() + 5
    while live.packet_sockets() and time.monotonic() < end:
        time.sleep(0.05)
    ok(live.packet_sockets() == 0, "a killed capture leaves no packet socket")


def tap_of(live):
    """The process that reads packets."""
    with open("/proc/net/packet", encoding="ascii") as f:
        inodes = {f"socket:[{line.split()[-1]}]" for line in f.readlines()[1:]}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getpgid(int(pid)) == live.process.pid and any(
                    os.readlink(f"/proc/{pid}/fd/{fd}") in inodes for fd in os.listdir(f"/proc/{pid}/fd")):
                return pid
        except OSError:
            continue
    return None


def wakeups(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return sum(int(line.split()[1]) for line in f if line.startswith("voluntary_ctxt_switches"))


def test_quiet():
    live = Live("--summary", "--json")
    pid = tap_of(live)
    in_client(f"""
import struct
for port in (8001, 8001):
    s = socket.create_connection(('{SERVER}', port))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()
""")
    time.sleep(5)
    before = wakeups(pid)
    time.sleep(4)
    n = wakeups(pid) - before
    ok(n <= 8, "while nothing happens a capture wakes for its state alone", n)
    out, _ = live.end()
    port = [p for p in json.loads(out)["ports"] if p["sport"] == 8001]
    ok(len(port) == 1 and port[0]["totals"].get("answered") == 2 and not port[0]["totals"].get("half-open"),
       "a client that aborts at once was answered", port)


def test_recording():
    path = os.path.join(FOLDER.name, "record.tar")
    live = Live("--record", path, "--json")
    in_client(f"s = socket.create_connection(('{SERVER}', 8001)); time.sleep(.1)")
    time.sleep(0.5)
    out, _ = live.end()
    document = json.loads(out)
    got = capture("--replay", path, "--json")
    ok(any(a["sport"] == 8001 for a in document["attempts"]) and got.returncode == 0
       and json.loads(got.stdout) == document, "a replay tells the same", (got.stderr, out[:300]))


def main():
    need_root()
    make_hosts()
    services = Services()
    test_live(services)
    test_flow_and_file(services)
    test_rights()
    test_quiet()
    test_recording()
    done()


main()

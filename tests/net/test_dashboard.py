#!/usr/bin/python3
"""The screen Ports with a capture: real clients, a rule that drops, a scan, who can reach a port, no right, a recording."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from taplib import DPORT, Screen, done, kill_group_at_exit, need_root, ok, skip

HERE, CLIENT = "10.9.0.1", "10.9.0.2"
FOLDER = tempfile.TemporaryDirectory()

CLIENT_PROGRAM = f"""
import socket, time
held, begin, has_scanned = [], time.time(), False
def ask(port, wait=0.3):
    try:
        socket.create_connection(("{HERE}", port), wait).close()
    except OSError:
        pass
while True:
    for port in (80, 80, 8080, 5432):
        ask(port)
    if not has_scanned and time.time() > begin + 5:
        has_scanned = True
        for port in range(20000, 20100):
            ask(port, 0.05)
    if len(held) < 3:
        held.append(socket.socket())
        held[-1].setblocking(False)
        try:
            held[-1].connect(("{HERE}", 9000))
        except OSError:
            pass
    time.sleep(0.2)
"""


def network():
    for words in (f"netns add client|link add v0 type veth peer name v1 netns client|addr add {HERE}/24 dev v0|"
                  f"link set v0 up|-n client addr add {CLIENT}/24 dev v1|-n client link set v1 up").split("|"):
        subprocess.run(["ip", *words.split()], check=True)
    rules = "table inet t {\n chain i {\n type filter hook input priority 0;\n tcp dport 9000 drop\n }\n}\n"
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)


def serve(address, port):
    s = socket.create_server((address, port), backlog=64)

    def run():
        while True:
            s.accept()[0].close()

    threading.Thread(target=run, daemon=True).start()


def row(screen, word):
    return next((line for line in screen.lines() if line.lstrip("▸ ").startswith(word)), "")


def until(screen, test, seconds=25):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not test():
        screen.pump(0.2)
    return test()


def others(screen):
    lines = screen.lines()
    at = next((i for i, line in enumerate(lines) if "other ports" in line), len(lines))
    return "\n".join(lines[at:])


def capture_child():
    """The process that the broker forked last and that has the packet socket open."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/exe") != DPORT:
                continue
            fds = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        except OSError:
            continue
        inodes = open(f"/proc/{pid}/net/packet", encoding="ascii").read()
        if any(re.search(r"\b" + f[8:-1] + r"\b", inodes) for f in fds if f.startswith("socket:[")):
            return int(pid)
    return 0


def live():
    s = Screen([DPORT], 30, 110)
    ok(s.wait_for("SYN/s") and s.wait_for("ANSWER"), "the columns are there from the beginning", s.lines())
    ok(until(s, lambda: "✔ open" in row(s, "80/tcp")), "a served port answers", s.lines())
    ok(until(s, lambda: "✖ filtered" in row(s, "9000/tcp"), 60), "a dropped one is filtered", s.lines())
    ok(s.wait_for("1 port fails clients now"), "the header counts it", s.lines())
    ok(until(s, lambda: re.search(r"8080/tcp .*nobody listens .*has 80 .*✖ closed", others(s))),
       "an unserved port stands below, with its sibling", s.lines())
    ok(until(s, lambda: re.search(rf"5432/tcp .*not {HERE} .*✖ closed", others(s))),
       "so does one that is served on loopback only", s.lines())
    ok(until(s, lambda: re.search(r"\+ (at least )?\d\d+ ports, 1 address: looks like a scan", others(s))),
       "a scan is one line", s.lines())
    ok("20050" not in "\n".join(s.lines()), "and nothing else", s.lines())
    s.send("G")
    ok(s.wait_for("scan noise"), "the cursor goes there", s.lines())
    child = capture_child()
    ok(child, "the capture is a process")
    if child:
        os.kill(child, signal.SIGKILL)
        ok(s.wait_for("started again"), "it is started again when it dies, and said so", s.lines())
        ok(until(s, lambda: "✔ open" in row(s, "80/tcp") and capture_child() not in (0, child)), "and goes on", s.lines())
    ok(s.quit() == 0, "q ends all")


def nft(words):
    subprocess.run(["nft", *words.split()], check=True)


def is_reached_by(screen, port, word):
    return lambda: row(screen, port).endswith(" " + word)


def reached():
    s = Screen([DPORT], 30, 110)
    ok(s.wait_for("REACHED BY"), "the last column is there from the beginning", s.lines())
    ok(until(s, is_reached_by(s, "80/tcp", "any")), "everybody reaches an open port", s.lines())
    ok(until(s, is_reached_by(s, "9000/tcp", "nobody")), "nobody one that a rule closes", s.lines())
    ok(until(s, is_reached_by(s, "5432/tcp", "host")), "this host alone one on loopback", s.lines())
    nft("add rule inet t i tcp dport 80 ip saddr 10.9.0.0/24 drop")
    ok(until(s, lambda: "but 1" in row(s, "80/tcp"), 40), "a new rule changes the word by itself", s.lines())
    nft("add rule inet t i tcp dport 80 drop")
    s.send("r")
    ok(until(s, is_reached_by(s, "80/tcp", "nobody"), 5), "r reads the rules at once", s.lines())
    nft("flush chain inet t i")
    nft("add rule inet t i tcp dport 9000 drop")
    ok(until(s, is_reached_by(s, "80/tcp", "any"), 40), "it opens again", s.lines())
    ok(s.quit() == 0, "q ends all")


def recorded():
    path = os.path.join(FOLDER.name, "host.tar")
    got = subprocess.run([DPORT, "record", path, "--for", "7"], capture_output=True, text=True, timeout=60, check=False)
    ok(got.returncode == 0, "a recording takes its time", got.stderr)
    s = Screen([DPORT, "--replay", path], 30, 110)
    ok(until(s, lambda: "✔ open" in row(s, "80/tcp")), "a replay shows who was answered", s.lines())
    ok(until(s, lambda: re.search(r"8080/tcp .*nobody listens", others(s))), "and what nobody served", s.lines())
    ok(until(s, is_reached_by(s, "80/tcp", "any")), "and who can reach what is served", s.lines())
    ok(until(s, is_reached_by(s, "9000/tcp", "nobody")), "or cannot", s.lines())
    ok(s.quit() == 0, "q ends it")


def without_rights():
    folder = tempfile.mkdtemp()
    program = os.path.join(folder, "dport")
    shutil.copy(DPORT, program)
    os.chmod(folder, 0o755)
    s = Screen(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", program], 30, 110)
    ok(until(s, lambda: "⊘ needs root" in row(s, "80/tcp")[60:]), "without the right every row says so", s.lines())
    ok(until(s, is_reached_by(s, "80/tcp", "⊘ needs root")), "so does who can reach it", s.lines())
    ok(until(s, is_reached_by(s, "5432/tcp", "unsure")), "of what is bound to loopback only others are known", s.lines())
    ok("need root or cap_net_raw" in s.lines()[1] or "no capture (root)" in s.lines()[1], "and the header once", s.lines())
    s.send("?G")
    ok(s.wait_for("the firewall rules could not be read for want of a right"), "the help says why", s.lines())
    s.send("?")
    ok(s.wait_for("REACHED BY"), "and closes", s.lines())
    ok(s.quit() == 0, "q ends it")


need_root()
for tool in ("nft", "setpriv"):
    if not shutil.which(tool):
        skip(f"{tool} is not installed")
kill_group_at_exit()
network()
for where in (("0.0.0.0", 80), ("0.0.0.0", 9000), ("127.0.0.1", 5432)):
    serve(*where)
asker = subprocess.Popen(["ip", "netns", "exec", "client", "python3", "-c", CLIENT_PROGRAM])
live()
reached()
recorded()
without_rights()
asker.kill()
done()

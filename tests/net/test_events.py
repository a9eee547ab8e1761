#!/usr/bin/python3
"""Events as the user of the console sees them: listeners of real processes that go, come back and fill up."""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, Screen, done, kill_group_at_exit, need_root, ok

SERVER = """
import socket, sys, time
s = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=int(sys.argv[2]))
print("ready", flush=True)
time.sleep(600)
"""


class Server:
    """A process that listens and never accepts."""

    def __init__(self, port, backlog=5):
        self.process = subprocess.Popen([sys.executable, "-c", SERVER, str(port), str(backlog)],
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def nft(*words):
    subprocess.run(["nft", *words], check=True)


def fill(port, n):
    """Connections that nobody accepts."""
    clients = []
    for _ in range(n):
        c = socket.socket()
        c.setblocking(False)
        c.connect_ex(("127.0.0.1", port))
        clients.append(c)
    return clients


def changes_on_ports(s):
    """What is seen without any key. Returns the servers that are left."""
    first = Server(8080)
    ok(s.wait_for("· new") and s.wait_for("8080/tcp"), "a listener that comes is marked as new", s.lines())
    ok(any("8080/tcp" in line and "new" in line for line in s.lines()), "in its own row", s.lines())
    first.stop()
    ok(s.wait_for("8080/tcp is gone"), "one that goes stays for some seconds as a line", s.lines())
    ok(any("(e)" in line for line in s.lines()), "and the rule above tells that something happened", s.lines())
    again = Server(8080)
    ok(s.wait_for("✔ back"), "it is back", s.lines())
    queue = Server(8081, 1)
    ok(s.wait_for("8081/tcp"), "another one comes", s.lines())
    clients = fill(8081, 4)
    ok(s.wait_for("✖ full"), "its queue is full", s.lines())
    nft("add", "table", "inet", "t")
    nft("add", "chain", "inet", "t", "input", "{ type filter hook input priority 0; }")
    s.pump(12)
    nft("add", "rule", "inet", "t", "input", "tcp", "dport", "9", "drop")
    return [again, queue], clients


def the_screen(s, folder):
    s.send("e")
    ok(s.wait_for("8080/tcp is gone") and s.wait_for("8080/tcp listens again"), "e shows what happened", s.lines())
    ok(s.wait_for("the accept queue is full"), "with the queue", s.lines())
    ok(s.wait_for("the firewall's rules changed", 30), "and the rules", s.lines())
    s.send("x")
    end = time.monotonic() + 10
    while not os.listdir(folder) and time.monotonic() < end:
        s.pump(0.2)
    s.pump(0.5)
    names = os.listdir(folder)
    ok(len(names) == 1 and names[0].endswith("-events.jsonl"), "x writes a file", names)
    lines = [json.loads(line) for line in open(os.path.join(folder, names[0]), encoding="utf-8")] if names else [{}]
    ok(lines[0].get("schema") == "dport.events/1" and lines[0]["events"] == len(lines) - 1, "of lines of JSON", lines)
    ok([one["kind"] for one in lines[1:] if one["port"] == 8080][:3] == ["new", "gone", "back"], "in order", lines)
    s.send("/8081\r")
    s.send("\r")
    ok(s.wait_for("▸ 8081/tcp"), "Enter leads to the row", s.lines())


def console(folder):
    here = os.getcwd()
    os.chdir(folder)
    s = Screen([DPORT], 30, 110)
    os.chdir(here)
    ok(s.wait_for("9000/tcp"), "the console is there", s.lines())
    s.pump(2)
    servers, clients = changes_on_ports(s)
    the_screen(s, folder)
    ok(s.quit() == 0, "and ends as it should")
    for c in clients:
        c.close()
    for server in servers:
        server.stop()


def listeners_told(path):
    """How often a recording that is still being written tells the listeners of TCP: its members' names."""
    asks, at = set(), 0
    with open(path, "rb") as recording:
        while len(header := recording.read(512)) == 512 and header[:100].strip(b"\0"):
            seq, _, what = header[:100].rstrip(b"\0").decode().partition("/")
            if "/sock_diag/" in what and ",protocol=6," in what:
                asks.add(seq)
            at += 512 + (int(header[124:135], 8) + 511) // 512 * 512
            recording.seek(at)
    return len(asks)


def wait_for_readings(path, record):
    """Until the listeners were read three more times: what is true now is in the last two of them, wherever the
    first one was begun."""
    end = time.monotonic() + 120
    while not os.path.exists(path) and record.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    wanted = listeners_told(path) + 3
    while listeners_told(path) < wanted and record.poll() is None and time.monotonic() < end:
        time.sleep(0.1)


def replay(folder):
    """What happened while a recording was made happens again in it."""
    recording = os.path.join(folder, "seen.tar")
    record = subprocess.Popen([DPORT, "record", recording, "--for", "600"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
    wait_for_readings(recording, record)
    server = Server(8090)
    wait_for_readings(recording, record)
    server.stop()
    wait_for_readings(recording, record)
    record.send_signal(signal.SIGINT)
    _, errors = record.communicate(timeout=60)
    ok(record.returncode == 0, "a recording is made", errors)
    os.chmod(recording, 0o644)
    s = Screen([DPORT, "--replay", recording], 30, 110)
    ok(s.wait_for("9000/tcp"), "it is shown", s.lines())
    s.pump(1)
    s.send("e")
    ok(s.wait_for("8090/tcp is gone", 30 + 4 * listeners_told(recording)), "with what happened in it", s.lines())
    ok(s.quit() == 0, "and ends as it should")


def main():
    need_root()
    kill_group_at_exit()
    always = Server(9000)
    console(tempfile.mkdtemp())
    replay(tempfile.mkdtemp())
    always.stop()
    done()


main()

#!/usr/bin/python3
"""Details and Logs as their user has them: in tmux, over a service with clients, a rule and a log file of its own."""
import atexit
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import done, kill_group_at_exit, need_root, ok
import tmuxlib

PORT = 8080
SERVER, CLIENT = "10.9.0.1", "10.9.0.2"
LOG = "/var/log/shop.log"

# Takes connections and keeps those that say so; of the others it writes why it hangs up.
SERVICE = f"""
import os, socket, time
log = open("{LOG}", "a", buffering=1)
s = socket.create_server(("0.0.0.0", {PORT}), backlog=7)
os.fork()
kept = []
while True:
    c, (host, port) = s.accept()
    if c.recv(4) == b"keep":
        kept.append(c)
        continue
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()) + ",%03d" % (time.time() % 1 * 1000)
    log.write(f"{{stamp}} ERROR shop: refused connect from {{host}}: no \\x1b[31mred card\\n")
    c.close()
"""
HOLD = f"""
import socket, time
kept = []
for _ in range(3):
    c = socket.create_connection(("{SERVER}", {PORT}), 4)
    c.sendall(b"keep")
    kept.append(c)
time.sleep(600)
"""
KNOCK = f"""
import socket, time
while True:
    try:
        c = socket.create_connection(("{SERVER}", {PORT}), 4)
        c.sendall(b"let ")
        c.recv(1)
    except OSError:
        pass
    time.sleep(0.4)
"""


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def start(where, script):
    process = subprocess.Popen(["ip", "netns", "exec", where, sys.executable, "-c", script],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(process.kill)
    return process


def make_host():
    run("mount", "-t", "tmpfs", "tmpfs", "/var/log")
    for name in ("srv", "cli"):
        run("ip", "netns", "add", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
    run("ip", "-n", "srv", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", "cli")
    for name, address in (("srv", SERVER), ("cli", CLIENT)):
        run("ip", "-n", name, "addr", "add", address + "/24", "dev", "eth0")
        run("ip", "-n", name, "link", "set", "eth0", "up")
    got = run("ip", "netns", "exec", "srv", "nft", "add table inet f; add chain inet f in { type filter hook input "
              "priority 0; }; " + f"add rule inet f in tcp dport {PORT} ip saddr != 10.9.0.0/24 drop")
    if got.returncode:
        raise SystemExit(got.stderr)
    start("srv", SERVICE)
    end = time.monotonic() + 10
    while f":{PORT}" not in run("ip", "netns", "exec", "srv", "ss", "-tln").stdout and time.monotonic() < end:
        time.sleep(0.05)


def console(words="", **size):
    return tmuxlib.Console(words, "ip netns exec srv", **size)


def details():
    c = console(columns=200, rows=60)
    ok(c.wait_for(f"{PORT}/tcp"), "the list has the port", c.screen())
    c.keys("d")
    ok(c.wait_for("ports › details"), "d opens the details", c.screen())
    ok(c.wait_for(r"connected +[3-5]  10\.9\.0\.2"), "the client's connections are counted by its address", c.screen())
    ok(c.wait_for(r"from 10\.9\.0\.0/24 via eth0"), "it is told from where the port is reached", c.screen())
    ok(re.search(r"owners \(2\)", c.screen()) and re.search(r"› python3", c.screen()),
       "the child stands under its parent", c.screen())
    ok(c.wait_for("the last .* a step"), "the queue has a past", c.screen())
    c.do("resize-window", "-x", "80", "-y", "24")
    c.keys("Tab", "Tab", "Tab", "Tab", "Tab")
    ok(c.wait_for(r"▸clients"), "Tab goes from part to part at 80x24", c.screen())
    c.keys("BTab")
    ok(c.wait_for(r"▸connections"), "Shift-Tab goes back", c.screen())
    ok(all(len(line) <= 80 for line in c.screen().splitlines()), "no line is too long", c.screen())
    c.keys("d")
    ok(c.wait_for("up .* every") and "details ──" not in c.screen(), "d leads back", c.screen())
    c.keys("Right")
    ok(c.wait_for("inode"), "Right opens the row inline", c.screen())
    c.keys("q")
    c.close()


def logs():
    c = console()
    ok(c.wait_for(f"{PORT}/tcp"), "the list has the port", c.screen())
    c.keys("L")
    ok(c.wait_for("There is no time line yet") and c.wait_for(f"the diagnosis of {PORT}/tcp"),
       "without a diagnosis the logs say what would make a line", c.screen())
    c.keys("Enter")
    end = time.monotonic() + 10
    while "guide" not in c.screen().splitlines()[1] and time.monotonic() < end:
        c.keys("Enter")
    ok(c.wait_for("ports › guide"), "Enter starts it", c.screen())
    c.keys("L")
    ok(c.wait_for(r"SYN +SYN, 10\.9\.0\.2"), "SYNs stand on the line while they come", c.screen())
    ok(c.wait_for(r"\d+ log lines? \(\d+ of them"), "log lines when the watch is over", c.screen())
    c.keys("Tab")
    ok(c.wait_for(r"▸ [~✖] .*shop\.log"), "Tab goes to a line that counts", c.screen())
    c.keys("Enter")
    ok(c.wait_for(r"why .*") and c.wait_for(r"address of a client stands in it"), "Enter tells why it counts", c.screen())
    ok(re.search(r"source +" + LOG, c.screen()) and r"\x1b[31mred card" in c.screen(),
       "its source, and what hides in it is made visible", c.screen())
    ok("tail -n 100" in c.screen(), "and how to see the same", c.screen())
    c.keys("Escape", "u")
    ok(c.wait_for(r"\d\d:\d\d:\d\d\.\d\d\d log"), "u shows the clock's times", c.screen())
    c.keys("Escape")
    ok(c.wait_for(r"ports › guide ─"), "Esc leads back to the guide", c.screen())
    c.keys("d")
    ok(c.wait_for(r"files open of \d+"), "its details know the files that the owner has open", c.screen())
    c.keys("G")
    ok(c.wait_for(LOG + ", held open by process"), "and which log it writes", c.screen())
    c.keys("q")
    c.close()


def main():
    need_root()
    kill_group_at_exit()
    make_host()
    start("cli", HOLD)
    start("cli", KNOCK)
    details()
    logs()
    done()


main()

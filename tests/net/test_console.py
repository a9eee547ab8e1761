#!/usr/bin/python3
"""The console as its user has it: in tmux and on a pty, over a host with every kind of listener."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, Screen, Zoo, done, kill_group_at_exit, need_root, ok


class Tmux:
    """A tmux server of this test's own."""

    def __init__(self, columns, rows, command):
        self.socket = os.path.join(tempfile.mkdtemp(), "tmux")
        env = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color")
        subprocess.run(["tmux", "-f", "/dev/null", "-S", self.socket, "new-session", "-d", "-x", str(columns), "-y",
                        str(rows), command], check=True, env=env)

    def do(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True, check=False).stdout

    def screen(self):
        return self.do("capture-pane", "-p")

    def wait_for(self, text, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if text in self.screen():
                return True
            time.sleep(0.1)
        return False

    def keys(self, *names):
        self.do("send-keys", *names)

    def close(self):
        self.do("kill-server")


def in_tmux(zoo):
    t = Tmux(80, 24, " ".join(zoo.prefix) + f" sh -c 'stty -a >/dev/null; {DPORT}; echo left with $?; sleep 60'")
    ok(t.wait_for("7001/tcp"), "tmux shows the listeners", t.screen())
    ok(t.wait_for("worker") or t.wait_for("zoo"), "and their owners", t.screen())
    ok(max(map(len, t.screen().splitlines())) <= 80 and len(t.screen().splitlines()) == 24,
       "80x24 is kept", t.screen())
    t.keys("f")
    t.keys("-l", "7014")
    t.keys("Enter")
    ok(t.wait_for("1 of 22") and "✖ full" in t.screen() and "7001/tcp" not in t.screen(),
       "a filter leaves the overfull queue", t.screen())
    t.keys("Right")
    ok(t.wait_for("inode"), "Right opens the row", t.screen())
    t.keys("Escape")
    t.keys("Escape")
    ok(t.wait_for("7022/tcp"), "Esc closes it and drops the filter", t.screen())
    t.keys("g")
    ok(t.wait_for("7001/tcp"), "g goes to the first row", t.screen())
    t.keys("?")
    ok(t.wait_for("Keys"), "? explains the keys", t.screen())
    t.keys("q")
    ok(t.wait_for("7001/tcp"), "q comes back", t.screen())
    t.do("resize-window", "-x", "120", "-y", "40")
    ok(t.wait_for("7022/tcp"), "a larger window is used", t.screen())
    t.do("resize-window", "-x", "40", "-y", "10")
    time.sleep(0.5)
    ok(all(len(line) <= 40 for line in t.screen().splitlines()), "a small one too", t.screen())
    t.do("resize-window", "-x", "80", "-y", "24")
    t.keys("C-z")
    time.sleep(0.5)
    t.keys("q")
    t.close()


def hostile_name(zoo):
    s = Screen(zoo.prefix + [DPORT], 40, 120)
    ok(s.wait_for("7017/tcp") and s.wait_for("\\x1b[31m"), "a hostile name is made visible", s.lines())
    ok(b"\x1b[31m\xe2\x80\xae" not in s.raw and "\u202e".encode() not in s.raw and b"\xff" not in s.raw,
       "nothing of it reaches the terminal")
    zoo.say("fork")
    ok(s.wait_for("+3"), "the screen lives on while processes come", s.lines())
    code = s.quit()
    ok(code == 0 and b"\x1b[?1049l" in s.raw, "q gives the terminal back", code)
    got = zoo.run(DPORT, "list", "7017", "--json")
    ok(b"\xff" not in got.stdout and b"\x1b" not in got.stdout and json.loads(got.stdout)["listeners"],
       "JSON holds it safely")
    for form in ("text", "csv", "markdown"):
        got = zoo.run(DPORT, "list", "7017", "--format", form).stdout
        ok(b"7017" in got and not any(c in got for c in (b"\x1b", b"\xff", b"\xe2\x80\xae", b"\r7017")),
           f"{form} too", got)


def export(zoo):
    folder = tempfile.mkdtemp()
    here = os.getcwd()
    os.chdir(folder)
    s = Screen(zoo.prefix + [DPORT, "port:7002"])
    os.chdir(here)
    ok(s.wait_for("member"), "a filter on the command line is taken", s.lines())
    s.send("x")
    s.pump(1.5)
    files = os.listdir(folder)
    ok(len(files) == 1 and files[0].startswith("dport-") and files[0].endswith(".json"), "x writes one file", files)
    if files:
        path = os.path.join(folder, files[0])
        document = json.load(open(path))
        ok([one["port"] for one in document["listeners"]] == [7002], "with what is shown", document)
        ok(os.stat(path).st_mode & 0o777 == 0o600, "for its owner alone")
    ok(s.quit() == 0, "and the console goes on until q")


def terminals(zoo):
    for term in ("linux", "vt100", "vt220", "xterm", "screen", "screen-256color", "tmux-256color", "xterm-ghostty"):
        for locale in ("C.UTF-8", "C"):
            s = Screen(zoo.prefix + ["env", f"TERM={term}", f"LC_ALL={locale}", DPORT])
            seen = s.wait_for("7001/tcp")
            code = s.quit()
            ascii_only = locale != "C" or all(byte < 0x80 for byte in s.raw)
            ok(seen and code == 0 and ascii_only, f"TERM={term} with locale {locale}", (code, s.lines()))
    got = zoo.run("env", "TERM=dumb", DPORT)
    ok(got.returncode == 2 and b"dport list" in got.stderr and got.stderr.count(b"\n") == 1,
       "without a terminal the batch command is named", got.stderr)
    s = Screen(zoo.prefix + ["env", "NO_COLOR=1", DPORT])
    seen = s.wait_for("7001/tcp")
    colors = [c for c in re.findall(rb"\x1b\[([0-9;]*)m", s.raw)
              if any(30 <= int(n) < 38 or 40 <= int(n) < 48 or int(n) >= 90 for n in c.split(b";") if n)]
    ok(seen and not colors, "NO_COLOR means none", colors[:5])
    s.quit()


def main():
    need_root()
    kill_group_at_exit()
    zoo = Zoo()
    in_tmux(zoo)
    hostile_name(zoo)
    export(zoo)
    terminals(zoo)
    done()


main()

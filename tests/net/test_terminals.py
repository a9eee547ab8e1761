#!/usr/bin/python3
"""The console on every terminal: descriptions and locales, sizes, colours, slow lines, random keys; over a recording.

What else can happen to its processes is in test_life.py, what it shows of a live host in test_console.py.
"""
import atexit
import fcntl
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, TOP, Screen, done, kill_group_at_exit, ok

RECORDING = os.path.join(TOP, "tests/fixtures/zoo.tar")
TERMS = ("linux", "vt100", "vt220", "xterm", "xterm-256color", "screen", "screen-256color", "tmux-256color",
         "rxvt-unicode", "xterm-kitty", "xterm-ghostty", "dumb")
# a locale that there is, the two without a language, and one that there is not
LOCALES = ({"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "xx_XX.UTF-9", "LANG": "C.UTF-8"})
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
N_KEYS, N_SIZES = 3000, 60
HOME = tempfile.mkdtemp()
ENVIRONMENT = {"HOME": HOME, "XDG_CONFIG_HOME": HOME}


def console(*words, rows=24, columns=80, **environment):
    """One on a pty, in a folder of its own: keys may write files. The terminal itself echoes nothing."""
    here = os.getcwd()
    os.chdir(HOME)
    command = ["env", "-u", "NO_COLOR"] + [f"{k}={v}" for k, v in environment.items()]
    s = Screen(command + [DPORT, "--replay", RECORDING, *words], rows, columns, echo=False, **ENVIRONMENT)
    os.chdir(here)
    return s


def words_of(environment):
    return " ".join(f"{k}={v}" for k, v in environment.items())


# ---- descriptions and locales ----

def on_a_terminal():
    """Four at a time: most of it is waiting."""
    for term in TERMS:
        screens = [(locale, console(TERM=term, **locale)) for locale in LOCALES]
        for locale, s in screens:
            name = f"TERM={term} {words_of(locale)}"
            if term == "dumb":
                s.pump(1.0)
                s.wait_for("dport list", 10)
                s.child.close(True)
                ok(s.child.exitstatus == 2 and "dport list" in " ".join(s.lines()), f"{name}: the batch command is named",
                   (s.child.exitstatus, s.lines()))
                continue
            seen = s.wait_for("7001/tcp") and s.wait_for("help")
            code = s.quit()
            is_utf8 = locale["LC_ALL"] == "C.UTF-8"
            ok(seen and code == 0 and (is_utf8 or all(byte < 0x80 for byte in s.raw)), f"{name}: a frame, then its end",
               (code, s.lines()))


def without_a_terminal():
    for close in ("", "<&-"):
        for term in TERMS:
            runs = [(locale, subprocess.Popen(
                ["sh", "-c", f'exec "$0" --replay "$1" {close}', DPORT, RECORDING], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ, TERM=term, **ENVIRONMENT, **locale)))
                    for locale in LOCALES]
            told = []
            for locale, run in runs:
                out, err = run.communicate(timeout=30)
                told.append(run.returncode == 2 and not out and b"dport list" in err and err.count(b"\n") == 1)
            ok(all(told), f"TERM={term} with {'a closed' if close else 'an empty'} standard input and no terminal, "
               "4 locales: one sentence names the batch command", told)


# ---- colours ----

def colors_in(raw):
    return [c for c in re.findall(rb"\x1b\[([0-9;]*)m", raw)
            if any(30 <= int(n) < 38 or 40 <= int(n) < 48 or int(n) >= 90 for n in c.split(b";") if n)]


def colors():
    rows = (({"NO_COLOR": "1"}, (), False), ({"NO_COLOR": ""}, (), True), ({}, (), True),
            ({"NO_COLOR": "1"}, ("--color=always",), True), ({}, ("--color=never",), False), ({"TERM": "vt100"}, (), False))
    for environment, words, wanted in rows:
        s = console(*words, **environment)
        seen = s.wait_for("7001/tcp")
        got = bool(colors_in(s.raw))
        ok(seen and got == wanted, f"{words_of(environment)} {' '.join(words)}: {'colours' if wanted else 'no colour'}", s.raw[-300:])
        s.quit()


# ---- sizes ----

def resize(s, rows, columns):
    s.screen.resize(rows, columns)
    s.child.setwinsize(rows, columns)


def sizes():
    s = console()
    ok(s.wait_for("7001/tcp"), "80x24", s.lines())
    for columns, rows in ((40, 10), (132, 43), (250, 80), (60, 15), (80, 24)):
        resize(s, rows, columns)
        s.pump(0.6)
        lines = s.lines()
        ok("web-01" in lines[0] and "q" in lines[-1] and "help" in lines[-1], f"{columns}x{rows}: header and keys are in place", lines)
    resize(s, 9, 39)
    s.pump(0.5)
    ok(any("needs 40x10" in line for line in s.lines()), "39x9: it says what it needs", s.lines())
    resize(s, 24, 80)
    ok(s.wait_for("7001/tcp") and s.quit() == 0, "and comes back")


# ---- a line that takes nothing for a while ----

def slow_line():
    s = console()
    s.wait_for("7001/tcp")
    s.pump(0.3)
    before = len(s.raw)
    s.send("?")
    s.wait_for("Keys")
    s.send("?")
    s.wait_for("7001/tcp")
    s.pump(0.3)
    one = len(s.raw) - before  # bytes of two whole redraws
    before = len(s.raw)
    for _ in range(101):
        s.send("?")
        time.sleep(0.02)
    s.pump(2.0)
    # Nobody read for two seconds: frames that no one could see were left out.
    got = len(s.raw) - before
    ok(s.wait_for("Keys") and got < 16 * one, f"a blocked line: redraws are dropped ({got} bytes for 101 screens, {one} for 2)",
       s.lines())
    before = len(s.raw)
    s.send("j")
    s.pump(0.5)
    ok(len(s.raw) - before < one, "and then only the difference is sent", len(s.raw) - before)
    s.send("q")
    s.wait_for("7001/tcp")
    ok(s.quit() == 0, "a blocked line: q ends it")


# ---- stopped, and other terminals in between ----

def stopped():
    s = console()
    s.wait_for("7001/tcp")
    os.killpg(s.child.pid, signal.SIGSTOP)
    time.sleep(0.5)
    os.killpg(s.child.pid, signal.SIGCONT)
    s.send("?")
    ok(s.wait_for("Keys"), "stopped and continued from outside: keys are answered", s.lines())
    s.send("q")
    ok(s.wait_for("7001/tcp") and s.quit() == 0, "and it ends as ever")


def in_gnu_screen():
    if not shutil.which("screen"):
        print("# GNU screen is not installed")
        return
    folder = tempfile.mkdtemp()
    s = Screen(["env", f"SCREENDIR={folder}", "screen", "-c", "/dev/null", "-s", "/bin/sh", DPORT, "--replay", RECORDING],
               24, 80, **ENVIRONMENT)
    seen = s.wait_for("7001/tcp")
    s.send("?")
    ok(seen and s.wait_for("Keys"), "in GNU screen: a frame, and keys are answered", s.lines())
    s.send("qq")
    s.pump(1.0)
    ok(not s.child.isalive(), "in GNU screen: q ends it", s.lines())


# ---- the palette ----

def palette():
    s = console()
    s.wait_for("7001/tcp")
    s.send(":")
    ok(s.wait_for("carry out"), ": opens the palette", s.lines())
    s.send("prove\r")
    ok(s.wait_for("only in the guide"), "what cannot be done says why", s.lines())
    s.send("\x15freez\r")
    ok(s.wait_for("frozen"), "what can be done is done on the screen beneath", s.lines())
    s.send("\x10:7014\r")
    ok(s.wait_for("7014/tcp") and any(word in s.lines()[1] for word in ("question", "guide")), "a port leads into its diagnosis", s.lines())
    s.send("\x10ports\r")
    ok(s.wait_for("7001/tcp"), "and the name of a screen back to it", s.lines())
    ok(s.quit() == 0, "q ends it")


# ---- random keys ----

KEYS = ([chr(c) for c in range(0x20, 0x7f)] + ["\r", "\t", "\x1b", "\x7f", "\x0c", "\x10", "\x02", "\x06", "\x15", "\x17"]
        + ["\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1bOP", "\x1b[15~", "\x1b[Z", "\x1b[99;99~",
           "\u00e9", "\u6f22", "\u202e"])


class Life:
    """Consoles, one after the other: a random key may end one."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.n_ends, self.complaints = 0, []
        self.begin()

    def begin(self):
        self.s = console()
        if not self.s.wait_for("7001/tcp"):
            self.complaints.append(("no first frame", self.s.lines()))

    def end(self):
        """It is over, by a key or by q: what it left on the terminal."""
        s = self.s
        s.pump(0.5)
        s.child.close(True)
        self.n_ends += 1
        tail = s.raw.rpartition(LEAVE)[2]
        if s.raw.count(ENTER) != s.raw.count(LEAVE):
            self.complaints.append(("the alternate screen was not left", s.raw[-200:]))
        tail = re.sub(rb"\x1b(\[[0-9;?>]*[a-z]|[>=78])|\x1b\([B0]|[\r\n]", b"", tail, flags=re.I)
        if tail:
            self.complaints.append(("bytes behind the end", tail))
        if s.child.exitstatus not in (0, 130):
            self.complaints.append(("exit", s.child.exitstatus, s.child.signalstatus, s.raw[-600:]))
        rest = re.sub(rb"\x1b(\[[0-9;?>]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[>=78M]|\([B0])|[\r\n\t\b\x0e\x0f]", b"", s.raw)
        if re.search(rb"[\x00-\x1f\x7f]", rest):
            self.complaints.append(("a stray control character", re.search(rb".{0,40}[\x00-\x1f\x7f].{0,40}", rest).group()))
        s.raw.decode()  # whole characters only

    def type(self, keys):
        try:
            self.s.send(keys)
        except OSError:
            pass
        self.s.pump(0.005)
        if not self.s.child.isalive():
            self.end()
            self.begin()

    def quit(self):
        for _ in range(4):
            if self.s.child.isalive():
                self.s.send("\x1b\x03")
                self.s.pump(0.3)
                self.s.send("\x03")
                self.s.pump(0.5)
        self.end()


def random_keys():
    life = Life(20261122)
    for i in range(N_KEYS // 10):
        life.type("".join(life.random.choice(KEYS) for _ in range(10)))
        if i % (N_KEYS // 10 // N_SIZES) == 0:
            resize(life.s, life.random.randint(1, 80), life.random.randint(1, 250))
    resize(life.s, 24, 80)
    life.quit()
    ok(not life.complaints, f"{N_KEYS} random keys and {N_SIZES} sizes, {life.n_ends} times to the end: the terminal is given back "
       "and nothing stray was written", life.complaints[:3])


def modes_come_back():
    """A pty of our own: what stty says before and after."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(slave)
    p = subprocess.Popen([DPORT, "--replay", RECORDING], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                         preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                         env=dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8", **ENVIRONMENT))
    output = b""
    while b"7001/tcp" not in output:
        output += os.read(master, 65536)
    during = termios.tcgetattr(slave)
    os.write(master, b":zz\x1bq")
    end = time.monotonic() + 20
    while p.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    ok(p.poll() == 0 and during != before and termios.tcgetattr(slave) == before, "the modes of the terminal are those of before",
       (p.poll(), output[-200:]))


def main():
    kill_group_at_exit()
    atexit.register(shutil.rmtree, HOME, True)
    on_a_terminal()
    without_a_terminal()
    colors()
    sizes()
    slow_line()
    stopped()
    in_gnu_screen()
    palette()
    modes_come_back()
    random_keys()
    done()


main()

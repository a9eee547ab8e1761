#!/usr/bin/python3
"""The console's processes, killed, stopped and cut off: the terminal comes back and nothing is left.

A leader in a pty plays the shell (a real one would mend the terminal itself): it starts dport in a
foreground process group of its own, says how it ends, and inherits what outlives its parent.
"""
import ctypes
import fcntl
import os
import pty
import select
import signal
import socket
import struct
import sys
import termios
import time

GONE_S = 2  # in which all processes of the program must be gone
PATIENCE_S = 25  # for what has no limit of its own, on a loaded machine
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"  # the alternate screen, of the terminal type used here
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def prctl(option, value):
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


# ---- the leader: in the pty, as its session's first process ----

def lead(command):
    """Says on fd 3: started PID, stopped, ended CODE (or -SIGNAL), orphan PID CODE, alone."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.set_inheritable(3, False)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(command[0], command)
    say = lambda words: os.write(3, (words + "\n").encode())

    def foreground(*_):
        os.tcsetpgrp(0, job)
        os.kill(-job, signal.SIGCONT)

    signal.signal(signal.SIGUSR1, foreground)
    say(f"started {job}")
    while True:
        try:
            pid, status = os.waitpid(-1, os.WUNTRACED)
        except ChildProcessError:
            break
        if os.WIFSTOPPED(status):
            if pid == job:
                os.tcsetpgrp(0, os.getpgrp())
                say("stopped")
            continue
        code = os.waitstatus_to_exitcode(status)
        if pid == job:
            os.tcsetpgrp(0, os.getpgrp())
        say(f"ended {code}" if pid == job else f"orphan {pid} {code}")
    say("alone")
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    time.sleep(3600)


if sys.argv[1:2] == ["--lead"]:
    lead(sys.argv[2:])

import taplib  # noqa: E402 (the leader does without it)
from taplib import DPORT, ok  # noqa: E402


def stat_of(pid):
    """The fields of /proc/PID/stat behind the name, from the state on; None: gone, or dead and not reaped."""
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as f:
            fields = f.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields


def children(pid):
    pids = [int(p) for p in os.listdir("/proc") if p.isdigit()]
    return [p for p in pids if (stat_of(p) or [0, 0])[1] == str(pid)]


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="latin-1") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


class Console:
    """dport in a pty, with what it wrote and what the leader said."""

    consoles = []

    def __init__(self, *words, directly=False, end=b"PORT"):
        self.output, self.heard, self.pids = b"", "", []
        self.words, words_in = os.pipe()
        self.leader, self.master = pty.fork()
        if self.leader == 0:
            os.dup2(words_in, 3)
            os.set_inheritable(3, True)
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            command = [DPORT, *words]
            if not directly:
                command = [sys.executable, os.path.abspath(__file__), "--lead"] + command
            os.execv(command[0], command)
        os.close(words_in)
        Console.consoles.append(self)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 120, 0, 0))
        self.before = termios.tcgetattr(self.master)
        self.broker = self.leader
        if not directly:
            self.expect_word("started ")
            self.broker = int(self.heard.split()[1])
        self.is_drawn = self.wait(lambda: ENTER in self.output and end in self.output)
        self.note_pids()

    def note_pids(self):
        """The processes of the program by what they are."""
        kids = children(self.broker)
        self.ui = next((p for p in kids if status_of(p)["Uid"].split()[0] == "65534"), None)
        self.workers = [p for p in kids if p != self.ui]
        self.pids = sorted(set(self.pids + kids + [self.broker]))

    def pump(self, seconds=0.05):
        fds = [fd for fd in (self.master, self.words) if fd is not None]
        for fd in select.select(fds, [], [], seconds)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:
                data = b""
            if fd == self.master:
                self.output += data
            else:
                self.heard += data.decode()
            if not data:
                os.close(fd)
                if fd == self.master:
                    self.master = None
                else:
                    self.words = None
            if self.master is None and self.words is None:
                return

    def wait(self, condition, seconds=PATIENCE_S):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            self.pump()
        return True

    def expect_word(self, word, seconds=PATIENCE_S):
        return self.wait(lambda: word in self.heard, seconds)

    def type(self, keys):
        """True if the screen changes upon it."""
        self.wait(lambda: False, 0.3)
        before = len(self.output)
        os.write(self.master, keys)
        return self.wait(lambda: len(self.output) > before, 5)

    def is_answering(self):
        """Help and back: both change the screen."""
        return self.type(b"?") and self.type(b"?")

    def gone_within(self, seconds):
        return self.wait(lambda: not any(stat_of(p) for p in self.pids), seconds)

    def has_modes_of_before(self):
        return termios.tcgetattr(self.master) == self.before

    def is_screen_left(self):
        return self.output.count(ENTER) > 0 and self.output.rfind(LEAVE) > self.output.rfind(ENTER)

    def sentences(self):
        """What was said behind the last leaving of the screen."""
        return self.output.rpartition(LEAVE)[2].decode("utf-8", "replace")

    def see_terminal_restored(self, after):
        ok(self.wait(lambda: self.is_screen_left() and self.has_modes_of_before(), GONE_S),
           f"{after} the terminal is as it was", repr(self.output[-200:]))

    def see_end(self, after, code, n_sentences):
        """The leader hears this code; no process is left; so many sentences are said."""
        ok(self.gone_within(GONE_S), f"{after} all processes are gone in {GONE_S} s",
           [p for p in self.pids if stat_of(p)])
        ok(self.expect_word("alone") and f"ended {code}\n" in self.heard,
           f"{after} the exit is {code}, and nothing is left behind", self.heard)
        self.see_terminal_restored(after)
        said = [line for line in self.sentences().splitlines() if "dport:" in line]
        ok(len(said) == n_sentences, f"{after} {n_sentences or 'no'} sentence is said", self.sentences())

    def close(self):
        for pid in [self.leader] + self.pids:
            if stat_of(pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        try:
            os.waitpid(self.leader, 0)
        except ChildProcessError:
            pass
        for fd in (self.master, self.words):
            if fd is not None:
                os.close(fd)
        self.master = self.words = None
        Console.consoles.remove(self)


# ---- the tests ----

def test_rights(c):
    ok(c.is_drawn and c.ui, "the console draws, its screen process is another user", repr(c.output[-300:]))
    status = status_of(c.ui)
    caps = {key: int(value, 16) for key, value in status.items() if key.startswith("Cap")}
    ok(len(caps) == 5 and not any(caps.values()), "it has no capability in any set", caps)
    ok(set(status["Uid"].split() + status["Gid"].split()) == {"65534"} and not status["Groups"].strip(),
       "it is nobody in every way, without groups", status["Groups"])
    ok(status["NoNewPrivs"] == "1", "it cannot gain any right")
    ok(os.stat(f"/proc/{c.ui}/status").st_uid == 0, "it is not dumpable: its files in /proc are root's")
    links = {os.readlink(f"/proc/{c.ui}/fd/{fd}") for fd in os.listdir(f"/proc/{c.ui}/fd")}
    ok(not any(link.startswith(("net:", "/")) and not link.startswith(("/dev/", "/memfd:")) for link in links),
       "it holds no file, directory or namespace of the broker's", links)
    os.write(c.master, b"q")
    c.see_end("after q", 0, 0)


def test_broker_killed(c):
    os.kill(c.broker, signal.SIGKILL)
    c.see_end("broker killed:", -signal.SIGKILL, 1)
    ok(f"orphan {c.ui} 70\n" in c.heard, "broker killed: the screen process ends with 70", c.heard)


def test_ui_killed(number):
    def test(c):
        os.kill(c.ui, number)
        c.see_end(f"screen process killed by signal {int(number)}:", 70, 1)
    return test


def test_ui_stuck(c):
    """A screen process that is stopped for good must not hold anything up."""
    os.kill(c.ui, signal.SIGSTOP)
    os.kill(c.broker, signal.SIGTERM)
    c.see_end("SIGTERM with a stuck screen process:", 130, 0)


def test_worker_killed(c):
    c.wait(lambda: False, 1)
    c.note_pids()
    workers = [pid for pid in c.workers if not is_capture(pid)]
    ok(workers, "there are workers to kill", c.pids)
    n = len(c.output)
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    ok(c.wait(lambda: b"process died" in c.output[n:]), "worker killed: the console says so",
       repr(c.output[n:][-500:]))
    ok(c.is_answering(), "worker killed: keys are answered")
    ok(c.wait(lambda: c.note_pids() or any(stat_of(p) for p in c.workers)), "worker killed: another one takes its place")
    os.write(c.master, b"q")
    c.see_end("worker killed, then q:", 0, 0)


def is_capture(pid):
    """Does it have a packet socket? Seen in its own namespace."""
    try:
        packet = open(f"/proc/{pid}/net/packet", encoding="ascii").read().split()
        fds = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return False
    return any(fd.startswith("socket:[") and fd[8:-1] in packet for fd in fds)


def test_worker_stopped(c):
    c.wait(lambda: False, 1)
    c.note_pids()
    c.workers = [p for p in c.workers if not is_capture(p)]  # which has no deadline
    c.type(b"?")  # its last lines tell what is missing
    n = len(c.output)
    for pid in c.workers:
        os.kill(pid, signal.SIGSTOP)
    ok(c.is_answering(), "worker stopped: keys are answered meanwhile")
    ok(c.wait(lambda: not any(stat_of(p) for p in c.workers)), "worker stopped: it is cut off", c.workers)
    ok(c.wait(lambda: b"timed out" in c.output[n:]), "worker stopped: what it read is named as overdue",
       repr(c.output[n:][-1500:]))
    ok(c.is_answering(), "worker stopped: keys are answered afterwards")
    os.write(c.master, b"?q")
    c.see_end("worker stopped, then q:", 0, 0)


def stop_and_go(c, name, stop):
    stop()
    ok(c.expect_word("stopped", 5), f"{name}: the job stops", c.heard)
    c.see_terminal_restored(f"{name}:")
    n = len(c.output)
    os.kill(c.leader, signal.SIGUSR1)
    ok(c.wait(lambda: ENTER in c.output[n:], 5), f"{name}: the screen comes back", repr(c.output[n:][-200:]))
    ok(c.is_answering(), f"{name}: keys are answered again")
    ok(c.heard.count("stopped") == 1, f"{name}: it stops once", c.heard)
    os.write(c.master, b"q")
    c.see_end(f"{name}, then q:", 0, 0)


def test_key_stops(c):
    stop_and_go(c, "^Z", lambda: os.write(c.master, b"\x1a"))


def test_signal_stops(c):
    stop_and_go(c, "SIGTSTP", lambda: os.kill(c.broker, signal.SIGTSTP))


def test_stuck_screen_stops(c):
    def stop():
        os.kill(c.ui, signal.SIGSTOP)
        os.kill(c.broker, signal.SIGTSTP)
    stop_and_go(c, "SIGTSTP with a stuck screen process", stop)


def test_stopped_long(c):
    """What was asked before the stop is not called overdue after it."""
    n = len(c.output)
    os.write(c.master, b"\x1a")
    c.expect_word("stopped", 5)
    time.sleep(4)  # longer than the deadline of files
    os.kill(c.leader, signal.SIGUSR1)
    c.wait(lambda: False, 2)
    ok(b"in time" not in c.output[n:] and b"process died" not in c.output[n:],
       "a long stop: nothing is called overdue", repr(c.output[n:][-500:]))
    os.write(c.master, b"q")
    c.see_end("a long stop, then q:", 0, 0)


def test_no_job_control(c):
    """As under `xterm -e dport`: nobody could continue a stopped one."""
    n = len(c.output)
    os.write(c.master, b"\x1a")
    ok(c.wait(lambda: ENTER in c.output[n:], 5), "^Z without a shell: the screen comes back by itself",
       repr(c.output[n:][-200:]))
    ok(c.is_answering(), "^Z without a shell: keys are answered")
    os.write(c.master, b"q")
    ok(c.gone_within(GONE_S), "^Z without a shell: q ends it")


def test_told_to_end(number):
    def test(c):
        os.kill(c.broker, number)
        c.see_end(f"{number.name}:", 130, 0)
    return test


def test_terminal_lost(c):
    os.close(c.master)
    c.master = None
    ok(c.gone_within(GONE_S), f"terminal lost: all processes are gone in {GONE_S} s",
       [p for p in c.pids if stat_of(p)])


TESTS = [
    (test_rights, {}),
    (test_broker_killed, {}),
    (test_ui_killed(signal.SIGKILL), {}),
    (test_ui_killed(signal.SIGABRT), {}),
    (test_ui_stuck, {}),
    (test_worker_killed, {}),
    (test_worker_stopped, {}),
    (test_key_stops, {}),
    (test_signal_stops, {}),
    (test_stuck_screen_stops, {}),
    (test_stopped_long, {}),
    (test_no_job_control, {"directly": True}),
    (test_told_to_end(signal.SIGTERM), {}),
    (test_told_to_end(signal.SIGHUP), {}),
    (test_terminal_lost, {}),
    (test_terminal_lost, {"directly": True}),
]


def main():
    if os.geteuid() != 0:
        taplib.skip("needs root, to see rights given up")
    taplib.kill_group_at_exit()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    listener = socket.create_server(("127.0.0.1", 0))  # so that there are owners to look for
    for test, how in TESTS:
        console = Console(**how)
        try:
            test(console)
        finally:
            for c in list(Console.consoles):
                c.close()
    listener.close()
    taplib.done()


main()

"""What the namespace tests share: TAP lines, a namespace with a zoo of listeners in it, and running dport there."""
import atexit
import json
import os
import re
import signal
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DPORT = os.path.abspath(os.environ.get("DPORT", os.path.join(TOP, "build/dport")))
ZOO = os.path.join(os.environ.get("TOOLS", os.path.join(TOP, "build/tests/net")), "zoo")
# The program drops its rights, which a leak checker cannot bear.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", "")

_count = [0, 0]


def ok(condition, sentence, detail=""):
    """One TAP line; what was seen is said behind a failure."""
    _count[0] += 1
    _count[1] += not condition
    print(f"{'ok' if condition else 'not ok'} {_count[0]} - {sentence}", flush=True)
    if not condition and detail != "":
        print("# " + str(detail).replace("\n", "\n# "), flush=True)
    return condition


def done():
    print(f"1..{_count[0]}")
    sys.exit(1 if _count[1] else 0)


def skip(reason):
    print(f"# skip: {reason}")
    sys.exit(77)


def need_root():
    if os.geteuid() != 0:
        skip("needs root for network namespaces")


class Zoo:
    """tests/net/zoo.c in a network namespace of its own; dies with this test, also when it is killed."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["unshare", "-n", "--kill-child", "sh", "-c", f"ip link set lo up && exec {ZOO}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, errors="replace")
        atexit.register(self.close)
        if self.process.stdout.readline() != "ready\n":
            raise SystemExit("the zoo of listeners did not start")
        self.pid = self.process.pid
        self.prefix = ["nsenter", "-t", str(self.pid), "-n"]

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def close(self):
        try:
            self.process.stdin.close()
            self.process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()

    def run(self, *command, **more):
        return subprocess.run(self.prefix + list(command), capture_output=True, timeout=120, check=False, **more)

    def list_json(self, *words):
        got = self.run(DPORT, "list", "--json", *words)
        return json.loads(got.stdout)


def ss_sockets(zoo, *prefix):
    """What `ss -tulpenH` says: inode -> socket."""
    text = zoo.run(*prefix, "ss", "-tulpenHO").stdout.decode("utf-8", "surrogateescape")
    sockets = {}
    for row in re.split(r"(?m)^(?=(?:tcp|udp)\s+(?:LISTEN|UNCONN)\s)", text):
        words = row.split(None, 6)
        inode = re.search(r"\bino:(\d+)", row)
        if len(words) < 6 or not inode:
            continue
        local, _, port = words[4].rpartition(":")
        address, _, device = local.strip("[]").partition("%")
        v6only = re.search(r"\bv6only:(\d)", row)
        uid = re.search(r"\buid:(\d+)", row)
        sockets[int(inode.group(1))] = {
            "proto": words[0], "recv_q": int(words[2]), "send_q": int(words[3]),
            "address": "::" if address == "*" else address, "port": int(port), "device": device or None,
            "v6only": None if v6only is None else v6only.group(1) == "1",
            "uid": int(uid.group(1)) if uid else 0,
            "pids": {int(p) for p in re.findall(r"pid=(\d+)", row)},
        }
    return sockets


class Screen:
    """A program on a terminal of its own, read through a terminal emulator."""

    def __init__(self, command, rows=24, columns=80, echo=True, **environment):
        import pexpect
        import pyte
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        env = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8", TZ="UTC", **environment)
        self.child = pexpect.spawn(command[0], command[1:], dimensions=(rows, columns), env=env, timeout=20,
                                   echo=echo)
        atexit.register(self.child.close, True)

    def pump(self, seconds):
        """Reads for a time; what came is on the screen."""
        import pexpect
        import time
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                data = self.child.read_nonblocking(65536, timeout=0.05)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                return
            self.raw += data
            self.stream.feed(data)

    def wait_for(self, text, seconds=20):
        """True once a line of the screen has the text."""
        import time
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(0.1)
            if any(text in line for line in self.screen.display):
                return True
        return False

    def send(self, keys):
        self.child.send(keys)

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def quit(self):
        """Exit status after the q key."""
        import pexpect
        self.send("q")
        try:
            while True:
                data = self.child.read_nonblocking(65536, timeout=5)
                self.raw += data
                self.stream.feed(data)
        except (pexpect.EOF, pexpect.TIMEOUT):
            pass
        self.child.close(True)
        return self.child.exitstatus


def kill_group_at_exit():
    """A test that is terminated takes its children with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

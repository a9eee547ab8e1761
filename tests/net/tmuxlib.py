"""dport in a tmux server of its own, as a person has it before them: keys go in, the screen is read."""
import atexit
import os
import re
import subprocess
import tempfile
import time

from taplib import DPORT


class Console:
    """Within a folder of its own, where it may write. where: words before the program, as "ip netns exec srv"."""

    def __init__(self, words="", where="", columns=80, rows=24, patience_s=25):
        self.folder = tempfile.mkdtemp()
        self.socket = os.path.join(self.folder, "tmux")
        self.patience_s = patience_s
        env = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color", TZ="UTC")
        command = f"cd {self.folder}; {where} {DPORT} {words}; echo left with $?; sleep 60"
        subprocess.run(["tmux", "-f", "/dev/null", "-S", self.socket, "new-session", "-d", "-x", str(columns), "-y",
                        str(rows), command], check=True, env=env)
        atexit.register(self.close)

    def do(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True, check=False).stdout

    def screen(self):
        return self.do("capture-pane", "-p")

    def wait_for(self, *patterns, seconds=None):
        """True once all stand on the screen at the same time."""
        end = time.monotonic() + (seconds or self.patience_s)
        while time.monotonic() < end:
            screen = self.screen()
            if all(re.search(p, screen) for p in patterns):
                return True
            time.sleep(0.1)
        return False

    def press(self, key):
        self.do("send-keys", key)

    def keys(self, *names):
        for name in names:
            self.press(name)
            time.sleep(0.15)

    def close(self):
        self.do("kill-server")

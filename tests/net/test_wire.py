#!/usr/bin/python3
"""The screen Wire as its user has it: attempts as they come, and a file of packets that tcpdump reads."""
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, Screen, Zoo, done, kill_group_at_exit, need_root, ok

SECRET = "do-not-keep-me"
OPEN, CLOSED = 7001, 7999

CLIENT = f"""
import socket, sys
for port in map(int, sys.argv[1:]):
    try:
        with socket.create_connection(("127.0.0.1", port), 3) as s:
            s.sendall(b"{SECRET}")
    except OSError:
        pass
"""


def knock(zoo, *ports):
    zoo.run(sys.executable, "-c", CLIENT, *map(str, ports))


def console(zoo, folder, *words, prefix=(), rows=24, columns=80):
    here = os.getcwd()
    os.chdir(folder)
    screen = Screen(zoo.prefix + list(prefix) + [DPORT, *words], rows, columns)
    os.chdir(here)
    return screen


def text(screen):
    return "\n".join(screen.lines())


def wait_for(screen, pattern, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        screen.pump(0.2)
        found = re.search(pattern, text(screen))
        if found:
            return found
    return None


def packets_of(path):
    got = subprocess.run(["tcpdump", "-nn", "-r", path], capture_output=True, text=True, check=False)
    return got.returncode, [line for line in got.stdout.splitlines() if line]


def rows(zoo, folder):
    s = console(zoo, folder, f"port:{OPEN}")
    ok(s.wait_for(f"{OPEN}/tcp"), "a port is selected", text(s))
    s.send("c")
    ok(wait_for(s, "looking, ends in"), "c starts a capture and tells when it ends", text(s))
    ok(f"tcp port {OPEN}, any client, all interfaces; 5 min or until Esc" in text(s), "and what it looks at", text(s))
    knock(zoo, OPEN)
    ok(wait_for(s, r"✔ answered +127\.0\.0\.1:\d+"), "an attempt is a row", text(s))
    ok(wait_for(s, r"1 attempt: 1 answered; \d+ packets since"), "and is counted", text(s))
    knock(zoo, CLOSED)
    s.pump(1.5)
    ok(str(CLOSED) not in text(s), "what goes to another port is none", text(s))
    s.send("\r")
    ok(wait_for(s, "SYN-ACK") and "outcome" in text(s), "Enter shows its packets", text(s))
    s.send("\x1b")
    ok(wait_for(s, "BEGAN"), "Esc leads back to the rows", text(s))
    s.send("\x1b")
    ok(wait_for(s, "LISTENS ON"), "and to Ports", text(s))
    ok(s.quit() == 0 and b"saved" not in s.raw, "nothing was saved")


def saving(zoo, folder):
    s = console(zoo, folder, f"port:{OPEN}", rows=40, columns=120)
    s.wait_for(f"{OPEN}/tcp")
    s.send("c")
    wait_for(s, "looking, ends in")
    s.send("s")
    begun = wait_for(s, r"saving to (dport-\S+\.pcap)")
    if not ok(begun, "s begins a file", text(s)):
        return
    name = begun.group(1)
    path = os.path.join(folder, name)
    ok(re.fullmatch(rf"dport-.+-{OPEN}-\d{{8}}T\d{{6}}Z\.pcap", name) is not None, "its name tells what is in it", name)
    knock(zoo, OPEN, OPEN, OPEN)
    ok(wait_for(s, "3 attempts: 3 answered"), "what comes is shown as well", text(s))
    s.send("\x1b")
    ok(wait_for(s, r"end that\? \[y/N\]"), "Esc asks", text(s))
    s.send("n")
    ok(wait_for(s, "BEGAN") and os.path.exists(path), "and a no goes on", text(s))
    s.send("\x1b")
    wait_for(s, r"end that\?")
    s.send("y")
    said = wait_for(s, rf"saved {re.escape(name)}: (\d+) packets")
    ok(said, "a yes ends it, and says what is in the file", text(s))
    code, lines = packets_of(path)
    ok(code == 0 and said and len(lines) == int(said.group(1)), "tcpdump reads as many packets",
       (code, len(lines), text(s)))
    ok(sum("Flags [S]" in line for line in lines) >= 3, "three SYNs among them", "\n".join(lines))
    ok(SECRET.encode() not in open(path, "rb").read(), "and no payload")
    ok(os.stat(path).st_mode & 0o777 == 0o600, "the file is for its owner alone")
    code = s.quit()
    ok(code == 0 and f"dport: saved {name}, {len(lines)} packets".encode() in s.raw, "the end names the file again",
       s.raw[-300:])


def quitting(zoo, folder):
    s = console(zoo, folder, f"port:{OPEN}", rows=40, columns=120)
    s.wait_for(f"{OPEN}/tcp")
    s.send("c")
    wait_for(s, "looking, ends in")
    s.send("s")
    begun = wait_for(s, r"saving to (dport-\S+\.pcap)")
    knock(zoo, OPEN)
    wait_for(s, "1 attempt:")
    s.send("q")
    ok(wait_for(s, r"saved: quit\? \[y/N\]"), "q asks while packets are saved", text(s))
    s.send("n")
    ok(wait_for(s, "saving, ends in"), "a no goes on", text(s))
    s.send("q")
    wait_for(s, r"quit\? \[y/N\]")
    s.send("y")
    s.pump(3)
    ok(begun and b"dport: saved " + begun.group(1).encode() in s.raw, "a yes ends it and names the file", s.raw[-300:])
    code, lines = packets_of(os.path.join(folder, begun.group(1))) if begun else (1, [])
    ok(code == 0 and len(lines) >= 3, "which is whole", (code, lines))


def refused(zoo, folder):
    """Where a file cannot be created the capture goes on without it; without a right nothing does."""
    closed = os.path.join(folder, "closed")
    os.mkdir(closed)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", closed], check=True)
    s = console(zoo, closed, f"port:{OPEN}", rows=40, columns=120)
    s.wait_for(f"{OPEN}/tcp")
    s.send("c")
    wait_for(s, "looking, ends in")
    s.send("s")
    ok(wait_for(s, r"not saved: dport-\S+\.pcap cannot be created: Read-only"), "a full or closed place is said", text(s))
    knock(zoo, OPEN)
    ok(wait_for(s, "1 attempt: 1 answered"), "and attempts still come", text(s))
    s.quit()
    subprocess.run(["umount", closed], check=True)
    s = console(zoo, "/", f"port:{OPEN}", prefix=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
    s.wait_for(f"{OPEN}/tcp")
    s.send("c")
    ok(wait_for(s, "⊘ needs root") and "packets cannot be seen" in text(s) and "run dport as root" in text(s),
       "without the right the reason and the grant stand there", text(s))
    s.quit()


def replayed(zoo, folder):
    path = os.path.join(folder, "recorded.tar")
    run = subprocess.Popen(zoo.prefix + [DPORT, "diagnose", str(OPEN), "--record", path, "--wait", "5"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while run.poll() is None:
        knock(zoo, OPEN)
        time.sleep(0.3)
    s = console(zoo, folder, "--replay", path, f"port:{OPEN}")
    s.wait_for(f"{OPEN}/tcp")
    s.send("c")
    ok(wait_for(s, "as recorded") and wait_for(s, r"✔ answered +127\.0\.0\.1"), "a replay shows what was recorded", text(s))
    s.send("s")
    ok(wait_for(s, "no packets in a recording"), "of which no packets can be saved", text(s))
    s.quit()
    s = console(zoo, folder, "--replay", path, f"port:{OPEN + 1}")
    s.wait_for(f"{OPEN + 1}/tcp")
    s.send("c")
    ok(wait_for(s, "– not recorded") and "holds no capture" in text(s), "and says where there is nothing", text(s))
    s.quit()


def main():
    need_root()
    kill_group_at_exit()
    zoo = Zoo()
    folder = tempfile.mkdtemp()
    rows(zoo, folder)
    saving(zoo, folder)
    quitting(zoo, folder)
    refused(zoo, folder)
    replayed(zoo, folder)
    done()


main()

#!/usr/bin/python3
"""A recording says the same as the host did: the same JSON, the same screen, without root and on another host."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, Screen, Zoo, done, kill_group_at_exit, need_root, ok

# Another host: other namespaces, another name, no rights.
ELSEWHERE = ["unshare", "--net", "--uts", "sh", "-c",
             'hostname elsewhere && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"', "sh"]


def run(*command):
    return subprocess.run(command, capture_output=True, timeout=120, check=False)


def screen_of(command):
    screen = Screen(command)
    ok(screen.wait_for("7022/tcp") or screen.wait_for("7001/tcp"), "the console shows the recording")
    screen.pump(1.5)
    lines = screen.lines()
    code = screen.quit()
    ok(code == 0, "and ends with 0", code)
    return lines


def main():
    need_root()
    kill_group_at_exit()
    zoo = Zoo()
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    path = os.path.join(folder, "zoo.tar")

    live = zoo.run(DPORT, "list", "--json", "--record", path)
    ok(live.returncode == 0 and b"7001" in live.stdout, "list --record prints as ever", live.stderr)
    ok(os.stat(path).st_mode & 0o777 == 0o600, "a recording is for its owner alone")
    ok(b"keep it private" in live.stderr, "and says what it holds", live.stderr)
    os.chmod(path, 0o644)
    here = run(DPORT, "list", "--json", "--replay", path)
    ok(here.stdout == live.stdout, "the replay is byte for byte what was live",
       here.stdout[:300] + b" against " + live.stdout[:300])
    there = run(*ELSEWHERE, DPORT, "list", "--json", "--replay", path)
    ok(there.returncode == 0 and there.stdout == live.stdout, "also on another host without rights", there.stderr)
    text = [run(*prefix, DPORT, "list", "--replay", path).stdout for prefix in ([], ELSEWHERE)]
    ok(text[0] == text[1] and b"7001/tcp" in text[0], "the text too")
    doctor = [run(*prefix, DPORT, "doctor", "--json", "--replay", path).stdout for prefix in ([], ELSEWHERE)]
    ok(b"dport.doctor/1" in doctor[0], "doctor reads the recording", doctor[0][:200])

    ok(run("tar", "-tf", path).stdout.startswith(b"meta.json\n"), "tar lists a recording")
    again = zoo.run(DPORT, "list", "--record", path)
    ok(again.returncode == 2 and b"is there already" in again.stderr, "a recording never replaces a file", again.stderr)

    minute = os.path.join(folder, "while.tar")
    made = zoo.run(DPORT, "record", minute, "--for", "3")
    ok(made.returncode == 0, "record goes on for a time", made.stderr)
    os.chmod(minute, 0o644)
    ok(screen_of([DPORT, "--replay", minute]) == screen_of(ELSEWHERE + [DPORT, "--replay", minute]),
       "the screen is the same as root here and without rights there")

    data = open(path, "rb").read()
    for cut in (0, 100, 512, 5000, len(data) // 2, len(data) - 2000):
        short = os.path.join(folder, f"cut-{cut}.tar")
        open(short, "wb").write(data[:cut])
        got = run(DPORT, "list", "--json", "--replay", short)
        sentences = [line for line in got.stderr.splitlines() if line.startswith(b"dport: ")]
        ok(got.returncode == 65 and sentences, f"a recording cut at {cut} ends with 65 and a sentence",
           (got.returncode, got.stderr))
    bad = os.path.join(folder, "bad.tar")
    open(bad, "wb").write(b"\x1b[31mno recording" * 100)
    got = run(DPORT, "list", "--replay", bad)
    ok(got.returncode == 65 and b"\x1b" not in got.stderr and got.stderr.count(b"\n") == 1,
       "what is no recording is refused in one sentence", got.stderr)
    got = run(DPORT, "list", "--replay", os.path.join(folder, "none.tar"))
    ok(got.returncode == 2 and got.stderr.count(b"\n") == 1, "a file that is not there as well", got.stderr)
    done()


main()

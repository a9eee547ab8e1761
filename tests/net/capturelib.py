"""Runs dport capture; what the tests of files and of live captures share."""
import json
import os
import subprocess
import tempfile

from taplib import DPORT

T0 = 1700000000.0
FOLDER = tempfile.TemporaryDirectory()


def save(name, data):
    path = os.path.join(FOLDER.name, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


def capture(*words, timeout=60):
    return subprocess.run([DPORT, "capture", *words], capture_output=True, timeout=timeout, check=False)


def read(path, *words):
    got = capture("-r", path, "--json", *words)
    return (json.loads(got.stdout) if got.stdout else None), got


def tcpdump_count(path, expression):
    got = subprocess.run(["tcpdump", "-nn", "-r", path, expression], capture_output=True, text=True, check=False)
    return len([line for line in got.stdout.splitlines() if line])

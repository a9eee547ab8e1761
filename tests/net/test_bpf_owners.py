#!/usr/bin/python3
"""Owners by the kernel's own walk over all tasks (BPF), beside those by the files of /proc and those of ss."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, Zoo, done, kill_group_at_exit, need_root, ok, skip, ss_sockets
from test_listeners import SS_MISSES, by_port, compare_owners

TASKS, FILES = ("--owners", "tasks"), ("--owners", "files")


def ways(run, *words, prefix=()):
    """How each worker of a list found owners, as it is recorded: {"tasks"}, {"files"}."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        tape = os.path.join(folder, "tape.tar")
        run(*prefix, DPORT, "list", *words, "--record", tape)
        return set(re.findall(rb"workers=\d by=(\w+)", open(tape, "rb").read()))


def without_clock(document):
    return {key: value for key, value in document.items() if key != "time"}


def compare_ways(zoo):
    by_files = zoo.list_json(*FILES)
    for workers in ("1", "2"):
        by_tasks = zoo.list_json(*TASKS, "--workers", workers)
        ok(without_clock(by_tasks) == without_clock(by_files),
           f"with {workers} worker(s) the whole list is what the files of /proc give, names, units and start times too",
           [(a["port"], a["owners"], b["owners"]) for a, b in
            zip(by_tasks["listeners"], by_files["listeners"]) if a != b][:3])
    return by_tasks


def follow_changes(zoo):
    before = len(by_port(zoo.list_json(*TASKS), 7001)[0]["owners"])
    zoo.say("fork")
    late = zoo.list_json("7001", *TASKS)
    ok(len(late["listeners"][0]["owners"]) == before + 1, "a worker forked from an old socket appears")
    compare_owners(zoo.list_json(*TASKS), ss_sockets(zoo))


def without_rights(zoo):
    """BPF is refused: the files say what they can, and that it is not all."""
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        os.chmod(folder, 0o777)
        tape = os.path.join(folder, "tape.tar")
        zoo.run(*nobody, DPORT, "list", *TASKS, "--record", tape)
        found = set(re.findall(rb"workers=\d by=(\w+)", open(tape, "rb").read()))
    ok(found == {b"files"}, "without the right to load it the files are read", found)
    unread = json.loads(zoo.run(*nobody, DPORT, "list", "--json", *TASKS).stdout)
    ok(all(not one["owners_complete"] for one in unread["listeners"]), "and no list of owners is called complete")


def by_size(zoo):
    """150 idle processes beside us make it a large host."""
    crowd = subprocess.Popen(["sh", "-c", "for i in $(seq 170); do sleep 60 & done; wait"],
                             start_new_session=True)
    try:
        while len([p for p in os.listdir("/proc") if p.isdigit()]) < 180:
            pass
        ok(ways(zoo.run) == {b"tasks"}, "a host of many processes is walked by the kernel, unasked")
    finally:
        os.killpg(crowd.pid, 9)
        crowd.wait()


def in_pid_namespace(zoo):
    """There the numbers are others, and so they are told; with a /proc of another namespace the walk is left out."""
    inside = zoo.run("unshare", "--pid", "--fork", "--mount-proc", DPORT, "list", "--json", *TASKS)
    ok(all(not one["owners"] for one in json.loads(inside.stdout)["listeners"]),
       "in a pid namespace of its own no process from outside is named")
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        tape = os.path.join(folder, "tape.tar")
        zoo.run("unshare", "--pid", "--fork", DPORT, "list", *TASKS, "--record", tape)
        found = set(re.findall(rb"workers=\d by=(\w+)", open(tape, "rb").read()))
    ok(found == {b"files"}, "beside a /proc that numbers otherwise the files are read", found)


def main():
    need_root()
    kill_group_at_exit()
    zoo = Zoo()
    if ways(zoo.run, *TASKS) != {b"tasks"}:
        skip("this kernel, or its lockdown, has no walk of tasks for us")
    ok(ways(zoo.run, *FILES) == {b"files"}, "--owners files reads the files of /proc")
    document = compare_ways(zoo)
    compare_owners(document, ss_sockets(zoo))
    for port in sorted(SS_MISSES):
        ok(len(by_port(document, port)[0]["owners"]) == 1, f"the owner of {port}, which ss and lsof miss, is found")
    follow_changes(zoo)
    without_rights(zoo)
    in_pid_namespace(zoo)
    by_size(zoo)
    done()


main()

#!/usr/bin/python3
"""A session handed over: recorded from within the console, replayed by a colleague, who goes through its time."""
import glob
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import done, kill_group_at_exit, need_root, ok
from test_guide import PORT, Host, begin, console

LATER = 9099


def record_a_session(host):
    """A listener that comes while it is written. Returns the file's name."""
    c = console()
    ok(c.wait_for(f"{PORT}/tcp"), "the console shows this host", c.screen())
    c.keys("o")
    ok(c.wait_for("what is read from now on goes to dport-.*tar"), "o begins a recording", c.screen())
    ok(c.wait_for("writing to"), "that it is written stands there", c.screen())
    time.sleep(3)
    late = host.serve(LATER)
    ok(c.wait_for(f"{LATER}/tcp"), "something happens meanwhile", c.screen())
    time.sleep(2.5)
    c.keys("o")
    ok(c.wait_for(r"written: dport-.*\.tar, \d+ KiB"), "o ends it", c.screen())
    c.keys("q")
    ok(c.wait_for("left with 0"), "and the console goes on until it is left", c.screen())
    c.close()
    host.stop(late)
    names = glob.glob(c.folder + "/dport-*.tar")
    ok(len(names) == 1 and os.stat(names[0]).st_mode & 0o777 == 0o600, "there is one file, for its owner alone", names)
    return names[0]


def place(c):
    got = re.search(r"(\d\d:\d\d:\d\d) .* (\d+) of (\d+), \[ \]", c.screen())
    return got and (got.group(1), int(got.group(2)), int(got.group(3)))


def go(c, key, times):
    for _ in range(times):
        c.keys(key)
    time.sleep(1)


def replay_it(name):
    c = console(f"--replay {name}", where="cli")
    ok(c.wait_for(f"{PORT}/tcp"), "it is replayed as it was", c.screen())
    ok(c.wait_for(r"\d of \d+, \[ \]", seconds=10), "with a line of time", c.screen())
    c.keys("[")
    time.sleep(0.5)
    go(c, "[", place(c)[2] if place(c) else 10)
    first = place(c)
    ok(first and first[1] == 1 and first[2] >= 4, "[ goes back to its begin", (first, c.screen()))
    ok(f"{LATER}/tcp" not in c.screen() and f"{PORT}/tcp" in c.screen(), "when the late listener was not there", c.screen())
    go(c, "]", first[2])
    last = place(c)
    ok(last and last[1] == last[2] and last[0] > first[0], "] goes to its end, by its own clock", (last, c.screen()))
    ok(c.wait_for(f"{LATER}/tcp", seconds=5), "when it was", c.screen())
    go(c, "[", last[2])
    ok(f"{LATER}/tcp" not in c.screen(), "and back before it came", c.screen())
    time.sleep(2)
    ok(place(c) and place(c)[1] == 1, "where it stands still", c.screen())
    c.keys("o")
    ok(c.wait_for("this is a recording already"), "a recording is not recorded", c.screen())
    c.keys("q")
    ok(c.wait_for("left with 0"), "it is left", c.screen())
    c.close()


def record_a_diagnosis(host):
    """The Guide under way is made again, so that the file holds it."""
    host.rule("add table inet filter; add chain inet filter input { type filter hook input priority 0; }; "
              f"add rule inet filter input tcp dport {PORT} counter drop")
    client = host.knock()
    c = console()
    c.wait_for(f"{PORT}/tcp")
    begin(c)
    ok(c.wait_for("FIREWALL DROPS IT · proven"), "a diagnosis is there", c.screen())
    c.keys("o")
    ok(c.wait_for("before: .*", seconds=10), "with o it is made again", c.screen())
    ok(c.wait_for("FIREWALL DROPS IT · proven"), "to the same end", c.screen())
    time.sleep(1)
    c.keys("q")
    c.wait_for("left with 0")
    ok(re.search(r"left with 0", c.screen()), "quitting ends the file", c.screen())
    c.close()
    host.stop(client)
    host.rule("flush ruleset")
    return glob.glob(c.folder + "/dport-*.tar")[0]


def replay_the_diagnosis(name):
    c = console(f"--replay {name}", where="cli")
    c.wait_for(f"{PORT}/tcp")
    c.keys("Enter")
    ok(c.wait_for("FIREWALL DROPS IT · proven"), "whoever opens the file sees the diagnosis by Enter alone", c.screen())
    c.keys("q")
    c.wait_for("left with 0")
    c.close()


def main():
    need_root()
    kill_group_at_exit()
    host = Host()
    server = host.serve(PORT)
    replay_it(record_a_session(host))
    replay_the_diagnosis(record_a_diagnosis(host))
    host.stop(server)
    done()


main()

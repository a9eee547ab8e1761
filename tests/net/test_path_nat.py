#!/usr/bin/python3
"""dport path behind a translation into a container: datagrams, from within a namespace that is named; as Markdown
too. And which form each command has.

rt is the router of this test (10.0.0.1), cl its client (10.0.0.2), ct its container (172.17.0.2).
"""
import atexit
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

HERE = os.path.dirname(os.path.abspath(__file__))
LINKS = """
for n in rt cl ct; do ip netns add $n; ip -n $n link set lo up; done
ip link add eth0 netns rt type veth peer name eth0 netns cl
ip -n rt address add 10.0.0.1/24 dev eth0; ip -n rt link set eth0 up
ip -n cl address add 10.0.0.2/24 dev eth0; ip -n cl link set eth0 up
ip link add veth0 netns rt type veth peer name eth0 netns ct
ip -n rt link add docker0 type bridge; ip -n rt link set docker0 up; ip -n rt link set veth0 master docker0
ip -n rt link set veth0 up; ip -n rt address add 172.17.0.1/16 dev docker0
ip -n ct address add 172.17.0.2/16 dev eth0; ip -n ct link set eth0 up; ip -n ct route add default via 172.17.0.1
ip netns exec rt sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
"""
RULES = """table ip nat { chain pre { type nat hook prerouting priority dstnat;
tcp dport 443 dnat to 172.17.0.2:80 comment "|`*_<b>[x](http://y)@z"
udp dport 53 dnat to 172.17.0.2:5300
udp dport 54 dnat to 172.17.0.2:53
} }
"""
FORMATS = {"list": "text json csv markdown", "diagnose 443": "text json markdown", "path 443": "text json markdown",
           "rules": "text json markdown", "exposure": "text json", "capture 443 --for 1": "text json jsonl",
           "doctor": "text json"}


def sh(script, **more):
    return subprocess.run(["sh", "-ec", script], capture_output=True, text=True, check=True, **more).stdout


def serve(*words):
    service = subprocess.Popen(["ip", "netns", "exec", "ct", sys.executable, os.path.join(HERE, "service.py"), *words],
                               stdout=subprocess.PIPE)
    atexit.register(service.kill)
    return service.stdout.readline() == b"ready\n"


def dport(*words):
    return subprocess.run([DPORT, *words], capture_output=True, text=True, timeout=60, check=False)


def path(*words):
    return json.loads(dport("path", *words, "--netns", "rt", "--from", "10.0.0.2", "--json").stdout)


def test_followed():
    for port, wanted in (("443/tcp", 80), ("53/udp", 5300)):
        way = path(port)
        inner = way.get("inner") or {}
        ok(way["open"] is True and inner.get("netns") == "ct" and inner["packet"]["dport"] == wanted and
           way["reply"]["verdict"] == "accept",
           f"{port} of the named namespace is followed into its container, and its answer back", json.dumps(way))
    way = path("54/udp")
    ok(way["open"] is False and (way["inner"] or {}).get("netns") == "ct" and
       way["decided_by"]["backend"] == "socket", "a port that the container does not serve is closed", json.dumps(way))
    got = dport("path", "443", "--netns", "nowhere")
    ok(got.returncode == 2 and "no such network namespace" in got.stderr, "a namespace that is not there is a wrong word",
       (got.returncode, got.stderr))


def test_replayed():
    name = os.path.join(os.environ.get("TMPDIR", "/tmp"), "path-nat.tar")
    words = ("path", "53/udp", "--netns", "rt", "--from", "10.0.0.2", "--json")
    live = dport(*words, "--record", name)
    again = dport(*words, "--replay", name)
    os.unlink(name)
    ok(live.stdout and live.stdout == again.stdout, "and its recording says the same", again.stdout + again.stderr)


def test_markdown():
    got = dport("path", "443", "--netns", "rt", "--from", "10.0.0.2", "--format", "markdown")
    lines = got.stdout.splitlines()
    ok(got.returncode == 0 and lines[0] == "# 443/tcp from 10.0.0.2 to 10.0.0.1: open" and
       "## The reply in the namespace rt" in lines and any(line.startswith("- **prerouting**: translated: ") for line in lines),
       "the way stands in Markdown", got.stdout + got.stderr)
    ok("&#124;&#96;&#42;&#95;&#60;b&#62;&#91;x&#93;(http&#58;//y)&#64;z" in got.stdout,
       "a comment of a rule becomes no markup, no link and no mention", got.stdout)


def test_formats():
    for words, has in FORMATS.items():
        for form in ("text", "json", "jsonl", "markdown", "csv"):
            if form in has.split():
                continue
            got = dport(*words.split(), "--format", form)
            name = words.split()[0]
            ok(got.returncode == 2 and not got.stdout and got.stderr.count("\n") == 1 and
               f"{name} has no --format {form}" in got.stderr, f"{name} refuses --format {form} in one sentence",
               (got.returncode, got.stderr))


def main():
    need_root()
    kill_group_at_exit()
    sh(LINKS)
    sh("ip netns exec rt nft -f -", input=RULES.replace("} }", "}\n}"))
    ok(serve("80") and serve("5300", "--udp"), "the container serves")
    test_followed()
    test_replayed()
    test_markdown()
    test_formats()
    done()


main()

#!/usr/bin/python3
"""The kernel's own reason for dropping the very packet, in diagnoses of real hosts and in their replays.

    test_drop_reasons.py [WORD...]
"""
import concurrent.futures
import dataclasses
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases_firewall
import cases_healthy
import cases_kernel
import cases_network
import cases_server
from caselib import play
from taplib import DPORT, done, kill_group_at_exit, need_root, ok, skip

ALL = {c.name: c for m in (cases_firewall, cases_healthy, cases_kernel, cases_network, cases_server) for c in m.CASES}

# Case -> the kernel's word that its diagnosis carries.
REASONS = {
    "a policy drops and no rule is for the port": "NETFILTER_DROP",
    "a rule drops the answer on its way out": "NETFILTER_DROP",
    "nobody listens": "NO_SOCKET",
    "strict reverse-path filtering and another way back": "IP_RPFILTER",
    "a socket with a filter that drops": "SOCKET_FILTER",
    "a key of TCP-MD5 that the client has not": "TCP_MD5NOTFOUND",
    "a socket that wants neighbours only": "TCP_MINTTL",
    "a client that cannot be resolved": "NEIGH_FAILED",
    "a token bucket smaller than the answer": "QDISC_DROP",
    "a policy of IPsec for what comes in": "XFRM_POLICY",
    "a client that has this host's own address": "IP_LOCAL_SOURCE",
}
# The kernel drops for others, or long ago, or nothing at all: no word of it may be told.
QUIET = ("a service that answers", "a firewall that drops many others, and does so now",
         "a port scan going on", "a key of TCP-MD5 for another client", "a policy of IPsec for another client")


def told(document):
    return [e for s in document["steps"] for e in s["evidence"] if e["source"] == "drop reasons"]


def carries(reason):
    def look(seen):
        words = [e["text"] for e in told(seen.document)]
        if not any(f"{reason} in " in w for w in words):
            return [f"no word of {reason}: {words}"]
        others = [w for w in words if f"{reason} in " not in w]
        return [f"another reason too: {others}"] if others else []
    return look


def carries_none(seen):
    return [f"the kernel dropped: {e['text']}" for e in told(seen.document)]


def cases():
    for name, reason in REASONS.items():
        # A neighbour is given up after three seconds.
        more = {"settle": 3} if reason == "NEIGH_FAILED" else {}
        yield dataclasses.replace(ALL[name], look=carries(reason), **more)
    for name in QUIET:
        yield dataclasses.replace(ALL[name], look=carries_none)


def gaps(*prefix):
    """What a diagnosis says that it could not see of drops."""
    got = subprocess.run([*prefix, DPORT, "diagnose", "9/tcp", "--from", "127.0.0.1", "--wait", "1", "--json"],
                         capture_output=True, timeout=60, check=False)
    return [m for m in json.loads(got.stdout)["missing"] if m["source"] == "drop reasons"]


def left_behind():
    """Descriptors of BPF programs and links that any process still has."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            found += [f"{pid}: {t}" for t in (os.readlink(f"/proc/{pid}/fd/{n}") for n in os.listdir(f"/proc/{pid}/fd"))
                      if t.startswith("anon_inode:bpf")]
        except OSError:
            continue
    return found


def report(result):
    details = [f"{kind}: {text}" for kind, text in result.failures]
    if result.broken:
        details.append("the scenario is broken: " + result.broken)
    ok(not details, f"{result.case.name}: {result.document.get('summary')}", "\n".join(details))


def main():
    need_root()
    kill_group_at_exit()
    if gaps():
        skip("this kernel tells no reasons to us: " + gaps()[0]["reason"])
    missing = gaps("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    ok(len(missing) == 1 and "CAP_BPF" in (missing[0]["grant"] or ""), "without rights it is a gap with its grant", missing)
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    chosen = [c for c in cases() if not sys.argv[1:] or any(w in c.name for w in sys.argv[1:])]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for result in pool.map(lambda c: play(c, DPORT, folder), chosen):
            report(result)
    ok(not left_behind(), "nothing of it stays in the kernel", left_behind())
    done()


main()

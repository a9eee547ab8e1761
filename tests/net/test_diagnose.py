#!/usr/bin/python3
"""dport diagnose on broken and on healthy hosts: real services, real rules, a client that retries.

    test_diagnose.py [--scenario-only] [--jobs N] [--list] [WORD...]

WORDs choose the cases whose name has one of them. --scenario-only checks without dport that the
client of each case really sees what the case says.
"""
import argparse
import concurrent.futures
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases_client
import cases_firewall
import cases_healthy
import cases_logs
import cases_nat
import cases_network
import cases_reject
import cases_server
import cases_udp
from caselib import check_scenario, play
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

CASES = [case for module in (cases_healthy, cases_client, cases_server, cases_firewall, cases_reject,
                             cases_network, cases_udp, cases_logs, cases_nat) for case in module.CASES]
LEAST = 175  # cases that must be there
FAULTS_H = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../core/diagnosis/faults.h")
KINDS = ("false claim", "no answer", "wrong detail", "replay", "no document", "hung", "scenario")


def options():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--scenario-only", action="store_true")
    p.add_argument("--list", action="store_true")
    p.add_argument("--jobs", type=int, default=6)
    p.add_argument("words", nargs="*")
    args = p.parse_args()
    args.cases = [c for c in CASES if not args.words or any(w in c.name for w in args.words)]
    return args


# Shown by tests of their own: what makes them is no rule, or nothing that this kernel has.
SHOWN_BY = {"tests/net/test_programs.py": ("firewall.xdp-drop", "firewall.tc-drop", "firewall.cgroup-drop"),
            "tests/net/test_queues.py": ("firewall.queue-unread",),
            "tests/net/cases_kernel.py": (
                "net.link-down", "net.address-lost", "net.address-unusable", "net.ipv6-disabled", "net.martian",
                "net.wrong-netmask", "net.qdisc-drop", "net.ipsec-policy", "server.tcp-authentication",
                "server.socket-filter", "server.udp-buffer-full", "server.syn-queue-full"),
            "tests/unit/test_checks_kernel.c": ("server.memory-pressure",),
            "tests/unit/test_checks_kernel_way.c": ("net.nic-drops", "net.neighbour-table-full"),
            "tests/net/cases_streams.py": (
                "server.tls-mismatch", "server.tls-alert", "server.protocol-mismatch", "server.proxy-header",
                "server.resets-after-accept", "server.access-denied-by-application", "server.connection-limit",
                "client.mtu-black-hole", "client.tuple-reuse", "firewall.middlebox-reset"),
            "tests/net/test_bridge.py": ("firewall.bridge-drop",),
            "tests/net/cases_link.py": ("net.wrong-mac", "net.vlan-tag", "net.duplicate-address", "net.neighbour-wrong",
                                        "net.asymmetric", "net.bad-checksum", "server.udp-reply-source",
                                        "firewall.remote"),
            "tests/net/cases_state.py": ("firewall.rate-limited", "firewall.untracked", "firewall.invalid-drop",
                                         "firewall.related-channel"),
            "tests/net/cases_service.py": ("server.service-failed", "server.address-in-use", "server.privileged-port",
                                           "server.bind-denied", "server.address-absent", "server.activation-stuck",
                                           "server.unexpected-owner"),
            "tests/net/cases_probe.py": (
                "client.name-unresolved", "client.name-resolves-elsewhere", "client.prefers-ipv6", "client.uses-proxy",
                "client.egress-filtered", "client.no-route", "client.next-hop-unreachable",
                "client.ephemeral-ports-exhausted"),
            "tests/unit/test_checks_takers.c": ("proxy.ipvs-no-real-server",)}


def shown_elsewhere():
    for path, faults in SHOWN_BY.items():
        with open(path, encoding="utf-8") as f:
            text = f.read()
        yield from (fault for fault in faults if fault in text)


def faults_without_case():
    """Faults of the program that no case shows as the cause."""
    with open(FAULTS_H, encoding="utf-8") as f:
        ids = set(re.findall(r'\bX\(\w+,\s*"([a-z]+\.[a-z0-9-]+)"', f.read()))
    if not ids:
        raise ValueError("no fault in faults.h")
    return sorted(ids - set(shown_elsewhere()) - {cause for c in CASES if not c.expect.or_unknown for cause in c.expect.cause})


def report(result, number_of):
    case = result.case
    said = result.document.get("summary")
    sentence = f"{number_of[case.name]:02d} {case.name}: the client sees {case.sees}" + (
        f"; {result.seconds:.1f} s: {said}" if said else "")
    details = [f"{kind}: {text}" for kind, text in result.failures]
    if result.broken:
        details.append("the scenario is broken: " + result.broken)
    ok(not details, sentence, "\n".join(details))


def say_sums(results):
    for kind in KINDS:
        n = sum(any(k == kind for k, _ in r.failures) for r in results)
        print(f"# {kind}: {n}")
    times = sorted(r.seconds for r in results if r.seconds)
    if times:
        slow = sum(t > 6 for t in times)
        print(f"# seconds to the document: median {times[len(times) // 2]:.1f}, 9 of 10 within "
              f"{times[len(times) * 9 // 10]:.1f}, longest {times[-1]:.1f}; over 6 s: {slow} of {len(times)}")


def main():
    args = options()
    if args.list:
        print("\n".join(c.name for c in args.cases))
        return
    need_root()
    kill_group_at_exit()
    number_of = {c.name: n for n, c in enumerate(CASES, 1)}
    ok(len(number_of) == len(CASES) >= LEAST, f"{len(CASES)} cases, each with a name of its own")
    ok(not faults_without_case(), "each fault has a case that shows it", ", ".join(faults_without_case()))
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = [pool.submit(check_scenario, case) if args.scenario_only
                else pool.submit(play, case, DPORT, folder) for case in args.cases]
        results = []
        for job in concurrent.futures.as_completed(jobs):
            results.append(job.result())
            report(results[-1], number_of)
    say_sums(results)
    done()


main()

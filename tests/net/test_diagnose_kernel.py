#!/usr/bin/python3
"""dport diagnose where the kernel itself stops a packet: the cases of cases_kernel.py.

    test_diagnose_kernel.py [--scenario-only] [WORD...]
"""
import concurrent.futures
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases_kernel import CASES
from caselib import check_scenario, play
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

AT_ONCE = 4


def chosen(words):
    return [c for c in CASES if not words or any(w in c.name for w in words)]


def report(result):
    said = result.document.get("summary")
    sentence = f"{result.case.name}: the client sees {result.case.sees}" + (
        f"; {result.seconds:.1f} s: {said}" if said else "")
    details = [f"{kind}: {text}" for kind, text in result.failures]
    if result.broken:
        details.append("the scenario is broken: " + result.broken)
    ok(not details, sentence, "\n".join(details))


def main():
    words = sys.argv[1:]
    is_scenario_only = "--scenario-only" in words
    cases = chosen([w for w in words if not w.startswith("--")])
    need_root()
    kill_group_at_exit()
    ok(len({c.name for c in CASES}) == len(CASES), f"{len(CASES)} cases, each with a name of its own")
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [pool.submit(check_scenario, c) if is_scenario_only else pool.submit(play, c, DPORT, folder)
                for c in cases]
        for job in concurrent.futures.as_completed(jobs):
            report(job.result())
    done()


main()

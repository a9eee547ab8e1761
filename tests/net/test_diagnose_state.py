#!/usr/bin/python3
"""dport diagnose where rules have a bound, or disagree with connection tracking: test_diagnose.py tells more.

    test_diagnose_state.py [--scenario-only] [--jobs N] [WORD...]
"""
import argparse
import concurrent.futures
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases_state
from caselib import check_scenario, play
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

LEAST = 40  # cases that must be there


def report(result):
    case = result.case
    details = [f"{kind}: {text}" for kind, text in result.failures]
    if result.broken:
        details.append("the scenario is broken: " + result.broken)
    ok(not details, f"{case.name}: the client sees {case.sees}; {result.document.get('summary')}", "\n".join(details))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--scenario-only", action="store_true")
    p.add_argument("--jobs", type=int, default=4)
    p.add_argument("words", nargs="*")
    args = p.parse_args()
    need_root()
    kill_group_at_exit()
    cases = [c for c in cases_state.CASES if not args.words or any(w in c.name for w in args.words)]
    names = {c.name for c in cases_state.CASES}
    ok(len(names) == len(cases_state.CASES) >= LEAST, f"{len(names)} cases, each with a name of its own")
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = [pool.submit(check_scenario, case) if args.scenario_only
                else pool.submit(play, case, DPORT, folder) for case in cases]
        for job in concurrent.futures.as_completed(jobs):
            report(job.result())
    done()


main()

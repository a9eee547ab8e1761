#!/usr/bin/python3
"""dport diagnose where two faults meet, and where a healthy host looks ill: cases_two.py, cases_traps.py.

    test_diagnose_mixed.py [--scenario-only] [WORD...]
"""
import concurrent.futures
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases_traps
import cases_two
from caselib import check_scenario, play
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

CASES = [*cases_two.CASES, *cases_traps.CASES]
LEAST_TWO = 10
JOBS = 4


def report(result):
    details = [f"{kind}: {text}" for kind, text in result.failures]
    if result.broken:
        details.append("the scenario is broken: " + result.broken)
    also = " ".join(a["cause"] for a in result.document.get("also", ()))
    ok(not details, f"{result.case.name}: the client sees {result.case.sees}; {result.document.get('summary')}"
       + (f"; also {also}" if also else ""), "\n".join(details))


def main():
    words = [w for w in sys.argv[1:] if not w.startswith("--")]
    cases = [c for c in CASES if not words or any(w in c.name for w in words)]
    need_root()
    kill_group_at_exit()
    ok(len({c.name for c in CASES}) == len(CASES), f"{len(CASES)} cases, each with a name of its own")
    ok(sum(bool(c.expect.also) for c in cases_two.CASES) >= LEAST_TWO, f"at least {LEAST_TWO} have two faults")
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        jobs = [pool.submit(check_scenario, c) if "--scenario-only" in sys.argv else pool.submit(play, c, DPORT, folder)
                for c in cases]
        for job in concurrent.futures.as_completed(jobs):
            report(job.result())
    done()


main()

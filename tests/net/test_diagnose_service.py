#!/usr/bin/python3
"""dport diagnose on services that are down: the cases of cases_service.py.

    test_diagnose_service.py [--scenario-only] [WORD...]
"""
import concurrent.futures
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases_service
from caselib import check_scenario, play
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

LEAST = 30  # cases that must be there
JOBS = 4


def report(result):
    details = [f"{kind}: {text}" for kind, text in result.failures]
    if result.broken:
        details.append("the scenario is broken: " + result.broken)
    ok(not details, f"{result.case.name}: the client sees {result.case.sees}; {result.document.get('summary')}",
       "\n".join(details))


def main():
    words = [w for w in sys.argv[1:] if not w.startswith("--")]
    cases = [c for c in cases_service.CASES if not words or any(w in c.name for w in words)]
    need_root()
    kill_group_at_exit()
    ok(len({c.name for c in cases_service.CASES}) == len(cases_service.CASES) >= LEAST,
       f"{len(cases_service.CASES)} cases, each with a name of its own")
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        jobs = [pool.submit(check_scenario, c) if "--scenario-only" in sys.argv
                else pool.submit(play, c, DPORT, folder) for c in cases]
        for job in concurrent.futures.as_completed(jobs):
            report(job.result())
    done()


main()

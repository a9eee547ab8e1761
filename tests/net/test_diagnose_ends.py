#!/usr/bin/python3
"""dport diagnose --client and --join: this host and its client as one.

    test_diagnose_ends.py [WORD...]

A real sshd runs on the client with throw-away keys. WORDs choose the cases whose name has one of them.
"""
import concurrent.futures
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases_ends
import cases_joined
from caselib import play
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

JOBS = 3


def report(result):
    details = [f"{kind}: {text}" for kind, text in result.failures]
    if result.broken:
        details.append("the scenario is broken: " + result.broken)
    said = result.document.get("summary")
    ok(not details, f"{result.case.name}; {result.seconds:.1f} s: {said}", "\n".join(details))


def main():
    need_root()
    kill_group_at_exit()
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    cases = list(cases_joined.make(folder))
    if shutil.which("sshd", path="/usr/sbin:/usr/bin") and shutil.which("ssh"):
        cases_ends.make_keys()
        cases += cases_ends.CASES
    else:
        print("# no ssh and sshd here (openssh-client, openssh-server): the cases over ssh are left out")
    cases = [c for c in cases if not sys.argv[1:] or any(w in c.name for w in sys.argv[1:])]
    try:
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            for job in concurrent.futures.as_completed([pool.submit(play, c, DPORT, folder) for c in cases]):
                report(job.result())
    finally:
        cases_ends.forget_keys()
        shutil.rmtree(folder, ignore_errors=True)
    done()


main()

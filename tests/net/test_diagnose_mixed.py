#!/usr/bin/python3
"""dport diagnose where two faults meet, where a healthy host looks ill, and where what is kept is not what
runs: cases_two.py, cases_traps.py, cases_kept.py.

    test_diagnose_mixed.py [--scenario-only] [WORD...]
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases_kept
import cases_traps
import cases_two
from caselib import play_cases
from taplib import ok

LEAST_TWO = 10

ok(sum(bool(c.expect.also) for c in cases_two.CASES) >= LEAST_TWO, f"at least {LEAST_TWO} have two faults")
play_cases([*cases_two.CASES, *cases_traps.CASES, *cases_kept.CASES], LEAST_TWO)

#!/usr/bin/python3
"""dport diagnose where a rule chooses the way of the answer: the cases of cases_routing.py.

    test_diagnose_routing.py [--scenario-only] [WORD...]
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases_routing import CASES
from caselib import play_cases

play_cases(CASES, 13)

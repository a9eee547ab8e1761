#!/usr/bin/python3
"""dport diagnose on the link layer, the ways out and as a router: the cases of cases_link.py.

    test_diagnose_link.py [--scenario-only] [WORD...]
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases_link import CASES
from caselib import play_cases

play_cases(CASES, 30)

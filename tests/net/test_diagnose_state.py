#!/usr/bin/python3
"""dport diagnose where rules have a bound, or disagree with connection tracking: test_diagnose.py tells more.

    test_diagnose_state.py [--scenario-only] [WORD...]
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases_state import CASES
from caselib import play_cases

play_cases(CASES, 40)

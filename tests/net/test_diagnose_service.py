#!/usr/bin/python3
"""dport diagnose on services that are down: the cases of cases_service.py.

    test_diagnose_service.py [--scenario-only] [WORD...]
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases_service import CASES
from caselib import play_cases

play_cases(CASES, 30)

#!/usr/bin/python3
"""dport diagnose where the kernel itself stops a packet: the cases of cases_kernel.py.

    test_diagnose_kernel.py [--scenario-only] [WORD...]
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases_kernel import CASES
from caselib import play_cases

play_cases(CASES, 38)

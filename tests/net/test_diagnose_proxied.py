#!/usr/bin/python3
"""dport diagnose where a transparent proxy takes packets, or should: test_diagnose.py tells more.

    test_diagnose_proxied.py [--scenario-only] [WORD...]
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases_proxied import CASES
from caselib import play_cases

play_cases(CASES, 25)

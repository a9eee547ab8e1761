#!/usr/bin/python3
"""dport diagnose where a policy of IPsec stops a packet: the cases of cases_ipsec.py.

    test_diagnose_ipsec.py [--scenario-only] [WORD...]
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases_ipsec import CASES
from caselib import play_cases

play_cases(CASES, 20)

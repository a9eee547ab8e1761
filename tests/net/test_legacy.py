#!/usr/bin/python3
"""What the evaluator says of tables of iptables-legacy against what a packet meets in the kernel.

As test_rules.py, with the rulesets of legacy_cases.py: a drop, a reject, a translation is what was met; the counters
of legacy rules are compared too.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cleanlib import clear_rules
from legacy_cases import CASES
from ruleslib import Host, Score, judge, load_more, run
from taplib import done, kill_group_at_exit, need_root, ok, skip


def load(parts):
    """Why a part of the ruleset is not taken; nothing if all is."""
    clear_rules()
    for how, text in parts:
        refused = load_more(how, text)
        if refused:
            return refused
    return ""


def main():
    need_root()
    if run("iptables-legacy", "-S").returncode or run("ip6tables-legacy", "-S").returncode:
        skip("no legacy tables here, or no programs for them")
    kill_group_at_exit()
    host, score = Host(), Score()
    for name, parts, allowed in CASES:
        refused = load(parts)
        if refused:
            score.untold.append(name)
            print(f"# not taken here: {name}: {refused.splitlines()[0]}")
            continue
        wrong = judge(host, "", "", allowed, score)
        ok(not wrong, name, "\n".join(wrong[:6]))
    print(f"# {score.packets} packets compared, {score.unsure} of them with several outcomes; "
          f"{score.rules} counters of rules; {len(score.untold)} of {len(CASES)} rulesets not taken here")
    ok(score.packets > 2000 and score.rules > 200, "enough was compared", vars(score))
    ok(len(score.untold) < 6, "nearly every ruleset could be loaded", score.untold)
    done()


if __name__ == "__main__":
    main()

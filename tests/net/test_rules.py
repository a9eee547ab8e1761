#!/usr/bin/python3
"""What the evaluator says of a packet against what the packet meets in the kernel.

A host with a socket or two on the one end of a cable, frames made by hand on the other: for every
ruleset of rules_cases.py every packet below is sent, its answer (or silence) is compared with the
verdict of rules_walk, and the counters of the rules with the rules that were said to match.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rules_cases import CASES
from ruleslib import Host, Score, judge, load, must
from taplib import done, kill_group_at_exit, need_root, ok


def main():
    need_root()
    kill_group_at_exit()
    host, score = Host(), Score()
    for name, how, text, allowed in CASES:
        refused = load(how, text)
        if refused:
            score.untold.append(name)
            print(f"# not taken here: {name}: {refused.splitlines()[0]}")
            continue
        wrong = judge(host, how, text, allowed, score)
        ok(not wrong, name, "\n".join(wrong[:6]))
    must("nft flush ruleset")
    print(f"# {score.packets} packets compared, {score.unsure} of them with several outcomes; "
          f"{score.rules} counters of rules; {len(score.untold)} rulesets not taken here")
    ok(score.packets > 3000 and score.rules > 200, "enough was compared", vars(score))
    ok(len(score.untold) < 12, "nearly every ruleset could be loaded", score.untold)
    done()


if __name__ == "__main__":
    main()

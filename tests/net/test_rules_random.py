#!/usr/bin/python3
"""Random rulesets, random packets: what core/path says of each against what it meets in the kernel.

test_rules_random.py [--seed N [--cases N]]: from a seed; without one the seeds of the suite. A case is a packet
under a ruleset: it comes in by one of two devices and is taken by a socket, passed on to the other device, or is
sent by this host itself; its answer goes back through the rules. What is seen on the two cables must be what
rules_path said, and so must the counters of the rules that it met on its way in. A case that differs is
printed with its seed and the smallest ruleset that still differs.
"""
import argparse
import collections
import json
import os
import random
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cleanlib import flush_legacy
from routerlib import Router, answer_to
from rulesexpect import ANYTHING, TAKEN_OVER, expectation, is_sent
from rulesgen import Generator
from ruleslib import must, run
from taplib import TOP, done, kill_group_at_exit, need_root, ok

PATH = os.path.join(os.environ.get("TOOLS", os.path.join(TOP, "build/tests/net")), "rules_path")
SEEDS, CASES_PER_SEED = (1, 2, 3, 4, 5), 400
PACKETS_PER_RULESET, ESTABLISHED_PER_RULESET, RULESETS_PER_POOL = 16, 4, 25
CHANGES_MAX = 12
HOOK_OF_WAY_IN = {0, 1, 2, 5}  # enum fw_hook: prerouting, input, forward, ingress
# What this test cannot tell the evaluator, or no reader of the host could.
UNSURE_OF_OLD_FLOWS = {"ct mark", "meta mark", "how the flow was translated when it began"}
UNSURE_OF_ORDER = {"order of the tables of one priority"}
UNSURE_OF_COOKIES = {TAKEN_OVER}
UNSURE_OF_DEVICES = {"address of a masquerade"}  # of what stays on this host: which device is the first
UNSURE_OF_ANSWERS = {"TTL or hop limit", "the server may answer the client itself, past the translation"}

# ---- what the rules say ----

def load(ruleset):
    """Loads it without the rules that this kernel and these tools refuse: how many those were; None: all of it."""
    for without in range(60):
        refused = load_once(ruleset)
        if not refused:
            return without
        loader, words = refused
        lines = re.findall(r"/dev/stdin:(\d+):" if loader == "nft" else r"line:? (\d+)", words)
        offset = 1 if loader == "nft" else 0  # `flush ruleset` stands before it
        if not lines or not ruleset.without_line(loader, int(lines[0]) - offset):
            return None
    return None


def load_once(ruleset):
    texts = dict(ruleset.texts())
    got = run("nft", "-f", "-", input="flush ruleset\n" + texts.pop("nft", ""))
    if got.returncode:
        return "nft", got.stderr
    flush_legacy()
    for loader, text in texts.items():
        got = run(f"{loader}-restore" if loader.endswith("-legacy") else f"{loader}-nft-restore", "--noflush", input=text)
        if got.returncode:
            return loader, got.stderr
    return None


def walk(packets):
    lines = "".join(f"{p[0]} {p[1]} {number} {p[2]} {p[3]} {p[4]} {p[5]} {p[6]}\n" for number, p in packets.items())
    got = run(PATH, input=lines)
    if got.returncode:
        raise SystemExit(f"rules_path: {got.stderr}")
    return dict(zip(packets, map(json.loads, got.stdout.splitlines())))


def counters():
    """(family, table, chain, handle) -> packets, of the rules of the way in that count."""
    return {tuple(rule[1:5]): rule[5] for rule in json.loads(run(PATH, "--counters").stdout)
            if rule[3][0] == "i" or rule[3] in ("PREROUTING", "INPUT", "FORWARD")}


def miscounted(said):
    """Counters of the way in that differ from the rules that were said to match; None: some cannot be told."""
    if any(s["asked"] for s in said.values()):
        return None
    ours = collections.Counter(tuple(rule[1:]) for s in said.values() for rule in s["matched"] if rule[0] in HOOK_OF_WAY_IN)
    return [f"rule {rule} counted {n}, said {ours[rule]}" for rule, n in counters().items() if ours[rule] != n]


# ---- one ruleset ----

class Score:
    def __init__(self):
        self.rulesets = self.rules = self.refused = self.cases = self.unsure = self.untold = self.counters = 0
        self.why, self.wrong = collections.Counter(), []


def judge(router, ruleset, packets, score=None):
    """What is wrong: [words]. The ruleset is loaded."""
    wrong = []
    for part in ({n: p for n, p in packets.items() if not is_sent(p)}, {n: p for n, p in packets.items() if is_sent(p)}):
        if not part:
            continue
        said = walk(part)
        wanted = {n: expectation(p, said[n], ruleset) for n, p in part.items()}
        seen = router.deliver(part, {n: w.n_frames() for n, w in wanted.items()})
        for number, packet in part.items():
            want = wanted[number]
            if not want.is_met_by(seen.get(number, [])):
                wrong.append(f"{packet} from port {number}: met {seen.get(number)}, expected {want}, said {said[number]}")
            if score:
                note(score, ruleset, packet, want, wrong)
        # What a rule of the way out rejects comes in by lo.
        if not any(is_sent(p) for p in part.values()) and not ruleset.rejects_own():
            miscounts = miscounted(said)
            wrong += miscounts or []
            if score:
                score.counters += miscounts is not None
        heard = {n: s for n, s in seen.items() if not wanted[n].is_far()}
        wrong += judge_answers(router, ruleset, part, wanted, seen, heard, score)
        wrong += judge_following(router, ruleset, part, wanted, heard, score)
    return wrong


def judge_following(router, ruleset, packets, wanted, heard, score):
    """The clients go on where they were answered: NAT is of the first packet alone, the rest of the rules is not."""
    wrong, old = [], {}
    for number, packet in packets.items():
        kinds = {s.kind for s in heard.get(number, [])}
        if not is_sent(packet) and packet[5] == "new" and kinds in ({"synack"}, {"udp"}) and ANYTHING not in wanted[number].kinds:
            old[number] = router.following(number, packet)
    if not old:
        return []
    said = walk(old)
    wanted = {n: expectation(p, said[n], ruleset) for n, p in old.items()}
    seen = router.deliver(old, {n: w.n_frames() for n, w in wanted.items()})
    for number, packet in old.items():
        want = wanted[number]
        if not want.is_met_by(seen.get(number, [])):
            wrong.append(f"what follows, {packet} from port {number}: met {seen.get(number)}, expected {want}, said {said[number]}")
        if score:
            note(score, ruleset, packet, want, wrong)
    return wrong


def judge_answers(router, ruleset, packets, wanted, seen, heard, score):
    """The far ends answer what has reached them; what of it reaches the clients is added to heard."""
    wrong, answers = [], {}
    for number, packet in packets.items():
        first = seen.get(number, [None])[0]
        if wanted[number].is_far() and first and (first.kind in ("syn", "udp") or packet[4] == "PA"):
            answers[number] = (first.device, answer_to(packet[0], number, first))
            wanted[number].turn()
    heard.update(router.answer(answers, {n: wanted[n].n_frames() for n in answers}) if answers else {})
    for number in answers:
        want, packet = wanted[number], packets[number]
        if not want.is_met_by(heard.get(number, [])):
            wrong.append(f"the answer to {packet} from port {number}: met {heard.get(number)}, expected {want}, said {want.said}")
        if score:
            note(score, ruleset, packet, want, wrong)
    return wrong


def note(score, ruleset, packet, want, wrong):
    score.cases += 1
    if want.kinds != {ANYTHING}:
        return
    if packet[5] == "established" and set(want.why) <= UNSURE_OF_OLD_FLOWS:
        score.untold += 1
        return
    score.unsure += 1
    score.why.update(want.why)
    allowed = (UNSURE_OF_OLD_FLOWS if packet[5] == "established" else set()) | (UNSURE_OF_ANSWERS if want.is_answer else set())
    allowed |= UNSURE_OF_ORDER | (UNSURE_OF_DEVICES if is_sent(packet) else set())
    allowed |= UNSURE_OF_COOKIES if packet[4] != "S" or want.is_answer or len(want.why) > 1 else set()
    if not ruleset.is_random and not set(want.why) <= allowed:
        wrong.append(f"{packet}: unsure because of {want.why}")


def again(router, ruleset, packets):
    """The same packets under another ruleset, from ports that nobody knows; those of old flows as they are."""
    if load(ruleset) is None:
        return []
    fresh = dict(zip(router.numbers(len(packets)), packets.values()))
    return judge(router, ruleset, {old if p[5] == "established" else new: p for (new, p), old in zip(fresh.items(), packets)})


def smallest(router, ruleset, packets):
    """The packets and the rules without which nothing differs."""
    for number, packet in list(packets.items()):
        if again(router, ruleset, {number: packet}):
            packets = {number: packet}
            break
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for less in ruleset.smaller():
            if again(router, less, packets):
                ruleset, is_smaller = less, True
                break
    return ruleset, packets, again(router, ruleset, packets)


def explain(router, seed, ruleset, packets, wrong):
    small, few, why = smallest(router, ruleset, packets)
    return "\n".join([f"seed {seed}:"] + wrong[:3] + ["the smallest that differs:", str(small)] + [f"{p} from port {n}" for n, p in few.items()] + why[:4] if why
                     else [f"seed {seed}, not seen again:"] + wrong[:6] + [str(ruleset)])


def try_seed(router, seed, cases, score, show):
    generator, end = Generator(random.Random(seed)), score.cases + cases
    flows, left = {}, 0
    while score.cases < end and len(score.wrong) < CHANGES_MAX:
        if not left:
            flows, left = router.old_flows(), RULESETS_PER_POOL
        left -= 1
        ruleset = generator.ruleset()
        packets = dict(zip(router.numbers(PACKETS_PER_RULESET), [generator.packet() for _ in range(PACKETS_PER_RULESET)]))
        old = generator.random.sample(sorted(flows), min(ESTABLISHED_PER_RULESET, len(flows)))
        packets.update((n, flows.pop(n) if ruleset.rejects() else flows[n]) for n in old)  # a reset ends a flow
        rules = ruleset.n_rules()
        refused = load(ruleset)
        score.refused += rules if refused is None else refused
        if refused is None:
            continue
        score.rulesets += 1
        score.rules += ruleset.n_rules()
        wrong = judge(router, ruleset, packets, score)
        if wrong:
            score.wrong.append(explain(router, seed, ruleset, packets, wrong))
            show(score.wrong[-1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int)
    parser.add_argument("--cases", type=int, default=CASES_PER_SEED)
    words = parser.parse_args()
    need_root()
    kill_group_at_exit()
    router, score = Router(), Score()
    for seed in [words.seed] if words.seed is not None else SEEDS:
        before = len(score.wrong)
        try_seed(router, seed, words.cases, score, lambda text: print("# " + text.replace("\n", "\n# "), flush=True))
        ok(len(score.wrong) == before, f"seed {seed}: {words.cases} packets meet what is said of them")
    must("nft flush ruleset")
    print(f"# {score.cases} cases under {score.rulesets} rulesets of {score.rules} rules ({score.refused} not taken here), counters compared under "
          f"{score.counters} of them, {score.unsure} unsure: {dict(score.why)}; of old flows {score.untold} hang on what they were before")
    ok(score.unsure < 0.02 * score.cases, "less than one case in fifty is unsure", score.unsure)
    ok(score.untold < 0.05 * score.cases, "few of the old flows hang on what they were before", score.untold)
    ok(score.refused * 10 < score.rules, "nearly every rule could be loaded", score.refused)
    ok(score.counters * 2 > score.rulesets, "the counters of most rulesets could be compared", score.counters)
    done()


if __name__ == "__main__":
    main()

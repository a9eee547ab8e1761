#!/usr/bin/python3
"""The table of causes (tests/CATALOGUE.md) against the program's own list and against the cases.

Each fault has one row. Its cause is the program's own sentence, each test that it names shows it, a
row without a namespace test says why, and its neighbour is shown by a test in which this fault would
be a false claim. And there are as many cases as must be, of each kind.
"""
import glob
import importlib
import os
import re
import sys
import tempfile

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(TESTS, "net"))
from taplib import done, ok  # pylint: disable=wrong-import-position

N_FAULTS = 107  # ids never go, they are added
LEAST = {"cases": 90, "healthy": 20, "two faults": 10}
COLUMNS = ["id", "cause", "deciding evidence", "nearest neighbour", "what excludes it", "shown by"]
FAULT = re.compile(r'X\((\w+), "([a-z]+\.[a-z0-9-]+)", \w+, "[^"]*", "([^"]*)"\)')
HEALTHY = "healthy: "


def faults():
    """id -> (name, sentence), as the compiler reads them."""
    with open(os.path.join(TESTS, "../core/diagnosis/faults.h"), encoding="utf-8") as f:
        text = " ".join(f.read().replace("\\\n", " ").split())
    return {key: (name, says) for name, key, says in FAULT.findall(text.replace('" "', ""))}


def rows():
    with open(os.path.join(TESTS, "CATALOGUE.md"), encoding="utf-8") as f:
        lines = [line.strip().strip("|").split("|") for line in f if line.startswith("|")]
    table = [[cell.strip() for cell in line] for line in lines]
    if table[0] != COLUMNS:
        raise ValueError(f"the columns are {table[0]}")
    return [dict(zip(COLUMNS, row)) for row in table[2:]]


class Case:
    """What any kind of case expects."""

    def __init__(self, case):
        expect = getattr(case, "expect", case)
        cause = expect.cause
        self.name, self.verdict = case.name, expect.verdict
        self.or_unknown = getattr(expect, "or_unknown", False)
        self.causes = {cause} if cause is None or isinstance(cause, str) else set(cause)
        self.also = set(getattr(expect, "also", ()))
        self.allows = self.causes | self.also | set(getattr(expect, "may_also", ()))

    def shows(self, fault):
        """As the cause; a suspicion counts where the case asks for no more."""
        return fault in self.causes | self.also and not self.or_unknown


def cases():
    """File under tests/ -> its cases."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(glob.glob(os.path.join(TESTS, "net/cases_*.py"))):
            name = os.path.basename(path)[:-3]
            module = importlib.import_module(name)
            all_of = [*getattr(module, "CASES", ()), *(module.make(folder) if hasattr(module, "make") else ())]
            found[f"net/{name}.py"] = [Case(c) for c in all_of]
    return found


def tests_of(row):
    """([path], why it is not shown in a namespace)"""
    paths, _, why = row["shown by"].partition(": ")
    return paths.split(), why


def is_shown(fault, name, path, all_cases):
    if path in all_cases:
        return any(case.shows(fault) for case in all_cases[path])
    try:
        with open(os.path.join(TESTS, path), encoding="utf-8") as f:
            text = f.read()
    except OSError:
        return False
    return f'"{fault}"' in text or re.search(rf"\bFAULT_{name}\b", text) is not None


def wrong_of_row(row, known, all_cases):
    fault = row["id"]
    name, says = known[fault]
    if row["cause"] != says:
        yield f"the program says: {says}"
    yield from (f"{column} is empty" for column in COLUMNS if not row[column])
    paths, why = tests_of(row)
    yield from (f"{path} does not show it" for path in paths if not is_shown(fault, name, path, all_cases))
    if bool(why) == any(path.startswith("net/") for path in paths):
        yield "it is shown in a namespace, or it is said why not"


def wrong_of_neighbour(row, by_id, all_cases):
    """There is a test of the neighbour in which this fault must not be claimed."""
    fault, other = row["id"], row["nearest neighbour"]
    everything = [case for some in all_cases.values() for case in some]
    if other.startswith(HEALTHY):
        name = other[len(HEALTHY):]
        if not any(case.name == name and case.verdict == "healthy" for case in everything):
            yield f"there is no healthy case {name!r}"
    elif other == fault or other not in by_id:
        yield f"{other} is no other fault"
    elif all(path in all_cases for path in tests_of(by_id[other])[0]):
        if not any(case.shows(other) and fault not in case.allows for case in everything):
            yield f"no case of {other} forbids it"


def check_rows(known, table, all_cases):
    by_id = {row["id"]: row for row in table}
    ok(len(known) >= N_FAULTS, f"the program knows at least the {N_FAULTS} faults that it promised", len(known))
    ok(len(by_id) == len(table) and set(by_id) == set(known), "each fault has one row, and no row is of another",
       f"{sorted(set(known) ^ set(by_id))}")
    wrong = []
    for fault, row in by_id.items():
        if fault in known:
            texts = [*wrong_of_row(row, known, all_cases), *wrong_of_neighbour(row, by_id, all_cases)]
            wrong += [f"{fault}: {text}" for text in texts]
    ok(not wrong, "each row tells the program's sentence, and names tests that show it and its neighbour",
       "\n".join(wrong))


def check_counts(all_cases):
    everything = [case for some in all_cases.values() for case in some]
    n = {"cases": len(everything), "healthy": sum(c.verdict == "healthy" for c in everything),
         "two faults": sum(bool(c.also) for c in everything)}
    for kind, least in LEAST.items():
        ok(n[kind] >= least, f"{n[kind]} {kind}, at least {least}")
    for path, some in all_cases.items():
        with_names = len({case.name for case in some})
        ok(with_names == len(some) > 0, f"{path}: each of its {len(some)} cases has a name of its own")


def check_planted(known, table, all_cases):
    """What is wrong would be seen."""
    row = dict(next(r for r in table if r["id"] == "firewall.drop"))
    by_id = {r["id"]: r for r in table}
    for column, text in (("cause", "Something."), ("shown by", "net/cases_udp.py net/cases_client.py"),
                         ("shown by", "unit/test_judge.c"), ("shown by", "net/nosuch.py"), ("deciding evidence", "")):
        planted = {**row, column: text}
        ok(list(wrong_of_row(planted, known, all_cases)), f"a wrong row is seen: {column} {text!r}")
    for text in "firewall.drop", "firewall.nosuch", HEALTHY + "no such case":
        planted = {**row, "nearest neighbour": text}
        ok(list(wrong_of_neighbour(planted, by_id, all_cases)), f"a wrong neighbour is seen: {text}")


def main():
    known, table, all_cases = faults(), rows(), cases()
    check_rows(known, table, all_cases)
    check_counts(all_cases)
    check_planted(known, table, all_cases)
    done()


main()

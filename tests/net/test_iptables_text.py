#!/usr/bin/python3
"""Rules of iptables and ip6tables as `iptables -S` prints them, letter by letter.

Every rule of rules/iptables.txt is given to iptables-nft and to iptables-legacy; what the programs and
this kernel take is listed by the program itself and by rules_text, chain by chain.
"""
import os
import shlex
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cleanlib import clear_rules
from taplib import TOP, done, need_root, ok, skip

TEXT = os.path.join(os.environ.get("TOOLS", os.path.join(TOP, "build/tests/net")), "rules_text")
TABLES = ("filter", "nat", "mangle", "raw", "security")
SETS = (("v4set", "hash:ip"), ("v4port", "hash:ip,port"), ("v6set", "hash:net"))
# Of rules/iptables.txt for each program; all stand in the kernel at once.
RULES_AT_LEAST = 200
# The program warns on standard error into the middle of a line if both go to one place.
QUIET = {"stderr": subprocess.DEVNULL, "text": True, "check": False}


def rules():
    with open(os.path.join(TOP, "tests/net/rules/iptables.txt"), encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                families, table, rule = line.rstrip("\n").split(" ", 2)
                yield families, table, shlex.split(rule)


def program(family, backend):
    return {"4": "iptables-", "6": "ip6tables-"}[family] + backend


def load(backend, some):
    clear_rules()
    for family in "46":
        subprocess.run([program(family, backend), "-N", "own"], check=True)
    for families, table, rule in some:
        for family in families:
            subprocess.run([program(family, backend), "-t", table] + rule, stdout=subprocess.DEVNULL, **QUIET)


def listed(backend):
    """What the programs print: {(program, table, chain): [rule, ...]}"""
    found = {}
    for family in "46":
        for table in TABLES:
            got = subprocess.run([program(family, backend), "-t", table, "-S"], stdout=subprocess.PIPE, **QUIET)
            for line in got.stdout.splitlines():
                if line.startswith("-A "):
                    found.setdefault((program(family, backend), table, line.split()[1]), []).append(line)
    return found


def told(backend):
    """The same of rules_text."""
    suffix = "" if backend == "nft" else "-legacy"
    names = {"iptables" + suffix: program("4", backend), "ip6tables" + suffix: program("6", backend)}
    got = subprocess.run([TEXT], stdout=subprocess.PIPE, text=True, check=True)
    found = {}
    for line in got.stdout.splitlines():
        place, text, _ = line.split("\t")
        name, table, chain = place.split(" ")
        found.setdefault((names.get(name, name), table, chain), []).append(text)
    return found


def differences(wanted, got):
    for place, lines in sorted(wanted.items()):
        mine = got.get(place, [])
        for a, b in zip(lines, mine):
            if a != b:
                yield f"{' '.join(place)}\nwanted {a}\n   got {b}"
        if len(lines) != len(mine):
            yield f"{' '.join(place)}: {len(lines)} rules are listed, {len(mine)} are told"


def compare(backend):
    load(backend, rules())
    wanted, got = listed(backend), told(backend)
    count, wrong = {}, {}
    for (name, _, _), lines in wanted.items():
        count[name] = count.get(name, 0) + len(lines)
    for one in differences(wanted, got):
        wrong.setdefault(one.split(" ")[0], []).append(one)
    for family in "46":
        name = program(family, backend)
        ok(count.get(name, 0) >= RULES_AT_LEAST, f"{name} and this kernel take enough of the rules", count)
        ok(name not in wrong, f"all rules of {name} read as -S prints them", "\n".join(wrong.get(name, [])))


def main():
    need_root()
    # Where ipset is not installed the rules about sets are not taken.
    for name, kind in SETS if shutil.which("ipset") else ():
        subprocess.run(["ipset", "create", name, kind], check=True)
    compare("nft")
    if subprocess.run(["iptables-legacy", "-S"], stdout=subprocess.DEVNULL, **QUIET).returncode:
        skip("this kernel has no legacy tables")
    compare("legacy")
    done()


main()

#!/usr/bin/python3
"""Sets whose elements are not read with the rules: ipsets, and those of nf_tables that are too big, each asked
for the one key that a packet has. Every verdict is compared with what the packet met in the kernel.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rules_cases import CASES
from ruleslib import Host, Score, judge, load, must, run
from taplib import done, kill_group_at_exit, need_root, ok

MODULES = "/proc/modules"


def modules():
    try:
        with open(MODULES, encoding="ascii") as lines:
            return sorted(line.split()[0] for line in lines)
    except FileNotFoundError:
        return []


def drop(match, program="iptables"):
    """A table in which what matches is dropped."""
    return program, f"*filter\n-A INPUT {match} -j DROP\nCOMMIT\n"


def accept_only(match, program="iptables"):
    return program, f"*filter\n:INPUT DROP [0:0]\n-A INPUT {match} -j ACCEPT\nCOMMIT\n"


def entries(name, kind, elements, more=""):
    return f"create {name} {kind} {more}\n" + "".join(f"add {name} {e}\n" for e in elements)


MATCH = "-m set --match-set s"
# (name, ipset's input, (how, text), ...)
IPSETS = [
    ("hash:ip, source", entries("s", "hash:ip", ["10.9.0.2", "192.0.2.9"]), drop(f"{MATCH} src")),
    ("hash:ip, not the source", entries("s", "hash:ip", ["10.9.0.2"]), drop(f"-m set ! --match-set s src")),
    ("hash:ip, destination", entries("s", "hash:ip", ["10.9.0.3"]), drop(f"{MATCH} dst")),
    ("hash:ip with a netmask", entries("s", "hash:ip", ["10.9.0.0"], "netmask 24"), drop(f"{MATCH} src")),
    ("hash:ip with timeouts", entries("s", "hash:ip", ["10.9.0.2 timeout 600"], "timeout 300"), drop(f"{MATCH} src")),
    ("hash:ip of IPv6", entries("s", "hash:ip", ["fd09::2"], "family inet6"), drop(f"{MATCH} src", "ip6tables")),
    ("hash:ip, empty", entries("s", "hash:ip", []), drop(f"{MATCH} src"), drop("-m set ! --match-set s src")),
    ("hash:ip, comments", entries("s", "hash:ip", ["10.9.0.2 comment \"ssh: too many\""], "comment"), drop(f"{MATCH} src")),
    ("hash:net", entries("s", "hash:net", ["10.9.0.0/24", "10.8.0.0/16"]), drop(f"{MATCH} src"), accept_only(f"{MATCH} src")),
    ("hash:net with nomatch", entries("s", "hash:net", ["10.0.0.0/8", "10.9.0.2 nomatch"]), drop(f"{MATCH} src")),
    ("hash:net of IPv6", entries("s", "hash:net", ["fd09::/64", "fd09::5/128 nomatch"], "family inet6"),
     drop(f"{MATCH} src", "ip6tables")),
    ("hash:net of all but one", entries("s", "hash:net", ["0.0.0.0/1", "128.0.0.0/1", "198.51.100.7 nomatch"]),
     drop(f"{MATCH} src")),
    ("hash:ip,port", entries("s", "hash:ip,port", ["10.9.0.2,tcp:80", "10.9.0.2,udp:53", "10.9.0.2,icmp:echo-request"]),
     drop(f"{MATCH} src,dst")),
    ("hash:ip,port of the destination", entries("s", "hash:ip,port", ["10.9.0.1,tcp:22"]), accept_only(f"{MATCH} dst,dst")),
    ("hash:ip,port,ip", entries("s", "hash:ip,port,ip", ["10.9.0.2,tcp:80,10.9.0.3"]), drop(f"{MATCH} src,dst,dst")),
    ("hash:ip,port,net", entries("s", "hash:ip,port,net", ["10.9.0.1,tcp:22,198.51.100.0/24"]), drop(f"{MATCH} dst,dst,src")),
    ("hash:net,port", entries("s", "hash:net,port", ["10.0.0.0/8,443", "198.51.100.0/24,22"]), drop(f"{MATCH} src,dst")),
    ("hash:net,port,net", entries("s", "hash:net,port,net", ["10.9.0.0/24,tcp:80,10.9.0.0/31"]), drop(f"{MATCH} src,dst,dst")),
    ("hash:net,net", entries("s", "hash:net,net", ["10.9.0.0/24,10.9.0.0/31"]), drop(f"{MATCH} src,dst")),
    ("hash:net,iface", entries("s", "hash:net,iface", ["10.9.0.0/24,srv0", "198.51.100.0/24,oth0"]), drop(f"{MATCH} src,src")),
    ("hash:ip,mark", entries("s", "hash:ip,mark", ["10.9.0.2,0"]), drop(f"{MATCH} src,src")),
    ("bitmap:ip", entries("s", "bitmap:ip", ["10.9.0.2"], "range 10.9.0.0/24"), drop(f"{MATCH} src")),
    ("bitmap:port", entries("s", "bitmap:port", ["22", "53"], "range 1-1024"), drop(f"{MATCH} dst"), accept_only(f"{MATCH} dst")),
    ("list:set", entries("a", "hash:ip", ["10.9.0.2"]) + entries("b", "hash:net", ["198.51.100.0/24"]) +
     entries("s", "list:set", ["a", "b"]), drop(f"{MATCH} src")),
    ("list:set of two dimensions", entries("a", "hash:ip", ["198.51.100.7"]) + entries("b", "hash:net,port", ["10.9.0.0/24,80"]) +
     entries("s", "list:set", ["a", "b"]), drop(f"{MATCH} src,dst")),
    ("list:set, empty", entries("s", "list:set", []), drop(f"{MATCH} src"), drop("-m set ! --match-set s src")),
    ("two sets in a rule", entries("a", "hash:net", ["10.9.0.0/24"]) + entries("s", "bitmap:port", ["80"], "range 0-65535"),
     drop("-m set --match-set a src -m set --match-set s dst")),
    ("65,000 elements", entries("s", "hash:ip", [f"10.{i >> 8 & 7}.{i & 255}.{i % 250}" for i in range(60000)] + ["10.9.0.2"],
                                "maxelem 100000"), drop(f"{MATCH} src")),
]


def load_sets(text):
    run("ipset", "flush")
    run("ipset", "destroy")
    return run("ipset", "restore", input=text)


def on_ipsets(host, score):
    for name, sets, *tables in IPSETS:
        for how, text in tables:
            for program in (how, how + "-legacy"):
                load("nft", "")
                refused = load_sets(sets)
                if refused.returncode:
                    score.untold.append(name)
                    print(f"# not taken here: {name}: {refused.stderr.strip()}")
                    continue
                refused = load(program, text)
                if refused:
                    score.untold.append(name)
                    print(f"# not taken here: {name}: {refused}")
                    continue
                before, known = run("ipset", "save").stdout, modules()
                wrong = judge(host, program, text, set(), score)
                ok(not wrong, f"{name}: {program} {text.splitlines()[-2]}", "\n".join(wrong[:6]))
                same = [" ".join(w for w in line.split() if not w.isdigit()) for line in before.splitlines()] == \
                       [" ".join(w for w in line.split() if not w.isdigit()) for line in run("ipset", "save").stdout.splitlines()]
                ok(same and known == modules(), f"{name}: sets and modules are the same after reading")


def big(kind, elements, rule, flags="", more=""):
    return (f"table inet t {{\n {kind} s {{ {more} {flags}\n elements = {{ " + ", ".join(elements) +
            f" }} }}\n chain other {{ tcp dport 80 counter drop\n }}\n chain c {{ type filter hook input priority 0\n {rule}\n }}\n}}\n")


def many(n=20000):
    return [f"172.{16 + (i >> 16)}.{i >> 8 & 255}.{i & 255}" for i in range(n)]


BIG = [
    ("20,000 addresses", big("set", many() + ["10.9.0.2"], "ip saddr @s counter drop", more="type ipv4_addr;")),
    ("20,000 addresses, none of them", big("set", many(), "ip saddr @s counter drop", more="type ipv4_addr;")),
    ("20,000 addresses, not in", big("set", many() + ["10.9.0.2"], "ip saddr != @s counter drop", more="type ipv4_addr;")),
    ("20,000 addresses and a catch-all", big("set", many() + ["*"], "ip saddr @s counter drop", more="type ipv4_addr;")),
    ("10,000 intervals", big("set", [f"172.{16 + (i >> 14)}.{i >> 6 & 255}.{(i & 63) * 4}-172.{16 + (i >> 14)}.{i >> 6 & 255}.{(i & 63) * 4 + 2}"
                                     for i in range(10000)] + ["10.9.0.2-10.9.0.7"],
                             "ip saddr @s counter drop", "flags interval;", "type ipv4_addr;")),
    ("between two intervals", big("set", [f"10.9.{i}.4-10.9.{i}.9" for i in range(200)] + ["10.8.0.0/16", "10.9.0.1"],
                                  "ip saddr @s counter drop", "flags interval;", "type ipv4_addr;")),
    ("an interval to the end", big("set", ["128.0.0.0/1"], "ip saddr @s counter drop", "flags interval;", "type ipv4_addr;")),
    ("intervals and a catch-all", big("map", ["10.9.0.0/24 : drop", "* : jump other"], "ip saddr vmap @s", "flags interval;",
                                      "type ipv4_addr : verdict;")),
    ("concatenations", big("set", [f"172.16.{i >> 8}.{i & 255} . {i % 60000 + 1}" for i in range(20000)] + ["10.9.0.2 . 80"],
                           "ip saddr . tcp dport @s counter drop", more="type ipv4_addr . inet_service;")),
    ("concatenations of ranges", big("set", [f"172.16.{i}.0/24 . 1-{i + 2}" for i in range(200)] + ["10.9.0.0/24 . 80-443"],
                                     "ip saddr . tcp dport @s counter drop", "flags interval;",
                                     "type ipv4_addr . inet_service;")),
    ("a big verdict map", big("map", [f"{e} : drop" for e in many()] + ["10.9.0.2 : jump other"], "ip saddr vmap @s",
                              more="type ipv4_addr : verdict;")),
    ("a big map of marks", big("map", [f"{e} : 1" for e in many()] + ["10.9.0.2 : 0x7"],
                               "meta mark set ip saddr map @s\n meta mark 0x7 counter drop", more="type ipv4_addr : mark;")),
    ("a big map of ports", big("map", [f"{i} : 9" for i in range(1000, 12000)] + ["80 : 7", "22 : 8"],
                               "meta mark set tcp dport map @s\n meta mark 7 counter drop", more="type inet_service : mark;")),
    ("elements with timeouts", big("set", ["10.9.0.2 timeout 1h", "10.8.0.5 timeout 2h"], "ip saddr @s counter drop",
                                   "flags timeout;", "type ipv4_addr;")),
    ("elements with counters", big("set", ["10.9.0.2 counter", "10.8.0.5 counter"], "ip saddr @s counter drop",
                                   more="type ipv4_addr; counter;")),
    ("IPv6 networks", big("set", [f"fd{i:02x}::/32" for i in range(256)], "ip6 saddr @s tcp dport 22 counter drop", "flags interval;",
                          "type ipv6_addr;")),
]


def on_big_sets(host, score):
    for name, text in BIG:
        for mode in ("key", "whole"):
            if mode == "whole" and len(text) > 30000:
                continue
            os.environ["SETS_ASKED"] = mode
            refused = load("nft", text)
            if refused:
                score.untold.append(name)
                print(f"# not taken here: {name}: {refused.splitlines()[0]}")
                continue
            wrong = judge(host, "nft", text, set(), score)
            ok(not wrong, f"{name}, asked by {mode}", "\n".join(wrong[:6]))


def on_every_ruleset(host, score):
    """No set is read with the rules: the verdicts are the same as if all were."""
    for mode in ("key", "whole"):
        os.environ["SETS_ASKED"] = mode
        for name, how, text, allowed in CASES:
            if how != "nft" or ("{" not in text.replace("{\n", "") and "@" not in text):
                continue
            if load(how, text):
                continue
            wrong = judge(host, how, text, allowed, score)
            ok(not wrong, f"{name}, sets asked by {mode}", "\n".join(wrong[:6]))


def main():
    need_root()
    kill_group_at_exit()
    host, score = Host(), Score()
    on_ipsets(host, score)
    load("nft", "")
    load_sets("")
    on_big_sets(host, score)
    on_every_ruleset(host, score)
    must("nft flush ruleset")
    print(f"# {score.packets} packets compared, {score.unsure} of them with several outcomes; "
          f"{score.rules} counters of rules; not taken here: {score.untold}")
    ok(score.packets > 3000 and score.rules > 100, "enough was compared", vars(score))
    done()


if __name__ == "__main__":
    main()

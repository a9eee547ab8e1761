#!/usr/bin/python3
"""dport rules against nft -j and iptables -S: rules, handles, chains, counters; and marks against packets."""
import json
import os
import random
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, done, need_root, ok

FIRST = """
table inet filter {
  set banned { type ipv4_addr; flags timeout; }
  set open { type inet_service; elements = { 8443 } }
  chain services { tcp dport { 80, 443 } counter accept comment "web"
    udp dport 53 accept
  }
  chain empty { }
  chain lonely { tcp dport 1 drop
  }
  chain input { type filter hook input priority -5; policy drop;
    iif "lo" accept
    ct state established,related counter accept
    ip saddr @banned counter drop
    tcp dport 1-1023 counter reject with tcp reset
    tcp dport 443 accept
    tcp dport 3306 limit rate 10/second accept
    ip saddr 10.0.0.0/8 jump services
    jump empty
    tcp dport @open accept
    tcp dport 8080 accept
    ip saddr 10.1.0.0/16 tcp dport 8080 accept
    tcp dport 8080 counter accept
    accept
    udp dport 99 accept
  }
}
table netdev early { chain in { type filter hook ingress device "lo" priority 3; tcp dport 9 drop
}
}
table ip6 six { chain out { type filter hook output priority 7; tcp dport { 1, 2 } counter accept
}
}
"""
IPTABLES = """
-A INPUT -p tcp --dport 22 -m comment --comment ssh -j ACCEPT
-A INPUT -p tcp -m multiport --dports 80,443 -j DROP
-A INPUT -p tcp --dport 443 -j ACCEPT
-A INPUT -m string --string foo --algo bm -j DROP
-A FORWARD -s 10.0.0.0/8 -i eth+ -m conntrack --ctstate NEW -j REJECT
"""


def run(*words, expect=0, **more):
    p = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False, **more)
    if expect is not None and p.returncode != expect:
        raise RuntimeError(f"{words}: {p.returncode}\n{p.stdout}\n{p.stderr}")
    return p


def load(text):
    run("nft", "-f", "-", input=text)


def rules(*words):
    return json.loads(run(DPORT, "rules", "--json", *words).stdout)


def kernel_rows():
    """(family, table, chain, handle) of every rule in order, with the counter; and chains by name."""
    listed = json.loads(run("nft", "-j", "-a", "list", "ruleset").stdout)["nftables"]
    rows, chains = {}, {}
    for item in listed:
        if "chain" in item:
            c = item["chain"]
            chains[c["family"], c["table"], c["name"]] = (c.get("hook"), c.get("prio"))
        if "rule" in item:
            r = item["rule"]
            counters = [e["counter"] for e in r["expr"] if isinstance(e, dict) and isinstance(e.get("counter"), dict)]
            rows[r["family"], r["table"], r["chain"], r["handle"]] = (
                (counters[0]["packets"], counters[0]["bytes"]) if counters else (None, None))
    return rows, chains


def compare_with_nft(name):
    document, (wanted, chains) = rules(), kernel_rows()
    seen = {(r["family"], r["table"], r["chain"], r["handle"]): (r["packets"], r["bytes"]) for r in document["rules"]}
    ok(document["schema"] == "dport.rules/1" and list(document)[:3] == ["schema", "generation", "rules"],
       f"{name}: the document begins as promised", list(document))
    ok(seen == wanted and len(document["rules"]) == len(wanted), f"{name}: rules, handles and counters are nft's",
       set(seen.items()) ^ set(wanted.items()))
    order = [key for key in seen if key in wanted]
    by_chain = {}
    for family, table, chain, handle in wanted:
        by_chain.setdefault((family, table, chain), []).append(handle)
    ok(all([k[3] for k in order if k[:3] == c] == h for c, h in by_chain.items()),
       f"{name}: rules stand in the order of their chain")
    ok(all((r["hook"], r["priority"]) == chains[r["family"], r["table"], r["chain"]] for r in document["rules"]),
       f"{name}: hooks and priorities are nft's")
    return document


def by_text(document, text):
    return next(r for r in document["rules"] if r["text"].startswith(text))


def has(rule, words):
    return any(words in note for note in rule["notes"])


def check_marks(document):
    reject = by_text(document, "tcp dport 1-1023 ")
    allow = by_text(document, "tcp dport 443 accept")
    first = by_text(document, "tcp dport 8080 accept")
    narrow = by_text(document, "ip saddr 10.1.0.0/16")
    again = [r for r in document["rules"] if r["text"] == "tcp dport 8080 accept"][1]
    place = {"table": "filter", "chain": "input", "handle": reject["handle"]}
    ok({k: allow["shadowed_by"][k] for k in place} == place and has(allow, "shadowed by"),
       "an accept behind a reject of its port is shadowed by it", allow)
    ok(narrow["shadowed_by"]["handle"] == first["handle"] and has(narrow, "already done by"),
       "a narrower accept is told as of the same effect", narrow)
    ok(has(again, "duplicate of"), "a rule written twice is a duplicate", again)
    ok(first["shadowed_by"] is None and reject["shadowed_by"] is None, "rules that decide are not shadowed")
    ok(has(by_text(document, "tcp dport 1 drop"), "nothing leads to"), "a chain that nothing jumps to is told")
    ok(has(by_text(document, "jump empty"), "empty chain"), "a jump to an empty chain is told")
    ok(has(by_text(document, "tcp dport 3306 limit"), "limit"), "a limit is told")
    every = next(r for r in document["rules"] if r["text"] == "accept")
    ok(has(every, "any/any"), "an accept of everything is told", every)
    ok(not any(has(r, "any/any") for r in document["rules"] if r is not every), "and no other rule is called so")
    ok(by_text(document, "ip saddr @banned")["shadowed_by"] is None and not by_text(
        document, "ip saddr @banned")["notes"], "an empty set of bans is nothing odd")


def check_served():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("0.0.0.0", 8080))
        s.listen()
        served = by_text(rules(), "tcp dport 8080")
    unserved = by_text(rules(), "tcp dport 8080")
    ok(not has(served, "unserved"), "a port with a listener is served", served)
    ok(has(unserved, "unserved port: no socket on 8080/tcp"), "a port without one is not", unserved)


def check_port():
    texts = [r["text"] for r in rules("443")["rules"]]
    ok("tcp dport 443 accept" in texts and any(t.startswith("tcp dport { 80, 443 }") for t in texts),
       "a port shows its rules, also in chains that are jumped to", texts)
    ok(not any("8080" in t or "udp" in t or "3306" in t or "@open" in t for t in texts),
       "and none of other ports, of other protocols or of sets without it", texts)
    ok("accept" in texts and "ct state established,related accept" in texts, "rules without a port are shown", texts)
    ok("tcp dport @open accept" in [r["text"] for r in rules("8443")["rules"]], "a set that has the port now is shown")
    families = {r["family"] for r in rules("[2001:db8::1]:1")["rules"]}
    ok("ip6" in families and not any("ip saddr" in r["text"] for r in rules("[2001:db8::1]:1")["rules"]),
       "an address of IPv6 meets no rule for IPv4", families)


def check_forms():
    text = run(DPORT, "rules").stdout
    ok(all(len(line) <= 80 for line in text.splitlines()), "text keeps to 80 columns",
       max(text.splitlines(), key=len))
    ok("chain input: hook input, priority -5, policy drop" in text, "a chain's head tells hook, priority and policy")
    shown = run(DPORT, "rules", "--format", "markdown").stdout
    ok(shown.count("|---:|") >= 4 and "@banned" not in shown and "&#64;banned" in shown,
       "Markdown has a table for each chain and mentions nobody")
    ok(run(DPORT, "rules", "--format", "csv", expect=None).returncode == 2, "csv is refused")
    ok(run(DPORT, "rules", "1", "2", expect=None).returncode == 2, "two words are refused")
    ok(run(DPORT, "rules", "no-such-port", expect=None).returncode == 2, "a word that is no port is refused")
    p = run("setpriv", "--reuid", "65534", "--clear-groups", DPORT, "rules", expect=None)
    ok(p.returncode == 77 and "CAP_NET_ADMIN" in p.stderr and not p.stdout, "without the right: 77, and which it is",
       (p.returncode, p.stdout, p.stderr))


def check_recording():
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), "rules.tar")
    live = run(DPORT, "rules", "--json", "--record", path).stdout
    load("flush ruleset")
    ok(run(DPORT, "rules", "--json", "--replay", path).stdout == live, "a replay is the same document, byte by byte")
    ok(rules()["rules"] == [] and "0 rules" in run(DPORT, "rules").stdout, "no rules is an empty list")


def check_iptables():
    for line in IPTABLES.strip().splitlines():
        run("iptables-nft", *line.split())
    wanted = [line for line in run("iptables-nft", "-S").stdout.splitlines() if line.startswith("-A")]
    document = compare_with_nft_handles()
    seen = [r["text"] for chain in ("INPUT", "FORWARD") for r in document["rules"] if r["chain"] == chain]
    ok(seen == wanted, "rules of iptables-nft read as iptables -S prints them", (seen, wanted))
    ok({r["backend"] for r in document["rules"]} == {"iptables"}, "their backend is iptables")
    ok(has(document["rules"][2], "shadowed by rule 2"), "a multiport drop shadows the accept of one of its ports")
    ok(document["rules"][3]["opaque"] == "string", "a match that is not modelled is opaque, by its name")
    load("flush ruleset")


def compare_with_nft_handles():
    document, (wanted, _) = rules(), kernel_rows()
    ok({(r["family"], r["table"], r["chain"], r["handle"]) for r in document["rules"]} == set(wanted),
       "handles of iptables-nft are nft's")
    return document


def random_rule(dice):
    tests = [f"ip saddr 127.0.{dice.randrange(2)}.{dice.randrange(4)}",
             f"ip saddr 127.0.{dice.randrange(2)}.0/{dice.choice((24, 30, 31))}",
             f"tcp dport {dice.randrange(1, 12)}", f"tcp dport {dice.randrange(1, 6)}-{dice.randrange(6, 12)}",
             "tcp dport { %s }" % ", ".join(sorted({str(dice.randrange(1, 12)) for _ in range(3)})),
             f"tcp dport != {dice.randrange(1, 12)}", "meta l4proto tcp", "iifname lo", "iifname != eth9",
             f"tcp sport >= {dice.randrange(60000)}", "ct state new", "ct state { established, related }"]
    return " ".join([*dice.sample(tests, dice.randrange(3)), "counter", dice.choice(("accept", "drop", "return", ""))])


def meet_random(dice):
    """Real SYNs over loopback: no rule that is called dead may count one."""
    lines = "\n".join(random_rule(dice) for _ in range(24))
    load("flush ruleset\ntable inet t { chain input { type filter hook input priority 0; policy accept;\n"
         f"tcp flags & (syn | ack) == (syn | ack) accept\n{lines}\n}}\n}}")
    for _ in range(60):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setblocking(False)
        s.bind((f"127.0.{dice.randrange(2)}.{dice.randrange(1, 4)}", 0))
        s.connect_ex((f"127.0.0.{dice.randrange(1, 9)}", dice.randrange(1, 14)))
        s.close()
    found = rules()["rules"]
    dead = [r for r in found if r["shadowed_by"] or has(r, "no packet")]
    return dead, [r for r in dead if r["packets"]], sum(bool(r["packets"]) for r in found)


def check_packets():
    seed = 7
    dice = random.Random(seed)
    dead = wrong = counted = 0
    for _ in range(12):
        called, met, alive = meet_random(dice)
        dead += len(called)
        counted += alive
        wrong += len(met)
        if met:
            print("#", met)
    ok(not wrong and dead > 20 and counted > 20, f"no packet met a rule that is called dead (seed {seed})",
       f"{wrong} of {dead} did, {counted} rules were met")


def main():
    need_root()
    load(FIRST)
    document = compare_with_nft("families and hooks")
    check_marks(document)
    check_served()
    check_port()
    check_forms()
    check_recording()
    check_iptables()
    check_packets()
    done()


if __name__ == "__main__":
    main()

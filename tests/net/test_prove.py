#!/usr/bin/python3
"""diagnose --prove: the rule that the very packet met equals the expected one, a difference shows both, and
the table goes with its process, however that ends.

    test_prove.py [WORD...]

WORDs choose the cases whose name has one of them.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from caselib import ELSEWHERE, Case, Expect, build, difference, input_chain
from caseplace import Broken, Place, find_rule
from taplib import DPORT, Screen, done, need_root, ok

MARK = 'comment "culprit"'
OWN = "dport-prove-"
GONE_S = 2
WORDS = sys.argv[1:]


def case(name, nft="", **more):
    """wanted: (verdict, leg, what the observation ends with); the rule with the mark is the one to meet."""
    wanted = more.pop("wanted")
    made = Case(name, "", Expect(wanted[0]), nft=nft, **more)
    return made, wanted


def output_chain(rules):
    return f"table inet filter {{ chain output {{ type filter hook output priority filter;\n{rules}\n}} }}\n"


REDIRECT = "table ip nat { chain pre { type nat hook prerouting priority dstnat; tcp dport 443 redirect to :8443\n} }\n"
V6 = {"client": "fd00::1 443 --source fd00::2", "ask": "443/tcp --from fd00::2", "services": ("443 --address :: --both",)}

CASES = [
    case("a rule accepts", input_chain(f"ct state established accept\ntcp dport 443 accept {MARK}", "drop"),
         wanted=("healthy", "request", "accept")),
    case("a rule accepts IPv6", input_chain(f"meta l4proto icmpv6 accept\nct state established accept\n"
                                            f"tcp dport 443 accept {MARK}", "drop"),
         wanted=("healthy", "request", "accept"), **V6),
    case("no rule is there", wanted=("healthy", "request", "no rule stops it")),
    case("a rule drops", input_chain(f"tcp dport 443 counter drop {MARK}"), wanted=("fault", "request", "drop")),
    case("a rule drops IPv6", input_chain(f"tcp dport 443 drop {MARK}"), wanted=("fault", "request", "drop"), **V6),
    case("a rule without a counter drops", input_chain(f"tcp dport 443 drop {MARK}"),
         wanted=("fault", "request", "drop")),
    case("a rule in a chain of chains drops",
         "table inet filter {\nchain deep { tcp dport 443 drop " + MARK + "\n}\n"
         "chain input { type filter hook input priority filter;\nmeta l4proto tcp jump deep\n} }",
         wanted=("fault", "request", "drop")),
    case("a rule resets", input_chain(f"tcp dport 443 reject with tcp reset {MARK}"),
         wanted=("fault", "request", "drop")),
    case("a rule rejects with an ICMP error", input_chain(f"tcp dport 443 reject {MARK}"),
         wanted=("fault", "request", "drop")),
    case("a policy drops", input_chain("tcp dport 22 accept", "drop"), wanted=("fault", "request", "policy drop")),
    case("a verdict map drops", input_chain(f"tcp dport vmap {{ 22 : accept, 443 : drop }} {MARK}"),
         wanted=("fault", "request", "drop")),
    case("the answer is dropped", output_chain(f"tcp sport 443 drop {MARK}"), wanted=("fault", "reply", "drop")),
    case("a second table drops what the first accepts",
         input_chain("tcp dport 443 accept") + input_chain(f"tcp dport 443 drop {MARK}", priority="10", table="guard"),
         wanted=("fault", "request", "drop")),
    case("a raw rule drops", "table ip raw { chain early { type filter hook prerouting priority raw;\n"
         f"tcp dport 443 drop {MARK}\n}} }}", wanted=("fault", "request", "drop")),
    case("a translated packet is taken", REDIRECT, services=("8443",), wanted=("healthy", "request", "accept")),
    case("a translated packet is dropped", REDIRECT + input_chain(f"tcp dport 8443 drop {MARK}"), services=("8443",),
         wanted=("fault", "request", "drop")),
    case("the answer to a translated packet is dropped", REDIRECT + output_chain(f"tcp sport 8443 drop {MARK}"),
         services=("8443",), wanted=("fault", "reply", "drop")),
    case("a rule of iptables-nft drops",
         server="iptables-nft -A INPUT -p tcp --dport 443 -m comment --comment culprit -j DROP",
         wanted=("fault", "request", "drop")),
    case("a rule of iptables-nft resets",
         server="iptables-nft -A INPUT -p tcp --dport 443 -m comment --comment culprit -j REJECT --reject-with tcp-reset",
         wanted=("fault", "request", "drop")),
]


def is_chosen(name):
    return not WORDS or any(w in name for w in WORDS)


def prove_words(made, *more):
    return [DPORT, "diagnose", *made.ask.split(), "--prove", *more]


def tables(host):
    return host.shell("nft list tables")


def wait_for_table(host, is_there, seconds):
    end = time.monotonic() + seconds
    while (OWN in tables(host)) != is_there:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def leg_of(document, leg):
    return next((t for t in document.get("trace", []) if t["leg"] == leg), {})


def judge(place, made, expect, document):
    """What is wrong with the document."""
    verdict, leg, ending = expect
    told = leg_of(document, leg)
    wrong = []
    if document["verdict"] != verdict:
        wrong.append(f"the verdict is {document['verdict']}: {document['summary']}")
    if told.get("agrees") is not True:
        wrong.append("the trace does not agree")
    observed = told.get("observed") or ""
    if ending not in observed:
        wrong.append(f"observed is {observed!r}")
    if "culprit" in made.nft and verdict == "fault":
        family, table, chain, handle = find_rule(place.server, "culprit")
        if observed != f"{family} {table} {chain} handle {handle}: {ending}":
            wrong.append(f"the rule is {family} {table} {chain} handle {handle}")
        if document["certainty"] != "proven" or (document["rule"] or {}).get("handle") != handle:
            wrong.append(f"certainty {document['certainty']}, rule {document['rule']}")
        if ((document["rule"] or {}).get("proof") or {}).get("agrees") is not True:
            wrong.append("the rule has no proof")
    rows = [row for step in document["steps"] for row in step["evidence"] if row["source"] == "nf_tables trace"]
    if not any(row["observed"] and row["command"] == "nft monitor trace" for row in rows):
        wrong.append("no evidence of the trace")
    return wrong + [json.dumps(document.get("trace"))] * bool(wrong)


def play(made, expect, folder):
    recording = os.path.join(folder, "prove.tar")
    place = build(made)
    try:
        place.call(made.client)
        time.sleep(made.settle)
        words = prove_words(made, "--json")
        live = place.server.run(*words, "--record", recording)
        left = OWN in tables(place.server)
        if live.returncode not in (0, 1, 3):
            ok(False, f"{made.name}: a document comes", live.stderr.decode())
            return
        document = json.loads(live.stdout)
        wrong = judge(place, made, expect, document)
        if left:
            wrong.append("the table is still there")
        os.chmod(recording, 0o644)
        again = subprocess.run(ELSEWHERE + words + ["--replay", recording], capture_output=True, timeout=60, check=False)
        if again.stdout != live.stdout:
            wrong.append("replay " + difference(live.stdout, again.stdout) + again.stderr.decode())
        ok(not wrong, f"{made.name}: the very packet met what was expected, and a replay says the same", "\n".join(wrong))
    finally:
        place.close()
        if os.path.exists(recording):
            os.unlink(recording)


def cases(folder):
    for made, expect in CASES:
        if not is_chosen(made.name):
            continue
        try:
            play(made, expect, folder)
        except (Broken, OSError, ValueError, subprocess.SubprocessError) as error:
            ok(False, f"{made.name}: the scenario stands", repr(error))


def test_words():
    got = subprocess.run([DPORT, "diagnose", "443", "--prove"], capture_output=True, timeout=30, check=False)
    ok(got.returncode == 2 and b"whose packets" in got.stderr, "without --from it is asked whose packets", got.stderr)


def test_forwarded(folder):
    """On a router: a forwarded packet, and one whose target is translated there."""
    for name, nft, ask in (
            ("a forwarded packet is dropped",
             "table inet filter { chain forward { type filter hook forward priority filter;\n"
             f"tcp dport 443 drop {MARK}\n}} }}", "10.0.0.1:443"),
            ("a translated and forwarded packet is dropped",
             "table ip nat { chain pre { type nat hook prerouting priority dstnat;\n"
             "ip daddr 192.0.2.254 tcp dport 443 dnat to 10.0.0.1:443\n} }\n"
             "table inet filter { chain forward { type filter hook forward priority filter;\n"
             f"tcp dport 443 drop {MARK}\n}} }}", "192.0.2.254:443")):
        if not is_chosen(name):
            continue
        place = Place("routed")
        try:
            place.router.nft(nft)
            place.serve("443")
            place.call(ask.replace(":", " "))
            got = place.router.run(DPORT, "diagnose", ask, "--from", "192.0.2.2", "--prove", "--json")
            told = leg_of(json.loads(got.stdout), "request")
            family, table, chain, handle = find_rule(place.router, "culprit")
            ok(told.get("agrees") is True and
               told.get("observed") == f"{family} {table} {chain} handle {handle}: drop",
               f"{name}: the very packet met what was expected", (told, handle, got.stderr))
        finally:
            place.close()


def test_nothing_comes():
    place = Place()
    try:
        place.serve("443")
        got = place.server.run(DPORT, "diagnose", "443", "--from", "10.0.0.2", "--prove", "--wait", "1")
        ok(b"no such packet was traced" in got.stdout, "where no packet comes that is said", got.stdout)
    finally:
        place.close()


def test_changed_between():
    """The rule is replaced between reading and the packet: both are shown."""
    place = Place()
    try:
        place.server.nft(input_chain(f"tcp dport 443 counter drop {MARK}"))
        place.serve("443")
        before = find_rule(place.server, "culprit")[3]
        run = place.server.start(DPORT, "diagnose", "443/tcp", "--from", "10.0.0.2", "--prove", "--json",
                                 "--wait", "6")
        ok(wait_for_table(place.server, True, 10), "the table is there while it watches")
        shown = place.server.run(DPORT, "rules", "--json").stdout
        ok(OWN.encode() not in shown and b"culprit" in shown, "another dport does not show the table", shown[:2000])
        place.server.shell("nft flush chain inet filter input; "
                           "nft add rule inet filter input tcp dport 443 counter drop comment '\"culprit\"'")
        after = find_rule(place.server, "culprit")[3]
        place.call("10.0.0.1 443")
        document = json.loads(run.communicate(timeout=60)[0])
        told = leg_of(document, "request")
        ok(told.get("agrees") is False and told["expected"] == f"inet filter input handle {before}: drop" and
           told["observed"] == f"inet filter input handle {after}: drop",
           "a rule that was replaced meanwhile is a difference, told with both", document.get("trace"))
        said = json.dumps(document)
        ok("the rules changed meanwhile" in said and document["cause"] == "firewall.drop" and
           document["certainty"] == "proven" and f"handle {after}" in document["summary"] and not document["also"],
           "the reason is told, and the rule that the packet met is the proven one", said)
    finally:
        place.close()


def test_added_between():
    """A rule comes between reading and the packet: what the packet met is told, and nothing is called open."""
    place = Place()
    try:
        place.server.nft(input_chain("tcp dport 22 accept"))
        place.serve("443")
        run = place.server.start(DPORT, "diagnose", "443/tcp", "--from", "10.0.0.2", "--prove", "--json",
                                 "--wait", "6", "--no-connect")
        there = wait_for_table(place.server, True, 10)
        place.server.shell("nft add rule inet filter input tcp dport 443 counter drop comment '\"culprit\"'")
        handle = find_rule(place.server, "culprit")[3]
        place.call("10.0.0.1 443")
        document = json.loads(run.communicate(timeout=60)[0])
        told = leg_of(document, "request")
        ok(there and told.get("agrees") is False and told["expected"] == "no rule stops it" and
           told["observed"] == f"inet filter input handle {handle}: drop",
           "a rule that was added meanwhile is a difference, told with both", document.get("trace"))
        ok((document["verdict"], document["cause"], document["certainty"]) == ("fault", "firewall.drop", "proven") and
           f"handle {handle}" in document["summary"] and "the rules changed meanwhile" in json.dumps(document),
           "and that rule is the proven cause, though it was not there at first", json.dumps(document))
    finally:
        place.close()


def test_left_open():
    """What the rules leave open (a set that packets fill, a limit) the trace settles; who got through is healthy."""
    limited = input_chain(f"tcp dport 443 limit rate 1/hour burst 1 packets accept\ntcp dport 443 drop {MARK}")
    for name, nft, wanted in (
            ("a rule behind a limit that is used up", limited, ("fault", "firewall.rate-limited", "proven")),
            ("an answer behind a limit that is used up",
             output_chain(f"tcp sport 443 limit rate 1/hour burst 1 packets accept\ntcp sport 443 reject {MARK}"),
             ("fault", "firewall.reply-drop", "proven"))):
        if not is_chosen(name):
            continue
        made = Case(name, "", Expect(wanted[0]), nft=nft)
        place = build(made)
        try:
            place.client.run("sh", "-c", "timeout 3 bash -c '</dev/tcp/10.0.0.1/443'; true")
            place.call(made.client)
            time.sleep(made.settle)
            document = json.loads(place.server.run(*prove_words(made, "--json")).stdout)
            handle = find_rule(place.server, "culprit")[3]
            ok((document["verdict"], document["cause"], document["certainty"]) == wanted and
               f"handle {handle}" in document["summary"] and not document["also"] and
               (document["rule"] or {}).get("handle") == (find_rule(place.server, "limit rate")[3] if "limited" in wanted[1] else handle),
               f"{name} is the proven cause by the packet that met it", json.dumps(document))
        finally:
            place.close()


def test_guide():
    """The key asks; after No nothing is added, after Yes the Guide tells what the packet met."""
    place = Place()
    try:
        place.server.nft(input_chain(f"tcp dport 443 counter drop {MARK}"))
        handle = find_rule(place.server, "culprit")[3]
        place.serve("443")
        place.call("10.0.0.1 443")
        screen = Screen(place.server.prefix + [DPORT, "443"], rows=40, columns=120)
        ready = screen.wait_for("What does the client say", 20)
        screen.send("r")
        ready = ready and screen.wait_for("proven", 20)
        screen.send("P")
        asked = screen.wait_for("[y/N]", 5)
        screen.send("n")
        refused = screen.wait_for("nothing was added", 5)
        ok(ready and asked and refused and OWN not in tables(place.server),
           "the Guide asks, and a No adds nothing", "\n".join(screen.lines()))
        screen.send("P")
        screen.wait_for("[y/N]", 5)
        screen.send("y")
        there = wait_for_table(place.server, True, 10)
        told = screen.wait_for(f"met inet filter input handle {handle}: drop, as expected", 20)
        ok(there and told, "after a Yes the table is there, and the Guide tells the rule that the packet met",
           "\n".join(screen.lines()))
        ok(wait_for_table(place.server, False, 10), "when the run is over the table is gone")
        ok(screen.quit() == 0, "the console ends as ever")
    finally:
        place.close()


def children(place, pid):
    got = place.server.shell("ps -eo pid=,ppid=").split()
    pairs = list(zip(map(int, got[::2]), map(int, got[1::2])))
    return [p for p, parent in pairs if parent == pid]


def test_killed():
    """The one that holds the table, its parent, all at once, or stopped: nothing stays."""
    for who in ("the tracing process", "the broker", "the process without rights", "everything"):
        if not is_chosen(who):
            continue
        place = Place()
        try:
            place.serve("443")
            run = place.server.start(DPORT, "diagnose", "443", "--from", "10.0.0.2", "--prove", "--wait", "20")
            there = wait_for_table(place.server, True, 10)
            holder = int(tables(place.server).split(OWN)[1].split()[0])
            broker = int(place.server.shell(f"ps -o ppid= -p {holder}"))
            others = children(place, broker)
            child = min(p for p in others if p != holder)
            killed = {"the tracing process": [holder], "the broker": [broker], "the process without rights": [child],
                      "everything": [broker, *others]}[who]
            place.server.shell("kill -KILL " + " ".join(map(str, killed)))
            gone = wait_for_table(place.server, False, GONE_S)
            ok(there and gone, f"SIGKILL of {who} takes the table away within {GONE_S} s", tables(place.server))
        finally:
            place.close()
            run.communicate(timeout=10)


def test_stopped():
    """One that does not listen any more is killed when it is told to end."""
    place = Place()
    try:
        place.serve("443")
        run = place.server.start(DPORT, "diagnose", "443", "--from", "10.0.0.2", "--prove", "--wait", "1")
        there = wait_for_table(place.server, True, 10)
        place.server.shell("kill -STOP " + tables(place.server).split(OWN)[1].split()[0])
        out = run.communicate(timeout=30)[0]
        ok(there and wait_for_table(place.server, False, GONE_S) and out,
           "a tracing process that is stopped goes with its table, and the document comes", out)
    finally:
        place.close()


def test_legacy():
    """No trace is told of legacy tables: the rule's counter says it."""
    place = Place()
    try:
        if place.server.run("iptables-legacy", "-A", "INPUT", "-p", "tcp", "--dport", "443", "-j", "DROP").returncode:
            print("# no legacy iptables here: its counters were not looked at", flush=True)
            return
        place.serve("443")
        place.call("10.0.0.1 443")
        got = place.server.run(DPORT, "diagnose", "443/tcp", "--from", "10.0.0.2", "--prove", "--json", "--wait", "3")
        document = json.loads(got.stdout)
        told = leg_of(document, "request")
        ok(document["cause"] == "firewall.drop" and told.get("agrees") is True and "counter" in told["observed"],
           "of a legacy rule its counter says that the packet met it", (document["summary"], document.get("trace")))
    finally:
        place.close()


def main():
    need_root()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        test_words()
        cases(folder)
        test_forwarded(folder)
        if is_chosen("nothing comes"):
            test_nothing_comes()
        if is_chosen("changed"):
            test_changed_between()
            test_added_between()
        test_left_open()
        if is_chosen("Guide"):
            test_guide()
        test_killed()
        if is_chosen("stopped"):
            test_stopped()
        if is_chosen("legacy"):
            test_legacy()
    done()


main()

"""The cases of diagnose: what one is and how it is played. The answer is judged in casejudge.py."""
import concurrent.futures
import dataclasses
import os
import re
import subprocess
import sys
import tempfile
import time

from casejudge import ANY, judge
from caseplace import Broken, Place
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

HUNG_S = 30
# Another host: other namespaces, another name, no rights.
ELSEWHERE = ["unshare", "--net", "--uts", "sh", "-c",
             'hostname elsewhere && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"', "sh"]


@dataclasses.dataclass
class Expect:
    """What a document must say. Sets where several answers are right; "" where nothing is asked."""
    verdict: str
    cause: set = frozenset()
    step: str = ""
    certainty: set = frozenset({"proven", "likely"})
    extent: str = ""
    why: str = ""
    rule: str = ""  # a piece of the text of the guilty rule: its comment, or words of it
    chain: tuple = ()  # (family, table, chain) where no rule is guilty but a policy
    backend: str = ""
    near_miss: str = ""  # a piece of the text of a rule that nearly accepted
    reject: tuple = ()  # (type, code) that must stand in syn.icmp
    also: set = frozenset()  # independent faults that must be named
    may_also: set = frozenset()
    if_fixed: tuple = ()  # (verdict, cause)
    states: dict = dataclasses.field(default_factory=dict)  # step -> state
    says: str = ""  # a word that must stand somewhere in the document
    or_unknown: bool = False  # not to know is no failure here; the exit code and the shape still count


def healthy(*certainty, **more):
    return Expect("healthy", {None}, "", set(certainty or ("proven",)), **more)


def fault(cause, step, *certainty, **more):
    causes = {cause} if isinstance(cause, str) else set(cause)
    return Expect("fault", causes, step, set(certainty or ("proven", "likely")), **more)


def unknown(*causes, **more):
    return Expect("unknown", set(causes or (None,)), certainty={"possible", None}, **more)


def input_chain(rules, policy="accept", family="inet", priority="filter", table="filter"):
    """A ruleset of one base chain on the way in."""
    return (f"table {family} {table} {{ chain input {{ type filter hook input priority {priority}; "
            f"policy {policy};\n{rules}\n}} }}\n")


def overflow_before(place):
    """The process that held the port until now never accepted: its overflows are history."""
    place.serve("443 --manner idle --backlog 1 --for 3")
    client = place.call("10.0.0.1 443 --source 10.0.0.4 --every 0.2 --give-up 1 --for 2")
    client.process.wait()
    while "ESTAB" in place.server.shell("ss -Htan sport = :443") or place.server.shell("ss -Htln sport = :443"):
        place.server.shell("sleep 0.1")
    place.serve("443")


@dataclasses.dataclass
class Case:
    name: str
    sees: str  # what the client sees at each attempt; several words if they differ
    expect: Expect
    ask: str = "443/tcp --from 10.0.0.2"
    client: str = "10.0.0.1 443"
    services: tuple = ("443",)
    layout: str = "link"
    server: str = ""  # shell script on the server before the services start
    nft: str = ""  # rules on the server
    on_client: str = ""
    on_router: str = ""
    noise: tuple = ()  # other clients that run all the time
    prepare: object = None  # a function of the place, after the services, before the clients
    quiet: bool = False  # the client runs only when the scenario itself is checked
    settle: float = 0.3  # seconds that the client tries before dport is asked
    settled_sees: str = ""  # what it sees only at first
    cure: str = ""  # shell script on the server that takes the one cause away
    cured_sees: str = "answered"
    look: object = None  # a function of a Seen: sentences, what is wrong with what else it shows

    def __post_init__(self):
        if not self.cure and self.expect.step == "firewall" and (self.nft or "iptables-nft" in self.server):
            self.cure = "nft flush ruleset"


@dataclasses.dataclass
class Seen:
    """What a diagnosis leaves behind."""
    words: list  # of the command
    document: dict
    recording: str  # path

    def replayed(self, *words, recording="", **environment):
        """The same once more from a recording, with other words behind it."""
        command = [*self.words, *words, "--replay", recording or self.recording]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=HUNG_S,
                              env={**os.environ, **environment}, check=False)


@dataclasses.dataclass
class Result:
    case: Case
    broken: str = ""
    saw: list = dataclasses.field(default_factory=list)
    seconds: float = 0
    failures: list = dataclasses.field(default_factory=list)  # (kind, text)
    document: dict = dataclasses.field(default_factory=dict)

    def fail(self, kind, text):
        self.failures.append((kind, text))


def build(case):
    place = Place(case.layout)
    try:
        for host, script in ((place.server, case.server), (place.client, case.on_client)):
            if script:
                host.shell(script)
        if case.on_router:
            place.router.shell(case.on_router)
        if case.nft:
            place.server.nft(case.nft)
        for words in case.services:
            place.serve(words)
        if case.prepare:
            case.prepare(place)
        for words in case.noise:
            place.call(words)
        return place
    except BaseException:
        place.close()
        raise


def check_scenario(case):
    """Without dport: does the client see what the case says, and is it the named cause alone?"""
    def act(place, result):
        client = place.call(case.client)
        client_sees(case, client, result, 3)
        client.process.kill()
        if case.cure:
            place.server.shell(case.cure)
            seen = place.call(case.client).wait_for(2, 12)[-1:]
            if seen != [case.cured_sees]:
                result.fail("scenario", f"without its cause the client sees {seen}, not {case.cured_sees}")
    return guarded(case, act)


def play(case, program, folder):
    """The scenario, the diagnosis, and its replay as nobody elsewhere."""
    def act(place, result):
        client = None if case.quiet else place.call(case.client)
        time.sleep(case.settle)
        recording = os.path.join(folder, re.sub(r"\W+", "-", case.name) + ".tar")
        words = [program, "diagnose", *case.ask.split(), "--json"]
        live = ask(place, words + ["--record", recording], result)
        if live is None:
            return
        judge(case.expect, place.server, live, result)
        if client:
            client_sees(case, client, result, 1)
        if result.document and case.look:
            for text in case.look(Seen(words[:-1], result.document, recording)):
                result.fail("wrong detail", text)
        if result.document:
            replay(words, recording, live, result)
    return guarded(case, act)


def guarded(case, act):
    result, place = Result(case), None
    try:
        place = build(case)
        act(place, result)
    except (Broken, OSError, subprocess.SubprocessError) as error:
        result.broken = f"{type(error).__name__}: {error}"
    finally:
        if place:
            place.close()
    return result


def client_sees(case, client, result, n_attempts):
    allowed = set(case.sees.split())
    seen = client.wait_for(n_attempts + 2 * bool(case.settled_sees), 12)
    first = set(case.settled_sees.split())
    while seen and first and seen[0] in first:
        seen = seen[1:]
    result.saw = seen
    if not seen or not set(seen) <= allowed:
        result.fail("scenario", f"the client sees {' '.join(seen) or 'nothing'}, not {case.sees}")


def ask(place, words, result):
    began = time.monotonic()
    try:
        got = subprocess.run(place.server.prefix + words, stdin=subprocess.DEVNULL, capture_output=True,
                             timeout=HUNG_S, check=False)
    except subprocess.TimeoutExpired:
        result.seconds = HUNG_S
        result.fail("hung", f"no document after {HUNG_S} s")
        return None
    result.seconds = time.monotonic() - began
    return got


def replay(words, recording, live, result):
    try:
        os.chmod(recording, 0o644)
    except OSError as error:
        result.fail("wrong detail", f"no recording: {error}")
        return
    again = subprocess.run(ELSEWHERE + words + ["--replay", recording], stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=HUNG_S, check=False)
    os.unlink(recording)
    if again.stdout != live.stdout:
        result.fail("replay", difference(live.stdout, again.stdout) + again.stderr.decode()[:200])
    elif again.returncode != live.returncode:
        result.fail("replay", f"it ends with {again.returncode}, live with {live.returncode}")


def difference(one, other):
    at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    return (f"differs at byte {at}: live ...{one[max(0, at - 60):at + 60]!r}, "
            f"replayed ...{other[max(0, at - 60):at + 60]!r} ")


# ---- A file of cases ----------------------------------------------------------------------

AT_ONCE = 4


def report(result):
    case, details = result.case, [f"{kind}: {text}" for kind, text in result.failures]
    if result.broken:
        details.append("the scenario is broken: " + result.broken)
    also = " ".join(a["cause"] for a in result.document.get("also", ()))
    ok(not details, f"{case.name}: the client sees {case.sees}; {result.seconds:.1f} s: "
       f"{result.document.get('summary')}" + (f"; also {also}" if also else ""), "\n".join(details))


def play_cases(cases, least, at_once=AT_ONCE):
    """Those whose names have one of the words of the call; with --scenario-only what the client sees, without dport.
    At least so many cases must be there. Does not come back."""
    words = [w for w in sys.argv[1:] if not w.startswith("--")]
    chosen = [c for c in cases if not words or any(w in c.name for w in words)]
    need_root()
    kill_group_at_exit()
    ok(len({c.name for c in cases}) == len(cases) >= least, f"{len(cases)} cases, each with a name of its own")
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        jobs = [pool.submit(check_scenario, c) if "--scenario-only" in sys.argv else pool.submit(play, c, DPORT, folder)
                for c in chosen]
        for job in concurrent.futures.as_completed(jobs):
            report(job.result())
    done()

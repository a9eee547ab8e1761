"""A document of diagnose against what its case expects.

A wrong cause or a fault that is none is a "false claim"; "unknown" where the host's evidence decides
is "no answer"; everything else (rule, step, certainty, shape) is "wrong detail".
"""
import json
import re

from caseplace import find_rule

ANY = "any cause"
CONTRACT = {
    "": "schema host time target window verdict cause step certainty summary why extent since also if_fixed "
        "changes steps syn rule path excluded missing next",
    "target": "proto address port client role",
    "window": "start end",
    "syn": "seen retransmits synack rst icmp silence half_open first last clients capture_drops",
    "rule": "backend family table chain handle index text manager near_misses",
}
STEPS = {"client", "server", "firewall", "nat", "logs"}
STATES = {"pass", "fail", "warn", "unknown", "denied", "skipped"}
ELEMENTS = {
    "also": "cause step certainty summary",
    "changes": "time what source",
    "steps": "step state summary evidence",
    "syn.icmp": "type code from count",
    "syn.clients": "prefix attempts open closed filtered rejected half_open",
    "rule.near_misses": "handle index text field",
    "missing": "source reason grant",
    "next": "text command undo risk",
}
EXITS = {"healthy": 0, "fault": 1, "unknown": 3}
STRENGTH = {"possible": 1, "likely": 2, "proven": 3}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
FAULT_ID = re.compile(r"(client|server|firewall|net|nat|proxy)\.[a-z0-9-]+")


def judge(expect, server, live, result):
    """Puts what is wrong into the result; `server` is the host whose rules were asked about."""
    try:
        document = json.loads(live.stdout)
    except ValueError:
        result.fail("no document", f"exit code {live.returncode}: {live.stderr.decode()[-300:]}")
        return
    result.document = document
    shape = list(wrong_shape(document))
    for text in shape:
        result.fail("wrong detail", text)
    if any("is missing" in text for text in shape):
        return
    if live.returncode != EXITS.get(document["verdict"]):
        result.fail("wrong detail", f"{document['verdict']} ends with exit code {live.returncode}")
    judge_claim(expect, document, result)
    judge_company(expect, document, result)
    if document["verdict"] == expect.verdict:
        judge_details(expect, server, document, result)


def wrong_shape(document):
    """Sentences: where the document leaves the frozen form."""
    for path, keys in CONTRACT.items():
        part = document.get(path) if path else document
        if part is not None:
            yield from (f"{path}.{key} is missing" for key in keys.split() if key not in part)
    if next(iter(document)) != "schema" or document.get("schema") != "dport.diagnosis/1":
        yield "schema does not come first or is another"
    for path, keys in ELEMENTS.items():
        for element in elements(document, path.split(".")):
            yield from (f"{path}.{key} is missing" for key in keys.split() if key not in element)
    for text in (document.get("time"), *(document.get("window") or {}).values()):
        if text is not None and not TIME.fullmatch(text):
            yield f"{text!r} is no RFC 3339 UTC time"
    for step in document.get("steps", ()):
        if step["step"] not in STEPS or step["state"] not in STATES or not step["summary"]:
            yield f"a strange step: {step}"
        yield from (f"evidence without a source: {e}" for e in step["evidence"] if not e.get("source"))
    named = [document.get("cause"), *document.get("excluded", ()), *(a["cause"] for a in document.get("also", ()))]
    yield from (f"{name!r} is no fault id" for name in named if name and not FAULT_ID.fullmatch(name))
    if document.get("cause") and document["cause"] in document.get("excluded", ()):
        yield "the cause is among the excluded"


def elements(document, path):
    """The members of a list that may be absent with what holds it."""
    for name in path:
        document = (document or {}).get(name)
    return document or ()


def judge_claim(expect, document, result):
    """Verdict, cause and how sure: the heart of it."""
    verdict, cause, certainty = (document[k] for k in ("verdict", "cause", "certainty"))
    got = f"{verdict} {cause} ({certainty}): {document['summary']}"
    if verdict != expect.verdict:
        if verdict != "unknown":
            result.fail("false claim", f"{got}; it is {expect.verdict} {names(expect.cause)}")
        elif not expect.or_unknown:
            result.fail("no answer", f"{got}; it is {expect.verdict} {names(expect.cause)}")
        return
    if expect.cause == {ANY}:
        return
    if cause not in expect.cause:
        kind = "false claim" if verdict != "unknown" else "wrong detail"
        result.fail(kind, f"{got}; it is {names(expect.cause)}")
    elif certainty not in expect.certainty:
        too_sure = STRENGTH.get(certainty, 0) > max(STRENGTH.get(c, 0) for c in expect.certainty)
        result.fail("false claim" if too_sure else "wrong detail", f"{got}; certainty: {names(expect.certainty)}")


def names(values):
    return " or ".join(sorted(str(v) for v in values))


def judge_company(expect, document, result):
    """The independent faults: none that is not there, each that is; effects of the cause are none."""
    claimed = {a["cause"] for a in document["also"] if a["certainty"] in ("proven", "likely")}
    extra = claimed - set(expect.also) - set(expect.may_also)
    if extra:
        result.fail("false claim", f"also {names(extra)}, which is not so")
    if document["verdict"] == expect.verdict and set(expect.also) - {a["cause"] for a in document["also"]}:
        result.fail("wrong detail", f"also {names(expect.also)} is not named")


def is_in_state(step, state):
    """What other namespaces make the kernel write stands in the one log of all."""
    is_strange = step["step"] == "logs" and state == "pass" and step["evidence"] and all(
        " kernel: " in e["text"] for e in step["evidence"])
    return step["state"] == state or bool(is_strange)


def judge_details(expect, server, document, result):
    def want(key, value):
        if value and document[key] != value:
            result.fail("wrong detail", f"{key} is {document[key]!r}, not {value!r}")

    want("step", expect.step)
    want("extent", expect.extent)
    want("why", expect.why)
    if_fixed = document["if_fixed"] or {}
    if expect.if_fixed and (if_fixed.get("verdict"), if_fixed.get("cause")) != expect.if_fixed:
        result.fail("wrong detail", f"if_fixed is {document['if_fixed']}, not {expect.if_fixed}")
    steps = {s["step"]: s for s in document["steps"]}
    for step, state in expect.states.items():
        if not is_in_state(steps[step], state):
            result.fail("wrong detail", f"step {step} is {steps[step]['state']}, not {state}")
    if expect.says and expect.says not in json.dumps(document):
        result.fail("wrong detail", f"nowhere a word of {expect.says}")
    answers = {(i["type"], i["code"]) for i in elements(document, ["syn", "icmp"])}
    if expect.reject and expect.reject not in answers:
        result.fail("wrong detail", f"syn.icmp has no {expect.reject}: {document['syn']}")
    judge_rule(expect, server, document, result)


def judge_rule(expect, server, document, result):
    rule = document["rule"] or {}
    if expect.backend and rule.get("backend") != expect.backend:
        result.fail("wrong detail", f"the rule's backend is {rule.get('backend')}, not {expect.backend}")
    if expect.rule:
        wanted = find_rule(server, expect.rule)
        got = tuple(rule.get(k) for k in ("family", "table", "chain", "handle"))
        if got != wanted:
            result.fail("false claim" if rule else "wrong detail", f"the rule is {got}, not {wanted}")
    if expect.chain:
        got = tuple(rule.get(k) for k in ("family", "table", "chain"))
        if got != expect.chain:
            result.fail("false claim" if rule else "wrong detail", f"the chain is {got}, not {expect.chain}")
    if expect.near_miss:
        wanted = find_rule(server, expect.near_miss)[3]
        if wanted not in {miss["handle"] for miss in rule.get("near_misses", ())}:
            result.fail("wrong detail", f"the near miss {expect.near_miss!r} is not named: {rule.get('near_misses')}")

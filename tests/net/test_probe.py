#!/usr/bin/python3
"""dport probe from a host whose way is broken, and the same by `diagnose` as the client; replayed as nobody.

    test_probe.py [--list] [WORD...]     WORDs choose the cases whose name has one of them
"""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from casejudge import EXITS
from caselib import ELSEWHERE
from caseplace import HERE, PYTHON, Broken, Place
from cases_probe import CASES
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

LIMIT_S = 40
JOBS = 4
KEYS = ["schema", "host", "time", "target", "resolve", "addresses", "proxy", "winner", "verdict", "cause", "step",
        "certainty", "summary", "evidence", "also", "missing", "next"]
ADDRESS_KEYS = {"address", "outcome", "error", "start_ms", "took_ms", "syns", "source", "source_port", "icmp", "route",
                "neighbour", "talk", "second_talk", "stray", "sizes", "ports", "path"}
BARE = ["env", "-u", "http_proxy", "-u", "https_proxy", "-u", "HTTPS_PROXY", "-u", "all_proxy", "-u", "ALL_PROXY",
        "-u", "no_proxy", "-u", "NO_PROXY"]
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def put_file(host, path, text):
    """A file of the whole machine, as this host alone sees it."""
    name = host.shell("mktemp").strip()
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(name, 0o644)
    host.shell(f"mount --bind {name} {path}")


def start(place, host, *command):
    process = place.hosts[host].start(*command)
    place.started.append(process)
    if not process.stdout.readline().startswith(b"ready"):
        raise Broken(" ".join(command) + ": " + process.stderr.read().decode())


def start_tls(place, case, folder):
    """openssl's own server, once without a certificate: it can then agree on nothing."""
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    words = ["-nocert"] if case.tls == "-nocert" else ["-key", key, "-cert", cert]
    port = re.search(r":(\d+)", case.ask).group(1)
    process = place.server.start("openssl", "s_server", "-accept", port, "-www", *words)
    place.started.append(process)
    while f":{port} " not in place.server.shell("ss -Htln"):
        place.server.shell("sleep 0.05")
        if process.poll() is not None:
            raise Broken("openssl s_server: " + process.stderr.read().decode())


def build(case, folder):
    place = Place(case.layout)
    try:
        for host, script in (("server", case.server), ("client", case.client), ("router", case.router)):
            if script:
                place.hosts[host].shell(script)
        for words in case.services:
            place.serve(words)
        if case.tls:
            start_tls(place, case, folder)
        put_file(place.client, "/etc/hosts", "127.0.0.1 localhost\n" + case.hosts)
        put_file(place.client, "/etc/resolv.conf", case.resolv)
        if case.names is not None:
            start(place, "server", PYTHON, os.path.join(HERE, "name_server.py"), *case.names)
        for words in case.picky:
            start(place, "server", PYTHON, os.path.join(HERE, "picky_server.py"), *words.split())
        if case.prepare:
            start(place, "client", PYTHON, os.path.join(HERE, "holder.py"), *case.prepare.split())
        for host, rules in (("client", case.nft), ("router", case.router_nft), ("server", case.server_nft)):
            if rules:
                place.hosts[host].nft(rules)
        return place
    except BaseException:
        place.close()
        raise


def run(place, case, words):
    extra = [f"{k}={v}" for k, v in case.environment.items()]
    return subprocess.run(place.client.prefix + BARE + extra + (NOBODY if case.as_user else []) + words,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S, check=False)


def wrong_of_verdict(case, document, code):
    if document["verdict"] != case.verdict:
        yield f"the verdict is {document['verdict']}: {document['summary']}"
    if document["cause"] != case.cause:
        yield f"the cause is {document['cause']}: {document['summary']}"
    if case.verdict != "healthy" and document["certainty"] not in case.certainty:
        yield f"it is {document['certainty']}"
    if code != EXITS[case.verdict]:
        yield f"it ends with {code}"


def wrong_of_probe(case, got):
    document, text = json.loads(got.stdout), got.stdout.decode()
    yield from wrong_of_verdict(case, document, got.returncode)
    if list(document) != KEYS or document["schema"] != "dport.probe/1":
        yield f"its keys are {list(document)}"
    first = (document["addresses"] or [{}])[0]
    if document["addresses"] and set(first) != ADDRESS_KEYS:
        yield f"the keys of an address are {sorted(first)}"
    if case.outcome and first.get("outcome") != case.outcome:
        yield f"the first address is {first.get('outcome')}, not {case.outcome}"
    if case.heard and ((first.get("talk") or {}).get("heard")) != case.heard:
        yield f"it heard {first.get('talk')}"
    if case.second and ((first.get("second_talk") or {}).get("heard")) != case.second:
        yield f"the second heard {first.get('second_talk')}"
    if case.says and case.says not in text:
        yield f"nowhere is {case.says!r}"
    if case.not_says and case.not_says in text:
        yield f"it says {case.not_says!r}"


def check_replay(words, case, recording, live):
    os.chmod(recording, 0o644)
    again = subprocess.run(ELSEWHERE + words + ["--replay", recording], stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=LIMIT_S, check=False)
    os.unlink(recording)
    if again.stdout != live.stdout or again.returncode != live.returncode:
        at = next((i for i, (a, b) in enumerate(zip(again.stdout, live.stdout)) if a != b), 0)
        yield (f"its replay ends with {again.returncode} and has {again.stdout[max(0, at - 80):at + 80]!r} "
               f"for {live.stdout[max(0, at - 80):at + 80]!r} {again.stderr[-200:]!r}")


def play(case, folder):
    place = build(case, folder)
    wrong = []
    try:
        recording = os.path.join(folder, re.sub(r"\W+", "-", case.name) + ".tar")
        words = [DPORT, "probe", *case.ask.split(), "--json"]
        live = run(place, case, words + ["--record", recording])
        try:
            wrong += wrong_of_probe(case, live)
        except ValueError:
            return [f"no document: {live.returncode} {live.stderr.decode()[-400:]}"]
        wrong += check_replay(words, case, recording, live)
        if case.diagnose:
            words = [DPORT, "diagnose", *case.ask.split(), "--json"]
            live = run(place, case, words + ["--record", recording])
            wrong += [f"diagnose: {text}" for text in wrong_of_verdict(case, json.loads(live.stdout), live.returncode)]
            wrong += [f"diagnose: {text}" for text in check_replay(words, case, recording, live)]
    finally:
        place.close()
    return wrong


def guarded(case, folder):
    try:
        return play(case, folder)
    except (Broken, OSError, ValueError, subprocess.SubprocessError) as error:
        return [f"{type(error).__name__}: {error}"]


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", "/CN=web1", "-days", "2", "-keyout", os.path.join(folder, "key.pem"),
                    "-out", os.path.join(folder, "cert.pem")], capture_output=True, check=True, timeout=60)


def main():
    need_root()
    kill_group_at_exit()
    words = sys.argv[1:]
    cases = [c for c in CASES if not words or any(w in c.name for w in words)]
    if words == ["--list"]:
        print("\n".join(c.name for c in CASES))
        return
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o777)
    if shutil.which("openssl"):
        make_certificate(folder)
    else:
        print("# openssl is not here: without its server no case with TLS is played")
        cases = [c for c in cases if not c.tls]
    ok(len({c.name for c in CASES}) == len(CASES) >= 75, f"{len(CASES)} cases, each with a name of its own")
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for case, wrong in zip(cases, pool.map(lambda c: guarded(c, folder), cases)):
            ok(not wrong, case.name + (f" ({case.cause})" if case.cause else ""), "\n".join(wrong))
    done()


main()

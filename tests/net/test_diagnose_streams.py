#!/usr/bin/python3
"""dport diagnose where the handshake is done and what follows goes wrong: real services, real clients, each
answer recorded and replayed as nobody elsewhere.

    test_diagnose_streams.py [--jobs N] [--list] [WORD...]
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases_streams import CASES, HERE, PYTHON
from casejudge import judge
from caselib import Result, ask, client_sees, replay
from caseplace import Broken, Client, Place
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ }}
http {{
    access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ {lines} ssl_certificate {certificate}; ssl_certificate_key {certificate};
              location / {{ return 200 "here"; }} }}
}}
"""


class StreamClient(Client):
    """tests/net/stream_client.py; read as the plain client is."""

    def __init__(self, host, words):
        self.process = host.start(PYTHON, os.path.join(HERE, "stream_client.py"), *words)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = b""


class Scene:
    """One case's place with what runs in it."""

    def __init__(self, case, folder, certificate):
        self.case, self.folder, self.certificate = case, folder, certificate
        self.place = Place(case.layout)

    def words(self, text):
        return [self.certificate if w == "CERTIFICATE" else w for w in text.split()]

    def start(self, host, script, words):
        process = host.start(PYTHON, os.path.join(HERE, script), *words)
        self.place.started.append(process)
        if process.stdout.readline() != b"ready\n":
            raise Broken(f"{script}: {process.stderr.read().decode()}")
        return process

    def serve(self):
        if self.case.serves.startswith("nginx "):
            self.serve_nginx(self.case.serves.removeprefix("nginx "))
        else:
            self.start(self.place.server, "stream_service.py", self.words(self.case.serves))

    def serve_nginx(self, lines):
        home = tempfile.mkdtemp(dir=self.folder)
        os.chmod(home, 0o777)
        with open(os.path.join(home, "nginx.conf"), "w", encoding="utf-8") as f:
            f.write(NGINX.format(folder=home, lines=lines, certificate=self.certificate))
        self.place.started.append(self.place.server.start("nginx", "-c", os.path.join(home, "nginx.conf"), "-p", home))
        for _ in range(50):
            if self.place.server.shell("ss -Htln sport = :443"):
                return
            time.sleep(0.1)
        raise Broken("nginx does not listen")

    def call(self, words):
        client = StreamClient(self.place.client, self.words(words))
        self.place.started.append(client.process)
        return client

    def serve_before(self):
        service = self.start(self.place.server, "stream_service.py", self.words(self.case.before))
        client = self.call(self.case.asks)
        client.wait_for(3, 8)
        service.wait()
        client.process.kill()

    def build(self):
        case, place = self.case, self.place
        for host, script in (("client", case.on_client), ("router", case.on_router)):
            if script:
                place.hosts[host].shell(script)
        if case.before:
            self.serve_before()
        if case.nft:
            place.server.nft(case.nft)
        self.serve()
        if case.injects:
            self.start(place.router, "stream_injector.py", case.injects.split())
        for words in case.others:
            if not self.call(words).wait_for(1, 20):
                raise Broken("the other clients see nothing")


def play(case, folder, certificate):
    result, scene = Result(case), None
    try:
        scene = Scene(case, folder, certificate)
        scene.build()
        client = scene.call(case.asks)
        time.sleep(case.settle)
        recording = os.path.join(folder, re.sub(r"\W+", "-", case.name) + ".tar")
        words = [DPORT, "diagnose", *case.ask.split(), "--json"]
        live = ask(scene.place, words + ["--record", recording], result)
        if live is not None:
            look(scene, live, client, result)
        if result.document:
            replay(words, recording, live, result)
    except (Broken, OSError, subprocess.SubprocessError) as error:
        result.broken = f"{type(error).__name__}: {error}"
    finally:
        if scene:
            scene.place.close()
    return result


def look(scene, live, client, result):
    judge(scene.case.expect, scene.place.server, live, result)
    case = scene.case
    case.settled_sees = ""
    client_sees(case, client, result, 1)
    if case.and_that and case.and_that not in json.dumps(result.document):
        result.fail("wrong detail", f"nowhere: {case.and_that}; {result.document.get('summary')}")


def make_certificate(folder):
    """Key and certificate in one file, for www.example.org."""
    path = os.path.join(folder, "certificate.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path + ".key", "-out",
                    path + ".crt", "-days", "2", "-subj", "/CN=www.example.org", "-addext",
                    "subjectAltName=DNS:www.example.org"], check=True, stdin=subprocess.DEVNULL, capture_output=True)
    with open(path, "wb") as out:
        for part in (path + ".key", path + ".crt"):
            with open(part, "rb") as f:
                out.write(f.read())
    os.chmod(path, 0o644)
    return path


def report(result):
    details = [f"{kind}: {text}" for kind, text in result.failures]
    if result.broken:
        details.append("the scenario is broken: " + result.broken)
    ok(not details, f"{result.case.name}: the client sees {' or '.join(sorted(set(result.saw)))}; "
       f"{result.seconds:.1f} s: {result.document.get('summary')}", "\n".join(details))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--list", action="store_true")
    p.add_argument("--jobs", type=int, default=6)
    p.add_argument("words", nargs="*")
    args = p.parse_args()
    cases = [c for c in CASES if not args.words or any(w in c.name for w in args.words)]
    if args.list:
        print("\n".join(c.name for c in cases))
        return
    need_root()
    kill_group_at_exit()
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    certificate = make_certificate(folder)
    ok(len({c.name for c in CASES}) == len(CASES) >= 40, f"{len(CASES)} cases, each with a name of its own")
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for job in concurrent.futures.as_completed([pool.submit(play, c, folder, certificate) for c in cases]):
            report(job.result())
    done()


main()

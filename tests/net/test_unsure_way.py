#!/usr/bin/python3
"""Where an observation settles what configuration leaves open: a service that does not answer, behind a
program that nobody can read but that let the client through; and the same where the program does stop it.
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bpflib
from caseplace import PYTHON, Broken, Place
from taplib import DPORT, done, kill_group_at_exit, need_root, ok, skip

HOLD = """
import os, socket, sys, time
sys.path.insert(0, sys.argv[1])
import bpflib
kind, where = (bpflib.XDP, bpflib.ON_XDP) if sys.argv[2] == "xdp" else (bpflib.SCHED_CLS, bpflib.TCX_INGRESS)
code = bpflib.always(bpflib.PASSES[kind]) if sys.argv[3] == "passes" else bpflib.tcp_data(bpflib.DROPS[kind], bpflib.PASSES[kind])
link = bpflib.link(bpflib.load(kind, code, "guard"), socket.if_nametoindex("eth0"), where)
print("ready", flush=True)
time.sleep(600)
"""
# (name, program and what it does, service, client, target, verdict, cause, certainties)
MUTE = ("443 --manner mute", "10.0.0.1 443", "443/tcp")
MUTE_UDP = ("53 --udp --manner mute", "10.0.0.1 53 --udp", "53/udp")
TRACKING = "table inet f { chain i { type filter hook input priority 0; ct state established accept\n} }"
CASES = [
    ("a mute service behind an XDP program that passes all", "xdp", "passes", MUTE, "",
     ("fault", "server.no-answer", {"likely"})),
    ("a mute service behind a tc program that passes all", "tcx", "passes", MUTE, "",
     ("fault", "server.no-answer", {"likely"})),
    ("what a client says is dropped by a tc program behind the handshake", "tcx", "drops data", MUTE, "",
     ("unknown", None, {"possible", None})),
    ("a mute name server behind an XDP program, where the flow is tracked", "xdp", "passes", MUTE_UDP, TRACKING,
     ("fault", "server.no-answer", {"likely"})),
    ("a name server behind an XDP program, where nothing is tracked", "xdp", "passes", MUTE_UDP, "",
     ("unknown", None, {"possible", None})),
]


def hold(place, program, manner):
    here = os.path.dirname(os.path.abspath(__file__))
    holder = place.server.start(PYTHON, "-c", HOLD, here, program, manner)
    place.started.append(holder)
    if holder.stdout.readline() != b"ready\n":
        raise Broken(holder.stderr.read().decode())


def play(name, program, manner, words, nft, wanted):
    service, client, target = words
    place = Place()
    try:
        if nft:
            place.server.nft(nft)
        place.serve(service)
        hold(place, program, manner)
        place.call(client)
        got = place.server.run(DPORT, "diagnose", target, "--from", "10.0.0.2", "--json")
        document = json.loads(got.stdout)
        verdict, cause, certainties = wanted
        ok(document["verdict"] == verdict and (not cause or document["cause"] == cause) and
           document["certainty"] in certainties, f"{name}: {cause or verdict}",
           json.dumps({k: document[k] for k in ("verdict", "cause", "certainty", "summary", "syn")}))
    finally:
        place.close()


def main():
    need_root()
    kill_group_at_exit()
    try:
        os.close(bpflib.load(bpflib.XDP, bpflib.always(2)))
    except OSError as e:
        skip(f"this kernel or container loads no programs: {e}")
    for case in CASES:
        if sys.argv[1:] and not any(w in case[0] for w in sys.argv[1:]):
            continue
        try:
            play(*case)
        except (Broken, OSError, ValueError, subprocess.SubprocessError) as error:
            ok(False, f"{case[0]}: the scenario stands", repr(error))
    done()


main()

#!/usr/bin/python3
"""XDP programs, tc filters and programs of control groups: what `dport path` and `dport diagnose` say of them
against what a real connection met.

This namespace is the server (10.9.9.1 on a0, port 443); cli (10.9.9.2 on b0) is the client.
What this kernel has no module for (matchall, flower, gact) is tested by built messages in tests/unit/test_programs.c.
"""
import atexit
import dataclasses
import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bpflib
from taplib import DPORT, done, kill_group_at_exit, need_root, ok, skip

SERVE = """
import os, socket, sys
if sys.argv[1]:
    with open(sys.argv[1] + "/cgroup.procs", "w") as f:
        f.write("0")
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("0.0.0.0", 443))
s.listen(64)
print("ready", flush=True)
while True:
    c, _ = s.accept()
    c.sendall(b"hello")
    c.close()
"""
CALL = """
import socket, time
end = time.monotonic() + 4.5
time.sleep(0.8)
s = socket.socket()
s.settimeout(end - time.monotonic())
try:
    s.connect(("10.9.9.1", 443))
    print("open" if s.recv(5) else "silent")
    s.close()
except OSError:
    print("silent")
"""
# Then a diagnosis hears why the kernel drops a packet.
TELLS_REASONS = os.path.exists("/sys/kernel/btf/vmlinux")
# Classic BPF with direct action: what is IPv4 TCP (by its protocol byte) gets the verdict.
TCP_ONLY = "bytecode '6,40 0 0 12,21 0 3 2048,48 0 0 23,21 0 1 6,6 0 0 {},6 0 0 4294967295'"
SHOT = TCP_ONLY.format(2)


@dataclasses.dataclass
class Case:
    name: str
    seen: str
    path: tuple  # verdicts of the request and of the reply
    why: str = ""  # a piece of what makes it unsure
    verdict: str = "healthy"
    cause: str = None
    certainty: tuple = ("proven", "likely")
    tc: tuple = ()  # lines behind "tc"
    xdp: list = None
    tcx: tuple = ()  # place, program
    group: tuple = ()  # place, verdict
    wait: str = "5"


CASES = [
    Case("without any of them the way is open", "open", ("accept", "accept")),
    Case("an XDP program that drops TCP is a suspicion, and nothing is blamed on the client's side", "silent",
         ("unsure", "accept"), "XDP program", "unknown", "firewall.xdp-drop", ("possible",),
         xdp=bpflib.tcp_over_ipv4(1, 2)),
    Case("one that passes everything makes the way unsure and an answered client healthy", "open",
         ("unsure", "accept"), "(guard) on a0", xdp=bpflib.always(2)),
    Case("what a filter of clsact drops is proven by its count", "silent", ("unsure", "accept"),
         "tc filter bpf", "fault", "firewall.tc-drop",
         tc=("qdisc add dev a0 clsact", f"filter add dev a0 ingress protocol ip pref 7 bpf da {SHOT}")),
    Case("the old ingress qdisc counts as well", "silent", ("unsure", "accept"), "preference 8", "fault",
         "firewall.tc-drop",
         tc=("qdisc add dev a0 ingress", f"filter add dev a0 parent ffff: protocol ip pref 8 bpf da {SHOT}")),
    Case("a filter that drops the answer is told as one", "silent", ("accept", "unsure"), "a0 egress", "fault",
         "firewall.tc-drop",
         tc=("qdisc add dev a0 clsact", f"filter add dev a0 egress protocol ip pref 7 bpf da {SHOT}")),
    Case("a filter that passes everything leaves an answered client healthy", "open", ("unsure", "accept"),
         "tc filter bpf",
         tc=("qdisc add dev a0 clsact", f"filter add dev a0 ingress protocol ip pref 7 bpf da {TCP_ONLY.format(0)}")),
    Case("a filter of another protocol is not in the way", "open", ("accept", "accept"),
         tc=("qdisc add dev a0 clsact",
             "filter add dev a0 ingress protocol ipv6 pref 7 u32 match u32 0 0 action mirred egress redirect dev lo")),
    Case("one that sends packets elsewhere may be", "silent", ("unsure", "accept"), "tc filter u32", "unknown", None,
         ("possible", None),
         tc=("qdisc add dev a0 clsact",
             "filter add dev a0 ingress protocol ip pref 7 u32 match ip protocol 6 0xff "
             "action mirred egress redirect dev lo")),
    Case("one that only mirrors is not", "open", ("accept", "accept"),
         tc=("qdisc add dev a0 clsact",
             "filter add dev a0 ingress protocol ip pref 7 u32 match ip protocol 6 0xff "
             "action mirred egress mirror dev lo")),
    Case("clsact without a filter drops nothing", "open", ("accept", "accept"), tc=("qdisc add dev a0 clsact",)),
    Case("a classful qdisc without a filter that drops is not in the way", "open", ("accept", "accept"),
         tc=("qdisc add dev a0 root handle 1: htb default 1", "class add dev a0 parent 1: classid 1:1 htb rate 1gbit")),
    Case("a TCX program has no count: the kernel's own reason decides, or it is a suspicion", "silent",
         ("unsure", "accept"), "TCX program", TELLS_REASONS and "fault" or "unknown", "firewall.tc-drop",
         (TELLS_REASONS and "likely" or "possible",), tcx=(bpflib.TCX_INGRESS, bpflib.always(2))),
    Case("one on the way out that lets all pass leaves an answered client healthy", "open", ("accept", "unsure"),
         "a0 egress", tcx=(bpflib.TCX_EGRESS, bpflib.always(-1))),
    Case("what a control group's program keeps from the socket the socket counts", "silent", ("unsure", "accept"),
         "of the control group /dport-test", "fault", "firewall.cgroup-drop", group=(bpflib.CGROUP_INGRESS, 0)),
    Case("what it keeps the socket from sending is never handed on", "silent", ("accept", "unsure"),
         "of the control group /dport-test", "fault", "firewall.cgroup-drop", group=(bpflib.CGROUP_EGRESS, 0)),
    Case("one that allows everything leaves an answered client healthy", "open", ("unsure", "accept"),
         "of the control group /dport-test", group=(bpflib.CGROUP_INGRESS, 1)),
]


def sh(line):
    got = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    if got.returncode:
        raise RuntimeError(f"{line}: {got.stderr}")
    return got.stdout


def groups():
    """The directory of cgroup2; "" where there is none that may be written."""
    with open("/proc/self/mountinfo", encoding="ascii") as f:
        found = [line.split()[4] for line in f if " - cgroup2 " in line]
    return found[0] if found and os.access(found[0], os.W_OK) else ""


class Host:
    def __init__(self):
        sh("ip netns add cli && ip link add a0 type veth peer name b0 netns cli")
        sh("ip addr add 10.9.9.1/24 dev a0 && ip link set a0 up && ip -n cli addr add 10.9.9.2/24 dev b0 && "
           "ip -n cli link set b0 up && ip -n cli link set lo up")
        top = groups()
        self.group = f"{top}/dport-test-{os.getpid()}" if top else ""
        if self.group:
            try:
                os.mkdir(self.group)
            except OSError:
                self.group = ""
        self.service = subprocess.Popen([sys.executable, "-c", SERVE, self.group], stdout=subprocess.PIPE)
        self.service.stdout.readline()
        sh(f"ip netns exec cli {sys.executable} -c 'import socket; socket.create_connection((\"10.9.9.1\", 443), 9)'")
        self.ifindex = socket.if_nametoindex("a0")

    def close(self):
        self.service.kill()
        self.service.wait()
        if self.group:
            os.rmdir(self.group)

    def lay_out(self, case):
        """Returns what takes it away again."""
        undo = []
        for line in case.tc:
            sh("tc " + line)
        if case.tc:
            kind = "root" if " root " in case.tc[0] else case.tc[0].split()[-1]
            undo.append(lambda: sh(f"tc qdisc del dev a0 {kind}"))
        if case.xdp or case.tcx:
            kind = bpflib.XDP if case.xdp else bpflib.SCHED_CLS
            program = bpflib.load(kind, case.xdp or case.tcx[1], "guard")
            link = bpflib.link(program, self.ifindex, bpflib.ON_XDP if case.xdp else case.tcx[0])
            undo += [lambda: os.close(link), lambda: os.close(program)]
        if case.group:
            directory = os.open(self.group, os.O_RDONLY)
            program = bpflib.load(bpflib.CGROUP_SKB, bpflib.always(case.group[1]), "guard", case.group[0])
            bpflib.attach(program, directory, case.group[0])
            undo += [lambda: bpflib.detach(program, directory, case.group[0]), lambda: os.close(program),
                     lambda: os.close(directory)]
        return undo


def dport(*words):
    got = subprocess.run([DPORT, *words, "--json"], capture_output=True, text=True, timeout=60, check=False)
    return json.loads(got.stdout) if got.stdout else {"schema": got.stderr}


def judge_path(case, document):
    got = (document.get("verdict"), (document.get("reply") or {}).get("verdict"))
    unsure = json.dumps(document)
    return got == case.path and case.why in unsure and (case.why or not document.get("unsure"))


def judge_diagnosis(case, document):
    return (document.get("verdict") == case.verdict and
            (case.cause is None or document.get("cause") == case.cause) and
            (document.get("certainty") in case.certainty) and
            document.get("cause") != "client.syn-never-arrives")


def play(host, case):
    recording = os.path.join(os.environ.get("TMPDIR", "/tmp"), "programs.rec")
    undo = host.lay_out(case)
    try:
        way = dport("path", "443", "--from", "10.9.9.2")
        client = subprocess.Popen(["ip", "netns", "exec", "cli", sys.executable, "-c", CALL], stdout=subprocess.PIPE,
                                  text=True)
        words = ("diagnose", "443/tcp", "--from", "10.9.9.2")
        live = dport(*words, "--wait", case.wait, "--record", recording)
        seen = client.communicate()[0].strip()
    finally:
        for step in undo:
            step()
    again = dport(*words, "--replay", recording)
    os.unlink(recording)
    ok(seen == case.seen, f"{case.name}: the connection is {case.seen}", seen)
    ok(judge_path(case, way), f"{case.name}: path says {' and '.join(case.path)}", json.dumps(way, indent=1))
    ok(judge_diagnosis(case, live), f"{case.name}: diagnose says {case.cause or case.verdict}",
       json.dumps(live, indent=1))
    keys = ("verdict", "cause", "certainty", "summary")
    ok([again.get(k) for k in keys] == [live.get(k) for k in keys], f"{case.name}: and so does its replay",
       json.dumps(again, indent=1))


def main():
    need_root()
    kill_group_at_exit()
    try:
        os.close(bpflib.load(bpflib.XDP, bpflib.always(2)))
    except OSError as e:
        skip(f"this kernel or container loads no programs: {e}")
    host = Host()
    atexit.register(host.close)
    for case in CASES:
        if case.group and not host.group:
            print(f"# not looked at, there is no cgroup2 here to write to: {case.name}")
            continue
        play(host, case)
    done()


main()

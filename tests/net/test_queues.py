#!/usr/bin/python3
"""Rules that give packets to a queue of netfilter (NFQUEUE), with and without a program that reads it: what
`dport path` and `dport diagnose` say against what real connections meet.

The kernels at hand have no queue statement of nf_tables: for that one, see tests/unit/test_queue_readers.c.
"""
import dataclasses
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cleanlib import clear_all
from taplib import DPORT, done, kill_group_at_exit, need_root, ok, skip

READER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "queue_reader.py")
SERVER, CLIENT, PORT = "10.1.0.1", "10.1.0.2", "443"
LISTEN = """
import socket, sys
s = socket.create_server(("0.0.0.0", 443))
print("ready", flush=True)
sys.stdin.read()
"""
CONNECT = """
import socket
try:
    socket.create_connection(("10.1.0.1", 443), 0.7).close()
    print("open")
except TimeoutError:
    print("silent")
except OSError as e:
    print(e)
"""


@dataclasses.dataclass
class Case:
    name: str
    rules: str  # arguments of iptables, line by line
    seen: str  # what the connection meets
    reader: tuple = ()  # queue_reader.py's words
    verdict: str = ""  # of the path; "": as it was seen
    says: str = ""  # in the detail of the hop that decides
    tool: str = "iptables-nft"
    cause: str = ""  # of diagnose; "": it is not asked


INPUT = "-A INPUT -p tcp --dport 443 -j NFQUEUE "
UNREAD, HELD, READ = "no program reads the queue", "takes no packets", "queue 3 is read by netlink port"

CASES = [
    Case("nobody reads the queue", INPUT + "--queue-num 3", "silent", says=UNREAD, cause="firewall.queue-unread"),
    Case("nobody reads the queue of a legacy table", INPUT + "--queue-num 3", "silent", says=UNREAD,
         tool="iptables-legacy", cause="firewall.queue-unread"),
    Case("nobody reads the queue, and it may be passed by", INPUT + "--queue-num 3 --queue-bypass", "open"),
    Case("nobody reads it, it may be passed by, and the next rule drops",
         INPUT + "--queue-num 3 --queue-bypass\n-A INPUT -p tcp --dport 443 -j DROP", "open"),
    Case("nobody reads it, it may be passed by, and another table drops",
         "-t mangle " + INPUT + "--queue-num 3 --queue-bypass\n-A INPUT -p tcp --dport 443 -j DROP", "silent",
         cause="firewall.drop"),
    Case("nobody reads any queue of several", INPUT + "--queue-balance 3:6", "silent", says=UNREAD),
    Case("another queue is read", INPUT + "--queue-num 3", "silent", ("accept", "4"), says=UNREAD,
         cause="firewall.queue-unread"),
    Case("another queue is read, and this one may be passed by", INPUT + "--queue-num 3 --queue-bypass", "open",
         ("drop", "4")),
    Case("the reader lets it pass", INPUT + "--queue-num 3", "open", ("accept", "3"), "unsure", READ),
    Case("the reader drops it", INPUT + "--queue-num 3", "silent", ("drop", "3"), "unsure", READ, cause="not it"),
    Case("the reader drops it, and the queue may be passed by", INPUT + "--queue-num 3 --queue-bypass", "silent",
         ("drop", "3"), "unsure", READ),
    Case("the queue is held by one who takes no packets", INPUT + "--queue-num 3", "silent", ("none", "3"), says=HELD,
         cause="firewall.queue-unread"),
    Case("it is held by one who takes none, and may be passed by", INPUT + "--queue-num 3 --queue-bypass", "silent",
         ("none", "3"), says=HELD),
    Case("all of several are held by one who takes none", INPUT + "--queue-balance 3:4 --queue-bypass", "silent",
         ("none", "3", "4"), says=HELD),
    Case("one of several is read", INPUT + "--queue-balance 3:4", "open", ("accept", "3", "4"), "unsure", READ),
    Case("nobody reads the queue of the answer", "-A OUTPUT -p tcp --sport 443 -j NFQUEUE --queue-num 3", "silent",
         says=UNREAD, cause="firewall.reply-drop"),
    Case("the queue is none of this port", "-A INPUT -p tcp --dport 444 -j NFQUEUE --queue-num 3", "open"),
    Case("every packet is queued by a rule that bypasses", "-A INPUT -j NFQUEUE --queue-num 65535 --queue-bypass",
         "open"),
]


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, **more)


def must(*words):
    got = run(*words)
    if got.returncode:
        raise SystemExit(f"{' '.join(words)}: {got.stderr}")


def start(*words):
    p = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if p.stdout.readline() != "ready\n":
        raise SystemExit(f"{words} did not start")
    return p


def end(p):
    if p:
        p.stdin.close()
        p.wait(5)


def build():
    must("ip", "netns", "add", "cli")
    must("ip", "link", "add", "r0", "type", "veth", "peer", "name", "c0", "netns", "cli")
    must("ip", "address", "add", SERVER + "/24", "dev", "r0")
    must("ip", "link", "set", "r0", "up")
    must("ip", "-n", "cli", "address", "add", CLIENT + "/24", "dev", "c0")
    must("ip", "-n", "cli", "link", "set", "c0", "up")
    return start(sys.executable, "-c", LISTEN)


def lay_out(case):
    clear_all()
    for line in case.rules.splitlines():
        got = run(case.tool, *line.split())
        if got.returncode:
            raise SystemExit(f"{case.tool} {line}: {got.stderr}")


def connect():
    got = run("ip", "netns", "exec", "cli", sys.executable, "-c", CONNECT)
    return got.stdout.strip() or got.stderr


def details(document):
    hops = document["hops"] + (document["reply"] or {"hops": []})["hops"]
    return [h["detail"] for h in hops if h["detail"]]


def judge_path(case):
    got = run(DPORT, "path", f"{SERVER}:{PORT}", "--from", CLIENT, "--in", "r0", "--json")
    document = json.loads(got.stdout)
    wrong = []
    wanted = {"open": True, "silent": False}[case.seen] if case.verdict != "unsure" else None
    if document["open"] is not wanted:
        wrong.append(f"open is {document['open']}")
    if case.says and not any(case.says in text for text in details(document)):
        wrong.append(f"nothing says {case.says!r}: {details(document)}")
    return "; ".join(wrong) and "; ".join(wrong) + "\n" + got.stdout


def diagnose():
    """While the client tries."""
    trying = subprocess.Popen(["ip", "netns", "exec", "cli", sys.executable, "-c",
                               "import time\nfor i in range(4):\n time.sleep(0.3)\n exec('''" + CONNECT + "''')"],
                              stdout=subprocess.DEVNULL)
    got = run(DPORT, "diagnose", f"{PORT}/tcp", "--from", CLIENT, "--wait", "4", "--json")
    trying.wait()
    return json.loads(got.stdout), got.stdout


def judge_cause(case):
    document, text = diagnose()
    if case.cause == "not it":
        return text if document["cause"] == "firewall.queue-unread" else ""
    wrong = []
    if document["verdict"] != "fault" or document["cause"] != case.cause:
        wrong.append(f"the cause is {document['cause']}: {document['summary']}")
    if "queue" in case.cause and "NFQUEUE" not in (document["rule"] or {}).get("text", ""):
        wrong.append(f"the rule is {document['rule']}")
    return "; ".join(wrong) and "; ".join(wrong) + "\n" + text


def check(case):
    lay_out(case)
    reader = start(sys.executable, READER, *case.reader) if case.reader else None
    seen = connect()
    if ok(seen == case.seen, f"the kernel: {case.name}", f"{seen}, not {case.seen}"):
        wrong = judge_path(case)
        ok(not wrong, case.name, wrong)
        wrong = judge_cause(case) if case.cause else ""
        if case.cause:
            ok(not wrong, f"diagnose: {case.name}", wrong)
    end(reader)


def main():
    need_root()
    kill_group_at_exit()
    if not os.path.exists("/proc/net/netfilter/nfnetlink_queue"):
        skip("this kernel has no nfnetlink_queue")
    server = build()
    for case in CASES:
        if not sys.argv[1:] or any(word in case.name for word in sys.argv[1:]):
            check(case)
    end(server)
    done()


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""The eight incidents of tests/fixtures/incidents as a new user meets them: `dport --replay FILE` at 80x24, and nothing
but arrows, Enter and Esc. Cause, how sure, and the first step must stand there without scrolling; the JSON says the same."""
import dataclasses
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, TOP, done, kill_group_at_exit, need_root, ok
import tmuxlib

FOLDER = os.path.join(TOP, "tests/fixtures/incidents")
FOLLOWING = 8  # times that Enter may be pressed from the list of ports to the cause


@dataclasses.dataclass
class Incident:
    name: str
    row: str  # of the ports
    headline: str
    on_screen: tuple  # pieces of the screen that the cause is first shown on, lines joined
    by_json: dict  # keys of the document
    says: tuple = ()  # pieces of its proofs, advices and steps
    words: tuple = ()  # of the call


INCIDENTS = (
    Incident("cloud-security-group", "443/tcp", "STOPPED BEFORE THIS HOST · likely",
             ("no SYN from 203.0.113.9 to 443/tcp in", "the capture works", "Amazon EC2"),
             {"verdict": "fault", "cause": "client.syn-never-arrives", "step": "client", "certainty": "likely"},
             ("security group", "(22/tcp from 203.0.113.20)"), ("443", "--from", "203.0.113.9")),
    Incident("loopback-bind", "5432/tcp", "SERVICE LISTENS ON THIS HOST ONLY · proven",
             ("listens on 127.0.0.1 and ::1 only for 5432/tcp", "a reset came back", "restart it",
              "opens the service to everybody whom the firewall lets in"),
             {"verdict": "fault", "cause": "server.loopback-only", "step": "server", "certainty": "proven"},
             ("listen_addresses and port, then who may log in: pg_hba.conf", "OutRsts +", "systemctl restart postgresql")),
    Incident("firewalld-zone", "443/tcp", "FIREWALL REJECTS IT · proven",
             ("zone public (eth1) does not let 443/tcp in; zone internal does", "--timeout=15m",
              'the client reads "No route to host"'),
             {"verdict": "fault", "cause": "firewall.reject", "step": "firewall", "certainty": "proven"},
             ("firewall-cmd --permanent --zone=public --add-rich-rule", "firewall-cmd --zone=public --remove-rich-rule")),
    Incident("docker", "8080/tcp", "CONTAINER SERVES ANOTHER PORT · proven",
             ("translated to 172.17.0.2 port 80, where nobody listens", "listens on 127.0.0.1 port 3000",
              "publish port 3000 (-p 8080:3000)"),
             {"verdict": "fault", "cause": "proxy.container-port", "step": "nat", "certainty": "proven"},
             ("on its loopback nobody outside reaches it either", "of namespace web")),
    Incident("backlog", "8080/tcp", "SERVICE ACCEPTS TOO SLOWLY · proven",
             ("the accept queue of app", "connections a second got nothing", "buys seconds when accepts stay below arrivals"),
             {"verdict": "fault", "cause": "server.accept-queue-full", "step": "server", "certainty": "proven",
              "extent": "some"}, ("overflows in this time", "net.core.somaxconn")),
    Incident("tls-to-plaintext", "443/tcp", "TLS ON ONE SIDE ONLY · proven",
             ("the client speaks TLS, and nginx", "plain text (400)", "TLS ClientHello for web1", "curl -v http://10.0.0.5:443/"),
             {"verdict": "fault", "cause": "server.tls-mismatch", "step": "server", "certainty": "proven"},
             ("wrong version number",)),
    Incident("ipv6-first", "443/tcp", "SERVICE LISTENS ON IPV4 ONLY · proven",
             ("takes IPv4 only on 443/tcp; the way here is IPv6", "IPv4 is open (", "IPv6 fails (",
              "let the service listen on IPv6 too"),
             {"verdict": "fault", "cause": "server.ipv4-only", "step": "server", "certainty": "proven"}),
    Incident("fail2ban", "22/tcp", "FIREWALL BANS THIS CLIENT · proven",
             ("a ban of fail2ban's jail sshd", "in jail sshd, since", "fail2ban-client set 'sshd' unbanip 203.0.113.9",
              "fail2ban-client set 'sshd' banip 203.0.113.9", "it returns if the failures go on"),
             {"verdict": "fault", "cause": "firewall.blocklisted", "step": "firewall", "certainty": "proven"},
             ("a NAT that many share",)),
)


def one_line(text):
    """What a person reads, however it is folded."""
    return re.sub(r"\s+", " ", text)


def choose_row(console, row):
    for _ in range(30):
        if console.wait_for(rf"(?m)^ ?▸ *{row} ", seconds=0.5):
            return True
        console.press("Down")
    return False


def press_until(console, text, times=FOLLOWING):
    """Enter, as the footer says, until it stands there; never anything else."""
    for _ in range(times):
        if console.wait_for(text, seconds=4):
            return True
        console.press("Enter")
    return console.wait_for(text)


def on_screen(incident):
    path = os.path.join(FOLDER, incident.name + ".tar")
    console = tmuxlib.Console(f"--replay {path} {' '.join(incident.words)}", patience_s=8)
    if not incident.words:
        ok(console.wait_for(incident.row) and choose_row(console, incident.row),
           f"{incident.name}: its port is in the list, the arrows reach it", console.screen())
        console.press("Enter")
    ok(press_until(console, incident.headline), f"{incident.name}: Enter alone leads to its cause", console.screen())
    text = one_line(console.screen())
    missing = [piece for piece in incident.on_screen if piece not in text]
    ok(not missing, f"{incident.name}: what, where, how sure and what to do stand on the first screen",
       f"{missing}\n{console.screen()}")
    for _ in range(3):
        if not console.wait_for("LISTENS ON", seconds=1):
            console.press("Escape")
    ok(console.wait_for("LISTENS ON"), f"{incident.name}: Esc leads back to the ports", console.screen())
    console.press("q")
    ok(console.wait_for("left with 0"), f"{incident.name}: the console ends well", console.screen())
    console.close()


def by_json(incident):
    path = os.path.join(FOLDER, incident.name + ".tar")
    words = incident.words or (incident.row,)
    got = subprocess.run([DPORT, "diagnose", *words, "--json", "--replay", path], capture_output=True, check=False)
    document = json.loads(got.stdout or b"{}")
    differs = {key: document.get(key) for key, value in incident.by_json.items() if document.get(key) != value}
    ok(got.returncode == 1 and not differs, f"{incident.name}: the document tells the same fault",
       f"{differs} {got.stderr.decode()}")
    text = json.dumps(document, ensure_ascii=False)
    missing = [piece for piece in incident.says if piece not in text]
    ok(not missing, f"{incident.name}: with all that a person needs", f"{missing}\n{text[:6000]}")


def main():
    need_root()
    kill_group_at_exit()
    began = time.monotonic()
    for incident in INCIDENTS:
        if len(sys.argv) < 2 or incident.name in sys.argv[1:]:
            by_json(incident)
            on_screen(incident)
    print(f"# {time.monotonic() - began:.0f} s")
    done()


main()

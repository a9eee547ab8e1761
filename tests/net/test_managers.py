#!/usr/bin/python3
"""Rulesets of the programs that manage firewalls: read without a riddle, decided as the kernel does, answered in the
manager's own words.

ufw, firewalld and fail2ban are run where they are installed, else what they wrote is loaded; what the others write
is in tests/fixtures/managers. This namespace is the host; a client and a container stand in their own.
"""
import atexit
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cleanlib import clear_all
from taplib import DPORT, TOP, done, need_root, ok

TEXT = os.path.join(os.environ.get("TOOLS", os.path.join(TOP, "build/tests/net")), "rules_text")
FIXTURES = os.path.join(TOP, "tests/fixtures/managers")
PYTHON = "/usr/bin/python3"
HOST, CLIENT, BANNED, STRANGER = "10.9.0.1", "10.9.0.2", "10.9.0.9", "100.64.0.5"
SERVED = (22, 80, 443, 2222)
RIDDLES = ("(expression", "(unknown", "xt match", "xt target", "(verdict")
SERVE = """
import select, socket, sys
s = []
for port in map(int, sys.argv[1:]):
    l = socket.socket(); l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); l.bind(("0.0.0.0", port)); l.listen(64); s.append(l)
print("ready", flush=True)
while True:
    for l in select.select(s, [], [])[0]:
        c = l.accept()[0]
        # Where a service speaks first, silence would be a fault of its own.
        if l.getsockname()[1] == 22: c.send(b"SSH-2.0-here\\r\\n")
        c.close()
"""
# Tries until it is killed; one word for each attempt.
TRY = """
import socket, sys, time
source, target, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
while True:
    s = socket.socket(); s.settimeout(3); s.bind((source, 0))
    try:
        s.connect((target, port)); s.recv(64); print("open", flush=True)
    except TimeoutError:
        print("shut", flush=True)
    except OSError:
        print("shut", flush=True); time.sleep(0.2)
    s.close()
    time.sleep(0.1)
"""


@dataclasses.dataclass
class Case:
    name: str
    load: object  # a function, or the name of a fixture
    manager: str
    allowed: tuple  # client, port
    denied: tuple
    fix: str  # of the denied one; {client} stands for it
    undo: str = ""
    bridge: tuple = ()  # name, address of the host, address of the container
    unload: object = None
    needs: str = ""  # a program; where it is not installed what it wrote once is loaded
    recorded: str = ""


def run(*command, **more):
    return subprocess.run(command, stdin=more.pop("stdin", subprocess.DEVNULL), capture_output=True, text=True,
                          check=False, timeout=60, **more)


def must(line):
    got = run(*line.split())
    if got.returncode:
        raise SystemExit(f"{line}: {got.stderr}")


def started(*command, **more):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, **more)
    atexit.register(process.kill)
    return process


def make_world():
    for line in ("ip netns add client", "ip netns add box", "ip link add srv0 type veth peer name cli0 netns client",
                 f"ip addr add {HOST}/24 dev srv0", "ip link set srv0 up", "ip -n client link set cli0 up",
                 f"ip -n client addr add {CLIENT}/24 dev cli0", f"ip -n client addr add {BANNED}/24 dev cli0",
                 f"ip -n client addr add {STRANGER}/32 dev cli0", f"ip route add {STRANGER}/32 via {CLIENT}"):
        must(line)
    for setting in ("ip_forward=1", "conf.all.rp_filter=0", "conf.srv0.rp_filter=0", "icmp_ratelimit=0"):
        must(f"sysctl -qw net.ipv4.{setting}")
    started(PYTHON, "-c", SERVE, *map(str, SERVED)).stdout.readline()
    started("ip", "netns", "exec", "box", PYTHON, "-c", SERVE, "80", "81").stdout.readline()


def make_bridge(name, host, box):
    for line in (f"ip link add {name} type bridge", f"ip addr add {host}/16 dev {name}", f"ip link set {name} up",
                 "ip link add vbox type veth peer name eth0 netns box", f"ip link set vbox master {name} up",
                 f"ip -n box addr add {box}/16 dev eth0", "ip -n box link set eth0 up",
                 f"ip -n box route add default via {host}"):
        must(line)


def load_fixture(name):
    path = os.path.join(FIXTURES, name)
    if name.endswith(".nft"):
        must(f"nft -f {path}")
        return
    with open(path, encoding="ascii") as rules:
        got = run("iptables-nft-restore", stdin=rules)
    if got.returncode:
        raise SystemExit(f"{name}: {got.stderr}")


# ---- The programs themselves -------------------------------------------------------------

def private(path):
    """A copy in place of a directory or file of the host, for this test only."""
    if os.path.ismount(path):
        return
    copy = os.path.join(os.environ["TMPDIR"], path.strip("/").replace("/", "-"))
    must(f"cp -a {path} {copy}")
    must(f"mount --bind {copy} {path}")


def load_ufw():
    private("/etc/ufw")
    private("/etc/default/ufw")
    os.makedirs("/run/lock", exist_ok=True)
    for words in ("--force enable", "allow 22/tcp", "limit 2222/tcp", "deny from 10.9.0.9 to any port 80 proto tcp",
                  "allow 80/tcp"):
        must("ufw " + words)


BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/></policy></busconfig>
"""


def load_firewalld():
    os.makedirs("/run/fw/zones")
    for path, text in (("/run/bus.conf", BUS), ("/run/fw/firewalld.conf", "DefaultZone=public\nFirewallBackend=nftables\n")):
        with open(path, "w", encoding="ascii") as out:
            out.write(text)
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/run/bus"
    started("dbus-daemon", "--config-file=/run/bus.conf", "--nofork", "--nopidfile")
    started("firewalld", "--nofork", "--nopid", "--system-config", "/run/fw", stderr=subprocess.DEVNULL)
    end = time.monotonic() + 20
    while run("firewall-cmd", "--state").stdout.strip() != "running":
        if time.monotonic() > end:
            raise SystemExit("firewalld does not start")
        time.sleep(0.2)
    must("firewall-cmd --zone=public --add-interface=srv0")
    must("firewall-cmd --zone=public --add-service=http")


def fail2ban(action):
    def load():
        must("rm -rf /run/f2b")
        os.makedirs("/run/f2b")
        must("cp -a /etc/fail2ban/. /run/f2b/")
        must("rm -rf /run/f2b/jail.d")
        for path, text in (("/run/f2b/log", ""),
                           # Neither its database nor its log is the host's.
                           ("/run/f2b/fail2ban.local", "[Definition]\ndbfile = None\nlogtarget = /run/f2b/own.log\n"),
                           ("/run/f2b/jail.local",
                            f"[DEFAULT]\nbackend = polling\nbanaction = {action}\n"
                            "[sshd]\nenabled = true\nport = 2222\nlogpath = /run/f2b/log\n")):
            with open(path, "w", encoding="ascii") as out:
                out.write(text)
        for words in "start", f"set sshd banip {BANNED}":
            must(F2B + words)
        end = time.monotonic() + 10
        while "10.9.0.9" not in run("nft", "list", "ruleset").stdout and time.monotonic() < end:
            time.sleep(0.1)
    return load


F2B = "fail2ban-client -c /run/f2b -s /run/f2b/s -p /run/f2b/p "
DOCKER0 = ("docker0", "172.17.0.1", "172.17.0.2")

CASES = [
    Case("crowdsec", "crowdsec.nft", "crowdsec", (CLIENT, 80), (BANNED, 80), "cscli decisions delete --ip {client}",
         "cscli decisions add --ip {client}"),
    Case("tailscale", "tailscale.iptables", "tailscale", (CLIENT, 80), (STRANGER, 80), "tailscale status"),
    Case("calico", "calico.iptables", "calico", (CLIENT, 80), (CLIENT, 2222), "kubectl get networkpolicies -A"),
    Case("docker", "docker.iptables", "docker", (CLIENT, 8080), (BANNED, 8080),
         "iptables -I DOCKER-USER -s {client} -p tcp -m tcp --dport 80 -j ACCEPT",
         "iptables -D DOCKER-USER -s {client} -p tcp -m tcp --dport 80 -j ACCEPT", bridge=DOCKER0),
    Case("docker 28", "docker-forward.iptables", "docker", (CLIENT, 8080), (CLIENT, 8081),
         "iptables -I DOCKER-USER -s {client} -p tcp -m tcp --dport 81 -j ACCEPT", bridge=DOCKER0),
    Case("kube-proxy with iptables", "kube-proxy.iptables", "kube-proxy", (CLIENT, 30080), (CLIENT, 30081),
         "kubectl get services,endpointslices -A", bridge=DOCKER0),
    Case("kube-proxy with nftables", "kube-proxy.nft", "kube-proxy", (CLIENT, 30080), (CLIENT, 30081),
         "kubectl get services,endpointslices -A", bridge=DOCKER0),
    Case("podman", "netavark.nft", "podman", (CLIENT, 8080), (BANNED, 8080), "podman ps",
         bridge=("podman0", "10.88.0.1", "10.88.0.2")),
    Case("libvirt", "libvirt.iptables", "libvirt", (CLIENT, 22), (CLIENT, 8080), "virsh net-list --all",
         bridge=("virbr0", "192.168.122.1", "192.168.122.2")),
    Case("fail2ban with nftables", fail2ban("nftables-multiport"), "fail2ban", (CLIENT, 2222), (BANNED, 2222),
         "fail2ban-client set 'sshd' unbanip {client}", "fail2ban-client set 'sshd' banip {client}",
         needs="fail2ban-client", recorded="fail2ban-recorded.nft", unload=lambda: must(F2B + "stop")),
    Case("fail2ban with iptables", fail2ban("iptables-multiport"), "fail2ban", (CLIENT, 2222), (BANNED, 2222),
         "fail2ban-client set 'sshd' unbanip {client}", "fail2ban-client set 'sshd' banip {client}",
         needs="fail2ban-client", recorded="fail2ban-recorded.iptables", unload=lambda: must(F2B + "stop")),
    Case("ufw", load_ufw, "ufw", (CLIENT, 80), (CLIENT, 443), "ufw allow from {client} to any port 443 proto tcp",
         "ufw delete allow from {client} to any port 443 proto tcp", needs="ufw", recorded="ufw-recorded.iptables",
         unload=lambda: must("ufw --force disable")),
    Case("ufw's own deny", load_ufw, "ufw", (CLIENT, 22), (BANNED, 80),
         "ufw prepend allow from {client} to any port 80 proto tcp",
         "ufw delete allow from {client} to any port 80 proto tcp", needs="ufw",
         recorded="ufw-recorded.iptables", unload=lambda: must("ufw --force disable")),
    Case("firewalld", load_firewalld, "firewalld", (CLIENT, 80), (CLIENT, 443),
         'firewall-cmd --zone=public --add-rich-rule=\'rule priority="-100" family="ipv4" source address="{client}" '
         'port port="443" protocol="tcp" accept\' --timeout=15m',
         'firewall-cmd --zone=public --remove-rich-rule=\'rule priority="-100" family="ipv4" source '
         'address="{client}" port port="443" protocol="tcp" accept\'', needs="firewall-cmd",
         recorded="firewalld-recorded.nft"),
]


# ---- What is asked of each ---------------------------------------------------------------

def diagnosed(client, port):
    """What a client meets, and what dport says of it meanwhile."""
    trying = started("ip", "netns", "exec", "client", PYTHON, "-c", TRY, client, HOST, str(port))
    first = trying.stdout.readline().strip()
    got = run(DPORT, "diagnose", f"{port}/tcp", "--from", client, "--wait", "4", "--no-connect", "--json")
    trying.kill()
    trying.wait()
    try:
        return first, json.loads(got.stdout)
    except ValueError:
        return first, {"error": got.stdout + got.stderr}


def check_texts(case):
    lines = run(TEXT).stdout.splitlines()
    riddles = [line for line in lines if any(word in line for word in RIDDLES)]
    ok(lines and not riddles, f"{case.name}: no rule is a riddle", "\n".join(riddles) or "no rule at all")


def check_allowed(case):
    saw, document = diagnosed(*case.allowed)
    ok(saw == "open" and document.get("verdict") == "healthy",
       f"{case.name}: what it lets in is let in", f"the client saw {saw}\n" + json.dumps(document, indent=1)[:3000])


def check_denied(case):
    client, port = case.denied
    saw, document = diagnosed(client, port)
    rule = document.get("rule") or {}
    ok(saw == "shut" and document.get("verdict") == "fault" and rule.get("manager") == case.manager,
       f"{case.name}: what it stops is stopped, by a rule of {case.manager}",
       f"the client saw {saw}\n" + json.dumps(document, indent=1)[:3000])
    steps = document.get("next") or []
    for word, wanted in (("command", case.fix), ("undo", case.undo)):
        found = [step.get(word) or "" for step in steps]
        if wanted:
            ok(any(text.startswith(wanted.format(client=client)) for text in found),
               f"{case.name}: the {word} is its own", f"wanted {wanted.format(client=client)}\nfound {found}")


def play(case):
    if case.needs and not shutil.which(case.needs):
        print(f"# {case.name}: {case.needs} is not installed, as it was recorded")
        case = dataclasses.replace(case, load=case.recorded, unload=None)
    clear_all()
    if case.bridge:
        make_bridge(*case.bridge)
    load_fixture(case.load) if isinstance(case.load, str) else case.load()
    check_texts(case)
    check_allowed(case)
    check_denied(case)
    if case.unload:
        case.unload()
    if case.bridge:
        must(f"ip link del {case.bridge[0]}")
        must("ip link del vbox")


def main():
    need_root()
    make_world()
    only = sys.argv[1:]
    for case in CASES:
        if not only or any(case.name.startswith(word) for word in only):
            play(case)
    done()


main()

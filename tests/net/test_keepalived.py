#!/usr/bin/python3
"""A virtual address that keepalived.conf names and that another host has now: what diagnose says of it, and that
nothing else of the file is kept. /etc is overlaid in this test's own mount namespace."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

CONF = """vrrp_instance VI_1 {
    authentication {
        auth_type PASS
        auth_pass s3cr3tword
    }
    virtual_ipaddress {
        @ADDRESS@/24 dev eth0
    }
}
"""
LISTEN = "import socket, sys\ns = socket.create_server(('0.0.0.0', 443))\nprint(flush=True)\nsys.stdin.read()"


def sh(text):
    return subprocess.run(["sh", "-ec", text], check=False, capture_output=True, text=True)


def configure(address):
    os.makedirs("/etc/keepalived", exist_ok=True)
    with open("/etc/keepalived/keepalived.conf", "w", encoding="ascii") as f:
        f.write(CONF.replace("@ADDRESS@", address))


def diagnose(*more):
    subprocess.run(["timeout", "2", "bash", "-c", "</dev/tcp/10.0.0.100/443"], check=False, capture_output=True)
    # Its /proc does not have the other host: a namespace that it sees would be one of this host.
    words = ("10.0.0.100:443", "--from", "10.0.0.7", "--wait", "1", "--no-connect", "--json", *more)
    got = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", DPORT, "diagnose", *words], capture_output=True,
                         text=True, check=False, timeout=60)
    try:
        return json.loads(got.stdout)
    except ValueError:
        return {"cause": got.stderr, "certainty": None, "steps": []}


def said(found):
    return json.dumps({k: found.get(k) for k in ("verdict", "cause", "certainty", "summary", "also")})


def main():
    need_root()
    kill_group_at_exit()
    t = os.environ["TMPDIR"]
    refused = sh(f"mkdir {t}/up {t}/work\n"
                 f"mount -t overlay overlay -o lowerdir=/etc,upperdir={t}/up,workdir={t}/work /etc")
    if refused.returncode:
        print(f"/etc cannot be overlaid here: {refused.stderr.strip()}")
        sys.exit(77)
    with subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep 600"], stdout=subprocess.PIPE) as peer:
        peer.stdout.readline()
        there = f"nsenter -t {peer.pid} -n ip"
        made = sh(f"""ip link add eth0 type veth peer name e0 netns {peer.pid}
        ip address add 10.0.0.5/24 dev eth0; ip link set eth0 up
        {there} address add 10.0.0.6/24 dev e0; {there} address add 10.0.0.100/24 dev e0; {there} link set e0 up""")
        ok(not made.returncode, "two hosts, and the other one has the address", made.stderr)
        serve(t)
        peer.kill()
    done()


def serve(t):
    with subprocess.Popen([sys.executable, "-c", LISTEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as served:
        served.stdout.readline()
        configure("10.0.0.100")
        tape = os.path.join(t, "tape.tar")
        found = diagnose("--record", tape)
        ok(found["cause"] == "proxy.vip-elsewhere" and found["certainty"] == "likely", "a virtual address that is elsewhere now",
           said(found))
        ok("keepalived's configuration has 10.0.0.100" in json.dumps(found["steps"]), "with the configuration as evidence",
           said(found))
        with open(tape, "rb") as f:
            kept = f.read()
        ok(b"10.0.0.100/24" in kept and b"s3cr3tword" not in kept, "a recording has the address and not the password")
        configure("10.0.0.200")
        found = diagnose()
        ok(found["cause"] != "proxy.vip-elsewhere", "an address that is not configured is not said to be", said(found))
        configure("10.0.0.100")
        sh("ip address add 10.0.0.100/24 dev eth0")
        found = diagnose()
        ok(found["cause"] != "proxy.vip-elsewhere", "nor one that this host has", said(found))
        served.stdin.close()


main()

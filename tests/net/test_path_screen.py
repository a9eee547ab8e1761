#!/usr/bin/python3
"""The screen Path as its user has it: in tmux, on a host whose rules, namespaces and clients are real."""
import atexit
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import done, kill_group_at_exit, need_root, ok
import tmuxlib

PORT, PUBLISHED = 8080, 9090
SERVER, CLIENT, WEB = "10.9.0.1", "10.9.0.2", "172.17.0.2"
LISTEN = "import socket, time; s = socket.create_server(('0.0.0.0', %d)); time.sleep(600)"
KNOCK = f"""
import socket, time
while True:
    try:
        socket.create_connection(("{SERVER}", {PORT}), 2).close()
    except OSError:
        pass
    time.sleep(0.5)
"""
RULES = f"""
table inet filter {{
    set good {{ type ipv4_addr; elements = {{ 10.9.0.77 }}; }}
    chain input {{
        type filter hook input priority 0; policy drop;
        ct state established,related accept
        iifname "lo" accept
        tcp dport {PORT} ip saddr @good accept
        tcp dport {PORT} iifname "eth1" accept
    }}
}}
table ip nat {{
    chain prerouting {{
        type nat hook prerouting priority -100;
        tcp dport {PUBLISHED} dnat to {WEB}:80
    }}
}}
"""


def run(*command, **kw):
    return subprocess.run(command, capture_output=True, text=True, check=False, **kw)


class Host:
    """A server with a namespace behind it, and a client; what is started there ends with the test."""

    def __init__(self):
        self.processes = []
        for name in ("srv", "cli", "web"):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        self.wire("eth0", SERVER, "cli", "eth0", CLIENT)
        self.wire("veth0", "172.17.0.1", "web", "eth0", WEB)
        run("ip", "-n", "web", "route", "add", "default", "via", "172.17.0.1")
        run("ip", "netns", "exec", "srv", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.nft(RULES)
        self.start("srv", LISTEN % PORT)
        self.start("web", LISTEN % 80)
        atexit.register(self.close)

    @staticmethod
    def wire(device, address, other, other_device, other_address):
        run("ip", "-n", "srv", "link", "add", device, "type", "veth", "peer", "name", other_device, "netns", other)
        for name, dev, addr in (("srv", device, address), (other, other_device, other_address)):
            run("ip", "-n", name, "addr", "add", addr + "/24", "dev", dev)
            run("ip", "-n", name, "link", "set", dev, "up")

    def start(self, where, code):
        self.processes.append(subprocess.Popen(["ip", "netns", "exec", where, sys.executable, "-c", code],
                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    @staticmethod
    def nft(text):
        got = run("ip", "netns", "exec", "srv", "nft", "-f", "-", input=text)
        if got.returncode:
            raise SystemExit(got.stderr)

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()


class Console(tmuxlib.Console):
    """In the server's namespace."""

    def __init__(self, words="", prefix=""):
        super().__init__(words, f"ip netns exec srv {prefix}")

    def type_packet(self, line):
        self.keys("i", "C-u")
        self.do("send-keys", "-l", line)
        self.keys("Enter")


def another_packet(host):
    c = Console()
    ok(c.wait_for(f"{PORT}/tcp"), "the listener is shown", c.screen())
    c.keys("p")
    ok(c.wait_for(r"ports › path", "not decided", r"│ \? input │"), "p shows the way from anyone: it depends on who asks",
       c.screen())
    c.type_packet(f"from {CLIENT}:4000 to :{PORT} in eth0")
    ok(c.wait_for(rf"✖ {PORT}/tcp from {CLIENT}:4000", "dropped by inet filter input policy", r"│ ✖ input │"),
       "a typed packet is answered", c.screen())
    ok(c.wait_for(r"source ✖ +port ✔", r"port ✔ .*interface ✖"), "near misses show which field missed", c.screen())
    c.type_packet(f"from 10.9.0.77 to :{PORT} in eth0")
    ok(c.wait_for(r"✔ \d+/tcp from 10.9.0.77", "and the reply", "the way back", "│ ✔ output │"),
       "one that is let in goes on to the way back", c.screen())
    c.keys("i", "C-u")
    c.do("send-keys", "-l", "from 10.9.0")
    ok(c.wait_for("from takes ADDR, ADDR:PORT, here or anyone, not '10.9.0'"), "what is wrong is said while it is typed",
       c.screen())
    c.keys("C-u", "Enter")
    ok(c.wait_for("the row's", "not decided"), "an empty line brings the first packet back", c.screen())
    host.nft(f"insert rule inet filter input tcp dport {PORT} accept")
    ok(c.wait_for(rf"✔ {PORT}/tcp to {SERVER}", "the way back"), "rules that change are read again by themselves", c.screen())
    c.keys("x")
    ok(c.wait_for(r"written: dport-path-8080-tcp-\d+T\d+Z.md"), "x writes it", c.screen())
    c.keys("Escape")
    ok(c.wait_for("PORT . +SERVICE"), "Esc leads back", c.screen())
    c.close()
    host.nft("flush ruleset" + RULES)


def behind_a_cable():
    c = Console()
    c.wait_for(f"{PORT}/tcp")
    c.keys("p")
    c.wait_for("the way in")
    c.type_packet(f"from {CLIENT}:4000 to {SERVER}:{PUBLISHED} in eth0")
    ok(c.wait_for(r"in the namespace web", rf"✔ {PUBLISHED}/tcp from {CLIENT}:4000", r"→ prerouting"),
       "a translated packet is followed into the namespace behind", c.screen())
    c.close()


def of_the_guide(host):
    host.start("cli", KNOCK)
    c = Console(str(PORT))
    c.wait_for("What does the client say")
    c.keys("r")
    ok(c.wait_for("POLICY|FIREWALL"), "the guide finds the cause", c.screen())
    c.wait_for("made at|Next|not the cause", seconds=10)
    c.keys("p")
    ok(c.wait_for("guide › path", rf"from {CLIENT}", "the guide's", "dropped by inet filter input"),
       "p shows the way of the client's packet", c.screen())
    c.keys("Escape")
    ok(c.wait_for("client +✔"), "and Esc leads back to the guide", c.screen())
    c.keys("q")
    c.close()


def without_rights():
    c = Console(prefix="setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all")
    c.wait_for(f"{PORT}/tcp")
    c.keys("p")
    ok(c.wait_for("not decided", "the rules could not be read", "nf_tables: CAP_NET_ADMIN would be needed"),
       "without the right it is not known, and the right is named", c.screen())
    c.close()


def main():
    need_root()
    kill_group_at_exit()
    host = Host()
    another_packet(host)
    behind_a_cable()
    without_rights()
    of_the_guide(host)
    done()


if __name__ == "__main__":
    main()

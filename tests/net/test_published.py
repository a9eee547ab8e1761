#!/usr/bin/python3
"""Ports that a container engine publishes, as the console shows them: rules as docker writes them, a namespace with a
server behind a bridge, and a small program named docker-proxy on the host. Then rules that change while it watches."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, done, kill_group_at_exit, need_root, ok

RULES = """
table ip nat {
  chain DOCKER { iifname "docker0" counter return
    iifname != "docker0" tcp dport 8080 counter dnat to 172.17.0.2:80
    iifname != "docker0" tcp dport 8443 counter dnat to 172.17.0.2:443; }
  chain PREROUTING { type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local counter jump DOCKER
    tcp dport 3128 redirect to :3129; }
  chain POSTROUTING { type nat hook postrouting priority srcnat; policy accept;
    oifname != "docker0" ip saddr 172.17.0.0/16 masquerade; }
}
table ip filter {
  chain ufw-user-input { tcp dport 22 accept; }
  chain INPUT { type filter hook input priority filter; policy drop; jump ufw-user-input; }
  chain DOCKER { ip daddr 172.17.0.2 iifname != "docker0" oifname "docker0" tcp dport { 80, 443 } accept; }
  chain FORWARD { type filter hook forward priority filter; policy drop;
    oifname "docker0" ct state related,established accept
    oifname "docker0" jump DOCKER
    iifname "docker0" accept; }
}
"""
SERVER = """
import socket, sys
open("/proc/self/comm", "w").write(sys.argv[2])
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("0.0.0.0", int(sys.argv[1])))
s.listen(511)
print("ready", flush=True)
while True:
    s.accept()[0].close()
"""


class Tmux:
    """The console in a tmux of this test's own."""

    def __init__(self, columns, rows, command):
        self.socket = os.path.join(tempfile.mkdtemp(), "tmux")
        env = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color")
        subprocess.run(["tmux", "-f", "/dev/null", "-S", self.socket, "new-session", "-d", "-x", str(columns), "-y",
                        str(rows), command], check=True, env=env)

    def do(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True, check=False).stdout

    def screen(self):
        return self.do("capture-pane", "-p")

    def wait_for(self, text, seconds=20):
        end = time.monotonic() + seconds
        while text not in self.screen() and time.monotonic() < end:
            time.sleep(0.1)
        return text in self.screen()


def wait_gone(t, text, seconds=10):
    end = time.monotonic() + seconds
    while text in t.screen() and time.monotonic() < end:
        time.sleep(0.1)
    return text not in t.screen()


def sh(text):
    subprocess.run(["sh", "-ec", text], check=True)


def serve(port, name, *prefix):
    p = subprocess.Popen([*prefix, sys.executable, "-c", SERVER, str(port), name], stdout=subprocess.PIPE)
    assert p.stdout.readline() == b"ready\n"
    return p


def host():
    sh("""ip link set lo up; ip netns add web; ip netns add client
    ip link add eth0 type veth peer name c0 netns client
    ip address add 10.0.0.5/24 dev eth0; ip link set eth0 up
    ip -n client address add 10.0.0.9/24 dev c0; ip -n client link set c0 up
    ip link add docker0 type bridge; ip address add 172.17.0.1/16 dev docker0; ip link set docker0 up
    ip link add veth0 type veth peer name eth0 netns web; ip link set veth0 master docker0; ip link set veth0 up
    ip -n web link set lo up; ip -n web address add 172.17.0.2/16 dev eth0; ip -n web link set eth0 up
    ip -n web route add default via 172.17.0.1
    echo 1 > /proc/sys/net/ipv4/ip_forward""")
    subprocess.run(["nft", "-f", "-"], input=RULES.encode(), check=True)
    return [serve(80, "nginx", "ip", "netns", "exec", "web"), serve(8080, "docker-proxy"), serve(3129, "squid"),
            serve(22, "sshd")]


def line(t, start):
    for text in t.screen().splitlines():
        if text.lstrip(" ▸").startswith(start):
            return text
    return ""


def wait_line(t, start, *words, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if all(w in line(t, start) for w in words):
            return True
        time.sleep(0.1)
    return False


def rows(t):
    ok(wait_line(t, "8080/tcp", "→ 172.17.0.2:80 in web", "nginx", "0/511", "any"),
       "a published port is one row: its target, the server in the namespace, its queue, who reaches it", t.screen())
    ok("docker-proxy" not in t.screen(), "the userland proxy is folded into it", t.screen())
    ok(wait_line(t, "8443/tcp", "→ 172.17.0.2:443 in web", "nobody listens"),
       "a port that nobody serves in the namespace is said so", t.screen())
    ok(wait_line(t, "3128/tcp", "→ port 3129 here", "squid"), "a redirect is a row with the local listener", t.screen())
    t.do("send-keys", "G")
    ok(t.wait_for("nobody listens on that port there"), "the last line has its sentence", t.screen())
    t.do("send-keys", "Up")
    ok(t.wait_for("ufw does not see it: passed on"),
       "the host's firewall is said not to see the published port", t.screen())
    ok(t.wait_for("8080/tcp at 10.0.0.5"), "the address that clients ask for is named", t.screen())
    t.do("send-keys", "Right")
    ok(t.wait_for("socket  0.0.0.0:8080"), "opened, the proxy stands among the listeners", t.screen())
    t.do("send-keys", "Left")
    ok(wait_gone(t, "socket  0.0.0.0:8080"), "closed, it is folded in again", t.screen())
    t.do("send-keys", "d")
    ok(t.wait_for("nginx") and t.wait_for("reached by"), "the details are those of the server in the namespace", t.screen())
    ok(t.wait_for("port 8080", 30), "with the ways to it through the translation", t.screen())
    t.do("send-keys", "d")
    t.do("send-keys", "f")
    t.do("send-keys", "-l", "docker-proxy")
    t.do("send-keys", "Enter")
    ok(wait_line(t, "8080/tcp", "any v4", "docker-proxy"), "a filter still finds the proxy", t.screen())
    t.do("send-keys", "Escape")


def change(t):
    ok(wait_line(t, "22/tcp", "any"), "before: anybody reaches 22", t.screen())
    subprocess.run(["nft", "insert", "rule", "ip", "filter", "INPUT", "tcp", "dport", "22", "drop"], check=True)
    start = time.monotonic()
    ok(wait_line(t, "22/tcp", "nobody", seconds=10), "a rule that is added changes the word", t.screen())
    took = time.monotonic() - start
    ok(took < 4, "within few seconds", f"{took:.1f} s")
    sh("nft delete chain ip nat PREROUTING || { nft flush chain ip nat PREROUTING; nft delete chain ip nat PREROUTING; }")
    ok(wait_line(t, "8080/tcp", "docker-proxy", seconds=20), "without the rule the proxy is a listener again", t.screen())
    ok("172.17.0.2" not in t.screen(), "and no port is translated", t.screen())


def main():
    need_root()
    kill_group_at_exit()
    if subprocess.run(["nft", "list", "tables"], capture_output=True, check=False).returncode:
        print("nft cannot be used here")
        sys.exit(77)
    servers = host()
    t = Tmux(160, 30, DPORT)
    rows(t)
    change(t)
    t.do("kill-server")
    for p in servers:
        p.kill()
    done()


main()

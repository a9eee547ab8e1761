"""A small world for one case of diagnose: hosts in namespaces of their own, wires, services, clients.

A host has its own network, mount and process namespaces: what the server does not own it cannot
see in /proc, as with real hosts. All of it ends with the case, also when that is killed.
"""
import os
import re
import select
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
SETTINGS = """
# /sys shows the links of the namespace that it was mounted in.
mount --bind /sys/fs/cgroup /mnt; mount -t sysfs sysfs /sys && mount --move /mnt /sys/fs/cgroup
for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad
echo 1 >/proc/sys/net/ipv4/tcp_syncookies
ip link set lo up
echo ready
exec sleep infinity
"""


class Broken(Exception):
    """The scenario itself could not be made."""


class Host:
    def __init__(self, name):
        self.name = name
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc",
             "sh", "-c", f"hostname {name}\n{SETTINGS}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        if self.holder.stdout.readline() != b"ready\n":
            raise Broken(f"host {name} did not start")
        with open(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children", encoding="ascii") as f:
            self.pid = int(f.read().split()[0])
        self.prefix = ["nsenter", "-t", str(self.pid), "-n", "-m", "-u", "-p"]

    def start(self, *command):
        return subprocess.Popen(self.prefix + list(command), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *command, **more):
        return subprocess.run(self.prefix + list(command), stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, check=False, **more)

    def shell(self, script):
        got = self.run("sh", "-ec", script)
        if got.returncode:
            raise Broken(f"on {self.name}: {got.stderr.decode()} of: {script}")
        return got.stdout.decode()

    def nft(self, rules):
        """Two closing braces may share a line, which nft itself does not take."""
        got = subprocess.run(self.prefix + ["nft", "-f", "-"], input=rules.replace("} }", "}\n}").encode(),
                             capture_output=True, timeout=60, check=False)
        if got.returncode:
            raise Broken(f"nft on {self.name}: {got.stderr.decode()}")

    def close(self):
        """Its first process takes all others of the host with it."""
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


class Client:
    """tests/net/client.py on a host; what it saw can be asked at any time."""

    def __init__(self, host, words):
        self.process = host.start(PYTHON, os.path.join(HERE, "client.py"), *words.split())
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = b""

    def saw(self):
        self.text += self.process.stdout.read() or b""
        return self.text.decode().split("\n")[:-1]

    def wait_for(self, n_attempts, seconds):
        end = time.monotonic() + seconds
        while len(self.saw()) < n_attempts and time.monotonic() < end:
            select.select([self.process.stdout], [], [], 0.2)
            if self.process.poll() is not None:
                raise Broken("the client ended: " + self.process.stderr.read().decode())
        return self.saw()


class Place:
    """The hosts of one case. Layout "link": client and server on one wire; "routed": a router between."""

    def __init__(self, layout="link"):
        self.hosts, self.started = {}, []
        try:
            self.wire_up(layout)
        except BaseException:
            self.close()
            raise

    def wire_up(self, layout):
        server, client = self.add("server"), self.add("client")
        if layout == "link":
            self.wire("server", "eth0", "10.0.0.1/24 fd00::1/64", "client", "eth0",
                      "10.0.0.2/24 10.0.0.3/24 10.0.0.4/24 fd00::2/64 fd00::3/64")
            return
        router = self.add("router")
        self.wire("server", "eth0", "10.0.0.1/24 fd00::1/64", "router", "eth0", "10.0.0.254/24 fd00::fe/64")
        self.wire("client", "eth0", "192.0.2.2/24 192.0.2.3/24 fd02::2/64", "router", "eth1",
                  "192.0.2.254/24 fd02::fe/64")
        router.shell("echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
        server.shell("ip route add default via 10.0.0.254; ip -6 route add default via fd00::fe")
        client.shell("ip route add default via 192.0.2.254; ip -6 route add default via fd02::fe")

    def __getattr__(self, name):
        try:
            return self.__dict__["hosts"][name]
        except KeyError:
            raise AttributeError(name) from None

    def add(self, name):
        self.hosts[name] = Host(name)
        return self.hosts[name]

    def wire(self, one, device, addresses, other, other_device, other_addresses):
        a, b = self.hosts[one], self.hosts[other]
        script = [f"link add {device} type veth peer name {other_device} netns {b.pid}"]
        self.ip(a, script)
        for host, dev, addrs in ((a, device, addresses), (b, other_device, other_addresses)):
            script = [f"address add {addr} dev {dev}" + (" nodad" if ":" in addr else "")
                      for addr in addrs.split()]
            self.ip(host, script + [f"link set {dev} up"])

    @staticmethod
    def ip(host, lines):
        got = subprocess.run(["nsenter", "-t", str(host.pid), "-n", "ip", "-batch", "-"],
                             input="\n".join(lines).encode(), capture_output=True, timeout=60, check=False)
        if got.returncode:
            raise Broken(f"ip on {host.name}: {got.stderr.decode()}")

    def serve(self, words, host="server"):
        """Starts tests/net/service.py; `@apart ...` in a network namespace beside the host's own."""
        words = words.split()
        prefix = []
        if words[0] == "@apart":
            prefix, words = ["unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"], words[1:]
        service = self.hosts[host].start(*prefix, PYTHON, os.path.join(HERE, "service.py"), *words)
        self.started.append(service)
        if service.stdout.readline() != b"ready\n":
            raise Broken("service: " + service.stderr.read().decode())
        return service

    def call(self, words):
        client = Client(self.client, words)
        self.started.append(client.process)
        return client

    def close(self):
        for host in self.hosts.values():
            host.close()
        for process in self.started:
            process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()


def find_rule(host, needle):
    """(family, table, chain, handle) of the one nft rule whose text has the needle."""
    where, found = [None, None, None], []
    for line in host.shell("nft -a list ruleset").splitlines():
        table = re.match(r"table (\S+) (\S+) \{", line)
        chain = re.match(r"\tchain (\S+) \{", line)
        handle = re.search(r"# handle (\d+)$", line)
        if table:
            where[:2] = table.groups()
        elif chain:
            where[2] = chain.group(1)
        elif handle and line.startswith("\t\t") and needle in line:
            found.append((*where, int(handle.group(1))))
    if len(found) != 1:
        raise Broken(f"{len(found)} rules have {needle!r}")
    return found[0]

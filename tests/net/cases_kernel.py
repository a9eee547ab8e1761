"""Cases of diagnose: what the kernel counts and does without a rule: sockets, queues, interfaces, addresses.

netem, police and fq are not in this kernel: the queue that drops is a token bucket. The limits of the neighbour
table, of TCP's memory and of the processors' backlog are the whole machine's, which no test may change:
tests/unit/test_checks_kernel.c shows those three by evidence that is made.
"""
import os
import time

from caselib import Case, fault, healthy, input_chain, unknown
from caseplace import HERE, PYTHON, Broken
from taplib import TOP

TOOLS = os.environ.get("TOOLS", os.path.join(TOP, "build/tests/net"))
DROP = input_chain('ip saddr 10.0.0.2 tcp dport 443 drop comment "culprit"')
V6 = {"ask": "443/tcp --from fd00::2", "services": ("443 --address ::",)}
UDP = {"client": "10.0.0.1 5353 --udp", "ask": "5353/udp --from 10.0.0.2", "services": ()}
# The one of the host is hidden by what is mounted over it; without one programs of control groups cannot be excluded.
GROUPS = "mount -t cgroup2 none /sys/fs/cgroup/unified"
POLICY = "ip xfrm policy add dir {} src {} dst {} {}"
ESP = "tmpl proto esp mode transport"


def odd(words):
    """Starts tests/net/kernel_service.py."""
    def prepare(place):
        service = place.server.start(PYTHON, os.path.join(HERE, "kernel_service.py"), *words.split())
        place.started.append(service)
        if service.stdout.readline() != b"ready\n":
            raise Broken("service: " + service.stderr.read().decode())
    return prepare


def knows(*addresses):
    """The client's neighbour entries for these lead here, whatever is asked on the wire."""
    def prepare(place):
        mac = place.server.shell("cat /sys/class/net/eth0/address").strip()
        for address in addresses:
            place.client.shell(f"ip neigh replace {address} lladdr {mac} nud permanent dev eth0")
    return prepare


def each(*functions):
    def prepare(place):
        for function in functions:
            function(place)
    return prepare


def server(script):
    return lambda place: place.server.shell(script)


def client(script):
    return lambda place: place.client.shell(script)


def lasting(place):
    """A listener's address goes while it listens."""
    place.server.shell("ip address add 10.0.0.77/24 dev eth0")
    place.serve("443 --address 10.0.0.77")
    knows("10.0.0.77")(place)
    place.server.shell("ip address del 10.0.0.77/24 dev eth0")


def never_here(place):
    place.server.shell("echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind")
    place.serve("443 --address 10.0.0.77")
    knows("10.0.0.77")(place)


def old_drops(place):
    """What nobody read overflowed the buffer before: history."""
    odd("5353 --udp --deaf 2.5")(place)
    place.call("10.0.0.1 5353 --udp --every 0.05 --give-up 0.1 --for 2").process.wait()
    place.server.shell("sleep 1")


def too_wide(place):
    place.server.shell("ip address flush dev eth0; ip address add 10.0.0.1/8 dev eth0\n"
                       "ip route add default via 10.0.0.254")
    place.router.shell("ip route add 10.9.0.0/24 dev eth1")


def flood(place):
    """Handshakes that are never finished, of others than the client: each place that becomes free in the queue is
    taken again before the client comes, also where processors are busy."""
    link = place.server.shell("cat /sys/class/net/eth0/address").strip()
    place.server.shell("ip route add 10.64.0.0/10 via 10.0.0.2")
    words = [os.path.join(TOOLS, "syn_flood"), "eth0", link, "10.0.0.1", "443", "10000000", "4000"]
    # Ahead of all others, but for a container without a budget for that.
    place.started.append(place.client.start("sh", "-c", 'chrt -f 1 true && exec chrt -f 1 "$@"; exec "$@"', "-", *words))
    end = time.monotonic() + 20
    while len(place.server.shell("ss -Htn state syn-recv").splitlines()) < 6:
        if time.monotonic() > end:
            raise Broken("the queue of SYNs does not fill")
        time.sleep(0.1)


NET = [
    Case("the only interface is down", "host-unreachable timeout", fault("net.link-down", "firewall"), settle=1,
         prepare=server("ip link set eth0 down"), cure="ip link set eth0 up"),
    Case("the only interface has no carrier", "net-unreachable", fault("net.link-down", "firewall"), settle=1,
         prepare=client("ip link set eth0 down")),
    Case("another interface is down", "answered", healthy(),
         server="ip link add lan1 type veth peer name lan2; ip address add 10.7.0.1/24 dev lan1"),
    Case("an address that a listener still has and the host not", "timeout", fault("net.address-lost", "firewall"),
         services=(), client="10.0.0.77 443", prepare=lasting, cure="ip address add 10.0.0.77/24 dev eth0"),
    Case("a listener on an address that never was here", "timeout", fault("net.address-not-here", "firewall"),
         services=(), client="10.0.0.77 443", prepare=never_here, cure="ip address add 10.0.0.77/24 dev eth0"),
    Case("an IPv6 address that is still tentative", "timeout", fault("net.address-unusable", "firewall"),
         client="fd00::7 443 --source fd00::2", prepare=knows("fd00::7"), **V6,
         server="cd /proc/sys/net/ipv6/conf; echo 1 >all/accept_dad; echo 1 >eth0/accept_dad\n"
                "echo 100 >eth0/dad_transmits; ip address add fd00::7/64 dev eth0"),
    Case("an IPv6 address that is deprecated", "answered", healthy(), client="fd00::7 443 --source fd00::2", **V6,
         server="ip address add fd00::7/64 dev eth0 nodad preferred_lft 0"),
    Case("IPv6 turned off on the interface", "timeout", fault("net.ipv6-disabled", "firewall"),
         client="fd00::1 443 --source fd00::2", **V6,
         prepare=each(knows("fd00::1"), server("echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6")),
         cure="echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6; ip address add fd00::1/64 dev eth0 nodad"),
    Case("IPv6 turned off on another interface", "answered", healthy(), client="fd00::1 443 --source fd00::2", **V6,
         server="ip link add lan1 type veth peer name lan2; ip link set lan1 up\n"
                "echo 1 >/proc/sys/net/ipv6/conf/lan1/disable_ipv6"),
    Case("IPv6 turned off everywhere, and nobody tries", "answered", healthy("likely"), quiet=True, ask="443/tcp",
         services=("443 --address :: --both",), prepare=server("echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6")),
    Case("a client that has this host's own address", "timeout", fault("net.martian", "firewall"),
         client="10.0.0.1 443 --source 10.0.0.9", ask="443/tcp --from 10.0.0.9", prepare=knows("10.0.0.1"),
         server="ip address add 10.0.0.9/32 dev lo", on_client="ip address add 10.0.0.9/24 dev eth0",
         cure="ip address del 10.0.0.9/32 dev lo"),
    Case("a martian beside a client that is served", "answered", healthy(), prepare=knows("10.0.0.1"),
         server="ip address add 10.0.0.9/32 dev lo", on_client="ip address add 10.0.0.9/24 dev eth0",
         noise=("10.0.0.1 443 --source 10.0.0.9",)),
    Case("a netmask that takes the client for a neighbour", "timeout", fault("net.wrong-netmask", "firewall"),
         layout="routed", client="10.0.0.1 443 --source 10.9.0.2", ask="443/tcp --from 10.9.0.2",
         on_client="ip address add 10.9.0.2/24 dev eth0", prepare=too_wide, settle=4,
         cure="ip route add 10.9.0.0/24 via 10.0.0.254"),
    Case("a wide netmask and a route for the client", "answered", healthy(),
         layout="routed", client="10.0.0.1 443 --source 10.9.0.2", ask="443/tcp --from 10.9.0.2",
         on_client="ip address add 10.9.0.2/24 dev eth0",
         prepare=each(too_wide, server("ip route add 10.9.0.0/24 via 10.0.0.254"))),
    Case("a token bucket smaller than the answer", "timeout", fault("net.qdisc-drop", "firewall"),
         server="tc qdisc add dev eth0 root tbf rate 8kbit burst 64 limit 64", cure="tc qdisc del dev eth0 root"),
    Case("a token bucket with room", "answered", healthy(),
         server="tc qdisc add dev eth0 root tbf rate 8mbit burst 20000 limit 20000"),
    Case("a token bucket that drops others' answers, and a rule", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), nft=DROP, noise=("10.0.0.1 443 --source 10.0.0.3",),
         server="tc qdisc add dev eth0 root tbf rate 8kbit burst 64 limit 64"),
    Case("a policy of IPsec for what comes in", "timeout", fault("net.ipsec-policy", "firewall"),
         server=POLICY.format("in", "10.0.0.2/32", "10.0.0.1/32", ESP), cure="ip xfrm policy flush"),
    Case("a policy of IPsec that blocks the client", "timeout", fault("net.ipsec-policy", "firewall"),
         server=POLICY.format("in", "10.0.0.2/32", "10.0.0.1/32", "action block"), cure="ip xfrm policy flush"),
    Case("a policy of IPsec that blocks the answer", "timeout", fault("net.ipsec-policy", "firewall"),
         server=POLICY.format("out", "10.0.0.1/32", "10.0.0.2/32", "action block"), cure="ip xfrm policy flush"),
    Case("a policy of IPsec for the answer, and no association", "timeout", fault("net.ipsec-policy", "firewall"),
         server=POLICY.format("out", "10.0.0.1/32", "10.0.0.2/32", ESP), cure="ip xfrm policy flush"),
    Case("a policy of IPsec for another client", "answered", healthy(),
         server=POLICY.format("in", "10.0.0.3/32", "10.0.0.1/32", ESP), noise=("10.0.0.1 443 --source 10.0.0.3",)),
    Case("a policy of IPsec for another client, and a rule for this one", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), nft=DROP, noise=("10.0.0.1 443 --source 10.0.0.3",),
         server=POLICY.format("in", "10.0.0.3/32", "10.0.0.1/32", ESP)),
]

SERVER = [
    Case("a key of TCP-MD5 that the client has not", "timeout", fault("server.tcp-authentication", "server", "proven"),
         services=(), prepare=odd("443 --key-for 10.0.0.2")),
    Case("a key of TCP-MD5 for another client", "answered", healthy(), services=(),
         prepare=odd("443 --key-for 10.0.0.3"), noise=("10.0.0.1 443 --source 10.0.0.3",)),
    Case("a key of TCP-MD5 for another client, and a rule for this one", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), nft=DROP, services=(), cure="nft flush ruleset",
         prepare=odd("443 --key-for 10.0.0.3"), noise=("10.0.0.1 443 --source 10.0.0.3",)),
    Case("a socket that wants neighbours only", "timeout", fault("server.socket-filter", "server", "proven"),
         services=(), prepare=odd("443 --min-ttl 255")),
    Case("a socket whose minimum TTL is met", "answered", healthy(), services=(), prepare=odd("443 --min-ttl 60")),
    Case("a socket with a filter that drops", "timeout", fault("server.socket-filter", "server", "likely"),
         services=(), prepare=odd("443 --filter drop"), server=GROUPS),
    Case("a socket with a filter that drops, and control groups that cannot be read", "timeout",
         unknown("server.socket-filter"), services=(), prepare=odd("443 --filter drop")),
    Case("a socket with a filter that takes", "answered", healthy(), services=(), prepare=odd("443 --filter take")),
    Case("a socket with a filter that drops, and a rule before it", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), nft=DROP, services=(), cured_sees="timeout",
         prepare=odd("443 --filter drop")),
    Case("a UDP socket with a filter that drops", "timeout", fault("server.socket-filter", "server", "likely"),
         prepare=odd("5353 --udp --filter drop"), server=GROUPS, **UDP),
    # No controller of memory is of v2 here: what the group would tell stands in files of its name.
    Case("a service that never answers, and its control group lost processes", "silent",
         fault("server.no-answer", "server", says="the kernel killed 2 processes of its control group"),
         services=("443 --manner mute",), settle=1,
         server="mount -t tmpfs none /sys/fs/cgroup; echo 'oom_kill 2' >/sys/fs/cgroup/memory.events"),
    Case("a UDP socket that nobody empties", "timeout", fault("server.udp-buffer-full", "server"),
         prepare=odd("5353 --udp --deaf 600"), settle=3, **UDP),
    Case("a UDP socket that overflowed once", "answered", healthy(), prepare=old_drops, **UDP),
    Case("a SYN queue that is full", "timeout", fault("server.syn-queue-full", "server", "proven"), prepare=flood,
         server="echo 0 >/proc/sys/net/ipv4/tcp_syncookies", services=("443 --backlog 8",),
         cure="echo 1 >/proc/sys/net/ipv4/tcp_syncookies"),
    Case("a SYN queue whose last quarter is for known clients", "timeout", fault("server.syn-queue-full", "server"),
         server="echo 0 >/proc/sys/net/ipv4/tcp_syncookies; echo 8 >/proc/sys/net/ipv4/tcp_max_syn_backlog",
         services=("443",), prepare=flood, cure="echo 1 >/proc/sys/net/ipv4/tcp_syncookies"),
    Case("a SYN queue that is full, and a rule", "timeout",
         fault("firewall.drop", "firewall", rule="culprit", may_also={"server.syn-queue-full"}),
         server="echo 0 >/proc/sys/net/ipv4/tcp_syncookies", services=("443 --backlog 8",),
         prepare=flood, nft=DROP, cured_sees="timeout"),
    Case("a SYN queue that is full, and cookies", "answered", healthy(), prepare=flood,
         server="echo 8 >/proc/sys/net/ipv4/tcp_max_syn_backlog", services=("443 --backlog 8",)),
]

CASES = NET + SERVER

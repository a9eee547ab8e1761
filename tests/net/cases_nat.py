"""Cases of diagnose: translations, and the hosts and containers behind them."""
import os

from caselib import Case, fault, healthy, unknown
from caseplace import HERE, PYTHON, Broken

CHAIN = "table ip nat { chain pre { type nat hook prerouting priority dstnat;\n"
AGAIN = "nft flush chain ip nat pre; nft add rule ip nat pre tcp dport 443 dnat to "
DEAF = "nft 'add table ip f; add chain ip f i { type filter hook input priority 0; policy drop; }'"
NONLOCAL = "echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind"
ROUTER = "echo 1 >/proc/sys/net/ipv4/ip_forward"


def dnat(to, match="tcp dport 443", more=""):
    return CHAIN + f'{match} dnat to {to} comment "culprit"\n}}\n{more}}}\n'


def forward(rules, policy="drop"):
    return (f"table inet filter {{ chain forward {{ type filter hook forward priority filter; policy {policy};\n"
            f"{rules}\n}} }}\n")


def backend(*services, route=True, script="", where="10.1.0.2/24"):
    """Another host behind the server, on a network of its own."""
    def prepare(place):
        place.add("backend")
        place.wire("server", "eth1", "10.1.0.1/24", "backend", "eth0", where)
        if route:
            place.backend.shell("ip route add default via 10.1.0.1")
        if script:
            place.backend.shell(script)
        for words in services:
            place.serve(words, "backend")
    return prepare


def backend_v6(*services):
    def prepare(place):
        place.add("backend")
        place.wire("server", "eth1", "fd01::1/64", "backend", "eth0", "fd01::2/64")
        place.backend.shell("ip -6 route add default via fd01::1")
        for words in services:
            place.serve(words, "backend")
    return prepare


def container(*services):
    """A network namespace of the server's own, as container engines make them."""
    def prepare(place):
        holder = place.server.start("unshare", "-n", "sh", "-c", "echo $$; exec sleep infinity")
        place.started.append(holder)
        pid = int(holder.stdout.readline())
        inside = f"nsenter -t {pid} -n"
        place.server.shell(
            f"""ip link add docker0 type bridge; ip address add 172.17.0.1/16 dev docker0; ip link set docker0 up
            ip link add veth0 type veth peer name eth0 netns {pid}
            ip link set veth0 master docker0; ip link set veth0 up
            {inside} ip link set lo up; {inside} ip address add 172.17.0.2/16 dev eth0
            {inside} ip link set eth0 up; {inside} ip route add default via 172.17.0.1""")
        for words in services:
            service = place.server.start(*inside.split(), PYTHON, os.path.join(HERE, "service.py"), *words.split())
            place.started.append(service)
            if service.stdout.readline() != b"ready\n":
                raise Broken("service: " + service.stderr.read().decode())
    return prepare


def same_network(*services):
    """A third host on the wire of client and server."""
    def prepare(place):
        place.add("backend")
        place.wire("client", "port1", "", "backend", "eth0", "10.0.0.5/24")
        place.client.shell("""ip link add br0 type bridge; ip link set br0 up
            ip address flush dev eth0; ip link set eth0 master br0; ip link set port1 master br0
            ip address add 10.0.0.2/24 dev br0; ip address add 10.0.0.3/24 dev br0""")
        for words in services:
            place.serve(words, "backend")
    return prepare


def elsewhere(address, *services, asked=True):
    """A third host on the wire has the service's address, and this host has talked to it."""
    def prepare(place):
        same_network()(place)
        if address:
            place.hosts["backend"].shell(f"ip address add {address}/24 dev eth0")
            place.serve("443", "backend")
        for words in services:
            place.serve(words)
        if asked:
            place.server.run("timeout", "2", "bash", "-c", "</dev/tcp/10.0.0.100/443")
    return prepare


def proxied(words, before=None):
    """A process of the server that makes a connection of its own for each that it takes."""
    def prepare(place):
        if before:
            before(place)
        proxy = place.server.start(PYTHON, os.path.join(HERE, "proxy.py"), *words.split())
        place.started.append(proxy)
        if proxy.stdout.readline() != b"ready\n":
            raise Broken("proxy: " + proxy.stderr.read().decode())
    return prepare


def full_table(place):
    """Every entry that the kernel may keep is taken, by flows that it does not give up."""
    place.server.shell(f"{PYTHON} {os.path.join(HERE, 'fill_conntrack.py')}")


def port_taken(place):
    """Another client holds the one port that the translation has."""
    backend("8443 --manner mute")(place)
    place.started.append(place.client.start(PYTHON, "-c", HOLD))
    while "ESTAB" not in place.backend.shell("ss -Htn"):
        place.backend.shell("sleep 0.1")


HOLD = """
import socket, time
s = socket.create_connection(("10.0.0.1", 443), 5, ("10.0.0.3", 0))
s.sendall(b"x")
time.sleep(600)
"""
KEEP_ASKING = """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.0.0.2", 5353))
while True:
    s.sendto(b"question", ("10.0.0.1", 53))
    time.sleep(0.3)
"""


def rules_changed_under_a_flow(place):
    """The flow began when the old backend was still there."""
    backend("5300 --udp --address 10.1.0.3", where="10.1.0.3/24")(place)
    asking = place.client.start(PYTHON, "-c", KEEP_ASKING)
    place.started.append(asking)
    while "dport=53 " not in place.server.shell("cat /proc/net/nf_conntrack 2>/dev/null || conntrack -L 2>/dev/null"):
        place.server.shell("sleep 0.1")
    place.server.shell("nft flush chain ip nat pre; nft add rule ip nat pre udp dport 53 dnat to 10.1.0.3:5300")


def nat(name, sees, expect, **more):
    more.setdefault("services", ())
    more.setdefault("server", ROUTER)
    return Case(name, sees, expect, **more)


DOCKER = ("table ip nat {{ chain PREROUTING {{ type nat hook prerouting priority dstnat;\n"
          "fib daddr type local counter jump DOCKER\n}}\nchain DOCKER {{\n"
          'iifname != "docker0" tcp dport 443 counter dnat to 172.17.0.2:{port}\n}} }}\n')

CASES = [
    nat("a translation to a port that the backend does not serve", "refused",
        fault("nat.dnat-wrong-port", "nat", rule="culprit"), nft=dnat("10.1.0.2:7000"), prepare=backend("8443"),
        cure=AGAIN + "10.1.0.2:8443"),
    nat("a translation to a port that nobody serves in a namespace of this host", "refused",
        fault("nat.dnat-wrong-port", "nat", "proven", rule="culprit"), nft=dnat("172.17.0.2:8080"),
        prepare=container("8443"), cure=AGAIN + "172.17.0.2:8443"),
    nat("a datagram translated to a port that the backend does not serve", "refused",
        fault("nat.dnat-wrong-port", "nat"), ask="53/udp --from 10.0.0.2", client="10.0.0.1 53 --udp",
        nft=dnat("10.1.0.2:5300", "udp dport 53"), prepare=backend("5353 --udp"),
        cure="nft flush chain ip nat pre; nft add rule ip nat pre udp dport 53 dnat to 10.1.0.2:5353"),
    nat("a translation to a host that is not there", "timeout host-unreachable",
        fault("nat.dnat-dead-host", "nat", rule="culprit"), nft=dnat("10.1.0.77:8443"), prepare=backend("8443"),
        cure=AGAIN + "10.1.0.2:8443"),
    nat("a translation to a host that keeps silent", "timeout",
        fault("nat.dnat-dead-host", "nat", rule="culprit"), nft=dnat("10.1.0.2:8443"),
        prepare=backend("8443", script=DEAF),
        cure=AGAIN + "10.1.0.1:22; echo", cured_sees="refused"),
    nat("a translation, and a policy that drops what is forwarded", "timeout",
        fault("nat.forward-drop", "nat", chain=("inet", "filter", "forward"), near_miss="published",
              why="nothing-allows-it"), prepare=backend("8443"), cure="nft delete table inet filter",
        nft=dnat("10.1.0.2:8443") + forward('tcp dport 443 accept comment "published"')),
    nat("a translation, and a rule that drops what is forwarded", "timeout",
        fault("nat.forward-drop", "nat", rule="guilty", why="explicit-deny"), prepare=backend("8443"),
        nft=dnat("10.1.0.2:8443").replace("culprit", "innocent") +
        forward('ip daddr 10.1.0.0/24 counter drop comment "guilty"', "accept"),
        cure="nft delete table inet filter"),
    nat("a translation, and a rule that rejects what is forwarded", "host-unreachable",
        fault("nat.forward-drop", "nat", rule="guilty", why="explicit-deny"), prepare=backend("8443"),
        nft=dnat("10.1.0.2:8443").replace("culprit", "innocent") +
        forward('tcp dport 8443 reject with icmp admin-prohibited comment "guilty"', "accept"),
        cure="nft delete table inet filter"),
    nat("a translation on a host that forwards nothing", "timeout",
        fault("nat.forwarding-off", "nat"), prepare=backend("8443"), nft=dnat("10.1.0.2:8443"), server="",
        cure=ROUTER),
    nat("a translation and an interface that forwards nothing", "timeout",
        fault("nat.forwarding-off", "nat"), prepare=backend("8443"), nft=dnat("10.1.0.2:8443"),
        server=ROUTER + "; echo 0 >/proc/sys/net/ipv4/conf/eth0/forwarding",
        cure="echo 1 >/proc/sys/net/ipv4/conf/eth0/forwarding"),
    nat("a translation to a loopback address", "timeout", fault("nat.dnat-to-loopback", "nat"), server="",
        services=("8443 --address 127.0.0.1",), nft=dnat("127.0.0.1:8443"),
        cure="echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet"),
    nat("a backend without a route back", "timeout", fault("nat.no-return-path", "nat"),
        nft=dnat("10.1.0.2:8443"), prepare=backend("8443", route=False),
        cure="nft 'add chain ip nat post { type nat hook postrouting priority srcnat; }; "
             "add rule ip nat post oifname eth1 masquerade'"),
    nat("a backend on the client's own network", "timeout", fault("nat.hairpin", "nat"),
        nft=dnat("10.0.0.5:8443"), prepare=same_network("8443"),
        cure="nft 'add chain ip nat post { type nat hook postrouting priority srcnat; }; "
             "add rule ip nat post ip daddr 10.0.0.5 masquerade'"),
    nat("a redirect for another interface", "refused", fault("nat.rule-not-matched", "nat", rule="culprit"),
        services=("8443",), nft=CHAIN + 'iifname "eth7" tcp dport 443 redirect to :8443 comment "culprit"\n} }',
        cure="nft flush chain ip nat pre; nft add rule ip nat pre tcp dport 443 redirect to :8443"),
    nat("a translation for another address of this host", "refused",
        fault("nat.rule-not-matched", "nat", rule="culprit"), prepare=backend("8443"),
        server=ROUTER + "; ip address add 10.0.0.9/24 dev eth0",
        nft=dnat("10.1.0.2:8443", "ip daddr 10.0.0.9 tcp dport 443"), cure=AGAIN + "10.1.0.2:8443"),
    nat("a translation for other clients", "refused", fault("nat.rule-not-matched", "nat", rule="culprit"),
        prepare=backend("8443"), nft=dnat("10.1.0.2:8443", "ip saddr 198.51.100.0/24 tcp dport 443"),
        cure=AGAIN + "10.1.0.2:8443"),
    nat("a translation of an address elsewhere, and nobody listens", "refused",
        fault("server.not-listening", "server"), prepare=backend("8443"),
        nft=dnat("10.1.0.2:8443", "ip daddr 10.96.0.1 tcp dport 443")),
    nat("a translation of another port, and nobody listens", "refused", fault("server.not-listening", "server"),
        prepare=backend("8443"), nft=dnat("10.1.0.2:8443", "tcp dport 8443")),
    nat("a translation that takes the clients of a service here", "refused",
        fault("nat.steals-port", "nat", rule="culprit"), services=("443",), prepare=backend(),
        nft=dnat("10.1.0.2:8443"), cure="nft flush ruleset"),
    nat("an entry of rules that are gone", "answered", fault("nat.stale-entry", "nat"), quiet=True,
        ask="53/udp --from 10.0.0.2", client="10.0.0.1 53 --udp", nft=dnat("10.1.0.2:5300", "udp dport 53"),
        prepare=rules_changed_under_a_flow),
    nat("a container whose service listens on loopback", "refused", fault("proxy.container-loopback", "nat"),
        nft=DOCKER.format(port=80), prepare=container("80 --address 127.0.0.1"), cure="nft flush ruleset",
        cured_sees="refused"),
    nat("a container's wrong port, and the engine's own listener before it", "refused",
        fault("proxy.container-port", "nat"), nft=DOCKER.format(port=8080),
        prepare=proxied("443 172.17.0.2:8080 --name docker-proxy", container("80")),
        cure="nft flush chain ip nat DOCKER; nft add rule ip nat DOCKER tcp dport 443 dnat to 172.17.0.2:80"),
    nat("a container that serves another port than the published one", "refused",
        fault("proxy.container-port", "nat"), nft=DOCKER.format(port=8080), prepare=container("80"),
        cure="nft flush chain ip nat DOCKER; nft add rule ip nat DOCKER tcp dport 443 dnat to 172.17.0.2:80"),
    nat("a table of flows that is full", "timeout", fault("nat.conntrack-full", "nat"), services=("443",), server="",
        nft="table inet f { chain i { type filter hook input priority 0; ct state established accept\n} }",
        prepare=full_table, cure="conntrack -F 2>/dev/null || nft flush ruleset"),
    nat("a table of flows that is full, and a rule before it that drops", "timeout",
        fault("firewall.drop", "firewall", rule="culprit", may_also={"nat.conntrack-full"}), services=("443",),
        server="", noise=("10.0.0.1 443 --source 10.0.0.3 --every 0.2",), prepare=full_table,
        nft="table ip raw { chain early { type filter hook prerouting priority raw;\n"
            'ip saddr 10.0.0.2 tcp dport 443 drop comment "culprit"\n} }\n'
            "table inet f { chain i { type filter hook input priority 0; ct state established accept\n} }",
        cure="nft delete table ip raw; nft delete table inet f; conntrack -F 2>/dev/null || true"),
    nat("a translation beside a service here, and nobody tries it", "answered", unknown("nat.steals-port"), quiet=True,
        ask="443/tcp", services=("443",), prepare=backend("8443"), nft=dnat("10.1.0.2:8443")),
    nat("a masquerade without a free port", "timeout", fault("nat.ports-exhausted", "nat", rule="narrow"),
        nft=dnat("10.1.0.2:8443", more="chain post { type nat hook postrouting priority srcnat;\n"
                                       'oifname eth1 tcp dport 8443 masquerade to :40000 comment "narrow"\n}\n'),
        prepare=port_taken, cure="nft flush chain ip nat post", cured_sees="silent"),
    nat("a virtual address that another host has now", "answered",
        fault("proxy.vip-elsewhere", "nat", "likely"), client="10.0.0.100 443", server=NONLOCAL,
        prepare=elsewhere("10.0.0.100", "443 --address 10.0.0.100")),
    nat("a virtual address elsewhere, and the client calls this host's own", "refused",
        fault("server.other-address", "server"), server=NONLOCAL,
        prepare=elsewhere("10.0.0.100", "443 --address 10.0.0.100")),
    nat("a virtual address that this host has", "answered", healthy(), client="10.0.0.100 443",
        server=NONLOCAL + "; ip address add 10.0.0.100/24 dev eth0",
        prepare=elsewhere("", "443 --address 10.0.0.100", asked=False)),
    nat("a virtual address elsewhere, and a service that takes every address", "answered", healthy(),
        prepare=elsewhere("10.0.0.100", "443")),
    nat("a datagram translated into a container that answers", "answered", healthy(), ask="53/udp --from 10.0.0.2",
        client="10.0.0.1 53 --udp", nft=dnat("172.17.0.2:5300", "udp dport 53"), prepare=container("5300 --udp")),
    nat("a datagram translated to a port that nobody serves in a namespace of this host", "refused",
        fault("nat.dnat-wrong-port", "nat", "proven", rule="culprit"), ask="53/udp --from 10.0.0.2",
        client="10.0.0.1 53 --udp", nft=dnat("172.17.0.2:5300", "udp dport 53"), prepare=container("53 --udp"),
        cure="nft flush chain ip nat pre; nft add rule ip nat pre udp dport 53 dnat to 172.17.0.2:53"),
    nat("a redirect to a service that answers", "answered", healthy(), services=("8443",),
        nft=CHAIN + "tcp dport 443 redirect to :8443\n} }"),
    nat("a redirect of datagrams to a port without a socket", "refused", fault("nat.redirect-unserved", "nat"),
        ask="53/udp --from 10.0.0.2", client="10.0.0.1 53 --udp",
        nft=CHAIN + "udp dport 53 redirect to :5300\n} }", prepare=None, services=("53 --udp",),
        cure="nft flush ruleset"),
    nat("a proxy whose service behind it is down", "reset closed", fault("proxy.upstream-down", "nat"),
        prepare=proxied("443 10.1.0.2:8080 --name haproxy", backend("8443"))),
    nat("a proxy whose service behind it keeps silent", "silent reset", fault("proxy.upstream-down", "nat"),
        prepare=proxied("443 10.1.0.2:8080 --name nginx", backend(script=DEAF)), settle=2),
    nat("a proxy that says that its service behind it is down", "answered", fault("proxy.upstream-down", "nat"),
        prepare=proxied("443 127.0.0.1:8080 --manner 502 --name web")),
    nat("a proxy whose service answers, and another one whose does not", "answered", healthy(), services=("8080",),
        prepare=proxied("443 127.0.0.1:8080 --name haproxy", proxied("444 127.0.0.1:9 --name haproxy")),
        noise=("10.0.0.1 444 --source 10.0.0.3 --every 0.2",)),
    nat("a port that is published on loopback", "refused", fault("proxy.published-on-loopback", "nat"),
        nft=DOCKER.format(port=80).replace('iifname != "docker0"', 'ip daddr 127.0.0.1 iifname != "docker0"'),
        prepare=proxied("443 172.17.0.2:80 --address 127.0.0.1 --name docker-proxy", container("80"))),
    nat("a balancer's service without endpoints", "refused",
        fault("proxy.no-endpoints", "nat", chain=("ip", "filter", "INPUT")),
        server='iptables-nft -A INPUT -p tcp -m comment --comment "default/web has no endpoints" -m tcp --dport 443 '
               "-j REJECT", services=("443",), cure="iptables-nft -F INPUT"),
    nat("a service without endpoints in rules of nftables", "host-unreachable refused",
        fault("proxy.no-endpoints", "nat", chain=("ip", "kube-proxy", "reject-chain")), services=("443",),
        nft="table ip kube-proxy { chain reject-chain { reject\n}\nmap no-endpoint-nodeports {\n"
            "type inet_proto . inet_service : verdict; elements = { tcp . 443 : goto reject-chain }\n}\n"
            "chain filter-input { type filter hook input priority -110;\n"
            "ct state new meta l4proto . th dport vmap @no-endpoint-nodeports\n} }"),
    nat("an IPv6 translation to a port that the backend does not serve", "refused",
        fault("nat.dnat-wrong-port", "nat"), ask="443/tcp --from fd00::2", client="fd00::1 443 --source fd00::2",
        server="echo 1 >/proc/sys/net/ipv6/conf/all/forwarding", prepare=backend_v6("8443 --address ::"),
        nft="table ip6 nat { chain pre { type nat hook prerouting priority dstnat;\n"
            "tcp dport 443 dnat to [fd01::2]:7000\n} }"),
    nat("a published port that answers", "answered", healthy(), nft=DOCKER.format(port=80), prepare=container("80")),
    nat("a translated port that answers, with traps around", "answered", healthy(), prepare=backend("8443"),
        nft=CHAIN + "tcp dport 8443 dnat to 10.1.0.77\nip saddr 10.0.0.3 tcp dport 443 dnat to 10.1.0.78:1\n"
        "tcp dport 443 dnat to 10.1.0.2:8443\ntcp dport 443 redirect to :9\n} }\n" +
        forward("ct state established accept\nct status dnat tcp dport 8443 accept\ntcp dport 443 drop")),
    nat("a translated port with a masquerade that answers", "answered", healthy(),
        prepare=backend("443", route=False),
        nft=dnat("10.1.0.2", more="chain post { type nat hook postrouting priority srcnat;\n"
                                  "oifname eth1 masquerade\n}\n")),
]

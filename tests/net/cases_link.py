"""Cases of diagnose: the link layer, the ways out, and a router in the middle.

Wires are veth pairs: their ends take every frame, also those for another link address, as a
device in promiscuous mode does.
"""
import os

from caselib import Case, fault, healthy, input_chain, unknown
from caseplace import HERE, PYTHON, Broken, Client

ROUTED = {"layout": "routed", "ask": "443/tcp --from 192.0.2.2"}
OTHER_MAC = "02:00:00:00:00:99"
SERVER_MAC = "cat /sys/class/net/eth0/address"
MARK = 'comment "culprit"'
DEAF = "nft 'add table ip f; add chain ip f i { type filter hook input priority 0; policy drop; }'"


def knows_server_as(mac, address="10.0.0.1"):
    """The client's entry for the server: another link address than the server has."""
    def prepare(place):
        place.client.shell(f"ip neigh replace {address} lladdr {mac} nud permanent dev eth0")
    return prepare


def knows_the_right_one(place):
    """So that its questions need no answer from the server."""
    knows_server_as(place.server.shell(SERVER_MAC).strip(), "fd00::1")(place)


def on_macvlan(place):
    """The address lives on a macvlan: its frames are another host's for the device beneath."""
    place.server.shell(
        f"""ip address del 10.0.0.1/24 dev eth0
        ip link add link eth0 name mac0 type macvlan mode bridge; ip link set mac0 address {OTHER_MAC}
        ip address add 10.0.0.1/24 dev mac0; ip link set mac0 up; ip route flush cache""")


def tagged(number):
    """All that the client sends has the tag of a VLAN; it knows the server's link address."""
    def prepare(place):
        mac = place.server.shell(SERVER_MAC).strip()
        place.client.shell(f"ip neigh replace 10.0.0.1 lladdr {mac} nud permanent dev eth0")
        tagging = place.client.start(PYTHON, os.path.join(HERE, "tag_frames.py"), "eth0", str(number))
        place.started.append(tagging)
        if tagging.stdout.readline() != b"ready\n":
            raise Broken("no tags: " + tagging.stderr.read().decode())
    return prepare


def second_owner(place, address):
    """Another host on the segment has the address too: it takes nothing, and is heard asking for others."""
    place.add("other")
    place.wire("client", "eth1", "", "other", "eth0", f"{address}/24")
    place.client.shell(
        """ip address flush dev eth0
        ip link add br0 type bridge forward_delay 0; ip link set eth0 master br0; ip link set eth1 master br0
        ip link set br0 up; ip address add 10.0.0.2/24 dev br0""")
    place.other.shell(DEAF)
    says_again(place, "other", "10.0.0.77")


def says_again(place, host, to):
    """Datagrams to an address that nobody has: each asks for it, from its own address."""
    script = ("import socket,time\nwhile True:\n"
              " s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
              f" s.sendto(b'x',('{to}',9)); s.close(); time.sleep(0.3)\n")
    place.started.append(place.hosts[host].start(PYTHON, "-c", script))


def server_has_a_twin(place):
    second_owner(place, "10.0.0.1")
    mac = place.other.shell(SERVER_MAC).strip()
    # The twin was heard last.
    place.client.shell(f"ip neigh replace 10.0.0.1 lladdr {mac} nud permanent dev br0")


def client_has_a_twin(place):
    second_owner(place, "10.0.0.2")
    mac = place.other.shell(SERVER_MAC).strip()
    place.server.shell(f"ip neigh replace 10.0.0.2 lladdr {mac} nud permanent dev eth0")
    says_again(place, "client", "10.0.0.78")


def idle_twin(place):
    """The second owner is heard, and the client uses the right one."""
    second_owner(place, "10.0.0.1")
    mac = place.server.shell(SERVER_MAC).strip()
    place.client.shell(f"ip neigh replace 10.0.0.1 lladdr {mac} nud permanent dev br0")


def second_way(works):
    """Another router, by which answers leave; it passes them on to the client, or not."""
    def prepare(place):
        place.add("second")
        place.wire("server", "eth1", "10.5.0.1/24", "second", "eth0", "10.5.0.2/24")
        place.wire("client", "eth1", "10.6.0.2/24", "second", "eth1", "10.6.0.1/24")
        place.server.shell("ip route add 192.0.2.0/24 via 10.5.0.2")
        place.second.shell("ip route add 192.0.2.0/24 via 10.6.0.2")
        if works:
            place.second.shell("echo 1 >/proc/sys/net/ipv4/ip_forward")
    return prepare


# ETHTOOL_STXCSUM: off, so that what the client sends has its checksum.
NO_OFFLOAD = """import array, fcntl, socket, struct
value = array.array('I', [0x17, 0])
fcntl.ioctl(socket.socket(), 0x8946, struct.pack('16sQ16x', b'eth0', value.buffer_info()[0]))
"""


def damaged(match):
    """The router changes the checksum of what it passes on, and mends nothing."""
    def prepare(place):
        got = place.client.run(PYTHON, "-c", NO_OFFLOAD)
        if got.returncode:
            raise Broken(got.stderr.decode())
        place.router.nft("table ip f { chain f { type filter hook forward priority 0;\n"
                         f"{match} tcp flags syn tcp checksum set 0x1234\n}} }}\n")
    return prepare


def on_router(rules):
    def prepare(place):
        place.router.nft("table ip f { chain f { type filter hook forward priority 0;\n" + rules + "\n} }\n")
    return prepare


# ---- this host is the router: the client asks for 10.1.0.2 behind it ----

PASSING = {"ask": "10.1.0.2:443 --role router --from 10.0.0.2", "client": "10.1.0.2 443", "services": (),
           "server": "echo 1 >/proc/sys/net/ipv4/ip_forward", "on_client": "ip route add 10.1.0.0/24 via 10.0.0.1",
           "cure": ""}


def behind(*services, script=""):
    def prepare(place):
        place.add("backend")
        place.wire("server", "eth1", "10.1.0.1/24", "backend", "eth0", "10.1.0.2/24")
        place.backend.shell("ip route add default via 10.1.0.1\n" + script)
        for words in services:
            place.serve(words, "backend")
    return prepare


def one_hop_further(script):
    """Behind this router stands another; the target is 10.2.0.2."""
    def prepare(place):
        place.add("hop")
        place.add("backend")
        place.wire("server", "eth1", "10.1.0.1/24", "hop", "eth0", "10.1.0.9/24")
        place.wire("hop", "eth1", "10.2.0.1/24", "backend", "eth0", "10.2.0.2/24")
        place.server.shell("ip route add 10.2.0.0/24 via 10.1.0.9")
        place.client.shell("ip route add 10.2.0.0/24 via 10.0.0.1")
        place.hop.shell("echo 1 >/proc/sys/net/ipv4/ip_forward; ip route add default via 10.1.0.1\n" + script)
        place.backend.shell("ip route add default via 10.2.0.1")
        place.serve("443", "backend")
    return prepare


def asks_from_here(rules):
    """This host is the client of a service on the other one, and a router stands between."""
    def prepare(place):
        on_router(rules)(place)
        place.serve("443", "client")
        place.started.append(Client(place.server, "192.0.2.2 443").process)
    return prepare


def forward(rules):
    return f"table inet filter {{ chain forward {{ type filter hook forward priority filter;\n{rules}\n}} }}\n"


BEYOND = {**PASSING, "ask": "10.2.0.2:443 --role router --from 10.0.0.2", "client": "10.2.0.2 443"}
REJECTS = "ip daddr {} tcp dport 443 reject with icmp admin-prohibited"
V6 = {"ask": "443/tcp --from fd00::2", "client": "fd00::1 443 --source fd00::2", "services": ("443 --address ::",)}
UDP = {"ask": "5353/udp --from 10.0.0.2", "client": "10.0.0.5 5353 --udp",
       "server": "ip address add 10.0.0.5/24 dev eth0"}

CASES = [
    Case("frames for another link address", "timeout", fault("net.wrong-mac", "firewall", "proven", says=OTHER_MAC),
         prepare=knows_server_as(OTHER_MAC), cure=f"ip link set eth0 address {OTHER_MAC}"),
    Case("frames for another link address, and a rule that would drop them", "timeout",
         fault("net.wrong-mac", "firewall", may_also={"firewall.drop"}), prepare=knows_server_as(OTHER_MAC),
         nft=input_chain(f"tcp dport 443 drop {MARK}"),
         cure=f"ip link set eth0 address {OTHER_MAC}; nft flush ruleset"),
    Case("an address on a macvlan: another link address for the device beneath", "answered", healthy(),
         prepare=on_macvlan),
    Case("an address on a macvlan, and a rule that drops", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), prepare=on_macvlan,
         nft=input_chain(f"tcp dport 443 drop {MARK}")),
    # A VLAN interface that takes the tag is beyond this kernel: tests/unit/test_checks_link.c has it by hand.
    Case("frames with the tag of a VLAN that is not here", "timeout",
         fault("net.vlan-tag", "firewall", "proven", says="VLAN 20"), prepare=tagged(20)),
    Case("frames with a tag that is a priority alone", "answered", healthy(), prepare=tagged(0)),
    Case("frames with a tag that is a priority alone, and a rule that drops", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), prepare=tagged(0),
         nft=input_chain(f"tcp dport 443 drop {MARK}")),
    Case("IPv6: frames for another link address", "timeout", fault("net.wrong-mac", "firewall", "proven"),
         prepare=knows_server_as(OTHER_MAC, "fd00::1"), **V6),
    Case("IPv6: a fixed entry sends the answers to another link address", "timeout",
         fault("net.neighbour-wrong", "firewall"),
         server=f"ip neigh replace fd00::2 lladdr {OTHER_MAC} nud permanent dev eth0",
         prepare=knows_the_right_one, cure="ip neigh del fd00::2 dev eth0", **V6),
    Case("IPv6: the right entry is fixed, and a rule drops", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), nft=input_chain(f"tcp dport 443 drop {MARK}"),
         prepare=lambda place: place.server.shell(
             "ip neigh replace fd00::2 lladdr " + place.client.shell(SERVER_MAC).strip() + " nud permanent dev eth0"),
         **V6),
    Case("another host has the server's address", "timeout host-unreachable",
         fault("net.duplicate-address", "firewall"), prepare=server_has_a_twin),
    Case("another host has the client's address", "timeout", fault("net.duplicate-address", "firewall", "proven"),
         prepare=client_has_a_twin, cure="ip neigh del 10.0.0.2 dev eth0 || true", settle=1),
    Case("another host has the server's address, and the client uses the right one", "answered", healthy(),
         prepare=idle_twin),
    Case("another host has the server's address, and a rule drops what comes here", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), prepare=idle_twin,
         nft=input_chain(f"tcp dport 443 drop {MARK}")),
    Case("a fixed entry sends the answers to another link address", "timeout",
         fault("net.neighbour-wrong", "firewall", says=OTHER_MAC),
         server=f"ip neigh replace 10.0.0.2 lladdr {OTHER_MAC} nud permanent dev eth0",
         cure="ip neigh del 10.0.0.2 dev eth0"),
    Case("a fixed entry for the gateway sends the answers to another link address", "timeout",
         fault("net.neighbour-wrong", "firewall", "proven", "likely", or_unknown=True),
         server=f"ip neigh replace 10.0.0.254 lladdr {OTHER_MAC} nud permanent dev eth0",
         cure="ip neigh del 10.0.0.254 dev eth0", **ROUTED),
    Case("answers reach the client, which drops them", "timeout", unknown(),
         on_client="nft 'add table ip f; add chain ip f i { type filter hook input priority 0; policy drop; }'"),
    Case("answers leave by another interface and are lost there", "timeout",
         fault("net.asymmetric", "firewall", "likely", says="eth1"), prepare=second_way(False),
         cure="ip route del 192.0.2.0/24", **ROUTED),
    Case("answers leave by another interface and arrive", "answered", healthy(), prepare=second_way(True), **ROUTED),
    Case("answers would leave by another interface, and a rule drops the SYN", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), prepare=second_way(True),
         nft=input_chain(f"tcp dport 443 drop {MARK}"), **ROUTED),
    Case("a datagram service answers from another address", "timeout refused",
         fault("server.udp-reply-source", "server", "proven", says="10.0.0.1"), services=("5353 --udp",), **UDP),
    Case("a datagram service that is bound to the address that is asked", "answered", healthy(),
         services=("5353 --udp --address 10.0.0.5",), **UDP),
    Case("a datagram service that answers nobody", "timeout",
         fault("server.no-answer", "server", "likely", "proven", or_unknown=True),
         services=("5353 --udp --manner mute",), **UDP),
    Case("packets are damaged on the way", "timeout", fault("net.bad-checksum", "firewall", "proven"),
         prepare=damaged("ip saddr 192.0.2.2 tcp dport 443"), **ROUTED),
    Case("another client's packets are damaged, this one's meet a rule", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), prepare=damaged("ip saddr 192.0.2.3 tcp dport 443"),
         noise=("10.0.0.1 443 --source 192.0.2.3",), nft=input_chain(f"ip saddr 192.0.2.2 tcp dport 443 drop {MARK}"),
         **ROUTED),
    Case("another client's packets are damaged, this one's are not", "answered", healthy(),
         prepare=damaged("ip saddr 192.0.2.3 tcp dport 443"), noise=("10.0.0.1 443 --source 192.0.2.3",), **ROUTED),
    Case("a router on the way turns the answers away", "timeout",
         fault("firewall.remote", "firewall", "proven", says="10.0.0.254"),
         prepare=on_router("ip saddr 10.0.0.1 tcp sport 443 reject with icmp admin-prohibited"), **ROUTED),
    Case("a router on the way drops the answers in silence", "timeout", unknown(),
         prepare=on_router("ip saddr 10.0.0.1 tcp sport 443 drop"), **ROUTED),
    Case("a router: the target does not answer", "timeout", unknown(says="nothing comes back"),
         prepare=behind("443", script=DEAF), **PASSING),
    Case("a router: the target refuses", "refused", unknown(says="the target refuses"), prepare=behind(), **PASSING),
    Case("a router: its own rule drops", "timeout", fault("firewall.drop", "firewall", rule="culprit"),
         prepare=behind("443"), nft=forward(f"tcp dport 443 drop {MARK}"), **{**PASSING, "cure": "nft flush ruleset"}),
    Case("a router: its own rule drops the answer", "timeout", fault("firewall.reply-drop", "firewall", rule="culprit"),
         prepare=behind("443"), nft=forward(f"tcp sport 443 drop {MARK}"),
         **{**PASSING, "cure": "nft flush ruleset"}),
    Case("a router: the target's own firewall rejects", "host-unreachable",
         unknown(says="an ICMP error of 10.1.0.2"), prepare=behind("443", script="nft 'add table ip f; add chain ip f i { type filter hook input "
         "priority 0; }; add rule ip f i tcp dport 443 reject with icmp admin-prohibited'"), **PASSING),
    Case("a router: another router behind it rejects", "host-unreachable",
         fault("firewall.remote", "firewall", "proven", says="10.1.0.9"),
         prepare=one_hop_further("nft 'add table ip f; add chain ip f f { type filter hook forward priority 0; }; "
                                 f"add rule ip f f {REJECTS.format('10.2.0.2')}'"), **BEYOND),
    Case("a router: the network behind it is not there for the next one", "net-unreachable host-unreachable",
         unknown(says="an ICMP error of 10.1.0.9"), prepare=one_hop_further("ip address flush dev eth1"), **BEYOND),
    Case("a router: another router behind it lets all pass", "answered", healthy(),
         prepare=one_hop_further("true"), **BEYOND),
    Case("a router: a datagram passes and nothing comes back", "timeout", unknown(says="nothing comes back"),
         prepare=behind("5353 --udp --manner mute"),
         **{**PASSING, "ask": "10.1.0.2:5353/udp --role router --from 10.0.0.2", "client": "10.1.0.2 5353 --udp"}),
    # The client of the scenario is on the target itself: it sees that the service is well.
    Case("this host is the client, and a router rejects", "answered",
         fault("firewall.remote", "firewall", "proven", says="10.0.0.254"), quiet=True, services=(), layout="routed",
         ask="192.0.2.2:443 --role client", client="192.0.2.2 443",
         prepare=asks_from_here(REJECTS.format("192.0.2.2"))),
    Case("a router: all passes", "answered", healthy(), prepare=behind("443"), **PASSING),
]

"""Cases of diagnose: routes, neighbours, addresses and translations."""
from caselib import Case, Expect, fault, input_chain

ROUTED = {"layout": "routed", "ask": "443/tcp --from 192.0.2.2"}
SECOND_WAY = """ip link add eth1 type veth peer name far1
ip address add 10.5.0.1/24 dev eth1
ip link set eth1 up; ip link set far1 up
ip route add 192.0.2.0/24 via 10.5.0.2
for d in all eth0 eth1; do echo 1 >/proc/sys/net/ipv4/conf/$d/rp_filter; done"""


def deaf_client(place):
    """The client knows the server's link address and answers no question for its own."""
    mac = place.server.shell("cat /sys/class/net/eth0/address").strip()
    place.client.shell("ip link set eth0 address 02:00:00:00:00:02\n"
                       f"ip neigh replace 10.0.0.1 lladdr {mac} nud permanent dev eth0\n"
                       "nft 'add table arp f; add chain arp f i { type filter hook input priority 0; policy drop; }'")
    place.server.shell("ip neigh flush dev eth0")


def lost_address(place):
    """The client's neighbour entry still leads here; the address is gone."""
    mac = place.server.shell("cat /sys/class/net/eth0/address").strip()
    place.client.shell(f"ip neigh replace 10.0.0.77 lladdr {mac} nud permanent dev eth0")


CASES = [
    Case("no route back", "timeout", fault("net.no-route-back", "firewall"),
         server="ip route del default", cure="ip route add default via 10.0.0.254", **ROUTED),
    Case("a blackhole route for the answer", "timeout", fault("net.route-rejects", "firewall"),
         server="ip route add blackhole 192.0.2.0/24", cure="ip route del blackhole 192.0.2.0/24", **ROUTED),
    Case("an unreachable route for the answer", "timeout", fault("net.route-rejects", "firewall"),
         server="ip route add unreachable 192.0.2.2/32", cure="ip route del unreachable 192.0.2.2/32", **ROUTED),
    Case("a prohibiting route for the answer on the same link", "timeout", fault("net.route-rejects", "firewall"),
         server="ip route add prohibit 10.0.0.2/32", cure="ip route del prohibit 10.0.0.2/32",
         noise=("10.0.0.1 443 --source 10.0.0.3",)),
    Case("strict reverse-path filtering and another way back", "timeout", fault("net.rp-filter", "firewall"),
         server=SECOND_WAY, cure="ip route del 192.0.2.0/24", **ROUTED),
    Case("an address that the host does not have", "timeout", fault("net.address-not-here", "firewall"),
         client="10.0.0.77 443", prepare=lost_address, cure="ip address add 10.0.0.77/24 dev eth0"),
    Case("a client that cannot be resolved", "timeout", fault("net.neighbour-failed", "firewall"),
         prepare=deaf_client, settle=1,
         cure="ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:02 nud permanent dev eth0"),
    Case("a redirect to a port that nobody serves", "refused",
         Expect("fault", {"nat.redirect-unserved"}, "nat", {"proven", "likely"}),
         nft="table inet nat { chain prerouting { type nat hook prerouting priority dstnat;\n"
             "tcp dport 443 redirect to :8443\n} }"),
    Case("a redirect and a rule that drops the port behind it", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), services=("8443",), cure="nft delete table inet filter",
         nft="table inet nat { chain prerouting { type nat hook prerouting priority dstnat;\n"
             "tcp dport 443 redirect to :8443\n} }\n" +
             input_chain('tcp dport 443 accept\ntcp dport 8443 drop comment "culprit"')),
]

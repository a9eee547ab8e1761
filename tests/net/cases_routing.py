"""Cases of diagnose: rules that choose a table of routes for the answer, by its source or its mark, and those that
have nothing to do with it. "routed": the client, 192.0.2.2, stands behind a router on eth0."""
import json

from caselib import Case, fault, healthy

# A second cable, to nobody.
SECOND = "ip link add lan1 type veth peer name lan2; ip link set lan1 up; ip link set lan2 up\n" \
         "ip address add 10.7.0.1/24 dev lan1\n"
OWN = "ip rule add pref 100 from 10.0.0.1 lookup 100\n"
MARKED = "ip rule add pref 90 fwmark 7/0xff lookup 77\n"
ROUTED = {"layout": "routed", "ask": "443/tcp --from 192.0.2.2", "client": "10.0.0.1 443 --source 192.0.2.2"}
# What came in is known again by conntrack's mark when its answer leaves.
RESTORED = """table inet m {
    chain in { type filter hook prerouting priority mangle; tcp dport 443 meta mark set 7 ct mark set meta mark
    }
    chain out { type route hook output priority mangle; meta mark set ct mark
    }
}
"""
ONLY_MARKED = """table inet m {
    chain in { type filter hook prerouting priority mangle; tcp dport 443 meta mark set 7
    }
}
"""


def says(*words, never=()):
    """A look: all of these in the whole, and none of those."""
    def look(seen):
        whole = json.dumps(seen.document)
        return ([f"nowhere a word of {w!r}: {seen.document['summary']}" for w in words if w not in whole] +
                [f"{w!r} is told: {whole}" for w in never if w in whole])
    return look


def case(name, sees, expect, script, *words, never=(), **more):
    return Case(name, sees, expect, server=script, look=says(*words, never=never), **{**ROUTED, **more})


CASES = [
    case("a rule for this address, and its table rejects", "timeout", fault("net.route-rejects", "firewall"),
         OWN + "ip route add unreachable default table 100", "ip rule 100: from 10.0.0.1 lookup 100",
         "ip route show table 100", cure="ip rule del pref 100"),
    case("a rule for this address, and its table is a black hole for the client", "timeout",
         fault("net.route-rejects", "firewall"),
         OWN + "ip route add default via 10.0.0.254 table 100\nip route add blackhole 192.0.2.0/24 table 100\n"
         "ip rule add pref 99 from 10.0.0.9 lookup 99; ip route add prohibit default table 99",
         "ip rule 100: from 10.0.0.1 lookup 100", never=("lookup 99",), cure="ip rule del pref 100"),
    case("a rule that itself rejects this address", "timeout", fault("net.route-rejects", "firewall"),
         "ip rule add pref 100 from 10.0.0.1 unreachable", "ip rule 100: from 10.0.0.1 unreachable",
         cure="ip rule del pref 100"),
    case("a rule for this address, and the gateway of its table is nobody", "timeout",
         fault("net.neighbour-failed", "firewall"), OWN + "ip route add default via 10.0.0.77 table 100",
         "ip rule 100: from 10.0.0.1 lookup 100", settle=4, cure="ip rule del pref 100"),
    case("a rule for this address leads elsewhere, and strict filtering", "timeout",
         fault("net.rp-filter", "firewall"),
         SECOND + OWN + "ip route add default via 10.7.0.9 table 100\nip route add 10.0.0.0/24 dev eth0 table 100\n"
         "echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter",
         "ip rule 100: from 10.0.0.1 lookup 100", cure="ip rule del pref 100"),
    case("a rule for restored marks, and its table rejects", "timeout", fault("net.route-rejects", "firewall"),
         MARKED + "ip route add prohibit default table 77", "ip rule 90: from all fwmark 0x7/0xff lookup 77",
         nft=RESTORED, cure="nft flush ruleset"),
    case("a rule for restored marks, and the gateway of its table is nobody", "timeout",
         fault("net.neighbour-failed", "firewall"), MARKED + "ip route add default via 10.0.0.77 table 77",
         "fwmark 0x7/0xff lookup 77", nft=RESTORED, settle=4, cure="nft flush ruleset"),
    case("a rule for marks that sockets take over, and its table rejects", "timeout",
         fault("net.route-rejects", "firewall"),
         MARKED + "ip route add prohibit default table 77\necho 1 >/proc/sys/net/ipv4/tcp_fwmark_accept",
         "fwmark 0x7/0xff lookup 77", nft=ONLY_MARKED, cure="nft flush ruleset"),
    case("no route back, and a rule for another address", "timeout", fault("net.no-route-back", "firewall"),
         "ip route del default; ip rule add pref 100 from 10.0.0.9 lookup 100\n"
         "ip route add default via 10.0.0.254 table 100", never=("lookup 100",),
         cure="ip route add default via 10.0.0.254"),
    case("a healthy host with tables for each of its addresses", "answered", healthy(),
         SECOND + OWN + "ip route add default via 10.0.0.254 table 100\n"
         "ip rule add pref 101 from 10.7.0.1 lookup 101; ip route add unreachable default table 101"),
    case("a healthy host whose marks lead to a table that serves", "answered", healthy(),
         MARKED + "ip route add default via 10.0.0.254 table 77\nip route replace default via 10.0.0.77", nft=RESTORED),
    case("a healthy host with a rule for another mark", "answered", healthy(),
         "ip rule add pref 90 fwmark 8/0xff lookup 77; ip route add prohibit default table 77", nft=RESTORED),
    case("a healthy host whose marks on the way in are not restored", "answered", healthy(),
         MARKED + "ip route add prohibit default table 77", nft=ONLY_MARKED),
]

"""Cases of diagnose: transparent proxies, with the socket that they need and without it."""
from caselib import Case, fault, healthy, unknown
from cases_nat import backend

HERE = "ip rule add fwmark 1 lookup 100; ip route add local default dev lo table 100"
HERE6 = "ip -6 rule add fwmark 1 lookup 100; ip -6 route add local default dev lo table 100"
ROUTER = "echo 1 >/proc/sys/net/ipv4/ip_forward"
TO_BACKEND = "ip route add 10.1.0.0/24 via 10.0.0.1"
TRANSPARENT = "3129 --transparent"


def mangle(rules):
    return "table inet mangle { chain pre { type filter hook prerouting priority mangle;\n" + rules + "\n} }\n"


def rule(statement="tproxy to :3129 meta mark set 1 accept", match="tcp dport 443", family="ip"):
    statement = statement.replace("tproxy to", f"tproxy {family} to")
    return mangle(f'{match} {statement} comment "culprit"')


def iptables(options="--on-port 3129 --tproxy-mark 1", program="iptables-nft"):
    return f"{program} -t mangle -A PREROUTING -p tcp --dport 443 -j TPROXY {options}; "


def unserved(**more):
    return fault("nat.redirect-unserved", "nat", rule="culprit", **more)


def here(name, sees, expect, **more):
    """The client's target is this host."""
    return Case("tproxy: " + name, sees, expect, **{"services": (), "server": HERE, "nft": rule(), **more})


def beyond(name, sees, expect, **more):
    """The client's target is another host, behind this one."""
    return Case("tproxy: " + name, sees, expect, **{
        "services": (), "ask": "10.1.0.2:443/tcp --from 10.0.0.2", "client": "10.1.0.2 443", "on_client": TO_BACKEND,
        "prepare": backend("443"), "server": f"{ROUTER}; {HERE}", "nft": rule(), **more})


CASES = [
    here("a socket that takes what is for others", "answered", healthy(), services=(TRANSPARENT,)),
    here("no socket on its port, and none on the target's", "refused", unserved(), cure="true", cured_sees="refused"),
    here("no socket on its port, and another service that the client might mean", "refused", unserved(),
         services=("8443",)),
    here("a socket that is not transparent", "refused", unserved(says="IP_TRANSPARENT"), services=("3129",)),
    here("no socket on its port, but the service that it stands before", "answered", healthy(), services=("443",)),
    here("a transparent socket on another address of this host", "refused", unserved(),
         services=(TRANSPARENT + " --address 127.0.0.1",)),
    here("a transparent socket on the address that the rule names", "answered", healthy(),
         services=(TRANSPARENT + " --address 127.0.0.1",), nft=rule("tproxy to 127.0.0.1:3129 meta mark set 1 accept")),
    here("a mark that was set before the rule broke off", "refused", unserved(),
         nft=rule("meta mark set 1 tproxy to :3129 accept")),
    here("no socket, and a drop that comes first", "timeout", fault("firewall.drop", "firewall", rule="first", may_also={"server.not-listening"}),
         nft=mangle('tcp dport 443 drop comment "first"\ntcp dport 443 tproxy ip to :3129 comment "culprit"'),
         cure="nft flush ruleset", cured_sees="refused"),
    here("a socket, and a rule on the way in that drops", "timeout", fault("firewall.drop", "firewall", rule="shut"),
         services=(TRANSPARENT,), nft=rule() + 'table inet f { chain i { type filter hook input priority 0;\n'
         'tcp dport 443 drop comment "shut"\n} }', cure="nft delete table inet f"),
    here("a rule for another port, and nobody listens", "refused", fault("server.not-listening", "server"),
         nft=rule(match="tcp dport 80")),
    here("a socket match that lets only what a socket has go on", "answered", healthy(), services=("443",),
         nft=mangle("ct state established accept\nsocket wildcard 0 accept\nsocket wildcard 1 accept\nmeta l4proto tcp drop")),
    here("a rule that drops what a socket does not have", "timeout", fault("firewall.drop", "firewall", rule="none", may_also={"server.not-listening"}),
         nft=mangle('tcp dport 443 socket wildcard vmap { 0 : accept, 1 : accept }\ntcp dport 443 drop comment "none"'),
         cure="nft flush ruleset", cured_sees="refused"),
    here("IPv6 and a socket that takes what is for others", "answered", healthy(), ask="443/tcp --from fd00::2",
         client="fd00::1 443 --source fd00::2", services=(TRANSPARENT + " --address ::",), server=HERE6,
         nft=rule(family="ip6")),
    here("IPv6 and a service that answers for the other family only", "refused", unserved(),
         ask="443/tcp --from fd00::2", client="fd00::1 443 --source fd00::2", services=(TRANSPARENT,), server=HERE6,
         nft=rule(family="ip6")),
    here("datagrams without a socket", "refused", unserved(), ask="53/udp --from 10.0.0.2",
         client="10.0.0.1 53 --udp", nft=rule(match="udp dport 53")),
    here("iptables and no socket", "timeout", fault("nat.redirect-unserved", "nat"), server=HERE + "; " + iptables(),
         nft="", cure="iptables-nft -t mangle -F", cured_sees="refused"),
    here("iptables and no socket, where the service would answer", "timeout", fault("nat.redirect-unserved", "nat"),
         server=HERE + "; " + iptables(), nft="", services=("443",), cure="iptables-nft -t mangle -F"),
    here("iptables and a socket that is not transparent", "timeout",
         fault("nat.redirect-unserved", "nat", says="IP_TRANSPARENT"), server=HERE + "; " + iptables(), nft="",
         services=("3129",), cure="iptables-nft -t mangle -F", cured_sees="refused"),
    here("iptables and a socket that takes what is for others", "answered", healthy(),
         server=HERE + "; " + iptables(), nft="", services=(TRANSPARENT,)),
    here("iptables: only what has no socket is dropped", "answered", healthy(), services=("443 --address 10.0.0.1",),
         server="iptables-nft -t mangle -A PREROUTING -p tcp --dport 443 -m socket -j ACCEPT; "
                "iptables-nft -t mangle -A PREROUTING -p tcp --dport 443 -j DROP", nft=""),
    here("iptables: a socket of no address does not count", "timeout", fault("firewall.drop", "firewall"),
         services=("443",), server="iptables-nft -t mangle -A PREROUTING -p tcp --dport 443 -m socket -j ACCEPT; "
                                   "iptables-nft -t mangle -A PREROUTING -p tcp --dport 443 -j DROP", nft="",
         cure="iptables-nft -t mangle -F"),
    beyond("another host's traffic, and a socket that takes it", "answered", healthy(), services=(TRANSPARENT,)),
    beyond("another host's traffic, without a socket it goes on", "answered", healthy()),
    beyond("another host's traffic, marked before the rule broke off", "timeout", unserved(),
           nft=rule("meta mark set 1 tproxy to :3129 accept"), cure="nft flush ruleset"),
    beyond("another host's traffic, and no rule that leads its mark here", "timeout", unknown(), services=(TRANSPARENT,),
           server=ROUTER),
    beyond("iptables, another host's traffic, and no socket", "timeout", fault("nat.redirect-unserved", "nat"), nft="",
           server=f"{ROUTER}; {HERE}; {iptables()}", cure="iptables-nft -t mangle -F"),
]

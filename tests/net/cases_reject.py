"""Cases of diagnose: a rule of this host answers in the place of the service."""
from caselib import Case, fault, input_chain

MARK = 'comment "culprit"'


def rejects(name, sees, how, reject=(), match="tcp dport 443", may_also=(), **more):
    return Case(name, sees, fault("firewall.reject", "firewall", rule="culprit", reject=reject, may_also=set(may_also)),
                nft=input_chain(f"{match} reject with {how} {MARK}"), **more)


CASES = [
    rejects("a rule answers with a reset", "refused", "tcp reset"),
    rejects("a rule answers with a reset and nobody listens behind it", "refused", "tcp reset", services=(),
            cured_sees="refused", may_also={"server.not-listening"}),
    rejects("a rule answers that it is prohibited", "host-unreachable", "icmp admin-prohibited", (3, 13)),
    rejects("a rule answers that the port is unreachable", "refused", "icmp port-unreachable", (3, 3)),
    rejects("a rule answers that the host is unreachable", "host-unreachable", "icmp host-unreachable", (3, 1)),
    rejects("a rule answers an IPv6 client that it is prohibited", "denied", "icmpv6 admin-prohibited", (1, 1),
            client="fd00::1 443 --source fd00::2", ask="443/tcp --from fd00::2", services=("443 --address ::",)),
    rejects("a rule answers an IPv6 client with a reset", "refused", "tcp reset",
            client="fd00::1 443 --source fd00::2", ask="443/tcp --from fd00::2", services=("443 --address ::",)),
    Case("the last rule rejects all that is left", "host-unreachable",
         fault("firewall.reject", "firewall", rule="culprit"),
         nft=input_chain("iif lo accept\nct state established,related accept\ntcp dport { 22, 80 } accept\n"
                         f"reject with icmpx admin-prohibited {MARK}")),
    Case("iptables-nft rejects by default", "refused",
         fault("firewall.reject", "firewall", rule="reject", chain=("ip", "filter", "INPUT")),
         server="iptables-nft -A INPUT -p tcp --dport 443 -j REJECT"),
    Case("a chain of bans rejects the address", "refused",
         fault("firewall.blocklisted", "firewall", extent="some", rule="10.0.0.2",
               chain=("ip", "filter", "f2b-web")),
         server="iptables-nft -N f2b-web\niptables-nft -I INPUT -p tcp -m multiport --dports 80,443 -j f2b-web\n"
                "iptables-nft -A f2b-web -s 198.51.100.9/32 -j REJECT\n"
                "iptables-nft -A f2b-web -s 10.0.0.2/32 -j REJECT\niptables-nft -A f2b-web -j RETURN",
         noise=("10.0.0.1 443 --source 10.0.0.3",)),
    Case("a chain of bans for another port, and nobody listens", "refused", fault("server.not-listening", "server"),
         services=(),
         server="iptables-nft -N f2b-sshd; iptables-nft -I INPUT -p tcp --dport 22 -j f2b-sshd\n"
                "iptables-nft -A f2b-sshd -s 10.0.0.2/32 -j REJECT"),
]

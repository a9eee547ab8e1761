"""Cases of diagnose: two faults at once. The first that the packet meets is the cause, the other is told beside it.

The cure takes the first away: the client then meets the second, so both are there.
"""
from caselib import Case, fault, input_chain

DROP = input_chain('tcp dport 443 counter drop comment "culprit"')
REPLY_DROP = ("table inet filter { chain output { type filter hook output priority filter; policy accept;\n"
              'tcp sport 443 counter drop comment "culprit"\n} }\n')
SYN_ACK_DROP = REPLY_DROP.replace("counter", "tcp flags & (syn | ack | rst) == (syn | ack) counter")
OTHER_LINK = "ip link add lan1 type veth peer name lan2; ip link set lan1 up; ip link set lan2 up"


def two(name, sees, cause, step, also, cured_sees, **more):
    """`also` is told as sure as the cause is, and stays when that is taken away."""
    wants = {key: more.pop(key) for key in ("rule", "chain", "if_fixed") if key in more}
    return Case("two: " + name, sees, fault(cause, step, also={also}, **wants), cured_sees=cured_sees, **more)


def dropped(name, also, cured_sees="refused", **more):
    return two(name, "timeout", "firewall.drop", "firewall", also, cured_sees, rule="culprit",
               if_fixed=("fault", also), **{"nft": DROP, **more})


def hidden(name, second, **more):
    """Behind the rule nothing of the answer is seen: what would become of it is concluded."""
    return dropped(name, second, "timeout", **more)


CASES = [
    # ---- the firewall, and the service behind it ----
    dropped("a rule drops, and nobody listens", "server.not-listening", services=()),
    dropped("a rule drops, and the listener is on loopback only", "server.loopback-only",
            services=("443 --address 127.0.0.1",)),
    dropped("a rule drops, and the listener is on another address", "server.other-address",
            server="ip address add 10.9.0.1/24 dev eth0", services=("443 --address 10.9.0.1",)),
    dropped("a rule drops, and the listener is for IPv6 only", "server.ipv6-only", services=("443 --address ::",)),
    dropped("a rule drops, and UDP is served", "server.transport-mismatch", services=("443 --udp",)),
    dropped("a rule drops, and the listener is in another namespace", "server.other-namespace",
            services=("@apart 443",)),
    dropped("a rule drops, and the listener is bound to another device", "server.bound-to-device", server=OTHER_LINK,
            services=("443 --device lan1",)),
    dropped("a rule drops, and the process is stopped", "server.process-stopped", "silent",
            services=("443 --manner stopped",)),
    two("a policy drops, and nobody listens", "timeout", "firewall.policy-drop", "firewall", "server.not-listening",
        "refused", services=(), nft=input_chain("tcp dport 22 accept", "drop"), chain=("inet", "filter", "input"),
        if_fixed=("fault", "server.not-listening")),
    two("a set of bans holds the address, and nobody listens", "timeout", "firewall.blocklisted", "firewall",
        "server.not-listening", "refused", services=(),
        nft="table inet f2b { set banned { type ipv4_addr; elements = { 10.0.0.2 } }\n"
            "chain input { type filter hook input priority -1; ip saddr @banned drop\n } }",
        if_fixed=("fault", "server.not-listening")),
    two("a netdev chain drops, and nobody listens", "timeout", "firewall.netdev-drop", "firewall",
        "server.not-listening", "refused", services=(), rule="culprit",
        nft='table netdev n { chain in { type filter hook ingress device "eth0" priority 0;\n'
            'tcp dport 443 counter drop comment "culprit"\n} }\n', if_fixed=("fault", "server.not-listening")),
    # ---- the way in, and the way back ----
    hidden("a rule drops it, and another its answer", "firewall.reply-drop", nft=DROP + REPLY_DROP.replace(
        "culprit", "second").replace(" filter {", " second {", 1), cure="nft delete table inet filter"),
    hidden("a rule drops, and no route leads back", "net.no-route-back", layout="routed",
           ask="443/tcp --from 192.0.2.2", server="ip route del default"),
    hidden("a rule drops, and a blackhole route is on the way back", "net.route-rejects", layout="routed",
           ask="443/tcp --from 192.0.2.2", server="ip route add blackhole 192.0.2.0/24"),
    hidden("a rule drops it, and a chain behind it does so as well", "firewall.policy-drop",
           nft=DROP + input_chain("tcp dport 22 accept", "drop", priority="10", table="second"),
           cure="nft delete table inet filter"),
    hidden("a rule drops it, and a policy its answer", "firewall.reply-drop",
           nft=DROP + "table inet second { chain output { type filter hook output priority 0; policy drop;\n"
           "tcp sport 22 accept\n} }\n", cure="nft delete table inet filter"),
    Case("two: a rule drops it, and its answer is let out by its state", "timeout",
         fault("firewall.drop", "firewall", rule="culprit", if_fixed=("healthy", None)),
         nft=DROP + "table inet second { chain output { type filter hook output priority 0; policy drop;\n"
         "ct state established accept\n} }\n", cure="nft delete table inet filter"),
    Case("two: a rule drops it, and another drops answers to others", "timeout",
         fault("firewall.drop", "firewall", rule="culprit", if_fixed=("healthy", None)),
         nft=DROP + "table inet second { chain output { type filter hook output priority 0;\n"
         "tcp sport 443 ip daddr 10.0.0.3 drop\n} }\n", cure="nft delete table inet filter"),
    two("the answer is dropped, and the process is stopped", "timeout", "firewall.reply-drop", "firewall",
        "server.process-stopped", "silent", services=("443 --manner stopped",), nft=REPLY_DROP,
        cure="nft flush ruleset", if_fixed=("fault", "server.process-stopped")),
    # ---- what a listener on all addresses would meet ----
    Case("two: a listener on loopback only, and another process on another loopback address", "refused",
         fault("server.loopback-only", "server", also={"server.address-in-use"},
               if_fixed=("fault", "server.address-in-use")),
         services=("443 --address 127.0.0.1", "443 --address 127.0.0.53")),
    Case("two: a listener on loopback only, and another process on the loopback of IPv6", "refused",
         fault("server.loopback-only", "server"), services=("443 --address 127.0.0.1", "443 --address ::1")),
    two("a listener on loopback only, and the answer would be dropped", "timeout", "server.loopback-only", "server",
        "firewall.reply-drop", "timeout", services=("443 --address 127.0.0.1",), nft=REPLY_DROP,
        if_fixed=("fault", "firewall.reply-drop")),
    two("a listener on loopback only, and SYN-ACKs would be dropped", "refused", "server.loopback-only", "server",
        "firewall.reply-drop", "refused", services=("443 --address 127.0.0.1",), nft=SYN_ACK_DROP,
        if_fixed=("fault", "firewall.reply-drop")),
    Case("two: a listener on loopback only, and SYN-ACKs to others would be dropped", "refused",
         fault("server.loopback-only", "server"), services=("443 --address 127.0.0.1",),
         nft=SYN_ACK_DROP.replace("counter", "ip daddr 10.0.0.3 counter")),
    two("nobody listens, and the answer would be dropped", "timeout", "server.not-listening", "server",
        "firewall.reply-drop", "timeout", services=(), nft=REPLY_DROP, if_fixed=("fault", "firewall.reply-drop")),
    # ---- the ways of the kernel ----
    two("strict reverse-path filtering, and nobody listens", "timeout", "net.rp-filter", "firewall",
        "server.not-listening", "refused", services=(), layout="routed", ask="443/tcp --from 192.0.2.2",
        server="for d in all eth0; do echo 1 >/proc/sys/net/ipv4/conf/$d/rp_filter; done\n"
               "ip link add lan1 type veth peer name lan2; ip link set lan1 up; ip link set lan2 up\n"
               "ip route add 192.0.2.0/24 dev lan1",
        cure="for d in all eth0; do echo 0 >/proc/sys/net/ipv4/conf/$d/rp_filter; done; ip route del 192.0.2.0/24"),
]

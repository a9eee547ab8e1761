"""Cases of diagnose: a rule or a policy of this host swallows the packet or its answer."""
from caselib import Case, fault, input_chain, overflow_before

MARK = 'comment "culprit"'
LOOPBACK = "iif lo accept\nct state established,related accept\n"


def advice(*commands):
    """Sentences for the commands that no next step has."""
    def look(seen):
        told = [(step["command"], step["undo"]) for step in seen.document["next"]]
        return [f"no such advice: {wanted}, but {told}" for wanted in commands if wanted not in told]
    return look


def drops(name, nft, **more):
    """A drop whose rule carries the comment "culprit"."""
    wanted = {"rule": "culprit", "why": "explicit-deny", **more.pop("expect", {})}
    return Case(name, "timeout", fault("firewall.drop", "firewall", **wanted), nft=nft, **more)


CASES = [
    drops("a rule drops the port", input_chain(f"tcp dport 443 counter drop {MARK}"), expect={"extent": "all"}),
    drops("a rule drops the port, asked for without a source", input_chain(f"tcp dport 443 counter drop {MARK}"),
          ask="443/tcp"),
    drops("a rule drops the port and nobody tries", input_chain(f"iif lo accept\ntcp dport 443 drop {MARK}"),
          ask="443/tcp", quiet=True),
    drops("a rule drops the network of the source",
          input_chain(f"ip saddr 198.51.100.0/24 drop\nip saddr 10.0.0.0/24 tcp dport 443 drop {MARK}"),
          expect={"extent": "some"}),
    drops("a rule in a chain of chains drops",
          "table inet filter {\n"
          f"chain deep {{ tcp dport 80-443 drop {MARK}\n }}\n"
          "chain services { meta l4proto tcp goto deep\n }\n"
          "chain input { type filter hook input priority filter; policy accept;\n"
          "tcp dport 22 accept\nip saddr 10.0.0.0/8 jump services\n} }"),
    drops("a rule before tracking drops",
          "table ip raw { chain early { type filter hook prerouting priority raw;\n"
          f"tcp dport 443 drop {MARK}\n }} }}"),
    drops("a second base chain drops what the first accepts",
          input_chain("tcp dport 443 accept") +
          input_chain(f"tcp dport 443 drop {MARK}", priority="10", table="guard")),
    drops("a list of ports drops", input_chain(f"tcp dport {{ 23, 135-139, 443, 445 }} drop {MARK}")),
    drops("a named set of ports drops",
          "table inet filter { set closed { type inet_service; flags interval; elements = { 100-200, 440-450 } }\n"
          "chain input { type filter hook input priority filter;\n"
          f"tcp dport @closed drop {MARK}\n }} }}"),
    drops("a verdict map drops",
          input_chain(f"tcp dport vmap {{ 22 : accept, 443 : drop, 80 : accept }} {MARK}")),
    drops("a rule of the ip6 family drops", input_chain(f"tcp dport 443 drop {MARK}", family="ip6"),
          client="fd00::1 443 --source fd00::2", ask="443/tcp --from fd00::2", services=("443 --address :: --both",)),
    drops("a drop, and behind it nobody listens", input_chain(f"tcp dport 443 drop {MARK}"), services=(),
          expect={"if_fixed": ("fault", "server.not-listening"), "may_also": {"server.not-listening"}}, cured_sees="refused"),
    drops("a drop, and behind it a listener on loopback only", input_chain(f"tcp dport 443 drop {MARK}"),
          services=("443 --address 127.0.0.1",), cured_sees="refused",
          expect={"if_fixed": ("fault", "server.loopback-only"), "may_also": {"server.loopback-only"}}),
    drops("a drop, and overflows of the port that are history", input_chain(f"ip saddr 10.0.0.2 drop {MARK}"),
          services=(), prepare=overflow_before, noise=("10.0.0.1 443 --source 10.0.0.3",)),
    drops("the policy would accept, a negated source drops",
          input_chain(f"ip saddr != {{ 10.0.0.3, 10.0.0.4 }} tcp dport 443 drop {MARK}"),
          noise=("10.0.0.1 443 --source 10.0.0.3",)),
    Case("a rule drops what follows the handshake", "silent",
         fault("firewall.drop", "firewall", "proven", rule="culprit", why="explicit-deny"), settle=1,
         nft=input_chain(f"tcp dport 443 ct state established counter drop {MARK}")),
    Case("a rule without a counter drops what follows the handshake", "silent",
         fault("firewall.drop", "firewall", rule="culprit"), settle=1,
         nft=input_chain(f"tcp dport 443 ct state established drop {MARK}")),
    Case("a rule of iptables-nft drops", "timeout",
         fault("firewall.drop", "firewall", rule="443", chain=("ip", "filter", "INPUT")),
         server="iptables-nft -A INPUT -p tcp --dport 443 -m comment --comment culprit -j DROP"),
    Case("a rule of iptables-legacy drops", "timeout",
         fault("firewall.drop", "firewall", backend="iptables", why="explicit-deny", chain=("ip", "filter", "INPUT")),
         server="iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT\n"
                "iptables-legacy -A INPUT -s 10.0.0.0/24 -p tcp --dport 443 -j DROP", cure="iptables-legacy -F"),
    Case("a policy of iptables-legacy drops", "timeout",
         fault("firewall.policy-drop", "firewall", backend="iptables", chain=("ip", "filter", "INPUT")),
         server="iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT\n"
                "iptables-legacy -P INPUT DROP", cure="iptables-legacy -P INPUT ACCEPT"),
    Case("a rule of iptables-legacy drops the answer", "timeout",
         fault("firewall.reply-drop", "firewall", backend="iptables", chain=("ip", "filter", "OUTPUT")),
         server="iptables-legacy -A OUTPUT -p tcp --sport 443 -j DROP", cure="iptables-legacy -F"),
    Case("a netdev ingress rule drops", "timeout", fault("firewall.netdev-drop", "firewall"),
         nft='table netdev guard { chain in { type filter hook ingress device "eth0" priority 0;\n'
             f"tcp dport 443 drop {MARK}\n }} }}"),
    Case("an accept that an earlier drop shadows", "timeout",
         fault("firewall.shadowed-allow", "firewall", rule="culprit", why="explicit-deny"),
         nft=input_chain(f"{LOOPBACK}tcp dport 1-1023 drop {MARK}\ntcp dport 443 accept", "drop")),
    Case("an accept in a chain that is jumped to too late", "timeout",
         fault("firewall.shadowed-allow", "firewall", rule="culprit"),
         nft="table inet filter { chain web { tcp dport { 80, 443 } accept\n }\n"
             "chain input { type filter hook input priority filter;\n"
             f"{LOOPBACK}meta l4proto tcp drop {MARK}\njump web\n}} }}"),
    Case("an accept of iptables-nft behind its drop", "timeout",
         fault("firewall.shadowed-allow", "firewall", chain=("ip", "filter", "INPUT")),
         server="iptables-nft -A INPUT -p tcp -m multiport --dports 80,443 -j DROP\n"
                "iptables-nft -A INPUT -p tcp --dport 443 -j ACCEPT", cure="iptables-nft -D INPUT 1"),
    drops("an accept for another port behind a drop",
          input_chain(f"{LOOPBACK}tcp dport 1-1023 drop {MARK}\ntcp dport 8443 accept")),
    drops("one port dropped before an accept of many",
          input_chain(f"{LOOPBACK}tcp dport 443 drop {MARK}\ntcp dport 1-1023 accept")),
    drops("one address dropped before the accept of the port",
          input_chain(f"ip saddr 10.0.0.2 tcp dport 443 drop {MARK}\ntcp dport 443 accept"),
          noise=("10.0.0.1 443 --source 10.0.0.3",)),
    Case("a ban before an accept of the port", "timeout",
         fault("firewall.blocklisted", "firewall", rule="@banned"),
         nft="table inet guard { set banned { type ipv4_addr; elements = { 10.0.0.2 } }\n"
             "chain input { type filter hook input priority 0;\n"
             "ip saddr @banned counter drop\ntcp dport 443 accept\n} }"),
    Case("a rate limit that is exceeded", "answered timeout",
         fault("firewall.rate-limited", "firewall", "proven", "likely", or_unknown=True),
         client="10.0.0.1 443 --every 0.3",
         nft=input_chain("tcp dport 443 ct state new limit rate 20/minute burst 2 packets accept\n"
                         f"tcp dport 443 ct state new drop {MARK}"), settle=3),
    Case("a policy drops and no rule is for the port", "timeout",
         fault("firewall.policy-drop", "firewall", why="nothing-allows-it", extent="all",
               chain=("inet", "filter", "input")),
         nft=input_chain(LOOPBACK + "tcp dport 22 accept", "drop")),
    Case("a policy drops and an accept names another port", "timeout",
         fault("firewall.policy-drop", "firewall", near_miss="culprit"),
         nft=input_chain(f"{LOOPBACK}tcp dport 8443 accept {MARK}", "drop")),
    Case("a policy drops and an accept names another interface", "timeout",
         fault("firewall.policy-drop", "firewall", near_miss="culprit"),
         nft=input_chain(f'{LOOPBACK}iifname "eth1" tcp dport 443 accept {MARK}', "drop")),
    Case("a policy drops and an accept names another source", "timeout",
         fault("firewall.policy-drop", "firewall", near_miss="culprit", extent="some"),
         nft=input_chain(f"{LOOPBACK}ip saddr 10.0.0.3 tcp dport 443 accept {MARK}", "drop"),
         noise=("10.0.0.1 443 --source 10.0.0.3",)),
    Case("a policy of iptables-nft drops", "timeout",
         fault("firewall.policy-drop", "firewall", chain=("ip", "filter", "INPUT")),
         server="iptables-nft -A INPUT -i lo -j ACCEPT; iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT\n"
                "iptables-nft -P INPUT DROP", cure="iptables-nft -P INPUT ACCEPT"),
    Case("a rule drops the answer on its way out", "timeout",
         fault("firewall.reply-drop", "firewall", rule="culprit"),
         nft="table inet filter { chain output { type filter hook output priority filter;\n"
             f"tcp sport 443 drop {MARK}\n }} }}"),
    Case("a policy drops the answer on its way out", "timeout",
         fault("firewall.reply-drop", "firewall", chain=("inet", "filter", "output")),
         nft="table inet filter { chain output { type filter hook output priority filter; policy drop;\n"
             "oif lo accept\nct state new tcp dport { 53, 80 } accept\n } }"),
    Case("a set of bans holds the address", "timeout",
         fault("firewall.blocklisted", "firewall", extent="some", rule="@banned"),
         nft="table inet guard { set banned { type ipv4_addr; flags timeout;\n"
             "elements = { 198.51.100.7, 10.0.0.2 timeout 1h } }\n"
             "chain input { type filter hook input priority -10;\nip saddr @banned counter drop\n} }",
         noise=("10.0.0.1 443 --source 10.0.0.3",)),
    Case("a set of banned prefixes holds the address", "timeout",
         fault("firewall.blocklisted", "firewall", extent="some", rule="@banned"),
         nft="table inet guard { set banned { type ipv4_addr; flags interval;\n"
             "elements = { 198.51.100.0/24, 10.0.0.2/31 } }\n"
             "chain input { type filter hook input priority -10;\nip saddr @banned drop\n} }"),
    Case("the ban of a neighbour, and the neighbour asked for", "timeout",
         fault("firewall.blocklisted", "firewall", extent="some", rule="@banned"),
         client="10.0.0.1 443 --source 10.0.0.3", ask="443/tcp --from 10.0.0.3",
         noise=("10.0.0.1 443 --source 10.0.0.2",),
         nft=f"table inet f2b {{ set banned {{ type ipv4_addr; flags interval;\n"
             "elements = { 10.0.0.3, 198.51.100.0/24 } }\n"
             "chain input { type filter hook input priority -1; ip saddr @banned drop\n } }"),
    Case("an ipset of banned prefixes holds the address", "timeout",
         fault("firewall.blocklisted", "firewall", chain=("ip", "filter", "INPUT")),
         server="ipset create bad hash:net timeout 300; ipset add bad 10.0.0.0/30; ipset add bad 10.0.0.1 nomatch\n"
                "iptables-nft -A INPUT -p tcp -m set --match-set bad src -j DROP", cure="ipset del bad 10.0.0.0/30",
         look=advice(("ipset del bad 10.0.0.0/30", "ipset add bad 10.0.0.0/30 timeout T"))),
    Case("an ipset of banned addresses holds the address, in a legacy table", "timeout",
         fault("firewall.blocklisted", "firewall", chain=("ip", "filter", "INPUT"), backend="iptables"),
         server="ipset create bad hash:ip; ipset add bad 10.0.0.2\n"
                "iptables-legacy -A INPUT -p tcp -m set --match-set bad src -j DROP", cure="ipset del bad 10.0.0.2",
         look=advice(("ipset del bad 10.0.0.2", "ipset add bad 10.0.0.2"))),
]

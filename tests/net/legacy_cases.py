"""Rulesets of test_legacy.py: (name, [(how, text)], reasons for which the evaluator may be unsure).

Legacy tables of iptables and ip6tables, some beside nft's; devices, addresses and ports are those of ruleslib.py.
"""

from cleanlib import BUILT_IN

V4, V6 = "iptables-legacy", "ip6tables-legacy"


def table(name, rules, drops=(), chains=()):
    """Rules are what stands behind -A, one a line."""
    policies = "".join(f":{chain} {'DROP' if chain in drops else 'ACCEPT'} [0:0]\n" for chain in BUILT_IN[name].split())
    own = "".join(f":{chain} - [0:0]\n" for chain in chains)
    lines = "".join(f"-A {line.strip()}\n" for line in rules.strip().splitlines() if line.strip())
    return f"*{name}\n{policies}{own}{lines}COMMIT\n"


def four(name, rules, where="filter", drops=(), chains=(), unsure=()):
    return name, [(V4, table(where, rules, drops, chains))], tuple(unsure)


def six(name, rules, where="filter", drops=(), chains=(), unsure=()):
    return name, [(V6, table(where, rules, drops, chains))], tuple(unsure)


def both(name, rules, where="filter", drops=(), chains=(), unsure=()):
    text = table(where, rules, drops, chains)
    return name, [(V4, text), (V6, text)], tuple(unsure)


def nft_chain(hook, priority, rules, family="inet", kind="filter", policy="accept"):
    return f"table {family} t {{ chain c {{ type {kind} hook {hook} priority {priority}; policy {policy};\n{rules}\n}}\n}}\n"


DROP_80, REJECT_80 = "-p tcp --dport 80 -j DROP", "-p tcp --dport 80 -j REJECT"

HEADS = [
    both("empty tables", ""),
    both("a policy drops", "", drops=("INPUT",)),
    both("a policy drops what no rule accepts", "INPUT -p tcp --dport 22 -j ACCEPT\nINPUT -p udp --dport 53 -j ACCEPT", drops=("INPUT",)),
    both("policies of hooks that are not passed", "INPUT -p tcp --dport 22 -j DROP", drops=("FORWARD",)),
    four("a source", "INPUT -s 10.9.0.2 -j DROP"),
    four("a source's network", "INPUT -s 10.9.0.0/16 -j DROP"),
    four("a source's network of 12 bits", "INPUT -s 198.48.0.0/12 -j DROP"),
    four("a source's network with holes in its mask", "INPUT -s 10.0.0.2/255.0.0.255 -j DROP"),
    four("any source but one network", "INPUT ! -s 10.9.0.0/24 -j DROP"),
    four("a destination", "INPUT -d 10.9.0.3 -j DROP"),
    four("any destination but one", "INPUT ! -d 10.9.0.3 -p tcp -j DROP"),
    four("source and destination", "INPUT -s 10.9.0.2 -d 10.9.0.1 -p tcp -j DROP"),
    six("a source of IPv6", "INPUT -s fd09::5 -j DROP"),
    six("a source's network of IPv6", "INPUT -s fd09::/64 -p tcp -j DROP"),
    six("a network of 125 bits", "INPUT -s fd09::/125 -p tcp -j DROP"),
    six("any source of IPv6 but a network", "INPUT ! -s fd08::/16 -p tcp -j DROP"),
    six("a destination of IPv6", "INPUT -d fd09::1 -p udp -j DROP"),
    both("an interface", "INPUT -i srv0 -p tcp --dport 80 -j DROP"),
    both("another interface", f"INPUT -i oth0 {DROP_80}"),
    both("an interface whose name is longer", f"INPUT -i srv01 {DROP_80}"),
    both("an interface whose name is shorter", f"INPUT -i srv {DROP_80}"),
    both("interfaces by the start of their name", f"INPUT -i srv+ {DROP_80}\nINPUT -i eth+ -p tcp -j DROP"),
    both("any interface but one", f"INPUT ! -i oth0 {DROP_80}"),
    both("any interface but those", f"INPUT ! -i srv+ -p tcp -j DROP\nINPUT ! -i eth+ {DROP_80}"),
    both("every interface", f"INPUT -i + {DROP_80}"),
    both("out of no interface", "INPUT -j out\nout -o srv+ -p tcp -j DROP\nout ! -o eth9 -p tcp --dport 80 -j DROP", chains=("out",)),
    both("a protocol", "INPUT -p udp -j DROP"),
    both("any protocol but one", "INPUT ! -p tcp -j DROP"),
    both("a protocol of which none comes", "INPUT -p 132 -j DROP"),
    both("any protocol but one of which none comes", "INPUT ! -p 132 -j DROP"),
    four("fragments", "INPUT -f -j DROP"),
    four("what is no fragment", "INPUT ! -f -s 198.51.100.7 -j DROP"),
]

MATCHES = [
    both("a port", f"INPUT {DROP_80}"),
    both("any port but one", "INPUT -p tcp ! --dport 80 -j DROP"),
    both("ports from one to another", "INPUT -p tcp --dport 80:443 -j DROP"),
    both("any port but those from one to another", "INPUT -p tcp ! --dport 23:8000 -j DROP"),
    both("source ports", "INPUT -p tcp --sport 1:1023 -j DROP\nINPUT -p tcp --sport 1024: --dport 22 -j DROP"),
    both("datagrams' ports", "INPUT -p udp --dport 53 -j DROP"),
    both("any port of datagrams but one", "INPUT -p udp ! --dport 53 -j DROP"),
    both("the first segment of a flow", "INPUT -p tcp --syn -j DROP"),
    both("any segment but the first", "INPUT -p tcp ! --syn -j DROP"),
    both("flags", "INPUT -p tcp --tcp-flags FIN,PSH,URG FIN,PSH,URG -j DROP\nINPUT -p tcp --tcp-flags ALL NONE -j REJECT"),
    both("flags that are not so", "INPUT -p tcp ! --tcp-flags SYN,ACK SYN -j DROP"),
    four("a type of ICMP", "INPUT -p icmp --icmp-type echo-request -j DROP"),
    four("any type of ICMP", "INPUT -p icmp --icmp-type any -j DROP"),
    four("any type of ICMP but one", "INPUT -p icmp ! --icmp-type 8 -j DROP"),
    four("a type and code of ICMP", "INPUT -p icmp --icmp-type 8/1 -j DROP\nINPUT -p icmp --icmp-type 8/0 -j ACCEPT\nINPUT -p icmp -j DROP"),
    six("a type of ICMPv6", "INPUT -p icmpv6 --icmpv6-type echo-request -j DROP"),
    six("any type of ICMPv6 but one", "INPUT -p icmpv6 ! --icmpv6-type 128 -j DROP"),
    six("another type of ICMPv6", "INPUT -p icmpv6 --icmpv6-type 1/4 -j DROP"),
    both("a list of ports", "INPUT -p tcp -m multiport --dports 22,80,9000:9999 -j DROP"),
    both("any port that is not listed", "INPUT -p tcp -m multiport ! --dports 22,80 -j DROP"),
    both("a list of ports of either end", "INPUT -p tcp -m multiport --ports 80,443 -j DROP"),
    both("a list of source ports", "INPUT -p udp -m multiport --sports 1:1023 -j DROP\nINPUT -p udp -m multiport --sports 1024:65535 -j ACCEPT\nINPUT -p udp -j DROP"),
    both("a comment", "INPUT -p tcp --dport 80 -m comment --comment \"no web here\" -j DROP"),
    both("a state of tracking", "INPUT -m conntrack --ctstate INVALID -j DROP\nINPUT -p tcp --dport 22 -m conntrack --ctstate NEW -j DROP"),
    both("-m state", "INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT\nINPUT -p tcp --dport 22 -m state --state NEW -j ACCEPT", drops=("INPUT",)),
    both("a port of the original direction", "INPUT -p tcp -m conntrack --ctorigdstport 80 -j DROP"),
    four("a range of sources", "INPUT -m iprange --src-range 10.9.0.1-10.9.0.9 -p tcp -j DROP"),
    six("any source but a range", "INPUT -m iprange ! --src-range fd09::3-fd09::9 -p tcp -j DROP"),
    four("a type of address", "INPUT -m addrtype --dst-type LOCAL -p udp -j DROP\nINPUT -m addrtype --src-type LOCAL -j DROP"),
    four("a type of packet", "INPUT -m pkttype --pkt-type broadcast -j DROP\nINPUT -m pkttype --pkt-type unicast -p udp -j DROP"),
    both("a limit", "INPUT -p tcp --dport 80 -m limit --limit 1/hour --limit-burst 1 -j DROP", unsure=("limit",)),
    both("two matches", "INPUT -p tcp --dport 80 -m conntrack --ctstate NEW -m multiport --sports 1024:65535 -m comment --comment x -j DROP"),
]

FLOW = [
    both("a user chain", f"INPUT -j web\nweb {DROP_80}", chains=("web",)),
    both("a user chain that returns", f"INPUT -p tcp -j web\nINPUT -p tcp --dport 22 -j DROP\nweb -p tcp --dport 22 -j RETURN\nweb -p tcp --dport 443 -j DROP",
         chains=("web",)),
    both("chains of chains", f"INPUT -j a\na -p tcp -j b\na -p udp -j DROP\nb -j c\nb -p tcp --dport 22 -j DROP\nc {DROP_80}\nc -p tcp --dport 22 -j RETURN",
         chains=("a", "b", "c")),
    both("17 chains deep", "INPUT -j c1\n" + "".join(f"c{i} -j c{i + 1}\n" for i in range(1, 17)) + f"c17 {DROP_80}",
         chains=[f"c{i}" for i in range(1, 18)]),
    both("goto does not come back", f"INPUT -p tcp -g web\nINPUT -p tcp --dport 22 -j DROP\nINPUT -p udp -j DROP\nweb {DROP_80}", chains=("web",)),
    both("goto from a user chain goes back to who called", "INPUT -j a\nINPUT -p tcp --dport 443 -j DROP\na -p tcp -g b\na -p tcp --dport 22 -j DROP\nb -p tcp --dport 80 -j DROP",
         chains=("a", "b")),
    both("goto and the policy", "INPUT -p tcp -g web\nweb -p tcp --dport 80 -j ACCEPT", drops=("INPUT",), chains=("web",)),
    both("RETURN in a built-in chain is the policy", "INPUT -p tcp --dport 80 -j RETURN\nINPUT -j ACCEPT", drops=("INPUT",)),
    both("accept in a user chain ends the table", f"INPUT -j web\nINPUT -j DROP\nweb -p tcp --dport 80 -j ACCEPT\nweb -p udp -j ACCEPT", chains=("web",)),
    both("a rule without a target", "INPUT -p tcp --dport 80\nINPUT -p tcp --dport 80 -j DROP"),
    both("chains that nobody calls", f"INPUT -p tcp --dport 22 -j DROP\nweb {DROP_80}", chains=("web", "empty")),
    both("an empty chain is called", "INPUT -j empty\nINPUT -p tcp --dport 80 -j DROP", chains=("empty",)),
    both("two ways into one chain", f"INPUT -p tcp -j web\nINPUT -p udp -j web\nweb -p tcp --dport 80 -j DROP\nweb -p udp --dport 53 -j DROP", chains=("web",)),
    both("what is logged goes on", "INPUT -p tcp --dport 80 -j LOG --log-prefix x\nINPUT -p tcp --dport 80 -j DROP"),
]

TARGETS = [
    both("reject", f"INPUT {REJECT_80}"),
    both("reject by a reset", f"INPUT {REJECT_80} --reject-with tcp-reset"),
    four("reject with words of ICMP", "INPUT -p tcp --dport 80 -j REJECT --reject-with icmp-host-prohibited\n"
         "INPUT -p tcp --dport 22 -j REJECT --reject-with icmp-admin-prohibited\nINPUT -p udp -j REJECT --reject-with icmp-net-unreachable"),
    six("reject with words of ICMPv6", "INPUT -p tcp --dport 80 -j REJECT --reject-with icmp6-adm-prohibited\n"
        "INPUT -p tcp --dport 22 -j REJECT --reject-with icmp6-addr-unreachable\nINPUT -p udp -j REJECT --reject-with icmp6-no-route"),
    both("a mark that a later table reads", "PREROUTING -p tcp --dport 80 -j MARK --set-mark 7\nINPUT -m mark --mark 7 -j DROP", where="mangle"),
    ("a mark of one table that another one reads",
     [(V4, table("mangle", "PREROUTING -p tcp --dport 80 -j MARK --set-xmark 0x10/0xff")), (V4, table("filter", "INPUT -m mark --mark 0x10/0xf0 -j DROP"))], ()),
    both("drop in raw", f"PREROUTING {DROP_80}", where="raw"),
    both("not tracked", "PREROUTING -p tcp --dport 80 -j CT --notrack", where="raw"),
    ("not tracked, and its state is asked for",
     [(how, table("raw", "PREROUTING -p tcp --dport 80 -j CT --notrack") + table("filter", "INPUT -m conntrack --ctstate UNTRACKED -j DROP\n"
       "INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -j DROP")) for how in (V4, V6)], ()),
    both("a state before tracking", "PREROUTING -p tcp --dport 80 -m conntrack --ctstate INVALID -j DROP\nPREROUTING -p tcp --dport 22 -m conntrack --ctstate NEW -j DROP", where="raw"),
    both("drop in mangle's prerouting", f"PREROUTING {DROP_80}", where="mangle"),
    both("drop in mangle's input", f"INPUT {DROP_80}\nFORWARD -j DROP", where="mangle"),
    both("policy of mangle", "INPUT -p tcp -j ACCEPT", where="mangle", drops=("INPUT",)),
    both("drop in security", f"INPUT {DROP_80}", where="security"),
    ("every table accepts but one", [(how, table("raw", "PREROUTING -j ACCEPT") + table("mangle", "PREROUTING -j ACCEPT\nINPUT -j ACCEPT") +
      table("filter", "INPUT -j ACCEPT") + table("security", f"INPUT {DROP_80}")) for how in (V4, V6)], ()),
]

NAT = [
    both("redirect", "PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80", where="nat"),
    both("redirect of datagrams", "PREROUTING -p udp --dport 161 -j REDIRECT --to-ports 53", where="nat"),
    both("redirect without a port", "PREROUTING -p tcp -j REDIRECT", where="nat"),
    four("another address", "PREROUTING -d 10.9.0.1 -p tcp --dport 9999 -j DNAT --to-destination 10.9.0.3:8000", where="nat"),
    four("another address, the port stays", "PREROUTING -d 10.9.0.1 -p tcp --dport 8000 -j DNAT --to-destination 10.9.0.3", where="nat"),
    four("an address that is not here", "PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.9.0.77", where="nat"),
    six("another port of IPv6", "PREROUTING -p tcp --dport 8080 -j DNAT --to-destination [fd09::1]:80", where="nat"),
    four("the first rule that translates counts", "PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 10.9.0.1:443\nPREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80", where="nat"),
    four("accept in nat translates nothing", "PREROUTING -s 10.9.0.2 -p tcp --dport 8080 -j ACCEPT\nPREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80", where="nat"),
    both("a chain of nat", "PREROUTING -p tcp -j web\nweb -p tcp --dport 8080 -j REDIRECT --to-ports 80", where="nat", chains=("web",)),
    four("a network's map", "PREROUTING -d 10.9.0.0/28 -p tcp --dport 8000 -j NETMAP --to 10.9.0.0/24\n", where="nat"),
    four("a network's map of two hosts", "PREROUTING -d 10.9.0.1/32 -p tcp --dport 8000 -j NETMAP --to 10.9.0.3/32", where="nat"),
    six("a network's map of IPv6", "PREROUTING -d fd09::1/128 -p tcp --dport 22 -j NETMAP --to fd09::1/128", where="nat"),
    four("sources are translated on the way in", "INPUT -p tcp --dport 80 -j SNAT --to-source 10.9.0.2", where="nat"),
    both("masquerade on the way out", "POSTROUTING -o srv0 -j MASQUERADE", where="nat"),
    ("filter sees the new port", [(how, table("nat", "PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80") +
      table("filter", f"INPUT {DROP_80}")) for how in (V4, V6)], ()),
    ("filter sees what was translated by its original port",
     [(how, table("nat", "PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80") +
       table("filter", "INPUT -p tcp -m conntrack --ctorigdstport 8080 -j DROP")) for how in (V4, V6)], ()),
    ("filter sees that it was translated",
     [(how, table("nat", "PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80") +
       table("filter", "INPUT -p tcp -m conntrack --ctstate DNAT -j DROP")) for how in (V4, V6)], ()),
    ("not tracked, so not translated", [(V4, table("raw", "PREROUTING -p tcp --dport 8080 -j CT --notrack") +
      table("nat", "PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80"))], ()),
]

BESIDE = [
    ("legacy accepts and nft drops", [("nft", nft_chain("input", "filter", "tcp dport 80 counter drop")), (V4, table("filter", "INPUT -j ACCEPT"))], ()),
    ("legacy drops and nft accepts", [("nft", nft_chain("input", "filter", "counter accept")), (V4, table("filter", f"INPUT {DROP_80}")), (V6, table("filter", f"INPUT {DROP_80}"))], ()),
    ("nft rejects before legacy drops", [("nft", nft_chain("input", "-10", "tcp dport 80 counter reject")), (V4, table("filter", f"INPUT {DROP_80}"))], ()),
    ("legacy drops before nft rejects", [("nft", nft_chain("input", "10", "tcp dport 80 counter reject")), (V4, table("filter", f"INPUT {DROP_80}"))], ()),
    ("nft between filter and security", [("nft", nft_chain("input", "25", "tcp dport 80 counter reject\ntcp dport 22 counter reject")),
      (V4, table("filter", "INPUT -p tcp --dport 22 -j DROP") + table("security", f"INPUT {DROP_80}"))], ()),
    ("a mark of nft that legacy reads", [("nft", nft_chain("prerouting", "-160", "tcp dport 80 counter meta mark set 0x7")),
      (V4, table("filter", "INPUT -m mark --mark 7 -j DROP")), (V6, table("filter", "INPUT -m mark --mark 7 -j DROP"))], ()),
    ("a mark of legacy that nft reads", [("nft", nft_chain("input", "filter", "meta mark 0x7 counter drop")),
      (V4, table("mangle", "PREROUTING -p tcp --dport 22 -j MARK --set-mark 7"))], ()),
    ("nft translates and legacy filters", [("nft", nft_chain("prerouting", "dstnat", "tcp dport 8080 counter redirect to :80", kind="nat")),
      (V4, table("filter", f"INPUT {DROP_80}")), (V6, table("filter", f"INPUT {DROP_80}"))], ()),
    ("legacy translates and nft filters", [("nft", nft_chain("input", "filter", "tcp dport 80 counter drop")),
      (V4, table("nat", "PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80"))], ()),
    ("nft translates before legacy does", [("nft", nft_chain("prerouting", "-110", "tcp dport 8080 counter redirect to :443", kind="nat")),
      (V4, table("nat", "PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80"))], ()),
    ("legacy translates before nft does", [("nft", nft_chain("prerouting", "-90", "tcp dport 8080 redirect to :443", kind="nat")),
      (V4, table("nat", "PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 9999"))], ()),
    ("iptables-nft and iptables-legacy with a table of one name", [("iptables", table("filter", "INPUT -p tcp --dport 80 -j DROP")),
      (V4, table("filter", "INPUT -p tcp --dport 22 -j DROP"))], ()),
    ("the two have chains of one name", [("iptables", table("filter", "INPUT -j web\nweb -p tcp --dport 80 -j DROP", chains=("web",))),
      (V4, table("filter", "INPUT -j web\nweb -p tcp --dport 22 -j DROP", chains=("web",)))], ()),
    ("a host's usual rules", [(how, table("filter", "INPUT -i lo -j ACCEPT\nINPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
      "INPUT -m conntrack --ctstate INVALID -j DROP\nINPUT -p tcp -m multiport --dports 22,443 -m conntrack --ctstate NEW -j ACCEPT\n"
      + ("INPUT -p icmp -j ACCEPT\n" if how == V4 else "INPUT -p ipv6-icmp -j ACCEPT\n") + "INPUT -j REJECT", drops=("INPUT", "FORWARD"))) for how in (V4, V6)], ()),
]

CASES = HEADS + MATCHES + FLOW + TARGETS + NAT + BESIDE

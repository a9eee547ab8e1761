"""Rulesets for test_rules.py: [(name, how it is loaded, text, words that may be unsure)]."""
CASES = []
TIE = "order of the tables of one priority"


def chains(name, text, *unsure, load="nft"):
    CASES.append((name, load, text, set(unsure)))


def rules(name, family, lines, *unsure, hook="input", priority="0", policy="accept", more="", kind="filter",
          device=""):
    """One base chain with these rules."""
    body = "\n".join("    " + line for line in lines.strip().split("\n"))
    chains(name, f"table {family} t {{\n{more}\n  chain c {{\n    type {kind} hook {hook} {device} priority {priority};"
           f" policy {policy};\n{body}\n  }}\n}}\n", *unsure)


def iptables(name, lines, *unsure, load="iptables", table="filter"):
    chains(name, f"*{table}\n{lines.strip()}\nCOMMIT\n", *unsure, load=load)


chains("no rules at all", "")
rules("policy drop", "inet", "tcp dport 22 counter accept", policy="drop")
rules("policy drop for one family", "ip", "tcp dport 22 counter accept", policy="drop")
rules("the other family", "ip6", "tcp dport { 22, 80 } counter accept", policy="drop")
rules("an empty chain that drops", "inet", "counter", policy="drop")

# Comparisons of headers.
rules("not equal", "inet", "tcp dport != 80 counter drop")
rules("ranges of ports", "inet", "tcp dport 80-443 counter drop\nudp dport 100-200 counter drop")
rules("outside of a range", "inet", "tcp dport != 23-442 counter drop")
rules("below", "inet", "tcp dport < 100 counter drop")
rules("above", "inet", "tcp dport > 442 counter drop")
rules("at most", "inet", "tcp dport <= 80 counter drop")
rules("at least", "inet", "th dport >= 161 counter drop", "a header field")
rules("source ports", "inet", "tcp sport >= 1024 counter\ntcp sport < 1024 counter drop\nudp sport 0-1023 counter drop")
rules("source address", "ip", "ip saddr 198.51.100.7 counter drop")
rules("source network", "ip", "ip saddr 198.51.100.0/24 counter drop")
rules("source network of odd length", "ip", "ip saddr 198.51.100.4/30 counter drop")
rules("not this network", "ip", "ip saddr != 10.9.0.0/24 counter drop")
rules("range of addresses", "ip", "ip saddr 10.8.0.0-10.8.0.255 counter drop")
rules("destination address", "ip", "ip daddr 10.9.0.3 counter drop")
rules("IPv6 source", "ip6", "ip6 saddr fd09::2 counter drop")
rules("IPv6 network", "ip6", "ip6 saddr fd09::/16 tcp dport 80 counter drop")
rules("IPv6 network of odd length", "ip6", "ip6 saddr fd09:0:0:0:8000::/65 counter drop\nip6 saddr fd00::/9 udp dport 53 counter drop")
rules("both families in inet", "inet", "ip saddr 10.9.0.2 tcp dport 80 counter drop\nip6 saddr fd09::2 tcp dport 22 counter drop")
rules("ip protocol", "ip", "ip protocol tcp counter drop")
rules("next header", "ip6", "ip6 nexthdr udp counter drop")
rules("version", "inet", "ip version 4 counter\nip6 version 6 counter drop")
rules("fragments", "ip", "ip frag-off & 0x1fff != 0 counter drop\ncounter")
rules("ttl", "ip", "ip ttl < 10 counter drop\nip ttl 64 tcp dport 80 counter drop")
rules("hop limit", "ip6", "ip6 hoplimit != 64 counter drop\nip6 hoplimit 64 tcp dport 22 counter drop")
rules("icmp echo", "ip", "icmp type echo-request counter drop")
rules("icmp types in a set", "inet", "icmp type { echo-reply, echo-request } counter drop\nicmpv6 type echo-request counter drop")
rules("tcp flags", "inet", "tcp flags & (fin|syn|rst|ack) == syn tcp dport 80 counter drop")
rules("tcp flags not", "inet", "tcp flags & (fin|syn|rst|ack) != syn counter drop")
rules("tcp flags none", "inet", "tcp flags & (fin|syn|rst|psh|ack|urg) == 0x0 counter drop\ntcp flags fin,psh,urg / fin,syn,rst,psh,ack,urg counter drop")
rules("raw payload", "inet", "@th,16,16 80 counter drop", "a header field")
rules("raw payload of a mask", "ip", "@nh,96,8 198 counter drop\n@nh,100,4 8 counter drop")
rules("upper half of a port", "inet", "tcp dport & 0xff00 == 0x1f00 counter drop\ntcp dport & 0x1 == 1 counter drop")
rules("sizes nobody knows", "inet", "meta length > 100000 counter drop\ntcp dport 80 meta length 60 counter drop", "packet length")
rules("dscp", "ip", "ip dscp cs1 counter drop", "DSCP and ECN")
rules("options of tcp", "inet", "tcp option maxseg size 1 counter drop", "TCP options")
rules("options of tcp exist", "inet", "tcp option sack-perm exists counter drop", "TCP options")
rules("MAC address", "inet", "ether saddr 02:00:00:00:00:99 counter drop", "MAC address")
rules("ethertype", "inet", "ether type ip tcp dport 80 counter drop")
rules("extension headers", "ip6", "exthdr hbh exists counter drop\nexthdr frag missing tcp dport 22 counter drop")
rules("sctp", "inet", "sctp dport 80 counter drop\ndccp dport 80 counter drop")

# What stands beside the packet.
rules("l4proto", "inet", "meta l4proto tcp counter drop")
rules("l4proto set", "inet", "meta l4proto { tcp, udp } th dport { 53, 80 } counter drop")
rules("nfproto", "inet", "meta nfproto ipv6 counter drop")
rules("protocol", "inet", "meta protocol ip counter drop")
rules("device name", "inet", 'iifname "srv0" tcp dport 80 counter drop')
rules("another device", "inet", 'iifname != "srv0" counter drop\niifname "oth0" counter drop')
rules("device wildcard", "inet", 'iifname "srv*" tcp dport 22 counter drop\niifname "xyz*" counter drop')
rules("device index", "inet", 'iif "srv0" udp dport 53 counter drop\niif "lo" counter drop')
rules("devices in a set", "inet", 'iifname { "eth0", "srv0" } tcp dport 443 counter drop')
rules("devices by wildcard in a set", "inet", 'iifname @w tcp dport 443 counter drop',
      more='  set w { type ifname; flags interval; elements = { "sr*", "eth*" } }')
rules("outgoing device in input", "inet", 'oifname "srv0" counter drop\noifname != "srv0" tcp dport 80 counter drop\noif "lo" counter drop')
rules("device type", "inet", "iiftype ether tcp dport 22 counter drop\niiftype loopback counter drop")
rules("device group", "inet", "iifgroup 7 counter drop", "interface group")
rules("type of packet", "inet", "meta pkttype host tcp dport 22 counter drop\nmeta pkttype { broadcast, multicast } counter drop")
rules("owner of a first packet", "inet", "meta skuid 0 counter drop\nmeta skgid != 5 counter drop")
rules("mark", "inet", "meta mark 0 tcp dport 80 counter drop\nmeta mark != 0 counter drop")
rules("mark set and tested", "inet", "tcp dport 80 meta mark set 0x10 counter\nmeta mark 0x10 counter drop")
rules("mark with mask", "inet", "tcp dport { 22, 80 } meta mark set 0x1234 counter\nmeta mark & 0xff00 == 0x1200 counter drop")
rules("mark or and xor", "inet", "meta mark set 0x1 counter\ntcp dport 80 meta mark set meta mark | 0x80 counter\n"
      "tcp dport 22 meta mark set meta mark ^ 0x1 counter\nmeta mark 0x81 counter drop\nmeta mark 0 counter drop")
rules("mark shifted", "inet", "tcp dport 22 meta mark set 0x3 counter\nmeta mark set meta mark << 4 counter\nmeta mark 0x30 counter drop")
rules("mark between", "inet", "tcp dport 80 meta mark set 300 counter\nmeta mark 255-301 counter drop\nmeta mark > 1000 counter drop")
rules("mark from a port", "inet", "meta mark set tcp dport map { 22 : 5, 80 : 6 } counter\nmeta mark { 6, 7 } counter drop")
chains("mark from one hook to the next", """table inet t {
  chain p { type filter hook prerouting priority -150; tcp dport 443 meta mark set 0x77 counter
  }
  chain c { type filter hook input priority 0; meta mark 0x77 counter drop
  }
}""")
rules("random", "inet", "numgen random mod 2 0 counter drop", "numgen")
rules("hash", "inet", "jhash ip saddr mod 2 seed 0xabc 0 counter drop", "hash")
rules("cpu", "inet", "meta cpu 77 counter drop", "cpu")
rules("time now", "inet", 'meta time > "2000-01-01 00:00:00" tcp dport 80 counter drop\nmeta time < "2001-01-01 00:00:00" counter drop')
rules("day", "inet", 'meta day { 0, 1, 2, 3, 4, 5, 6 } tcp dport 22 counter drop')
rules("hour", "inet", 'meta hour "00:00"-"23:59:59" tcp dport 22 counter drop')
rules("ipsec", "inet", "meta ipsec exists counter drop", "ipsec")

# Connection tracking.
rules("ct state", "inet", "ct state established,related counter accept\nct state invalid counter drop\ntcp dport 80 ct state new counter accept",
      policy="drop")
rules("ct state not", "inet", "ct state != new counter drop")
rules("ct state vmap", "inet", "ct state vmap { established : accept, invalid : drop, new : continue }\ntcp dport 80 counter drop")
rules("state before conntrack", "inet", "ct state invalid tcp dport 80 counter drop\nct state new counter drop", hook="prerouting", priority="-300")
rules("state after conntrack", "inet", "ct state invalid counter drop\nct state new tcp dport 80 counter drop", hook="prerouting", priority="-199")
chains("notrack", """table inet t {
  chain p { type filter hook prerouting priority -300; tcp dport 80 notrack
  }
  chain c { type filter hook input priority 0; ct state untracked counter drop
    ct direction original tcp dport 22 counter drop
    ct state new counter
  }
}""")
chains("notrack too late", """table inet t {
  chain p { type filter hook prerouting priority -100; tcp dport 80 notrack
  }
  chain c { type filter hook input priority 0; ct state untracked counter drop
    ct state new tcp dport 80 counter drop
  }
}""")
chains("notrack and more keys", """table inet t {
  chain p { type filter hook prerouting priority raw; udp dport 53 notrack
  }
  chain c { type filter hook input priority 0; ct mark 0 udp dport 53 counter drop
    ct protocol udp counter drop
  }
}""")
rules("ct direction", "inet", "ct direction original tcp dport 80 counter drop\nct direction reply counter drop")
rules("ct mark", "inet", "ct mark 0 tcp dport 22 counter drop\ntcp dport 80 ct mark set 5 counter\nct mark 5 counter drop")
rules("ct addresses", "inet", "ct original ip saddr 10.9.0.2 tcp dport 80 counter drop\nct reply ip saddr 10.9.0.3 counter drop")
rules("ct ports", "inet", "meta l4proto tcp ct original proto-dst 80 counter drop\nmeta l4proto tcp ct reply proto-src 22 counter drop")
rules("ct of IPv6", "inet", "ct original ip6 saddr fd09::2 tcp dport 1-1000 ct original proto-dst 80 counter drop\nct l3proto ipv4 counter")
rules("ct status", "inet", "ct status dnat counter drop\nct status confirmed counter drop\nct status seen-reply counter drop")
rules("ct protocol", "inet", "ct original protocol udp counter drop\nct l3proto ipv6 tcp dport 22 counter drop")
rules("ct helper", "inet", 'ct helper "ftp" counter drop', "conntrack")

# Sets and maps.
rules("named set", "inet", "tcp dport @p counter drop", more="  set p { type inet_service; elements = { 22, 443 } }")
rules("set of intervals", "inet", "tcp dport @p counter drop", more="  set p { type inet_service; flags interval; elements = { 1-21, 23-80, 9000-65535 } }")
rules("adjacent intervals", "ip", "ip saddr @p counter drop", more="  set p { type ipv4_addr; flags interval; elements = { 10.8.0.0/24, 10.8.1.0/24, 198.51.100.7 } }")
rules("everything in an interval", "ip", "ip saddr @p tcp dport 80 counter drop", more="  set p { type ipv4_addr; flags interval; elements = { 0.0.0.0/0 } }")
rules("not in a set", "ip", "ip saddr != @p counter drop", more="  set p { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } }")
rules("not in an anonymous set", "inet", "tcp dport != { 22, 80 } counter drop")
rules("empty set", "inet", "tcp dport @p counter drop\ntcp dport != @p counter accept", more="  set p { type inet_service; }", policy="drop")
rules("set of IPv6", "inet", "ip6 saddr @p counter drop", more="  set p { type ipv6_addr; flags interval; elements = { fd09::2-fd09::4, 2001:db8::/32 } }")
rules("set with timeouts", "ip", "ip saddr @p counter drop", more="  set p { type ipv4_addr; flags timeout; elements = { 198.51.100.7 timeout 1h } }")
rules("verdict map", "inet", "tcp dport vmap { 22 : accept, 80 : drop }\nudp dport vmap { 53 : drop }", policy="accept")
rules("verdict map with a rest", "inet", "tcp dport vmap { 22 : accept, 80 : accept, * : drop }")
rules("verdict map of intervals", "ip",
      "ip saddr vmap { 10.9.0.0/24 : accept, 10.8.0.0/24 : drop, 198.51.100.7 : drop }")
rules("verdict map with jumps", "inet", "tcp dport vmap { 80 : jump web, 22 : goto shell }\ncounter drop",
      more="  chain web { ip saddr 10.9.0.2 counter accept\n counter\n }\n  chain shell { ip saddr 198.51.100.7 counter accept\n counter\n }")
rules("concatenation", "ip", "ip saddr . tcp dport @p counter drop",
      more="  set p { type ipv4_addr . inet_service; elements = { 10.9.0.2 . 80, 198.51.100.7 . 22 } }")
rules("concatenation of three", "inet", 'iifname . ip saddr . tcp dport { "srv0" . 10.9.0.2 . 80, "lo" . 10.9.0.2 . 22 } counter drop')
rules("concatenation of intervals", "ip", "ip saddr . tcp dport @p counter drop",
      more="  set p { type ipv4_addr . inet_service; flags interval; elements = { 10.9.0.0/24 . 80-443, 198.51.100.0/24 . 1-65535 } }")
rules("concatenation in a map", "inet", "meta l4proto . th dport vmap { tcp . 80 : drop, udp . 53 : drop, tcp . 22 : accept }\ncounter")
rules("concatenation of IPv6", "ip6", "ip6 saddr . tcp dport { fd09::2 . 80 } counter drop")
rules("dynamic set", "inet", "tcp dport 80 add @d { ip saddr } counter drop\ntcp dport 22 update @d { ip saddr timeout 1m } counter",
      more="  set d { type ipv4_addr; flags dynamic,timeout; timeout 1h; }")
rules("dynamic set with a limit", "inet", "tcp dport 80 add @d { ip saddr limit rate over 1/hour burst 1 packets } counter drop", "limit of a dynamic set",
      more="  set d { type ipv4_addr; flags dynamic; }")
rules("objects", "inet", "tcp dport 80 counter name n drop\ntcp dport 22 counter name n", more="  counter n { }")
rules("objects of a map", "inet", "counter name tcp dport map @m drop", "object of a map",
      more="  counter n { }\n  map m { type inet_service : counter; elements = { 22 : \"n\", 80 : \"n\" } }")
rules("quota object", "inet", "tcp dport 80 quota name q drop", "named limit or quota", more="  quota q { over 1000 mbytes }")

# What was before.
rules("limit", "inet", "tcp dport 80 limit rate 1/hour burst 1 packets counter drop", "limit")
rules("limit over", "inet", "tcp dport 80 limit rate over 1000/second counter drop", "limit")
rules("quota", "inet", "tcp dport 80 quota over 1000 mbytes counter drop", "quota")
rules("connection limit", "inet", "tcp dport 80 ct count over 1000 counter drop", "connection limit")

# fib and sockets.
rules("fib local", "inet", "fib daddr type local tcp dport 80 counter drop\nfib daddr type != local counter drop")
rules("fib local on the device", "inet", "fib daddr . iif type != local counter drop\nfib daddr . iif type local tcp dport 22 counter drop")
rules("fib source type", "inet", "fib saddr type local counter drop\nfib saddr type unicast tcp dport 80 counter drop")
rules("fib reverse path", "inet", "fib saddr . iif oif missing counter drop", hook="prerouting", priority="-150")
rules("fib reverse path exists", "inet", "fib saddr . iif oif exists counter accept", policy="drop")
rules("fib device", "inet", 'fib saddr oifname "oth0" counter drop\nfib saddr oif "srv0" tcp dport 22 counter drop')
rules("socket", "inet", "socket transparent 1 counter drop", "socket")

# Verdicts.
rules("reject", "inet", "tcp dport 80 counter reject\nudp dport 53 counter reject")
for code in ("net-unreachable", "host-unreachable", "port-unreachable", "admin-prohibited", "net-prohibited"):
    rules(f"reject with {code}", "ip", f"tcp dport 80 counter reject with icmp {code}")
for code in ("no-route", "admin-prohibited", "addr-unreachable", "port-unreachable"):
    rules(f"reject with IPv6 {code}", "ip6", f"tcp dport 80 counter reject with icmpv6 {code}")
for code in ("no-route", "port-unreachable", "host-unreachable", "admin-prohibited"):
    rules(f"reject for both with {code}", "inet", f"meta l4proto {{ tcp, udp }} th dport {{ 53, 80 }} counter reject with icmpx {code}")
rules("reset", "inet", "tcp dport { 22, 80 } counter reject with tcp reset")
rules("reject in prerouting", "inet", "tcp dport 80 counter reject with tcp reset\nudp dport 53 counter reject", hook="prerouting")
rules("reject of one family goes on for the other", "inet", "tcp dport 80 reject with icmp host-unreachable\ncounter")
rules("log and counter", "inet", 'tcp dport 80 log prefix "x" counter drop')
chains("jumps", """table inet t {
  chain a { tcp dport 80 counter drop
    tcp dport 22 counter return
    counter jump b
    counter
  }
  chain b { udp dport 53 counter drop
    tcp dport 443 counter accept
  }
  chain c { type filter hook input priority 0; policy accept; counter jump a
    tcp dport 22 counter drop
    counter
  }
}""")
chains("goto", """table inet t {
  chain a { tcp dport 80 counter accept
    counter return
  }
  chain c { type filter hook input priority 0; policy drop; meta l4proto tcp counter goto a
    counter accept
  }
}""")
chains("goto within a jump", """table inet t {
  chain g { tcp dport 80 counter drop
  }
  chain j { tcp dport { 22, 80 } counter goto g
    counter drop
  }
  chain c { type filter hook input priority 0; meta l4proto tcp counter jump j
    counter accept
  }
}""")
chains("a chain of its own in a rule", """table inet t {
  chain c { type filter hook input priority 0; tcp dport 80 jump { ip saddr 10.9.0.2 counter drop
    counter
    }
    counter
  }
}""")
rules("return in a base chain", "inet", "tcp dport 80 counter return\ncounter accept", policy="drop")
chains("accept is not the last word", """table inet a { chain c { type filter hook input priority -10; tcp dport 80 counter accept
}
}
table inet b { chain c { type filter hook input priority 10; tcp dport 80 counter drop
}
}""")
chains("two tables of two families", """table ip a { chain c { type filter hook input priority 5; tcp dport 80 counter accept
}
}
table inet b { chain c { type filter hook input priority 0; tcp dport { 22, 80 } counter reject with tcp reset
}
}""")
chains("the same priority", """table inet a { chain c { type filter hook input priority 0; tcp dport 80 counter
}
}
table inet b { chain c { type filter hook input priority 0; tcp dport 80 counter drop
}
}""", TIE)
chains("a dormant table", """table inet a { flags dormant; chain c { type filter hook input priority 0; policy drop; counter
}
}""")
chains("forward and output do not concern it", """table inet a {
  chain f { type filter hook forward priority 0; policy drop; counter
  }
  chain r { type filter hook output priority 0; policy accept; tcp dport 1 counter drop
  }
}""")

# Before everything.
rules("ingress of a device", "netdev", "tcp dport 80 counter drop\nip saddr 198.51.100.7 counter drop", hook="ingress", device='device "srv0"')
rules("ingress of another device", "netdev", "tcp dport 80 counter drop", hook="ingress", device='device "oth0"')
rules("ingress sees no conntrack", "netdev", "meta protocol ip tcp dport 22 counter accept\nudp dport 53 counter drop\nicmp type echo-request counter drop",
      hook="ingress", device='device "srv0"')
rules("ingress of inet", "inet", "tcp dport 443 counter drop\nip6 saddr fd09::2 counter drop", hook="ingress", device='device "srv0"')
rules("header written", "inet", "tcp dport 8080 tcp dport set 80 counter\ntcp dport 443 counter drop", hook="prerouting", priority="-300")

# Translation.
rules("redirect", "inet", "tcp dport 8080 counter redirect to :80", hook="prerouting", priority="-100", kind="nat")
rules("redirect of both", "inet", "meta l4proto { tcp, udp } th dport { 8080, 161 } counter redirect to :22", hook="prerouting", priority="-100", kind="nat")
rules("redirect to the same port", "ip", "ip daddr 10.9.0.3 tcp dport 80 counter redirect", hook="prerouting", priority="-100", kind="nat")
rules("dnat to another address of the host", "ip", "tcp dport 80 counter dnat to 10.9.0.3:8000", hook="prerouting", priority="-100", kind="nat")
rules("dnat of the address alone", "ip", "tcp dport 8000 counter dnat to 10.9.0.3", hook="prerouting", priority="-100", kind="nat")
rules("dnat of IPv6", "ip6", "tcp dport 8080 counter dnat to [fd09::1]:80", hook="prerouting", priority="-100", kind="nat")
# Without the second rule nothing tracks IPv6, and its packets meet no chain of translations.
rules("dnat in inet", "inet", "tcp dport 8080 counter dnat ip to 10.9.0.1:22\nct state new counter", hook="prerouting", priority="-100", kind="nat")
rules("dnat to elsewhere", "ip", "tcp dport 80 counter dnat to 10.9.0.200", hook="prerouting", priority="-100", kind="nat")
rules("dnat by a map", "ip", "dnat to tcp dport map { 8080 : 10.9.0.1, 8000 : 10.9.0.3 }", hook="prerouting", priority="-100", kind="nat")
rules("dnat by a map with ports", "ip", "dnat ip addr . port to tcp dport map { 8080 : 10.9.0.1 . 22, 80 : 10.9.0.3 . 8000 }",
      hook="prerouting", priority="-100", kind="nat")
chains("input sees the translated port", """table inet t {
  chain p { type nat hook prerouting priority -100; tcp dport 8080 counter redirect to :80
  }
  chain c { type filter hook input priority 0; policy drop; tcp dport 80 counter accept
    meta l4proto tcp ct original proto-dst 443 counter accept
  }
}""")
chains("input knows the original port", """table inet t {
  chain p { type nat hook prerouting priority -100; tcp dport { 8080, 9999 } counter redirect to :80
  }
  chain c { type filter hook input priority 0; policy drop; meta l4proto tcp ct status dnat ct original proto-dst 8080 counter accept
    meta l4proto icmp counter accept
  }
}""")
chains("a chain between and one before", """table inet t {
  chain b { type filter hook prerouting priority -150; tcp dport 8080 counter
    tcp dport 80 counter
  }
  chain p { type nat hook prerouting priority -100; tcp dport 8080 counter redirect to :80
  }
  chain a { type filter hook prerouting priority -50; tcp dport 8080 counter drop
    tcp dport 80 counter
  }
}""")
chains("the first translation wins", """table ip a { chain p { type nat hook prerouting priority -110; tcp dport 8080 counter redirect to :22
}
}
table ip b { chain p { type nat hook prerouting priority -90; tcp dport 8080 counter dnat to 10.9.0.3:8000
  tcp dport 80 counter drop
}
}""")
chains("accept in one translation does not end it", """table ip a { chain p { type nat hook prerouting priority -110; tcp dport 8080 counter accept
}
}
table ip b { chain p { type nat hook prerouting priority -90; tcp dport 8080 counter redirect to :80
}
}""")
chains("untracked is not translated", """table ip a {
  chain r { type filter hook prerouting priority -300; tcp dport 8080 notrack
  }
  chain p { type nat hook prerouting priority -100; tcp dport { 8080, 9999 } counter redirect to :80
  }
}""")
chains("the status of a translated flow", """table inet t {
  chain p { type nat hook prerouting priority -100; tcp dport 8080 counter redirect to :80
  }
  chain c { type filter hook input priority 0; ct status & dnat == dnat counter
    ct status snat counter drop
  }
}""")
rules("range of ports", "ip", "tcp dport 8080 counter redirect to :80-90", "translated to one of several", hook="prerouting", priority="-100", kind="nat")

# iptables.
for v, host, net in (("iptables", "10.9.0.2", "198.51.100.0/24"), ("ip6tables", "fd09::2", "fd0a::/16")):
    iptables(f"{v}: ports and sources", f":INPUT DROP\n-A INPUT -s {net} -j DROP\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -s {host} -p udp -j ACCEPT", load=v)
    iptables(f"{v}: multiport", ":INPUT ACCEPT\n-A INPUT -p tcp -m multiport --dports 22,80,8000:9000 -j DROP", load=v)
    iptables(f"{v}: multiport turned round", ":INPUT ACCEPT\n-A INPUT -p tcp -m multiport ! --dports 22,443 -j DROP", load=v)
    iptables(f"{v}: conntrack", ":INPUT DROP\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -m conntrack --ctstate INVALID -j DROP\n"
             "-A INPUT -p tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT\n-A INPUT -p udp -m state --state NEW -j ACCEPT", load=v)
    iptables(f"{v}: conntrack ports", ":INPUT ACCEPT\n-A INPUT -m conntrack --ctorigdstport 80 -j DROP\n-A INPUT -m conntrack ! --ctorigdstport 1:1000 --ctproto tcp -j DROP\n"
             "-A INPUT -m conntrack --ctdir REPLY -j DROP\n-A INPUT -m conntrack --ctstatus ASSURED -j DROP", load=v)
    iptables(f"{v}: conntrack addresses", f":INPUT ACCEPT\n-A INPUT -p tcp --dport 80 -m conntrack --ctorigsrc {host} -j DROP\n-A INPUT -p tcp --dport 22 -m conntrack ! --ctreplsrc {host} -j DROP", load=v)
    iptables(f"{v}: addrtype", ":INPUT ACCEPT\n-A INPUT -m addrtype ! --dst-type LOCAL -j DROP\n-A INPUT -p tcp --dport 80 -m addrtype --dst-type LOCAL -j DROP\n"
             "-A INPUT -p tcp --dport 22 -m addrtype --src-type UNICAST -j DROP", load=v)
    iptables(f"{v}: marks", ":INPUT ACCEPT\n-A INPUT -m mark --mark 0x8/0xf -j DROP\n", load=v)
    iptables(f"{v}: set marks", ":PREROUTING ACCEPT\n:INPUT ACCEPT\n-A PREROUTING -p tcp --dport 80 -j MARK --set-xmark 0x8/0xff\n"
             "-A PREROUTING -p tcp --dport 22 -j MARK --or-mark 0x18\n-A INPUT -m mark --mark 0x8/0xf -j DROP", load=v, table="mangle")
    iptables(f"{v}: connmark", ":PREROUTING ACCEPT\n:INPUT ACCEPT\n-A PREROUTING -p tcp --dport 80 -j CONNMARK --set-xmark 0x9/0xffffffff\n"
             "-A PREROUTING -j CONNMARK --restore-mark\n-A INPUT -m mark --mark 0x9 -j DROP", load=v, table="mangle")
    iptables(f"{v}: comments and logs", ':INPUT ACCEPT\n-A INPUT -p tcp --dport 80 -m comment --comment "no web" -j LOG\n-A INPUT -p tcp --dport 80 -m comment --comment "no web" -j DROP', load=v)
    iptables(f"{v}: reset", ":INPUT ACCEPT\n-A INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset\n-A INPUT -j REJECT", load=v)
    iptables(f"{v}: chains", ":INPUT ACCEPT\n:one -\n:two -\n-A INPUT -p tcp -j one\n-A INPUT -p udp -g two\n-A INPUT -j DROP\n-A one -p tcp --dport 80 -j RETURN\n"
             "-A one -p tcp --syn -j ACCEPT\n-A two -p udp --dport 53 -j DROP", load=v)
    iptables(f"{v}: devices", ":INPUT ACCEPT\n-A INPUT -i oth+ -j DROP\n-A INPUT ! -i srv0 -j DROP\n-A INPUT -i sr+ -p tcp --dport 80 -j DROP", load=v)
    iptables(f"{v}: redirect", ":PREROUTING ACCEPT\n-A PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80", load=v, table="nat")
    iptables(f"{v}: limits", ":INPUT ACCEPT\n-A INPUT -p tcp --dport 80 -m limit --limit 1/hour --limit-burst 1 -j DROP", "limit", load=v)
    iptables(f"{v}: hashlimit", ":INPUT ACCEPT\n-A INPUT -p tcp --dport 80 -m hashlimit --hashlimit-above 1/hour --hashlimit-mode srcip --hashlimit-name x -j DROP",
             "xt match hashlimit", load=v)
    iptables(f"{v}: recent", ":INPUT ACCEPT\n-A INPUT -p tcp --dport 80 -m recent --rcheck --name x -j DROP", "xt match recent", load=v)
    iptables(f"{v}: packet types", ":INPUT ACCEPT\n-A INPUT -p tcp --dport 80 -m pkttype --pkt-type host -j DROP\n-A INPUT -m pkttype --pkt-type multicast -j DROP", load=v)
iptables("iptables: ranges of addresses", ":INPUT ACCEPT\n-A INPUT -m iprange --src-range 198.51.100.1-198.51.100.9 -j DROP\n-A INPUT -p tcp --dport 80 -m iprange ! --dst-range 10.9.0.1-10.9.0.2 -j DROP")
iptables("ip6tables: ranges of addresses", ":INPUT ACCEPT\n-A INPUT -p tcp --dport 80 -m iprange --src-range fd09::1-fd09::9 -j DROP", load="ip6tables")
for kind in ("net-unreachable", "host-unreachable", "proto-unreachable", "port-unreachable", "net-prohibited", "host-prohibited", "admin-prohibited"):
    iptables(f"iptables: {kind}", f":INPUT ACCEPT\n-A INPUT -p tcp --dport 80 -j REJECT --reject-with icmp-{kind}")
for kind in ("no-route", "adm-prohibited", "addr-unreachable", "port-unreachable"):
    iptables(f"ip6tables: {kind}", f":INPUT ACCEPT\n-A INPUT -p tcp --dport 80 -j REJECT --reject-with icmp6-{kind}", load="ip6tables")
iptables("iptables: DNAT", ":PREROUTING ACCEPT\n-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.9.0.3:8000\n-A PREROUTING -p tcp --dport 9999 -j DNAT --to-destination 10.9.0.1:22", table="nat")
iptables("iptables: DNAT of a range of ports", ":PREROUTING ACCEPT\n-A PREROUTING -p tcp -m tcp --dport 8079:8081 -j DNAT --to-destination 10.9.0.1:79-81/8079", table="nat")
iptables("iptables: notrack", ":PREROUTING ACCEPT\n-A PREROUTING -p tcp --dport 80 -j CT --notrack", table="raw")
chains("iptables and nft together", "*filter\n:INPUT ACCEPT\n-A INPUT -p tcp --dport 80 -j DROP\nCOMMIT\n*nat\n:PREROUTING ACCEPT\n"
       "-A PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 80\nCOMMIT\n", load="iptables")

# Found by test_rules_random.py.
chains("a source that is translated at the input", """table ip t {
  chain n { type nat hook input priority 100; tcp dport 80 counter snat to 10.9.0.77
  }
  chain a { type filter hook input priority 101; ip saddr 10.9.0.77 counter drop
  }
  chain b { type filter hook input priority 99; ip saddr 10.9.0.77 counter drop
  }
}""")
chains("translation where nothing is tracked", """table inet t {
  chain n { type nat hook prerouting priority -100; tcp dport 80 counter drop
  }
}""")
chains("translation where only one family is tracked", """table inet t {
  chain n { type nat hook prerouting priority -100; tcp dport 80 counter drop
    ip daddr 10.9.0.9 counter dnat ip to 10.9.0.1
  }
}""")
rules("state at the priority of conntrack", "inet", "tcp dport 80 ct state new counter drop", "order of the chain and connection tracking",
      hook="prerouting", priority="-200")
for v in ("iptables", "ip6tables"):
    iptables(f"{v}: connmark is tested", ":INPUT ACCEPT\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp --dport 80 -j CONNMARK --set-mark 0x9\n"
             "-A INPUT -m connmark --mark 0x8/0x8 -j DROP\n-A INPUT -p tcp --dport 22 -m connmark ! --mark 0x9 -j DROP", load=v, table="mangle")
    iptables(f"{v}: lengths that no first packet has", ":INPUT ACCEPT\n-A INPUT -m length --length 3000:65535 -j DROP\n"
             "-A INPUT -p tcp --dport 80 -m length --length 1:3000 -j DROP", load=v)
    iptables(f"{v}: reverse path", ":PREROUTING ACCEPT\n-A PREROUTING -m rpfilter --invert -j DROP\n-A PREROUTING -p tcp --dport 22 -m rpfilter --loose -j DROP", load=v, table="raw")
iptables("iptables: ttl", ":INPUT ACCEPT\n-A INPUT -m ttl --ttl-lt 10 -j DROP\n-A INPUT -p tcp --dport 80 -m ttl --ttl-eq 64 -j DROP")
iptables("ip6tables: hop limit", ":INPUT ACCEPT\n-A INPUT -m hl --hl-gt 100 -j DROP\n-A INPUT -p tcp --dport 80 -m hl ! --hl-eq 63 -j DROP", load="ip6tables")

# Claims of certainty that were not.
chains("a packet finds what it has put into a set", """table inet t {
  set met { type ipv4_addr; flags dynamic, timeout; timeout 1m; size 1000
  }
  chain p { type filter hook prerouting priority -150; tcp dport 80 add @met { ip saddr } counter
    udp dport 53 update @met { ip daddr } counter
  }
  chain c { type filter hook input priority 0; tcp dport 80 ip saddr @met counter drop
    udp dport 53 ip daddr @met counter drop
  }
}""", "what this packet puts into a set")
chains("a drop and a reject of one priority, the table that was made first has the later chain", """table inet a {
}
table inet b {
  chain c { type filter hook input priority 0; tcp dport 80 counter drop
  }
}
table inet a {
  chain c { type filter hook input priority 0; tcp dport { 22, 80 } counter reject with tcp reset
  }
}""", TIE)
chains("two translations of one priority, the table that was made first has the later chain", """table ip a {
}
table ip b {
  chain c { type nat hook prerouting priority -100; tcp dport 9999 counter redirect to :80
  }
}
table ip a {
  chain c { type nat hook prerouting priority -100; tcp dport { 8080, 9999 } counter redirect to :7
  }
}""", TIE)
chains("a mark set at one priority, the table that was made first has the later chain", """table ip a {
}
table ip b {
  chain c { type filter hook prerouting priority -150; tcp dport 80 meta mark set 0x7 counter
  }
}
table ip a {
  chain c { type filter hook prerouting priority -150; meta mark 0x7 counter drop
  }
}""", TIE)
chains("the DSCP is asked, written and asked again", """table ip t {
  chain p { type filter hook prerouting priority -300; tcp dport 80 ip dscp cs1 counter accept
    tcp dport 80 ip dscp set cs1 counter
  }
  chain c { type filter hook input priority 0; tcp dport 80 ip dscp cs1 counter drop
  }
}""", "DSCP and ECN")
chains("two fields that nobody knows", """table ip t {
  chain c { type filter hook input priority 0; udp dport 53 ip length 12 counter accept
    udp dport 53 udp length 12 counter drop
  }
}""", "packet length")
for v in ("iptables", "ip6tables"):
    what = "TTL --ttl-set" if v == "iptables" else "HL --hl-set"
    test = "ttl --ttl-eq" if v == "iptables" else "hl --hl-eq"
    iptables(f"{v}: hops are set", f":PREROUTING ACCEPT\n:INPUT ACCEPT\n-A PREROUTING -p tcp --dport 80 -j {what} 7\n"
             f"-A INPUT -m {test} 7 -j DROP", "TTL or hop limit", load=v, table="mangle")

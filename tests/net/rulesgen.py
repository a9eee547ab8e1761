"""Random rulesets and packets from one seed, for test_rules_random.py.

Knows the host of test_rules.py (its addresses, ports, devices) and what nft and iptables-nft can say; does not
know what any of it means. Chains that a packet meets on its way in are called i..., those on its way out o...
"""
from ruleshost import HOST, NEAR, NETWORKS, OTHER, PORTS, TCP_PORTS, UDP_PORTS, Chain, Ruleset, Table
from rulesxt import Xtables

MARKS = (0, 1, 2, 3, 0x10, 0xff, 0x80000000)
IN_HOOKS, OUT_HOOKS = ("prerouting", "input", "forward"), ("output", "postrouting")
# None that ties with connection tracking or translation: who was first there is told nowhere.
PRIORITIES = {"prerouting": (-450, -350, -300, -201, -199, -150, -101, -99, 0, 10),
              "input": (-150, -1, 0, 1, 50, 99, 101, 225), "forward": (-150, -1, 0, 50),
              "output": (-450, -300, -201, -199, -150, -101, -99, 0, 50), "postrouting": (-150, 0, 99, 101, 225)}
NAT_PRIORITIES = (-150, -110, -100, -90, 0, 100, 110)
LEGACY_PRIORITIES = (-300, -150, -100, 0, 50, 100)


class Words:
    """What rules are made of."""

    def __init__(self, random):
        self.random = random
        self.is_random = False

    def one(self, *of):
        return self.random.choice(of)

    def chance(self, share):
        return self.random.random() < share

    def some(self, of, least=1, most=4):
        of = list(dict.fromkeys(of))
        return self.random.sample(of, min(len(of), self.random.randint(least, most)))

    def address(self, v):
        return self.one(*(HOST[v] + NEAR[v] + OTHER[v]))

    def addresses(self, v):
        """One, a network, a range, a set; to stand behind `ip saddr`."""
        pick = self.random.random()
        if pick < 0.3:
            return self.address(v)
        if pick < 0.55:
            return self.one(*NETWORKS[v])
        if pick < 0.7:
            return self.one("10.9.0.1-10.9.0.2", "10.8.0.0-10.9.0.1") if v == 4 else self.one("fd09::1-fd09::3", "fd08::-fd09::1")
        return "{ " + ", ".join(self.some(HOST[v] + NEAR[v] + OTHER[v])) + " }"

    def ports(self):
        pick = self.random.random()
        if pick < 0.4:
            return str(self.one(*PORTS))
        if pick < 0.6:
            low = self.one(*PORTS)
            return f"{low}-{low + self.one(0, 1, 60, 400, 9000)}"
        if pick < 0.7:
            return f"{self.one('<', '>', '<=', '>=')} {self.one(*PORTS)}"
        if pick < 0.85:
            return "{ " + ", ".join(map(str, self.some(PORTS))) + " }"
        return self.one("{ 20-25, 80, 400-500 }", "{ 1-79, 81-442 }", "{ 53, 5000-65535 }")

    def maybe_not(self, words, share=0.2):
        field, _, value = words.rpartition(" ~ ")
        negated = "!= " if self.chance(share) and value[:1] not in "<>" else ""
        return f"{field} {negated}{value}"

    def mark(self):
        return hex(self.one(*MARKS))

    def port_match(self):
        proto = self.one("tcp", "tcp", "tcp", "udp", "th")
        need = "meta l4proto { tcp, udp } " if proto == "th" else ""
        return need + self.maybe_not(f"{proto} {self.one('dport', 'dport', 'dport', 'sport')} ~ {self.ports()}")

    def address_match(self, v):
        return self.maybe_not(f"{'ip' if v == 4 else 'ip6'} {self.one('saddr', 'daddr')} ~ {self.addresses(v)}")

    def device_match(self, hook):
        key = self.one("iifname", "oifname", "iif", "oif") if hook != "ingress" else self.one("iifname", "iif")
        if key.endswith("name"):
            return self.maybe_not(f"{key} ~ {self.one('srv0', 'oth0', 'lo', 'sr*', '{ srv0, eth0 }', '{ lo, oth0 }')}", 0.3)
        return self.maybe_not(f"{key} ~ {self.one('srv0', 'oth0', 'lo')}", 0.3)

    def mark_match(self, what="meta"):
        return self.one(f"{what} mark {self.mark()}", f"{what} mark != {self.mark()}", f"{what} mark & {self.one('0x3', '0x1', '0xf0')} == {self.one('0x1', '0x0', '0x10')}",
                        f"{what} mark {{ {self.mark()}, 0x77 }}", f"{what} mark 1-16", f"{what} mark > 2")

    def ct_match(self, v):
        ip = "ip" if v == 4 else "ip6"
        states = ", ".join(self.some(("new", "established", "related", "invalid", "untracked")))
        return self.one(
            f"ct state {{ {states} }}", f"ct state {self.one('new', 'established', 'invalid', 'untracked')}", f"ct state {self.one('new', 'established')},related",
            f"ct state != {self.one('new', 'invalid')}", f"ct status {self.one('dnat', 'snat', 'confirmed', 'seen-reply')}",
            "ct status & (dnat|snat) == 0", f"ct direction {self.one('original', 'reply')}", self.mark_match("ct"),
            f"ct original {ip} {self.one('saddr', 'daddr')} {self.address(v)}", f"ct reply {ip} {self.one('saddr', 'daddr')} {self.address(v)}",
            f"meta l4proto tcp ct original proto-dst {self.ports()}", f"meta l4proto tcp ct reply proto-src {self.one(*TCP_PORTS)}",
            f"ct l3proto {self.one('ipv4', 'ipv6')}", f"ct protocol {self.one('tcp', 'udp')}")

    def concat_match(self, v):
        ip = "ip" if v == 4 else "ip6"
        pairs = ", ".join(f"{self.address(v)} . {self.one(*PORTS)}" for _ in range(self.random.randint(1, 4)))
        ranged = ", ".join(f"{self.one(*NETWORKS[v])} . {low}-{low + 100}" for low in self.some((1, 22, 80, 400)))
        devices = ", ".join(f"{device} . {port}" for device in self.some(("srv0", "oth0")) for port in self.some(TCP_PORTS))
        protos = ", ".join(f"{proto} . {port}" for proto in ("tcp", "udp") for port in self.some(PORTS, 1, 2))
        return self.one(f"{ip} {self.one('saddr', 'daddr')} . tcp dport {{ {pairs} }}", f"{ip} saddr . tcp dport != {{ {pairs} }}",
                        f"{ip} saddr . th dport {{ {self.one(*NETWORKS[v])} . 1-1000 }}" if self.chance(0.3) else f"{ip} saddr . tcp dport {{ {ranged.split(', ')[0]} }}",
                        f"iifname . tcp dport {{ {devices} }}", f"meta l4proto . th dport {{ {protos} }}",
                        f"meta mark . {ip} saddr {{ 0x0 . {self.address(v)}, 0x1 . {self.address(v)} }}")

    def fib_match(self, v, hook):
        if hook in ("prerouting", "input", "forward") and self.chance(0.5):
            return self.one("fib saddr . iif oif missing", "fib saddr . iif oif exists", f"fib saddr oifname {self.one('srv0', 'oth0')}",
                            "fib daddr . iif type local", "fib daddr . iif type != local")
        return self.one("fib daddr type local", "fib daddr type != local", "fib saddr type unicast", "fib saddr type local",
                        "fib daddr type { local, broadcast }", "fib daddr type unicast")

    def named_match(self, v):
        ip = "ip" if v == 4 else "ip6"
        found = self.one(f"{ip} {self.one('saddr', 'daddr')} ~ @a{v}", f"{self.one('tcp', 'udp')} dport ~ @p", "iifname ~ @ifs", "ip saddr . tcp dport ~ @c4")
        return self.maybe_not(found)

    def odd_match(self, v):
        if v == 4:
            own = ("ip protocol tcp", "ip protocol { udp, icmp }", "ip version 4", "ip ttl < 10", "ip ttl { 63, 64 }", "ip frag-off & 0x1fff != 0",
                   "@nh,96,8 10", "@nh,128,8 & 0xfe == 0x0a", "ip option lsrr exists", "ip hdrlength 5")
        else:
            own = ("ip6 nexthdr tcp", "ip6 nexthdr != udp", "ip6 version 6", "ip6 hoplimit != 64", "exthdr frag exists", "exthdr hbh missing", "@nh,64,8 0xfd")
        both = ("meta l4proto tcp", "meta l4proto { udp, icmp }", "meta l4proto != tcp", "meta nfproto ipv4", "meta nfproto ipv6", "meta protocol ip",
                "meta protocol ip6", "meta length > 3000", "meta pkttype host", "meta pkttype != host", "meta pkttype { broadcast, multicast }",
                "tcp flags syn", "tcp flags & (fin|syn|rst|ack) == syn", "tcp flags & (syn|ack) != syn", "tcp flags ! syn", "tcp flags { syn, ack }",
                "tcp dport & 0xf == 0", "tcp dport & 0x1 == 1", "@th,16,16 80", "@th,0,16 > 1024", "tcp sport >= 1024", "icmp type echo-request",
                "icmpv6 type echo-request", "sctp dport 80", "meta oiftype ether", 'meta hour "00:00"-"23:59:59"',
                "meta time > 1000000000")
        return self.one(*(own + both))

    def chance_match(self):
        """Nobody can foretell these."""
        self.is_random = True
        return self.one("limit rate 1/second burst 3 packets", "limit rate over 1/hour", "numgen random mod 2 0", "quota over 500 bytes", "ct count over 2",
                        "meta length 48", "tcp option maxseg exists", "ip dscp cs1", "jhash ip saddr mod 3 seed 0x77 1")

    def match(self, v, hook):
        if self.chance(0.004):
            return self.chance_match()
        kinds = [(5, lambda: self.port_match()), (4, lambda: self.address_match(v)), (2, lambda: self.device_match(hook)), (2, lambda: self.mark_match()),
                 (2, lambda: self.concat_match(v)), (2, lambda: self.odd_match(v)), (2, lambda: self.named_match(v))]
        if hook not in ("ingress", "egress"):
            kinds += [(4, lambda: self.ct_match(v)), (1, lambda: self.fib_match(v, hook))]
        return self.random.choices([k for _, k in kinds], [w for w, _ in kinds])[0]()

    def statement(self, hook, has_dynamic, v):
        choices = [f"meta mark set {self.mark()}", "meta mark set meta mark | 0x10", "meta mark set meta mark & 0xf", "meta mark set meta mark ^ 0x1",
                   "meta mark set meta mark << 2", "meta mark set tcp dport map { 22 : 0x1, 80 : 0x2, 1000-9000 : 0x10 }", "counter name n",
                   "meta mark set ip saddr map @m4"]
        if hook not in ("ingress", "egress"):
            choices += [f"ct mark set {self.mark()}", "ct mark set meta mark", "meta mark set ct mark", "ct mark set ct mark | 0x2"]
        if hook in ("prerouting", "output"):
            choices += ["notrack", "ip ttl set 9"]
        if has_dynamic:
            choices += [f"{self.one('add', 'update', 'delete')} @d{v} {{ {'ip' if v == 4 else 'ip6'} saddr }}"]
        return self.one(*choices)

    def reject(self, family):
        choices = ["reject with tcp reset"]
        if family == "ip":
            choices += ["reject"] + [f"reject with icmp {c}" for c in ("net-unreachable", "host-unreachable", "port-unreachable", "admin-prohibited", "net-prohibited")]
        elif family == "ip6":
            choices += ["reject"] + [f"reject with icmpv6 {c}" for c in ("no-route", "admin-prohibited", "addr-unreachable", "port-unreachable")]
        else:
            choices += ["reject"] + [f"reject with icmpx {c}" for c in ("no-route", "port-unreachable", "host-unreachable", "admin-prohibited")]
        return self.one(*choices)

    def proxy(self):
        return f"meta l4proto tcp synproxy mss {self.one(1460, 536)} {self.one('wscale 7 timestamp sack-perm', 'wscale 7', '')}".rstrip()

    def vmap(self, v, targets, hook):
        ip = "ip" if v == 4 else "ip6"
        verdict = lambda: self.one("accept", "drop", "continue", "return", *(f"{self.one('jump', 'goto')} {t}" for t in targets))
        keys = [("tcp dport", self.some(TCP_PORTS)), ("udp dport", self.some(UDP_PORTS)), (f"{ip} saddr", self.some(NEAR[v] + OTHER[v])), ("iifname", ["srv0", "oth0"]),
                ("meta mark", self.some(["0x0", "0x1", "0x2"])), ("tcp dport", ["1-79", "80", "81-65535"]), ("meta l4proto", ["tcp", "udp"]),
                (f"{ip} daddr . tcp dport", [f"{self.address(v)} . {p}" for p in self.some(TCP_PORTS)]), (f"{ip} saddr", [NETWORKS[v][0], OTHER[v][0]])]
        if hook not in ("ingress", "egress"):
            keys += [("ct state", self.some(["new", "established", "invalid", "untracked"])), ("ct direction", ["original", "reply"])]
        if self.chance(0.15):
            return "tcp dport vmap @v"
        key, values = self.one(*keys)
        last = [f"* : {verdict()}"] if self.chance(0.2) else []
        return f"{key} vmap {{ " + ", ".join([f"{value} : {verdict()}" for value in values] + last) + " }"


class Generator(Xtables):
    def __init__(self, random):
        self.random = random
        self.words = Words(random)
        self.is_beside_legacy = False

    def verdict(self, table, hook, v, targets):
        w = self.words
        pick = self.random.random()
        if pick < 0.22:
            return "drop"
        if pick < 0.40:
            return "accept"
        if pick < 0.52 and hook in ("input", "forward", "output", "prerouting"):
            need = "meta l4proto tcp " if not self.chance_udp() else ""
            reject = w.reject(table.family)
            return (need + reject) if "reset" not in reject else "meta l4proto tcp " + reject
        if pick < 0.54 and hook in ("input", "forward"):
            return w.proxy()
        if pick < 0.64 and targets:
            return f"{w.one('jump', 'jump', 'goto')} {w.one(*targets)}"
        if pick < 0.70:
            return "return"
        if pick < 0.78:
            return w.vmap(v, targets, hook)
        if pick < 0.97:
            return w.statement(hook, True, v)
        return ""

    def chance_udp(self):
        return self.words.chance(0.6)

    @staticmethod
    def with_counter(matches, verdict):
        """What needs a match of its own (a reset, a map of verdicts) stands before the counter."""
        if verdict.startswith(("meta l4proto tcp reject", "meta l4proto tcp synproxy")):
            matches, verdict = matches + ["meta l4proto tcp"], verdict[len("meta l4proto tcp "):]
        if " vmap " in verdict:
            return " ".join(matches + [verdict])
        if " set " in verdict or "@d" in verdict:
            return " ".join(matches + [verdict, "counter"])
        return " ".join(matches + ["counter"] + ([verdict] if verdict else []))

    def rule(self, table, hook, targets):
        w = self.words
        v = {"ip": 4, "ip6": 6}.get(table.family) or w.one(4, 4, 6)
        matches = []
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 2, 3))):
            matches += self.unless_other(matches, w.match(v, hook))
        verdict = self.verdict(table, hook, v, targets)
        return self.with_counter(matches, verdict if self.unless_other(matches, verdict) else "drop")

    @staticmethod
    def unless_other(matches, more):
        """[more], or nothing where nft would find that it speaks of another protocol than the matches."""
        words = " ".join(matches)
        is_other = any(one in words and other in more for one, other in (("tcp ", "udp "), ("udp ", "tcp "), ("@p", "udp "), ("@p", "tcp ")))
        return [] if is_other else [more]

    def nat_rule(self, table, hook):
        w = self.words
        v = {"ip": 4, "ip6": 6}.get(table.family) or w.one(4, 4, 6)
        ip = {4: "ip", 6: "ip6"}[v]
        wide = f"{ip} " if table.family == "inet" else ""
        bracket = (lambda a: a) if v == 4 else (lambda a: f"[{a}]")
        proto, matches = w.one("tcp", "tcp", "udp"), []
        for _ in range(self.random.choice((0, 1, 1, 2))):
            matches += self.unless_other(matches + [f"{proto} "], w.match(v, hook))
        port = w.one(*(TCP_PORTS if proto == "tcp" else UDP_PORTS))
        narrow = f"{proto} dport {w.ports()}" if w.chance(0.7) else f"meta l4proto {proto}"
        if hook in ("prerouting", "output"):
            target = w.one(f"redirect to :{port}", f"dnat {wide}to {bracket(w.address(v))}:{port}", f"dnat {wide}to {w.address(v)}", "redirect",
                           f"dnat {wide}to {proto} dport map {{ {port} : {w.address(v)}, 8080 : {w.address(v)} }}")
        elif hook == "postrouting":
            target = w.one("masquerade", f"snat {wide}to {w.one(*HOST[v])}", f"snat {wide}to {w.one(*HOST[v])}", f"snat {wide}to {w.address(v)}")
        else:
            target = f"snat {wide}to {w.one(*(NEAR[v] + OTHER[v]))}"
        target = w.one(target, target, target, "accept", "return", "drop" if w.chance(0.3) else target)
        if " map " in target:
            return " ".join(matches + [narrow, target])
        return " ".join(matches + ([f"meta nfproto ipv{v}"] if wide else []) + [narrow, "counter", target])

    def fill(self, chain, table, hook, targets, most=6):
        chain.rules = [self.rule(table, hook, targets) for _ in range(self.random.randint(1, most))]

    def base(self, table, hook, number, targets, device=""):
        w = self.words
        kind = "nat" if hook != "forward" and device == "" and w.chance(0.3) else "filter"
        if hook == "output" and kind == "filter" and w.chance(0.15):
            kind = "route"
        side = "i" if hook in IN_HOOKS + ("ingress",) else "o"
        priority = w.one(*NAT_PRIORITIES) if kind == "nat" else w.one(*PRIORITIES[hook]) if not device else w.one(-10, 0, 10)
        if self.is_beside_legacy and kind != "nat" and priority in LEGACY_PRIORITIES:
            priority += 3  # who of the two was there first is told nowhere
        policy = "drop" if kind == "filter" and w.chance(0.12) else "accept"
        chain = Chain(f"{side}{hook}{number}", f"type {kind} hook {hook} {device} priority {priority}; policy {policy};")
        if kind == "nat":
            chain.rules = [self.nat_rule(table, hook) for _ in range(self.random.randint(1, 4))]
        else:
            self.fill(chain, table, hook, targets)
        return chain

    def table(self, number):
        w = self.words
        table = Table(w.one("inet", "inet", "inet", "ip", "ip", "ip6", "netdev"), f"t{number}")
        table.more = ["counter n { }", "set d4 { type ipv4_addr; flags dynamic; }", "set d6 { type ipv6_addr; flags dynamic; }"] + self.named_sets()
        if w.chance(0.06):
            table.flags = "dormant"
        # Chains to jump to: each only to those behind it.
        for side, hooks in (("i", IN_HOOKS), ("o", OUT_HOOKS)):
            if table.family == "netdev":
                hooks = ("ingress",) if side == "i" else ("egress",)
            if side == "o" and not w.chance(0.5):
                continue
            names = [f"{side}{letter}" for letter in "abc"[:self.random.randint(0, 3)]]
            for i in reversed(range(len(names))):
                chain = Chain(names[i], "")
                self.fill(chain, table, "any", names[i + 1:], 4)
                table.chains.insert(0, chain)
            for i in range(self.random.randint(1, 3)):
                hook = w.one(*hooks)
                device = f'device "{w.one("srv0", "srv0", "oth0")}"' if hook in ("ingress", "egress") else ""
                table.chains.append(self.base(table, hook, i, names, device))
        return table

    def named_sets(self):
        w = self.words
        elements = lambda of: ", ".join(w.some(of))
        return [f"set a4 {{ type ipv4_addr; flags interval; elements = {{ {elements(('10.9.0.0/30', '10.8.0.0/16', '198.51.100.1-198.51.100.6', '203.0.113.9'))} }} }}",
                f"set a6 {{ type ipv6_addr; flags interval; elements = {{ {elements(('fd09::/127', 'fd08::4-fd08::5', 'fd09::5'))} }} }}",
                f"set p {{ type inet_service; flags interval; elements = {{ {elements(('1-52', '53', '80-443', '2000-6000', '9999'))} }} }}",
                f"set c4 {{ type ipv4_addr . inet_service; flags interval; elements = {{ {elements(('10.9.0.0/24 . 22-80', '10.8.0.0/16 . 0-65535', '198.51.100.7 . 443'))} }} }}",
                "set ifs { type ifname; flags interval; elements = { \"sr*\", \"eth0\" } }",
                "map v { type inet_service : verdict; elements = { 22 : accept, 9999 : drop } }",
                "map m4 { type ipv4_addr : mark; flags interval; elements = { 10.9.0.0/24 : 0x1, 10.8.0.0/24 : 0x2 } }"]

    # ---- the whole ----

    def ruleset(self):
        w = self.words
        w.is_random = False
        tables = []
        self.is_beside_legacy = False
        if w.chance(0.3):
            versions, backend = w.one((4,), (6,), (4, 6)), w.one("", "-legacy")
            tables += [t for v in versions for t in {t.name: t for t in (self.iptables(v, backend) for _ in range(self.random.randint(1, 3)))}.values()]
            self.is_beside_legacy = backend != ""
        if not tables or w.chance(0.3):
            tables += [self.table(i) for i in range(self.random.randint(1, 3))]
        if w.chance(0.1):  # no routed packet ever meets these
            other = Table(w.one("arp", "bridge"), "other")
            other.chains = [Chain(f"i{hook}", f"type filter hook {hook} priority 0; policy drop;") for hook in ("input", "output")]
            tables.append(other)
        found = Ruleset(tables)
        found.is_random = w.is_random
        return found

    def packet(self):
        """(protocol, source, destination, port, flags, state, device that it comes in by; "-": sent by the host)"""
        w = self.words
        v = w.one(4, 4, 4, 6, 6)
        proto = w.one("tcp", "tcp", "tcp", "udp")
        port = w.one(*TCP_PORTS) if proto == "tcp" else w.one(*UDP_PORTS)
        flags = "-" if proto == "udp" else w.one("S", "S", "S", "S", "S", "A")
        pick = self.random.random()
        if pick < 0.45:
            near = w.chance(0.75)
            return (proto, w.one(*(NEAR if near else OTHER)[v]), w.one(*HOST[v]), port, flags, "new", "srv0" if near else "oth0")
        if pick < 0.75:
            ends = (NEAR, OTHER, "srv0") if w.chance(0.7) else (OTHER, NEAR, "oth0")
            return (proto, w.one(*ends[0][v]), w.one(*ends[1][v]), port, flags, "new", ends[2])
        if pick < 0.79:
            return (proto, NEAR[v][0], NEAR[v][1], port, flags, "new", "srv0")  # back where it came from
        if pick < 0.83:
            return (proto, w.one(*NEAR[v]), w.one(*OTHER[v]), port, flags, "new", "oth0")  # from the wrong side
        if pick < 0.90:
            itself = ("127.0.0.1",) if v == 4 else ("::1",)
            ends = w.one((HOST[v], HOST[v]), (HOST[v], HOST[v]), (itself, itself), (HOST[4], itself) if v == 4 else (HOST[6], HOST[6]))
            return (proto, w.one(*ends[0]), w.one(*ends[1]), port, flags, "new", "-")
        to = w.one(*(NEAR[v] + OTHER[v]))
        source = HOST[v][0] if to.startswith(("10.9", "fd09")) else "198.51.100.1" if v == 4 and to.startswith("198") else HOST[v][-1]
        return (proto, source, to, port, flags, "new", "-")

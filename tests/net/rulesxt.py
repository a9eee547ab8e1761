"""Random rules of iptables and ip6tables, for rulesgen.py. A mixin: needs the generator's random and words."""
from ruleshost import HOST, NETWORKS, PORTS, TCP_PORTS, Chain, Table


class Xtables:
    def xt_match(self, v, table, chain):
        w = self.words
        address = lambda: w.one(w.address(v), w.one(*NETWORKS[v]))
        turned = lambda: "! " if w.chance(0.2) else ""
        proto = w.one("tcp", "tcp", "udp")
        ports = ",".join(map(str, w.some(PORTS)))
        choices = [f"{turned()}-s {address()}", f"{turned()}-d {address()}", f"-p {proto} {turned()}--dport {w.one(*PORTS)}", f"-p {proto} --dport {w.one('1:79', '80:500', '8000:65535')}",
                   f"-p {proto} -m multiport {turned()}--dports {ports}", f"-p {proto} -m multiport --ports {ports},9000:9999",
                   f"-m conntrack {turned()}--ctstate {w.one('NEW', 'ESTABLISHED', 'INVALID', 'NEW,UNTRACKED', 'RELATED,ESTABLISHED', 'DNAT', 'SNAT')}",
                   f"-m conntrack --ctdir {w.one('ORIGINAL', 'REPLY')}", f"-m conntrack {turned()}--ctorigsrc {address()}", f"-m conntrack {turned()}--ctreplsrc {address()}",
                   f"-p tcp -m conntrack {turned()}--ctorigdstport {w.one('80', '22', '1:1000')}", f"-m conntrack {turned()}--ctstatus {w.one('CONFIRMED', 'SEEN_REPLY', 'NONE')}",
                   f"-m mark {turned()}--mark {w.one('0x1', '0x0', '0x10/0xf0', '0x2/0x2')}", f"-m connmark {turned()}--mark {w.one('0x1', '0x0', '0x2/0x2')}",
                   f"-m addrtype {turned()}--dst-type {w.one('LOCAL', 'UNICAST', 'BROADCAST')}", f"-m addrtype {turned()}--src-type {w.one('LOCAL', 'UNICAST')}",
                   "-p tcp --syn", "-p tcp ! --syn", "-p tcp --tcp-flags SYN,ACK ACK", f"-m pkttype --pkt-type {w.one('host', 'unicast', 'broadcast')}".replace("host", "unicast"),
                   "-m length --length 3000:65535", "-m comment --comment x", f"{turned()}-p {proto}", "-m ttl --ttl-lt 10" if v == 4 else "-m hl --hl-gt 100",
                   f"-m iprange {turned()}--src-range {'10.9.0.1-10.9.0.2' if v == 4 else 'fd09::1-fd09::2'}"]
        if chain in ("PREROUTING", "INPUT", "FORWARD"):
            choices += [f"{turned()}-i {w.one('srv0', 'oth0', 'sr+', 'lo')}"] * 2
        if chain in ("FORWARD", "OUTPUT", "POSTROUTING"):
            choices += [f"{turned()}-o {w.one('srv0', 'oth0', 'ot+', 'lo')}"] * 2
        if chain == "PREROUTING" and table in ("raw", "mangle"):
            choices += [f"-m rpfilter {w.one('', '--invert', '--loose')}"]
        return w.one(*choices)

    def xt_target(self, v, table, chain, targets):
        w = self.words
        choices = ["-j ACCEPT", "-j DROP", "-j DROP", "-j RETURN", ""]
        choices += [f"{w.one('-j', '-j', '-g')} {t}" for t in targets] * 2
        if table == "filter":
            kinds = ("icmp-port-unreachable", "icmp-host-prohibited", "icmp-admin-prohibited") if v == 4 else ("icmp6-adm-prohibited", "icmp6-port-unreachable", "icmp6-no-route")
            choices += [f"-j REJECT --reject-with {w.one(*kinds)}", "-j REJECT", "-p tcp -j REJECT --reject-with tcp-reset"]
        if table == "mangle":
            choices += [f"-j MARK --set-mark {w.one('0x1', '0x2', '0x10')}", "-j MARK --or-mark 0x2", "-j MARK --set-xmark 0x1/0x3", "-j CONNMARK --set-mark 0x1",
                        "-j CONNMARK --save-mark", "-j CONNMARK --restore-mark"]
        if table == "raw":
            choices += ["-j CT --notrack"]
        if table == "nat" and chain in ("PREROUTING", "OUTPUT"):
            host = w.address(v)
            choices = [f"-p tcp -j REDIRECT --to-ports {w.one(*TCP_PORTS)}", f"-p tcp -j DNAT --to-destination {host if v == 4 else f'[{host}]'}:{w.one(*TCP_PORTS)}",
                       f"-j DNAT --to-destination {host}", "-j ACCEPT", "-j RETURN"]
        if table == "nat" and chain == "POSTROUTING":
            choices = ["-j MASQUERADE", f"-j SNAT --to-source {w.one(*HOST[v])}", "-j ACCEPT"]
        return w.one(*choices)

    def xt_rule(self, v, table, chain, targets):
        w = self.words
        for _ in range(20):
            matches = [self.xt_match(v, table, chain) for _ in range(self.random.choice((1, 1, 1, 2, 2)))]
            rule = " ".join(matches + [self.xt_target(v, table, chain, targets)])
            flags = [f for f in rule.split() if f in ("-s", "-d", "-p", "-i", "-o")]
            modules = [m for m in rule.split() if m in ("conntrack", "addrtype", "multiport", "mark", "connmark")]
            if len(flags) == len(set(flags)) and len(modules) == len(set(modules)) and rule.count("! -p") + rule.count("port") < 2:
                return rule
        return "-j ACCEPT"

    def iptables(self, v, backend=""):
        w = self.words
        name = w.one("filter", "filter", "mangle", "nat", "raw")
        table = Table("ip" if v == 4 else "ip6", name, ("iptables" if v == 4 else "ip6tables") + backend)
        hooks = {"filter": ("INPUT", "FORWARD", "OUTPUT"), "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
                 "nat": ("PREROUTING", "POSTROUTING", "OUTPUT"), "raw": ("PREROUTING", "OUTPUT")}[name]
        names = {"i": [f"i{n}" for n in "ab"], "o": ["oa"]} if name != "nat" else {"i": [], "o": []}
        for hook in hooks:
            side = "i" if hook in ("PREROUTING", "INPUT", "FORWARD") else "o"
            chain = Chain(hook, w.one("ACCEPT", "ACCEPT", "ACCEPT", "DROP") if name == "filter" else "ACCEPT")
            if side == "i" or w.chance(0.3):
                chain.rules = [self.xt_rule(v, name, hook, names[side]) for _ in range(self.random.randint(0, 5))]
            elif name == "filter":
                chain.head = "ACCEPT"
            table.chains.append(chain)
        for side, own in names.items():
            for i, jumped in enumerate(own):
                table.chains.append(Chain(jumped, "-", [self.xt_rule(v, name, "any", own[i + 1:]) for _ in range(self.random.randint(0, 3))]))
        return table

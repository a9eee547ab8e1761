"""What random rules and packets are made around (the host of ruleslib.py), and rulesets as tables of chains of rules\nthat can be written down and made smaller. Knows nothing of what rules mean.\n"""
import copy

HOST = {4: ("10.9.0.1", "10.9.0.3", "198.51.100.1", "10.8.0.1"), 6: ("fd09::1", "fd08::1")}
NEAR = {4: ("10.9.0.2", "198.51.100.7"), 6: ("fd09::2", "fd09::5")}  # behind srv0
OTHER = {4: ("10.8.0.5", "10.8.0.6"), 6: ("fd08::5", "fd08::6")}  # behind oth0
NETWORKS = {4: ("10.9.0.0/24", "10.8.0.0/15", "198.51.100.4/30", "10.9.0.0/31", "0.0.0.0/1", "10.0.0.0/8"),
            6: ("fd09::/64", "fd08::/15", "fd09::4/126", "fd00::/8", "::/1")}
TCP_PORTS, UDP_PORTS = (22, 80, 443, 2222, 8080, 9999), (53, 5353, 161)
PORTS = TCP_PORTS + UDP_PORTS


class Chain:
    def __init__(self, name, head, rules=()):
        self.name, self.head, self.rules = name, head, list(rules)


class Table:
    """One table of nft, or one of iptables-restore (loader iptables, ip6tables, each also with -legacy)."""

    def __init__(self, family, name, loader="nft"):
        self.family, self.name, self.loader, self.flags, self.more, self.chains = family, name, loader, "", [], []

    def text(self):
        if self.loader != "nft":
            heads = [f":{c.name} {c.head}" for c in self.chains]
            return "\n".join([f"*{self.name}"] + heads + [f"-A {c.name} {r}" for c in self.chains for r in c.rules] + ["COMMIT", ""])
        lines = [f"table {self.family} {self.name} {{"] + ([f"flags {self.flags};"] if self.flags else []) + self.more
        for chain in self.chains:
            lines += [f"chain {chain.name} {{", chain.head] + chain.rules + ["}"]
        return "\n".join(lines + ["}", ""])


class Ruleset:
    def __init__(self, tables):
        self.tables = tables
        self.is_random = False  # something in it cannot be foretold

    def texts(self):
        """[(loader, text)]"""
        found = []
        for loader in ("nft", "iptables", "ip6tables", "iptables-legacy", "ip6tables-legacy"):
            text = "".join(t.text() for t in self.tables if t.loader == loader)
            found += [(loader, text)] if text else []
        return found

    def without_line(self, loader, number):
        """The rule on this line of the loader's text is gone; False: no rule stands there."""
        at = 0
        for table in (t for t in self.tables if t.loader == loader):
            line = table.text().split("\n")[number - at - 1] if number - at <= table.text().count("\n") else None
            at += table.text().count("\n")
            if line is None:
                continue
            for chain in table.chains:
                for i, rule in enumerate(chain.rules):
                    if rule == line or f"-A {chain.name} {rule}" == line:
                        del chain.rules[i]
                        return True
            return False
        return False

    def smaller(self):
        """Each ruleset with one table, chain or rule less."""
        for t, table in enumerate(self.tables):
            less = copy.deepcopy(self)
            del less.tables[t]
            yield less
            for c, chain in enumerate(table.chains):
                less = copy.deepcopy(self)
                del less.tables[t].chains[c]
                yield less
                for r in range(len(chain.rules)):
                    less = copy.deepcopy(self)
                    del less.tables[t].chains[c].rules[r]
                    yield less

    def n_rules(self):
        return sum(len(c.rules) for t in self.tables for c in t.chains)

    def chains_out(self):
        return [c for t in self.tables for c in t.chains if c.name[0] == "o" or c.name in ("OUTPUT", "POSTROUTING")]

    def has_way_out(self):
        return any(c.rules or c.head for c in self.chains_out())

    def rejects(self):
        return "reject" in str(self).lower()

    def rejects_own(self):
        return any("reject" in rule.lower() for c in self.chains_out() for rule in c.rules)

    def __str__(self):
        return "".join(f"# {loader}\n{text}" for loader, text in self.texts())

"""Cases of diagnose: what firewalld keeps in its files is not what it runs, or looks as if it were not."""
import json

from caselib import Case, fault, healthy

ANYBODY = '<service name="ssh"/><service name="dhcpv6-client"/>'
RICH = ('<rule family="ipv4"><source address="192.0.2.0/24"/><port port="443" protocol="tcp"/><accept/></rule>')
NOT_TAKEN_UP, UNTIL_RELOAD = "firewalld has not taken that up", "only as firewalld runs"


def kept(content, name="public.xml", place="zones"):
    """A script: what stands in /etc/firewalld, on hosts that have none too."""
    return ("[ -d /etc/firewalld ] || { e=$(mktemp -d); cp -a /etc/. $e; mkdir $e/firewalld; mount --bind $e /etc; }\n"
            "[ -d /etc/firewalld/zones/here ] || { f=$(mktemp -d); mkdir -p $f/zones/here $f/services; chmod -R 755 $f; "
            "mount --bind $f /etc/firewalld; }\n"
            f"cat >/etc/firewalld/{place}/{name} <<'END'\n<?xml version=\"1.0\"?>\n{content}\nEND\n")


def zone(lines):
    return kept(f"<zone>\n<short>Public</short><!-- <port port=\"443\" protocol=\"tcp\"/> -->\n{lines}\n<forward/>\n</zone>")


def runs(lines):
    """As firewalld 1.3 writes its rules, without what they do not need here."""
    return ("table inet firewalld { chain filter_INPUT { type filter hook input priority filter + 10; policy accept;\n"
            "ct state { established, related } accept\niifname \"lo\" accept\njump filter_INPUT_ZONES\n"
            "reject with icmpx admin-prohibited\n}\n"
            "chain filter_INPUT_ZONES { goto filter_IN_public\n }\n"
            "chain filter_IN_public { jump filter_IN_public_allow\nmeta l4proto { icmp, ipv6-icmp } accept\n"
            "reject with icmpx admin-prohibited\n }\n"
            f"chain filter_IN_public_allow {{ tcp dport 22 ct state {{ new, untracked }} accept\n{lines}\n }} }}\n")


def says_nothing_of(words):
    def look(seen):
        return [f"somewhere: {words}"] if words in json.dumps(seen.document) else []
    return look


OPEN = "tcp dport 443 ct state { new, untracked } accept"
CLOSED = {"nft": runs("tcp dport 8443 accept"), "cure": "nft flush ruleset"}
CASES = [
    Case("firewalld keeps a port open that it does not run", "host-unreachable",
         fault("firewall.reject", "firewall", says=NOT_TAKEN_UP), server=zone('<port port="443" protocol="tcp"/>'), **CLOSED),
    Case("firewalld keeps a range of ports open that it does not run", "host-unreachable",
         fault("firewall.reject", "firewall", says="firewall-cmd --reload"),
         server=zone("<port protocol='tcp' port='440-450'/>"), **CLOSED),
    Case("firewalld keeps a service open that it does not run", "host-unreachable",
         fault("firewall.reject", "firewall", says=NOT_TAKEN_UP), server=zone('<service name="https"/>'), **CLOSED),
    Case("firewalld keeps a service of this host's own open that it does not run", "host-unreachable",
         fault("firewall.reject", "firewall", says=NOT_TAKEN_UP),
         server=zone('<service name="web"/>') + kept('<service><port port="443" protocol="tcp"/></service>', "web.xml", "services"),
         **CLOSED),
    Case("firewalld keeps another port open", "host-unreachable", fault("firewall.reject", "firewall"),
         server=zone('<port port="443" protocol="udp"/><port port="4433" protocol="tcp"/>' + ANYBODY),
         look=says_nothing_of(NOT_TAKEN_UP), **CLOSED),
    Case("firewalld keeps the port open for others", "host-unreachable", fault("firewall.reject", "firewall"),
         server=zone(RICH), look=says_nothing_of(NOT_TAKEN_UP), **CLOSED),
    Case("firewalld keeps the port open in another zone", "host-unreachable", fault("firewall.reject", "firewall"),
         server=zone(ANYBODY) + kept('<zone><port port="443" protocol="tcp"/></zone>', "work.xml"),
         look=says_nothing_of(NOT_TAKEN_UP), **CLOSED),
    Case("firewalld runs an open port that it does not keep", "answered", healthy(says=UNTIL_RELOAD),
         server=zone(ANYBODY), nft=runs(OPEN)),
    Case("firewalld runs an open port and keeps it", "answered", healthy(),
         server=zone('<service name="https"/>'), nft=runs(OPEN), look=says_nothing_of(UNTIL_RELOAD)),
    Case("firewalld runs an open port, and may keep it", "answered", healthy(),
         server=zone('<service name="unheard-of"/>'), nft=runs(OPEN), look=says_nothing_of(UNTIL_RELOAD)),
    Case("firewalld runs an open port, and what it keeps is cut off", "answered", healthy(),
         server=kept("<zone>\n<short>Public</short>\n<port port"), nft=runs(OPEN), look=says_nothing_of(UNTIL_RELOAD)),
]

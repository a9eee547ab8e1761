"""Cases of diagnose: policies of IPsec that stop a packet or its answer, and those that do not.

Each names the policy in the words of ip xfrm policy; of those beside it that fit less none is named.
"""
import json

from caselib import Case, fault, healthy, input_chain

DROP = input_chain('ip saddr 10.0.0.2 tcp dport 443 drop comment "culprit"')
ADD = "ip xfrm policy add "
IN, OUT = "src 10.0.0.2/32 dst 10.0.0.1/32 ", "src 10.0.0.1/32 dst 10.0.0.2/32 "
ESP = "tmpl proto esp mode transport"
FLUSH = "ip xfrm policy flush"
PASSING = {"ask": "10.1.0.2:443 --role router --from 10.0.0.2", "client": "10.1.0.2 443", "services": (),
           "on_client": "ip route add 10.1.0.0/24 via 10.0.0.1", "cure": FLUSH}


def stops(words, *certainty):
    """The fault, with these words of the guilty policy somewhere in the document."""
    return fault("net.ipsec-policy", "firewall", *certainty, says=words)


def summary(seen):
    return seen.document["summary"]


def behind(place):
    """This host is the router: the service is on another one, 10.1.0.2."""
    place.add("backend")
    place.wire("server", "eth1", "10.1.0.1/24", "backend", "eth0", "10.1.0.2/24")
    place.server.shell("echo 1 >/proc/sys/net/ipv4/ip_forward")
    place.backend.shell("ip route add default via 10.1.0.1")
    place.serve("443", "backend")


def says(*words, never=()):
    """A look: all of these in the summary, and none of those in the whole."""
    def look(seen):
        whole = json.dumps(seen.document)
        return ([f"the summary lacks {w!r}: {summary(seen)}" for w in words if w not in summary(seen)] +
                [f"{w!r} is told: {whole}" for w in never if w in whole])
    return look


CASES = [
    Case("a policy blocks the client's packets", "timeout", stops("dir in action block", "proven"),
         server=ADD + "dir in " + IN + "action block priority 7", cure=FLUSH,
         look=says("src 10.0.0.2/32 dst 10.0.0.1/32 dir in", never=("dir out",))),
    Case("a policy of one port blocks, one of another port stands beside it", "timeout",
         stops("dport 443", "proven"), cure=FLUSH,
         server=ADD + "dir in " + IN + "proto tcp dport 80 action block priority 1\n" +
         ADD + "dir in " + IN + "proto tcp dport 443 action block priority 9",
         look=says("dport 443 dir in", never=("dport 80",))),
    Case("a policy wants the client's packets protected, and there is no association", "timeout",
         stops("no security association at all", "proven"), cure=FLUSH,
         server=ADD + "dir in " + IN + ESP, look=says("in the clear: src 10.0.0.2/32")),
    Case("a policy blocks the answer", "timeout", stops("dir out action block"), cure=FLUSH,
         server=ADD + "dir out " + OUT + "action block", look=says("blocks the answer: src 10.0.0.1/32")),
    Case("a policy wants the answer protected, and there is no association", "timeout",
         stops("no security association at all"), cure=FLUSH,
         server=ADD + "dir out " + OUT + ESP, look=says("dir out", never=("dir in priority",))),
    Case("a wide policy blocks before a narrow one that lets pass", "timeout", stops("src 10.0.0.0/24"), cure=FLUSH,
         server=ADD + "dir in " + IN + "priority 20 action allow\n" +
         ADD + "dir in src 10.0.0.0/24 dst 10.0.0.0/24 priority 10 action block",
         look=says("src 10.0.0.0/24", never=("src 10.0.0.2/32 dst 10.0.0.1/32 dir in action allow",))),
    Case("of two policies of one priority the older blocks", "timeout", stops("action block"), cure=FLUSH,
         server=ADD + "dir in " + IN + "priority 5 action block\n" +
         ADD + "dir in src 10.0.0.0/24 dst 10.0.0.1/32 priority 5 action allow"),
    Case("the default for packets without a policy is to block", "timeout", stops("getdefault"),
         server=ADD + "dir in src 10.0.0.9/32 dst 10.0.0.1/32 action block\nip xfrm policy setdefault in block",
         cure="ip xfrm policy setdefault in accept", look=says("the default", never=("10.0.0.9",))),
    Case("a policy of IPv6 blocks the client", "timeout", stops("src fd00::2/128"), services=("443 --address ::",),
         ask="443/tcp --from fd00::2", client="fd00::1 443 --source fd00::2", cure=FLUSH,
         server=ADD + "dir in src fd00::2/128 dst fd00::1/128 action block"),
    Case("a marked packet meets a policy of its mark", "timeout", stops("mark 0x7"), cure=FLUSH,
         nft="table inet m { chain p { type filter hook prerouting priority -150; "
             "tcp dport 443 meta mark set 7\n} }\n",
         server=ADD + "dir in " + IN + "mark 8 mask 0xff priority 1 action block\n" +
         ADD + "dir in " + IN + "mark 7 mask 0xff priority 2 action block", look=says("mark 0x7 mask 0xff")),
    Case("a router's policy blocks what it would pass on", "timeout", stops("dir fwd action block", "proven"),
         server=ADD + "dir fwd src 10.0.0.0/24 dst 10.1.0.0/24 action block", prepare=behind,
         look=says("src 10.0.0.0/24 dst 10.1.0.0/24 dir fwd"), **PASSING),
    Case("a router's policy blocks the answer that it would pass on", "timeout", stops("dir fwd action block"),
         server=ADD + "dir fwd src 10.1.0.2/32 dst 10.0.0.0/24 action block\n" +
         ADD + "dir in src 10.0.0.2/32 dst 10.1.0.2/32 action block", prepare=behind,
         look=says("the answer on its way through: src 10.1.0.2/32", never=("dir in action",)), **PASSING),
    Case("a router's policy wants what leaves protected, and there is no association", "timeout",
         stops("no security association at all"), prepare=behind,
         server=ADD + "dir out src 10.0.0.0/24 dst 10.1.0.0/24 " + ESP,
         look=says("on its way out", "dst 10.1.0.0/24 dir out"), **PASSING),
    Case("a healthy router with policies for itself and for others", "answered", healthy(), prepare=behind,
         server=ADD + "dir in src 10.0.0.2/32 dst 10.1.0.2/32 action block\n" +
         ADD + "dir fwd src 10.0.0.3/32 dst 10.1.0.2/32 action block", **{**PASSING, "cure": ""}),
    Case("a healthy host with policies for others", "answered", healthy(),
         server=ADD + "dir in src 10.0.0.3/32 dst 10.0.0.1/32 priority 1 action block\n" +
         ADD + "dir out src 10.0.0.1/32 dst 10.0.0.3/32 priority 1 " + ESP,
         noise=("10.0.0.1 443 --source 10.0.0.3",)),
    Case("a healthy host with a narrow policy that lets pass before a wide one", "answered", healthy(),
         server=ADD + "dir in " + IN + "priority 10 action allow\n" +
         ADD + "dir in src 10.0.0.0/24 dst 10.0.0.0/24 priority 20 action block",
         noise=("10.0.0.1 443 --source 10.0.0.3",)),
    Case("a healthy host with a policy whose protection is optional", "answered", healthy(),
         server=ADD + "dir in " + IN + ESP + " level use\n" + ADD + "dir out " + OUT + ESP + " level use"),
    Case("a healthy host with a policy of another if_id", "answered", healthy(),
         server=ADD + "dir in " + IN + "if_id 5 action block\n" + ADD + "dir out " + OUT + "if_id 5 action block"),
    Case("a healthy host with a policy of another mark", "answered", healthy(),
         server=ADD + "dir in " + IN + "mark 5 mask 0xff action block"),
    Case("policies of another if_id and mark, another client's blocked, and a rule for this one", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), nft=DROP, noise=("10.0.0.1 443 --source 10.0.0.3",),
         server=ADD + "dir in " + IN + "if_id 5 action block\n" + ADD + "dir in " + IN + "mark 5 mask 0xff " + ESP +
         "\n" + ADD + "dir in src 10.0.0.3/32 dst 10.0.0.1/32 action block",
         look=says(never=("if_id 0x5", "mark 0x5"))),
]

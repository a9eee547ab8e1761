"""What may be seen on the cables and on lo of a packet of which rules_path has told its way, for test_rules_random.py.
Sends nothing, hears nothing.
"""
from ruleslib import TCP_OPEN, UDP_OPEN, is_v6

NOTHING, ANYTHING = None, "anything"
REFUSED = {True: ("icmp", 1, 4), False: ("icmp", 3, 3)}  # by IPv6, by IPv4
BEFORE_LO = ("output", "route", "postrouting", "egress")  # who is stopped there is not seen on lo
ANSWERS = {"S": "synack", "PA": "ack", "-": "udp"}  # of a socket, to a packet of these flags
TAKEN_OVER = "a rule takes the packet over (fwd, synproxy)"


def word_of(packet):
    return "udp" if packet[0] == "udp" else "syn" if packet[4] == "S" else "ack"


def is_sent(packet):
    """By this host itself."""
    return packet[6] == "-"


def is_error(kind):
    return kind == "rst" or isinstance(kind, tuple)


def refusal(leg):
    is_reset, kind, code = leg["reject"]
    return "rst" if is_reset else ("icmp", kind, code)


def is_served(packet, said):
    return packet[4] != "A" and said["port"] in (TCP_OPEN if packet[0] == "tcp" else UDP_OPEN)


def expectation(packet, said, ruleset):
    return (Inside if is_sent(packet) and said["local"] else Expectation)(packet, said, ruleset)


class Expectation:
    """Of a packet that comes in or leaves: kinds of answers, NOTHING, ANYTHING; where it leaves is exact."""

    def __init__(self, packet, said, ruleset):
        self.kinds, self.left, self.why, self.is_answer = {NOTHING}, None, [], False
        self.packet, self.said = packet, said
        # What the host says of its own meets the rules of the way out, too.
        self.own = {NOTHING, ANYTHING} if ruleset.rejects_own() else {NOTHING} if ruleset.has_way_out() else set()
        self.judge()

    def unsure(self, leg):
        self.kinds, self.why = {ANYTHING}, leg["why"]
        if self.is_proxied(leg):
            self.kinds, self.why = {"synack", NOTHING} | self.own, []  # of what it says nothing is foretold

    def is_proxied(self, leg):
        """A rule answers for the server: what it does with the SYN is not unsure."""
        return leg["why"] == [TAKEN_OVER] and not self.said["asked"] and self.packet[4] == "S" and leg["at"] != "ingress"

    def leave(self, kind, leg):
        self.kinds = {kind}
        self.left = None if self.said["asked"] else self.said["left"][leg]

    def judge(self):
        request = self.said["request"]
        if request["verdict"] == "unsure":
            self.unsure(request)
        elif request["verdict"] == "reject" and not is_sent(self.packet):
            self.kinds = {refusal(request)} | self.own
        elif request["verdict"] == "accept":
            self.judge_accepted()

    def judge_accepted(self):
        proto, flags = self.packet[0], self.packet[4]
        if self.said["forwarded"] or is_sent(self.packet):
            self.leave(word_of(self.packet), 0)
        elif not is_served(self.packet, self.said):
            self.kinds = {"rst" if proto == "tcp" else REFUSED[is_v6(self.packet[1])]} | self.own
        else:
            self.judge_reply(ANSWERS[flags])

    def judge_reply(self, word):
        """Of an answer of this host, or of one that it passes on."""
        reply, self.is_answer = self.said["reply"], True
        if reply["verdict"] == "unsure":
            self.unsure(reply)
        elif reply["verdict"] == "accept":
            self.leave(word, 1)
        elif reply["verdict"] == "reject" and not self.said["local"]:
            self.kinds = {refusal(reply)} | self.own
        elif reply["verdict"] == "reject":
            self.kinds = {NOTHING} | self.own  # it is told itself, and what it is told may be refused as well

    def turn(self):
        """From here on: of what the far end answers."""
        self.kinds, self.left, self.why = {NOTHING}, None, []
        self.judge_reply(ANSWERS[self.packet[4]])
        if is_sent(self.packet) and self.said["reply"]["verdict"] == "accept":  # nobody waits for it
            self.left = None
            self.kinds = {"rst" if self.packet[0] == "tcp" else REFUSED[is_v6(self.packet[1])]} | self.own

    def is_far(self):
        """Another host is to answer it."""
        return self.said["reply"] and not self.said["local"] and ANYTHING not in self.kinds

    def n_frames(self):
        """That must be seen."""
        return 0 if self.kinds & {NOTHING, ANYTHING} else 1

    def is_met_by(self, seen):
        if ANYTHING in self.kinds:
            return True
        seen = [s for s in seen if s.device != "lo"]  # refused by itself
        if not seen:
            return NOTHING in self.kinds
        if any(s.kind not in self.kinds for s in seen):
            return False
        return not self.left or all(tuple(s[:1] + s[2:]) == tuple(self.left) for s in seen)

    def __str__(self):
        return f"{self.kinds} {self.left}"


class Inside:
    """Of a packet from this host to itself: everything that must be seen on lo, in any order, and the kinds that may."""

    def __init__(self, packet, said, ruleset):
        self.packet, self.said, self.why, self.is_answer = packet, said, [], False
        self.must, self.may, self.is_open = [], set(), ruleset.rejects()  # whatever is refused may be refused in turn
        self.is_way_out_free = not ruleset.has_way_out()
        self.judge()
        self.kinds = {ANYTHING} if self.why else {k for k, _ in self.must} or {NOTHING}

    def see(self, kind, leg=None):
        left = None if leg is None or self.said["asked"] else self.said["left"][leg]
        self.must.append((kind, left and tuple(left)))

    def see_before_the_end(self, kind, leg):
        """Of a leg that ends at the place told, or, where it depends, perhaps before."""
        if self.said["asked"] and self.said[("request", "reply")[leg]]["verdict"] != "accept":
            self.may.add(kind)
        else:
            self.see(kind, leg)

    def see_error(self, kind):
        """That the host itself says, through the rules of its way out."""
        if self.is_way_out_free and not self.said["asked"]:
            self.see(kind)
        self.may.add(kind)

    def judge(self):
        request = self.said["request"]
        if request["verdict"] == "unsure":
            self.why = request["why"]
            return
        if request["verdict"] == "accept" or request["at"] not in BEFORE_LO:
            self.see_before_the_end(word_of(self.packet), 0)
        if request["verdict"] == "reject" and request["at"] not in BEFORE_LO:
            self.see_error(refusal(request))
        if request["verdict"] != "accept":
            return
        if is_served(self.packet, self.said):
            self.judge_reply()
        else:
            self.see_error(self.error())

    def error(self):
        return "rst" if self.packet[0] == "tcp" else REFUSED[is_v6(self.packet[1])]

    def judge_reply(self):
        reply, self.is_answer = self.said["reply"], True
        if reply["verdict"] == "unsure":
            self.why = reply["why"]
            return
        if reply["verdict"] == "accept" or reply["at"] not in BEFORE_LO:
            self.see_before_the_end(ANSWERS[self.packet[4]], 1)
        if reply["verdict"] == "accept":
            self.see_error(self.error())  # nobody waits for it
        elif reply["verdict"] == "reject" and reply["at"] not in BEFORE_LO and refusal(reply) == "rst":
            self.see_error("rst")  # of ICMP's nobody could tell whose it is

    def n_frames(self):
        return 0 if self.why else len(self.must)

    @staticmethod
    def is_far():
        return False

    def is_met_by(self, seen):
        if self.why:
            return True
        fits = lambda s, must: s.kind == must[0] and must[1] in (None, tuple(s[:1] + s[2:]))
        if not all(any(fits(s, m) for s in seen) for m in self.must):
            return False
        return all(any(fits(s, m) for m in self.must) or s.kind in self.may or (self.is_open and is_error(s.kind)) for s in seen)

    def __str__(self):
        return f"all of {self.must}, perhaps {self.may}"

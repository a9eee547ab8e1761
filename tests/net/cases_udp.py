"""Cases of diagnose: the same for UDP, where silence may be an answer."""
from caselib import Case, fault, healthy, input_chain

UDP = {"client": "10.0.0.1 5353 --udp", "ask": "5353/udp --from 10.0.0.2"}
SERVED = {**UDP, "services": ("5353 --udp",)}
MARK = 'comment "culprit"'


def others_of(seen):
    """What a name of two ports must tell beside the worst of them."""
    got = [(o["proto"], o["port"], o["verdict"], o["cause"]) for o in seen.document.get("others", ())]
    if got != [("udp", 53, "healthy", None)]:
        yield f"the other port is told as {got}"
    if (seen.document["target"]["proto"], seen.document["target"]["port"]) != ("tcp", 53):
        yield f"the document is of {seen.document['target']}"


CASES = [
    Case("a UDP service that answers", "answered", healthy(), **SERVED),
    Case("a UDP service that answers behind a policy", "answered", healthy(), **SERVED,
         nft=input_chain("udp dport { 53, 5353 } accept", "drop")),
    Case("UDP and nobody listens", "refused", fault("server.not-listening", "server"), services=(), **UDP),
    Case("UDP asked for where TCP is served", "refused", fault("server.transport-mismatch", "server"),
         services=("5353",), **UDP),
    Case("UDP on loopback only", "refused", fault("server.loopback-only", "server"),
         services=("5353 --udp --address 127.0.0.1",), **UDP),
    Case("UDP rejected by a rule", "refused",
         fault("firewall.reject", "firewall", rule="culprit", reject=(3, 3)), **SERVED,
         nft=input_chain(f"udp dport 5353 reject {MARK}")),
    Case("UDP dropped by a rule", "timeout", fault("firewall.drop", "firewall", rule="culprit"), **SERVED,
         nft=input_chain(f"udp dport 5353 drop {MARK}")),
    Case("UDP dropped by a policy that accepts TCP", "timeout",
         fault("firewall.policy-drop", "firewall", near_miss="culprit"), **SERVED,
         nft=input_chain(f"tcp dport 5353 accept {MARK}", "drop")),
    Case("a name of two ports: one document, of the worst", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), ask="dns --from 10.0.0.2", client="10.0.0.1 53",
         services=("53", "53 --udp"), noise=("10.0.0.1 53 --udp --source 10.0.0.2",),
         nft=input_chain(f"tcp dport 53 drop {MARK}"), look=others_of),
    # A protocol may be one that never answers: not to call that a fault is right too.
    Case("a UDP service that reads and never answers", "timeout",
         fault("server.no-answer", "server", "likely", "proven", or_unknown=True),
         services=("5353 --udp --manner mute",), **UDP),
]

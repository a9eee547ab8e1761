"""Cases of diagnose: the handshake is done, and the conversation behind it goes wrong; and traps where it does not."""
import dataclasses
import os

from caselib import Expect, fault, healthy, unknown

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
# The next link of the client's router takes less than the client's own card announces.
NARROW = "ip link set eth1 mtu 1000"
NO_ICMP = ("nft 'add table ip f; add chain ip f o { type filter hook output priority 0; }; "
           "add rule ip f o icmp type destination-unreachable drop'")
# The client's kernel loses its connections without a word: as behind a NAT that gives a port out again.
FORGETFUL = ("nft 'add table ip f; add chain ip f o { type filter hook output priority 0; }; "
             "add rule ip f o tcp flags & (fin | rst) != 0 drop'")
# The kernel has no netem here: the same by chance in the router's rules.
LOSSY = ("nft 'add table ip f; add chain ip f w { type filter hook forward priority 0; }; "
         "add rule ip f w oifname eth1 numgen random mod 100 < 33 drop'")
# Nothing reaches the client any more, once its question has been taken; it speaks on.
GOES_AWAY = ("nft 'add table ip f; add chain ip f i { type filter hook input priority 0; }; "
             "add rule ip f i tcp sport 443 tcp flags & syn == 0 drop'")
REUSED = "10.0.0.1 443 --speak http --source-port 40123 --every 0.3"


@dataclasses.dataclass
class Case:
    name: str
    sees: str  # what the client sees; several words if they differ
    expect: Expect
    serves: str  # stream_service.py, or "nginx ..." with the lines of a server block
    asks: str = "10.0.0.1 443"  # stream_client.py
    others: tuple = ()  # further clients
    ask: str = "443/tcp --from 10.0.0.2"
    layout: str = "link"
    on_client: str = ""
    on_router: str = ""
    nft: str = ""  # on the server
    injects: str = ""  # stream_injector.py on the router
    settle: float = 0.8
    before: str = ""  # a manner of the service that answered for a while before
    log: str = ""
    and_that: str = ""  # what else must stand in the document


def no_fault():
    """Nothing is sure enough to be told as the fault."""
    return Expect("healthy", {None}, certainty={"proven", "possible", None}, or_unknown=True)


def from_router(**more):
    return {"layout": "routed", "ask": "443/tcp --from 192.0.2.2", **more}


TLS = "443 --manner tls --certificate CERTIFICATE"
SPEAK_TLS = "10.0.0.1 443 --speak tls"

CASES = [
    # ---- server.tls-mismatch
    Case("TLS to a port of plain HTTP", "no-tls reset closed", fault("server.tls-mismatch", "server", "likely"),
         "443 --manner http", SPEAK_TLS, and_that="ClientHello for www.example.org"),
    Case("TLS to a mail server that greets first", "no-tls", fault("server.tls-mismatch", "server", "proven"),
         "443 --manner smtp", SPEAK_TLS),
    Case("TLS to nginx's port of plain HTTP", "no-tls", fault("server.tls-mismatch", "server", "proven"),
         "nginx listen 443;", SPEAK_TLS),
    # It closes with the question unread, so that its kernel resets: that much is sure.
    Case("plain HTTP to a port of TLS that hangs up", "closed reset",
         fault("server.resets-after-accept", "server", "likely"), TLS, and_that='"cause": "server.tls-mismatch"'),
    Case("one speaks plain HTTP to a port of TLS, others are served", "closed reset",
         Expect("healthy", {None}, certainty={"proven"}, or_unknown=True), TLS, ask="443/tcp",
         others=("10.0.0.1 443 --speak tls --source 10.0.0.3 --every 0.2",)),
    Case("plain HTTP to nginx's port of TLS", "answered", fault("server.tls-mismatch", "server", "proven"),
         "nginx listen 443 ssl;", and_that="plain HTTP was sent"),
    Case("TLS to a port of TLS", "answered", healthy(), TLS, SPEAK_TLS),
    Case("TLS 1.2 to a port of TLS", "answered", healthy(), TLS + " --most TLSv1_2", SPEAK_TLS),
    Case("TLS to nginx's port of TLS", "answered", healthy(), "nginx listen 443 ssl;", SPEAK_TLS),
    Case("plain HTTP to a port of plain HTTP", "answered", healthy(), "443 --manner http"),
    # ---- server.tls-alert
    Case("no TLS version in common", "alert", fault("server.tls-alert", "server", "proven"),
         TLS + " --least TLSv1_3", SPEAK_TLS + " --most TLSv1_2", and_that="protocol version"),
    Case("a client that does not trust the certificate, TLS 1.2", "untrusted",
         fault("server.tls-alert", "server", "proven"), TLS + " --most TLSv1_2", SPEAK_TLS + " --trusts nobody",
         and_that="unknown CA"),
    Case("a client that does not trust the certificate, TLS 1.3", "untrusted",
         fault("server.tls-alert", "server", "proven"), TLS, SPEAK_TLS + " --trusts nobody", and_that="unknown CA"),
    Case("a certificate for another name", "untrusted", fault("server.tls-alert", "server", "proven"),
         TLS + " --most TLSv1_2", SPEAK_TLS + " --trusts CERTIFICATE --name other.example.org",
         and_that="for other.example.org"),
    Case("a name that the service does not have", "alert no-tls", fault("server.tls-alert", "server", "proven"),
         TLS + " --name www.example.org", SPEAK_TLS + " --name nobody.example.org", and_that="unrecognized name"),
    Case("a certificate of the client is wanted, TLS 1.2", "alert", fault("server.tls-alert", "server", "proven"),
         TLS + " --most TLSv1_2 --wants-certificate", SPEAK_TLS),
    Case("a client that trusts the certificate", "answered", healthy(), TLS, SPEAK_TLS + " --trusts CERTIFICATE"),
    # ---- server.protocol-mismatch
    Case("SSH to a port of HTTP", "answered closed", fault("server.protocol-mismatch", "server", "likely"),
         "443 --manner http", "10.0.0.1 443 --speak ssh"),
    Case("SSH to nginx", "answered closed", fault("server.protocol-mismatch", "server", "proven"), "nginx listen 443;", "10.0.0.1 443 --speak ssh"),
    Case("HTTP to a port of SSH", "answered", fault("server.protocol-mismatch", "server", "proven"),
         "443 --manner ssh"),
    Case("TLS to a port of SSH", "no-tls", fault("server.protocol-mismatch", "server", "proven"),
         "443 --manner ssh", SPEAK_TLS),
    Case("HTTP to a port of mail", "answered", fault("server.protocol-mismatch", "server", "proven"),
         "443 --manner smtp"),
    Case("SSH to a port of SSH", "answered", healthy(), "443 --manner ssh", "10.0.0.1 443 --speak ssh --listens-first"),
    Case("mail to a port of mail", "answered", healthy(), "443 --manner smtp",
         "10.0.0.1 443 --speak smtp --listens-first"),
    # ---- server.proxy-header
    Case("a PROXY header to nginx that takes none", "answered", fault("server.proxy-header", "server", "proven"),
         "nginx listen 443;", "10.0.0.1 443 --speak proxy"),
    Case("no PROXY header where one is expected, and nobody sends it", "closed",
         unknown("server.proxy-header", "server.tls-mismatch", step="server"), "443 --manner proxied",
         and_that="server.proxy-header"),
    Case("a PROXY header where one is expected", "answered", healthy(), "443 --manner proxied",
         "10.0.0.1 443 --speak proxy"),
    Case("a PROXY header to nginx that takes it", "answered", healthy(), "nginx listen 443 proxy_protocol;",
         "10.0.0.1 443 --speak proxy"),
    # ---- server.resets-after-accept
    Case("a service that aborts what it accepted", "reset closed",
         fault("server.resets-after-accept", "server", "proven"), "443 --manner abort"),
    Case("a service that aborts unheard", "reset closed", fault("server.resets-after-accept", "server", "proven"),
         "443 --manner abort-unheard", "10.0.0.1 443 --speak http --listens-first"),
    Case("a service that aborted until now", "answered", healthy(), "443 --manner http", before="443 --manner abort --for 3"),
    Case("a firewall resets what follows the handshake", "reset",
         Expect("fault", {"firewall.reject", "firewall.drop"}, "firewall"), "443 --manner http",
         nft="table inet f { chain i { type filter hook input priority 0; policy accept;\n"
             "tcp dport 443 ct state established ip saddr 10.0.0.2 tcp flags & (syn|rst|psh) == psh counter "
             "reject with tcp reset\n} }\n"),
    # ---- server.access-denied-by-application, server.connection-limit
    Case("a service that says it is full", "answered", fault("server.connection-limit", "server", "proven"),
         "443 --manner full", "10.0.0.1 443 --speak nothing --listens-first"),
    Case("a service that says no", "answered closed reset",
         fault("server.access-denied-by-application", "server", "proven"),
         "443 --manner denied", "10.0.0.1 443 --speak smtp --listens-first"),
    Case("a service that hangs up without the greeting that belongs to its port", "closed reset",
         unknown("server.access-denied-by-application", "server.connection-limit", step="server"),
         "25 --manner close", "10.0.0.1 25 --speak nothing --listens-first", ask="25/tcp --from 10.0.0.2"),
    Case("a service that hangs up on a client that asks nothing", "closed reset",
         healthy(), "443 --manner close", "10.0.0.1 443 --speak nothing --listens-first"),
    Case("a client that looks only whether the port is open", "connected",
         healthy("proven", "likely"), "443 --manner http", "10.0.0.1 443 --hangs-up"),
    Case("a service that waits long before it hangs up on silence", "closed",
         Expect("healthy", {None}, certainty={"proven"}, or_unknown=True), "443 --manner idle",
         "10.0.0.1 443 --speak nothing --listens-first", settle=0.2),
    # ---- client.mtu-black-hole
    Case("large answers are lost on a narrow link", "silent", fault("client.mtu-black-hole", "client", "likely"),
         "443 --manner large", settle=2.5, on_router=NARROW + ";" + NO_ICMP, **from_router()),
    Case("large questions are lost on a narrow link", "silent",
         fault("client.mtu-black-hole", "client", "likely"), "443 --manner takes-all",
         "10.0.0.1 443 --speak large", settle=2.5, on_router="ip link set eth0 mtu 1000;" + NO_ICMP, **from_router()),
    Case("a narrow link whose router says so", "answered", healthy(), "443 --manner large", on_router=NARROW,
         **from_router()),
    Case("large answers on a wide link", "answered", healthy(), "443 --manner large", **from_router()),
    Case("small answers pass a narrow link, large ones do not", "silent",
         fault("client.mtu-black-hole", "client", "likely"), "443 --manner greets-then-large",
         "10.0.0.1 443 --reads-all", settle=2.5,
         on_router=NARROW + ";" + NO_ICMP, and_that="tcp_mtu_probing", **from_router()),
    Case("a narrow link on the way back, and answers that fit", "answered", healthy(), "443 --manner http",
         on_router=NARROW + ";" + NO_ICMP, **from_router()),
    Case("a link that loses every third packet of large answers", "answered silent timeout",
         no_fault(), "443 --manner large", settle=2.5, on_router=LOSSY, **from_router()),
    Case("a link that loses two of three packets of large answers", "answered silent timeout",
         no_fault(), "443 --manner large", settle=2.5,
         on_router=LOSSY.replace("< 33", "< 66"), **from_router()),
    Case("a client that reads nothing of a large answer", "idle", healthy(), "443 --manner endless",
         "10.0.0.1 443 --reads-nothing", settle=2.5, **from_router()),
    Case("a client that reads slowly", "answered", healthy(), "443 --manner endless",
         "10.0.0.1 443 --reads-slowly", settle=2.5, **from_router()),
    Case("a client that is gone in the middle of a large answer", "silent", no_fault(),
         "443 --manner late-large", settle=2.5, on_client=GOES_AWAY, **from_router()),
    Case("a service that has nothing to say", "closed",
         fault("server.no-answer", "server", or_unknown=True), "443 --manner mute",
         settle=2.5, on_router=NARROW + ";" + NO_ICMP, **from_router()),
    # ---- client.tuple-reuse
    Case("a port that is used again while its connection lives", "answered timeout silent",
         fault("client.tuple-reuse", "client", "proven", "likely"), "443 --manner idle", REUSED, settle=5,
         on_client=FORGETFUL),
    Case("a port that is used again and its old connection ended", "answered", healthy(), "443 --manner http", REUSED),
    # ---- firewall.middlebox-reset
    Case("a device between resets in the client's name", "reset closed silent answered",
         fault("firewall.middlebox-reset", "firewall", "likely"), "443 --manner idle", injects="443 40 both",
         **from_router()),
    Case("a client that aborts by itself, behind a router", "answered", healthy(), "443 --manner http",
         "10.0.0.1 443 --aborts", **from_router()),
]

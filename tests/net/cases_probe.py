"""Cases of probe: this host is the client. Each cause with the neighbour that must not be taken for it."""
import dataclasses

OUTPUT = "table inet f { chain o { type filter hook output priority 0;\n%s\n} }\n"
BEYOND = "table inet f { chain through { type filter hook forward priority 0;\n%s\n} }\n"
INPUT = "table inet f { chain i { type filter hook input priority 0;\n%s\n} }\n"
WEB = ("web1=10.0.0.1",)
BOTH = ("web1=10.0.0.1,fd00::1",)
# Answers stay small, so that only what the client sends is too big; nobody hears of that.
SMALL_LINK = ("ip link set eth0 mtu 1400; ip link set eth1 mtu 1500; "
              "nft 'add table inet f; add chain inet f o { type filter hook output priority 0; }; "
              "add rule inet f o icmp type destination-unreachable drop'")


@dataclasses.dataclass
class Case:
    name: str
    verdict: str
    cause: object = None  # id, or None
    certainty: tuple = ("proven",)
    ask: str = "10.0.0.1:443"
    layout: str = "link"
    services: tuple = ("443",)
    tls: str = ""  # words of `openssl s_server` beside -accept 443
    server: str = ""
    client: str = ""  # scripts
    router: str = ""
    nft: str = ""  # rules on the client
    router_nft: str = ""
    server_nft: str = ""
    names: object = None  # words of name_server.py; None: there is none
    hosts: str = ""  # of /etc/hosts
    resolv: str = "nameserver 10.0.0.1\noptions timeout:1 attempts:1\n"
    environment: dict = dataclasses.field(default_factory=dict)
    as_user: bool = False
    outcome: str = ""  # of the first address
    says: str = ""
    not_says: str = ""
    heard: str = ""  # of the first address
    second: str = ""  # what its second connection heard
    picky: tuple = ()  # words of picky_server.py
    prepare: str = ""  # words of holder.py on the client
    diagnose: bool = False  # `dport diagnose` says the same


CASES = [
    # ---- it is open ----
    Case("an open port is open", "healthy", outcome="connected", ask="10.0.0.1:8080", services=("8080",),
         heard="http-status", diagnose=True),
    Case("one that speaks first is heard", "healthy", ask="10.0.0.1:25", services=("25 --manner banner",),
         heard="greeting"),
    Case("an open port is open without any right", "healthy", ask="10.0.0.1:8080", services=("8080",), as_user=True),
    Case("a name in the name server leads to it", "healthy", ask="web1:8080", services=("8080",), names=WEB,
         says="NOERROR", diagnose=True),
    Case("a name in a searched domain leads to it", "healthy", ask="web1:8080", services=("8080",),
         names=("web1.example.net=10.0.0.1",), resolv="search example.org example.net\nnameserver 10.0.0.1\n",
         says="web1.example.net"),
    Case("both families work: nothing prefers anything that fails", "healthy", ask="web1:8080",
         services=("8080 --address :: --both",), names=BOTH),
    Case("old counts of a rule that does not meet this packet mean nothing", "healthy", ask="10.0.0.1:8080",
         services=("8080",), nft=OUTPUT % "tcp dport 443 counter packets 90 bytes 5400 drop"),

    # ---- names ----
    Case("a name that nobody has does not resolve", "fault", "client.name-unresolved", ask="nosuch.example.org:443",
         names=WEB, says="NXDOMAIN", diagnose=True),
    Case("a failing name server is told from a name that is not there", "fault", "client.name-unresolved",
         ask="web1:443", names=("--manner", "servfail"), says="SERVFAIL"),
    Case("a silent name server is told from one that says no", "fault", "client.name-unresolved", ("proven", "likely"),
         ask="web1:443", names=("--manner", "silent"), says="no answer in", not_says="NXDOMAIN"),
    Case("/etc/hosts hides the right address", "fault", "client.name-resolves-elsewhere", ("likely",), ask="web1:443",
         names=WEB, hosts="10.0.0.77 web1\n", says="10.0.0.1", diagnose=True),
    Case("/etc/hosts beside the name server, and it works: no fault", "healthy", ask="web1:8080", services=("8080",),
         names=("web1=10.0.0.77",), hosts="10.0.0.1 web1\n"),
    Case("the name has not the address that is expected", "fault", "client.name-resolves-elsewhere",
         ask="web1:443 --expect 10.0.0.9", names=WEB),
    Case("the name has the address that is expected", "healthy", ask="web1:8080 --expect 10.0.0.1", services=("8080",),
         names=WEB),

    # ---- IPv6 first ----
    Case("IPv6 is tried first and fails, IPv4 works", "fault", "client.prefers-ipv6", ask="web1:8080",
         services=("8080",), names=BOTH, diagnose=True),
    Case("IPv6 without a route is no preference: programs take IPv4 first", "healthy", ask="web1:8080",
         services=("8080",), names=BOTH, client="ip -6 addr flush dev eth0; ip -6 route flush dev eth0"),
    Case("IPv6 first, and neither works", "unknown", None, (None,), ask="web1:9999 --wait 1", names=BOTH),

    # ---- its own firewall ----
    Case("its own firewall drops what it sends", "fault", "client.egress-filtered",
         nft=OUTPUT % "ip daddr 10.0.0.1 tcp dport 443 counter drop", ask="10.0.0.1:443 --wait 2", outcome="timed-out",
         diagnose=True),
    Case("its own firewall drops it without counting", "fault", "client.egress-filtered", ask="10.0.0.1:443 --wait 2",
         nft=OUTPUT % "tcp dport 443 drop"),
    Case("its own firewall rejects it by a reset", "fault", "client.egress-filtered", outcome="refused",
         nft=OUTPUT % "meta l4proto tcp tcp dport 443 counter reject with tcp reset"),
    Case("its own firewall rejects it by ICMP", "fault", "client.egress-filtered",
         nft=OUTPUT % "ip daddr 10.0.0.1 tcp dport 443 reject with icmp admin-prohibited"),
    Case("the policy of its own firewall drops it", "fault", "client.egress-filtered", ask="10.0.0.1:443 --wait 2",
         nft="table inet f { chain o { type filter hook output priority 0; policy drop;\nudp dport 53 accept\n} }\n"),
    Case("another one's firewall that is silent is not ours", "unknown", None, (None,), ask="10.0.0.1:443 --wait 2",
         server_nft=INPUT % "tcp dport 443 drop", outcome="timed-out", diagnose=True),
    Case("a refusal over there is not our firewall", "unknown", None, (None,), ask="10.0.0.1:9999",
         nft=OUTPUT % "tcp dport 443 counter packets 50 bytes 300 reject with tcp reset", outcome="refused"),

    # ---- route and next hop ----
    Case("no route leads there", "fault", "client.no-route", ask="198.51.100.7:443", diagnose=True),
    Case("a blackhole route takes it", "fault", "client.no-route", client="ip route add blackhole 10.0.0.1/32"),
    Case("a prohibit route takes it", "fault", "client.no-route", client="ip route add prohibit 10.0.0.1/32",
         says="prohibit"),
    Case("its own ICMP net-unreachable is the firewall, not the route", "fault", "client.egress-filtered",
         nft=OUTPUT % "ip daddr 10.0.0.1 tcp dport 443 reject with icmp net-unreachable"),
    Case("nobody on the link has the address", "fault", "client.next-hop-unreachable", ask="10.0.0.66:443",
         says="FAILED", diagnose=True),
    Case("the gateway does not answer", "fault", "client.next-hop-unreachable", ask="198.51.100.7:443",
         client="ip route add default via 10.0.0.99", says="10.0.0.99"),
    Case("a router that finds nobody is not our next hop", "unknown", None, (None,), ask="10.0.0.66:443 --wait 5",
         layout="routed", says="192.0.2.254", outcome="error"),

    # ---- source ports ----
    Case("no source port is left for this target", "fault", "client.ephemeral-ports-exhausted", ask="10.0.0.1:8080",
         services=("8080 --manner idle",), prepare="10.0.0.1 8080 2",
         client="echo 40000 40001 >/proc/sys/net/ipv4/ip_local_port_range", diagnose=True),
    Case("ports that are busy with another target are free for this one", "healthy", ask="10.0.0.1:8080",
         services=("8080", "9090 --manner idle"), prepare="10.0.0.1 9090 2",
         client="echo 40000 40001 >/proc/sys/net/ipv4/ip_local_port_range"),

    # ---- a proxy ----
    Case("the direct way is closed, and a proxy is set", "unknown", "client.uses-proxy", ("possible",),
         ask="10.0.0.1:443 --wait 2", server_nft=INPUT % "tcp dport 443 drop",
         environment={"https_proxy": "http://me:secret@10.0.0.8:3128"}, says="10.0.0.8:3128", not_says="secret"),
    Case("a proxy is set, and not for this target", "unknown", None, (None,), ask="10.0.0.1:443 --wait 2",
         server_nft=INPUT % "tcp dport 443 drop",
         environment={"https_proxy": "http://10.0.0.8:3128", "no_proxy": "localhost,10.0.0.1"}),
    Case("a proxy is set, and the direct way is open", "healthy", ask="10.0.0.1:8080", services=("8080",),
         environment={"http_proxy": "http://10.0.0.8:3128"}),

    # ---- beyond ----
    Case("a router says administratively prohibited", "fault", "firewall.remote", layout="routed",
         router_nft=BEYOND % "tcp dport 443 reject with icmp admin-prohibited", says="192.0.2.254", diagnose=True),
    Case("a router over IPv6 says administratively prohibited", "fault", "firewall.remote", layout="routed",
         ask="[fd00::1]:443", router_nft=BEYOND % "tcp dport 443 reject with icmpv6 admin-prohibited",
         says="fd02::fe"),
    Case("the target itself rejects it by ICMP", "fault", "firewall.remote",
         server_nft=INPUT % "tcp dport 443 reject with icmp port-unreachable", says="the target itself"),
    Case("a router that has no route is no firewall", "unknown", None, (None,), ask="203.0.113.7:443", layout="routed",
         says="network unreachable"),

    # ---- what answers ----
    Case("a server of TLS that closes on plain HTTP is asked again with TLS", "fault", "server.tls-mismatch",
         tls="answer", services=(), ask="10.0.0.1:8080", heard="nothing", second="tls-server-hello",
         says="speaks TLS, not plain HTTP", diagnose=True),
    Case("a server of TLS that answers 400 to plain HTTP is asked again with TLS", "fault", "server.tls-mismatch",
         ("likely",), services=(), picky=("8080 tls-400",), ask="10.0.0.1:8080", heard="http-status",
         second="tls-server-hello", says="status 400"),
    Case("a server of plain HTTP that answers 400, and no TLS, only dislikes the question", "healthy", services=(),
         picky=("8080 bad-http",), ask="10.0.0.1:8080", heard="http-status", second="nothing"),
    Case("a server that closes on HTTP and on TLS may be anything", "unknown", None, (None,), services=(),
         picky=("8080 closes",), ask="10.0.0.1:8080", heard="nothing", second="nothing", says="closes the connection"),
    Case("a server of plain HTTP that closes on TLS is asked again without", "fault", "server.tls-mismatch",
         services=(), picky=("443 http",), heard="nothing", second="http-status", says="does not speak TLS"),
    Case("a server that closes on TLS and answers 400 to HTTP may be one of TLS in trouble", "unknown", None, (None,),
         services=(), picky=("443 bad-http",), heard="nothing", second="http-status"),
    Case("an answer of HTTP needs no second question", "healthy", ask="10.0.0.1:8080", services=("8080",),
         says='"second_talk": null'),
    Case("TLS to a port of plain text", "fault", "server.tls-mismatch", services=("443 --manner banner",),
         heard="greeting", diagnose=True),
    Case("a server of TLS answers the ClientHello", "healthy", tls="answer", services=(), heard="tls-server-hello"),
    Case("a server of TLS ends the handshake by an alert", "fault", "server.tls-alert", ("likely",), tls="-nocert",
         services=(), ask="web1:443", names=WEB, heard="tls-alert"),

    # ---- sizes ----
    Case("large packets vanish on the way", "fault", "client.mtu-black-hole", ("proven", "likely"),
         ask="10.0.0.1:8080 --mtu", services=("8080",), layout="routed", router=SMALL_LINK,
         server="ip link set eth0 mtu 1500", says="1400"),
    Case("large packets are too big, and that is told", "healthy", ask="10.0.0.1:8080 --mtu", services=("8080",),
         layout="routed", router="ip link set eth0 mtu 1400", says='"too_big_says": 1400'),
    Case("every size passes", "healthy", ask="10.0.0.1:8080 --mtu", services=("8080",), layout="routed",
         says='"largest": 1500'),
    Case("large packets vanish, and the MSS is clamped: TCP does not mind", "healthy", ask="10.0.0.1:8080 --mtu",
         services=("8080",), layout="routed",
         router=SMALL_LINK, server="ip link set eth0 mtu 1400"),

    Case("large packets vanish, which is found out without being asked for", "fault", "client.mtu-black-hole",
         ask="10.0.0.1:8080", services=("8080 --manner mute",), layout="routed", router=SMALL_LINK,
         server="ip link set eth0 mtu 1500", says="1400", second="nothing"),
    Case("a server that says nothing, and every size is acknowledged: no sizes are tried", "unknown", None, (None,),
         ask="10.0.0.1:8080", services=("8080 --manner mute",), layout="routed", says='"sizes": null',
         second="nothing"),

    # ---- datagrams ----
    Case("a name server answers", "healthy", ask="10.0.0.1:53/udp", services=(), names=WEB, outcome="answered",
         heard="dns-answer", diagnose=True),
    Case("a time server answers", "healthy", ask="10.0.0.1:123/udp", services=(), picky=("123 ntp",),
         outcome="answered", heard="ntp-answer"),
    Case("a service of UDP answers an empty datagram", "healthy", ask="10.0.0.1:9999/udp", services=("9999 --udp",),
         outcome="answered", heard="datagram"),
    Case("a service of UDP answers over IPv6 and without any right", "healthy", ask="[fd00::1]:9999/udp",
         services=("9999 --udp --address ::",), outcome="answered", as_user=True),
    Case("a name leads to a service of UDP", "healthy", ask="web1:9999/udp", services=("9999 --udp",), names=WEB,
         outcome="answered"),
    Case("nobody has the port of UDP", "unknown", None, (None,), ask="10.0.0.1:9999/udp", services=(),
         outcome="refused", says="nobody listens there", diagnose=True),
    Case("nobody has the port of UDP over IPv6", "unknown", None, (None,), ask="[fd00::1]:9999/udp", services=(),
         outcome="refused", says="nobody listens there"),
    Case("a service of UDP that says nothing is open or filtered", "unknown", None, (None,), outcome="silent",
         ask="10.0.0.1:9999/udp --wait 2", services=("9999 --udp --manner mute",), says="open or filtered"),
    Case("a firewall over there that drops UDP is open or filtered", "unknown", None, (None,), outcome="silent",
         ask="10.0.0.1:9999/udp --wait 2", services=("9999 --udp",), server_nft=INPUT % "udp dport 9999 drop",
         says="open or filtered", diagnose=True),
    Case("a router prohibits UDP", "fault", "firewall.remote", layout="routed", ask="10.0.0.1:9999/udp",
         services=("9999 --udp",), router_nft=BEYOND % "udp dport 9999 reject with icmp admin-prohibited",
         says="192.0.2.254", outcome="error"),
    Case("a router says in the target's place that nobody has the port", "fault", "firewall.remote", ("likely",),
         layout="routed", ask="10.0.0.1:9999/udp", services=("9999 --udp",),
         router_nft=BEYOND % "udp dport 9999 reject", says="192.0.2.254"),
    Case("the target itself prohibits UDP", "fault", "firewall.remote", ask="10.0.0.1:9999/udp",
         services=("9999 --udp",), server_nft=INPUT % "udp dport 9999 reject with icmp admin-prohibited",
         says="the target itself"),
    Case("its own firewall drops its datagrams", "fault", "client.egress-filtered", ask="10.0.0.1:9999/udp",
         services=("9999 --udp",), nft=OUTPUT % "udp dport 9999 counter drop", outcome="error",
         says="udp dport 9999 accept", diagnose=True),
    Case("its own firewall rejects its datagrams", "fault", "client.egress-filtered", ask="10.0.0.1:9999/udp",
         services=("9999 --udp",), nft=OUTPUT % "udp dport 9999 reject"),
    Case("its own firewall drops TCP, and UDP passes", "healthy", ask="10.0.0.1:9999/udp", services=("9999 --udp",),
         nft=OUTPUT % "tcp dport 9999 counter drop"),
    Case("no route leads to a port of UDP", "fault", "client.no-route", ask="198.51.100.7:53/udp", services=()),
    Case("nobody on the link has the address that is asked by UDP", "fault", "client.next-hop-unreachable",
         ask="10.0.0.66:53/udp", services=(), says="FAILED"),
    Case("the answer comes from another address", "fault", "server.udp-reply-source", ask="10.0.0.1:53/udp",
         services=(), server="ip addr add 10.0.0.9/24 dev eth0", picky=("53 elsewhere --other 10.0.0.9",),
         says="10.0.0.9", diagnose=True),
    Case("a datagram that could be anybody's comes from another address", "fault", "server.udp-reply-source",
         ("likely",), ask="10.0.0.1:9999/udp --wait 2", services=(), server="ip addr add 10.0.0.9/24 dev eth0",
         picky=("9999 elsewhere --other 10.0.0.9",), outcome="silent"),
    Case("the answer comes, and beside it one from another address", "healthy", ask="10.0.0.1:53/udp", services=(),
         server="ip addr add 10.0.0.9/24 dev eth0", picky=("53 both --other 10.0.0.9",), outcome="answered"),
    Case("the answer comes from another port: the service goes on there, and no fault is told", "unknown", None,
         (None,), ask="10.0.0.1:69/udp --wait 2", services=(), picky=("69 elsewhere",), outcome="silent",
         says='"stray": {'),

    # ---- not tried ----
    Case("without a datagram nothing is claimed", "unknown", None, (None,), ask="10.0.0.1:9999/udp --no-connect",
         services=("9999 --udp",)),
    Case("without a connection nothing is claimed", "unknown", None, (None,), ask="10.0.0.1:8080 --no-connect",
         services=("8080",)),
    Case("without a connection the route still tells", "fault", "client.no-route", ("likely",),
         ask="198.51.100.7:443 --no-connect"),
]

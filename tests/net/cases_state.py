"""Cases of diagnose: rules with a bound, and rules that disagree with connection tracking."""
import os

from caselib import Case, fault, healthy, input_chain, overflow_before, unknown
from caseplace import HERE, PYTHON, Broken, Client

MARK = 'comment "culprit"'
PASS = "iif lo accept\nct state established,related accept\n"
FAST = "10.0.0.1 443 --every 0.3"
OUT = "table inet out { chain output { type filter hook output priority filter; policy %s;\n%s\n} }\n"
RAW = "table inet raw { chain pre { type filter hook prerouting priority raw;\n%s\n} }\n"
RAW_OUT = "table inet rawout { chain out { type filter hook output priority raw;\n%s\n} }\n"


def limited(name, *certainty, sees="answered timeout", expect=None, **more):
    """Part of what the client sends comes above a bound."""
    wanted = {"extent": "some", "why": "explicit-deny", **(expect or {})}
    more = {"settle": 3, "client": FAST, **more}
    return Case(name, sees, fault("firewall.rate-limited", "firewall", *certainty, **wanted), **more)


def held(place):
    """Connections that stay open: they use a limit of connections up."""
    place.serve("444")
    script = ("import socket,time\nkept=[socket.create_connection(('10.0.0.1',443)) for _ in range(2)]\n"
              "print('ready',flush=True)\ntime.sleep(600)")
    holder = place.client.start(PYTHON, "-c", script)
    place.started.append(holder)
    if holder.stdout.readline() != b"ready\n":
        raise Broken("no connections: " + holder.stderr.read().decode())


class Ftp(Client):
    def __init__(self, host, words):  # pylint: disable=super-init-not-called
        self.process = host.start(PYTHON, os.path.join(HERE, "ftp_client.py"), *words.split())
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = b""


def ftp(place):
    """The service, and a client that speaks FTP in place of the plain one."""
    server = place.server.start(PYTHON, os.path.join(HERE, "ftp_server.py"), "10.0.0.1")
    place.started.append(server)
    if server.stdout.readline() != b"ready\n":
        raise Broken("service: " + server.stderr.read().decode())

    plain = place.call

    def call(words):
        if words.split()[1] not in ("passive", "active", "quiet"):
            return plain(words)
        client = Ftp(place.client, words)
        place.started.append(client.process)
        return client
    place.call = call


def file_transfer(name, sees, expect, manner="passive", **more):
    return Case(name, sees, expect, ask="21/tcp --from 10.0.0.2 --wait 6", client=f"10.0.0.1 {manner}", services=(),
                prepare=ftp, **more)


def one_sided(place):
    """What the server answers goes past the host in the middle."""
    place.add("backend")
    place.wire("server", "eth1", "10.1.0.1/24", "backend", "eth0", "10.1.0.2/24")
    place.wire("client", "eth1", "10.2.0.1/24", "backend", "eth1", "10.2.0.2/24")
    place.server.shell("echo 1 >/proc/sys/net/ipv4/ip_forward")
    place.client.shell("ip route add 10.1.0.0/24 via 10.0.0.1")
    place.backend.shell("ip route add 10.0.0.0/24 via 10.2.0.1")
    place.serve("443", "backend")


def through(place):
    """The same host in the middle, and the answer comes back through it."""
    place.add("backend")
    place.wire("server", "eth1", "10.1.0.1/24", "backend", "eth0", "10.1.0.2/24")
    place.server.shell("echo 1 >/proc/sys/net/ipv4/ip_forward")
    place.client.shell("ip route add 10.1.0.0/24 via 10.0.0.1")
    place.backend.shell("ip route add default via 10.1.0.1")
    place.serve("443", "backend")


CLOUD = os.path.join(HERE, "../fixtures/cloud")
NFT_OUT = "nft 'add table ip f; add chain ip f o { type filter hook output priority 0; }; add rule ip f o tcp dport 443 drop'"


def in_a_cloud(name, file, expect, sees="timeout", on_client=NFT_OUT, **more):
    """The client's packets do not get out: to this host it looks as if the cloud had stopped them."""
    noise = more.pop("noise", ("10.0.0.1 80 --source 10.0.0.3 --every 0.2",))
    return Case(name, sees, expect, ask=f"443/tcp --from 10.0.0.2 --wait 3 --cloud-rules {CLOUD}/{file}",
                on_client=on_client, noise=noise, **more)


def says(*words):
    """Sentences for what none of the evidence says."""
    def look(seen):
        text = str(seen.document)
        return [f"nowhere: {word}" for word in words if word not in text]
    return look


FORWARD = ("table inet filter {{ chain forward {{ type filter hook forward priority filter; policy drop;\n"
           "ct state established,related accept\n{0}tcp dport 443 accept\n}} }}\n")
INVALID_FORWARD = FORWARD.format(f"ct state invalid counter drop {MARK}\n")

CASES = [
    limited("a limit accepts, a counting rule drops the rest", "proven",
            nft=input_chain(f"{PASS}tcp dport 443 ct state new limit rate 30/minute burst 2 packets accept {MARK}\n"
                            "tcp dport 443 ct state new counter drop"), expect={"rule": "culprit", "if_fixed": ("healthy", None)}),
    limited("a limit accepts, the policy drops the rest", "likely", "proven",
            nft=input_chain(f"{PASS}tcp dport 443 ct state new limit rate 30/minute burst 2 packets counter accept {MARK}", "drop"),
            expect={"rule": "culprit"}),
    limited("a rule drops what comes over a rate", "proven",
            nft=input_chain(f"{PASS}tcp dport 443 ct state new limit rate over 30/minute burst 2 packets counter drop {MARK}"),
            expect={"rule": "culprit", "if_fixed": ("healthy", None)}),
    limited("a rate of each source, kept in a set", "proven", "likely",
            nft="table inet filter { set seen { type ipv4_addr; flags dynamic; size 1024; timeout 1m; }\n"
                f"chain input {{ type filter hook input priority 0;\n{PASS}tcp dport 443 ct state new "
                f"add @seen {{ ip saddr limit rate over 30/minute burst 2 packets }} counter drop {MARK}\n}} }}",
            expect={"rule": "culprit"}),
    limited("a rate is exceeded and answered with a reset", "proven", sees="answered refused",
            nft=input_chain(f"{PASS}tcp dport 443 ct state new limit rate over 30/minute burst 2 packets counter "
                            f"reject with tcp reset {MARK}"), expect={"rule": "culprit"}),
    limited("connections of one source are limited", "proven", "likely", sees="timeout",
            nft="table inet filter { set many { type ipv4_addr; flags dynamic; size 1024; }\n"
                f"chain input {{ type filter hook input priority 0;\ntcp dport 443 ct state new "
                f"add @many {{ ip saddr ct count over 2 }} counter drop {MARK}\n{PASS}}} }}",
            prepare=held, cure="nft flush ruleset", expect={"rule": "culprit"}),
    limited("a quota is used up", "proven", sees="timeout",
            nft=input_chain(f"{PASS}tcp dport 443 ct state new quota over 1 bytes counter drop {MARK}"),
            expect={"rule": "culprit"}),
    limited("iptables limits connections of one source", "proven", sees="refused", prepare=held,
            server="iptables-nft -A INPUT -p tcp --syn --dport 443 -m connlimit --connlimit-above 2 -j REJECT --reject-with tcp-reset"),
    limited("iptables keeps recent sources", "proven",
            server="iptables-nft -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
                   "iptables-nft -A INPUT -p tcp --dport 443 -m conntrack --ctstate NEW -m recent --set --name web\n"
                   "iptables-nft -A INPUT -p tcp --dport 443 -m conntrack --ctstate NEW -m recent --update --seconds 3 "
                   "--hitcount 4 --name web -j DROP", sees="answered timeout"),
    limited("iptables-legacy limits by hash", "proven",
            server="iptables-legacy -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
                   "iptables-legacy -A INPUT -p tcp --dport 443 --syn -m hashlimit --hashlimit-above 30/minute "
                   "--hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name web -j DROP", cure="iptables-legacy -F",
            expect={"backend": "iptables"}),
    limited("ufw limits a port", "proven", sees="answered refused",
            server="iptables-nft -N ufw-user-input; iptables-nft -N ufw-user-limit; iptables-nft -N ufw-user-limit-accept\n"
                   "iptables-nft -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; iptables-nft -A INPUT -j ufw-user-input\n"
                   "iptables-nft -A ufw-user-limit -j REJECT --reject-with tcp-reset -p tcp; iptables-nft -A ufw-user-limit-accept -j ACCEPT\n"
                   "iptables-nft -A ufw-user-input -p tcp --dport 443 -m conntrack --ctstate NEW -m recent --set\n"
                   "iptables-nft -A ufw-user-input -p tcp --dport 443 -m conntrack --ctstate NEW -m recent --update --seconds 3 "
                   "--hitcount 6 -j ufw-user-limit\n"
                   "iptables-nft -A ufw-user-input -p tcp --dport 443 -j ufw-user-limit-accept"),
    limited("firewalld limits by a rich rule", "proven", "likely",
            nft="table inet firewalld { chain filter_INPUT { type filter hook input priority filter + 10;\n"
                f"{PASS}jump filter_IN_public\ncounter drop\n}}\nchain filter_IN_public {{ jump filter_IN_public_allow\n }}\n"
                f"chain filter_IN_public_allow {{ tcp dport 443 limit rate 30/minute burst 2 packets accept {MARK}\n }} }}",
            expect={"rule": "culprit"}),
    # ---- and what is none of these
    Case("a limit that is far away", "answered", healthy(), settle=1,
         nft=input_chain(f"{PASS}tcp dport 443 ct state new limit rate over 500/second counter drop")),
    Case("a limit of what is logged", "answered", healthy(), settle=1,
         nft=input_chain('tcp dport 443 limit rate 1/minute burst 1 packets log prefix "web "\n' + PASS +
                         "tcp dport 443 accept", "drop")),
    Case("a limit that was exceeded before, by others, and a drop of this client", "timeout",
         fault("firewall.drop", "firewall", "proven", rule="culprit"), noise=("10.0.0.1 443 --source 10.0.0.3 --every 2",),
         nft=input_chain(f"{PASS}ip saddr 10.0.0.2 tcp dport 443 counter drop {MARK}\n"
                         "tcp dport 443 ct state new limit rate over 300/second counter packets 4000 bytes 1 drop")),
    Case("a limit for another port that others exceed", "answered", healthy(), noise=("10.0.0.1 80 --source 10.0.0.3 --every 0.2",),
         nft=input_chain(f"{PASS}tcp dport 80 limit rate over 1/minute counter drop")),
    Case("a limit with old counts, and a process that does not accept", "silent timeout",
         fault({"server.not-accepting", "server.accept-queue-full", "server.process-stopped"}, "server", "proven", "likely",
               may_also={"server.accept-queue-full", "server.not-accepting"}),
         services=("443 --manner stopped --backlog 1",), settle=3,
         nft=input_chain(f"{PASS}tcp dport 443 ct state new limit rate over 300/second counter packets 99 bytes 1 drop")),

    # ---- tracking
    Case("a port is not tracked, and answers must be of a tracked connection", "timeout",
         fault("firewall.untracked", "firewall", chain=("inet", "out", "output"), if_fixed=("healthy", None)),
         nft=RAW % f"tcp dport 443 notrack {MARK}" + OUT % ("drop", "oif lo accept\nct state established,related accept")),
    Case("a port is not tracked, and answers of no connection are dropped", "timeout",
         fault("firewall.untracked", "firewall", "proven", rule="guilty", why="explicit-deny"),
         nft=RAW % f"tcp dport 443 notrack {MARK}" + OUT % ("accept", 'ct state invalid counter drop comment "guilty"')),
    Case("a port is not tracked, and only new connections are let in", "timeout",
         fault("firewall.untracked", "firewall", chain=("inet", "filter", "input")),
         nft=RAW % f"tcp dport 443 notrack {MARK}" + input_chain(f"{PASS}ct state new tcp dport 443 accept", "drop")),
    Case("iptables does not track a port that it lets in by state", "timeout",
         fault("firewall.untracked", "firewall", chain=("ip", "filter", "OUTPUT")),
         server="iptables-nft -t raw -A PREROUTING -p tcp --dport 443 -j CT --notrack\n"
                "iptables-nft -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; iptables-nft -P OUTPUT DROP",
         cure="iptables-nft -t raw -F"),
    Case("a port is tracked in neither direction, and passed by its number", "answered", healthy(),
         nft=RAW % "tcp dport 443 notrack" + RAW_OUT % "tcp sport 443 notrack" + input_chain("tcp dport 443 accept", "drop") +
         OUT % ("drop", "tcp sport 443 accept")),
    Case("a port is not tracked, and a plain rule drops its answers", "timeout",
         fault("firewall.reply-drop", "firewall", rule="guilty"),
         nft=RAW % "tcp dport 443 notrack" + OUT % ("accept", 'tcp sport 443 counter drop comment "guilty"')),
    Case("another port is not tracked, and the policy drops this one", "timeout",
         fault("firewall.policy-drop", "firewall", chain=("inet", "filter", "input")),
         nft=RAW % "tcp dport 80 notrack" + input_chain(f"{PASS}ct state new tcp dport 80 accept", "drop")),
    Case("answers are not tracked, and what follows counts as invalid", "silent timeout",
         fault("firewall.invalid-drop", "firewall", "proven", rule="guilty", why="explicit-deny"), settle=1,
         nft=RAW_OUT % "tcp sport 443 notrack" +
         input_chain(f'iif lo accept\nct state invalid counter drop comment "guilty"\n{PASS}tcp dport 443 accept', "drop")),
    Case("a host in the middle sees one direction only", "silent timeout",
         fault("firewall.invalid-drop", "firewall", "proven", rule="culprit"), services=(), prepare=one_sided, settle=1,
         client="10.1.0.2 443", ask="10.1.0.2:443/tcp --from 10.0.0.2 --role router", nft=INVALID_FORWARD),
    Case("a host in the middle sees both directions, and others send what is invalid", "answered", healthy(), services=(),
         prepare=through, client="10.1.0.2 443", ask="10.1.0.2:443/tcp --from 10.0.0.2 --role router", nft=INVALID_FORWARD,
         noise=("10.0.0.1 443 --source 10.0.0.3 --manner scan --every 0.2",)),
    Case("an invalid rule with old counts, and a drop of this client", "timeout",
         fault("firewall.drop", "firewall", "proven", rule="culprit"),
         nft=input_chain(f"ct state invalid counter packets 900 bytes 1 drop\n{PASS}tcp dport 443 counter drop {MARK}")),

    # ---- saved rules of a cloud
    in_a_cloud("nothing arrives, and the cloud's rules stop it", "closed.json",
               fault("client.syn-never-arrives", "client", "likely"),
               look=says("no line of security groups allows it", "but for the source it would pass", "198.51.100.0/24",
                         "authorize-security-group-ingress --group-id sg-0a1b2c3d", "closed.json (saved ")),
    in_a_cloud("nothing arrives, and the cloud's rules let it in", "open.json", unknown("client.syn-never-arrives"),
               look=says("would let it in", "sg-0a1b2c3d")),
    in_a_cloud("nothing arrives, and the cloud's rules hang on another group", "group.json", unknown("client.syn-never-arrives"),
               look=says("it hangs on what is not in the file", "the members of sg-0f0f0f0f")),
    in_a_cloud("the cloud's rules would stop it, and it is answered: the file is old", "closed.json", healthy(), sees="answered",
               on_client="", look=says("closed.json would stop this client")),

    # ---- data connections
    file_transfer("a policy drops the data connections of FTP", "timeout",
                  fault("firewall.related-channel", "firewall", extent="some", chain=("inet", "filter", "input")),
                  nft=input_chain(f"{PASS}tcp dport 21 accept", "drop")),
    file_transfer("a rule drops the data connections of FTP and counts", "timeout",
                  fault("firewall.related-channel", "firewall", "proven", extent="some", rule="culprit"),
                  nft=input_chain(f"{PASS}tcp dport 21 accept\ntcp dport 1024-65535 counter drop {MARK}")),
    file_transfer("a rule rejects the data connections of FTP", "refused",
                  fault("firewall.related-channel", "firewall", "proven", "likely", rule="culprit"),
                  nft=input_chain(f"{PASS}tcp dport 21 accept\ntcp dport 1024-65535 counter reject with tcp reset {MARK}")),
    file_transfer("the client's own firewall stops data connections to it", "no-data timeout",
                  fault("firewall.related-channel", "firewall", "likely", extent="some"), manner="active",
                  on_client="nft 'add table ip f; add chain ip f i { type filter hook input priority 0; policy drop; }; "
                            "add rule ip f i ct state established accept'"),
    file_transfer("FTP with its passive ports open", "answered", healthy(),
                  nft=input_chain(f"{PASS}tcp dport 21 accept\ntcp dport 1024-65535 accept", "drop")),
    file_transfer("FTP, active, and nothing in the way", "answered", healthy(), manner="active"),
    file_transfer("FTP without a fault, and the same client tries closed ports", "answered", healthy(),
                  nft=input_chain(f"{PASS}tcp dport {{ 21, 32768-65535 }} accept\ntcp dport 8443 counter drop"),
                  noise=("10.0.0.1 8443 --source 10.0.0.2 --every 0.5",)),
    file_transfer("FTP that never gets to its data, and the same client tries a closed port", "answered",
                  healthy(), manner="quiet", noise=("10.0.0.1 8443 --source 10.0.0.2 --every 0.5",),
                  nft=input_chain(f"{PASS}tcp dport 21 accept\ntcp dport 8443 counter drop", "drop")),
]

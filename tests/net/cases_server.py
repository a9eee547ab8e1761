"""Cases of diagnose: the service, its socket or its process."""
import json

from caselib import Case, fault, healthy, input_chain

NAMED = ("f=$(mktemp); (cat /etc/hosts; echo {} web1; echo 10.0.0.1 web1; echo fd00::1 web1) >$f; chmod 644 $f; "
         "mount --bind $f /etc/hosts")



def publishes_nothing(seen):
    return ["the name is said to publish more"] if "publishes" in json.dumps(seen.document) else []


CASES = [
    Case("nobody listens", "refused", fault("server.not-listening", "server", extent="all"), services=()),
    Case("nobody listens, asked for without a source", "refused", fault("server.not-listening", "server"),
         ask="443/tcp", services=("22 --manner banner",)),
    Case("nobody listens at the address asked for", "refused", fault("server.not-listening", "server"),
         ask="10.0.0.1:443 --from 10.0.0.2", services=("5432 --manner banner",)),
    Case("nobody listens and the firewall drops others", "refused", fault("server.not-listening", "server"),
         services=(), nft=input_chain("ip saddr 198.51.100.0/24 drop\ntcp dport 8443 reject with tcp reset\n"
                                      "tcp dport 443 counter accept")),
    Case("nobody listens and nobody tries", "refused", fault("server.not-listening", "server"),
         ask="443/tcp", services=(), quiet=True),
    Case("a listener on loopback only", "refused", fault("server.loopback-only", "server"),
         services=("443 --address 127.0.0.1",)),
    Case("a listener on another loopback address", "refused", fault("server.loopback-only", "server"),
         services=("443 --address 127.0.0.53",)),
    Case("a listener on the IPv6 loopback only", "refused", fault("server.loopback-only", "server"),
         client="fd00::1 443 --source fd00::2", ask="443/tcp --from fd00::2", services=("443 --address ::1",)),
    Case("a listener on another address of the host", "refused", fault("server.other-address", "server"),
         server="ip address add 10.9.0.1/24 dev eth0", services=("443 --address 10.9.0.1",)),
    Case("a listener for IPv6 only", "refused", fault("server.ipv6-only", "server"), services=("443 --address ::",)),
    Case("a listener for IPv4 only", "refused", fault("server.ipv4-only", "server"), client="fd00::1 443 --source fd00::2",
         ask="443/tcp --from fd00::2"),
    Case("TCP asked for where UDP is served", "refused", fault("server.transport-mismatch", "server"),
         services=("443 --udp",)),
    Case("a listener bound to another device", "refused", fault("server.bound-to-device", "server"),
         server="ip link add lan1 type veth peer name lan2; ip link set lan1 up; ip link set lan2 up",
         services=("443 --device lan1",)),
    Case("a name with an IPv6 address, and a listener for IPv4 only", "refused",
         fault("server.ipv4-only", "server", says="web1 publishes fd00::1 (AAAA)"), ask="web1:443 --from fd00::2",
         client="fd00::1 443 --source fd00::2", server=NAMED.format("fd00::1")),
    Case("a name with both addresses, and a listener for IPv4 only", "answered",
         healthy(says="web1 publishes fd00::1 (AAAA) as well"), ask="web1:443 --from 10.0.0.2",
         server=NAMED.format("10.0.0.1")),
    Case("a name with both addresses, and listeners for both", "answered", healthy(), ask="web1:443 --from 10.0.0.2",
         server=NAMED.format("10.0.0.1"), services=("443 --address :: --both",), look=publishes_nothing),
    Case("a name with an IPv6 address of another host", "answered", healthy(), ask="web1:443 --from 10.0.0.2",
         server=NAMED.format("10.0.0.1").replace("fd00::1 web1", "fd00::2 web1"), look=publishes_nothing),
    Case("a name whose IPv6 address is sent on to a port that is served", "answered", healthy(),
         ask="web1:443 --from 10.0.0.2", services=("443", "8443 --address ::"), look=publishes_nothing,
         server=NAMED.format("10.0.0.1"), nft="table ip6 n { chain p { type nat hook prerouting priority -100;\n"
         "tcp dport 443 redirect to :8443\n} }\n"),
    Case("a listener in another namespace of the host", "refused", fault("server.other-namespace", "server"),
         services=("@apart 443",)),
    Case("an accept queue that is full", "timeout",
         fault({"server.accept-queue-full", "server.not-accepting"}, "server"), settle=3,
         services=("443 --manner idle --backlog 1",), settled_sees="silent"),
    Case("an accept queue that is full, and nobody takes from it", "timeout",
         fault("server.accept-queue-full", "server", says="accepted none in"), settle=3,
         ask="443/tcp --from 10.0.0.2 --wait 3", client="10.0.0.1 443 --every 0.3",
         services=("443 --manner idle --backlog 1",), settled_sees="silent"),
    Case("a service that accepts two connections a second", "answered timeout silent",
         fault("server.accept-queue-full", "server", or_unknown=True, says="a second) in"), settle=3,
         ask="443/tcp --from 10.0.0.2 --wait 4", client="10.0.0.1 443 --every 0.05 --give-up 1",
         services=("443 --manner slow --backlog 1",), settled_sees="silent"),
    Case("a process that is stopped", "silent", fault("server.process-stopped", "server"),
         services=("443 --manner stopped",)),
    Case("a process that is stopped and its queue full", "timeout", fault("server.process-stopped", "server"),
         services=("443 --manner stopped --backlog 1",), settled_sees="silent", settle=3),
    Case("one of two sockets that share the port is stopped", "answered silent",
         fault("server.reuseport-member-dead", "server", "proven", extent="some"),
         client="10.0.0.1 443 --every 0.3", settle=3,
         services=("443 --reuseport", "443 --reuseport --manner stopped")),
    Case("two sockets share the port and both serve", "answered", healthy(), client="10.0.0.1 443 --every 0.3",
         services=("443 --reuseport", "443 --reuseport")),
    Case("a process that never accepts", "silent", fault("server.not-accepting", "server"),
         services=("443 --manner idle",)),
    Case("a process without a free file descriptor", "silent", fault("server.fd-exhausted", "server"),
         services=("443 --manner no-files",), settle=1),
    Case("a service that reads and never answers", "silent", fault("server.no-answer", "server"),
         services=("443 --manner mute",), settle=1),
    Case("a service that resets what it accepted", "reset",
         fault("server.resets-after-accept", "server", or_unknown=True),
         services=("443 --manner reset",)),
]

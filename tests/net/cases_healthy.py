"""Cases of diagnose: the way is open, and something on the host looks as if it were not."""
from caselib import ANY, Case, healthy, input_chain, overflow_before, unknown

BANS = ", ".join(f"198.51.100.{n}" for n in range(1, 200))
DROPS = "\n".join(f"ip saddr 198.51.{n}.0/24 counter drop" for n in range(1, 250))


CASES = [
    Case("a service that answers", "answered", healthy()),
    Case("a service that answers, asked for without a source", "answered", healthy(), ask="443/tcp"),
    Case("a service asked for by its name", "answered", healthy(), ask="https --from 10.0.0.2"),
    Case("a service asked for by the host's address", "answered", healthy(), ask="10.0.0.1:443/tcp --from 10.0.0.2"),
    Case("an IPv6 client that is answered", "answered", healthy(), client="fd00::1 443 --source fd00::2",
         ask="443/tcp --from fd00::2", services=("443 --address ::",)),
    Case("a dual-stack socket and an IPv4 client", "answered", healthy(), services=("443 --address :: --both",)),
    Case("a client behind a router", "answered", healthy(), layout="routed", ask="443/tcp --from 192.0.2.2"),
    Case("a firewall that drops many others, and does so now", "answered", healthy(),
         nft=input_chain(DROPS + "\nip saddr { 10.0.0.3, 10.0.0.4 } tcp dport 443 counter drop"),
         noise=("10.0.0.1 443 --source 10.0.0.3 --every 0.3", "10.0.0.1 443 --source 10.0.0.4 --every 0.3")),
    Case("overflows of this very port that are history", "answered", healthy(), services=(), prepare=overflow_before),
    Case("overflows of another port that go on", "answered", healthy(),
         services=("443", "9999 --manner idle --backlog 1"), settle=2,
         noise=("10.0.0.1 9999 --source 10.0.0.3 --every 0.3",)),
    Case("bans of other addresses", "answered", healthy(),
         nft=f"table inet f2b {{ set banned {{ type ipv4_addr; elements = {{ 10.0.0.3, {BANS} }} }}\n"
             "chain input { type filter hook input priority -1; ip saddr @banned tcp dport 443 reject\n } }"),
    Case("a health checker that resets each handshake", "answered", healthy(),
         noise=("10.0.0.1 443 --source 10.0.0.3 --manner scan --every 0.5",)),
    Case("a port scan going on", "answered", healthy(),
         noise=("10.0.0.1 1-3000 --source 10.0.0.3 --manner scan --every 0.02",)),
    Case("nobody tries and nothing stops anybody", "answered", healthy("likely", states={"client": "unknown"}),
         ask="443/tcp", quiet=True, services=("443 --address :: --both",)),
    Case("nobody tries and the rules depend on the source", "answered", unknown(ANY), ask="443/tcp", quiet=True,
         nft=input_chain("iif lo accept\nip saddr 10.0.0.0/25 tcp dport 443 accept", "drop")),
    Case("drop rules for another port and another interface", "answered", healthy(),
         nft=input_chain('tcp dport 8443 drop\niifname "eth7" tcp dport 443 drop\nudp dport 443 drop\n'
                         "tcp dport 1-442 drop\nip6 saddr ::/0 tcp dport 443 drop")),
    Case("established, and new from a range", "answered", healthy(),
         nft=input_chain("ct state established,related accept\n"
                         "ip saddr 10.0.0.0-10.0.0.9 tcp dport 443 ct state new accept", "drop")),
    Case("a reject at the end and an accept before", "answered", healthy(),
         nft=input_chain("ct state established accept\ntcp dport { 22, 443 } accept\n"
                         "reject with icmpx admin-prohibited")),
    Case("another service on loopback only", "answered", healthy(),
         services=("443", "8443 --address 127.0.0.1", "9443 --address 127.0.0.1")),
    Case("a rate limit that is not exceeded", "answered", healthy(),
         nft=input_chain("tcp dport 443 ct state new limit rate over 100/second burst 100 packets drop")),
    Case("strict reverse-path filtering and symmetric routes", "answered", healthy(),
         layout="routed", ask="443/tcp --from 192.0.2.2",
         server="for d in all eth0; do echo 1 >/proc/sys/net/ipv4/conf/$d/rp_filter; done"),
    Case("a client that resets once it has its answer", "answered", healthy(), client="10.0.0.1 443 --manner abort"),
    Case("a redirect to a port that is served", "answered", healthy(), services=("8443",),
         nft="table inet nat { chain prerouting { type nat hook prerouting priority dstnat;\n"
             "tcp dport 443 redirect to :8443\n} }"),
    Case("rules of iptables-nft with chains of their own", "answered", healthy(),
         server="iptables-nft -P INPUT DROP; iptables-nft -N ufw-user; iptables-nft -A INPUT -j ufw-user\n"
                "iptables-nft -A INPUT -j DROP\n"
                "iptables-nft -A ufw-user -p tcp -m multiport --dports 80,443 -j ACCEPT"),
    Case("rules of iptables-legacy that accept", "answered", healthy(),
         server="iptables-legacy -P INPUT DROP; iptables-legacy -A INPUT -p tcp --dport 443 -j ACCEPT"),
    Case("an address that is translated in front of the host", "answered", healthy(), layout="routed",
         client="203.0.113.9 443", ask="203.0.113.9:443/tcp --from 192.0.2.2 --role server",
         on_router="nft 'add table ip nat; add chain ip nat pre { type nat hook prerouting priority dstnat; }; "
                   "add rule ip nat pre ip daddr 203.0.113.9 dnat to 10.0.0.1'"),
    Case("a translated source that is answered", "answered", healthy(), layout="routed", ask="443/tcp",
         on_router="nft 'add table ip nat; add chain ip nat post { type nat hook postrouting priority srcnat; }; "
                   "add rule ip nat post oifname eth0 masquerade'"),
    Case("the other port is broken and this one is not", "answered", healthy(),
         services=("443", "8080 --manner mute"), nft=input_chain("tcp dport 22 drop"),
         noise=("10.0.0.1 8080,22,7 --source 10.0.0.3 --every 0.3",)),
    Case("IPv6 is dropped and the IPv4 client is not", "answered", healthy(), services=("443 --address :: --both",),
         nft=input_chain("tcp dport 443 drop", family="ip6")),
]

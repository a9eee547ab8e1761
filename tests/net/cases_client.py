"""Cases of diagnose: the cause is on the client's side of the wire."""
from caselib import Case, Expect, fault, unknown

# The first answer to each attempt is lost; the second comes when the client has given up.
SLOW_WAY = """nft -f - <<'END'
table ip slow {
	set seen { type inet_service; flags timeout; timeout 1m; }
	chain input {
		type filter hook input priority 0;
		tcp sport != 443 return
		tcp dport @seen return
		tcp flags & (syn | ack) == syn | ack add @seen { tcp dport } drop
	}
}
END
"""
OTHERS = ("10.0.0.1 22 --source 10.0.0.3 --every 0.5",)
MASQUERADE = ("nft 'add table ip nat; add chain ip nat post { type nat hook postrouting priority srcnat; }; "
              "add rule ip nat post oifname eth0 masquerade'")

CASES = [
    Case("the client asks a port that nobody serves", "refused", fault("client.wrong-port", "client"),
         client="10.0.0.1 8443"),
    Case("the client's own firewall drops what it sends", "timeout",
         unknown("client.syn-never-arrives", step="client"), services=("443", "22 --manner banner"), noise=OTHERS,
         on_client="nft 'add table ip f; add chain ip f o { type filter hook output priority 0; }; "
                   "add rule ip f o ip saddr 10.0.0.2 tcp dport 443 drop'"),
    Case("a firewall between drops what the client sends", "timeout",
         unknown("client.syn-never-arrives", step="client"), layout="routed", ask="443/tcp --from 192.0.2.2",
         services=("443", "22 --manner banner"), noise=("10.0.0.1 22 --source 192.0.2.3 --every 0.5",),
         on_router="nft 'add table ip f; add chain ip f through { type filter hook forward priority 0; }; "
                   "add rule ip f through tcp dport 443 drop'"),
    Case("a firewall between rejects what the client sends", "host-unreachable",
         unknown("client.syn-never-arrives", step="client"), layout="routed", ask="443/tcp --from 192.0.2.2",
         services=("443", "22 --manner banner"), noise=("10.0.0.1 22 --source 192.0.2.3 --every 0.5",),
         on_router="nft 'add table ip f; add chain ip f through { type filter hook forward priority 0; }; "
                   "add rule ip f through tcp dport 443 reject with icmp admin-prohibited'"),
    Case("a translation between hides the client", "answered",
         Expect("unknown", {"client.source-differs", "client.syn-never-arrives"}, "client", {"possible"},
                says="source-differs"),
         layout="routed", ask="443/tcp --from 192.0.2.2", on_router=MASQUERADE),
    Case("the client gives up before the answer comes", "timeout", fault("client.gave-up-early", "client"),
         client="10.0.0.1 443 --give-up 0.5", on_client=SLOW_WAY, settle=3),
]

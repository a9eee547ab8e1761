"""Cases of diagnose with both ends: the client is asked over a real ssh, or its words are joined."""
import os
import subprocess

from caselib import Case, fault, healthy

OTHERS = ("10.0.0.1 22 --source {} --every 0.5",)
ON_LINK = (OTHERS[0].format("10.0.0.3"),)
BEHIND = (OTHERS[0].format("192.0.2.3"),)
WEB = ("443", "22 --manner banner")
KEYS = {}  # folder of throw-away keys, made once
SSHD = """set -e
mount -t tmpfs tmpfs /run; mkdir /run/sshd
cp {keys}/* /run/; chmod 600 /run/host /run/user; chown root:root /run/*
{sshd} -f /dev/null -h /run/host -o PidFile=none -o AuthorizedKeysFile=/run/user.pub -o StrictModes=no \\
	-o PermitRootLogin=yes -o UsePAM=no -o ListenAddress={address} -o PrintMotd=no -o LogLevel=QUIET
"""
# A client whose name for the server is another one's.
HOSTS = """printf '127.0.0.1 localhost\\n{address} web1\\n' >{folder}/hosts; mount --bind {folder}/hosts /etc/hosts"""


def make_keys():
    if "at" not in KEYS:
        KEYS["at"] = f"/tmp/dport-keys-{os.getpid()}"
        os.mkdir(KEYS["at"], 0o700)
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{KEYS['at']}/{name}"], check=True)
    return KEYS["at"]


def forget_keys():
    if "at" in KEYS:
        subprocess.run(["rm", "-rf", KEYS.pop("at")], check=False)


def log_in(address, known=True, more=""):
    """A client that takes our key, and a server whose user has it. more: a script for the client, at last."""
    def prepare(place):
        keys = make_keys()
        place.client.shell(SSHD.format(keys=keys, address=address, sshd="/usr/sbin/sshd"))
        host = open(f"{keys}/host.pub", encoding="ascii").read().rsplit(" ", 1)[0]
        place.server.shell(f"""mount -t tmpfs tmpfs /root; mkdir -m 700 /root/.ssh
            cp {keys}/user /root/.ssh/id_ed25519; chmod 600 /root/.ssh/id_ed25519
            {f"echo '{address} {host}' >/root/.ssh/known_hosts" if known else ":"}""")
        if more:
            place.client.shell(more)
    return prepare


def own_name(place):
    place.server.shell(HOSTS.format(address="10.0.0.1", folder="/root"))


def name_of(address):
    def prepare(place):
        log_in("192.0.2.2", more=HOSTS.format(address=address, folder="/run"))(place)
        own_name(place)
    return prepare


def drop(hook, verdict="drop", match="tcp dport 443"):
    return (f"nft 'add table ip f; add chain ip f c {{ type filter hook {hook} priority 0; }}; "
            f"add rule ip f c {match} {verdict}'")


def rows(seen):
    """Each client has its row, and it is of our script or its dport."""
    for row in seen.document.get("clients", ()):
        if row["source"] == "ssh" and row["form"] not in ("script", "dport-probe"):
            yield f"the client's row is {row}"
    if not seen.document.get("clients"):
        yield "there is no row of the client"


def silent_row(seen):
    if [r["missing"] is None for r in seen.document.get("clients", ())] != [False]:
        yield f"the row says nothing of what is missing: {seen.document.get('clients')}"
    if not any(m["source"] == "client" for m in seen.document["missing"]):
        yield "the client is not among what is missing"


def two_rows(seen):
    missing = [r["missing"] is None for r in seen.document.get("clients", ())]
    if missing != [True, False]:
        yield f"the rows are {seen.document.get('clients')}"


LINK = "10.0.0.1:443 --client ssh:root@10.0.0.2"
ROUTED = "10.0.0.1:443 --client ssh:root@192.0.2.2"
NAMED = "web1:443 --client ssh:root@192.0.2.2"


def ends(name, sees, expect, ask=LINK, **more):
    """The client that is asked is the only one that tries, beside what shows that the capture works."""
    more = {"services": WEB, "noise": BEHIND if more.get("layout") == "routed" else ON_LINK, "look": rows,
            "prepare": log_in("192.0.2.2" if more.get("layout") == "routed" else "10.0.0.2"), **more}
    return Case(name, sees, expect, ask=ask, quiet=True, **more)


CASES = [
    ends("both ends: the client gets through", "answered", healthy()),
    ends("both ends: a router between drops the SYN", "timeout",
         fault("client.syn-never-arrives", "client", "proven"), ROUTED, layout="routed", on_router=drop("forward")),
    ends("both ends: the login's own packets show that the capture works", "timeout",
         fault("client.syn-never-arrives", "client", "proven"), ROUTED, layout="routed", on_router=drop("forward"),
         noise=()),
    ends("both ends: a router resets in the server's name", "refused",
         fault("firewall.middlebox-reset", "firewall"), ROUTED, layout="routed",
         on_router=drop("forward", "reject with tcp reset")),
    ends("both ends: a router says prohibited", "host-unreachable", fault("firewall.remote", "firewall"), ROUTED,
         layout="routed", on_router=drop("forward", "reject with icmp type admin-prohibited")),
    ends("both ends: the server's own rule drops it", "timeout", fault("firewall.drop", "firewall", rule="dport 443"),
         nft="table inet filter { chain input { type filter hook input priority 0; tcp dport 443 counter drop\n} }"),
    ends("both ends: nobody listens", "refused", fault("server.not-listening", "server"),
         services=("22 --manner banner",)),
    ends("both ends: the client's own firewall drops it", "timeout", fault("client.egress-filtered", "client"),
         on_client=drop("output")),
    ends("both ends: the client's own firewall drops it behind its routing", "timeout",
         fault("client.egress-filtered", "client"), on_client=drop("postrouting")),
    ends("both ends: the client's own firewall resets it", "refused", fault("client.egress-filtered", "client"),
         on_client=drop("output", "reject with tcp reset")),
    ends("both ends: the client has no route to that address", "net-unreachable",
         fault("client.no-route", "client"), "10.0.0.9:443 --client ssh:root@10.0.0.2",
         server="ip address add 10.0.0.9/24 dev eth0", on_client="ip route add unreachable 10.0.0.9"),
    ends("both ends: the client's next hop is dead", "host-unreachable",
         fault("client.next-hop-unreachable", "client"), "10.0.0.9:443 --client ssh:root@10.0.0.2",
         server="ip address add 10.0.0.9/24 dev eth0", on_client="ip route add 10.0.0.9 via 10.0.0.77"),
    ends("both ends: the client's hosts file has another host, which refuses", "refused",
         fault("client.name-resolves-elsewhere", "client"), NAMED, layout="routed", prepare=name_of("10.0.0.254")),
    ends("both ends: the client's hosts file has the right host", "answered", healthy(), NAMED, layout="routed",
         prepare=name_of("10.0.0.1")),
    ends("both ends: the client comes under the router's address and gets through", "answered", healthy(), ROUTED,
         layout="routed", on_router="nft 'add table ip n; add chain ip n p { type nat hook postrouting priority 100; };"
         " add rule ip n p oifname eth0 tcp dport 443 masquerade'"),
    ends("both ends: the client that is named comes under the router's address", "answered",
         fault("client.source-differs", "client", says="as 10.0.0.254"), ROUTED + " --from 192.0.2.2",
         layout="routed", on_router="nft 'add table ip n; add chain ip n p { type nat hook postrouting priority 100; };"
         " add rule ip n p oifname eth0 tcp dport 443 masquerade'"),
    ends("both ends: two clients are asked at once, and one is dead", "answered",
         fault("firewall.drop", "firewall", rule="saddr 10.0.0.2"),
         LINK + " --client ssh:bob@10.0.0.77", look=two_rows,
         nft="table inet filter { chain input { type filter hook input priority 0; "
         "ip saddr 10.0.0.2 tcp dport 443 counter drop\n} }"),
    ends("both ends: nobody can log in", "answered", healthy("likely"),
         prepare=log_in("10.0.0.2", known=False), look=silent_row),
    ends("both ends: the host to log in is dead", "answered", healthy("likely"), "10.0.0.1:443 --client ssh:root@10.0.0.77",
         look=silent_row),
]

"""Cases of diagnose: what was written down in those seconds, and what was changed before them."""
import datetime
import json
import os

from caselib import Case, Seen, fault, healthy, input_chain
from casehostile import CHAIN, COMMENT, chain_is_clean, is_clean, make_hostile
from caselogs import ACCESS, NGINX, OWN_FILES, SYSLOG, holds, keeps_writing, lines_of, start, step_of
from recordlib import rewrite

MARK = 'comment "culprit"'
BANS = (OWN_FILES + "iptables-nft -N f2b-sshd; iptables-nft -A INPUT -p tcp -j f2b-sshd\n"
        "iptables-nft -A f2b-sshd -s 10.0.0.2/32 -j REJECT; iptables-nft -A f2b-sshd -j RETURN")
NO_FILES = "accept4() failed (24: Too many open files)"
IN_USE = "bind() to 0.0.0.0:443 failed (98: Address already in use)"
PACKET = ("IN=eth0 OUT= MAC=02:00 SRC=10.0.0.2 DST=10.0.0.1 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=1 DF PROTO=TCP "
          "SPT=40000 DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0")


# ---- what stands in the logs ----

def bans(*deeds):
    """fail2ban's own log: each deed is its verb, jail and address, now."""
    def prepare(place):
        for verb, jail, address in deeds:
            place.server.shell(f"echo \"$(date '+%Y-%m-%d %H:%M:%S,%3N') fail2ban.actions        [812]: "
                               f"NOTICE  [{jail}] {verb} {address}\" >>/var/log/fail2ban.log; sleep 0.01")
    return prepare


def shows(*needles, first=""):
    """Each stands in a line that is shown; the first line has `first`."""
    def look(seen):
        lines = lines_of(seen.document)
        for needle in needles:
            if not any(needle in line for line in lines):
                yield f"no line has {needle!r}: {lines}"
        if first and not (lines and first in lines[0]):
            yield f"the first line has not {first!r}: {lines}"
    return look


def banned(name, state, *deeds, says="", look=None):
    return Case(name, "refused", fault("firewall.blocklisted", "firewall", states={"logs": state}, says=says),
                server=BANS, prepare=bans(*deeds), look=look)


def starved(name, path, *preparations, look):
    return Case(name, "silent", fault("server.fd-exhausted", "server", states={"logs": "fail"}),
                server=OWN_FILES, services=(), settle=1, look=look,
                prepare=holds(path, "443 --manner no-files", *preparations))


def forged(name, path, stamp, line):
    """What a client or a program writes for the kernel's word is shown, and proves nothing."""
    return Case(name, "timeout", fault("firewall.drop", "firewall", rule="culprit", states={"logs": "warn"}),
                server=OWN_FILES, services=(), nft=input_chain(f"tcp dport 443 drop {MARK}"),
                prepare=holds(path, "443", keeps_writing(path, stamp, line)), look=shows("10.0.0.2"))


ERROR_LINE = f"{{}} [crit] 12#12: {NO_FILES}"
ACCESS_LINE = '10.0.0.2 - - [{}] "GET /?%s HTTP/1.1" 200 5 "-" "curl"'


def accesses(path, n):
    """As many lines as a client likes, that name it."""
    def prepare(place):
        line = (ACCESS_LINE % PACKET).replace('"', '\\"')
        start(place, f"while :; do t=$(LC_ALL=C date '+{ACCESS}'); for i in $(seq {n}); do "
                     f"echo \"{line.replace('{}', '$t')}\"; done >>{path}; sleep 0.3; done")
    return prepare


# ---- the kernel's log: the machine's own is not written to, but that of a recording ----

def with_kernel_line(seen, facility, prefix):
    """The document of the same recording with one more line of the kernel's log in it."""
    first = datetime.datetime.fromisoformat(seen.document["syn"]["first"].replace("Z", "+00:00"))
    target = seen.recording + ".kmsg"

    def change(items):
        if b"now" not in (i[0] for i in items):
            return items  # a later part of a long log
        wall, boot = (int(n) for n in dict((i[0], i[2]) for i in items)[b"now"].split())
        boot_us = (boot - wall) // 1000 + int(first.timestamp() * 1e6)
        record = f"{facility << 3 | 4},999999,{boot_us},-;{prefix} {PACKET}\n"
        return items + [(b"kmsg", 0, record.encode())]

    rewrite(seen.recording, target, "logs", change)
    got = seen.replayed("--json", recording=target)
    os.unlink(target)
    return Seen(seen.words, json.loads(got.stdout), "")


def kernel_line_confirms(seen):
    for facility, prefix, state in ((0, "DROP-IN", "fail"), (1, "DROP-IN", "warn"), (0, "[UFW ALLOW]", "warn")):
        other = with_kernel_line(seen, facility, prefix)
        step = step_of(other.document)
        if other.document["cause"] != seen.document["cause"]:
            yield f"a line makes another cause of it: {other.document['cause']}"
        if step["state"] != state:
            yield f"{prefix} of facility {facility} is {step['state']}: {step['summary']}"
        if state == "fail" and prefix not in step["summary"]:
            yield f"the prefix is not told: {step['summary']}"


# ---- what was changed before ----

def package_lines(n, when):
    return (f"t=$(date -d '{when}' '+%Y-%m-%d %H:%M:%S'); for i in $(seq {n}); do "
            f"echo \"$t upgrade package$i:amd64 1.$i 2.$i\" >>/var/log/dpkg.log; done\n")


def changes_are_in_order(seen):
    changes = seen.document["changes"]
    what = [c["what"] for c in changes]
    packages = [i for i, c in enumerate(changes) if "dpkg" in c["source"]]
    written = [i for i, w in enumerate(what) if w == "/etc/nftables.conf written"]
    if len(written) != 1 or len(packages) != 2 or not written[0] < min(packages):
        yield f"the file stands not before two packages: {what}"
    if any("1.7 ->" in w for w in what):
        yield f"a package of the day before yesterday: {what}"
    text = seen.replayed().stdout.decode()
    if "/etc/nftables.conf written" not in text:
        yield f"the text does not name it: {text}"


def nothing_later(seen):
    what = [c["what"] for c in seen.document["changes"]]
    if any("hosts.deny" in w for w in what):
        yield f"what came after the first failure stands before it: {what}"
    if "/etc/hosts.allow written" not in what:
        yield f"what came before it is not told: {what}"


CASES = [
    banned("a ban that its log tells", "fail", ("Ban", "sshd", "10.0.0.2"), says="in jail sshd",
           look=shows(first="Ban 10.0.0.2")),
    banned("a ban, and the log tells another address", "pass", ("Ban", "sshd", "10.0.0.22")),
    banned("a ban, and the log tells its end", "warn", ("Ban", "sshd", "10.0.0.2"), ("Unban", "sshd", "10.0.0.2")),
    banned("a ban, and the log tells that of another jail", "warn", ("Ban", "recidive", "10.0.0.2")),

    starved("a service without descriptors whose log tells it", "/var/log/nginx/error.log",
            keeps_writing("/var/log/nginx/error.log", NGINX, ERROR_LINE), look=shows(first=NO_FILES)),
    starved("a service without descriptors whose log is elsewhere", "/srv/web/error.log",
            keeps_writing("/srv/web/error.log", NGINX, ERROR_LINE), look=shows(first=NO_FILES)),
    starved("a service without descriptors whose log is flooded", "/srv/web/error.log",
            keeps_writing("/srv/web/error.log", NGINX, ERROR_LINE), accesses("/var/log/nginx/access.log", 100),
            look=shows(first=NO_FILES)),

    forged("a packet of the kernel's log in a URL", "/var/log/nginx/access.log", ACCESS,
           ACCESS_LINE % f"{PACKET} DROP"),
    forged("a line of the kernel in a program's own log", "/srv/web/kern.log", SYSLOG,
           f"{{}} server kernel: [ 12.345678] DROP-IN {PACKET}"),
    forged("a ban in a program's own log", "/srv/web/fail2ban.log", "%Y-%m-%d %H:%M:%S,%3N",
           "{} fail2ban.actions        [812]: NOTICE  [sshd] Ban 10.0.0.2"),

    Case("nobody listens, and a log tells of a bind that failed", "refused",
         fault("server.not-listening", "server", states={"logs": "warn"}, says="may belong to it"),
         server=OWN_FILES, services=(), look=shows(first=IN_USE),
         prepare=keeps_writing("/var/log/nginx/error.log", NGINX, f"{{}} [emerg] 12#12: {IN_USE}")),
    Case("nobody listens, and a bind failed at another port", "refused",
         fault("server.not-listening", "server", states={"logs": "pass"}), server=OWN_FILES, services=(),
         prepare=keeps_writing("/var/log/nginx/error.log", NGINX,
                               f"{{}} [emerg] 12#12: {IN_USE.replace(':443', ':8443')}")),
    Case("a healthy service whose log names its clients", "answered", healthy(states={"logs": "pass"}),
         server=OWN_FILES, services=(), look=shows("GET"),
         prepare=holds("/srv/web/access.log", "443", keeps_writing("/srv/web/access.log", ACCESS, ACCESS_LINE % ""))),

    Case("a drop that the kernel's log tells", "timeout", fault("firewall.drop", "firewall", rule="culprit"),
         server=OWN_FILES, nft=input_chain(f"tcp dport 443 drop {MARK}"), look=kernel_line_confirms),

    Case("the rules were written before the drop, and many packages", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), nft=input_chain(f"tcp dport 443 drop {MARK}"),
         server=OWN_FILES + package_lines(9, "-30 hours") + package_lines(40, "-1 second") +
         "touch -d '5 seconds ago' /etc/nftables.conf", look=changes_are_in_order),
    Case("a file that was changed after the first failure", "timeout",
         fault("firewall.drop", "firewall", rule="culprit"), nft=input_chain(f"tcp dport 443 drop {MARK}"),
         server=OWN_FILES + "touch -d '5 seconds ago' /etc/hosts.allow", look=nothing_later,
         prepare=lambda place: start(place, "while :; do touch /etc/hosts.deny; sleep 0.1; done")),

    Case("a host whose names and lines are hostile", "timeout",
         fault("firewall.drop", "firewall", rule="culprit", states={"logs": "warn"}),
         server=OWN_FILES, services=(), settle=1,
         nft=input_chain(f'tcp dport 443 drop comment "{COMMENT} culprit"'),
         prepare=make_hostile, look=is_clean),
    Case("a chain of bans whose name is hostile", "timeout", fault("firewall.blocklisted", "firewall"),
         server=CHAIN, look=chain_is_clean),
]

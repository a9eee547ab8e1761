#!/usr/bin/python3
"""No sentence or command of the program advises to turn a protection off everywhere.

Every string of the rooms that advise is read, with its neighbours joined as the compiler does. A
command of this kind may stand only where the words before it say that it is not to be typed.
"""
import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, os.path.join(TOP, "tests/net"))
from taplib import done, ok  # pylint: disable=wrong-import-position

FOLDERS = ("core/diagnosis", "core/client", "core/report", "core/services", "tui", "tui/command", "tui/view")
OFF = [
    r"\bnft (-\S+ )*flush ruleset", r"\bnft (-\S+ )*flush (table|chain)", r"\bnft (-\S+ )*delete table (?!(inet ftp|%s dport_fix)\b)",
    r"\bip6?tables(-nft|-legacy)? (-t \S+ )?(-F|--flush|-X)\b",
    r"\bip6?tables(-nft|-legacy)? (-t \S+ )?(-P|--policy) \S+ ACCEPT", r"policy accept",
    r"\bufw (--force )?(disable|reset)", r"\b(systemctl|service) (stop|disable|mask)( --now)? (firewalld|ufw|nftables|iptables|"
    r"fail2ban|crowdsec|apparmor|auditd)", r"firewall-cmd .*--set-target=ACCEPT", r"firewall-cmd --panic-off.*--set-default-zone=trusted",
    r"--set-default-zone=trusted", r"\bfail2ban-client (stop|unban --all)", r"\bcscli decisions delete --all",
    r"\bsetenforce (0|[Pp]ermissive)", r"\bSELINUX=(disabled|permissive)", r"\baa-(teardown|disable)\b", r"apparmor=0",
    r"(conf[./](all|default)[./]rp_filter|conf[./]%s[./]rp_filter) ?= ?0", r"rp_filter ?= ?0",
    r"tcp_syncookies ?= ?0", r"nf_conntrack_tcp_be_liberal ?= ?1", r"\bipset (flush|destroy)\b(?! \S)",
    r"\bip xfrm (policy|state) flush", r"\bchmod (-R )?(0?777|a\+rwx)", r"--insecure\b|\bcurl -k\b", r"kernel\.yama|mitigations=off",
    r"verify(_mode)? ?= ?(0|none|false)", r"\b0\.0\.0\.0/0\b.*authorize|authorize.*\b0\.0\.0\.0/0\b",
]
# What puts back what the command beside it has changed.
UNDO = {"sysctl -w net.ipv4.tcp_syncookies=0"}
EVERYWHERE = re.compile("|".join(f"(?:{one})" for one in OFF))
LITERALS = re.compile(r'(?:"(?:[^"\\\n]|\\.)*"\s*)+')
PIECE = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
COMMENT = re.compile(r"/\*.*?\*/", re.S)


def strings(path):
    with open(path, encoding="utf-8") as f:
        text = COMMENT.sub(" ", f.read())
    for match in LITERALS.finditer(text):
        yield "".join(PIECE.findall(match.group(0)))


def offences(texts):
    return [text for text in texts if EVERYWHERE.search(text) and text not in UNDO]


def main():
    files = sorted(path for folder in FOLDERS for path in glob.glob(os.path.join(TOP, folder, "*.[ch]")))
    texts = [(os.path.relpath(path, TOP), text) for path in files for text in strings(path)]
    ok(len(files) > 50 and any("insert rule" in text for _, text in texts), "the words of the advice are found")
    bad = [f"{path}: {text}" for path, text in texts if offences([text])]
    ok(not bad, "none of them turns a protection off everywhere", "\n".join(bad))
    planted = ["iptables -F", "nft flush ruleset", "sysctl -w net.ipv4.conf.all.rp_filter=0", "setenforce 0",
               "systemctl stop firewalld", "ufw disable", "iptables -P INPUT ACCEPT", "fail2ban-client stop"]
    ok(offences(planted) == planted, "such words would be seen")
    narrow = ["nft delete rule inet filter input handle 3", "ufw prepend allow from 10.0.0.2 to any port 443 proto tcp",
              "fail2ban-client set 'sshd' unbanip 10.0.0.2", "ipset del bad 10.0.0.2", "sysctl -w net.ipv4.conf.eth0.rp_filter=2"]
    ok(not offences(narrow), "what lets one client in is allowed")
    done()


main()

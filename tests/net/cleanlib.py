"""What a case before has left of rules in this network namespace is taken away: each case begins with none."""
import shutil
import subprocess

BUILT_IN = {"raw": "PREROUTING OUTPUT", "mangle": "PREROUTING INPUT FORWARD OUTPUT POSTROUTING",
            "nat": "PREROUTING INPUT OUTPUT POSTROUTING", "filter": "INPUT FORWARD OUTPUT", "security": "INPUT FORWARD OUTPUT"}


def must_take(words, text=None):
    got = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if got.returncode:
        raise SystemExit(f"{' '.join(words)}: {got.stderr}")


def legacy_tables():
    """(program, table) of the legacy tables that there are; asking for another would make it."""
    for program, names in (("iptables-legacy", "ip_tables_names"), ("ip6tables-legacy", "ip6_tables_names")):
        try:
            with open(f"/proc/thread-self/net/{names}", encoding="ascii") as lines:
                yield from [(program, line.strip()) for line in lines]
        except FileNotFoundError:
            pass


def flush_legacy():
    """No rule, no chain of a user's, every policy ACCEPT."""
    for program, table in list(legacy_tables()):
        policies = "".join(f":{chain} ACCEPT [0:0]\n" for chain in BUILT_IN[table].split())
        must_take([f"{program}-restore", "-T", table], f"*{table}\n{policies}COMMIT\n")


def clear_rules():
    """Rules of nft and iptables, and what was tracked under them. Sets of ipset stay."""
    must_take(["nft", "flush", "ruleset"])
    flush_legacy()
    if shutil.which("conntrack"):
        subprocess.run(["conntrack", "-F"], capture_output=True, check=False)  # none is tracked where no rule needs it


def clear_all():
    """Rules, and the ipsets that they named."""
    clear_rules()
    if shutil.which("ipset"):
        for word in ("flush", "destroy"):
            subprocess.run(["ipset", word], capture_output=True, check=False)  # fails where the kernel has none

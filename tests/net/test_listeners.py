#!/usr/bin/python3
"""`dport list --json` against `ss -tulpenH`, on a host with every kind of listener."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, Zoo, done, kill_group_at_exit, need_root, ok, ss_sockets

# Two sockets that ss itself finds no owner of: a thread's own descriptor table, a dead leader.
SS_MISSES = {7013, 7021}


def our_sockets(document):
    """inode -> (listener, socket)"""
    return {s["inode"]: (one, s) for one in document["listeners"] for s in one["sockets"]
            if s["proto"] != "mptcp"}


def compare_sockets(document, theirs):
    ours = our_sockets(document)
    ok(set(ours) == set(theirs), f"the same {len(theirs)} sockets stand in both",
       f"only ours {set(ours) - set(theirs)}, only theirs {set(theirs) - set(ours)}")
    for what, pick in {
        "protocol, address, port and device": lambda s: (s["address"], s["port"], s["device"]),
        "the socket's uid": lambda s: s["uid"],
    }.items():
        wrong = [i for i in theirs if i in ours and pick(ours[i][1]) != pick(theirs[i])]
        ok(not wrong, f"{what} agree", [(ours[i][1], theirs[i]) for i in wrong[:3]])
    wrong = [i for i, s in theirs.items() if ours[i][1]["v6only"] != s["v6only"]]
    ok(not wrong, "v6only agrees with the socket's own flag", [(ours[i][1], theirs[i]) for i in wrong])
    wrong = [i for i, s in theirs.items() if s["proto"] == "tcp" and
             (ours[i][1]["queue"]["length"], ours[i][1]["queue"]["limit"]) != (s["recv_q"], s["send_q"])]
    ok(not wrong, "accept queues and their limits agree", [(ours[i][1], theirs[i]) for i in wrong])
    wrong = [i for i, s in theirs.items() if s["proto"] == "udp" and ours[i][1]["queue"]["length"] != s["recv_q"]]
    ok(not wrong, "UDP receive queues agree", [(ours[i][1], theirs[i]) for i in wrong])


def pids_by_listener(document, theirs):
    """(ours, theirs) of every listener: the owners of all its sockets."""
    for one in document["listeners"]:
        inodes = {s["inode"] for s in one["sockets"]}
        yield one, {o["pid"] for o in one["owners"]}, set().union(*(theirs[i]["pids"] for i in inodes if i in theirs))


def compare_owners(document, theirs):
    wrong = [(one["port"], ours, ss) for one, ours, ss in pids_by_listener(document, theirs)
             if ours != ss and one["port"] not in SS_MISSES]
    ok(not wrong, "every pid agrees", wrong)
    found = {one["port"]: ours for one, ours, _ in pids_by_listener(document, theirs)}
    for port in sorted(SS_MISSES):
        ok(len(found[port]) == 1, f"the owner of {port}, which ss misses, is found", found[port])


def by_port(document, port):
    return [one for one in document["listeners"] if one["port"] == port]


def main():
    need_root()
    kill_group_at_exit()
    zoo = Zoo()
    theirs = ss_sockets(zoo)
    document = zoo.list_json()
    compare_sockets(document, theirs)
    compare_owners(document, theirs)
    for workers in ("1", "2"):
        again = zoo.list_json("--workers", workers)
        same = [o["pid"] for one in again["listeners"] for o in one["owners"]] == \
               [o["pid"] for one in document["listeners"] for o in one["owners"]]
        ok(same, f"the owners are the same with {workers} worker(s)")

    before = len(by_port(document, 7001)[0]["owners"])
    zoo.say("fork")
    late = zoo.list_json("7001")
    ok(len(late["listeners"][0]["owners"]) == before + 1, "a worker forked from an old socket appears")
    compare_owners(zoo.list_json(), ss_sockets(zoo))

    one = by_port(document, 7002)
    ok(len(one) == 1 and len(one[0]["sockets"]) == 3, "a SO_REUSEPORT group is one row of three sockets", one)
    one = by_port(document, 7007)
    ok(len(one) == 1 and one[0]["scope"] == "any" and one[0]["address"] == "::", "v4 and v6 twins are one row", one)
    one = by_port(document, 7019)
    ok(len(one) == 2, "two services on one port, one for each family, stay two rows", one)
    for port, scope in ((7005, "any-v6"), (7006, "any"), (7001, "any-v4"), (7008, "loopback"), (7016, "loopback"),
                        (7018, "absent")):
        one = by_port(document, port)
        ok([o["scope"] for o in one] == [scope], f"the scope of {port} is {scope}", one)
    one = by_port(document, 7009)
    ok(one[0]["device"] == "lo", "a device binding is named", one)
    one = by_port(document, 7014)
    ok(one[0]["queue"]["length"] == 3 and one[0]["queue"]["limit"] == 2, "an overfull accept queue shows 3 of 2", one)
    one = by_port(document, 7020)
    ok(one[0]["owners"][0]["deleted_exe"], "a deleted program file is marked", one)
    one = by_port(document, 7022)[0]["connections"]
    ok(one["established"] == 5 and one["close_wait"] == 1, "connections are counted by state for their listener", one)
    mptcp = [s for o in by_port(document, 7015) for s in o["sockets"] if s["proto"] == "mptcp"]
    ok(len(by_port(document, 7015)) == 1, "an MPTCP listener is one row with its TCP side", mptcp)

    everywhere = zoo.list_json("--netns", "all")
    ok(any(one["port"] == 7010 and one["owners"] for one in everywhere["listeners"]),
       "a listener in another namespace is found with its owner by --netns all")
    other = [one for one in everywhere["listeners"] if one["port"] == 7010]
    pid = str(other[0]["owners"][0]["pid"]) if other else "1"
    inside = subprocess.run([DPORT, "list", "--json", "--netns", pid], capture_output=True, check=False)
    ok(b'"port": 7010' in inside.stdout and b'"port": 7001' not in inside.stdout, "--netns PID looks there alone",
       inside.stdout[:400])

    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    unread = zoo.run(*nobody, DPORT, "list", "--json")
    unread = json.loads(unread.stdout)
    ok(set(our_sockets(unread)) == set(ss_sockets(zoo, *nobody)), "without rights every listener is still there")
    ok(all(one["owners"] == [] and not one["owners_complete"] and one["owners_missing"]["grant"]
           for one in unread["listeners"]), "without rights each missing owner has its reason and its grant")
    ok(unread["view"] == "partial" and unread["missing"], "without rights the view says that it is partial")
    done()


if __name__ == "__main__":
    main()

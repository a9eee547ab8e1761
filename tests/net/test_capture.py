#!/usr/bin/python3
"""dport capture -r: generated files of every link type and outcome, damaged ones, large ones."""
import json
import os
import subprocess
import time

from capturelib import FOLDER, T0, capture, read, save, tcpdump_count
from pcaplib import (ACK, ETHERNET, LINKS, PSH, RST, SLL2, SYN, ether, icmp, pcap, pcapng, sll2, tcp, udp)
from taplib import DPORT, done, need_root, ok

C4, S4, C6, S6 = "198.51.100.7", "10.0.0.1", "2001:db8::7", "2001:db8::1"
LAST = T0 + 60  # a packet so late decides all silence


# ---- conversations: [(seconds after the start, packet)] ----

def answered(c, s, cport, port=443):
    return [(0, tcp(c, cport, s, port, SYN)), (.01, tcp(s, port, c, cport, SYN | ACK, 5000, 1001)),
            (.02, tcp(c, cport, s, port, ACK, 1001, 5001))]


def conversations(c, s):
    """name -> (packets, outcome, state, and what else must hold)"""
    v6 = ":" in c
    syn = lambda cport, **m: tcp(c, cport, s, 443, SYN, **m)
    unreachable = (1, 4) if v6 else (3, 3)
    prohibited = (1, 1) if v6 else (3, 13)
    ask = udp(c, 1008, s, 53)
    closed = udp(c, 1009, s, 53)
    return {
        "answered": (answered(c, s, 1001), "answered", "open", {"syns": 1}),
        "refused": ([(0, syn(1002)), (.01, tcp(s, 443, c, 1002, RST | ACK, 0, 1001, ttl=61))],
                    "refused", "closed", {"rst_ttl": 61}),
        "silent": ([(t, syn(1003)) for t in (0, 1, 3)], "silent", "filtered", {"syns": 3}),
        "rejected": ([(0, syn(1004)), (.01, icmp(s, c, *prohibited, syn(1004)))], "icmp", "rejected",
                     {"icmp": {"type": prohibited[0], "code": prohibited[1], "from": s}}),
        "half open": ([(0, syn(1005))] + [(t, tcp(s, 443, c, 1005, SYN | ACK, 5000, 1001)) for t in (.01, 1, 3)],
                      "half-open", "open", {"synacks": 3}),
        "reset later": (answered(c, s, 1006) + [(.3, tcp(s, 443, c, 1006, RST, 5001))], "reset-later", "open", {}),
        "late answer": ([(0, syn(1007)), (1, syn(1007)), (1.01, tcp(s, 443, c, 1007, SYN | ACK, 5000, 1001)),
                         (1.02, tcp(c, 1007, s, 443, ACK, 1001, 5001))], "answered", "open", {"syns": 2}),
        "datagram answered": ([(0, ask), (.01, udp(s, 53, c, 1008))], "answered", "open", {}),
        "datagram to a closed port": ([(0, closed), (.01, icmp(s, c, *unreachable, closed))], "icmp", "closed", {}),
        "datagram without answer": ([(0, udp(c, 1010, s, 53))], "silent", "unknown", {}),
    }


def all_frames(c, s, wrap):
    frames = [(T0 + at, wrap(packet)) for packets, *_ in conversations(c, s).values() for at, packet in packets]
    frames.sort(key=lambda f: f[0])
    return frames + [(LAST, wrap(udp("192.0.2.1", 40000, "192.0.2.2", 40001)))]


def holds(want, got):
    return all(isinstance(v, dict) and got.get(k) and holds(v, got[k]) or got.get(k) == v for k, v in want.items())


def check_outcomes(name, path, c, s):
    document, got = read(path)
    if not ok(document is not None and got.returncode == 0, f"{name}: is read", got.stderr.decode()):
        return
    by_port = {a["cport"]: a for a in document["attempts"] if a["client"] == c}
    bad = []
    for number, (what, (_, outcome, state, more)) in enumerate(conversations(c, s).items(), 1001):
        a = by_port.get(number)
        if not a or (a["outcome"], a["state"]) != (outcome, state) or not holds(more, a) or a["server"] != s:
            bad.append((what, a))
    ok(not bad and len(by_port) == len(conversations(c, s)), f"{name}: every outcome is told", bad)


def test_links():
    wraps = {f"link type {link}": (wrap, link) for link, wrap in LINKS.items()}
    wraps["a VLAN tag"] = (lambda p: ether(p, (7,)), ETHERNET)
    wraps["two VLAN tags"] = (lambda p: ether(p, (7, 8)), ETHERNET)
    for name, (wrap, link) in wraps.items():
        for c, s in ((C4, S4), (C6, S6)):
            path = save("links.pcap", pcap(all_frames(c, s, wrap), link))
            check_outcomes(f"{name}, {c}", path, c, s)
    for order in "<>":
        for nano in (False, True):
            path = save("order.pcap", pcap(all_frames(C4, S4, ether), order=order, nanoseconds=nano))
            check_outcomes(f"byte order {order}, nanoseconds {nano}", path, C4, S4)
    path = save("order.pcap", pcap(all_frames(C4, S4, ether)))
    document, _ = read(path)
    ours = sum(a["syns"] for a in document["attempts"] if a["proto"] == "tcp")
    ok(ours == tcpdump_count(path, "tcp[13] & 18 = 2"), "as many SYNs as tcpdump shows", ours)
    ok(document["packets"] == tcpdump_count(path, ""), "as many packets as tcpdump shows")
    extended = [(T0, ether(tcp(C6, 1, S6, 443, SYN, extension=60))),
                (T0 + .1, ether(tcp(S6, 443, C6, 1, SYN | ACK, 5, 1001, extension=0))),
                (T0 + .2, ether(tcp(C6, 1, S6, 443, ACK, 1001, 6, extension=43)))]
    document, _ = read(save("extended.pcap", pcap(extended)))
    ok([a["outcome"] for a in document["attempts"]] == ["answered"], "IPv6 extension headers are passed over", document)


def test_icmp_codes():
    rows = [(C4, S4, 3, code) for code in range(16) if code != 4] + [(C6, S6, 1, code) for code in range(8)]
    rows += [(C4, S4, 11, 0), (C6, S6, 3, 0), (C4, S4, 12, 0), (C6, S6, 4, 0)]
    senders = {C4: "192.0.2.9", C6: "2001:db8::9"}
    frames = []
    for cport, (c, s, kind, code) in enumerate(rows, 2000):
        syn = tcp(c, cport, s, 25, SYN)
        frames += [(T0 + cport / 100, ether(syn)), (T0 + cport / 100 + .001, ether(icmp(senders[c], c, kind, code, syn)))]
    document, _ = read(save("icmp.pcap", pcap(frames + [(LAST + 60, ether(udp(C4, 9, S4, 9)))])))
    by_port = {a["cport"]: a for a in document["attempts"]}
    bad = [(row, by_port.get(cport)) for cport, row in enumerate(rows, 2000)
           if not by_port.get(cport) or by_port[cport]["outcome"] != "icmp"
           or (by_port[cport]["icmp"]["type"], by_port[cport]["icmp"]["code"]) != row[2:]
           or by_port[cport]["icmp"]["from"] != senders[row[0]]]
    ok(not bad, "every ICMP error is told with its code and sender", bad)


def test_devices():
    a, b, c = (ether(p) for _, p in answered(C4, S4, 4001))
    frames = [(T0, 0, a), (T0 + .001, 1, a), (T0 + .01, 1, b), (T0 + .011, 0, b), (T0 + .02, 0, c), (T0 + .021, 1, c)]
    for order in "<>":
        document, got = read(save("two.pcapng", pcapng(frames, 2, order=order)))
        attempts = document["attempts"] if document else []
        ok(len(attempts) == 1 and attempts[0]["syns"] == 1 and sorted(attempts[0]["devices"]) == ["#1", "#2"],
           f"one packet on two interfaces of a pcapng file ({order}) is no retransmission", (attempts, got.stderr))
    cooked = [(T0 + at, sll2(p, index)) for at, p in answered(C4, S4, 4002) for index in (4, 9)]
    document, _ = read(save("cooked.pcap", pcap(cooked, SLL2)))
    ok(document["attempts"][0]["devices"] == ["#4", "#9"] and document["attempts"][0]["syns"] == 1,
       "cooked frames name their interfaces", document)


def hello(name):
    """A TLS ClientHello with this server name."""
    sni = b"\0\0" + (len(name) + 5).to_bytes(2, "big") + (len(name) + 3).to_bytes(2, "big") + b"\0" \
        + len(name).to_bytes(2, "big") + name
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + len(sni).to_bytes(2, "big") + sni
    shake = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + len(shake).to_bytes(2, "big") + shake


def test_text():
    name = b"web\x1b[31m\n.example"
    frames = [(T0 + at, ether(p)) for at, p in answered(C4, S4, 5001)]
    frames.append((T0 + .03, ether(tcp(C4, 5001, S4, 443, ACK | PSH, 1001, 5001, hello(name)))))
    path = save("sni.pcap", pcap(frames))
    text = capture("-r", path).stdout
    ok(b"\x1b" not in text and b"sni web\\x1b[31m\\x0a.example" in text, "hostile bytes of a server's name are shown", text)
    ok(text.decode().startswith("✔ answered") and f"{C4}:5001 → {S4}:443/tcp" in text.decode(),
       "a line begins with its outcome", text)
    text = capture("-r", path, "--ascii").stdout.decode()
    ok(text.isascii() and text.startswith("+ answered"), "--ascii leaves no other character", text)
    path = save("links.pcap", pcap(all_frames(C4, S4, ether)))
    lines = capture("-r", path, "--format", "jsonl").stdout.decode().splitlines()
    document, _ = read(path)
    ok([json.loads(line) for line in lines] == document["attempts"], "jsonl is the same attempts, one a line", lines[:2])
    ok(list(document)[:6] == ["schema", "source", "packets", "kernel_drops", "attempts", "totals"]
       and document["schema"] == "dport.capture/1", "the document's keys stand in their order", list(document))
    summary, _ = read(path, "--summary")
    ok(summary["totals"] == document["totals"] and summary["attempts"] == [], "--summary has the same totals",
       (summary["totals"], document["totals"]))
    port = [p for p in summary["ports"] if p["sport"] == 443]
    ok(len(port) == 1 and port[0]["attempts"] == 7 and port[0]["totals"]["silent"] == 1, "--summary counts each port", port)
    text = capture("-r", path, "--summary").stdout.decode().splitlines()
    ok(len(text) == 2 + len(summary["ports"]) and "attempts in" in text[0], "--summary is totals and a table", text)


def test_target():
    path = save("links.pcap", pcap(all_frames(C4, S4, ether)))
    ports = lambda *words: {(a["sport"], a["proto"]) for a in read(path, *words)[0]["attempts"]}
    ok(ports("443") == {(443, "tcp")}, "a port is a filter")
    ok(ports("https") == {(443, "tcp")}, "a service is a filter")
    ok(ports("dns") == {(53, "udp")}, "a service of both protocols is a filter")
    ok(ports(S4 + ":53/udp") == {(53, "udp")} and ports("10.9.9.9:53/udp") == set(), "an address is a filter")
    got = capture("-r", path, "web1:443", "--json")
    ok(b"'web1' is not looked up" in got.stderr and got.returncode == 0, "a name is not looked up, and that is said")
    for words, sentence in ((["0"], b"1 to 65535"), (["web1"], b"names no port"), (["443", "80"], b"one TARGET")):
        got = capture("-r", path, *words)
        ok(got.returncode == 2 and sentence in got.stderr and not got.stdout, f"{words}: wrong words", got.stderr)


def test_bad_files():
    good = pcap(all_frames(C4, S4, ether))
    for name, data, n_least in (("cut", good[:-5], 9), ("length", good[:24 + 16 + 58] + b"\xff" * 16 + b"x" * 99, 1),
                                ("none", b"hello world, this is no capture", 0), ("empty", b"", 0)):
        got = capture("-r", save("bad.pcap", data), "--json")
        n = len(json.loads(got.stdout)["attempts"]) if got.stdout else 0
        ok(got.returncode == 65 and n >= n_least and got.stderr.count(b"\n") == 1,
           f"a damaged file ({name}) is read as far as it goes", (got.returncode, n, got.stderr))
    got = capture("-r", save("other.pcap", pcap([(T0, b"x" * 60)], 147)))
    ok(got.returncode == 65 and b"link type 147" in got.stderr, "an unknown link type is named", got.stderr)
    got = capture("-r", "/nowhere/x.pcap")
    ok(got.returncode == 2 and b"cannot be opened" in got.stderr, "a file that is not there", got.stderr)
    got = subprocess.run(f"{DPORT} capture -r {save('p.pcap', good)} >/dev/full", shell=True, capture_output=True, check=False)
    ok(got.returncode == 74, "an output that nobody gets is an error", got)
    with open(save("p.pcap", good), "rb") as f:
        got = subprocess.run([DPORT, "capture", "-r", "/dev/stdin", "--json"], stdin=f,
                             capture_output=True, check=False)
    ok(got.returncode == 0 and json.loads(got.stdout)["packets"] > 20, "a file comes by the standard input", got.stderr)


def test_pipes():
    frames = all_frames(C4, S4, ether)
    ng = [(at, 0, frame) for at, frame in frames]
    for name, data in (("pcap", pcap(frames)), ("pcap, most significant byte first", pcap(frames, order=">")),
                       ("pcapng", pcapng(ng, 1)), ("a version of 1995", pcap(frames).replace(b"\2\0\4\0", b"\2\0\3\0", 1))):
        process = subprocess.Popen([DPORT, "capture", "-r", "/dev/stdin", "--json"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for part in (data[:10], data[10:30], data[30:700], data[700:]):
            process.stdin.write(part)
            process.stdin.flush()
            time.sleep(0.05)
        out, err = process.communicate(timeout=30)
        document = json.loads(out) if out else {}
        ok(process.returncode == 0 and document.get("packets") == len(frames), f"{name} comes by a pipe, piece by piece", err)


def many_attempts(path, n):
    """n answered attempts; of the first there comes more when all others were seen."""
    from ipaddress import ip_address
    ends = [str(ip_address("10.1.0.0") + i) for i in range(n)]
    template = [ether(tcp("10.1.0.0", 4000, S4, 443, SYN)), ether(tcp(S4, 443, "10.1.0.0", 4000, SYN | ACK, 5000, 1001)),
                ether(tcp("10.1.0.0", 4000, S4, 443, ACK, 1001, 5001))]
    packed = [ip_address(end).packed for end in ends]
    address = packed[0]
    frames = [(T0 + i / 10000, frame.replace(address, end)) for i, end in enumerate(packed) for frame in template]
    frames += [(T0 + n / 10000 + .1, ether(tcp(end, 4000, S4, 443, ACK | PSH, 1001, 5001, b"SSH-2.0-x"))) for end in ends[:20000]]
    with open(path, "wb") as f:
        f.write(pcap([]))
        for i in range(0, len(frames), 1000):
            f.write(pcap(frames[i:i + 1000])[24:])


def test_many():
    path, n = os.path.join(FOLDER.name, "many.pcap"), 60000
    many_attempts(path, n)
    first, second = (capture("-r", path).stdout.decode().splitlines() for _ in range(2))
    lines = [line for line in first if "443/tcp" in line]
    ok(len(lines) == n and len({line.split()[2] for line in lines}) == n, "every one of 60,000 attempts has one line",
       (len(lines), first[:2], first[-2:]))
    ok(first == second, "the same file has the same text")


def main():
    need_root()
    test_links()
    test_icmp_codes()
    test_devices()
    test_text()
    test_target()
    test_bad_files()
    test_pipes()
    test_many()
    done()


main()

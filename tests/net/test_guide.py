#!/usr/bin/python3
"""The Guide as its user has it: in tmux, on a host that a client cannot reach. Enter, arrows and Esc only."""
import atexit
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from taplib import DPORT, done, kill_group_at_exit, need_root, ok
import tmuxlib

PORT = 8080
SERVER, CLIENT = "10.9.0.1", "10.9.0.2"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Host:
    """Two namespaces with a wire between them; what is started there ends with the test."""

    def __init__(self):
        self.processes = []
        for name in ("srv", "cli"):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", "srv", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", "cli")
        for name, address in (("srv", SERVER), ("cli", CLIENT)):
            run("ip", "-n", name, "addr", "add", address + "/24", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "eth0", "up")
        atexit.register(self.close)

    def start(self, where, *command):
        process = subprocess.Popen(["ip", "netns", "exec", where, *command], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def serve(self, port):
        process = self.start("srv", sys.executable, "-c", f"""
import socket, time
s = socket.create_server(("0.0.0.0", {port}), backlog=3)
while True:
    c, _ = s.accept()
    time.sleep(0.05)
    c.sendall(b"hello\\n")
    c.close()
""")
        end = time.monotonic() + 10
        while f":{port}" not in run("ip", "netns", "exec", "srv", "ss", "-tln").stdout and time.monotonic() < end:
            time.sleep(0.05)
        return process

    def knock(self, *ports):
        """A client that tries again and again."""
        return self.start("cli", sys.executable, "-c", f"""
import socket, time
while True:
    for port in {ports or (PORT,)}:
        try:
            socket.create_connection(("{SERVER}", port), 4).recv(1)
        except OSError:
            pass
    time.sleep(0.7)
""")

    def stop(self, process):
        os.kill(process.pid, signal.SIGCONT)
        process.kill()
        process.wait()
        self.processes.remove(process)

    def rule(self, text):
        got = run("ip", "netns", "exec", "srv", "nft", text)
        if got.returncode:
            raise SystemExit(got.stderr)

    def close(self):
        for process in list(self.processes):
            self.stop(process)


def console(words="", where="srv", **size):
    return tmuxlib.Console(words, f"ip netns exec {where}", **size)


def begin(c):
    """From the row in Ports, or from the first question on, to the run: Enter alone, nothing supposed."""
    if not re.search("What does the client say", c.screen()):
        c.keys("Enter")
    asked = c.wait_for("What does the client say") and "▸ I do not know" in c.screen()
    c.keys("Enter")
    asked = asked and c.wait_for("Which client") and "▸ anyone" in c.screen()
    c.keys("Enter")
    return asked


def packet_sockets(where="srv"):
    text = run("ip", "netns", "exec", where, "cat", "/proc/net/packet").stdout
    return len(text.splitlines()) - 1


def drop_rule(host):
    server, client = host.serve(PORT), host.knock()
    host.rule("add table inet filter; add chain inet filter input { type filter hook input priority 0; }; "
              f"add rule inet filter input ip saddr 10.9.0.0/24 tcp dport {PORT} counter drop")
    c = console()
    ok(c.wait_for(f"{PORT}/tcp"), "the listener is shown", c.screen())
    ok(begin(c), "Enter asks what the client says and which it is, with an answer that supposes nothing", c.screen())
    ok(c.wait_for(r"watching for SYNs, \d of 5 s"), "Enter starts a diagnosis, its deadline is on the screen", c.screen())
    ok(c.wait_for("FIREWALL DROPS IT · proven"), "the drop rule is the cause", c.screen())
    ok("✖ drops" in c.screen() and "handle" in c.screen() and "Next" in c.screen(),
       "with the rule and what to do, at 80x24 without a key", c.screen())
    c.keys("Enter")
    ok(c.wait_for("by hand +nft -a list chain inet filter input"), "Enter opens its evidence", c.screen())
    c.keys("Escape")
    time.sleep(0.3)
    c.keys("Up")
    c.keys("Enter")
    ok(c.wait_for("Is a program listening"), "arrows and Enter go to another step", c.screen())
    c.keys("Escape")
    time.sleep(0.3)
    c.keys("t")
    ok(c.wait_for("nothing comes back"), "the ladder shows the silence", c.screen())
    c.keys("Escape")
    time.sleep(0.3)
    c.keys("x")
    ok(c.wait_for(r"written: dport-8080-tcp-\d{8}T\d{6}Z\.md"), "x writes a report", c.screen())
    host.rule("flush ruleset")
    time.sleep(2)
    c.keys("r")
    ok(c.wait_for(r"before: .*dropped"), "r keeps what was before", c.screen())
    ok(c.wait_for(r"open, [\d.]+ ms, from 10\.9\.0\.2") and c.wait_for("✔ OPEN"), "a handshake of the client ends it",
       c.screen())
    before = packet_sockets()
    c.keys("r")
    c.wait_for("watching for SYNs")
    during = packet_sockets()
    c.keys("Escape")
    ok(c.wait_for("LISTENS ON"), "Esc goes back to the ports", c.screen())
    time.sleep(1)
    ok(during > before and packet_sockets() == before, "and the capture of the diagnosis is ended",
       (before, during, packet_sockets()))
    c.keys("q")
    ok(c.wait_for("left with 0"), "q quits", c.screen())
    c.close()
    host.stop(client)
    host.stop(server)


def stopped_service(host):
    server = host.serve(PORT)
    os.kill(server.pid, signal.SIGSTOP)
    client = host.knock()
    time.sleep(1)
    c = console()
    ok(c.wait_for(f"{PORT}/tcp"), "the stopped service is shown", c.screen())
    begin(c)
    ok(c.wait_for("✖ SERVICE (IS STOPPED|ACCEPTS TOO SLOWLY)"), "what keeps the client waiting is the service", c.screen())
    ok(re.search(r"▸2 server +✖", c.screen()) and "is stopped" in c.screen(),
       "its step is selected, and the stop is told", c.screen())
    c.keys("q")
    c.close()
    host.stop(client)
    host.stop(server)


def nobody_listens(host):
    client = host.knock()
    c = console(f"{PORT} --symptom refused")
    ok(c.wait_for("NOBODY LISTENS · proven"), "a TARGET with the client's words opens the guide at once", c.screen())
    ok("✖ refuses" in c.screen() and "Next" in c.screen(), "with what to do", c.screen())
    c.keys("Enter")
    ok(c.wait_for("by hand +ss -tlpn"), "Enter opens its evidence", c.screen())
    c.keys("Escape")
    time.sleep(0.3)
    c.keys("Escape")
    ok(c.wait_for("(nothing listens here|LISTENS ON)"), "Esc goes back to the ports", c.screen())
    c.keys("q")
    c.close()
    host.stop(client)


def asked_for_and_unserved(host):
    """The row that no list of sockets has: the client uses another port here, so it means it."""
    server, client = host.serve(9999), host.knock(9999, PORT)
    c = console(columns=120, rows=40)
    ok(c.wait_for(f"{PORT}/tcp .*nobody listens", seconds=40), "a port that is asked for has a row", c.screen())
    c.keys("Down")
    begin(c)
    ok(c.wait_for("NOBODY LISTENS · proven|CLIENT USES THE WRONG PORT"), "Enter finds that nobody listens", c.screen())
    c.keys("Escape")
    ok(c.wait_for("LISTENS ON"), "Esc goes back", c.screen())
    c.keys("q")
    c.close()
    host.stop(client)
    host.stop(server)


def nobody_tries(host):
    server = host.serve(PORT)
    c = console()
    c.wait_for(f"{PORT}/tcp")
    begin(c)
    ok(c.wait_for(f"nc -vz -w5 {SERVER} {PORT}"), "while nobody tries, the line for the client is shown", c.screen())
    ok(c.wait_for("no client has tried"), "and that nobody tried is said", c.screen())
    c.keys("q")
    c.close()
    host.stop(server)


def without_rights(host):
    server, client = host.serve(PORT), host.knock()
    c = console(where="srv setpriv --reuid 65534 --regid 65534 --clear-groups")
    c.wait_for(f"{PORT}/tcp")
    begin(c)
    ok(c.wait_for("⊘ needs root", seconds=30), "without the right to capture step 1 says so", c.screen())
    ok(c.wait_for("NOT KNOWN", seconds=30) and "✔ listens" in c.screen(), "the rest goes on, and nothing is claimed at its end",
       c.screen())
    c.keys("q")
    c.close()
    host.stop(client)
    host.stop(server)


def a_client_that_is_chosen(host):
    """Arrows, Enter and Esc alone: the client's words, the client out of those that were seen, then the proof by hand."""
    server = host.serve(PORT)
    host.rule("add table inet filter; add chain inet filter input { type filter hook input priority 0; }; "
              f"add rule inet filter input tcp dport {PORT} counter reject with tcp reset")
    client = host.knock()
    c = console()
    ok(c.wait_for(f"{PORT}/tcp .*✖"), "the port fails its clients", c.screen())
    c.keys("Enter")
    c.wait_for("What does the client say")
    c.keys("Down", "Enter")
    ok(c.wait_for(CLIENT.replace(".", r"\.") + " +was seen trying this port"), "who was seen trying can be chosen",
       c.screen())
    c.keys("Down", "Enter")
    ok(c.wait_for(r"heard it: SYN from 10\.9\.0\.2:\d+"), "what was heard stands there while the run goes on", c.screen())
    ok(c.wait_for("FIREWALL REJECTS IT"), "the cause is found", c.screen())
    ok(f"from {CLIENT}" in c.screen(), "of the client that was chosen", c.screen())
    c.keys("1")
    ok(c.wait_for("the client is said to see: refused"), "its words are among the evidence", c.screen())
    c.keys("Escape")
    time.sleep(0.3)
    for _ in range(12):
        if "Enter looks again" in c.screen():
            break
        c.keys("Enter")
    ok("Enter looks again" in c.screen(), "Enter alone leads through all of it", c.screen())
    ok(re.search(r"Ask +who keeps the firewall rules", c.screen()) and "By hand" in c.screen(),
       "to whom to ask and how to find it by hand", c.screen())
    host.rule("flush ruleset")
    time.sleep(2)
    c.keys("Enter")
    ok(c.wait_for(r"→ now: open, [\d.]+ ms, from 10\.9\.0\.2"), "and looks again: before and now", c.screen())
    c.keys("q")
    c.close()
    host.stop(client)
    host.stop(server)


def nobody_can_test(host):
    server = host.serve(PORT)
    c = console()
    c.wait_for(f"{PORT}/tcp")
    c.keys("Enter")
    c.wait_for("What does the client say")
    c.keys("Enter")
    c.wait_for("Which client")
    c.keys("Up", "End", "Enter")
    ok(c.wait_for("no client has tried|looks open", seconds=15), "who cannot test gets what can be said", c.screen())
    c.keys("G")
    ok(c.wait_for("nobody could try from the client"), "and that it rests on this host alone", c.screen())
    ok("nc -vz" not in c.screen(), "without being told to try", c.screen())
    c.keys("q")
    c.close()
    host.stop(server)


def this_host_is_the_client(host):
    """The Guide on an address that is another host's: the way out, as `dport probe` has it."""
    server = host.serve(PORT)
    c = console(f"{SERVER}:{PORT}", where="cli")
    ok(c.wait_for("is not an address of this host") and "▸ the client" in c.screen(), "whose role is unclear is asked",
       c.screen())
    c.keys("Enter")
    ok(c.wait_for("✔ connects"), "as the client, this host tries it", c.screen())
    ok(c.wait_for("✔ OPEN · proven") and "this host is the client" in c.screen(), "and it is open", c.screen())
    c.keys("Escape")
    c.keys("q")
    c.close()
    host.stop(server)
    c = console(f"10.9.0.77:{PORT} --role client", where="cli")
    ok(c.wait_for(r"trying to connect, \d of \d+ s") and "… waiting" in c.screen(),
       "while it tries, the deadline is on the screen", c.screen())
    ok(c.wait_for("CLIENT'S NEXT HOP DOES NOT ANSWER"), "that nobody has the address is found", c.screen())
    c.keys("q")
    c.close()
    c = console(f"{SERVER}:{PORT} --role client", where="cli")
    ok(c.wait_for("refused"), "a port that nobody serves refuses", c.screen())
    ok(c.wait_for("NOT KNOWN|PERHAPS"), "whose no it is cannot be told from here", c.screen())
    c.keys("q")
    c.close()


def recorded(host):
    server, client = host.serve(PORT), host.knock()
    host.rule("add table inet filter; add chain inet filter input { type filter hook input priority 0; }; "
              f"add rule inet filter input tcp dport {PORT} counter drop")
    path = os.path.join(tempfile.mkdtemp(), "fault.tar")
    began = time.time()
    got = run("ip", "netns", "exec", "srv", DPORT, "diagnose", str(PORT), "--record", path)
    ended = time.time()
    ok(got.returncode == 1, "a diagnosis is recorded", got.stdout + got.stderr)
    host.rule("flush ruleset")
    host.stop(client)
    host.stop(server)
    c = console(f"--replay {path} {PORT}", where="cli")
    ok(c.wait_for("FIREWALL DROPS IT · proven"), "the Guide on a recording tells the recorded fault", c.screen())
    time.sleep(max(0, ended + 2 - time.time()))
    c.keys("G")
    c.wait_for("made at")
    made = re.search(r"made at +(\d\d:\d\d:\d\d) UTC", c.screen())
    moments = [time.strftime("%H:%M:%S", time.gmtime(t)) for t in range(int(began), int(ended) + 2)]
    ok(made and made.group(1) in moments, "by the clock of the recording", (moments, c.screen()))
    c.keys("q")
    c.close()


def main():
    need_root()
    kill_group_at_exit()
    host = Host()
    drop_rule(host)
    stopped_service(host)
    nobody_listens(host)
    asked_for_and_unserved(host)
    nobody_tries(host)
    without_rights(host)
    a_client_that_is_chosen(host)
    nobody_can_test(host)
    this_host_is_the_client(host)
    recorded(host)
    done()


if __name__ == "__main__":
    main()

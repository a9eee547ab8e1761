"""Cases of diagnose --join and --symptom: what the other end says, as people paste it."""
import os

from caselib import Case, fault, healthy, input_chain, unknown

DROP = input_chain("tcp dport 443 counter drop")
TEXTS = {
    "curl.txt": "*   Trying 10.0.0.1:443...\n* connect to 10.0.0.1 port 443 from 10.0.0.2 port 40000 failed: "
                "Connection timed out\ncurl: (28) Failed to connect to 10.0.0.1 port 443\n",
    "nc.txt": "nc: connect to 10.0.0.1 port 443 (tcp) failed: Connection refused\n",
    "open.txt": "Connection to 10.0.0.1 443 port [tcp/https] succeeded!\n",
    "telnet.txt": "Trying 10.0.0.1...\ntelnet: Unable to connect to remote host: No route to host\n",
    "windows.txt": "WARNING: TCP connect to (10.0.0.1 : 443) failed\r\nComputerName     : web1\r\n"
                   "RemoteAddress    : 10.0.0.1\r\nRemotePort       : 443\r\nSourceAddress    : 10.0.0.2\r\n"
                   "TcpTestSucceeded : False\r\n",
    "browser.txt": "This site can't be reached\n10.0.0.1 took too long to respond.\nERR_CONNECTION_TIMED_OUT\n",
    "name.txt": "curl: (6) Could not resolve host: web1\n",
    "hostile.txt": "nc: \x1b]0;x\x07connect to 10.0.0.1 port 443 (tcp) failed: Connection refused \u202e\n" + "A" * 100000,
    "nothing.txt": "it does not work, please fix\n",
}


def forms(*names):
    """The rows are of these forms, in this order, with these results."""
    def look(seen):
        got = [f"{r['form']} {r['result']}" for r in seen.document.get("clients", ())]
        if got != list(names):
            yield f"the rows are {got}, not {list(names)}"
        if "\x1b" in str(seen.document):
            yield "an escape is in the document"
    return look


def make(folder):
    for name, text in TEXTS.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)

    def ask(*names, more=""):
        return "443/tcp --from 10.0.0.2 " + " ".join(f"--join {folder}/{n}" for n in names) + more

    quiet = {"quiet": True, "noise": ("10.0.0.1 22 --source 10.0.0.3 --every 0.5",),
             "services": ("443", "22 --manner banner")}
    yield Case("joined: six forms of words about a rule that drops", "timeout",
               fault("firewall.drop", "firewall", rule="dport 443"), nft=DROP,
               ask=ask("curl.txt", "nc.txt", "telnet.txt", "windows.txt", "browser.txt", "open.txt"),
               look=forms("curl timed-out", "nc refused", "telnet unreachable", "test-netconnection failed",
                          "browser timed-out", "nc connected"))
    yield Case("joined: the client gets through now, whatever it said before", "answered", healthy(), ask=ask("curl.txt"))
    yield Case("joined: its words are not of this time, so they decide nothing", "",
               unknown("client.syn-never-arrives", "firewall.middlebox-reset"), ask=ask("curl.txt"), **quiet)
    yield Case("joined: refused once proves no device between", "", unknown(None, "client.syn-never-arrives"),
               ask=ask("nc.txt"), **quiet)
    yield Case("joined: the client cannot resolve the name", "", fault("client.name-unresolved", "client", "likely"),
               ask=ask("name.txt"), **quiet)
    yield Case("joined: hostile words are words", "timeout", fault("firewall.drop", "firewall"), nft=DROP,
               ask=ask("hostile.txt"), look=forms("nc refused"))
    yield Case("joined: words that say nothing are told as such", "answered", healthy(says="not understood"),
               ask=ask("nothing.txt"), look=forms("unknown unknown"))
    yield Case("symptom: refused, and here its SYNs are dropped in silence", "timeout",
               fault("firewall.drop", "firewall", says="it talks to another host"), nft=DROP,
               ask="443/tcp --from 10.0.0.2 --symptom refused")
    yield Case("symptom: timeout fits a rule that drops", "timeout",
               fault("firewall.drop", "firewall", says="the client is said to see: timed out; here"), nft=DROP,
               ask="443/tcp --from 10.0.0.2 --symptom timeout")
    yield Case("symptom: timeout, and here a reset answers", "refused",
               fault("server.not-listening", "server", says="the answer is lost on its way back"), services=(),
               ask="443/tcp --from 10.0.0.2 --symptom timeout")

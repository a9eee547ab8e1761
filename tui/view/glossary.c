/* One row for each word; a word of two screens has both bits. */
#include "tui/view/glossary.h"

#include "core/snapshot/events.h"
#include "tui/keymap.h"
#include "tui/state/path_line.h"

const struct glossary glossary[] = {
	{WHERE_PORTS, false, 0, "listener",
	 "a socket that waits for clients: TCP in LISTEN, or UDP bound to"
	 " a port without a peer. Sockets that serve one port together"
	 " (both families, SO_REUSEPORT) are one row"},
	{WHERE_PORTS, false, 0, "PORT", "number and protocol"},
	{WHERE_PORTS, false, 0, "SERVICE",
	 "the port's name in /etc/services: what usually uses it, no proof"},
	{WHERE_PORTS, false, 0, "ephemeral",
	 "the port lies in ip_local_port_range, from which outgoing"
	 " connections get theirs"},
	{WHERE_PORTS, false, 0, "any v4+v6",
	 "every address of this host. any v4, any v6: of one family"},
	{WHERE_PORTS, false, 0, "this host only",
	 "loopback: programs on this host reach it, nobody else"},
	{WHERE_PORTS, false, 0, "10.0.0.5 (eth0)",
	 "only this address, which that interface has"},
	{WHERE_PORTS, true, SYMBOL_SOME, "absent",
	 "bound to an address that no interface has: nobody reaches"
	 " it until one has"},
	{WHERE_PORTS, false, 0, "OWNER",
	 "the program that holds the socket: name and process id, the first"
	 " one started. +4: four more processes hold it"},
	{WHERE_PORTS, true, SYMBOL_ELLIPSIS, "behind owners",
	 "at least these, perhaps more: not every"
	 " process could be read"},
	{WHERE_PORTS, true, SYMBOL_WAITING, "looking", "not looked for yet"},
	{WHERE_PORTS, true, SYMBOL_NO_RIGHT, "needs root",
	 "other users' processes cannot be read without"
	 " rights; see what is missing below"},
	{WHERE_PORTS, true, SYMBOL_UNKNOWN, "not known",
	 "nobody was found, and not all could be looked at;"
	 " ? alone: this cell is not known"},
	{WHERE_PORTS, true, SYMBOL_NONE, "no process",
	 "all were looked at and none holds it: the kernel's"
	 " own socket"},
	{WHERE_PORTS, false, 0, "QUEUE 0/128",
	 "connections that wait for accept(), and how many listen()"
	 " allows. UDP: bytes that wait to be read"},
	{WHERE_PORTS, true, SYMBOL_BAD, "full (511)",
	 "more wait than are allowed: new clients are not"
	 " answered"},
	{WHERE_PORTS, true, SYMBOL_SOME, "was full",
	 "it was full at some time since dport watches"},
	{WHERE_PORTS, false, 0, "CONN",
	 "established connections that came through this listener"},
	{WHERE_PORTS, true, SYMBOL_FALLING, "nginx 3 ports",
	 "the heading of an open group; a closed one has the pointer's sign. The state"
	 " beside it is that of the port in it that matters most"},
	{WHERE_PORTS, false, 0, "SYN/s",
	 "how often clients ask, by the packets that arrive; the bars: how it went, the"
	 " newest at the right"},
	{WHERE_PORTS, false, 0, "ANSWER", "what clients who asked lately got"},
	{WHERE_PORTS, true, SYMBOL_GOOD, "open", "they were answered"},
	{WHERE_PORTS, true, SYMBOL_SOME, "some", "some were answered, some not"},
	{WHERE_PORTS, true, SYMBOL_UNKNOWN, "half-open",
	 "answers left, and no client was seen to take one up"},
	{WHERE_PORTS, true, SYMBOL_BAD, "closed", "a reset came back"},
	{WHERE_PORTS, true, SYMBOL_BAD, "rejected", "an ICMP error came back"},
	{WHERE_PORTS, true, SYMBOL_BAD, "filtered", "nothing came back"},
	{WHERE_PORTS, true, SYMBOL_NONE, "none", "nobody asked"},
	{WHERE_PORTS, false, 0, "REACHED BY",
	 "who gets through to it, by bind address, firewall and translation; routes are"
	 " left out. any: every address of a family. lan: private networks alone. host:"
	 " this host alone. 3 nets, any but 2: these networks, or all but these. nobody."
	 " unsure: it depends on what is not known. many: too many to find out here. dport "
	 "exposure PORT names them"},
	{WHERE_PORTS, false, 0, "UNIT",
	 "the systemd unit, else the container, that the owner runs in"},
	{WHERE_PORTS, false, 0, "DROPS",
	 "what the kernel threw away at this socket; (+n): since dport"
	 " watches"},
	{WHERE_PORTS, false, 0, "NETNS",
	 "network namespace: a network stack of its own (containers);"
	 " (own): the one that dport runs in"},
	{WHERE_PORTS, true, SYMBOL_NONE, "", "there is none"},
	{WHERE_PORTS, false, 0, "inode, cgroup",
	 "the socket's number in /proc/PID/fd; its control group,"
	 " which names the unit"},

	{WHERE_PORTS, false, 0, "3 of 12, [ ]",
	 "a recording holds so many pictures of the host; [ and ] go from one to the next."
	 " A dot on the line: other listeners than in the one before"},
	{WHERE_QUESTION, false, 0, "the client",
	 "the program, or the host that it runs on, that wants to connect"},
	{WHERE_QUESTION, false, 0, "TLS",
	 "the encryption of https and others: certificates, versions, names"},
	{WHERE_QUESTION, false, 0, "NAT",
	 "network address translation: somebody on the way gives packets other addresses"},
	{WHERE_QUESTION, false, 0, "load balancer",
	 "a machine in front that hands clients on to several servers"},
	{WHERE_QUESTION, false, 0, "I cannot test",
	 "nobody is waited for: what is said then rests on this host's sockets, rules and"
	 " routes alone"},
	{WHERE_RUN, false, 0, "heard it",
	 "a packet of a client was seen while dport watches; what others send, or to other"
	 " ports, is counted apart"},
	{WHERE_RUN | WHERE_QUESTION, false, 0, "refused",
	 "the client's word: something answered no"},
	{WHERE_RUN | WHERE_QUESTION, false, 0, "timed out",
	 "the client's word: nothing answered"},
	{WHERE_RUN | WHERE_QUESTION, false, 0, "no route",
	 "the client's \"No route to host\": mostly a firewall's no, seldom routing"},
	{WHERE_RUN | WHERE_QUESTION, false, 0, "reset",
	 "the client's word: it answered, then hung up"},
	{WHERE_RUN, false, 0, "SYN",
	 "the first packet of a TCP connection: the client asks"},
	{WHERE_RUN, false, 0, "SYN-ACK", "the answer to it: the server is willing"},
	{WHERE_RUN, false, 0, "RST", "the answer no, or the end of a connection at once"},
	{WHERE_RUN, true, SYMBOL_GOOD, "arrives ...", "the step was looked at and is fine"},
	{WHERE_RUN, true, SYMBOL_BAD, "drops",
	 "the packet is thrown away, and nobody is told"},
	{WHERE_RUN, true, SYMBOL_BAD, "rejects",
	 "something answers the client no, with an ICMP error"},
	{WHERE_RUN, true, SYMBOL_BAD, "refuses",
	 "something answers the client no, with a reset"},
	{WHERE_RUN, true, SYMBOL_BAD, "fails", "this is what keeps the client out"},
	{WHERE_RUN, true, SYMBOL_SOME, "perhaps",
	 "it may be this; a neighbour is not excluded"},
	{WHERE_RUN, true, SYMBOL_UNKNOWN, "unknown",
	 "it was looked at, and what this host can see does not decide it"},
	{WHERE_RUN | WHERE_LOGS | WHERE_DETAILS, true, SYMBOL_NO_RIGHT, "needs root",
	 "it cannot be seen without a right"},
	{WHERE_RUN, true, SYMBOL_NONE, "none", "there is nothing of the kind on the way"},
	{WHERE_RUN, true, SYMBOL_WAITING, "waiting",
	 "not known yet; what for and how long stands there"},
	{WHERE_RUN, false, 0, "proven", "observed on this host now"},
	{WHERE_RUN, false, 0, "likely",
	 "all that was seen fits, and the neighbours are excluded"},
	{WHERE_RUN, false, 0, "possible", "it fits, and a neighbour is not excluded"},
	{WHERE_RUN, false, 0, "seen, read",
	 "seen: observed happening; read: concluded from how the host is configured"},
	{WHERE_RUN | WHERE_PATH, false, 0, "input, forward",
	 "hooks: the places where the kernel asks the firewall about a packet, in this"
	 " order; input is for packets to this host, forward for those passed on"},
	{WHERE_RUN | WHERE_PATH, false, 0, "policy",
	 "what a chain of rules does with what no rule decided"},
	{WHERE_RUN | WHERE_PATH, false, 0, "handle",
	 "the number of a rule, by which nft deletes it"},
	{WHERE_RUN, false, 0, "before, now",
	 "after r: the result before and this one. Once a fault, it stays red until a "
	 "client"
	 " got through; a connection of our own does not count"},

	{WHERE_PALETTE, true, SYMBOL_NONE, "grey line",
	 "it cannot be done now; the words say why, or on which screen it can"},
	{WHERE_PALETTE, false, 0, "target",
	 "a port as people write it: 443, 53/udp, https, web1:443, a URL; Enter opens the"
	 " guide on it"},

	{WHERE_EVENTS, false, 0, "event",
	 "what differs between two looks at the host. What could not be looked at is none:"
	 " nothing is called gone because a source did not answer"},
	{WHERE_EVENTS, true, SYMBOL_BAD, "gone, full ...", "it keeps clients out"},
	{WHERE_EVENTS, true, SYMBOL_SOME, "restarted ...", "a change that can explain one"},
	{WHERE_EVENTS, true, SYMBOL_GOOD, "back, works ...", "it is well again"},
	{WHERE_EVENTS, false, 0, "(... 3 times)",
	 "the same again and again within ten minutes, in one line"},
#define X(name, word, group, tone, help) {WHERE_EVENTS, false, 0, word, help},
	EVENT_KINDS(X)
#undef X
		{WHERE_PORTS, false, 0, "new, gone, ...",
		 "before an owner: what happened to the row in the last ten seconds; e has "
		 "the whole"
		 " list. A gone listener stays in a dim line for that long"},

	{WHERE_WIRE, false, 0, "attempt",
	 "one try of a client: a SYN with its repeats, or UDP datagrams, and what answered."
	 " dport capture tells the same"},
	{WHERE_WIRE, true, SYMBOL_GOOD, "answered",
	 "the port is open: a SYN-ACK came back"},
	{WHERE_WIRE, true, SYMBOL_BAD, "refused",
	 "a reset came back: nobody listens, or a rule says no"},
	{WHERE_WIRE, true, SYMBOL_BAD, "icmp",
	 "an ICMP error came back; ANSWERED BY has its sender and what it says"},
	{WHERE_WIRE, true, SYMBOL_BAD, "silent",
	 "nothing came back in time: a drop, or the answer took another way"},
	{WHERE_WIRE, true, SYMBOL_UNKNOWN, "open or ...",
	 "UDP without an answer: a program that is silent looks like a drop"},
	{WHERE_WIRE, true, SYMBOL_SOME, "half-open",
	 "a SYN-ACK left, and no ACK of the client followed"},
	{WHERE_WIRE, true, SYMBOL_SOME, "reset-later",
	 "it was answered, then reset before much was said"},
	{WHERE_WIRE, true, SYMBOL_WAITING, "waiting", "not decided yet"},
	{WHERE_WIRE, true, SYMBOL_UNKNOWN, "undecided",
	 "the capture ended before anything was decided"},
	{WHERE_WIRE, true, SYMBOL_NONE, "nothing",
	 "no answer was seen; no time to be told"},
	{WHERE_WIRE, true, SYMBOL_NO_RIGHT, "needs root",
	 "packets cannot be seen without a right"},
	{WHERE_WIRE, false, 0, "BEGAN",
	 "when the client's first SYN, or datagram, was seen"},
	{WHERE_WIRE, false, 0, "SENT",
	 "SYNs, or datagrams, of the client; those that were sent again too"},
	{WHERE_WIRE, false, 0, "RTT",
	 "from a SYN that was sent once to its answer, as seen on this host"},
	{WHERE_WIRE, false, 0, "ttl",
	 "hops left in the answer as it was seen here: 64, 128 and 255 are of this host, or"
	 " of one beside it"},
	{WHERE_WIRE, false, 0, "DEVICES",
	 "the interfaces that it was seen on; several are one packet on its way through"},
	{WHERE_WIRE, false, 0, "pcap",
	 "a file of packets for tcpdump or Wireshark; headers only, no payload, in the"
	 " directory where dport was started"},

	{WHERE_DETAILS, false, 0, "Tab, Shift-Tab",
	 "to the next and the former part of the screen; y copies the part in which you "
	 "are"},
	{WHERE_DETAILS, false, 0, "owners",
	 "the processes that hold the socket; a process stands under the one that started"
	 " it, if that holds the socket too"},
	{WHERE_DETAILS, false, 0, "command",
	 "what the process was started with, a blank between two arguments; no more than "
	 "its"
	 " first 256 bytes are read. A program may write something else there"},
	{WHERE_DETAILS, false, 0, "files open",
	 "descriptors that the process has, of how many it may have (ulimit -n)"},
	{WHERE_DETAILS, false, 0, "queue, past",
	 "connections that waited for accept(), the highest of each 5 seconds; kept while"
	 " dport runs"},
	{WHERE_DETAILS, false, 0, "half open",
	 "the SYN was answered, and the client's answer to that did not come: it is lost on"
	 " its way, or the sender was forged"},
	{WHERE_DETAILS, false, 0, "connected",
	 "how many connections each client address has now; those in TIME-WAIT, which no"
	 " process holds, are left out"},
	{WHERE_DETAILS, false, 0, "reached by",
	 "from where packets get as far as the program, by bind address, firewall and"
	 " translation"},
	{WHERE_PATH, false, 0, "the way in",
	 "the places of this host that the packet passes, worked out from its rules and"
	 " routes; nothing is sent. What is no rule here, as a firewall before this host, "
	 "is"
	 " not seen"},
	{WHERE_PATH, true, SYMBOL_GOOD, "place", "the packet passes there"},
	{WHERE_PATH, true, SYMBOL_BAD, "place",
	 "it ends there: dropped, rejected, refused"},
	{WHERE_PATH, true, SYMBOL_ARROW, "place", "its address or port is changed there"},
	{WHERE_PATH, true, SYMBOL_UNKNOWN, "place",
	 "not known: it depends on what stands below, or nobody could read it"},
	{WHERE_PATH, true, SYMBOL_INTO, "rule", "it matched, and the packet went on"},
	{WHERE_PATH, true, SYMBOL_SOME, "rule",
	 "a near miss: it would have let the packet on, and one field misses"},
	{WHERE_PATH, true, SYMBOL_UNKNOWN, "rule",
	 "whether it matches depends on what is not known"},
	{WHERE_PATH, true, SYMBOL_GOOD, "field",
	 "the rule tests it, and the packet has it"},
	{WHERE_PATH, true, SYMBOL_BAD, "field",
	 "the rule tests it, and the packet has another"},
	{WHERE_PATH, true, SYMBOL_UNKNOWN, "field",
	 "the rule tests it, and nobody knows what the packet has: a client that was not"
	 " named, a limit, a mark"},
	{WHERE_PATH, false, 0, "other tests", "what has no name of its own: limits, flags"},
#define X(word, operand, means) {WHERE_PATH, false, 0, word " ...", operand ": " means},
	PATH_LINE_WORDS(X)
#undef X
		{WHERE_PATH, false, 0, "an empty line",
		 "the packet that the screen was opened with comes back"},

	{WHERE_LOGS, false, 0, "time line",
	 "all that the diagnosis saw, in the order of time; times count from the moment"
	 " since which clients fail, else from the first SYN. u: the clock's time"},
	{WHERE_LOGS, true, SYMBOL_BAD, "",
	 "it tells of a packet that came to nothing, or of the cause"},
	{WHERE_LOGS, true, SYMBOL_SOME, "",
	 "it counts for the judgement: Enter says why. Tab goes to the next of these"},
	{WHERE_LOGS, true, SYMBOL_DOT, "", "it stands there for its time alone"},
	{WHERE_LOGS, false, 0, "fault",
	 "since this moment clients fail, as far as was seen"},
	{WHERE_LOGS, false, 0, "old log",
	 "a line from before the watch that still counts, as a bind that failed"},
	{WHERE_LOGS, false, 0, "drop",
	 "the kernel threw the packet away, with its own word for why"},
	{WHERE_LOGS, false, 0, "counter",
	 "it moved at some time of the watch, by packets of anybody"},

	{WHERE_COLUMNS, true, SYMBOL_GOOD, "shown", "it stands on Ports at this width"},
	{WHERE_COLUMNS, true, SYMBOL_SOME, "no room",
	 "it would stand there on a wider terminal. What you switch on comes before what"
	 " is shown by itself; what you switch off makes room"},
	{WHERE_COLUMNS, true, SYMBOL_NONE, "hidden", "not shown"},
	{WHERE_COLUMNS, true, SYMBOL_NONE, "not here",
	 "it would have nothing to say: no capture, or one namespace only"},
	{WHERE_COLUMNS, false, 0, "configuration",
	 "the file that the next dport begins with, dport.ini(5); dport --print-config"
	 " says where yours is"},
};

const size_t n_glossary = sizeof(glossary) / sizeof(glossary[0]);

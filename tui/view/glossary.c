/* One row for each word; a word of two screens has both bits. */
#include "tui/view/glossary.h"

#include "tui/keymap.h"

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

	{WHERE_RUN, false, 0, "refused", "the client's word: something answered no"},
	{WHERE_RUN, false, 0, "timed out", "the client's word: nothing answered"},
	{WHERE_RUN, false, 0, "no route",
	 "the client's \"No route to host\": mostly a firewall's no, seldom routing"},
	{WHERE_RUN, false, 0, "reset", "the client's word: it answered, then hung up"},
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
	{WHERE_RUN, true, SYMBOL_NO_RIGHT, "needs root",
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
	{WHERE_RUN, false, 0, "input, forward",
	 "hooks: the places where the kernel asks the firewall about a packet, in this"
	 " order; input is for packets to this host, forward for those passed on"},
	{WHERE_RUN, false, 0, "policy",
	 "what a chain of rules does with what no rule decided"},
	{WHERE_RUN, false, 0, "handle", "the number of a rule, by which nft deletes it"},
	{WHERE_RUN, false, 0, "before, now",
	 "after r: the result before and this one. Once a fault, it stays red until a "
	 "client"
	 " got through; a connection of our own does not count"},
};

const size_t n_glossary = sizeof(glossary) / sizeof(glossary[0]);

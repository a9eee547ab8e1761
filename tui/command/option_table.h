/* The options of the call in one table: options.c makes the parser and the help of it. */
#ifndef TUI_OPTION_TABLE_H
#define TUI_OPTION_TABLE_H

/* X(name, letter, argument or NULL, help) */
#define OPTIONS(X)                                                                         \
	X("format", 'F', "WORD",                                                           \
	  "text, json; markdown (list, diagnose, path, probe, rules), csv (list), "        \
	  "jsonl (capture)")                                                               \
	X("json", 'j', NULL, "short for --format json")                                    \
	X("netns", 'n', "NAME|PID|all",                                                    \
	  "look into another network namespace, or into all")                              \
	X("family", 'f', "4|6", "list, path, probe: only one address family")              \
	X("record", 'R', "FILE", "write everything that is read to a new file")            \
	X("replay", 'P', "FILE", "read a recording instead of this host")                  \
	X("for", 's', "SECS", "record, capture: how long")                                 \
	X("from", 'o', "ADDR[:PORT]", "diagnose, path, record: the client that is trying") \
	X("wait", 't', "SECS", "diagnose, probe: how long to watch or try at most (5)")    \
	X("role", 'y', "WORD", "diagnose, path, record: server, router or client")         \
	X("expect", 'e', "ADDR", "probe, diagnose: the address that the name should have") \
	X("mtu", 'M', NULL, "probe, diagnose: which sizes of packets get through")         \
	X("in", 'I', "NAME", "path: the interface that the packet comes in by")            \
	X("flags", 'G', "LETTERS", "path: TCP flags out of FSRPAUEW (default: S)")         \
	X("state", 'E', "WORD", "path: new or established")                                \
	X("origin", 'Z', "WORD", "path: remote, or local: this host sends it")             \
	X("ttl", 'T', "N", "path: the packet's time to live")                              \
	X("no-connect", 'q', NULL, "diagnose, probe, record: no connection of our own")    \
	X("symptom", 'Y', "WORD",                                                          \
	  "diagnose, record: what the client says: refused, timeout, no-route, reset, "    \
	  "tls, "                                                                          \
	  "slow, unknown")                                                                 \
	X("client", 'k', "ssh:USER@HOST",                                                  \
	  "diagnose, record: have it try from there, over your ssh (repeatable)")          \
	X("join", 'J', "FILE",                                                             \
	  "diagnose, record: what the other end saw: its JSON, or curl, nc, telnet, "      \
	  "Test-NetConnection (repeatable)")                                               \
	X("cloud-rules", 'A', "FILE",                                                      \
	  "diagnose, path: saved security groups and network ACLs (AWS)")                  \
	X("prove", 'B', NULL,                                                              \
	  "diagnose: trace the client's packets by tables that go with us")                \
	X("interface", 'i', "NAME", "capture, -i: on this interface (default: any)")       \
	X("read", 'r', "FILE", "capture, -r: from a capture file, without rights")         \
	X("write", 'w', "FILE", "capture, -w: the packets' headers to a new file")         \
	X("payload", 'L', NULL, "capture: with what the packets carry, in -w FILE")        \
	X("summary", 'S', NULL, "capture: totals and a table of ports only")               \
	X("promiscuous", 'm', NULL, "capture: also frames for other hosts")                \
	X("no-owners", 'O', NULL, "skip the look-up of processes (fast on huge hosts)")    \
	X("no-connections", 'C', NULL, "skip counting connections")                        \
	X("workers", 'N', "N",                                                             \
	  "processes that share the owner scan, 1 or 2 (default: by host)")                \
	X("owners", 'W', "WORD",                                                           \
	  "how they are found: files, tasks (BPF) (default: by host)")                     \
	X("redact", 'X', NULL, "list, diagnose: stand-ins for addresses, users, names")    \
	X("color", 'c', "WHEN", "auto, always or never; NO_COLOR is obeyed")               \
	X("ascii", 'a', NULL, "no character beyond ASCII")                                 \
	X("plain", 'p', NULL, "a screen of the console as linear text, then the end")      \
	X("screen", 'x', "WORD",                                                           \
	  "--plain: which: ports, help, events; of a TARGET: guide, ladder, path ...")     \
	X("config", 'g', "FILE",                                                           \
	  "the console's configuration, in place of the usual ones")                       \
	X("print-config", 'Q', NULL,                                                       \
	  "each setting of the console and where it comes from")                           \
	X("debug", 'D', "FILE", "write every request and answer, one line each")           \
	X("help", 'H', NULL, "this text and the keys; -h: the commands alone")             \
	X("version", 'V', NULL, "version of the program")                                  \
	X("help-keys-roff", 'K', NULL, NULL)

#endif

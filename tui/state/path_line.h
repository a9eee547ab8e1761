/*
 * The line in which a packet is typed: "from 203.0.113.9 to :443 in eth1". Words in any
 * order: from ADDR[:PORT], from here, from anyone; to [ADDR][:PORT], to PORT[/udp], to
 * SERVICE; in IFACE; tcp, udp, proto tcp; state new, established, invalid; flags FSRPAUEW;
 * ttl N. Pure; asks nobody, looks nothing up but the names that it is given.
 */
#ifndef TUI_PATH_LINE_H
#define TUI_PATH_LINE_H

#include "core/network/addresses.h"
#include "core/network/links.h"
#include "core/report/path_page.h"
#include "core/services/names.h"

enum { PATH_LINE_ERROR_MAX = 160 };

/* X(word, what follows it, what it means): for the help. */
#define PATH_LINE_WORDS(X)                                                                \
	X("from", "ADDR[:PORT]",                                                          \
	  "who sends it; here: this host; anyone: nobody"                                 \
	  " in particular, all sources must agree")                                       \
	X("to", "[ADDR]:PORT", "its target; without an address as before")                \
	X("in", "IFACE",                                                                  \
	  "the interface it comes in by; else that of the way"                            \
	  " back")                                                                        \
	X("proto", "tcp or udp", "the transport; tcp and udp alone do as well")           \
	X("state", "new, established or invalid", "what connection tracking makes of it") \
	X("flags", "FSRPAUEW", "the TCP flags; else SYN")                                 \
	X("ttl", "N", "its time to live")

/* What a line is read with. */
struct path_line_world {
	const struct path_ask *before; /* what is not said stays as there */
	bool is_target_chosen;         /* before->server was named by nobody: another one of
					  this host does as well */
	const struct port_name_table *names;   /* services; NULL: only those known here */
	const struct link_table *links;        /* NULL: no interface can be named */
	const struct address_table *addresses; /* of this host; NULL: not known */
};

/*
 * 0, or -EINVAL with one sentence that quotes the word; then *out is untouched. Interface,
 * state, flags and ttl are as said or not at all; client, target and transport stay as
 * before where nothing is said.
 */
int path_line_parse(struct path_ask *out, const char *line, const struct path_line_world *w,
		    char error[PATH_LINE_ERROR_MAX]);
/* Appends the line that means this packet. */
void path_line_put(struct str *out, const struct path_ask *a,
		   const struct link_table *links);
/* An address of this host that others can see, of that family, first of that interface;
 * none: it has no such. t may be NULL. */
struct addr path_line_published(const struct address_table *t, int family,
				uint32_t ifindex);

#endif

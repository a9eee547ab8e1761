/*
 * The rules that choose a table of routes: RTM_NEWRULE messages -> rows in the order in
 * which the kernel asks them, and which of them a packet meets. ip-rule(8),
 * linux/fib_rules.h, net/core/fib_rules.c. Pure.
 */
#ifndef CORE_NETWORK_ROUTING_H
#define CORE_NETWORK_ROUTING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/str.h"
#include "core/base/table.h"
#include "core/base/text.h"
#include "core/base/tri.h"
#include "core/base/vec.h"

enum { ROUTING_LOCAL = 255, ROUTING_MAIN = 254, ROUTING_DEFAULT = 253 }; /* tables */

/* X(name, word as of ip rule) */
#define ROUTING_ACTIONS(X)            \
	X(NONE, "none")               \
	X(LOOKUP, "lookup")           \
	X(GOTO, "goto")               \
	X(NOP, "nop")                 \
	X(BLACKHOLE, "blackhole")     \
	X(UNREACHABLE, "unreachable") \
	X(PROHIBIT, "prohibit")

/* clang-format off */
enum routing_action {
#define X(name, word) ROUTING_##name,
	ROUTING_ACTIONS(X)
#undef X
	N_ROUTING_ACTIONS
};
/* clang-format on */

struct routing_rule {
	uint8_t family;
	enum routing_action action;
	uint32_t preference, table;
	struct addr source, target; /* none: any */
	uint8_t source_len, target_len;
	struct text in, out; /* devices; none: any. From outside. */
	uint32_t mark, mark_mask;
	uint8_t proto; /* 0: any */
	bool is_inverted;
	bool has_more; /* ports, users, TOS, VRFs, tunnels, suppressed prefixes */
	uint32_t order;
};

struct routing_table {
	struct table head;
	struct routing_rule *rows; /* by preference, then as the kernel told them */
	size_t n;
};

struct routing_decoder {
	struct vec rows;
	struct arena texts;
};
void routing_init(struct routing_decoder *d);
void routing_release(struct routing_decoder *d);
/* One part. 0, -EBADMSG (nothing of it is kept), -ENOMEM. */
int routing_decode(struct routing_decoder *d, const void *bytes, size_t len);
/* NULL: no memory. The decoder has given its texts away and is empty. */
struct routing_table *routing_finish(struct routing_decoder *d);

/* A packet as such a rule sees it; of one that this host sends `in` is "lo". */
struct routing_flow {
	struct addr source, target; /* source none: not given, which no prefix takes */
	struct text in;
	uint32_t mark;
	uint8_t proto;
};
/* UNSURE: it asks for more than is known of the packet. */
enum tri routing_fits(const struct routing_rule *r, const struct routing_flow *f);

/*
 * The rule by which a packet got the route of this table (0: an error, of which the kernel
 * tells no table), where that is certain; NULL: it is not, or it is one of the three that
 * every host has. plain: another packet, whose route is none of it: with an error only the
 * one rule counts that takes f and not plain.
 */
const struct routing_rule *routing_decider(const struct routing_table *t,
					   const struct routing_flow *f,
					   const struct routing_flow *plain,
					   uint32_t table);

/* "from 10.0.0.1 fwmark 0x7/0xff lookup 100": as ip rule takes it, behind "pref N". */
void routing_print(struct str *out, const struct routing_rule *r);

#endif

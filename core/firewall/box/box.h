/*
 * Which packets a rule can match, as boxes of intervals: from its expressions alone,
 * without a packet. What is not captured makes the boxes too large and the rule inexact,
 * never too small. Pure.
 */
#ifndef CORE_FIREWALL_BOX_H
#define CORE_FIREWALL_BOX_H

#include "core/base/vec.h"
#include "core/firewall/ruleset.h"
#include "core/firewall/box/span.h"

enum box_field {
	BOX_SOURCE,
	BOX_DESTINATION,
	BOX_IIF, /* names, 16 bytes with their zeros */
	BOX_OIF,
	BOX_IIF_INDEX, /* bytes as they stand in memory: only whole values mean something */
	BOX_OIF_INDEX,
	BOX_PROTO,
	BOX_SOURCE_PORT, /* the first two bytes behind the network header */
	BOX_PORT,
	N_BOX_FIELDS
};

enum { BOX_V4 = 1, BOX_V6 = 2, BOX_OTHER = 4, BOX_FAMILIES = 7 };
/* The conntrack states of nft: invalid 1, established 2, related 4, new 8, untracked 64. */
enum { BOX_NEW = 8, BOX_STATES = 1 | 2 | 4 | 8 | 64 };
/* Where the kernel could not load it, the rule does not match. */
enum { BOX_NEEDS_TRANSPORT = 1, BOX_NEEDS_PROTO = 2, BOX_NEEDS_NETWORK = 4 };

struct box {
	struct span fields[N_BOX_FIELDS];
	uint8_t families, states, needs;
};

/* What a rule that matches does. */
enum box_effect {
	BOX_DOES_NONE,
	BOX_DOES_ACCEPT,
	BOX_DOES_DROP,
	BOX_DOES_REJECT,
	BOX_DOES_RETURN,
	BOX_DOES_JUMP,
	BOX_DOES_GOTO,
	BOX_DOES_NAT,
	BOX_DOES_QUEUE,
	BOX_DOES_UNKNOWN
};

enum { BOXES_MAX = 64 /* of a rule; more become their hull */ };

struct rule_boxes {
	struct box rows[BOXES_MAX]; /* the rule matches nothing outside of them */
	size_t n;                   /* 0: it matches no packet at all */
	bool is_exact;              /* and everything inside */
	enum box_effect effect;
	uint32_t target;  /* chain of a jump or goto; else FW_NONE */
	bool changes;     /* what later rules look at may be changed by it */
	bool has_limit;   /* it matches a part only, by what was before */
	bool names_set;   /* by a named set, whose elements may come and go */
	struct text lack; /* what could not be understood; none: everything was */
};

/*
 * The named sets: BOX_TIMELESS takes them as anything, BOX_NOW as they are filled at the
 * moment (never exact either way).
 */
enum box_time { BOX_TIMELESS, BOX_NOW };
void box_rule(const struct ruleset *r, const struct fw_rule *rule, enum box_time time,
	      struct rule_boxes *out);

/* Every packet of these families. */
struct box box_all(uint8_t families);
bool box_holds(const struct box *outer, const struct box *inner);
bool box_meets(const struct box *a, const struct box *b);
/* True, and *out is what both have; false: they do not meet. */
bool box_common(const struct box *a, const struct box *b, struct box *out);
/*
 * What of `from` is outside `minus`, as boxes that do not meet: at most BOX_PIECES_MAX.
 * Needs are those of `from`; where minus needs more, nothing is taken away. Returns how
 * many.
 */
enum { BOX_PIECES_MAX = 2 * N_BOX_FIELDS + 2 };
size_t box_subtract(const struct box *from, const struct box *minus,
		    struct box out[BOX_PIECES_MAX]);
/* A whole value: "eth0" and its zeros, or the bytes of an address or a port. */
struct span box_value(const void *bytes, size_t n);

#endif

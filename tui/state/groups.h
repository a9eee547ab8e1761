/*
 * The rows of the screen Ports under headings: by what they are grouped, which group has
 * which endpoints, which are closed. Does not sort rows and draws nothing.
 */
#ifndef TUI_GROUPS_H
#define TUI_GROUPS_H

#include <stdint.h>

#include "core/base/vec.h"
#include "core/snapshot/snapshot.h"

/* X(name, word, what a group without a name is called) */
#define GROUPINGS(X)                                       \
	X(NONE, "none", "")                                \
	X(SERVICE, "service", "no service of this number") \
	X(PROCESS, "process", "no process that is known")  \
	X(UNIT, "unit", "no unit that is known")           \
	X(NAMESPACE, "namespace", "this namespace")

enum group_by {
#define X(name, word, nameless) GROUP_BY_##name,
	GROUPINGS(X)
#undef X
		N_GROUPINGS
};

struct group {
	struct text name; /* as it came from outside; none: nameless */
	uint64_t id;      /* stable over pictures */
	size_t first, n;  /* its endpoints in members */
	bool is_closed;
};

/* A row of model.rows is an index of an endpoint, or this and the number of a group. */
#define ROW_IS_GROUP (UINT32_C(1) << 31)

/* Zeroed memory with groups_init(): no groups. */
struct groups {
	enum group_by by;
	struct vec all;     /* struct group, in the order shown */
	struct vec members; /* uint32_t: endpoints of all groups, in the order shown */
	struct vec closed;  /* uint64_t: ids */
};

void groups_init(struct groups *g);
void groups_release(struct groups *g);
const char *group_by_word(enum group_by by);
/* False: it is none of the words. */
bool group_by_find(struct text word, enum group_by *out);
const char *group_nameless(enum group_by by);

/* What stands before every other order: <0, 0, >0. What has no name comes last, this
 * namespace first. */
int groups_compare(enum group_by by, const struct endpoint *a, const struct endpoint *b);
/*
 * Makes headings of rows that are in order: rows (uint32_t, indices of endpoints) becomes
 * headings, each followed by its rows if it is open. A closed group with a row that has the
 * needle is shown open. 0 or -ENOMEM (rows and groups as they were).
 */
int groups_make(struct groups *g, const struct snapshot *s, struct vec *rows,
		struct text needle);
void groups_close(struct groups *g, uint64_t id, bool is_closed);

#endif

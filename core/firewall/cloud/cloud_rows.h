/* What the reader of the files and the maker of the rules share. For core/firewall/cloud
 * only. */
#ifndef CORE_FIREWALL_CLOUD_ROWS_H
#define CORE_FIREWALL_CLOUD_ROWS_H

#include "core/base/vec.h"
#include "core/firewall/cloud/cloud.h"

enum { CLOUD_ANY_PROTO = -1 };

/* One line of a group or of an ACL, for one prefix. */
struct cloud_row {
	uint32_t chain; /* of chains */
	int64_t order;  /* in its chain; of groups all the same */
	size_t at;      /* in the file */
	bool is_allowed;
	int proto; /* or CLOUD_ANY_PROTO */
	bool has_ports;
	uint16_t low_port, high_port;
	struct addr prefix; /* none: see unknown */
	unsigned prefix_len;
	struct text unknown; /* what is not in the files: "group sg-1"; none */
	struct text words;
};

struct cloud_chain {
	struct text table, name;
	bool is_out, drops;
};

struct cloud_reader {
	struct arena *arena;
	struct vec rows;   /* struct cloud_row */
	struct vec chains; /* struct cloud_chain; chain 0: the groups' */
	size_t n_groups, n_acls;
	bool is_full; /* more than CLOUD_ROWS_MAX */
	bool failed;  /* for want of memory */
};

/* cloud_make.c: rows sorted by chain and order into c->rules. 0 or -ENOMEM. */
int cloud_make(struct cloud_rules *c, struct cloud_reader *r);

#endif

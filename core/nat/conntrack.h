/* Conntrack entries: messages of IPCTNL_MSG_CT_NEW -> rows.
 * linux/netfilter/nfnetlink_conntrack.h. Pure. */
#ifndef CORE_NAT_CONNTRACK_H
#define CORE_NAT_CONNTRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/table.h"

struct ct_tuple {
	struct addr saddr, daddr;
	uint16_t sport, dport;
};

struct conntrack_row {
	struct ct_tuple original, reply;
	uint8_t proto;
	uint8_t tcp_state; /* TCP_CONNTRACK_...; 0: not told */
	uint32_t status;   /* IPS_... */
	uint32_t timeout_s;
	uint32_t mark;
	uint32_t id;
	uint16_t zone;
};

struct conntrack_table {
	struct table head;
	struct conntrack_row *rows; /* sorted by original tuple */
	size_t n;
};

struct conntrack_decoder;
struct conntrack_decoder *conntrack_new(void);
void conntrack_free(struct conntrack_decoder *d);
int conntrack_decode(struct conntrack_decoder *d, const void *bytes, size_t len);
struct conntrack_table *conntrack_finish(struct conntrack_decoder *d);

/* The entry whose original (or, is_reply: reply) tuple this is; NULL: none. */
const struct conntrack_row *conntrack_find(const struct conntrack_table *t, uint8_t proto,
					   const struct ct_tuple *tuple, bool is_reply);
/* Its reply tuple is not the inverse of the original one. */
bool conntrack_is_translated(const struct conntrack_row *row);
/* The target was changed (DNAT); else only the source. */
bool conntrack_is_dnat(const struct conntrack_row *row);
bool conntrack_is_unreplied(const struct conntrack_row *row);
/* "SYN_SENT", "SYN_RECV", ...; "" where not told */
const char *conntrack_tcp_state_word(uint8_t state);

#endif

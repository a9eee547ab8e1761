/*
 * Sets that are not read with the ruleset, asked as the program's own questions ask them,
 * each at once. How is told by the environment: SETS_ASKED "key" (one element each, a whole
 * set only where not all of the key is known) or "whole"; without it every set is read.
 * Ipsets are always asked.
 */
#ifndef TESTS_NET_RULES_ASKER_H
#define TESTS_NET_RULES_ASKER_H

#include <stdlib.h>
#include <string.h>

#include "core/firewall/eval/eval.h"
#include "core/host/read/evidence.h"
#include "core/host/request.h"

static inline const char *asker_mode(void)
{
	return getenv("SETS_ASKED");
}

static inline struct fw_member *asker_ask(const struct member_ask *ask)
{
	struct request r = {.kind = REQUEST_MEMBER, .member = *ask};
	struct member_decoder *d = member_new();
	struct bundle_out *out = calloc(1, sizeof(*out));
	struct fw_member *m = NULL;

	if (d && out && !request_check(&r)) {
		bundle_out_start(out, -1, 0, 0);
		if (!set_member_read(ask, out) && !out->error &&
		    !member_decode(d, out->bytes, out->len))
			m = member_finish(d);
	}
	member_free(d);
	free(out);
	return m;
}

/* Of the last few questions: what the evaluator holds of them is read within one walk. */
static inline const struct fw_member *asker_keep(struct fw_member *m)
{
	static struct fw_member *kept[4096];
	static size_t next;

	table_unref(kept[next]);
	kept[next] = m;
	next = (next + 1) % (sizeof(kept) / sizeof(*kept));
	return m;
}

static inline const struct fw_member *asker_set(const struct ruleset *r, uint32_t row,
						const uint8_t *key)
{
	const struct fw_set *set = &r->sets[row];
	const struct fw_table *t = &r->tables[set->table];
	struct member_ask ask = {.backend = MEMBER_NFT, .family = t->family};

	if (t->name.len >= sizeof(ask.table) || set->name.len >= sizeof(ask.set))
		return NULL;
	memcpy(ask.table, t->name.bytes, t->name.len);
	memcpy(ask.set, set->name.bytes, set->name.len);
	if (key && !strcmp(asker_mode() ? asker_mode() : "", "key")) {
		ask.key_len = (uint8_t)set->key_len;
		memcpy(ask.key, key, set->key_len);
	}
	return asker_keep(asker_ask(&ask));
}

static inline const struct fw_member *asker_ipset(const struct ruleset *r, uint32_t row,
						  const struct ipset_key *key)
{
	const struct fw_ipset *s = &r->ipsets[row];
	struct member_ask ask = {.backend = MEMBER_IPSET,
				 .family = (uint8_t)key->address.family,
				 .ipset = *key};

	if (s->name.len >= sizeof(ask.set))
		return NULL;
	memcpy(ask.set, s->name.bytes, s->name.len);
	return asker_keep(asker_ask(&ask));
}

#endif

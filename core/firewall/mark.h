/*
 * By what it shows, without the rules, that they are others than before. What changes only
 * inside of a legacy table of the same size does not show. Frozen. Judges nothing.
 */
#ifndef CORE_FIREWALL_MARK_H
#define CORE_FIREWALL_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/table.h"

struct fw_mark {
	struct table head;
	bool has_generation; /* of nf_tables: it was told */
	uint32_t generation; /* as in struct ruleset */
	uint64_t legacy;     /* of the heads of all legacy tables: a sum without order */
	uint32_t n_legacy;   /* how many there are */
	bool is_changing;    /* it changed while it was asked, or not all was told */
};

struct fw_mark_decoder;
/* In: the messages of REQUEST_GENERATION, in any order: NEWGEN, and those of
 * core/base/xtables.h without bytes. */
struct fw_mark_decoder *fw_mark_new(void);
void fw_mark_free(struct fw_mark_decoder *d);
/* One part. 0, -EBADMSG (what was read before it is kept). */
int fw_mark_decode(struct fw_mark_decoder *d, const void *bytes, size_t len);
/* NULL: no memory. The decoder is empty again. */
struct fw_mark *fw_mark_finish(struct fw_mark_decoder *d);
/* Nothing shows that rules changed between the two. */
bool fw_mark_is_same(const struct fw_mark *a, const struct fw_mark *b);

#endif

/* Any bytes as messages about hooked functions beside rules: every row that is left is
 * inside, places agree with the lists, and doubts are visible words. */
#include <assert.h>
#include <netinet/in.h>
#include <linux/netfilter.h>

#include "core/firewall/hooks.h"
#include "tests/fuzz/parts.h"

static void check_row(const struct ruleset *r, const struct fw_hooked *h)
{
	assert(h->chain == FW_NONE || h->chain < r->n_chains);
	for (const char *c = h->doubt; c && *c; c++)
		assert(*c >= ' ' && *c <= '~');
}

static void check_list(const struct ruleset *r, const struct fw_hook_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		check_row(r, &list->rows[i]);
		assert(!list->is_ordered || !i ||
		       list->rows[i - 1].priority <= list->rows[i].priority);
	}
	assert(list->is_told || !list->is_ordered);
}

static void check_place(const struct ruleset *r, uint32_t chain, uint8_t family)
{
	const struct fw_chain *c = &r->chains[chain];
	const struct fw_hook_list *list = hooks_at(r, c->hook, family);
	uint16_t place = c->places[family == NFPROTO_IPV6];

	if (!place)
		return;
	assert(list && list->is_ordered && place <= list->n);
	assert(list->rows[place - 1].chain == chain);
	assert(list->rows[place - 1].priority == c->priority || c->priority == -300);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct ruleset_decoder *d = ruleset_new();
	struct ruleset *r;
	const uint8_t *bytes;
	size_t len;

	assert(d);
	while (parts_next(&p, &bytes, &len))
		ruleset_decode(d, bytes, len);
	r = ruleset_finish(d);
	assert(r);
	for (size_t i = 0; r->hook_lists && i < FW_HOOK_LISTS; i++)
		check_list(r, &r->hook_lists[i]);
	for (uint32_t i = 0; i < r->n_chains; i++) {
		check_place(r, i, NFPROTO_IPV4);
		check_place(r, i, NFPROTO_IPV6);
	}
	assert(hooks_are_same(r, r));
	table_unref(r);
	ruleset_free(d);
	return 0;
}

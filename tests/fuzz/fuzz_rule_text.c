/* Any bytes as a dump of rules: whatever is decoded has a text of printable ASCII. */
#include <assert.h>

#include "core/firewall/text/rule_text.h"
#include "core/firewall/text/text_sets.h"
#include "core/firewall/text/text_values.h"
#include "tests/fuzz/parts.h"

static void check_text(const struct str *out)
{
	for (size_t i = 0; i < out->len; i++)
		assert(out->data[i] >= ' ' && out->data[i] <= '~');
}

static void check_rules(const struct ruleset *r, struct str *out)
{
	for (size_t i = 0; i < r->n_rules; i++) {
		str_reset(out);
		assert(rule_text(out, r, &r->rules[i]) == 0);
		assert(rule_place(out, r, &r->rules[i]) == 0);
		check_text(out);
		rule_manager(r, &r->rules[i]);
	}
}

static void check_sets(const struct ruleset *r, struct str *out)
{
	for (size_t i = 0; i < r->n_sets; i++) {
		const struct fw_set *set = &r->sets[i];
		struct text_part part = {.type = set->key_type & (N_TEXT_TYPES - 1),
					 .len = set->key_len & 0x3f,
					 .is_big = true};

		str_reset(out);
		assert(text_set_body(out, r, set, &part, 1) == 0);
		check_text(out);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct ruleset_decoder *d = ruleset_new();
	struct str out = {0};
	struct ruleset *r;
	const uint8_t *bytes;
	size_t len;

	assert(d);
	while (parts_next(&p, &bytes, &len))
		ruleset_decode(d, bytes, len);
	r = ruleset_finish(d);
	assert(r);
	check_rules(r, &out);
	check_sets(r, &out);
	for (size_t i = 0; i < r->n_chains; i++) {
		str_reset(&out);
		assert(policy_place(&out, r, &r->chains[i]) == 0);
		check_text(&out);
		chain_manager(r, &r->chains[i]);
	}
	str_release(&out);
	table_unref(r);
	ruleset_free(d);
	return 0;
}

/* Any bytes as the parts of a dump of rules: every index that is left is inside. */
#include <assert.h>

#include "core/firewall/ruleset.h"
#include "core/firewall/eval/sets.h"
#include "tests/fuzz/parts.h"

static void check_rule(const struct ruleset *r, const struct fw_rule *rule)
{
	assert(rule->chain < r->n_chains);
	for (size_t i = 0; i < rule->n_exprs; i++) {
		const struct fw_expr *e = rule->exprs[i];

		assert(e->kind < N_FW_EXPRS);
		assert(e->chain == FW_NONE || e->chain < r->n_chains);
		assert(e->set == FW_NONE || e->set < r->n_sets);
		if (e->kind == FW_EXPR_LOOKUP)
			assert(e->set < r->n_sets && e->sreg < FW_N_WORDS);
	}
}

static void check_set(const struct ruleset *r, const struct fw_set *set)
{
	static const uint8_t key[64];
	uint32_t found = set_find(set, key, sizeof(key));

	assert(set->table < r->n_tables);
	assert(found == FW_NONE || found < set->n_elements);
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
	for (size_t i = 0; i < r->n_chains; i++)
		assert(r->chains[i].table < r->n_tables && r->chains[i].hook < N_FW_HOOKS);
	for (size_t i = 0; i < r->n_rules; i++)
		check_rule(r, &r->rules[i]);
	for (size_t i = 0; i < r->n_sets; i++)
		check_set(r, &r->sets[i]);
	assert(ruleset_is_same(r, r));
	table_unref(r);
	ruleset_free(d);
	return 0;
}

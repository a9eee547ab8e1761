/* Whether two readings tell of the same rules. Counters, expiration times and generations
 * are passed over, and the order of a set's elements where it means nothing. */
#include "core/firewall/hooks.h"
#include "core/firewall/ipsets.h"
#include "core/firewall/ruleset.h"

static bool same_table(const struct fw_table *a, const struct fw_table *b)
{
	return a->backend == b->backend && a->family == b->family &&
	       text_equals(a->name, b->name) && a->handle == b->handle &&
	       a->is_dormant == b->is_dormant && a->has_owner == b->has_owner;
}

static bool same_chain(const struct fw_chain *a, const struct fw_chain *b)
{
	if (a->table != b->table || !text_equals(a->name, b->name) ||
	    a->handle != b->handle || a->is_base != b->is_base ||
	    a->is_binding != b->is_binding || a->type != b->type || a->hook != b->hook ||
	    a->priority != b->priority || a->policy_drops != b->policy_drops ||
	    a->n_devices != b->n_devices || a->first_rule != b->first_rule ||
	    a->n_rules != b->n_rules || a->n_uses != b->n_uses)
		return false;
	for (size_t i = 0; i < a->n_devices; i++) {
		if (!text_equals(a->devices[i], b->devices[i]))
			return false;
	}
	return true;
}

static bool same_registers(const struct fw_expr *a, const struct fw_expr *b)
{
	return a->sreg == b->sreg && a->dreg == b->dreg && a->sreg2 == b->sreg2 &&
	       a->sreg3 == b->sreg3 && a->sreg4 == b->sreg4;
}

/* What an expression has used up (quota) is no part of what it says. */
static bool same_amounts(const struct fw_expr *a, const struct fw_expr *b)
{
	return a->amount == b->amount &&
	       (a->kind == FW_EXPR_QUOTA || a->amount2 == b->amount2);
}

/* Of two of one kind; what hangs on elements is compared apart. */
static bool same_rest(const struct fw_expr *a, const struct fw_expr *b)
{
	switch (fw_expr_rest(a)) {
	case FW_REST_NAME:
		return text_equals(a->name, b->name);
	case FW_REST_VALUE2:
		return text_equals(a->value2, b->value2);
	case FW_REST_VERDICT:
		return a->verdict == b->verdict;
	case FW_REST_INNER:
		return a->amount == b->amount;
	case FW_REST_AMOUNTS:
		break;
	}
	return same_amounts(a, b);
}

static bool same_one(const struct fw_expr *a, const struct fw_expr *b)
{
	return a->kind == b->kind && same_registers(a, b) && a->op == b->op &&
	       a->base == b->base && a->code == b->code && a->family == b->family &&
	       a->direction == b->direction && a->revision == b->revision &&
	       a->is_inverted == b->is_inverted && a->writes == b->writes &&
	       a->key == b->key && a->offset == b->offset && a->len == b->len &&
	       (a->kind == FW_EXPR_QUOTA || a->flags == b->flags) && a->set == b->set &&
	       a->chain == b->chain && same_rest(a, b) && text_equals(a->value, b->value);
}

static bool same_inner(const struct fw_expr *a, const struct fw_expr *b)
{
	if (a->kind != FW_EXPR_DYNSET)
		return true;
	for (size_t i = 0; i < a->n_inner; i++)
		if (!same_one(&a->inner[i], &b->inner[i]))
			return false;
	return true;
}

static bool same_exprs(const struct fw_rule *a, const struct fw_rule *b)
{
	for (size_t i = 0; i < a->n_exprs; i++)
		if (!same_one(a->exprs[i], b->exprs[i]) ||
		    !same_inner(a->exprs[i], b->exprs[i]))
			return false;
	return true;
}

static bool same_rule(const struct fw_rule *a, const struct fw_rule *b)
{
	return a->chain == b->chain && a->handle == b->handle && a->n_exprs == b->n_exprs &&
	       text_equals(a->comment, b->comment) && same_exprs(a, b);
}

static bool same_element(const struct fw_element *a, const struct fw_element *b)
{
	return text_equals(a->key, b->key) && text_equals(a->key_end, b->key_end) &&
	       text_equals(a->data, b->data) && a->verdict == b->verdict &&
	       a->verdict_chain == b->verdict_chain && a->is_end == b->is_end &&
	       a->is_catch_all == b->is_catch_all &&
	       (a->expires_ms < 0) == (b->expires_ms < 0) &&
	       a->has_unsure_expr == b->has_unsure_expr &&
	       text_equals(a->comment, b->comment);
}

static bool same_set(const struct fw_set *a, const struct fw_set *b)
{
	if (a->table != b->table || !text_equals(a->name, b->name) ||
	    a->handle != b->handle || a->flags != b->flags || a->key_type != b->key_type ||
	    a->key_len != b->key_len || a->data_type != b->data_type ||
	    a->data_len != b->data_len || a->n_fields != b->n_fields ||
	    a->n_elements != b->n_elements || a->is_read != b->is_read)
		return false;
	for (size_t i = 0; i < a->n_fields; i++) {
		if (a->fields[i] != b->fields[i])
			return false;
	}
	for (size_t i = 0; i < a->n_elements; i++) {
		if (!same_element(&a->elements[i], &b->elements[i]))
			return false;
	}
	return true;
}

static bool same_counts(const struct ruleset *a, const struct ruleset *b)
{
	return a->n_tables == b->n_tables && a->n_chains == b->n_chains &&
	       a->n_rules == b->n_rules && a->n_sets == b->n_sets &&
	       a->is_changing == b->is_changing && a->has_nothing == b->has_nothing &&
	       a->is_legacy_read_v4 == b->is_legacy_read_v4 &&
	       a->is_legacy_read_v6 == b->is_legacy_read_v6;
}

bool ruleset_has_same_rules(const struct ruleset *a, const struct ruleset *b)
{
	if (!same_counts(a, b) || !ipsets_are_same(a, b) || !hooks_are_same(a, b))
		return false;
	for (size_t i = 0; i < a->n_tables; i++) {
		if (!same_table(&a->tables[i], &b->tables[i]))
			return false;
	}
	for (size_t i = 0; i < a->n_chains; i++) {
		if (!same_chain(&a->chains[i], &b->chains[i]))
			return false;
	}
	for (size_t i = 0; i < a->n_rules; i++) {
		if (!same_rule(&a->rules[i], &b->rules[i]))
			return false;
	}
	for (size_t i = 0; i < a->n_sets; i++) {
		if (!same_set(&a->sets[i], &b->sets[i]))
			return false;
	}
	return true;
}

bool ruleset_is_same(const struct ruleset *a, const struct ruleset *b)
{
	if (!ruleset_has_same_rules(a, b))
		return false;
	for (size_t i = 0; i < a->n_sets; i++) {
		if (!a->sets[i].is_read && a->sets[i].n_told != b->sets[i].n_told)
			return false;
	}
	return true;
}

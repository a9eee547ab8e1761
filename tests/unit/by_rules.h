/* A ruleset from a recorded dump, for tests. */
#ifndef TESTS_UNIT_BY_RULES_H
#define TESTS_UNIT_BY_RULES_H

#include "core/firewall/ruleset.h"
#include "tests/unit/fixture.h"

static inline struct ruleset *rules_of(const void *bytes, size_t len)
{
	struct ruleset_decoder *d = ruleset_new();
	struct ruleset *r;

	assert_non_null(d);
	assert_int_equal(ruleset_decode(d, bytes, len), 0);
	r = ruleset_finish(d);
	assert_non_null(r);
	ruleset_free(d);
	return r;
}

static inline struct ruleset *rules_of_fixture(const char *name)
{
	struct fixture f = fixture_read(name);
	struct ruleset *r = rules_of(f.bytes, f.len);

	fixture_release(&f);
	return r;
}

static inline const struct fw_set *set_named(const struct ruleset *r, const char *name)
{
	for (size_t i = 0; i < r->n_sets; i++) {
		if (text_equals_str(r->sets[i].name, name))
			return &r->sets[i];
	}
	fail_msg("no set %s", name);
	return NULL;
}

static inline const struct fw_chain *chain_named(const struct ruleset *r, const char *name)
{
	for (size_t i = 0; i < r->n_chains; i++) {
		if (text_equals_str(r->chains[i].name, name))
			return &r->chains[i];
	}
	fail_msg("no chain %s", name);
	return NULL;
}

#endif

/* Any bytes as the parts of an answer about policies of IPsec; then packets meet them. */
#include <assert.h>

#include "core/network/ipsec.h"
#include "tests/fuzz/parts.h"

/* A packet that the selector itself describes. */
static struct ipsec_flow flow_of(const struct ipsec_policy *p, unsigned select)
{
	return (struct ipsec_flow){.direction = p->direction,
				   .source = p->source,
				   .target = p->target,
				   .proto = p->proto,
				   .source_port = p->source_port,
				   .target_port = p->target_port,
				   .mark = p->mark,
				   .is_mark_known = select & 1,
				   .out_ifindex = select & 2 ? p->ifindex : 0};
}

static void meet(const struct ipsec_table *t, const struct ipsec_policy *p, unsigned select)
{
	struct ipsec_flow f = flow_of(p, select);
	struct ipsec_answer a = ipsec_find(t, &f);

	assert(a.effect != IPSEC_UNSURE || !a.policy);
	assert(!a.policy || a.policy->direction == f.direction);
}

static void print(const struct ipsec_policy *p)
{
	struct str s = {0};

	ipsec_print_selector(&s, p, "eth0");
	ipsec_print_rest(&s, p);
	for (size_t i = 0; i < s.len; i++)
		assert(s.data[i] >= ' ' && s.data[i] < 0x7f);
	str_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct ipsec_decoder d;
	struct ipsec_table *t;
	const uint8_t *bytes;
	size_t len;

	ipsec_init(&d);
	while (parts_next(&p, &bytes, &len))
		ipsec_decode(&d, bytes, len);
	t = ipsec_finish(&d);
	for (size_t i = 0; i < t->n && i < 64; i++) {
		assert(t->rows[i].n_templates <= IPSEC_TEMPLATES_MAX);
		meet(t, &t->rows[i], p.select);
		print(&t->rows[i]);
	}
	table_unref(t);
	ipsec_release(&d);
	return 0;
}

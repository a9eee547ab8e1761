/*
 * Any bytes as a ruleset: what is called dead is met by no packet of the evaluator, and a
 * packet meets only rules that reach_rules() gives for it. Input: 8 bytes of the packet,
 * then the parts of a dump.
 */
#include <assert.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "core/firewall/eval/eval.h"
#include "core/firewall/box/reach.h"
#include "core/firewall/box/shadow.h"
#include "tests/fuzz/rules.h"

enum { PACKET_BYTES = 8, WALKS_MAX = 8 };

static struct fw_packet packet_of(const uint8_t *b)
{
	static const uint8_t protocols[] = {6, 17, 6, 17, 132, 6, 17, 136};
	static const uint32_t states[] = {1, 2, 4, 8, 8, 8, 2, 8};
	uint8_t from[16] = {10, 9, 0, 2}, to[16] = {10, 9, 0, 1};
	int family = b[0] & 1 ? AF_INET6 : AF_INET;
	struct fw_packet p = {.proto = protocols[b[1] & 7],
			      .sport = (uint16_t)(40000 + b[5]),
			      .dport = (uint16_t)(b[2] << 8 | b[3]),
			      .tcp_flags = b[4],
			      .iif = text_of(b[0] & 2 ? "eth0" : "lo"),
			      .iif_type = ARPHRD_ETHER,
			      .iif_index = b[0] & 2 ? 2 : 1,
			      .is_mark_known = true};

	from[3] = b[7];
	p.saddr = addr_from(family, from);
	p.daddr = addr_from(family, to);
	p.ct = (struct fw_conntrack){.state = states[b[6] & 7],
				     .has_entry = true,
				     .is_mark_known = true,
				     .saddr = p.saddr,
				     .daddr = p.daddr,
				     .sport = p.sport,
				     .dport = p.dport};
	return p;
}

static struct box box_of(const struct fw_packet *p)
{
	uint8_t port[2] = {(uint8_t)(p->dport >> 8), (uint8_t)p->dport};
	bool is_v6 = p->saddr.family == AF_INET6;
	struct box b = box_all(is_v6 ? BOX_V6 : BOX_V4);

	b.fields[BOX_SOURCE] = box_value(p->saddr.bytes, is_v6 ? 16 : 4);
	b.fields[BOX_PROTO] = box_value(&p->proto, 1);
	b.fields[BOX_PORT] = box_value(port, 2);
	return b;
}

static void check_steps(const struct ruleset *r, const struct fw_result *out,
			const struct shadow *shadows, const bool *wanted)
{
	for (size_t i = 0; i < out->steps.n; i++) {
		const struct fw_step *s = vec_at(&out->steps, i);

		if (s->rule == FW_NONE)
			continue;
		assert(s->rule < r->n_rules);
		assert(shadows[s->rule].kind == SHADOW_NONE);
		assert(wanted[s->rule] || out->is_translated || out->is_notracked);
	}
}

static void run_input(const struct ruleset *r, const struct fw_packet *p,
		      const struct shadow *shadows, const bool *wanted)
{
	struct fw_lookups none = {0};
	struct fw_choices choices = {0};

	for (int i = 0; i < WALKS_MAX; i++) {
		struct fw_packet packet = *p;
		struct fw_result out;

		assert(firewall_run(r, FW_INPUT, &packet, &none, &choices, &out) == 0);
		if (!choices.is_overfull)
			check_steps(r, &out, shadows, wanted);
		fw_result_release(&out);
		if (!fw_choices_next(&choices))
			return;
	}
}

static void check_shadows(const struct ruleset *r, const struct shadow *shadows)
{
	for (size_t i = 0; i < r->n_rules; i++) {
		const struct shadow *s = &shadows[i];

		assert(s->kind < N_SHADOW_KINDS && shadow_words(s->kind));
		assert((s->by == FW_NONE) == !s->n_by);
		assert(s->by == FW_NONE ||
		       (s->by < i && r->rules[s->by].chain == r->rules[i].chain));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_packet p;
	struct shadow *shadows;
	struct ruleset *r;
	struct box box;
	bool *wanted;

	if (size < PACKET_BYTES)
		return 0;
	p = packet_of(data);
	box = box_of(&p);
	r = rules_of(data + PACKET_BYTES, size - PACKET_BYTES);
	shadows = calloc(r->n_rules + 1, sizeof(*shadows));
	wanted = calloc(r->n_rules + 1, sizeof(*wanted));
	assert(shadows && wanted);
	assert(shadow_find(r, shadows) == 0);
	assert(reach_rules(r, &box, wanted) == 0);
	check_shadows(r, shadows);
	run_input(r, &p, shadows, wanted);
	free(shadows);
	free(wanted);
	table_unref(&r->head);
	return 0;
}

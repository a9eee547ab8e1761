/*
 * Any bytes as a ruleset, and a packet on every hook of it. Input: 8 bytes of the packet,
 * then the parts of a dump. A walk ends, deciders are rows of the ruleset, a choice made
 * once is made again, near misses are rules of it.
 */
#include <assert.h>
#include <net/if_arp.h>
#include <string.h>

#include "core/firewall/eval/eval.h"
#include "tests/fuzz/rules.h"

enum { PACKET_BYTES = 8, WALKS_MAX = 6, NEAR_MAX = 8 };

static uint8_t address_type(void *arg, const struct addr *a, uint32_t on)
{
	const uint8_t *bytes = arg;

	(void)on;
	return (uint8_t)((bytes[7] ^ a->bytes[3]) % 4);
}

static uint32_t route_device(void *arg, const struct addr *a, uint32_t mark)
{
	const uint8_t *bytes = arg;

	(void)a;
	return bytes[7] & 0x80 ? UINT32_MAX : mark % 3;
}

static struct text device_name(void *arg, uint32_t ifindex)
{
	(void)arg;
	return ifindex == 1 ? text_of("lo") : TEXT_NONE;
}

static struct fw_packet packet_of(const uint8_t *b)
{
	static const uint8_t protocols[] = {6, 17, 1, 58, 132, 47, 33, 136};
	static const uint32_t states[] = {1, 2, 4, 8, 64, 0, 8, 8};
	uint8_t from[16] = {10, 9, 0, 2}, to[16] = {10, 9, 0, 1};
	int family = b[0] & 1 ? AF_INET6 : AF_INET;
	struct fw_packet p = {.proto = protocols[b[1] & 7],
			      .sport = 40000,
			      .dport = (uint16_t)(b[2] << 8 | b[3]),
			      .tcp_flags = b[4],
			      .iif = text_of(b[0] & 2 ? "eth0" : ""),
			      .oif = text_of(b[0] & 4 ? "eth1" : ""),
			      .iif_type = b[0] & 8 ? ARPHRD_ETHER : 0,
			      .iif_index = b[0] & 16 ? 2 : 0,
			      .is_source_unknown = b[5] & 1,
			      .is_destination_unknown = b[5] & 2,
			      .is_sport_unknown = b[5] & 4,
			      .is_ttl_known = b[5] & 8,
			      .is_iif_unknown = b[5] & 16,
			      .is_mark_known = b[5] & 32,
			      .has_socket = b[5] & 64,
			      .is_dport_unknown = b[5] & 128};

	p.saddr = addr_from(family, from);
	p.daddr = addr_from(family, to);
	p.ct.state = states[b[6] & 7];
	p.ct.has_entry = b[6] & 8;
	p.ct.is_reply = b[6] & 16;
	if (b[6] & 32) {
		p.ct.saddr = p.saddr;
		p.ct.daddr = p.daddr;
	}
	return p;
}

static void check_result(const struct ruleset *r, const struct fw_result *out)
{
	assert(out->chain == FW_NONE || out->chain < r->n_chains);
	assert(out->rule == FW_NONE || out->rule < r->n_rules);
	assert(out->is_by_rule == (out->rule != FW_NONE));
	assert(out->set == FW_NONE || out->set < r->n_sets);
	assert(out->element == FW_NONE || out->element < r->sets[out->set].n_elements);
	assert(!out->is_translated || out->nat_rule < r->n_rules);
	for (size_t i = 0; i < out->steps.n; i++) {
		const struct fw_step *s = vec_at(&out->steps, i);

		assert(s->chain < r->n_chains);
		assert(s->rule == FW_NONE || s->rule < r->n_rules);
	}
}

static void run_hook(const struct ruleset *r, enum fw_hook hook, const struct fw_packet *p,
		     const struct fw_lookups *lookups)
{
	struct fw_choices choices = {0};

	for (int i = 0; i < WALKS_MAX; i++) {
		struct fw_packet packet = *p;
		struct fw_result out;
		bool last = choices.n_given && choices.made[choices.n_given - 1].pick;

		assert(firewall_run(r, hook, &packet, lookups, &choices, &out) == 0);
		assert(choices.n_given <= choices.n && choices.n <= FW_CHOICES_MAX);
		if (choices.n_given)
			assert(choices.made[choices.n_given - 1].pick == last);
		check_result(r, &out);
		fw_result_release(&out);
		if (!fw_choices_next(&choices))
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t b[PACKET_BYTES];
	struct fw_lookups lookups = {.address_type = address_type,
				     .route_device = route_device,
				     .device_name = device_name,
				     .arg = b};
	struct fw_near near[NEAR_MAX];
	struct fw_packet p;
	struct ruleset *r;

	if (size < PACKET_BYTES)
		return 0;
	memcpy(b, data, sizeof(b));
	p = packet_of(b);
	lookups.wall_ns = (int64_t)b[7] << 48;
	r = rules_of(data + PACKET_BYTES, size - PACKET_BYTES);
	for (int hook = 0; hook < N_FW_HOOKS; hook++)
		run_hook(r, (enum fw_hook)hook, &p, &lookups);
	for (uint32_t c = 0; c < r->n_chains && c < NEAR_MAX; c++) {
		size_t n = firewall_near_misses(r, c, &p, &lookups, near, NEAR_MAX);

		for (size_t i = 0; i < n; i++)
			assert(near[i].rule < r->n_rules && near[i].field);
	}
	table_unref(&r->head);
	return 0;
}

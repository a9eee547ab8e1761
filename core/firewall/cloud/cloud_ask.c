/* One packet at the rules of a cloud, and its answer. */
#include "core/firewall/cloud/cloud.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "core/base/arena.h"

enum { WALKS_MAX = 64, NEW = 8 };

/* One hook with one ACL, or with the groups alone. */
struct asked {
	const struct ruleset *r;
	enum fw_hook hook;
	struct fw_packet packet;
};

static struct fw_packet packet_of(uint8_t proto, const struct addr *from, uint16_t sport,
				  const struct addr *to, uint16_t dport)
{
	struct fw_packet p = {.saddr = *from,
			      .daddr = *to,
			      .proto = proto,
			      .sport = sport,
			      .dport = dport,
			      .is_sport_unknown = !sport,
			      .is_dport_unknown = !dport,
			      .tcp_flags = proto == IPPROTO_TCP ? TH_SYN : 0,
			      .is_mark_known = true};

	p.ct = (struct fw_conntrack){.state = NEW,
				     .is_mark_known = true,
				     .saddr = *from,
				     .daddr = *to,
				     .sport = sport,
				     .dport = dport};
	return p;
}

static void note_unsure(struct cloud_answer *out, const struct fw_choices *c)
{
	for (size_t i = 0; i < c->n; i++) {
		bool is_there = false;

		for (size_t k = 0; k < out->n_unsure; k++)
			is_there |= out->unsure[k] == c->made[i].rule;
		if (!is_there && out->n_unsure < CLOUD_UNSURE_MAX)
			out->unsure[out->n_unsure++] = c->made[i].rule;
	}
}

/* All ways through the chains of a hook. */
static int run(const struct asked *a, struct cloud_answer *out)
{
	struct fw_lookups none = {0};
	struct fw_choices choices = {0};
	bool goes_on, is_overfull = false;
	unsigned verdicts = 0;
	size_t n = 0;

	*out = (struct cloud_answer){.chain = UINT32_MAX, .rule = UINT32_MAX};
	do {
		struct fw_packet packet = a->packet;
		struct fw_result result;
		int error = firewall_run(a->r, a->hook, &packet, &none, &choices, &result);

		if (error)
			return error;
		verdicts |= result.verdict == FW_ACCEPT ? 1U : 2U;
		is_overfull |= choices.is_overfull;
		if (!n++) {
			out->chain = result.chain;
			out->rule = result.is_by_rule ? result.rule : UINT32_MAX;
		}
		note_unsure(out, &choices);
		fw_result_release(&result);
		goes_on = fw_choices_next(&choices);
	} while (goes_on && n < WALKS_MAX);
	out->verdict = verdicts == 1 ? CLOUD_OPEN : CLOUD_STOPPED;
	if (goes_on || is_overfull || verdicts == 3)
		out->verdict = CLOUD_UNSURE;
	if (out->verdict != CLOUD_UNSURE)
		out->n_unsure = 0;
	return 0;
}

/* The same rules, of which only one table (FW_NONE: none) and the groups are awake. */
static struct ruleset awake(const struct cloud_rules *c, struct fw_table *tables,
			    uint32_t groups, uint32_t acl)
{
	struct ruleset r = c->rules;

	memcpy(tables, c->rules.tables, r.n_tables * sizeof(*tables));
	for (uint32_t i = 0; i < r.n_tables; i++)
		tables[i].is_dormant = i != groups && i != acl;
	r.tables = tables;
	return r;
}

/* What is worse for the packet; of two alike the first. */
static void take_worse(struct cloud_answer *all, const struct cloud_answer *one)
{
	bool is_worse = one->verdict == CLOUD_STOPPED ? all->verdict != CLOUD_STOPPED
						      : one->verdict == CLOUD_UNSURE &&
								all->verdict == CLOUD_OPEN;

	if (is_worse)
		*all = *one;
}

static void find_near(struct asked *a, struct cloud_answer *out)
{
	struct fw_lookups none = {0};

	if (out->verdict == CLOUD_STOPPED && out->chain != UINT32_MAX)
		out->n_near = firewall_near_misses(a->r, out->chain, &a->packet, &none,
						   out->near, CLOUD_NEAR_MAX);
}

/* The request at one ACL, then its answer: an ACL keeps no state. */
static int ask_acl(const struct ruleset *r, const struct asked ends[2],
		   struct cloud_answer *out)
{
	struct cloud_answer one;

	for (int i = 0; i < 2; i++) {
		struct asked a = ends[i];
		int error;

		a.r = r;
		error = run(&a, &one);
		if (error)
			return error;
		one.is_reply = i == 1;
		find_near(&a, &one);
		if (i)
			take_worse(out, &one);
		else
			*out = one;
	}
	return 0;
}

/* All ACLs: which of them is this host's, the files do not say. */
static int ask_acls(const struct cloud_rules *c, struct fw_table *tables,
		    const struct asked ends[2], struct cloud_answer *out)
{
	bool has_one = false;

	/* Table 0 is the groups', also where there are none. */
	*out = (struct cloud_answer){.chain = UINT32_MAX, .rule = UINT32_MAX};
	for (uint32_t i = 1; i < c->rules.n_tables; i++) {
		struct ruleset r = awake(c, tables, FW_NONE, i);
		struct cloud_answer one;
		int error = ask_acl(&r, ends, &one);

		if (error)
			return error;
		if (!has_one) {
			*out = one;
		} else if (one.verdict != out->verdict) {
			out->verdict = CLOUD_UNSURE;
			out->hangs_on_acl = true;
		}
		has_one = true;
	}
	return 0;
}

int cloud_ask(const struct cloud_rules *c, uint8_t proto, const struct addr *client,
	      uint16_t client_port, const struct addr *server, uint16_t port,
	      struct cloud_answer *out)
{
	struct asked ends[2] = {
		{NULL, FW_PREROUTING, packet_of(proto, client, client_port, server, port)},
		{NULL, FW_POSTROUTING,
		 packet_of(proto, server, port, client, client_port)}};
	struct arena arena = {0};
	struct fw_table *tables =
		arena_alloc(&arena, (c->rules.n_tables + 1) * sizeof(*tables));
	struct cloud_answer groups = {.chain = UINT32_MAX, .rule = UINT32_MAX};
	int error = tables ? ask_acls(c, tables, ends, out) : -ENOMEM;

	if (!error && c->groups != FW_NONE) {
		struct ruleset r = awake(c, tables, c->groups, FW_NONE);
		struct asked a = ends[0];

		a.r = &r;
		error = run(&a, &groups);
		if (!error)
			find_near(&a, &groups);
	}
	/* What lets it in is the group; what stops it is met in this order. */
	if (!error && (out->verdict == CLOUD_OPEN || groups.verdict == CLOUD_STOPPED) &&
	    out->verdict != CLOUD_STOPPED && c->groups != FW_NONE)
		*out = groups;
	arena_release(&arena);
	return error;
}

/* Rules that would have let a packet in but for one thing that they ask of it. Does not say
 * whether they should have. */
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/eval_run.h"

enum { JUMPS_MAX = 3, RULES_MAX = 100000 };

static const char *const field_words[N_FW_FIELDS] = {
	[FW_FIELD_SOURCE] = "source",     [FW_FIELD_DESTINATION] = "destination",
	[FW_FIELD_PORT] = "port",         [FW_FIELD_SOURCE_PORT] = "source port",
	[FW_FIELD_PROTOCOL] = "protocol", [FW_FIELD_INTERFACE] = "interface",
	[FW_FIELD_STATE] = "state",       [FW_FIELD_MARK] = "mark",
};

struct search {
	struct eval e;
	struct fw_near *out;
	size_t n, room;
	size_t n_rules; /* looked at */
};

/* The word of the only bit; NULL: none, several, or one without a word. */
static const char *only_word(uint32_t missed)
{
	if (!missed || (missed & (missed - 1)))
		return NULL;
	return field_words[__builtin_ctz(missed)];
}

static void search_chain(struct search *s, uint32_t chain, uint32_t missed, unsigned depth);

static void search_rule(struct search *s, uint32_t rule, uint32_t missed, unsigned depth)
{
	int32_t verdict;
	const char *word;

	s->e.missed = missed;
	verdict = eval_rule(&s->e, rule);
	missed = s->e.missed;
	word = only_word(missed);
	if (missed && !word)
		return;
	if ((verdict == NFT_JUMP || verdict == NFT_GOTO) && depth < JUMPS_MAX) {
		search_chain(s, s->e.target, missed, depth + 1);
		return;
	}
	if (verdict != NF_ACCEPT || !word || s->n == s->room)
		return;
	s->out[s->n++] = (struct fw_near){.rule = rule, .field = word};
}

static void search_chain(struct search *s, uint32_t chain, uint32_t missed, unsigned depth)
{
	const struct ruleset *r = s->e.ruleset;
	const struct fw_chain *c;

	if (chain >= r->n_chains)
		return;
	c = &r->chains[chain];
	for (uint32_t i = 0; i < c->n_rules && s->n < s->room; i++) {
		if (++s->n_rules > RULES_MAX)
			return;
		search_rule(s, c->first_rule + i, missed, depth);
	}
}

/* The hook of a chain that is jumped to is guessed by the devices that the packet has. */
static enum fw_hook hook_of(const struct fw_chain *c, const struct fw_packet *p)
{
	bool has_iif = !text_is_empty(p->iif) || p->is_iif_unknown;

	if (c->is_base)
		return c->hook;
	if (text_is_empty(p->oif))
		return FW_INPUT;
	return has_iif ? FW_FORWARD : FW_OUTPUT;
}

size_t firewall_near_misses(const struct ruleset *r, uint32_t chain,
			    const struct fw_packet *p, const struct fw_lookups *lookups,
			    struct fw_near *out, size_t room)
{
	struct fw_packet packet = *p;
	struct fw_result unused = {.steps = VEC_OF(struct fw_step)};
	struct search s = {.out = out, .room = room};
	const struct fw_chain *c;

	if (chain >= r->n_chains)
		return 0;
	c = &r->chains[chain];
	s.e = (struct eval){.ruleset = r,
			    .hook = hook_of(c, p),
			    .packet = &packet,
			    .lookups = lookups,
			    .out = &unused,
			    .is_near = true,
			    .headers.is_stale = true};
	packet.is_before_conntrack =
		c->is_base && eval_is_before_conntrack(&s.e, c->priority);
	search_chain(&s, chain, 0, 0);
	return s.n;
}

/* Rules that would have let a packet in but for one thing that they ask of it. Does not say
 * whether they should have. */
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/eval/eval_run.h"

enum { JUMPS_MAX = 3, RULES_MAX = 100000 };

static const char *const field_words[N_FW_FIELDS] = {
	[FW_FIELD_SOURCE] = "source",     [FW_FIELD_DESTINATION] = "destination",
	[FW_FIELD_PORT] = "port",         [FW_FIELD_SOURCE_PORT] = "source port",
	[FW_FIELD_PROTOCOL] = "protocol", [FW_FIELD_INTERFACE] = "interface",
	[FW_FIELD_STATE] = "state",       [FW_FIELD_MARK] = "mark",
};

/* How much a rule was meant for the packet that it missed, by what else of it was hit. */
enum kinship { KIN_NOT, KIN_PROTOCOL, KIN_END, KIN_PORT };

struct search {
	struct eval e;
	struct fw_near *out;
	enum kinship *kinships; /* of out: falling */
	size_t n, room;
	size_t n_rules; /* looked at */
};

const char *fw_field_word(enum fw_field field)
{
	const char *word = field < N_FW_FIELDS ? field_words[field] : NULL;

	return word ? word : "other tests";
}

/* The word of the only bit; NULL: none, several, or one without a word. */
static const char *only_word(uint32_t missed)
{
	if (!missed || (missed & (missed - 1)))
		return NULL;
	return field_words[__builtin_ctz(missed)];
}

/* "iif lo accept" missed every packet from elsewhere and was meant for none. */
static enum kinship kinship_of(uint32_t hit)
{
	if (hit & 1U << FW_FIELD_PORT)
		return KIN_PORT;
	if (hit & (1U << FW_FIELD_SOURCE | 1U << FW_FIELD_DESTINATION))
		return KIN_END;
	return hit & 1U << FW_FIELD_PROTOCOL ? KIN_PROTOCOL : KIN_NOT;
}

/* Behind those that are as near or nearer; with no more room the last one goes. */
static void keep(struct search *s, const struct fw_near *near, enum kinship kinship)
{
	size_t at = s->n;

	while (at && s->kinships[at - 1] < kinship)
		at--;
	if (at == s->room)
		return;
	if (s->n < s->room)
		s->n++;
	memmove(s->out + at + 1, s->out + at, (s->n - at - 1) * sizeof(*s->out));
	memmove(s->kinships + at + 1, s->kinships + at,
		(s->n - at - 1) * sizeof(*s->kinships));
	s->out[at] = *near;
	s->out[at].is_of_port = kinship == KIN_PORT;
	s->kinships[at] = kinship;
}

/* What was missed and hit on the way to a rule counts for it. */
struct so_far {
	struct fw_tested tested;
	unsigned depth;
};

static void search_chain(struct search *s, uint32_t chain, const struct so_far *before);

/* Returns the rule's verdict, as if nothing had missed it. */
static int32_t test_rule(struct eval *e, uint32_t rule, const struct fw_tested *before,
			 struct fw_tested *now)
{
	int32_t verdict;

	e->missed = before->missed;
	e->hit = before->hit;
	e->unsure = before->unsure;
	verdict = eval_rule(e, rule);
	*now = (struct fw_tested){e->hit, e->missed, e->unsure};
	return verdict;
}

static void search_rule(struct search *s, uint32_t rule, const struct so_far *before)
{
	struct fw_near near = {.rule = rule};
	struct so_far now = {.depth = before->depth + 1};
	int32_t verdict;

	verdict = test_rule(&s->e, rule, &before->tested, &now.tested);
	near.field = only_word(now.tested.missed);
	near.tested = now.tested;
	if (now.tested.missed && !near.field)
		return;
	if ((verdict == NFT_JUMP || verdict == NFT_GOTO) && before->depth < JUMPS_MAX)
		search_chain(s, s->e.target, &now);
	else if (verdict == NF_ACCEPT && near.field)
		keep(s, &near, kinship_of(now.tested.hit));
}

static void search_chain(struct search *s, uint32_t chain, const struct so_far *before)
{
	const struct ruleset *r = s->e.ruleset;
	const struct fw_chain *c;

	if (chain >= r->n_chains)
		return;
	c = &r->chains[chain];
	for (uint32_t i = 0; i < c->n_rules; i++) {
		if (++s->n_rules > RULES_MAX)
			return;
		search_rule(s, c->first_rule + i, before);
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

/* As the packet comes to the hook that the chain is of. */
static void start_eval(struct eval *e, const struct ruleset *r, uint32_t chain,
		       struct fw_packet *packet, const struct fw_lookups *lookups,
		       struct fw_result *unused)
{
	const struct fw_chain *c = &r->chains[chain];

	*e = (struct eval){.ruleset = r,
			   .hook = hook_of(c, packet),
			   .packet = packet,
			   .lookups = lookups,
			   .out = unused,
			   .is_near = true,
			   .headers.is_stale = true};
	packet->is_before_conntrack =
		c->is_base && eval_is_before_conntrack(e, c->priority);
}

struct fw_tested firewall_test_rule(const struct ruleset *r, uint32_t rule,
				    const struct fw_packet *p,
				    const struct fw_lookups *lookups)
{
	const uint32_t mark = 1U << FW_FIELD_MARK;
	const struct fw_tested nothing = {0};
	struct fw_result unused = {.steps = VEC_OF(struct fw_step)};
	struct fw_packet packet = *p;
	struct fw_tested tested;
	struct eval e;

	if (rule >= r->n_rules || r->rules[rule].chain >= r->n_chains)
		return nothing;
	start_eval(&e, r, r->rules[rule].chain, &packet, lookups, &unused);
	test_rule(&e, rule, &nothing, &tested);
	tested.unsure |= (tested.hit | tested.missed) & mark;
	tested.hit &= ~mark;
	tested.missed &= ~mark;
	return tested;
}

size_t firewall_near_misses(const struct ruleset *r, uint32_t chain,
			    const struct fw_packet *p, const struct fw_lookups *lookups,
			    struct fw_near *out, size_t room)
{
	struct fw_packet packet = *p;
	struct fw_result unused = {.steps = VEC_OF(struct fw_step)};
	enum kinship kinships[FW_NEAR_MAX];
	struct search s = {.out = out,
			   .kinships = kinships,
			   .room = room < FW_NEAR_MAX ? room : FW_NEAR_MAX};
	const struct so_far start = {0};

	if (chain >= r->n_chains || !s.room)
		return 0;
	start_eval(&s.e, r, chain, &packet, lookups, &unused);
	search_chain(&s, chain, &start);
	return s.n;
}

/* Which rules of a place are worth a line, and the short words of each. */
#include "core/report/path_rules.h"

#include <errno.h>
#include <string.h>

#include "core/firewall/text/rule_text.h"

enum { NEAR_SHOWN = 3 };

static const char policy_words[] = " policy ";

static bool is_stop(const struct path_leg *leg, size_t i)
{
	const struct path_hop *h = &leg->hops[i];

	return h->outcome == HOP_DROPPED || h->outcome == HOP_REJECTED;
}

static const struct path_meeting *meeting_of(const struct path_page *p,
					     const struct path_leg *leg, size_t i,
					     const struct vec *meetings)
{
	bool is_reply = leg == &p->path.reply;

	for (size_t k = 0; k < meetings->n; k++) {
		const struct path_meeting *m = vec_at(meetings, k);

		if (m->is_reply == is_reply && m->hop == i)
			return m;
	}
	return NULL;
}

/* ---- the rows ---- */

static int add(struct vec *out, const struct path_rule *row)
{
	struct path_rule *kept = vec_push(out);

	if (!kept)
		return -ENOMEM;
	*kept = *row;
	return 0;
}

/* All tests of a rule that matched held, whatever they say of the packet as it was before
 * the hook: a rule between may have changed it. */
static struct fw_tested matched(struct fw_tested t)
{
	t.hit |= t.missed & ~t.unsure;
	t.missed = 0;
	return t;
}

static struct path_rule row_of(const struct path_world *w, const struct path_meeting *m,
			       const struct fw_step *step)
{
	struct path_rule row = {
		.chain = step->chain, .rule = step->rule, .did = step->kind};

	if (step->rule != UINT32_MAX)
		row.tested = matched(path_test_rule(w, &m->packet, step->rule));
	return row;
}

static bool decides(const struct path_hop *h, const struct fw_step *step)
{
	return step->chain == h->chain && step->rule == h->rule &&
	       step->kind != FW_STEP_MATCHED && step->kind != FW_STEP_JUMP;
}

static int add_met(const struct path_page *p, const struct path_hop *h,
		   const struct path_meeting *m, struct vec *out, size_t *n_more)
{
	struct path_world w = evidence_world(&p->evidence);
	size_t from = out->n;
	bool has_decider = false;
	int error = 0;

	for (size_t i = 0; i < m->steps.n && !error; i++) {
		const struct fw_step *step = vec_at(&m->steps, i);
		bool is_decider = decides(h, step);
		struct path_rule row;

		if (!is_decider && out->n - from >= PATH_RULES_MAX) {
			++*n_more;
			continue;
		}
		row = row_of(&w, m, step);
		row.part = is_decider ? PATH_RULE_DECIDES : PATH_RULE_MET;
		has_decider = has_decider || is_decider;
		error = add(out, &row);
	}
	if (has_decider || error || h->chain == UINT32_MAX)
		return error;
	/* Some other way of the packet's was decided by it. */
	return add(out, &(struct path_rule){.part = PATH_RULE_DECIDES,
					    .chain = h->chain,
					    .rule = h->rule});
}

static bool has_matched(const struct path_meeting *m, uint32_t rule)
{
	for (size_t i = 0; i < m->steps.n; i++) {
		const struct fw_step *step = vec_at(&m->steps, i);

		if (step->rule == rule)
			return true;
	}
	return false;
}

/* Those that did not match on this way; of the others their marks tell. */
static int add_doubts(const struct path_page *p, const struct path_meeting *m,
		      struct vec *out)
{
	struct path_world w = evidence_world(&p->evidence);
	int error = 0;

	for (size_t i = 0; i < m->n_doubts && !error; i++) {
		uint32_t rule = m->doubts[i];
		struct path_rule row = {.part = PATH_RULE_DOUBT, .rule = rule};

		if (rule >= w.rules->n_rules || has_matched(m, rule))
			continue;
		row.chain = w.rules->rules[rule].chain;
		row.tested = path_test_rule(&w, &m->packet, rule);
		error = add(out, &row);
	}
	return error;
}

static int add_near(const struct path_page *p, const struct path_leg *leg, struct vec *out)
{
	struct path_world w = evidence_world(&p->evidence);
	struct fw_near near[NEAR_SHOWN];
	size_t n = path_near_misses(&w, leg, near, NEAR_SHOWN);
	int error = 0;

	for (size_t i = 0; i < n && !error; i++) {
		struct path_rule row = {.part = PATH_RULE_NEAR,
					.chain = w.rules->rules[near[i].rule].chain,
					.rule = near[i].rule,
					.field = near[i].field,
					.tested = near[i].tested};

		/* Whoever lets established flows pass did not mean this packet. */
		if (!strcmp(near[i].field, "state"))
			continue;
		/* Beside a rule for this port, those for others say nothing. */
		if (near[0].is_of_port && !near[i].is_of_port)
			break;
		error = add(out, &row);
	}
	return error;
}

int path_rules_find(const struct path_page *p, const struct path_leg *leg, size_t i,
		    const struct vec *meetings, struct vec *out, size_t *n_more)
{
	const struct path_hop *h = &leg->hops[i];
	const struct path_meeting *m = meeting_of(p, leg, i, meetings);
	int error = 0;

	*n_more = 0;
	if (!p->evidence.rules)
		return 0;
	if (m && leg->verdict == PATH_UNSURE)
		error = add_doubts(p, m, out);
	if (m && !error)
		error = add_met(p, h, m, out, n_more);
	else if (!m && h->chain != UINT32_MAX)
		error = add(out, &(struct path_rule){.part = PATH_RULE_DECIDES,
						     .chain = h->chain,
						     .rule = h->rule});
	return error || !is_stop(leg, i) || i + 1 != leg->n_hops ? error
								 : add_near(p, leg, out);
}

size_t path_leg_doubt(const struct path_page *p, const struct path_leg *leg,
		      const struct vec *meetings)
{
	if (leg->verdict != PATH_UNSURE)
		return leg->n_hops;
	for (size_t i = 0; i < leg->n_hops; i++) {
		const struct path_meeting *m = meeting_of(p, leg, i, meetings);

		if (leg->hops[i].outcome == HOP_UNSURE || (m && m->is_doubted))
			return i;
	}
	/* Nobody can say where: nothing of it is certain. */
	return 0;
}

/* ---- the words ---- */

enum path_mark path_rule_mark(const struct path_rule *r, unsigned field)
{
	uint32_t bit = 1U << field;

	if (r->tested.missed & bit)
		return PATH_MARK_MISSED;
	if (r->tested.unsure & bit)
		return PATH_MARK_UNSURE;
	return r->tested.hit & bit ? PATH_MARK_HIT : PATH_MARK_NONE;
}

/* Where " policy drop" begins in the place of a chain's policy. */
static size_t end_of_place(const struct str *place)
{
	size_t len = place->len;

	while (len && strncmp(str_text(place) + len, policy_words, strlen(policy_words)))
		len--;
	return len;
}

void path_put_chain(struct str *out, const struct path_page *p, uint32_t chain)
{
	const struct ruleset *r = p->evidence.rules;
	struct str place = {0};

	policy_place(&place, r, &r->chains[chain]);
	str_append(out, str_text(&place), end_of_place(&place));
	out->failed |= place.failed;
	str_release(&place);
}

void path_put_rule_name(struct str *out, const struct path_page *p,
			const struct path_rule *row)
{
	const struct ruleset *r = p->evidence.rules;
	const struct fw_chain *c = &r->chains[row->chain];
	struct str place = {0};

	if (row->rule != UINT32_MAX) {
		const struct fw_rule *rule = &r->rules[row->rule];

		if (ruleset_table_of(r, c)->backend == FW_NFT)
			str_printf(out, "handle %llu", (unsigned long long)rule->handle);
		else
			str_printf(out, "rule %u", rule->index);
		return;
	}
	policy_place(&place, r, c);
	if (place.len)
		str_puts(out, str_text(&place) + end_of_place(&place) + 1);
	out->failed |= place.failed;
	str_release(&place);
}

const char *path_rule_did(const struct path_rule *r)
{
	static const char *const words[] = {
		[FW_STEP_MATCHED] = "matches, and goes on",
		[FW_STEP_ACCEPT] = "accepts",
		[FW_STEP_DROP] = "drops",
		[FW_STEP_REJECT] = "rejects",
		[FW_STEP_JUMP] = "leads on",
		[FW_STEP_NAT] = "translates",
		[FW_STEP_OTHER] = "hands it over, or back",
	};

	return words[r->did];
}

void path_put_rule_text(struct str *out, const struct path_page *p,
			const struct path_rule *row)
{
	const struct ruleset *r = p->evidence.rules;

	if (row->rule != UINT32_MAX)
		rule_text(out, r, &r->rules[row->rule]);
}

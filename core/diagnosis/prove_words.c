/* What was expected and what was met, as sentences. Compares nothing. */
#include "core/diagnosis/prove.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "core/firewall/text/rule_text.h"

static const char *verdict_of(const struct path_leg *leg)
{
	return leg->verdict == PATH_REJECT ? "reject" : "drop";
}

int prove_expected(struct str *out, const struct evidence *e, const struct path_leg *leg)
{
	const struct ruleset *r = e->rules;
	bool is_stopped = leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT;

	if (!leg->is_walked || leg->verdict == PATH_UNSURE || leg->n_unsure)
		return 0;
	if (is_stopped && leg->decided_by == DECIDER_RULE && r && leg->rule < r->n_rules) {
		rule_place(out, r, &r->rules[leg->rule]);
		str_printf(out, ": %s", verdict_of(leg));
	} else if (is_stopped && leg->decided_by == DECIDER_POLICY && r &&
		   leg->chain < r->n_chains) {
		policy_place(out, r, &r->chains[leg->chain]);
	} else {
		str_puts(out, "no rule stops it");
	}
	return out->failed ? -ENOMEM : 0;
}

/* The row of the chain that an event names; NULL: it is not among these. */
static const struct fw_chain *find_chain(const struct ruleset *r,
					 const struct fw_trace_event *event)
{
	for (size_t i = 0; r && i < r->n_chains; i++) {
		const struct fw_chain *c = &r->chains[i];
		const struct fw_table *t = ruleset_table_of(r, c);

		if (t->backend != FW_LEGACY && t->family == event->family &&
		    text_equals(t->name, event->table) &&
		    text_equals(c->name, event->chain))
			return c;
	}
	return NULL;
}

static const struct fw_rule *find_rule(const struct ruleset *r, const struct fw_chain *c,
				       uint64_t handle)
{
	for (uint32_t i = 0; i < c->n_rules; i++)
		if (r->rules[c->first_rule + i].handle == handle)
			return &r->rules[c->first_rule + i];
	return NULL;
}

/* In the same words as the expectation where the rule was read, before or after. */
static bool put_known(struct str *out, const struct ruleset *r,
		      const struct fw_trace_event *event)
{
	const struct fw_chain *c = find_chain(r, event);
	const struct fw_rule *rule = NULL;

	if (c && event->kind == FW_TRACE_RULE)
		rule = find_rule(r, c, event->handle);
	if (rule) {
		rule_place(out, r, rule);
		str_printf(out, ": %s", fw_trace_verdict_word(event->verdict));
		return true;
	}
	if (!c || event->kind != FW_TRACE_POLICY || !c->is_base)
		return false;
	policy_place(out, r, c);
	return true;
}

static void put_unknown(struct str *out, const struct fw_trace_event *event)
{
	str_printf(out, "%s ", fw_family_word(event->family));
	text_show(out, event->table, TEXT_ASCII);
	str_putc(out, ' ');
	text_show(out, event->chain, TEXT_ASCII);
	if (event->kind == FW_TRACE_RULE)
		str_printf(out, " handle %llu:", (unsigned long long)event->handle);
	else
		str_puts(out, " policy");
	str_printf(out, " %s", fw_trace_verdict_word(event->verdict));
}

static void put_event(struct str *out, const struct evidence *e,
		      const struct fw_trace_event *event)
{
	if (!put_known(out, e->rules, event) && !put_known(out, e->rules_after, event))
		put_unknown(out, event);
}

int prove_observed(struct str *out, const struct evidence *e, const struct prove *p)
{
	if (p->state == PROVE_UNTRACED) {
		str_printf(out, "its counter moved by %lld", (long long)p->moved);
	} else if (p->is_denied) {
		put_event(out, e, p->event);
	} else {
		str_puts(out, "no rule stops it");
		if (p->event) {
			str_puts(out, "; last ");
			put_event(out, e, p->event);
		}
	}
	return out->failed ? -ENOMEM : 0;
}

/* "10:00:03.412" in the host's local time. */
static void put_moment(struct str *out, const struct evidence *e, int64_t wall_ns)
{
	int64_t ms = (wall_ns / NS_PER_MS + (int64_t)e->utc_offset_s * 1000) % 86400000;

	if (ms < 0)
		ms += 86400000;
	str_printf(out, "%02d:%02d:%02d.%03d", (int)(ms / 3600000), (int)(ms / 60000 % 60),
		   (int)(ms / 1000 % 60), (int)(ms % 1000));
}

static void put_failure(struct str *out, int error)
{
	str_puts(out, "nothing could be traced: ");
	switch (error) {
	case EPERM:
	case EACCES:
		str_puts(out, "adding a table needs CAP_NET_ADMIN (run as root)");
		break;
	case EOPNOTSUPP:
		str_puts(out, "this kernel has no tables that go with their owner (5.12)");
		break;
	case ENOPKG:
		str_puts(out, "this kernel has no nf_tables in use");
		break;
	case ENODATA:
		str_puts(out, "no trace is in the recording");
		break;
	case EPIPE:
		str_puts(out, "the tracing process ended");
		break;
	case 0:
		str_puts(out, "the kernel did not take the table in time");
		break;
	default:
		str_puts(out, strerror(error));
	}
}

static void put_met(struct str *out, const struct evidence *e, const struct path_leg *leg,
		    const struct prove *p)
{
	str_printf(out, "the %s of ", p->is_reply ? "answer" : "packet");
	put_moment(out, e, p->wall_ns);
	str_puts(out, p->is_denied ? " met " : " was let on: ");
	prove_observed(out, e, p);
	if (p->state == PROVE_AGREES)
		str_puts(out, ", as expected");
	if (p->state != PROVE_DIFFERS)
		return;
	str_puts(out, "; expected was ");
	prove_expected(out, e, leg);
	str_puts(out,
		 p->have_rules_changed
			 ? ": the rules changed meanwhile"
			 : ": the rules did not change, so this is an error of dport's");
}

int prove_sentence(struct str *out, const struct evidence *e, const struct path_leg *leg,
		   const struct prove *p)
{
	switch (p->state) {
	case PROVE_NOT_ASKED:
		return 0;
	case PROVE_FAILED:
		put_failure(out, e->trace_error);
		break;
	case PROVE_NOTHING_MET:
		str_printf(
			out, "no %s was traced%s", p->is_reply ? "answer" : "such packet",
			e->trace->has_lost ? "; the kernel lost some of what it had to tell"
					   : "");
		break;
	case PROVE_UNTRACED:
		prove_expected(out, e, leg);
		str_puts(out, " is told by no trace; its counter ");
		if (p->moved < 0)
			str_puts(out, "is not known");
		else
			str_printf(out, "moved by %lld meanwhile", (long long)p->moved);
		break;
	case PROVE_OPEN:
	case PROVE_AGREES:
	case PROVE_DIFFERS:
		put_met(out, e, leg, p);
		break;
	}
	return out->failed ? -ENOMEM : 0;
}

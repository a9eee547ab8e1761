/* What the trace shows to have dropped the very packet, where the rules as they were read
 * let that open or said otherwise. A rule that was expected to: checks_firewall.c. */
#include <errno.h>

#include "core/diagnosis/check_deny.h"

#include "core/diagnosis/check_help.h"
#include "core/diagnosis/check_traced.h"
#include "core/firewall/text/rule_text.h"

static const struct fw_rule *rule_of(const struct traced_denial *d)
{
	return d->rules && d->rule < d->rules->n_rules ? &d->rules->rules[d->rule] : NULL;
}

/* A trace calls a reject a drop. */
static bool is_reject(const struct traced_denial *d)
{
	const struct fw_rule *rule = rule_of(d);

	for (size_t i = 0; rule && i < rule->n_exprs; i++) {
		const struct fw_expr *x = rule->exprs[i];

		if (x->kind == FW_EXPR_REJECT ||
		    (x->kind == FW_EXPR_XT_TARGET && text_equals_str(x->name, "REJECT")))
			return true;
	}
	return false;
}

static enum fault fault_of(const struct check_view *v, const struct traced_denial *d)
{
	if (d->prove.is_reply)
		return FAULT_REPLY_DROP;
	if (d->at == PLACE_FORWARD && v->walk->path.is_translated)
		return FAULT_FORWARD_DROP;
	if (d->event->kind == FW_TRACE_POLICY)
		return FAULT_POLICY_DROP;
	return is_reject(d) ? FAULT_REJECT : FAULT_DROP;
}

static int position_of(const struct traced_denial *d)
{
	bool is_reply = d->prove.is_reply;

	switch (d->at) {
	case PLACE_INGRESS:
	case PLACE_BRIDGE_PREROUTING:
	case PLACE_BRIDGE_INPUT:
	case PLACE_BRIDGE_FORWARD:
		return AT_INGRESS;
	case PLACE_PREROUTING:
		return is_reply ? AT_OUTPUT : AT_PREROUTING;
	case PLACE_OUTPUT:
		return is_reply ? AT_OUTPUT : AT_PREROUTING;
	case PLACE_ROUTE:
	case PLACE_INPUT:
	case PLACE_FORWARD:
	case PLACE_POSTROUTING:
	case PLACE_BRIDGE_OUTPUT:
	case PLACE_BRIDGE_POSTROUTING:
	case PLACE_EGRESS:
	case PLACE_SOCKET:
	case PLACE_NEIGHBOUR:
	case N_PLACES:
		break;
	}
	return is_reply ? AT_POSTROUTING : AT_INPUT;
}

static void put_unread_place(struct str *out, const struct fw_trace_event *event)
{
	str_printf(out, "%s ", fw_family_word(event->family));
	text_show(out, event->table, TEXT_ASCII);
	str_putc(out, ' ');
	text_show(out, event->chain, TEXT_ASCII);
	if (event->kind == FW_TRACE_RULE)
		str_printf(out, " handle %llu", (unsigned long long)event->handle);
	else
		str_puts(out, " policy");
}

static const char *place_words(const struct check_view *v, const struct traced_denial *d)
{
	const struct fw_rule *rule = rule_of(d);
	struct str s = {0};
	const char *out;

	if (rule)
		rule_place(&s, d->rules, rule);
	else if (d->rules)
		policy_place(&s, d->rules, &d->rules->chains[d->chain]);
	else
		put_unread_place(&s, d->event);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

static const char *text_words(const struct check_view *v, const struct traced_denial *d)
{
	const struct fw_rule *rule = rule_of(d);
	struct str s = {0};
	const char *out;

	if (!rule)
		return "";
	str_puts(&s, ": ");
	rule_text(&s, d->rules, rule);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

static const char *show_command(const struct check_view *v, const struct traced_denial *d)
{
	const struct fw_trace_event *event = d->event;

	return view_text(v, "nft -a list chain %s %s %s", fw_family_word(event->family),
			 view_word(v, event->table), view_word(v, event->chain));
}

/* Not a rule that was read before the window: what is to be done is looked up first. */
static int advise_look(const struct check_view *v, struct finding *f,
		       const struct traced_denial *d)
{
	return finding_advise(
		f, v->arena, show_command(v, d), NULL, NULL,
		d->rules ? "this rule came while dport looked: see who adds it, and ask "
			   "again"
			 : "this rule is gone again: see who adds and deletes it (nft "
			   "monitor), and ask again");
}

static int advise(const struct check_view *v, struct finding *f, const struct path_leg *leg,
		  const struct traced_denial *d)
{
	struct path_leg *stopped;

	if (d->rules != v->e->rules || !d->rules)
		return advise_look(v, f, d);
	stopped = arena_alloc(v->arena, sizeof(*stopped));
	if (!stopped)
		return -ENOMEM;
	*stopped = *leg;
	stopped->verdict = PATH_DROP;
	stopped->decided_by = d->rule == UINT32_MAX ? DECIDER_POLICY : DECIDER_RULE;
	stopped->chain = d->chain;
	stopped->rule = d->rule;
	stopped->at = d->at;
	return deny_advise(v, f, stopped);
}

static void blame(const struct check_view *v, struct finding *f,
		  const struct traced_denial *d)
{
	bool is_unknown = !d->rules, rejects = is_reject(d);

	f->position = position_of(d);
	if (d->rules == v->e->rules) {
		f->chain = d->chain;
		f->rule = d->rule;
	}
	f->explains_silence = d->prove.is_reply || !rejects;
	f->explains_reset = f->explains_icmp =
		!d->prove.is_reply && (rejects || is_unknown);
}

static int tell(const struct check_view *v, struct finding *f, const struct path_leg *leg,
		const struct traced_denial *d)
{
	const char *place = place_words(v, d);
	char client[ADDR_TEXT_MAX];
	int error;

	blame(v, f, d);
	error = finding_say(f, v->arena, "%s from %s: %s%s by %s", view_port(v),
			    addr_format(&v->walk->client, client),
			    d->prove.is_reply ? "the answer is " : "",
			    is_reject(d) ? "rejected" : "dropped", place);
	if (!error)
		error = finding_prove(
			f, v->arena, "nf_tables trace", true, "nft monitor trace",
			"the very packet ended its way at %s%s%s", place, text_words(v, d),
			d->prove.state == PROVE_OPEN ? ", which the rules alone leave open"
			: d->prove.have_rules_changed
				? ", and the rules changed meanwhile"
				: ", and dport expected otherwise: an error "
				  "of dport's");
	if (!error)
		error = prove_wire(v, f);
	return error ? error : advise(v, f, leg, d);
}

/* The fault of that leg's denial; it is told there and nowhere else. */
static int check_leg(const struct check_view *v, struct finding *f,
		     const struct path_leg *leg)
{
	struct traced_denial d;
	int error;

	if (!v->walk->is_walked || !leg->is_walked || !traced_denial(v, leg, &d) ||
	    d.is_expected || fault_of(v, &d) != f->fault)
		return CERTAINTY_NONE;
	error = tell(v, f, leg, &d);
	return error ? error : CERTAINTY_PROVEN;
}

int check_traced_request(const struct check_view *v, struct finding *f)
{
	return check_leg(v, f, &v->walk->path.request);
}

int check_traced_reply(const struct check_view *v, struct finding *f)
{
	return check_leg(v, f, &v->walk->path.reply);
}

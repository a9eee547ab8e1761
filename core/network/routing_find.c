/* Which rule chose the table of a packet's route: fib_rule_match(), fib4_rule_match() and
 * fib6_rule_match(). And a rule in the words of ip-rule(8). */
#include "core/network/routing.h"

static const char *const action_words[N_ROUTING_ACTIONS] = {
#define X(name, word) [ROUTING_##name] = word,
	ROUTING_ACTIONS(X)
#undef X
};

static bool is_prefix(const struct addr *a, const struct addr *prefix, unsigned len)
{
	return !len || addr_in_prefix(a, prefix, len);
}

/* What it asks of the packet is met, as far as it is known here. */
static bool fits_plainly(const struct routing_rule *r, const struct routing_flow *f)
{
	if (!is_prefix(&f->source, &r->source, r->source_len) ||
	    !is_prefix(&f->target, &r->target, r->target_len) ||
	    (f->mark & r->mark_mask) != r->mark || (r->proto && r->proto != f->proto))
		return false;
	return !r->in.len || text_equals(r->in, f->in);
}

enum tri routing_fits(const struct routing_rule *r, const struct routing_flow *f)
{
	bool is_fit;

	if (r->family != f->target.family)
		return TRI_NO;
	is_fit = fits_plainly(r, f);
	/* More of it, or a device that it would leave by, may only take from what fits. */
	if (is_fit && (r->has_more || r->out.len))
		return TRI_UNSURE;
	return is_fit != r->is_inverted ? TRI_YES : TRI_NO;
}

static bool is_every_hosts(const struct routing_rule *r)
{
	return r->action == ROUTING_LOOKUP &&
	       (r->table == ROUTING_LOCAL || r->table == ROUTING_MAIN ||
		r->table == ROUTING_DEFAULT) &&
	       !r->source_len && !r->target_len && !r->mark_mask && !r->in.len &&
	       !r->out.len && !r->has_more;
}

/* Of one table: the first that leads there; nothing before it may be in doubt. */
static const struct routing_rule *of_table(const struct routing_table *t,
					   const struct routing_flow *f, uint32_t table)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct routing_rule *r = &t->rows[i];
		enum tri fit = routing_fits(r, f);
		bool leads = r->action == ROUTING_LOOKUP && r->table == table;

		if (fit == TRI_UNSURE || (fit == TRI_YES && r->action == ROUTING_GOTO))
			return NULL;
		if (fit == TRI_YES && leads)
			return is_every_hosts(r) ? NULL : r;
	}
	return NULL;
}

/* The only one that takes this packet and not the other, which has a route. */
static const struct routing_rule *of_error(const struct routing_table *t,
					   const struct routing_flow *f,
					   const struct routing_flow *plain)
{
	const struct routing_rule *found = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct routing_rule *r = &t->rows[i];
		enum tri fit = routing_fits(r, f), other = routing_fits(r, plain);

		if (fit == TRI_UNSURE || other == TRI_UNSURE ||
		    (r->action == ROUTING_GOTO && fit != other))
			return NULL;
		if (fit == other)
			continue;
		if (found || fit == TRI_NO)
			return NULL;
		found = r;
	}
	return found;
}

const struct routing_rule *routing_decider(const struct routing_table *t,
					   const struct routing_flow *f,
					   const struct routing_flow *plain, uint32_t table)
{
	return table ? of_table(t, f, table) : of_error(t, f, plain);
}

/* ---- words ---- */

static void print_prefix(struct str *out, const char *what, const struct addr *a,
			 unsigned len)
{
	char text[ADDR_TEXT_MAX];

	if (len == (a->family == AF_INET6 ? 128 : 32))
		str_printf(out, "%s %s", what, addr_format(a, text));
	else
		str_printf(out, "%s %s/%u", what, addr_format(a, text), len);
}

static void print_device(struct str *out, const char *what, struct text name)
{
	if (!name.len)
		return;
	str_printf(out, " %s ", what);
	text_show(out, name, TEXT_ASCII);
}

void routing_print(struct str *out, const struct routing_rule *r)
{
	if (r->is_inverted)
		str_puts(out, "not ");
	if (r->source_len)
		print_prefix(out, "from", &r->source, r->source_len);
	else
		str_puts(out, "from all");
	if (r->target_len)
		print_prefix(out, " to", &r->target, r->target_len);
	if (r->mark_mask == UINT32_MAX)
		str_printf(out, " fwmark 0x%x", r->mark);
	else if (r->mark_mask)
		str_printf(out, " fwmark 0x%x/0x%x", r->mark, r->mark_mask);
	print_device(out, "iif", r->in);
	print_device(out, "oif", r->out);
	if (r->proto)
		str_printf(out, " ipproto %u", r->proto);
	str_printf(out, " %s", action_words[r->action]);
	if (r->action == ROUTING_LOOKUP)
		str_printf(out, " %u", r->table);
}

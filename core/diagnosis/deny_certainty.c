/* Whether what was seen fits that this rule or policy stopped it: the wire and the
 * counters. Which rule it is the walk says. */
#include "core/diagnosis/deny_certainty.h"

#include <netinet/in.h>

#include "core/diagnosis/check_bridge.h"
#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/sight.h"

/* The kernel's own reasons to be silent: each has a counter. */
bool deny_has_other_silence(const struct check_view *v)
{
	static const char *const counters[] = {
		"TcpExt.ListenOverflows",
		"TcpExt.ListenDrops",
		"TcpExt.IPReversePathFilter",
		"Ip.InAddrErrors",
		"Ip6InAddrErrors",
		"Ip.OutNoRoutes",
		"Ip6OutNoRoutes",
		"TcpExt.TCPMD5NotFound",
	};

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (evidence_delta(v->e, counters[i]) > 0)
			return true;
	return false;
}

/* The rule's own error: its type and code, and sent by this host. */
static bool is_icmp_of(const struct check_view *v, const struct attempt *a,
		       const struct path_leg *leg)
{
	const struct space *s = v->e->space;

	return a->icmp_type == leg->reject.type && a->icmp_code == leg->reject.code &&
	       (a->is_icmp_of_server ||
		address_is_here(s->addresses, s->local_routes, &a->icmp_from) == TRI_YES);
}

static bool has_foreign_icmp(const struct check_view *v, const struct path_leg *leg)
{
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (a->outcome == OUTCOME_ICMP && !is_icmp_of(v, a, leg))
			return true;
	}
	return false;
}

/* Does what was seen fit the way in which the rule stops it? An answer of this host that is
 * rejected on its way out is not seen either. */
static enum tri fits(const struct check_view *v, const struct path_leg *leg)
{
	enum wire wire = view_wire(v), wanted = WIRE_SILENCE;

	if (leg == &v->walk->path.request && leg->verdict == PATH_REJECT)
		wanted = leg->reject.is_reset ? WIRE_RESET : WIRE_ICMP;
	if (wire == WIRE_NOTHING || wire == WIRE_MIXED)
		return TRI_UNSURE;
	return wire == wanted && (wire != WIRE_ICMP || !has_foreign_icmp(v, leg)) ? TRI_YES
										  : TRI_NO;
}

static int64_t policy_delta(const struct check_view *v, const struct fw_chain *before)
{
	const struct ruleset *after = v->e->rules_after;
	const struct fw_table *table = ruleset_table_of(v->e->rules, before);

	for (size_t i = 0; after && before->has_counter && i < after->n_chains; i++) {
		const struct fw_chain *c = &after->chains[i];
		const struct fw_table *t = ruleset_table_of(after, c);

		if (c->handle != before->handle || t->handle != table->handle ||
		    t->family != table->family)
			continue;
		return c->has_counter && c->packets >= before->packets
			       ? (int64_t)(c->packets - before->packets)
			       : -1;
	}
	return -1;
}

int64_t deny_moved(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_rule *rule = deny_rule(v, leg);
	const struct fw_chain *chain = deny_chain(v, leg);

	if (rule)
		return evidence_rule_delta(v->e, rule);
	return chain ? policy_delta(v, chain) : -1;
}

bool deny_have_rules_changed(const struct check_view *v)
{
	return v->e->rules && v->e->rules_after &&
	       !ruleset_is_same(v->e->rules, v->e->rules_after);
}

/* Without a counter of its own: the other reasons are excluded by theirs. */
static int certainty_uncounted(const struct check_view *v, const struct path_leg *leg)
{
	bool is_reset = leg->verdict == PATH_REJECT && leg->reject.is_reset;

	if (leg->verdict == PATH_REJECT && !is_reset)
		return CERTAINTY_PROVEN;
	if (!v->e->counters || !v->e->counters_after)
		return CERTAINTY_LIKELY;
	/* Silence is also what a program in the way makes, and nobody counts that. */
	if (!is_reset && leg->n_programs)
		return CERTAINTY_LIKELY;
	if (is_reset)
		return evidence_delta(v->e, "Tcp.OutRsts") ? CERTAINTY_LIKELY
							   : CERTAINTY_PROVEN;
	/* A datagram's silence says little: the service may be a silent one. */
	return deny_has_other_silence(v) || v->e->target.proto == IPPROTO_UDP
		       ? CERTAINTY_LIKELY
		       : CERTAINTY_PROVEN;
}

/* An answer that was seen before it came to the bridge's ports. */
static int certainty_behind_capture(const struct check_view *v, int64_t moved)
{
	if (moved == 0)
		return CERTAINTY_NONE;
	return moved > 0 && !deny_have_rules_changed(v) ? CERTAINTY_PROVEN
							: CERTAINTY_LIKELY;
}

int deny_certainty(const struct check_view *v, const struct path_leg *leg)
{
	int64_t moved = deny_moved(v, leg);
	enum tri is_fit = fits(v, leg);

	if (!v->sight.n_all)
		return CERTAINTY_LIKELY;
	if (bridge_is_behind_capture(v, leg) && sight_got_syn_ack(v))
		return certainty_behind_capture(v, moved);
	/* Its counter stood still while SYNs came: something else took them. */
	if (is_fit == TRI_NO || (moved == 0 && view_wire(v) != WIRE_NOTHING))
		return CERTAINTY_NONE;
	if (is_fit == TRI_UNSURE || sight_is_of_other_host(v))
		return CERTAINTY_POSSIBLE;
	if (deny_have_rules_changed(v))
		return CERTAINTY_LIKELY;
	if (moved < 0)
		return certainty_uncounted(v, leg);
	/* Others move it too: then the kernel's other reasons must be excluded. */
	return moved > v->sight.n_syns && deny_has_other_silence(v) ? CERTAINTY_LIKELY
								    : CERTAINTY_PROVEN;
}

/* Translation and tracking that have no room left: the table of flows, the ports of a
 * translated source. */
#include <netinet/in.h>

#include "core/diagnosis/check_beyond.h"
#include "core/diagnosis/check_help.h"
#include "core/firewall/text/rule_text.h"

/* ---- the table ---- */

struct fill {
	int64_t n, max, n_dropped;
};

static bool read_fill(const struct check_view *v, struct fill *out)
{
	out->n_dropped = evidence_delta(v->e, "conntrack.drop");
	return v->e->settings &&
	       settings_int(v->e->settings, "net/netfilter/nf_conntrack_count", &out->n) &&
	       settings_int(v->e->settings, "net/netfilter/nf_conntrack_max", &out->max) &&
	       out->max > 0;
}

/* The kernel sweeps as it fills: a hundredth may be free from one moment to the next. */
static bool is_full(const struct fill *fill)
{
	return fill->n >= fill->max - fill->max / 100;
}

static int tell_full(const struct check_view *v, struct finding *f, const struct fill *fill)
{
	long long n = fill->n, max = fill->max;
	int error = finding_say(
		f, v->arena,
		"connection tracking is full (%lld of %lld): what begins a flow is dropped",
		n, max);

	if (!error)
		error = finding_prove(f, v->arena, "settings", true,
				      "sysctl net.netfilter.nf_conntrack_count "
				      "net.netfilter.nf_conntrack_max",
				      "%lld flows are tracked, %lld may be", n, max);
	if (!error)
		error = finding_prove(
			f, v->arena, "counters", true, "conntrack -S",
			"the kernel dropped %lld packets for want of an entry "
			"in this time",
			(long long)fill->n_dropped);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "sysctl -w net.netfilter.nf_conntrack_max=%lld",
				  2 * max),
			view_text(v, "sysctl -w net.netfilter.nf_conntrack_max=%lld", max),
			"each entry takes some 300 bytes of the kernel's memory; lost at "
			"reboot (put it into /etc/sysctl.d)",
			"make room now, then see who fills it (conntrack -L | sort) and "
			"whether its timeouts may be shorter");
	return error;
}

/* What stops it before connection tracking, which stands at priority -200 of prerouting. */
static bool is_stopped_before(const struct check_view *v)
{
	enum { TRACKING = -200 };
	const struct path_leg *leg = &v->walk->path.request;
	const struct ruleset *r = v->e->rules;

	if (!v->walk->is_walked ||
	    (leg->verdict != PATH_DROP && leg->verdict != PATH_REJECT))
		return false;
	if (leg->at != PLACE_PREROUTING)
		return leg->at == PLACE_INGRESS;
	return r && leg->chain < r->n_chains && r->chains[leg->chain].is_base &&
	       r->chains[leg->chain].priority < TRACKING;
}

int check_conntrack_full(const struct check_view *v, struct finding *f)
{
	struct fill fill;
	int error;

	if (evidence_delta(v->e, "conntrack.drop") == 0 || is_stopped_before(v))
		return ruled_out(f);
	if (!read_fill(v, &fill) || fill.n_dropped < 0)
		return CERTAINTY_NONE;
	if (!is_full(&fill))
		return ruled_out(f);
	/* Some got an entry, so the next may: it is a matter of luck then. */
	if (!sight_is_silent(v) || (uint64_t)fill.n_dropped < v->sight.n_all)
		return CERTAINTY_NONE;
	f->position = AT_PREROUTING - 1;
	f->explains_silence = true;
	error = tell_full(v, f, &fill);
	return error ? error : CERTAINTY_LIKELY;
}

/* ---- the ports of a source ---- */

static const struct path_hop *source_hop(const struct path_leg *leg)
{
	for (size_t i = 0; i < leg->n_hops; i++)
		if (leg->hops[i].outcome == HOP_TRANSLATED &&
		    leg->hops[i].place == PLACE_POSTROUTING)
			return &leg->hops[i];
	return NULL;
}

static int tell_exhausted(const struct check_view *v, struct finding *f, uint32_t rule,
			  int64_t n_failed)
{
	const struct fw_rule *row = &v->e->rules->rules[rule];
	struct str place = {0}, text = {0};
	int error;

	rule_place(&place, v->e->rules, row);
	rule_text(&text, v->e->rules, row);
	error = finding_say(f, v->arena,
			    "%s: %s finds no free source port, and the packet is dropped",
			    view_port(v), str_text(&place));
	if (!error)
		error = finding_prove(f, v->arena, view_rule_source(v, row), false,
				      view_rule_command(v, row), "%s: %s", str_text(&place),
				      str_text(&text));
	if (!error)
		error = finding_prove(f, v->arena, "counters", true, "conntrack -S",
				      "%lld flows met another one's translation and could "
				      "not be entered (insert_failed)",
				      (long long)n_failed);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, view_rule_command(v, row), NULL,
			"connections that are open keep their old translation",
			"give the translation more ports or more addresses, and see who "
			"holds them (conntrack -L)");
	str_release(&place);
	str_release(&text);
	return error;
}

/* It is let through by the rules, is not seen beyond, and entries fail. */
int check_ports_exhausted(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	int64_t n_failed = evidence_delta(v->e, "conntrack.insert_failed");
	const struct path_hop *hop;
	struct beyond b;
	int error;

	if (n_failed == 0 || sight_was_answered(v) || v->was_anyone_taken ||
	    (v->walk->is_walked && !p->is_source_translated))
		return ruled_out(f);
	if (!v->walk->is_walked || n_failed < 0 || p->request.verdict != PATH_ACCEPT ||
	    !sight_is_silent(v))
		return CERTAINTY_NONE;
	/* What went on was entered; and what waits for a dead next hop had its port. */
	if (beyond_entry(v) || (beyond_look(v, &b) && (b.n_left || beyond_is_hop_dead(&b))))
		return ruled_out(f);
	hop = source_hop(&p->request);
	if (!hop || !v->e->rules || hop->rule >= v->e->rules->n_rules)
		return CERTAINTY_NONE;
	f->position = AT_INPUT;
	f->explains_silence = true;
	f->chain = hop->chain;
	f->rule = hop->rule;
	error = tell_exhausted(v, f, hop->rule, n_failed);
	if (error)
		return error;
	return (uint64_t)n_failed >= v->sight.n_all ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
}

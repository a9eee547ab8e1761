/*
 * A policy of IPsec that stops the packet or its answer: the kernel counts what it stops
 * for their sake, and why; the policy that the packet meets is named where that is known.
 */
#include "core/diagnosis/check_ipsec.h"
#include "core/diagnosis/sight_link.h"

enum {
	AT_IPSEC = AT_SOCKET - 40,
	AT_IPSEC_FORWARD = AT_ROUTE + 50,
	AT_IPSEC_OUT = AT_REPLY_ROUTE + 50
};

/* What stops it: by the counter, and, where it is known, by the policy that it meets. */
struct ipsec_stop {
	const struct ipsec_told *told;
	bool is_out;
	struct ipsec_station at; /* UNSURE: no policy is named */
	bool is_named, is_undecided;
};

/* ---- words ---- */

static const char *selector_words(const struct check_view *v, const struct ipsec_policy *p)
{
	struct str s = {0};
	const char *out;

	ipsec_print_selector(&s, p,
			     p->ifindex ? kernel_device_argument(v, p->ifindex) : NULL);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

static const char *rest_words(const struct check_view *v, const struct ipsec_policy *p)
{
	struct str s = {0};
	const char *out;

	ipsec_print_rest(&s, p);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

/* The very flow, as narrow as a policy takes it; UDP and TCP alike. */
static const char *narrow_words(const struct check_view *v, const struct ipsec_station *s)
{
	bool is_reply = s->is_reply;

	return view_text(v, "src %s dst %s proto %s %s %u dir %s",
			 is_reply ? kernel_server(v) : kernel_client(v),
			 is_reply ? kernel_client(v) : kernel_server(v),
			 kernel_is_udp(v) ? "udp" : "tcp", is_reply ? "sport" : "dport",
			 v->e->target.port, ipsec_direction_word(s->direction));
}

/* Of a router: which packet it is, and where. */
static const char *passed_words(const struct ipsec_station *s)
{
	bool is_blocked = s->answer.effect == IPSEC_BLOCKED;

	if (s->direction == IPSEC_FORWARD && s->is_reply)
		return is_blocked ? "a policy of IPsec blocks the answer on its way through"
				  : "a policy of IPsec wants the answer protected, and it "
				    "came in the clear";
	if (s->direction == IPSEC_OUT && !s->is_reply)
		return is_blocked ? "a policy of IPsec blocks it on its way out"
				  : "a policy of IPsec wants it protected on its way out, "
				    "and no security association is there";
	return NULL;
}

static int say(const struct check_view *v, struct finding *f, const struct ipsec_stop *x)
{
	const struct ipsec_policy *p = x->is_named ? x->at.answer.policy : NULL;
	const char *what = x->is_named ? passed_words(&x->at) : NULL;

	if (x->is_named && !p)
		return finding_say(f, v->arena,
				   "%s from %s: no policy of IPsec takes it, and the "
				   "default for such packets (dir %s) is block",
				   view_port(v), kernel_client(v),
				   ipsec_direction_word(x->at.direction));
	return finding_say(f, v->arena, "%s from %s: %s%s%s", view_port(v),
			   kernel_client(v), what ? what : x->told->what, p ? ": " : "",
			   p ? selector_words(v, p) : "");
}

/* ---- proofs ---- */

static int prove_policy(const struct check_view *v, struct finding *f,
			const struct ipsec_stop *x)
{
	const struct ipsec_policy *p = x->at.answer.policy;

	if (!p)
		return finding_prove(f, v->arena, "ipsec", false,
				     "ip xfrm policy getdefault",
				     "none of %zu policies fits, and what none fits is "
				     "blocked",
				     v->e->ipsec->n);
	return finding_prove(f, v->arena, "ipsec", x->at.was_used,
			     view_text(v, "ip -s xfrm policy get %s", selector_words(v, p)),
			     "the first policy that fits: %s%s, index %u%s",
			     selector_words(v, p), rest_words(v, p), p->index,
			     x->at.was_used ? "; packets met it in this time" : "");
}

/* Which they are is not asked: the kernel would tell their keys as well. */
static int prove_states(const struct check_view *v, struct finding *f,
			const struct ipsec_stop *x)
{
	const struct ipsec_table *t = v->e->ipsec;

	if (x->at.answer.effect != IPSEC_PROTECTS || !t->has_states)
		return 0;
	if (!t->n_states)
		return finding_prove(f, v->arena, "ipsec", true, "ip xfrm state count",
				     "this host has no security association at all");
	return finding_prove(f, v->arena, "ipsec", true, "ip xfrm state count",
			     "this host has %u security association%s, none that serves "
			     "here",
			     t->n_states, t->n_states == 1 ? "" : "s");
}

static int prove(const struct check_view *v, struct finding *f, const struct ipsec_stop *x)
{
	int error = 0;

	if (x->is_named)
		error = prove_policy(v, f, x);
	if (!error)
		error = finding_prove(
			f, v->arena, "counters", true, "cat /proc/net/xfrm_stat",
			"the kernel counted +%lld (%s) in this time",
			(long long)evidence_delta(v->e, x->told->counter), x->told->name);
	if (!error && x->is_named)
		error = prove_states(v, f, x);
	if (!error)
		error = kernel_prove_dropped(v, f);
	return error ? error : prove_wire(v, f);
}

/* ---- advice ---- */

static int advise_unnamed(const struct check_view *v, struct finding *f,
			  const struct ipsec_stop *x)
{
	const char *client = kernel_client(v), *server = kernel_server(v);

	return finding_advise(
		f, v->arena,
		x->is_out ? view_text(v, "ip xfrm policy get src %s dst %s dir out", server,
				      client)
			  : view_text(v, "ip xfrm policy get src %s dst %s dir in", client,
				      server),
		NULL, NULL,
		"find the policy and who made it (strongSwan, libreswan): bring the tunnel "
		"up at both ends, or take this client out of the policy");
}

static int advise_tunnel(const struct check_view *v, struct finding *f)
{
	return finding_advise(
		f, v->arena, "ip xfrm state count", NULL, NULL,
		"bring the tunnel up at both ends (strongSwan: swanctl --list-sas; "
		"libreswan: ipsec status): the policy waits for its security association");
}

/* One that is asked before it, for this flow alone. */
static int advise_exception(const struct check_view *v, struct finding *f,
			    const struct ipsec_stop *x)
{
	const struct ipsec_policy *p = x->at.answer.policy;
	const char *words = narrow_words(v, &x->at);

	return finding_advise(
		f, v->arena,
		view_text(v, "ip xfrm policy add %s priority %u action allow", words,
			  p ? p->priority - 1 : 0),
		view_text(v, "ip xfrm policy delete %s", words),
		"this flow then goes in the clear, and both ends must agree to that; lost "
		"at reboot",
		"let this client's packets to the port pass before the policy is asked");
}

static int advise_delete(const struct check_view *v, struct finding *f,
			 const struct ipsec_stop *x)
{
	const struct ipsec_policy *p = x->at.answer.policy;
	const char *selector = selector_words(v, p);

	return finding_advise(
		f, v->arena, view_text(v, "ip xfrm policy delete %s", selector),
		view_text(v, "ip xfrm policy add %s%s", selector, rest_words(v, p)),
		"everything that it takes is no longer stopped, nor protected; who made it "
		"may put it back",
		"or take the policy away: none can come before priority 0");
}

static int advise(const struct check_view *v, struct finding *f, const struct ipsec_stop *x)
{
	const struct ipsec_policy *p = x->at.answer.policy;
	int error = 0;

	if (!x->is_named)
		return advise_unnamed(v, f, x);
	if (x->at.answer.effect == IPSEC_PROTECTS)
		error = advise_tunnel(v, f);
	if (error)
		return error;
	return p && !p->priority ? advise_delete(v, f, x) : advise_exception(v, f, x);
}

/* ---- certainty ---- */

/* The answer was made and not sent: the handshake waits, or none could begin for want of a
 * way out. */
static int certainty_of_answer(const struct check_view *v, const struct ipsec_told *told)
{
	enum step_with counted = kernel_counted(v, told->counter);
	uint8_t n_repeats;

	if (counted != COUNT_IN_STEP)
		return CERTAINTY_POSSIBLE;
	if (kernel_waits(v, &n_repeats) ||
	    kernel_counted(v, "TcpExt.ListenDrops") == COUNT_IN_STEP)
		return CERTAINTY_PROVEN;
	return CERTAINTY_LIKELY;
}

/* The policy that its packets meet stops them; the count says that packets were. */
static int certainty_of_named(const struct check_view *v, const struct ipsec_stop *x)
{
	if (kernel_counted(v, x->told->counter) != COUNT_IN_STEP || x->at.answer.is_tied)
		return CERTAINTY_LIKELY;
	if (!x->at.answer.policy || x->at.was_used)
		return CERTAINTY_PROVEN;
	return x->at.is_reply && !v->walk->path.is_forwarded
		       ? certainty_of_answer(v, x->told)
		       : CERTAINTY_LIKELY;
}

static int certainty_of(const struct check_view *v, const struct ipsec_stop *x)
{
	if (!x->told)
		return CERTAINTY_NONE;
	if (x->is_named)
		return certainty_of_named(v, x);
	return x->is_out ? certainty_of_answer(v, x->told)
			 : kernel_certainty(v, kernel_counted(v, x->told->counter));
}

/* ---- the check ---- */

/* A packet that a template stops on its way out leaves no trace on the policy. */
static bool is_credible(const struct ipsec_station *s)
{
	if (!s->answer.policy)
		return true;
	return s->was_used || (s->direction == IPSEC_OUT && !s->answer.is_tied &&
			       s->answer.effect == IPSEC_PROTECTS);
}

/* The counter is of this flow as far as the policies say: the first station that moves it
 * is named; where all let it pass, others' packets moved it. */
static void place(const struct check_view *v, struct ipsec_stop *x,
		  const struct ipsec_station *stations, size_t n)
{
	bool may_be = !x->told || !x->told->has_effect || x->told->is_without_policy;

	for (size_t i = 0; x->told && i < n; i++) {
		const struct ipsec_station *s = &stations[i];

		if ((s->direction == IPSEC_OUT) != x->is_out)
			continue;
		if (ipsec_is_of(s, x->told) && is_credible(s)) {
			x->at = *s;
			x->is_named = true;
			return;
		}
		may_be |= s->answer.effect != IPSEC_PASSES;
	}
	if (may_be)
		return;
	x->is_undecided = kernel_counted(v, x->told->counter) == COUNT_IN_STEP;
	x->told = NULL;
}

/* Something went from here to the client. What a router got of the server's has not left by
 * that. */
static bool has_left(const struct check_view *v)
{
	struct link_way w;

	if (sight_was_answered(v) || !link_is_passed_on(v))
		return kernel_has_answered(v);
	link_way_look(v, &w);
	return w.n_answers_out || w.n_resets_out;
}

static int position_of(const struct ipsec_stop *x)
{
	if (x->is_named && !x->at.is_reply && x->at.direction != IPSEC_IN)
		return AT_IPSEC_FORWARD;
	return x->is_out || (x->is_named && x->at.is_reply) ? AT_IPSEC_OUT : AT_IPSEC;
}

static int tell(const struct check_view *v, struct finding *f, const struct ipsec_stop *x)
{
	int error;

	f->position = position_of(x);
	f->explains_silence = true;
	error = say(v, f, x);
	if (!error)
		error = prove(v, f, x);
	return error ? error : advise(v, f, x);
}

static bool do_all_pass(const struct ipsec_station *stations, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (stations[i].answer.effect != IPSEC_PASSES)
			return false;
	return true;
}

/* No count is left that may be of this client. */
static bool is_of_others(const struct ipsec_stop *in, const struct ipsec_stop *out,
			 bool is_known)
{
	return !in->told && !out->told && is_known;
}

int check_ipsec_policy(const struct check_view *v, struct finding *f)
{
	struct ipsec_station stations[IPSEC_STATIONS_MAX];
	struct ipsec_stop in = {0}, out = {.is_out = true}, *best;
	bool is_in_known, is_out_known, is_known;
	size_t n = ipsec_stations(v, stations);
	int error, certainty;

	in.told = ipsec_first_moved(v->e, false, &is_in_known);
	out.told = ipsec_first_moved(v->e, true, &is_out_known);
	is_known = is_in_known && is_out_known;
	if (has_left(v) || (!in.told && !out.told && is_known))
		return ruled_out(f);
	if (!v->sight.n_all || (!sight_is_silent(v) && !link_is_answer_kept(v)))
		return CERTAINTY_NONE;
	place(v, &in, stations, n);
	place(v, &out, stations, n);
	best = certainty_of(v, &out) > certainty_of(v, &in) ? &out : &in;
	certainty = certainty_of(v, best);
	if (certainty == CERTAINTY_NONE && (in.is_undecided || out.is_undecided))
		return undecided(f);
	if (certainty == CERTAINTY_NONE)
		return is_of_others(&in, &out, is_known || do_all_pass(stations, n))
			       ? ruled_out(f)
			       : CERTAINTY_NONE;
	error = tell(v, f, best);
	return error ? error : certainty;
}

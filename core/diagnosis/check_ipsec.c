/* Policies of IPsec beside the way and the counters. Says nothing to the user. */
#include "core/diagnosis/check_ipsec.h"

#include "core/base/time.h"

/* net/xfrm/xfrm_policy.c: __xfrm_policy_check(), xfrm_lookup_with_ifid() */
static const struct ipsec_told told_in[] = {
	{"xfrm.XfrmInTmplMismatch", "XfrmInTmplMismatch",
	 "a policy of IPsec wants it protected, and it came in the clear", true,
	 IPSEC_PROTECTS, false},
	{"xfrm.XfrmInNoPols", "XfrmInNoPols", "no policy of IPsec takes it as it came",
	 true, IPSEC_BLOCKED, true},
	{"xfrm.XfrmInPolBlock", "XfrmInPolBlock", "a policy of IPsec blocks it", true,
	 IPSEC_BLOCKED, false},
	{"xfrm.XfrmInPolError", "XfrmInPolError", "the policy of IPsec for it is in error",
	 false, IPSEC_UNSURE, false},
};

static const struct ipsec_told told_out[] = {
	{"xfrm.XfrmOutNoStates", "XfrmOutNoStates",
	 "a policy of IPsec wants the answer protected, and no security association is "
	 "there",
	 true, IPSEC_PROTECTS, false},
	{"xfrm.XfrmOutPolBlock", "XfrmOutPolBlock", "a policy of IPsec blocks the answer",
	 true, IPSEC_BLOCKED, false},
	{"xfrm.XfrmOutPolDead", "XfrmOutPolDead",
	 "the policy of IPsec for the answer has ended", false, IPSEC_UNSURE, false},
	{"xfrm.XfrmOutPolError", "XfrmOutPolError",
	 "the policy of IPsec for the answer is in error", false, IPSEC_UNSURE, false},
};

#define N_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

const struct ipsec_told *ipsec_first_moved(const struct evidence *e, bool is_out,
					   bool *is_known)
{
	const struct ipsec_told *rows = is_out ? told_out : told_in, *best = NULL;
	size_t n = is_out ? N_ROWS(told_out) : N_ROWS(told_in);
	int64_t most = 0;

	*is_known = true;
	for (size_t i = 0; i < n; i++) {
		int64_t delta = evidence_delta(e, rows[i].counter);

		if (delta < 0)
			*is_known = false;
		if (delta <= most)
			continue;
		best = &rows[i];
		most = delta;
	}
	return best;
}

bool ipsec_has_stopped(const struct evidence *e)
{
	bool is_known;

	return ipsec_first_moved(e, false, &is_known) ||
	       ipsec_first_moved(e, true, &is_known);
}

bool ipsec_is_of(const struct ipsec_station *s, const struct ipsec_told *told)
{
	return told->has_effect && s->answer.effect == told->effect &&
	       told->is_without_policy == !s->answer.policy;
}

/* ---- the way ---- */

/* Where nobody rewrote it: then policies see it as the client sent it, and its answer with
 * the same addresses. */
static bool is_plain(const struct check_view *v)
{
	const struct path *p = &v->walk->path;

	return v->walk->is_walked && v->walk->client.family && !p->is_translated &&
	       !p->is_source_translated && !p->request.is_nat_touched &&
	       !p->reply.is_nat_touched && !p->ask.is_from_here &&
	       (p->is_local || p->is_forwarded);
}

/* What comes in has the mark that the rules gave it. An answer, and what is passed on, is
 * looked at before its last hook. */
static bool is_mark_known(const struct path *p, const struct ipsec_station *s)
{
	bool is_unmarked = p->request.is_mark_known && !p->request.mark;

	if (s->direction == IPSEC_IN)
		return p->request.is_mark_known;
	return is_unmarked && (!s->is_reply || (p->reply.is_mark_known && !p->reply.mark));
}

static struct ipsec_flow flow_of(const struct check_view *v, const struct ipsec_station *s)
{
	const struct path *p = &v->walk->path;
	bool is_reply = s->is_reply;

	return (struct ipsec_flow){
		.direction = s->direction,
		.source = is_reply ? v->walk->server : v->walk->client,
		.target = is_reply ? v->walk->client : v->walk->server,
		.proto = v->e->target.proto,
		.source_port = is_reply ? v->e->target.port : v->walk->client_port,
		.target_port = is_reply ? v->walk->client_port : v->e->target.port,
		.mark = p->request.mark,
		.is_mark_known = is_mark_known(p, s),
		.out_ifindex = is_reply ? kernel_way_out(v, NULL) : p->out_ifindex};
}

/* use_time is in whole seconds. */
static bool was_used(const struct check_view *v, const struct ipsec_policy *p)
{
	return p && p->used_s >= v->e->window_start_ns / NS_PER_S;
}

static void look(const struct check_view *v, struct ipsec_station *s)
{
	struct ipsec_flow f = flow_of(v, s);

	s->answer = (struct ipsec_answer){.effect = IPSEC_UNSURE};
	/* Those of PF_KEY, where this kernel has no other way to them, are not read. */
	if (!v->e->ipsec || !v->e->ipsec->n || !is_plain(v))
		return;
	s->answer = ipsec_find(v->e->ipsec, &f);
	s->was_used = was_used(v, s->answer.policy);
}

size_t ipsec_stations(const struct check_view *v, struct ipsec_station *out)
{
	static const struct ipsec_station here[] = {{false, IPSEC_IN, {0}, false},
						    {true, IPSEC_OUT, {0}, false}};
	static const struct ipsec_station passed[] = {{false, IPSEC_FORWARD, {0}, false},
						      {false, IPSEC_OUT, {0}, false},
						      {true, IPSEC_FORWARD, {0}, false},
						      {true, IPSEC_OUT, {0}, false}};
	bool is_passed = v->walk->is_walked && v->walk->path.is_forwarded;
	size_t n = is_passed ? N_ROWS(passed) : N_ROWS(here);

	for (size_t i = 0; i < n; i++) {
		out[i] = is_passed ? passed[i] : here[i];
		look(v, &out[i]);
	}
	return n;
}

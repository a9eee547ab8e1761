/* Which policy of IPsec a packet meets: xfrm_policy_match() and __xfrm4_selector_match() of
 * net/xfrm/xfrm_policy.c. What is not known of the packet makes no policy fit. */
#include "core/network/ipsec.h"

#include "core/base/tri.h"

static enum tri both(enum tri a, enum tri b)
{
	if (a == TRI_NO || b == TRI_NO)
		return TRI_NO;
	return a == TRI_YES ? b : a;
}

static enum tri told(bool is_so)
{
	return is_so ? TRI_YES : TRI_NO;
}

static enum tri has_port(uint16_t wanted, uint16_t mask, uint16_t port)
{
	if (!mask)
		return TRI_YES;
	return port ? told(!((port ^ wanted) & mask)) : TRI_UNSURE;
}

/* What it is compared with on the way in is the device of the route, not of the packet. */
static enum tri has_device(const struct ipsec_policy *p, const struct ipsec_flow *f)
{
	if (!p->ifindex)
		return TRI_YES;
	if (f->direction != IPSEC_OUT || !f->out_ifindex || f->source.family == AF_INET6)
		return TRI_UNSURE;
	return told(p->ifindex == f->out_ifindex);
}

static enum tri has_mark(const struct ipsec_policy *p, const struct ipsec_flow *f)
{
	if (!p->mark_mask && !p->mark)
		return TRI_YES;
	return f->is_mark_known ? told((f->mark & p->mark_mask) == p->mark) : TRI_UNSURE;
}

/* Packets of an xfrm interface have its if_id; those that are looked at here have none. */
static enum tri fits(const struct ipsec_policy *p, const struct ipsec_flow *f)
{
	enum tri fit;

	if (p->direction != f->direction || p->if_id ||
	    !addr_in_prefix(&f->source, &p->source, p->source_len) ||
	    !addr_in_prefix(&f->target, &p->target, p->target_len) ||
	    (p->proto && p->proto != f->proto))
		return TRI_NO;
	fit = both(has_port(p->source_port, p->source_port_mask, f->source_port),
		   has_port(p->target_port, p->target_port_mask, f->target_port));
	fit = both(fit, both(has_device(p, f), has_mark(p, f)));
	/* A socket's own, or one of the other kind: whom they concern is not known. */
	return p->is_of_socket || p->is_sub ? both(fit, TRI_UNSURE) : fit;
}

static enum ipsec_effect effect_of(const struct ipsec_policy *p)
{
	if (p->is_block)
		return IPSEC_BLOCKED;
	for (size_t i = 0; i < p->n_templates; i++)
		if (!p->templates[i].is_optional)
			return IPSEC_PROTECTS;
	return IPSEC_PASSES;
}

/* Sockets' own and those of the other kind come before any; the others before those that
 * stand behind them. */
static bool may_come_first(const struct ipsec_policy *doubtful,
			   const struct ipsec_policy *found)
{
	return !found || doubtful->is_of_socket || doubtful->is_sub ||
	       doubtful->priority <= found->priority;
}

static bool is_in_doubt(const struct ipsec_table *t, const struct ipsec_flow *f,
			const struct ipsec_answer *a)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct ipsec_policy *p = &t->rows[i];

		if (fits(p, f) == TRI_UNSURE && may_come_first(p, a->policy) &&
		    (effect_of(p) != a->effect || p->is_sub))
			return true;
	}
	return false;
}

static bool is_tied(const struct ipsec_table *t, const struct ipsec_flow *f,
		    const struct ipsec_answer *a)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct ipsec_policy *p = &t->rows[i];

		if (p != a->policy && p->priority == a->policy->priority &&
		    effect_of(p) != a->effect && fits(p, f) == TRI_YES)
			return true;
	}
	return false;
}

struct ipsec_answer ipsec_find(const struct ipsec_table *t, const struct ipsec_flow *f)
{
	struct ipsec_answer a = {.effect = t->blocks_others[f->direction] ? IPSEC_BLOCKED
									  : IPSEC_PASSES};

	for (size_t i = 0; !a.policy && i < t->n; i++)
		if (fits(&t->rows[i], f) == TRI_YES)
			a.policy = &t->rows[i];
	if (a.policy) {
		a.effect = effect_of(a.policy);
		a.is_tied = is_tied(t, f, &a);
	}
	if (is_in_doubt(t, f, &a))
		a = (struct ipsec_answer){.effect = IPSEC_UNSURE};
	return a;
}

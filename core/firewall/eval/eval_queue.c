/*
 * A rule gives the packet to a program: nft's queue, the targets NFQUEUE and QUEUE. What
 * the program does is not known; that there is none may be. nft_queue.c, xt_NFQUEUE.c; who
 * drops what nobody takes: nf_queue() of net/netfilter/nf_queue.c.
 */
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_NFQUEUE.h>

#include "core/firewall/eval/eval_xt.h"
#include "core/firewall/eval/exprs.h"

/* Revisions of NFQUEUE: 1 has several queues, 2 may be bypassed, 3 has flags. */
enum { REVISION_TOTAL = 1, REVISION_BYPASS = 2, REVISION_FLAGS = 3 };
enum { QUEUES_MAX = UINT16_MAX + 1 };

struct queue_range {
	uint16_t first;
	uint32_t n;
	bool is_bypassed; /* where nobody reads it: on to the next chain */
};

/* A queue that is held refuses with another error than that of no queue, and only that one
 * is what the bypass is for. */
static enum fw_queue state_of(const struct queue_readers *r, const struct queue_range *q)
{
	if (r->n_reading)
		return FW_QUEUE_READ;
	if (!r->is_known)
		return FW_QUEUE_NOT_KNOWN;
	if (!r->n_refusing)
		return FW_QUEUE_UNREAD;
	return q->is_bypassed && r->n_refusing < q->n ? FW_QUEUE_NOT_KNOWN
						      : FW_QUEUE_REFUSED;
}

static enum eval_next be_queued(struct eval *e, const struct queue_range *q)
{
	struct queue_readers r;
	enum fw_queue state;

	if (e->is_near || !e->lookups || !e->lookups->queue_readers)
		return eval_done(e, NF_QUEUE);
	r = e->lookups->queue_readers(e->lookups->arg, q->first, q->n);
	state = state_of(&r, q);
	if (state == FW_QUEUE_UNREAD && q->is_bypassed)
		return eval_done(e, NF_ACCEPT);
	e->out->queue = state;
	e->out->reader = r.one;
	return eval_done(e, state == FW_QUEUE_READ || state == FW_QUEUE_NOT_KNOWN
				    ? NF_QUEUE
				    : NF_DROP);
}

/* A number out of a register may be any. */
enum eval_next eval_queue(struct eval *e, const struct fw_expr *x)
{
	struct queue_range q = {.first = (uint16_t)x->offset,
				.n = x->len ? x->len : 1,
				.is_bypassed = x->flags & NFT_QUEUE_FLAG_BYPASS};

	if (x->sreg != FW_NO_REG) {
		q.first = 0;
		q.n = QUEUES_MAX;
	}
	return be_queued(e, &q);
}

enum eval_next eval_xt_queue(struct eval *e, const struct fw_expr *x)
{
	struct xt_NFQ_info_v3 m = {0};
	size_t size = x->revision >= REVISION_BYPASS  ? sizeof(m)
		      : x->revision >= REVISION_TOTAL ? sizeof(struct xt_NFQ_info_v1)
						      : sizeof(struct xt_NFQ_info);
	struct queue_range q;

	if (!xt_read(x->value, &m, size))
		return eval_done(e, NF_QUEUE);
	q.first = m.queuenum;
	q.n = m.queues_total ? m.queues_total : 1;
	q.is_bypassed =
		x->revision >= REVISION_FLAGS ? m.flags & NFQ_FLAG_BYPASS : m.flags != 0;
	return be_queued(e, &q);
}

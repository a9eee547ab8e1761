/*
 * What is lost between the wire and the stack: packets that an interface or its queue
 * drops, answers that a queueing discipline drops, next hops that the neighbour table has
 * no room for or that are looked for on the wrong network.
 */
#include <stdio.h>

#include "core/diagnosis/check_kernel.h"
#include "core/diagnosis/sight.h"

enum { AT_NIC = AT_CLIENT + 70, AT_QDISC = AT_NEIGHBOUR + 50 };
/* Of so many packets so many in a hundred. */
enum { LOST_LEAST = 10, LOST_PERCENT = 10 };

#define QDISC_ROOT 0xffffffffu /* TC_H_ROOT of linux/pkt_sched.h */

/* ---- queueing disciplines ---- */

static const struct qdisc_row *root_of(const struct program_table *t, uint32_t ifindex)
{
	for (size_t i = 0; t && i < t->n_qdiscs; i++)
		if (t->qdiscs[i].ifindex == ifindex && t->qdiscs[i].parent == QDISC_ROOT &&
		    t->qdiscs[i].has_drops)
			return &t->qdiscs[i];
	return NULL;
}

/* By the discipline at the root of the interface, which counts what those in it drop; -1:
 * not told. */
static int64_t root_dropped(const struct check_view *v, uint32_t ifindex,
			    const struct qdisc_row **root)
{
	const struct qdisc_row *after = root_of(v->e->programs_after, ifindex);

	*root = root_of(v->e->programs, ifindex);
	if (!*root || !after || after->handle != (*root)->handle ||
	    after->drops < (*root)->drops)
		return -1;
	return (int64_t)(after->drops - (*root)->drops);
}

static bool has_filters(const struct check_view *v)
{
	const struct path_leg *leg = &v->walk->path.reply;

	for (size_t i = 0; leg->is_walked && i < leg->n_programs; i++)
		if (leg->programs[i]->place == PROGRAM_AT_EGRESS ||
		    leg->programs[i]->place == PROGRAM_AT_QUEUE)
			return true;
	return v->e->programs->filters_error || v->e->programs->hooks_error;
}

static int tell_qdisc(const struct check_view *v, struct finding *f, uint32_t out,
		      const struct qdisc_row *root, int64_t dropped)
{
	struct str kind = {0};
	int error;

	text_show(&kind, root->kind, TEXT_ASCII);
	f->position = AT_QDISC;
	f->explains_silence = true;
	error = finding_say(f, v->arena,
			    "the answer to %s is dropped by the queue of %s (%s)",
			    kernel_client(v), kernel_device(v, out), str_text(&kind));
	if (!error)
		error = finding_prove(
			f, v->arena, "programs", true,
			view_text(v, "tc -s qdisc show dev %s",
				  kernel_device_argument(v, out)),
			"the queueing discipline %s dropped %lld packets in this time, in "
			"which %u SYNs arrived",
			str_text(&kind), (long long)dropped, v->sight.n_syns);
	str_release(&kind);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "tc -s -d qdisc show dev %s",
				  kernel_device_argument(v, out)),
			NULL, NULL,
			"see its rate, burst and limit: what is smaller than a packet, or "
			"than the traffic, drops it; who set it must widen it");
	return error;
}

int check_qdisc_drop(const struct check_view *v, struct finding *f)
{
	uint32_t out = kernel_way_out(v, NULL);
	const struct qdisc_row *root = NULL;
	enum step_with counted;
	int64_t dropped;
	uint8_t n_repeats;
	int error;

	if (!out || !v->e->programs)
		return CERTAINTY_NONE;
	dropped = root_dropped(v, out, &root);
	if (kernel_has_answered(v) || dropped == 0)
		return ruled_out(f);
	if (dropped < 0 || !v->sight.n_all || !sight_is_silent(v) || !kernel_owes_answer(v))
		return CERTAINTY_NONE;
	error = tell_qdisc(v, f, out, root, dropped);
	if (error)
		return error;
	/* Filters of the same interface are counted there as well. */
	counted = kernel_compare(v, dropped);
	if (counted != COUNT_IN_STEP || has_filters(v) ||
	    v->walk->path.reply.verdict == PATH_DROP)
		return CERTAINTY_POSSIBLE;
	if (!kernel_waits(v, &n_repeats))
		return CERTAINTY_LIKELY;
	/* The kernel counts as sent again only what the queue took. */
	return n_repeats ? CERTAINTY_POSSIBLE : CERTAINTY_PROVEN;
}

/* ---- interfaces ---- */

static int64_t device_delta(const struct check_view *v, const struct link_row *link,
			    const char *what)
{
	char name[128];
	int n = snprintf(name, sizeof(name), "dev.%.*s.%s", (int)link->name.len,
			 link->name.bytes, what);

	return n > 0 && (size_t)n < sizeof(name) ? evidence_delta(v->e, name) : -1;
}

struct losses {
	int64_t taken, dropped, overrun, backlog;
};

static struct losses losses_of(const struct check_view *v, const struct link_row *link)
{
	return (struct losses){
		.taken = device_delta(v, link, "rx_packets"),
		.dropped = device_delta(v, link, "rx_drop"),
		.overrun = device_delta(v, link, "rx_fifo"),
		.backlog = evidence_delta(v->e, "softnet.dropped"),
	};
}

static int64_t lost(const struct losses *l)
{
	return (l->dropped > 0 ? l->dropped : 0) + (l->overrun > 0 ? l->overrun : 0) +
	       (l->backlog > 0 ? l->backlog : 0);
}

static int tell_nic(const struct check_view *v, struct finding *f,
		    const struct link_row *link, const struct losses *l)
{
	const char *argument = kernel_device_argument(v, link->ifindex);
	int error;

	f->position = AT_NIC;
	f->explains_silence = true;
	error = finding_say(f, v->arena,
			    "%s loses packets before the kernel sees them: %lld, and %lld "
			    "came through",
			    kernel_device(v, link->ifindex), (long long)lost(l),
			    (long long)l->taken);
	if (!error && l->dropped + l->overrun > 0)
		error = finding_prove(f, v->arena, "counters", true,
				      view_text(v, "ip -s -s link show dev %s", argument),
				      "dropped or missed +%lld, overrun +%lld in this time",
				      (long long)l->dropped, (long long)l->overrun);
	if (!error && l->backlog > 0)
		error = finding_prove(f, v->arena, "counters", true,
				      "cat /proc/net/softnet_stat",
				      "the queues of the processors, of the whole machine, "
				      "dropped +%lld in this time",
				      (long long)l->backlog);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			l->backlog > l->dropped
				? "sysctl net.core.netdev_max_backlog"
				: view_text(v, "ethtool -g %s; ethtool -S %s", argument,
					    argument),
			NULL, NULL,
			"find the load that fills it; a larger ring or backlog bridges "
			"bursts only");
	return error;
}

/* Some of the client's own packets are missing: none came, or some got no answer. */
static bool is_anything_missing(const struct check_view *v)
{
	if (!v->sight.n_all)
		return v->e->target.is_client_named && !v->e->capture_error;
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (sight_has_failed(v->e, a) || a->n_syns > 1)
			return true;
	}
	return false;
}

int check_nic_drops(const struct check_view *v, struct finding *f)
{
	const struct link_row *link = kernel_link(v, kernel_way_in(v));
	struct losses l;
	size_t n_xdp = 0;
	int error;

	if (!link || !v->e->counters_after)
		return CERTAINTY_NONE;
	l = losses_of(v, link);
	if (l.taken < 0)
		return CERTAINTY_NONE;
	if (!lost(&l) || !is_anything_missing(v))
		return ruled_out(f);
	/* What an XDP program drops some drivers count there too. */
	if (v->e->programs)
		programs_on(v->e->programs, link->ifindex, PROGRAM_AT_XDP, &n_xdp);
	if (lost(&l) < LOST_LEAST || lost(&l) * 100 < (l.taken + lost(&l)) * LOST_PERCENT ||
	    n_xdp)
		return CERTAINTY_NONE;
	error = tell_nic(v, f, link, &l);
	if (error)
		return error;
	/* Nothing tells whose packets were lost; of several that are sent again all are
	 * only where most are. */
	return v->sight.n_all || lost(&l) < l.taken ? CERTAINTY_POSSIBLE : CERTAINTY_LIKELY;
}

/* What is asked, and when. Sends nothing, decodes nothing. */
#include "core/snapshot/refresh_state.h"

#include "core/base/time.h"

#define STRETCH_MAX                                                           \
	(60 * NS_PER_S) /* a program that was stopped must not wait for hours \
			 */
#define NONE_AGAIN    (60 * NS_PER_S) /* a module may be loaded by somebody else */
#define LONG_LOOK     (8 * NS_PER_MS)
#define SLACK_DIVIDE  8
#define MPTCP_COUNTED 6, 3 /* the first Linux that counts MPTCP sockets */

static bool is_answered(const struct refresh *r, enum source_id id)
{
	return r->feeds[id].is_answered;
}

static bool is_asked(const struct refresh *r, enum source_id id)
{
	return r->feeds[id].is_asked;
}

const struct host_facts *plan_host(const struct refresh *r)
{
	return r->feeds[FROM_HOST].table;
}

bool plan_is_text(struct watched_space *s, enum source_id id)
{
	const struct feed *f = space_feed(s, id);

	return f->is_answered && !f->table && feed_status(f) == SOURCE_ERROR;
}

static bool needs_text(struct watched_space *s)
{
	return space_feed(s, FROM_TCP)->is_answered &&
	       space_feed(s, FROM_UDP)->is_answered &&
	       (plan_is_text(s, FROM_TCP) || plan_is_text(s, FROM_UDP));
}

/* Their dump costs more than all others: it is left out where it is known to be empty. */
static bool may_have_mptcp(const struct refresh *r, struct watched_space *s)
{
	const struct feed *facts = space_feed(s, FROM_NET);
	const struct net_facts *net = facts->table;

	if (!facts->is_answered || !is_answered(r, FROM_HOST))
		return false;
	if (!net || net->has_mptcp != TRI_YES)
		return !net || net->has_mptcp == TRI_UNSURE;
	return net->mptcp_sockets || !plan_host(r) ||
	       host_kernel_since(plan_host(r), MPTCP_COUNTED) != TRI_YES;
}

/* Those of MPTCP are among those of TCP, by their inodes. */
static bool has_listeners(const struct refresh *r, struct watched_space *s)
{
	static const enum source_id listeners[] = {FROM_TCP, FROM_UDP, FROM_PROC_NET};

	for (size_t i = 0; i < sizeof(listeners) / sizeof(*listeners); i++) {
		const struct feed *f = space_feed(s, listeners[i]);

		if (!f->is_answered && plan_needs(r, f))
			return false;
	}
	return true;
}

bool plan_has_listeners(const struct refresh *r)
{
	return is_answered(r, FROM_HOST) && has_listeners(r, refresh_space(r, 0));
}

static bool have_all_listeners(const struct refresh *r)
{
	if (r->options.spaces == SPACES_ALL && !is_answered(r, FROM_NAMESPACES))
		return false;
	for (size_t i = 0; i < r->spaces.n; i++)
		if (!has_listeners(r, refresh_space(r, i)))
			return false;
	return true;
}

/* Owners are looked for once the sockets are known, in all namespaces at the same time. */
static bool needs_owners(const struct refresh *r)
{
	return !r->options.without_owners && wishes_n_inodes(r) &&
	       (is_answered(r, FROM_OWNERS) || have_all_listeners(r));
}

/* Where both take long, one after the other: together they would take all of a small host.
 */
static bool waits_for_owners(const struct refresh *r)
{
	const struct feed *owners = &r->feeds[FROM_OWNERS];

	return !r->options.once && owners->is_answered && feed_is_under_way(owners) &&
	       owners->took_ns > LONG_LOOK;
}

/*
 * One look at one namespace takes as long as its owner scan: what the scan does not need is
 * asked after it, and read while it runs.
 */
static bool yields_to_owners(const struct refresh *r, const struct feed *f)
{
	if (!r->options.once || r->options.without_owners ||
	    r->options.spaces == SPACES_ALL || is_asked(r, FROM_OWNERS))
		return false;
	switch (f->id) {
	case FROM_HOST:
	case FROM_CONNECTIONS:
	case FROM_NET:
	case FROM_LINKS:
	case FROM_ADDRESSES:
	case FROM_LOCAL_ROUTES:
		return !have_all_listeners(r) || wishes_n_inodes(r);
	case FROM_NAMESPACES:
	case FROM_OWNERS:
	case FROM_CGROUPS:
	case FROM_SOCKET_UNITS:
	case FROM_TCP:
	case FROM_UDP:
	case FROM_MPTCP:
	case FROM_PROC_NET:
	case N_SOURCES:
		break;
	}
	return false;
}

/* The dump of connections keeps the broker from all else: what another process reads
 * meanwhile is asked before it. */
static bool yields_to_files(const struct refresh *r, const struct feed *f)
{
	return r->options.once && !space_feed(f->space, FROM_NET)->is_asked;
}

/* Its time has not come, whatever the clock says. */
static bool has_to_wait(const struct refresh *r, const struct feed *f)
{
	if (f->id == FROM_CONNECTIONS && (waits_for_owners(r) || yields_to_files(r, f)))
		return true;
	return yields_to_owners(r, f);
}

bool plan_needs(const struct refresh *r, const struct feed *f)
{
	switch (f->id) {
	case FROM_HOST:
	case FROM_TCP:
	case FROM_UDP:
	case FROM_NET:
	case FROM_LINKS:
	case FROM_ADDRESSES:
	case FROM_LOCAL_ROUTES:
		return true;
	case FROM_NAMESPACES:
		return r->options.spaces == SPACES_ALL && is_answered(r, FROM_HOST);
	case FROM_OWNERS:
		return needs_owners(r);
	case FROM_CGROUPS:
		return r->wants_cgroups;
	case FROM_SOCKET_UNITS:
		return r->wants_units;
	case FROM_MPTCP:
		return may_have_mptcp(r, f->space);
	case FROM_PROC_NET:
		return needs_text(f->space);
	case FROM_CONNECTIONS:
		return !r->options.without_connections && f->space->has_ports &&
		       !plan_is_text(f->space, FROM_TCP);
	case N_SOURCES:
		break;
	}
	return false;
}

bool plan_is_due(const struct refresh *r, const struct feed *f, int64_t now_ns)
{
	int64_t slack = r->interval_ns / SLACK_DIVIDE;

	if (feed_is_under_way(f))
		return feed_is_half_sent(f);
	return f->due_ns <= now_ns + slack && !has_to_wait(r, f) && plan_needs(r, f);
}

/* How long a source of this speed must rest to stay under 1/share of all time. */
static int64_t rest_of(const struct feed *f, int64_t share)
{
	return f->took_ns < STRETCH_MAX / share ? f->took_ns * share : STRETCH_MAX;
}

/* What can wait a little is asked even less often, as long as the wait stays short. */
static int64_t usual_rest_of(const struct feed *f)
{
	int64_t calm = rest_of(f, CALM_SHARE), rest = rest_of(f, f->source->share);

	if (calm > f->source->calm_ns)
		calm = f->source->calm_ns;
	return calm > rest ? calm : rest;
}

/* The tick at that time or before; a little after it counts as it, as timers are late. */
static int64_t tick_before(const struct refresh *r, int64_t due_ns)
{
	int64_t ticks = r->interval_ns < NS_PER_S ? r->interval_ns : NS_PER_S;
	int64_t slack = ticks / SLACK_DIVIDE;
	int64_t beyond = (due_ns + slack - r->phase_ns) % ticks;

	return due_ns + slack - (beyond < 0 ? beyond + ticks : beyond);
}

/* Counted from the question and in whole intervals, so that the timers run together. */
void plan_next_look(const struct refresh *r, struct feed *f)
{
	int64_t wait = f->source->every_ns;
	int64_t rest = usual_rest_of(f);

	if (f->source->n_intervals)
		wait = f->source->n_intervals * r->interval_ns;
	if (f->is_none && wait < NONE_AGAIN)
		wait = NONE_AGAIN;
	if (wait < rest)
		wait = rest;
	wait += r->interval_ns - 1;
	wait -= wait % r->interval_ns;
	f->due_ns = f->asked_ns + wait;
	if (r->phase_ns)
		f->due_ns = tick_before(r, f->due_ns);
	if (r->options.once)
		f->due_ns = INT64_MAX;
}

void plan_hasten(const struct refresh *r, struct feed *f)
{
	int64_t due = f->asked_ns + rest_of(f, f->source->hasty_share);

	if (r->options.once && f->is_answered)
		return;
	if (f->is_asked && due < f->due_ns)
		f->due_ns = due;
}

int64_t refresh_due_ns(const struct refresh *r)
{
	int64_t due = INT64_MAX;

	if (r->is_full && r->pending.n)
		return INT64_MAX;
	for (size_t i = 0; i < refresh_n_feeds(r); i++) {
		const struct feed *f = refresh_feed(r, i);

		if (feed_is_half_sent(f))
			return 0;
		if (!feed_is_under_way(f) && f->due_ns < due && !has_to_wait(r, f) &&
		    plan_needs(r, f))
			due = f->due_ns;
	}
	return due;
}

bool refresh_is_settled(const struct refresh *r)
{
	for (size_t i = 0; i < refresh_n_feeds(r); i++) {
		const struct feed *f = refresh_feed(r, i);

		if ((!f->is_answered && plan_needs(r, f)) || confirm_is_pending(r, f))
			return false;
	}
	return true;
}

void refresh_now(struct refresh *r)
{
	for (size_t i = 0; i < refresh_n_feeds(r); i++)
		refresh_feed(r, i)->due_ns = 0;
}

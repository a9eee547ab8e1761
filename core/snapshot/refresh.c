/*
 * The refresh: requests go out, parts come in and find the feed that asked. When something
 * is due is in refresh_plan.c, what it leads to in refresh_wishes.c, what is made of it in
 * refresh_snapshot.c.
 */
#include "core/snapshot/refresh.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/time.h"
#include "core/host/blob.h"
#include "core/host/broker/channel.h"
#include "core/snapshot/refresh_state.h"

#define INTERVAL_USUAL NS_PER_S
#define INTERVAL_MIN   (10 * NS_PER_MS)
#define INTERVAL_MAX   (3600 * NS_PER_S)

void refresh_set_interval(struct refresh *r, int64_t interval_ns)
{
	if (interval_ns <= 0)
		interval_ns = INTERVAL_USUAL;
	if (interval_ns < INTERVAL_MIN)
		interval_ns = INTERVAL_MIN;
	r->interval_ns = interval_ns < INTERVAL_MAX ? interval_ns : INTERVAL_MAX;
}

void refresh_set_phase(struct refresh *r, int64_t phase_ns)
{
	r->phase_ns = phase_ns;
}

static int add_first_space(struct refresh *r)
{
	const struct netns_ref own = {.kind = NETNS_OWN};
	struct watched_space **slot = vec_push(&r->spaces);

	if (!slot)
		return -ENOMEM;
	*slot = space_new(r->options.spaces == SPACES_ONE ? &r->options.space : &own, 0);
	if (*slot)
		return 0;
	vec_reset(&r->spaces);
	return -ENOMEM;
}

struct refresh *refresh_new(const struct refresh_options *o)
{
	struct refresh *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->options = *o;
	refresh_set_interval(r, o->interval_ns);
	r->spaces = VEC_OF(struct watched_space *);
	r->pending = VEC_OF(struct pending);
	r->wanted = r->requested = r->answered = r->confirmed = VEC_OF(uint32_t);
	for (enum source_id id = 0; id < N_HOST_SOURCES; id++)
		feed_init(&r->feeds[id], id, NULL);
	if (!o->once)
		r->history = queue_history_new();
	if (add_first_space(r) || (!o->once && !r->history)) {
		refresh_free(r);
		return NULL;
	}
	return r;
}

void refresh_free(struct refresh *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < N_HOST_SOURCES; i++)
		feed_release(&r->feeds[i]);
	for (size_t i = 0; i < r->spaces.n; i++)
		space_free(refresh_space(r, i));
	vec_release(&r->spaces);
	vec_release(&r->pending);
	vec_release(&r->wanted);
	vec_release(&r->requested);
	vec_release(&r->answered);
	vec_release(&r->confirmed);
	table_unref(r->port_names);
	table_unref(r->users);
	if (r->history)
		queue_history_free(r->history);
	free(r);
}

/* The search goes on where it stopped, so that many namespaces cost no more than once
 * round. */
static struct feed *find_due(struct refresh *r, int64_t now_ns)
{
	size_t n = refresh_n_feeds(r);

	for (size_t i = 0; i < n; i++) {
		struct feed *f = refresh_feed(r, (r->cursor + i) % n);

		if (plan_is_due(r, f, now_ns)) {
			r->cursor = (r->cursor + i) % n;
			return f;
		}
	}
	r->cursor = 0;
	return NULL;
}

bool refresh_next(struct refresh *r, int64_t now_ns, struct request *out)
{
	static const struct netns_ref own = {.kind = NETNS_OWN};
	struct feed *f = find_due(r, now_ns);

	r->offered = f;
	if (!f)
		return false;
	*out = source_request(f->source, f->n_sent, f->space ? &f->space->ref : &own,
			      r->wanted.data, wishes_n_inodes(r));
	if (f->id == FROM_CONNECTIONS) {
		wishes_port_range(f->space, &out->sock_diag.port_low,
				  &out->sock_diag.port_high);
		out->sock_diag.ports = f->space->ports;
	}
	return true;
}

int refresh_sent(struct refresh *r, uint32_t seq, int64_t now_ns)
{
	struct feed *f = r->offered;
	struct pending *p;

	if (!f)
		return -EINVAL;
	r->offered = NULL;
	if (!feed_is_under_way(f) && wishes_remember(r, f))
		return -ENOMEM;
	p = vec_push(&r->pending);
	if (!p)
		return -ENOMEM;
	*p = (struct pending){.seq = seq, .i = f->n_sent, .feed = f};
	feed_sent(f, now_ns);
	return 0;
}

int refresh_ask(struct refresh *r, struct channel *c, int64_t now_ns)
{
	struct request request;
	uint32_t seq;
	int e;

	while (!(r->is_full && r->pending.n) && refresh_next(r, now_ns, &request)) {
		e = channel_request(c, &request, &seq);
		r->is_full = e == -ENOBUFS;
		if (r->is_full && r->pending.n)
			return 0;
		if (!e)
			e = refresh_sent(r, seq, now_ns);
		if (e)
			return e;
	}
	return 0;
}

/* Takes a request off the list if this is the end of its answer. */
static bool find_pending(struct refresh *r, const struct blob *b, struct pending *out)
{
	struct pending *all = r->pending.data;
	size_t at = 0;

	while (at < r->pending.n && all[at].seq != b->seq)
		at++;
	if (at == r->pending.n)
		return false;
	*out = all[at];
	if (!blob_is_end(b))
		return true;
	for (; at + 1 < r->pending.n; at++)
		all[at] = all[at + 1];
	vec_truncate(&r->pending, r->pending.n - 1);
	return true;
}

static int follow_list(struct refresh *r)
{
	int e = spaces_follow_list(r);

	return e ? e : wishes_of_sockets(r, NULL);
}

/*
 * Learns which namespace it was. ESTALE: the process that stood for a listed one is gone,
 * and its number was given to a process of another.
 */
static int check_netns(struct refresh *r, struct watched_space *s, const struct blob *b)
{
	if (!s || !b->netns || b->netns == s->netns)
		return 0;
	if (s->is_listed)
		return ESTALE;
	s->netns = b->netns;
	return s == refresh_space(r, 0) ? follow_list(r) : 0;
}

/* What an answer leads to. is_used: the table is, or says, what it told. */
static int follow_up(struct refresh *r, const struct feed *f, bool is_used, bool is_new)
{
	switch (f->id) {
	case FROM_HOST:
		return wishes_of_host(r, is_new);
	case FROM_NAMESPACES:
		return is_new ? follow_list(r) : 0;
	case FROM_OWNERS:
		return wishes_of_owners(r, is_used);
	case FROM_TCP:
		return is_new ? wishes_of_tcp(r, f->space) : 0;
	case FROM_UDP:
	case FROM_MPTCP:
	case FROM_PROC_NET:
	case FROM_NET:
		return is_new ? wishes_of_sockets(r, f->space) : 0;
	case FROM_CONNECTIONS:
		wishes_of_connections(r, f->space);
		return 0;
	case FROM_CGROUPS:
	case FROM_SOCKET_UNITS:
	case FROM_LINKS:
	case FROM_ADDRESSES:
	case FROM_LOCAL_ROUTES:
	case N_SOURCES:
		break;
	}
	return 0;
}

static int finish(struct refresh *r, struct feed *f, int64_t now_ns)
{
	enum source_status before = feed_status(f);
	bool was_answered = f->is_answered;
	int error_before = f->error;
	enum feed_outcome outcome = feed_finish(f, now_ns);
	bool is_new = outcome == FEED_NEW;
	int e;

	plan_next_look(r, f);
	if (is_new || !was_answered || feed_status(f) != before || f->error != error_before)
		r->is_changed = true;
	e = follow_up(r, f, is_new || outcome == FEED_SAME, is_new);
	if (!e)
		e = f->id == FROM_OWNERS ? confirm_owners(r) : confirm_sockets(r, f);
	return outcome == FEED_LOST ? -ENOMEM : e;
}

/* 1 if there is something new to look at, and it can be looked at. */
static int tell_change(struct refresh *r)
{
	if (!r->is_changed || !plan_has_listeners(r))
		return 0;
	r->is_changed = false;
	return 1;
}

int refresh_blob(struct refresh *r, const struct blob *b, int64_t now_ns)
{
	struct wanted wanted = {0};
	struct pending p;
	int spoiled, e;

	if (!find_pending(r, b, &p))
		return 0;
	r->is_full = false;
	if (!p.feed)
		return 0;
	if (b->boot_ns >= r->boot_ns) {
		r->boot_ns = b->boot_ns;
		r->wall_ns = b->wall_ns;
	}
	spoiled = check_netns(r, p.feed->space, b);
	if (p.feed->space) {
		wanted.ports = p.feed->space->asked_ports;
		wanted.with_connections = !r->options.without_connections &&
					  plan_is_text(p.feed->space, FROM_TCP);
	}
	e = feed_take(p.feed, p.i, b, &wanted, spoiled > 0 ? spoiled : 0);
	if (!e && spoiled < 0)
		e = spoiled;
	if (!blob_is_end(b) || !feed_is_complete(p.feed))
		return e;
	spoiled = finish(r, p.feed, now_ns);
	if (!e)
		e = spoiled;
	return e ? e : tell_change(r);
}

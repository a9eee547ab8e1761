/* One request whose answer goes on. Judges nothing. */
#include "tui/live/dashboard.h"

#include <errno.h>

#include "core/base/time.h"
#include "tui/state/counts.h"

enum { STARTS_MAX = 2 };

#define LAST_PART_NS (500 * NS_PER_MS)

int dashboard_init(struct dashboard *d, const struct netns_ref *space)
{
	*d = (struct dashboard){.traffic = traffic_new(), .space = *space};
	return d->traffic ? 0 : -ENOMEM;
}

void dashboard_release(struct dashboard *d)
{
	traffic_free(d->traffic);
	*d = (struct dashboard){0};
}

static void give_up(struct dashboard *d, int error)
{
	d->has_ended = true;
	traffic_end(d->traffic, error);
}

/* Asks, if it was not done yet; a broker that is gone is told by whoever reads from it. */
static void ask(struct dashboard *d, struct channel *c)
{
	struct request r = {.kind = REQUEST_CAPTURE,
			    .netns = d->space,
			    .capture.kind = CAPTURE_REQUEST_DASHBOARD};
	int error;

	if (!d->traffic || d->seq || d->has_ended)
		return;
	d->is_replay = channel_is_replay(c);
	error = channel_request(c, &r, &d->seq);
	if (!error) {
		d->n_starts++;
		return;
	}
	d->seq = 0; /* for want of room: the next time */
	if (error == -EINVAL)
		give_up(d, EINVAL);
}

void dashboard_until(struct dashboard *d, struct channel *c, int64_t left_ns)
{
	if (left_ns > LAST_PART_NS) {
		ask(d, c);
		return;
	}
	d->n_starts = STARTS_MAX;
	if (d->seq && !d->is_cancelled)
		channel_cancel(c, d->seq);
	d->is_cancelled = true;
}

void dashboard_anew(struct dashboard *d, struct channel *c, struct model *m)
{
	struct traffic *empty;

	if (!d->traffic)
		return;
	if (d->seq)
		channel_cancel(c, d->seq);
	if (!channel_is_replay(c)) {
		d->is_renewed = d->seq != 0;
		return;
	}
	empty = traffic_new();
	if (!empty)
		return;
	traffic_free(d->traffic);
	m->traffic = d->traffic = empty;
	d->seq = 0;
	d->has_ended = false;
	d->has_news = true;
}

/* What a second try would not change: no right, nothing recorded, no such thing here. */
static bool is_final(int error)
{
	return error == EPERM || error == EACCES || error == ENODATA || error == ENOSYS ||
	       error == EINVAL;
}

static void end(struct dashboard *d, const struct blob *b)
{
	int error = b->error;

	if (!error && b->status != BLOB_LAST)
		error = EPIPE;
	d->seq = 0;
	if (d->is_replay && error == EPIPE) {
		d->has_ended = true;
		return;
	}
	if (d->is_renewed) {
		d->is_renewed = false;
		traffic_restart(d->traffic);
		return;
	}
	traffic_end(d->traffic, error);
	switch (traffic_state(d->traffic)) {
	case TRAFFIC_NO_RIGHT:
	case TRAFFIC_NOT_RECORDED:
		d->has_ended = true;
		return;
	case TRAFFIC_WAITING:
	case TRAFFIC_RUNNING: /* it ended as it was to */
		d->has_ended = !error;
		break;
	case TRAFFIC_FAILED:
		d->has_ended = is_final(error) || d->n_starts >= STARTS_MAX;
		break;
	}
	if (d->has_ended)
		return;
	traffic_restart(d->traffic);
	d->has_died = true;
}

bool dashboard_takes_blob(struct dashboard *d, const struct blob *b)
{
	int got = 0;

	if (!d->seq || b->seq != d->seq)
		return false;
	if (b->len)
		got = traffic_take(d->traffic, b->bytes, b->len);
	d->has_news = d->has_news || got > 0 || blob_is_end(b);
	if (blob_is_end(b))
		end(d, b);
	return true;
}

bool dashboard_turn(struct dashboard *d, struct channel *c, struct model *m)
{
	bool is_new = d->has_died;

	if (!m->snapshot || (!m->snapshot->n_endpoints && !m->snapshot->is_settled))
		return false;
	ask(d, c);
	if (d->has_died)
		model_say(m, ROLE_WARN, "the capture ended and was started again");
	if (d->has_news && counts_news(m)) {
		d->has_news = false;
		is_new = true;
	}
	d->has_died = false;
	return is_new;
}

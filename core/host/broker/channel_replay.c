/*
 * A channel that answers from a recording: the nth request of a kind gets its nth recorded
 * answer, after the last one the last again. What was not recorded is answered with
 * ENODATA.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/vec.h"
#include "core/host/broker/channel_impl.h"

struct asked {
	const char *text; /* as in the recording */
	unsigned n;
};

struct answer {
	uint32_t seq;
	bool is_missing;
	size_t next, end; /* parts in the recording */
	int64_t until_ns; /* later ones are not told */
	uint32_t part;
};

struct channel_replay {
	struct recording *rec;
	int event_fd;       /* readable while answers wait */
	struct vec asked;   /* struct asked */
	struct vec answers; /* struct answer, a queue from `first` on */
	size_t first;
	int64_t last_wall_ns, last_boot_ns;
	bool is_standing;
	int64_t at_ns; /* where it stands, or plays on from; 0: the begin */
};

static struct channel_replay *replay_new(struct recording *rec)
{
	struct channel_replay *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->rec = rec;
	r->asked = VEC_OF(struct asked);
	r->answers = VEC_OF(struct answer);
	r->last_wall_ns = recording_start_ns(rec);
	r->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->event_fd >= 0)
		return r;
	free(r);
	return NULL;
}

void channel_replay_release(struct channel_replay *r)
{
	if (!r)
		return;
	close(r->event_fd);
	vec_release(&r->asked);
	vec_release(&r->answers);
	recording_free(r->rec);
	free(r);
}

int channel_replay_fd(const struct channel_replay *r)
{
	return r->event_fd;
}

static int count_asked(struct channel_replay *r, const char *recorded_text, unsigned *nth)
{
	struct asked *a;

	for (size_t i = 0; i < r->asked.n; i++) {
		a = vec_at(&r->asked, i);
		if (strcmp(a->text, recorded_text) == 0) {
			*nth = a->n++;
			return 0;
		}
	}
	a = vec_push(&r->asked);
	if (!a)
		return -ENOMEM;
	*nth = r->at_ns ? recording_nth_from(r->rec, recorded_text, r->at_ns) : 0;
	*a = (struct asked){recorded_text, *nth + 1};
	return 0;
}

/* Which answer it is. 0 or -ENOMEM. */
static int choose_nth(struct channel_replay *r, const char *recorded_text, unsigned *nth)
{
	if (!r->is_standing)
		return count_asked(r, recorded_text, nth);
	*nth = recording_nth_at(r->rec, recorded_text, r->at_ns);
	return 0;
}

bool channel_replay_stands(const struct channel_replay *r)
{
	return r->is_standing;
}

int channel_replay_ask(struct channel_replay *r, const char *text, uint32_t seq,
		       bool is_stream)
{
	struct answer found = {.seq = seq, .until_ns = INT64_MAX};
	struct answer *slot;
	bool is_repeat;
	unsigned nth = 0;
	int error = recording_find(r->rec, text, 0, &found.next, &found.end, &is_repeat);

	found.is_missing = error != 0;
	if (!error)
		error = choose_nth(r, recording_part(r->rec, found.next)->text, &nth);
	if (error == -ENOMEM)
		return error;
	if (!found.is_missing)
		recording_find(r->rec, text, nth, &found.next, &found.end, &is_repeat);
	if (is_stream && r->is_standing)
		found.until_ns = r->at_ns;
	if (r->first == r->answers.n) {
		vec_reset(&r->answers);
		r->first = 0;
	}
	slot = vec_push(&r->answers);
	if (!slot)
		return -ENOMEM;
	*slot = found;
	return eventfd_write(r->event_fd, 1) ? -errno : 0;
}

static void answer_missing(struct channel_replay *r, const struct answer *a,
			   struct blob *out)
{
	*out = (struct blob){.seq = a->seq,
			     .status = BLOB_LAST,
			     .error = ENODATA,
			     .wall_ns = r->last_wall_ns,
			     .boot_ns = r->last_boot_ns};
	r->first++;
}

/* What comes after the moment at which the replay stands is not told: nor is its end. */
static void skip_later(struct channel_replay *r)
{
	while (r->first < r->answers.n) {
		const struct answer *a = vec_at(&r->answers, r->first);

		if (a->is_missing ||
		    recording_part(r->rec, a->next)->blob.wall_ns <= a->until_ns)
			return;
		r->first++;
	}
}

bool channel_replay_next(struct channel_replay *r, struct blob *out)
{
	eventfd_t count;
	struct answer *a;

	skip_later(r);

	if (r->first == r->answers.n) {
		eventfd_read(r->event_fd, &count);
		return false;
	}
	a = vec_at(&r->answers, r->first);
	if (a->is_missing) {
		answer_missing(r, a, out);
		return true;
	}
	*out = recording_part(r->rec, a->next)->blob;
	out->seq = a->seq;
	out->part = a->part++;
	r->last_wall_ns = out->wall_ns;
	r->last_boot_ns = out->boot_ns;
	a->next++;
	if (a->next == a->end)
		r->first++;
	return true;
}

void channel_stand(struct channel *c, int64_t wall_ns)
{
	if (!c->replay)
		return;
	c->replay->is_standing = true;
	c->replay->at_ns = wall_ns;
}

void channel_play(struct channel *c)
{
	if (!c->replay || !c->replay->is_standing)
		return;
	c->replay->is_standing = false;
	vec_reset(&c->replay->asked);
}

size_t channel_moments(const struct channel *c, const struct tape_moment **out)
{
	*out = NULL;
	return c->replay ? recording_moments(c->replay->rec, out) : 0;
}

struct channel *channel_replay_take(struct recording *rec, int control_fd)
{
	struct channel *c = calloc(1, sizeof(*c));
	int error = c ? 0 : -ENOMEM;

	if (c) {
		*c = (struct channel){.export_fd = -1,
				      .settings = -ENODATA,
				      .debug_fd = -1,
				      .next_seq = 1,
				      .box = MAILBOX_CLOSED};
		c->replay = replay_new(rec);
		error = c->replay ? 0 : -ENOMEM;
	}
	if (!error && control_fd >= 0) {
		error = mailbox_init_take(&c->box, control_fd);
		control_fd = -1;
	}
	if (!error)
		return c;
	if (control_fd >= 0)
		close(control_fd);
	if (c && c->replay)
		channel_replay_release(c->replay);
	else
		recording_free(rec);
	free(c);
	return NULL;
}

/* The captures of the screen Wire on the console's channel. Keeps no attempt:
 * tui/state/wire.h.
 */
#include "tui/live/wire_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "core/services/siblings.h"
#include "tui/live/diagnose.h"

void wire_run_init(struct wire_run *r, struct model *m, struct channel *c,
		   const struct netns_ref *space)
{
	*r = (struct wire_run){.channel = c, .model = m, .space = space};
}

/* ---- the request ---- */

/*
 * Form n of what is asked for, 0 the one that is asked for live. A recording has an answer
 * to what was asked then: a diagnosis asks for the port's siblings too, and `dport capture`
 * for everything. False: there are no more.
 */
static bool form(const struct wire_run *r, unsigned n, struct request *out)
{
	const struct wire_aim *aim = &r->model->wire.aim;
	struct capture_ask *c = &out->capture;
	enum { SIBLINGS = 1, ANYBODY = 2, ALL = 4 };

	*out = (struct request){.kind = REQUEST_CAPTURE,
				.netns = diagnose_ref(aim->space, r->space)};
	snprintf(c->save, sizeof(c->save), "%s", r->model->wire.wanted_name);
	if (n == ALL || (n == 0 && !aim->port)) {
		c->kind = CAPTURE_REQUEST_ALL;
		return n == 0 || aim->port;
	}
	c->kind = CAPTURE_REQUEST_FLOW;
	c->proto = aim->proto;
	c->ports[0] = aim->port;
	c->n_ports = 1;
	if (n & SIBLINGS)
		c->n_ports += (uint8_t)ports_siblings(aim->port, c->ports + 1,
						      REQUEST_PORTS_MAX - 1);
	if (!(n & ANYBODY))
		c->client = aim->client;
	return aim->port && n < ALL;
}

/* ---- beginning and ending ---- */

static void fail(struct wire_run *r, enum wire_end end, int error)
{
	struct wire_shown *w = &r->model->wire;

	if (!w->problem[0])
		snprintf(w->problem, sizeof(w->problem), "%s", strerror(error));
	wire_end(w, end);
	r->now = NULL;
}

static struct wire_tap *free_tap(struct wire_run *r)
{
	for (size_t i = 0; i < WIRE_TAPS; i++)
		if (!r->taps[i].seq)
			return &r->taps[i];
	return NULL;
}

/* Its rest still comes. A broker that is gone is told by whoever reads from it. */
static void cancel(struct wire_run *r, struct wire_tap *tap)
{
	if (!tap->seq || tap->is_cancelled)
		return;
	channel_cancel(r->channel, tap->seq);
	tap->is_cancelled = true;
}

static int open_file(struct wire_shown *w, struct wire_tap *tap)
{
	struct wire_saved *file;

	tap->file = WIRE_NO_FILE;
	if (!w->wanted_name[0])
		return 0;
	file = vec_push(&w->saved);
	if (!file)
		return -ENOMEM;
	memcpy(file->name, w->wanted_name, sizeof(file->name));
	tap->file = (int)w->saved.n - 1;
	return 0;
}

/* 0 or -errno: nothing was asked for then. */
static int ask(struct wire_run *r, struct wire_tap *tap)
{
	struct wire_shown *w = &r->model->wire;
	struct request request;
	int error;

	*tap = (struct wire_tap){.file = WIRE_NO_FILE};
	if (!form(r, r->n_tried, &request))
		return -ENODATA;
	error = open_file(w, tap);
	if (!error)
		error = channel_request(r->channel, &request, &tap->seq);
	if (error && tap->file != WIRE_NO_FILE)
		vec_truncate(&w->saved, w->saved.n - 1);
	if (error)
		*tap = (struct wire_tap){0};
	w->wanted_name[0] = '\0';
	return error;
}

/* Does a capture run whose place a new one takes? */
static bool goes_on(const struct wire_run *r)
{
	return r->now && r->now->seq && !r->now->is_cancelled &&
	       r->model->wire.phase == WIRE_RUNS;
}

static void begin(struct wire_run *r, struct wire_tap *tap)
{
	wire_begin(&r->model->wire);
	r->now = tap;
	r->is_over = false;
}

static void drop_former(struct wire_run *r)
{
	for (size_t i = 0; i < WIRE_TAPS; i++) {
		cancel(r, &r->taps[i]);
		r->taps[i].is_foreign = true;
	}
	r->now = NULL;
}

/* One at a time: a third capture would be one too many. */
static bool is_beginning(const struct wire_run *r)
{
	for (size_t i = 0; i < WIRE_TAPS; i++)
		if (r->taps[i].seq && !r->taps[i].is_ready && !r->taps[i].is_foreign)
			return true;
	return false;
}

void wire_run_start(struct wire_run *r)
{
	struct wire_tap *tap;
	int error;

	r->has_news = true;
	r->n_tried = 0;
	if (!goes_on(r))
		drop_former(r);
	tap = is_beginning(r) ? NULL : free_tap(r);
	if (!tap) {
		model_say(r->model, ROLE_WARN,
			  "a capture is just beginning or ending: again, please");
		return;
	}
	if (!r->now)
		begin(r, tap);
	error = ask(r, tap);
	if (error && r->now == tap)
		fail(r, WIRE_END_FAILED, -error);
	else if (error)
		model_say(r->model, ROLE_WARN, "not saved: %s", strerror(-error));
}

void wire_run_end(struct wire_run *r)
{
	drop_former(r);
	r->model->wire.phase = WIRE_IDLE;
	r->model->wire.until_ns = 0;
}

/* ---- what is told ---- */

/* The new capture sees packets: from here on it counts, and the one before ends. */
static void take_over(struct wire_run *r, struct wire_tap *tap)
{
	if (r->now)
		cancel(r, r->now);
	begin(r, tap);
}

/* A device that is gone ends its capture; all else that is told of one that runs is the
 * file's. */
static bool is_of_file(const struct wire_tap *tap, int error)
{
	return tap->file != WIRE_NO_FILE && tap->is_ready && error != ENODEV &&
	       error != ENETDOWN;
}

static void take_file(struct wire_run *r, struct wire_tap *tap, const struct record *rec)
{
	struct wire_saved *file;

	if (tap->file == WIRE_NO_FILE)
		return;
	file = wire_saved_at(&r->model->wire, (size_t)tap->file);
	if (rec->kind == RECORD_STATE)
		file->n_packets = rec->state.n_saved;
	if (rec->kind == RECORD_PROBLEM && is_of_file(tap, rec->problem.error))
		snprintf(file->problem, sizeof(file->problem), "%.*s",
			 (int)sizeof(rec->problem.text), rec->problem.text);
}

/* The file did not come to be; the capture without it goes on. */
static void say_refused(struct wire_run *r, struct wire_tap *tap, const char *why)
{
	if (!tap->has_said)
		model_say(r->model, ROLE_WARN, "not saved: %.*s", PROBLEM_MAX, why);
	tap->has_said = true;
}

static void take_record(struct wire_run *r, struct wire_tap *tap, const struct record *rec)
{
	bool is_new = rec->kind == RECORD_STATE && rec->state.is_ready && !tap->is_ready;

	take_file(r, tap, rec);
	tap->is_ready = tap->is_ready || is_new;
	if (tap->is_foreign)
		return;
	if (is_new && tap != r->now)
		take_over(r, tap);
	if (rec->kind == RECORD_PROBLEM && is_of_file(tap, rec->problem.error))
		return;
	if (tap != r->now && !tap->is_ready && rec->kind == RECORD_PROBLEM)
		say_refused(r, tap, rec->problem.text);
	else if (wire_take(&r->model->wire, rec, tap != r->now) > 0)
		r->has_news = true;
}

static void take_part(struct wire_run *r, struct wire_tap *tap, const struct blob *b)
{
	struct cursor c = cursor_of(b->bytes, b->len);
	struct wire_shown *w = &r->model->wire;
	struct record rec;
	int got = 0;

	while (cursor_left(&c) && (got = record_get(&c, &rec)) > 0)
		take_record(r, tap, &rec);
	if (got < 0 && !w->problem[0])
		snprintf(w->problem, sizeof(w->problem),
			 "a part of what was captured is damaged: attempts are missing");
}

/* It was never begun. Those behind it move up: a later capture may write to one. */
static void forget_file(struct wire_run *r, int file)
{
	struct vec *saved = &r->model->wire.saved;

	for (size_t i = (size_t)file; i + 1 < saved->n; i++)
		*(struct wire_saved *)vec_at(saved, i) =
			*(struct wire_saved *)vec_at(saved, i + 1);
	vec_truncate(saved, saved->n - 1);
	for (size_t i = 0; i < WIRE_TAPS; i++)
		if (r->taps[i].file > file)
			r->taps[i].file--;
}

static void close_file(struct wire_run *r, const struct wire_tap *tap)
{
	struct wire_saved *file;

	if (tap->file == WIRE_NO_FILE)
		return;
	if (!tap->is_ready) {
		forget_file(r, tap->file);
		return;
	}
	file = wire_saved_at(&r->model->wire, (size_t)tap->file);
	file->is_closed = true;
	model_say(r->model, file->problem[0] ? ROLE_WARN : ROLE_NOTICE,
		  "saved %s: %" PRIu64 " %s", file->name, file->n_packets,
		  file->n_packets == 1 ? "packet" : "packets");
}

static bool try_next_form(struct wire_run *r, struct wire_tap *tap)
{
	struct request next;

	r->n_tried++;
	return form(r, r->n_tried, &next) && !ask(r, tap);
}

/* The capture that counts is over. */
static void end(struct wire_run *r, struct wire_tap *tap, int error)
{
	struct wire_shown *w = &r->model->wire;

	if (error == ENODATA && channel_is_replay(r->channel) && try_next_form(r, tap))
		return;
	if (error == ENODATA)
		fail(r, WIRE_END_NOT_RECORDED, error);
	else if ((error == EPERM || error == EACCES) && tap->file == WIRE_NO_FILE)
		fail(r, WIRE_END_NO_RIGHT, error);
	else if (error)
		fail(r, WIRE_END_FAILED, error);
	else
		wire_end(w, r->is_over ? WIRE_END_LIMIT : WIRE_END_TOLD);
}

static struct wire_tap *tap_of(struct wire_run *r, uint32_t seq)
{
	for (size_t i = 0; i < WIRE_TAPS; i++)
		if (seq && r->taps[i].seq == seq)
			return &r->taps[i];
	return NULL;
}

bool wire_run_takes_blob(struct wire_run *r, const struct blob *b)
{
	struct wire_tap *tap = tap_of(r, b->seq);
	int error = b->error;

	if (!tap)
		return false;
	take_part(r, tap, b);
	if (!blob_is_end(b))
		return true;
	if (!error && b->status != BLOB_LAST)
		error = EPIPE;
	tap->seq = 0;
	close_file(r, tap);
	if (tap == r->now)
		end(r, tap, error);
	else if (error && !tap->is_ready && !tap->is_foreign)
		say_refused(r, tap, strerror(error));
	r->has_news = true;
	return true;
}

/* ---- time ---- */

static void watch_limit(struct wire_run *r, int64_t now_ns)
{
	struct wire_shown *w = &r->model->wire;

	if (w->phase != WIRE_RUNS || !r->now || channel_is_replay(r->channel))
		return;
	if (!w->until_ns)
		w->until_ns = now_ns + WIRE_LIMIT_S * NS_PER_S;
	if (now_ns < w->until_ns || r->now->is_cancelled)
		return;
	r->is_over = true;
	cancel(r, r->now);
}

bool wire_run_turn(struct wire_run *r, int64_t now_ns)
{
	bool has_news = r->has_news;

	watch_limit(r, now_ns);
	r->has_news = false;
	return has_news;
}

int64_t wire_run_due_ns(const struct wire_run *r)
{
	const struct wire_shown *w = &r->model->wire;

	if (w->phase != WIRE_RUNS || !w->until_ns || !r->now || r->now->is_cancelled)
		return INT64_MAX;
	return w->until_ns;
}

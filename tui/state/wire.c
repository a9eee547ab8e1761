/* The attempts of the screen Wire and who stands where. Draws nothing, asks nothing. */
#include "tui/state/wire.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/export.h"

void wire_init(struct wire_shown *w)
{
	*w = (struct wire_shown){0};
	attempts_init(&w->attempts, WIRE_ROWS_MAX);
	attempts_init(&w->still, WIRE_ROWS_MAX);
	w->saved = VEC_OF(struct wire_saved);
}

void wire_release(struct wire_shown *w)
{
	attempts_release(&w->attempts);
	attempts_release(&w->still);
	vec_release(&w->saved);
	str_release(&w->search);
	str_release(&w->search_before);
}

static void forget_rows(struct wire_shown *w)
{
	attempts_release(&w->attempts);
	attempts_release(&w->still);
	w->is_still = w->is_open = w->has_moved = false;
	w->top = 0;
	w->width = 0; /* of other texts */
	str_reset(&w->search);
}

void wire_aim_at(struct wire_shown *w, const struct wire_aim *aim)
{
	forget_rows(w);
	w->count = (struct wire_count){0};
	w->aim = *aim;
	w->phase = WIRE_IDLE;
	w->since_wall_ns = w->until_ns = 0;
	w->wanted_name[0] = w->problem[0] = '\0';
}

void wire_begin(struct wire_shown *w)
{
	wire_count_next(&w->count, &w->attempts.state, w->phase == WIRE_RUNS);
	w->phase = WIRE_BEGINS;
	w->since_wall_ns = w->until_ns = 0;
	w->problem[0] = '\0';
	w->attempts.state = (struct capture_state){0};
}

/* A flow's capture tells what begins at other ports and of other clients too. */
static bool is_wanted(const struct wire_aim *aim, const struct attempt *a)
{
	return (!aim->port || a->server_port == aim->port) &&
	       (!aim->proto || a->proto == aim->proto) &&
	       (!aim->client.family || addr_equals(&a->client, &aim->client));
}

/* What began in a former capture goes on in this one, which saw only what was sent again.
 */
static void go_on_from(const struct attempt *before, struct attempt *now)
{
	int64_t later_ns = now->first_ns - before->first_ns;

	if (now->proto != IPPROTO_TCP || later_ns <= 0)
		return;
	for (unsigned i = 0; i < now->n_events; i++)
		now->events[i].at_ns += later_ns;
	now->first_ns = before->first_ns;
	if (now->n_syns < before->n_syns)
		now->n_syns = before->n_syns;
}

static int take_attempt(struct wire_shown *w, const struct attempt *told, bool is_former)
{
	struct record r = {.kind = RECORD_ATTEMPT};
	const struct attempt *before;

	if (!is_wanted(&w->aim, told))
		return 0;
	r.attempt = *told;
	before = attempts_find(&w->attempts, told);
	if (before && is_former && before->is_decided && !told->is_decided)
		return 0;
	if (before)
		go_on_from(before, &r.attempt);
	wire_count_row(&w->count, before, &r.attempt);
	return attempts_take_record(&w->attempts, &r) ? -ENOMEM : 1;
}

static void take_state(struct wire_shown *w, const struct capture_state *s)
{
	w->attempts.state = *s;
	if (!s->is_ready || w->phase != WIRE_BEGINS)
		return;
	w->phase = WIRE_RUNS;
	w->since_wall_ns = s->wall_ns;
	if (!w->count.since_wall_ns)
		w->count.since_wall_ns = s->wall_ns;
}

int wire_take(struct wire_shown *w, const struct record *r, bool is_former)
{
	if (r->kind == RECORD_ATTEMPT)
		return take_attempt(w, &r->attempt, is_former);
	if (is_former)
		return 0;
	switch (r->kind) {
	case RECORD_STATE:
		take_state(w, &r->state);
		return 1;
	case RECORD_PROBLEM:
		memcpy(w->problem, r->problem.text, sizeof(w->problem));
		w->problem[sizeof(w->problem) - 1] = '\0';
		return 1;
	case RECORD_ATTEMPT:
	case RECORD_PORT:
	case RECORD_LINK:
		break;
	}
	return 0;
}

void wire_end(struct wire_shown *w, enum wire_end end)
{
	w->phase = WIRE_ENDED;
	w->end = end;
	w->until_ns = 0;
}

int wire_freeze(struct wire_shown *w, bool is_frozen)
{
	struct record r = {.kind = RECORD_ATTEMPT};
	int error = 0;

	attempts_release(&w->still);
	w->is_still = false;
	if (!is_frozen)
		return 0;
	for (size_t i = 0; !error && i < attempts_n(&w->attempts); i++) {
		r.attempt = *attempts_at(&w->attempts, i);
		error = attempts_take_record(&w->still, &r);
	}
	w->still.state = w->attempts.state;
	w->still.n_forgotten = w->attempts.n_forgotten;
	w->still_count = w->count;
	w->is_still = !error;
	return error;
}

/* ---- rows ---- */

const struct attempts *wire_attempts(const struct wire_shown *w)
{
	return w->is_still ? &w->still : &w->attempts;
}

size_t wire_n(const struct wire_shown *w)
{
	return attempts_n(wire_attempts(w));
}

const struct attempt *wire_at(const struct wire_shown *w, size_t i)
{
	return attempts_at(wire_attempts(w), i);
}

size_t wire_selected(const struct wire_shown *w)
{
	size_t n = wire_n(w);
	const struct attempt *row;

	if (!n || !w->has_moved)
		return n ? n - 1 : 0;
	row = attempts_find(wire_attempts(w), &w->chosen);
	/* Forgotten: what was beneath it is the oldest now. */
	return row ? (size_t)(row - wire_at(w, 0)) : 0;
}

void wire_select(struct wire_shown *w, size_t i)
{
	size_t n = wire_n(w);

	if (!n)
		return;
	w->has_moved = true;
	w->chosen = *wire_at(w, i < n ? i : n - 1);
}

void wire_follow(struct wire_shown *w)
{
	w->has_moved = false;
}

const struct attempt *wire_chosen(const struct wire_shown *w)
{
	const struct attempt *row;

	if (!w->has_moved)
		return wire_n(w) ? wire_at(w, wire_n(w) - 1) : NULL;
	row = attempts_find(wire_attempts(w), &w->chosen);
	return row ? row : &w->chosen;
}

bool wire_awaits(const struct wire_shown *w, const struct attempt *a)
{
	return !a->is_decided && w->phase == WIRE_RUNS && a->last_ns >= w->since_wall_ns;
}

uint64_t wire_n_awaited(const struct wire_shown *w)
{
	uint64_t n = 0;

	for (size_t i = 0; i < wire_n(w); i++)
		n += wire_awaits(w, wire_at(w, i));
	return n;
}

const struct wire_count *wire_count(const struct wire_shown *w)
{
	return w->is_still ? &w->still_count : &w->count;
}

struct capture_state wire_totals(const struct wire_shown *w)
{
	return wire_count_all(wire_count(w), &wire_attempts(w)->state,
			      !w->aim.client.family);
}

/* ---- files ---- */

struct wire_saved *wire_saved_at(const struct wire_shown *w, size_t i)
{
	return vec_at(&w->saved, i);
}

const struct wire_saved *wire_saving(const struct wire_shown *w)
{
	const struct wire_saved *last =
		w->saved.n ? wire_saved_at(w, w->saved.n - 1) : NULL;

	return last && !last->is_closed ? last : NULL;
}

void wire_name_file(struct wire_shown *w, struct text host, int64_t wall_ns)
{
	char name[EXPORT_HOST_MAX], port[8] = "all", moment[TIME_TEXT_MAX];

	if (w->aim.port)
		snprintf(port, sizeof(port), "%u", w->aim.port);
	snprintf(w->wanted_name, sizeof(w->wanted_name), "dport-%s-%s-%s.pcap",
		 export_host(host, name), port, time_compact(wall_ns, moment));
}

int wire_put_saved(const struct wire_shown *w, struct str *out)
{
	for (size_t i = 0; i < w->saved.n; i++) {
		const struct wire_saved *s = wire_saved_at(w, i);

		str_printf(out, "dport: saved %s", s->name);
		if (s->is_closed)
			str_printf(out, ", %" PRIu64 " %s", s->n_packets,
				   s->n_packets == 1 ? "packet" : "packets");
		if (s->problem[0]) {
			str_puts(out, "; not whole: ");
			text_show(out, text_of(s->problem), TEXT_ASCII);
		}
		str_putc(out, '\n');
	}
	return out->failed ? -ENOMEM : 0;
}

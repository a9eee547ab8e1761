/*
 * The events that are kept: in order, at most so many, what repeats in one. A permutation
 * of slots, so that one of the middle becomes the newest without moving any. What an event
 * is, events_*.c find out.
 */
#include "core/snapshot/events.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/snapshot/events_impl.h"

#define FOLD_NS (600 * NS_PER_S) /* what comes again later is another event */

static const struct {
	const char *word;
	enum event_group group;
	enum event_tone tone;
} kinds[N_EVENT_KINDS] = {
#define X(name, word, group, tone, help) \
	[EVENT_##name] = {word, EVENTS_OF_##group, TONE_##tone},
	EVENT_KINDS(X)
#undef X
};

const char *event_kind_word(enum event_kind k)
{
	return kinds[k].word;
}

enum event_tone event_kind_tone(enum event_kind k)
{
	return kinds[k].tone;
}

enum event_group event_kind_group(enum event_kind k)
{
	return kinds[k].group;
}

const char *event_group_word(enum event_group g)
{
	static const char *const words[N_EVENT_GROUPS] = {
#define X(name, word, help) [EVENTS_OF_##name] = word,
		EVENT_GROUPS(X)
#undef X
	};

	return words[g];
}

struct events *events_new(void)
{
	struct events *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->kept = VEC_OF(struct event);
	v->listeners = VEC_OF(struct listener);
	v->sockets = VEC_OF(struct known);
	v->spaces = VEC_OF(struct known_space);
	v->lost = VEC_OF(struct lost);
	v->gone = VEC_OF(struct gone);
	return v;
}

void events_free(struct events *v)
{
	if (!v)
		return;
	vec_release(&v->kept);
	vec_release(&v->listeners);
	vec_release(&v->sockets);
	vec_release(&v->spaces);
	vec_release(&v->lost);
	vec_release(&v->gone);
	free(v);
}

void event_keep(char *to, size_t size, struct text from)
{
	size_t len = from.len < size - 1 ? from.len : size - 1;

	/* Not within a character. */
	while (len && len < from.len && ((unsigned char)from.bytes[len] & 0xc0) == 0x80)
		len--;
	if (len)
		memcpy(to, from.bytes, len);
	to[len] = '\0';
}

/* FNV-1a */
uint64_t event_hash(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *b = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ b[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* ---- the slots ---- */

static struct event *slot_at(const struct events *v, size_t i)
{
	return vec_at(&v->kept, v->order[i]);
}

/* Its slot becomes the first of the free ones. */
static void drop(struct events *v, size_t i)
{
	uint16_t slot = v->order[i];

	v->n--;
	memmove(&v->order[i], &v->order[i + 1], (v->n - i) * sizeof(v->order[0]));
	v->order[v->n] = slot;
}

/* A slot behind the newest; the oldest makes room. NULL: no memory. */
static struct event *append(struct events *v)
{
	if (v->n == EVENTS_MAX)
		drop(v, 0);
	if (v->n == v->kept.n) {
		if (!vec_push(&v->kept))
			return NULL;
		v->order[v->n] = (uint16_t)v->n;
	}
	return slot_at(v, v->n++);
}

size_t events_n(const struct events *v)
{
	return v ? v->n : 0;
}

const struct event *events_at(const struct events *v, size_t i)
{
	return slot_at(v, i);
}

uint64_t events_n_made(const struct events *v)
{
	return v ? v->n_made : 0;
}

struct event *events_find(struct events *v, uint64_t number)
{
	for (size_t i = v->n; number && i--;)
		if (slot_at(v, i)->number == number)
			return slot_at(v, i);
	return NULL;
}

/* ---- what repeats ---- */

/* The newest before `end` with its subject that is not too long ago; v->n: none. */
static size_t find_like(const struct events *v, const struct event *e, size_t end,
			int64_t now_ns)
{
	for (size_t i = end; i--;) {
		const struct event *k = slot_at(v, i);

		if (now_ns - k->newest.now_ns > FOLD_NS)
			break;
		if (k->subject == e->subject &&
		    event_kind_group(k->kind) == event_kind_group(e->kind))
			return i;
	}
	return v->n;
}

/* What was before, of several of one kind, is what was before the first. */
static void keep_before(struct event *e, const struct event *first)
{
	if ((e->kinds | first->kinds) != 1u << e->kind)
		return;
	if (e->kind == EVENT_DROPS)
		e->number_is += first->number_is;
	e->number_was = first->number_was;
	e->was = first->was;
	memcpy(e->note_was, first->note_was, sizeof(e->note_was));
}

static void fold(struct event *e, const struct event *before)
{
	keep_before(e, before);
	e->n += before->n;
	e->kinds |= before->kinds;
	e->first_ns = before->first_ns;
}

/* One that comes again, or the third of a to and fro. */
static void fold_likes(struct events *v, struct event *e, int64_t now_ns)
{
	size_t last = find_like(v, e, v->n, now_ns), first;

	if (last == v->n)
		return;
	if (slot_at(v, last)->n > 1 || slot_at(v, last)->kind == e->kind) {
		fold(e, slot_at(v, last));
		drop(v, last);
		return;
	}
	first = find_like(v, e, last, now_ns);
	if (first == v->n || slot_at(v, first)->kind != e->kind)
		return;
	fold(e, slot_at(v, last));
	fold(e, slot_at(v, first));
	drop(v, last);
	drop(v, first);
}

uint64_t events_add(struct events *v, const struct event *e, struct moment at)
{
	struct event new = *e;
	struct event *slot;

	new.number = ++v->n_made;
	new.n = 1;
	new.kinds = 1u << e->kind;
	new.first_ns = at.wall_ns;
	new.newest = at;
	fold_likes(v, &new, at.now_ns);
	slot = append(v);
	if (!slot)
		return 0;
	*slot = new;
	return new.number;
}

/* ---- what is asked of them ---- */

size_t events_n_weighty(const struct events *v, int64_t now_ns, int64_t span_ns)
{
	size_t n = 0;

	for (size_t i = events_n(v); i--;) {
		const struct event *e = slot_at(v, i);

		if (now_ns - e->newest.now_ns >= span_ns)
			break;
		n += event_kind_tone(e->kind) >= TONE_WARN;
	}
	return n;
}

static bool is_mark(const struct event *e)
{
	switch (event_kind_group(e->kind)) {
	case EVENTS_OF_LISTENERS:
	case EVENTS_OF_QUEUES:
		return e->endpoint_id && e->kind != EVENT_DRAINED;
	case EVENTS_OF_CLIENTS:
	case EVENTS_OF_FIREWALL:
	case EVENTS_OF_SIGHT:
	case EVENTS_OF_MESSAGES:
	case N_EVENT_GROUPS:
		break;
	}
	return false;
}

const struct event *events_mark(const struct events *v, uint64_t endpoint_id,
				int64_t now_ns)
{
	for (size_t i = events_n(v); i--;) {
		const struct event *e = slot_at(v, i);

		if (now_ns - e->newest.now_ns >= EVENT_MARK_NS)
			break;
		if (e->endpoint_id == endpoint_id && is_mark(e))
			return e;
	}
	return NULL;
}

void events_rules(struct events *v, uint32_t was, uint32_t is, struct moment at)
{
	const struct event e = {.kind = EVENT_RULES, .number_was = was, .number_is = is};

	if (v)
		events_add(v, &e, at);
}

void events_message(struct events *v, struct text sentence, struct moment at)
{
	struct event e = {.kind = EVENT_MESSAGE};

	if (!v)
		return;
	e.subject = event_hash(EVENT_HASH, sentence.bytes, sentence.len);
	event_keep(e.note, sizeof(e.note), sentence);
	events_add(v, &e, at);
}

/* ---- pictures ---- */

int events_take(struct events *v, const struct snapshot *s, int64_t now_ns)
{
	struct moment at = {s->wall_ns, now_ns};
	int r;

	if (!v || (v->has_picture && s->boot_ns < v->boot_ns))
		return 0;
	r = spaces_compare(v, s, at);
	if (!r)
		r = listeners_compare(v, s, at);
	if (!r)
		r = sources_compare(v, s, at);
	v->has_picture = true;
	v->was_settled = v->was_settled || s->is_settled;
	v->boot_ns = s->boot_ns;
	return r;
}

bool events_turn(struct events *v, struct moment at)
{
	uint64_t before = events_n_made(v);

	if (v)
		sources_turn(v, at);
	return events_n_made(v) != before;
}

/* When the newest mark ends that has not: the oldest of those within the time. */
static int64_t marks_due_ns(const struct events *v, int64_t now_ns)
{
	int64_t due = INT64_MAX;

	for (size_t i = v->n; i--;) {
		int64_t end = slot_at(v, i)->newest.now_ns + EVENT_MARK_NS;

		if (end <= now_ns)
			break;
		if (is_mark(slot_at(v, i)))
			due = end;
	}
	return due;
}

int64_t events_due_ns(const struct events *v, int64_t now_ns)
{
	int64_t marks, sources;

	if (!v)
		return INT64_MAX;
	marks = marks_due_ns(v, now_ns);
	sources = sources_due_ns(v);
	return marks < sources ? marks : sources;
}

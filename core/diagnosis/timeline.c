/* The parts put together and in order, with the moments of the diagnosis. Reads no packet
 * and no line. */
#include "core/diagnosis/timeline_impl.h"

#include <stdlib.h>
#include <string.h>

const char *timeline_kind_word(enum timeline_kind k)
{
	static const char *const words[] = {
#define X(name, word, help) [TIMELINE_##name] = (word),
		TIMELINE_KINDS(X)
#undef X
	};

	return words[k];
}

const char *timeline_kind_help(enum timeline_kind k)
{
	static const char *const helps[] = {
#define X(name, word, help) [TIMELINE_##name] = (help),
		TIMELINE_KINDS(X)
#undef X
	};

	return helps[k];
}

struct timeline_row *timeline_add(struct timelining *l, enum timeline_kind kind,
				  int64_t wall_ns)
{
	struct timeline_row *row = vec_push(&l->rows);

	if (!row) {
		l->failed = true;
		return NULL;
	}
	row->kind = kind;
	row->wall_ns = wall_ns;
	row->is_old = wall_ns < l->e->window_start_ns;
	return row;
}

struct text timeline_copy(struct timelining *l, struct text t)
{
	struct text copy = arena_text(&l->t->head.arena, t);

	l->failed = l->failed || (t.len && !copy.len);
	return copy;
}

struct text timeline_text(struct timelining *l, const char *format, ...)
{
	struct str s = {0};
	struct text copy;
	va_list args;

	va_start(args, format);
	str_vprintf(&s, format, args);
	va_end(args);
	l->failed = l->failed || s.failed;
	copy = timeline_copy(l, text_of_str(&s));
	str_release(&s);
	return copy;
}

static struct text shown(struct timelining *l, struct text t)
{
	struct str s = {0};
	struct text copy;

	text_show(&s, t, TEXT_ASCII);
	l->failed = l->failed || s.failed;
	copy = timeline_copy(l, text_of_str(&s));
	str_release(&s);
	return copy;
}

struct text timeline_tail(struct timelining *l, struct text path)
{
	if (!path.len || path.bytes[0] != '/' || memchr(path.bytes, '\'', path.len))
		return TEXT_NONE;
	path = shown(l, path);
	if (!path.len || memchr(path.bytes, '\\', path.len))
		return TEXT_NONE;
	return timeline_text(l, "tail -n 100 '%.*s'", (int)path.len, path.bytes);
}

/* ---- the diagnosis itself ---- */

static void add_event(struct timelining *l, int64_t wall_ns, const char *words)
{
	struct timeline_row *row =
		wall_ns ? timeline_add(l, TIMELINE_EVENT, wall_ns) : NULL;

	if (!row)
		return;
	row->is_old = false;
	row->text = text_of(words);
	row->source = text_of("dport");
}

static void add_fault(struct timelining *l)
{
	struct timeline_row *row;

	if (l->d->verdict != VERDICT_FAULT || !l->d->since_ns)
		return;
	row = timeline_add(l, TIMELINE_FAULT, l->d->since_ns);
	if (!row)
		return;
	row->is_marked = row->is_bad = true;
	row->text = timeline_copy(l, l->d->summary);
	row->source = text_of("judgement");
	row->why = text_of("the first moment from which on clients were seen to fail");
}

static void add_events(struct timelining *l)
{
	const struct evidence *e = l->e;

	add_event(l, e->window_start_ns,
		  e->capture_error ? "the watch begins, without a capture"
				   : "the watch begins: packets are captured from here on");
	if (e->has_window_ended)
		add_event(l, e->window_end_ns, "the watch ends");
	add_fault(l);
}

/* Logs are looked at by their own file. */
static void note_sources(struct timelining *l)
{
	const struct evidence *e = l->e;

	l->t->has_capture = e->attempts && e->attempts->is_ready && !e->capture_error;
	l->t->has_drops = e->drops && e->drops->is_ready;
	l->t->has_counters = e->counters && e->counters_after;
	l->t->has_changes = e->changes != NULL;
}

/* ---- order ---- */

static int by_time(const void *a, const void *b)
{
	const struct timeline_row *x = a, *y = b;

	if (x->wall_ns != y->wall_ns)
		return x->wall_ns < y->wall_ns ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

/* Stable where qsort(3) is not: rows of one moment and kind keep the order they came in. */
static void sort(struct timeline_row *rows, size_t n, struct timeline_row *room)
{
	size_t half = n / 2, i = 0, k = half;

	if (n < 2)
		return;
	sort(rows, half, room);
	sort(rows + half, n - half, room);
	for (size_t at = 0; at < n; at++) {
		bool takes_first = k == n || (i < half && by_time(&rows[i], &rows[k]) <= 0);

		room[at] = takes_first ? rows[i++] : rows[k++];
	}
	for (size_t at = 0; at < n; at++)
		rows[at] = room[at];
}

static int64_t first_packet_ns(const struct timeline *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].kind == TIMELINE_SYN)
			return t->rows[i].wall_ns;
	return 0;
}

static void find_start(struct timelining *l)
{
	struct timeline *t = l->t;
	int64_t first_ns = first_packet_ns(t);

	t->start_ns = first_ns ? first_ns : l->e->window_start_ns;
	if (l->d->verdict == VERDICT_FAULT && l->d->since_ns)
		t->start_ns = l->d->since_ns;
	while (t->start < t->n && t->rows[t->start].wall_ns < t->start_ns)
		t->start++;
}

static int freeze(struct timelining *l)
{
	struct timeline *t = l->t;
	size_t size = sizeof(*t->rows) * (l->rows.n ? l->rows.n : 1);
	struct timeline_row *room = malloc(size);

	t->rows = arena_alloc(&t->head.arena, size);
	if (!room || !t->rows || l->failed) {
		free(room);
		return -1;
	}
	t->n = l->rows.n;
	for (size_t i = 0; i < t->n; i++)
		t->rows[i] = *(const struct timeline_row *)vec_at(&l->rows, i);
	sort(t->rows, t->n, room);
	free(room);
	find_start(l);
	return 0;
}

struct timeline *timeline_new(const struct evidence *e, const struct diagnosis *d)
{
	struct timelining l = {.e = e,
			       .d = d,
			       .t = table_new(sizeof(*l.t), NULL),
			       .rows = VEC_OF(struct timeline_row)};

	if (!l.t)
		return NULL;
	note_sources(&l);
	add_events(&l);
	timeline_packets(&l);
	timeline_drops(&l);
	timeline_counters(&l);
	timeline_changes(&l);
	timeline_logs(&l);
	if (freeze(&l)) {
		table_unref(l.t);
		l.t = NULL;
	}
	vec_release(&l.rows);
	return l.t;
}

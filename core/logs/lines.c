/* The parts of the logs -> lines in order of time. Knows no format of a line. */
#include "core/logs/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/logs/known.h"
#include "core/logs/parse.h"

#define PENDING_LINE_MAX    4096
#define PENDING_JOURNAL_MAX ((size_t)256 << 10)

enum item_form { ITEM_KMSG, ITEM_JOURNAL, ITEM_FILE };

struct item_source {
	struct text item; /* the item's whole name */
	struct log_source shown;
	enum item_form form;
	int32_t holder;
	struct str pending; /* the beginning of a line whose end is in the next part */
};

struct arrived {
	struct log_line line;
	uint64_t order;
	bool is_boot_clock; /* wall_ns is still time since boot */
};

struct log_decoder {
	struct stamp_clock clock;
	struct vec rows;    /* struct arrived */
	struct vec sources; /* struct item_source */
	struct arena texts;
	uint64_t n_arrived;
	int64_t boot_wall_ns; /* when the kernel's clock was 0 */
	bool has_now, is_cut;
};

struct log_decoder *logs_new(int32_t utc_offset_s, int64_t wall_ns)
{
	struct log_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->clock = (struct stamp_clock){utc_offset_s, wall_ns};
	vec_init(&d->rows, sizeof(struct arrived));
	vec_init(&d->sources, sizeof(struct item_source));
	return d;
}

static void logs_reset(struct log_decoder *d)
{
	for (size_t i = 0; i < d->sources.n; i++) {
		struct item_source *s = vec_at(&d->sources, i);

		str_release(&s->pending);
	}
	vec_reset(&d->rows);
	vec_reset(&d->sources);
	arena_release(&d->texts);
	d->n_arrived = 0;
	d->has_now = d->is_cut = false;
}

void logs_free(struct log_decoder *d)
{
	if (!d)
		return;
	logs_reset(d);
	vec_release(&d->rows);
	vec_release(&d->sources);
	free(d);
}

static int compare_arrived(const void *a, const void *b)
{
	const struct arrived *x = a, *y = b;

	if (x->line.wall_ns != y->line.wall_ns)
		return x->line.wall_ns < y->line.wall_ns ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* The kernel's clock becomes time, once it is known what time it is. */
static void turn_clocks(struct log_decoder *d)
{
	for (size_t i = 0; i < d->rows.n; i++) {
		struct arrived *a = vec_at(&d->rows, i);

		if (!a->is_boot_clock)
			continue;
		a->line.wall_ns = d->has_now ? a->line.wall_ns + d->boot_wall_ns : 0;
		a->is_boot_clock = false;
	}
}

/* Sorted, and no more than are kept: the oldest go, before them those without a time. */
static void sort_and_cut(struct log_decoder *d)
{
	struct arrived *rows = d->rows.data;
	size_t excess = d->rows.n > LOG_LINES_MAX ? d->rows.n - LOG_LINES_MAX : 0;

	if (!d->rows.n)
		return;
	qsort(rows, d->rows.n, sizeof(*rows), compare_arrived);
	if (!excess)
		return;
	memmove(rows, rows + excess, LOG_LINES_MAX * sizeof(*rows));
	vec_truncate(&d->rows, LOG_LINES_MAX);
	d->is_cut = true;
}

static int keep_line(struct log_decoder *d, const struct log_line *line, bool is_boot_clock)
{
	struct arrived *a;

	if (d->rows.n >= 2 * (size_t)LOG_LINES_MAX) {
		if (d->has_now)
			turn_clocks(d);
		sort_and_cut(d);
	}
	a = vec_push(&d->rows);
	if (!a)
		return -ENOMEM;
	*a = (struct arrived){*line, d->n_arrived++, is_boot_clock};
	return 0;
}

/* 0, -EBADMSG, -ENOMEM. */
static int take_line(struct log_decoder *d, struct item_source *s, struct text text)
{
	struct log_line line;
	uint64_t boot_us = 0;
	int got = 0;

	switch (s->form) {
	case ITEM_KMSG:
		got = parse_kmsg(text, &d->texts, &line, &boot_us);
		if (got > 0)
			line.wall_ns = (int64_t)boot_us * 1000;
		break;
	case ITEM_JOURNAL:
		got = parse_journal(text, &d->texts, &line);
		break;
	case ITEM_FILE:
		got = parse_file(text, s->shown.name, s->holder, &d->clock, &d->texts,
				 &line);
		break;
	}
	if (got <= 0)
		return got;
	s->shown.n++;
	return keep_line(d, &line, s->form == ITEM_KMSG);
}

/* As much of the line's end as may stay; what is behind that is passed over. */
static int append_pending(struct item_source *s, struct text piece)
{
	size_t max = s->form == ITEM_JOURNAL ? PENDING_JOURNAL_MAX : PENDING_LINE_MAX;
	size_t room = s->pending.len < max ? max - s->pending.len : 0;

	piece = piece_head(piece, room);
	return piece.len ? str_append(&s->pending, piece.bytes, piece.len) : 0;
}

static int take_pending(struct log_decoder *d, struct item_source *s)
{
	struct text line = {str_text(&s->pending), s->pending.len};
	int error = line.len ? take_line(d, s, line) : 0;

	str_reset(&s->pending);
	return error;
}

static int take_data(struct log_decoder *d, struct item_source *s, struct text data)
{
	struct text line;
	int worst = 0;

	while (data.len) {
		bool is_whole = memchr(data.bytes, '\n', data.len) != NULL;
		int error = 0;

		piece_next(&data, '\n', &line);
		if (!is_whole || s->pending.len)
			error = append_pending(s, line);
		if (is_whole && !error)
			error = s->pending.len ? take_pending(d, s) : take_line(d, s, line);
		if (error == -ENOMEM)
			return error;
		worst = error ? error : worst;
	}
	return worst;
}

/* "kmsg", "journal", "file:PATH", "pid:N:PATH". False: it is none of these. */
static bool name_source(struct text item, struct item_source *out)
{
	uint64_t pid;

	*out = (struct item_source){.form = ITEM_FILE};
	if (text_equals_str(item, "kmsg")) {
		out->form = ITEM_KMSG;
		out->shown.name = text_of("kernel");
		return true;
	}
	if (text_equals_str(item, "journal")) {
		out->form = ITEM_JOURNAL;
		out->shown.name = text_of("journal");
		return true;
	}
	if (scan_literal(&item, "pid:")) {
		if (!piece_number(&item, INT32_MAX, &pid) || !scan_literal(&item, ":"))
			return false;
		out->holder = (int32_t)pid;
	} else if (!scan_literal(&item, "file:")) {
		return false;
	}
	out->shown.name = item;
	return item.len > 0;
}

/* Known, or new: *out. 1; 0: it is no source; -ENOMEM. */
static int find_source(struct log_decoder *d, struct text item, struct item_source **out)
{
	struct item_source fresh, *kept;

	for (size_t i = d->sources.n; i-- > 0;) {
		*out = vec_at(&d->sources, i);
		if (text_equals((*out)->item, item))
			return 1;
	}
	if (!name_source(item, &fresh))
		return 0;
	fresh.item = arena_text(&d->texts, item);
	if (text_is_empty(fresh.item) ||
	    (fresh.form == ITEM_FILE &&
	     parse_keep(&d->texts, fresh.shown.name, &fresh.shown.name) < 0))
		return -ENOMEM;
	kept = vec_push(&d->sources);
	if (!kept)
		return -ENOMEM;
	*kept = fresh;
	*out = kept;
	return 1;
}

/* "wall_ns boot_ns" */
static int take_now(struct log_decoder *d, struct text data)
{
	uint64_t wall, boot;

	if (!piece_number(&data, INT64_MAX / 2, &wall) || !scan_literal(&data, " ") ||
	    !piece_number(&data, INT64_MAX / 2, &boot))
		return -EBADMSG;
	d->boot_wall_ns = (int64_t)wall - (int64_t)boot;
	d->has_now = true;
	return 0;
}

static int take_item(void *decoder, const struct bundle_item *item)
{
	struct log_decoder *d = decoder;
	struct item_source *s;
	int got;

	if (text_equals_str(item->name, "now"))
		return take_now(d, item->data);
	got = find_source(d, item->name, &s);
	if (got <= 0)
		return got;
	if (item->error && item->error != EMSGSIZE)
		s->shown.error = item->error;
	return take_data(d, s, item->data);
}

int logs_decode(struct log_decoder *d, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take_item, d);
}

/* The last lines of what does not end with a newline. */
static int take_ends(struct log_decoder *d)
{
	for (size_t i = 0; i < d->sources.n; i++)
		if (take_pending(d, vec_at(&d->sources, i)) == -ENOMEM)
			return -ENOMEM;
	return 0;
}

static int fill_sources(struct log_table *t, struct log_decoder *d)
{
	if (!d->sources.n)
		return 0;
	t->sources = arena_alloc(&d->texts, d->sources.n * sizeof(*t->sources));
	if (!t->sources)
		return -ENOMEM;
	for (; t->n_sources < d->sources.n; t->n_sources++) {
		const struct item_source *s = vec_at(&d->sources, t->n_sources);

		t->sources[t->n_sources] = s->shown;
	}
	return 0;
}

static int fill_rows(struct log_table *t, struct log_decoder *d)
{
	turn_clocks(d);
	sort_and_cut(d);
	t->is_cut = d->is_cut;
	if (!d->rows.n)
		return 0;
	t->rows = arena_alloc(&d->texts, d->rows.n * sizeof(*t->rows));
	if (!t->rows)
		return -ENOMEM;
	for (; t->n < d->rows.n; t->n++) {
		const struct arrived *a = vec_at(&d->rows, t->n);

		t->rows[t->n] = a->line;
	}
	return 0;
}

struct log_table *logs_finish(struct log_decoder *d)
{
	struct log_table *t = table_new(sizeof(*t), NULL);

	if (t && (take_ends(d) < 0 || fill_sources(t, d) < 0 || fill_rows(t, d) < 0)) {
		table_unref(t);
		t = NULL;
	}
	if (t) {
		t->head.arena = d->texts; /* the texts live on where they are */
		arena_init(&d->texts);
		(void)known_find_all(t); /* else each search looks for itself */
	}
	logs_reset(d);
	return t;
}

bool logs_are_read(const struct log_table *t)
{
	for (size_t i = 0; i < t->n_sources; i++)
		if (!t->sources[i].error)
			return true;
	return false;
}

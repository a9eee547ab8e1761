/*
 * Collects .socket unit files and drop-ins, lets precedence decide which of them count, and
 * keeps the declared ports. Does not ask systemd whether a unit is active.
 */
#include "core/sockets/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/sockets/socket_unit.h"
#include "core/sockets/unit_paths.h"

#define MAX_ROWS 16384 /* no host declares as many; a forged recording may */

struct unit_source {
	struct unit_path path;
	struct text data; /* empty: it masks, or could not be read */
};

struct socket_unit_decoder {
	struct arena arena;
	struct vec units;   /* struct unit_source */
	struct vec dropins; /* struct unit_source */
};

struct socket_unit_decoder *socket_units_new(void)
{
	struct socket_unit_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	arena_init(&d->arena);
	d->units = VEC_OF(struct unit_source);
	d->dropins = VEC_OF(struct unit_source);
	return d;
}

void socket_units_reset(struct socket_unit_decoder *d)
{
	arena_release(&d->arena);
	vec_reset(&d->units);
	vec_reset(&d->dropins);
}

void socket_units_free(struct socket_unit_decoder *d)
{
	if (!d)
		return;
	arena_release(&d->arena);
	vec_release(&d->units);
	vec_release(&d->dropins);
	free(d);
}

static int keep_text(struct arena *arena, struct text *t)
{
	size_t len = t->len;

	*t = arena_text(arena, *t);
	return t->len == len ? 0 : -ENOMEM;
}

static int take_item(void *decoder, const struct bundle_item *item)
{
	struct socket_unit_decoder *d = decoder;
	struct unit_source s = {.path = unit_path_of(item->name), .data = item->data},
			   *kept;

	if (s.path.kind == UNIT_PATH_OTHER || item->error == ENOENT)
		return 0;
	if (keep_text(&d->arena, &s.path.name) < 0 ||
	    keep_text(&d->arena, &s.path.file) < 0 || keep_text(&d->arena, &s.data) < 0)
		return -ENOMEM;
	kept = vec_push(s.path.kind == UNIT_PATH_UNIT ? &d->units : &d->dropins);
	if (!kept)
		return -ENOMEM;
	*kept = s;
	return 0;
}

int socket_units_decode(struct socket_unit_decoder *d, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take_item, d);
}

static int compare_units(const void *a, const void *b)
{
	const struct unit_source *x = a, *y = b;
	int order = text_compare(x->path.name, y->path.name);

	return order ? order
		     : (x->path.rank > y->path.rank) - (x->path.rank < y->path.rank);
}

static int compare_dropins(const void *a, const void *b)
{
	const struct unit_source *x = a, *y = b;
	int order = text_compare(x->path.file, y->path.file);

	return order ? order : compare_units(a, b);
}

static int compare_rows(const void *a, const void *b)
{
	const struct socket_unit_row *x = a, *y = b;
	int order = addr_compare(&x->local, &y->local);

	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	return order ? order : text_compare(x->unit, y->unit);
}

static void sort(const struct vec *v, int (*compare)(const void *, const void *))
{
	if (v->n)
		qsort(v->data, v->n, v->size, compare);
}

/* Of two drop-ins of one file name that both match: whether a hides b. */
static bool has_precedence(const struct unit_source *a, size_t a_closeness,
			   const struct unit_source *b, size_t b_closeness)
{
	if ((a_closeness == 1) != (b_closeness == 1))
		return b_closeness == 1;
	if (a->path.rank != b->path.rank)
		return a->path.rank < b->path.rank;
	return a_closeness > b_closeness;
}

/* The one to apply of the drop-ins from *at on that have the same file name; *at goes
 * behind them. */
static const struct unit_source *next_dropin(const struct vec *dropins, struct text unit,
					     size_t *at)
{
	const struct unit_source *first = vec_at(dropins, *at), *best = NULL;
	size_t best_closeness = 0;

	for (; *at < dropins->n; (*at)++) {
		const struct unit_source *s = vec_at(dropins, *at);
		size_t closeness = unit_path_closeness(unit, s->path.name);

		if (!text_equals(s->path.file, first->path.file))
			break;
		if (!closeness ||
		    (best && !has_precedence(s, closeness, best, best_closeness)))
			continue;
		best = s;
		best_closeness = closeness;
	}
	return best;
}

/* The settings of one unit: its file, then its drop-ins by file name. */
static int gather(const struct socket_unit_decoder *d, const struct unit_source *source,
		  struct socket_unit *u)
{
	int err = socket_unit_apply(u, source->data);

	for (size_t at = 0; !err && at < d->dropins.n;) {
		const struct unit_source *dropin =
			next_dropin(&d->dropins, source->path.name, &at);

		if (dropin)
			err = socket_unit_apply(u, dropin->data);
	}
	return err;
}

static int add_unit(const struct socket_unit_decoder *d, const struct unit_source *source,
		    struct arena *arena, struct vec *rows)
{
	struct socket_unit unit;
	int err;

	if (text_is_empty(source->data) || rows->n >= MAX_ROWS)
		return 0;
	socket_unit_init(&unit);
	err = gather(d, source, &unit);
	if (!err)
		err = socket_unit_rows(&unit, source->path.name, arena, rows, MAX_ROWS);
	socket_unit_release(&unit);
	return err;
}

static int add_units(struct socket_unit_decoder *d, struct arena *arena, struct vec *rows)
{
	struct text before = TEXT_NONE;
	int err = 0;

	sort(&d->units, compare_units);
	sort(&d->dropins, compare_dropins);
	for (size_t i = 0; !err && i < d->units.n; i++) {
		const struct unit_source *source = vec_at(&d->units, i);

		if (!text_equals(source->path.name, before))
			err = add_unit(d, source, arena, rows);
		before = source->path.name;
	}
	sort(rows, compare_rows);
	return err;
}

struct socket_unit_table *socket_units_finish(struct socket_unit_decoder *d)
{
	struct socket_unit_table *t = table_new(sizeof(*t), NULL);
	struct vec rows = VEC_OF(struct socket_unit_row);

	if (t && add_units(d, &t->head.arena, &rows) == 0)
		t->rows = arena_alloc(&t->head.arena, (rows.n + 1) * sizeof(*t->rows));
	if (t && t->rows) {
		t->n = rows.n;
		if (rows.n)
			memcpy(t->rows, rows.data, rows.n * sizeof(*t->rows));
	} else {
		table_unref(t);
		t = NULL;
	}
	vec_release(&rows);
	socket_units_reset(d);
	return t;
}

/* The first row with at least this protocol and port. */
static size_t lower_bound(const struct socket_unit_table *t, enum socket_proto proto,
			  uint16_t port)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct socket_unit_row *r = &t->rows[middle];

		if (r->proto < proto || (r->proto == proto && r->port < port))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct socket_unit_row *find_as(const struct socket_unit_table *t,
					     enum socket_proto proto,
					     const struct socket_row *s)
{
	const struct socket_unit_row *bare = NULL;

	for (size_t i = lower_bound(t, proto, s->port); i < t->n; i++) {
		const struct socket_unit_row *r = &t->rows[i];

		if (r->proto != proto || r->port != s->port)
			break;
		if (addr_equals(&r->local, &s->local))
			return r;
		if (!bare && !r->local.family && addr_is_any(&s->local))
			bare = r;
	}
	return bare;
}

const struct socket_unit_row *socket_units_find(const struct socket_unit_table *t,
						const struct socket_row *s)
{
	const struct socket_unit_row *found = find_as(t, s->proto, s);

	/* the TCP socket beneath an MPTCP one */
	if (!found && s->proto == PROTO_TCP)
		found = find_as(t, PROTO_MPTCP, s);
	return found;
}

/*
 * All sources of one try, interval by interval: each walk tells how far its answer holds,
 * and the next one begins behind it. What is found becomes rows, one per listener.
 */
#include "core/path/exposure_impl.h"

#include <errno.h>
#include <string.h>

static const char too_many[] = "too many different sources to try them all";

/* Intervals of one size in a row; of one try at all. */
enum { PATTERN_MAX = 70000, WALKS_MAX = 300000 };

/* ---- rows ---- */

void exposure_row_release(struct exposure_row *row)
{
	vec_release(&row->entries);
	vec_release(&row->open);
	vec_release(&row->doubts);
}

static struct exposure_row *row_for(struct exposure_sources *f, const struct endpoint *e,
				    bool is_translated)
{
	struct exposure_row *row;

	for (size_t i = 0; i < f->rows.n; i++) {
		row = vec_at(&f->rows, i);
		if (row->endpoint == e && row->is_translated == is_translated)
			return row;
	}
	row = vec_push(&f->rows);
	if (!row)
		return NULL;
	*row = (struct exposure_row){.endpoint = e,
				     .is_translated = is_translated,
				     .family = f->try.to.family,
				     .entries = VEC_OF(struct exposure_entry),
				     .open = VEC_OF(struct exposure_span),
				     .doubts = VEC_OF(struct exposure_doubt)};
	return row;
}

static bool is_first_address(const struct addr *a)
{
	struct addr before = *a;

	return !fw_addr_previous(&before);
}

static bool is_behind(const struct addr *low, const struct addr *high)
{
	struct addr behind = *high;

	return fw_addr_next(&behind) && addr_equals(&behind, low);
}

/* Sources that do not count close the gap between two that do, and stand with them at the
 * ends: so the networks stay few. */
static void add_to(struct exposure_span *last, struct exposure_span *new,
		   struct exposure_sources *f, bool *is_joined)
{
	bool is_near = f->has_left && is_behind(&new->low, &f->left.high);

	*is_joined = last && (is_behind(&new->low, &last->high) ||
			      (is_near && is_behind(&f->left.low, &last->high)));
	if (*is_joined)
		last->high = new->high;
	else if (is_near && is_first_address(&f->left.low))
		new->low = f->left.low;
}

static int add_open(struct exposure_row *row, struct exposure_span span,
		    struct exposure_sources *f)
{
	struct exposure_span *last =
		row->open.n ? vec_at(&row->open, row->open.n - 1) : NULL;
	bool is_joined;

	add_to(last, &span, f, &is_joined);
	return is_joined ? 0 : exposure_add_span(&row->open, &span);
}

static int add_doubt(struct exposure_row *row, struct exposure_span span, uint32_t rule,
		     const char *why, struct exposure_sources *f)
{
	struct exposure_doubt *last =
		row->doubts.n ? vec_at(&row->doubts, row->doubts.n - 1) : NULL;
	bool is_joined;

	if (last && (last->rule != rule || strcmp(last->why, why)))
		last = NULL;
	add_to(last ? &last->span : NULL, &span, f, &is_joined);
	if (is_joined)
		return 0;
	last = vec_push(&row->doubts);
	if (!last)
		return -ENOMEM;
	*last = (struct exposure_doubt){span, rule, why};
	return 0;
}

/* ---- one interval ---- */

static int take_answer(struct exposure_sources *f, const struct exposure_answer *a,
		       struct exposure_span span)
{
	const struct endpoint *const *targets = a->n_targets ? a->targets : &f->direct;
	size_t n = a->n_targets ? a->n_targets : 1;
	int error = 0;

	for (size_t i = 0; i < n && !error && a->end != EXPOSURE_CLOSED; i++) {
		struct exposure_row *row;

		if (!targets[i])
			continue;
		row = row_for(f, targets[i], a->is_translated && targets[i] != f->direct);
		if (!row)
			return -ENOMEM;
		error = a->end == EXPOSURE_OPEN ? add_open(row, span, f)
						: add_doubt(row, span, a->rule, a->why, f);
	}
	return error;
}

static void bound(struct exposure_scan *s, struct fw_cell *cell)
{
	for (size_t i = 0; i < s->special.n; i++) {
		const struct exposure_span *special = vec_at(&s->special, i);

		fw_cell_split(cell, &special->low, &special->high);
	}
	exposure_bound_ports(s->world, cell);
}

static bool is_excluded(const struct exposure_scan *s, const struct addr *a)
{
	for (size_t i = 0; i < s->out->excluded.n; i++) {
		const struct exposure_span *span = vec_at(&s->out->excluded, i);

		if (a->family == span->low.family && addr_compare(a, &span->low) >= 0 &&
		    addr_compare(a, &span->high) <= 0)
			return true;
	}
	return false;
}

static void skip(struct exposure_sources *f, const struct fw_cell *cell)
{
	if (f->has_left && is_behind(&cell->low, &f->left.high)) {
		f->left.high = cell->high;
		return;
	}
	f->has_left = true;
	f->left = (struct exposure_span){cell->low, cell->high};
}

/* The rest stays unsaid. */
static int give_up(struct exposure_scan *s, struct exposure_sources *f)
{
	struct fw_cell all;
	struct exposure_answer rest = {
		.end = EXPOSURE_UNSURE, .rule = NO_ROW, .why = too_many};

	s->out->is_cut = true;
	fw_cell_start(&all, &f->try.from, 0);
	return take_answer(f, &rest, (struct exposure_span){f->try.from, all.high});
}

static void end_with_excluded(struct exposure_sources *f)
{
	struct addr behind = f->left.high;

	if (!f->has_left || fw_addr_next(&behind))
		return;
	for (size_t i = 0; i < f->rows.n; i++) {
		struct exposure_row *row = vec_at(&f->rows, i);
		struct exposure_span *open =
			row->open.n ? vec_at(&row->open, row->open.n - 1) : NULL;
		struct exposure_doubt *doubt =
			row->doubts.n ? vec_at(&row->doubts, row->doubts.n - 1) : NULL;

		if (open && is_behind(&f->left.low, &open->high))
			open->high = f->left.high;
		else if (doubt && is_behind(&f->left.low, &doubt->span.high))
			doubt->span.high = f->left.high;
	}
}

/* An odd mask repeats itself all over the address space: intervals of one size, one behind
 * the other. */
static bool is_hopeless(struct exposure_sources *f, const struct fw_cell *cell)
{
	struct exposure_span now = {cell->low, cell->high};
	bool is_alike = f->n_alike && exposure_is_same_size(&now, &f->last);

	f->n_alike = is_alike ? f->n_alike + 1 : 1;
	f->last = now;
	return f->n_alike > PATTERN_MAX || ++f->n_walks > WALKS_MAX;
}

static int scan_cell(struct exposure_scan *s, struct exposure_sources *f,
		     struct fw_cell *cell)
{
	struct exposure_answer a;
	int error;

	s->walks_left--;
	error = exposure_walk(s->out, &f->try, cell, &a);
	/* All before it are done. */
	cell->low = f->try.from;
	if (!error)
		error = take_answer(f, &a, (struct exposure_span){cell->low, cell->high});
	f->has_left = false;
	if (cell->port_high < f->port_high)
		f->port_high = cell->port_high;
	return error;
}

/* One interval. 1: it was the last one. */
static int scan(struct exposure_scan *s, struct exposure_sources *f)
{
	struct fw_cell cell;
	int error = 0;

	if (!s->walks_left) {
		error = give_up(s, f);
		return error ? error : 1;
	}
	fw_cell_start(&cell, &f->try.from, f->try.port);
	cell.is_of_one_port = f->port_high == f->try.port;
	bound(s, &cell);
	if (is_excluded(s, &f->try.from))
		skip(f, &cell);
	else
		error = scan_cell(s, f, &cell);
	f->try.from = cell.high;
	if (error)
		return error;
	if (!fw_addr_next(&f->try.from)) {
		end_with_excluded(f);
		return 1;
	}
	if (!is_hopeless(f, &cell))
		return 0;
	error = give_up(s, f);
	return error ? error : 1;
}

/* Sources that do not count stand with their neighbours where that makes fewer networks. */
static void round_off(const struct vec *excluded, struct exposure_span *span)
{
	size_t n = exposure_count_span(span);

	for (size_t i = 0; i < excluded->n; i++) {
		const struct exposure_span *x = vec_at(excluded, i);
		struct exposure_span wider = *span;

		if (x->low.family != span->low.family)
			continue;
		if (is_behind(&x->low, &span->high))
			wider.high = x->high;
		else if (is_behind(&span->low, &x->high))
			wider.low = x->low;
		else
			continue;
		if (exposure_count_span(&wider) < n)
			*span = wider;
		n = exposure_count_span(span);
	}
}

static void tidy(struct exposure_scan *s, struct exposure_row *row)
{
	for (size_t i = 0; i < row->open.n; i++)
		round_off(&s->out->excluded, vec_at(&row->open, i));
	for (size_t i = 0; i < row->doubts.n; i++) {
		struct exposure_doubt *doubt = vec_at(&row->doubts, i);

		round_off(&s->out->excluded, &doubt->span);
	}
	exposure_join_spans(&row->open);
}

/* ---- the same again ---- */

static bool is_same_doubts(const struct vec *a, const struct vec *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct exposure_doubt *x = vec_at(a, i), *y = vec_at(b, i);

		if (!addr_equals(&x->span.low, &y->span.low) ||
		    !addr_equals(&x->span.high, &y->span.high) || x->rule != y->rule ||
		    strcmp(x->why, y->why))
			return false;
	}
	return true;
}

static bool is_same_open(const struct vec *a, const struct vec *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (exposure_compare_spans(vec_at(a, i), vec_at(b, i)))
			return false;
	return true;
}

static bool is_same_row(const struct exposure_row *a, const struct exposure_row *b)
{
	return a->endpoint == b->endpoint && a->port == b->port &&
	       a->port_high == b->port_high && a->is_translated == b->is_translated &&
	       a->family == b->family && is_same_open(&a->open, &b->open) &&
	       is_same_doubts(&a->doubts, &b->doubts);
}

/* The row is kept, or given back where there is one like it. */
static int keep_take(struct exposure_scan *s, struct exposure_row *row,
		     const struct exposure_try *t)
{
	struct exposure_row *same = NULL;
	struct exposure_entry *entry;

	for (size_t i = 0; i < s->rows.n && !same; i++)
		if (is_same_row(vec_at(&s->rows, i), row))
			same = vec_at(&s->rows, i);
	if (same) {
		exposure_row_release(row);
	} else {
		same = vec_push(&s->rows);
		if (!same) {
			exposure_row_release(row);
			return -ENOMEM;
		}
		*same = *row;
	}
	entry = vec_push(&same->entries);
	if (!entry)
		return -ENOMEM;
	*entry = (struct exposure_entry){t->ifindex, t->to};
	return 0;
}

static int keep_all(struct exposure_scan *s, struct exposure_sources *f)
{
	int error = 0;

	for (size_t i = 0; i < f->rows.n; i++) {
		struct exposure_row *row = vec_at(&f->rows, i);

		row->port = f->try.port;
		row->port_high = f->port_high;
		tidy(s, row);
		if (error)
			exposure_row_release(row);
		else
			error = keep_take(s, row, &f->try);
	}
	vec_reset(&f->rows);
	return error;
}

int exposure_sources_start(struct exposure_sources *f, const struct exposure_try *t,
			   const struct endpoint *direct, uint16_t port_high)
{
	*f = (struct exposure_sources){.try = *t,
				       .direct = direct,
				       .port_high = port_high,
				       .rows = VEC_OF(struct exposure_row)};
	f->try.from = (struct addr){.family = t->to.family};
	return direct && !row_for(f, direct, false) ? -ENOMEM : 0;
}

int exposure_sources_step(struct exposure_scan *s, struct exposure_sources *f)
{
	int got = scan(s, f);

	if (got == 1)
		got = keep_all(s, f);
	else
		return got;
	return got ? got : 1;
}

void exposure_sources_release(struct exposure_sources *f)
{
	for (size_t i = 0; i < f->rows.n; i++)
		exposure_row_release(vec_at(&f->rows, i));
	vec_release(&f->rows);
}

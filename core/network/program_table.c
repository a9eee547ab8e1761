/* The rows of programs in their order, each in words, and what is asked of them. What a
 * packet meets is core/path. */
#include "core/network/programs.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>

#include "core/base/rows.h"
#include "core/base/str.h"
#include "core/network/programs_impl.h"

/* ---- words ---- */

static int compare_named(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static struct text name_of(const struct vec *sorted, uint64_t number)
{
	struct named key = {.number = number};
	const struct named *found = sorted->n ? bsearch(&key, sorted->data, sorted->n,
							sizeof(key), compare_named)
					      : NULL;

	return found ? found->name : TEXT_NONE;
}

static void put_program(struct str *s, const struct program_decoder *d, uint32_t id)
{
	struct text name = name_of(&d->programs, id);

	str_printf(s, " %" PRIu32, id);
	if (!name.len)
		return;
	str_puts(s, " (");
	text_show(s, name, TEXT_ASCII);
	str_putc(s, ')');
}

static void put_filter(struct str *s, const struct program_decoder *d,
		       const struct program_row *r)
{
	str_puts(s, "tc filter ");
	text_show(s, name_of(&d->kinds, r->order), TEXT_ASCII);
	str_printf(s, " of preference %u", r->priority);
}

static void put_device(struct str *s, const struct program_decoder *d,
		       const struct program_row *r)
{
	static const char *const places[N_PROGRAM_PLACES] = {
		[PROGRAM_AT_XDP] = "",           [PROGRAM_AT_INGRESS] = " ingress",
		[PROGRAM_AT_SOCKET] = "",        [PROGRAM_AT_SEND] = "",
		[PROGRAM_AT_EGRESS] = " egress", [PROGRAM_AT_QUEUE] = " queue",
	};
	struct text name = name_of(&d->links, r->ifindex);

	str_puts(s, " on ");
	if (name.len)
		text_show(s, name, TEXT_ASCII);
	else
		str_printf(s, "interface %" PRIu32, r->ifindex);
	str_puts(s, places[r->place]);
}

static void put_words(struct str *s, const struct program_decoder *d,
		      const struct program_row *r)
{
	switch (r->kind) {
	case PROGRAM_OF_XDP:
		str_puts(s, "XDP program");
		break;
	case PROGRAM_OF_TCX:
		str_puts(s, "TCX program");
		break;
	case PROGRAM_OF_NETKIT:
		str_puts(s, "netkit program");
		break;
	case PROGRAM_OF_CGROUP:
		str_puts(s, "program");
		break;
	case PROGRAM_OF_TC:
		put_filter(s, d, r);
		put_device(s, d, r);
		return;
	}
	put_program(s, d, r->id);
	if (r->kind != PROGRAM_OF_CGROUP) {
		put_device(s, d, r);
		return;
	}
	str_puts(s, " of the control group ");
	text_show(s, name_of(&d->groups, r->cgroup), TEXT_ASCII);
}

static int say(struct program_decoder *d, struct program_row *r)
{
	struct text device = name_of(&d->links, r->ifindex);
	struct str s = {0};

	put_words(&s, d, r);
	r->words = s.failed ? NULL : arena_copy(&d->texts, str_text(&s), s.len);
	r->device = arena_copy(&d->texts, device.len ? device.bytes : "", device.len);
	str_release(&s);
	return r->words && r->device ? 0 : -ENOMEM;
}

/* ---- the table ---- */

static int compare_place(const struct program_row *x, const struct program_row *y)
{
	if (x->ifindex != y->ifindex)
		return x->ifindex > y->ifindex ? 1 : -1;
	if (x->cgroup != y->cgroup)
		return x->cgroup > y->cgroup ? 1 : -1;
	return (x->place > y->place) - (x->place < y->place);
}

/* TCX and netkit are asked before the filters of clsact; those by preference. */
static int compare_rows(const void *a, const void *b)
{
	const struct program_row *x = a, *y = b;
	int order = compare_place(x, y);

	if (order)
		return order;
	if ((x->kind == PROGRAM_OF_TC) != (y->kind == PROGRAM_OF_TC))
		return x->kind == PROGRAM_OF_TC ? 1 : -1;
	if (x->chain != y->chain)
		return x->chain > y->chain ? 1 : -1;
	if (x->priority != y->priority)
		return x->priority > y->priority ? 1 : -1;
	return (x->order > y->order) - (x->order < y->order);
}

static int compare_qdiscs(const void *a, const void *b)
{
	const struct qdisc_row *x = a, *y = b;

	if (x->ifindex != y->ifindex)
		return x->ifindex > y->ifindex ? 1 : -1;
	if (x->parent != y->parent)
		return x->parent > y->parent ? 1 : -1;
	return (x->handle > y->handle) - (x->handle < y->handle);
}

static void sort_named(struct vec *v)
{
	if (v->n)
		qsort(v->data, v->n, v->size, compare_named);
}

static int fill(struct program_table *t, struct program_decoder *d)
{
	sort_named(&d->links);
	sort_named(&d->groups);
	sort_named(&d->programs);
	sort_named(&d->kinds);
	for (size_t i = 0; i < d->rows.n; i++)
		if (say(d, vec_at(&d->rows, i)))
			return -ENOMEM;
	t->rows = rows_freeze(&d->texts, &d->rows, compare_rows, &t->n);
	t->qdiscs = rows_freeze_once(&d->texts, &d->qdiscs, compare_qdiscs, &t->n_qdiscs);
	if (!t->rows || !t->qdiscs)
		return -ENOMEM;
	t->filters_error = d->filters_error;
	t->hooks_error = d->hooks_error;
	t->groups_error = d->groups_error;
	t->head.arena = d->texts; /* the texts live on where they are */
	arena_init(&d->texts);
	return 0;
}

struct program_table *programs_finish(struct program_decoder *d)
{
	struct program_table *t = table_new(sizeof(*t), NULL);

	if (t && fill(t, d)) {
		table_unref(t);
		t = NULL;
	}
	programs_reset(d);
	return t;
}

/* ---- reading it ---- */

static const struct program_row *find(const struct program_table *t,
				      const struct program_row *key, size_t *n)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_place(&t->rows[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*n = 0;
	while (low + *n < t->n && !compare_place(&t->rows[low + *n], key))
		(*n)++;
	return *n ? &t->rows[low] : NULL;
}

const struct program_row *programs_on(const struct program_table *t, uint32_t ifindex,
				      enum program_place place, size_t *n)
{
	struct program_row key = {.ifindex = ifindex, .place = place};

	return find(t, &key, n);
}

const struct program_row *programs_of_group(const struct program_table *t, uint64_t cgroup,
					    enum program_place place, size_t *n)
{
	struct program_row key = {.cgroup = cgroup, .place = place};

	return find(t, &key, n);
}

static const struct qdisc_row *qdisc_of(const struct program_table *t,
					const struct program_row *r)
{
	for (size_t i = 0; i < t->n_qdiscs; i++) {
		const struct qdisc_row *q = &t->qdiscs[i];

		if (q->ifindex == r->ifindex && q->has_drops &&
		    (r->place == PROGRAM_AT_QUEUE ? q->handle == r->parent
						  : q->parent == TC_H_INGRESS))
			return q;
	}
	return NULL;
}

static const struct program_row *same_row(const struct program_table *t,
					  const struct program_row *r)
{
	size_t n;
	const struct program_row *rows = programs_on(t, r->ifindex, r->place, &n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].kind == r->kind && rows[i].chain == r->chain &&
		    rows[i].priority == r->priority && rows[i].handle == r->handle &&
		    rows[i].id == r->id && rows[i].has_drops)
			return &rows[i];
	return NULL;
}

static int64_t difference(uint64_t before, uint64_t after)
{
	return after >= before ? (int64_t)(after - before) : -1;
}

int64_t programs_dropped(const struct program_table *before,
			 const struct program_table *after, const struct program_row *row,
			 bool *is_shared)
{
	const struct program_row *later;
	const struct qdisc_row *q, *q_later;

	*is_shared = false;
	if (!before || !after || row->kind != PROGRAM_OF_TC)
		return -1;
	later = row->has_drops ? same_row(after, row) : NULL;
	if (later)
		return difference(row->drops, later->drops);
	*is_shared = true;
	q = qdisc_of(before, row);
	q_later = qdisc_of(after, row);
	return q && q_later ? difference(q->drops, q_later->drops) : -1;
}

/* The console's state and its rules. Does not draw and knows no keys. */
#include "tui/model.h"

#include <errno.h>
#include <stdlib.h>

#include "tui/state/counts.h"

void model_init(struct model *m)
{
	*m = (struct model){0};
	wire_init(&m->wire);
	vec_init(&m->rows, sizeof(uint32_t));
	groups_init(&m->groups);
	vec_init(&m->others, sizeof(uint32_t));
	vec_init(&m->translated, sizeof(uint32_t));
	vec_init(&m->unfolded, sizeof(uint64_t));
	queue_past_init(&m->queues);
}

void model_release(struct model *m)
{
	table_unref(m->snapshot);
	table_unref(m->newest);
	counts_release(m);
	guide_release(&m->guide);
	tape_release(&m->tape);
	wire_release(&m->wire);
	events_shown_release(&m->events);
	logs_release(&m->logs);
	details_release(&m->details);
	queue_past_release(&m->queues);
	path_shown_release(&m->path);
	palette_release(&m->palette);
	vec_release(&m->rows);
	groups_release(&m->groups);
	vec_release(&m->unfolded);
	filter_free(m->filter);
	str_release(&m->filter_line);
	str_release(&m->search);
	field_release(&m->field);
	complete_release(&m->complete);
	str_release(&m->field_error);
	str_release(&m->field_before);
	str_release(&m->message);
	str_release(&m->copy);
}

const struct view *model_view(const struct model *m)
{
	return m->n_shown ? m->shown[m->n_shown - 1] : NULL;
}

bool model_shows(const struct model *m, const struct view *v)
{
	for (size_t i = 0; i < m->n_shown; i++)
		if (m->shown[i] == v)
			return true;
	return false;
}

struct snapshot *model_newest(const struct model *m)
{
	return m->newest ? m->newest : m->snapshot;
}

const struct endpoint *model_endpoint(const struct model *m, size_t row)
{
	const uint32_t *index = vec_at(&m->rows, row);

	return *index & ROW_IS_GROUP ? NULL : &m->snapshot->endpoints[*index];
}

const struct group *model_group(const struct model *m, size_t row)
{
	const uint32_t *index = row < m->rows.n ? vec_at(&m->rows, row) : NULL;

	if (!index || !(*index & ROW_IS_GROUP))
		return NULL;
	return vec_at(&m->groups.all, *index & ~ROW_IS_GROUP);
}

static uint64_t row_id(const struct model *m, size_t row)
{
	const struct group *group = model_group(m, row);

	return group ? group->id : model_endpoint(m, row)->id;
}

const struct endpoint *model_selected(const struct model *m)
{
	return m->selected.row < m->rows.n ? model_endpoint(m, m->selected.row) : NULL;
}

void model_select(struct model *m, struct place p)
{
	if (p.row >= m->rows.n + counts_n_lines(m))
		return;
	m->selected = p;
	m->selected_id =
		p.row < m->rows.n ? row_id(m, p.row) : counts_id(m, p.row - m->rows.n);
}

/* Ties and "no order" fall back to the snapshot's own order, which is stable. */
static int compare_rows(const void *a, const void *b, void *arg)
{
	const struct model *m = arg;
	uint32_t i = *(const uint32_t *)a;
	uint32_t k = *(const uint32_t *)b;
	int order = groups_compare(m->groups.by, &m->snapshot->endpoints[i],
				   &m->snapshot->endpoints[k]);

	if (order)
		return order;
	if (m->sort && m->sort->compare_with)
		order = m->sort->compare_with(m, &m->snapshot->endpoints[i],
					      &m->snapshot->endpoints[k]);
	else if (m->sort && m->sort->compare)
		order = m->sort->compare(&m->snapshot->endpoints[i],
					 &m->snapshot->endpoints[k]);
	if (m->sort && m->sort->is_descending != m->is_reversed)
		order = -order;
	return order ? order : (i > k) - (i < k);
}

/* A userland proxy is told by the row of its port in the second block, unless opened. */
static bool is_taken(const struct model *m, const struct endpoint *e)
{
	if (m->filter)
		return filter_takes(m->filter, e);
	return !e->space->is_own || published_of_proxy(m->published, e) < 0 ||
	       model_is_open(m, e);
}

static int choose_rows(struct model *m, struct vec *rows)
{
	const struct snapshot *s = m->snapshot;

	m->n_full = m->n_found = 0;
	for (size_t i = 0; i < s->n_endpoints; i++) {
		const struct endpoint *e = &s->endpoints[i];
		uint32_t *row;

		m->n_full += endpoint_is_full(e);
		if (!is_taken(m, e))
			continue;
		row = vec_push(rows);
		if (!row)
			return -ENOMEM;
		*row = (uint32_t)i;
		if (m->search.len && endpoint_has_text(e, text_of(str_text(&m->search))))
			m->n_found++;
	}
	return 0;
}

/* The row of the selected endpoint; the row it had, or the last, if it is gone. */
static struct place find_selected(const struct model *m)
{
	struct place p = {.row = m->selected.row};
	size_t n = m->rows.n + counts_n_lines(m);

	if (!m->has_moved || !n)
		return (struct place){0};
	for (size_t i = 0; i < m->rows.n; i++)
		if (row_id(m, i) == m->selected_id)
			return (struct place){.row = i, .line = m->selected.line};
	for (size_t i = m->rows.n; i < n; i++)
		if (counts_id(m, i - m->rows.n) == m->selected_id)
			return (struct place){.row = i};
	if (p.row >= n)
		p.row = n - 1;
	return p;
}

static void keep_place(struct model *m)
{
	size_t distance = m->selected.row > m->top.row ? m->selected.row - m->top.row : 0;

	m->selected = find_selected(m);
	model_select(m, m->selected);
	if (m->selected.row >= m->rows.n)
		return;
	m->top.row = m->selected.row > distance ? m->selected.row - distance : 0;
	if (!m->has_moved)
		m->top = (struct place){0};
}

int model_arrange(struct model *m)
{
	struct vec rows = VEC_OF(uint32_t);

	if (!m->snapshot)
		return 0;
	if (choose_rows(m, &rows)) {
		vec_release(&rows);
		return -ENOMEM;
	}
	if (rows.n)
		qsort_r(rows.data, rows.n, sizeof(uint32_t), compare_rows, m);
	m->n_taken = rows.n;
	if (m->groups.by != GROUP_BY_NONE &&
	    groups_make(&m->groups, m->snapshot, &rows, text_of(str_text(&m->search)))) {
		vec_release(&rows);
		return -ENOMEM;
	}
	vec_release(&m->rows);
	m->rows = rows;
	counts_arrange(m);
	keep_place(m);
	return 0;
}

static int show(struct model *m, struct snapshot *s)
{
	struct snapshot *before = m->snapshot;
	int r;

	m->snapshot = s;
	counts_join(m);
	r = model_arrange(m);
	if (r) {
		m->snapshot = before;
		counts_join(m);
		table_unref(s);
		return r;
	}
	table_unref(before);
	return 0;
}

int model_snapshot_take(struct model *m, struct snapshot *s)
{
	/* Without memory a moment of the past is missing, and shown so. */
	queue_past_take(&m->queues, s);
	if (!m->is_frozen || !m->snapshot)
		return show(m, s);
	table_unref(m->newest);
	m->newest = s;
	return 0;
}

int model_freeze(struct model *m, bool is_frozen)
{
	struct snapshot *newest = m->newest;

	m->is_frozen = is_frozen;
	if (wire_freeze(&m->wire, is_frozen))
		return -ENOMEM;
	if (is_frozen || !newest)
		return 0;
	m->newest = NULL;
	return show(m, newest);
}

static uint64_t *open_id(const struct model *m, uint64_t id)
{
	for (size_t i = 0; i < m->unfolded.n; i++) {
		uint64_t *other = vec_at(&m->unfolded, i);

		if (*other == id)
			return other;
	}
	return NULL;
}

bool model_is_open(const struct model *m, const struct endpoint *e)
{
	return open_id(m, e->id) != NULL;
}

void model_open(struct model *m, const struct endpoint *e, bool is_open)
{
	uint64_t *id = open_id(m, e->id);

	if (is_open && !id) {
		id = vec_push(&m->unfolded);
		if (id)
			*id = e->id;
	} else if (!is_open && id) {
		*id = *(uint64_t *)vec_at(&m->unfolded, m->unfolded.n - 1);
		vec_truncate(&m->unfolded, m->unfolded.n - 1);
	}
}

enum text_mode model_text_mode(const struct model *m)
{
	return m->is_ascii ? TEXT_ASCII : TEXT_UTF8;
}

void model_say(struct model *m, enum role role, const char *format, ...)
{
	struct str raw = {0};
	va_list args;

	va_start(args, format);
	str_vprintf(&raw, format, args);
	va_end(args);
	str_reset(&m->message);
	text_show(&m->message, text_of_str(&raw), model_text_mode(m));
	if (role == ROLE_WARN || role == ROLE_BAD)
		events_shown_message(m, str_text(&raw));
	str_release(&raw);
	m->deed.has_spoken = true;
	m->message_role = role;
	m->message_until_ns = m->now_ns + MESSAGE_NS;
}

static int64_t second_of(int64_t ns)
{
	return ns / INT64_C(1000000000);
}

bool model_tick(struct model *m, int64_t now_ns, int64_t wall_ns)
{
	bool is_new_second = second_of(wall_ns) != second_of(m->wall_ns);
	bool is_expired = m->message.len && now_ns >= m->message_until_ns;

	m->now_ns = now_ns;
	m->wall_ns = wall_ns;
	if (is_expired)
		str_reset(&m->message);
	return is_new_second || is_expired;
}

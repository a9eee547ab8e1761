/* The join of traffic and snapshot as the model keeps it. */
#include "tui/counts.h"

#include "core/services/names.h"

#define SCAN_ID UINT64_C(0x5ca9000000000000)

void counts_release(struct model *m)
{
	table_unref(m->counts);
	m->counts = NULL;
	vec_release(&m->others);
}

void counts_join(struct model *m)
{
	table_unref(m->counts);
	m->counts =
		m->traffic && m->snapshot ? traffic_look(m->traffic, m->snapshot) : NULL;
}

/* An unserved port as the filter's tests see a row: a number, a name, nobody behind it. */
static bool is_taken(const struct model *m, const struct traffic_other *o)
{
	const struct port_name_table *names = m->snapshot->port_names;
	struct endpoint e = {.space = m->snapshot->spaces,
			     .proto = PROTO_TCP,
			     .port = o->port,
			     .address = o->server,
			     .scope = SCOPE_ADDRESS,
			     .owners_state = OWNERS_COMPLETE,
			     .uid = UINT32_MAX};

	if (names)
		e.service = port_names_find(names, o->port, false);
	return filter_takes(m->filter, &e);
}

void counts_arrange(struct model *m)
{
	vec_reset(&m->others);
	for (size_t i = 0; m->counts && i < m->counts->n_others; i++) {
		uint32_t *index;

		if (m->filter && !is_taken(m, &m->counts->others[i]))
			continue;
		index = vec_push(&m->others);
		if (!index)
			return;
		*index = (uint32_t)i;
	}
}

bool counts_news(struct model *m)
{
	if (m->is_frozen || !m->snapshot)
		return false;
	counts_join(m);
	model_arrange(m);
	return true;
}

bool counts_are_shown(const struct model *m)
{
	return m->traffic != NULL;
}

const struct traffic_row *counts_of(const struct model *m, const struct endpoint *e)
{
	size_t i = (size_t)(e - m->snapshot->endpoints);

	return m->counts && i < m->counts->n_rows ? &m->counts->rows[i] : NULL;
}

static bool has_scan(const struct model *m)
{
	return m->counts && !m->filter && m->counts->scan.n_ports;
}

size_t counts_n_lines(const struct model *m)
{
	return m->others.n + has_scan(m);
}

const struct traffic_other *counts_other(const struct model *m, size_t i)
{
	const uint32_t *index;

	if (i >= m->others.n)
		return NULL;
	index = vec_at(&m->others, i);
	return &m->counts->others[*index];
}

uint64_t counts_id(const struct model *m, size_t i)
{
	const struct traffic_other *o = counts_other(m, i);

	return o ? o->id : SCAN_ID;
}

size_t counts_selected(const struct model *m)
{
	size_t n = counts_n_lines(m), row = m->selected.row;

	return row >= m->rows.n && row - m->rows.n < n ? row - m->rows.n : n;
}

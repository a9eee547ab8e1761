/* The join of traffic and snapshot as the model keeps it. */
#include "tui/state/counts.h"

#include <netinet/in.h>

#include "core/services/names.h"

#define SCAN_ID UINT64_C(0x5ca9000000000000)

void counts_release(struct model *m)
{
	table_unref(m->counts);
	m->counts = NULL;
	vec_release(&m->others);
	vec_release(&m->translated);
}

void counts_join(struct model *m)
{
	table_unref(m->counts);
	m->counts =
		m->traffic && m->snapshot ? traffic_look(m->traffic, m->snapshot) : NULL;
}

/* A port without a listener as the filter's tests see a row: a number, a name, nobody
 * behind it. */
static bool is_taken(const struct model *m, uint8_t proto, uint16_t port,
		     const struct addr *address)
{
	const struct port_name_table *names = m->snapshot->port_names;
	bool is_udp = proto == IPPROTO_UDP;
	struct endpoint e = {.space = m->snapshot->spaces,
			     .proto = is_udp ? PROTO_UDP : PROTO_TCP,
			     .port = port,
			     .address = *address,
			     .scope = SCOPE_ADDRESS,
			     .owners_state = OWNERS_COMPLETE,
			     .uid = UINT32_MAX};

	if (names)
		e.service = port_names_find(names, port, is_udp);
	return !m->filter || filter_takes(m->filter, &e);
}

static bool push(struct vec *lines, size_t i)
{
	uint32_t *index = vec_push(lines);

	if (index)
		*index = (uint32_t)i;
	return index != NULL;
}

/* By its own port, or by who serves behind it. */
static bool is_published_taken(const struct model *m, const struct published_row *row)
{
	return is_taken(m, row->proto, row->port, &row->to) ||
	       (row->endpoint && filter_takes(m->filter, row->endpoint));
}

static const struct published_row *published_at(const struct model *m, uint16_t port)
{
	for (size_t i = 0; i < published_n(m->published); i++) {
		const struct published_row *row = published_row(m->published, i);

		if (row->port == port && row->proto == IPPROTO_TCP)
			return row;
	}
	return NULL;
}

static void arrange_translated(struct model *m)
{
	vec_reset(&m->translated);
	for (size_t i = 0; m->snapshot && i < published_n(m->published); i++)
		if (is_published_taken(m, published_row(m->published, i)) &&
		    !push(&m->translated, i))
			return;
}

void counts_arrange(struct model *m)
{
	arrange_translated(m);
	vec_reset(&m->others);
	for (size_t i = 0; m->counts && i < m->counts->n_others; i++) {
		const struct traffic_other *o = &m->counts->others[i];

		if (is_taken(m, IPPROTO_TCP, o->port, &o->server) &&
		    !published_at(m, o->port) && !push(&m->others, i))
			return;
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
	const struct endpoint *first = m->snapshot->endpoints;
	bool is_of_it = e >= first && e < first + m->snapshot->n_endpoints;

	if (!m->counts || !is_of_it || (size_t)(e - first) >= m->counts->n_rows)
		return NULL;
	return &m->counts->rows[e - first];
}

static bool has_scan(const struct model *m)
{
	return m->counts && !m->filter && m->counts->scan.n_ports;
}

size_t counts_n_lines(const struct model *m)
{
	return m->translated.n + m->others.n + has_scan(m);
}

static size_t published_index(const struct model *m, size_t i)
{
	return *(const uint32_t *)vec_at(&m->translated, i);
}

static bool is_published(const struct model *m, size_t i)
{
	return i < m->translated.n && published_index(m, i) < published_n(m->published);
}

const struct published_row *counts_published(const struct model *m, size_t i)
{
	return is_published(m, i) ? published_row(m->published, published_index(m, i))
				  : NULL;
}

const struct published_word *counts_published_word(const struct model *m, size_t i)
{
	return is_published(m, i) ? published_word(m->published, published_index(m, i))
				  : NULL;
}

const struct endpoint *counts_proxy(const struct model *m, size_t i)
{
	for (size_t k = 0; i < m->translated.n && k < m->snapshot->n_endpoints; k++) {
		const struct endpoint *e = &m->snapshot->endpoints[k];

		if (e->space->is_own &&
		    published_of_proxy(m->published, e) == (long)published_index(m, i))
			return e;
	}
	return NULL;
}

/* What is captured does not tell targets apart: two rows of one port have one picture. */
const struct traffic_row *counts_of_published(const struct model *m, size_t i)
{
	const struct published_row *row = counts_published(m, i);
	const struct endpoint *proxy = counts_proxy(m, i);

	if (proxy)
		return counts_of(m, proxy);
	for (size_t k = 0; row && m->counts && k < m->counts->n_others; k++)
		if (row->proto == IPPROTO_TCP && m->counts->others[k].port == row->port)
			return &m->counts->others[k].counts;
	return NULL;
}

const struct traffic_other *counts_other(const struct model *m, size_t i)
{
	size_t first = m->translated.n;
	const uint32_t *index;

	if (i < first || i - first >= m->others.n)
		return NULL;
	index = vec_at(&m->others, i - first);
	return &m->counts->others[*index];
}

uint64_t counts_id(const struct model *m, size_t i)
{
	const struct published_row *row = counts_published(m, i);
	const struct traffic_other *o = counts_other(m, i);

	if (row)
		return row->id;
	return o ? o->id : SCAN_ID;
}

size_t counts_selected(const struct model *m)
{
	size_t n = counts_n_lines(m), row = m->selected.row;

	return row >= m->rows.n && row - m->rows.n < n ? row - m->rows.n : n;
}

/*
 * Addresses that rules may ask the type of (this host's own, broadcast, multicast), and
 * which of them are no sources from outside. Spans in order.
 */
#include "core/path/exposure_impl.h"

#include <errno.h>
#include <stdlib.h>

int exposure_add_span(struct vec *v, const struct exposure_span *s)
{
	struct exposure_span *new = vec_push(v);

	if (!new)
		return -ENOMEM;
	*new = *s;
	return 0;
}

/* ---- addresses that are special ---- */

enum { V4_BITS = 32 };

static struct exposure_span span_of(const struct addr *a, unsigned prefix_len)
{
	struct exposure_span s = {*a, *a};
	size_t n = a->family == AF_INET6 ? 16 : 4;

	addr_bits_span(a->bytes, n, prefix_len, s.low.bytes, s.high.bytes);
	return s;
}

int exposure_compare_spans(const void *a, const void *b)
{
	const struct exposure_span *x = a, *y = b;
	int order = addr_compare(&x->low, &y->low);

	return order ? order : addr_compare(&y->high, &x->high);
}

void exposure_join_spans(struct vec *v)
{
	struct exposure_span *rows = v->data;
	size_t n = 0;

	if (v->n)
		qsort(rows, v->n, sizeof(*rows), exposure_compare_spans);
	for (size_t i = 0; i < v->n; i++) {
		struct exposure_span *last = n ? &rows[n - 1] : NULL;
		struct addr behind = last ? last->high : rows[i].high;
		bool is_there = last && fw_addr_next(&behind) &&
				behind.family == rows[i].low.family &&
				addr_compare(&rows[i].low, &behind) <= 0;

		if (!is_there && last && last->high.family == rows[i].low.family &&
		    addr_compare(&rows[i].low, &last->high) <= 0)
			is_there = true;
		if (!is_there)
			rows[n++] = rows[i];
		else if (addr_compare(&rows[i].high, &last->high) > 0)
			last->high = rows[i].high;
	}
	vec_truncate(v, n);
}

static int note(struct exposure_scan *s, const struct addr *a, unsigned prefix_len,
		bool is_no_source)
{
	struct exposure_span span = span_of(a, prefix_len);
	int error = exposure_add_span(&s->special, &span);

	return error || !is_no_source ? error : exposure_add_span(&s->out->excluded, &span);
}

static int note_fixed(struct exposure_scan *s)
{
	static const struct {
		const char *text;
		unsigned prefix_len;
		bool is_no_source;
	} rows[] = {
		{"0.0.0.0", 8, true},
		{"127.0.0.0", 8, true},
		{"224.0.0.0", 4, true},
		{"240.0.0.0", 4, false},
		{"255.255.255.255", 32, true},
		{"169.254.0.0", 16, false},
		{"::", 128, true},
		{"::1", 128, true},
		{"::ffff:0:0", 96, true},
		{"fe80::", 10, false},
		{"ff00::", 8, true},
	};
	int error = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows) && !error; i++) {
		struct addr a;

		if (!addr_parse(&a, rows[i].text))
			error = note(s, &a, rows[i].prefix_len, rows[i].is_no_source);
	}
	return error;
}

static int note_address(struct exposure_scan *s, const struct address_row *row)
{
	struct exposure_span net = span_of(&row->local, row->prefix_len);
	unsigned whole = row->local.family == AF_INET6 ? 128 : V4_BITS;
	int error = note(s, &row->local, whole, true);

	if (error || row->local.family != AF_INET || row->prefix_len >= V4_BITS - 1)
		return error;
	return note(s, &net.high, whole, true);
}

/* Of another namespace they are sources as any, but rules there tell them apart. */
static int note_inside(struct exposure_scan *s, const struct path_world *w)
{
	const struct address_table *t = w->space->addresses;
	int error = 0;

	for (size_t i = 0; t && i < t->n && !error; i++) {
		const struct address_row *row = &t->rows[i];
		struct exposure_span net = span_of(&row->local, row->prefix_len);

		error = exposure_add_span(&s->special,
					  &(struct exposure_span){row->local, row->local});
		if (!error)
			error = exposure_add_span(
				&s->special, &(struct exposure_span){net.high, net.high});
	}
	return error;
}

/* Filters of tc take packets by address. */
static int note_filters(struct exposure_scan *s, const struct program_table *t)
{
	int error = 0;

	for (size_t i = 0; t && i < t->n && !error; i++) {
		const struct program_match *m = &t->rows[i].match;

		if (m->source.family)
			error = note(s, &m->source, m->source_len, false);
		if (m->target.family && !error)
			error = note(s, &m->target, m->target_len, false);
	}
	return error;
}

static int note_others(struct exposure_scan *s)
{
	int error = note_filters(s, s->world->programs);

	for (size_t i = 0; i < s->wish->n_inside && !error; i++) {
		error = note_inside(s, &s->wish->inside[i]);
		if (!error)
			error = note_filters(s, s->wish->inside[i].programs);
	}
	return error;
}

int exposure_note_special(struct exposure_scan *s)
{
	const struct address_table *addresses = s->world->space->addresses;
	const struct local_route_table *locals = s->world->space->local_routes;
	int error = note_fixed(s);

	for (size_t i = 0; addresses && i < addresses->n && !error; i++)
		error = note_address(s, &addresses->rows[i]);
	for (size_t i = 0; locals && i < locals->n && !error; i++)
		error = note(s, &locals->rows[i].prefix, locals->rows[i].prefix_len, true);
	exposure_join_spans(&s->out->excluded);
	return error ? error : note_others(s);
}

/* ---- ports ---- */

static void bound_port(struct fw_cell *cell, bool has, const uint16_t range[2])
{
	if (!has || range[0] > range[1])
		return;
	if (cell->port < range[0] && range[0] - 1 < cell->port_high)
		cell->port_high = (uint16_t)(range[0] - 1);
	if (cell->port >= range[0] && range[0] > cell->port_low)
		cell->port_low = range[0];
	if (cell->port <= range[1] && range[1] < cell->port_high)
		cell->port_high = range[1];
	if (cell->port > range[1] && range[1] + 1 > cell->port_low)
		cell->port_low = (uint16_t)(range[1] + 1);
}

void exposure_bound_ports(const struct path_world *w, struct fw_cell *cell)
{
	const struct program_table *t = w->programs;

	for (size_t i = 0; t && i < t->n; i++) {
		const struct program_match *m = &t->rows[i].match;

		bound_port(cell, m->has_source_port, m->source_port);
		bound_port(cell, m->has_target_port, m->target_port);
	}
}

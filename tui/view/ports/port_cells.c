/* What stands in the cells of the screen Ports, as text with its role. Chooses no columns.
 */
#include "tui/view/ports/port_cells.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/time.h"
#include "tui/model.h"
#include "tui/view/ports/port_reach.h"
#include "tui/view/ports/port_traffic.h"

enum {
	FULL_WITH_LIMIT = 12, /* "✖ full (511)" */
	ABSENT_WITH_PART = 18,
	OWNER_WITH_PID = 16, /* where there is less room the name comes first */
	WAS_FULL = 10,       /* "~ was full"; where there is less room the ~ says it */
};

static const struct endpoint *endpoint_of(const struct cell_print *p)
{
	return p->row;
}

static const struct model *model_of(const struct cell_print *p)
{
	return p->context;
}

void port_cell_state(struct cell_print *p, enum role role, enum symbol s, const char *word)
{
	str_printf(p->out, "%s%s%s", symbol_text(s, model_of(p)->is_ascii),
		   word[0] ? " " : "", word);
	p->role = role;
}

void port_cell_none(struct cell_print *p)
{
	port_cell_state(p, ROLE_DIM, SYMBOL_NONE, "");
}

void port_cell_outside(struct cell_print *p, struct text t)
{
	text_show(p->out, t, model_text_mode(model_of(p)));
}

void port_print_port(struct cell_print *p)
{
	endpoint_port_text(p->out, endpoint_of(p));
}

void port_print_service(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);

	if (!text_is_empty(e->service))
		port_cell_outside(p, e->service);
	else if (e->is_ephemeral)
		port_cell_state(p, ROLE_DIM, SYMBOL_NONE, "ephemeral");
	else
		port_cell_none(p);
}

/* "~ absent 10.9.9.9", or without the address where it has no room. */
static void print_absent(struct cell_print *p)
{
	char text[ADDR_TEXT_MAX];
	size_t len;

	port_cell_state(p, ROLE_WARN, SYMBOL_SOME, scope_word(SCOPE_ABSENT));
	len = p->out->len;
	str_printf(p->out, " %s", addr_format(&endpoint_of(p)->address, text));
	if (text_width(text_of_str(p->out)) > (size_t)p->width &&
	    p->width < ABSENT_WITH_PART)
		str_truncate(p->out, len);
}

/* Where there is no room for both, the address matters more than the device it is on. */
void port_print_listens_on(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);
	char text[ADDR_TEXT_MAX];

	if (e->scope == SCOPE_ABSENT) {
		print_absent(p);
		return;
	}
	endpoint_listens_on(p->out, e);
	if ((e->scope != SCOPE_ADDRESS && e->scope != SCOPE_LOOPBACK) ||
	    text_width(text_of_str(p->out)) <= (size_t)p->width)
		return;
	str_reset(p->out);
	str_puts(p->out,
		 e->scope == SCOPE_LOOPBACK ? "this host" : addr_format(&e->address, text));
}

/* Nobody can be named: why. */
static void print_no_owner(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);
	const struct host_facts *host = model_of(p)->snapshot->host;

	switch (e->owners_state) {
	case OWNERS_PENDING:
		port_cell_state(p, ROLE_DIM, SYMBOL_WAITING, "looking");
		return;
	case OWNERS_COMPLETE:
	case OWNERS_NONE_FOUND:
		port_cell_state(p, ROLE_DIM, SYMBOL_NONE, "no process");
		return;
	case OWNERS_AT_LEAST:
	case OWNERS_UNKNOWN:
		break;
	}
	if (!e->owners_missing || !e->owners_missing->wants_right)
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "not known");
	else if (host && host->uid == 0)
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_NO_RIGHT, "no right");
	else
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_NO_RIGHT, "needs root");
}

/* A name cut to `room` columns with an ellipsis, so that what follows it stays in sight. */
static void put_cut(struct cell_print *p, struct text shown, size_t room)
{
	const char *dots = symbol_text(SYMBOL_ELLIPSIS, model_of(p)->is_ascii);
	size_t dots_width = text_width(text_of(dots));
	struct text kept = {shown.bytes, 0};
	size_t at = 0;

	if (text_width(shown) <= room) {
		str_append(p->out, shown.bytes, shown.len);
		return;
	}
	while (at < shown.len) {
		text_next_char(shown, &at);
		if (text_width((struct text){shown.bytes, at}) + dots_width > room)
			break;
		kept.len = at;
	}
	str_append(p->out, kept.bytes, kept.len);
	str_puts(p->out, dots);
}

/* "nginx 1033 +4" */
static bool fits_with_pid(const struct str *name, const struct cell_print *p, size_t room)
{
	const char *dots = symbol_text(SYMBOL_ELLIPSIS, model_of(p)->is_ascii);
	const struct endpoint *e = endpoint_of(p);
	char tail[48];
	int len = snprintf(tail, sizeof(tail), " %" PRId32, e->owners[0]->pid);

	if (e->n_owners > 1)
		len += snprintf(tail, sizeof(tail), " +%zu", e->n_owners - 1);
	if (e->owners_state == OWNERS_AT_LEAST)
		len += (int)text_width(text_of(dots));
	return text_width(text_of_str(name)) + (size_t)len <= room;
}

void port_print_owner(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);
	const struct model *m = model_of(p);
	const char *dots = symbol_text(SYMBOL_ELLIPSIS, m->is_ascii);
	struct str name = {0}, tail = {0};
	size_t room = p->width > 0 ? (size_t)p->width : 0;

	if (!e->n_owners) {
		print_no_owner(p);
		return;
	}
	text_show(&name, e->owners[0]->comm, model_text_mode(m));
	if (room >= OWNER_WITH_PID || fits_with_pid(&name, p, room))
		str_printf(&tail, " %" PRId32, e->owners[0]->pid);
	if (e->n_owners > 1)
		str_printf(&tail, " +%zu", e->n_owners - 1);
	if (e->owners_state == OWNERS_AT_LEAST)
		str_puts(&tail, dots);
	/* A name that is cut says "perhaps more" with the same dots. */
	if (text_equals_str(text_of_str(&tail), dots) &&
	    text_width(text_of_str(&name)) + text_width(text_of(dots)) > room)
		str_reset(&tail);
	room -= text_width(text_of(str_text(&tail))) < room
			? text_width(text_of(str_text(&tail)))
			: room;
	put_cut(p, text_of_str(&name), room);
	str_append(p->out, str_text(&tail), tail.len);
	str_release(&name);
	str_release(&tail);
}

static void put_bytes(struct str *out, uint32_t n)
{
	if (n < 10000)
		str_printf(out, "%" PRIu32 " B", n);
	else if (n < 10000 * UINT32_C(1024))
		str_printf(out, "%" PRIu32 " KiB", n / 1024);
	else
		str_printf(out, "%" PRIu32 " MiB", n / (1024 * 1024));
}

void port_print_rate(struct cell_print *p)
{
	p->role = port_put_rate(model_of(p), counts_of(model_of(p), endpoint_of(p)),
				p->width, p->out);
}

void port_print_answer(struct cell_print *p)
{
	p->role = port_put_answer(model_of(p), counts_of(model_of(p), endpoint_of(p)),
				  p->width, p->out);
}

static void print_datagram_queue(struct cell_print *p)
{
	const struct queue *q = &endpoint_of(p)->queue;

	if (q->length)
		put_bytes(p->out, q->length);
	else
		port_cell_none(p);
}

/* " max 40": the longest that was seen, where it has room. */
static void put_high_water(struct cell_print *p, const struct queue *q)
{
	size_t len = p->out->len;

	if (q->high_water == QUEUE_UNKNOWN || q->high_water <= q->length)
		return;
	str_printf(p->out, " max %" PRIu32, q->high_water);
	if (text_width(text_of_str(p->out)) > (size_t)p->width)
		str_truncate(p->out, len);
}

void port_print_queue(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);
	struct str word = {0};

	if (e->queue.length == QUEUE_UNKNOWN) {
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN,
				p->width >= WAS_FULL ? "not told" : "");
	} else if (!endpoint_is_stream(e)) {
		print_datagram_queue(p);
	} else if (endpoint_is_full(e)) {
		str_puts(&word, "full");
		if (p->width >= FULL_WITH_LIMIT)
			str_printf(&word, " (%" PRIu32 ")", e->queue.limit);
		port_cell_state(p, ROLE_BAD, SYMBOL_BAD, str_text(&word));
	} else if (endpoint_was_full(e)) {
		port_cell_state(p, ROLE_WARN, SYMBOL_SOME,
				p->width >= WAS_FULL ? "was full" : "full");
	} else {
		str_printf(p->out, "%" PRIu32 "/", e->queue.length);
		if (e->queue.limit == QUEUE_UNKNOWN)
			str_putc(p->out, '?');
		else
			str_printf(p->out, "%" PRIu32, e->queue.limit);
		put_high_water(p, &e->queue);
	}
	str_release(&word);
}

void port_print_connections(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);

	if (!endpoint_is_stream(e))
		port_cell_none(p);
	else if (e->has_connections)
		str_printf(p->out, "%" PRIu32, e->connections[1]);
	else if (model_of(p)->snapshot->is_settled)
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	else
		port_cell_state(p, ROLE_DIM, SYMBOL_WAITING, "");
}

void port_print_netns(struct cell_print *p)
{
	const struct space *space = endpoint_of(p)->space;

	if (space->is_own)
		str_puts(p->out, "(own)");
	else
		port_cell_outside(p, space->name);
}

void port_print_user(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);

	if (text_is_empty(e->user))
		str_printf(p->out, "%" PRIu32, e->uid);
	else
		port_cell_outside(p, e->user);
}

void port_print_unit(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);

	if (!text_is_empty(e->unit))
		port_cell_outside(p, e->unit);
	else if (!text_is_empty(e->container))
		port_cell_outside(p, e->container);
	else if (!e->n_owners && e->owners_state == OWNERS_UNKNOWN)
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	else
		port_cell_none(p);
}

void port_print_up(struct cell_print *p)
{
	int64_t up = endpoint_up_ns(model_of(p)->snapshot, endpoint_of(p));
	char span[TIME_TEXT_MAX];

	if (up > 0)
		str_puts(p->out, time_span(up, span));
	else if (endpoint_of(p)->n_owners || endpoint_of(p)->owners_state == OWNERS_UNKNOWN)
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	else
		port_cell_none(p);
}

void port_print_drops(struct cell_print *p)
{
	const struct queue *q = &endpoint_of(p)->queue;
	struct str word = {0};

	if (q->drops == QUEUE_UNKNOWN) {
		port_cell_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	} else if (q->new_drops && q->new_drops != QUEUE_UNKNOWN) {
		str_printf(&word, "%" PRIu32 " (+%" PRIu32 ")", q->drops, q->new_drops);
		port_cell_state(p, ROLE_BAD, SYMBOL_BAD, str_text(&word));
	} else {
		str_printf(p->out, "%" PRIu32, q->drops);
	}
	str_release(&word);
}

void port_print_reach(struct cell_print *p)
{
	p->role = port_put_reach(model_of(p), endpoint_of(p), p->width, p->out);
}

/* One designated row per column. To add one: a print function and a row. */
#include "tui/view/ports/port_columns.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/time.h"
#include "tui/model.h"
#include "tui/view/ports/port_orders.h"
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

/* A state: its symbol, its word, its colour. */
static void put_state(struct cell_print *p, enum role role, enum symbol s, const char *word)
{
	str_printf(p->out, "%s%s%s", symbol_text(s, model_of(p)->is_ascii),
		   word[0] ? " " : "", word);
	p->role = role;
}

static void put_none(struct cell_print *p)
{
	put_state(p, ROLE_DIM, SYMBOL_NONE, "");
}

static void put_outside(struct cell_print *p, struct text t)
{
	text_show(p->out, t, model_text_mode(model_of(p)));
}

static void print_port(struct cell_print *p)
{
	endpoint_port_text(p->out, endpoint_of(p));
}

static void print_service(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);

	if (!text_is_empty(e->service))
		put_outside(p, e->service);
	else if (e->is_ephemeral)
		put_state(p, ROLE_DIM, SYMBOL_NONE, "ephemeral");
	else
		put_none(p);
}

/* "~ absent 10.9.9.9", or without the address where it has no room. */
static void print_absent(struct cell_print *p)
{
	char text[ADDR_TEXT_MAX];
	size_t len;

	put_state(p, ROLE_WARN, SYMBOL_SOME, scope_word(SCOPE_ABSENT));
	len = p->out->len;
	str_printf(p->out, " %s", addr_format(&endpoint_of(p)->address, text));
	if (text_width(text_of_str(p->out)) > (size_t)p->width &&
	    p->width < ABSENT_WITH_PART)
		str_truncate(p->out, len);
}

/* Where there is no room for both, the address matters more than the device it is on. */
static void print_listens_on(struct cell_print *p)
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
		put_state(p, ROLE_DIM, SYMBOL_WAITING, "looking");
		return;
	case OWNERS_COMPLETE:
	case OWNERS_NONE_FOUND:
		put_state(p, ROLE_DIM, SYMBOL_NONE, "no process");
		return;
	case OWNERS_AT_LEAST:
	case OWNERS_UNKNOWN:
		break;
	}
	if (!e->owners_missing || !e->owners_missing->wants_right)
		put_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "not known");
	else if (host && host->uid == 0)
		put_state(p, ROLE_UNKNOWN, SYMBOL_NO_RIGHT, "no right");
	else
		put_state(p, ROLE_UNKNOWN, SYMBOL_NO_RIGHT, "needs root");
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

static void print_owner(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);
	const struct model *m = model_of(p);
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
		str_puts(&tail, symbol_text(SYMBOL_ELLIPSIS, m->is_ascii));
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

static void print_rate(struct cell_print *p)
{
	p->role = port_put_rate(model_of(p), counts_of(model_of(p), endpoint_of(p)),
				p->width, p->out);
}

static void print_answer(struct cell_print *p)
{
	p->role = port_put_answer(model_of(p), counts_of(model_of(p), endpoint_of(p)),
				  p->width, p->out);
}

static bool has_traffic(const void *context)
{
	return counts_are_shown(context);
}

static void print_datagram_queue(struct cell_print *p)
{
	const struct queue *q = &endpoint_of(p)->queue;

	if (q->length)
		put_bytes(p->out, q->length);
	else
		put_none(p);
}

static void print_queue(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);
	struct str word = {0};

	if (e->queue.length == QUEUE_UNKNOWN) {
		put_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN,
			  p->width >= WAS_FULL ? "not told" : "");
	} else if (!endpoint_is_stream(e)) {
		print_datagram_queue(p);
	} else if (endpoint_is_full(e)) {
		str_puts(&word, "full");
		if (p->width >= FULL_WITH_LIMIT)
			str_printf(&word, " (%" PRIu32 ")", e->queue.limit);
		put_state(p, ROLE_BAD, SYMBOL_BAD, str_text(&word));
	} else if (endpoint_was_full(e)) {
		put_state(p, ROLE_WARN, SYMBOL_SOME,
			  p->width >= WAS_FULL ? "was full" : "full");
	} else {
		str_printf(p->out, "%" PRIu32 "/", e->queue.length);
		if (e->queue.limit == QUEUE_UNKNOWN)
			str_putc(p->out, '?');
		else
			str_printf(p->out, "%" PRIu32, e->queue.limit);
	}
	str_release(&word);
}

static void print_connections(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);

	if (!endpoint_is_stream(e))
		put_none(p);
	else if (e->has_connections)
		str_printf(p->out, "%" PRIu32, e->connections[1]);
	else if (model_of(p)->snapshot->is_settled)
		put_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	else
		put_state(p, ROLE_DIM, SYMBOL_WAITING, "");
}

static void print_netns(struct cell_print *p)
{
	const struct space *space = endpoint_of(p)->space;

	if (space->is_own)
		str_puts(p->out, "(own)");
	else
		put_outside(p, space->name);
}

static void print_user(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);

	if (text_is_empty(e->user))
		str_printf(p->out, "%" PRIu32, e->uid);
	else
		put_outside(p, e->user);
}

static void print_unit(struct cell_print *p)
{
	const struct endpoint *e = endpoint_of(p);

	if (!text_is_empty(e->unit))
		put_outside(p, e->unit);
	else if (!text_is_empty(e->container))
		put_outside(p, e->container);
	else if (!e->n_owners && e->owners_state == OWNERS_UNKNOWN)
		put_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	else
		put_none(p);
}

static void print_up(struct cell_print *p)
{
	int64_t up = endpoint_up_ns(model_of(p)->snapshot, endpoint_of(p));
	char span[TIME_TEXT_MAX];

	if (up > 0)
		str_puts(p->out, time_span(up, span));
	else if (endpoint_of(p)->n_owners || endpoint_of(p)->owners_state == OWNERS_UNKNOWN)
		put_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	else
		put_none(p);
}

static void print_drops(struct cell_print *p)
{
	const struct queue *q = &endpoint_of(p)->queue;
	struct str word = {0};

	if (q->drops == QUEUE_UNKNOWN) {
		put_state(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	} else if (q->new_drops && q->new_drops != QUEUE_UNKNOWN) {
		str_printf(&word, "%" PRIu32 " (+%" PRIu32 ")", q->drops, q->new_drops);
		put_state(p, ROLE_BAD, SYMBOL_BAD, str_text(&word));
	} else {
		str_printf(p->out, "%" PRIu32, q->drops);
	}
	str_release(&word);
}

static bool has_reach(const void *context)
{
	const struct model *m = context;

	return m->reach;
}

static void print_reach(struct cell_print *p)
{
	p->role = port_put_reach(model_of(p), endpoint_of(p), p->width, p->out);
}

static bool has_several_spaces(const void *context)
{
	const struct model *m = context;

	return m->snapshot && m->snapshot->n_spaces > 1;
}

const struct column port_columns[] = {
	{.id = "port",
	 .title = "PORT",
	 .width_min = 9,
	 .width_usual = 9,
	 .width_max = 13,
	 .priority = 1,
	 .order = 1,
	 .compare = port_compare_port,
	 .print = print_port},
	{.id = "service",
	 .title = "SERVICE",
	 .width_min = 7,
	 .width_usual = 12,
	 .width_max = 20,
	 .priority = 6,
	 .order = 2,
	 .compare = port_compare_service,
	 .print = print_service},
	{.id = "address",
	 .title = "LISTENS ON",
	 .width_min = 12,
	 .width_usual = 19,
	 .width_max = 64,
	 .clip = CLIP_MIDDLE,
	 .priority = 3,
	 .print = print_listens_on},
	{.id = "owner",
	 .title = "OWNER",
	 .width_min = 12,
	 .width_usual = 20,
	 .width_max = 40,
	 .priority = 2,
	 .order = 3,
	 .compare = port_compare_owner,
	 .print = print_owner},
	{.id = "queue",
	 .title = "QUEUE",
	 .width_min = 7,
	 .width_usual = 12,
	 .width_max = 18,
	 .align = ALIGN_RIGHT,
	 .priority = 5,
	 .is_descending = true,
	 .order = 5,
	 .compare = port_compare_queue,
	 .print = print_queue},
	{.id = "connections",
	 .title = "CONN",
	 .width_min = 5,
	 .width_usual = 6,
	 .width_max = 10,
	 .align = ALIGN_RIGHT,
	 .priority = 9,
	 .is_descending = true,
	 .order = 4,
	 .compare = port_compare_connections,
	 .print = print_connections},
	{.id = "SYN/s",
	 .title = "SYN/s",
	 .width_min = 9,
	 .width_usual = 9,
	 .width_max = 14,
	 .priority = 8,
	 .is_shown = has_traffic,
	 .is_descending = true,
	 .order = 6,
	 .compare_with = port_compare_rate,
	 .print = print_rate},
	{.id = "answer",
	 .title = "ANSWER",
	 .width_min = 10,
	 .width_usual = 10,
	 .width_max = 12,
	 .priority = 4,
	 .is_shown = has_traffic,
	 .print = print_answer},
	{.id = "reach",
	 .title = "REACHED BY",
	 .width_min = 10,
	 .width_usual = 10,
	 .width_max = 12,
	 .priority = 10,
	 .is_shown = has_reach,
	 .print = print_reach},
	{.id = "netns",
	 .title = "NETNS",
	 .width_min = 6,
	 .width_usual = 10,
	 .width_max = 24,
	 .priority = 7,
	 .is_shown = has_several_spaces,
	 .print = print_netns},
	{.id = "user",
	 .title = "USER",
	 .width_min = 8,
	 .width_usual = 8,
	 .width_max = 16,
	 .priority = PRIORITY_EXTRA,
	 .print = print_user},
	{.id = "unit",
	 .title = "UNIT",
	 .width_min = 14,
	 .width_usual = 20,
	 .width_max = 40,
	 .priority = PRIORITY_EXTRA + 1,
	 .print = print_unit},
	{.id = "up",
	 .title = "UP",
	 .width_min = 11,
	 .width_usual = 11,
	 .width_max = 13,
	 .align = ALIGN_RIGHT,
	 .priority = PRIORITY_EXTRA + 2,
	 .print = print_up},
	{.id = "drops",
	 .title = "DROPS",
	 .width_min = 7,
	 .width_usual = 7,
	 .width_max = 24,
	 .align = ALIGN_RIGHT,
	 .priority = PRIORITY_EXTRA + 3,
	 .print = print_drops},
};
const size_t n_port_columns = sizeof(port_columns) / sizeof(port_columns[0]);

const struct column *port_order_default(void)
{
	return &port_columns[0];
}

const struct column *port_order_next(const void *context, const struct column *now)
{
	const struct column *next = port_order_default();

	for (size_t i = 0; i < n_port_columns; i++)
		if (port_columns[i].order == now->order + 1 &&
		    (!port_columns[i].is_shown || port_columns[i].is_shown(context)))
			next = &port_columns[i];
	return next;
}

/*
 * The list as CSV (RFC 4180): CRLF, one row per listener. An empty field is "not known" or
 * "none"; why owners are not all there stands in a field of its own.
 */
#include "core/report/list.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/report/list_common.h"

/* One field; t is shown text. A spreadsheet must neither split it nor take it for a
 * formula. */
static void put_field(struct str *out, struct text t)
{
	bool is_formula = t.len && memchr("=+-@\t", t.bytes[0], 5);
	bool is_quoted = false;

	for (size_t i = 0; i < t.len; i++)
		is_quoted |= memchr(",\"\r\n;", t.bytes[i], 5) != NULL;
	str_puts(out, is_quoted || is_formula ? "\"" : "");
	str_puts(out, is_formula ? "'" : "");
	for (size_t i = 0; i < t.len; i++) {
		if (t.bytes[i] == '"')
			str_putc(out, '"');
		str_putc(out, t.bytes[i]);
	}
	str_puts(out, is_quoted || is_formula ? "\"" : "");
}

static void put_text(struct str *out, struct list_pass *p, struct text t)
{
	struct str shown = {0};

	if (text_show(&shown, t, p->o->text_mode))
		out->failed = true;
	put_field(out, (struct text){shown.data, shown.len});
	str_release(&shown);
}

static void put_number(struct str *out, uint32_t n, bool is_known)
{
	if (is_known)
		str_printf(out, "%" PRIu32, n);
}

static void print_proto(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	(void)p;
	str_puts(out, socket_proto_word(e->proto));
}

static void print_address(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	char room[LIST_ROOM];

	put_text(out, p, list_address(p, &e->address, room));
}

static void print_port(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	(void)p;
	put_number(out, e->port, true);
}

static void print_device(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	char room[LIST_ROOM];

	put_text(out, p, list_device(e, e->ifindex, room));
}

static void print_scope(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	(void)p;
	str_puts(out, scope_word(e->scope));
}

static void print_service(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	put_text(out, p, e->service);
}

/* "nginx 1033;nginx 1034"; a semicolon inside a name is escaped as other odd bytes are. */
static void print_owners(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	struct str all = {0}, name = {0};

	for (size_t i = 0; i < e->n_owners; i++) {
		str_reset(&name);
		text_show(&name, e->owners[i]->comm, p->o->text_mode);
		str_puts(&all, i ? ";" : "");
		for (size_t k = 0; k < name.len; k++) {
			if (name.data[k] == ';')
				str_puts(&all, "\\x3b");
			else
				str_putc(&all, name.data[k]);
		}
		str_printf(&all, " %" PRId32, e->owners[i]->pid);
	}
	if (all.failed || name.failed)
		out->failed = true;
	put_field(out, (struct text){all.data, all.len});
	str_release(&name);
	str_release(&all);
}

static void print_owners_complete(struct str *out, struct list_pass *p,
				  const struct endpoint *e)
{
	(void)p;
	str_puts(out, list_owners_complete(e) ? "true" : "false");
}

static void print_owners_missing(struct str *out, struct list_pass *p,
				 const struct endpoint *e)
{
	const char *reason = list_owners_gap(p->s, e).reason;

	put_text(out, p, reason ? text_of(reason) : TEXT_NONE);
}

static void print_user(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	put_text(out, p, list_user(p, e->user));
}

static void print_uid(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	(void)p;
	put_number(out, e->uid, e->uid != UINT32_MAX);
}

static void print_unit(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	put_text(out, p, list_path(p, e->unit, e->container));
}

static void print_container(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	put_text(out, p, list_container(p, e->container));
}

static void print_socket_unit(struct str *out, struct list_pass *p,
			      const struct endpoint *e)
{
	put_text(out, p, e->socket_unit);
}

static void print_activates(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	put_text(out, p, e->activates);
}

static void print_length(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	(void)p;
	put_number(out, e->queue.length, e->queue.length != QUEUE_UNKNOWN);
}

static void print_limit(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	(void)p;
	put_number(out, e->queue.limit, e->queue.limit != QUEUE_UNKNOWN);
}

static void print_drops(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	(void)p;
	put_number(out, e->queue.drops, e->queue.drops != QUEUE_UNKNOWN);
}

/* The numbers are the kernel's TCP states: enum in net/tcp_states.h. */
#define PRINT_STATE(name, state)                                            \
	static void print_##name(struct str *out, struct list_pass *p,      \
				 const struct endpoint *e)                  \
	{                                                                   \
		(void)p;                                                    \
		put_number(out, e->connections[state], e->has_connections); \
	}
PRINT_STATE(established, 1)
PRINT_STATE(syn_recv, 3)
PRINT_STATE(close_wait, 8)
PRINT_STATE(time_wait, 6)
#undef PRINT_STATE

static void print_netns(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	char room[LIST_ROOM];

	put_text(out, p, list_netns(e->space->name, e->space->netns, room));
}

static const struct csv_column {
	const char *title;
	void (*print)(struct str *out, struct list_pass *p, const struct endpoint *e);
} csv_columns[] = {
	{"proto", print_proto},
	{"address", print_address},
	{"port", print_port},
	{"device", print_device},
	{"scope", print_scope},
	{"service", print_service},
	{"owners", print_owners},
	{"owners_complete", print_owners_complete},
	{"owners_missing", print_owners_missing},
	{"user", print_user},
	{"uid", print_uid},
	{"unit", print_unit},
	{"container", print_container},
	{"socket_unit", print_socket_unit},
	{"activates", print_activates},
	{"queue_length", print_length},
	{"queue_limit", print_limit},
	{"queue_drops", print_drops},
	{"established", print_established},
	{"syn_recv", print_syn_recv},
	{"close_wait", print_close_wait},
	{"time_wait", print_time_wait},
	{"netns", print_netns},
};

enum { N_CSV_COLUMNS = sizeof(csv_columns) / sizeof(csv_columns[0]) };

int list_csv(struct str *out, const struct snapshot *s, const struct list_options *o)
{
	const struct endpoint *e;
	struct list_pass pass;
	size_t at = 0;
	int error;

	list_begin(&pass, s, o);
	for (size_t i = 0; i < N_CSV_COLUMNS; i++)
		str_printf(out, "%s%s", i ? "," : "", csv_columns[i].title);
	str_puts(out, "\r\n");
	while ((e = list_next(&pass, &at))) {
		for (size_t i = 0; i < N_CSV_COLUMNS; i++) {
			str_puts(out, i ? "," : "");
			csv_columns[i].print(out, &pass, e);
		}
		str_puts(out, "\r\n");
	}
	error = list_end(&pass);
	return out->failed ? -ENOMEM : error;
}

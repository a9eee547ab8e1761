/* The cells of the list for a person. A cell that knows nothing says so; none is blank. */
#include "core/report/list_cells.h"

#include <inttypes.h>

#include "core/base/time.h"

/* Columns of a process name where room is short: 15 bytes, which escaped may take 60. */
#define NAME_LIMIT 16

static void show(struct str *out, struct list_pass *p, struct text t)
{
	text_show(out, t, p->o->text_mode);
}

static void print_port(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	(void)p;
	endpoint_port_text(out, e);
}

static void print_service(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	if (!text_is_empty(e->service))
		show(out, p, e->service);
	else
		str_puts(out, e->is_ephemeral ? "(ephemeral)" : "-");
}

static void print_listens_on(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	list_listens_on(out, p, e);
}

static void print_netns(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	char room[LIST_ROOM];
	struct text name = list_netns(e->space->name, e->space->netns, room);

	if (e->space->is_own)
		str_puts(out, "own");
	else if (text_is_empty(name))
		str_putc(out, '?');
	else
		show(out, p, name);
}

static void print_owner(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	list_owners_print(out, p, e, 0);
}

static void print_count(struct str *out, uint32_t n)
{
	if (n == QUEUE_UNKNOWN)
		str_putc(out, '?');
	else
		str_printf(out, "%" PRIu32, n);
}

/* "512", "2.2K", "208K" */
static void print_bytes(struct str *out, uint32_t n)
{
	const uint32_t kilo = 1024, mega = kilo * kilo;
	uint32_t unit = n >= mega ? mega : kilo;
	char letter = n >= mega ? 'M' : 'K';

	if (n == QUEUE_UNKNOWN || n < kilo)
		print_count(out, n);
	else if (n / unit < 10)
		str_printf(out, "%u.%u%c", n / unit, n % unit * 10 / unit, letter);
	else
		str_printf(out, "%u%c", n / unit, letter);
}

/* TCP: "3/128", connections; UDP: "2.2K/208K", bytes. */
static void print_queue(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	const struct queue *q = &e->queue;
	bool counts_bytes = e->proto == PROTO_UDP || e->proto == PROTO_UDPLITE;
	void (*print)(struct str *, uint32_t) = counts_bytes ? print_bytes : print_count;

	(void)p;
	if (q->length == QUEUE_UNKNOWN && q->limit == QUEUE_UNKNOWN) {
		str_putc(out, '?');
	} else {
		print(out, q->length);
		str_putc(out, '/');
		print(out, q->limit);
	}
	if (endpoint_is_full(e))
		str_puts(out, " full");
	if (q->drops && q->drops != QUEUE_UNKNOWN)
		str_printf(out, " %" PRIu32 " drop%s", q->drops, q->drops == 1 ? "" : "s");
}

static void print_connections(struct str *out, struct list_pass *p,
			      const struct endpoint *e)
{
	(void)p;
	if (e->proto == PROTO_UDP || e->proto == PROTO_UDPLITE)
		str_putc(out, '-');
	else if (!e->has_connections)
		str_putc(out, '?');
	else
		print_count(out, e->connections[1]); /* TCP_ESTABLISHED */
}

/* A container before its unit, whose name only repeats the id. A guess looks like one. */
static void print_unit(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	if (!text_is_empty(e->socket_unit)) {
		show(out, p, e->socket_unit);
		if (!text_is_empty(e->activates)) {
			str_puts(out, " -> ");
			show(out, p, e->activates);
		}
		return;
	}
	if (!text_is_empty(e->container))
		show(out, p, list_container(p, e->container));
	else if (!text_is_empty(e->unit))
		show(out, p, list_path(p, e->unit, e->container));
	else
		str_putc(out, e->n_owners || list_owners_complete(e) ? '-' : '?');
	if (e->unit_is_inferred &&
	    (!text_is_empty(e->container) || !text_is_empty(e->unit)))
		str_puts(out, " (by cgroup)");
}

static void print_user(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	if (!text_is_empty(e->user))
		show(out, p, list_user(p, e->user));
	else if (e->uid == UINT32_MAX)
		str_putc(out, '?');
	else
		str_printf(out, "%" PRIu32, e->uid);
}

static void print_up(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	int64_t up_ns = endpoint_up_ns(p->s, e);
	char text[TIME_TEXT_MAX];

	if (up_ns)
		str_puts(out, time_span(up_ns, text));
	else
		str_putc(out, e->owners_state == OWNERS_NONE_FOUND ? '-' : '?');
}

static void add_name(struct str *out, struct list_pass *p, struct text comm, bool is_short)
{
	struct str name = {0};

	show(&name, p, comm);
	list_cut(out, (struct text){name.data, name.len}, is_short ? NAME_LIMIT : SIZE_MAX,
		 p->o->text_mode);
	str_release(&name);
}

/* One owner more: ",1034" of the same program, "; php-fpm 77" of another. */
static void add_owner(struct str *out, struct list_pass *p, const struct endpoint *e,
		      size_t i, bool is_short)
{
	const struct process_row *owner = e->owners[i];

	if (i && text_equals(owner->comm, e->owners[i - 1]->comm)) {
		str_printf(out, ",%" PRId32, owner->pid);
		return;
	}
	if (i)
		str_puts(out, "; ");
	add_name(out, p, owner->comm, is_short);
	str_printf(out, " %" PRId32, owner->pid);
}

/* What follows the first n owners. */
static void add_rest(struct str *out, const struct endpoint *e, size_t n)
{
	if (n < e->n_owners)
		str_printf(out, " +%zu", e->n_owners - n);
	if (!list_owners_complete(e))
		str_puts(out, " +?");
	if (e->is_exe_deleted)
		str_puts(out, " (deleted)");
}

static size_t width_with_rest(const struct str *so_far, const struct endpoint *e, size_t n)
{
	struct str rest = {0};
	size_t width;

	add_rest(&rest, e, n);
	width = text_width((struct text){so_far->data, so_far->len}) +
		text_width((struct text){rest.data, rest.len});
	str_release(&rest);
	return width;
}

static void print_no_owner(struct str *out, struct list_pass *p, const struct endpoint *e)
{
	if (list_owners_complete(e))
		str_puts(out, "no process");
	else
		str_printf(out, "? %s", list_owners_gap(p->s, e).word);
}

/* As many as fit, but at least one. */
static void print_some_owners(struct str *out, struct list_pass *p,
			      const struct endpoint *e, size_t columns)
{
	struct str owners = {0};
	size_t best_len = 0, best = 0;

	for (size_t i = 0; i < e->n_owners && !owners.failed; i++) {
		add_owner(&owners, p, e, i, true);
		if (!best || width_with_rest(&owners, e, i + 1) <= columns) {
			best = i + 1;
			best_len = owners.len;
		} else if (text_width((struct text){owners.data, owners.len}) > columns) {
			break;
		}
	}
	if (owners.failed)
		out->failed = true;
	else
		str_append(out, owners.data, best_len);
	add_rest(out, e, best);
	str_release(&owners);
}

void list_owners_print(struct str *out, struct list_pass *p, const struct endpoint *e,
		       size_t columns)
{
	struct str all = {0};

	if (!e->n_owners) {
		print_no_owner(out, p, e);
		return;
	}
	for (size_t i = 0; i < e->n_owners; i++)
		add_owner(&all, p, e, i, false);
	add_rest(&all, e, e->n_owners);
	if (all.failed)
		out->failed = true;
	else if (!columns || text_width((struct text){all.data, all.len}) <= columns)
		str_append(out, all.data, all.len);
	else
		print_some_owners(out, p, e, columns);
	str_release(&all);
}

bool list_column_is_wanted(struct list_pass *p, enum list_cell cell)
{
	const struct endpoint *e;
	size_t at = 0;

	if (!list_columns[cell].is_foreign)
		return true;
	while ((e = list_next(p, &at))) {
		if (!e->space->is_own)
			return true;
	}
	return false;
}

const struct list_column list_columns[N_LIST_CELLS] = {
	[CELL_PORT] = {.title = "PORT", .is_kept = true, .print = print_port},
	[CELL_SERVICE] = {.title = "SERVICE",
			  .is_kept = true,
			  .limit = 11,
			  .print = print_service},
	[CELL_LISTENS_ON] = {.title = "LISTENS-ON",
			     .is_kept = true,
			     .limit = 22,
			     .print = print_listens_on},
	[CELL_NETNS] = {.title = "NETNS",
			.is_kept = true,
			.is_foreign = true,
			.limit = 12,
			.print = print_netns},
	[CELL_OWNER] = {.title = "OWNER",
			.is_kept = true,
			.limit = 20,
			.print = print_owner},
	[CELL_QUEUE] = {.title = "QUEUE", .limit = 9, .print = print_queue},
	[CELL_CONN] = {.title = "CONN", .is_number = true, .print = print_connections},
	[CELL_UNIT] = {.title = "UNIT", .limit = 24, .print = print_unit},
	[CELL_USER] = {.title = "USER", .limit = 12, .print = print_user},
	[CELL_UP] = {.title = "UP", .print = print_up},
};

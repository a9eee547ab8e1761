/* Snapshots of invented hosts, built by hand, and a console to show them. */
#ifndef TESTS_SCREENS_FIXTURE_H
#define TESTS_SCREENS_FIXTURE_H

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/console.h"
#include "tui/terminal/input.h"

#define UNUSED __attribute__((unused))

#define FIXTURE_WALL_NS (INT64_C(1795354327) * NS_PER_S) /* 2026-11-22 13:32:07 UTC */
#define FIXTURE_BOOT_NS (INT64_C(20) * 86400 * NS_PER_S)

/* One endpoint; zero means nothing to say. */
struct row {
	const char *port_service; /* "443 https" */
	enum socket_proto proto;
	enum scope scope;
	const char *address, *carrier;
	const char *comm, *exe, *unit, *user, *container;
	int32_t pid;
	size_t n_owners;         /* 0: one if comm is set */
	enum owners_state state; /* PENDING is told by is_pending */
	bool is_pending, is_deleted, is_ephemeral, is_inferred, is_stopped;
	int64_t up_s;
	uint32_t length, limit, high_water, drops, new_drops, established;
	const char *socket_unit, *activates;
	size_t space;
};

struct fixture {
	struct snapshot *s;
	size_t room;
};

static UNUSED struct text fixture_text(struct snapshot *s, const char *t)
{
	return t ? arena_text(&s->head.arena, text_of(t)) : TEXT_NONE;
}

static UNUSED void *fixture_alloc(struct snapshot *s, size_t n, size_t size)
{
	void *p = arena_alloc(&s->head.arena, n * size);

	if (!p)
		abort();
	return p;
}

static UNUSED struct fixture fixture_new(size_t room)
{
	struct fixture f = {snapshot_new(), room};
	struct snapshot *s = f.s;

	s->host = table_new(sizeof(*s->host), NULL);
	s->host->hostname = fixture_text(s, "web-01");
	s->host->clk_tck = 100;
	s->users = table_new(sizeof(*s->users), NULL);
	s->users->rows = fixture_alloc(s, 1, sizeof(*s->users->rows));
	s->users->rows[0].name = fixture_text(s, "root");
	s->users->n = 1;
	s->wall_ns = FIXTURE_WALL_NS;
	s->boot_ns = FIXTURE_BOOT_NS;
	s->is_settled = true;
	s->spaces = fixture_alloc(s, 3, sizeof(*s->spaces));
	s->n_spaces = 1;
	s->spaces[0].is_own = true;
	s->spaces[0].tcp = table_new(sizeof(*s->spaces[0].tcp), NULL);
	s->endpoints = fixture_alloc(s, room, sizeof(*s->endpoints));
	return f;
}

/* 10.0.0.5 on eth0, as the header shows it. */
static UNUSED void fixture_address(struct fixture *f)
{
	struct snapshot *s = f->s;
	struct address_table *addresses = table_new(sizeof(*addresses), NULL);
	struct link_table *links = table_new(sizeof(*links), NULL);

	addresses->rows = fixture_alloc(s, 1, sizeof(*addresses->rows));
	addresses->n = 1;
	addr_parse(&addresses->rows[0].local, "10.0.0.5");
	addresses->rows[0].ifindex = 2;
	links->rows = fixture_alloc(s, 1, sizeof(*links->rows));
	links->n = 1;
	links->rows[0].ifindex = 2;
	links->rows[0].name = fixture_text(s, "eth0");
	s->spaces[0].addresses = addresses;
	s->spaces[0].links = links;
}

static UNUSED void fixture_space(struct fixture *f, const char *name)
{
	f->s->spaces[f->s->n_spaces++].name = fixture_text(f->s, name);
}

static UNUSED void fixture_missing(struct fixture *f, const char *source,
				   const char *reason, const char *grant)
{
	struct snapshot *s = f->s;

	if (!s->missing)
		s->missing = fixture_alloc(s, 8, sizeof(*s->missing));
	s->missing[s->n_missing++] =
		(struct missing){source, reason, grant, grant && strstr(grant, "setcap")};
}

static UNUSED void fixture_owners(struct snapshot *s, struct endpoint *e,
				  const struct row *r)
{
	size_t n = r->n_owners ? r->n_owners : 1;

	if (!r->comm)
		return;
	e->owners = fixture_alloc(s, n, sizeof(*e->owners));
	e->n_owners = n;
	for (size_t i = 0; i < n; i++) {
		struct process_row *p = fixture_alloc(s, 1, sizeof(*p));

		p->pid = r->pid + (int32_t)i;
		p->comm = fixture_text(s, r->comm);
		p->exe = fixture_text(s, r->exe);
		p->exe_error = r->exe ? 0 : 13;
		p->exe_deleted = r->is_deleted;
		p->state = r->is_stopped ? 'T' : 'S';
		p->unit = fixture_text(s, r->unit);
		p->uid = 0;
		p->start_ticks = (uint64_t)(FIXTURE_BOOT_NS / NS_PER_S - r->up_s) * 100;
		e->owners[i] = p;
	}
	e->started_boot_ns = FIXTURE_BOOT_NS - r->up_s * NS_PER_S;
}

static UNUSED void fixture_socket(struct snapshot *s, struct endpoint *e,
				  const struct row *r)
{
	struct socket_row *socket = fixture_alloc(s, 1, sizeof(*socket));

	socket->proto = e->proto;
	socket->family = e->address.family;
	socket->local = e->address;
	socket->port = e->port;
	socket->inode = 31000u + e->port;
	socket->v6only = r->scope == SCOPE_ANY_V6 ? TRI_YES : TRI_NO;
	socket->queue_length = r->length;
	socket->queue_limit = r->limit;
	socket->drops = r->drops;
	e->sockets = fixture_alloc(s, 1, sizeof(*e->sockets));
	e->sockets[0] = socket;
	e->n_sockets = 1;
}

static UNUSED struct addr fixture_addr(const struct row *r)
{
	static const char *const usual[N_SCOPES] = {
		[SCOPE_ANY] = "::",           [SCOPE_ANY_V4] = "0.0.0.0",
		[SCOPE_ANY_V6] = "::",        [SCOPE_LOOPBACK] = "127.0.0.1",
		[SCOPE_ADDRESS] = "10.0.0.5", [SCOPE_ABSENT] = "10.9.9.9"};
	struct addr a = {0};

	addr_parse(&a, r->address ? r->address : usual[r->scope]);
	return a;
}

static UNUSED enum owners_state fixture_state(const struct row *r)
{
	if (r->is_pending)
		return OWNERS_PENDING;
	return r->state ? r->state : OWNERS_COMPLETE;
}

static UNUSED struct endpoint *fixture_add(struct fixture *f, const struct row *r)
{
	struct snapshot *s = f->s;
	struct endpoint *e = &s->endpoints[s->n_endpoints];
	const char *blank = strchr(r->port_service, ' ');

	if (s->n_endpoints++ >= f->room)
		abort();
	e->space = &s->spaces[r->space];
	e->proto = r->proto;
	e->port = (uint16_t)atoi(r->port_service);
	e->id = (uint64_t)e->port << 8 | (uint64_t)r->proto << 4 | (uint64_t)r->scope |
		(uint64_t)r->space << 32;
	e->scope = r->scope;
	e->address = fixture_addr(r);
	e->carrier = fixture_text(s, r->carrier);
	e->service = fixture_text(s, blank ? blank + 1 : NULL);
	e->is_ephemeral = r->is_ephemeral;
	e->user = fixture_text(s, r->user);
	e->unit = fixture_text(s, r->unit);
	e->container = fixture_text(s, r->container);
	e->unit_is_inferred = r->is_inferred;
	e->socket_unit = fixture_text(s, r->socket_unit);
	e->activates = fixture_text(s, r->activates);
	e->is_exe_deleted = r->is_deleted;
	e->queue = (struct queue){r->length, r->limit, r->drops,
				  r->high_water ? r->high_water : r->length, r->new_drops};
	e->has_connections = r->proto == PROTO_TCP && !r->is_pending;
	e->connections[1] = r->established;
	e->owners_state = fixture_state(r);
	if (e->owners_state == OWNERS_UNKNOWN || e->owners_state == OWNERS_AT_LEAST)
		e->owners_missing = s->missing;
	fixture_owners(s, e, r);
	fixture_socket(s, e, r);
	return e;
}

static UNUSED struct snapshot *fixture_of(const struct row *rows, size_t n)
{
	struct fixture f = fixture_new(n ? n : 1);

	fixture_address(&f);
	for (size_t i = 0; i < n; i++)
		fixture_add(&f, &rows[i]);
	return f.s;
}

/* A console whose clock stands at the snapshot's moment. */
static UNUSED void fixture_console(struct console *c, bool is_ascii, struct snapshot *s)
{
	console_init(c, is_ascii, NS_PER_S);
	model_tick(&c->model, NS_PER_S, s ? s->wall_ns : FIXTURE_WALL_NS);
	if (s)
		model_snapshot_take(&c->model, s);
}

/* "Down Enter / 'nginx Enter": inputs by name, a word behind ' is typed. Returns the
 * effects of the last. */
static UNUSED unsigned press(struct console *c, const char *script)
{
	unsigned effects = 0;

	while (*script) {
		size_t len = strcspn(script, " ");

		if (script[0] == '\'' && len > 1)
			for (size_t i = 1; i < len; i++)
				effects = console_input(c, script[i], c->model.now_ns);
		else if (len)
			effects = console_input(c, input_named((struct text){script, len}),
						c->model.now_ns);
		script += len;
		script += *script == ' ';
	}
	return effects;
}

static UNUSED void draw_in(struct console *c, int width, int height, struct str *out)
{
	struct frame f = {0};

	if (frame_resize(&f, width, height))
		abort();
	console_draw(c, &f);
	frame_dump(&f, true, out);
	frame_release(&f);
}

#endif

/* Things that happen on the invented host: pictures of it one after the other. */
#ifndef TESTS_SCREENS_HAPPENED_H
#define TESTS_SCREENS_HAPPENED_H

#include "tests/screens/fixture.h"
#include "tests/screens/hosts.h"

enum { HAPPENED_ROOM = N_OF(typical_rows) + 2 };

/* A picture of a moment: rows, and how often each listener was opened anew. */
struct moment_rows {
	struct row rows[HAPPENED_ROOM];
	uint32_t n_opened[HAPPENED_ROOM];
	size_t n;
	int64_t second; /* since the first */
};

static UNUSED void happened_begin(struct moment_rows *h)
{
	*h = (struct moment_rows){.n = N_OF(typical_rows)};
	memcpy(h->rows, typical_rows, sizeof(typical_rows));
}

static UNUSED struct row *happened_row(struct moment_rows *h, const char *port_service)
{
	for (size_t i = 0; i < h->n; i++)
		if (!strcmp(h->rows[i].port_service, port_service))
			return &h->rows[i];
	abort();
}

static UNUSED void happened_drop(struct moment_rows *h, const char *port_service)
{
	size_t i = (size_t)(happened_row(h, port_service) - h->rows);

	h->n--;
	memmove(&h->rows[i], &h->rows[i + 1], (h->n - i) * sizeof(h->rows[0]));
	memmove(&h->n_opened[i], &h->n_opened[i + 1], (h->n - i) * sizeof(h->n_opened[0]));
}

static UNUSED struct row *happened_open(struct moment_rows *h, const char *port_service)
{
	size_t i = (size_t)(happened_row(h, port_service) - h->rows);

	h->n_opened[i]++;
	return &h->rows[i];
}

static UNUSED struct snapshot *happened_picture(const struct moment_rows *h)
{
	struct snapshot *s = fixture_of(h->rows, h->n);

	s->wall_ns += (h->second - 600) * NS_PER_S;
	s->boot_ns += h->second * NS_PER_S;
	for (size_t i = 0; i < h->n; i++) {
		struct socket_row *socket = (struct socket_row *)s->endpoints[i].sockets[0];

		socket->inode += 100000 * h->n_opened[i];
		s->endpoints[i].id += (uint64_t)h->n_opened[i] << 40;
	}
	return s;
}

/* The picture becomes what the console shows; its clock stands at that moment. */
static UNUSED void happened_show(struct console *c, struct moment_rows *h, int64_t after_s)
{
	struct snapshot *s;

	h->second += after_s;
	s = happened_picture(h);
	model_tick(&c->model, (1 + h->second) * NS_PER_S, s->wall_ns);
	model_snapshot_take(&c->model, s);
	events_take(events_shown_log(&c->model.events), s, c->model.now_ns);
}

/* Ten minutes in which this and that happens; the last of it just now. */
static UNUSED void happened_all(struct console *c, struct moment_rows *h)
{
	static const struct row caddy = {.port_service = "8080 http-alt",
					 .scope = SCOPE_ANY,
					 .comm = "caddy",
					 .pid = 3001,
					 .exe = "/usr/bin/caddy",
					 .user = "root",
					 .limit = 4096,
					 .up_s = 5};

	happened_begin(h);
	happened_show(c, h, 0);
	happened_row(h, "80 http")->length = 512;
	happened_show(c, h, 60);
	happened_row(h, "80 http")->length = 0;
	happened_show(c, h, 40);
	events_rules(c->model.events.log, 12, 15,
		     (struct moment){c->model.wall_ns, c->model.now_ns});
	for (int i = 0; i < 6; i++) {
		struct row gone = *happened_row(h, "3000");

		happened_drop(h, "3000");
		happened_show(c, h, 2);
		gone.pid += 10 * (i + 1);
		h->rows[h->n] = gone;
		h->n_opened[h->n++] = (uint32_t)i + 1;
		happened_show(c, h, 2);
	}
	happened_row(h, "123 ntp")->drops += 4000;
	happened_show(c, h, 400);
	model_say(&c->model, ROLE_WARN, "asking failed: %s", "No buffer space available");
	happened_open(h, "6379 redis")->comm = "valkey-server";
	happened_row(h, "6379 redis")->pid = 2099;
	happened_show(c, h, 70);
	happened_open(h, "443 https")->pid = 2044;
	happened_row(h, "443 https")->length = 0;
	happened_show(c, h, 1);
	h->rows[h->n] = caddy;
	h->n_opened[h->n++] = 0;
	happened_show(c, h, 1);
	happened_drop(h, "9100");
	happened_show(c, h, 2);
}

#endif

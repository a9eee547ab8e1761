/* Snapshots built by hand from short rows, for the tests of link, fold and missing. */
#ifndef TESTS_UNIT_BY_HAND_H
#define TESTS_UNIT_BY_HAND_H

#include <stdlib.h>
#include <string.h>

#include "core/snapshot/link.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define NONE              \
	{                 \
		{         \
			0 \
		}         \
	} /* no rows */

/* A socket as a row of a test; the cookie is the inode if it is not given, v6only NO. */
#define SOCK(p, address, number, i, ...)                                          \
	{                                                                         \
		.proto = (p), .local = (address), .port = (number), .inode = (i), \
		##__VA_ARGS__                                                     \
	}
#define PROC(number, ticks, name, ...)                                           \
	{                                                                        \
		.pid = (number), .start = (ticks), .comm = (name), ##__VA_ARGS__ \
	}

struct hand_socket {
	enum socket_proto proto;
	const char *local; /* NULL: the end of the rows */
	uint16_t port;
	uint32_t inode;
	uint64_t cookie;
	bool has_no_cookie;
	enum tri v6only;
	uint32_t uid;
	uint64_t cgroup;
	uint32_t ifindex;
	uint32_t length, limit, drops;
};

struct hand_process {
	int32_t pid; /* 0: the end of the rows */
	uint64_t start;
	const char *comm, *exe, *unit, *container;
	uint32_t uid;
	bool is_user_unit;
	bool exe_deleted;
	int32_t parent;
};

struct hand_link {
	uint32_t inode; /* 0: the end of the rows */
	int32_t pid;
	int32_t fd;
};

static inline struct addr hand_addr(const char *text)
{
	struct addr a = {0};

	if (addr_parse(&a, text))
		abort();
	return a;
}

/* A snapshot with one namespace, the own one, and no table. */
static inline struct snapshot *hand_snapshot(void)
{
	struct snapshot *s = snapshot_new();

	s->spaces = arena_alloc(&s->head.arena, 4 * sizeof(*s->spaces));
	s->n_spaces = 1;
	s->spaces[0].is_own = true;
	s->spaces[0].netns = 4026531840;
	s->is_settled = true;
	return s;
}

static inline struct socket_row hand_row(const struct hand_socket *h)
{
	struct addr local = hand_addr(h->local);
	uint64_t cookie = h->cookie ? h->cookie : h->inode;

	return (struct socket_row){
		.proto = h->proto,
		.family = local.family,
		.local = local,
		.port = h->port,
		.ifindex = h->ifindex,
		.inode = h->inode,
		.uid = h->uid,
		.cookie = h->has_no_cookie ? 0 : cookie,
		.cgroup_id = h->cgroup,
		.v6only = h->v6only,
		.queue_length = h->length,
		.queue_limit = h->limit,
		.drops = h->drops,
	};
}

static inline struct socket_table *hand_table(const struct hand_socket *rows,
					      enum socket_proto proto)
{
	struct vec v = VEC_OF(struct socket_row);
	struct socket_table *t;

	for (; rows->local; rows++) {
		if (rows->proto == proto)
			*(struct socket_row *)vec_push(&v) = hand_row(rows);
	}
	t = socket_table_new(&v, false);
	vec_release(&v);
	return t;
}

/* Gives the namespace its listeners; tables of its own, also empty ones. */
static inline void hand_sockets(struct space *space, const struct hand_socket *rows)
{
	table_unref(space->tcp);
	table_unref(space->udp);
	table_unref(space->mptcp);
	space->tcp = hand_table(rows, PROTO_TCP);
	space->udp = hand_table(rows, PROTO_UDP);
	space->mptcp = hand_table(rows, PROTO_MPTCP);
}

static inline int hand_order_links(const void *a, const void *b)
{
	const struct owner_link *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->process != y->process)
		return x->process < y->process ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static inline void hand_links(struct owner_table *t, const struct hand_link *links)
{
	for (; links->inode; links++) {
		struct owner_link *l = &t->links[t->n_links++];

		*l = (struct owner_link){.inode = links->inode, .fd = links->fd};
		while (t->processes[l->process].pid != links->pid) {
			if (++l->process == t->n_processes)
				abort();
		}
	}
	qsort(t->links, t->n_links, sizeof(*t->links), hand_order_links);
}

/* An owner table from a whole scan that read everything. Processes stand by pid. */
static inline struct owner_table *hand_owners(const struct hand_process *processes,
					      const struct hand_link *links)
{
	struct owner_table *t = table_new(sizeof(*t), NULL);
	size_t n_links = 0, n_processes = 0;

	while (processes[n_processes].pid)
		n_processes++;
	while (links[n_links].inode)
		n_links++;
	t->processes =
		arena_alloc(&t->head.arena, (n_processes + 1) * sizeof(*t->processes));
	t->links = arena_alloc(&t->head.arena, (n_links + 1) * sizeof(*t->links));
	for (const struct hand_process *p = processes; p->pid; p++) {
		t->processes[t->n_processes++] = (struct process_row){
			.pid = p->pid,
			.start_ticks = p->start,
			.parent = p->parent,
			.uid = p->uid,
			.comm = text_of(p->comm),
			.exe = text_of(p->exe),
			.exe_deleted = p->exe_deleted,
			.state = 'S',
			.unit = text_of(p->unit),
			.container = text_of(p->container),
			.is_user_unit = p->is_user_unit,
		};
	}
	hand_links(t, links);
	t->n_seen = 100;
	t->is_whole = true;
	return t;
}

/* A host with root's rights, cgroup2 and nothing hidden. */
static inline struct host_facts *hand_host(void)
{
	struct host_facts *h = table_new(sizeof(*h), NULL);

	h->clk_tck = 100;
	h->caps = UINT64_MAX;
	h->hides_pids = TRI_NO;
	h->has_cgroup2 = true;
	return h;
}

#endif

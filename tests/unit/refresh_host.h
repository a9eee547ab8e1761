/*
 * A host that a refresh asks, made of a few values: it takes requests, and gives answers
 * when it is told to. Include cmocka.h first.
 */
#ifndef TESTS_UNIT_REFRESH_HOST_H
#define TESTS_UNIT_REFRESH_HOST_H

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/time.h"
#include "core/snapshot/refresh.h"
#include "tests/unit/diag_message.h"
#include "tests/unit/items.h"

#define ASKED_MAX   2048
#define SOCKETS_MAX 8
#define OWN_NETNS   UINT64_C(4026531840)
#define MS          NS_PER_MS
#define S           NS_PER_S

struct listener {
	const char *netns; /* of the request: "" "blue" "812"; NULL: the end */
	uint8_t family;
	uint16_t protocol, port;
	uint32_t inode;
	uint64_t cgroup_id;
};

struct asked {
	uint32_t seq;
	struct request request;
	uint32_t inodes[SOCKETS_MAX];
};

struct host {
	struct refresh *refresh;
	int64_t now_ns;
	uint32_t last_seq;
	struct asked asked[ASKED_MAX]; /* not answered yet, oldest first */
	size_t n_asked;
	unsigned n_all; /* since the start */
	/* What it is like. */
	const char *kernel;    /* NULL: "6.1.0", which does not count MPTCP sockets */
	const char *protocols; /* NULL: the file is not there */
	bool would_load_tcp;   /* asking would: it is refused */
	struct listener listeners[SOCKETS_MAX];
	const struct bundle_item *owners; /* up to the first without a name */
	const struct bundle_item *namespaces;
	int mptcp_error;
	uint64_t other_netns; /* what answers from other namespaces say they are of; 0:
				 nothing */
};

static inline struct host *host_new(const struct refresh_options *o)
{
	struct host *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->refresh = refresh_new(o);
	assert_non_null(h->refresh);
	h->now_ns = 100 * S;
	return h;
}

static inline void host_free(struct host *h)
{
	refresh_free(h->refresh);
	free(h);
}

static inline void drop_asked(struct host *h, size_t at)
{
	memmove(&h->asked[at], &h->asked[at + 1],
		(h->n_asked - at - 1) * sizeof(h->asked[0]));
	h->n_asked--;
}

/* Sends all that is due. Returns how many requests that were. */
static inline unsigned ask(struct host *h)
{
	struct request request;
	unsigned n = 0;

	while (refresh_next(h->refresh, h->now_ns, &request)) {
		struct asked *a = &h->asked[h->n_asked++];

		assert_true(h->n_asked < ASKED_MAX);
		assert_int_equal(request_check(&request), 0);
		*a = (struct asked){.seq = ++h->last_seq, .request = request};
		if (request.kind == REQUEST_OWNERS) {
			assert_in_range(request.owners.n_inodes, 1, SOCKETS_MAX);
			memcpy(a->inodes, request.owners.inodes,
			       request.owners.n_inodes * sizeof(uint32_t));
		}
		assert_int_equal(refresh_sent(h->refresh, h->last_seq, h->now_ns), 0);
		n++;
		h->n_all++;
	}
	return n;
}

/* The unanswered request of this text; NULL: none. */
static inline struct asked *find_asked(struct host *h, const char *text)
{
	char its[REQUEST_TEXT_MAX];

	for (size_t i = 0; i < h->n_asked; i++)
		if (!strcmp(request_text(&h->asked[i].request, its), text))
			return &h->asked[i];
	return NULL;
}

static inline struct asked *asked_for(struct host *h, const char *text)
{
	struct asked *a = find_asked(h, text);

	if (!a)
		fail_msg("%s was not asked", text);
	return a;
}

/* One part of an answer; the last one settles the request. */
static inline int give(struct host *h, struct asked *a, uint32_t part,
		       enum blob_status status, int error, const void *bytes, size_t len)
{
	struct blob b = {.seq = a->seq,
			 .part = part,
			 .status = status,
			 .error = error,
			 .netns = a->request.netns.kind == NETNS_OWN ? OWN_NETNS
								     : h->other_netns,
			 .wall_ns = 1000 * S + h->now_ns,
			 .boot_ns = h->now_ns,
			 .bytes = bytes,
			 .len = len};

	if (blob_is_end(&b))
		drop_asked(h, (size_t)(a - h->asked));
	return refresh_blob(h->refresh, &b, h->now_ns);
}

static inline size_t put_host(const struct host *h, uint8_t *out, size_t room)
{
	const struct bundle_item items[] = {
		ITEM("sys/kernel/hostname", "web1\n"),
		{.name = LIT("sys/kernel/osrelease"),
		 .data = text_of(h->kernel ? h->kernel : "6.1.0\n")},
		ITEM("self/ns/net", "net:[4026531840]"),
		ITEM("etc/services", "https 443/tcp\n"),
		ITEM("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
	};

	return items_put(out, room, items, N_OF(items));
}

static inline bool is_in_netns(const char *name, const struct netns_ref *n)
{
	char text[NETNS_NAME_MAX + 1] = "";

	if (n->kind == NETNS_NAME)
		memcpy(text, n->name, sizeof(text));
	if (n->kind == NETNS_PID)
		snprintf(text, sizeof(text), "%d", n->pid);
	return !strcmp(name, text);
}

static inline size_t put_socket(uint8_t *out, const struct listener *l, uint8_t state)
{
	struct diag_message m = diag_message_of(l->family, state, l->port);
	struct {
		uint16_t len, type;
		uint64_t id;
	} __attribute__((packed)) cgroup = {12, 21 /* INET_DIAG_CGROUP_ID */, l->cgroup_id};

	m.body.idiag_inode = l->inode;
	m.body.id.idiag_cookie[0] = l->inode;
	if (l->cgroup_id)
		m.head.nlmsg_len += (uint32_t)sizeof(cgroup);
	memcpy(out, &m, sizeof(m));
	if (l->cgroup_id)
		memcpy(out + sizeof(m), &cgroup, sizeof(cgroup));
	return m.head.nlmsg_len;
}

static inline size_t put_sockets(const struct host *h, const struct request *r,
				 uint8_t *out)
{
	bool is_of_connections = !(r->sock_diag.states & (1u << 10 | 1u << 7));
	size_t len = 0;

	for (size_t i = 0; i < SOCKETS_MAX && h->listeners[i].netns; i++) {
		const struct listener *l = &h->listeners[i];
		uint8_t state = l->protocol == IPPROTO_UDP ? 7 : 10;

		if ((!r->sock_diag.family || l->family == r->sock_diag.family) &&
		    l->protocol == r->sock_diag.protocol &&
		    is_in_netns(l->netns, &r->netns))
			len += put_socket(out + len, l, is_of_connections ? 1 : state);
	}
	return len;
}

static inline size_t put_text_tables(const struct host *h, uint8_t *out, size_t room)
{
	static const char head[] = "  sl  local_address rem_address   st\n";
	char lines[2048];
	int n = snprintf(lines, sizeof(lines), "%s", head);

	for (size_t i = 0; i < SOCKETS_MAX && h->listeners[i].netns; i++)
		for (unsigned state = 1; state <= 10; state += 9)
			n += snprintf(
				lines + n, sizeof(lines) - (size_t)n,
				" 0: 0100007F:%04X 00000000:0000 %02X "
				"00000000:00000000 00:00000000 00000000 0 0 %u 1 0 1\n",
				h->listeners[i].port, state,
				state == 10 ? h->listeners[i].inode : 0);
	const struct bundle_item items[] = {
		{.name = LIT("net/tcp"), .data = {lines, (size_t)n}},
		ITEM_ERROR("net/tcp6", ENOENT),
	};

	return items_put(out, room, items, N_OF(items));
}

static inline size_t put_net(const struct host *h, uint8_t *out, size_t room)
{
	const struct bundle_item items[] = {
		{.name = LIT("net/protocols"),
		 .data = text_of(h->protocols ? h->protocols : ""),
		 .error = h->protocols ? 0 : ENOENT}};

	return items_put(out, room, items, N_OF(items));
}

/* The whole answer of this host to a request. */
static inline size_t answer_of(const struct host *h, const struct request *r, uint8_t *out,
			       size_t room)
{
	switch (r->kind) {
	case REQUEST_SOCK_DIAG:
		return put_sockets(h, r, out);
	case REQUEST_FILES:
		if (r->files.set == FILES_HOST)
			return put_host(h, out, room);
		if (r->files.set == FILES_PROC_NET_SOCKETS)
			return put_text_tables(h, out, room);
		return put_net(h, out, room);
	case REQUEST_OWNERS:
		return h->owners ? items_put(out, room, h->owners, SIZE_MAX) : 0;
	case REQUEST_NAMESPACES:
		return h->namespaces ? items_put(out, room, h->namespaces, SIZE_MAX) : 0;
	case REQUEST_RTNETLINK:
	case REQUEST_SOCKET_UNITS:
	case REQUEST_CGROUPS:
	/* What only a diagnosis or a capture asks for. */
	case REQUEST_RULESET:
	case REQUEST_ROUTE:
	case REQUEST_CONNTRACK:
	case REQUEST_PROCESSES:
	case REQUEST_LOGS:
	case REQUEST_CHANGES:
	case REQUEST_NAMES:
	case REQUEST_PROBE:
	case REQUEST_REACH:
	case REQUEST_PROGRAMS:
	case REQUEST_IPSEC:
	case REQUEST_BRIDGES:
	case REQUEST_STANDING_RULES:
	case REQUEST_GENERATION:
	case REQUEST_UNITS:
	case REQUEST_CAPTURE:
	case REQUEST_MEMBER:
	case REQUEST_TRACE:
	case REQUEST_DROPS:
	case REQUEST_REMOTE:
	case REQUEST_JOINED:
	case N_REQUEST_KINDS:
		break;
	}
	return 0;
}

static inline int answer(struct host *h, struct asked *a)
{
	uint8_t bytes[8192];
	size_t len = answer_of(h, &a->request, bytes, sizeof(bytes));
	bool is_diag = a->request.kind == REQUEST_SOCK_DIAG;
	uint16_t protocol = is_diag ? a->request.sock_diag.protocol : 0;

	if (protocol == IPPROTO_MPTCP && h->mptcp_error)
		return give(h, a, 0, BLOB_LAST, h->mptcp_error, NULL, 0);
	if (protocol == IPPROTO_TCP && h->would_load_tcp)
		return give(h, a, 0, BLOB_LAST, ENOPKG, NULL, 0);
	return give(h, a, 0, BLOB_LAST, 0, bytes, len);
}

/* Answers what waits. Returns whether any of it changed something. */
static inline bool answer_all(struct host *h)
{
	bool is_changed = false;

	while (h->n_asked) {
		int r = answer(h, &h->asked[0]);

		assert_in_range(r, 0, 1);
		is_changed = is_changed || r;
	}
	return is_changed;
}

/* Answers and asks until nothing is due at this moment. */
static inline bool settle(struct host *h)
{
	bool is_changed = answer_all(h);

	while (ask(h))
		is_changed = answer_all(h) || is_changed;
	return is_changed;
}

/* The clock goes on; what is due then is asked and answered. */
static inline bool later(struct host *h, int64_t ns)
{
	h->now_ns += ns;
	return settle(h);
}

static inline struct snapshot *look(struct host *h)
{
	struct snapshot *s = refresh_snapshot(h->refresh);

	assert_non_null(s);
	return s;
}

static inline const struct source_note *find_note(const struct snapshot *s,
						  const char *source, const char *space)
{
	for (size_t i = 0; i < s->n_notes; i++)
		if (!strcmp(s->notes[i].source, source) &&
		    text_equals_str(s->notes[i].space, space))
			return &s->notes[i];
	return NULL;
}

/* One process with a web server on both families and a name server; 57 to 59 are for later.
 */

static const struct refresh_options watching = {.spaces = SPACES_OWN};

static const struct listener web = {"", AF_INET, IPPROTO_TCP, 443, 55, 0};
static const struct listener web6 = {"", AF_INET6, IPPROTO_TCP, 443, 56, 0};
static const struct listener dns = {"", AF_INET, IPPROTO_UDP, 53, 50, 0};

static const struct bundle_item nginx[] = {
	ITEM("100/stat", "100 (nginx) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0"),
	ITEM("100/exe", "/usr/sbin/nginx"),
	ITEM("100/fd/3", "socket:[55]"),
	ITEM("100/fd/4", "socket:[56]"),
	ITEM("100/fd/5", "socket:[50]"),
	ITEM("100/fd/6", "socket:[57]"),
	ITEM("100/fd/7", "socket:[58]"),
	ITEM("100/fd/8", "socket:[59]"),
	ITEM("scan", "full=1 pids=9 unread=0"),
	{.name = {NULL, 0}},
};

static inline struct host *web_host(const struct refresh_options *o)
{
	struct host *h = host_new(o);

	h->listeners[0] = web;
	h->listeners[1] = web6;
	h->listeners[2] = dns;
	h->owners = nginx;
	return h;
}

#endif

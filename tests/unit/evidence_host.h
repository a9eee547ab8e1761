/*
 * A host and what was seen on it, made by hand for the tests of the judgement: nginx 812 on
 * port 443 of 10.0.0.1, a window of five seconds, a capture that works, rules that let
 * everything in. A test changes what it is about. Include cmocka.h first.
 */
#ifndef TESTS_UNIT_EVIDENCE_HOST_H
#define TESTS_UNIT_EVIDENCE_HOST_H

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/time.h"
#include "core/diagnosis/diagnosis.h"
#include "tests/unit/by_hand.h"
#include "tests/unit/hand_rules.h"

#define WALL   (INT64_C(1763800000) * NS_PER_S)
#define SERVER "10.0.0.1"
#define CLIENT "10.0.0.2"

enum { ETH0 = 2, ETH1 = 3, COUNTERS_MAX = 16 };
/* IFF_... as the kernel tells them of lo, and of a device with a carrier. */
enum { LINK_IS_LO = 0x10049, LINK_IS_UP = 0x11043 };

struct scene {
	struct evidence e;
	struct snapshot *s;
	struct responses responses;
	struct attempts attempts;
	struct hand_rules rules, rules_after;
	struct counter_row counter_rows[2][COUNTERS_MAX];
	struct counter_table counters[2];
	struct setting_table settings;
	struct neighbour_row neighbour;
	struct neighbour_table neighbours;
	struct program_row program;
	struct program_table programs, programs_after;
	struct qdisc_row qdiscs[2];
	struct process_state state;
	struct process_state_table processes;
	struct socket_table *after;
	struct probe_result probe;
	uint32_t n_tried;
	uint32_t input, output, bans;
};

static const struct hand_socket scene_web[] = {
	SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .limit = 511), {0}};

static inline void scene_tables(struct space *space)
{
	static struct link_row links[] = {
		{.ifindex = 1, .flags = LINK_IS_LO, .name = {"lo", 2}},
		{.ifindex = ETH0, .flags = LINK_IS_UP, .name = {"eth0", 4}},
		{.ifindex = ETH1, .flags = LINK_IS_UP, .name = {"eth1", 4}},
	};
	static struct address_row rows[4];

	rows[0] = (struct address_row){.local = hand_addr(SERVER), 24, 0, 0, ETH0};
	rows[1] = (struct address_row){.local = hand_addr("10.0.0.9"), 24, 0, 0, ETH0};
	rows[2] = (struct address_row){.local = hand_addr("127.0.0.1"), 8, 254, 0, 1};
	rows[3] = (struct address_row){.local = hand_addr("2001:db8::1"), 64, 0, 0, ETH0};
	space->links = table_new(sizeof(*space->links), NULL);
	space->links->rows = links;
	space->links->n = N_OF(links);
	space->addresses = table_new(sizeof(*space->addresses), NULL);
	space->addresses->rows = rows;
	space->addresses->n = N_OF(rows);
	space->local_routes = table_new(sizeof(*space->local_routes), NULL);
}

/* Who listens and who holds it; again after a test has other sockets. */
static inline void scene_own(struct scene *c, const struct hand_socket *sockets,
			     const struct hand_process *processes,
			     const struct hand_link *links)
{
	table_unref(c->s);
	c->s = hand_snapshot();
	c->s->wall_ns = WALL;
	c->s->boot_ns = 500000 * NS_PER_S;
	c->s->host = hand_host();
	c->s->host->hostname = text_of("web-01");
	scene_tables(&c->s->spaces[0]);
	hand_sockets(&c->s->spaces[0], sockets);
	c->s->owners = hand_owners(processes, links);
	assert_int_equal(snapshot_link(c->s, NULL), 0);
	c->e.snapshot = c->s;
	c->e.space = &c->s->spaces[0];
}

/* All of it is of nginx. */
static inline void scene_listen(struct scene *c, const struct hand_socket *sockets)
{
	static const struct hand_process processes[] = {
		PROC(812, 1000, "nginx", .exe = "/usr/sbin/nginx", .unit = "nginx.service"),
		{0}};
	struct hand_link links[8] = {{0}};

	for (size_t i = 0; sockets[i].local && i < 7; i++)
		links[i] = (struct hand_link){sockets[i].inode, 812, (int32_t)i + 3};
	scene_own(c, sockets, processes, links);
}

static inline void scene_rules(struct scene *c)
{
	struct hand_rules *h = &c->rules;
	uint32_t table;

	hand_start(h);
	table = hand_firewall_table(h, NFPROTO_INET);
	h->tables[table].name = text_of("filter");
	c->input = hand_base(h, table, FW_INPUT, 0, false);
	h->chains[c->input].name = text_of("input");
	RULE(h, X_PORT_IS(443), X_COUNTER, X_DROP);
	c->output = hand_base(h, table, FW_OUTPUT, 0, false);
	h->chains[c->output].name = text_of("output");
	RULE(h, X_COUNTER, X_DROP);
	c->bans = hand_chain(h, table);
	h->chains[c->bans].name = text_of("f2b-nginx");
	RULE(h, X_SADDR(0), X_EQ(0, 10, 0, 0, 2), X_DROP);
	c->e.rules = &h->r;
}

/* How it was at the end: the same rules, their counters as `before` leaves them. */
static inline void scene_rules_after(struct scene *c)
{
	c->rules_after = c->rules;
	c->rules_after.r.tables = c->rules_after.tables;
	c->rules_after.r.chains = c->rules_after.chains;
	c->rules_after.r.rules = c->rules_after.rules;
	c->rules_after.r.sets = c->rules_after.sets;
	c->e.rules_after = &c->rules_after.r;
}

static inline int scene_by_name(const void *a, const void *b)
{
	const struct counter_row *x = a, *y = b;

	return text_compare(x->name, y->name);
}

/* The kernel counted so much in the window. */
static inline void scene_count(struct scene *c, const char *name, uint64_t delta)
{
	for (int i = 0; i < 2; i++) {
		struct counter_table *t = &c->counters[i];
		size_t at = 0;

		while (at < t->n && !text_equals_str(t->rows[at].name, name))
			at++;
		t->rows[at] = (struct counter_row){text_of(name), 7 + (i ? delta : 0)};
		t->n += at == t->n;
		qsort(t->rows, t->n, sizeof(*t->rows), scene_by_name);
	}
}

/* The way of the packet: to the socket, and back. */
static inline void scene_walk(struct scene *c, const char *server, const char *client)
{
	struct walk *w = &c->e.walks[c->e.n_walks++];
	struct path *p = &w->path;

	*w = (struct walk){.server = hand_addr(server), .is_walked = true};
	if (client)
		w->client = hand_addr(client);
	p->ask = (struct path_ask){.proto = c->e.target.proto,
				   .client = w->client,
				   .server = w->server,
				   .server_port = c->e.target.port};
	p->request = (struct path_leg){.verdict = PATH_ACCEPT,
				       .is_walked = true,
				       .decided_by = DECIDER_SOCKET,
				       .at = PLACE_SOCKET,
				       .chain = UINT32_MAX,
				       .rule = UINT32_MAX,
				       .nat_chain = UINT32_MAX,
				       .nat_rule = UINT32_MAX,
				       .set = UINT32_MAX,
				       .element = UINT32_MAX};
	p->reply = p->request;
	p->reply.decided_by = DECIDER_NONE;
	p->reply.is_walked = client != NULL;
	p->reply.hops[p->reply.n_hops++] = (struct path_hop){.place = PLACE_ROUTE,
							     .ifindex = ETH0,
							     .chain = UINT32_MAX,
							     .rule = UINT32_MAX};
	p->server = w->server;
	p->server_port = c->e.target.port;
	p->in_ifindex = ETH0;
	p->is_local = true;
	p->socket = path_socket(c->e.space, c->e.target.proto, &w->server, c->e.target.port,
				ETH0, &p->endpoint, c->s, &p->is_served);
}

static inline void scene_start(struct scene *c)
{
	memset(c, 0, sizeof(*c));
	responses_init(&c->responses);
	attempts_init(&c->attempts, 50000);
	c->attempts.is_ready = true;
	c->attempts.state = (struct capture_state){.is_ready = true, .n_packets = 22};
	c->e = (struct evidence){.target = {.proto = IPPROTO_TCP, .port = 443},
				 .attempts = &c->attempts,
				 .responses = &c->responses,
				 .window_start_ns = WALL,
				 .window_end_ns = WALL + 5 * NS_PER_S,
				 .now_ns = WALL + 6 * NS_PER_S,
				 .waited_ns = 5 * NS_PER_S,
				 .has_window_ended = true};
	for (int i = 0; i < 2; i++)
		c->counters[i].rows = c->counter_rows[i];
	c->e.counters = &c->counters[0];
	c->e.counters_after = &c->counters[1];
	scene_count(c, "Tcp.OutRsts", 0);
	scene_count(c, "TcpExt.ListenOverflows", 0);
	c->settings.modules = text_of("nf_tables 1 0 - Live 0x0\n");
	c->e.settings = &c->settings;
	c->e.programs = &c->programs;
	c->e.programs_after = &c->programs_after;
	scene_listen(c, scene_web);
	scene_rules(c);
}

static inline void scene_end(struct scene *c)
{
	responses_release(&c->responses);
	attempts_release(&c->attempts);
	table_unref(c->s);
	table_unref(c->after);
}

/* An attempt in the window. What the row does not say: a SYN that was sent again and got
 * nothing. */
static inline void scene_tell(struct scene *c, const char *client, struct attempt a)
{
	struct record r = {.kind = RECORD_ATTEMPT, .attempt = a};
	struct attempt *t = &r.attempt;

	t->client = hand_addr(client);
	t->server = t->server.family ? t->server : hand_addr(SERVER);
	t->client_port = t->client_port ? t->client_port : (uint16_t)(40000 + c->n_tried);
	t->server_port = t->server_port ? t->server_port : c->e.target.port;
	t->proto = c->e.target.proto;
	t->sequence = ++c->n_tried;
	t->n_syns = t->n_syns ? t->n_syns : 1;
	t->first_ns = t->first_ns ? t->first_ns : WALL + NS_PER_S + c->n_tried;
	t->last_ns = t->last_ns ? t->last_ns : t->first_ns + (t->n_syns - 1) * NS_PER_S;
	t->rtt_ns = -1;
	t->devices[0] = ETH0;
	t->n_devices = 1;
	assert_int_equal(attempts_take_record(&c->attempts, &r), 0);
}

/* Nobody tried after all. */
static inline void scene_forget(struct scene *c)
{
	struct capture_state state = c->attempts.state;

	attempts_release(&c->attempts);
	c->attempts.state = state;
	c->attempts.is_ready = true;
}

#define SILENT_TRY  ((struct attempt){.outcome = OUTCOME_SILENT, .n_syns = 3})
#define REFUSED_TRY ((struct attempt){.outcome = OUTCOME_REFUSED})
#define ANSWERED_TRY                                              \
	((struct attempt){.outcome = OUTCOME_ANSWERED,            \
			  .n_syn_acks = 1,                        \
			  .answered_ns = WALL + NS_PER_S + 2,     \
			  .client_bytes = BYTES_TLS_CLIENT_HELLO, \
			  .n_client_bytes = 500,                  \
			  .server_bytes = BYTES_TLS_SERVER_HELLO, \
			  .n_server_bytes = 900})

/* Tried once, and its way is walked. */
static inline void scene_try(struct scene *c, struct attempt a)
{
	scene_tell(c, CLIENT, a);
	scene_walk(c, SERVER, CLIENT);
}

/* --from: the person says that it is trying. */
static inline void scene_name(struct scene *c)
{
	c->e.target.client = hand_addr(CLIENT);
	c->e.target.is_client_named = true;
}

/* A rule (UINT32_MAX: the policy) of a chain ends the leg of the newest walk. */
static inline struct path_leg *scene_deny(struct scene *c, bool is_reply, uint32_t chain,
					  uint32_t rule, enum path_verdict verdict)
{
	struct path *p = &c->e.walks[c->e.n_walks - 1].path;
	struct path_leg *leg = is_reply ? &p->reply : &p->request;

	leg->verdict = verdict;
	leg->decided_by = rule == UINT32_MAX ? DECIDER_POLICY : DECIDER_RULE;
	leg->at = is_reply ? PLACE_OUTPUT : PLACE_INPUT;
	leg->chain = chain;
	leg->rule = rule;
	if (!is_reply) {
		p->reply.is_walked = false;
		p->endpoint = NULL;
		p->is_served = TRI_UNSURE;
	}
	return leg;
}

/* How the rule's counter moved. */
static inline void scene_move(struct scene *c, uint32_t rule, uint64_t delta)
{
	c->rules.rules[rule].has_counter = true;
	c->rules.rules[rule].packets = 5;
	scene_rules_after(c);
	c->rules_after.rules[rule].packets = 5 + delta;
}

/* How nginx does at the end. */
static inline void scene_state(struct scene *c, struct process_state state)
{
	state.pid = 812;
	state.start_ticks = state.start_ticks ? state.start_ticks : 1000;
	c->state = state;
	c->processes.rows = &c->state;
	c->processes.n = 1;
	c->e.processes = &c->processes;
}

/* Sockets as they were read again at the end. */
static inline void scene_after(struct scene *c, const struct hand_socket *rows)
{
	table_unref(c->after);
	c->after = hand_table(rows, PROTO_TCP);
	c->e.listeners_after = c->after;
}

static inline void scene_neighbour(struct scene *c, uint16_t state)
{
	c->neighbour = (struct neighbour_row){.address = hand_addr(CLIENT),
					      .ifindex = ETH0,
					      .state = state,
					      .has_mac = state != 0x20 && state != 0x01};
	c->neighbours.rows = &c->neighbour;
	c->neighbours.n = 1;
	c->e.neighbours = &c->neighbours;
}

/* ---- judged ---- */

static inline struct diagnosis *scene_judge(struct scene *c, void (*make)(struct scene *c))
{
	struct diagnosis *d;

	scene_start(c);
	make(c);
	d = judge(&c->e);
	assert_non_null(d);
	return d;
}

static inline void scene_give_back(struct scene *c, struct diagnosis *d)
{
	table_unref(d);
	scene_end(c);
}

/* ---- rows ---- */

/* What one constellation must be told as. */
struct scene_row {
	const char *what;
	void (*make)(struct scene *c);
	enum fault fault;
	enum certainty certainty; /* NONE: it must not be told */
	const char *words;        /* of the summary; "": any */
	bool is_beside;           /* another fault is the cause */
	bool is_excluded;         /* with NONE: it stands among what is not the cause */
};

#define TOLD(text, how, id, c, said)                                            \
	{                                                                       \
		.what = (text), .make = (how), .fault = (id), .certainty = (c), \
		.words = (said)                                                 \
	}
#define PROVEN(text, how, id, said)   TOLD(text, how, id, CERTAINTY_PROVEN, said)
#define LIKELY(text, how, id, said)   TOLD(text, how, id, CERTAINTY_LIKELY, said)
#define POSSIBLE(text, how, id, said) TOLD(text, how, id, CERTAINTY_POSSIBLE, said)
#define BESIDE(text, how, id, c)                                                \
	{                                                                       \
		.what = (text), .make = (how), .fault = (id), .certainty = (c), \
		.words = "", .is_beside = true                                  \
	}
#define NEVER(text, how, id) TOLD(text, how, id, CERTAINTY_NONE, "")
#define EXCLUDED(text, how, id)                                            \
	{                                                                  \
		.what = (text), .make = (how), .fault = (id), .words = "", \
		.is_excluded = true                                        \
	}

static inline enum step_id scene_step_of(enum fault f)
{
	static const enum step_id steps[N_FAULTS] = {
#define X(name, id, step, headline, meaning) [FAULT_##name] = STEP_##step,
		FAULTS(X)
#undef X
	};

	return steps[f];
}

static inline bool scene_contains(struct text t, const char *words)
{
	return text_contains_nocase(t, text_of(words));
}

static inline bool scene_excludes(const struct diagnosis *d, enum fault f)
{
	for (size_t i = 0; i < d->n_excluded; i++)
		if (d->excluded[i] == f)
			return true;
	return false;
}

static inline void scene_check_told(const struct scene_row *row, const struct diagnosis *d)
{
	const struct finding *f = NULL;

	for (size_t i = 0; !f && i < d->n_findings; i++)
		if (d->findings[i].fault == row->fault)
			f = &d->findings[i];
	if (!f)
		fail_msg("%s: %s is not told", row->what, fault_id(row->fault));
	if (f->certainty != row->certainty)
		fail_msg("%s: certainty %d, not %d", row->what, f->certainty,
			 row->certainty);
	if (f->step != scene_step_of(row->fault))
		fail_msg("%s: step %d", row->what, f->step);
	if (!scene_contains(f->summary, row->words))
		fail_msg("%s: \"%.*s\"", row->what, (int)f->summary.len, f->summary.bytes);
	if (scene_excludes(d, row->fault))
		fail_msg("%s: told and excluded", row->what);
	if (row->is_beside)
		return;
	if (f != &d->findings[0])
		fail_msg("%s: %s is the cause", row->what, fault_id(d->findings[0].fault));
	if (d->verdict == VERDICT_HEALTHY ||
	    (d->verdict == VERDICT_FAULT) != (row->certainty >= CERTAINTY_LIKELY))
		fail_msg("%s: verdict %s", row->what, verdict_word(d->verdict));
}

static inline void scene_check(const struct scene_row *row, const struct diagnosis *d)
{
	if (row->certainty != CERTAINTY_NONE) {
		scene_check_told(row, d);
		return;
	}
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].fault == row->fault)
			fail_msg("%s: it is told: \"%.*s\"", row->what,
				 (int)d->findings[i].summary.len,
				 d->findings[i].summary.bytes);
	if (scene_excludes(d, row->fault) != row->is_excluded)
		fail_msg("%s: %sexcluded", row->what, row->is_excluded ? "not " : "");
}

static inline void scene_run(const struct scene_row *rows, size_t n)
{
	static struct scene c;

	for (size_t i = 0; i < n; i++) {
		struct diagnosis *d;

		scene_start(&c);
		rows[i].make(&c);
		d = judge(&c.e);
		assert_non_null(d);
		scene_check(&rows[i], d);
		table_unref(d);
		scene_end(&c);
	}
}

#endif

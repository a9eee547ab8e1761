/* What a run asks for: each question with its arguments. When it is asked is run.c. */
#include "core/diagnosis/run_ask.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "core/diagnosis/check_ipsec.h"
#include "core/diagnosis/check_routing.h"
#include "core/diagnosis/related.h"
#include "core/diagnosis/walks.h"

enum { ROUNDS_MAX = 16 };

void asking_put(struct asking *a, const struct question *q)
{
	const struct response *r = responses_find(a->run->evidence.responses, q);

	a->n_new += !r;
	a->ask(a->arg, q);
	if (!r || r->state == RESPONSE_WAITING)
		a->n_waiting++;
}

void asking_put_kind(struct asking *a, enum question_kind kind, unsigned round)
{
	struct question q = {.kind = kind, .round = (uint8_t)round};

	asking_put(a, &q);
}

static void add_pids(struct pid_list *out, const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_owners && out->n < REQUEST_PIDS_MAX; i++) {
		uint32_t pid = (uint32_t)e->owners[i]->pid;
		size_t k = 0;

		while (k < out->n && out->pids[k] != pid)
			k++;
		if (k == out->n)
			out->pids[out->n++] = pid;
	}
}

static struct pid_list owners_of_target(const struct evidence *e)
{
	const struct endpoint *serving[32];
	size_t n = evidence_serving(e, serving, 32);
	struct pid_list pids = {0};

	for (size_t i = 0; i < n; i++)
		add_pids(&pids, serving[i]);
	return pids;
}

void asking_put_past(struct asking *a, enum question_kind kind, int64_t before_ns)
{
	const struct evidence *e = &a->run->evidence;
	struct question q = {.kind = kind};

	q.past.since_wall_ns = e->window_start_ns - before_ns;
	q.past.pids = owners_of_target(e);
	asking_put(a, &q);
}

void asking_put_processes(struct asking *a)
{
	struct question q = {.kind = QUESTION_PROCESSES};

	q.processes = owners_of_target(&a->run->evidence);
	if (q.processes.n)
		asking_put(a, &q);
}

struct question run_ask_datagrams(const struct run *r, uint8_t family)
{
	return (struct question){
		.kind = QUESTION_DATAGRAMS,
		.round = 1,
		.datagrams = {.port = r->options.target.port, .family = family}};
}

static void put_datagrams(struct asking *a)
{
	struct question v4 = run_ask_datagrams(a->run, AF_INET);
	struct question v6 = run_ask_datagrams(a->run, AF_INET6);

	asking_put(a, &v4);
	asking_put(a, &v6);
}

void asking_put_ports(struct asking *a)
{
	const struct aim *t = &a->run->options.target;
	struct question conntrack = {.kind = QUESTION_CONNTRACK,
				     .conntrack = {.proto = t->proto, .port = t->port}};
	struct question connections = {
		.kind = QUESTION_CONNECTIONS, .round = 1, .port = t->port};
	struct question handshakes = {
		.kind = QUESTION_HANDSHAKES, .round = 1, .port = t->port};

	asking_put(a, &conntrack);
	if (t->proto == IPPROTO_UDP)
		put_datagrams(a);
	if (t->proto != IPPROTO_TCP)
		return;
	asking_put(a, &connections);
	asking_put(a, &handshakes);
}

static void put_route(struct asking *a, struct route_ask ask)
{
	struct question q = {.kind = QUESTION_ROUTE, .route = ask};

	asking_put(a, &q);
}

static void put_routing(struct asking *a)
{
	const struct evidence *e = &a->run->evidence;

	for (size_t i = 0; i < e->n_walks; i++) {
		struct route_ask way;

		if (!routing_way(&e->walks[i], &way))
			continue;
		asking_put_kind(a, QUESTION_ROUTING, 1);
		put_route(a, way);
		put_route(a, routing_plain(&way));
	}
}

void asking_put_choosers(struct asking *a)
{
	if (ipsec_has_stopped(&a->run->evidence))
		asking_put_kind(a, QUESTION_IPSEC, 1);
	put_routing(a);
}

static struct run_walked walked_from(const struct run *r)
{
	const struct responses *all = r->evidence.responses;
	struct run_walked now = {.snapshot = r->evidence.snapshot,
				 .n_taken = r->evidence.attempts->n_taken};

	for (size_t i = 0; i < all->rows.n; i++) {
		const struct response *answer = *(struct response **)vec_at(&all->rows, i);

		now.n_answered += answer->state != RESPONSE_WAITING;
	}
	return now;
}

/* Elements are asked for many at a time. */
static bool waits_for_elements(const struct run *r)
{
	const struct responses *all = r->evidence.responses;

	for (size_t i = 0; i < all->rows.n; i++) {
		const struct response *answer = *(struct response **)vec_at(&all->rows, i);

		if (answer->question.kind == QUESTION_MEMBER &&
		    answer->state == RESPONSE_WAITING)
			return true;
	}
	return false;
}

/* Thousands of rules take their time: only when what they are made from has changed. */
static int make_walks(struct run *r)
{
	struct run_walked now = walked_from(r), *last = &r->walked;
	int error;

	if (r->n_rounds >= ROUNDS_MAX || waits_for_elements(r) ||
	    (last->snapshot == now.snapshot && last->n_taken == now.n_taken &&
	     last->n_answered == now.n_answered))
		return 0;
	error = walks_make(&r->evidence);
	if (!error)
		*last = now;
	return error;
}

/* What the way of a data connection wants, where one came to nothing. */
static void put_related(struct run *r, struct asking *a, const struct walk *w)
{
	struct path *p = malloc(sizeof(*p));

	if (p && related_walk(&r->evidence, w, p))
		for (size_t k = 0; k < p->n_needs; k++)
			asking_put(a, &p->needs[k]);
	free(p);
}

bool asking_put_remote(const struct run *r, struct asking *a)
{
	struct question q = {.kind = QUESTION_REMOTE, .remote = &r->options.remote};
	unsigned before = a->n_waiting;

	if (!q.remote->n)
		return false;
	asking_put(a, &q);
	return a->n_waiting > before;
}

/* Routes that the walks want, round after round; in the end our own connection. */
void asking_put_walks(struct run *r, struct asking *a)
{
	unsigned before = a->n_new;

	if (make_walks(r))
		return;
	for (size_t i = 0; i < r->evidence.n_walks; i++) {
		const struct path *p = &r->evidence.walks[i].path;

		for (size_t k = 0; k < p->n_needs; k++)
			asking_put(a, &p->needs[k]);
		put_related(r, a, &r->evidence.walks[i]);
	}
	if (a->n_new > before)
		r->n_rounds++;
}

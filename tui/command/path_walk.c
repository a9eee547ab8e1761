/* Asks what a walk needs, walks, and goes on behind the cable into a namespace of this
 * host. Prints nothing but what could not be read. */
#include "tui/command/path_walk.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/live/diagnose.h"

#define PATIENCE_NS (40 * NS_PER_S)
enum { ROUNDS_MAX = 16, DEPTH_MAX = 4 };

struct path_trip {
	struct path_page page;
	struct path_ask ask;
	struct inquiry *inquiry;   /* the pool's */
	struct snapshot *snapshot; /* a reference */
	struct path_trip *inner;   /* NULL: none */
	bool is_settled;           /* nothing more would change what was walked */
};

/* Trips that are walked at once, in one namespace. */
struct party {
	struct looking *look;
	struct inquiry *inquiry;
	struct path_trip **trips;
	size_t n;
	/* Where each is walked: the questions of a walk take more room than all the rest of
	 * it, and are needed no longer than until they are asked. */
	struct path *room;
};

/* ---- what is known of each namespace ---- */

struct path_pool {
	struct vec inquiries; /* struct inquiry * */
};

struct path_pool *path_pool_new(void)
{
	struct path_pool *p = malloc(sizeof(*p));

	if (p)
		p->inquiries = VEC_OF(struct inquiry *);
	return p;
}

void path_pool_free(struct path_pool *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->inquiries.n; i++) {
		struct inquiry *inquiry = *(struct inquiry **)vec_at(&p->inquiries, i);

		inquiry_release(inquiry);
		free(inquiry);
	}
	vec_release(&p->inquiries);
	free(p);
}

static bool is_same_ref(const struct netns_ref *a, const struct netns_ref *b)
{
	return a->kind == b->kind && a->pid == b->pid && !strcmp(a->name, b->name);
}

/* The one of that namespace, or a new one. NULL: no memory. */
static struct inquiry *inquiry_of(struct path_pool *p, const struct netns_ref *ref)
{
	struct inquiry *made, **kept;

	for (size_t i = 0; i < p->inquiries.n; i++) {
		made = *(struct inquiry **)vec_at(&p->inquiries, i);
		if (is_same_ref(&made->space, ref))
			return made;
	}
	made = calloc(1, sizeof(*made));
	kept = made ? vec_push(&p->inquiries) : NULL;
	if (!kept) {
		free(made);
		return NULL;
	}
	inquiry_init(made, ref);
	*kept = made;
	return made;
}

/* ---- asking ---- */

static struct netns_ref ref_of(const struct space *s)
{
	struct netns_ref ref = {.kind = NETNS_OWN};
	char name[NETNS_NAME_MAX + 8];

	if (s->is_own || s->name.len >= sizeof(name))
		return ref;
	memcpy(name, s->name.bytes, s->name.len);
	name[s->name.len] = '\0';
	if (!strncmp(name, "pid ", 4)) {
		ref.kind = NETNS_PID;
		ref.pid = (pid_t)atol(name + 4);
	} else if (s->name.len <= NETNS_NAME_MAX) {
		ref.kind = NETNS_NAME;
		memcpy(ref.name, name, s->name.len + 1);
	}
	return ref;
}

static int ask_tables(struct inquiry *inquiry)
{
	static const enum question_kind kinds[] = {QUESTION_RULESET, QUESTION_SETTINGS,
						   QUESTION_NEIGHBOURS, QUESTION_PROGRAMS};
	int error = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !error; i++) {
		struct question q = {.kind = kinds[i]};

		error = inquiry_ask(inquiry, &q);
	}
	return error;
}

static void take_tables(struct path_trip *t)
{
	struct evidence *e = &t->page.evidence;
	const struct responses *r = &t->inquiry->responses;

	e->rules = responses_table(r, QUESTION_RULESET, 0);
	e->settings = responses_table(r, QUESTION_SETTINGS, 0);
	e->neighbours = responses_table(r, QUESTION_NEIGHBOURS, 0);
	e->programs = responses_table(r, QUESTION_PROGRAMS, 0);
	e->now_ns = t->inquiry->last_wall_ns;
	e->utc_offset_s = diagnose_utc_offset_s(e->now_ns);
}

/* What a walk lacks, and whether it is all answered (for another trip, maybe). */
static int ask_needs(struct path_trip *t, const struct path *p)
{
	int error = 0;

	t->is_settled = true;
	for (size_t i = 0; i < p->n_needs && !error; i++) {
		const struct response *r =
			responses_find(&t->inquiry->responses, &p->needs[i]);

		if (!r || r->state == RESPONSE_WAITING)
			t->is_settled = false;
		error = inquiry_ask(t->inquiry, &p->needs[i]);
	}
	return error;
}

static int walk_once(struct path_trip *t, struct path *room)
{
	struct path_world world;
	int error;

	if (t->is_settled)
		return 0;
	take_tables(t);
	world = evidence_world(&t->page.evidence);
	error = path_walk(&world, &t->ask, room);
	if (error)
		return error;
	memcpy(&t->page.path, room, offsetof(struct path, needs));
	t->page.path.n_needs = room->n_needs;
	return ask_needs(t, room);
}

/* All at once, round by round, until no walk has a question that was not asked before. */
static int walk_party(struct party *p)
{
	const struct vec *asked = &p->inquiry->responses.rows;
	int error = ask_tables(p->inquiry);
	size_t n_before = SIZE_MAX;

	for (int rounds = 0; !error && asked->n != n_before && rounds < ROUNDS_MAX;
	     rounds++) {
		looking_ask(p->look, p->inquiry, PATIENCE_NS);
		if (p->look->code)
			return -ECANCELED;
		n_before = asked->n;
		for (size_t i = 0; i < p->n && !error; i++)
			error = walk_once(p->trips[i], p->room);
	}
	return error;
}

/* The address that the kernel gives to what is sent without one, by its own route. */
static struct addr source_of(const struct path_trip *t)
{
	const struct responses *all = &t->inquiry->responses;
	const struct path *p = &t->page.path;

	for (size_t i = 0; i < all->rows.n; i++) {
		const struct response *r = *(struct response **)vec_at(&all->rows, i);
		const struct question *q = &r->question;
		const struct route_answer *route = r->table;

		if (q->kind == QUESTION_ROUTE && route && !route->error &&
		    !q->route.in_ifindex && !q->route.source.family &&
		    q->route.proto == p->ask.proto &&
		    q->route.target_port == p->ask.server_port &&
		    addr_equals(&q->route.target, &p->ask.server))
			return route->source;
	}
	return (struct addr){0};
}

/* Of what this host sends, the kernel chooses the source; then they go again with it. */
static int walk_in_room(struct party *p)
{
	int error = walk_party(p);
	bool is_again = false;

	for (size_t i = 0; i < p->n && !error; i++) {
		struct path_trip *t = p->trips[i];

		if (!t->ask.is_from_here || t->ask.client.family)
			continue;
		t->ask.client = source_of(t);
		if (t->ask.client.family)
			t->is_settled = false;
		is_again |= !t->is_settled;
	}
	return error || !is_again ? error : walk_party(p);
}

static int walk(struct party *p)
{
	int error;

	p->room = malloc(sizeof(*p->room));
	error = p->room ? walk_in_room(p) : -ENOMEM;
	free(p->room);
	p->room = NULL;
	return error;
}

/* ---- on, behind the cable ---- */

static const struct link_row *link_of(const struct space *s, uint32_t ifindex)
{
	return s->links && ifindex ? links_find(s->links, ifindex) : NULL;
}

/* The two ends of a veth name each other, and ours is where the packet leaves, or a port
 * of the bridge by which it leaves. */
static bool is_cable(const struct space *here, uint32_t out_ifindex,
		     const struct space *there, uint32_t in_ifindex)
{
	const struct link_row *far = link_of(there, in_ifindex);
	const struct link_row *near = far ? link_of(here, far->peer) : NULL;

	if (!near || !text_equals_str(near->kind, "veth") ||
	    !text_equals_str(far->kind, "veth") || near->peer != far->ifindex)
		return false;
	return near->ifindex == out_ifindex || near->master == out_ifindex;
}

/* The only namespace that has the address at the other end of a cable to here. */
static const struct space *space_behind(const struct path_trip *t, uint32_t *in_ifindex)
{
	const struct path *p = &t->page.path;
	const struct space *here = t->page.evidence.space, *found = NULL;

	for (size_t i = 0; i < t->snapshot->n_spaces; i++) {
		const struct space *s = &t->snapshot->spaces[i];
		uint32_t in = s->addresses ? address_ifindex(s->addresses, &p->server) : 0;

		if (s == here || !is_cable(here, p->out_ifindex, s, in))
			continue;
		if (found)
			return NULL;
		found = s;
		*in_ifindex = in;
	}
	return found;
}

static struct path_ask ask_behind(const struct path *p, uint32_t in_ifindex)
{
	struct path_ask ask = p->ask;

	ask.is_from_here = false;
	ask.in_ifindex = in_ifindex;
	ask.server = p->server;
	ask.server_port = p->server_port;
	if (p->is_source_translated) {
		ask.client = p->sender;
		ask.client_port = p->sender_port;
	}
	if (ask.ttl && p->is_forwarded)
		ask.ttl--;
	return ask;
}

static void follow(struct path_pool *pool, struct looking *look, struct path_trip *t,
		   int depth);

static struct path_trip *trip_new(struct inquiry *inquiry, struct snapshot *snapshot,
				  const struct space *space, const struct path_ask *ask)
{
	struct path_trip *t = inquiry ? calloc(1, sizeof(*t)) : NULL;

	if (!t)
		return NULL;
	t->snapshot = table_ref(snapshot);
	t->inquiry = inquiry;
	t->ask = *ask;
	t->page.evidence.snapshot = t->snapshot;
	t->page.evidence.space = space;
	t->page.evidence.responses = &inquiry->responses;
	return t;
}

static struct path_trip *make_inner(struct path_pool *pool, struct looking *look,
				    struct snapshot *snapshot, const struct space *space,
				    const struct path_ask *ask, int depth)
{
	struct netns_ref ref = ref_of(space);
	struct inquiry *inquiry = inquiry_of(pool, &ref);
	struct path_trip *t = trip_new(inquiry, snapshot, space, ask);
	struct party alone = {.look = look, .inquiry = inquiry, .trips = &t, .n = 1};

	if (!t || walk(&alone)) {
		path_trip_free(t);
		return NULL;
	}
	follow(pool, look, t, depth);
	return t;
}

static void follow(struct path_pool *pool, struct looking *look, struct path_trip *t,
		   int depth)
{
	const struct path *p = &t->page.path;
	const struct space *there;
	struct path_ask ask;
	uint32_t in_ifindex = 0;

	if (p->is_local || !p->out_ifindex || depth == DEPTH_MAX ||
	    p->request.verdict == PATH_DROP || p->request.verdict == PATH_REJECT)
		return;
	there = space_behind(t, &in_ifindex);
	if (!there)
		return;
	ask = ask_behind(p, in_ifindex);
	t->inner = make_inner(pool, look, t->snapshot, there, &ask, depth + 1);
	if (t->inner)
		t->page.inner = &t->inner->page;
}

int path_trips_make(struct path_pool *pool, struct looking *look, struct snapshot *snapshot,
		    const struct space *space, const struct path_ask *asks, size_t n,
		    struct path_trip **trips)
{
	struct inquiry *inquiry = inquiry_of(pool, &look->cli->refresh.space);
	struct party party = {.look = look, .inquiry = inquiry, .trips = trips};
	int error;

	for (; party.n < n; party.n++) {
		trips[party.n] = trip_new(inquiry, snapshot, space, &asks[party.n]);
		if (!trips[party.n])
			break;
	}
	error = party.n < n ? -ENOMEM : walk(&party);
	for (size_t i = 0; i < party.n && !error; i++)
		follow(pool, look, trips[i], 0);
	for (size_t i = 0; i < party.n && error; i++)
		path_trip_free(trips[i]);
	return error;
}

void path_trip_free(struct path_trip *t)
{
	if (!t)
		return;
	path_trip_free(t->inner);
	table_unref(t->snapshot);
	free(t);
}

const struct path_page *path_trip_page(const struct path_trip *t)
{
	return &t->page;
}

/* ---- what could not be read ---- */

static const char *reason_for(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return "CAP_NET_ADMIN would be needed (run as root)";
	case ENODATA:
		return "it is not in the recording";
	case ETIMEDOUT:
	case 0:
		return "it did not answer in time";
	case EBADMSG:
		return "the answer was damaged";
	default:
		return strerror(error);
	}
}

static void say_missing(const struct path_trip *t, enum question_kind kind)
{
	const struct response *r = responses_of(&t->inquiry->responses, kind, 0);

	if (r && !r->table)
		fprintf(stderr, "dport: %s: %s.\n", question_word(kind),
			reason_for(r->error));
}

void path_trip_say_missing(const struct path_trip *t)
{
	if (path_page_state(&t->page) != PATH_IS_NOT_KNOWN)
		return;
	for (; t; t = t->inner) {
		say_missing(t, QUESTION_RULESET);
		say_missing(t, QUESTION_SETTINGS);
	}
}

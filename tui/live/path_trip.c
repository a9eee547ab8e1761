/* Asks what a walk needs, walks, and goes on behind the cable into a namespace of this
 * host: round by round, as the answers come. */
#include "tui/live/path_trip.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/live/diagnose.h"
#include "tui/live/path_behind.h"

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
	struct inquiry *inquiry;
	struct path_trip **trips;
	size_t n;
	int depth;
	unsigned rounds;
	size_t n_before; /* questions that were asked when it was last walked */
	bool is_started, has_sources;
	int64_t until_ns; /* then it goes on without what is missing */
};

struct path_trips {
	struct path_pool *pool;
	struct path_trip **trips;
	size_t n;
	struct vec
		parties; /* struct party *: the first is of all trips, then of inner ones */
	size_t at;       /* that is under way */
	/* Where each is walked: the questions of a walk take more room than all the rest of
	 * it, and are needed no longer than until they are asked. */
	struct path *room;
};

/* ---- asking ---- */

static struct netns_ref ref_of(const struct space *s)
{
	static const struct netns_ref own = {.kind = NETNS_OWN};
	char name[NETNS_NAME_MAX + 8];

	if (s->is_own || s->name.len >= sizeof(name))
		return own;
	memcpy(name, s->name.bytes, s->name.len);
	name[s->name.len] = '\0';
	return diagnose_ref(name, &own);
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
	if (!e->rules)
		e->rules = responses_table(r, QUESTION_RULESET, ROUND_STANDING);
	e->settings = responses_table(r, QUESTION_SETTINGS, 0);
	e->neighbours = responses_table(r, QUESTION_NEIGHBOURS, 0);
	e->programs = responses_table(r, QUESTION_PROGRAMS, 0);
	e->now_ns = t->inquiry->last_wall_ns;
	e->utc_offset_s = diagnose_utc_offset_s(e->now_ns);
}

/* A recording of the console has the rules that it read beside all else. */
static int ask_recorded(struct inquiry *inquiry)
{
	const struct response *r = responses_of(&inquiry->responses, QUESTION_RULESET, 0);
	const struct question q = {.kind = QUESTION_RULESET, .round = ROUND_STANDING};

	return r && !r->table && r->error == ENODATA ? inquiry_ask(inquiry, &q) : 0;
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

/* ---- a party ---- */

static struct party *party_add(struct path_trips *t, struct inquiry *inquiry,
			       struct path_trip **trips, size_t n, int depth)
{
	struct party *made = calloc(1, sizeof(*made)), **kept;

	kept = made ? vec_push(&t->parties) : NULL;
	if (!kept) {
		free(made);
		return NULL;
	}
	*made = (struct party){.inquiry = inquiry, .trips = trips, .n = n, .depth = depth};
	*kept = made;
	return made;
}

static struct party *party_at(const struct path_trips *t, size_t i)
{
	return i < t->parties.n ? *(struct party **)vec_at(&t->parties, i) : NULL;
}

static void wait_again(struct party *p, int64_t now_ns)
{
	p->until_ns = now_ns + PATIENCE_NS;
}

static int party_start(struct party *p, int64_t now_ns)
{
	p->is_started = true;
	p->rounds = 0;
	p->n_before = SIZE_MAX;
	wait_again(p, now_ns);
	return ask_tables(p->inquiry);
}

/* Until no walk has a question that was not asked before. */
static bool goes_on(const struct party *p)
{
	return p->inquiry->responses.rows.n != p->n_before && p->rounds < ROUNDS_MAX;
}

static int walk_round(struct path_trips *t, struct party *p)
{
	int error;

	p->n_before = p->inquiry->responses.rows.n;
	p->rounds++;
	error = ask_recorded(p->inquiry);
	for (size_t i = 0; i < p->n && !error; i++)
		error = walk_once(p->trips[i], t->room);
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
static bool take_sources(struct party *p)
{
	bool is_again = false;

	p->has_sources = true;
	for (size_t i = 0; i < p->n; i++) {
		struct path_trip *t = p->trips[i];

		if (!t->ask.is_from_here || t->ask.client.family)
			continue;
		t->ask.client = source_of(t);
		if (t->ask.client.family)
			t->is_settled = false;
		is_again = is_again || !t->is_settled;
	}
	return is_again;
}

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

static void path_trip_free(struct path_trip *t)
{
	if (!t)
		return;
	path_trip_free(t->inner);
	table_unref(t->snapshot);
	free(t);
}

/* A way that ends behind a cable is the caller's as it is here, where that fails. */
static void follow(struct path_trips *t, struct path_trip *trip, int depth)
{
	uint32_t in_ifindex = 0;
	const struct space *there =
		depth < DEPTH_MAX ? path_space_behind(&trip->page, &in_ifindex) : NULL;
	struct path_ask ask;
	struct netns_ref ref;

	if (!there)
		return;
	ask = path_ask_behind(&trip->page.path, in_ifindex);
	ref = ref_of(there);
	trip->inner =
		trip_new(path_pool_inquiry(t->pool, &ref), trip->snapshot, there, &ask);
	if (trip->inner &&
	    !party_add(t, trip->inner->inquiry, &trip->inner, 1, depth + 1)) {
		path_trip_free(trip->inner);
		trip->inner = NULL;
	}
}

/* Of a way behind a cable: known to the one before it once it is walked. */
static void party_end(struct path_trips *t, struct party *p)
{
	for (size_t i = 0; i < p->n; i++)
		follow(t, p->trips[i], p->depth);
	t->at++;
}

/* 1: walked, 0: it waits, or -errno. */
static int party_turn(struct path_trips *t, struct party *p, struct channel *c,
		      int64_t now_ns)
{
	int error = p->is_started ? 0 : party_start(p, now_ns);

	error = error ? error : inquiry_send(p->inquiry, c);
	if (error)
		return error;
	if (!responses_are_in(&p->inquiry->responses) && now_ns < p->until_ns)
		return 0;
	error = walk_round(t, p);
	if (error)
		return error;
	wait_again(p, now_ns);
	if (goes_on(p))
		return 1;
	if (!p->has_sources && take_sources(p))
		p->is_started = false;
	else
		party_end(t, p);
	return 1;
}

/* ---- all of them ---- */

static void link_inner(struct path_trip *t)
{
	for (; t->inner; t = t->inner)
		t->page.inner = &t->inner->page;
}

int path_trips_turn(struct path_trips *t, struct channel *c, int64_t now_ns)
{
	bool has_walked = false;
	int got = 1;

	while (got > 0 && !path_trips_are_done(t)) {
		got = party_turn(t, party_at(t, t->at), c, now_ns);
		has_walked = has_walked || got > 0;
	}
	for (size_t i = 0; i < t->n && path_trips_are_done(t); i++)
		link_inner(t->trips[i]);
	return got < 0 ? got : has_walked;
}

struct path_trips *path_trips_new(struct path_pool *pool, const struct netns_ref *ref,
				  struct snapshot *snapshot, const struct space *space,
				  const struct path_ask *asks, size_t n)
{
	struct path_trips *t = calloc(1, sizeof(*t));
	struct inquiry *inquiry = path_pool_inquiry(pool, ref);
	bool is_whole = t && inquiry;

	if (t) {
		t->pool = pool;
		t->parties = VEC_OF(struct party *);
		t->room = malloc(sizeof(*t->room));
		t->trips = calloc(n, sizeof(*t->trips));
		is_whole = is_whole && t->room && t->trips;
	}
	for (size_t i = 0; i < n && is_whole; i++) {
		t->trips[i] = trip_new(inquiry, snapshot, space, &asks[i]);
		is_whole = t->trips[i] != NULL;
		t->n += is_whole;
	}
	if (is_whole && party_add(t, inquiry, t->trips, n, 0))
		return t;
	path_trips_free(t);
	return NULL;
}

void path_trips_free(struct path_trips *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		path_trip_free(t->trips[i]);
	for (size_t i = 0; i < t->parties.n; i++)
		free(party_at(t, i));
	vec_release(&t->parties);
	free(t->trips);
	free(t->room);
	free(t);
}

bool path_trips_are_done(const struct path_trips *t)
{
	return t->at == t->parties.n;
}

int64_t path_trips_due_ns(const struct path_trips *t)
{
	const struct party *p = party_at(t, t->at);

	if (!p)
		return INT64_MAX;
	return p->is_started ? p->until_ns : 0;
}

struct inquiry *path_trips_inquiry(const struct path_trips *t)
{
	const struct party *p = party_at(t, t->at);

	return p ? p->inquiry : NULL;
}

const struct path_page *path_trips_page(const struct path_trips *t, size_t i)
{
	return &t->trips[i]->page;
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

static void put_missing(struct str *out, const struct path_page *p, enum question_kind kind)
{
	const struct response *r = responses_of(p->evidence.responses, kind, 0);

	if (kind == QUESTION_RULESET && p->evidence.rules)
		return;
	if (r && !r->table)
		str_printf(out, "%s: %s\n", question_word(kind), reason_for(r->error));
}

void path_put_missing(struct str *out, const struct path_page *p)
{
	if (path_page_state(p) != PATH_IS_NOT_KNOWN)
		return;
	for (; p; p = p->inner) {
		put_missing(out, p, QUESTION_RULESET);
		put_missing(out, p, QUESTION_SETTINGS);
	}
}

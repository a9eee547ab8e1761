/* Asks what a walk needs, walks, and goes on behind the cable into a namespace of this
 * host. Prints nothing but what could not be read. */
#include "tui/path_walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/diagnose.h"

#define PATIENCE_NS (10 * NS_PER_S)
enum { ROUNDS_MAX = 16, DEPTH_MAX = 4 };

struct path_trip {
	struct path_page page;
	struct inquiry inquiry;
	struct snapshot *snapshot; /* a reference */
	struct path_trip *inner;   /* NULL: none */
};

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

static int ask_tables(struct path_trip *t)
{
	static const enum question_kind kinds[] = {QUESTION_RULESET, QUESTION_SETTINGS,
						   QUESTION_NEIGHBOURS};
	int error = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !error; i++) {
		struct question q = {.kind = kinds[i]};

		error = inquiry_ask(&t->inquiry, &q);
	}
	return error;
}

static void take_tables(struct path_trip *t)
{
	struct evidence *e = &t->page.evidence;
	const struct responses *r = &t->inquiry.responses;

	e->rules = responses_table(r, QUESTION_RULESET, 0);
	e->settings = responses_table(r, QUESTION_SETTINGS, 0);
	e->neighbours = responses_table(r, QUESTION_NEIGHBOURS, 0);
	e->now_ns = t->inquiry.last_wall_ns;
	e->utc_offset_s = diagnose_utc_offset_s(e->now_ns);
}

/* Those that were not asked before. */
static int ask_needs(struct path_trip *t, size_t *n_new)
{
	const struct path *p = &t->page.path;
	int error = 0;

	*n_new = 0;
	for (size_t i = 0; i < p->n_needs && !error; i++) {
		*n_new += !responses_find(&t->inquiry.responses, &p->needs[i]);
		error = inquiry_ask(&t->inquiry, &p->needs[i]);
	}
	return error;
}

static int walk_as(struct path_trip *t, struct looking *look, const struct path_ask *ask)
{
	struct path_world world;
	size_t n_new = 1;
	int error = ask_tables(t);

	for (int rounds = 0; !error && n_new && rounds < ROUNDS_MAX; rounds++) {
		looking_ask(look, &t->inquiry, PATIENCE_NS);
		if (look->code)
			return -ECANCELED;
		take_tables(t);
		world = evidence_world(&t->page.evidence);
		error = path_walk(&world, ask, &t->page.path);
		if (!error)
			error = ask_needs(t, &n_new);
	}
	return error;
}

/* The address that the kernel gives to what is sent without one, by its own route. */
static struct addr source_of(const struct path_trip *t)
{
	const struct responses *all = &t->inquiry.responses;

	for (size_t i = 0; i < all->rows.n; i++) {
		const struct response *r = *(struct response **)vec_at(&all->rows, i);
		const struct route_answer *route = r->table;

		if (r->question.kind == QUESTION_ROUTE && route && !route->error &&
		    !r->question.route.in_ifindex &&
		    addr_equals(&r->question.route.target, &t->page.path.ask.server))
			return route->source;
	}
	return (struct addr){0};
}

static int walk(struct path_trip *t, struct looking *look, const struct path_ask *asked)
{
	struct path_ask ask = *asked;
	int error = walk_as(t, look, &ask);

	if (error || !ask.is_from_here || ask.client.family)
		return error;
	ask.client = source_of(t);
	return ask.client.family ? walk_as(t, look, &ask) : 0;
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

static struct path_trip *make(struct looking *look, struct snapshot *snapshot,
			      const struct space *space, const struct path_ask *ask,
			      int depth);

static void follow(struct path_trip *t, struct looking *look, int depth)
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
	t->inner = make(look, t->snapshot, there, &ask, depth + 1);
	if (t->inner)
		t->page.inner = &t->inner->page;
}

static struct path_trip *make(struct looking *look, struct snapshot *snapshot,
			      const struct space *space, const struct path_ask *ask,
			      int depth)
{
	struct path_trip *t = calloc(1, sizeof(*t));
	struct netns_ref ref = depth ? ref_of(space) : look->cli->refresh.space;

	if (!t)
		return NULL;
	t->snapshot = table_ref(snapshot);
	inquiry_init(&t->inquiry, &ref);
	t->page.evidence.snapshot = t->snapshot;
	t->page.evidence.space = space;
	t->page.evidence.responses = &t->inquiry.responses;
	if (walk(t, look, ask)) {
		path_trip_free(t);
		return NULL;
	}
	follow(t, look, depth);
	return t;
}

struct path_trip *path_trip_make(struct looking *look, struct snapshot *snapshot,
				 const struct space *space, const struct path_ask *ask)
{
	return make(look, snapshot, space, ask, 0);
}

void path_trip_free(struct path_trip *t)
{
	if (!t)
		return;
	path_trip_free(t->inner);
	inquiry_release(&t->inquiry);
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
	const struct response *r = responses_of(&t->inquiry.responses, kind, 0);

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

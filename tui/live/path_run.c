/* When a packet is walked, and when again. The walking is path_trip.h. */
#include "tui/live/path_run.h"

#include <errno.h>
#include <string.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "tui/live/diagnose.h"
#include "tui/live/path_behind.h"
#include "tui/loop.h"

#define MARK_NS  (2 * NS_PER_S)  /* between two looks whether the rules changed */
#define FRESH_NS (15 * NS_PER_S) /* routes and neighbours have no number */
#define LOOK_NS  (20 * NS_PER_S) /* a look into all namespaces is given up then */

static const char no_memory[] = "there is not enough memory to walk it";
static const char no_space[] = "the namespace could not be read";

void path_run_init(struct path_run *r, struct path_shown *shown, struct channel *c)
{
	*r = (struct path_run){.shown = shown, .channel = c};
}

static void free_walked(struct path_walked *w)
{
	path_trips_free(w->trips);
	path_pool_free(w->pool);
	*w = (struct path_walked){0};
}

static void end_look(struct path_run *r)
{
	refresh_free(r->look);
	r->look = NULL;
}

static void end_marks(struct path_run *r)
{
	if (r->is_marking)
		inquiry_release(&r->marks);
	r->is_marking = false;
}

static void forget_spaces(struct path_run *r)
{
	end_look(r);
	table_unref(r->spaces);
	r->spaces = NULL;
	r->has_looked = false;
}

static void take_picture(struct path_run *r, struct snapshot *s)
{
	struct snapshot *before = r->newest;

	r->newest = s ? table_ref(s) : NULL;
	table_unref(before);
}

void path_run_end(struct path_run *r)
{
	path_shown_forget(r->shown);
	free_walked(&r->next);
	free_walked(&r->walked);
	forget_spaces(r);
	end_marks(r);
	take_picture(r, NULL);
	r->is_open = r->is_wanted = r->is_anew = r->has_no_marks = false;
}

void path_run_snapshot(struct path_run *r, struct snapshot *s)
{
	if (r->is_open)
		take_picture(r, s);
}

/* ---- one walk ---- */

static int fail(struct path_run *r, const char *failure)
{
	free_walked(&r->next);
	path_shown_take(r->shown, NULL, 0, failure);
	free_walked(&r->walked);
	return 1;
}

/* Takes the hold of the pool. False: no memory. */
static bool begin_walk(struct path_run *r, struct snapshot *s, struct path_pool *pool)
{
	r->next.pool = pool;
	r->next.trips = path_trips_new(pool, &r->space, s, diagnose_space(s, &r->space),
				       &r->shown->ask, 1);
	return r->next.trips != NULL;
}

static bool is_fresh(const struct path_run *r)
{
	return r->walked.pool && !r->is_anew &&
	       r->wanted_wall_ns - r->walked.wall_ns < FRESH_NS;
}

/* What was read for the packet before counts for a while, if nobody changed it. */
static int begin(struct path_run *r)
{
	struct path_pool *known = is_fresh(r) ? r->walked.pool : NULL;
	struct path_pool *pool = known ? path_pool_hold(known) : path_pool_new();
	struct snapshot *s;

	if (!known)
		forget_spaces(r);
	s = r->spaces ? r->spaces : r->newest;
	r->is_wanted = r->is_anew = false;
	free_walked(&r->next);
	r->next.wall_ns = known ? r->walked.wall_ns : r->wanted_wall_ns;
	if (!s || !pool || !diagnose_space(s, &r->space)) {
		path_pool_free(pool);
		return fail(r, pool ? no_space : no_memory);
	}
	return begin_walk(r, s, pool) ? 0 : fail(r, no_memory);
}

void path_run_start(struct path_run *r, const struct netns_ref *own, struct snapshot *s,
		    bool is_anew, int64_t wall_ns)
{
	r->is_open = r->is_wanted = true;
	r->is_anew = r->is_anew || is_anew;
	r->space = diagnose_ref(r->shown->aim.space, own);
	r->wanted_wall_ns = wall_ns;
	r->shown->is_running = true;
	take_picture(r, s);
	if (!is_anew)
		return;
	r->has_no_marks = false;
	forget_spaces(r);
}

static int finish(struct path_run *r, int64_t now_ns)
{
	struct path_walked before = r->walked;

	r->walked = r->next;
	r->next = (struct path_walked){0};
	path_shown_take(r->shown, path_trips_page(r->walked.trips, 0), r->walked.wall_ns,
			NULL);
	free_walked(&before);
	r->mark_at_ns = now_ns + MARK_NS;
	return 1;
}

/* ---- all namespaces, once one of them matters ---- */

static bool wants_look(const struct path_run *r)
{
	const struct path_page *end;

	if (r->has_looked || r->look)
		return false;
	end = path_page_end(path_trips_page(r->next.trips, 0));
	return end->evidence.snapshot->n_spaces < 2 && path_leaves_by_cable(end);
}

static void begin_look(struct path_run *r, int64_t now_ns)
{
	struct refresh_options o = {
		.spaces = SPACES_ALL, .without_connections = true, .once = true};

	r->has_looked = true;
	r->look = refresh_new(&o);
	r->look_until_ns = now_ns + LOOK_NS;
}

/* True: it has ended. A new picture is walked with what is known already. */
static bool go_on_looking(struct path_run *r, int64_t now_ns)
{
	bool is_late = now_ns > r->look_until_ns;

	/* A broker that is gone tells so itself. */
	if (!is_late && !refresh_ask(r->look, r->channel, now_ns) &&
	    !refresh_is_settled(r->look))
		return false;
	if (refresh_is_settled(r->look))
		r->spaces = refresh_snapshot(r->look);
	end_look(r);
	if (!r->spaces || !diagnose_space(r->spaces, &r->space))
		return true;
	path_trips_free(r->next.trips);
	begin_walk(r, r->spaces, r->next.pool);
	return true;
}

/* ---- whether the rules are others ---- */

static const struct ruleset *shown_rules(const struct path_run *r)
{
	return r->shown->page ? r->shown->page->evidence.rules : NULL;
}

static bool differs(const struct path_run *r, const struct fw_mark *mark)
{
	const struct ruleset *rules = shown_rules(r);

	return rules && mark->has_generation && mark->generation != rules->generation;
}

/* True: they were changed. */
static bool look_at_marks(struct path_run *r, int64_t now_ns)
{
	static const struct question mark_question = {.kind = QUESTION_GENERATION};
	const struct fw_mark *mark;
	bool is_other;

	if (!r->is_marking && now_ns >= r->mark_at_ns && shown_rules(r)) {
		inquiry_init(&r->marks, &r->space);
		r->is_marking = true;
		inquiry_ask(&r->marks, &mark_question);
	}
	if (!r->is_marking)
		return false;
	inquiry_send(&r->marks, r->channel);
	if (!responses_are_in(&r->marks.responses))
		return false;
	mark = responses_table(&r->marks.responses, QUESTION_GENERATION, 0);
	is_other = mark && differs(r, mark);
	r->has_no_marks = !mark;
	r->mark_at_ns = now_ns + MARK_NS;
	end_marks(r);
	return is_other;
}

/* ---- the console's turn ---- */

static int walk_on(struct path_run *r, int64_t now_ns)
{
	int got = path_trips_turn(r->next.trips, r->channel, now_ns);

	if (got == -ENOMEM)
		return fail(r, no_memory);
	if (got < 0)
		return got;
	if (!path_trips_are_done(r->next.trips))
		return 0;
	if (wants_look(r))
		begin_look(r, now_ns);
	if (!r->look)
		return finish(r, now_ns);
	if (!go_on_looking(r, now_ns))
		return 0;
	return r->next.trips ? walk_on(r, now_ns) : fail(r, no_memory);
}

int path_run_turn(struct path_run *r, int64_t now_ns, int64_t wall_ns)
{
	bool is_idle = !r->next.trips && !r->is_wanted;
	int got = 0;

	if (!r->is_open)
		return 0;
	if (is_idle && !r->has_no_marks && look_at_marks(r, now_ns)) {
		r->is_wanted = r->is_anew = r->shown->is_running = true;
		r->wanted_wall_ns = wall_ns;
	}
	if (r->is_wanted)
		got = begin(r);
	return !got && r->next.trips ? walk_on(r, now_ns) : got;
}

bool path_run_takes_blob(struct path_run *r, const struct blob *b)
{
	if (r->next.pool && path_pool_takes_blob(r->next.pool, b))
		return true;
	if (r->is_marking && inquiry_blob(&r->marks, b) != -ENOENT)
		return true;
	if (r->look)
		refresh_blob(r->look, b, host_now_ns());
	return false;
}

int64_t path_run_due_ns(const struct path_run *r, int64_t now_ns)
{
	if (!r->is_open)
		return INT64_MAX;
	if (r->look)
		return sooner(refresh_due_ns(r->look), r->look_until_ns);
	if (r->next.trips)
		return later(path_trips_due_ns(r->next.trips), now_ns);
	if (r->is_wanted)
		return now_ns;
	if (r->is_marking || r->has_no_marks || !shown_rules(r))
		return INT64_MAX;
	return later(r->mark_at_ns, now_ns);
}

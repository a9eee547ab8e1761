/*
 * Published ports: which there are is known with the rules; who serves them, after a look
 * into the other namespaces of this host, which is repeated as long as there are such
 * ports. Reads nothing else, and judges nothing.
 */
#include "tui/live/exposures_impl.h"

#include <errno.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "tui/live/diagnose.h"
#include "tui/loop.h"

#define LOOK_NS      (5 * NS_PER_S)  /* between two looks at least */
#define LOOK_LONG_NS (20 * NS_PER_S) /* one that takes longer is given up */

enum { LOOK_SHARE = 200 }; /* looks have at most this part of all time */

static void end_look(struct exposures *x)
{
	refresh_free(x->behind);
	x->behind = NULL;
}

void exposures_published_release(struct exposures *x)
{
	end_look(x);
	exposures_inside_release(x);
	published_release(&x->published);
	table_unref(x->spaces);
	x->spaces = NULL;
}

/* ---- the look into other namespaces ---- */

static void begin_look(struct exposures *x, int64_t now_ns)
{
	struct refresh_options o = {
		.spaces = SPACES_ALL, .without_connections = true, .once = true};

	x->behind = refresh_new(&o);
	x->behind_ns = now_ns;
	x->behind_at_ns = now_ns + LOOK_NS;
}

/* True: it has ended with a new picture. */
static bool go_on_looking(struct exposures *x, struct channel *c, int64_t now_ns)
{
	struct snapshot *s;
	int64_t took_ns;

	/* A broker that is gone tells so itself. */
	if (refresh_ask(x->behind, c, now_ns) || now_ns - x->behind_ns > LOOK_LONG_NS) {
		end_look(x);
		return false;
	}
	if (!refresh_is_settled(x->behind))
		return false;
	s = refresh_snapshot(x->behind);
	end_look(x);
	took_ns = now_ns - x->behind_ns;
	x->behind_at_ns = now_ns + later(LOOK_NS, took_ns * LOOK_SHARE);
	if (!s)
		return false;
	table_unref(x->spaces);
	x->spaces = s;
	return true;
}

static bool look(struct exposures *x, struct channel *c, int64_t now_ns)
{
	if (!published_n(&x->published))
		return false;
	if (!x->behind && x->behind_at_ns <= now_ns)
		begin_look(x, now_ns);
	return x->behind && go_on_looking(x, c, now_ns);
}

bool exposures_feed_behind(struct exposures *x, const struct blob *b)
{
	if (exposures_inside_takes_blob(x, b))
		return true;
	if (x->behind)
		refresh_blob(x->behind, b, host_now_ns());
	return false;
}

int64_t exposures_published_due_ns(const struct exposures *x)
{
	if (!published_n(&x->published))
		return INT64_MAX;
	return x->behind ? refresh_due_ns(x->behind) : x->behind_at_ns;
}

/* ---- the rows ---- */

static bool is_same_row(const struct published_row *a, const struct published_row *b)
{
	return a->id == b->id && a->is_served == b->is_served &&
	       a->is_partly == b->is_partly && !a->space == !b->space &&
	       (a->endpoint ? a->endpoint->id : 0) == (b->endpoint ? b->endpoint->id : 0);
}

static bool is_same(const struct published_table *a, const struct published_table *b)
{
	if (!a || a->n != b->n)
		return !a && !b->n;
	for (size_t i = 0; i < a->n; i++)
		if (!is_same_row(&a->rows[i], &b->rows[i]))
			return false;
	return true;
}

/* The picture of all namespaces is used once there is one, the own one before. */
static bool find_rows(struct exposures *x, int64_t wall_ns)
{
	struct snapshot *s = x->spaces ? x->spaces : x->snapshot;
	struct path_world w = exposures_world(x, s, wall_ns);
	struct published_table *t = w.rules && w.space ? published_find(&w, s) : NULL;
	bool is_new;

	if (!t) {
		is_new = published_n(&x->published) > 0;
		published_release(&x->published);
		return is_new;
	}
	is_new = !is_same(x->published.table, t);
	x->published.has_looked = x->spaces != NULL;
	if (published_take(&x->published, t, w.rules))
		return false;
	x->is_published_stale = x->is_published_stale || is_new;
	return is_new;
}

static bool is_old(const struct exposures *x, int64_t now_ns)
{
	return x->insides.n && !x->searched && x->inside_until_ns <= now_ns;
}

/* Also the rules of other namespaces. */
static void read_anew(struct exposures *x)
{
	if (x->is_published_batch)
		exposures_stop(x);
	exposures_inside_release(x);
	x->are_insides_in = true;
	x->is_published_stale = published_n(&x->published) > 0;
}

bool exposures_publish(struct exposures *x, struct channel *c, int64_t now_ns,
		       int64_t wall_ns)
{
	bool has_looked = look(x, c, now_ns), is_new;

	x->are_insides_in = exposures_inside_send(x, c);
	if (!has_looked && x->published_epoch == x->reach.epoch)
		return false;
	is_new = find_rows(x, wall_ns) || has_looked;
	if (x->published_epoch != x->reach.epoch || is_old(x, now_ns))
		read_anew(x);
	x->published_epoch = x->reach.epoch;
	return is_new;
}

/* ---- the words ---- */

bool exposures_choose_published(struct exposures *x)
{
	x->n_batch = 0;
	if (!x->is_published_stale || !x->spaces || !x->are_insides_in)
		return false;
	if (!diagnose_space(x->spaces, &x->space) || !published_n(&x->published)) {
		x->is_published_stale = false;
		return false;
	}
	for (size_t i = 0; i < published_n(&x->published); i++) {
		const struct published_row *row = published_row(&x->published, i);

		if (x->n_batch < EXPOSURES_AT_ONCE)
			x->ports[x->n_batch++] =
				(struct exposure_port){row->port, row->proto};
	}
	return x->n_batch > 0;
}

/* The ways to this listener by the row's port alone; borrowed of the listener. */
static int ways_by(const struct exposure_listener *l, const struct published_row *row,
		   struct vec *ways)
{
	for (size_t i = 0; i < l->ways.n; i++) {
		const struct exposure_way *way = vec_at(&l->ways, i);
		struct exposure_way *kept;

		if (!way->is_translated || row->port < way->port ||
		    row->port > way->port_high)
			continue;
		kept = vec_push(ways);
		if (!kept)
			return -ENOMEM;
		*kept = *way;
	}
	return 0;
}

static const char *word_by(const struct exposure *found, const struct published_row *row,
			   char out[EXPOSURE_WORD_MAX])
{
	for (size_t i = 0; i < found->listeners.n; i++) {
		const struct exposure_listener *l = vec_at(&found->listeners, i);
		struct exposure_listener one = {.endpoint = l->endpoint,
						.ways = VEC_OF(struct exposure_way),
						.from_host = TRI_NO};
		const char *word = "unsure";

		if (l->endpoint != row->endpoint)
			continue;
		if (!ways_by(l, row, &one.ways))
			word = exposure_word(found, &one, out);
		vec_release(&one.ways);
		return word;
	}
	return "nobody";
}

bool exposures_tell_published(struct exposures *x, const struct model *m)
{
	char out[EXPOSURE_WORD_MAX];
	bool is_new = false;

	if (exposures_inside_ask(x, host_now_ns())) {
		x->are_insides_in = false;
		return false;
	}
	x->is_published_stale = false;
	is_new = exposures_keep_sets(x, m);
	for (size_t i = 0; i < published_n(&x->published); i++) {
		const struct published_row *row = published_row(&x->published, i);
		const char *word = row->is_served == TRI_NO ? "nobody" : "unsure";

		if (row->endpoint)
			word = word_by(&x->found, row, out);
		is_new = published_tell(&x->published, row->id, word) || is_new;
	}
	return is_new;
}

void exposures_give_up_published(struct exposures *x)
{
	x->is_published_stale = false;
	for (size_t i = 0; i < published_n(&x->published); i++)
		published_tell(&x->published, published_row(&x->published, i)->id, "many");
}

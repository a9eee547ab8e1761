/* For whom the search is done, and when. Knows no rule and no packet. */
#include "tui/live/exposures_impl.h"

#include <errno.h>
#include <string.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "tui/live/diagnose.h"
#include "tui/loop.h"

#define RETRY_NS (30 * NS_PER_S) /* after want of memory */
#define SLICE_NS (3 * NS_PER_MS) /* keys and frames wait no longer */
#define BATCH_NS NS_PER_S        /* for one search */
#define PAUSE_NS (3 * NS_PER_MS) /* between two slices */
enum {
	SEARCH_SHARE = 20, /* the same of what changed listeners cost */
	RULES_AT_ONCE = 64000,
	ROUNDS_MAX = 8,         /* of questions about sets */
	LINK_FLAGS = 0x1 | 0x8, /* IFF_UP, IFF_LOOPBACK */
};

void exposures_init(struct exposures *x, const struct netns_ref *space)
{
	*x = (struct exposures){
		.space = *space, .slice_ns = SLICE_NS, .batch_max_ns = BATCH_NS};
	x->reach.rows = VEC_OF(struct reach_row);
	x->insides = VEC_OF(struct inside *);
	inquiry_init(&x->inquiries[0], space);
	inquiry_init(&x->inquiries[1], space);
	inquiry_init(&x->marks, space);
	inquiry_init(&x->asked_programs, space);
}

void exposures_stop(struct exposures *x)
{
	if (!x->searched)
		return;
	exposure_stop(x->search);
	exposure_release(&x->found);
	table_unref(x->searched);
	x->search = NULL;
	x->searched = NULL;
}

void exposures_release(struct exposures *x)
{
	if (!x->slice_ns)
		return;
	exposures_stop(x);
	table_unref(x->snapshot);
	exposures_published_release(x);
	reach_release(&x->reach);
	inquiry_release(&x->inquiries[0]);
	inquiry_release(&x->inquiries[1]);
	inquiry_release(&x->marks);
	table_unref(x->mark);
	exposures_programs_release(x);
	*x = (struct exposures){0};
}

/* ---- the picture ---- */

static uint64_t mix(uint64_t sum, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ at[i]) * UINT64_C(0x100000001b3);
	return sum;
}

static uint64_t mix_number(uint64_t sum, uint64_t number)
{
	return mix(sum, &number, sizeof(number));
}

static uint64_t mix_address(uint64_t sum, const struct addr *a, uint8_t prefix_len,
			    uint32_t ifindex)
{
	sum = mix_number(sum,
			 (uint64_t)a->family << 40 | (uint64_t)prefix_len << 32 | ifindex);
	return mix(sum, a->bytes, sizeof(a->bytes));
}

/* Another number: other addresses or devices, so other answers for all. */
static uint64_t picture_of(const struct snapshot *s, const struct space *space)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	/* Lists that are not whole make words unsure. */
	for (size_t i = 0; i < s->n_notes; i++)
		sum = mix(sum, s->notes[i].source, strlen(s->notes[i].source));
	for (size_t i = 0; space->addresses && i < space->addresses->n; i++) {
		const struct address_row *row = &space->addresses->rows[i];

		sum = mix_address(sum, &row->local, row->prefix_len, row->ifindex);
		sum = mix_number(sum, row->flags);
	}
	for (size_t i = 0; space->local_routes && i < space->local_routes->n; i++) {
		const struct local_route_row *row = &space->local_routes->rows[i];

		sum = mix_address(sum, &row->prefix, row->prefix_len, row->ifindex);
	}
	for (size_t i = 0; space->links && i < space->links->n; i++) {
		const struct link_row *row = &space->links->rows[i];

		sum = mix_number(sum, (uint64_t)row->ifindex << 32 | row->master);
		sum = mix_number(sum, row->flags & LINK_FLAGS);
		sum = mix(sum, row->name.bytes, row->name.len);
	}
	return sum;
}

static void follow(struct exposures *x, struct snapshot *s)
{
	const struct space *space;
	uint64_t picture;

	if (s == x->snapshot)
		return;
	space = diagnose_space(s, &x->space);
	picture = space ? picture_of(s, space) : 0;
	if (reach_follow(&x->reach, s, space))
		return;
	table_unref(x->snapshot);
	x->snapshot = table_ref(s);
	if (picture != x->picture)
		x->reach.epoch++;
	x->picture = picture;
	x->has_space = space != NULL;
	x->has_stale = true;
}

/* ---- for whom ---- */

/* Translations are looked for once for all of a batch; where rules are many, the first word
 * is not to wait for the last. */
static size_t at_once(struct exposures *x)
{
	const struct ruleset *rules = responses_table(&exposures_known(x)->responses,
						      QUESTION_RULESET, ROUND_STANDING);
	size_t n = rules && rules->n_rules ? RULES_AT_ONCE / rules->n_rules : RULES_AT_ONCE;

	return n > EXPOSURES_AT_ONCE ? EXPOSURES_AT_ONCE : n ? n : 1;
}

static void add_to_batch(struct exposures *x, const struct endpoint *e)
{
	const struct reach_row *row = reach_find(&x->reach, e->id);

	if (x->n_batch >= x->batch_max || !row || reach_is_fresh(&x->reach, row))
		return;
	for (size_t i = 0; i < x->n_batch; i++)
		if (x->batch[i].id == row->id)
			return;
	x->batch[x->n_batch].id = row->id;
	x->batch[x->n_batch].group = row->group;
	x->ports[x->n_batch++] = (struct exposure_port){e->port, exposure_proto(e->proto)};
}

/* Those in sight; if they are all told, those that are not. */
static void choose(struct exposures *x, const struct model *m)
{
	const struct snapshot *s = x->snapshot;

	x->n_batch = 0;
	x->batch_max = at_once(x);
	for (size_t i = m->top.row; i < m->rows.n && i < m->top.row + (size_t)m->page; i++)
		if (model_endpoint(m, i))
			add_to_batch(x, model_endpoint(m, i));
	if (x->n_batch)
		return;
	for (size_t i = 0; i < s->n_endpoints && x->n_batch < x->batch_max; i++)
		add_to_batch(x, &s->endpoints[i]);
}

/* ---- the search ---- */

struct path_world exposures_world(const struct exposures *x, const struct snapshot *s,
				  int64_t wall_ns)
{
	const struct responses *r = &x->inquiries[x->known].responses;

	return (struct path_world){
		.snapshot = s,
		.space = diagnose_space(s, &x->space),
		.rules = responses_table(r, QUESTION_RULESET, ROUND_STANDING),
		.settings = responses_table(r, QUESTION_SETTINGS, 0),
		.programs = x->programs,
		.responses = r,
		.wall_ns = wall_ns,
		.utc_offset_s = diagnose_utc_offset_s(wall_ns)};
}

/* A search that has no memory is tried again, later. */
static void search(struct exposures *x, struct snapshot *s, int64_t wall_ns)
{
	x->searched = table_ref(s);
	x->world = exposures_world(x, s, wall_ns);
	x->wish = (struct exposure_wish){.ports = x->ports, .n_ports = x->n_batch};
	if (x->is_published_batch) {
		x->wish.n_inside = exposures_inside_worlds(x);
		x->wish.inside = x->worlds;
	}
	x->epoch = x->reach.epoch;
	x->batch_ns = 0;
	x->search = exposure_start(&x->world, &x->wish, &x->found);
	if (!x->search)
		exposures_stop(x);
}

/* True: something that may change the answers was not asked before. */
static bool ask_needs(struct exposures *x)
{
	struct inquiry *i = exposures_known(x);
	bool is_new = false;

	for (size_t k = 0; k < x->found.n_needs; k++) {
		is_new = is_new || !responses_find(&i->responses, &x->found.needs[k]);
		inquiry_ask(i, &x->found.needs[k]);
	}
	return is_new && x->n_rounds < ROUNDS_MAX;
}

static bool tell_words(struct exposures *x, const struct model *m)
{
	char word[EXPOSURE_WORD_MAX];
	bool is_new = false;

	if (x->is_published_batch)
		return exposures_tell_published(x, m);
	is_new = exposures_keep_sets(x, m);
	for (size_t i = 0; i < x->found.listeners.n; i++) {
		const struct exposure_listener *l = vec_at(&x->found.listeners, i);

		exposure_word(&x->found, l, word);
		for (size_t k = 0; k < x->n_batch; k++)
			if (x->batch[k].id == l->endpoint->id &&
			    reach_tell(&x->reach, x->batch[k].id, x->batch[k].group,
				       x->epoch, word))
				is_new = true;
	}
	return is_new;
}

static bool finish(struct exposures *x, const struct model *m)
{
	bool is_new = false;

	if (ask_needs(x)) {
		x->n_rounds++;
		x->awaits_needs = true;
	} else {
		is_new = tell_words(x, m);
		x->n_rounds = 0;
	}
	exposures_stop(x);
	return is_new;
}

/* What takes longer is the command's, which may take its time. */
static bool give_up(struct exposures *x)
{
	bool is_new = false;

	for (size_t k = 0; k < x->n_batch && !x->is_published_batch; k++)
		if (reach_tell(&x->reach, x->batch[k].id, x->batch[k].group, x->epoch,
			       "many"))
			is_new = true;
	if (x->is_published_batch)
		exposures_give_up_published(x);
	exposures_give_up_sets(x);
	x->n_rounds = 0;
	exposures_stop(x);
	return is_new;
}

/* For one slice at most. */
static bool go_on(struct exposures *x, const struct model *m, int64_t start_ns)
{
	int64_t now_ns = start_ns;
	int got = 0;

	while (!got && now_ns - start_ns < x->slice_ns) {
		got = exposure_step(x->search);
		now_ns = host_now_ns();
	}
	x->spent_ns += now_ns - start_ns;
	x->total_ns += now_ns - start_ns;
	x->batch_ns += now_ns - start_ns;
	if (!got)
		return x->batch_ns > x->batch_max_ns && give_up(x);
	if (got == 1)
		return finish(x, m);
	exposures_stop(x);
	x->search_at_ns = now_ns + RETRY_NS;
	return false;
}

/* The set that a search wants is read; then it begins anew. */
static bool has_needs(struct exposures *x, struct channel *c)
{
	if (!x->awaits_needs)
		return true;
	inquiry_send(exposures_known(x), c);
	x->awaits_needs = !responses_are_in(&exposures_known(x)->responses);
	return !x->awaits_needs;
}

/* All are told. Listeners that change all the time have their share of all time, no more.
 */
static void rest(struct exposures *x, int64_t now_ns)
{
	x->has_stale = false;
	x->search_at_ns = now_ns + x->spent_ns * SEARCH_SHARE;
	x->spent_ns = 0;
}

static bool is_stale(const struct exposures *x)
{
	return x->has_stale || (x->is_published_stale && x->spaces && x->are_insides_in);
}

static bool find_words(struct exposures *x, const struct model *m, int64_t now_ns,
		       int64_t wall_ns)
{
	if (!x->searched && (!is_stale(x) || now_ns < x->search_at_ns))
		return false;
	if (!x->searched) {
		choose(x, m);
		x->is_published_batch = !x->n_batch && exposures_choose_published(x);
		if (x->n_batch)
			search(x, x->is_published_batch ? x->spaces : x->snapshot, wall_ns);
		else
			rest(x, now_ns);
	}
	return x->searched && go_on(x, m, host_now_ns());
}

bool exposures_turn(struct exposures *x, struct channel *c, const struct model *m,
		    int64_t now_ns, int64_t wall_ns)
{
	bool is_new;

	/* A picture that stands still keeps its words. */
	if (m->is_frozen || !m->snapshot)
		return false;
	follow(x, m->snapshot);
	exposures_want_sets(x, m);
	if (!m->snapshot->is_settled && !x->has_known)
		return false;
	exposures_read(x, c, now_ns);
	exposures_programs_read(x, c, now_ns);
	if (!x->has_known || !x->has_programs || !x->has_space || !has_needs(x, c))
		return false;
	is_new = exposures_publish(x, c, now_ns, wall_ns);
	return find_words(x, m, now_ns, wall_ns) || is_new;
}

int64_t exposures_due_ns(const struct exposures *x, const struct model *m, int64_t now_ns)
{
	int64_t due_ns =
		x->is_asking ? INT64_MAX : sooner(x->ask_at_ns, exposures_marks_due_ns(x));

	due_ns = sooner(due_ns, exposures_published_due_ns(x));
	due_ns = sooner(due_ns, exposures_programs_due_ns(x));

	if (m->is_frozen || !m->snapshot || !(m->snapshot->is_settled || x->has_known))
		return INT64_MAX;
	if (x->has_known && x->has_programs && x->has_space && !x->awaits_needs &&
	    (x->searched || is_stale(x)))
		due_ns = sooner(due_ns, later(now_ns + PAUSE_NS,
					      x->searched ? 0 : x->search_at_ns));
	return due_ns;
}

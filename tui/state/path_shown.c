/* The way that is shown, place by place. Walks only what was walked already, to see which
 * rules it met. */
#include "tui/state/path_shown.h"

#include "tui/live/path_trip.h"

static void release_answer(struct path_shown *s)
{
	s->page = NULL;
	s->failure = NULL;
	str_reset(&s->missing);
	vec_reset(&s->lanes);
	vec_reset(&s->places);
	vec_reset(&s->rules);
}

void path_shown_release(struct path_shown *s)
{
	str_release(&s->line);
	str_release(&s->missing);
	vec_release(&s->lanes);
	vec_release(&s->places);
	vec_release(&s->rules);
	*s = (struct path_shown){0};
}

void path_shown_forget(struct path_shown *s)
{
	release_answer(s);
	s->is_running = false;
}

void path_shown_aim(struct path_shown *s, const struct path_aim *aim)
{
	release_answer(s);
	s->aim = *aim;
	path_shown_ask(s, &aim->ask, "");
	s->roll = (struct roll){0};
}

void path_shown_ask(struct path_shown *s, const struct path_ask *ask, const char *line)
{
	s->ask = *ask;
	str_reset(&s->line);
	str_puts(&s->line, line);
	s->is_running = true;
	s->has_moved = false;
	s->is_wide = false;
}

/* ---- what was walked ---- */

static int add_places(struct path_shown *s, const struct vec *meetings)
{
	size_t lane = s->lanes.n - 1;
	const struct path_lane *l = path_shown_lane(s, lane);
	size_t doubt = path_leg_doubt(l->page, l->leg, meetings);

	for (size_t i = 0; i < l->leg->n_hops; i++) {
		struct path_place *place = vec_push(&s->places);
		int error;

		if (!place)
			return -1;
		*place = (struct path_place){.lane = lane,
					     .hop = i,
					     .first_rule = s->rules.n,
					     .is_unsure = i >= doubt};
		error = path_rules_find(l->page, l->leg, i, meetings, &s->rules,
					&place->n_more);
		place->n_rules = s->rules.n - place->first_rule;
		if (error)
			return error;
	}
	return 0;
}

static int add_lane(struct path_shown *s, const struct path_page *page, bool is_reply)
{
	const struct path_leg *leg = is_reply ? &page->path.reply : &page->path.request;
	struct path_world w = evidence_world(&page->evidence);
	struct vec meetings = VEC_OF(struct path_meeting);
	struct path_lane *lane;
	int error;

	if (!leg->is_walked)
		return 0;
	lane = vec_push(&s->lanes);
	if (!lane)
		return -1;
	*lane = (struct path_lane){page, leg};
	error = path_meet(&w, &page->path.ask, &meetings);
	error = error ? error : add_places(s, &meetings);
	path_meetings_release(&meetings);
	return error;
}

/* Inward through all namespaces, and outward again. */
static int add_lanes(struct path_shown *s, const struct path_page *page)
{
	int error = add_lane(s, page, false);

	if (!error && page->inner)
		error = add_lanes(s, page->inner);
	return error ? error : add_lane(s, page, true);
}

static void choose_place(struct path_shown *s, size_t n_before)
{
	if (!s->has_moved || n_before != s->places.n) {
		s->selected = path_shown_decider(s);
		s->has_moved = false;
		s->wants_in_sight = true;
	}
}

void path_shown_take(struct path_shown *s, const struct path_page *page, int64_t wall_ns,
		     const char *failure)
{
	size_t n_before = s->places.n;

	release_answer(s);
	s->is_running = false;
	s->read_wall_ns = wall_ns;
	s->failure = failure;
	if (!page)
		return;
	s->lanes = s->lanes.size ? s->lanes : VEC_OF(struct path_lane);
	s->places = s->places.size ? s->places : VEC_OF(struct path_place);
	s->rules = s->rules.size ? s->rules : VEC_OF(struct path_rule);
	if (add_lanes(s, page)) {
		release_answer(s);
		s->failure = "there is not enough memory to walk it";
		return;
	}
	s->page = page;
	path_put_missing(&s->missing, page);
	choose_place(s, n_before);
}

/* ---- places ---- */

const struct path_place *path_shown_place(const struct path_shown *s, size_t i)
{
	return vec_at(&s->places, i);
}

const struct path_lane *path_shown_lane(const struct path_shown *s, size_t i)
{
	return vec_at(&s->lanes, i);
}

const struct path_hop *path_place_hop(const struct path_shown *s, size_t i)
{
	const struct path_place *place = path_shown_place(s, i);

	return &path_shown_lane(s, place->lane)->leg->hops[place->hop];
}

/* Of a leg: where it ends, or the first place that is not certain. */
static bool is_decider(const struct path_shown *s, size_t i, const struct path_leg *leg)
{
	const struct path_place *place = path_shown_place(s, i);

	if (path_shown_lane(s, place->lane)->leg != leg)
		return false;
	return place->is_unsure || place->hop + 1 == leg->n_hops;
}

size_t path_shown_decider(const struct path_shown *s)
{
	const struct path_page *of;
	const struct path_leg *leg;

	if (!s->lanes.n)
		return 0;
	leg = path_page_decider(path_shown_lane(s, 0)->page, &of);
	for (size_t i = 0; i < s->places.n; i++)
		if (is_decider(s, i, leg))
			return i;
	return 0;
}

static void go_to(struct path_shown *s, size_t place)
{
	s->selected = place;
	s->has_moved = true;
	s->is_wide = false;
	s->wants_in_sight = true;
}

bool path_shown_step(struct path_shown *s, int n)
{
	if (n < 0 ? s->selected < (size_t)-n : s->selected + (size_t)n >= s->places.n)
		return false;
	go_to(s, n < 0 ? s->selected - (size_t)-n : s->selected + (size_t)n);
	return true;
}

/* Of the other lane its deciding place, else its first. */
bool path_shown_change_lane(struct path_shown *s, int n)
{
	size_t decider = path_shown_decider(s), lane;

	if (!s->places.n)
		return false;
	lane = path_shown_place(s, s->selected)->lane;
	if (n < 0 ? lane < (size_t)-n : lane + (size_t)n >= s->lanes.n)
		return false;
	lane = n < 0 ? lane - (size_t)-n : lane + (size_t)n;
	for (size_t i = 0; i < s->places.n; i++) {
		if (path_shown_place(s, i)->lane != lane)
			continue;
		go_to(s, path_shown_place(s, decider)->lane == lane ? decider : i);
		return true;
	}
	return false;
}

static unsigned untold_in(const struct ruleset *r)
{
	unsigned bits = r->n_ipsets ? PATH_UNTOLD_IPSETS : 0;

	for (size_t i = 0; i < r->n_tables; i++)
		if (r->tables[i].backend == FW_LEGACY)
			bits |= PATH_UNTOLD_LEGACY;
	return bits;
}

unsigned path_shown_untold(const struct path_shown *s)
{
	unsigned bits = 0;

	for (size_t i = 0; i < s->lanes.n; i++) {
		const struct path_lane *lane = vec_at(&s->lanes, i);

		if (lane->page->evidence.rules)
			bits |= untold_in(lane->page->evidence.rules);
	}
	return bits;
}

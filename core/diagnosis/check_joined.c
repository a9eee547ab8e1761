/* Every client's view past every check of both ends. */
#include "core/diagnosis/check_joined.h"

#include "core/diagnosis/check_help.h"
#include "core/diagnosis/sight.h"

static bool is_judged(const struct check_view *v)
{
	return joined_n(v->e) && v->e->has_window_ended && !v->e->capture_error &&
	       v->e->target.role == AIM_SERVER;
}

/* Of the walk's address, or where this host has none of what it tried, of any. */
static const struct client_try *try_of(const struct check_view *v,
				       const struct client_view *view)
{
	struct addr any = {0};
	const struct client_try *t = joined_try(v->e, view, &v->walk->server);

	if (!t)
		t = joined_try(v->e, view, &any);
	/* At another address of this host: that is another walk's. */
	if (t && t->target.family && !addr_equals(&t->target, &v->walk->server) &&
	    joined_is_elsewhere(v->e, view, t) != TRI_YES)
		return NULL;
	return t;
}

int joined_check(const struct check_view *v, struct finding *f,
		 int (*check)(const struct check_joined *c, struct finding *f))
{
	struct finding empty = *f;
	int best = CERTAINTY_NONE;
	bool is_ruled_out = true, is_undecided = false, has_any = false;

	for (size_t i = 0; is_judged(v) && i < joined_n(v->e); i++) {
		struct check_joined c = {.v = v, .view = joined_at(v->e, i)};
		struct finding one = empty;
		int got;

		c.try = try_of(v, c.view);
		if (!c.try)
			continue;
		has_any = true;
		c.sight = joined_sight(v->e, c.view, c.try);
		got = check(&c, &one);
		if (got < 0)
			return got;
		is_ruled_out &= got == CERTAINTY_NONE && one.is_ruled_out;
		is_undecided |= got == CERTAINTY_NONE && one.is_undecided;
		if (got > best) {
			best = got;
			*f = one;
		}
	}
	if (best != CERTAINTY_NONE)
		return best;
	f->is_ruled_out = has_any && is_ruled_out;
	f->is_undecided = is_undecided;
	return CERTAINTY_NONE;
}

int joined_at_most(const struct check_joined *c, enum certainty most)
{
	enum certainty limit = joined_limit(c->v->e, c->view);

	return (int)(limit < most ? limit : most);
}

bool joined_names(const struct check_joined *c, enum fault fault)
{
	return text_equals_str(c->view->cause, fault_id(fault)) &&
	       (text_equals_str(c->view->certainty, "proven") ||
		text_equals_str(c->view->certainty, "likely"));
}

int joined_prove(const struct check_joined *c, struct finding *f)
{
	return finding_prove(f, c->v->arena, joined_source(c->view), true, NULL, "%s",
			     joined_words(c->v->e, c->v->arena, c->view));
}

const char *joined_shown(const struct check_joined *c, struct text t)
{
	struct str s = {0};
	const char *copy;

	text_show(&s, (struct text){t.bytes, t.len < 200 ? t.len : 200}, TEXT_ASCII);
	copy = view_text(c->v, "%s", str_text(&s));
	str_release(&s);
	return copy;
}

bool joined_capture_works(const struct check_view *v)
{
	const struct capture_state *s = &v->e->attempts->state;

	return !v->e->capture_error && s->is_ready && s->n_packets && !sight_is_lossy(v->e);
}

enum tri joined_has_xdp(const struct check_view *v)
{
	const struct path_leg *leg = &v->walk->path.request;

	for (size_t i = 0; leg->is_walked && i < leg->n_programs; i++)
		if (leg->programs[i]->place == PROGRAM_AT_XDP)
			return TRI_YES;
	return v->e->programs && v->walk->is_walked ? TRI_NO : TRI_UNSURE;
}

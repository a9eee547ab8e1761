/* The screen Ladder: the packets of the newest attempt, in time, with what did not come. */
#include <inttypes.h>

#include "tui/page.h"
#include "tui/view.h"
#include "tui/view/guide/guide_title.h"
#include "tui/view/guide/guide_words.h"
#include "tui/view/guide/ladder_lines.h"

/* What did not come, and the place that the judgement names for it. */
static void add_silence(const struct ladder *l, const struct diagnosis *d)
{
	const struct finding *f = guide_cause(&l->m->guide);

	if (ladder_is_answered(&d->sample))
		return;
	ladder_add_sentence(l, ROLE_WARN, "", text_of("(nothing comes back)"));
	if (f && f->explains_silence)
		ladder_add_sentence(l, ROLE_BAD,
				    d->verdict == VERDICT_FAULT ? "cause" : "perhaps",
				    f->summary);
}

static void add_outcome(const struct ladder *l, const struct diagnosis *d)
{
	struct str more = {0};

	if (d->syn.n_all > 1)
		str_printf(&more, "; the newest of %" PRIu64, d->syn.n_all);
	ladder_add_outcome(l, str_text(&more));
	str_release(&more);
}

static void fill(const struct ladder *l, const struct diagnosis *d)
{
	if (!d || !d->has_sample) {
		ladder_add_sentence(
			l, ROLE_UNKNOWN, "",
			text_of(l->m->guide.is_running
					? "no packet of a client was seen so far"
					: "no packet of a client was seen"));
		return;
	}
	ladder_add_packets(l);
	add_silence(l, d);
	ladder_add_spoken(l);
	add_outcome(l, d);
}

static void draw(struct frame *f, struct model *m)
{
	struct lines lines = LINES_EMPTY;
	const struct diagnosis *d = m->guide.result;
	struct ladder ladder = ladder_of(m, &lines, f->width, d ? &d->sample : NULL);

	fill(&ladder, d);
	guide_draw_title(f, m);
	page_draw(f, m, WHERE_LADDER, &lines, &m->guide.ladder);
	lines_release(&lines);
}

static unsigned act(struct model *m, enum action a)
{
	if (roll_scroll(&m->guide.ladder, a, m->page))
		return EFFECT_DRAW;
	return a == ACTION_COPY ? view_guide.act(m, a) : 0;
}

const struct view view_ladder = {
	.name = "ladder",
	.where = WHERE_LADDER,
	.draw = draw,
	.act = act,
};

/* Groups of rows in words, and their keys. Groups nothing: tui/state/groups.c does. */
#include "tui/view/ports/port_groups.h"

#include "tui/chrome.h"
#include "tui/state/counts.h"
#include "tui/keymap.h"
#include "tui/view/ports/port_cells.h"

enum { STATE_WIDTH = 14 };

/* How much the state of a row matters; 0: there is nothing to say. */
static int weight_of_answer(const struct traffic_row *row)
{
	static const int weights[N_TRAFFIC_ANSWERS] = {
		[TRAFFIC_OPEN] = 1,     [TRAFFIC_HALF_OPEN] = 2, [TRAFFIC_SOME] = 4,
		[TRAFFIC_REJECTED] = 5, [TRAFFIC_FILTERED] = 5,  [TRAFFIC_CLOSED] = 5,
	};

	return row ? weights[row->answer] : 0;
}

static int weight_of_queue(const struct endpoint *e)
{
	if (endpoint_is_full(e))
		return 6;
	return endpoint_was_full(e) ? 3 : 0;
}

static const struct endpoint *member(const struct model *m, const struct group *g, size_t i)
{
	const uint32_t *index = vec_at(&m->groups.members, g->first + i);

	return &m->snapshot->endpoints[*index];
}

/* The member whose state matters most, NULL: none has one to tell. */
static const struct endpoint *worst(const struct model *m, const struct group *g,
				    bool *is_queue)
{
	const struct endpoint *found = NULL;
	int most = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct endpoint *e = member(m, g, i);
		int queue = weight_of_queue(e);
		int answer = weight_of_answer(counts_of(m, e));

		if (queue <= most && answer <= most)
			continue;
		*is_queue = queue >= answer;
		most = *is_queue ? queue : answer;
		found = e;
	}
	return found;
}

static void put_name(const struct model *m, const struct group *g, struct str *out)
{
	if (text_is_empty(g->name))
		str_puts(out, group_nameless(m->groups.by));
	else
		text_show(out, g->name, model_text_mode(m));
}

/* "v full (511) 443/tcp" */
static enum role put_worst(const struct model *m, const struct group *g, struct str *out)
{
	bool is_queue = false;
	const struct endpoint *e = worst(m, g, &is_queue);
	struct cell_print p = {.context = m, .row = e, .width = STATE_WIDTH, .out = out};

	if (!e)
		return ROLE_NORMAL;
	if (is_queue)
		port_print_queue(&p);
	else
		port_print_answer(&p);
	str_putc(out, ' ');
	endpoint_port_text(out, e);
	return p.role;
}

void port_group_draw(struct frame *f, int x, int y, const struct model *m,
		     const struct group *g)
{
	enum symbol mark = g->is_closed ? SYMBOL_POINTER : SYMBOL_FALLING;
	struct str text = {0};
	enum role role;
	int width;

	str_printf(&text, "%s ", symbol_text(mark, f->is_ascii));
	put_name(m, g, &text);
	width = (int)text_width(text_of_str(&text));
	width = width < f->width / 2 ? width : f->width / 2;
	frame_text(f, x, y, width, ROLE_TITLE, text_of_str(&text));
	x += width + 2;
	str_reset(&text);
	role = put_worst(m, g, &text);
	if (text.len)
		x += frame_put(f, x, y, f->width - x, role, text_of_str(&text)) + 2;
	str_reset(&text);
	chrome_count(&text, g->n, "port", "ports");
	frame_put(f, x, y, f->width - x, ROLE_DIM, text_of_str(&text));
	str_release(&text);
}

void port_group_summary(const struct model *m, const struct group *g, struct str *out)
{
	put_name(m, g, out);
	str_puts(out, ": ");
	chrome_count(out, g->n, "port", "ports");
	str_printf(out, ", grouped by %s", group_by_word(m->groups.by));
}

void port_group_remark(const struct group *g, struct str *out)
{
	keymap_put_key(out, g->is_closed ? ACTION_RIGHT : ACTION_LEFT);
	str_puts(out, g->is_closed ? " opens the group" : " closes the group");
	str_puts(out, "; ");
	keymap_put_key(out, ACTION_GROUP);
	str_puts(out, " groups by something else");
}

unsigned port_group_next(struct model *m)
{
	enum group_by before = m->groups.by;

	m->groups.by = (enum group_by)((before + 1) % N_GROUPINGS);
	if (model_arrange(m)) {
		m->groups.by = before;
		return 0;
	}
	if (m->groups.by == GROUP_BY_NONE)
		model_say(m, ROLE_NOTICE, "not grouped");
	else
		model_say(m, ROLE_NOTICE, "grouped by %s", group_by_word(m->groups.by));
	return EFFECT_DRAW;
}

unsigned port_group_set(struct model *m, bool is_closed)
{
	size_t row = m->selected.row;
	const struct group *g;

	if (m->groups.by == GROUP_BY_NONE || row >= m->rows.n)
		return 0;
	while (row > 0 && !model_group(m, row))
		row--;
	g = model_group(m, row);
	if (!g)
		return 0;
	m->has_moved = true;
	model_select(m, (struct place){.row = row});
	groups_close(&m->groups, g->id, is_closed);
	model_arrange(m);
	return EFFECT_DRAW;
}

unsigned port_group_turn(struct model *m)
{
	const struct group *g = model_group(m, m->selected.row);

	return g ? port_group_set(m, !g->is_closed) : 0;
}

/*
 * The screen Palette: what is typed, then every action, screen and target that fits it,
 * with key, words and why it cannot be done now. The chosen one is carried out by the
 * console.
 */
#include <string.h>

#include "tui/state/palette.h"

#include "tui/chrome.h"
#include "tui/page.h"
#include "tui/view.h"

enum {
	HEAD = 3,
	FOOT = 2,
	NAME_X = 2,
	NAME_WIDTH = 14,
	KEYS_WIDTH = 15,
	KEYS_WIDTH_SMALL = 7, /* where there is little room: the first key */
	SMALL = 60,
	DETAIL_FROM = 16, /* rows of the screen, from which the chosen one is told whole */
	DETAIL = 2,
};

static int detail_height(const struct frame *f)
{
	return f->height >= DETAIL_FROM ? DETAIL : 0;
}

static void draw_line(struct frame *f, const struct model *m)
{
	int x = frame_put(f, 0, 2, f->width, ROLE_KEY, text_of(" : "));

	if (!m->palette.line.text.len && !m->is_plain)
		frame_put(f, x + 2, 2, f->width - x - 2, ROLE_DIM,
			  text_of("an action, a screen, or a target like 443 or "
				  "web1:https"));
	field_draw(&m->palette.line, f, x, 2,
		   m->palette.line.text.len ? f->width - x - 1 : 1);
}

/* The letters that were typed. Names are ASCII where any is marked. */
static void mark(struct frame *f, int y, const struct palette_entry *e,
		 const struct str *name)
{
	char letter[2] = "";

	for (int i = 0; i < NAME_WIDTH && i < (int)name->len; i++) {
		if (e->kind == PALETTE_TARGET || !(e->matched >> i & 1))
			continue;
		letter[0] = name->data[i];
		frame_put(f, NAME_X + i, y, 1, ROLE_MATCH, text_of(letter));
	}
}

static void draw_keys(struct frame *f, int x, int y, int width, enum role role,
		      struct str *keys)
{
	bool is_small = width < KEYS_WIDTH;

	frame_text(f, x, y, width - 1, role,
		   is_small ? (struct text){str_text(keys), strcspn(str_text(keys), " ")}
			    : text_of_str(keys));
}

/* What it does; or the sign, and why it cannot be done. */
static void put_words(const struct model *m, const struct palette_entry *e, struct str *out)
{
	if (e->can) {
		palette_put_help(e, out);
		return;
	}
	str_printf(out, "%s ", symbol_text(SYMBOL_NONE, m->is_ascii));
	palette_put_reason(m, e, out);
}

static void draw_entry(struct frame *f, int y, const struct model *m,
		       const struct palette_entry *e)
{
	int keys_width = f->width < SMALL ? KEYS_WIDTH_SMALL : KEYS_WIDTH;
	int x = NAME_X + NAME_WIDTH;
	struct str name = {0}, keys = {0}, words = {0};

	palette_put_name(m, e, &name);
	palette_put_keys(e, &keys);
	put_words(m, e, &words);
	frame_text(f, NAME_X, y, NAME_WIDTH - 1, e->can ? ROLE_NORMAL : ROLE_DIM,
		   text_of_str(&name));
	mark(f, y, e, &name);
	draw_keys(f, x, y, keys_width, e->can ? ROLE_KEY : ROLE_DIM, &keys);
	x += keys_width;
	frame_text(f, x, y, f->width - x - 1, e->can ? ROLE_NORMAL : ROLE_DIM,
		   text_of_str(&words));
	str_release(&name);
	str_release(&keys);
	str_release(&words);
}

/* Both whole: what the chosen one does, and why it cannot be done. */
static void draw_detail(struct frame *f, const struct model *m,
			const struct palette_entry *e)
{
	struct lines lines = LINES_EMPTY;
	struct line_style style = {
		.width = f->width - 1, .indent = NAME_X, .role = ROLE_HEADER};
	struct str words = {0};
	int y = f->height - FOOT - DETAIL;

	palette_put_help(e, &words);
	if (!e->can)
		str_printf(&words, " %s ", symbol_text(SYMBOL_NONE, m->is_ascii));
	palette_put_reason(m, e, &words);
	lines_add(&lines, &style, "", str_text(&words));
	for (size_t i = 0; i < DETAIL && i < lines.lines.n; i++)
		lines_draw(&lines, i, f, 0, y + (int)i, f->width);
	lines_release(&lines);
	str_release(&words);
}

static void draw_list(struct frame *f, struct model *m, const struct palette_entry *entries,
		      size_t n, int height)
{
	struct roll *roll = &m->palette.roll;

	if (roll->selected >= n)
		roll->selected = n ? n - 1 : 0;
	roll_show(roll, roll->selected, roll->selected + 1, height, n);
	if (!n)
		frame_text(f, NAME_X, HEAD, f->width - NAME_X, ROLE_UNKNOWN,
			   text_of("nothing has these letters; Ctrl-U begins anew"));
	for (int y = 0; y < height && roll->top + (size_t)y < n; y++) {
		draw_entry(f, HEAD + y, m, &entries[roll->top + (size_t)y]);
		if (roll->top + (size_t)y == roll->selected)
			page_pointer(f, HEAD + y, m);
	}
}

static void draw(struct frame *f, struct model *m)
{
	struct palette_entry entries[PALETTE_MAX];
	size_t n = palette_list(m, entries), end;
	int height = f->height - HEAD - FOOT - detail_height(f);
	struct str range = {0};

	m->page = height;
	chrome_header(f, 0, m);
	chrome_rule(f, 1, m, WHERE_PALETTE);
	draw_line(f, m);
	draw_list(f, m, entries, n, height);
	if (n && detail_height(f))
		draw_detail(f, m, &entries[m->palette.roll.selected]);
	end = m->palette.roll.top + (size_t)height;
	if (n > (size_t)height)
		str_printf(&range, "%zu-%zu of %zu", m->palette.roll.top + 1,
			   end < n ? end : n, n);
	chrome_message(f, f->height - FOOT, m, str_text(&range));
	chrome_footer(f, f->height - 1, m, WHERE_PALETTE);
	str_release(&range);
}

static unsigned act(struct model *m, enum action a)
{
	struct palette_entry entries[PALETTE_MAX];

	if (a == ACTION_COMPLETE)
		palette_complete(m);
	else if (!roll_choose(&m->palette.roll, a, m->page, palette_list(m, entries)))
		return 0;
	return EFFECT_DRAW;
}

const struct view view_palette = {
	.name = "palette",
	.where = WHERE_PALETTE,
	.draw = draw,
	.act = act,
};

/* What stands on the screen Path, from the verdict to the way back. */
#include "tui/view/path/path_body.h"

#include <string.h>

#include "core/base/time.h"
#include "core/report/path_notes.h"
#include "core/report/path_words.h"
#include "tui/state/path_field.h"

enum { INDENT = 1, HEAD = 9, WHY_HEAD = 12 };

void path_body_release(struct path_body *b)
{
	lines_release(&b->lines);
	path_boxes_release(&b->boxes);
	vec_release(&b->slots);
}

static void add_slot(struct path_body *b, struct path_slot slot)
{
	struct path_slot *kept = vec_push(&b->slots);

	if (kept)
		*kept = slot;
}

void path_body_add(struct path_body *b, const struct line_style *style, const char *head,
		   const char *text, enum path_slot_kind kind)
{
	size_t before = b->lines.lines.n, n = lines_add(&b->lines, style, head, text);

	for (size_t i = before; i < n; i++)
		add_slot(b, (struct path_slot){.kind = kind, .i = i});
}

static void add(struct path_body *b, enum role role, const char *text)
{
	struct line_style style = {.width = b->width, .indent = INDENT, .role = role};

	path_body_add(b, &style, "", text, PATH_SLOT_TEXT);
}

static void add_headed(struct path_body *b, enum role head_role, int head_width,
		       const char *head, const char *text)
{
	struct line_style style = {.width = b->width,
				   .indent = INDENT,
				   .head_width = head_width,
				   .head_role = head_role};

	path_body_add(b, &style, head, text, PATH_SLOT_TEXT);
}

/* ---- above the way ---- */

static const struct {
	enum symbol symbol;
	enum role role;
} states[] = {
	[PATH_IS_OPEN] = {SYMBOL_GOOD, ROLE_GOOD},
	[PATH_IS_CLOSED] = {SYMBOL_BAD, ROLE_BAD},
	[PATH_IS_NOT_KNOWN] = {SYMBOL_UNKNOWN, ROLE_WARN},
};

static void add_verdict(struct path_body *b)
{
	const struct path_page *p = b->m->path.page;
	enum path_state state = path_page_state(p);
	struct str words = {0};

	str_printf(&words, "%s ", symbol_text(states[state].symbol, b->m->is_ascii));
	path_put_packet(&words, &p->path.ask);
	str_puts(&words, ": ");
	path_put_verdict(&words, p);
	add(b, states[state].role, str_text(&words));
	str_release(&words);
}

static const char *origin_of(const struct model *m)
{
	if (m->path.line.len)
		return "typed";
	return m->path.aim.is_of_guide ? "the guide's" : "the row's";
}

static void add_packet(struct path_body *b)
{
	const struct model *m = b->m;
	struct str line = {0}, words = {0};

	path_field_put(&line, m);
	text_show(&words, text_of_str(&line), model_text_mode(m));
	str_printf(&words, "  (%s)", origin_of(m));
	add_headed(b, ROLE_DIM, HEAD, "packet", str_text(&words));
	str_release(&line);
	str_release(&words);
}

/* Lines that end with '\n'. */
static void add_missing(struct path_body *b)
{
	const char *at = str_text(&b->m->path.missing);
	struct str line = {0};

	for (; *at; at += strcspn(at, "\n") + 1) {
		str_reset(&line);
		str_append(&line, at, strcspn(at, "\n"));
		add_headed(b, ROLE_WARN, HEAD, "missing", str_text(&line));
	}
	str_release(&line);
}

/* ---- the way ---- */

static bool is_reply(const struct path_lane *lane)
{
	return lane->leg == &lane->page->path.reply;
}

static void add_lane_title(struct path_body *b, size_t i)
{
	const struct path_lane *lane = path_shown_lane(&b->m->path, i);
	const struct space *space = lane->page->evidence.space;
	struct str words = {0};

	if (i)
		add(b, ROLE_NORMAL, "");
	str_puts(&words, is_reply(lane) ? "the way back" : "the way in");
	if (is_reply(lane) && lane->page->path.request.verdict == PATH_UNSURE)
		str_puts(&words, ", if the packet gets through");
	if (lane->page != b->m->path.page && !text_is_empty(space->name)) {
		str_putc(&words, ' ');
		path_put_space(&words, lane->page);
	}
	add(b, ROLE_TITLE, str_text(&words));
	str_release(&words);
}

static void add_doubts(struct path_body *b, const struct path_lane *lane)
{
	struct str words = {0};

	for (size_t i = 0; i < lane->leg->n_unsure; i++) {
		str_reset(&words);
		path_put_unsure(&words, lane->page, lane->leg, i);
		add_headed(b, ROLE_WARN, WHY_HEAD,
			   lane->leg->unsure[i].rule == UINT32_MAX ? "because"
								   : "depends on",
			   str_text(&words));
	}
	str_release(&words);
}

static bool has_selected(const struct path_body *b, const struct path_band *band)
{
	for (size_t k = 0; k < band->n; k++) {
		const struct path_box *box = vec_at(&b->boxes.boxes, band->first + k);

		if (box->place == b->m->path.selected)
			return true;
	}
	return false;
}

/* The rules of the chosen place stand under the band that it is in. */
static void add_band(struct path_body *b, size_t i)
{
	const struct path_band *band = vec_at(&b->boxes.bands, i);

	if (band->is_first)
		add_lane_title(b, band->lane);
	if (has_selected(b, band))
		b->focus = b->slots.n;
	for (int row = 0; row < BOX_ROWS; row++)
		add_slot(b, (struct path_slot){PATH_SLOT_BOXES, i, row});
	if (has_selected(b, band)) {
		path_add_details(b);
		b->focus_end = b->slots.n;
	}
	if (band->is_last)
		add_doubts(b, path_shown_lane(&b->m->path, band->lane));
}

/* ---- under the way ---- */

static void add_no_reply(struct path_body *b)
{
	const struct path_page *p = b->m->path.page;

	if (p->path.reply.is_walked)
		return;
	add(b, ROLE_NORMAL, "");
	add(b, ROLE_DIM,
	    path_page_state(p) == PATH_IS_CLOSED
		    ? "the way back: none, the packet does not get through"
		    : "the way back: not walked, it is not known whether the packet gets "
		      "through");
}

/* A recording does not change. */
static void put_untold(const struct model *m, struct str *out)
{
	static const char *const words[] = {[PATH_UNTOLD_LEGACY] = "iptables-legacy rules",
					    [PATH_UNTOLD_IPSETS] = "ipsets",
					    [PATH_UNTOLD_LEGACY | PATH_UNTOLD_IPSETS] =
						    "iptables-legacy rules and of ipsets"};
	unsigned untold = path_shown_untold(&m->path);

	if (untold && !m->around.replay)
		str_printf(out, "; changes of %s are seen only after %.*s", words[untold],
			   KEY_ARGS(ACTION_WALK));
}

static void add_end(struct path_body *b)
{
	const struct model *m = b->m;
	struct str words = {0};
	char clock[TIME_TEXT_MAX];

	path_put_hint(&words, m->path.page);
	if (words.len) {
		str_reset(&words);
		str_printf(&words,
			   "the client's port decides it: %.*s, and name it behind the "
			   "address",
			   KEY_ARGS(ACTION_PACKET));
		add(b, ROLE_NOTICE, str_text(&words));
	}
	str_reset(&words);
	str_printf(&words, "rules and routes as of %s; nothing is sent",
		   time_clock(m->path.read_wall_ns, m->is_utc, clock));
	put_untold(m, &words);
	add(b, ROLE_DIM, str_text(&words));
	str_release(&words);
}

static void add_way(struct path_body *b)
{
	path_boxes_fill(&b->boxes, b->m, b->width);
	for (size_t i = 0; i < b->boxes.bands.n; i++)
		add_band(b, i);
	add_no_reply(b);
	add_end(b);
}

static void add_state(struct path_body *b)
{
	const struct model *m = b->m;
	struct str words = {0};

	if (m->path.failure)
		str_printf(&words, "%s %s; r tries again",
			   symbol_text(SYMBOL_UNKNOWN, m->is_ascii), m->path.failure);
	else if (m->path.is_running)
		str_printf(&words, "%s reading rules, routes and settings",
			   symbol_text(SYMBOL_WAITING, m->is_ascii));
	else
		str_printf(&words, "%s no packet was walked; r walks it",
			   symbol_text(SYMBOL_NONE, m->is_ascii));
	add(b, m->path.failure ? ROLE_WARN : ROLE_NOTICE, str_text(&words));
	str_release(&words);
}

void path_body_fill(struct path_body *b, const struct model *m, int width)
{
	*b = (struct path_body){.m = m,
				.width = width,
				.lines = LINES_EMPTY,
				.boxes = PATH_BOXES_EMPTY,
				.slots = VEC_OF(struct path_slot)};
	if (m->path.page)
		add_verdict(b);
	add_packet(b);
	if (!m->path.page || m->path.is_running)
		add_state(b);
	add_missing(b);
	if (m->path.page)
		add_way(b);
}

/* ---- drawing ---- */

/* Marks have the colour of what they say; no word beside them has one. */
static void colour_marks(struct frame *f, int y)
{
	static const struct {
		enum symbol symbol;
		enum role role;
	} rows[] = {{SYMBOL_GOOD, ROLE_GOOD},
		    {SYMBOL_BAD, ROLE_BAD},
		    {SYMBOL_UNKNOWN, ROLE_WARN}};

	for (int x = 0; x < f->width; x++) {
		struct cell *c = &f->cells[y * f->width + x];

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const char *sign = symbol_text(rows[i].symbol, f->is_ascii);

			if (c->len == strlen(sign) && !memcmp(c->text, sign, c->len))
				c->role = (uint8_t)rows[i].role;
		}
	}
}

void path_body_draw(const struct path_body *b, size_t i, struct frame *f, int y)
{
	const struct path_slot *slot = vec_at(&b->slots, i);

	switch (slot->kind) {
	case PATH_SLOT_TEXT:
	case PATH_SLOT_MARKS:
		lines_draw(&b->lines, slot->i, f, 0, y, f->width);
		break;
	case PATH_SLOT_BOXES:
		path_boxes_draw(&b->boxes, slot->i, slot->row, f, y, b->m);
		break;
	}
	if (slot->kind == PATH_SLOT_MARKS)
		colour_marks(f, y);
}

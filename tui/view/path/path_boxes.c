/* Boxes and arrows. Judges nothing: symbol and role are those of what happened there. */
#include "tui/view/path/path_boxes.h"

#include "core/report/path_words.h"

enum {
	FIRST_X = 1, /* of the first band of a lane */
	NEXT_X = 4,  /* of the others: an arrow leads in */
	ARROW = 3,   /* columns between two boxes */
	EDGES = 4,   /* sides and a blank beside each */
};

void path_boxes_release(struct path_boxes *b)
{
	vec_release(&b->boxes);
	vec_release(&b->bands);
}

/* Where several ways are possible, one of them is no answer. */
static enum path_outcome outcome_of(const struct model *m, size_t i)
{
	return path_shown_place(&m->path, i)->is_unsure
		       ? HOP_UNSURE
		       : path_place_hop(&m->path, i)->outcome;
}

enum symbol path_symbol(const struct model *m, size_t i)
{
	static const enum symbol symbols[] = {
		[HOP_PASSES] = SYMBOL_GOOD,    [HOP_TRANSLATED] = SYMBOL_ARROW,
		[HOP_DROPPED] = SYMBOL_BAD,    [HOP_REJECTED] = SYMBOL_BAD,
		[HOP_UNSURE] = SYMBOL_UNKNOWN, [HOP_NOT_WALKED] = SYMBOL_NONE,
	};

	return symbols[outcome_of(m, i)];
}

enum role path_role(const struct model *m, size_t i)
{
	static const enum role roles[] = {
		[HOP_PASSES] = ROLE_GOOD, [HOP_TRANSLATED] = ROLE_NOTICE,
		[HOP_DROPPED] = ROLE_BAD, [HOP_REJECTED] = ROLE_BAD,
		[HOP_UNSURE] = ROLE_WARN, [HOP_NOT_WALKED] = ROLE_UNKNOWN,
	};

	return roles[outcome_of(m, i)];
}

/* ---- what stands in a box ---- */

static void put_device(struct str *out, const struct model *m, const struct path_page *p,
		       uint32_t ifindex)
{
	const struct link_table *t = p->evidence.space->links;
	const struct link_row *link = t && ifindex ? links_find(t, ifindex) : NULL;

	if (!link)
		return;
	str_putc(out, ' ');
	text_show(out, link->name, model_text_mode(m));
}

/* The program that takes it; false: it is not known. */
static bool put_owner(struct str *out, const struct model *m, const struct path_page *p)
{
	const struct endpoint *e = p->path.endpoint;

	if (!e || !e->n_owners)
		return false;
	text_show(out, e->owners[0]->comm, model_text_mode(m));
	return true;
}

/* "in eth0", "nginx" for its socket; a long name is cut where it is drawn. */
static void put_name(struct str *out, const struct model *m, size_t place)
{
	const struct path_place *p = path_shown_place(&m->path, place);
	const struct path_lane *lane = path_shown_lane(&m->path, p->lane);
	const struct path_hop *h = path_place_hop(&m->path, place);

	if (h->place == PLACE_SOCKET && h->outcome == HOP_PASSES &&
	    put_owner(out, m, lane->page))
		return;
	str_puts(out, path_hop_place(h, p->hop == 0));
	if (h->place == PLACE_INGRESS || h->place == PLACE_EGRESS)
		put_device(out, m, lane->page, h->ifindex);
}

static void put_label(struct str *out, const struct model *m, size_t place)
{
	str_printf(out, "%s ", symbol_text(path_symbol(m, place), m->is_ascii));
	put_name(out, m, place);
}

/* ---- where they stand ---- */

static struct path_band *add_band(struct path_boxes *b, size_t lane, bool is_first)
{
	struct path_band *band = vec_push(&b->bands);

	if (band)
		*band = (struct path_band){
			.lane = lane, .first = b->boxes.n, .is_first = is_first};
	return band;
}

static int label_width(const struct model *m, size_t place)
{
	struct str label = {0};
	int width;

	put_label(&label, m, place);
	width = (int)text_width(text_of_str(&label));
	str_release(&label);
	return width;
}

void path_boxes_fill(struct path_boxes *b, const struct model *m, int width)
{
	struct path_band *band = NULL;
	int x = 0;

	for (size_t i = 0; i < m->path.places.n; i++) {
		size_t lane = path_shown_place(&m->path, i)->lane;
		int room = width - NEXT_X, box = label_width(m, i) + EDGES;
		bool is_first = !band || band->lane != lane;
		struct path_box *kept;

		box = box < room ? box : room;
		if (is_first || x + box > width) {
			band = add_band(b, lane, is_first);
			x = is_first ? FIRST_X : NEXT_X;
		}
		kept = band ? vec_push(&b->boxes) : NULL;
		if (!kept)
			return;
		*kept = (struct path_box){.place = i, .x = x, .width = box};
		band->n++;
		band->is_last = i + 1 == m->path.places.n ||
				path_shown_place(&m->path, i + 1)->lane != lane;
		x += box + ARROW;
	}
}

/* ---- drawing ---- */

static void draw_edge(struct frame *f, const struct path_box *b, int y, enum role role,
		      enum symbol left, enum symbol right)
{
	frame_put(f, b->x, y, 1, role, text_of(symbol_text(left, f->is_ascii)));
	frame_fill(f, b->x + 1, y, b->width - 2, role, SYMBOL_LINE);
	frame_put(f, b->x + b->width - 1, y, 1, role,
		  text_of(symbol_text(right, f->is_ascii)));
}

static void draw_label(struct frame *f, const struct path_box *b, int y, enum role role,
		       const struct model *m)
{
	const char *side = symbol_text(SYMBOL_BOX_SIDE, f->is_ascii);
	struct str name = {0};
	int x = b->x + 2, end = b->x + b->width - 2;

	frame_put(f, b->x, y, 1, role, text_of(side));
	frame_put(f, b->x + b->width - 1, y, 1, role, text_of(side));
	x += frame_put(f, x, y, end - x, path_role(m, b->place),
		       text_of(symbol_text(path_symbol(m, b->place), f->is_ascii)));
	put_name(&name, m, b->place);
	frame_text(f, x + 1, y, end - x - 1, role == ROLE_RULE ? ROLE_NORMAL : role,
		   text_of_str(&name));
	str_release(&name);
	if (b->place == m->path.selected && !m->is_plain)
		frame_select(f, b->x, y, b->width);
}

static void draw_arrow(struct frame *f, int x, int y)
{
	frame_fill(f, x, y, ARROW - 1, ROLE_RULE, SYMBOL_LINE);
	frame_put(f, x + ARROW - 1, y, 1, ROLE_RULE,
		  text_of(symbol_text(SYMBOL_ARROW_HEAD, f->is_ascii)));
}

/* Behind a place that stops it. */
static void draw_end(struct frame *f, int x, int y)
{
	frame_fill(f, x, y, f->width - 1 - x < ARROW ? f->width - 1 - x : ARROW, ROLE_DIM,
		   SYMBOL_DOTTED);
	frame_text(f, x + ARROW + 1, y, f->width - x - ARROW - 2, ROLE_DIM,
		   text_of("no further"));
}

static bool is_stop(const struct model *m, size_t place)
{
	return path_symbol(m, place) == SYMBOL_BAD;
}

/* What stands beside the labels: arrows from box to box. */
static void draw_arrows(const struct path_boxes *b, const struct path_band *band,
			struct frame *f, int y, const struct model *m)
{
	const struct path_box *last = vec_at(&b->boxes, band->first + band->n - 1);
	int end = last->x + last->width;

	if (!band->is_first)
		draw_arrow(f, NEXT_X - ARROW, y);
	for (size_t i = 1; i < band->n; i++) {
		const struct path_box *box = vec_at(&b->boxes, band->first + i);

		draw_arrow(f, box->x - ARROW, y);
	}
	if (band->is_last && is_stop(m, last->place) && end + 2 * ARROW < f->width)
		draw_end(f, end, y);
}

void path_boxes_draw(const struct path_boxes *b, size_t i, int row, struct frame *f, int y,
		     const struct model *m)
{
	const struct path_band *band = vec_at(&b->bands, i);

	for (size_t k = 0; k < band->n; k++) {
		const struct path_box *box = vec_at(&b->boxes, band->first + k);
		enum role role = path_role(m, box->place);

		/* What is as it should be is not coloured but in its sign. */
		role = role == ROLE_GOOD ? ROLE_RULE : role;

		if (row == 0)
			draw_edge(f, box, y, role, SYMBOL_BOX_TOP_LEFT,
				  SYMBOL_BOX_TOP_RIGHT);
		else if (row == 1)
			draw_label(f, box, y, role, m);
		else
			draw_edge(f, box, y, role, SYMBOL_BOX_BOTTOM_LEFT,
				  SYMBOL_BOX_BOTTOM_RIGHT);
	}
	if (row == 1)
		draw_arrows(b, band, f, y, m);
}

/*
 * The places of a packet's way as boxes with arrows between them, folded over as many bands
 * as the width needs. Knows neither rules nor where on the screen they stand.
 */
#ifndef TUI_VIEW_PATH_BOXES_H
#define TUI_VIEW_PATH_BOXES_H

#include "core/base/vec.h"
#include "tui/model.h"

enum { BOX_ROWS = 3 };

/* One place. */
struct path_box {
	size_t place; /* of model.path */
	int x, width;
};

/* Boxes beside each other. */
struct path_band {
	size_t lane;
	size_t first, n; /* of the boxes */
	bool is_first;   /* of its lane; else an arrow leads in */
	bool is_last;    /* of its lane */
};

struct path_boxes {
	struct vec boxes; /* struct path_box */
	struct vec bands; /* struct path_band: lane by lane */
};

#define PATH_BOXES_EMPTY                                       \
	((struct path_boxes){.boxes = VEC_OF(struct path_box), \
			     .bands = VEC_OF(struct path_band)})

void path_boxes_release(struct path_boxes *b);
/* Lays out all places of m->path in `width` columns. */
void path_boxes_fill(struct path_boxes *b, const struct model *m, int width);
/* Draws one row (of BOX_ROWS) of a band at y. */
void path_boxes_draw(const struct path_boxes *b, size_t band, int row, struct frame *f,
		     int y, const struct model *m);
/* The symbol and role of what happened at place i of m->path. */
enum symbol path_symbol(const struct model *m, size_t i);
enum role path_role(const struct model *m, size_t i);

#endif

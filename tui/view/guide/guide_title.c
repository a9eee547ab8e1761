/* Draws the title that both screens of a diagnosis have. Its words are guide_words.c. */
#include "tui/view/guide/guide_title.h"

#include "tui/view/guide/guide_words.h"

enum { HEADLINE_FROM = 12 }; /* columns that the target has at least, with a gap */

void guide_draw_title(struct frame *f, const struct model *m)
{
	struct str target = {0}, headline = {0};
	enum role role = guide_headline(m, &headline);
	int x = f->width - 1 - (int)text_width(text_of(str_text(&headline)));

	guide_target(m, &target);
	if (x < HEADLINE_FROM)
		x = HEADLINE_FROM;
	frame_text(f, 1, 0, x - 3, ROLE_TITLE, text_of(str_text(&target)));
	frame_text(f, x, 0, f->width - x, role, text_of(str_text(&headline)));
	str_release(&target);
	str_release(&headline);
}

/* What all screens of lines have in common. Knows no words. */
#include "tui/page.h"

#include "tui/chrome.h"

int page_height(const struct frame *f)
{
	return f->height - PAGE_HEAD - PAGE_FOOT;
}

void page_pointer(struct frame *f, int y, const struct model *m)
{
	if (m->is_plain)
		return;
	frame_put(f, 0, y, 1, ROLE_KEY, text_of(symbol_text(SYMBOL_POINTER, f->is_ascii)));
	frame_select(f, 0, y, f->width);
}

void page_draw(struct frame *f, struct model *m, unsigned where, const struct lines *lines,
	       struct roll *roll)
{
	int height = page_height(f);
	size_t n = lines->lines.n, end, last_top = lines_last_top(lines, height);
	struct str range = {0};

	m->page = height;
	if (roll->top > last_top)
		roll->top = last_top;
	end = roll->top + (size_t)height;
	chrome_rule(f, 1, m, where);
	for (int y = 0; y < height && roll->top + (size_t)y < n; y++)
		lines_draw(lines, roll->top + (size_t)y, f, 0, PAGE_HEAD + y, f->width);
	if (last_top)
		str_printf(&range, "%zu-%zu of %zu", roll->top + 1, end < n ? end : n, n);
	chrome_message(f, f->height - PAGE_FOOT, m, str_text(&range));
	chrome_footer(f, f->height - 1, m, where);
	str_release(&range);
}

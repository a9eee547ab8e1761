/* Wrapping at blanks. Does not know what the lines say. */
#include "tui/terminal/lines.h"

#include <string.h>

/* Words are broken only if they are longer than this many columns or the whole room. */
enum { ROOM_MIN = 8 };

void lines_release(struct lines *l)
{
	str_release(&l->text);
	vec_release(&l->lines);
}

/* The bytes of text that make a line of at most room columns; *skip: blanks behind it. */
static size_t line_length(struct text text, size_t room, size_t *skip)
{
	size_t at = 0, fits = 0, blank = 0, used = 0;

	*skip = 0;
	while (at < text.len) {
		size_t start = at;

		if (text.bytes[at] == ' ')
			blank = at;
		text_next_char(text, &at);
		used += text_width((struct text){text.bytes + start, at - start});
		if (used > room)
			break;
		fits = at;
	}
	if (fits == text.len)
		return fits;
	if (text.bytes[fits] == ' ')
		blank = fits;
	if (blank) {
		*skip = 1;
		return blank;
	}
	return fits ? fits : at;
}

static void push(struct lines *l, const struct line_style *style, size_t at, bool is_first)
{
	struct line *line = vec_push(&l->lines);

	if (!line)
		return;
	*line = (struct line){.at = at,
			      .len = l->text.len - at,
			      .indent = style->indent,
			      .head = is_first ? style->head_width : 0,
			      .head_role = style->head_role,
			      .role = style->role};
}

size_t lines_add(struct lines *l, const struct line_style *style, const char *head,
		 const char *text)
{
	struct text rest = text_of(text);
	int room = style->width - style->indent - style->head_width;
	bool is_first = true;

	do {
		const char *start = is_first ? head : "";
		size_t used = text_width(text_of(start));
		size_t at = l->text.len;
		size_t skip;
		size_t len = line_length(
			rest, room < ROOM_MIN ? (size_t)ROOM_MIN : (size_t)room, &skip);

		str_puts(&l->text, start);
		if (used < (size_t)style->head_width)
			str_fill(&l->text, ' ', (size_t)style->head_width - used);
		str_append(&l->text, rest.bytes, len);
		if (l->text.failed)
			break;
		push(l, style, at, is_first);
		rest.bytes += len + skip;
		rest.len -= len + skip;
		is_first = false;
	} while (rest.len);
	return l->lines.n;
}

void lines_draw(const struct lines *l, size_t i, struct frame *f, int x, int y, int width)
{
	const struct line *line = vec_at(&l->lines, i);
	struct text shown = {str_text(&l->text) + line->at, line->len};
	struct text head = {shown.bytes, 0};
	size_t at = 0;

	while (at < shown.len && (int)text_width(head) < line->head) {
		text_next_char(shown, &at);
		head.len = at;
	}
	x += line->indent;
	width -= line->indent;
	frame_text(f, x, y, width, line->role, shown);
	frame_put(f, x, y, width, line->head_role, head);
}

size_t lines_last_top(const struct lines *l, int height)
{
	size_t n = l->lines.n;

	return n > (size_t)height ? n - (size_t)height : 0;
}

void lines_scroll(size_t *top, long n)
{
	size_t back = n < 0 ? (size_t)-n : 0;

	if (n >= 0)
		*top += (size_t)n;
	else
		*top -= back < *top ? back : *top;
}

/*
 * Cells: clipping and padding by the columns that characters take. Never writes outside
 * the columns it was given. Knows no terminal and no meaning of what is written.
 */
#include "tui/terminal/frame.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const struct cell blank = {.text = " ", .len = 1, .width = 1};

void frame_release(struct frame *f)
{
	free(f->cells);
	f->cells = NULL;
	f->width = f->height = 0;
}

int frame_resize(struct frame *f, int width, int height)
{
	size_t w = width > 0 ? (size_t)width : 1;
	size_t h = height > 0 ? (size_t)height : 1;
	struct cell *cells = calloc(w * h, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	free(f->cells);
	f->cells = cells;
	f->width = (int)w;
	f->height = (int)h;
	frame_clear(f);
	return 0;
}

void frame_clear(struct frame *f)
{
	size_t n = (size_t)f->width * (size_t)f->height;

	for (size_t i = 0; i < n; i++)
		f->cells[i] = blank;
}

static struct cell *cell_at(const struct frame *f, int x, int y)
{
	return &f->cells[(size_t)y * (size_t)f->width + (size_t)x];
}

/* The columns from x that may be written, at most width. */
static int room_at(const struct frame *f, int x, int y, int width)
{
	if (x < 0 || y < 0 || y >= f->height || x >= f->width || width <= 0)
		return 0;
	return width < f->width - x ? width : f->width - x;
}

/* Width of c, or -1 where it must not stand for itself. */
static int char_width(long c)
{
	if (c < 0x20 || c == 0x7f)
		return -1;
	return c < 0x7f ? 1 : wcwidth((wchar_t)c);
}

/* Reads one character with the marks that belong to it. */
static struct cell next_cell(struct text shown, size_t *at)
{
	struct cell cell = {.text = "?", .len = 1, .width = 1};
	size_t start = *at;
	int width = char_width(text_next_char(shown, at));

	if (width <= 0)
		return cell;
	cell.len = (uint8_t)(*at - start);
	cell.width = (uint8_t)width;
	memcpy(cell.text, shown.bytes + start, cell.len);
	while (*at < shown.len) {
		size_t mark = *at;
		size_t next = mark;

		if ((unsigned char)shown.bytes[mark] < 0x80 ||
		    char_width(text_next_char(shown, &next)) != 0)
			break;
		*at = next;
		if (cell.len + (next - mark) > CELL_TEXT_MAX)
			continue;
		memcpy(cell.text + cell.len, shown.bytes + mark, next - mark);
		cell.len = (uint8_t)(cell.len + (next - mark));
	}
	return cell;
}

/* Sets one cell; the other half of a wide one that is cut becomes blank. */
static void set_cell(struct frame *f, int x, int y, const struct cell *cell)
{
	struct cell *here = cell_at(f, x, y);
	int end = x + cell->width;

	if (here->width == 0 && x > 0)
		*cell_at(f, x - 1, y) = blank;
	if (end < f->width && cell_at(f, end, y)->width == 0)
		*cell_at(f, end, y) = blank;
	*here = *cell;
	for (int i = x + 1; i < end; i++)
		*cell_at(f, i, y) = (struct cell){.role = cell->role};
}

int frame_put(struct frame *f, int x, int y, int max_width, enum role role,
	      struct text shown)
{
	int room = room_at(f, x, y, max_width);
	int used = 0;
	size_t at = 0;

	while (at < shown.len && used < room) {
		struct cell cell = next_cell(shown, &at);

		if (cell.width > room - used)
			break;
		cell.role = (uint8_t)role;
		set_cell(f, x + used, y, &cell);
		used += cell.width;
	}
	return used;
}

static void pad(struct frame *f, int x, int y, int width, enum role role)
{
	struct cell cell = blank;
	int room = room_at(f, x, y, width);

	cell.role = (uint8_t)role;
	for (int i = 0; i < room; i++)
		set_cell(f, x + i, y, &cell);
}

/* The end of shown that takes at most width columns. */
static struct text tail_of(struct text shown, int width)
{
	size_t left = text_width(shown);
	size_t at = 0;

	while (at < shown.len && left > (size_t)width)
		left -= next_cell(shown, &at).width;
	return (struct text){shown.bytes + at, shown.len - at};
}

static void put_clipped(struct frame *f, int x, int y, int width, enum role role,
			enum clip clip, struct text shown)
{
	struct text dots = text_of(symbol_text(SYMBOL_ELLIPSIS, f->is_ascii));
	int room = width - (int)text_width(dots);
	int tail = clip == CLIP_MIDDLE && room > 0 ? room / 2 : 0;
	int used = frame_put(f, x, y, room - tail, role, shown);

	used += frame_put(f, x + used, y, width - used, role, dots);
	frame_put(f, x + used, y, width - used, role, tail_of(shown, tail));
}

void frame_field(struct frame *f, int x, int y, int max_width, enum role role,
		 enum align align, enum clip clip, struct text shown)
{
	size_t wanted = text_width(shown);
	int room = room_at(f, x, y, max_width);

	if (!room)
		return;
	pad(f, x, y, room, role);
	if (wanted > (size_t)room) {
		put_clipped(f, x, y, room, role, clip, shown);
		return;
	}
	if (align == ALIGN_RIGHT)
		x += room - (int)wanted;
	frame_put(f, x, y, (int)wanted, role, shown);
}

void frame_text(struct frame *f, int x, int y, int max_width, enum role role,
		struct text shown)
{
	frame_field(f, x, y, max_width, role, ALIGN_LEFT, CLIP_END, shown);
}

void frame_fill(struct frame *f, int x, int y, int width, enum role role, enum symbol s)
{
	struct text symbol = text_of(symbol_text(s, f->is_ascii));
	int step = (int)text_width(symbol);

	for (int i = 0; i + step <= width; i += step)
		frame_put(f, x + i, y, width - i, role, symbol);
}

void frame_select(struct frame *f, int x, int y, int width)
{
	int room = room_at(f, x, y, width);

	for (int i = 0; i < room; i++)
		cell_at(f, x + i, y)->is_selected = true;
}

/* Columns from x that spell the needle; 0: they do not. */
static int match_at(const struct frame *f, int x, int y, int width, struct text needle)
{
	size_t at = 0;
	int used = 0;

	while (at < needle.len) {
		const struct cell *cell;

		if (used >= width)
			return 0;
		cell = cell_at(f, x + used, y);
		if (cell->len == 0 || cell->len > needle.len - at)
			return 0;
		if (strncasecmp(cell->text, needle.bytes + at, cell->len) != 0)
			return 0;
		at += cell->len;
		used += cell->width;
	}
	return used;
}

void frame_mark(struct frame *f, int x, int y, int width, struct text needle)
{
	int room = room_at(f, x, y, width);

	for (int i = 0; i < room && needle.len; i++) {
		int n = match_at(f, x + i, y, room - i, needle);

		for (int k = 0; k < n; k++)
			cell_at(f, x + i + k, y)->role = ROLE_MATCH;
	}
}

int frame_row_text(const struct frame *f, int y, struct str *out)
{
	size_t end = out->len;

	for (int x = 0; x < f->width; x++) {
		const struct cell *cell = cell_at(f, x, y);

		str_append(out, cell->text, cell->len);
		if (cell->len && !(cell->len == 1 && cell->text[0] == ' '))
			end = out->len;
	}
	str_truncate(out, end);
	return out->failed ? -ENOMEM : 0;
}

static void row_roles(const struct frame *f, int y, struct str *out)
{
	size_t end = out->len;

	for (int x = 0; x < f->width; x++) {
		const struct cell *cell = cell_at(f, x, y);
		char letter = theme_letter((enum role)cell->role);

		if (cell->is_selected)
			letter = letter == '.' ? '*' : (char)toupper(letter);
		str_putc(out, letter);
		if (letter != '.')
			end = out->len;
	}
	str_truncate(out, end);
}

int frame_dump(const struct frame *f, bool with_roles, struct str *out)
{
	for (int y = 0; y < f->height; y++) {
		frame_row_text(f, y, out);
		str_putc(out, '\n');
	}
	if (with_roles)
		str_puts(out, "roles\n");
	for (int y = 0; y < f->height && with_roles; y++) {
		row_roles(f, y, out);
		str_putc(out, '\n');
	}
	return out->failed ? -ENOMEM : 0;
}

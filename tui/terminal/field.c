/* Editing one line. Characters only; no history, no completion. */
#include "tui/terminal/field.h"

#include <string.h>
#include <utf8proc.h>

#include "tui/terminal/input.h"

void field_release(struct field *field)
{
	str_release(&field->text);
	*field = (struct field){0};
}

void field_open(struct field *field, enum field_kind kind, const char *text)
{
	field->kind = kind;
	str_reset(&field->text);
	str_puts(&field->text, text);
	field->cursor = field->text.len;
}

void field_close(struct field *field)
{
	field->kind = FIELD_CLOSED;
}

static struct text text_in(const struct field *field)
{
	return text_of_str(&field->text);
}

static size_t before(const struct field *field, size_t at)
{
	const char *bytes = str_text(&field->text);

	while (at > 0 && ((unsigned char)bytes[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t behind(const struct field *field, size_t at)
{
	if (at < field->text.len)
		text_next_char(text_in(field), &at);
	return at;
}

/* Replaces the bytes [from, to) by n others; the cursor stands behind them. */
static enum field_event replace(struct field *field, size_t from, size_t to,
				const void *bytes, size_t n)
{
	struct str changed = {0};
	const char *old = str_text(&field->text);
	size_t len = field->text.len;

	if ((from == to && !n) || len - (to - from) + n > FIELD_MAX)
		return FIELD_NOTHING;
	str_append(&changed, old, from);
	str_append(&changed, bytes, n);
	if (str_append(&changed, old + to, len - to)) {
		str_release(&changed);
		return FIELD_NOTHING;
	}
	str_release(&field->text);
	field->text = changed;
	field->cursor = from + n;
	return FIELD_CHANGED;
}

enum field_event field_replace(struct field *field, size_t from, size_t to,
			       struct text text)
{
	return replace(field, from, to, text.bytes, text.len);
}

static enum field_event insert(struct field *field, int c)
{
	utf8proc_uint8_t utf8[4];
	utf8proc_ssize_t n;

	if (c < 0x20 || c >= INPUT_FIRST)
		return FIELD_NOTHING;
	n = utf8proc_encode_char(c, utf8);
	return replace(field, field->cursor, field->cursor, utf8, (size_t)n);
}

static size_t word_start(const struct field *field)
{
	const char *bytes = str_text(&field->text);
	size_t at = field->cursor;

	while (at > 0 && bytes[at - 1] == ' ')
		at--;
	while (at > 0 && bytes[at - 1] != ' ')
		at--;
	return at;
}

static enum field_event move_to(struct field *field, size_t at)
{
	field->cursor = at;
	return FIELD_NOTHING;
}

enum field_event field_input(struct field *field, int input)
{
	size_t cursor = field->cursor;

	switch (input) {
	case INPUT_ENTER:
		return FIELD_DONE;
	case INPUT_ESCAPE:
	case INPUT_CONTROL('C'):
		return FIELD_CANCELLED;
	case INPUT_LEFT:
		return move_to(field, before(field, cursor));
	case INPUT_RIGHT:
		return move_to(field, behind(field, cursor));
	case INPUT_HOME:
	case INPUT_CONTROL('A'):
		return move_to(field, 0);
	case INPUT_END:
	case INPUT_CONTROL('E'):
		return move_to(field, field->text.len);
	case INPUT_BACKSPACE:
		return replace(field, before(field, cursor), cursor, "", 0);
	case INPUT_DELETE:
		return replace(field, cursor, behind(field, cursor), "", 0);
	case INPUT_CONTROL('W'):
		return replace(field, word_start(field), cursor, "", 0);
	case INPUT_CONTROL('U'):
		return replace(field, 0, cursor, "", 0);
	default:
		return insert(field, input);
	}
}

static size_t width_shown(struct text raw, enum text_mode mode)
{
	struct str shown = {0};
	size_t width;

	text_show(&shown, raw, mode);
	width = text_width(text_of_str(&shown));
	str_release(&shown);
	return width;
}

void field_draw(const struct field *field, struct frame *f, int x, int y, int width)
{
	enum text_mode mode = f->is_ascii ? TEXT_ASCII : TEXT_UTF8;
	struct text text = text_in(field);
	struct str shown = {0};
	size_t start = 0;
	int column;

	while (start < field->cursor &&
	       width_shown((struct text){text.bytes + start, field->cursor - start},
			   mode) >= (size_t)width)
		start = behind(field, start);
	text.bytes += start;
	text.len -= start;
	column = (int)width_shown((struct text){text.bytes, field->cursor - start}, mode);
	text_show(&shown, text, mode);
	frame_text(f, x, y, width, ROLE_FIELD, text_of_str(&shown));
	frame_select(f, x + column, y, column < width ? 1 : 0);
	str_release(&shown);
}

/* Lines, comments, continuations and sections of unit files. Does not know what a setting
 * means. */
#include "core/sockets/unit_file.h"

#include <errno.h>
#include <string.h>

#include "core/base/pieces.h"

void unit_file_open(struct unit_file *f, struct text content, const char *section)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";

	if (piece_starts(content, byte_order_mark))
		content = piece_tail(content, strlen(byte_order_mark));
	*f = (struct unit_file){.rest = content, .section = section};
	str_init(&f->line);
}

void unit_file_close(struct unit_file *f)
{
	str_release(&f->line);
}

static bool is_comment(struct text line)
{
	line = piece_strip(line);
	return line.len && (line.bytes[0] == '#' || line.bytes[0] == ';');
}

/* An even number of backslashes at the end are backslashes. */
static bool is_continued(struct text line)
{
	size_t n = 0;

	while (n < line.len && line.bytes[line.len - 1 - n] == '\\')
		n++;
	return n % 2;
}

/* The next line in f->line; comments between its parts are left out. 1, 0 at the end,
 * -ENOMEM. */
static int next_line(struct unit_file *f)
{
	struct text part;
	bool goes_on = true;

	str_reset(&f->line);
	if (!f->rest.len)
		return 0;
	while (goes_on && piece_next(&f->rest, '\n', &part)) {
		if (part.len && part.bytes[part.len - 1] == '\r')
			part.len--;
		if (is_comment(part))
			continue;
		goes_on = is_continued(part);
		if (goes_on)
			part.len--;
		str_append(&f->line, part.bytes, part.len);
		if (goes_on)
			str_putc(&f->line, ' ');
	}
	return f->line.failed ? -ENOMEM : 1;
}

int unit_file_next(struct unit_file *f, struct text *key, struct text *value)
{
	int more;

	while ((more = next_line(f)) > 0) {
		struct text line = piece_strip((struct text){f->line.data, f->line.len});
		struct text name;

		if (piece_starts(line, "[") && piece_ends(line, "]")) {
			line = piece_tail(piece_head(line, line.len - 1), 1);
			f->is_inside = text_equals_str(line, f->section);
			continue;
		}
		if (!f->is_inside || !line.len || !memchr(line.bytes, '=', line.len) ||
		    !piece_next(&line, '=', &name))
			continue;
		*key = piece_strip(name);
		*value = piece_strip(line);
		return 1;
	}
	return more;
}

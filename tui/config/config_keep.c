/* The user's file with other values in it: line by line. Knows nothing of what they mean.
 */
#include "tui/config/config_keep.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "core/base/pieces.h"
#include "tui/config/config.h"
#include "tui/view/ports/port_acts.h"
#include "tui/view/ports/port_columns.h"

static const enum setting kept[] = {SETTING_COLUMNS, SETTING_SORT, SETTING_REVERSE,
				    SETTING_GROUP};

enum { N_KEPT = sizeof(kept) / sizeof(kept[0]) };

/* Where a line stands, as inih(3) sees it. */
struct place_in_file {
	bool is_in_ports;
	bool has_key; /* in this section, so far: an indented line belongs to it */
};

struct rewrite {
	const struct model *m;
	struct str *out;
	struct place_in_file at;
	bool is_done[N_KEPT]; /* or has a line further below */
};

static void put_value(const struct model *m, enum setting s, struct str *out)
{
	if (s == SETTING_COLUMNS && !m->columns.is_own)
		str_puts(out, "default");
	else if (s == SETTING_COLUMNS)
		columns_put(&m->columns, port_columns, n_port_columns, out);
	else if (s == SETTING_SORT)
		str_puts(out, port_order(m)->id);
	else if (s == SETTING_REVERSE)
		str_puts(out, m->is_reversed ? "yes" : "no");
	else
		str_puts(out, group_by_word(m->groups.by));
}

/* Those that the section has no line of. */
static void put_rest(struct rewrite *r)
{
	for (size_t i = 0; i < N_KEPT; i++) {
		if (r->is_done[i])
			continue;
		r->is_done[i] = true;
		str_printf(r->out, "%s = ", config_key(kept[i]));
		put_value(r->m, kept[i], r->out);
		str_putc(r->out, '\n');
	}
}

static bool is_indented(struct text line)
{
	return line.len && isspace((unsigned char)line.bytes[0]);
}

static struct text without_indent(struct text line)
{
	while (is_indented(line))
		line = piece_tail(line, 1);
	return line;
}

/* "[ports] ; comment". Notes where the lines after it stand. */
static bool take_section(struct place_in_file *at, struct text line)
{
	struct text rest = without_indent(line), name;

	if ((at->has_key && is_indented(line)) || !piece_starts(rest, "[") ||
	    !memchr(rest.bytes, ']', rest.len))
		return false;
	rest = piece_tail(rest, 1);
	piece_next(&rest, ']', &name);
	*at = (struct place_in_file){.is_in_ports = text_equals_str(name, "ports")};
	return true;
}

/* Up to the separator; line.len: there is none. */
static size_t key_len(struct text line)
{
	size_t len = 0;

	while (len < line.len && line.bytes[len] != '=' && line.bytes[len] != ':')
		len++;
	return len;
}

/* Which of the kept keys the line sets; N_KEPT: none. */
static size_t take_key(struct place_in_file *at, struct text line)
{
	struct text start = without_indent(line), key;
	size_t len = key_len(line);

	if ((at->has_key && is_indented(line)) || len == line.len ||
	    piece_starts(start, ";") || piece_starts(start, "#"))
		return N_KEPT;
	at->has_key = true;
	key = piece_strip(piece_head(line, len));
	for (size_t i = 0; at->is_in_ports && i < N_KEPT; i++)
		if (text_equals_str(key, config_key(kept[i])))
			return i;
	return N_KEPT;
}

/* From the separator on: where the value begins, and where a comment behind it. */
static void find_value(struct text line, size_t *begin, size_t *end)
{
	size_t at = key_len(line) + 1;

	while (at < line.len && isblank((unsigned char)line.bytes[at]))
		at++;
	*begin = *end = at;
	for (size_t i = at; i < line.len; i++) {
		bool is_blank = isspace((unsigned char)line.bytes[i]);

		if (line.bytes[i] == ';' &&
		    (i == at || isspace((unsigned char)line.bytes[i - 1])))
			return;
		if (!is_blank)
			*end = i + 1;
	}
}

static void put_line(struct rewrite *r, struct text line, size_t key)
{
	size_t begin, end;

	find_value(line, &begin, &end);
	str_append(r->out, line.bytes, begin);
	put_value(r->m, kept[key], r->out);
	str_append(r->out, line.bytes + end, line.len - end);
	r->is_done[key] = true;
}

static bool is_whole(const struct rewrite *r)
{
	for (size_t i = 0; i < N_KEPT; i++)
		if (!r->is_done[i])
			return false;
	return true;
}

/* New lines of a section stand behind its last one, before the blank lines that follow. */
static void close_section(struct rewrite *r)
{
	const char *bytes = str_text(r->out), *end;
	size_t len = r->out->len;
	struct str blank = {0};

	if (!r->at.is_in_ports || is_whole(r))
		return;
	while (len && isspace((unsigned char)bytes[len - 1]))
		len--;
	end = memchr(bytes + len, '\n', r->out->len - len);
	len = end ? (size_t)(end - bytes) + 1 : r->out->len;
	str_append(&blank, bytes + len, r->out->len - len);
	str_truncate(r->out, len);
	if (!end)
		str_putc(r->out, '\n');
	put_rest(r);
	str_append(r->out, str_text(&blank), blank.len);
	r->out->failed = r->out->failed || blank.failed;
	str_release(&blank);
}

static void take_line(struct rewrite *r, struct text line)
{
	struct place_in_file next = r->at;
	size_t key = N_KEPT;

	if (take_section(&next, line)) {
		close_section(r);
		r->at = next;
		/* Behind a key an indented line would belong to that. */
		line = without_indent(line);
	} else {
		key = take_key(&r->at, line);
	}
	if (key < N_KEPT)
		put_line(r, line, key);
	else
		str_append(r->out, line.bytes, line.len);
}

static bool next_line(struct text *rest, struct text *line)
{
	const char *end = rest->len ? memchr(rest->bytes, '\n', rest->len) : NULL;

	*line = end ? piece_head(*rest, (size_t)(end - rest->bytes) + 1) : *rest;
	*rest = piece_tail(*rest, line->len);
	return line->len > 0;
}

/* Sections may be spread over a file. */
static void find_lines(struct rewrite *r, struct text old)
{
	struct place_in_file at = {0};
	struct text line;

	while (next_line(&old, &line)) {
		size_t key = take_section(&at, line) ? N_KEPT : take_key(&at, line);

		if (key < N_KEPT)
			r->is_done[key] = true;
	}
}

int config_keep(const struct model *m, struct text old, struct str *out)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct rewrite r = {.m = m, .out = out};
	struct text line;

	/* inih passes over it: what follows is a line as any. */
	if (piece_starts(old, byte_order_mark)) {
		str_puts(out, byte_order_mark);
		old = piece_tail(old, sizeof(byte_order_mark) - 1);
	}
	find_lines(&r, old);
	while (next_line(&old, &line))
		take_line(&r, line);
	close_section(&r);
	if (!is_whole(&r)) {
		str_printf(out, "%s[ports]\n", out->len ? "\n" : "");
		put_rest(&r);
	}
	return out->failed ? -ENOMEM : 0;
}

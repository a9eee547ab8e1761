/* The way of a packet as a person reads it: the verdict, then a line per place, the rule
 * that decided with what nearly matched. The words only; what came of it is path_page. */
#include <errno.h>
#include <string.h>

#include "core/report/path_notes.h"
#include "core/report/path_words.h"

enum { COLUMNS = 80, PLACE_COLUMN = 4, WORDS_COLUMN = 18 };

/* ---- lines ---- */

/* From this column on, broken at blanks. */
static void put_wrapped(struct str *out, const char *words, size_t column)
{
	size_t room = COLUMNS - column, len = strlen(words);

	while (len > room) {
		size_t at = room;

		while (at && words[at] != ' ')
			at--;
		if (!at)
			at = strcspn(words, " ");
		str_append(out, words, at);
		words += at + (words[at] == ' ');
		len = strlen(words);
		if (!len)
			break;
		str_putc(out, '\n');
		str_fill(out, ' ', column);
	}
	str_append(out, words, len);
	str_putc(out, '\n');
}

/* Lines that end with '\n', each below the words. */
static void put_more(struct str *out, const char *lines)
{
	struct str line = {0};
	size_t len;

	for (; *lines; lines += len + 1) {
		len = strcspn(lines, "\n");
		str_reset(&line);
		str_append(&line, lines, len);
		str_fill(out, ' ', WORDS_COLUMN);
		put_wrapped(out, str_text(&line), WORDS_COLUMN);
		if (!lines[len])
			break;
	}
	out->failed |= line.failed;
	str_release(&line);
}

static void put_line(struct str *out, const char *mark, const char *place,
		     const struct str *words)
{
	str_printf(out, "  %s %-*s", mark, WORDS_COLUMN - PLACE_COLUMN, place);
	put_wrapped(out, str_text(words), WORDS_COLUMN);
}

/* ---- a hop ---- */

static const char *mark_of(const struct path_hop *h, enum text_mode mode)
{
	static const char *const marks[][2] = {
		[HOP_PASSES] = {"✔", "+"},  [HOP_TRANSLATED] = {"→", ">"},
		[HOP_DROPPED] = {"✖", "x"}, [HOP_REJECTED] = {"✖", "x"},
		[HOP_UNSURE] = {"?", "?"},  [HOP_NOT_WALKED] = {"-", "-"},
	};

	return marks[h->outcome][mode == TEXT_ASCII];
}

static void put_hop(struct str *out, const struct path_page *p, const struct path_leg *leg,
		    size_t i, enum text_mode mode)
{
	const struct path_hop *h = &leg->hops[i];
	struct str words = {0};

	path_put_hop_words(&words, p, leg, h, mode);
	put_line(out, mark_of(h, mode), path_hop_place(h, i == 0), &words);
	str_reset(&words);
	path_put_notes(&words, p, leg, h);
	put_more(out, str_text(&words));
	out->failed |= words.failed;
	str_release(&words);
}

static void put_unsure(struct str *out, const struct path_page *p,
		       const struct path_leg *leg)
{
	struct str words = {0};

	for (size_t i = 0; i < leg->n_unsure; i++) {
		str_reset(&words);
		path_put_unsure(&words, p, leg, i);
		put_line(out, "?",
			 leg->unsure[i].rule == UINT32_MAX ? "because" : "depends on",
			 &words);
	}
	out->failed |= words.failed;
	str_release(&words);
}

static void put_leg(struct str *out, const struct path_page *p, const struct path_leg *leg,
		    enum text_mode mode)
{
	for (size_t i = 0; i < leg->n_hops; i++)
		put_hop(out, p, leg, i, mode);
	put_unsure(out, p, leg);
}

/* ---- the whole ---- */

static void put_head(struct str *out, const struct path_page *p, enum text_mode mode)
{
	static const char *const marks[][2] = {[PATH_IS_OPEN] = {"✔", "+"},
					       [PATH_IS_CLOSED] = {"✖", "x"},
					       [PATH_IS_NOT_KNOWN] = {"?", "?"}};
	struct str words = {0};

	path_put_packet(&words, &p->path.ask);
	str_puts(&words, ": ");
	path_put_verdict(&words, p);
	str_printf(out, "%s ", marks[path_page_state(p)][mode == TEXT_ASCII]);
	put_wrapped(out, str_text(&words), 2);
	str_release(&words);
}

static void put_reply(struct str *out, const struct path_page *p, enum text_mode mode)
{
	if (p->inner)
		put_reply(out, p->inner, mode);
	if (!p->path.reply.is_walked)
		return;
	str_puts(out, "\n  the reply");
	if (!p->evidence.space->is_own && !text_is_empty(p->evidence.space->name)) {
		str_putc(out, ' ');
		path_put_space(out, p);
	}
	str_putc(out, '\n');
	put_leg(out, p, &p->path.reply, mode);
}

static void put_hint(struct str *out, const struct path_page *p)
{
	struct str words = {0};

	path_put_hint(&words, p);
	if (words.len)
		str_printf(out, "\n  %s\n", str_text(&words));
	out->failed |= words.failed;
	str_release(&words);
}

int path_text(struct str *out, const struct path_page *p, enum text_mode mode)
{
	put_head(out, p, mode);
	str_putc(out, '\n');
	for (const struct path_page *at = p; at; at = at->inner) {
		if (at != p) {
			str_puts(out, "\n  ");
			path_put_space(out, at);
			str_putc(out, '\n');
		}
		put_leg(out, at, &at->path.request, mode);
	}
	put_reply(out, p, mode);
	put_hint(out, p);
	return out->failed ? -ENOMEM : 0;
}

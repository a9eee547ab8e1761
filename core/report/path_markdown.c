/* The way of a packet as Markdown for a ticket: the verdict, then an item per place with
 * its rule below. The words are those of the text (path_words, path_notes). */
#include <errno.h>
#include <string.h>

#include "core/base/time.h"
#include "core/report/path_notes.h"
#include "core/report/path_words.h"

/* Numbers stand for what means something in Markdown or HTML, begins a link or names
 * somebody. */
static void put_escaped(struct str *out, const char *words)
{
	for (; *words; words++) {
		bool begins_link = *words == ':' && words[1] == '/';

		if (strchr("\\`*_{}[]<>#|!&~$@", *words) || begins_link)
			str_printf(out, "&#%d;", *words);
		else
			str_putc(out, *words);
	}
}

/* Takes what is in words. */
static void put_words(struct str *out, struct str *words)
{
	put_escaped(out, str_text(words));
	out->failed |= words->failed;
	str_reset(words);
}

static void put_notes(struct str *out, struct str *notes)
{
	char *line = notes->data, *end;

	for (; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		str_puts(out, "  - ");
		put_escaped(out, line);
		str_putc(out, '\n');
	}
	out->failed |= notes->failed;
	str_reset(notes);
}

static void put_leg(struct str *out, const struct path_page *p, const struct path_leg *leg,
		    enum text_mode mode)
{
	struct str words = {0};

	for (size_t i = 0; i < leg->n_hops; i++) {
		const struct path_hop *h = &leg->hops[i];

		str_printf(out, "- **%s**: %s: ", path_hop_place(h, i == 0),
			   path_outcome_word(h->outcome));
		path_put_hop_words(&words, p, leg, h, mode);
		put_words(out, &words);
		str_putc(out, '\n');
		path_put_notes(&words, p, leg, h);
		put_notes(out, &words);
	}
	for (size_t i = 0; i < leg->n_unsure; i++) {
		str_puts(out, "- it depends on: ");
		path_put_unsure(&words, p, leg, i);
		put_words(out, &words);
		str_putc(out, '\n');
	}
	str_release(&words);
}

static void put_title(struct str *out, const char *title, const struct path_page *p)
{
	bool has_name =
		!p->evidence.space->is_own && !text_is_empty(p->evidence.space->name);
	struct str words = {0};

	if (has_name)
		path_put_space(&words, p);
	str_printf(out, "\n## %s%s", title, has_name ? " " : "");
	put_words(out, &words);
	str_puts(out, "\n\n");
	str_release(&words);
}

static void put_head(struct str *out, const struct path_page *p)
{
	static const char *const states[] = {[PATH_IS_OPEN] = "open",
					     [PATH_IS_CLOSED] = "closed",
					     [PATH_IS_NOT_KNOWN] = "not known"};
	const struct host_facts *host = p->evidence.snapshot->host;
	struct str words = {0};
	char time[TIME_TEXT_MAX];

	str_puts(out, "# ");
	path_put_packet(&words, &p->path.ask);
	put_words(out, &words);
	str_printf(out, ": %s\n\n", states[path_page_state(p)]);
	path_put_verdict(&words, p);
	put_words(out, &words);
	str_puts(out, "\n\n- host: ");
	if (host)
		text_show(&words, host->hostname, TEXT_ASCII);
	put_escaped(out, words.len ? str_text(&words) : "not known");
	str_printf(out, "\n- time: %s\n- nothing was sent: this is what the rules say\n",
		   time_rfc3339(p->evidence.now_ns, time));
	out->failed |= words.failed;
	str_release(&words);
}

static void put_reply(struct str *out, const struct path_page *p, enum text_mode mode)
{
	if (p->inner)
		put_reply(out, p->inner, mode);
	if (!p->path.reply.is_walked)
		return;
	put_title(out, "The reply", p);
	put_leg(out, p, &p->path.reply, mode);
}

int path_markdown(struct str *out, const struct path_page *p, enum text_mode mode)
{
	struct str words = {0};

	put_head(out, p);
	for (const struct path_page *at = p; at; at = at->inner) {
		put_title(out, "The packet", at);
		put_leg(out, at, &at->path.request, mode);
	}
	put_reply(out, p, mode);
	path_put_hint(&words, p);
	if (words.len) {
		str_putc(out, '\n');
		put_words(out, &words);
		str_putc(out, '\n');
	}
	out->failed |= words.failed;
	str_release(&words);
	return out->failed ? -ENOMEM : 0;
}

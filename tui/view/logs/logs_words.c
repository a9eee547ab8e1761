/* A row of the time line in words. Draws nothing, judges nothing. */
#include "tui/view/logs/logs_words.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "core/base/time.h"
#include "tui/chrome.h"
#include "tui/view.h"
#include "tui/view/guide/guide_words.h"

enum { INDENT = 4, LABEL = 9, CLOCK = 8 /* of "14:32:07 +01" */ };

#define SECONDS_TO  (100 * NS_PER_S) /* told to the millisecond */
#define SAME_DAY_NS (12 * 3600 * NS_PER_S)

void logs_put_relative(struct str *out, int64_t wall_ns, int64_t start_ns)
{
	int64_t ns = wall_ns - start_ns;
	bool is_before = ns < 0;
	char span[TIME_TEXT_MAX];

	if (is_before)
		ns = -ns;
	if (ns < SECONDS_TO)
		str_printf(out, "%c%.3f", is_before ? '-' : '+', (double)ns / 1e9);
	else
		str_printf(out, "%c%s", is_before ? '-' : '+', time_span(ns, span));
}

static void put_date(const struct model *m, struct str *out, int64_t wall_ns,
		     const char *format)
{
	time_t s = (time_t)(wall_ns / NS_PER_S);
	char text[TIME_TEXT_MAX];
	struct tm tm = {0};

	if (m->is_utc)
		gmtime_r(&s, &tm);
	else
		localtime_r(&s, &tm);
	if (strftime(text, sizeof(text), format, &tm))
		str_puts(out, text);
}

void logs_put_clock(const struct model *m, struct str *out, int64_t wall_ns)
{
	const struct timeline *t = m->logs.timeline;
	int64_t from_ns = t ? wall_ns - t->start_ns : 0;
	char clock[TIME_TEXT_MAX];

	if (from_ns > SAME_DAY_NS || from_ns < -SAME_DAY_NS) {
		put_date(m, out, wall_ns, "%m-%d %H:%M");
		return;
	}
	str_printf(out, "%.*s.%03d", CLOCK, time_clock(wall_ns, m->is_utc, clock),
		   (int)(wall_ns / NS_PER_MS % 1000));
}

const char *logs_kind(const struct timeline_row *row)
{
	return row->is_old && row->kind == TIMELINE_LOG ? "old log"
							: timeline_kind_word(row->kind);
}

static void put(const struct model *m, const struct timeline_row *row, struct text t,
		struct str *out)
{
	if (row->is_raw)
		text_show(out, t, model_text_mode(m));
	else
		guide_put(m, out, t);
}

void logs_put_text(const struct model *m, const struct timeline_row *row, struct str *out)
{
	if (row->kind == TIMELINE_LOG && row->source.len) {
		put(m, row, row->source, out);
		str_puts(out, ": ");
	}
	put(m, row, row->text, out);
}

enum role logs_mark(const struct timeline_row *row, enum symbol *symbol)
{
	*symbol = row->is_bad ? SYMBOL_BAD : row->is_marked ? SYMBOL_SOME : SYMBOL_DOT;
	if (row->is_bad)
		return ROLE_BAD;
	if (row->is_marked)
		return ROLE_WARN;
	if (row->kind == TIMELINE_ANSWER)
		return ROLE_GOOD;
	return row->is_old || row->kind == TIMELINE_LOG ? ROLE_DIM : ROLE_NORMAL;
}

/* ---- whole ---- */

static void put_moment(const struct model *m, struct str *out, int64_t wall_ns)
{
	char clock[TIME_TEXT_MAX];
	const char *zone = time_clock(wall_ns, m->is_utc, clock) + CLOCK;

	put_date(m, out, wall_ns, "%Y-%m-%d %H:%M:%S");
	str_printf(out, ".%03d%s", (int)(wall_ns / NS_PER_MS % 1000), zone);
}

static void put_when(const struct model *m, const struct timeline_row *row, struct str *out)
{
	if (row->from_ns) {
		str_puts(out, "between ");
		put_moment(m, out, row->from_ns);
		str_puts(out, " and ");
	}
	put_moment(m, out, row->wall_ns);
	if (row->slack_ns >= NS_PER_MS)
		str_printf(out, ", at most %.3f s earlier or later",
			   (double)row->slack_ns / 1e9);
	if (m->logs.timeline) {
		str_puts(out, "; ");
		logs_put_relative(out, row->wall_ns, m->logs.timeline->start_ns);
		str_puts(out, " from the beginning");
	}
}

static void add(int width, struct lines *out, const char *label, enum role role,
		const struct str *text)
{
	struct line_style style = {.width = width,
				   .indent = INDENT,
				   .head_width = LABEL,
				   .head_role = ROLE_DIM,
				   .role = role};

	if (text->len)
		lines_add(out, &style, label, str_text(text));
}

void logs_add_whole(const struct model *m, const struct timeline_row *row, int width,
		    struct lines *out)
{
	struct str text = {0};

	put_when(m, row, &text);
	add(width, out, "when", ROLE_NORMAL, &text);
	str_reset(&text);
	str_printf(&text, "%s%s", timeline_kind_help(row->kind),
		   row->is_old ? ", before this was watched" : "");
	add(width, out, "what", ROLE_NORMAL, &text);
	str_reset(&text);
	put(m, row, row->text, &text);
	add(width, out, "text", ROLE_NORMAL, &text);
	str_reset(&text);
	put(m, row, row->source, &text);
	add(width, out, "source", ROLE_NORMAL, &text);
	str_reset(&text);
	guide_put(m, &text, row->why);
	if (!text.len)
		str_puts(&text, "it stands here for its time alone");
	add(width, out, "why", row->is_marked ? ROLE_WARN : ROLE_DIM, &text);
	str_reset(&text);
	guide_put(m, &text, row->command);
	add(width, out, "command", ROLE_KEY, &text);
	str_release(&text);
}

void logs_put_whole(const struct model *m, const struct timeline_row *row, struct str *out)
{
	put_moment(m, out, row->wall_ns);
	str_printf(out, "  %s  ", logs_kind(row));
	logs_put_text(m, row, out);
	if (row->why.len) {
		str_puts(out, "  (");
		guide_put(m, out, row->why);
		str_putc(out, ')');
	}
	if (row->command.len) {
		str_puts(out, "  [");
		guide_put(m, out, row->command);
		str_putc(out, ']');
	}
}

/* ---- above the rows ---- */

/* What was not looked at is not told as nothing. */
static void put_count(struct str *out, bool has, size_t n, const char *one,
		      const char *many)
{
	if (!has)
		return;
	str_puts(out, out->len ? ", " : "");
	chrome_count(out, n, one, many);
}

static void put_counts(const struct timeline *t, struct str *out)
{
	size_t n[N_TIMELINE_KINDS] = {0}, n_marked = 0;

	for (size_t i = 0; i < t->n; i++) {
		n[t->rows[i].kind]++;
		n_marked += t->rows[i].is_marked && t->rows[i].kind == TIMELINE_LOG;
	}
	put_count(out, t->has_capture, n[TIMELINE_SYN], "SYN", "SYNs");
	put_count(out, t->has_capture, n[TIMELINE_ANSWER], "answer", "answers");
	put_count(out, n[TIMELINE_RESET] > 0, n[TIMELINE_RESET], "reset of a client",
		  "resets of clients");
	put_count(out, t->has_drops, n[TIMELINE_DROP], "drop", "drops");
	put_count(out, t->has_counters, n[TIMELINE_COUNTER], "counter moved",
		  "counters moved");
	put_count(out, t->has_logs, n[TIMELINE_LOG], "log line", "log lines");
	if (t->has_logs && n[TIMELINE_LOG])
		str_printf(out, " (%zu of them count)", n_marked);
	put_count(out, t->has_changes || n[TIMELINE_CHANGE], n[TIMELINE_CHANGE],
		  "change before", "changes before");
	if (t->n_left_out)
		str_printf(out, "; %zu more have no room here", t->n_left_out);
	if (!out->len)
		str_puts(out, "nothing could be looked at");
}

/* What would have made rows. */
static bool is_of_line(const char *source)
{
	static const char *const sources[] = {"logs",         "journal",  "capture",
					      "drop reasons", "counters", "changes"};

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (!strcmp(sources[i], source))
			return true;
	return false;
}

static void add_gap(const struct model *m, int width, const struct gap *g,
		    struct lines *out)
{
	bool wants_right = !text_is_empty(g->grant);
	struct line_style style = {.width = width,
				   .indent = 1,
				   .head_width = 2,
				   .head_role = ROLE_UNKNOWN,
				   .role = ROLE_UNKNOWN};
	enum symbol s = wants_right ? SYMBOL_NO_RIGHT : SYMBOL_UNKNOWN;
	struct str text = {0};

	str_printf(&text, "%s: ", g->source);
	guide_put(m, &text, g->reason);
	if (wants_right) {
		str_printf(&text, " %s ", symbol_text(SYMBOL_ARROW, m->is_ascii));
		guide_put(m, &text, g->grant);
	}
	lines_add(out, &style, symbol_text(s, m->is_ascii), str_text(&text));
	str_release(&text);
}

/* While it runs: what is still to come. */
static void add_awaited(const struct model *m, int width, struct lines *out)
{
	const struct guide *g = &m->guide;
	struct line_style style = {.width = width,
				   .indent = 1,
				   .head_width = 3,
				   .head_role = ROLE_DIM,
				   .role = ROLE_DIM};
	struct str text = {0};
	int64_t left_ns = guide_left_ns(g, RUN_WATCHING, m->now_ns);

	if (!g->is_running)
		return;
	str_puts(&text, "logs, counters and changes are read when the watch is over");
	if (left_ns > 0)
		str_printf(&text, ", in at most %" PRId64 " s",
			   (left_ns + NS_PER_S - 1) / NS_PER_S);
	lines_add(out, &style, symbol_text(SYMBOL_WAITING, m->is_ascii), str_text(&text));
	str_release(&text);
}

void logs_add_head(const struct model *m, int width, struct lines *out)
{
	struct line_style style = {.width = width, .indent = 1, .role = ROLE_NORMAL};
	const struct diagnosis *d = m->guide.result;
	struct str text = {0};

	add_awaited(m, width, out);
	if (m->logs.timeline && !m->guide.is_running) {
		put_counts(m->logs.timeline, &text);
		lines_add(out, &style, "", str_text(&text));
	}
	str_release(&text);
	for (size_t i = 0; d && i < d->n_gaps && !m->guide.is_running; i++)
		if (is_of_line(d->gaps[i].source))
			add_gap(m, width, &d->gaps[i], out);
}

static void say(struct lines *out, int width, enum role role, const char *words)
{
	struct line_style style = {.width = width, .indent = 1, .role = role};

	lines_add(out, &style, "", words);
}

void logs_add_invitation(const struct model *m, int width, struct lines *out)
{
	const struct endpoint *e =
		model_shows(m, &view_details) ? details_endpoint(m) : model_selected(m);
	struct str text = {0};

	say(out, width, ROLE_TITLE, "There is no time line yet: a diagnosis collects it.");
	say(out, width, ROLE_NORMAL, "");
	say(out, width, ROLE_NORMAL,
	    "It watches a port for some seconds and puts in one line of time what clients "
	    "sent, what answered, what the kernel dropped, which counters moved, what the "
	    "logs say, and what was changed on this host before.");
	say(out, width, ROLE_NORMAL, "");
	keymap_put_key(&text, ACTION_WHOLE);
	if (e) {
		str_puts(&text, " starts the diagnosis of ");
		endpoint_port_text(&text, e);
		if (e->n_owners) {
			str_puts(&text, ", ");
			text_show(&text, e->owners[0]->comm, model_text_mode(m));
		}
	} else {
		str_puts(&text, " starts the diagnosis of the selected port");
	}
	str_printf(&text, "; %.*s shows its time line then.", KEY_ARGS(ACTION_LOGS));
	say(out, width, ROLE_NORMAL, str_text(&text));
	str_release(&text);
}

/* Log lines as rows of the time line: those that count, with why, and those that stand
 * beside them in these seconds. Does not order them. */
#include "core/diagnosis/timeline_impl.h"

#include <stdlib.h>
#include <string.h>

#include "core/diagnosis/log_wish.h"

enum { MATCHES_MAX = 256 };

static const struct endpoint *owner_of(const struct timelining *l)
{
	const struct endpoint *serving = NULL;

	if (l->d->path && l->d->path->endpoint)
		return l->d->path->endpoint;
	if (l->d->n_findings && l->d->findings[0].endpoint)
		return l->d->findings[0].endpoint;
	return l->e->snapshot && evidence_serving(l->e, &serving, 1) ? serving : NULL;
}

/* The same as in the fifth step. */
static void want(const struct timelining *l, struct log_wish *w)
{
	const struct sightings *s = &l->d->syn;

	log_wish_begin(w, l->e);
	log_wish_client(w, &l->e->target.client);
	for (size_t i = 0; l->e->attempts && i < s->n; i++)
		if (s->rows[i] < attempts_n(l->e->attempts))
			log_wish_client(w,
					&attempts_at(l->e->attempts, s->rows[i])->client);
	if (l->e->snapshot)
		log_wish_owner(w, l->e, owner_of(l));
}

/* ---- a line ---- */

static const char *fit_words(const struct log_match *m)
{
	if (m->has_tuple)
		return "client and port stand in it";
	if (m->has_client)
		return "the address of a client stands in it";
	if (m->has_port)
		return "the port stands in it";
	return m->is_by_guess ? "it is of a service that is known for this port"
			      : "it is of the port's own program, or of the whole host";
}

static bool speaks_for_cause(const struct timelining *l, const struct log_match *m)
{
	const struct finding *f = diagnosis_cause(l->d);
	const char *fault = log_meaning_fault(m->meaning);

	return f && l->d->verdict == VERDICT_FAULT && *fault &&
	       !strcmp(fault, fault_id(f->fault));
}

static bool is_plain_word(struct text t)
{
	static const char others[] = "@:._-";

	for (size_t i = 0; i < t.len; i++) {
		char c = t.bytes[i];
		bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				(c >= '0' && c <= '9');

		if (!is_alnum && (!c || !strchr(others, c)))
			return false;
	}
	return t.len != 0;
}

static struct text line_command(struct timelining *l, const struct log_line *line)
{
	switch (line->kind) {
	case LOG_KERNEL:
		return text_of("dmesg -T");
	case LOG_JOURNAL:
		if (line->from_kernel)
			return text_of("journalctl -k -n 100");
		if (is_plain_word(line->unit) && line->unit.bytes[0] != '-')
			return timeline_text(l, "journalctl -n 100 -u %.*s",
					     (int)line->unit.len, line->unit.bytes);
		return text_of("journalctl -n 100");
	case LOG_FILE:
		return timeline_tail(l, line->source);
	case N_LOG_KINDS:
		break;
	}
	return TEXT_NONE;
}

/* m NULL: it stands there for its time alone. */
static void add_line(struct timelining *l, const struct log_wish *w,
		     const struct log_line *line, const struct log_match *m)
{
	struct timeline_row *row = timeline_add(l, TIMELINE_LOG, line->wall_ns);
	bool is_of_cause = m && speaks_for_cause(l, m);

	if (!row)
		return;
	row->is_raw = true;
	row->slack_ns = line->slack_ns;
	row->is_old = line->wall_ns < w->log.from_ns;
	row->text = timeline_copy(l, line->text);
	row->source = timeline_copy(l, line->source);
	row->command = line_command(l, line);
	if (!m)
		return;
	row->is_marked = true;
	row->is_bad = is_of_cause;
	row->why = timeline_text(l, "%s: %s%s", log_meaning_what(m->meaning), fit_words(m),
				 is_of_cause ? "; it speaks for the cause" : "");
}

/* ---- all of them ---- */

static bool is_in_window(const struct log_wish *w, const struct log_line *line)
{
	return line->wall_ns >= w->log.from_ns && line->wall_ns <= w->log.to_ns;
}

/* Those that count first, then their neighbours, while there is room. */
static void add_lines(struct timelining *l, const struct log_wish *w,
		      const struct log_match *matches, size_t n_matches, bool *is_taken)
{
	const struct log_table *t = l->e->logs;
	size_t n = 0;

	for (size_t i = 0; i < n_matches; i++) {
		const struct log_line *line = &t->rows[matches[i].line];

		is_taken[matches[i].line] = true;
		if (n++ < TIMELINE_LINES_MAX)
			add_line(l, w, line, &matches[i]);
	}
	for (size_t i = 0; i < t->n; i++) {
		if (is_taken[i] || !is_in_window(w, &t->rows[i]))
			continue;
		if (n++ < TIMELINE_LINES_MAX)
			add_line(l, w, &t->rows[i], NULL);
		else
			l->t->n_left_out++;
	}
}

void timeline_logs(struct timelining *l)
{
	const struct log_table *t = l->e->logs;
	struct log_match matches[MATCHES_MAX];
	struct log_wish *w = t ? malloc(sizeof(*w)) : NULL;
	bool *is_taken = t ? calloc(t->n + 1, sizeof(*is_taken)) : NULL;
	size_t n;

	l->failed = l->failed || (t && (!w || !is_taken));
	if (w && is_taken) {
		l->t->has_logs = logs_are_read(t);
		want(l, w);
		n = logs_match(t, &w->log, matches, MATCHES_MAX);
		if (n > MATCHES_MAX) {
			l->t->n_left_out += n - MATCHES_MAX;
			n = MATCHES_MAX;
		}
		add_lines(l, w, matches, n, is_taken);
	}
	free(is_taken);
	free(w);
}

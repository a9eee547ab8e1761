/*
 * What a snapshot lacks -> rows of missing, in the order and words of reasons.c. Judges no
 * endpoint.
 */
#include "core/snapshot/missing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/vec.h"
#include "core/snapshot/reasons.h"

static const struct missing not_yet = {
	.source = "owners",
	.reason = "not every process has been looked at for this socket yet",
};

static const struct missing outside = {
	.source = "owners",
	.reason = "processes outside this PID namespace cannot be seen",
	.grant = "run dport on the host itself, or in its PID namespace (a container: "
		 "--pid=host)",
};

/* The parts of a sentence that are this snapshot's own. */
struct words {
	const struct snapshot *s;
	const char *what;
	int error;
};

static void put_error(struct str *out, int error)
{
	str_puts(out, error ? strerror(error) : "no reason was given");
}

/* What bundle_out_file() means by these two. */
static void put_file_error(struct str *out, int error)
{
	if (error == EINVAL)
		str_puts(out, "not a regular file");
	else if (error == EMSGSIZE)
		str_puts(out, "too long");
	else
		put_error(out, error);
}

static void put_word(struct str *out, const struct words *w, struct text name)
{
	const struct owner_table *owners = w->s->owners;

	if (text_equals_str(name, "what"))
		str_puts(out, w->what);
	else if (text_equals_str(name, "error"))
		put_error(out, w->error);
	else if (text_equals_str(name, "services error"))
		put_file_error(out, w->s->host->services_error);
	else if (text_equals_str(name, "passwd error"))
		put_file_error(out, w->s->host->passwd_error);
	else if (text_equals_str(name, "unread"))
		str_printf(out, "%zu", owners->n_unread);
	else if (text_equals_str(name, "seen"))
		str_printf(out, "%zu", owners->n_seen);
	else if (text_equals_str(name, "pid"))
		str_printf(out, "%" PRId32, owners->unread_pid);
}

static void put_sentence(struct str *out, const char *sentence, const struct words *w)
{
	const char *open, *close;

	while ((open = strchr(sentence, '{')) && (close = strchr(open, '}'))) {
		str_append(out, sentence, (size_t)(open - sentence));
		put_word(out, w, (struct text){open + 1, (size_t)(close - open - 1)});
		sentence = close + 1;
	}
	str_puts(out, sentence);
}

static const char *grant_for(const struct snapshot *s, const struct grant *g)
{
	if (!g || (g->caps && reader_has_caps(s, g->caps)))
		return NULL;
	return g->as_root && s->host && s->host->uid == 0 ? g->as_root : g->text;
}

struct collector {
	struct snapshot *s;
	struct vec rows; /* struct missing */
	struct str text;
};

static char *keep(struct collector *c)
{
	char *copy = c->text.failed ? NULL
				    : arena_copy(&c->s->head.arena, str_text(&c->text),
						 c->text.len);

	str_reset(&c->text);
	return copy;
}

static int push(struct collector *c, const char *source, const char *reason,
		const struct grant *grant)
{
	struct missing *m;

	if (!reason)
		return -ENOMEM;
	m = vec_push(&c->rows);
	if (!m)
		return -ENOMEM;
	*m = (struct missing){source, reason, grant_for(c->s, grant), false};
	m->wants_right = m->grant && grant->caps;
	return 0;
}

static int collect_states(struct collector *c)
{
	struct words w = {.s = c->s,
			  .error = c->s->owners ? c->s->owners->unread_error : 0};

	for (const struct state_reason *r = state_reasons; r->source; r++) {
		if (!r->is_so(c->s))
			continue;
		put_sentence(&c->text, r->reason, &w);
		if (push(c, r->source, keep(c), r->grant))
			return -ENOMEM;
	}
	return 0;
}

static const struct note_reason *reason_of(const struct source_note *note)
{
	for (const struct note_reason *r = note_reasons; r->status != SOURCE_OK; r++) {
		if (r->source && strcmp(r->source, note->source) != 0)
			continue;
		if (r->status != note->status || (r->error && r->error != note->error))
			continue;
		if (!r->in_space_only || !text_is_empty(note->space))
			return r;
	}
	return NULL;
}

/* "sock_diag", or "namespace blue" for all sources of another one. */
static const char *note_source(struct collector *c, const struct source_note *note,
			       const char *shown)
{
	if (text_is_empty(note->space))
		return shown;
	str_puts(&c->text, "namespace ");
	text_show(&c->text, note->space, TEXT_ASCII);
	return keep(c);
}

/* All sources of a namespace that cannot be entered say the same; it is said once. */
static bool is_said(const struct collector *c, const struct missing *m, size_t first)
{
	for (size_t i = first; i < c->rows.n; i++) {
		const struct missing *before = vec_at(&c->rows, i);

		if (strcmp(before->source, m->source) == 0 &&
		    strcmp(before->reason, m->reason) == 0)
			return true;
	}
	return false;
}

/* first: the first row of this namespace */
static int collect_note(struct collector *c, const struct source_note *note, size_t first)
{
	const struct note_reason *reason = reason_of(note);
	const struct source_words *named = source_words_of(note->source);
	struct words w = {c->s, named ? named->what : note->source, note->error};
	struct missing m;

	if (!reason || !reason->reason)
		return 0;
	m.source = note_source(c, note, named ? named->shown : note->source);
	put_sentence(&c->text, reason->reason, &w);
	m.reason = keep(c);
	if (!m.source || !m.reason)
		return -ENOMEM;
	return is_said(c, &m, first) ? 0 : push(c, m.source, m.reason, reason->grant);
}

static int compare_notes(const void *a, const void *b)
{
	const struct source_note *const *x = a, *const *y = b;
	int order = text_compare((*x)->space, (*y)->space);

	return order ? order : (*x > *y) - (*x < *y);
}

/* By namespace, so that what is said twice is near. */
static int collect_notes(struct collector *c)
{
	size_t n = c->s->n_notes;
	size_t first = c->rows.n;
	const struct source_note **notes = calloc(n + 1, sizeof(*notes));
	int r = 0;

	if (!notes)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		notes[i] = &c->s->notes[i];
	qsort(notes, n, sizeof(*notes), compare_notes);
	for (size_t i = 0; i < n && !r; i++) {
		if (i && !text_equals(notes[i - 1]->space, notes[i]->space))
			first = c->rows.n;
		r = collect_note(c, notes[i], first);
	}
	free(notes);
	return r;
}

static int finish(struct collector *c, struct owners_lack *lack)
{
	size_t n = c->rows.n;
	/* One more for missing_add_outside(). */
	struct missing *rows = arena_alloc(&c->s->head.arena, (n + 1) * sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	*lack = (struct owners_lack){.yet = &not_yet};
	if (c->s->host && c->s->host->is_inner_proc == TRI_YES)
		lack->outside = &outside;
	for (size_t i = 0; i < n; i++) {
		rows[i] = *(struct missing *)vec_at(&c->rows, i);
		if (!lack->whole && strcmp(rows[i].source, "owners") == 0)
			lack->whole = &rows[i];
	}
	for (size_t i = 0; i < c->s->n_notes; i++) {
		const struct source_note *note = &c->s->notes[i];

		if (note->status == SOURCE_TRUNCATED && strcmp(note->source, "owners") == 0)
			lack->is_cut = true;
	}
	c->s->missing = rows;
	c->s->n_missing = n;
	return 0;
}

int missing_collect(struct snapshot *s, struct owners_lack *lack)
{
	struct collector c = {.s = s, .rows = VEC_OF(struct missing)};
	int r = collect_states(&c);

	if (!r)
		r = collect_notes(&c);
	if (!r)
		r = finish(&c, lack);
	vec_release(&c.rows);
	str_release(&c.text);
	return r;
}

void missing_add_outside(struct snapshot *s, const struct owners_lack *lack)
{
	bool is_wanted = false;

	for (size_t i = 0; lack->outside && i < s->n_endpoints && !is_wanted; i++)
		is_wanted = s->endpoints[i].owners_missing == lack->outside;
	if (!is_wanted)
		return;
	/* No endpoint points to the rows that move: those of owners come first, and with
	 * one of them no endpoint has this reason. */
	memmove(s->missing + 1, s->missing, s->n_missing * sizeof(*s->missing));
	s->missing[0] = *lack->outside;
	s->n_missing++;
}

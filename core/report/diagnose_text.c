/* A diagnosis as text, at most 12 lines, the first fit for a ticket's title; and as
 * Markdown for the ticket itself. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/time.h"
#include "core/report/diagnose.h"

enum { CHANGES_SHOWN = 2 };

void diagnose_target_words(struct str *out, const struct aim *t)
{
	char text[ADDR_TEXT_MAX];

	str_printf(out, "%u/%s", t->port, t->proto == IPPROTO_UDP ? "udp" : "tcp");
	if (t->client.family)
		str_printf(out, " from %s", addr_format(&t->client, text));
	if (t->address.family)
		str_printf(out, " to %s", addr_format(&t->address, text));
}

const char *diagnose_headline(const struct diagnosis *d)
{
	switch (d->verdict) {
	case VERDICT_HEALTHY:
		return "OPEN";
	case VERDICT_FAULT:
		return fault_headline(d->findings[0].fault);
	case VERDICT_UNKNOWN:
		break;
	}
	return "NOT KNOWN";
}

/* "14:31:40 +00" beside "14:31:40 UTC" */
static bool is_same_clock(const char *local, const char *utc)
{
	size_t n = strcspn(utc, " ");

	return !strncmp(local, utc, n) && !strcmp(local + n, " +00");
}

void diagnose_time_words(struct str *out, int64_t wall_ns)
{
	char local[TIME_TEXT_MAX], utc[TIME_TEXT_MAX];

	time_clock(wall_ns, false, local);
	time_clock(wall_ns, true, utc);
	if (is_same_clock(local, utc))
		str_puts(out, utc);
	else
		str_printf(out, "%s (%s)", local, utc);
}

void diagnose_if_fixed_words(struct str *out, const struct diagnosis *d)
{
	if (!d->has_if_fixed)
		return;
	if (d->if_fixed != VERDICT_FAULT) {
		str_puts(out, "nothing else stops it here");
		return;
	}
	for (size_t i = 1; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (f->fault != d->if_fixed_cause)
			continue;
		str_puts(out, "then: ");
		str_append(out, f->summary.bytes, f->summary.len);
		return;
	}
}

/* ---- text ---- */

static const char *symbol(const struct diagnosis *d, enum text_mode mode)
{
	bool is_utf8 = mode == TEXT_UTF8;

	switch (d->verdict) {
	case VERDICT_HEALTHY:
		return is_utf8 ? "✔" : "+";
	case VERDICT_FAULT:
		return is_utf8 ? "✖" : "x";
	case VERDICT_UNKNOWN:
		break;
	}
	return "?";
}

static void put_text(struct str *out, struct text t)
{
	str_append(out, t.bytes, t.len);
}

static void put_title(struct str *out, const struct diagnosis *d, enum text_mode mode)
{
	str_printf(out, "%s ", symbol(d, mode));
	if (d->verdict == VERDICT_UNKNOWN && d->n_findings)
		str_puts(out, "not decided; suspicion: ");
	put_text(out, d->summary);
	if (d->certainty)
		str_printf(out, " (%s)", certainty_word(d->certainty));
	str_putc(out, '\n');
}

static void put_proofs(struct str *out, const struct diagnosis *d, size_t max)
{
	const struct finding *f = diagnosis_cause(d);

	for (size_t i = 0; f && i < f->n_proofs && i < max; i++) {
		str_puts(out, i ? "          " : "  why     ");
		put_text(out, f->proofs[i].text);
		str_putc(out, '\n');
	}
}

static void put_near(struct str *out, const struct diagnosis *d)
{
	if (text_is_empty(d->near_words))
		return;
	str_puts(out, "  near    ");
	put_text(out, d->near_words);
	str_putc(out, '\n');
}

/* Without a cause: the steps that say most. */
static void put_steps(struct str *out, const struct diagnosis *d)
{
	for (int i = 0; i < N_STEPS && !diagnosis_cause(d); i++) {
		str_printf(out, "  %-9s%-8s ", step_word((enum step_id)i),
			   step_state_word(d->steps[i].state));
		put_text(out, d->steps[i].summary);
		str_putc(out, '\n');
	}
}

/* One line for each packet that was traced. */
static void put_traced(struct str *out, const struct diagnosis *d)
{
	for (size_t i = 0; i < d->n_traced; i++) {
		str_puts(out, i ? "          " : "  trace   ");
		put_text(out, d->traced[i].sentence);
		str_putc(out, '\n');
	}
}

static void put_affected(struct str *out, const struct diagnosis *d)
{
	if (text_is_empty(d->affected) && !d->since_ns)
		return;
	str_puts(out, "  affects ");
	put_text(out, d->affected);
	if (d->since_ns) {
		str_puts(out, text_is_empty(d->affected) ? "seen since " : ", seen since ");
		diagnose_time_words(out, d->since_ns);
	}
	str_putc(out, '\n');
}

static void put_changes(struct str *out, const struct diagnosis *d)
{
	if (!diagnosis_cause(d) || !d->n_changes)
		return;
	str_puts(out, "  before  ");
	for (size_t i = 0; i < d->n_changes && i < CHANGES_SHOWN; i++) {
		char clock[TIME_TEXT_MAX];

		str_printf(out, "%s%s ", i ? "; " : "",
			   time_clock(d->changes[i].wall_ns, false, clock));
		put_text(out, d->changes[i].what);
	}
	str_putc(out, '\n');
}

static void put_line(struct str *out, const char *label, const struct str *words)
{
	if (words->len)
		str_printf(out, "  %-8s%s\n", label, str_text(words));
}

static void put_next(struct str *out, const struct diagnosis *d)
{
	const struct finding *f = diagnosis_cause(d);
	const struct next_step *n;

	if (!f || !f->n_next)
		return;
	n = &f->next[0];
	str_puts(out, "  next    ");
	put_text(out, n->text);
	if (!text_is_empty(n->command)) {
		str_puts(out, "\n          ");
		put_text(out, n->command);
	}
	if (!text_is_empty(n->undo)) {
		str_puts(out, "\n  undo    ");
		put_text(out, n->undo);
	}
	if (!text_is_empty(n->risk)) {
		str_puts(out, text_is_empty(n->undo) ? "\n  risk    " : "   risk: ");
		put_text(out, n->risk);
	}
	str_putc(out, '\n');
}

/* Only a line that carries the cause is fit for a ticket. */
static void put_logs(struct str *out, const struct diagnosis *d)
{
	const struct step_result *r = &d->steps[STEP_LOGS];

	if (!diagnosis_cause(d) || r->state != STEP_FAIL)
		return;
	str_puts(out, "  logs    ");
	put_text(out, r->summary);
	str_putc(out, '\n');
}

static void put_hidden(struct str *out, const struct diagnosis *d)
{
	if (text_is_empty(d->hidden))
		return;
	str_puts(out, "  hidden  ");
	put_text(out, d->hidden);
	str_putc(out, '\n');
}

/* What was not seen for want of a right, and what would open it. */
static void put_grants(struct str *out, const struct diagnosis *d)
{
	bool is_first = true;

	if (d->verdict != VERDICT_UNKNOWN)
		return;
	for (size_t i = 0; i < d->n_gaps; i++) {
		if (text_is_empty(d->gaps[i].grant))
			continue;
		str_printf(out, "%s%s: ", is_first ? "  missing " : "; ",
			   d->gaps[i].source);
		put_text(out, d->gaps[i].grant);
		is_first = false;
	}
	if (!is_first)
		str_putc(out, '\n');
}

int diagnose_text(struct str *out, const struct diagnosis *d, enum text_mode mode)
{
	struct str words = {0};

	put_title(out, d, mode);
	put_proofs(out, d, d->n_traced || !text_is_empty(d->near_words) ? 2 : 3);
	put_near(out, d);
	put_traced(out, d);
	put_logs(out, d);
	put_steps(out, d);
	put_affected(out, d);
	put_changes(out, d);
	diagnose_if_fixed_words(&words, d);
	put_line(out, "fixed", &words);
	put_hidden(out, d);
	put_grants(out, d);
	put_next(out, d);
	str_release(&words);
	return out->failed ? -ENOMEM : 0;
}

/* ---- Markdown ---- */

/* Text from outside cannot make markup: it stands between backquotes it does not have. */
static void put_code(struct str *out, struct text t)
{
	str_putc(out, '`');
	for (size_t i = 0; i < t.len; i++)
		str_putc(out, t.bytes[i] == '`' ? '\'' : t.bytes[i]);
	str_putc(out, '`');
}

/* "- x", "1. x": behind our own mark of a list it would begin one more. */
static bool begins_list(struct text t, size_t i)
{
	size_t n_digits = 0;

	while (n_digits < t.len && t.bytes[n_digits] >= '0' && t.bytes[n_digits] <= '9')
		n_digits++;
	return i == n_digits && strchr(n_digits ? ".)" : "-+", t.bytes[i]) &&
	       (i + 1 == t.len || t.bytes[i + 1] == ' ');
}

static void put_escaped(struct str *out, struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (strchr("\\`*_{}[]<>#|!&~$", t.bytes[i]) || begins_list(t, i))
			str_putc(out, '\\');
		str_putc(out, t.bytes[i]);
	}
}

static void put_markdown_step(struct str *out, const struct step_result *s,
			      const char *word)
{
	str_printf(out, "- **%s**: %s: ", word, step_state_word(s->state));
	put_escaped(out, s->summary);
	str_putc(out, '\n');
	for (size_t i = 0; i < s->n_proofs; i++) {
		str_puts(out, "  - ");
		put_escaped(out, s->proofs[i].text);
		str_printf(out, " (%s", s->proofs[i].source);
		if (!text_is_empty(s->proofs[i].command)) {
			str_puts(out, ": ");
			put_code(out, s->proofs[i].command);
		}
		str_puts(out, ")\n");
	}
}

static void put_markdown_next(struct str *out, const struct next_step *n)
{
	str_puts(out, "- ");
	put_escaped(out, n->text);
	str_putc(out, '\n');
	if (!text_is_empty(n->command)) {
		str_puts(out, "  - do: ");
		put_code(out, n->command);
		str_putc(out, '\n');
	}
	if (!text_is_empty(n->undo)) {
		str_puts(out, "  - undo: ");
		put_code(out, n->undo);
		str_putc(out, '\n');
	}
	if (!text_is_empty(n->risk)) {
		str_puts(out, "  - risk: ");
		put_escaped(out, n->risk);
		str_putc(out, '\n');
	}
}

static void put_markdown_head(struct str *out, const struct diagnosis *d)
{
	struct str target = {0};

	diagnose_target_words(&target, &d->target);
	str_printf(out, "# %s: %s%s%s\n\n", str_text(&target), diagnose_headline(d),
		   d->certainty ? ", " : "",
		   d->certainty ? certainty_word(d->certainty) : "");
	str_release(&target);
	put_escaped(out, d->summary);
	str_puts(out, "\n\n- time: ");
	diagnose_time_words(out, d->time_ns);
	if (!text_is_empty(d->affected)) {
		str_puts(out, "\n- affected: ");
		put_escaped(out, d->affected);
	}
	if (d->since_ns) {
		str_puts(out, "\n- seen since: ");
		diagnose_time_words(out, d->since_ns);
	}
	str_puts(out, "\n\n## Steps\n\n");
}

static void put_markdown_rest(struct str *out, const struct diagnosis *d)
{
	const struct finding *f = diagnosis_cause(d);

	if (f && f->n_next)
		str_puts(out, "\n## Next\n\n");
	for (size_t i = 0; f && i < f->n_next; i++)
		put_markdown_next(out, &f->next[i]);
	if (d->n_changes)
		str_puts(out, "\n## Changed before\n\n");
	for (size_t i = 0; i < d->n_changes; i++) {
		str_puts(out, "- ");
		diagnose_time_words(out, d->changes[i].wall_ns);
		str_putc(out, ' ');
		put_escaped(out, d->changes[i].what);
		str_putc(out, '\n');
	}
	if (d->n_gaps)
		str_puts(out, "\n## Not seen\n\n");
	for (size_t i = 0; i < d->n_gaps; i++) {
		str_printf(out, "- %s: ", d->gaps[i].source);
		put_escaped(out, d->gaps[i].reason);
		str_putc(out, '\n');
	}
}

int diagnose_markdown(struct str *out, const struct diagnosis *d)
{
	put_markdown_head(out, d);
	for (int i = 0; i < N_STEPS; i++)
		put_markdown_step(out, &d->steps[i], step_word((enum step_id)i));
	put_markdown_rest(out, d);
	return out->failed ? -ENOMEM : 0;
}

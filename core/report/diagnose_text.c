/* A diagnosis as text, at most 12 lines, the first fit for a ticket's title. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/time.h"
#include "core/report/diagnose.h"

enum { LINES_MAX = 12, CHANGES_SHOWN = 2, CLIENTS_SHOWN = 2 };

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

static bool is_told(const struct finding *f, struct text words, size_t max)
{
	for (size_t i = 0; f && i < f->n_proofs && i < max; i++)
		if (text_equals(f->proofs[i].text, words))
			return true;
	return false;
}

/* An end that was asked for and said nothing that can be used. */
static bool is_client_gap(const struct gap *g)
{
	return !strcmp(g->source, "client") || !strcmp(g->source, "client (file)");
}

/* What the other ends say, where the cause does not, and which of them are not heard. */
static void put_clients(struct str *out, const struct diagnosis *d, size_t n_told)
{
	const struct step_result *r = &d->steps[STEP_CLIENT];
	size_t n = 0;

	for (size_t i = 0; i < r->n_proofs && n < CLIENTS_SHOWN; i++) {
		const struct proof *p = &r->proofs[i];

		if ((strncmp(p->source, "client", 6) && strcmp(p->source, "symptom")) ||
		    is_told(diagnosis_cause(d), p->text, n_told))
			continue;
		str_puts(out, n++ ? "          " : "  client  ");
		put_text(out, p->text);
		str_putc(out, '\n');
	}
	for (size_t i = 0; i < d->n_gaps && n < CLIENTS_SHOWN; i++) {
		if (!is_client_gap(&d->gaps[i]))
			continue;
		str_puts(out, n++ ? "          not heard: " : "  client  not heard: ");
		put_text(out, d->gaps[i].reason);
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

/* What a ticket can do without, if there is no room for it: the first goes first. */
enum { ALL_LINES, NO_CHANGES, NO_GRANTS, NO_LOGS };

static void put_all(struct str *out, const struct diagnosis *d, enum text_mode mode,
		    int without)
{
	size_t n_proofs = d->n_traced || !text_is_empty(d->near_words) ? 2 : 3;
	struct str words = {0};

	put_title(out, d, mode);
	put_proofs(out, d, n_proofs);
	put_clients(out, d, n_proofs);
	put_near(out, d);
	put_traced(out, d);
	if (without < NO_LOGS)
		put_logs(out, d);
	put_steps(out, d);
	put_affected(out, d);
	if (without < NO_CHANGES)
		put_changes(out, d);
	diagnose_if_fixed_words(&words, d);
	put_line(out, "fixed", &words);
	put_hidden(out, d);
	if (without < NO_GRANTS)
		put_grants(out, d);
	put_next(out, d);
	str_release(&words);
}

static size_t count_lines(const struct str *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->len; i++)
		n += s->data[i] == '\n';
	return n;
}

int diagnose_text(struct str *out, const struct diagnosis *d, enum text_mode mode)
{
	struct str text = {0};

	for (int without = ALL_LINES; without <= NO_LOGS; without++) {
		str_reset(&text);
		put_all(&text, d, mode, without);
		if (count_lines(&text) <= LINES_MAX)
			break;
	}
	str_append(out, text.data, text.len);
	if (text.failed)
		out->failed = true;
	str_release(&text);
	return out->failed ? -ENOMEM : 0;
}

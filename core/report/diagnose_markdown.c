/* A diagnosis as Markdown for a ticket: it stands alone. The cause first, what else is
 * wrong under it, what it was told from, what was excluded, what cannot be seen from here,
 * and what to do. */
#include <errno.h>
#include <string.h>

#include "core/report/diagnose.h"

enum { ALSO_PROOFS = 3 };

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

static void put_step(struct str *out, const struct step_result *s, const char *word)
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

static void put_next(struct str *out, const struct next_step *n)
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

static void put_item(struct str *out, const char *label, struct text t)
{
	if (text_is_empty(t))
		return;
	str_printf(out, "- %s: ", label);
	put_escaped(out, t);
	str_putc(out, '\n');
}

static void put_time(struct str *out, const char *label, int64_t wall_ns)
{
	if (!wall_ns)
		return;
	str_printf(out, "- %s: ", label);
	diagnose_time_words(out, wall_ns);
	str_putc(out, '\n');
}

static void put_if_fixed(struct str *out, const struct diagnosis *d)
{
	struct str words = {0};

	diagnose_if_fixed_words(&words, d);
	put_item(out, "after this fix", text_of_str(&words));
	str_release(&words);
}

static void put_head(struct str *out, const struct diagnosis *d)
{
	struct str target = {0};

	diagnose_target_words(&target, &d->target);
	str_printf(out, "# %s: %s%s%s\n\n", str_text(&target), diagnose_headline(d),
		   d->certainty ? ", " : "",
		   d->certainty ? certainty_word(d->certainty) : "");
	str_release(&target);
	put_escaped(out, d->summary);
	str_puts(out, "\n\n");
	put_item(out, "host", d->host);
	put_time(out, "time", d->time_ns);
	if (diagnosis_cause(d))
		put_item(out, "id", text_of(fault_id(d->findings[0].fault)));
	put_item(out, "affected", d->affected);
	put_time(out, "seen since", d->since_ns);
	put_if_fixed(out, d);
	put_item(out, "near miss", d->near_words);
}

static void put_proof(struct str *out, const struct proof *p)
{
	str_puts(out, "- ");
	put_escaped(out, p->text);
	str_printf(out, " (%s%s", p->source, p->is_observed ? ", seen" : "");
	if (!text_is_empty(p->command)) {
		str_puts(out, ": ");
		put_code(out, p->command);
	}
	str_puts(out, ")\n");
}

static void put_evidence(struct str *out, const struct diagnosis *d)
{
	const struct finding *f = diagnosis_cause(d);

	if (f && f->n_proofs + d->n_traced)
		str_puts(out, "\n## Evidence\n\n");
	for (size_t i = 0; f && i < f->n_proofs; i++)
		put_proof(out, &f->proofs[i]);
	for (size_t i = 0; f && i < d->n_traced; i++) {
		str_puts(out, "- ");
		put_escaped(out, d->traced[i].sentence);
		str_puts(out, " (trace, seen)\n");
	}
}

/* Independent of the cause, or only suspected. */
static void put_also(struct str *out, const struct diagnosis *d)
{
	size_t first = diagnosis_cause(d) ? 1 : 0;

	if (d->n_findings > first)
		str_puts(out, "\n## Also\n\n");
	for (size_t i = first; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		str_printf(out, "- %s, %s: ", fault_id(f->fault),
			   certainty_word(f->certainty));
		put_escaped(out, f->summary);
		str_putc(out, '\n');
		for (size_t k = 0; k < f->n_proofs && k < ALSO_PROOFS; k++) {
			str_puts(out, "  ");
			put_proof(out, &f->proofs[k]);
		}
	}
}

/* One line for each step: the ids, by what is said of the step above. */
static void put_excluded(struct str *out, const struct diagnosis *d)
{
	if (d->n_excluded)
		str_puts(out, "\n## Excluded, by what stands under Steps\n\n");
	for (int step = 0; step < N_STEPS; step++) {
		size_t n = 0;

		for (size_t i = 0; i < d->n_excluded; i++) {
			if (fault_step(d->excluded[i]) != (enum step_id)step)
				continue;
			if (n++)
				str_puts(out, ", ");
			else
				str_printf(out, "- %s: ", step_word((enum step_id)step));
			str_puts(out, fault_id(d->excluded[i]));
		}
		if (n)
			str_putc(out, '\n');
	}
}

static void put_changes(struct str *out, const struct diagnosis *d)
{
	if (d->n_changes)
		str_puts(out, "\n## Changed before\n\n");
	for (size_t i = 0; i < d->n_changes; i++) {
		str_puts(out, "- ");
		diagnose_time_words(out, d->changes[i].wall_ns);
		str_putc(out, ' ');
		put_escaped(out, d->changes[i].what);
		str_putc(out, '\n');
	}
}

static void put_hidden(struct str *out, const struct diagnosis *d)
{
	if (d->n_gaps || !text_is_empty(d->hidden))
		str_puts(out, "\n## Not seen\n\n");
	if (!text_is_empty(d->hidden))
		put_item(out, "not visible from here", d->hidden);
	for (size_t i = 0; i < d->n_gaps; i++) {
		str_printf(out, "- %s: ", d->gaps[i].source);
		put_escaped(out, d->gaps[i].reason);
		if (!text_is_empty(d->gaps[i].grant)) {
			str_puts(out, "; it would be with ");
			put_escaped(out, d->gaps[i].grant);
		}
		str_putc(out, '\n');
	}
}

int diagnose_markdown(struct str *out, const struct diagnosis *d)
{
	const struct finding *f = diagnosis_cause(d);

	put_head(out, d);
	put_evidence(out, d);
	put_also(out, d);
	if (f && f->n_next)
		str_puts(out, "\n## Next\n\n");
	for (size_t i = 0; f && i < f->n_next; i++)
		put_next(out, &f->next[i]);
	put_changes(out, d);
	str_puts(out, "\n## Steps\n\n");
	for (int i = 0; i < N_STEPS; i++)
		put_step(out, &d->steps[i], step_word((enum step_id)i));
	put_excluded(out, d);
	put_hidden(out, d);
	return out->failed ? -ENOMEM : 0;
}

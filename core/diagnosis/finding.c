/* Filling a finding with words. Decides nothing. */
#include "core/diagnosis/finding.h"

#include <errno.h>
#include <stdarg.h>

static const char *const certainty_words[] = {
	[CERTAINTY_POSSIBLE] = "possible",
	[CERTAINTY_LIKELY] = "likely",
	[CERTAINTY_PROVEN] = "proven",
};

const char *certainty_word(enum certainty c)
{
	return certainty_words[c];
}

static int write_text(struct arena *a, struct text *out, const char *format, va_list args)
{
	struct str s = {0};
	char *copy;

	str_vprintf(&s, format, args);
	copy = s.failed ? NULL : arena_copy(a, str_text(&s), s.len);
	if (copy)
		*out = (struct text){copy, s.len};
	str_release(&s);
	return copy ? 0 : -ENOMEM;
}

static int copy_text(struct arena *a, struct text *out, const char *text)
{
	if (!text || !*text)
		return 0;
	*out = arena_text(a, text_of(text));
	return out->bytes ? 0 : -ENOMEM;
}

int finding_say(struct finding *f, struct arena *a, const char *format, ...)
{
	va_list args;
	int error;

	va_start(args, format);
	error = write_text(a, &f->summary, format, args);
	va_end(args);
	return error;
}

int finding_prove(struct finding *f, struct arena *a, const char *source, bool is_observed,
		  const char *command, const char *format, ...)
{
	struct proof *p = &f->proofs[f->n_proofs];
	va_list args;
	int error;

	if (f->n_proofs == PROOFS_MAX)
		return 0;
	*p = (struct proof){.source = source, .is_observed = is_observed};
	va_start(args, format);
	error = write_text(a, &p->text, format, args);
	va_end(args);
	if (!error)
		error = copy_text(a, &p->command, command);
	if (!error)
		f->n_proofs++;
	return error;
}

int finding_advise(struct finding *f, struct arena *a, const char *command,
		   const char *undo, const char *risk, const char *format, ...)
{
	struct next_step *n = &f->next[f->n_next];
	va_list args;
	int error;

	if (f->n_next == NEXT_MAX)
		return 0;
	*n = (struct next_step){0};
	va_start(args, format);
	error = write_text(a, &n->text, format, args);
	va_end(args);
	if (!error)
		error = copy_text(a, &n->command, command);
	if (!error)
		error = copy_text(a, &n->undo, undo);
	if (!error)
		error = copy_text(a, &n->risk, risk);
	if (!error)
		f->n_next++;
	return error;
}

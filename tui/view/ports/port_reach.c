/* The word, and what stands for it while there is none. Finds out nothing. */
#include "tui/view/ports/port_reach.h"

#include <string.h>

enum { NEEDS_ROOT = 12 }; /* "⊘ needs root" */

static enum role put(const struct model *m, struct str *out, enum role role, enum symbol s,
		     const char *word)
{
	str_printf(out, "%s%s%s", symbol_text(s, m->is_ascii), word[0] ? " " : "", word);
	return role;
}

/* Nobody knows: why stands in the help. */
static enum role put_gap(const struct model *m, int width, struct str *out)
{
	const struct host_facts *host = m->snapshot->host;

	if (!m->reach->grant)
		return put(m, out, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	if (host && host->uid == 0)
		return put(m, out, ROLE_UNKNOWN, SYMBOL_NO_RIGHT, "no right");
	return put(m, out, ROLE_UNKNOWN, SYMBOL_NO_RIGHT,
		   width < NEEDS_ROOT ? "root" : "needs root");
}

enum role port_put_reach(const struct model *m, const struct endpoint *e, int width,
			 struct str *out)
{
	const char *word = reach_word(m->reach, e);

	if (!word && reach_is_elsewhere(m->reach, e))
		return put(m, out, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "");
	return port_put_word(m, word, width, out);
}

enum role port_put_word(const struct model *m, const char *word, int width, struct str *out)
{
	if (!word)
		return put(m, out, ROLE_DIM, SYMBOL_WAITING, "");
	if (!strcmp(word, "?"))
		return put_gap(m, width, out);
	if (!strcmp(word, "unsure"))
		return put(m, out, ROLE_UNKNOWN, SYMBOL_UNKNOWN, word);
	str_puts(out, word);
	return strcmp(word, "nobody") ? ROLE_NORMAL : ROLE_WARN;
}

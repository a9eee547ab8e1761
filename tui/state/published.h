/*
 * The published ports that the screen Ports shows, with the word for who can reach each.
 * Finds out nothing (exposures_published.c does) and draws nothing.
 */
#ifndef TUI_PUBLISHED_H
#define TUI_PUBLISHED_H

#include "core/base/vec.h"
#include "core/report/published.h"
#include "tui/state/reach.h"

struct published_word {
	uint64_t id;
	bool has_word;
	char word[REACH_WORD_MAX];
	const char *unseen_by; /* as published_unseen_by() */
};

struct published {
	struct published_table *table; /* a reference; NULL: none (yet) */
	struct vec words;              /* struct published_word: one for each row of it */
	bool has_looked; /* into other namespaces: who is not known now is not known */
};

void published_release(struct published *p);
/* Another table (its reference is taken); words of rows that stay are kept. 0, -ENOMEM (the
 * former one stays). */
int published_take(struct published *p, struct published_table *t,
		   const struct ruleset *rules);
/* True: it is another word than before. */
bool published_tell(struct published *p, uint64_t id, const char *word);
size_t published_n(const struct published *p); /* p NULL: 0 */
const struct published_row *published_row(const struct published *p, size_t i);
const struct published_word *published_word(const struct published *p, size_t i);

/*
 * The row whose userland proxy this listener of the own namespace is: a container engine's
 * program that takes the same port for those that the rule does not take. -ENOENT: none.
 */
long published_of_proxy(const struct published *p, const struct endpoint *e);

#endif

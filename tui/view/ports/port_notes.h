/*
 * What is worth saying about one endpoint, most important first: a table of sentences
 * (fact, consequence, next step), each with the case in which it holds.
 */
#ifndef TUI_VIEW_PORT_NOTES_H
#define TUI_VIEW_PORT_NOTES_H

#include "tui/model.h"

struct note {
	enum role role;
	enum symbol symbol;
	bool (*applies)(const struct model *m, const struct endpoint *e);
	/* Appends shown text. */
	void (*write)(const struct model *m, const struct endpoint *e, struct str *out);
};

extern const struct note port_notes[];
extern const size_t n_port_notes;

/* Who can aim at it, in words. */
const char *port_scope_words(const struct endpoint *e);

#endif

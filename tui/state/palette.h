/*
 * The palette: what was typed in it, and the actions, screens and targets that fit, the
 * best first. Pure: chooses, carries nothing out.
 */
#ifndef TUI_PALETTE_H
#define TUI_PALETTE_H

#include "tui/keymap.h"
#include "tui/roll.h"
#include "tui/terminal/field.h"

struct model;
struct view;

/* Zeroed memory is an empty one. */
struct palette_shown {
	struct field line;
	struct roll roll;
};

enum palette_kind { PALETTE_ACTION, PALETTE_SCREEN, PALETTE_TARGET };

struct palette_entry {
	enum palette_kind kind;
	enum action action;
	unsigned variant;        /* which of the action's inputs (keymap_variant()) */
	const struct view *view; /* of PALETTE_SCREEN: under what is seen */
	bool can;                /* it can be carried out now */
	int score;
	uint64_t matched; /* bit i: byte i of its name was typed */
};

enum { PALETTE_MAX = 160, PALETTE_NAME_MAX = 64 };

void palette_release(struct palette_shown *p);
void palette_open(struct palette_shown *p);
/* What was typed, without the colon and the blanks before it. */
const char *palette_word(const struct palette_shown *p);
/*
 * How well a word fits a name of which it has letters in their order: more is better, -1:
 * it does not. *matched: the letters that fit best, begins of words and runs before others.
 * ASCII case does not matter. The empty word fits with 0.
 */
int palette_fit(const char *word, const char *name, uint64_t *matched);

/* All that fits what is typed: how many. With nothing typed all there is, what can be done
 * on the screen beneath first. */
size_t palette_list(const struct model *m, struct palette_entry out[PALETTE_MAX]);
/* Its name ("step 3", "ports", "443"), its keys, what it does; appends shown text. */
void palette_put_name(const struct model *m, const struct palette_entry *e,
		      struct str *out);
void palette_put_keys(const struct palette_entry *e, struct str *out);
void palette_put_help(const struct palette_entry *e, struct str *out);
/* Why it cannot be carried out now; nothing if it can. */
void palette_put_reason(const struct model *m, const struct palette_entry *e,
			struct str *out);
/* The chosen one. False: nothing fits. */
bool palette_chosen(const struct model *m, struct palette_entry *out);

/* Takes an input that is a part of what is typed. False: it is none, so perhaps a key. */
bool palette_types(struct model *m, int input);
/* Writes out the name of what is chosen. */
void palette_complete(struct model *m);

#endif

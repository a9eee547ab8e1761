/*
 * Which columns the user wants and in what order: chosen on the screen Columns or in the
 * configuration. Does not know what fits into a width: tui/terminal/table.h does.
 */
#ifndef TUI_COLUMNS_H
#define TUI_COLUMNS_H

#include "core/base/str.h"
#include "tui/roll.h"
#include "tui/terminal/table.h"

/* Zeroed memory: as the table has them. */
struct columns_shown {
	bool is_own;                /* the user chose */
	struct table_choice choice; /* if so: all columns, in his order */
	struct roll roll;           /* where he stands on the screen */
};

/* The choice in force. */
void columns_choice(const struct columns_shown *c, const struct column *columns, size_t n,
		    struct table_choice *out);
/* Shows or hides the column at place k; what is switched on comes before others where there
 * is little room. False: it is the last one shown, which stays. */
bool columns_toggle(struct columns_shown *c, const struct column *columns, size_t n,
		    size_t k);
/* Moves the column at place k by one (-1, +1). False: it is at the end. */
bool columns_move(struct columns_shown *c, const struct column *columns, size_t n, size_t k,
		  int by);
/* As the table has them again. */
void columns_reset(struct columns_shown *c);

/*
 * From words: ids or titles of columns, those to be shown in their order, "+" before one
 * that stays where there is little room. 0, or -EINVAL: *wrong is the word (none: there is
 * no word at all), and nothing has changed. A column named twice is wrong.
 */
int columns_read(struct columns_shown *c, const struct column *columns, size_t n,
		 struct text words, struct text *wrong);
/* The words of the choice in force. */
void columns_put(const struct columns_shown *c, const struct column *columns, size_t n,
		 struct str *out);
/* The column of that id or title, case does not matter; NULL: there is none. */
const struct column *columns_find(const struct column *columns, size_t n, struct text word);

#endif

/*
 * A table of columns: which of them are shown in a given width, and how wide. Knows no
 * rows; a column prints and compares what its view hands it.
 */
#ifndef TUI_TABLE_H
#define TUI_TABLE_H

#include <stddef.h>

#include "tui/terminal/frame.h"

#define TABLE_COLUMNS_MAX 24

/* One cell to be printed: the column appends text_show()n text and may change the role. */
struct cell_print {
	const void *context; /* the view's */
	const void *row;
	int width; /* columns there are; what is longer gets an ellipsis */
	struct str *out;
	enum role role; /* ROLE_NORMAL at first */
};

struct column {
	const char *id; /* "owner": in messages and sorting */
	const char *title;
	const char *help; /* what it tells, for who chooses columns */
	bool is_off;      /* shown only to who asks for it */
	int width_min, width_usual, width_max;
	enum align align;
	enum clip clip;
	/* Lower comes first; columns from PRIORITY_EXTRA on only when all before have their
	 * usual width. */
	unsigned priority;
	bool is_descending;                    /* sorted by it, the largest comes first */
	bool (*is_shown)(const void *context); /* NULL: always */
	unsigned order; /* place in the cycle of what can be sorted by; 0: not by this */
	/* <0, 0, >0; set if order is */
	int (*compare)(const void *row_a, const void *row_b);
	/* In place of it, where the order takes more than the rows. */
	int (*compare_with)(const void *context, const void *row_a, const void *row_b);
	void (*print)(struct cell_print *p);
};

enum { PRIORITY_EXTRA = 11 };

/* All columns of a table in the order that is wanted. */
struct table_choice {
	size_t n;
	struct chosen {
		size_t index; /* of the column in its table */
		bool is_shown;
		bool is_wanted; /* asked for: comes before all but the first priority */
	} at[TABLE_COLUMNS_MAX];
};

struct layout {
	size_t n;
	struct placed {
		const struct column *column;
		size_t index; /* of the column in its table */
		int x, width;
	} columns[TABLE_COLUMNS_MAX]; /* from left to right */
};

/*
 * Chooses and places columns from column x on. wanted[i]: the columns that the texts of
 * column i take, as far as known. The first by priority is always there.
 */
void table_layout(const struct column *columns, size_t n, const void *context, int x,
		  int width, const int *wanted, struct layout *out);
/* Likewise of those that are chosen, in their order. */
void table_layout_chosen(const struct column *columns, const struct table_choice *chosen,
			 const void *context, int x, int width, const int *wanted,
			 struct layout *out);
/* The columns as they stand in the table, those that are off not shown. */
void table_choose_default(const struct column *columns, size_t n, struct table_choice *out);
/* The titles, with a mark at the column that is sorted by. */
void table_head(struct frame *f, int y, const struct layout *layout,
		const struct column *sorted, bool is_reversed);
/* Prints one cell's text; returns its role. */
enum role table_print(const struct column *c, const void *context, const void *row,
		      int width, struct str *out);

#endif

/*
 * The columns of the list for a person, as text and Markdown show them. One row per column;
 * cells are shown text (text_show). Knows no widths but a column's own limit.
 */
#ifndef CORE_REPORT_LIST_CELLS_H
#define CORE_REPORT_LIST_CELLS_H

#include "core/report/list_common.h"

enum list_cell {
	CELL_PORT,
	CELL_SERVICE,
	CELL_LISTENS_ON,
	CELL_NETNS,
	CELL_OWNER,
	CELL_QUEUE,
	CELL_CONN,
	CELL_UNIT,
	CELL_USER,
	CELL_UP,
	N_LIST_CELLS
};

struct list_column {
	const char *title;
	bool is_number;  /* right aligned */
	bool is_kept;    /* never left out for want of room */
	bool is_foreign; /* only where a listener of another network namespace is shown */
	unsigned limit;  /* its width at most where room is short; 0: none */
	void (*print)(struct str *out, struct list_pass *p, const struct endpoint *e);
};

extern const struct list_column list_columns[N_LIST_CELLS];

/* Is the column of use for these rows? */
bool list_column_is_wanted(struct list_pass *p, enum list_cell cell);

/*
 * The owners, as many as `columns` take (0: all) but always the first: "nginx 1033,1034
 * +2", with " +?" where there may be more and " (deleted)" where the program's file is
 * gone; without any the reason in words.
 */
void list_owners_print(struct str *out, struct list_pass *p, const struct endpoint *e,
		       size_t columns);

#endif

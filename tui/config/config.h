/*
 * The configuration: what dport.ini(5) can set, where each value comes from, and putting it
 * to work. Files are opened by config_files.h, read by config_read.h, changed by
 * config_keep.h.
 */
#ifndef TUI_CONFIG_H
#define TUI_CONFIG_H

#include "core/base/arena.h"
#include "tui/command/plain.h"
#include "tui/model.h"
#include "tui/terminal/theme.h"

/* X(name, section, key, built-in value, what is taken) */
#define SETTINGS(X)                                                                      \
	X(COLUMNS, "ports", "columns", "default",                                        \
	  "columns in their order, + before one that stays where there is little room; " \
	  "or default")                                                                  \
	X(SORT, "ports", "sort", "port", "a column that can be sorted by")               \
	X(REVERSE, "ports", "reverse", "no", "yes or no")                                \
	X(GROUP, "ports", "group", "none", "none, service, process, unit or namespace")  \
	X(FILTER, "ports", "filter", "", "a filter as behind f")                         \
	X(INTERVAL, "console", "interval", "1", "0.5 to 60, seconds between two looks")  \
	X(UTC, "console", "utc", "no", "yes or no")                                      \
	X(ASCII, "console", "ascii", "no", "yes, or no: as the locale says")             \
	X(COLOR, "console", "color", "auto", "auto, always or never")                    \
	X(THEME, "console", "theme", "auto", "auto, light, dark, blind or mono")         \
	X(GRAPH, "console", "graph", "auto", "auto, blocks, braille, ascii or none")

enum setting {
#define X(name, section, key, value, taken) SETTING_##name,
	SETTINGS(X)
#undef X
		N_SETTINGS
};

/* A value as it was written, and where. */
struct config_value {
	const char *text; /* NUL-terminated */
	const char *file; /* shown text; NULL: built in */
	unsigned line;
};

struct config {
	struct arena arena; /* of the texts */
	struct config_value values[N_SETTINGS];
	struct config_value keys[N_ACTIONS]; /* text NULL: as built in */
	/* The values, understood. */
	struct columns_shown columns;
	const struct column *sort; /* NULL: as built in */
	bool is_reversed, is_utc, is_ascii;
	enum group_by group;
	int64_t interval_ns;
	enum color_choice color;
	enum theme theme;
	enum graph graph;
};

#define CONFIG_ERROR_MAX 400

void config_init(struct config *c); /* the built-in values */
void config_release(struct config *c);

const char *config_section(enum setting s);
const char *config_key(enum setting s);
/* "'x' is no column: ...": a word of the file, what is wrong with it, what is taken.
 * Returns -EINVAL. */
int config_refuse(char error[CONFIG_ERROR_MAX], struct text word, const char *what,
		  const char *taken);
/*
 * Takes one value that was written at file:line (both borrowed for the life of c). 0, or
 * -EINVAL with what is wrong in error (shown text, without the place), or -ENOMEM.
 */
int config_set(struct config *c, enum setting s, const struct config_value *v,
	       char error[CONFIG_ERROR_MAX]);
/* Likewise the keys of an action. Whether they collide is config_check_keys()'s. */
int config_set_keys(struct config *c, enum action a, const struct config_value *v,
		    char error[CONFIG_ERROR_MAX]);
/* All keys are there: does one do two things on one screen? 0, or -EINVAL with *at: the
 * value that is wrong. */
int config_check_keys(const struct config *c, const struct config_value **at,
		      char error[CONFIG_ERROR_MAX]);

/* Puts it to work; borrows c for good: the keys stay bound to its texts. */
void config_apply(const struct config *c, struct model *m);
void config_bind_keys(const struct config *c);

/* Every value in the form of the file, above each where it comes from. 0 or -ENOMEM. */
int config_print(const struct config *c, struct str *out);

#endif

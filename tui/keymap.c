/* Lookup and lists made from the ACTIONS table. */
#include "tui/keymap.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "tui/input.h"

static const struct action_row {
	const char *keys;
	unsigned where;
	unsigned rank;
	const char *word;
	const char *help;
} actions[N_ACTIONS] = {
#define X(name, key_names, screens, footer_rank, footer_word, help_words) \
	[ACTION_##name] = {.keys = (key_names),                           \
			   .where = (screens),                            \
			   .rank = (footer_rank),                         \
			   .word = (footer_word),                         \
			   .help = (help_words)},
	ACTIONS(X)
#undef X
};

/* The next name in a blank separated list; an empty text at its end. */
static struct text next_name(const char **list)
{
	const char *start = *list + strspn(*list, " ");
	size_t len = strcspn(start, " ");

	*list = start + len;
	return (struct text){start, len};
}

/* "1-5": any of them. */
static bool is_in_range(struct text name, int input)
{
	return name.len == 3 && name.bytes[1] == '-' && input >= name.bytes[0] &&
	       input <= name.bytes[2];
}

static bool has_key(const struct action_row *row, int input)
{
	const char *list = row->keys;
	struct text name;

	while ((name = next_name(&list)).len)
		if (input_named(name) == input || is_in_range(name, input))
			return true;
	return false;
}

enum action keymap_lookup(unsigned where, int input)
{
	for (int a = ACTION_NONE + 1; a < N_ACTIONS && input != INPUT_NONE; a++)
		if ((actions[a].where & where) && has_key(&actions[a], input))
			return (enum action)a;
	return ACTION_NONE;
}

const char *keymap_keys(enum action a)
{
	return actions[a].keys;
}

const char *keymap_help(enum action a)
{
	return actions[a].help;
}

unsigned keymap_where(enum action a)
{
	return actions[a].where;
}

static struct text first_key(const struct action_row *row)
{
	const char *list = row->keys;

	return next_name(&list);
}

static int footer_width(const struct action_row *row)
{
	return (int)(first_key(row).len + 1 + strlen(row->word));
}

/* The highest rank such that all of it and below fit into width columns. */
static unsigned last_rank(unsigned where, int width)
{
	unsigned rank = 0;
	int used = 0;

	for (unsigned next = 1; next < N_ACTIONS; next++) {
		for (int a = 0; a < N_ACTIONS; a++)
			if (actions[a].rank == next && (actions[a].where & where))
				used += footer_width(&actions[a]) + 2;
		if (used - 2 > width)
			break;
		rank = next;
	}
	return rank;
}

void keymap_footer(struct frame *f, int x, int y, int width, unsigned where)
{
	unsigned rank = last_rank(where, width);
	int end = x + width;

	for (int a = 0; a < N_ACTIONS; a++) {
		const struct action_row *row = &actions[a];

		if (!row->rank || row->rank > rank || !(row->where & where))
			continue;
		x += frame_put(f, x, y, end - x, ROLE_KEY, first_key(row)) + 1;
		x += frame_put(f, x, y, end - x, ROLE_NORMAL, text_of(row->word)) + 2;
	}
}

/* Where a key means something else than on the first screen. */
static const char *place_words(unsigned where)
{
	if (where == WHERE_HELP)
		return " (in the help)";
	return where && !(where & ~(unsigned)WHERE_RUN) ? " (in the guide)" : "";
}

int keymap_man(struct str *out)
{
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++) {
		const char *list = actions[a].keys;
		const char *join = "";
		struct text name;

		str_puts(out, ".It");
		while ((name = next_name(&list)).len) {
			/* \& keeps a key like "-" or "/" from being punctuation */
			str_printf(out, "%s Ic \\&%.*s", join, (int)name.len, name.bytes);
			join = " ,";
		}
		str_printf(out, "\n%s%s.\n", actions[a].help,
			   place_words(actions[a].where));
	}
	return out->failed ? -ENOMEM : 0;
}

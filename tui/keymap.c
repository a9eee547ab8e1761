/* Lookup and lists made from the ACTIONS table. */
#include "tui/keymap.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tui/terminal/input.h"

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

static bool has_key(const struct action_row *row, int input)
{
	const char *list = row->keys;
	struct text name;

	while ((name = next_name(&list)).len)
		if (input_named(name) == input)
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

enum { KEY_TEXT_MAX = 16 };

/* The first key; of "1 2 3" all of them: "1-3". */
static struct text footer_key(const struct action_row *row, char out[KEY_TEXT_MAX])
{
	const char *list = row->keys;
	struct text name = next_name(&list), next;
	char last = name.len == 1 ? name.bytes[0] : '\0';

	while ((next = next_name(&list)).len == 1 && last && next.bytes[0] == last + 1)
		last++;
	if (name.len != 1 || last == name.bytes[0])
		return name;
	snprintf(out, KEY_TEXT_MAX, "%c-%c", name.bytes[0], last);
	return text_of(out);
}

static int footer_width(const struct action_row *row)
{
	char key[KEY_TEXT_MAX];

	return (int)(footer_key(row, key).len + 1 + strlen(row->word));
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
		char key[KEY_TEXT_MAX];

		if (!row->rank || row->rank > rank || !(row->where & where))
			continue;
		x += frame_put(f, x, y, end - x, ROLE_KEY, footer_key(row, key)) + 1;
		x += frame_put(f, x, y, end - x, ROLE_NORMAL, text_of(row->word)) + 2;
	}
}

/* Where a key means something else than on the first screen. */
static const char *place_words(unsigned where)
{
	if (where == WHERE_HELP)
		return " (in the help)";
	if (!(where & WHERE_PORTS) && (where & WHERE_HELP))
		return " (on other screens)";
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

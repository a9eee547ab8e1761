/* Lookup and lists made from the ACTIONS table. */
#include "tui/keymap.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tui/terminal/input.h"

static const struct action_row {
	const char *name;
	const char *keys;
	unsigned where;
	unsigned rank;
	const char *word;
	const char *help;
} actions[N_ACTIONS] = {
#define X(id, key_names, screens, footer_rank, footer_word, help_words) \
	[ACTION_##id] = {.name = #id,                                   \
			 .keys = (key_names),                           \
			 .where = (screens),                            \
			 .rank = (footer_rank),                         \
			 .word = (footer_word),                         \
			 .help = (help_words)},
	ACTIONS(X)
#undef X
};

/* In place of the table's keys, for the life of the process; NULL: not so. */
static const char *bound[N_ACTIONS];

void keymap_bind(enum action a, const char *keys)
{
	bound[a] = keys;
}

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
	const char *list = keymap_keys((enum action)(row - actions));
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

unsigned keymap_where_input(int input)
{
	unsigned where = 0;

	for (int a = ACTION_NONE + 1; a < N_ACTIONS && input != INPUT_NONE; a++)
		if (has_key(&actions[a], input))
			where |= actions[a].where;
	return where;
}

const char *keymap_keys(enum action a)
{
	return bound[a] ? bound[a] : actions[a].keys;
}

const char *keymap_help(enum action a)
{
	return actions[a].help;
}

unsigned keymap_where(enum action a)
{
	return actions[a].where;
}

void keymap_put_name(struct str *out, enum action a)
{
	for (const char *c = actions[a].name; *c; c++)
		str_putc(out, *c == '_' ? ' ' : (char)tolower(*c));
}

const char *keymap_word(enum action a)
{
	return actions[a].word;
}

/* "1 2 3": a row of keys of one character, each the one after that before it. */
unsigned keymap_n_variants(enum action a)
{
	const char *list = actions[a].keys;
	struct text name = next_name(&list), next;
	char last = name.len == 1 ? name.bytes[0] : '\0';
	unsigned n = 1;

	while (last && (next = next_name(&list)).len == 1 && next.bytes[0] == last + 1) {
		last++;
		n++;
	}
	return n;
}

int keymap_variant(enum action a, unsigned n)
{
	const char *list = actions[a].keys;
	struct text name = next_name(&list);

	while (n--)
		name = next_name(&list);
	return input_named(name);
}

struct text keymap_key(enum action a)
{
	const char *list = keymap_keys(a);

	return next_name(&list);
}

void keymap_put_key(struct str *out, enum action a)
{
	struct text key = keymap_key(a);

	str_append(out, key.bytes, key.len);
}

static bool is_named(const char *row, struct text name)
{
	if (strlen(row) != name.len)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.bytes[i];

		c = c == ' ' || c == '-' ? '_' : (char)toupper((unsigned char)c);
		if (c != row[i])
			return false;
	}
	return true;
}

enum action keymap_named(struct text name)
{
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++)
		if (is_named(actions[a].name, name))
			return (enum action)a;
	return ACTION_NONE;
}

enum action keymap_rival(enum action a, struct text *key)
{
	const char *list = keymap_keys(a);
	struct text name;

	while ((name = next_name(&list)).len)
		for (int b = ACTION_NONE + 1; b < N_ACTIONS; b++)
			if (b != (int)a && (actions[b].where & actions[a].where) &&
			    has_key(&actions[b], input_named(name))) {
				*key = name;
				return (enum action)b;
			}
	return ACTION_NONE;
}

enum { KEY_TEXT_MAX = 16, N_PLACES_NAMED = 5 };

/* Where the user types, what is one character is no key. */
static struct text next_key(const char **list, unsigned where)
{
	struct text name = next_name(list);

	while (where == WHERE_PALETTE && name.len == 1)
		name = next_name(list);
	return name;
}

void keymap_put_keys(struct str *out, enum action a, unsigned where)
{
	const char *list = keymap_keys(a), *join = "";
	struct text name;

	while ((name = next_key(&list, where)).len) {
		str_printf(out, "%s%.*s", join, (int)name.len, name.bytes);
		join = " ";
	}
}

/* The first key; of "1 2 3" all of them: "1-3". */
static struct text footer_key(const struct action_row *row, unsigned where,
			      char out[KEY_TEXT_MAX])
{
	const char *list = keymap_keys((enum action)(row - actions));
	struct text name = next_key(&list, where);
	unsigned n = keymap_n_variants((enum action)(row - actions));

	if (n == 1)
		return name;
	snprintf(out, KEY_TEXT_MAX, "%c-%c", name.bytes[0], name.bytes[0] + (int)n - 1);
	return text_of(out);
}

static int footer_width(const struct action_row *row, unsigned where)
{
	char key[KEY_TEXT_MAX];

	return (int)(footer_key(row, where, key).len + 1 + strlen(row->word));
}

/* Those that stand in width columns: by rank, then in table order, until one has no room.
 */
static void choose_footer(unsigned where, int width, bool chosen[N_ACTIONS])
{
	int used = 0;

	for (unsigned rank = 1; rank < N_ACTIONS; rank++) {
		for (int a = 0; a < N_ACTIONS; a++) {
			if (actions[a].rank != rank || !(actions[a].where & where))
				continue;
			used += footer_width(&actions[a], where) + 2;
			if (used - 2 > width)
				return;
			chosen[a] = true;
		}
	}
}

void keymap_footer(struct frame *f, int x, int y, int width, unsigned where)
{
	bool chosen[N_ACTIONS] = {false};
	int end = x + width;

	choose_footer(where, width, chosen);
	for (int a = 0; a < N_ACTIONS; a++) {
		const struct action_row *row = &actions[a];
		char key[KEY_TEXT_MAX];

		if (!chosen[a])
			continue;
		x += frame_put(f, x, y, end - x, ROLE_KEY, footer_key(row, where, key)) + 1;
		x += frame_put(f, x, y, end - x, ROLE_NORMAL, text_of(row->word)) + 2;
	}
}

static const struct {
	unsigned where;
	const char *name;
} places[] = {
	{WHERE_PORTS, "the list of ports"}, {WHERE_GUIDE, "the guide"},
	{WHERE_QUESTION, "the questions"},  {WHERE_LADDER, "the ladder"},
	{WHERE_DETAILS, "the details"},     {WHERE_PATH, "the path"},
	{WHERE_WIRE, "the wire"},           {WHERE_LOGS, "the logs"},
	{WHERE_EVENTS, "the events"},       {WHERE_COLUMNS, "the columns"},
	{WHERE_HELP, "the help"},           {WHERE_PALETTE, "the palette"},
};

size_t keymap_put_places(struct str *out, unsigned where, size_t n_max)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!(places[i].where & where))
			continue;
		if (n < n_max)
			str_printf(out, "%s%s", n ? ", " : "", places[i].name);
		n++;
	}
	if (n > n_max)
		str_puts(out, " and others");
	return n;
}

/* Where a key means something, unless it is the first screen among others. */
static void put_place(struct str *out, unsigned where)
{
	if (where & WHERE_PORTS && where != WHERE_PORTS)
		return;
	if ((where & WHERE_SHOWN) == (WHERE_SHOWN & ~WHERE_PORTS)) {
		str_puts(out, " (on all screens but the list of ports)");
		return;
	}
	str_puts(out, " (in ");
	keymap_put_places(out, where, N_PLACES_NAMED);
	str_putc(out, ')');
}

int keymap_man(struct str *out)
{
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++) {
		const char *list = keymap_keys((enum action)a);
		const char *join = "";
		struct text name;

		str_puts(out, ".It");
		while ((name = next_name(&list)).len) {
			/* \& keeps a key like "-" or "/" from being punctuation */
			str_printf(out, "%s Ic \\&%.*s", join, (int)name.len, name.bytes);
			join = " ,";
		}
		str_printf(out, "\n%s", actions[a].help);
		put_place(out, actions[a].where);
		str_puts(out, ".\n");
	}
	return out->failed ? -ENOMEM : 0;
}

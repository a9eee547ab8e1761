/* The choice of columns, as words and by steps. Draws nothing. */
#include "tui/config/columns.h"

#include <errno.h>
#include <string.h>

#include "core/base/pieces.h"

static bool equals_nocase(struct text a, const char *b)
{
	return a.len == strlen(b) && text_contains_nocase(a, text_of(b));
}

const struct column *columns_find(const struct column *columns, size_t n, struct text word)
{
	for (size_t i = 0; i < n; i++)
		if (equals_nocase(word, columns[i].id) ||
		    equals_nocase(word, columns[i].title))
			return &columns[i];
	return NULL;
}

void columns_choice(const struct columns_shown *c, const struct column *columns, size_t n,
		    struct table_choice *out)
{
	if (c->is_own)
		*out = c->choice;
	else
		table_choose_default(columns, n, out);
}

static void make_own(struct columns_shown *c, const struct column *columns, size_t n)
{
	columns_choice(c, columns, n, &c->choice);
	c->is_own = true;
}

static size_t n_shown(const struct table_choice *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->at[i].is_shown;
	return n;
}

bool columns_toggle(struct columns_shown *c, const struct column *columns, size_t n,
		    size_t k)
{
	struct chosen *chosen;

	if (k >= n)
		return false;
	make_own(c, columns, n);
	chosen = &c->choice.at[k];
	if (chosen->is_shown && n_shown(&c->choice) == 1)
		return false;
	chosen->is_shown = chosen->is_wanted = !chosen->is_shown;
	return true;
}

bool columns_move(struct columns_shown *c, const struct column *columns, size_t n, size_t k,
		  int by)
{
	size_t to = by < 0 ? k - 1 : k + 1;
	struct chosen moved;

	if (k >= n || to >= n)
		return false;
	make_own(c, columns, n);
	moved = c->choice.at[k];
	c->choice.at[k] = c->choice.at[to];
	c->choice.at[to] = moved;
	return true;
}

void columns_reset(struct columns_shown *c)
{
	c->is_own = false;
}

static bool has_column(const struct table_choice *t, size_t index)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->at[i].index == index)
			return true;
	return false;
}

/* Those that are not named come behind, hidden. */
static void add_hidden(struct table_choice *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!has_column(t, i))
			t->at[t->n++] = (struct chosen){.index = i};
}

int columns_read(struct columns_shown *c, const struct column *columns, size_t n,
		 struct text words, struct text *wrong)
{
	struct table_choice own = {0};
	struct text word;

	*wrong = TEXT_NONE;
	while (piece_word(&words, &word)) {
		bool is_wanted = piece_starts(word, "+");
		const struct column *column =
			columns_find(columns, n, is_wanted ? piece_tail(word, 1) : word);

		if (!column || has_column(&own, (size_t)(column - columns))) {
			*wrong = word;
			return -EINVAL;
		}
		own.at[own.n++] = (struct chosen){.index = (size_t)(column - columns),
						  .is_shown = true,
						  .is_wanted = is_wanted};
	}
	if (!own.n)
		return -EINVAL;
	add_hidden(&own, n);
	c->choice = own;
	c->is_own = true;
	return 0;
}

void columns_put(const struct columns_shown *c, const struct column *columns, size_t n,
		 struct str *out)
{
	struct table_choice t;
	const char *blank = "";

	columns_choice(c, columns, n, &t);
	for (size_t i = 0; i < t.n; i++) {
		if (!t.at[i].is_shown)
			continue;
		str_printf(out, "%s%s%s", blank, t.at[i].is_wanted ? "+" : "",
			   columns[t.at[i].index].id);
		blank = " ";
	}
}

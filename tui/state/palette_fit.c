/* A word's letters within a name: which of them, and how well. */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "tui/state/palette.h"

enum {
	LETTER = 2, /* of each letter */
	BEGIN = 8,  /* it begins a word of the name */
	FIRST = 4,  /* it is the first of the name */
	RUN = 5,    /* it follows the letter before at once */
	NO = INT_MIN / 2,
};

/*
 * best[i][k]: the score of the first i letters of the word, the last of them at k - 1 of
 * the name; from[i][k]: where the one before it is then (+ 1).
 */
struct table {
	int best[PALETTE_NAME_MAX + 1][PALETTE_NAME_MAX + 1];
	int from[PALETTE_NAME_MAX + 1][PALETTE_NAME_MAX + 1];
};

static int worth(const char *name, size_t k)
{
	bool is_begin = !k || name[k - 1] == ' ';

	return LETTER + (is_begin ? BEGIN : 0) + (k ? 0 : FIRST);
}

static void fill_cell(struct table *t, const char *name, size_t i, size_t k)
{
	t->best[i][k] = NO;
	for (size_t p = i > 1 ? 1 : 0; p < k; p++) {
		int before = i > 1 ? t->best[i - 1][p] : 0;
		int score = before + worth(name, k - 1) + (p && p + 1 == k ? RUN : 0);

		if (before > NO && score > t->best[i][k]) {
			t->best[i][k] = score;
			t->from[i][k] = (int)p;
		}
		if (i == 1)
			break;
	}
}

static void fill(struct table *t, const char *word, size_t n, const char *name, size_t len)
{
	for (size_t i = 1; i <= n; i++)
		for (size_t k = 1; k <= len; k++) {
			t->best[i][k] = NO;
			if (tolower((unsigned char)word[i - 1]) ==
			    tolower((unsigned char)name[k - 1]))
				fill_cell(t, name, i, k);
		}
}

int palette_fit(const char *word, const char *name, uint64_t *matched)
{
	size_t n = strlen(word), len = strlen(name), end = 0;
	struct table t;

	*matched = 0;
	if (len > PALETTE_NAME_MAX)
		len = PALETTE_NAME_MAX;
	if (!n)
		return 0;
	if (n > len)
		return -1;
	fill(&t, word, n, name, len);
	for (size_t k = 1; k <= len; k++)
		if (t.best[n][k] > NO && (!end || t.best[n][k] > t.best[n][end]))
			end = k;
	if (!end)
		return -1;
	for (size_t i = n, k = end; i; k = (size_t)t.from[i--][k])
		*matched |= UINT64_C(1) << (k - 1);
	return t.best[n][end];
}

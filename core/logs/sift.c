/*
 * Four letters of each form, and the forms whose letters stand in a line. Matches nothing:
 * that is form.c.
 */
#include "core/logs/sift.h"

#include <string.h>

enum { LETTERS = 4 };

static unsigned place_of(const char *letters)
{
	uint32_t n;

	memcpy(&n, letters, sizeof(n));
	return (n * UINT32_C(2654435761)) >> 20;
}

static void mark(struct sifted *all, unsigned number)
{
	all->words[number / 64] |= UINT64_C(1) << number % 64;
}

/* Letters that stand for themselves: no blank, which is one or more, and no hole. */
static size_t run_of(const char *form)
{
	return strcspn(form, " %");
}

/* The longest run; its length is 0 if there is none. */
static struct text longest_run(const char *form)
{
	struct text longest = {form, 0};

	while (*form) {
		size_t n = run_of(form);

		if (n > longest.len)
			longest = (struct text){form, n};
		form += n;
		if (*form == '%' && form[1])
			form++;
		if (*form)
			form++;
	}
	return longest;
}

void sift_init(struct sift *s)
{
	memset(s, 0, sizeof(*s));
}

void sift_add(struct sift *s, unsigned number, const char *form)
{
	struct text run = longest_run(form);
	unsigned place;

	if (run.len < LETTERS) {
		mark(&s->always, number);
		return;
	}
	place = place_of(run.bytes);
	s->next[number] = s->first[place];
	s->first[place] = (uint8_t)(number + 1);
}

struct sifted sift_line(const struct sift *s, struct text line)
{
	struct sifted found = s->always;

	for (size_t i = 0; i + LETTERS <= line.len; i++) {
		unsigned n = s->first[place_of(line.bytes + i)];

		for (; n; n = s->next[n - 1])
			mark(&found, n - 1);
	}
	return found;
}

unsigned sifted_next(struct sifted *all)
{
	for (unsigned i = 0; i < sizeof(all->words) / sizeof(*all->words); i++) {
		unsigned bit;

		if (!all->words[i])
			continue;
		bit = (unsigned)__builtin_ctzll(all->words[i]);
		all->words[i] &= all->words[i] - 1;
		return i * 64 + bit;
	}
	return SIFT_FORMS_MAX;
}

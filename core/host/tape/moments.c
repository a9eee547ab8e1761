/* Times of answers. A text's answers stand in the order in which they were given. */
#include "core/host/tape/moments.h"

#include <errno.h>
#include <string.h>

static const struct blob *part(const struct answers *set, size_t i)
{
	return &((const struct recorded *)vec_at(&set->parts, i))->blob;
}

static const struct answer *answer(const struct answers *set, size_t i)
{
	return vec_at(&set->answers, i);
}

static bool is_same_part(const struct blob *a, const struct blob *b)
{
	return a->len == b->len && a->error == b->error &&
	       (!a->len || !memcmp(a->bytes, b->bytes, a->len));
}

static bool is_same(const struct answers *set, const struct answer *a,
		    const struct answer *b)
{
	if (a->end - a->first != b->end - b->first)
		return false;
	for (size_t i = 0; i < a->end - a->first; i++)
		if (!is_same_part(part(set, a->first + i), part(set, b->first + i)))
			return false;
	return true;
}

/* The listeners of TCP, of any namespace: what each look at the host begins with. */
static bool is_of_listeners(const char *text)
{
	const char *start = "sock_diag/";

	return !strncmp(text, start, strlen(start)) && strstr(text, ",protocol=6,") &&
	       strstr(text, ",states=0x400,");
}

/* Answers [*first, *end) are those of the text of listeners that has the most. */
static void find_most(const struct answers *set, size_t *first, size_t *end)
{
	size_t n = set->answers.n;

	*first = *end = 0;
	for (size_t i = 0, next; i < n; i = next) {
		next = i + 1;
		while (next < n && !strcmp(answer(set, next)->text, answer(set, i)->text))
			next++;
		if (next - i > *end - *first && is_of_listeners(answer(set, i)->text)) {
			*first = i;
			*end = next;
		}
	}
}

static int add(const struct answers *set, size_t i, size_t first, struct vec *out)
{
	const struct answer *a = answer(set, i);
	struct tape_moment *before = out->n ? vec_at(out, out->n - 1) : NULL, *m;
	int64_t wall_ns = part(set, a->first)->wall_ns;

	if (before && wall_ns <= before->wall_ns)
		return 0;
	if (before)
		before->until_ns = wall_ns - 1;
	m = vec_push(out);
	if (!m)
		return -ENOMEM;
	*m = (struct tape_moment){.wall_ns = wall_ns, .until_ns = INT64_MAX};
	m->has_changed = i > first && !is_same(set, a, answer(set, i - 1));
	return 0;
}

int moments_find(const struct answers *set, struct vec *out)
{
	size_t first, end;

	find_most(set, &first, &end);
	if (end - first > MOMENTS_MAX)
		end = first + MOMENTS_MAX;
	for (size_t i = first; i < end; i++)
		if (add(set, i, first, out))
			return -ENOMEM;
	return 0;
}

static int64_t begun_ns(const struct answers *set, const char *text, size_t nth)
{
	size_t n = 0;

	return part(set, answers_find(set, text, (unsigned)nth, &n)->first)->wall_ns;
}

unsigned moments_nth_from(const struct answers *set, const char *text, int64_t wall_ns)
{
	size_t low = 0, high = 0;

	if (!answers_find(set, text, 0, &high))
		return 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (begun_ns(set, text, middle) < wall_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return (unsigned)low;
}

/*
 * Orders the parts of a recording by answer and finds an answer by its text. Two sorts and
 * a binary search: no input makes it slow. Does not know where the parts came from.
 */
#include "core/host/tape/answers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_sizes(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int c = compare_sizes(x->part.blob.seq, y->part.blob.seq);

	return c ? c : compare_sizes(x->order, y->order);
}

static int compare_answers_order(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;

	return compare_sizes(x->order, y->order);
}

static int compare_answers_text(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;
	int c = strcmp(x->text, y->text);

	return c ? c : compare_sizes(x->order, y->order);
}

static void vec_sort(struct vec *v, int (*compare)(const void *, const void *))
{
	if (v->n > 1)
		qsort(v->data, v->n, v->size, compare);
}

/* NULL, or why f cannot stand after the part met before it for the same request. */
static const char *check_order(const struct found *before, const struct found *f)
{
	if (before && strcmp(before->part.text, f->part.text))
		return "two requests have the same number";
	if (f->part.blob.part == 0)
		return NULL;
	if (!before || f->part.blob.part - 1 != before->part.blob.part)
		return "a part is missing before this one";
	if (blob_is_end(&before->part.blob))
		return "a part follows the last one of its answer";
	return NULL;
}

/* Makes one answer of found[first, end), all of one request. */
static int find_answer(const struct vec *found, size_t first, size_t end,
		       struct answer *out, size_t *at, const char **wrong)
{
	const struct found *before = NULL, *f = vec_at(found, first);
	struct answer a = {.text = f->part.text, .order = f->order, .end = end};
	const char *why;

	for (size_t i = first; i < end; i++, before = f) {
		f = vec_at(found, i);
		why = check_order(before, f);
		if (why) {
			*at = f->at;
			*wrong = why;
			return -EBADMSG;
		}
		if (f->part.blob.part == 0)
			a.first = i;
	}
	*out = a;
	return 0;
}

/* Where the parts of the request that begins at first end; found is sorted. */
static size_t request_end(const struct vec *found, size_t first)
{
	const struct found *f = vec_at(found, first), *next;
	size_t end = first + 1;

	for (; end < found->n; end++) {
		next = vec_at(found, end);
		if (next->part.blob.seq != f->part.blob.seq)
			break;
	}
	return end;
}

static bool add_part(struct answers *set, const struct recorded *part)
{
	struct recorded *new = vec_push(&set->parts);

	if (new)
		*new = *part;
	return new != NULL;
}

/* Moves an answer's parts to their place; one that was never finished gets an end. */
static bool place_answer(struct answers *set, const struct vec *found, struct answer *a)
{
	size_t first = set->parts.n;
	struct recorded last = {0};

	for (size_t i = a->first; i < a->end; i++) {
		last = ((const struct found *)vec_at(found, i))->part;
		if (!add_part(set, &last))
			return false;
	}
	if (!blob_is_end(&last.blob)) {
		last.blob.part++;
		last.blob.status = BLOB_INTERRUPTED;
		last.blob.error = 0;
		last.blob.bytes += last.blob.len;
		last.blob.len = 0;
		if (!add_part(set, &last))
			return false;
	}
	a->first = first;
	a->end = set->parts.n;
	return true;
}

/* How many answers stand before those for text, or (is_after) before those behind them. */
static size_t count_before(const struct answers *set, const char *text, bool is_after)
{
	size_t low = 0, high = set->answers.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct answer *a = vec_at(&set->answers, middle);
		int c = strcmp(a->text, text);

		if (c < 0 || (is_after && c == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void answers_init(struct answers *set)
{
	vec_init(&set->parts, sizeof(struct recorded));
	vec_init(&set->answers, sizeof(struct answer));
}

void answers_release(struct answers *set)
{
	vec_release(&set->parts);
	vec_release(&set->answers);
}

int answers_arrange(struct answers *set, struct vec *found, size_t *at, const char **wrong)
{
	struct answer *new;
	size_t end;
	int err;

	vec_sort(found, compare_found);
	for (size_t first = 0; first < found->n; first = end) {
		end = request_end(found, first);
		new = vec_push(&set->answers);
		if (!new)
			return -ENOMEM;
		err = find_answer(found, first, end, new, at, wrong);
		if (err)
			return err;
	}
	vec_sort(&set->answers, compare_answers_order);
	for (size_t i = 0; i < set->answers.n; i++)
		if (!place_answer(set, found, vec_at(&set->answers, i)))
			return -ENOMEM;
	vec_sort(&set->answers, compare_answers_text);
	return 0;
}

const struct answer *answers_find(const struct answers *set, const char *text, unsigned nth,
				  size_t *n)
{
	size_t first = count_before(set, text, false);
	size_t count = count_before(set, text, true) - first;

	if (count == 0)
		return NULL;
	*n = count;
	return vec_at(&set->answers, first + (nth < count ? nth : count - 1));
}

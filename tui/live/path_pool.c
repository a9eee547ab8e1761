/* One inquiry for each namespace that a way has come to. */
#include "tui/live/path_pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct path_pool {
	struct vec inquiries; /* struct inquiry * */
	size_t n_holders;
};

struct path_pool *path_pool_new(void)
{
	struct path_pool *p = malloc(sizeof(*p));

	if (p)
		*p = (struct path_pool){.inquiries = VEC_OF(struct inquiry *),
					.n_holders = 1};
	return p;
}

struct path_pool *path_pool_hold(struct path_pool *p)
{
	p->n_holders++;
	return p;
}

static struct inquiry *inquiry_at(const struct path_pool *p, size_t i)
{
	return *(struct inquiry **)vec_at(&p->inquiries, i);
}

void path_pool_free(struct path_pool *p)
{
	if (!p || --p->n_holders)
		return;
	for (size_t i = 0; i < p->inquiries.n; i++) {
		inquiry_release(inquiry_at(p, i));
		free(inquiry_at(p, i));
	}
	vec_release(&p->inquiries);
	free(p);
}

static bool is_same_ref(const struct netns_ref *a, const struct netns_ref *b)
{
	return a->kind == b->kind && a->pid == b->pid && !strcmp(a->name, b->name);
}

static struct inquiry *find(const struct path_pool *p, const struct netns_ref *ref)
{
	for (size_t i = 0; i < p->inquiries.n; i++)
		if (is_same_ref(&inquiry_at(p, i)->space, ref))
			return inquiry_at(p, i);
	return NULL;
}

struct inquiry *path_pool_inquiry(struct path_pool *p, const struct netns_ref *ref)
{
	struct inquiry *made = find(p, ref), **kept;

	if (made)
		return made;
	made = calloc(1, sizeof(*made));
	kept = made ? vec_push(&p->inquiries) : NULL;
	if (!kept) {
		free(made);
		return NULL;
	}
	inquiry_init(made, ref);
	*kept = made;
	return made;
}

bool path_pool_takes_blob(struct path_pool *p, const struct blob *b)
{
	for (size_t i = 0; i < p->inquiries.n; i++)
		if (inquiry_blob(inquiry_at(p, i), b) != -ENOENT)
			return true;
	return false;
}

/* Sorting and folding of an owner scan into its table, and looking things up there. Decodes
 * nothing. */
#include "core/sockets/owner_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { N_ERRNOS = 134 }; /* EHWPOISON is the last one of Linux */

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_processes(const void *a, const void *b)
{
	const struct candidate *const *x = a, *const *y = b;

	return ((*x)->row.pid > (*y)->row.pid) - ((*x)->row.pid < (*y)->row.pid);
}

static int compare_links(const void *a, const void *b)
{
	const struct owner_link *x = a, *y = b;
	int order = compare_u64(x->inode, y->inode);

	if (!order)
		order = compare_u64(x->process, y->process);
	if (!order)
		order = (x->fd > y->fd) - (x->fd < y->fd);
	/* the process' own descriptor before that of a thread */
	return order ? order : (int)x->in_thread_only - (int)y->in_thread_only;
}

static int compare_inodes(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return compare_u64(*x, *y);
}

static void sort(void *rows, size_t n, size_t size,
		 int (*compare)(const void *, const void *))
{
	if (n)
		qsort(rows, n, size, compare);
}

/* Copies the processes that stay, by pid, and notes in each candidate where it went. */
static int fill_processes(struct owner_table *t, struct candidates *candidates)
{
	size_t n = 0, n_all = candidates->rows.n;
	struct candidate **kept = calloc(n_all + 1, sizeof(*kept));

	if (!kept)
		return -ENOMEM;
	for (size_t i = 0; i < n_all; i++) {
		struct candidate *c = candidates_at(candidates, i);

		if (c->has_links && !c->is_gone)
			kept[n++] = c;
	}
	sort(kept, n, sizeof(*kept), compare_processes);
	t->processes = arena_alloc(&t->head.arena, (n + 1) * sizeof(*t->processes));
	for (size_t i = 0; t->processes && i < n; i++) {
		kept[i]->index = (uint32_t)i;
		t->processes[i] = kept[i]->row;
	}
	t->n_processes = n;
	free(kept);
	return t->processes ? 0 : -ENOMEM;
}

static bool is_same_link(const struct owner_link *a, const struct owner_link *b)
{
	return a->inode == b->inode && a->process == b->process && a->fd == b->fd;
}

static int fill_links(struct owner_table *t, const struct candidates *candidates,
		      struct vec *links)
{
	size_t n = 0;

	for (size_t i = 0; i < links->n; i++) {
		struct owner_link *link = vec_at(links, i);
		const struct candidate *c = candidates_at(candidates, link->process);

		if (c->is_gone)
			continue;
		link->process = c->index;
		*(struct owner_link *)vec_at(links, n++) = *link;
	}
	vec_truncate(links, n);
	sort(links->data, n, sizeof(struct owner_link), compare_links);
	t->links = arena_alloc(&t->head.arena, (n + 1) * sizeof(*t->links));
	if (!t->links)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct owner_link *link = vec_at(links, i);

		if (!t->n_links || !is_same_link(link, &t->links[t->n_links - 1]))
			t->links[t->n_links++] = *link;
	}
	return 0;
}

static int fill_partial(struct owner_table *t, struct vec *partial)
{
	sort(partial->data, partial->n, sizeof(*t->partial), compare_inodes);
	t->partial = arena_alloc(&t->head.arena, (partial->n + 1) * sizeof(*t->partial));
	if (!t->partial)
		return -ENOMEM;
	for (size_t i = 0; i < partial->n; i++) {
		uint32_t inode = *(uint32_t *)vec_at(partial, i);

		if (!t->n_partial || inode != t->partial[t->n_partial - 1])
			t->partial[t->n_partial++] = inode;
	}
	return 0;
}

/* The commonest error, of equals the smallest; the lowest pid that could not be read. */
static void fill_unread(struct owner_table *t, const struct candidates *candidates)
{
	size_t counts[N_ERRNOS] = {0};

	for (size_t i = 0; i < candidates->rows.n; i++) {
		const struct candidate *c = candidates_at(candidates, i);

		if (!c->unread_error || c->is_gone)
			continue;
		counts[c->unread_error < N_ERRNOS ? c->unread_error : EIO]++;
		t->n_unread++;
		if (!t->unread_pid || c->row.pid < t->unread_pid)
			t->unread_pid = c->row.pid;
	}
	for (int i = 1; i < N_ERRNOS; i++) {
		if (counts[i] > counts[t->unread_error])
			t->unread_error = i;
	}
}

int owner_table_fill(struct owner_table *t, struct candidates *candidates,
		     struct vec *links, struct vec *partial)
{
	int err = fill_processes(t, candidates);

	if (!err)
		err = fill_links(t, candidates, links);
	if (!err)
		err = fill_partial(t, partial);
	if (!err)
		fill_unread(t, candidates);
	return err;
}

size_t owners_of(const struct owner_table *t, uint32_t inode,
		 const struct owner_link **first)
{
	size_t low = 0, high = t->n_links, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->links[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < t->n_links && t->links[low + n].inode == inode)
		n++;
	*first = n ? &t->links[low] : NULL;
	return n;
}

bool owners_is_partial(const struct owner_table *t, uint32_t inode)
{
	return t->n_partial &&
	       bsearch(&inode, t->partial, t->n_partial, sizeof(inode), compare_inodes);
}

/*
 * A socket that nobody was found to hold may just have been closed, and its holder ended,
 * between the look at the sockets and the look at the processes. Only what is still there
 * when the sockets are looked at once more may be called a socket without a process. Pure
 * bookkeeping.
 */
#include "core/snapshot/refresh_state.h"

#include <errno.h>
#include <stdlib.h>

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static bool has_inode(const struct vec *v, uint32_t inode)
{
	return v->n && bsearch(&inode, v->data, v->n, sizeof(inode), by_number);
}

/* Asked for, looked for in every process, and held by none. */
static bool is_unowned(const struct owner_table *t, uint32_t inode)
{
	const struct owner_link *link;

	return !owners_of(t, inode, &link) && !owners_is_partial(t, inode);
}

static const struct owner_table *whole_owners(const struct refresh *r)
{
	const struct owner_table *t = r->feeds[FROM_OWNERS].table;

	return t && t->is_whole && !t->n_unread ? t : NULL;
}

bool confirm_is_open(const struct refresh *r, uint32_t inode)
{
	const struct owner_table *t = whole_owners(r);

	return t && is_unowned(t, inode) && !has_inode(&r->confirmed, inode);
}

/* 0 or -ENOMEM. From what was asked for: what nobody holds and is there. */
static int take_confirmed(struct refresh *r, const struct owner_table *t)
{
	vec_reset(&r->confirmed);
	for (size_t i = 0; i < r->answered.n; i++) {
		uint32_t inode = *(uint32_t *)vec_at(&r->answered, i);
		uint32_t *kept;

		if (!is_unowned(t, inode) || !has_inode(&r->wanted, inode))
			continue;
		kept = vec_push(&r->confirmed);
		if (!kept)
			return -ENOMEM;
		*kept = inode;
	}
	return 0;
}

static bool tells_sockets(const struct feed *f)
{
	return f->id == FROM_TCP || f->id == FROM_UDP || f->id == FROM_MPTCP ||
	       f->id == FROM_PROC_NET;
}

static void doubt_sockets(struct refresh *r)
{
	for (size_t i = 0; i < refresh_n_feeds(r); i++) {
		struct feed *f = refresh_feed(r, i);

		if (!tells_sockets(f) || !f->is_answered || !plan_needs(r, f))
			continue;
		f->is_doubted = true;
		f->due_ns = 0;
	}
}

int confirm_owners(struct refresh *r)
{
	const struct owner_table *t = whole_owners(r);

	for (size_t i = 0; t && i < r->answered.n; i++) {
		if (confirm_is_open(r, *(uint32_t *)vec_at(&r->answered, i))) {
			doubt_sockets(r);
			return 0;
		}
	}
	return t ? take_confirmed(r, t) : 0;
}

bool confirm_is_pending(const struct refresh *r, const struct feed *f)
{
	return f->is_doubted && plan_needs(r, f);
}

int confirm_sockets(struct refresh *r, struct feed *f)
{
	const struct feed *owners = &r->feeds[FROM_OWNERS];
	const struct owner_table *t = whole_owners(r);

	if (!f->is_doubted)
		return 0;
	f->is_doubted = f->asked_ns < owners->asked_ns + owners->took_ns;
	if (f->is_doubted)
		f->due_ns = 0;
	for (size_t i = 0; i < refresh_n_feeds(r); i++)
		if (confirm_is_pending(r, refresh_feed(r, i)))
			return 0;
	r->is_changed = true;
	return t ? take_confirmed(r, t) : 0;
}

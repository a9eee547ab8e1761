/* A set of socket inodes: asked once for every descriptor of the host. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/read/owner_procs.h"

static size_t slot_of(const struct inode_set *s, uint32_t inode)
{
	size_t i = (size_t)(inode * UINT32_C(2654435769)) >> 7;

	for (i &= s->mask; s->slots[i] && s->slots[i] != inode;)
		i = (i + 1) & s->mask;
	return i;
}

static int resize(struct inode_set *s, size_t n_slots)
{
	struct inode_set next = {.mask = n_slots - 1};

	next.slots = calloc(n_slots, sizeof(*next.slots));
	if (!next.slots)
		return -ENOMEM;
	for (size_t i = 0; s->slots && i <= s->mask; i++)
		if (s->slots[i])
			next.slots[slot_of(&next, s->slots[i])] = s->slots[i];
	next.n = s->n;
	free(s->slots);
	*s = next;
	return 0;
}

int inode_set_add(struct inode_set *s, uint32_t inode)
{
	size_t i;

	if (inode == 0)
		return 0;
	if (!s->slots || 2 * s->n >= s->mask) {
		int error = resize(s, s->slots ? 2 * (s->mask + 1) : 64);

		if (error)
			return error;
	}
	i = slot_of(s, inode);
	s->n += s->slots[i] == 0;
	s->slots[i] = inode;
	return 0;
}

int inode_set_fill(struct inode_set *s, const uint32_t *inodes, size_t n)
{
	int error = 0;

	inode_set_release(s);
	for (size_t i = 0; i < n && !error; i++)
		error = inode_set_add(s, inodes[i]);
	return error;
}

bool inode_set_has(const struct inode_set *s, uint32_t inode)
{
	return s->slots && s->slots[slot_of(s, inode)] == inode && inode != 0;
}

void inode_set_release(struct inode_set *s)
{
	free(s->slots);
	*s = (struct inode_set){0};
}

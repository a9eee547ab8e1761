/* The network namespaces of the host: the answer to REQUEST_NAMESPACES -> rows. Pure. */
#ifndef CORE_SNAPSHOT_SPACE_LIST_H
#define CORE_SNAPSHOT_SPACE_LIST_H

#include <stdint.h>

#include "core/base/bundle.h"
#include "core/base/table.h"

#define SPACES_MAX 4096 /* further ones are left out and said so */

struct space_entry {
	uint64_t inode;   /* 0: could not be opened, error says why */
	struct text name; /* of `ip netns`; none: pid stands for it */
	int32_t pid;
	int error; /* positive errno; 0: it is there */
};

struct space_list {
	struct table head;
	struct space_entry *rows; /* names in order, then pids; no inode twice */
	size_t n;
};

struct space_list_decoder;

/*
 * Items: "name/blue" and "pid/812", data: the inode in decimal; "refused" with an error:
 * the namespaces of some processes could not be read.
 */
struct space_list_decoder *space_list_new(void);
void space_list_free(struct space_list_decoder *d);
/*
 * 0, -EBADMSG, -ENOMEM; another negative errno: what could be read is kept, but it is not
 * all (-EACCES: refused; -EMSGSIZE: too many).
 */
int space_list_decode(struct space_list_decoder *d, const void *bytes, size_t len);
struct space_list *space_list_finish(struct space_list_decoder *d);

bool space_list_is_same(const struct space_list *a, const struct space_list *b);

#endif

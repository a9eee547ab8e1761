/* The parts of an answer to REQUEST_CHANGES. */
#ifndef CORE_HOST_CHANGES_H
#define CORE_HOST_CHANGES_H

#include <stdint.h>

#include "core/host/tape/bundle_out.h"

/* Times of files under writing, bounded in all. */
struct change_list {
	struct bundle_out *out;
	int64_t since_ns;     /* older times are left out */
	unsigned n_items;     /* at most CHANGE_ITEMS_MAX */
	unsigned n_looks;     /* files looked at, at most CHANGE_LOOKS_MAX */
	const char *pid_word; /* "" or "pid:812:" before each name; borrowed */
};

enum { CHANGE_ITEMS_MAX = 200, CHANGE_LOOKS_MAX = 4000 };

/*
 * change_files.c: "mtime:PATH" of one path as the process with this root sees it (root_fd
 * -1: our own), and where it is a directory of what is in it, so many levels down. What is
 * not there is left out; what may not be looked at is an item with its error.
 */
void change_files_put(struct change_list *l, int root_fd, const char *path,
		      unsigned n_levels);
/* The same of an open descriptor. */
void change_files_put_fd(struct change_list *l, int fd, const char *path);
/* change_pids.c: the executable of a process and its configuration. */
void change_pids_put(struct change_list *l, uint32_t pid);

#endif

/*
 * The tree of control groups -> path of a cgroup id: names a socket's unit where its
 * process cannot be read. Pure.
 */
#ifndef CORE_SOCKETS_CGROUPS_H
#define CORE_SOCKETS_CGROUPS_H

#include "core/base/bundle.h"
#include "core/base/table.h"

struct cgroup_row {
	uint64_t id;      /* inode of the directory in cgroup2 = INET_DIAG_CGROUP_ID */
	struct text path; /* "/system.slice/ssh.service" */
};

struct cgroup_table {
	struct table head;
	struct cgroup_row *rows; /* sorted by id */
	size_t n;
};

struct cgroup_decoder;
struct cgroup_decoder *cgroups_new(void);
void cgroups_free(struct cgroup_decoder *d);
void cgroups_reset(struct cgroup_decoder *d);
/*
 * One part. Items: name = path beneath the cgroup2 mount without first '/', data = inode in
 * decimal (0: not known, no row). 0, -EBADMSG (damaged; what can be read is kept), -ENOMEM.
 */
int cgroups_decode(struct cgroup_decoder *d, const void *bytes, size_t len);
/* Frozen table with one reference; the decoder is empty again. NULL: no memory. */
struct cgroup_table *cgroups_finish(struct cgroup_decoder *d);
/* No text: not known. */
struct text cgroups_path(const struct cgroup_table *t, uint64_t id);

#endif

/*
 * A worker: a forked process that does what may block (procfs, files) and can be killed. It
 * answers requests one after another and keeps what makes the next owner scan cheap. Parses
 * no more than it must to know what to read.
 */
#ifndef CORE_HOST_WORKER_H
#define CORE_HOST_WORKER_H

#include "core/host/tape/bundle_out.h"
#include "core/host/kernel/netns.h"
#include "core/host/request.h"

/* How owners are found. BY_SIZE: by the files of /proc on a small host; on a large one by a
 * walk of the kernel's own, where that is possible, else by the files. */
enum owners_way { OWNERS_BY_SIZE, OWNERS_BY_FILES, OWNERS_BY_TASKS };

/* Which part of the processes this worker looks at: every n_shards-th. */
struct worker_role {
	unsigned shard, n_shards;
	enum owners_way way;
	bool is_early; /* makes itself ready for a scan before it is asked for one */
};

/* Serves until the broker is gone; never returns. */
void worker_main(int socket, const struct worker_role *role) __attribute__((noreturn));

/* files.c: each writes its items; 0 or -errno of the sending. */
int files_read_host(struct bundle_out *out);
int files_read_net(struct bundle_out *out);
int files_read_proc_net_sockets(struct bundle_out *out);
int files_read_cgroups(struct bundle_out *out);
/* files_net.c: counters and settings of the present network namespace. */
int files_read_counters(struct bundle_out *out);
int files_read_settings(struct bundle_out *out);
/* unit_files.c */
int files_read_socket_units(struct bundle_out *out);
/* namespaces.c */
int files_read_namespaces(struct bundle_out *out, uint64_t own_inode);

/* owner_scan.c */
struct owner_scan;
struct owner_scan *owner_scan_new(const struct worker_role *role);
void owner_scan_free(struct owner_scan *scan);
/* What the first run needs whatever is wanted then: while others still ask what is. */
void owner_scan_prepare(struct owner_scan *scan);
int owner_scan_run(struct owner_scan *scan, const uint32_t *inodes, size_t n_inodes,
		   struct bundle_out *out);

#endif

/*
 * Who holds a socket: the answer of the owner scan -> processes and their links to socket
 * inodes. Pure.
 *
 * The scan's bundle, in any order and possibly from two workers in one answer, has for
 * every process that holds a wanted socket: "PID/stat" or, from a walk over all tasks, in
 * its place "PID/task" (state, parent, start and name), "PID/cgroup", "PID/euid" (the
 * owner of its directory, in digits), "PID/exe" (the link's target; " (deleted)" at its end
 * marks a deleted exe), then "PID/fd/N" (the link's target "socket:[INODE]") for every hit,
 * or "PID/task/TID/fd/N" where only a thread's own table has it. For a process whose
 * descriptors could not be read: "PID/fd" with the error. Once a worker: "scan" whose data
 * is words: "full=0|1 pids=N unread=N" and, where several workers share the scan,
 * "workers=N"; and "partial": decimal inodes, space separated, for which not every readable
 * process has been looked at since they were first wanted. A process that vanished
 * meanwhile may leave items with ENOENT or ESRCH: not an owner any more, not an error.
 */
#ifndef CORE_SOCKETS_OWNERS_H
#define CORE_SOCKETS_OWNERS_H

#include "core/base/bundle.h"
#include "core/base/table.h"

struct process_row {
	int32_t pid;
	int32_t parent;       /* its pid; 0: not told or outside this pid namespace */
	uint64_t start_ticks; /* since boot (field 22 of stat); with pid the identity */
	uint32_t uid;         /* effective uid; UINT32_MAX: not known */
	struct text comm;
	struct text exe; /* without " (deleted)"; none: not readable, or there is none */
	int exe_error;   /* why exe is not readable; 0 for a kernel thread or a zombie */
	bool exe_deleted;
	char state;            /* R S D T t Z ...; 0: its stat did not come */
	struct text unit;      /* "nginx.service"; none: not in a unit */
	struct text container; /* "docker:3f2a..." 12 digits of the id, "lxc:name", ... */
	bool is_user_unit;     /* the unit belongs to a user's manager */
};

struct owner_link {
	uint32_t inode;
	uint32_t process; /* index into processes */
	int32_t fd;
	bool in_thread_only; /* held in a thread's own descriptor table only */
};

struct owner_table {
	struct table head;
	struct process_row *processes; /* sorted by pid */
	size_t n_processes;
	struct owner_link *links; /* sorted by (inode, process, fd) */
	size_t n_links;
	uint32_t *partial; /* sorted inodes not yet looked for in every process */
	size_t n_partial;
	size_t n_seen;      /* processes looked at */
	size_t n_unread;    /* processes whose descriptors could not be read */
	int unread_error;   /* the commonest reason, positive errno: EACCES, EPERM */
	int32_t unread_pid; /* one of them, the lowest */
	bool is_whole;      /* a "scan" item came, of every worker that it speaks of */
};

struct owner_decoder;

struct owner_decoder *owners_new(void);
void owners_free(struct owner_decoder *d);
void owners_reset(struct owner_decoder *d);
/* One part. 0, -EBADMSG (damaged; what can be read of it is kept), -ENOMEM. */
int owners_decode(struct owner_decoder *d, const void *bytes, size_t len);
/* Frozen table with one reference; the decoder is empty again. NULL: no memory. */
struct owner_table *owners_finish(struct owner_decoder *d);

/* The links of one inode: *first and the count (0: nobody known). Binary search. */
size_t owners_of(const struct owner_table *t, uint32_t inode,
		 const struct owner_link **first);
bool owners_is_partial(const struct owner_table *t, uint32_t inode);

/*
 * /proc/PID/cgroup -> unit and container, borrowed from cgroup_file. The unified ("0::")
 * line first, else the name=systemd one, else any with a slice or container id. cgroups(7),
 * systemd.slice(5); engines' own naming.
 */
struct cgroup_names {
	struct text unit;
	bool is_user_unit;
	struct text engine;    /* "docker", "podman", "cri", "lxc", "nspawn" */
	struct text container; /* id (at most 12 digits kept) or name */
};
struct cgroup_names cgroup_names_of(struct text cgroup_file);

#endif

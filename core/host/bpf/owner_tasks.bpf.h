/*
 * What the task walk (owner_tasks.bpf.c, in the kernel) and its reader (owner_tasks.c) say
 * to each other. Seen by a compiler for BPF too: fixed widths, no padding.
 */
#ifndef CORE_HOST_BPF_OWNER_TASKS_BPF_H
#define CORE_HOST_BPF_OWNER_TASKS_BPF_H

#include <linux/types.h>

/* The key of the settings is 0. */
struct task_walk_settings {
	__u32 shard, n_shards; /* processes whose pid modulo n_shards is the shard */
	__u32 socket_fd; /* a socket of the reader's: what all of them have in common */
	__u32 spare;
	__u64 socket_operations; /* 0; then what the walk found there: all sockets have them
				  */
};

enum {
	TASK_RECORD_SEEN = 1, /* a process was looked at */
	TASK_RECORD_HOLDER,   /* it, or one thread, holds the hits that follow */
	TASK_RECORD_BROKEN,   /* a table could not be walked to its end */
	TASK_COMM_BYTES = 16,
	TASK_HITS_MAX = 4096 /* of one table; what the kernel hands over at once is less */
};

/* SEEN, BROKEN. */
struct task_record {
	__u32 kind;
	__u32 pid;
};

struct task_holder {
	__u32 kind; /* TASK_RECORD_HOLDER */
	__u32 pid, tid, parent;
	__u32 euid, state;
	__u64 start_ns;
	/* Two of the same value have the same program, the same control groups. */
	__u64 exe_mount, exe_entry, groups;
	char comm[TASK_COMM_BYTES];
	__u32 n_hits, spare;
};

/* A descriptor and the socket's inode. */
struct task_hit {
	__u32 fd, inode;
};

#endif

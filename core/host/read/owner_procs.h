/*
 * One process as the owner scan knows it: its number of descriptors, the wanted sockets
 * among them, and the small files that say who it is. proc(5). Decides nothing about when
 * to look.
 */
#ifndef CORE_HOST_OWNER_PROCS_H
#define CORE_HOST_OWNER_PROCS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/host/tape/bundle_out.h"

/* Open addressing; 0 is no member (no socket has inode 0). Zeroed memory is an empty set.
 */
struct inode_set {
	uint32_t *slots;
	size_t mask; /* slots - 1; 0 and slots NULL: empty */
	size_t n;
};

/* 0 or -ENOMEM. */
int inode_set_fill(struct inode_set *s, const uint32_t *inodes, size_t n);
int inode_set_add(struct inode_set *s, uint32_t inode);
bool inode_set_has(const struct inode_set *s, uint32_t inode);
void inode_set_release(struct inode_set *s);

struct hit {
	uint32_t inode;
	int32_t fd;
	pid_t tid; /* 0: in the process' common table; else only in this thread's own */
};

struct proc {
	pid_t pid;
	bool facts_due; /* who it is must be read anew */
	int64_t n_fds;  /* size of /proc/PID/fd as last seen; -1: not read yet, or not well
			 */
	int error;      /* positive errno: its descriptors could not be read */
	struct hit *hits;
	size_t n_hits, cap_hits;
	struct str stat;  /* of the time of `facts` */
	struct str facts; /* uid, cgroup, exe as bundle items */
};

/* Brings procs (sorted by pid) up to date with /proc: new ones are added with n_fds -1,
 * gone ones freed; only those of the shard (pid modulo n_shards). 0 or -errno. */
int procs_list(int proc_fd, struct vec *procs, unsigned shard, unsigned n_shards);
void procs_release(struct vec *procs);
/* True if this kernel tells the number of descriptors as the size of /proc/PID/fd (asked of
 * our own). */
bool procs_tell_counts(int proc_fd);

/* True if the number changed since it was read (or cannot be told). */
bool proc_count_fds(int proc_fd, struct proc *p);
/* True if every hit is still what it was. */
bool proc_recheck(int proc_fd, const struct proc *p);
/* True if it has no descriptor, as a kernel thread: then there is nothing to read. Only
 * where counts are told. */
bool proc_has_none(int proc_fd, struct proc *p);
/* Reads all descriptors. 0 (a refusal is in p->error) or -ENOMEM. */
int proc_read_fds(int proc_fd, struct proc *p, const struct inode_set *wanted);
/* Looks into the threads' own tables for sockets that no process' table has. 0 or -ENOMEM.
 */
int proc_read_thread_fds(int proc_fd, struct proc *p, const struct inode_set *lost);

/* The path of a hit beneath /proc: "812/fd/3", "812/task/814/fd/3". */
void hit_path(char path[64], pid_t pid, const struct hit *h);

/* owner_facts.c */

/* True if its descriptors could not be read though it lives. */
bool proc_is_refused(const struct proc *p);
/* Writes the process' items if it holds something wanted or refused to be read. 0 or the
 * writer's error. */
int proc_put(int proc_fd, struct proc *p, const struct inode_set *wanted,
	     struct bundle_out *out);

#endif

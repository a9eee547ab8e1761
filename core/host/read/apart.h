/*
 * A piece of work in a process of its own that holds no right at all: whatever reads what
 * strangers send, or runs other people's libraries. Knows nothing of the work.
 */
#ifndef CORE_HOST_APART_H
#define CORE_HOST_APART_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct apart {
	pid_t pid; /* 0: none */
	int fd;    /* what it tells comes out here */
};

enum { APART_BYTES_MAX = 32768 };

/*
 * Forks; the child gives up every right for good (rights.h) before it calls
 * work(arg, out_fd), and ends when that returns. It dies with its parent. 0 or -errno.
 */
int apart_start(struct apart *a, void (*work)(const void *arg, int out_fd),
		const void *arg);
/*
 * What it told, until it is done, room is full or that moment (CLOCK_MONOTONIC) has come;
 * then it is ended. *told: how many bytes. 0, -ETIMEDOUT (what came before is there), or
 * -EPERM: its rights could not be given up, and nothing was done; -errno.
 */
int apart_finish(struct apart *a, int64_t until_ns, void *bytes, size_t room, size_t *told);

#endif

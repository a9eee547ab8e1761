/*
 * How processes that matter do at one moment. From the bundle of REQUEST_PROCESSES: per pid
 * "PID/stat", "PID/status", "PID/limits", "PID/wchan", "PID/cmdline" (its begin, with
 * EMSGSIZE if there is more), "PID/n_fds" (digits: descriptors open now), "PID/frozen"
 * ("1": its control group is frozen), "PID/memory.events" and "PID/pids.events" (of
 * that group, v2 alone). Pure. proc(5).
 */
#ifndef CORE_SOCKETS_PROCESSES_H
#define CORE_SOCKETS_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/bundle.h"
#include "core/base/table.h"
#include "core/base/tri.h"

struct process_state {
	int32_t pid;
	uint64_t start_ticks;
	char state; /* R S D T t Z X; 0: not told */
	uint32_t n_threads;
	uint64_t cpu_ticks; /* utime + stime */
	int64_t n_fds;      /* -1: not told */
	int64_t fd_limit;   /* soft; -1: not told */
	enum tri is_frozen;
	/* Since its control group began; -1: not told. Processes killed for want of memory,
	 * and forks refused because there were as many processes as may be. */
	int64_t n_killed, n_refused_forks;
	struct text wchan; /* none, or "0": running */
	/* What it was started with, a blank for each NUL; empty: it has none, as threads of
	 * the kernel. It is the process's own to write. */
	struct text cmdline;
	bool has_cmdline, is_cmdline_cut; /* it was told; there is more of it */
	int error; /* positive errno: it is gone or may not be read */
};

struct process_state_table {
	struct table head;
	struct process_state *rows; /* sorted by pid */
	size_t n;
};

enum { PROCESS_CMDLINE_MAX = 256 }; /* bytes that are kept */

struct process_state_decoder;
struct process_state_decoder *process_states_new(void);
void process_states_free(struct process_state_decoder *d);
int process_states_decode(struct process_state_decoder *d, const void *bytes, size_t len);
struct process_state_table *process_states_finish(struct process_state_decoder *d);
const struct process_state *process_states_find(const struct process_state_table *t,
						int32_t pid);

#endif

/* The parts of an answer to REQUEST_LOGS. Each writes its items; 0 or the sticky error of
 * out. */
#ifndef CORE_HOST_LOGS_H
#define CORE_HOST_LOGS_H

#include "core/host/read/evidence.h"

/*
 * journal.c: item "journal": lines of journalctl(1), at most 4 MiB and for 2 s; what is
 * more is EMSGSIZE and ETIMEDOUT. ENOENT: there is no journal, or no journalctl.
 */
int journal_read(const struct past_ask *ask, struct bundle_out *out);
/*
 * Runs a program (argv[0] is its path) with an environment of our own and no descriptors of
 * ours, and writes what it prints as an item. Its error: ETIMEDOUT, EMSGSIZE (limit bytes),
 * EIO (it ended badly), or -errno of starting it. It does not outlive us.
 */
int journal_run(const char *const argv[], const char *name, int timeout_ms, size_t limit,
		struct bundle_out *out);
/*
 * log_files.c: items "pid:PID:PATH" of log files that processes hold open for writing,
 * then "file:PATH" of those beneath log_dir that were written since; each its last 64 KiB.
 * log_dir is /var/log but in tests.
 */
int log_files_read(const struct past_ask *ask, const char *log_dir, struct bundle_out *out);

#endif

/* The parts of an answer to REQUEST_LOGS. Each writes its items; 0 or the sticky error of
 * out. */
#ifndef CORE_HOST_LOGS_H
#define CORE_HOST_LOGS_H

#include "core/host/read/evidence.h"

/*
 * journal.c: item "journal": lines of journalctl(1) since the time asked for, at most 4 MiB
 * and for 1.8 s, what is more is EMSGSIZE and ETIMEDOUT; then the warnings and worse of the
 * day before. ENOENT: there is no journal, or no journalctl.
 */
int journal_read(const struct past_ask *ask, struct bundle_out *out);
/*
 * log_files.c: items "pid:PID:PATH" of log files that processes hold open for writing,
 * then "file:PATH" of those beneath log_dir that were written since, also what was turned
 * into PATH.1 or PATH.1.gz (.xz, .zst) since; each its last 64 KiB. log_dir is /var/log but
 * in tests.
 */
int log_files_read(const struct past_ask *ask, const char *log_dir, struct bundle_out *out);

#endif

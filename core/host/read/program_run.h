/*
 * A program of the system that reads for us: started without a shell, with an environment
 * of our own and none of our descriptors; it does not outlive us. Where it stands is found
 * in fixed directories, never by PATH.
 */
#ifndef CORE_HOST_PROGRAM_RUN_H
#define CORE_HOST_PROGRAM_RUN_H

#include "core/host/tape/bundle_out.h"

/* /usr/bin/NAME or /bin/NAME, written to path; NULL: it is not installed. */
const char *program_find(const char *name, char path[32]);

/*
 * What a program (argv[0] is its path) prints becomes an item of whole lines. Its error:
 * ETIMEDOUT, EMSGSIZE (limit bytes), EIO (it ended badly), or of starting it. 0 or the
 * sticky error of out.
 */
int program_run(const char *const argv[], const char *name, int timeout_ms, size_t limit,
		struct bundle_out *out);
/*
 * The same of the last `keep` bytes (64 KiB at most) that it prints, from the first line
 * that begins in them; it reads from input. Of more than limit bytes nothing is kept.
 */
int program_tail(const char *const argv[], int input, const char *name, int timeout_ms,
		 size_t keep, size_t limit, struct bundle_out *out);

#endif

/*
 * One line of each source -> a row. Inside core/logs. Each copies its texts into the arena,
 * cut to LOG_TEXT_MAX, and returns 1: a row; 0: the line is none; -EBADMSG: damaged;
 * -ENOMEM.
 */
#ifndef CORE_LOGS_PARSE_H
#define CORE_LOGS_PARSE_H

#include "core/logs/lines.h"
#include "core/logs/stamp.h"

/*
 * "6,339,5140900,-;text" of /dev/kmsg; lines that begin with a blank are keys and values of
 * the one before. *boot_us is the kernel's clock; wall_ns is left 0, slack_ns tells how far
 * that clock may have run away. Linux Documentation/ABI/testing/dev-kmsg.
 */
int parse_kmsg(struct text line, struct arena *texts, struct log_line *out,
	       uint64_t *boot_us);
/* An object of journalctl -o json. systemd.journal-fields(7). */
int parse_journal(struct text line, struct arena *texts, struct log_line *out);
/* A line of the file at path; holder 0: it was not found through a process. */
int parse_file(struct text line, struct text path, int32_t holder,
	       const struct stamp_clock *clock, struct arena *texts, struct log_line *out);

/* A copy of t in *out, cut to LOG_TEXT_MAX bytes, before a character if it is UTF-8. 0 or
 * -ENOMEM. */
int parse_keep(struct arena *texts, struct text t, struct text *out);

#endif

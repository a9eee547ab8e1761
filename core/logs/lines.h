/*
 * Log lines with their time. From the bundle of REQUEST_LOGS: items "kmsg" (records of
 * /dev/kmsg, one a line, their continuation lines behind them), "journal" (journalctl -o
 * json, one object a line), "file:/var/log/x" (the tail of a file; its first line may be
 * cut), "pid:812:/var/log/y" (one held open by a process), each perhaps in several parts,
 * in turn; "now" ("wall_ns boot_ns": to turn the kernel's clock into time; before "kmsg").
 * Pure. What lines mean is in match.h.
 */
#ifndef CORE_LOGS_LINES_H
#define CORE_LOGS_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/bundle.h"
#include "core/base/table.h"

#define LOG_TEXT_MAX     1000
#define LOG_LINES_MAX    20000
#define LOG_PRIORITY_ANY 255 /* not told */

enum log_kind { LOG_KERNEL, LOG_JOURNAL, LOG_FILE, N_LOG_KINDS };

struct log_line {
	int64_t wall_ns;  /* 0: the line tells none that is understood */
	int64_t slack_ns; /* by so much it may be off, either way */
	enum log_kind kind;
	/* The kernel itself speaks, and no program that calls itself so: a record of kmsg's
	 * facility 0, the journal's kernel or audit transport, a denial in the audit
	 * daemon's own file. Never "kernel:" in a file of syslog: whoever may log there may
	 * call himself so, and other hosts may. */
	bool from_kernel;
	bool from_init; /* the same for process 1: its journal's pid, its line in kmsg */
	bool from_netfilter; /* ulogd's own file: packets that rules gave to NFLOG */
	/* Who wrote it could not choose to be somebody else: the journal knows a service of
	 * the system or root, the file is a service's own. False in files of syslog. */
	bool is_attested;
	bool is_root;        /* the journal knows that root wrote it */
	struct text source;  /* "kernel", "nginx.service", "/var/log/ufw.log" */
	struct text tag;     /* the program as it calls itself: "sshd"; none: not told */
	struct text unit;    /* that wrote it, or of which process 1 speaks; none */
	int32_t pid;         /* that wrote it, or that holds the file; 0: not known */
	int32_t holder;      /* the process that holds the file; 0: none is known */
	uint8_t priority;    /* syslog(2) */
	struct text text;    /* without time and host, of at most LOG_TEXT_MAX bytes */
	struct text message; /* text without program and pid; borrowed from it */
};

struct log_source {
	struct text name; /* "kernel", "journal", "/var/log/ufw.log" */
	int error;        /* positive errno: could not be read */
	size_t n;         /* lines that came from it */
};

struct log_sentence; /* known.h */

struct log_table {
	struct table head;
	struct log_line *rows; /* sorted by (wall_ns, order of arrival) */
	size_t n;
	/* The lines that are a known sentence, in the order of rows. NULL with
	 * has_sentences false: not looked for yet. */
	struct log_sentence *sentences;
	size_t n_sentences;
	bool has_sentences;
	struct log_source *sources; /* what was looked into */
	size_t n_sources;
	bool is_cut; /* there were more lines than are kept; the oldest went */
};

struct log_decoder;
/*
 * utc_offset_s and the year of wall_ns: for files whose lines tell neither zone nor year. A
 * stamp without a year is never more than a day ahead of wall_ns.
 */
struct log_decoder *logs_new(int32_t utc_offset_s, int64_t wall_ns);
void logs_free(struct log_decoder *d);
/* One part. 0, -EBADMSG (what can be read of it is kept), -ENOMEM. */
int logs_decode(struct log_decoder *d, const void *bytes, size_t len);
/* NULL: no memory */
struct log_table *logs_finish(struct log_decoder *d);
/* Could any of its sources be read? */
bool logs_are_read(const struct log_table *t);

#endif

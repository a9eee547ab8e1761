/*
 * What all forms of the list share: which rows are taken, and the values of a row with the
 * stand-ins of a redacted report. Knows no form.
 */
#ifndef CORE_REPORT_LIST_COMMON_H
#define CORE_REPORT_LIST_COMMON_H

#include "core/report/list.h"
#include "core/report/redact.h"

struct list_pass {
	const struct snapshot *s;
	const struct list_options *o;
	struct redactor redactor;
};

void list_begin(struct list_pass *p, const struct snapshot *s,
		const struct list_options *o);
/* Frees; 0 or -ENOMEM if a stand-in could not be made. */
int list_end(struct list_pass *p);
/* The endpoint at *at or behind it that the options take; *at moves past it. NULL: no more.
 */
const struct endpoint *list_next(const struct list_pass *p, size_t *at);

/* Values: texts from outside, not yet shown. Borrowed from the snapshot, the pass or room.
 */
#define LIST_ROOM ADDR_TEXT_MAX

struct text list_host(struct list_pass *p);
struct text list_address(struct list_pass *p, const struct addr *a, char room[LIST_ROOM]);
struct text list_user(struct list_pass *p, struct text user);
struct text list_user_of(struct list_pass *p, uint32_t uid);
struct text list_container(struct list_pass *p, struct text container);
/* A path, unit or control group of a process in the given container (or none). */
struct text list_path(struct list_pass *p, struct text path, struct text container);
/* endpoint_listens_on(), redacted if asked for: "10.0.0.5 (eth0)". Appends shown ASCII. */
int list_listens_on(struct str *out, struct list_pass *p, const struct endpoint *e);
/* The name of the device a socket is bound to, "if7" if it has none; no text: not bound. */
struct text list_device(const struct endpoint *e, uint32_t ifindex, char room[LIST_ROOM]);
/* "blue", or "net:[4026531840]" where there is no name; no text: not known. */
struct text list_netns(struct text name, uint64_t inode, char room[LIST_ROOM]);
/* Wall time of a process' start, ns; 0: not known. */
int64_t list_started_ns(const struct snapshot *s, const struct process_row *owner);

/* Why the owners are not all there. Nothing is lacking: all NULL. */
struct list_gap {
	const char *word;   /* for a cell: "needs root" */
	const char *reason; /* a sentence */
	const char *grant;  /* NULL: none would help */
};

struct list_gap list_owners_gap(const struct snapshot *s, const struct endpoint *e);
static inline bool list_owners_complete(const struct endpoint *e)
{
	return e->owners_state == OWNERS_COMPLETE || e->owners_state == OWNERS_NONE_FOUND;
}

/* Appends t, cut to `columns` with a mark at its end if it is wider. t is shown text. */
void list_cut(struct str *out, struct text t, size_t columns, enum text_mode mode);

#endif

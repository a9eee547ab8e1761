/*
 * The listeners as text, JSON (dport.list/1), CSV and Markdown. One visitor over a
 * snapshot; chooses nothing but form.
 */
#ifndef CORE_REPORT_LIST_H
#define CORE_REPORT_LIST_H

#include "core/snapshot/filter.h"
#include "core/snapshot/snapshot.h"

struct list_options {
	const struct filter *filter; /* NULL: all */
	enum text_mode text_mode;
	bool is_redacted; /* addresses, users, containers and the host by stable stand-ins
			   */
	int family; /* 0, AF_INET, AF_INET6: only endpoints that a client of it can aim at;
		       a dual-stack socket serves both */
	unsigned columns; /* of the terminal; 0: no limit */
};

/* Each appends a whole document. 0 or -ENOMEM. */
int list_text(struct str *out, const struct snapshot *s, const struct list_options *o);
int list_json(struct str *out, const struct snapshot *s, const struct list_options *o);
/* RFC 4180: CRLF, a header row, one row per listener; an empty field is "not known". */
int list_csv(struct str *out, const struct snapshot *s, const struct list_options *o);
int list_markdown(struct str *out, const struct snapshot *s, const struct list_options *o);

/*
 * One line for each thing that a complete view would have, "source: reason - grant", in
 * ASCII: for standard error beside a list. Nothing is missing: nothing is appended. 0 or
 * -ENOMEM.
 */
int list_missing_text(struct str *out, const struct snapshot *s);

#endif

/*
 * The rules of one network namespace as text, Markdown and JSON (dport.rules/1), each with
 * its marks. Chooses nothing but form.
 */
#ifndef CORE_REPORT_RULES_H
#define CORE_REPORT_RULES_H

#include "core/firewall/ruleset.h"
#include "core/snapshot/snapshot.h"

struct rules_view {
	const struct ruleset *rules;
	const struct snapshot *snapshot; /* who listens; NULL: not known */
	const struct space *space;       /* of it; NULL: not known */
	const bool *wanted;              /* for each rule; NULL: all */
	bool is_part;                    /* the answer ended early: there are more rules */
	const char *target;              /* what is asked for, shown words; NULL: all */
};

struct rules_options {
	enum text_mode text_mode;
	unsigned columns; /* text: lines are wrapped there */
	/* Called now and then with what is there so far, which it may take away, so that
	 * not all of it need be held; 0 goes on, else that is what is returned. NULL: none.
	 */
	int (*flush)(void *arg, struct str *out);
	void *arg;
};

/* Each appends a whole document. 0, -ENOMEM, or what flush returned. */
int rules_text(struct str *out, const struct rules_view *v, const struct rules_options *o);
int rules_json(struct str *out, const struct rules_view *v, const struct rules_options *o);
int rules_markdown(struct str *out, const struct rules_view *v,
		   const struct rules_options *o);

/* A line for each thing that stands between this and all rules of the namespace, in ASCII,
 * for standard error. 0 or -ENOMEM. */
int rules_missing_text(struct str *out, const struct ruleset *r);

#endif

/*
 * The rules of one place of a packet's way: those that it met, in order, the one that
 * decided among them, and those that would have let it on but for one field; with what each
 * rule's tests said of the packet. Judges nothing.
 */
#ifndef CORE_REPORT_PATH_RULES_H
#define CORE_REPORT_PATH_RULES_H

#include "core/report/path_page.h"

enum { PATH_RULES_MAX = 200 }; /* of one place: more are counted, not kept */

struct path_rule {
	enum path_rule_part {
		PATH_RULE_MET,     /* it matched, and the packet went on */
		PATH_RULE_DECIDES, /* it, or this policy, ended the place's rules */
		PATH_RULE_DOUBT,   /* what is not known decides whether it matches */
		PATH_RULE_NEAR     /* it would have let the packet on but for `field` */
	} part;
	uint32_t chain, rule;  /* of the ruleset; rule UINT32_MAX: the chain's policy */
	enum fw_step_kind did; /* not of NEAR and DOUBT */
	const char *field;     /* of NEAR, static */
	struct fw_tested tested;
};

/*
 * The first place of a leg that is not decided, from which on nothing of it is certain:
 * where something is asked for that is not known. n_hops: it is decided.
 */
size_t path_leg_doubt(const struct path_page *p, const struct path_leg *leg,
		      const struct vec *meetings);

/* What a field of the packet is to the rule. */
enum path_mark { PATH_MARK_NONE, PATH_MARK_HIT, PATH_MARK_MISSED, PATH_MARK_UNSURE };

/*
 * Appends the rows (struct path_rule) of hop i of the leg: doubts of a leg that is not
 * decided, what was met, near misses. meetings: path_meet() of the
 * same page, empty where that is not known: then the deciding rule stands alone, untested.
 * *n_more: how many were met beyond PATH_RULES_MAX. 0 or -ENOMEM.
 */
int path_rules_find(const struct path_page *p, const struct path_leg *leg, size_t i,
		    const struct vec *meetings, struct vec *out, size_t *n_more);
/* What field number `field` (N_FW_FIELDS of them; fw_field_word()) is to it. */
enum path_mark path_rule_mark(const struct path_rule *r, unsigned field);
/* "inet filter input"; "handle 27", "rule 3" or "policy drop" in it; "drops", "leads on"
 * (of MET and DECIDES that was met). */
void path_put_chain(struct str *out, const struct path_page *p, uint32_t chain);
void path_put_rule_name(struct str *out, const struct path_page *p,
			const struct path_rule *r);
const char *path_rule_did(const struct path_rule *r);
/* The rule in its program's words; nothing of a policy. */
void path_put_rule_text(struct str *out, const struct path_page *p,
			const struct path_rule *r);

#endif

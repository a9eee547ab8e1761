/*
 * What a reader of rules is told beside each: shadowed, opaque, a port without a socket,
 * open to everybody. For rules_*.c only.
 */
#ifndef CORE_REPORT_RULES_MARKS_H
#define CORE_REPORT_RULES_MARKS_H

#include "core/firewall/box/box.h"
#include "core/firewall/box/shadow.h"
#include "core/report/rules.h"

enum { RULE_NOTES_MAX = 6, RULE_NOTE_BYTES = 160, PORT_BITMAP_BYTES = 8192 };

/* Of all rules. */
struct rules_marks {
	const struct rules_view *view;
	struct shadow *shadows; /* of each rule */
	uint8_t *hooks;         /* of each chain: as of reach_hooks() */
	bool has_listeners;     /* all of both protocols were told */
	uint8_t tcp[PORT_BITMAP_BYTES], udp[PORT_BITMAP_BYTES]; /* ports with a socket */
	struct rule_boxes boxes;                                /* of the last rule */
};

/* Of one rule. */
struct rule_marks {
	struct shadow shadow;
	struct text opaque; /* what could not be modelled, from outside; none: nothing */
	char notes[RULE_NOTES_MAX][RULE_NOTE_BYTES]; /* ASCII */
	size_t n_notes;
};

/* NULL: no memory. */
struct rules_marks *rules_marks_new(const struct rules_view *v);
void rules_marks_free(struct rules_marks *m);
void rules_marks_of(struct rules_marks *m, uint32_t rule, struct rule_marks *out);

/* Shared words: "iptables", "ip6tables", "nft"; "legacy" or "nf_tables". */
const char *rules_backend(const struct ruleset *r, const struct fw_chain *c);
const char *rules_variant(const struct fw_table *t);
/* iptables numbers its rules, nft has handles. */
bool rules_is_numbered(const struct ruleset *r, const struct fw_chain *c);
/* "input"; NULL: no base chain. */
const char *rules_hook(const struct fw_chain *c);
bool rules_is_wanted(const struct rules_view *v, uint32_t rule);
/* Hands over what there is, if it is enough. 0, -ENOMEM or what flush returned. */
int rules_flush(struct str *out, const struct rules_options *o, bool is_last);

#endif

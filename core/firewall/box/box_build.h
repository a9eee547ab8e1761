/* What the files that make a rule's boxes share. For box_*.c only. */
#ifndef CORE_FIREWALL_BOX_BUILD_H
#define CORE_FIREWALL_BOX_BUILD_H

#include "core/firewall/box/box.h"

/* What a byte of a register is. */
enum mark_kind {
	MARK_UNKNOWN,
	MARK_ZERO, /* what a load fills up to the next word */
	MARK_STATE,
	MARK_NFPROTO,
	MARK_ETHERTYPE,
	MARK_FIELD /* + enum box_field */
};

struct mark {
	uint8_t kind, at; /* the byte of the field */
	uint8_t mask;     /* the bits of it that masks have left */
};

enum { MARKS = 4 * FW_N_WORDS };

struct build {
	const struct ruleset *ruleset;
	struct rule_boxes *out;
	enum box_time time;
	uint8_t family; /* of the table */
	struct mark marks[MARKS];
};

/* Boxes of which one must hold. */
struct ways {
	struct box rows[BOXES_MAX];
	size_t n;
	bool is_overfull; /* then hull, of all of them, is what is known */
	struct box hull;
};
void ways_start(struct ways *w);
void ways_add(struct ways *w, const struct box *b);
void ways_add_span(struct ways *w, enum box_field field, const struct span *s);
/* All but those, which narrow this one field only. False: not said, for there were too
 * many. */
bool ways_turn(struct ways *w, enum box_field field);

/* The rule goes on only where one of the ways holds. */
void build_narrow(struct build *b, const struct ways *w);
void build_narrow_states(struct build *b, uint8_t states);
void build_narrow_families(struct build *b, uint8_t families);
void build_need(struct build *b, uint8_t needs);
/* A condition is not captured. */
void build_lose(struct build *b);
/* Nor is it understood; its name is for people. */
void build_lack(struct build *b, struct text name);
void build_effect(struct build *b, enum box_effect e);

/* box_loads.c */
void build_load(struct build *b, const struct fw_expr *x);
/* Nothing is known of the word and of those behind it. */
void build_forget(struct build *b, uint8_t word);
void build_mask(struct build *b, const struct fw_expr *x);
/* box_tests.c */
void build_cmp(struct build *b, const struct fw_expr *x);
void build_range(struct build *b, const struct fw_expr *x);
/* Bytes of one register from low to high, both of n bytes, as a box: every field in it is
 * bounded. False: a part is not understood (what is, stands in the box). */
bool build_bound(const struct build *b, uint8_t word, const uint8_t *low,
		 const uint8_t *high, size_t n, struct box *out);
/* The one field that n bytes of the register are from its start on; N_BOX_FIELDS: none. */
enum box_field build_field(const struct build *b, uint8_t word, size_t n);
/* box_sets.c */
void build_lookup(struct build *b, const struct fw_expr *x);
/* box_xt.c */
void build_xt_match(struct build *b, const struct fw_expr *x);
void build_xt_target(struct build *b, const struct fw_expr *x);

#endif

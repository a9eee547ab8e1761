/*
 * The boxes of one chain's earlier rules, found by a later box: each lies under the prefix
 * that encloses it, by field; equal lengths of prefixes make a class, and a box is looked
 * for once in every class. For shadow.c only.
 */
#ifndef CORE_FIREWALL_SHADOW_INDEX_H
#define CORE_FIREWALL_SHADOW_INDEX_H

#include "core/firewall/box/box.h"

struct cover {
	struct box box;
	uint32_t rule;
	uint32_t n_boxes; /* of the rule */
	enum box_effect effect;
	uint32_t next; /* with the same hash; FW_NONE */
};

enum { COVER_CLASSES_MAX = 64, COVER_KEYS = 6 };

struct cover_index {
	struct vec covers; /* struct cover */
	struct vec heads;  /* uint32_t: rows of covers by hash, a power of two of them */
	struct cover_class {
		uint8_t bits[COVER_KEYS];
	} classes[COVER_CLASSES_MAX]; /* the first one is of everything */
	size_t n_classes;
	uint64_t n_looks; /* comparisons so far: the caller bounds them */
};

void cover_init(struct cover_index *x);
void cover_release(struct cover_index *x);
/* Empty again, memory kept; the looks stay. */
void cover_reset(struct cover_index *x);
/* 0 or -ENOMEM. */
int cover_add(struct cover_index *x, const struct cover *c);
/* The earliest row that holds the box whole; UINT32_MAX: none. */
uint32_t cover_find(struct cover_index *x, const struct box *b);

#endif

/* A hash table of boxes by the prefixes that enclose them. */
#include "core/firewall/box/shadow_index.h"

#include <errno.h>
#include <string.h>

enum { HEADS_MIN = 256 };

/* The fields that prefixes are taken of, and how coarse their lengths are: fewer classes,
 * fewer looks. */
static const struct {
	enum box_field field;
	unsigned step;
} keys[COVER_KEYS] = {
	{BOX_SOURCE, 8}, {BOX_DESTINATION, 8}, {BOX_PORT, 16},
	{BOX_IIF, 128},  {BOX_OIF, 128},       {BOX_SOURCE_PORT, 16},
};

void cover_init(struct cover_index *x)
{
	*x = (struct cover_index){.covers = VEC_OF(struct cover),
				  .heads = VEC_OF(uint32_t)};
}

void cover_release(struct cover_index *x)
{
	vec_release(&x->covers);
	vec_release(&x->heads);
}

void cover_reset(struct cover_index *x)
{
	vec_reset(&x->covers);
	vec_reset(&x->heads);
	x->n_classes = 0;
}

static struct cover_class class_of(const struct box *b)
{
	struct cover_class c;

	for (size_t i = 0; i < COVER_KEYS; i++) {
		unsigned bits = span_shared_bits(&b->fields[keys[i].field]);

		if (keys[i].step == 16 && bits > 16)
			bits = 16;
		c.bits[i] = (uint8_t)(bits / keys[i].step * keys[i].step);
	}
	return c;
}

static uint64_t mix(uint64_t hash, uint64_t v)
{
	hash = (hash ^ v) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

static size_t slot_of(const struct cover_index *x, const struct cover_class *c,
		      const struct box *b)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < COVER_KEYS; i++) {
		struct wide head = wide_head(b->fields[keys[i].field].low, c->bits[i]);

		hash = mix(mix(mix(hash, c->bits[i]), head.top), head.bottom);
	}
	return (size_t)hash & (x->heads.n - 1);
}

static void link_row(struct cover_index *x, uint32_t row)
{
	struct cover *c = vec_at(&x->covers, row);
	struct cover_class class = class_of(&c->box);
	uint32_t *head = vec_at(&x->heads, slot_of(x, &class, &c->box));

	c->next = *head;
	*head = row;
}

static int grow(struct cover_index *x)
{
	size_t n = x->heads.n ? 2 * x->heads.n : HEADS_MIN;

	vec_reset(&x->heads);
	while (x->heads.n < n) {
		uint32_t *head = vec_push(&x->heads);

		if (!head)
			return -ENOMEM;
		*head = FW_NONE;
	}
	for (uint32_t i = 0; i < x->covers.n; i++)
		link_row(x, i);
	return 0;
}

/* False: there is no room for one more class; then the box is not found, no more. */
static bool has_class(struct cover_index *x, const struct cover_class *c)
{
	for (size_t i = 0; i < x->n_classes; i++)
		if (!memcmp(&x->classes[i], c, sizeof(*c)))
			return true;
	if (x->n_classes == COVER_CLASSES_MAX)
		return false;
	x->classes[x->n_classes++] = *c;
	return true;
}

int cover_add(struct cover_index *x, const struct cover *c)
{
	struct cover_class class = class_of(&c->box);
	struct cover *row;

	if (!has_class(x, &class))
		return 0;
	row = vec_push(&x->covers);
	if (!row)
		return -ENOMEM;
	*row = *c;
	if (x->covers.n > x->heads.n)
		return grow(x);
	link_row(x, (uint32_t)x->covers.n - 1);
	return 0;
}

/* Could a box of this class hold it? Then it shares at least so many bits. */
static bool is_within(const struct cover_class *c, const struct cover_class *of_box)
{
	for (size_t i = 0; i < COVER_KEYS; i++)
		if (c->bits[i] > of_box->bits[i])
			return false;
	return true;
}

uint32_t cover_find(struct cover_index *x, const struct box *b)
{
	struct cover_class own = class_of(b);
	uint32_t best = FW_NONE;

	for (size_t i = 0; i < x->n_classes && x->heads.n; i++) {
		uint32_t at;

		if (!is_within(&x->classes[i], &own))
			continue;
		at = *(uint32_t *)vec_at(&x->heads, slot_of(x, &x->classes[i], b));
		for (; at != FW_NONE; at = ((struct cover *)vec_at(&x->covers, at))->next) {
			const struct cover *c = vec_at(&x->covers, at);

			x->n_looks++;
			if (at < best && box_holds(&c->box, b))
				best = at;
		}
	}
	return best;
}

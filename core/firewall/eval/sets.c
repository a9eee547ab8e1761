/* Exact keys by halving, intervals by their last start, concatenations of ranges one by one
 * (the kernel refuses overlaps). Catch-all elements stand last. */
#include "core/firewall/eval/sets.h"

#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

static bool is_ranges(const struct fw_set *set)
{
	return (set->flags & NFT_SET_INTERVAL) && (set->flags & NFT_SET_CONCAT);
}

static bool is_intervals(const struct fw_set *set)
{
	return (set->flags & NFT_SET_INTERVAL) && !(set->flags & NFT_SET_CONCAT);
}

static int compare_elements(const void *a, const void *b)
{
	const struct fw_element *x = a, *y = b;
	int order = x->is_catch_all - y->is_catch_all;

	if (!order && !x->is_catch_all)
		order = text_compare(x->key, y->key);
	return order ? order : y->is_end - x->is_end;
}

void set_sort(struct fw_set *set)
{
	size_t kept = 0;
	struct fw_element *catch_all = NULL, moved;

	if (!is_ranges(set)) {
		if (set->n_elements)
			qsort(set->elements, set->n_elements, sizeof(*set->elements),
			      compare_elements);
		return;
	}
	for (size_t i = 0; i < set->n_elements; i++) {
		if (set->elements[i].is_catch_all && !catch_all) {
			moved = set->elements[i];
			catch_all = &moved;
		} else {
			set->elements[kept++] = set->elements[i];
		}
	}
	if (catch_all)
		set->elements[kept] = *catch_all;
}

/* Of the elements with keys: how many there are. */
static size_t count_keyed(const struct fw_set *set)
{
	size_t n = set->n_elements;

	while (n && set->elements[n - 1].is_catch_all)
		n--;
	return n;
}

size_t set_count_not_above(const struct fw_set *set, size_t n, struct text key)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (text_compare(set->elements[middle].key, key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The last element whose key is not above this one; UINT32_MAX: none. */
static uint32_t find_last(const struct fw_set *set, size_t n, struct text key)
{
	size_t count = set_count_not_above(set, n, key);

	return count ? (uint32_t)(count - 1) : FW_NONE;
}

static bool is_part_inside(struct text from, struct text to, const uint8_t *key, size_t at,
			   size_t len)
{
	if (from.len < at + len || to.len < at + len)
		return false;
	return memcmp(key + at, from.bytes + at, len) >= 0 &&
	       memcmp(key + at, to.bytes + at, len) <= 0;
}

static bool is_in_ranges(const struct fw_set *set, const struct fw_element *e,
			 const uint8_t *key)
{
	struct text to = text_is_empty(e->key_end) ? e->key : e->key_end;
	size_t at = 0;

	if (!set->n_fields)
		return is_part_inside(e->key, to, key, 0, set->key_len);
	for (size_t i = 0; i < set->n_fields; i++) {
		if (at + set->fields[i] > set->key_len ||
		    !is_part_inside(e->key, to, key, at, set->fields[i]))
			return false;
		at += (set->fields[i] + 3U) & ~3U;
	}
	return true;
}

static uint32_t find_keyed(const struct fw_set *set, size_t n, const uint8_t *bytes)
{
	struct text key = {(const char *)bytes, set->key_len};
	uint32_t found;

	if (is_ranges(set)) {
		for (size_t i = 0; i < n; i++) {
			if (is_in_ranges(set, &set->elements[i], bytes))
				return (uint32_t)i;
		}
		return FW_NONE;
	}
	found = find_last(set, n, key);
	if (found == FW_NONE)
		return FW_NONE;
	if (is_intervals(set))
		return set->elements[found].is_end ? FW_NONE : found;
	return text_equals(set->elements[found].key, key) ? found : FW_NONE;
}

uint32_t set_find(const struct fw_set *set, const uint8_t *key, size_t len)
{
	size_t n = count_keyed(set);
	uint32_t found;

	if (!set->key_len || len < set->key_len)
		return FW_NONE;
	found = find_keyed(set, n, key);
	if (found == FW_NONE && n < set->n_elements)
		return (uint32_t)n;
	return found;
}

struct text set_end_of(const struct fw_set *set, size_t element)
{
	if (!is_intervals(set) || element + 1 >= set->n_elements ||
	    set->elements[element + 1].is_catch_all)
		return TEXT_NONE;
	return set->elements[element + 1].key;
}

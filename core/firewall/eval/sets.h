/* Which element of a set a key meets, as the kernel's backends find it. Knows no packets.
 */
#ifndef CORE_FIREWALL_SETS_H
#define CORE_FIREWALL_SETS_H

#include "core/firewall/ruleset.h"

/*
 * Index of the element that covers the key (key_len bytes of registers, a concatenation's
 * parts each padded to words); the catch-all element when nothing else does; UINT32_MAX:
 * none, or fewer bytes than the set's keys have.
 */
uint32_t set_find(const struct fw_set *set, const uint8_t *key, size_t len);

/*
 * The first key past an interval that starts at this element: the key of the end element;
 * none: it is open to the highest key (or the set has no intervals).
 */
struct text set_end_of(const struct fw_set *set, size_t element);

/* How many of the first n elements have a key that is not above this one, by bytes; they
 * are in set_sort()'s order. */
size_t set_count_not_above(const struct fw_set *set, size_t n, struct text key);

/* Puts the elements into the order in which set_find looks. For the decoder. */
void set_sort(struct fw_set *set);

#endif

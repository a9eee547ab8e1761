/*
 * Around a packet: the interval of sources, and that of ports, in which all comparisons so
 * far come out alike. Every comparison makes it smaller or leaves it; it never lacks the
 * packet itself.
 */
#include "core/firewall/eval/cell.h"

#include <string.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/eval/sets.h"

enum { V4_BYTES = 4, V6_BYTES = 16, BYTE_BITS = 8, BYTE_FULL = 0xff };

/* ---- addresses as numbers ---- */

static size_t length_of(const struct addr *a)
{
	return a->family == AF_INET6 ? V6_BYTES : V4_BYTES;
}

bool fw_addr_next(struct addr *a)
{
	for (size_t i = length_of(a); i--;) {
		if (++a->bytes[i])
			return true;
	}
	return false;
}

bool fw_addr_previous(struct addr *a)
{
	for (size_t i = length_of(a); i--;) {
		if (a->bytes[i]--)
			return true;
	}
	return false;
}

void fw_cell_start(struct fw_cell *c, const struct addr *source, uint16_t port)
{
	*c = (struct fw_cell){.at = *source, .low = *source, .high = *source, .port = port};
	c->port_high = UINT16_MAX;
	memset(c->low.bytes, 0, length_of(source));
	memset(c->high.bytes, BYTE_FULL, length_of(source));
}

void fw_cell_split(struct fw_cell *c, const struct addr *low, const struct addr *high)
{
	struct addr below = *low, above = *high;

	if (low->family != c->at.family || addr_compare(low, high) > 0)
		return;
	if (addr_compare(&c->at, low) < 0) {
		fw_addr_previous(&below);
		if (addr_compare(&below, &c->high) < 0)
			c->high = below;
	} else if (addr_compare(&c->at, high) > 0) {
		fw_addr_next(&above);
		if (addr_compare(&above, &c->low) > 0)
			c->low = above;
	} else {
		if (addr_compare(low, &c->low) > 0)
			c->low = *low;
		if (addr_compare(high, &c->high) < 0)
			c->high = *high;
	}
}

static void split_ports(struct fw_cell *c, uint16_t low, uint16_t high)
{
	if (low > high)
		return;
	if (c->port < low) {
		c->port_high = low - 1 < c->port_high ? (uint16_t)(low - 1) : c->port_high;
	} else if (c->port > high) {
		c->port_low = high + 1 > c->port_low ? (uint16_t)(high + 1) : c->port_low;
	} else {
		c->port_low = low > c->port_low ? low : c->port_low;
		c->port_high = high < c->port_high ? high : c->port_high;
	}
}

/* ---- which octets are the source's or the port's ---- */

struct piece {
	size_t at, n;
	size_t first; /* byte of the address; of a port 0 */
	bool is_port;
};

/* The byte of an address that it is; SIZE_MAX: none. */
static size_t address_byte(const struct octet *o)
{
	if (!o->origin || o->origin >= OCTETS_END)
		return SIZE_MAX;
	return o->origin < OCTETS_DESTINATION ? (size_t)o->origin - OCTETS_SOURCE
					      : (size_t)o->origin - OCTETS_DESTINATION;
}

static bool is_of_address(const struct octet *o, const struct octet *first, size_t i)
{
	bool is_source = first->origin < OCTETS_DESTINATION;

	return address_byte(o) == address_byte(first) + i &&
	       (o->origin < OCTETS_DESTINATION) == is_source;
}

static bool is_same_byte(const struct fw_cell *c, const struct octet *o)
{
	size_t byte = address_byte(o);

	return byte < length_of(&c->at) && !o->unknown &&
	       o->value == (c->at.bytes[byte] & o->kept);
}

/* The bytes of one address; of the packet's own if all agree. */
static bool find_address(const struct fw_cell *c, const struct octet *o, size_t n,
			 size_t at, struct piece *p)
{
	bool agrees = true;
	size_t end = at;

	if (address_byte(&o[at]) == SIZE_MAX)
		return false;
	for (; end < n && is_of_address(&o[end], &o[at], end - at); end++)
		agrees = agrees && is_same_byte(c, &o[end]);
	*p = (struct piece){.at = at, .n = end - at, .first = address_byte(&o[at])};
	return agrees;
}

static bool is_port_octet(const struct octet *o)
{
	return !o->unknown &&
	       (o->field == FW_FIELD_PORT || o->field == FW_FIELD_SOURCE_PORT);
}

static bool find_port(const struct fw_cell *c, const struct octet *o, size_t n, size_t at,
		      struct piece *p)
{
	*p = (struct piece){.at = at, .n = 2, .is_port = true};
	return at + 1 < n && is_port_octet(&o[at]) && is_port_octet(&o[at + 1]) &&
	       o[at].value == (uint8_t)(c->port >> BYTE_BITS & o[at].kept) &&
	       o[at + 1].value == (uint8_t)(c->port & o[at + 1].kept);
}

/* The next piece from *at on, which moves behind it. */
static bool next_piece(const struct fw_cell *c, const struct octet *o, size_t n, size_t *at,
		       struct piece *p)
{
	while (*at < n) {
		bool is_found = find_address(c, o, n, *at, p);

		if (!is_found && address_byte(&o[*at]) == SIZE_MAX)
			is_found = find_port(c, o, n, *at, p);
		if (!is_found && address_byte(&o[*at]) == SIZE_MAX)
			p->n = 1;
		*at += p->n;
		if (is_found)
			return true;
	}
	return false;
}

/* ---- one piece ---- */

/* How many leading bits of the address or port the mask keeps; *is_prefix: and no other. */
static unsigned kept_bits(const struct octet *o, const struct piece *p, bool *is_prefix)
{
	unsigned last = 0, count = 0;

	for (unsigned i = 0; i < p->n * BYTE_BITS; i++) {
		if (o[p->at + i / BYTE_BITS].kept >> (BYTE_BITS - 1 - i % BYTE_BITS) & 1) {
			last = i + 1;
			count++;
		}
	}
	*is_prefix = last == count && !p->first;
	return last ? (unsigned)p->first * BYTE_BITS + last : 0;
}

static uint16_t port_of(const uint8_t bytes[2])
{
	return (uint16_t)(bytes[0] << BYTE_BITS | bytes[1]);
}

/* Those that have the first bits of low .. those that have the first bits of high. */
static void split_bits(struct fw_cell *c, bool is_port, const uint8_t *low,
		       const uint8_t *high, unsigned bits)
{
	size_t n = is_port ? 2 : length_of(&c->at);
	struct addr first = c->at, last = c->at;
	uint8_t unused[V6_BYTES], from[V6_BYTES], to[V6_BYTES];

	addr_bits_span(low, n, bits, from, unused);
	addr_bits_span(high, n, bits, unused, to);
	if (is_port) {
		split_ports(c, port_of(from), port_of(to));
		return;
	}
	memcpy(first.bytes, from, n);
	memcpy(last.bytes, to, n);
	fw_cell_split(c, &first, &last);
}

static void pin_piece(struct fw_cell *c, const struct octet *o, const struct piece *p)
{
	uint8_t port[2] = {(uint8_t)(c->port >> BYTE_BITS), (uint8_t)c->port};
	const uint8_t *bytes = p->is_port ? port : c->at.bytes;
	bool is_prefix;
	unsigned bits = kept_bits(o, p, &is_prefix);

	split_bits(c, p->is_port, bytes, bytes, bits);
}

static void compare_piece(struct fw_cell *c, const struct octet *o, const struct piece *p,
			  const uint8_t *low, const uint8_t *high)
{
	uint8_t from[V6_BYTES] = {0}, to[V6_BYTES] = {0};
	bool is_prefix;
	unsigned bits = kept_bits(o, p, &is_prefix);

	if (!bits)
		return;
	if (!is_prefix) {
		pin_piece(c, o, p);
		return;
	}
	memcpy(from, low + p->at, p->n);
	memcpy(to, high + p->at, p->n);
	split_bits(c, p->is_port, from, to, bits);
}

/* The address or port itself, no mask has touched it. */
static bool is_whole(const struct octet *o, const struct piece *p)
{
	bool is_prefix;

	return kept_bits(o, p, &is_prefix) == p->n * BYTE_BITS && is_prefix;
}

/* ---- comparisons ---- */

void fw_cell_pin(struct fw_cell *c, const struct octet *o, size_t n)
{
	struct piece p;
	size_t at = 0;

	while (c && next_piece(c, o, n, &at, &p))
		pin_piece(c, o, &p);
}

void fw_cell_compared(struct fw_cell *c, const struct octet *o, size_t n,
		      const uint8_t *low, const uint8_t *high)
{
	struct piece p;
	size_t at = 0;

	while (c && next_piece(c, o, n, &at, &p)) {
		if (p.n == n && is_whole(o, &p)) {
			compare_piece(c, o, &p, low, high);
			continue;
		}
		/* Part of a longer number, or masked: below, at and above each end. */
		compare_piece(c, o, &p, low, low);
		compare_piece(c, o, &p, high, high);
	}
}

/* ---- sets ---- */

static bool has_piece(const struct fw_cell *c, const struct octet *o, size_t n)
{
	struct piece p;
	size_t at = 0;

	return next_piece(c, o, n, &at, &p);
}

static const uint8_t *bytes_of(struct text t)
{
	return (const uint8_t *)t.bytes;
}

static bool is_ranges(const struct fw_set *set)
{
	return (set->flags & NFT_SET_INTERVAL) && (set->flags & NFT_SET_CONCAT);
}

struct span {
	size_t at, n;
};

static bool is_outside(const struct octet *key, struct span s, const uint8_t *low,
		       const uint8_t *high)
{
	return octets_below(key + s.at, low + s.at, s.n) == TRI_YES ||
	       octets_not_above(key + s.at, high + s.at, s.n) == TRI_NO;
}

/* The parts of a concatenation one by one: each has its range. A part that is neither
 * source nor port and does not fit keeps the element out, whatever the others are. */
static void see_ranges(struct fw_cell *c, const struct fw_set *set, const struct octet *key,
		       const struct fw_element *el)
{
	struct text last = el->key_end.len ? el->key_end : el->key;
	const uint8_t *low = bytes_of(el->key), *high = bytes_of(last);
	size_t n_parts = set->n_fields ? set->n_fields : 1;
	struct span parts[sizeof(set->fields)];
	size_t at = 0;

	if (el->key.len < set->key_len || last.len < set->key_len)
		return;
	for (size_t i = 0; i < n_parts; i++) {
		parts[i] = (struct span){at, set->n_fields ? set->fields[i] : set->key_len};
		at += (parts[i].n + 3U) & ~(size_t)3U;
		if (parts[i].at + parts[i].n > set->key_len)
			return;
		if (!has_piece(c, key + parts[i].at, parts[i].n) &&
		    is_outside(key, parts[i], low, high))
			return;
	}
	for (size_t i = 0; i < n_parts; i++)
		fw_cell_compared(c, key + parts[i].at, parts[i].n, low + parts[i].at,
				 high + parts[i].at);
}

/* Of elements sorted by their keys: how many have one. */
static size_t count_keyed(const struct fw_set *set)
{
	size_t n = set->n_elements;

	while (n && set->elements[n - 1].is_catch_all)
		n--;
	return n;
}

static void see_neighbour(struct fw_cell *c, const struct fw_set *set,
			  const struct octet *key, size_t i)
{
	struct text value = set->elements[i].key;

	if (value.len >= set->key_len)
		fw_cell_compared(c, key, set->key_len, bytes_of(value), bytes_of(value));
}

/*
 * What is found depends on the place among the sorted keys: on the order to the two
 * neighbours. A key of an interval begins something: from it up to the next one all is one.
 */
static void see_sorted(struct fw_cell *c, const struct fw_set *set, const struct octet *key)
{
	size_t n = count_keyed(set), place;
	uint8_t bytes[REGS_BYTES], low[REGS_BYTES], high[REGS_BYTES];
	struct piece p;
	size_t at = 0;

	octets_values(key, set->key_len, bytes);
	place = set_count_not_above(set, n,
				    (struct text){(const char *)bytes, set->key_len});
	if (!(set->flags & NFT_SET_INTERVAL) ||
	    !next_piece(c, key, set->key_len, &at, &p) || p.n != set->key_len ||
	    !is_whole(key, &p)) {
		if (place)
			see_neighbour(c, set, key, place - 1);
		if (place < n)
			see_neighbour(c, set, key, place);
		return;
	}
	memset(low, 0, sizeof(low));
	memset(high, BYTE_FULL, sizeof(high));
	if (place && set->elements[place - 1].key.len >= set->key_len)
		memcpy(low, set->elements[place - 1].key.bytes, set->key_len);
	fw_cell_compared(c, key, set->key_len, low, high);
	if (place == n || set->elements[place].key.len < set->key_len)
		return;
	memcpy(low, set->elements[place].key.bytes, set->key_len);
	fw_cell_compared(c, key, set->key_len, low, high);
}

void fw_cell_looked_up(struct fw_cell *c, const struct fw_set *set, const struct octet *key)
{
	bool is_known = octets_doubt(key, set->key_len) == FW_DOUBT_NOTHING;

	if (!c || !set->is_read || !has_piece(c, key, set->key_len))
		return;
	if (!is_ranges(set) && is_known) {
		see_sorted(c, set, key);
		return;
	}
	for (size_t i = 0; i < set->n_elements; i++) {
		if (set->elements[i].is_catch_all)
			continue;
		if (is_ranges(set))
			see_ranges(c, set, key, &set->elements[i]);
		else
			see_neighbour(c, set, key, i);
	}
}

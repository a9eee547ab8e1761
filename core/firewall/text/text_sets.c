/* Keys by their parts; intervals by their two ends. */
#include "core/firewall/text/text_sets.h"

#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "core/firewall/text/rule_text.h"
#include "core/firewall/eval/sets.h"
#include "core/firewall/text/text_values.h"

enum { KEY_BYTES = 64, TYPE_BITS = 6 };

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

/* Six bits a type, the first part highest. */
static size_t parts_of_type(uint32_t type, uint32_t len, struct text_part *parts)
{
	size_t n = 0, total = 0;

	for (int shift = 24; shift >= 0; shift -= TYPE_BITS) {
		unsigned one = type >> shift & ((1U << TYPE_BITS) - 1);

		if (!one && !n)
			continue;
		parts[n] = (struct text_part){.type = (uint8_t)one,
					      .len = (uint8_t)text_type_len(one)};
		parts[n].is_big = !text_type_is_host(one);
		total += padded(parts[n++].len);
	}
	if (n > 1 && total == padded(len))
		return n;
	parts[0] = (struct text_part){
		.type = (uint8_t)(n == 1 ? parts[0].type : TEXT_TYPE_INTEGER),
		.len = (uint8_t)(len < KEY_BYTES ? len : KEY_BYTES)};
	parts[0].is_big = !text_type_is_host(parts[0].type);
	if (n == 1 && text_type_len(parts[0].type) * 2 == len)
		parts[0].len = (uint8_t)(len / 2);
	return 1;
}

size_t text_data_parts(const struct fw_set *set, struct text_part parts[TEXT_PARTS])
{
	return parts_of_type(set->data_type, set->data_len, parts);
}

/* Bits that both ends share, when they span just the prefix; -1: they do not. */
static int prefix_of(struct text from, struct text to)
{
	size_t bits = from.len * 8, at = 0;

	while (at < bits && !((from.bytes[at / 8] ^ to.bytes[at / 8]) >> (7 - at % 8) & 1))
		at++;
	for (size_t i = at; i < bits; i++) {
		if ((from.bytes[i / 8] >> (7 - i % 8) & 1) ||
		    !(to.bytes[i / 8] >> (7 - i % 8) & 1))
			return -1;
	}
	return (int)at;
}

static bool is_name(const struct text_part *part)
{
	return part->type == TEXT_TYPE_IFNAME || part->type == TEXT_TYPE_STRING;
}

int text_part_value(struct str *out, const struct text_part *part, struct text value)
{
	char moved[8];
	uint64_t number;

	if (!part->shift || value.len > sizeof(moved))
		return text_value(out, part->type, value, part->is_big);
	number = text_number(value, true) >> part->shift;
	for (size_t i = value.len; i-- > 0; number >>= 8)
		moved[i] = (char)(number & 0xff);
	return text_value(out, part->type, (struct text){moved, value.len}, true);
}

int text_range(struct str *out, const struct text_part *part, struct text from,
	       struct text to)
{
	int prefix;

	if (from.len != to.len || text_equals(from, to))
		return text_part_value(out, part, from);
	prefix = part->is_big ? prefix_of(from, to) : -1;
	if (is_name(part) && prefix > 0 && prefix % 8 == 0) {
		from.len = (size_t)prefix / 8;
		return text_name_value(out, from, true);
	}
	if (prefix < 0 || !text_type_has_prefix(part->type))
		text_plain_value(out, part->type, from, part->is_big);
	else
		text_value(out, part->type, from, part->is_big);
	if (prefix >= 0 && text_type_has_prefix(part->type))
		return str_printf(out, "/%d", prefix);
	str_putc(out, '-');
	return text_plain_value(out, part->type, to, part->is_big);
}

static struct text slice(struct text t, size_t at, size_t len)
{
	if (at >= t.len)
		return TEXT_NONE;
	return (struct text){t.bytes + at, len < t.len - at ? len : t.len - at};
}

static int parts_range(struct str *out, const struct text_part *parts, size_t n,
		       struct text from, struct text to)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (i)
			str_puts(out, " . ");
		text_range(out, &parts[i], slice(from, at, parts[i].len),
			   slice(to, at, parts[i].len));
		at += padded(parts[i].len);
	}
	return out->failed ? -1 : 0;
}

/* "10.0.0.1 . 443" */
static int parts_value(struct str *out, const struct text_part *parts, size_t n,
		       struct text bytes)
{
	return parts_range(out, parts, n, bytes, bytes);
}

/* The last key of an interval: one below where the next begins, or all ones. */
static struct text last_of(const struct fw_set *set, size_t element, char room[KEY_BYTES])
{
	struct text end = set_end_of(set, element);
	size_t len = set->elements[element].key.len;

	len = len < KEY_BYTES ? len : KEY_BYTES;
	memset(room, 0xff, KEY_BYTES);
	if (end.len == len && len) {
		memcpy(room, end.bytes, len);
		for (size_t i = len; i-- > 0;) {
			if (room[i]--)
				break;
		}
	}
	return (struct text){room, len};
}

static int key_text(struct str *out, const struct fw_set *set, size_t element,
		    const struct text_part *parts, size_t n)
{
	const struct fw_element *e = &set->elements[element];
	char room[KEY_BYTES];

	if (e->is_catch_all)
		return str_putc(out, '*');
	if (set->flags & NFT_SET_CONCAT)
		return parts_range(out, parts, n, e->key,
				   text_is_empty(e->key_end) ? e->key : e->key_end);
	if (set->flags & NFT_SET_INTERVAL)
		return text_range(out, parts, e->key, last_of(set, element, room));
	return parts_value(out, parts, n, e->key);
}

int text_verdict(struct str *out, const struct ruleset *r, int32_t verdict, uint32_t chain)
{
	const char *word;

	switch (verdict) {
	case NF_DROP:
		return str_puts(out, "drop");
	case NF_ACCEPT:
		return str_puts(out, "accept");
	case NFT_CONTINUE:
		return str_puts(out, "continue");
	case NFT_RETURN:
		return str_puts(out, "return");
	case NFT_JUMP:
	case NFT_GOTO:
		break;
	default:
		return (verdict & NF_VERDICT_MASK) == NF_QUEUE
			       ? str_puts(out, "queue")
			       : str_printf(out, "(verdict %d)", verdict);
	}
	word = verdict == NFT_JUMP ? "jump" : "goto";
	if (chain >= r->n_chains)
		return str_printf(out, "%s (an unknown chain)", word);
	str_printf(out, "%s ", word);
	if (r->chains[chain].is_binding)
		return str_puts(out, "{ ... }");
	return text_show(out, r->chains[chain].name, TEXT_ASCII);
}

static int data_text(struct str *out, const struct ruleset *r, const struct fw_set *set,
		     const struct fw_element *e)
{
	struct text_part parts[TEXT_PARTS];
	size_t n;

	if (set->data_type == NFT_DATA_VERDICT)
		return text_verdict(out, r, e->verdict, e->verdict_chain);
	if (set->flags & NFT_SET_OBJECT) {
		str_putc(out, '"');
		text_show(out, e->data, TEXT_ASCII);
		return str_putc(out, '"');
	}
	n = text_data_parts(set, parts);
	if (n == 1 && e->data.len == 2U * parts->len) /* netmap: both ends of a range */
		return text_range(out, parts, slice(e->data, 0, parts->len),
				  slice(e->data, parts->len, parts->len));
	return parts_value(out, parts, n, e->data);
}

/* Values that are kept in the host's order or as names, by number: the last byte first. */
static int compare_host(const void *a, const void *b, void *context)
{
	const struct fw_set *set = context;
	struct text x = set->elements[*(const uint32_t *)a].key;
	struct text y = set->elements[*(const uint32_t *)b].key;

	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	for (size_t i = x.len; i-- > 0;) {
		if (x.bytes[i] != y.bytes[i])
			return (uint8_t)x.bytes[i] < (uint8_t)y.bytes[i] ? -1 : 1;
	}
	return 0;
}

/* The elements to be printed (starts of intervals), in nft's order; malloc, NULL: no
 * memory. */
static uint32_t *order_of(const struct fw_set *set, const struct text_part *part,
			  size_t n_parts, size_t *n)
{
	uint32_t *order = calloc(set->n_elements + 1, sizeof(*order));
	bool by_number = n_parts == 1 && (!part->is_big || is_name(part)) &&
			 !(set->flags & NFT_SET_INTERVAL);
	size_t n_keyed = 0;

	if (!order)
		return NULL;
	for (size_t i = 0; i < set->n_elements; i++) {
		if (set->elements[i].is_end)
			continue;
		n_keyed += !set->elements[i].is_catch_all;
		order[(*n)++] = (uint32_t)i;
	}
	if (by_number && n_keyed)
		qsort_r(order, n_keyed, sizeof(*order), compare_host, (void *)set);
	return order;
}

int text_set_body(struct str *out, const struct ruleset *r, const struct fw_set *set,
		  const struct text_part *parts, size_t n_parts)
{
	size_t n = 0;
	uint32_t *order = order_of(set, parts, n_parts, &n);

	if (!order)
		return -1;
	if (!set->is_read)
		str_puts(out, "{ ... not read");
	for (size_t i = 0; i < n && i < TEXT_ELEMENTS; i++) {
		str_puts(out, i ? ", " : "{ ");
		key_text(out, set, order[i], parts, n_parts);
		if (set->flags & NFT_SET_MAP) {
			str_puts(out, " : ");
			data_text(out, r, set, &set->elements[order[i]]);
		}
	}
	if (n > TEXT_ELEMENTS)
		str_printf(out, ", ... %zu more", n - TEXT_ELEMENTS);
	free(order);
	if (!n && set->is_read)
		str_puts(out, "{");
	return str_puts(out, " }");
}

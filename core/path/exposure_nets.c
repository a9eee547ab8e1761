/* Spans of addresses as networks, and what they come to in a word. Walks nothing. */
#include "core/path/exposure_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- networks ---- */

static bool bit_of(const struct addr *a, unsigned bit)
{
	return a->bytes[bit / 8] >> (7 - bit % 8) & 1;
}

/* The last address of the network that begins here. */
static struct addr end_of(const struct addr *from, unsigned len)
{
	struct addr end = *from;
	unsigned n = from->family == AF_INET6 ? 128 : 32;

	for (unsigned bit = len; bit < n; bit++)
		end.bytes[bit / 8] |= (uint8_t)(1 << (7 - bit % 8));
	return end;
}

bool exposure_take_prefix(struct exposure_span *rest, struct addr *prefix, unsigned *len)
{
	struct addr end;

	if (!rest->low.family || addr_compare(&rest->low, &rest->high) > 0)
		return false;
	*prefix = rest->low;
	*len = rest->low.family == AF_INET6 ? 128 : 32;
	end = rest->low;
	while (*len && !bit_of(&rest->low, *len - 1)) {
		struct addr larger = end_of(&rest->low, *len - 1);

		if (addr_compare(&larger, &rest->high) > 0)
			break;
		end = larger;
		(*len)--;
	}
	if (fw_addr_next(&end))
		rest->low = end;
	else
		rest->low.family = 0;
	return true;
}

static void subtract(const struct exposure_span *s, uint8_t out[16])
{
	int borrow = 0;

	for (size_t i = 16; i--;) {
		int difference = s->high.bytes[i] - s->low.bytes[i] - borrow;

		borrow = difference < 0;
		out[i] = (uint8_t)difference;
	}
}

bool exposure_is_same_size(const struct exposure_span *a, const struct exposure_span *b)
{
	uint8_t x[16], y[16];

	subtract(a, x);
	subtract(b, y);
	return !memcmp(x, y, sizeof(x));
}

size_t exposure_count_span(const struct exposure_span *span)
{
	struct exposure_span rest = *span;
	struct addr prefix;
	unsigned len;
	size_t n = 0;

	while (exposure_take_prefix(&rest, &prefix, &len))
		n++;
	return n;
}

size_t exposure_count_prefixes(const struct vec *spans)
{
	size_t n = 0;

	for (size_t i = 0; i < spans->n; i++)
		n += exposure_count_span(vec_at(spans, i));
	return n;
}

int exposure_turn_round(const struct vec *spans, int family, struct vec *out)
{
	struct addr first = {.family = (uint8_t)family};
	struct exposure_span *new;
	bool goes_on = true;

	for (size_t i = 0; i < spans->n && goes_on; i++) {
		const struct exposure_span *span = vec_at(spans, i);
		struct addr end = span->low;

		if (span->low.family != family)
			continue;
		if (addr_compare(&first, &span->low) < 0) {
			fw_addr_previous(&end);
			new = vec_push(out);
			if (!new)
				return -ENOMEM;
			*new = (struct exposure_span){first, end};
		}
		first = span->high;
		goes_on = fw_addr_next(&first);
	}
	if (!goes_on)
		return 0;
	new = vec_push(out);
	if (!new)
		return -ENOMEM;
	*new = (struct exposure_span){first, end_of(&first, 0)};
	return 0;
}

bool exposure_is_anywhere(const struct vec *spans, int family)
{
	for (size_t i = 0; i < spans->n; i++) {
		struct exposure_span rest = *(const struct exposure_span *)vec_at(spans, i);
		struct addr prefix;
		unsigned len;

		if (rest.low.family == family &&
		    exposure_take_prefix(&rest, &prefix, &len) && !len)
			return true;
	}
	return false;
}

/* ---- the word ---- */

static bool is_local_net(const struct exposure_span *span)
{
	static const struct {
		const char *text;
		unsigned len;
	} nets[] = {{"10.0.0.0", 8},     {"172.16.0.0", 12}, {"192.168.0.0", 16},
		    {"169.254.0.0", 16}, {"fc00::", 7},      {"fe80::", 10}};

	for (size_t i = 0; i < sizeof(nets) / sizeof(*nets); i++) {
		struct addr net;

		if (!addr_parse(&net, nets[i].text) &&
		    addr_in_prefix(&span->low, &net, nets[i].len) &&
		    addr_in_prefix(&span->high, &net, nets[i].len))
			return true;
	}
	return false;
}

/* What all ways of a listener have together. */
struct sum {
	struct vec open; /* struct exposure_span */
	bool is_unsure, is_beyond_lan, is_served[2];
};

static int add_way(struct sum *sum, const struct exposure_way *way)
{
	sum->is_unsure = sum->is_unsure || way->doubts.n;
	for (size_t i = 0; i < way->open.n; i++) {
		const struct exposure_span *span = vec_at(&way->open, i);
		struct exposure_span *new = vec_push(&sum->open);

		if (!new)
			return -ENOMEM;
		*new = *span;
		sum->is_beyond_lan = sum->is_beyond_lan || !is_local_net(span);
		sum->is_served[span->low.family == AF_INET6] = true;
	}
	return 0;
}

/* How many networks are left out of the families that have sources; 0: none. */
static size_t count_left_out(const struct sum *sum)
{
	static const int families[] = {AF_INET, AF_INET6};
	struct vec others = VEC_OF(struct exposure_span);
	size_t n;

	for (size_t i = 0; i < 2; i++)
		if (sum->is_served[i])
			exposure_turn_round(&sum->open, families[i], &others);
	n = exposure_count_prefixes(&others);
	vec_release(&others);
	return n;
}

static const char *word_of_nobody(const struct sum *sum, const struct exposure_listener *l)
{
	if (sum->is_unsure || l->from_host == TRI_UNSURE)
		return "unsure";
	return l->from_host == TRI_YES ? "host" : "nobody";
}

static void print_nets(const struct sum *sum, char out[EXPOSURE_WORD_MAX])
{
	size_t n = exposure_count_prefixes(&sum->open), n_others = count_left_out(sum);

	if (n_others < n)
		snprintf(out, EXPOSURE_WORD_MAX, "any but %zu", n_others);
	else
		snprintf(out, EXPOSURE_WORD_MAX, "%zu net%s", n, n == 1 ? "" : "s");
}

bool exposure_is_same_doubt(const struct exposure_doubt *a, const struct exposure_doubt *b)
{
	return a->rule == b->rule && a->why == b->why;
}

bool exposure_is_first_doubt(const struct vec *doubts, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (exposure_is_same_doubt(vec_at(doubts, i), vec_at(doubts, at)))
			return false;
	return true;
}

const char *exposure_word(const struct exposure *x, const struct exposure_listener *l,
			  char out[EXPOSURE_WORD_MAX])
{
	struct sum sum = {.open = VEC_OF(struct exposure_span)};
	const char *word = NULL;

	for (size_t i = 0; i < l->ways.n; i++)
		if (add_way(&sum, vec_at(&l->ways, i)))
			word = "?";
	exposure_join_spans(&sum.open);
	if (word || (x->is_blind && l->ways.n))
		word = "?";
	else if (exposure_is_anywhere(&sum.open, AF_INET) ||
		 exposure_is_anywhere(&sum.open, AF_INET6))
		word = "any";
	else if (sum.is_unsure || !sum.open.n)
		word = word_of_nobody(&sum, l);
	else if (!sum.is_beyond_lan)
		word = "lan";
	if (word)
		snprintf(out, EXPOSURE_WORD_MAX, "%s", word);
	else
		print_nets(&sum, out);
	vec_release(&sum.open);
	return out;
}

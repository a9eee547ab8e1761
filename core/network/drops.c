/* The watcher's items, word by word. */
#include "core/network/drops.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/bundle.h"
#include "core/base/pieces.h"

void drops_init(struct drops *d)
{
	*d = (struct drops){.rows = VEC_OF(struct drop_row)};
}

void drops_release(struct drops *d)
{
	vec_release(&d->rows);
	*d = (struct drops){0};
}

const struct drop_row *drops_row(const struct drops *d, size_t i)
{
	return vec_at(&d->rows, i);
}

static bool take_number(struct text *rest, uint64_t max, uint64_t *out)
{
	struct text word;

	return piece_word(rest, &word) && piece_number(&word, max, out) && !word.len;
}

/* A name of the kernel's own: letters, digits, '_', and what compilers add to it. */
static bool take_name(struct text *rest, char out[DROP_WORD_BYTES])
{
	struct text word;

	if (!piece_word(rest, &word) || word.len >= DROP_WORD_BYTES)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (!isalnum((unsigned char)word.bytes[i]) &&
		    (!word.bytes[i] || !strchr("_.-", word.bytes[i])))
			return false;
	snprintf(out, DROP_WORD_BYTES, "%.*s", (int)word.len, word.bytes);
	return true;
}

static bool take_end(struct text *rest, struct addr *address, uint16_t *port)
{
	char plain[ADDR_TEXT_MAX];
	struct text word;
	uint64_t number;

	if (!piece_word(rest, &word) || word.len >= sizeof(plain))
		return false;
	snprintf(plain, sizeof(plain), "%.*s", (int)word.len, word.bytes);
	if (addr_parse(address, plain) || !take_number(rest, UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool parse_row(struct text line, struct drop_row *out)
{
	uint64_t wall_ns, ifindex, proto, flags, sequence;

	if (!take_number(&line, INT64_MAX, &wall_ns) || !take_name(&line, out->reason) ||
	    !take_name(&line, out->function) || !take_number(&line, UINT32_MAX, &ifindex) ||
	    !take_number(&line, UINT8_MAX, &proto) ||
	    !take_end(&line, &out->source, &out->source_port) ||
	    !take_end(&line, &out->target, &out->target_port) ||
	    !take_number(&line, UINT8_MAX, &flags) ||
	    !take_number(&line, UINT32_MAX, &sequence))
		return false;
	out->wall_ns = (int64_t)wall_ns;
	out->ifindex = (uint32_t)ifindex;
	out->proto = (uint8_t)proto;
	out->flags = (uint8_t)flags;
	out->sequence = (uint32_t)sequence;
	return true;
}

static int take_drop(struct drops *d, struct text line)
{
	struct drop_row row = {0}, *kept;

	if (!parse_row(line, &row))
		return -EBADMSG;
	kept = d->rows.n < DROPS_MAX ? vec_push(&d->rows) : NULL;
	if (kept)
		*kept = row;
	else if (d->rows.n < DROPS_MAX)
		return -ENOMEM;
	else
		d->n_left_out++;
	return 0;
}

static int take_item(void *arg, const struct bundle_item *item)
{
	struct drops *d = arg;
	struct text words = item->data;
	uint64_t *number = NULL;

	if (text_equals_str(item->name, "drop"))
		return take_drop(d, words);
	if (text_equals_str(item->name, "ready"))
		d->is_ready = true;
	else if (text_equals_str(item->name, "lost"))
		number = &d->n_lost;
	else if (text_equals_str(item->name, "left_out"))
		number = &d->n_left_out;
	return number && !take_number(&words, UINT32_MAX, number) ? -EBADMSG : 0;
}

int drops_take(struct drops *d, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take_item, d);
}

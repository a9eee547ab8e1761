/* Reading and writing the items of a bundle. Says nothing of what the data means. */
#include "core/base/bundle.h"

#include <errno.h>
#include <string.h>

void bundle_read(struct bundle_reader *r, const void *bytes, size_t len)
{
	r->cursor = cursor_of(bytes, len);
}

static int damaged(struct cursor *c)
{
	c->at = c->end;
	c->short_read = true;
	return -EBADMSG;
}

int bundle_next(struct bundle_reader *r, struct bundle_item *out)
{
	struct cursor *c = &r->cursor;
	uint32_t data_len;
	uint16_t name_len;
	int16_t error;
	const uint8_t *name, *data;

	if (!c->short_read && cursor_left(c) == 0)
		return 0;
	data_len = cursor_le32(c);
	name_len = cursor_le16(c);
	error = (int16_t)cursor_le16(c);
	if (name_len > BUNDLE_NAME_MAX || error < 0)
		return damaged(c);
	name = cursor_bytes(c, name_len);
	data = cursor_bytes(c, data_len);
	if (c->short_read)
		return damaged(c);
	*out = (struct bundle_item){
		.name = {(const char *)name, name_len},
		.data = {(const char *)data, data_len},
		.error = error,
	};
	return 1;
}

static uint8_t *put_le(uint8_t *at, uint64_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*at++ = (uint8_t)(value >> (8 * i));
	return at;
}

static uint8_t *put_text(uint8_t *at, struct text t)
{
	if (t.len)
		memcpy(at, t.bytes, t.len);
	return at + t.len;
}

long bundle_put(void *out, size_t room, const struct bundle_item *item)
{
	size_t head = BUNDLE_HEAD + item->name.len;
	uint8_t *at = out;

	if (item->name.len > BUNDLE_NAME_MAX || item->error < 0 || item->error > INT16_MAX)
		return -EINVAL;
	if (head > room || item->data.len > room - head || item->data.len > UINT32_MAX)
		return -EMSGSIZE;
	at = put_le(at, item->data.len, 4);
	at = put_le(at, item->name.len, 2);
	at = put_le(at, (uint64_t)item->error, 2);
	at = put_text(at, item->name);
	at = put_text(at, item->data);
	return at - (uint8_t *)out;
}

int bundle_each(const void *bytes, size_t len,
		int (*take)(void *context, const struct bundle_item *item), void *context)
{
	struct bundle_reader reader;
	struct bundle_item item;
	int got, worst = 0;

	bundle_read(&reader, bytes, len);
	while ((got = bundle_next(&reader, &item)) > 0) {
		int error = take(context, &item);

		if (error == -ENOMEM)
			return error;
		if (error && worst != -EBADMSG)
			worst = error;
	}
	return got < 0 ? got : worst;
}

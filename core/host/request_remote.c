/* The bytes of a request to clients far away: request_bytes.c has the others. */
#include <string.h>

#include "core/base/cursor.h"
#include "core/host/request_bytes.h"

/* u8 length, so many bytes. */
static void put_word(struct writer *w, const char *word)
{
	size_t len = strlen(word);

	writer_number(w, len, 1);
	writer_bytes(w, word, len);
}

/* A zero among the bytes would be a shorter word: it is none. */
static bool get_word(struct cursor *c, char *out, size_t room)
{
	size_t len = cursor_u8(c);
	const uint8_t *bytes = cursor_bytes(c, len);

	if (!bytes || len >= room || memchr(bytes, 0, len))
		return false;
	memcpy(out, bytes, len);
	return true;
}

void writer_remote(struct writer *w, const struct request *request)
{
	const struct remote_ask *r = &request->remote;

	put_word(w, r->host);
	writer_number(w, r->port, 2);
	writer_number(w, r->patience_ms, 4);
	writer_number(w, r->n, 1);
	for (size_t i = 0; i < r->n; i++)
		put_word(w, r->clients[i]);
}

bool reader_remote(struct cursor *c, struct remote_ask *out)
{
	if (!get_word(c, out->host, sizeof(out->host)))
		return false;
	out->port = cursor_le16(c);
	out->patience_ms = cursor_le32(c);
	out->n = cursor_u8(c);
	if (out->n > REMOTE_CLIENTS_MAX)
		return false;
	for (size_t i = 0; i < out->n; i++)
		if (!get_word(c, out->clients[i], sizeof(out->clients[i])))
			return false;
	return true;
}

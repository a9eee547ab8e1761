/* Any bytes as what other ends say: as the items of an answer, and as one text of a file or
 * of ssh. What comes out is within its bounds and has its words. */
#include <assert.h>
#include <string.h>

#include "core/base/bundle.h"
#include "core/client/view.h"
#include "tests/fuzz/parts.h"

static void check(const struct client_table *t)
{
	assert(t->n <= CLIENT_VIEWS_MAX);
	for (size_t i = 0; i < t->n; i++) {
		const struct client_view *v = &t->views[i];

		assert(v->n_tries <= CLIENT_TRIES_MAX &&
		       v->n_addresses <= CLIENT_ADDRESSES_MAX);
		assert(client_form_word(v->form)[0] && client_form_words(v->form)[0]);
		assert(!client_view_try(v) == !v->n_tries);
		for (size_t k = 0; k < v->n_tries; k++) {
			const struct client_try *one = &v->tries[k];

			assert(client_result_word(one->result)[0] && one->took_ms >= -1);
			/* Nothing is both. */
			assert(!client_result_is_open(one->result) ||
			       one->has_left != TRI_NO);
		}
	}
}

static void finish(struct client_decoder *d)
{
	struct client_table *t = clients_finish(d);

	check(t);
	table_unref(t);
	clients_free(d);
}

static void decode_items(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct client_decoder *d = clients_new();
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		clients_decode(d, bytes, len);
	finish(d);
}

static size_t put(uint8_t *out, size_t room, const char *name, struct text data)
{
	struct bundle_item item = {.name = {name, strlen(name)}, .data = data};
	long n = bundle_put(out, room, &item);

	return n > 0 ? (size_t)n : 0;
}

static void decode_text(const char *kind, const uint8_t *data, size_t size)
{
	static uint8_t bytes[1 << 17];
	struct client_decoder *d = clients_new();
	struct text text = {(const char *)data, size < 65000 ? size : 65000};
	size_t len = put(bytes, sizeof(bytes), "start", (struct text){kind, strlen(kind)});

	len += put(bytes + len, sizeof(bytes) - len, "bytes", text);
	len += put(bytes + len, sizeof(bytes) - len, "end", (struct text){"9 0", 3});
	clients_decode(d, bytes, len);
	finish(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	decode_items(data, size);
	decode_text("file 1 notes", data, size);
	decode_text("remote 1 ssh:a@b", data, size);
	return 0;
}

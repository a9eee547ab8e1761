/* Texts, addresses, times as jansson values; documents as ASCII. Knows no schema. */
#include "core/base/json.h"

#include <errno.h>
#include <string.h>

#include "core/base/time.h"

json_t *json_of_text(struct text t)
{
	struct str utf8 = {0};
	json_t *value = NULL;

	if (!t.bytes)
		return json_null();
	if (text_utf8(&utf8, t) == 0)
		value = json_stringn(str_text(&utf8), utf8.len);
	str_release(&utf8);
	return value;
}

json_t *json_of_time(int64_t wall_ns)
{
	char text[TIME_TEXT_MAX];

	return json_string(time_rfc3339(wall_ns, text));
}

json_t *json_of_ms(int64_t ns)
{
	int64_t us = (ns + (ns < 0 ? -500 : 500)) / 1000;

	return json_real((double)us / 1000.0);
}

/* jansson leaves DEL as it is; it stands in strings only, so its escape is always right. */
static int write_piece(const char *bytes, size_t len, void *data)
{
	struct str *out = data;
	const char *del;

	while (len && (del = memchr(bytes, 0x7f, len))) {
		size_t before = (size_t)(del - bytes);

		str_append(out, bytes, before);
		str_puts(out, "\\u007f");
		bytes += before + 1;
		len -= before + 1;
	}
	return str_append(out, bytes, len) ? -1 : 0;
}

int json_write(struct str *out, const json_t *document, bool indented)
{
	/* Numbers that are no integers are rounded (json_of_ms): as many digits as give
	 * them back, 0.09, not 0.089999999999999997. */
	size_t flags = JSON_ENCODE_ANY | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15);

	flags |= indented ? JSON_INDENT(2) : JSON_COMPACT;
	if (json_dump_callback(document, write_piece, out, flags)) {
		out->failed = true;
		return -ENOMEM;
	}
	return str_putc(out, '\n');
}

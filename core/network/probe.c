/* The words of a finished connection attempt -> its outcome. Connects to nothing. */
#include "core/network/probe.h"

#include <errno.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/network/fields.h"

static const struct {
	const char *word;
	enum probe_outcome outcome;
} outcomes[] = {
	{"connected", PROBE_CONNECTED},
	{"refused", PROBE_REFUSED},
	{"timed-out", PROBE_TIMED_OUT},
	{"error", PROBE_FAILED},
};

static bool take_result(struct probe_result *r, struct text value)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++) {
		if (text_equals_str(value, outcomes[i].word)) {
			r->outcome = outcomes[i].outcome;
			return true;
		}
	}
	return false;
}

static void take_source(struct probe_result *r, struct text value)
{
	char address[ADDR_TEXT_MAX];

	if (value.len >= sizeof(address) || memchr(value.bytes, '\0', value.len))
		return;
	memcpy(address, value.bytes, value.len);
	address[value.len] = '\0';
	(void)addr_parse(&r->source, address); /* else it stays none */
}

/* Words that are not known are passed over. */
static bool take_word(struct probe_result *r, struct text word)
{
	struct text value;
	uint64_t n;

	if (fields_value(word, "result=", &value))
		return take_result(r, value);
	if (fields_value(word, "errno=", &value) && fields_number(value, 10, &n) &&
	    n <= INT16_MAX)
		r->error = (int)n;
	if (fields_value(word, "took_ns=", &value) && fields_number(value, 10, &n) &&
	    n <= INT64_MAX)
		r->took_ns = (int64_t)n;
	if (fields_value(word, "sport=", &value) && fields_number(value, 10, &n) &&
	    n <= UINT16_MAX)
		r->source_port = (uint16_t)n;
	if (fields_value(word, "from=", &value) && value.len)
		take_source(r, value);
	return false;
}

static bool find_item(const void *bytes, size_t len, struct text *out)
{
	struct bundle_reader reader;
	struct bundle_item item;

	bundle_read(&reader, bytes, len);
	while (bundle_next(&reader, &item) == 1) {
		if (text_equals_str(item.name, "probe")) {
			*out = item.data;
			return true;
		}
	}
	return false;
}

struct probe_result *probe_decode(const void *bytes, size_t len)
{
	struct probe_result *r = table_new(sizeof(*r), NULL);
	struct text words = TEXT_NONE, word;
	bool has_result = false;

	if (!r || !find_item(bytes, len, &words)) {
		table_unref(r);
		return NULL;
	}
	while (piece_word(&words, &word))
		has_result |= take_word(r, word);
	if (has_result)
		return r;
	table_unref(r);
	return NULL;
}

/* The words of first bytes, sayings and TLS alerts. Decides none. */
#include "core/wire/stream.h"

#include <stddef.h>

static const struct {
	const char *word, *words;
} first[N_FIRST_BYTES] = {
#define X(name, word, words) [BYTES_##name] = {word, words},
	FIRST_BYTES(X)
#undef X
};

static const char *const sayings[N_SAYINGS] = {
#define X(name, word) [SAYS_##name] = word,
	SAYINGS(X)
#undef X
};

/* RFC 8446, 6; RFC 5246, 7.2 */
static const struct {
	uint8_t code;
	const char *words;
} alerts[] = {
	{0, "close notify"},
	{10, "unexpected message"},
	{20, "bad record MAC"},
	{22, "record overflow"},
	{40, "handshake failure"},
	{42, "bad certificate"},
	{43, "unsupported certificate"},
	{44, "certificate revoked"},
	{45, "certificate expired"},
	{46, "certificate unknown"},
	{47, "illegal parameter"},
	{48, "unknown CA"},
	{49, "access denied"},
	{50, "decode error"},
	{51, "decrypt error"},
	{70, "protocol version"},
	{71, "insufficient security"},
	{80, "internal error"},
	{86, "inappropriate fallback"},
	{90, "user canceled"},
	{100, "no renegotiation"},
	{109, "missing extension"},
	{110, "unsupported extension"},
	{112, "unrecognized name"},
	{113, "bad certificate status response"},
	{115, "unknown PSK identity"},
	{116, "certificate required"},
	{120, "no application protocol"},
};

const char *first_bytes_word(enum first_bytes b)
{
	return (unsigned)b < N_FIRST_BYTES ? first[b].word : first[BYTES_OTHER].word;
}

const char *first_bytes_words(enum first_bytes b)
{
	return (unsigned)b < N_FIRST_BYTES ? first[b].words : first[BYTES_OTHER].words;
}

const char *saying_word(enum saying s)
{
	return (unsigned)s < N_SAYINGS ? sayings[s] : sayings[SAYS_NOTHING];
}

const char *tls_alert_words(uint8_t code)
{
	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (alerts[i].code == code)
			return alerts[i].words;
	return NULL;
}

const char *tls_version_words(uint16_t version)
{
	static const char *const words[] = {"SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2",
					    "TLS 1.3"};

	if (!version)
		return "";
	if (version < 0x0300 || version > 0x0304)
		return "an unknown version";
	return words[version - 0x0300];
}

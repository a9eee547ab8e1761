/* Lines -> addresses. What is none is passed over. */
#include "core/nat/virtual_addresses.h"

#include <string.h>

static bool is_line(struct text line, const struct addr *wanted)
{
	const char *slash = line.len ? memchr(line.bytes, '/', line.len) : NULL;
	size_t len = slash ? (size_t)(slash - line.bytes) : line.len;
	char word[ADDR_TEXT_MAX];
	struct addr a;

	if (!len || len >= sizeof(word) || memchr(line.bytes, 0, len))
		return false;
	memcpy(word, line.bytes, len);
	word[len] = '\0';
	return !addr_parse(&a, word) && addr_equals(&a, wanted);
}

bool virtual_addresses_have(struct text lines, const struct addr *a)
{
	while (lines.len) {
		const char *end = memchr(lines.bytes, '\n', lines.len);
		size_t len = end ? (size_t)(end - lines.bytes) : lines.len;

		if (is_line((struct text){lines.bytes, len}, a))
			return true;
		len += end != NULL;
		lines.bytes += len;
		lines.len -= len;
	}
	return false;
}

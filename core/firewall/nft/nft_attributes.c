/* Attributes taken apart so that nothing is read that is not there. Walked here and not by
 * libnl's functions: of a ruleset there are millions. */
#include "core/firewall/nft/nft_attributes.h"

#include <errno.h>
#include <string.h>

#include "core/base/cursor.h"

/* NLA_TYPE_MASK and NLA_ALIGNTO, without their signs. */
enum { TYPE_BITS = 0x3fff, ALIGN = 4 };

struct nft_attributes nft_attributes_of(const void *bytes, int len)
{
	struct nft_attributes found = {0};
	const char *at = bytes;
	size_t left = at && len > 0 ? (size_t)len : 0;
	struct nlattr head;

	while (left >= sizeof(head)) {
		unsigned type;
		size_t whole;

		memcpy(&head, at, sizeof(head));
		if (head.nla_len < sizeof(head) || head.nla_len > left)
			break;
		type = head.nla_type & TYPE_BITS;
		if (type < NFT_ATTRIBUTES) {
			found.at[type] = (const struct nlattr *)at;
			found.types |= 1U << type;
		} else {
			found.has_beyond = true;
		}
		whole = (head.nla_len + ALIGN - 1U) & ~(size_t)(ALIGN - 1);
		left -= whole < left ? whole : left;
		at += whole;
	}
	found.is_damaged = left > 0;
	return found;
}

struct nft_attributes nft_nested(const struct nlattr *a)
{
	if (!a)
		return (struct nft_attributes){0};
	return nft_attributes_of(nla_data(a), nla_len(a));
}

bool nft_is_integer(const struct nlattr *a)
{
	return a &&
	       (nla_len(a) == 1 || nla_len(a) == 2 || nla_len(a) == 4 || nla_len(a) == 8);
}

uint64_t nft_integer(const struct nlattr *a)
{
	struct cursor c;
	uint64_t value = 0;

	if (!nft_is_integer(a))
		return 0;
	c = cursor_of(nla_data(a), (size_t)nla_len(a));
	while (cursor_left(&c))
		value = value << 8 | cursor_u8(&c);
	return value;
}

uint32_t nft_u32(const struct nlattr *a)
{
	return (uint32_t)nft_integer(a);
}

struct text nft_bytes(const struct nlattr *a)
{
	if (!a || !nla_len(a))
		return TEXT_NONE;
	return (struct text){nla_data(a), (size_t)nla_len(a)};
}

struct text nft_name(const struct nlattr *a)
{
	struct text t = nft_bytes(a);

	if (t.bytes)
		t.len = strnlen(t.bytes, t.len);
	return t;
}

int nft_keep(struct arena *arena, struct text t, struct text *out)
{
	*out = arena_text(arena, t);
	return out->len == t.len ? 0 : -ENOMEM;
}

struct text nft_comment(const struct nlattr *userdata)
{
	struct text raw = nft_bytes(userdata);
	struct cursor c = cursor_of(raw.bytes, raw.len);

	while (cursor_left(&c)) {
		uint8_t type = cursor_u8(&c);
		size_t len = cursor_u8(&c);
		const uint8_t *bytes = cursor_bytes(&c, len);

		if (!bytes || c.short_read)
			break;
		if (type == 0)
			return (struct text){(const char *)bytes,
					     strnlen((const char *)bytes, len)};
	}
	return TEXT_NONE;
}

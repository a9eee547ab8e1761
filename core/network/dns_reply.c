/* The bytes of a name server's answer -> addresses. Names in it are passed over. */
#include "core/network/dns_reply.h"

#include <errno.h>

#include "core/base/cursor.h"

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, CLASS_IN = 1, LABELS_MAX = 128 };
enum { FLAG_ANSWER = 0x8000, FLAG_CUT = 0x0200, CODE_MASK = 0x000f };

const char *dns_code_word(uint8_t code)
{
	static const char *const words[] = {"NOERROR",  "FORMERR", "SERVFAIL",
					    "NXDOMAIN", "NOTIMP",  "REFUSED"};

	return code < sizeof(words) / sizeof(words[0]) ? words[code] : "another error";
}

/* Labels, or the start of them and a pointer: that is not followed. */
static void skip_name(struct cursor *c)
{
	for (int i = 0; i < LABELS_MAX && !c->short_read; i++) {
		uint8_t len = cursor_u8(c);

		if ((len & 0xc0) == 0xc0) {
			cursor_u8(c);
			return;
		}
		if (!len)
			return;
		cursor_bytes(c, len);
	}
}

static void take_record(struct dns_reply *r, struct cursor *c)
{
	uint16_t type, class, size;
	const uint8_t *data;

	skip_name(c);
	type = cursor_be16(c);
	class = cursor_be16(c);
	cursor_be32(c); /* time to live */
	size = cursor_be16(c);
	data = cursor_bytes(c, size);
	if (!data || class != CLASS_IN)
		return;
	r->has_alias |= type == TYPE_CNAME;
	if (r->n == DNS_ADDRESSES_MAX)
		return;
	if (type == TYPE_A && size == 4)
		r->addresses[r->n++] = addr_v4(data);
	else if (type == TYPE_AAAA && size == 16)
		r->addresses[r->n++] = addr_v6(data);
}

int dns_reply_decode(struct dns_reply *out, const void *bytes, size_t len)
{
	struct cursor c = cursor_of(bytes, len);
	struct dns_reply r = {0};
	uint16_t flags, n_questions, n_answers;

	cursor_be16(&c); /* id */
	flags = cursor_be16(&c);
	n_questions = cursor_be16(&c);
	n_answers = cursor_be16(&c);
	cursor_be32(&c); /* further sections */
	r.code = flags & CODE_MASK;
	r.is_cut = (flags & FLAG_CUT) != 0;
	for (unsigned i = 0; i < n_questions && !c.short_read; i++) {
		skip_name(&c);
		cursor_be32(&c);
	}
	for (unsigned i = 0; i < n_answers && !c.short_read; i++)
		take_record(&r, &c);
	/* One that says that it is cut may end anywhere. */
	if (!(flags & FLAG_ANSWER) || (c.short_read && !r.is_cut))
		return -EBADMSG;
	*out = r;
	return 0;
}

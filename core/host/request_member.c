/* The bytes of a question about a set, as request_bytes.c tells them. Checks no range. */
#include "core/host/request_bytes.h"

#include <string.h>

enum { HAS_PROTO = 1, HAS_PORT = 2, HAS_MARK = 4, IS_NET = 8, KEY_FLAGS = 15 };

static void put_ipset_key(struct writer *w, const struct ipset_key *k)
{
	writer_addr(w, &k->address);
	writer_addr(w, &k->address2);
	writer_number(w,
		      (k->has_proto ? HAS_PROTO : 0U) | (k->has_port ? HAS_PORT : 0U) |
			      (k->has_mark ? HAS_MARK : 0U) | (k->is_net ? IS_NET : 0U),
		      1);
	writer_number(w, k->proto, 1);
	writer_number(w, k->port, 2);
	writer_number(w, k->mark, 4);
	writer_field(w, k->device, sizeof(k->device));
}

void writer_member(struct writer *w, const struct member_ask *m)
{
	writer_number(w, m->backend, 1);
	writer_number(w, m->family, 1);
	writer_field(w, m->table, sizeof(m->table));
	writer_field(w, m->set, sizeof(m->set));
	writer_number(w, m->key_len, 1);
	writer_bytes(w, m->key, m->key_len);
	put_ipset_key(w, &m->ipset);
}

static bool get_ipset_key(struct cursor *c, struct ipset_key *out)
{
	uint8_t flags;

	reader_addr(c, &out->address);
	reader_addr(c, &out->address2);
	flags = cursor_u8(c);
	out->has_proto = flags & HAS_PROTO;
	out->has_port = flags & HAS_PORT;
	out->has_mark = flags & HAS_MARK;
	out->is_net = flags & IS_NET;
	out->proto = cursor_u8(c);
	out->port = cursor_le16(c);
	out->mark = cursor_le32(c);
	return !(flags & ~KEY_FLAGS) && reader_field(c, out->device, sizeof(out->device));
}

bool reader_member(struct cursor *c, struct member_ask *out)
{
	const uint8_t *key;

	out->backend = cursor_u8(c);
	out->family = cursor_u8(c);
	if (!reader_field(c, out->table, sizeof(out->table)) ||
	    !reader_field(c, out->set, sizeof(out->set)))
		return false;
	out->key_len = cursor_u8(c);
	if (out->key_len > sizeof(out->key))
		return false;
	key = cursor_bytes(c, out->key_len);
	if (!key)
		return false;
	memcpy(out->key, key, out->key_len);
	return get_ipset_key(c, &out->ipset);
}

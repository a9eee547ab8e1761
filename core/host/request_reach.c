/* The bytes of what makes this host send packets: names, one probe, tries of a port. */
#include <string.h>

#include "core/host/request_bytes.h"

void writer_probe(struct writer *w, const struct request *request)
{
	const struct probe_ask *p = &request->probe;

	writer_number(w, p->proto, 1);
	writer_addr(w, &p->address);
	writer_number(w, p->port, 2);
	writer_number(w, p->timeout_ms, 4);
}

void writer_host_name(struct writer *w, const char *name)
{
	size_t len = strlen(name);

	writer_number(w, len, 1);
	writer_bytes(w, name, len);
}

void writer_names(struct writer *w, const struct request *request)
{
	writer_host_name(w, request->names.name);
}

void writer_reach(struct writer *w, const struct request *request)
{
	const struct reach_ask *r = &request->reach;

	writer_number(w, r->proto, 1);
	writer_number(w, r->port, 2);
	writer_number(w, r->talk, 1);
	writer_number(w, r->sweeps, 1);
	writer_number(w, r->timeout_ms, 4);
	writer_host_name(w, r->name);
	writer_number(w, r->n, 1);
	for (size_t i = 0; i < r->n; i++)
		writer_addr(w, &r->addresses[i]);
}

/* A zero among the bytes would be a shorter name: it is no name. */
bool reader_host_name(struct cursor *c, char *out, size_t room)
{
	size_t len = cursor_u8(c);
	const uint8_t *bytes = cursor_bytes(c, len);

	if (!bytes || len >= room || memchr(bytes, 0, len))
		return false;
	memcpy(out, bytes, len);
	return true;
}

void reader_probe(struct cursor *c, struct probe_ask *out)
{
	out->proto = cursor_u8(c);
	reader_addr(c, &out->address);
	out->port = cursor_le16(c);
	out->timeout_ms = cursor_le32(c);
}

bool reader_names(struct cursor *c, struct name_ask *out)
{
	return reader_host_name(c, out->name, sizeof(out->name));
}

bool reader_reach(struct cursor *c, struct reach_ask *out)
{
	uint8_t sweeps;

	out->proto = cursor_u8(c);
	out->port = cursor_le16(c);
	out->talk = cursor_u8(c);
	sweeps = cursor_u8(c);
	out->sweeps = sweeps != 0;
	out->timeout_ms = cursor_le32(c);
	if (sweeps > 1 || !reader_host_name(c, out->name, sizeof(out->name)))
		return false;
	out->n = cursor_u8(c);
	if (out->n > REACH_MAX)
		return false;
	for (size_t i = 0; i < out->n; i++)
		reader_addr(c, &out->addresses[i]);
	return true;
}

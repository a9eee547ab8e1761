/* The pieces of which requests' messages are made, little endian. For request_*.c only. */
#ifndef CORE_HOST_REQUEST_BYTES_H
#define CORE_HOST_REQUEST_BYTES_H

#include "core/base/cursor.h"
#include "core/host/request.h"

/* Where it is written. Past the end nothing is, but it is counted. */
struct writer {
	uint8_t *bytes;
	size_t len, room;
};

void writer_bytes(struct writer *w, const void *bytes, size_t n);
/* n bytes of value. */
void writer_number(struct writer *w, uint64_t value, size_t n);
/* A string in a field that is filled up with zeros. */
void writer_field(struct writer *w, const char *text, size_t size);
void writer_addr(struct writer *w, const struct addr *a);
/* False: too short, or the bytes behind the string's end are not zero. */
bool reader_field(struct cursor *c, char *out, size_t size);
void reader_addr(struct cursor *c, struct addr *out);

/* request_member.c; false: no such question. */
void writer_member(struct writer *w, const struct member_ask *m);
bool reader_member(struct cursor *c, struct member_ask *out);

/* request_reach.c; false: no such question. */
/* u8 length and so many bytes, none of them zero. */
bool reader_host_name(struct cursor *c, char *out, size_t room);
void writer_host_name(struct writer *w, const char *name);
void writer_probe(struct writer *w, const struct request *request);
void writer_names(struct writer *w, const struct request *request);
void writer_reach(struct writer *w, const struct request *request);
void reader_probe(struct cursor *c, struct probe_ask *out);
bool reader_names(struct cursor *c, struct name_ask *out);
bool reader_reach(struct cursor *c, struct reach_ask *out);
/* request_remote.c: host, u16 port, u32 patience (ms), u8 n, n clients. */
void writer_remote(struct writer *w, const struct request *request);
bool reader_remote(struct cursor *c, struct remote_ask *out);

#endif

/* All decoders of answers in one shape, so that the refresh need not know any of them. */
#ifndef CORE_SNAPSHOT_DECODERS_H
#define CORE_SNAPSHOT_DECODERS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a decoder is made for. All is borrowed. */
struct wanted {
	const uint8_t *ports;  /* 65536 bits: the local ports of connections; may be NULL */
	bool with_connections; /* of the text tables */
};

struct decoder {
	/* A decoder for one answer; NULL: no memory. */
	void *(*open)(const struct wanted *w);
	void (*close)(void *d);
	/*
	 * One part. 0; -EBADMSG; -ENOMEM; another negative errno: what could be read is
	 * kept, but it is not all.
	 */
	int (*decode)(void *d, const void *bytes, size_t len);
	/* The table (see table.h) out of as many decoders as the source has requests. */
	void *(*finish)(void *const *d);
	bool (*is_same)(const void *a, const void *b);
	size_t (*count)(const void *table);
};

/* An error out of an answer, as decode() returns it: never one that is our own. */
static inline int decoder_lack(int error)
{
	return error == ENOMEM || error == EBADMSG ? -EIO : -error;
}

extern const struct decoder decoder_host, decoder_space_list, decoder_owners,
	decoder_cgroups, decoder_socket_units;
/* Of two answers, IPv4 and IPv6. */
extern const struct decoder decoder_udp, decoder_mptcp;
extern const struct decoder decoder_tcp, decoder_connections, decoder_text_sockets,
	decoder_net, decoder_links, decoder_addresses, decoder_local_routes;

#endif

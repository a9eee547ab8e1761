/* Three tables out of the four text files of /proc/net. Parses no line itself. */
#include "core/snapshot/text_sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/snapshot/decoders.h"
#include "core/snapshot/tables.h"
#include "core/sockets/procnet.h"

#define PORTS_SIZE 8192

struct text_sockets_decoder {
	struct vec tcp, udp; /* struct socket_row */
	/* NULL: not wanted. Of every port: which are listened on is known at the end. */
	struct connection_counter *connections;
};

struct text_sockets_decoder *text_sockets_new(bool with_connections)
{
	struct text_sockets_decoder *d = calloc(1, sizeof(*d));
	uint8_t all[PORTS_SIZE];

	if (!d)
		return NULL;
	d->tcp = VEC_OF(struct socket_row);
	d->udp = VEC_OF(struct socket_row);
	if (!with_connections)
		return d;
	memset(all, 0xff, sizeof(all));
	d->connections = connections_new(all);
	if (!d->connections) {
		text_sockets_free(d);
		return NULL;
	}
	return d;
}

void text_sockets_free(struct text_sockets_decoder *d)
{
	if (!d)
		return;
	vec_release(&d->tcp);
	vec_release(&d->udp);
	connections_free(d->connections);
	free(d);
}

static int take_item(void *decoder, const struct bundle_item *item)
{
	struct text_sockets_decoder *d = decoder;
	bool is_tcp = piece_starts(item->name, "net/tcp");
	int r = procnet_decode(is_tcp ? &d->tcp : &d->udp, item);

	if (!r && is_tcp && d->connections)
		r = connections_decode_text(d->connections, item);
	if (r)
		return r;
	return item->error == ENOENT ? 0 : decoder_lack(item->error);
}

int text_sockets_decode(struct text_sockets_decoder *d, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take_item, d);
}

static void release(struct table *t)
{
	struct text_sockets *s = (struct text_sockets *)t;

	table_unref(s->tcp);
	table_unref(s->udp);
	table_unref(s->connections);
}

struct text_sockets *text_sockets_finish(struct text_sockets_decoder *d)
{
	struct text_sockets *s = table_new(sizeof(*s), release);

	if (!s)
		return NULL;
	s->tcp = procnet_finish(&d->tcp);
	s->udp = procnet_finish(&d->udp);
	if (d->connections)
		s->connections = connections_finish(d->connections);
	if (!s->tcp || !s->udp || (d->connections && !s->connections)) {
		table_unref(s);
		return NULL;
	}
	return s;
}

bool text_sockets_are_same(const struct text_sockets *a, const struct text_sockets *b)
{
	if (!tables_same_sockets(a->tcp, b->tcp) || !tables_same_sockets(a->udp, b->udp))
		return false;
	if (!a->connections || !b->connections)
		return a->connections == b->connections;
	return tables_same_connections(a->connections, b->connections);
}

/* A walk over a copy of the namespace that has one listener more. Changes no other socket.
 */
#include "core/path/served.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "core/path/walking.h"

static struct socket_row listener_for(const struct path_ask *ask)
{
	struct socket_row row = {.proto = ask->proto == IPPROTO_UDP ? PROTO_UDP : PROTO_TCP,
				 .family = ask->server.family,
				 .port = ask->server_port,
				 .v6only = TRI_NO,
				 .transparent = TRI_NO,
				 .queue_length = QUEUE_UNKNOWN,
				 .queue_limit = QUEUE_UNKNOWN,
				 .drops = QUEUE_UNKNOWN};

	row.local.family = ask->server.family;
	return row;
}

int path_walk_served(const struct path_world *w, const struct path_ask *ask,
		     struct path *out)
{
	struct socket_table *const *from =
		ask->proto == IPPROTO_UDP ? &w->space->udp : &w->space->tcp;
	struct space space = *w->space;
	struct path_world world = *w;
	struct socket_table table;
	int error;

	if (!*from)
		return -ENOENT;
	table = **from;
	table.rows = calloc(table.n + 1, sizeof(*table.rows));
	if (!table.rows)
		return -ENOMEM;
	if (table.n)
		memcpy(table.rows, (*from)->rows, table.n * sizeof(*table.rows));
	table.rows[table.n++] = listener_for(ask);
	*(ask->proto == IPPROTO_UDP ? &space.udp : &space.tcp) = &table;
	world.space = &space;
	error = walk_all(&world, ask, out);
	/* Rows of the copy do not outlive it. */
	out->socket = NULL;
	out->endpoint = NULL;
	free(table.rows);
	return error;
}

/* The table of sources. What an answer means is in the rooms of its rows. */
#include "core/snapshot/sources.h"

#include <errno.h>
#include <netinet/in.h>

#include "core/base/time.h"
#include "core/host/request.h"
#include "core/sockets/connections.h"
#include "core/sockets/diag.h"

struct request source_request(const struct source *s, unsigned i,
			      const struct netns_ref *netns, const uint32_t *inodes,
			      size_t n)
{
	struct request request = s->request;

	request.netns = *netns;
	if (s->n_requests == 2)
		request.sock_diag.family = i ? AF_INET6 : AF_INET;
	if (request.kind == REQUEST_OWNERS) {
		request.owners.inodes = inodes;
		request.owners.n_inodes = n;
	}
	return request;
}

#define FILES(what) \
	.request = {.kind = REQUEST_FILES, .files = {FILES_##what}}, .n_requests = 1
#define RTNETLINK(what) \
	.request = {.kind = REQUEST_RTNETLINK, .rtnetlink = {RTNL_##what}}, .n_requests = 1
#define SOCK_DIAG(proto, which_states, ext)               \
	.request = {.kind = REQUEST_SOCK_DIAG,            \
		    .sock_diag = {.protocol = (proto),    \
				  .states = which_states, \
				  .extensions = (ext)}}

/* TCP of both families comes in one walk over the kernel's table. */
const struct source sources[N_SOURCES] = {
	[FROM_HOST] = {.name = "files.host",
		       FILES(HOST),
		       .every_ns = 60 * NS_PER_S,
		       .share = 100,
		       .decoder = &decoder_host},
	[FROM_NAMESPACES] = {.name = "namespaces",
			     .request = {.kind = REQUEST_NAMESPACES},
			     .n_requests = 1,
			     .every_ns = 5 * NS_PER_S,
			     .share = 100,
			     .decoder = &decoder_space_list},
	[FROM_OWNERS] = {.name = "owners",
			 .request = {.kind = REQUEST_OWNERS},
			 .n_requests = 1,
			 .n_intervals = 2,
			 .share = 50,
			 .calm_ns = 5 * NS_PER_S,
			 .hasty_share = 5,
			 .decoder = &decoder_owners},
	[FROM_CGROUPS] = {.name = "cgroups",
			  .request = {.kind = REQUEST_CGROUPS},
			  .n_requests = 1,
			  .every_ns = 10 * NS_PER_S,
			  .share = 100,
			  .decoder = &decoder_cgroups},
	[FROM_SOCKET_UNITS] = {.name = "socket_units",
			       .request = {.kind = REQUEST_SOCKET_UNITS},
			       .n_requests = 1,
			       .every_ns = 60 * NS_PER_S,
			       .share = 100,
			       .decoder = &decoder_socket_units},
	[FROM_TCP] = {.name = "tcp",
		      SOCK_DIAG(IPPROTO_TCP, DIAG_TCP_LISTEN_STATES, DIAG_EXTENSIONS),
		      .n_requests = 1,
		      .n_intervals = 1,
		      .share = 100,
		      .decoder = &decoder_tcp},
	[FROM_UDP] = {.name = "udp",
		      SOCK_DIAG(IPPROTO_UDP, DIAG_UDP_STATES, DIAG_EXTENSIONS),
		      .n_requests = 2,
		      .n_intervals = 1,
		      .share = 100,
		      .decoder = &decoder_udp},
	[FROM_MPTCP] = {.name = "mptcp",
			SOCK_DIAG(IPPROTO_MPTCP, DIAG_TCP_LISTEN_STATES, DIAG_EXTENSIONS),
			.n_requests = 2,
			.n_intervals = 1,
			.share = 100,
			.none_error = ENOENT,
			.decoder = &decoder_mptcp},
	[FROM_PROC_NET] = {.name = "proc.net",
			   FILES(PROC_NET_SOCKETS),
			   .n_intervals = 1,
			   .share = 100,
			   .decoder = &decoder_text_sockets},
	[FROM_CONNECTIONS] = {.name = "connections",
			      SOCK_DIAG(IPPROTO_TCP, CONNECTION_STATES, 0),
			      .n_requests = 1,
			      .n_intervals = 2,
			      .share = 100,
			      .calm_ns = 10 * NS_PER_S,
			      .hasty_share = 20,
			      .decoder = &decoder_connections},
	[FROM_NET] = {.name = "files.net",
		      FILES(NET),
		      .n_intervals = 2,
		      .share = 100,
		      .hasty_share = 20,
		      .decoder = &decoder_net},
	[FROM_LINKS] = {.name = "links",
			RTNETLINK(LINKS),
			.every_ns = 10 * NS_PER_S,
			.share = 100,
			.decoder = &decoder_links},
	[FROM_ADDRESSES] = {.name = "addresses",
			    RTNETLINK(ADDRESSES),
			    .every_ns = 10 * NS_PER_S,
			    .share = 100,
			    .decoder = &decoder_addresses},
	[FROM_LOCAL_ROUTES] = {.name = "local_routes",
			       RTNETLINK(LOCAL_ROUTES),
			       .every_ns = 10 * NS_PER_S,
			       .share = 100,
			       .decoder = &decoder_local_routes},
};

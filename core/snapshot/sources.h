/*
 * The table of sources {name, request, decode}: how each is asked, what its answer becomes
 * and how often. When it is asked is in refresh_plan.c.
 */
#ifndef CORE_SNAPSHOT_SOURCES_H
#define CORE_SNAPSHOT_SOURCES_H

#include "core/snapshot/decoders.h"
#include "core/snapshot/refresh.h"

/* Those of the host first; the others once in every namespace. */
enum source_id {
	FROM_HOST,
	FROM_NAMESPACES,
	FROM_OWNERS,
	FROM_CGROUPS,
	FROM_SOCKET_UNITS,
	N_HOST_SOURCES,
	FROM_TCP = N_HOST_SOURCES,
	FROM_UDP,
	FROM_MPTCP,
	FROM_PROC_NET,
	FROM_CONNECTIONS,
	FROM_NET,
	FROM_LINKS,
	FROM_ADDRESSES,
	FROM_LOCAL_ROUTES,
	N_SOURCES,
};

enum { N_SPACE_SOURCES = N_SOURCES - N_HOST_SOURCES, SOURCE_REQUESTS_MAX = 2 };

/* Two are calm, one of them on two processors: together under 1 %. */
#define CALM_SHARE 400

struct source {
	const char *name;       /* as in struct source_note */
	struct request request; /* but for namespace, inodes and one of two families */
	unsigned n_requests;    /* 2: IPv4, then IPv6 */
	/* Between two looks: so many intervals, or a time. */
	unsigned n_intervals;
	int64_t every_ns;
	int64_t share;       /* its own time stays under 1/share of all time */
	int64_t calm_ns;     /* for a rest up to this, under 1/CALM_SHARE; 0: no such */
	int64_t hasty_share; /* the same when more is wanted of it than was asked for */
	int none_error;      /* an error that says that this kernel has none; 0: no such */
	const struct decoder *decoder;
};

extern const struct source sources[N_SOURCES];

/* Request i < n_requests of a source in a namespace. The n inodes are borrowed. */
struct request source_request(const struct source *s, unsigned i,
			      const struct netns_ref *netns, const uint32_t *inodes,
			      size_t n);

#endif

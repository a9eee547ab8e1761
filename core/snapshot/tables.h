/*
 * Whether two tables of one source say the same. The tables are of the kind in the name.
 * Pure.
 */
#ifndef CORE_SNAPSHOT_TABLES_H
#define CORE_SNAPSHOT_TABLES_H

#include <stdbool.h>

#include "core/network/addresses.h"
#include "core/network/links.h"
#include "core/snapshot/facts.h"
#include "core/sockets/cgroups.h"
#include "core/sockets/connections.h"
#include "core/sockets/owners.h"
#include "core/sockets/socket.h"
#include "core/sockets/units.h"

bool tables_same_sockets(const struct socket_table *a, const struct socket_table *b);
bool tables_same_connections(const struct connection_table *a,
			     const struct connection_table *b);
bool tables_same_owners(const struct owner_table *a, const struct owner_table *b);
bool tables_same_cgroups(const struct cgroup_table *a, const struct cgroup_table *b);
bool tables_same_units(const struct socket_unit_table *a,
		       const struct socket_unit_table *b);
bool tables_same_links(const struct link_table *a, const struct link_table *b);
bool tables_same_addresses(const struct address_table *a, const struct address_table *b);
bool tables_same_local_routes(const struct local_route_table *a,
			      const struct local_route_table *b);
bool tables_same_host(const struct host_facts *a, const struct host_facts *b);
bool tables_same_net(const struct net_facts *a, const struct net_facts *b);

#endif

/*
 * Comparing tables row by row: what did not change needs no new snapshot. Decodes nothing.
 * Members are compared one by one, as the bytes between them mean nothing.
 */
#include "core/snapshot/tables.h"

#include <string.h>

static bool same_socket(const struct socket_row *a, const struct socket_row *b)
{
	return a->proto == b->proto && a->family == b->family &&
	       addr_equals(&a->local, &b->local) && a->port == b->port &&
	       a->ifindex == b->ifindex && a->inode == b->inode && a->uid == b->uid &&
	       a->cookie == b->cookie && a->cgroup_id == b->cgroup_id &&
	       a->v6only == b->v6only && a->transparent == b->transparent &&
	       a->queue_length == b->queue_length && a->queue_limit == b->queue_limit &&
	       a->send_queue == b->send_queue && a->drops == b->drops;
}

bool tables_same_sockets(const struct socket_table *a, const struct socket_table *b)
{
	bool same = a->n == b->n && a->from_text == b->from_text;

	for (size_t i = 0; same && i < a->n; i++)
		same = same_socket(&a->rows[i], &b->rows[i]);
	return same;
}

static bool same_group(const struct connection_group *a, const struct connection_group *b)
{
	return addr_equals(&a->local, &b->local) && a->port == b->port &&
	       a->ifindex == b->ifindex && !memcmp(a->counts, b->counts, sizeof(a->counts));
}

bool tables_same_connections(const struct connection_table *a,
			     const struct connection_table *b)
{
	bool same = a->n == b->n && a->total == b->total;

	for (size_t i = 0; same && i < a->n; i++)
		same = same_group(&a->rows[i], &b->rows[i]);
	return same;
}

static bool same_process(const struct process_row *a, const struct process_row *b)
{
	return a->pid == b->pid && a->start_ticks == b->start_ticks && a->uid == b->uid &&
	       text_equals(a->comm, b->comm) && text_equals(a->exe, b->exe) &&
	       a->exe_error == b->exe_error && a->exe_deleted == b->exe_deleted &&
	       a->state == b->state && text_equals(a->unit, b->unit) &&
	       text_equals(a->container, b->container) &&
	       a->is_user_unit == b->is_user_unit;
}

static bool same_link(const struct owner_link *a, const struct owner_link *b)
{
	return a->inode == b->inode && a->process == b->process && a->fd == b->fd &&
	       a->in_thread_only == b->in_thread_only;
}

bool tables_same_owners(const struct owner_table *a, const struct owner_table *b)
{
	bool same = a->n_processes == b->n_processes && a->n_links == b->n_links &&
		    a->n_partial == b->n_partial && a->n_seen == b->n_seen &&
		    a->n_unread == b->n_unread && a->unread_error == b->unread_error &&
		    a->unread_pid == b->unread_pid && a->is_whole == b->is_whole;

	for (size_t i = 0; same && i < a->n_processes; i++)
		same = same_process(&a->processes[i], &b->processes[i]);
	for (size_t i = 0; same && i < a->n_links; i++)
		same = same_link(&a->links[i], &b->links[i]);
	for (size_t i = 0; same && i < a->n_partial; i++)
		same = a->partial[i] == b->partial[i];
	return same;
}

bool tables_same_cgroups(const struct cgroup_table *a, const struct cgroup_table *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = a->rows[i].id == b->rows[i].id &&
		       text_equals(a->rows[i].path, b->rows[i].path);
	return same;
}

static bool same_unit(const struct socket_unit_row *a, const struct socket_unit_row *b)
{
	return text_equals(a->unit, b->unit) && text_equals(a->service, b->service) &&
	       a->proto == b->proto && addr_equals(&a->local, &b->local) &&
	       a->port == b->port;
}

bool tables_same_units(const struct socket_unit_table *a, const struct socket_unit_table *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = same_unit(&a->rows[i], &b->rows[i]);
	return same;
}

bool tables_same_links(const struct link_table *a, const struct link_table *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++) {
		const struct link_row *x = &a->rows[i], *y = &b->rows[i];

		same = x->ifindex == y->ifindex && x->flags == y->flags &&
		       x->master == y->master && x->peer == y->peer &&
		       x->has_vlan_filter == y->has_vlan_filter &&
		       text_equals(x->name, y->name) && text_equals(x->kind, y->kind);
	}
	return same;
}

bool tables_same_addresses(const struct address_table *a, const struct address_table *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++) {
		const struct address_row *x = &a->rows[i], *y = &b->rows[i];

		same = addr_equals(&x->local, &y->local) &&
		       x->prefix_len == y->prefix_len && x->scope == y->scope &&
		       x->flags == y->flags && x->ifindex == y->ifindex;
	}
	return same;
}

bool tables_same_local_routes(const struct local_route_table *a,
			      const struct local_route_table *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++) {
		const struct local_route_row *x = &a->rows[i], *y = &b->rows[i];

		same = addr_equals(&x->prefix, &y->prefix) &&
		       x->prefix_len == y->prefix_len && x->ifindex == y->ifindex;
	}
	return same;
}

bool tables_same_host(const struct host_facts *a, const struct host_facts *b)
{
	return text_equals(a->hostname, b->hostname) && text_equals(a->kernel, b->kernel) &&
	       text_equals(a->boot_id, b->boot_id) && text_equals(a->init, b->init) &&
	       text_equals(a->services_file, b->services_file) &&
	       text_equals(a->passwd_file, b->passwd_file) &&
	       a->services_error == b->services_error &&
	       a->passwd_error == b->passwd_error && a->boot_wall_ns == b->boot_wall_ns &&
	       a->clk_tck == b->clk_tck && a->uid == b->uid && a->caps == b->caps &&
	       a->n_tasks == b->n_tasks && a->hides_pids == b->hides_pids &&
	       a->has_no_proc == b->has_no_proc && a->is_inner_proc == b->is_inner_proc &&
	       a->has_cgroup2 == b->has_cgroup2 && a->tells_hooks == b->tells_hooks &&
	       a->netns == b->netns;
}

bool tables_same_net(const struct net_facts *a, const struct net_facts *b)
{
	return a->local_port_low == b->local_port_low &&
	       a->local_port_high == b->local_port_high &&
	       a->unprivileged_start == b->unprivileged_start &&
	       a->somaxconn == b->somaxconn && a->tcp_sockets == b->tcp_sockets &&
	       a->has_mptcp == b->has_mptcp && a->mptcp_sockets == b->mptcp_sockets &&
	       a->listen_overflows == b->listen_overflows &&
	       a->listen_drops == b->listen_drops &&
	       a->has_listen_counters == b->has_listen_counters;
}

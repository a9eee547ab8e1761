/*
 * This process's network namespace as core/path wants it, read with the program's own
 * questions and decoders: links, addresses, local routes, settings, and routes as they are
 * asked for. No listeners: who serves what is told by the test that made the sockets.
 */
#ifndef TESTS_NET_RULES_HOST_H
#define TESTS_NET_RULES_HOST_H

#include <linux/rtnetlink.h>
#include <stdio.h>

#include "core/host/kernel/netlink_query.h"
#include "core/path/path.h"
#include "tests/net/rules_reader.h"

enum { HOST_ROUNDS_MAX = 16 };

struct rules_host {
	struct snapshot *snapshot;
	struct space *space;
	struct setting_table settings;
	struct setting_row rows[2];
	struct responses responses;
	struct netlink_query routes;
	struct ruleset *rules;
};

static inline int host_put_address(struct nl_msg *m, int attribute, const struct addr *a)
{
	return a->family ? nla_put(m, attribute, a->family == AF_INET6 ? 16 : 4, a->bytes)
			 : 0;
}

static inline int host_put_u32(struct nl_msg *m, int attribute, uint32_t value)
{
	return value ? nla_put_u32(m, attribute, value) : 0;
}

static inline uint8_t host_bits(const struct addr *a)
{
	return a->family == AF_INET6 ? 128 : a->family ? 32 : 0;
}

static inline struct nl_msg *host_route_message(const struct route_ask *ask)
{
	struct nl_msg *m = nlmsg_alloc_simple(RTM_GETROUTE, 0);
	struct rtmsg head = {.rtm_family = ask->target.family,
			     .rtm_dst_len = host_bits(&ask->target),
			     .rtm_src_len = host_bits(&ask->source),
			     .rtm_flags = RTM_F_LOOKUP_TABLE};

	if (!m || nlmsg_append(m, &head, sizeof(head), NLMSG_ALIGNTO) ||
	    host_put_address(m, RTA_DST, &ask->target) ||
	    host_put_address(m, RTA_SRC, &ask->source) ||
	    host_put_u32(m, RTA_IIF, ask->in_ifindex) ||
	    host_put_u32(m, RTA_OIF, ask->out_ifindex) ||
	    host_put_u32(m, RTA_MARK, ask->mark)) {
		nlmsg_free(m);
		return NULL;
	}
	return m;
}

static inline int host_take_route(void *context, const struct nlmsghdr *h)
{
	return h->nlmsg_type == RTM_NEWROUTE ? routes_decode(context, h, h->nlmsg_len) : 0;
}

/* What cannot be answered is told as failed, as the program has it. */
static inline bool host_answer_member(struct response *r, const struct question *q)
{
	r->table = asker_ask(&q->member);
	r->state = r->table ? RESPONSE_WHOLE : RESPONSE_FAILED;
	r->error = r->table ? 0 : ENOENT;
	return true;
}

static inline bool host_answer(struct rules_host *host, const struct question *q)
{
	struct response *r = responses_add(&host->responses, q);
	struct route_decoder d;
	int error;

	if (r && q->kind == QUESTION_MEMBER)
		return host_answer_member(r, q);
	if (!r || q->kind != QUESTION_ROUTE)
		return false;
	routes_init(&d);
	error = netlink_query_run(&host->routes, host_route_message(&q->route),
				  host_take_route, &d);
	r->table = routes_finish(&d, -error);
	r->state = RESPONSE_WHOLE;
	return r->table != NULL;
}

static inline int host_take_link(void *context, const struct nlmsghdr *h)
{
	return links_decode(context, h, h->nlmsg_len);
}

static inline int host_take_address(void *context, const struct nlmsghdr *h)
{
	return addresses_decode(context, h, h->nlmsg_len);
}

static inline int host_take_local_route(void *context, const struct nlmsghdr *h)
{
	return local_routes_decode(context, h, h->nlmsg_len);
}

static inline int host_dump(struct rules_host *host, int type, size_t head_len,
			    int (*take)(void *, const struct nlmsghdr *), void *decoder)
{
	struct nl_msg *m = nlmsg_alloc_simple(type, NLM_F_DUMP);
	static const struct rtmsg head;

	if (m && nlmsg_append(m, (void *)(uintptr_t)&head, head_len, NLMSG_ALIGNTO)) {
		nlmsg_free(m);
		m = NULL;
	}
	return netlink_query_run(&host->routes, m, take, decoder);
}

static inline int host_read_tables(struct rules_host *host)
{
	struct link_decoder links;
	struct address_decoder addresses;
	struct local_route_decoder locals;
	int error;

	links_init(&links);
	addresses_init(&addresses);
	local_routes_init(&locals);
	error = host_dump(host, RTM_GETLINK, sizeof(struct rtmsg), host_take_link, &links);
	if (!error)
		error = host_dump(host, RTM_GETADDR, sizeof(struct rtmsg),
				  host_take_address, &addresses);
	if (!error)
		error = host_dump(host, RTM_GETROUTE, sizeof(struct rtmsg),
				  host_take_local_route, &locals);
	host->space->links = links_finish(&links);
	host->space->addresses = addresses_finish(&addresses);
	host->space->local_routes = local_routes_finish(&locals);
	links_release(&links);
	addresses_release(&addresses);
	local_routes_release(&locals);
	return error;
}

static inline struct text host_setting(const char *path, char room[8])
{
	FILE *f = fopen(path, "re");

	if (!f || !fgets(room, 8, f))
		room[0] = 0;
	if (f)
		fclose(f);
	room[strcspn(room, "\n")] = 0;
	return text_of(room);
}

static inline void host_read_settings(struct rules_host *host)
{
	static char v4[8], v6[8];

	host->rows[0] = (struct setting_row){
		.name = text_of("net/ipv4/ip_forward"),
		.value = host_setting("/proc/sys/net/ipv4/ip_forward", v4)};
	host->rows[1] = (struct setting_row){
		.name = text_of("net/ipv6/conf/all/forwarding"),
		.value = host_setting("/proc/sys/net/ipv6/conf/all/forwarding", v6)};
	host->settings.rows = host->rows;
	host->settings.n = 2;
}

/* 0 or -errno. */
static inline int host_read(struct rules_host *host)
{
	int error;

	*host = (struct rules_host){.snapshot = snapshot_new()};
	responses_init(&host->responses);
	if (!host->snapshot)
		return -ENOMEM;
	host->space =
		arena_alloc(&host->snapshot->head.arena, sizeof(*host->snapshot->spaces));
	if (!host->space)
		return -ENOMEM;
	*host->space = (struct space){.is_own = true};
	host->snapshot->spaces = host->space;
	host->snapshot->n_spaces = 1;
	host->rules = rules_read(NULL, &error);
	if (!host->rules)
		return error;
	host_read_settings(host);
	error = netlink_query_open(&host->routes, NETLINK_ROUTE);
	return error ? error : host_read_tables(host);
}

static inline void host_release(struct rules_host *host)
{
	netlink_query_close(&host->routes);
	responses_release(&host->responses);
	table_unref(host->rules);
	table_unref(host->snapshot);
}

static inline struct path_world host_world(const struct rules_host *host)
{
	return (struct path_world){.snapshot = host->snapshot,
				   .space = host->space,
				   .rules = host->rules,
				   .settings = &host->settings,
				   .responses = &host->responses};
}

#endif

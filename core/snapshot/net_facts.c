/* The items of FILES_NET -> facts of one network namespace. */
#include "core/snapshot/net_facts.h"

#include "core/base/pieces.h"
#include "core/snapshot/words.h"

#define UNPRIVILEGED_USUAL 1024

struct net_facts *net_facts_new(void)
{
	struct net_facts *net = table_new(sizeof(*net), NULL);

	if (!net)
		return NULL;
	net->unprivileged_start = UNPRIVILEGED_USUAL;
	net->has_mptcp = TRI_UNSURE;
	return net;
}

static void take_port_range(struct net_facts *net, const struct bundle_item *item)
{
	struct text rest = item->data, low, high;
	uint64_t from, to;

	if (piece_word(&rest, &low) && piece_word(&rest, &high) &&
	    words_number(low, UINT16_MAX, &from) && words_number(high, UINT16_MAX, &to)) {
		net->local_port_low = (uint16_t)from;
		net->local_port_high = (uint16_t)to;
	}
}

static void take_unprivileged(struct net_facts *net, const struct bundle_item *item)
{
	uint64_t start;

	if (words_number(item->data, UINT16_MAX, &start))
		net->unprivileged_start = (uint16_t)start;
}

static void take_somaxconn(struct net_facts *net, const struct bundle_item *item)
{
	uint64_t n;

	if (words_number(item->data, UINT32_MAX, &n))
		net->somaxconn = (uint32_t)n;
}

/* "TCP: inuse 12 orphan 0 tw 3 alloc 14 mem 2"; sockstat6 has "TCP6: inuse 4" only. */
static void take_sockstat(struct net_facts *net, const struct bundle_item *item)
{
	struct text rest = item->data, line, key, value;
	uint64_t n;

	while (piece_next(&rest, '\n', &line)) {
		if (!piece_word(&line, &key) ||
		    (!text_equals_str(key, "TCP:") && !text_equals_str(key, "TCP6:")))
			continue;
		while (piece_word(&line, &key) && piece_word(&line, &value))
			if ((text_equals_str(key, "inuse") || text_equals_str(key, "tw")) &&
			    words_number(value, UINT32_MAX - net->tcp_sockets, &n))
				net->tcp_sockets += (uint32_t)n;
	}
}

/* "MPTCPv6   2064      1     375   no ...": name, size, sockets, behind a head line */
static void take_protocols(struct net_facts *net, const struct bundle_item *item)
{
	struct text rest = item->data, line, name, word;
	uint64_t n;

	if (item->error || !piece_starts(rest, "protocol "))
		return;
	net->has_mptcp = TRI_NO;
	while (piece_next(&rest, '\n', &line)) {
		if (!piece_word(&line, &name) || !piece_word(&line, &word) ||
		    (!text_equals_str(name, "MPTCP") && !text_equals_str(name, "MPTCPv6")))
			continue;
		net->has_mptcp = TRI_YES;
		if (piece_word(&line, &word) &&
		    words_number(word, UINT32_MAX - net->mptcp_sockets, &n))
			net->mptcp_sockets += (uint32_t)n;
	}
}

static void take_counters(struct net_facts *net, struct text names, struct text values)
{
	struct text name, value;
	uint64_t n;

	while (piece_word(&names, &name) && piece_word(&values, &value)) {
		if (!words_number(value, UINT64_MAX, &n))
			continue;
		if (text_equals_str(name, "ListenOverflows"))
			net->listen_overflows = n;
		if (text_equals_str(name, "ListenDrops")) {
			net->listen_drops = n;
			net->has_listen_counters = true;
		}
	}
}

/* A line of names, then a line of values. */
static void take_netstat(struct net_facts *net, const struct bundle_item *item)
{
	struct text rest = item->data, names, values;

	while (piece_next(&rest, '\n', &names) && piece_next(&rest, '\n', &values))
		if (piece_starts(names, "TcpExt:") && piece_starts(values, "TcpExt:"))
			take_counters(net, names, values);
}

static const struct {
	const char *name;
	void (*take)(struct net_facts *net, const struct bundle_item *item);
} items[] = {
	{"sys/net/ipv4/ip_local_port_range", take_port_range},
	{"sys/net/ipv4/ip_unprivileged_port_start", take_unprivileged},
	{"sys/net/core/somaxconn", take_somaxconn},
	{"net/sockstat", take_sockstat},
	{"net/sockstat6", take_sockstat},
	{"net/protocols", take_protocols},
	{"net/netstat", take_netstat},
};

void net_facts_take(struct net_facts *net, const struct bundle_item *item)
{
	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
		if (text_equals_str(item->name, items[i].name))
			items[i].take(net, item);
}

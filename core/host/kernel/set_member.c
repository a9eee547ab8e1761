/*
 * Whether a set has a key: asked of the kernel for the one key. Of a small set of nf_tables
 * all elements; of an ipset the code of its test, or without a key all elements.
 * Understands no element.
 * linux/netfilter/nf_tables.h, linux/netfilter/ipset/ip_set.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/members.h"
#include "core/base/time.h"
#include "core/host/read/evidence.h"
#include "core/host/kernel/ipsets.h"
#include "core/host/kernel/kernel_modules.h"
#include "core/host/kernel/netlink_query.h"
#include "core/host/broker/protocol.h"

enum {
	CATCH_ALL = 2,   /* NFT_SET_ELEM_CATCHALL */
	ROUNDS_MAX = 3,  /* while the rules change between its messages */
	PAUSE_US = 10000 /* between two rounds */
};

#define REMEMBERED_NS (500 * NS_PER_MS)

struct asking {
	struct netlink_query query;
	struct bundle_out *out;
	const struct member_ask *ask;
	uint32_t flags; /* of the set: NFT_SET_... */
	/* Every message says of which generation it is. */
	uint16_t generation; /* of the first one */
	bool has_generation, has_changed;
};

static struct nl_msg *finished(struct nl_msg *msg, int error)
{
	if (!error)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* ---- nf_tables ---- */

static void note_generation(struct asking *a, const struct nlmsghdr *h)
{
	struct nfgenmsg m;

	if (nlmsg_datalen(h) < (int)sizeof(m))
		return;
	memcpy(&m, nlmsg_data(h), sizeof(m));
	if (!a->has_generation)
		a->generation = m.res_id;
	a->has_changed |= m.res_id != a->generation;
	a->has_generation = true;
}

static int take_set(void *context, const struct nlmsghdr *h)
{
	struct asking *a = context;
	int head = sizeof(struct nfgenmsg);
	struct nlattr *flags = nlmsg_datalen(h) < head
				       ? NULL
				       : nla_find(nlmsg_attrdata(h, head),
						  nlmsg_attrlen(h, head), NFTA_SET_FLAGS);

	if (flags && nla_len(flags) >= (int)sizeof(uint32_t))
		a->flags = ntohl(nla_get_u32(flags));
	note_generation(a, h);
	return netlink_parts_put(a->out, h);
}

static int take_elements(void *context, const struct nlmsghdr *h)
{
	struct asking *a = context;

	note_generation(a, h);
	return netlink_parts_put(a->out, h);
}

static int take_test(void *context, const struct nlmsghdr *h)
{
	struct asking *a = context;

	return netlink_parts_put(a->out, h);
}

/* That there is no such element is said without a generation: it is told behind it. */
static int ask_generation(struct asking *a)
{
	return netlink_query_run(
		&a->query,
		netlink_query_netfilter(NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN, AF_UNSPEC, 0),
		take_elements, a);
}

static int ask_set(struct asking *a)
{
	struct nl_msg *msg = netlink_query_netfilter(NFNL_SUBSYS_NFTABLES, NFT_MSG_GETSET,
						     a->ask->family, 0);

	if (msg)
		msg = finished(msg,
			       nla_put_string(msg, NFTA_SET_TABLE, a->ask->table) ||
				       nla_put_string(msg, NFTA_SET_NAME, a->ask->set));
	return netlink_query_run(&a->query, msg, take_set, a);
}

static int put_key(struct nl_msg *msg, const struct member_ask *ask)
{
	struct nlattr *key = nla_nest_start(msg, NFTA_SET_ELEM_KEY | NLA_F_NESTED);

	if (!key || nla_put(msg, NFTA_DATA_VALUE, ask->key_len, ask->key))
		return -EMSGSIZE;
	nla_nest_end(msg, key);
	return 0;
}

/* One element: by the key unless it is the catch-all. */
static int put_element(struct nl_msg *msg, const struct member_ask *ask, uint32_t flags)
{
	struct nlattr *list =
		nla_nest_start(msg, NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED);
	struct nlattr *one =
		list ? nla_nest_start(msg, NFTA_LIST_ELEM | NLA_F_NESTED) : NULL;

	if (!one || (flags && nla_put_u32(msg, NFTA_SET_ELEM_FLAGS, htonl(flags))) ||
	    (!(flags & CATCH_ALL) && put_key(msg, ask)))
		return -EMSGSIZE;
	nla_nest_end(msg, one);
	nla_nest_end(msg, list);
	return 0;
}

static struct nl_msg *elements_message(const struct member_ask *ask, int flags)
{
	struct nl_msg *msg = netlink_query_netfilter(
		NFNL_SUBSYS_NFTABLES, NFT_MSG_GETSETELEM, ask->family, flags);

	if (!msg)
		return NULL;
	return finished(msg, nla_put_string(msg, NFTA_SET_ELEM_LIST_TABLE, ask->table) ||
				     nla_put_string(msg, NFTA_SET_ELEM_LIST_SET, ask->set));
}

/* 0 also where there is none. */
static int ask_element(struct asking *a, uint32_t flags)
{
	struct nl_msg *msg = elements_message(a->ask, 0);
	int error;

	if (msg)
		msg = finished(msg, put_element(msg, a->ask, flags));
	error = netlink_query_run(&a->query, msg, take_elements, a);
	return error == -ENOENT ? 0 : error;
}

/* Kernels before 5.13 know no catch-all. */
static int ask_catch_all(struct asking *a)
{
	int error = ask_element(a, CATCH_ALL);

	return error == -EINVAL || error == -EOPNOTSUPP ? 0 : error;
}

static int ask_key(struct asking *a)
{
	bool has_ends = (a->flags & NFT_SET_INTERVAL) && !(a->flags & NFT_SET_CONCAT);
	int error = ask_element(a, 0);

	if (!error && has_ends)
		error = ask_element(a, NFT_SET_ELEM_INTERVAL_END);
	return error ? error : ask_catch_all(a);
}

static int ask_once(struct asking *a)
{
	int error = ask_set(a);

	if (!error && a->ask->key_len)
		error = ask_key(a);
	else if (!error)
		error = netlink_query_run(&a->query, elements_message(a->ask, NLM_F_DUMP),
					  take_elements, a);
	return error ? error : ask_generation(a);
}

/* Messages of several generations are no answer: it is asked again. */
static int ask_nft(struct asking *a)
{
	int error = ask_once(a);

	for (int round = 1; !error && a->has_changed && round < ROUNDS_MAX; round++) {
		usleep(PAUSE_US);
		netlink_parts_restart(a->out);
		a->has_generation = a->has_changed = false;
		error = ask_once(a);
	}
	return error;
}

/* ---- ipset ---- */

static int put_address(struct nl_msg *msg, int type, const struct addr *a)
{
	bool is_v6 = a->family == AF_INET6;
	struct nlattr *nest;

	if (!a->family)
		return 0;
	nest = nla_nest_start(msg, type | NLA_F_NESTED);
	if (!nest || nla_put(msg,
			     (is_v6 ? IPSET_ATTR_IPADDR_IPV6 : IPSET_ATTR_IPADDR_IPV4) |
				     NLA_F_NET_BYTEORDER,
			     is_v6 ? 16 : 4, a->bytes))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* prefix 0: the address as it is. */
static int put_data(struct nl_msg *msg, const struct ipset_key *k, uint8_t prefix)
{
	struct nlattr *data = nla_nest_start(msg, IPSET_ATTR_DATA | NLA_F_NESTED);

	if (!data || put_address(msg, IPSET_ATTR_IP, &k->address) ||
	    put_address(msg, IPSET_ATTR_IP2, &k->address2) ||
	    (prefix && nla_put_u8(msg, IPSET_ATTR_CIDR, prefix)) ||
	    (k->has_port &&
	     nla_put_u16(msg, IPSET_ATTR_PORT | NLA_F_NET_BYTEORDER, htons(k->port))) ||
	    (k->has_proto && nla_put_u8(msg, IPSET_ATTR_PROTO, k->proto)) ||
	    (k->has_mark &&
	     nla_put_u32(msg, IPSET_ATTR_MARK | NLA_F_NET_BYTEORDER, htonl(k->mark))) ||
	    (k->device[0] && nla_put_string(msg, IPSET_ATTR_IFACE, k->device)))
		return -EMSGSIZE;
	nla_nest_end(msg, data);
	return 0;
}

/* 0, and *code as the kernel gave it; or -errno. */
static int test(struct asking *a, uint8_t prefix, int32_t *code)
{
	struct nl_msg *msg = netlink_query_netfilter(NFNL_SUBSYS_IPSET, IPSET_CMD_TEST,
						     a->ask->family, 0);
	int error;

	if (msg)
		msg = finished(
			msg, nla_put_u8(msg, IPSET_ATTR_PROTOCOL, IPSET_PROTOCOL_MIN) ||
				     nla_put_string(msg, IPSET_ATTR_SETNAME, a->ask->set) ||
				     put_data(msg, &a->ask->ipset, prefix));
	error = netlink_query_run(&a->query, msg, take_test, a);
	*code = a->query.code;
	return error;
}

/* The element that holds the address: the longest network that the set itself has. None:
 * it is the address alone. */
static int find_prefix(struct asking *a, struct member_code *m)
{
	int bits = a->ask->ipset.address.family == AF_INET6 ? 128 : 32;
	int32_t code;

	for (int prefix = bits - 1; prefix > 0; prefix--) {
		int error = test(a, (uint8_t)prefix, &code);

		if (error)
			return error;
		if (code)
			continue;
		m->has_prefix = 1;
		m->prefix = (uint8_t)prefix;
		return 0;
	}
	return 0;
}

static bool has_key(const struct ipset_key *k)
{
	return k->address.family || k->has_port || k->has_mark || k->device[0];
}

static int ask_ipset(struct asking *a)
{
	struct member_code m = {0};
	uint8_t room[NLMSG_HDRLEN + sizeof(m)] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)room;
	int error;

	if (!has_key(&a->ask->ipset))
		return ipset_list(&a->query, a->ask->set, a->out);
	error = test(a, 0, &m.code);
	if (error)
		return error;
	if (!m.code && a->ask->ipset.is_net)
		error = find_prefix(a, &m);
	*h = (struct nlmsghdr){.nlmsg_len = sizeof(room), .nlmsg_type = MEMBER_CODE};
	memcpy(room + NLMSG_HDRLEN, &m, sizeof(m));
	return error ? error : netlink_parts_put(a->out, h);
}

/* As asked a moment ago: the lists are long, and questions come by the hundred. */
static int find_module(bool is_nft)
{
	static const struct kernel_lists running;
	static int64_t until_ns[2];
	int error;

	if (host_now_ns() < until_ns[is_nft])
		return 0;
	error = is_nft ? kernel_module_find(&running, "nf_tables", "nf_tables_")
		       : kernel_module_find(&running, "ip_set", "ip_set_");
	if (!error)
		until_ns[is_nft] = host_now_ns() + REMEMBERED_NS;
	return error;
}

int set_member_read(const struct member_ask *ask, struct bundle_out *out)
{
	struct asking a = {.out = out, .ask = ask};
	bool is_nft = ask->backend == MEMBER_NFT;
	int error = find_module(is_nft);

	if (!error)
		error = netlink_query_open(&a.query, NETLINK_NETFILTER);
	if (error)
		return error;
	error = is_nft ? ask_nft(&a) : ask_ipset(&a);
	netlink_query_close(&a.query);
	return error;
}

/* The messages that make the table. Sends nothing. */
#include "core/host/kernel/trace_table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/host/kernel/netlink_query.h"

enum {
	TABLE_OWNER = 2, /* NFT_TABLE_F_OWNER */
	PRIORITY = -350, /* before raw: what is not tracked is traced as well */
	RATE = 100,
	BURST = 200,
	TCP_FLAGS_AT = 13,
	SYN_OR_RST = 0x06,
	ETHER_V4 = 0x0800,
	ETHER_V6 = 0x86dd
};

/* One side of a flow, as a rule compares it. */
struct side {
	const struct addr *address; /* NULL: not compared */
	uint16_t port;              /* 0: not compared */
};

static void append(struct trace_batch *b, struct nl_msg *msg, bool is_acknowledged)
{
	struct nlmsghdr *h = msg ? nlmsg_hdr(msg) : NULL;
	size_t size = h ? NLMSG_ALIGN(h->nlmsg_len) : 0;

	if (!h || b->len + size > sizeof(b->bytes)) {
		b->error = -ENOMEM;
	} else {
		h->nlmsg_flags |= NLM_F_REQUEST;
		if (is_acknowledged) {
			h->nlmsg_flags |= NLM_F_ACK;
			h->nlmsg_seq = ++b->n_messages;
		}
		memset(b->bytes + b->len, 0, size);
		memcpy(b->bytes + b->len, h, h->nlmsg_len);
		b->len += size;
	}
	nlmsg_free(msg);
}

static void append_limit_of_batch(struct trace_batch *b, uint16_t type)
{
	struct nfgenmsg head = {.version = NFNETLINK_V0,
				.res_id = htons(NFNL_SUBSYS_NFTABLES)};
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);

	if (msg && nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	append(b, msg, false);
}

static struct nl_msg *message(uint8_t type, uint8_t family, int flags)
{
	return netlink_query_netfilter(NFNL_SUBSYS_NFTABLES, type, family, flags);
}

/* What there is no room for makes the message fail at the kernel, which is told: a message
 * of a page has room for all of this. */
static void put_u32(struct nl_msg *m, int type, uint32_t value)
{
	nla_put_u32(m, type, htonl(value));
}

static void put_u64(struct nl_msg *m, int type, uint64_t value)
{
	uint32_t halves[2] = {htonl((uint32_t)(value >> 32)), htonl((uint32_t)value)};

	nla_put(m, type, sizeof(halves), halves);
}

/* A chain of ours, and its family's table. */
struct own_chain {
	uint8_t family;
	uint32_t hook;
	int32_t priority;
	const char *name, *device; /* NULL: of no device */
};

static void add_table(struct trace_batch *b, uint8_t family)
{
	struct nl_msg *m = message(NFT_MSG_NEWTABLE, family, NLM_F_CREATE | NLM_F_EXCL);

	if (m) {
		nla_put_string(m, NFTA_TABLE_NAME, b->table);
		put_u32(m, NFTA_TABLE_FLAGS, TABLE_OWNER);
	}
	append(b, m, true);
}

static void add_chain(struct trace_batch *b, const struct own_chain *c)
{
	struct nl_msg *m = message(NFT_MSG_NEWCHAIN, c->family, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *nest;

	if (m) {
		nla_put_string(m, NFTA_CHAIN_TABLE, b->table);
		nla_put_string(m, NFTA_CHAIN_NAME, c->name);
		nest = nla_nest_start(m, NFTA_CHAIN_HOOK);
		put_u32(m, NFTA_HOOK_HOOKNUM, c->hook);
		put_u32(m, NFTA_HOOK_PRIORITY, (uint32_t)c->priority);
		if (c->device)
			nla_put_string(m, NFTA_HOOK_DEV, c->device);
		nla_nest_end(m, nest);
		put_u32(m, NFTA_CHAIN_POLICY, NF_ACCEPT);
		nla_put_string(m, NFTA_CHAIN_TYPE, "filter");
	}
	append(b, m, true);
}

/* ---- expressions ---- */

struct expression {
	struct nl_msg *msg;
	struct nlattr *element, *data;
};

static struct expression expression_begin(struct nl_msg *m, const char *name)
{
	struct expression e = {.msg = m};

	e.element = nla_nest_start(m, NFTA_LIST_ELEM);
	nla_put_string(m, NFTA_EXPR_NAME, name);
	e.data = nla_nest_start(m, NFTA_EXPR_DATA);
	return e;
}

static void expression_end(const struct expression *e)
{
	nla_nest_end(e->msg, e->data);
	nla_nest_end(e->msg, e->element);
}

static void put_value(struct nl_msg *m, int type, const void *bytes, int len)
{
	struct nlattr *nest = nla_nest_start(m, type);

	nla_put(m, NFTA_DATA_VALUE, len, bytes);
	nla_nest_end(m, nest);
}

static void put_compare(struct nl_msg *m, uint32_t op, const void *bytes, int len)
{
	struct expression e = expression_begin(m, "cmp");

	put_u32(m, NFTA_CMP_SREG, NFT_REG_1);
	put_u32(m, NFTA_CMP_OP, op);
	put_value(m, NFTA_CMP_DATA, bytes, len);
	expression_end(&e);
}

static void put_meta(struct nl_msg *m, uint32_t key, uint8_t wanted)
{
	struct expression e = expression_begin(m, "meta");

	put_u32(m, NFTA_META_DREG, NFT_REG_1);
	put_u32(m, NFTA_META_KEY, key);
	expression_end(&e);
	put_compare(m, NFT_CMP_EQ, &wanted, 1);
}

static void put_frame(struct nl_msg *m, uint16_t type)
{
	struct expression e = expression_begin(m, "meta");
	uint16_t wanted = htons(type);

	put_u32(m, NFTA_META_DREG, NFT_REG_1);
	put_u32(m, NFTA_META_KEY, NFT_META_PROTOCOL);
	expression_end(&e);
	put_compare(m, NFT_CMP_EQ, &wanted, sizeof(wanted));
}

static void put_load(struct nl_msg *m, uint32_t base, uint32_t offset, uint32_t len)
{
	struct expression e = expression_begin(m, "payload");

	put_u32(m, NFTA_PAYLOAD_DREG, NFT_REG_1);
	put_u32(m, NFTA_PAYLOAD_BASE, base);
	put_u32(m, NFTA_PAYLOAD_OFFSET, offset);
	put_u32(m, NFTA_PAYLOAD_LEN, len);
	expression_end(&e);
}

static void put_side(struct nl_msg *m, const struct side *s, bool is_source)
{
	uint16_t port = htons(s->port);

	if (s->address) {
		bool is_v4 = s->address->family == AF_INET;
		uint32_t len = is_v4 ? 4 : 16, first = is_v4 ? 12 : 8;

		put_load(m, NFT_PAYLOAD_NETWORK_HEADER, first + (is_source ? 0 : len), len);
		put_compare(m, NFT_CMP_EQ, s->address->bytes, (int)len);
	}
	if (s->port) {
		put_load(m, NFT_PAYLOAD_TRANSPORT_HEADER, is_source ? 0 : 2, 2);
		put_compare(m, NFT_CMP_EQ, &port, 2);
	}
}

static void put_handshake(struct nl_msg *m)
{
	static const uint8_t mask = SYN_OR_RST, none;
	struct expression e;

	put_load(m, NFT_PAYLOAD_TRANSPORT_HEADER, TCP_FLAGS_AT, 1);
	e = expression_begin(m, "bitwise");
	put_u32(m, NFTA_BITWISE_SREG, NFT_REG_1);
	put_u32(m, NFTA_BITWISE_DREG, NFT_REG_1);
	put_u32(m, NFTA_BITWISE_LEN, 1);
	put_value(m, NFTA_BITWISE_MASK, &mask, 1);
	put_value(m, NFTA_BITWISE_XOR, &none, 1);
	expression_end(&e);
	put_compare(m, NFT_CMP_NEQ, &none, 1);
}

/* More than the reader takes would end the telling: ENOBUFS. */
static void put_rate(struct nl_msg *m)
{
	struct expression e = expression_begin(m, "limit");

	put_u64(m, NFTA_LIMIT_RATE, RATE);
	put_u64(m, NFTA_LIMIT_UNIT, 1);
	put_u32(m, NFTA_LIMIT_BURST, BURST);
	put_u32(m, NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS);
	expression_end(&e);
}

static void put_mark(struct nl_msg *m)
{
	static const uint8_t one = 1;
	struct expression e = expression_begin(m, "immediate");

	put_u32(m, NFTA_IMMEDIATE_DREG, NFT_REG_1);
	put_value(m, NFTA_IMMEDIATE_DATA, &one, 1);
	expression_end(&e);
	e = expression_begin(m, "meta");
	put_u32(m, NFTA_META_KEY, NFT_META_NFTRACE);
	put_u32(m, NFTA_META_SREG, NFT_REG_1);
	expression_end(&e);
}

static void put_rule(struct nl_msg *m, uint8_t family, const struct trace_ask *ask,
		     const struct side *from, const struct side *to, bool has_limit)
{
	bool is_v4 = ask->client.family == AF_INET;
	struct nlattr *nest = nla_nest_start(m, NFTA_RULE_EXPRESSIONS);

	if (family == NFPROTO_INET)
		put_meta(m, NFT_META_NFPROTO, is_v4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	else
		put_frame(m, is_v4 ? ETHER_V4 : ETHER_V6);
	put_meta(m, NFT_META_L4PROTO, ask->proto);
	put_side(m, from, true);
	put_side(m, to, false);
	if (ask->proto == IPPROTO_TCP)
		put_handshake(m);
	if (has_limit)
		put_rate(m);
	put_mark(m);
	nla_nest_end(m, nest);
}

static void add_rule(struct trace_batch *b, const struct own_chain *c,
		     const struct trace_ask *ask, const struct side *from,
		     const struct side *to)
{
	struct nl_msg *m = message(NFT_MSG_NEWRULE, c->family, NLM_F_CREATE | NLM_F_APPEND);

	if (m) {
		nla_put_string(m, NFTA_RULE_TABLE, b->table);
		nla_put_string(m, NFTA_RULE_CHAIN, c->name);
		put_rule(m, c->family, ask, from, to, b->has_limit);
	}
	append(b, m, true);
}

/* The way there, the way back, and the way back as a translated target sends it, which may
 * be towards this host (its source was translated too). */
static void add_rules(struct trace_batch *b, const struct own_chain *chain,
		      const struct trace_ask *ask)
{
	const struct side client = {&ask->client, 0}, target = {NULL, ask->port};
	const struct side backend = {&ask->backend, ask->backend_port}, any = {NULL, 0};

	add_rule(b, chain, ask, &client, &target);
	add_rule(b, chain, ask, &target, &client);
	if (ask->backend.family)
		add_rule(b, chain, ask, &backend, &any);
}

static void add_chain_with_rules(struct trace_batch *b, const struct trace_ask *ask,
				 const struct own_chain *c)
{
	add_chain(b, c);
	add_rules(b, c, ask);
}

static void add_bridge(struct trace_batch *b, const struct trace_ask *ask)
{
	static const struct own_chain prerouting = {NFPROTO_BRIDGE, NF_BR_PRE_ROUTING,
						    INT32_MIN, "prerouting", NULL};
	static const struct own_chain output = {NFPROTO_BRIDGE, NF_BR_LOCAL_OUT, INT32_MIN,
						"output", NULL};

	add_table(b, NFPROTO_BRIDGE);
	add_chain_with_rules(b, ask, &prerouting);
	add_chain_with_rules(b, ask, &output);
}

static void add_devices(struct trace_batch *b, const struct trace_ask *ask,
			const struct trace_hooks *hooks)
{
	add_table(b, NFPROTO_NETDEV);
	for (size_t i = 0; i < hooks->n_devices; i++) {
		const struct trace_device *d = &hooks->devices[i];
		char name[32];
		struct own_chain c = {NFPROTO_NETDEV, d->hook, INT32_MIN, name, d->name};

		snprintf(name, sizeof(name), "device%zu", i + 1);
		add_chain_with_rules(b, ask, &c);
	}
}

int trace_table_build(struct trace_batch *b, const struct trace_ask *ask, uint32_t number,
		      bool has_limit, const struct trace_hooks *hooks)
{
	static const struct own_chain prerouting = {NFPROTO_INET, NF_INET_PRE_ROUTING,
						    PRIORITY, "prerouting", NULL};
	static const struct own_chain output = {NFPROTO_INET, NF_INET_LOCAL_OUT, PRIORITY,
						"output", NULL};

	*b = (struct trace_batch){.has_limit = has_limit};
	snprintf(b->table, sizeof(b->table), "%s%u", TRACE_TABLE_START, number);
	append_limit_of_batch(b, NFNL_MSG_BATCH_BEGIN);
	add_table(b, NFPROTO_INET);
	add_chain_with_rules(b, ask, &prerouting);
	add_chain_with_rules(b, ask, &output);
	if (hooks->has_bridge)
		add_bridge(b, ask);
	if (hooks->n_devices)
		add_devices(b, ask, hooks);
	append_limit_of_batch(b, NFNL_MSG_BATCH_END);
	return b->error;
}

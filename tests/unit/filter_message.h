/*
 * Messages of tc filters as kernels with cls_matchall, cls_flower and act_gact send them:
 * built by hand after linux/pkt_cls.h, where no recorded ones can be had. Include cmocka.h
 * first.
 */
#ifndef TESTS_UNIT_FILTER_MESSAGE_H
#define TESTS_UNIT_FILTER_MESSAGE_H

#include <arpa/inet.h>
#include <linux/gen_stats.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>

#include "core/network/programs.h"
#include "tests/unit/items.h"
#include "tests/unit/netlink_message.h"

struct filter_blob {
	uint8_t bytes[16384];
	size_t len;
};

static inline void blob_item(struct filter_blob *b, const char *name, struct nl_msg *m)
{
	const struct nlmsghdr *h = nlmsg_hdr(m);
	struct bundle_item item = {.name = text_of(name),
				   .data = {(const char *)h, h->nlmsg_len}};
	long size = bundle_put(b->bytes + b->len, sizeof(b->bytes) - b->len, &item);

	assert_true(size > 0);
	b->len += (size_t)size;
	nlmsg_free(m);
}

static inline void blob_text(struct filter_blob *b, const char *name, const char *text,
			     int error)
{
	struct bundle_item item = {
		.name = text_of(name), .data = text_of(text), .error = error};
	long size = bundle_put(b->bytes + b->len, sizeof(b->bytes) - b->len, &item);

	assert_true(size > 0);
	b->len += (size_t)size;
}

static inline void blob_link(struct filter_blob *b, int ifindex, const char *name,
			     uint32_t xdp_id)
{
	struct ifinfomsg head = {.ifi_index = ifindex};
	struct nl_msg *m = message_new(RTM_NEWLINK, &head, sizeof(head));
	struct nlattr *nest;

	nla_put_string(m, IFLA_IFNAME, name);
	if (xdp_id) {
		nest = nla_nest_start(m, IFLA_XDP);
		nla_put_u8(m, IFLA_XDP_ATTACHED, XDP_ATTACHED_DRV);
		nla_put_u32(m, IFLA_XDP_PROG_ID, xdp_id);
		nla_put_u32(m, IFLA_XDP_DRV_PROG_ID, xdp_id);
		nla_nest_end(m, nest);
	}
	blob_item(b, "link", m);
}

static inline void put_queue(struct nl_msg *m, int outer, uint32_t drops)
{
	struct gnet_stats_queue queue = {.drops = drops};
	struct nlattr *nest = nla_nest_start(m, outer);

	nla_put(m, TCA_STATS_QUEUE, sizeof(queue), &queue);
	nla_nest_end(m, nest);
}

static inline void blob_clsact(struct filter_blob *b, int ifindex, uint32_t drops)
{
	struct tcmsg head = {.tcm_ifindex = ifindex,
			     .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
			     .tcm_parent = TC_H_CLSACT};
	struct nl_msg *m = message_new(RTM_NEWQDISC, &head, sizeof(head));

	nla_put_string(m, TCA_KIND, "clsact");
	put_queue(m, TCA_STATS2, drops);
	blob_item(b, "qdisc", m);
}

/* One action of a filter: gact with that verdict, or mirred. */
struct hand_action {
	const char *kind;
	int verdict, mirrors; /* TC_ACT_, TCA_EGRESS_ */
	bool is_random;
	uint32_t drops;
};

static inline void put_action(struct nl_msg *m, const struct hand_action *a)
{
	struct tc_mirred mirred = {.action = a->verdict, .eaction = a->mirrors};
	struct tc_gact gact = {.action = a->verdict};
	struct tc_gact_p random = {.ptype = PGACT_NETRAND, .pval = 2};
	struct nlattr *nest = nla_nest_start(m, 1), *inner;

	nla_put_string(m, TCA_ACT_KIND, a->kind);
	put_queue(m, TCA_ACT_STATS, a->drops);
	inner = nla_nest_start(m, TCA_ACT_OPTIONS);
	if (!strcmp(a->kind, "gact"))
		nla_put(m, TCA_GACT_PARMS, sizeof(gact), &gact);
	else
		nla_put(m, TCA_MIRRED_PARMS, sizeof(mirred), &mirred);
	if (a->is_random)
		nla_put(m, TCA_GACT_PROB, sizeof(random), &random);
	nla_nest_end(m, inner);
	nla_nest_end(m, nest);
}

/* What a flower filter takes; zero: any. */
struct hand_filter {
	const char *kind;
	uint16_t frame, priority, port, port_mask, flags;
	uint8_t proto, source_len;
	const char *source;
	bool has_more; /* a term that is not decoded */
	struct hand_action action;
};

static inline void put_terms(struct nl_msg *m, const struct hand_filter *f)
{
	struct addr a;

	if (f->proto)
		nla_put_u8(m, TCA_FLOWER_KEY_IP_PROTO, f->proto);
	if (f->port) {
		nla_put_u16(m, TCA_FLOWER_KEY_TCP_DST, htons(f->port));
		nla_put_u16(m, TCA_FLOWER_KEY_TCP_DST_MASK,
			    htons(f->port_mask ? f->port_mask : UINT16_MAX));
	}
	if (f->source) {
		uint32_t mask = htonl(UINT32_MAX << (32 - f->source_len));

		assert_int_equal(addr_parse(&a, f->source), 0);
		nla_put(m, TCA_FLOWER_KEY_IPV4_SRC, 4, a.bytes);
		nla_put(m, TCA_FLOWER_KEY_IPV4_SRC_MASK, 4, &mask);
	}
	if (f->has_more)
		nla_put_u16(m, TCA_FLOWER_KEY_TCP_FLAGS, htons(2));
}

static inline void blob_filter(struct filter_blob *b, int ifindex, bool is_egress,
			       const struct hand_filter *f)
{
	bool is_flower = !strcmp(f->kind, "flower");
	uint32_t parent = is_egress ? 0xfffffff3 : 0xfffffff2;
	struct tcmsg head = {.tcm_ifindex = ifindex, .tcm_handle = 1, .tcm_parent = parent};
	struct nlattr *nest, *actions;
	struct nl_msg *m;
	char name[64];

	head.tcm_info =
		(uint32_t)f->priority << 16 | htons(f->frame ? f->frame : ETH_P_ALL);
	m = message_new(RTM_NEWTFILTER, &head, sizeof(head));
	nla_put_string(m, TCA_KIND, f->kind);
	nest = nla_nest_start(m, TCA_OPTIONS);
	if (is_flower)
		put_terms(m, f);
	if (f->flags)
		nla_put_u32(m, is_flower ? TCA_FLOWER_FLAGS : TCA_MATCHALL_FLAGS, f->flags);
	actions = nla_nest_start(m, is_flower ? TCA_FLOWER_ACT : TCA_MATCHALL_ACT);
	put_action(m, &f->action);
	nla_nest_end(m, actions);
	nla_nest_end(m, nest);
	snprintf(name, sizeof(name), "filter/%d/%x", ifindex, parent);
	blob_item(b, name, m);
}

static inline struct program_table *blob_table(const struct filter_blob *b)
{
	struct program_decoder *d = programs_new();
	struct program_table *t;

	assert_non_null(d);
	assert_int_equal(programs_decode(d, b->bytes, b->len), 0);
	t = programs_finish(d);
	assert_non_null(t);
	programs_free(d);
	return t;
}

#endif

/* Messages of the kernel about policies of IPsec, made by hand. Include cmocka.h first. */
#ifndef TESTS_UNIT_IPSEC_MESSAGE_H
#define TESTS_UNIT_IPSEC_MESSAGE_H

#include <arpa/inet.h>
#include <linux/xfrm.h>
#include <netinet/in.h>

#include "core/network/ipsec.h"
#include "tests/unit/netlink_message.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* A policy as a row: what is left out is nought. */
struct told {
	const char *source, *target; /* "10.0.0.2"; NULL: any of IPv4 */
	uint8_t source_len, target_len, dir, action, proto, type;
	uint16_t dport, sport;
	uint32_t priority, index, mark, mark_mask, if_id, n_templates;
	int ifindex;
	bool is_optional;
	uint64_t used_s;
};

static inline void put_templates(struct nl_msg *m, const struct told *t)
{
	struct xfrm_user_tmpl templates[8] = {0};

	for (size_t i = 0; i < t->n_templates && i < N_OF(templates); i++) {
		templates[i].id.proto = IPPROTO_ESP;
		templates[i].family = AF_INET;
		templates[i].id.daddr.a4 = inet_addr("192.0.2.9");
		templates[i].reqid = 16;
		templates[i].mode = XFRM_MODE_TUNNEL;
		templates[i].optional = t->is_optional;
	}
	if (t->n_templates)
		nla_put(m, XFRMA_TMPL, (int)(t->n_templates * sizeof(templates[0])),
			templates);
}

static inline void put(struct part *p, struct told t)
{
	struct xfrm_userpolicy_info info = {
		.priority = t.priority, .index = t.index, .dir = t.dir, .action = t.action};
	struct xfrm_mark mark = {.v = t.mark, .m = t.mark_mask};
	struct xfrm_userpolicy_type type = {.type = t.type};
	struct addr source = {0}, target = {0};
	struct nl_msg *m;

	assert_int_equal(addr_parse(&source, t.source ? t.source : "0.0.0.0"), 0);
	assert_int_equal(addr_parse(&target, t.target ? t.target : "0.0.0.0"), 0);
	info.sel.family = source.family;
	memcpy(&info.sel.saddr, source.bytes, 16);
	memcpy(&info.sel.daddr, target.bytes, 16);
	info.sel.prefixlen_s = t.source_len;
	info.sel.prefixlen_d = t.target_len;
	info.sel.proto = t.proto;
	info.sel.ifindex = t.ifindex;
	info.sel.dport = htons(t.dport);
	info.sel.dport_mask = t.dport ? 0xffff : 0;
	info.sel.sport = htons(t.sport);
	info.sel.sport_mask = t.sport ? 0xffff : 0;
	info.curlft.use_time = t.used_s;
	m = message_new(XFRM_MSG_NEWPOLICY, &info, sizeof(info));
	put_templates(m, &t);
	if (t.mark_mask)
		nla_put(m, XFRMA_MARK, sizeof(mark), &mark);
	if (t.if_id)
		nla_put_u32(m, XFRMA_IF_ID, t.if_id);
	nla_put(m, XFRMA_POLICY_TYPE, sizeof(type), &type);
	part_take(p, m);
}

static inline struct ipsec_table *table_of(const struct part *p)
{
	struct ipsec_decoder d;
	struct ipsec_table *t;

	ipsec_init(&d);
	assert_int_equal(ipsec_decode(&d, p->bytes, p->len), 0);
	t = ipsec_finish(&d);
	assert_non_null(t);
	ipsec_release(&d);
	return t;
}

/* The very hosts; of a direction that is not told it is IN. */
#define HOST_IN \
	.source = "10.0.0.2", .source_len = 32, .target = "10.0.0.1", .target_len = 32
#define BLOCK .action = XFRM_POLICY_BLOCK

static inline void put_default(struct part *p, uint8_t in)
{
	struct xfrm_userpolicy_default others = {
		.in = in, .fwd = XFRM_USERPOLICY_ACCEPT, .out = XFRM_USERPOLICY_ACCEPT};

	part_take(p, message_new(XFRM_MSG_GETDEFAULT, &others, sizeof(others)));
}

#endif

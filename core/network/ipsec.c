/* XFRM messages -> policies. Asks no policy about a packet (ipsec_find.c); takes no
 * message that may hold a key. */
#include "core/network/ipsec.h"

#include <errno.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/messages.h"
#include "core/base/rows.h"

_Static_assert((int)IPSEC_IN == (int)XFRM_POLICY_IN &&
		       (int)IPSEC_OUT == (int)XFRM_POLICY_OUT &&
		       (int)IPSEC_FORWARD == (int)XFRM_POLICY_FWD,
	       "the kernel's numbers");

void ipsec_init(struct ipsec_decoder *d)
{
	*d = (struct ipsec_decoder){.rows = VEC_OF(struct ipsec_policy)};
}

void ipsec_release(struct ipsec_decoder *d)
{
	vec_release(&d->rows);
}

/* Ports are in network order. */
static uint16_t big(__be16 value)
{
	uint8_t bytes[2];

	memcpy(bytes, &value, sizeof(bytes));
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t big32(__be32 value)
{
	uint8_t b[4];

	memcpy(b, &value, sizeof(b));
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool is_selector(const struct xfrm_selector *s)
{
	unsigned most = s->family == AF_INET ? 32 : 128;

	return s->prefixlen_s <= most && s->prefixlen_d <= most;
}

static void take_selector(struct ipsec_policy *p, const struct xfrm_selector *s)
{
	p->source = addr_from(s->family, &s->saddr);
	p->target = addr_from(s->family, &s->daddr);
	p->source_len = s->prefixlen_s;
	p->target_len = s->prefixlen_d;
	p->proto = s->proto;
	p->source_port = big(s->sport);
	p->source_port_mask = big(s->sport_mask);
	p->target_port = big(s->dport);
	p->target_port_mask = big(s->dport_mask);
	p->ifindex = (uint32_t)s->ifindex;
}

static int take_templates(struct ipsec_policy *p, const struct nlattr *a)
{
	size_t n = a ? (size_t)nla_len(a) / sizeof(struct xfrm_user_tmpl) : 0;
	const uint8_t *bytes = a ? nla_data(a) : NULL;

	if (n > IPSEC_TEMPLATES_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		struct xfrm_user_tmpl t;

		memcpy(&t, bytes + i * sizeof(t), sizeof(t));
		p->templates[i] =
			(struct ipsec_template){.source = addr_from(t.family, &t.saddr),
						.target = addr_from(t.family, &t.id.daddr),
						.proto = t.id.proto,
						.mode = t.mode,
						.spi = big32(t.id.spi),
						.reqid = t.reqid,
						.is_optional = t.optional != 0};
	}
	p->n_templates = (uint8_t)n;
	return 0;
}

static int take_attributes(struct ipsec_policy *p, const struct nlmsghdr *h)
{
	static const unsigned char sizes[XFRMA_MAX + 1] = {[XFRMA_MARK] =
								   sizeof(struct xfrm_mark),
							   [XFRMA_IF_ID] = 4,
							   [XFRMA_POLICY_TYPE] = 1};
	struct nlattr *attr[XFRMA_MAX + 1];
	int error = messages_attributes(h, (int)sizeof(struct xfrm_userpolicy_info), attr,
					XFRMA_MAX, sizes);
	struct xfrm_mark mark;

	if (error)
		return error;
	if (attr[XFRMA_MARK]) {
		memcpy(&mark, nla_data(attr[XFRMA_MARK]), sizeof(mark));
		p->mark = mark.v;
		p->mark_mask = mark.m;
	}
	if (attr[XFRMA_IF_ID])
		p->if_id = nla_get_u32(attr[XFRMA_IF_ID]);
	if (attr[XFRMA_POLICY_TYPE])
		p->is_sub = nla_get_u8(attr[XFRMA_POLICY_TYPE]) == XFRM_POLICY_TYPE_SUB;
	return take_templates(p, attr[XFRMA_TMPL]);
}

/* Those of sockets stand behind the others: include/net/xfrm.h, XFRM_POLICY_MAX. */
static int take_policy(struct ipsec_decoder *d, const struct nlmsghdr *h)
{
	struct ipsec_policy *kept, row = {.order = (uint32_t)d->rows.n};
	struct xfrm_userpolicy_info info;
	int error;

	if (nlmsg_datalen(h) < (int)sizeof(info))
		return -EBADMSG;
	memcpy(&info, nlmsg_data(h), sizeof(info));
	if (info.sel.family != AF_INET && info.sel.family != AF_INET6)
		return 0;
	if (info.dir >= 2 * XFRM_POLICY_MAX || !is_selector(&info.sel))
		return -EBADMSG;
	take_selector(&row, &info.sel);
	row.direction = (enum ipsec_direction)(info.dir % XFRM_POLICY_MAX);
	row.is_of_socket = info.dir >= XFRM_POLICY_MAX;
	row.is_block = info.action != XFRM_POLICY_ALLOW;
	row.priority = info.priority;
	row.index = info.index;
	row.used_s = (int64_t)(info.curlft.use_time & INT64_MAX);
	error = take_attributes(&row, h);
	if (error)
		return error;
	kept = vec_push(&d->rows);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

static int take_states(struct ipsec_decoder *d, const struct nlmsghdr *h)
{
	static const unsigned char sizes[XFRMA_SAD_MAX + 1] = {[XFRMA_SAD_CNT] = 4};
	struct nlattr *attr[XFRMA_SAD_MAX + 1];
	int error;

	if (nlmsg_datalen(h) < (int)sizeof(uint32_t))
		return -EBADMSG;
	error = messages_attributes(h, (int)sizeof(uint32_t), attr, XFRMA_SAD_MAX, sizes);
	if (error || !attr[XFRMA_SAD_CNT])
		return error;
	d->n_states = nla_get_u32(attr[XFRMA_SAD_CNT]);
	d->has_states = true;
	return 0;
}

static int take_default(struct ipsec_decoder *d, const struct nlmsghdr *h)
{
	struct xfrm_userpolicy_default others;

	if (nlmsg_datalen(h) < (int)sizeof(others))
		return -EBADMSG;
	memcpy(&others, nlmsg_data(h), sizeof(others));
	d->blocks_others[IPSEC_IN] = others.in == XFRM_USERPOLICY_BLOCK;
	d->blocks_others[IPSEC_OUT] = others.out == XFRM_USERPOLICY_BLOCK;
	d->blocks_others[IPSEC_FORWARD] = others.fwd == XFRM_USERPOLICY_BLOCK;
	return 0;
}

static int decode_message(void *context, const struct nlmsghdr *h)
{
	switch (h->nlmsg_type) {
	case XFRM_MSG_NEWPOLICY:
		return take_policy(context, h);
	case XFRM_MSG_NEWSADINFO:
		return take_states(context, h);
	case XFRM_MSG_GETDEFAULT:
		return take_default(context, h);
	default:
		return -EBADMSG;
	}
}

int ipsec_decode(struct ipsec_decoder *d, const void *bytes, size_t len)
{
	struct ipsec_decoder before = *d;
	int error = messages_into(&d->rows, bytes, len, 0, 0, decode_message, d);

	if (error) {
		before.rows = d->rows;
		*d = before;
	}
	return error;
}

static int compare_rows(const void *a, const void *b)
{
	const struct ipsec_policy *x = a, *y = b;

	if (x->direction != y->direction)
		return x->direction < y->direction ? -1 : 1;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->order > y->order ? -1 : x->order < y->order;
}

struct ipsec_table *ipsec_finish(struct ipsec_decoder *d)
{
	struct ipsec_table *t = table_new(sizeof(*t), NULL);

	if (t) {
		t->has_states = d->has_states;
		t->n_states = d->n_states;
		memcpy(t->blocks_others, d->blocks_others, sizeof(t->blocks_others));
		t->rows = rows_freeze(&t->head.arena, &d->rows, compare_rows, &t->n);
	}
	if (t && !t->rows) {
		table_unref(t);
		t = NULL;
	}
	vec_reset(&d->rows);
	return t;
}

/* Numbers of a few messages. */
#include "core/firewall/mark.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/messages.h"
#include "core/base/xtables.h"
#include "core/firewall/nft/nft_attributes.h"

struct fw_mark_decoder {
	struct fw_mark mark;
};

struct fw_mark_decoder *fw_mark_new(void)
{
	return calloc(1, sizeof(struct fw_mark_decoder));
}

void fw_mark_free(struct fw_mark_decoder *d)
{
	free(d);
}

static int take_generation(struct fw_mark *m, const struct nlmsghdr *h)
{
	int head = sizeof(struct nfgenmsg);
	struct nft_attributes a;
	uint32_t generation;

	if (nlmsg_datalen(h) < head)
		return -EBADMSG;
	a = nft_attributes_of(nlmsg_attrdata(h, head), nlmsg_attrlen(h, head));
	if (a.is_damaged)
		return -EBADMSG;
	/* The kernel also tells who asked: without a number it is no generation. */
	if (!nft_is_integer(a.at[NFTA_GEN_ID]))
		return 0;
	generation = nft_u32(a.at[NFTA_GEN_ID]);
	m->is_changing |= m->has_generation && m->generation != generation;
	m->has_generation = true;
	m->generation = generation;
	return 0;
}

/* FNV-1a */
static uint64_t sum_of(const uint8_t *bytes, size_t n)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

static int take_head(struct fw_mark *m, const struct nlmsghdr *h)
{
	if (nlmsg_datalen(h) != (int)sizeof(struct xtables_piece))
		return -EBADMSG;
	m->legacy += sum_of(nlmsg_data(h), sizeof(struct xtables_piece));
	m->n_legacy++;
	return 0;
}

static int take_end(struct fw_mark *m, const struct nlmsghdr *h)
{
	struct xtables_end end;

	if (nlmsg_datalen(h) != (int)sizeof(end))
		return -EBADMSG;
	memcpy(&end, nlmsg_data(h), sizeof(end));
	m->is_changing |= end.is_changing || end.error;
	return 0;
}

static int take(void *decoder, const struct nlmsghdr *h)
{
	struct fw_mark *m = &((struct fw_mark_decoder *)decoder)->mark;

	switch (h->nlmsg_type) {
	case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN:
		return take_generation(m, h);
	case XTABLES_PIECE:
		return take_head(m, h);
	case XTABLES_END:
		return take_end(m, h);
	default:
		return -EBADMSG;
	}
}

int fw_mark_decode(struct fw_mark_decoder *d, const void *bytes, size_t len)
{
	return messages_each(bytes, len, 0, 0, take, d);
}

struct fw_mark *fw_mark_finish(struct fw_mark_decoder *d)
{
	struct fw_mark *m = table_new(sizeof(*m), NULL);
	struct table head;

	if (m) {
		head = m->head;
		*m = d->mark;
		m->head = head;
	}
	d->mark = (struct fw_mark){0};
	return m;
}

bool fw_mark_is_same(const struct fw_mark *a, const struct fw_mark *b)
{
	return !a->is_changing && !b->is_changing &&
	       a->has_generation == b->has_generation && a->generation == b->generation &&
	       a->n_legacy == b->n_legacy && a->legacy == b->legacy;
}

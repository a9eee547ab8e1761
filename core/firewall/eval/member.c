/* One set's message and some of its elements, or the code of an ipset's test -> a row.
 * Reads elements by the ruleset's own decoder. */
#include "core/firewall/eval/member.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/members.h"
#include "core/base/messages.h"
#include "core/firewall/nft/ruleset_rows.h"
#include "core/firewall/eval/sets.h"

/* linux/netfilter/ipset/ip_set_bitmap.h, ip_set_hash.h: the address is outside what the set
 * can hold, or none that it holds. */
enum { OUT_OF_RANGE = IPSET_ERR_TYPE_SPECIFIC, NULL_ELEMENT = IPSET_ERR_TYPE_SPECIFIC + 1 };

struct member_decoder {
	struct ruleset_decoder *rows;
	struct ipset_listing listing;
	struct member_code code;
	bool has_code;
	bool has_generation, is_changing;
	uint16_t generation; /* of the first message */
};

struct member_decoder *member_new(void)
{
	struct member_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	ipset_listing_init(&d->listing);
	d->rows = ruleset_new();
	if (d->rows)
		return d;
	free(d);
	return NULL;
}

void member_free(struct member_decoder *d)
{
	if (!d)
		return;
	ruleset_free(d->rows);
	ipset_listing_release(&d->listing);
	free(d);
}

static int take_code(struct member_decoder *d, const struct nlmsghdr *h)
{
	if (nlmsg_datalen(h) < (int)sizeof(d->code))
		return -EBADMSG;
	memcpy(&d->code, nlmsg_data(h), sizeof(d->code));
	d->has_code = true;
	return 0;
}

/* Every message of nf_tables says it. */
static void note_generation(struct member_decoder *d, const struct nfgenmsg *m)
{
	uint16_t generation = ntohs(m->res_id);

	d->is_changing |= d->has_generation && d->generation != generation;
	if (!d->has_generation)
		d->generation = generation;
	d->has_generation = true;
}

static int take_message(void *context, const struct nlmsghdr *h)
{
	struct member_decoder *d = context;
	const struct nfgenmsg *m = nlmsg_data(h);
	struct nft_attributes a;

	if (h->nlmsg_type == MEMBER_CODE)
		return take_code(d, h);
	if (h->nlmsg_type >> 8 == NFNL_SUBSYS_IPSET)
		return ipset_listing_take(&d->listing, h);
	if (h->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES)
		return -EBADMSG;
	a = nft_attributes_of(nlmsg_attrdata(h, sizeof(*m)), nlmsg_attrlen(h, sizeof(*m)));
	if (a.is_damaged)
		return -EBADMSG;
	note_generation(d, m);
	switch (h->nlmsg_type & 0xff) {
	case NFT_MSG_NEWSET:
		return d->rows->sets.n ? -EBADMSG
				       : ruleset_add_set(d->rows, m->nfgen_family, &a);
	case NFT_MSG_NEWSETELEM:
		return ruleset_add_elements(d->rows, m->nfgen_family, &a);
	case NFT_MSG_NEWGEN: /* behind all the rest, it says what the others do */
		return 0;
	default:
		return -EBADMSG;
	}
}

int member_decode(struct member_decoder *d, const void *bytes, size_t len)
{
	return messages_each(bytes, len, 0, sizeof(struct nfgenmsg), take_message, d);
}

static bool is_known(const struct fw_element *rows, size_t n, const struct fw_element *e)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].is_end == e->is_end &&
		    rows[i].is_catch_all == e->is_catch_all &&
		    text_equals(rows[i].key, e->key))
			return true;
	}
	return false;
}

/* The same element may be told by two questions; of a whole set none is. */
static int fill_elements(struct fw_member *m, const struct ruleset_decoder *rows)
{
	size_t n = 0, room = 0;
	bool is_few;

	for (size_t i = 0; i < rows->elements.n; i++)
		room += ((struct raw_elements *)vec_at(&rows->elements, i))->n;
	is_few = room <= 4;
	m->set.elements =
		arena_alloc(&m->head.arena, (room + 1) * sizeof(*m->set.elements));
	if (!m->set.elements)
		return -ENOMEM;
	for (size_t i = 0; i < rows->elements.n; i++) {
		const struct raw_elements *batch = vec_at(&rows->elements, i);

		for (size_t k = 0; k < batch->n; k++)
			if (!is_few || !is_known(m->set.elements, n, &batch->elements[k]))
				m->set.elements[n++] = batch->elements[k];
	}
	m->set.n_elements = n;
	m->set.is_read = true;
	set_sort(&m->set);
	return 0;
}

static enum tri meaning(int32_t code)
{
	if (!code)
		return TRI_YES;
	if (code == -IPSET_ERR_EXIST || code == -OUT_OF_RANGE || code == -NULL_ELEMENT)
		return TRI_NO;
	return TRI_UNSURE;
}

static int fill(struct fw_member *m, struct member_decoder *d)
{
	m->is_in = d->has_code ? meaning(d->code.code) : TRI_UNSURE;
	m->code = d->code.code;
	m->has_prefix = d->code.has_prefix != 0;
	m->has_generation = d->has_generation;
	m->generation = d->generation;
	m->is_changing = d->is_changing;
	m->prefix = d->code.prefix;
	m->has_all = d->listing.has_head;
	if (m->has_all && ipset_listing_finish(&d->listing, &m->head.arena, &m->all))
		return -ENOMEM;
	if (!d->rows->sets.n)
		return 0;
	m->has_set = true;
	m->set = ((struct raw_set *)vec_at(&d->rows->sets, 0))->row;
	m->set.table = FW_NONE;
	return fill_elements(m, d->rows);
}

struct fw_member *member_finish(struct member_decoder *d)
{
	struct fw_member *m = NULL;

	if (d->has_code || d->rows->sets.n || d->listing.has_head)
		m = table_new(sizeof(*m), NULL);
	if (m) {
		m->head.arena = d->rows->arena; /* texts live on where they are */
		arena_init(&d->rows->arena);
		if (fill(m, d) < 0) {
			table_unref(m);
			m = NULL;
		}
	}
	ruleset_reset(d->rows);
	ipset_listing_release(&d->listing);
	ipset_listing_init(&d->listing);
	d->code = (struct member_code){0};
	d->has_code = d->has_generation = d->is_changing = false;
	return m;
}

bool member_fits(const struct fw_member *m, const struct fw_set *set)
{
	const struct fw_set *own = &m->set;

	return m->has_set && own->key_len == set->key_len &&
	       own->data_len == set->data_len && own->flags == set->flags &&
	       own->data_type == set->data_type && own->n_fields == set->n_fields &&
	       !memcmp(own->fields, set->fields, set->n_fields) &&
	       text_equals(own->name, set->name);
}

/* Messages of bridges -> rows. Forwards nothing. */
#include "core/network/bridge_tables.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/messages.h"
#include "core/base/rows.h"

enum { MAC_SIZE = 6, VLAN_MAX = 4094 };

void bridges_init(struct bridge_decoder *d)
{
	vec_init(&d->learned, sizeof(struct bridge_learned));
	vec_init(&d->vlans, sizeof(struct bridge_vlans));
}

void bridges_release(struct bridge_decoder *d)
{
	vec_release(&d->learned);
	vec_release(&d->vlans);
}

static int take_learned(struct bridge_decoder *d, const struct nlmsghdr *h)
{
	static const unsigned char sizes[NDA_MAX + 1] = {[NDA_MASTER] = 4, [NDA_VLAN] = 2};
	const struct ndmsg *m = nlmsg_data(h);
	struct nlattr *attr[NDA_MAX + 1];
	struct bridge_learned *row;
	int error;

	if (nlmsg_datalen(h) < (int)sizeof(*m))
		return -EBADMSG;
	error = messages_attributes(h, sizeof(*m), attr, NDA_MAX, sizes);
	if (error)
		return error;
	if (m->ndm_family != AF_BRIDGE || m->ndm_ifindex <= 0 || !attr[NDA_MASTER] ||
	    !attr[NDA_LLADDR] || nla_len(attr[NDA_LLADDR]) != MAC_SIZE)
		return 0;
	row = vec_push(&d->learned);
	if (!row)
		return -ENOMEM;
	*row = (struct bridge_learned){.bridge = nla_get_u32(attr[NDA_MASTER]),
				       .port = (uint32_t)m->ndm_ifindex,
				       .is_own = m->ndm_state & NUD_PERMANENT};
	if (attr[NDA_VLAN])
		row->vlan = nla_get_u16(attr[NDA_VLAN]);
	memcpy(row->mac, nla_data(attr[NDA_LLADDR]), MAC_SIZE);
	return 0;
}

static int take_vlan(struct bridge_decoder *d, uint32_t ifindex, const struct nlattr *a)
{
	struct bridge_vlan_info info;
	struct bridge_vlans *row;

	if (nla_len(a) < (int)sizeof(info))
		return -EBADMSG;
	memcpy(&info, nla_data(a), sizeof(info));
	if (!info.vid || info.vid > VLAN_MAX)
		return -EBADMSG;
	if (info.flags & BRIDGE_VLAN_INFO_RANGE_END) {
		row = d->vlans.n ? vec_at(&d->vlans, d->vlans.n - 1) : NULL;
		if (!row || row->ifindex != ifindex || row->first > info.vid)
			return -EBADMSG;
		row->last = info.vid;
		return 0;
	}
	row = vec_push(&d->vlans);
	if (!row)
		return -ENOMEM;
	*row = (struct bridge_vlans){.ifindex = ifindex,
				     .first = info.vid,
				     .last = info.vid,
				     .is_pvid = info.flags & BRIDGE_VLAN_INFO_PVID,
				     .is_untagged = info.flags & BRIDGE_VLAN_INFO_UNTAGGED};
	return 0;
}

static int take_port(struct bridge_decoder *d, const struct nlmsghdr *h)
{
	const struct ifinfomsg *m = nlmsg_data(h);
	const struct nlattr *spec, *a;
	int left, error = 0;

	if (nlmsg_datalen(h) < (int)sizeof(*m))
		return -EBADMSG;
	spec = nla_find(nlmsg_attrdata(h, sizeof(*m)), nlmsg_attrlen(h, sizeof(*m)),
			IFLA_AF_SPEC);
	if (m->ifi_family != AF_BRIDGE || !spec)
		return 0;
	nla_for_each_nested(a, spec, left)
	{
		if (!error && nla_type(a) == IFLA_BRIDGE_VLAN_INFO)
			error = take_vlan(d, (uint32_t)m->ifi_index, a);
	}
	return error;
}

static int take_message(void *context, const struct nlmsghdr *h)
{
	if (h->nlmsg_type == RTM_NEWNEIGH)
		return take_learned(context, h);
	return h->nlmsg_type == RTM_NEWLINK ? take_port(context, h) : -EBADMSG;
}

int bridges_decode(struct bridge_decoder *d, const void *bytes, size_t len)
{
	size_t n_learned = d->learned.n, n_vlans = d->vlans.n;
	int error = messages_each(bytes, len, 0, sizeof(struct rtgenmsg), take_message, d);

	if (error) {
		vec_truncate(&d->learned, n_learned);
		vec_truncate(&d->vlans, n_vlans);
	}
	return error;
}

static int compare_learned(const void *a, const void *b)
{
	const struct bridge_learned *x = a, *y = b;
	int order = (x->bridge > y->bridge) - (x->bridge < y->bridge);

	if (!order)
		order = memcmp(x->mac, y->mac, sizeof(x->mac));
	if (!order)
		order = (x->vlan > y->vlan) - (x->vlan < y->vlan);
	return order ? order : (x->port > y->port) - (x->port < y->port);
}

static int compare_vlans(const void *a, const void *b)
{
	const struct bridge_vlans *x = a, *y = b;
	int order = (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);

	return order ? order : (x->first > y->first) - (x->first < y->first);
}

struct bridge_table *bridges_finish(struct bridge_decoder *d)
{
	struct bridge_table *t = table_new(sizeof(*t), NULL);

	if (t) {
		t->learned = rows_freeze_once(&t->head.arena, &d->learned, compare_learned,
					      &t->n_learned);
		t->vlans = rows_freeze_once(&t->head.arena, &d->vlans, compare_vlans,
					    &t->n_vlans);
	}
	vec_reset(&d->learned);
	vec_reset(&d->vlans);
	if (t && (!t->learned || !t->vlans)) {
		table_unref(t);
		return NULL;
	}
	return t;
}

uint32_t bridge_port_of(const struct bridge_table *t, uint32_t bridge, const uint8_t mac[6])
{
	uint32_t port = 0;

	for (size_t i = 0; i < t->n_learned; i++) {
		const struct bridge_learned *row = &t->learned[i];

		if (row->bridge != bridge || memcmp(row->mac, mac, MAC_SIZE) != 0)
			continue;
		if (row->is_own || (port && port != row->port))
			return 0;
		port = row->port;
	}
	return port;
}

uint16_t bridge_vlan_of(const struct bridge_table *t, uint32_t ifindex)
{
	for (size_t i = 0; i < t->n_vlans; i++)
		if (t->vlans[i].ifindex == ifindex && t->vlans[i].is_pvid)
			return t->vlans[i].first;
	return 0;
}

const struct bridge_vlans *bridge_vlan_at(const struct bridge_table *t, uint32_t ifindex,
					  uint16_t vlan)
{
	for (size_t i = 0; i < t->n_vlans; i++) {
		const struct bridge_vlans *row = &t->vlans[i];

		if (row->ifindex == ifindex && row->first <= vlan && vlan <= row->last)
			return row;
	}
	return NULL;
}

/* RTM_NEWLINK messages -> interfaces. Knows no addresses and no counters. */
#include "core/network/links.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/messages.h"
#include "core/base/rows.h"

void links_init(struct link_decoder *d)
{
	vec_init(&d->rows, sizeof(struct link_row));
	arena_init(&d->texts);
}

void links_release(struct link_decoder *d)
{
	vec_release(&d->rows);
	arena_release(&d->texts);
}

void links_reset(struct link_decoder *d)
{
	vec_reset(&d->rows);
	arena_release(&d->texts);
}

/* The attribute's string up to its NUL, copied. 0 or -ENOMEM. */
static int copy_text(struct arena *texts, const struct nlattr *a, struct text *out)
{
	struct text t = TEXT_NONE;

	if (a)
		t = (struct text){nla_data(a), strnlen(nla_data(a), (size_t)nla_len(a))};
	*out = arena_text(texts, t);
	return out->len == t.len ? 0 : -ENOMEM;
}

static const struct nlattr *kind_of(const struct nlattr *linkinfo)
{
	if (!linkinfo)
		return NULL;
	return nla_find(nla_data(linkinfo), nla_len(linkinfo), IFLA_INFO_KIND);
}

/* IFLA_INFO_DATA is of its kind. */
static bool has_vlan_filter(const struct nlattr *linkinfo)
{
	const struct nlattr *kind = kind_of(linkinfo), *data, *filter;
	bool is_bridge = kind && nla_len(kind) == sizeof("bridge") &&
			 !memcmp(nla_data(kind), "bridge", sizeof("bridge"));

	data = is_bridge ? nla_find(nla_data(linkinfo), nla_len(linkinfo), IFLA_INFO_DATA)
			 : NULL;
	filter = data ? nla_find(nla_data(data), nla_len(data), IFLA_BR_VLAN_FILTERING)
		      : NULL;
	return filter && nla_len(filter) && *(const uint8_t *)nla_data(filter);
}

static int decode_link(void *context, const struct nlmsghdr *h)
{
	static const unsigned char sizes[IFLA_LINKINFO + 1] = {
		[IFLA_MASTER] = 4, [IFLA_LINK] = 4};
	struct link_decoder *d = context;
	const struct ifinfomsg *m = nlmsg_data(h);
	struct nlattr *attr[IFLA_LINKINFO + 1];
	struct link_row row = {.ifindex = (uint32_t)m->ifi_index, .flags = m->ifi_flags};
	struct link_row *kept;
	int error = messages_attributes(h, sizeof(*m), attr, IFLA_LINKINFO, sizes);

	if (error)
		return error;
	if (attr[IFLA_MASTER])
		row.master = nla_get_u32(attr[IFLA_MASTER]);
	if (attr[IFLA_LINK])
		row.peer = nla_get_u32(attr[IFLA_LINK]);
	if (copy_text(&d->texts, attr[IFLA_IFNAME], &row.name) < 0 ||
	    copy_text(&d->texts, kind_of(attr[IFLA_LINKINFO]), &row.kind) < 0)
		return -ENOMEM;
	row.has_vlan_filter = has_vlan_filter(attr[IFLA_LINKINFO]);
	kept = vec_push(&d->rows);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

int links_decode(struct link_decoder *d, const void *bytes, size_t len)
{
	return messages_into(&d->rows, bytes, len, RTM_NEWLINK, sizeof(struct ifinfomsg),
			     decode_link, d);
}

static int compare_index(const void *a, const void *b)
{
	const struct link_row *x = a, *y = b;

	return (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

/* Each once: a dump that changed under way may tell one twice. */
static int fill(struct link_table *t, struct link_decoder *d)
{
	t->rows = rows_freeze_once(&d->texts, &d->rows, compare_index, &t->n);
	if (!t->rows)
		return -ENOMEM;
	t->head.arena = d->texts; /* the texts live on where they are */
	arena_init(&d->texts);
	return 0;
}

struct link_table *links_finish(struct link_decoder *d)
{
	struct link_table *t = table_new(sizeof(*t), NULL);

	if (t && fill(t, d) < 0) {
		table_unref(t);
		t = NULL;
	}
	links_reset(d);
	return t;
}

const struct link_row *links_find(const struct link_table *t, uint32_t ifindex)
{
	struct link_row key = {.ifindex = ifindex};

	if (!t->n)
		return NULL;
	return bsearch(&key, t->rows, t->n, sizeof(key), compare_index);
}

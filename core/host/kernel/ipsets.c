/*
 * Which ipsets there are: their names, types and numbers, and what lists of sets list; all
 * elements of one that is named. One by one they are asked in set_member.c.
 * linux/netfilter/ipset/ip_set.h.
 */
#include "core/host/kernel/ipsets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/vec.h"
#include "core/host/read/evidence.h"
#include "core/host/kernel/kernel_modules.h"
#include "core/host/kernel/netlink_query.h"

/* Since Linux 4.20: the sets' numbers, by which rules know them, are told. */
enum { PROTOCOL = 7, LISTS_MAX = 256 };
/* Of the elements of one set; so many are 65,536 with their ends and counters. */
enum { LISTING_BYTES_MAX = 8 << 20 };

struct list_name {
	char name[IPSET_MAXNAMELEN];
};

struct listing {
	struct netlink_query query;
	struct bundle_out *out;
	struct vec lists; /* struct list_name */
	size_t n_bytes;   /* of elements */
};

static bool copy_text(char *out, size_t room, struct nlattr *a)
{
	size_t len = a ? strnlen(nla_data(a), (size_t)nla_len(a)) : room;

	if (len >= room)
		return false;
	memcpy(out, nla_data(a), len);
	out[len] = '\0';
	return true;
}

static int note_list(struct listing *l, const struct nlmsghdr *h)
{
	int head = sizeof(struct nfgenmsg), len = nlmsg_attrlen(h, head);
	char type[IPSET_MAXNAMELEN];
	struct list_name name = {0}, *kept;

	if (nlmsg_datalen(h) < head || l->lists.n == LISTS_MAX ||
	    !copy_text(type, sizeof(type),
		       nla_find(nlmsg_attrdata(h, head), len, IPSET_ATTR_TYPENAME)) ||
	    strcmp(type, "list:set") ||
	    !copy_text(name.name, sizeof(name.name),
		       nla_find(nlmsg_attrdata(h, head), len, IPSET_ATTR_SETNAME)))
		return 0;
	kept = vec_push(&l->lists);
	if (!kept)
		return -ENOMEM;
	*kept = name;
	return 0;
}

static int take_head(void *context, const struct nlmsghdr *h)
{
	struct listing *l = context;
	int error = note_list(l, h);

	return error ? error : netlink_parts_put(l->out, h);
}

static int take_list(void *context, const struct nlmsghdr *h)
{
	return netlink_parts_put(((struct listing *)context)->out, h);
}

static int take_elements(void *context, const struct nlmsghdr *h)
{
	struct listing *l = context;

	l->n_bytes += h->nlmsg_len;
	return l->n_bytes > LISTING_BYTES_MAX ? -EFBIG : netlink_parts_put(l->out, h);
}

/* name NULL: the heads of all. */
static struct nl_msg *message(const char *name)
{
	struct nl_msg *msg = netlink_query_netfilter(NFNL_SUBSYS_IPSET, IPSET_CMD_LIST,
						     AF_INET, NLM_F_DUMP);
	int error = msg && nla_put_u8(msg, IPSET_ATTR_PROTOCOL, PROTOCOL);

	if (msg && name)
		error |= nla_put_string(msg, IPSET_ATTR_SETNAME, name);
	if (msg && !name)
		error |= nla_put_u32(msg, IPSET_ATTR_FLAGS | NLA_F_NET_BYTEORDER,
				     htonl(IPSET_FLAG_LIST_HEADER));
	if (!error)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

int ipsets_read(struct bundle_out *out)
{
	static const struct kernel_lists running;
	struct listing l = {.out = out, .lists = VEC_OF(struct list_name)};
	int error = kernel_module_find(&running, "ip_set", "ip_set_");

	if (!error)
		error = netlink_query_open(&l.query, NETLINK_NETFILTER);
	if (error)
		return error;
	error = netlink_query_run(&l.query, message(NULL), take_head, &l);
	for (size_t i = 0; !error && i < l.lists.n; i++)
		error = netlink_query_run(
			&l.query, message(((struct list_name *)vec_at(&l.lists, i))->name),
			take_list, &l);
	netlink_query_close(&l.query);
	vec_release(&l.lists);
	return error;
}

int ipset_list(struct netlink_query *query, const char *name, struct bundle_out *out)
{
	struct listing l = {.out = out};

	return netlink_query_run(query, message(name), take_elements, &l);
}

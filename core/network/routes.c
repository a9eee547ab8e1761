/* One RTM_NEWROUTE message, or an error -> where a packet goes. Decides nothing itself. */
#include "core/network/routes.h"

#include <errno.h>
#include <linux/rtnetlink.h>

#include "core/base/messages.h"

/* Behind it lies the address. linux/rtnetlink.h: struct rtvia. */
#define VIA_FAMILY_SIZE 2

void routes_init(struct route_decoder *d)
{
	*d = (struct route_decoder){0};
}

static int addr_size(int family)
{
	return family == AF_INET ? 4 : 16;
}

/* No attribute, no address. 0 or -EBADMSG: it is short. */
static int read_addr(const struct nlattr *a, int family, struct addr *out)
{
	if (!a)
		return 0;
	if (nla_len(a) < addr_size(family))
		return -EBADMSG;
	*out = addr_from(family, nla_data(a));
	return 0;
}

/* A gateway of the other family: "via inet6 fe80::1". */
static int read_via(const struct nlattr *a, struct addr *out)
{
	const uint8_t *bytes;
	uint16_t family;

	if (!a)
		return 0;
	if (nla_len(a) < VIA_FAMILY_SIZE)
		return -EBADMSG;
	family = nla_get_u16(a);
	bytes = nla_data(a);
	if (family != AF_INET && family != AF_INET6)
		return 0;
	if (nla_len(a) < VIA_FAMILY_SIZE + addr_size(family))
		return -EBADMSG;
	*out = addr_from(family, bytes + VIA_FAMILY_SIZE);
	return 0;
}

static int read_addresses(struct nlattr **attr, int family, struct route_answer *row)
{
	int error = read_addr(attr[RTA_DST], family, &row->prefix);

	if (!error)
		error = read_addr(attr[RTA_PREFSRC], family, &row->source);
	if (!error)
		error = read_addr(attr[RTA_GATEWAY], family, &row->gateway);
	if (!error)
		error = read_via(attr[RTA_VIA], &row->gateway);
	return error;
}

static int decode_route(void *context, const struct nlmsghdr *h)
{
	static const unsigned char sizes[RTA_MAX + 1] = {[RTA_OIF] = 4, [RTA_TABLE] = 4};
	struct route_decoder *d = context;
	const struct rtmsg *m = nlmsg_data(h);
	struct nlattr *attr[RTA_MAX + 1];
	struct route_answer row = {.type = m->rtm_type,
				   .scope = m->rtm_scope,
				   .table = m->rtm_table,
				   .prefix_len = m->rtm_dst_len};
	int error;

	if (m->rtm_family != AF_INET && m->rtm_family != AF_INET6)
		return -EBADMSG;
	if (m->rtm_dst_len > addr_size(m->rtm_family) * 8)
		return -EBADMSG;
	error = messages_attributes(h, sizeof(*m), attr, RTA_MAX, sizes);
	if (!error)
		error = read_addresses(attr, m->rtm_family, &row);
	if (error || d->has_row)
		return error;
	if (attr[RTA_OIF])
		row.out_ifindex = nla_get_u32(attr[RTA_OIF]);
	if (attr[RTA_TABLE])
		row.table = nla_get_u32(attr[RTA_TABLE]);
	d->row = row;
	d->has_row = true;
	return 0;
}

int routes_decode(struct route_decoder *d, const void *bytes, size_t len)
{
	struct route_decoder before = *d;
	int error = messages_each(bytes, len, RTM_NEWROUTE, sizeof(struct rtmsg),
				  decode_route, d);

	if (error)
		*d = before;
	return error;
}

/* A route whose very type is a refusal; net/ipv4/fib_semantics.c: fib_props. */
static int error_of_type(uint8_t type)
{
	switch (type) {
	case RTN_BLACKHOLE:
		return EINVAL;
	case RTN_UNREACHABLE:
		return EHOSTUNREACH;
	case RTN_PROHIBIT:
		return EACCES;
	case RTN_THROW:
		return ENETUNREACH;
	default:
		return 0;
	}
}

struct route_answer *routes_finish(struct route_decoder *d, int error)
{
	struct route_answer *answer = table_new(sizeof(*answer), NULL);
	struct table head;

	if (!answer)
		return NULL;
	head = answer->head;
	*answer = d->row;
	answer->head = head;
	if (!error)
		error = d->has_row ? error_of_type(d->row.type) : EPROTO;
	answer->error = error;
	routes_init(d);
	return answer;
}

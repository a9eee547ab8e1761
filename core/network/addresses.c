/*
 * RTM_NEWADDR and local RTM_NEWROUTE messages -> what this host takes as its own. Knows no
 * names.
 */
#include "core/network/addresses.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>

#include "core/base/messages.h"
#include "core/base/rows.h"

#define LOOPBACK_IFINDEX 1 /* of every namespace; include/net/flow.h */

enum { V4_BITS = 32 };

void addresses_init(struct address_decoder *d)
{
	vec_init(&d->rows, sizeof(struct address_row));
}

void addresses_release(struct address_decoder *d)
{
	vec_release(&d->rows);
}

static bool is_ip(uint8_t family)
{
	return family == AF_INET || family == AF_INET6;
}

static int addr_size(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

/* 0 or -EBADMSG: there is none, or it is short. */
static int read_addr(const struct nlattr *a, uint8_t family, struct addr *out)
{
	if (!a || nla_len(a) < addr_size(family))
		return -EBADMSG;
	*out = addr_from(family, nla_data(a));
	return 0;
}

static int decode_address(void *context, const struct nlmsghdr *h)
{
	static const unsigned char sizes[IFA_FLAGS + 1] = {[IFA_FLAGS] = sizeof(uint32_t)};
	struct address_decoder *d = context;
	const struct ifaddrmsg *m = nlmsg_data(h);
	struct nlattr *attr[IFA_FLAGS + 1];
	struct address_row row = {.prefix_len = m->ifa_prefixlen, .scope = m->ifa_scope};
	struct address_row *kept;
	int error;

	if (!is_ip(m->ifa_family))
		return 0;
	row.ifindex = m->ifa_index;
	error = messages_attributes(h, sizeof(*m), attr, IFA_FLAGS, sizes);
	if (!error)
		error = read_addr(attr[IFA_LOCAL] ? attr[IFA_LOCAL] : attr[IFA_ADDRESS],
				  m->ifa_family, &row.local);
	if (error)
		return error;
	row.flags = attr[IFA_FLAGS] ? nla_get_u32(attr[IFA_FLAGS]) : m->ifa_flags;
	row.order = (uint32_t)d->rows.n + 1;
	kept = vec_push(&d->rows);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

int addresses_decode(struct address_decoder *d, const void *bytes, size_t len)
{
	return messages_into(&d->rows, bytes, len, RTM_NEWADDR, sizeof(struct ifaddrmsg),
			     decode_address, d);
}

static int compare_u32(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int compare_addresses(const void *a, const void *b)
{
	const struct address_row *x = a, *y = b;
	int order = addr_compare(&x->local, &y->local);

	return order ? order : compare_u32(x->ifindex, y->ifindex);
}

static int compare_routes(const void *a, const void *b)
{
	const struct local_route_row *x = a, *y = b;
	int order = addr_compare(&x->prefix, &y->prefix);

	if (!order)
		order = compare_u32(x->prefix_len, y->prefix_len);
	return order ? order : compare_u32(x->ifindex, y->ifindex);
}

struct address_table *addresses_finish(struct address_decoder *d)
{
	struct address_table *t = table_new(sizeof(*t), NULL);

	if (t)
		t->rows = rows_freeze(&t->head.arena, &d->rows, compare_addresses, &t->n);
	if (t && !t->rows) {
		table_unref(t);
		t = NULL;
	}
	vec_reset(&d->rows);
	return t;
}

void local_routes_init(struct local_route_decoder *d)
{
	vec_init(&d->rows, sizeof(struct local_route_row));
}

void local_routes_release(struct local_route_decoder *d)
{
	vec_release(&d->rows);
}

/* A route without RTA_DST goes everywhere: "ip route add local default dev lo". */
static int read_prefix(const struct rtmsg *m, const struct nlattr *dst, struct addr *out)
{
	static const uint8_t nothing[16];

	if (m->rtm_dst_len > addr_size(m->rtm_family) * 8)
		return -EBADMSG;
	if (dst)
		return read_addr(dst, m->rtm_family, out);
	if (m->rtm_dst_len)
		return -EBADMSG;
	*out = addr_from(m->rtm_family, nothing);
	return 0;
}

static int decode_route(void *context, const struct nlmsghdr *h)
{
	static const unsigned char sizes[RTA_OIF + 1] = {[RTA_OIF] = sizeof(uint32_t)};
	struct local_route_decoder *d = context;
	const struct rtmsg *m = nlmsg_data(h);
	struct nlattr *attr[RTA_OIF + 1];
	struct local_route_row row = {.prefix_len = m->rtm_dst_len};
	struct local_route_row *kept;
	int error;

	if (!is_ip(m->rtm_family) || m->rtm_type != RTN_LOCAL)
		return 0;
	error = messages_attributes(h, sizeof(*m), attr, RTA_OIF, sizes);
	if (!error)
		error = read_prefix(m, attr[RTA_DST], &row.prefix);
	if (error)
		return error;
	if (attr[RTA_OIF])
		row.ifindex = nla_get_u32(attr[RTA_OIF]);
	kept = vec_push(&d->rows);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

int local_routes_decode(struct local_route_decoder *d, const void *bytes, size_t len)
{
	return messages_into(&d->rows, bytes, len, RTM_NEWROUTE, sizeof(struct rtmsg),
			     decode_route, d);
}

struct local_route_table *local_routes_finish(struct local_route_decoder *d)
{
	struct local_route_table *t = table_new(sizeof(*t), NULL);

	if (t)
		t->rows = rows_freeze(&t->head.arena, &d->rows, compare_routes, &t->n);
	if (t && !t->rows) {
		table_unref(t);
		t = NULL;
	}
	vec_reset(&d->rows);
	return t;
}

/* The first row with this address, or NULL; t may be NULL. */
static const struct address_row *find_row(const struct address_table *t,
					  const struct addr *a)
{
	struct addr wanted = addr_unmapped(a);

	for (size_t i = 0; t && i < t->n; i++) {
		if (addr_equals(&t->rows[i].local, &wanted))
			return &t->rows[i];
	}
	return NULL;
}

static bool has_route(const struct local_route_table *t, const struct addr *a)
{
	struct addr wanted = addr_unmapped(a);

	for (size_t i = 0; t && i < t->n; i++) {
		if (addr_in_prefix(&wanted, &t->rows[i].prefix, t->rows[i].prefix_len))
			return true;
	}
	return false;
}

enum tri address_is_here(const struct address_table *addresses,
			 const struct local_route_table *routes, const struct addr *a)
{
	if (find_row(addresses, a) || has_route(routes, a))
		return TRI_YES;
	return addresses && routes ? TRI_NO : TRI_UNSURE;
}

static uint32_t v4_bits(const struct addr *a)
{
	const uint8_t *b = a->bytes;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Networks of one or two addresses have none (RFC 3021). */
static bool has_broadcast(const struct address_row *row)
{
	return row->local.family == AF_INET && row->prefix_len < V4_BITS - 1;
}

bool address_is_broadcast(const struct address_table *t, const struct addr *a, uint32_t on)
{
	if (a->family != AF_INET)
		return false;
	if (v4_bits(a) == UINT32_MAX)
		return true;
	for (size_t i = 0; t && i < t->n; i++) {
		const struct address_row *row = &t->rows[i];

		if (has_broadcast(row) && (!on || row->ifindex == on) &&
		    v4_bits(a) == (v4_bits(&row->local) | UINT32_MAX >> row->prefix_len))
			return true;
	}
	return false;
}

uint32_t address_ifindex(const struct address_table *t, const struct addr *a)
{
	const struct address_row *row = find_row(t, a);

	return row ? row->ifindex : 0;
}

static bool is_showable(const struct address_row *row)
{
	return row->scope == RT_SCOPE_UNIVERSE && row->ifindex != LOOPBACK_IFINDEX &&
	       !addr_is_loopback(&row->local) &&
	       !(row->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
}

/* <0: a is rather shown than b. */
static int compare_primary(const struct address_row *a, const struct address_row *b)
{
	int order = (int)a->local.family - (int)b->local.family;

	if (!order)
		order = compare_u32(a->ifindex, b->ifindex);
	if (!order) /* the same bit is IFA_F_TEMPORARY of AF_INET6 */
		order = compare_u32(a->flags & IFA_F_SECONDARY, b->flags & IFA_F_SECONDARY);
	return order;
}

const struct address_row *address_primary(const struct address_table *t)
{
	const struct address_row *best = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct address_row *row = &t->rows[i];

		if (is_showable(row) && (!best || compare_primary(row, best) < 0))
			best = row;
	}
	return best;
}

/*
 * Elements of an ipset as the kernel lists them -> spans. A network within another one
 * decides for its own addresses: hash:net takes the longest, which may be a "nomatch".
 */
#include "core/firewall/ipset_members.h"

#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/firewall/eval/cell.h"
#include "core/firewall/nft/nft_attributes.h"

enum { HEAD_BITMASK = 12 /* IPSET_ATTR_BITMASK, since Linux 6.2 */ };

struct ipset_element {
	struct ipset_span span;
	unsigned prefix_len;
	bool is_nomatch;
};

void ipset_listing_init(struct ipset_listing *l)
{
	*l = (struct ipset_listing){.elements = VEC_OF(struct ipset_element)};
}

void ipset_listing_release(struct ipset_listing *l)
{
	vec_release(&l->elements);
}

/* ---- messages ---- */

/* Of no address none. */
static unsigned bits_of(const struct addr *a)
{
	return a->family == AF_INET6 ? 128 : a->family ? 32 : 0;
}

static bool take_address(const struct nlattr *nest, struct addr *out)
{
	struct nft_attributes a = nft_nested(nest);
	struct text v4 = nft_bytes(a.at[IPSET_ATTR_IPADDR_IPV4]);
	struct text v6 = nft_bytes(a.at[IPSET_ATTR_IPADDR_IPV6]);

	if (v4.len == 4)
		*out = addr_v4((const uint8_t *)v4.bytes);
	else if (v6.len == 16)
		*out = addr_v6((const uint8_t *)v6.bytes);
	else
		return false;
	return true;
}

/* False: it is more than an address, its length and a port. */
static bool read_element(const struct ipset_listing *l, const struct nft_attributes *a,
			 struct ipset_element *e)
{
	bool has_port = a->at[IPSET_ATTR_PORT] != NULL;
	bool has_address = a->at[IPSET_ATTR_IP] != NULL;
	uint64_t len;

	if (a->is_damaged || has_port != l->has_port || has_address != l->has_address ||
	    (has_address && !take_address(a->at[IPSET_ATTR_IP], &e->span.low)) ||
	    a->at[IPSET_ATTR_IP_TO] || a->at[IPSET_ATTR_IP2] || a->at[IPSET_ATTR_PORT_TO] ||
	    a->at[IPSET_ATTR_MARK] || a->at[IPSET_ATTR_IFACE] || a->at[IPSET_ATTR_ETHER])
		return false;
	len = bits_of(&e->span.low);
	if (a->at[IPSET_ATTR_CIDR])
		len = nft_integer(a->at[IPSET_ATTR_CIDR]);
	else if (l->netmask)
		len = l->netmask;
	if (len > bits_of(&e->span.low))
		return false;
	e->prefix_len = (unsigned)len;
	e->span.port = (uint16_t)nft_integer(a->at[IPSET_ATTR_PORT]);
	e->span.proto = (uint8_t)nft_integer(a->at[IPSET_ATTR_PROTO]);
	e->is_nomatch = nft_integer(a->at[IPSET_ATTR_CADT_FLAGS]) & IPSET_FLAG_NOMATCH;
	return true;
}

static int add_element(struct ipset_listing *l, const struct nft_attributes *a)
{
	struct ipset_element e = {.prefix_len = 0}, *kept;
	struct addr address;

	if (!read_element(l, a, &e)) {
		l->is_odd = true;
		return 0;
	}
	address = e.span.low;
	e.span.high = e.span.low;
	addr_bits_span(address.bytes, bits_of(&address) / 8, e.prefix_len, e.span.low.bytes,
		       e.span.high.bytes);
	kept = vec_push(&l->elements);
	if (!kept)
		return -ENOMEM;
	*kept = e;
	return 0;
}

/* Only types whose element is what read_element() takes. */
static void take_head(struct ipset_listing *l, const struct nft_attributes *a)
{
	static const struct {
		const char *type;
		bool has_address, has_port;
	} types[] = {{"hash:ip", true, false},      {"hash:net", true, false},
		     {"bitmap:ip", true, false},    {"hash:ip,port", true, true},
		     {"hash:net,port", true, true}, {"bitmap:port", false, true}};
	struct text type = nft_name(a->at[IPSET_ATTR_TYPENAME]);
	struct nft_attributes head = nft_nested(a->at[IPSET_ATTR_DATA]);

	l->has_head = true;
	l->is_odd = true;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!text_equals_str(type, types[i].type))
			continue;
		l->has_address = types[i].has_address;
		l->has_port = types[i].has_port;
		l->is_odd = false;
	}
	l->netmask = (unsigned)nft_integer(head.at[IPSET_ATTR_NETMASK]);
	/* A mask that is no length. */
	if (head.is_damaged || (head.at[HEAD_BITMASK] && !l->netmask))
		l->is_odd = true;
}

int ipset_listing_take(struct ipset_listing *l, const struct nlmsghdr *h)
{
	struct nft_attributes a =
		nft_attributes_of(nlmsg_attrdata(h, sizeof(struct nfgenmsg)),
				  nlmsg_attrlen(h, sizeof(struct nfgenmsg)));
	const struct nlattr *one;
	int left, error = 0;

	if (a.is_damaged)
		return -EBADMSG;
	if ((h->nlmsg_type & 0xff) != IPSET_CMD_LIST)
		return 0;
	if (a.at[IPSET_ATTR_TYPENAME] && !l->has_head)
		take_head(l, &a);
	nft_for_each(one, left, a.at[IPSET_ATTR_ADT])
	{
		struct nft_attributes element = nft_nested(one);

		if (!error && !l->is_odd)
			error = add_element(l, &element);
	}
	return error;
}

/* ---- spans ---- */

static int compare_groups(const struct ipset_span *x, const struct ipset_span *y)
{
	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	return (x->low.family > y->low.family) - (x->low.family < y->low.family);
}

/* A network before those within it. */
static int compare_elements(const void *a, const void *b)
{
	const struct ipset_element *x = a, *y = b;
	int order = compare_groups(&x->span, &y->span);

	if (!order)
		order = addr_compare(&x->span.low, &y->span.low);
	return order ? order
		     : (x->prefix_len > y->prefix_len) - (x->prefix_len < y->prefix_len);
}

/* Networks around the place that is written, the outermost first: each is longer than the
 * one before it. */
struct nest {
	const struct ipset_element *open[130];
	size_t n;
	struct addr at; /* up to before it all is written */
	bool is_past;   /* there is no address behind what was written */
	struct ipset_members *out;
};

static void put_span(struct nest *n, const struct ipset_element *of, struct addr high)
{
	struct ipset_span *last = n->out->n ? &n->out->rows[n->out->n - 1] : NULL;
	struct addr behind;

	if (of->is_nomatch)
		return;
	behind = last ? last->high : high;
	if (last && !compare_groups(last, &of->span) && fw_addr_next(&behind) &&
	    addr_equals(&behind, &n->at)) {
		last->high = high;
		return;
	}
	n->out->rows[n->out->n] = of->span;
	n->out->rows[n->out->n].low = n->at;
	n->out->rows[n->out->n++].high = high;
}

/* The innermost one, to its end. */
static void close_one(struct nest *n)
{
	const struct ipset_element *top = n->open[--n->n];

	if (n->is_past || addr_compare(&n->at, &top->span.high) > 0)
		return;
	put_span(n, top, top->span.high);
	n->at = top->span.high;
	n->is_past = !fw_addr_next(&n->at);
}

static void open_one(struct nest *n, const struct ipset_element *e)
{
	const struct ipset_element *top;
	struct addr before = e->span.low;

	while (n->n && (compare_groups(&n->open[n->n - 1]->span, &e->span) ||
			addr_compare(&n->open[n->n - 1]->span.high, &e->span.low) < 0))
		close_one(n);
	top = n->n ? n->open[n->n - 1] : NULL;
	/* Told twice. */
	if (top && top->prefix_len == e->prefix_len)
		return;
	if (top && addr_compare(&n->at, &e->span.low) < 0 && fw_addr_previous(&before))
		put_span(n, top, before);
	n->at = e->span.low;
	n->is_past = false;
	n->open[n->n++] = e;
}

int ipset_listing_finish(struct ipset_listing *l, struct arena *arena,
			 struct ipset_members *out)
{
	struct nest n = {.out = out};

	*out = (struct ipset_members){.has_address = l->has_address,
				      .has_port = l->has_port,
				      .is_known = l->has_head && !l->is_odd};
	if (!out->is_known)
		return 0;
	/* Each element ends one span, and may end that around it. */
	out->rows = arena_alloc(arena, (2 * l->elements.n + 1) * sizeof(*out->rows));
	if (!out->rows)
		return -ENOMEM;
	if (l->elements.n)
		qsort(l->elements.data, l->elements.n, sizeof(struct ipset_element),
		      compare_elements);
	for (size_t i = 0; i < l->elements.n; i++)
		open_one(&n, vec_at(&l->elements, i));
	while (n.n)
		close_one(&n);
	return 0;
}

/* ---- one address ---- */

static int compare_to(const struct ipset_span *row, const struct ipset_span *key)
{
	int order = compare_groups(row, key);

	return order ? order : addr_compare(&row->low, &key->low);
}

/* How many rows begin at the key or before it. */
static size_t count_not_above(const struct ipset_members *m, const struct ipset_span *key)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_to(&m->rows[middle], key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void find_addresses(const struct ipset_span *before, const struct ipset_span *behind,
			   const struct ipset_span *key, struct ipset_around *around)
{
	addr_bits_span(key->low.bytes, bits_of(&key->low) / 8, 0, around->low.bytes,
		       around->high.bytes);
	if (before && !compare_groups(before, key)) {
		around->low = before->high;
		fw_addr_next(&around->low);
	}
	if (behind && !compare_groups(behind, key)) {
		around->high = behind->low;
		fw_addr_previous(&around->high);
	}
}

/* Up to the next ports that any element has. */
static void find_ports(const struct ipset_members *m, const struct ipset_span *key,
		       struct ipset_around *around)
{
	struct ipset_span first = {.proto = key->proto, .port = key->port};
	size_t at = count_not_above(m, &first);
	const struct ipset_span *before = at ? &m->rows[at - 1] : NULL;
	const struct ipset_span *behind = at < m->n ? &m->rows[at] : NULL;

	if (before && before->proto == key->proto && before->port == key->port)
		behind = before;
	if (behind && behind->proto == key->proto && behind->port == key->port) {
		around->port_low = around->port_high = key->port;
		return;
	}
	if (before && before->proto == key->proto)
		around->port_low = (uint16_t)(before->port + 1);
	if (behind && behind->proto == key->proto)
		around->port_high = (uint16_t)(behind->port - 1);
}

bool ipset_members_have(const struct ipset_members *m, const struct addr *a, uint8_t proto,
			uint16_t port, struct ipset_around *around)
{
	struct addr address = m->has_address ? *a : (struct addr){0};
	struct ipset_span key = {address, address, m->has_port ? proto : 0,
				 m->has_port ? port : 0};
	size_t at = count_not_above(m, &key);
	const struct ipset_span *before = at ? &m->rows[at - 1] : NULL;

	*around = (struct ipset_around){
		.low = address, .high = address, .port_high = UINT16_MAX};
	if (m->has_port)
		find_ports(m, &key, around);
	if (before && !compare_groups(before, &key) &&
	    addr_compare(&address, &before->high) <= 0) {
		around->low = before->low;
		around->high = before->high;
		return true;
	}
	find_addresses(before, at < m->n ? &m->rows[at] : NULL, &key, around);
	return false;
}

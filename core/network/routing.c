/* RTM_NEWRULE messages -> rules that choose a table. Looks up no route: the kernel is asked
 * (routes.h). */
#include "core/network/routing.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "core/base/messages.h"
#include "core/base/rows.h"

void routing_init(struct routing_decoder *d)
{
	*d = (struct routing_decoder){.rows = VEC_OF(struct routing_rule)};
	arena_init(&d->texts);
}

void routing_release(struct routing_decoder *d)
{
	vec_release(&d->rows);
	arena_release(&d->texts);
}

static enum routing_action action_of(uint8_t action)
{
	switch (action) {
	case FR_ACT_TO_TBL:
		return ROUTING_LOOKUP;
	case FR_ACT_GOTO:
		return ROUTING_GOTO;
	case FR_ACT_NOP:
		return ROUTING_NOP;
	case FR_ACT_BLACKHOLE:
		return ROUTING_BLACKHOLE;
	case FR_ACT_UNREACHABLE:
		return ROUTING_UNREACHABLE;
	case FR_ACT_PROHIBIT:
		return ROUTING_PROHIBIT;
	default:
		return ROUTING_NONE;
	}
}

static int take_prefix(const struct nlattr *a, int family, uint8_t bits, struct addr *out,
		       uint8_t *len)
{
	int size = family == AF_INET ? 4 : 16;

	if (bits > size * 8 || (a && nla_len(a) < size))
		return -EBADMSG;
	if (a)
		*out = addr_from(family, nla_data(a));
	*len = bits;
	return 0;
}

/* A name that ends with its first NUL. 0 or -ENOMEM. */
static int take_name(struct routing_decoder *d, const struct nlattr *a, struct text *out)
{
	size_t len = a ? strnlen(nla_data(a), (size_t)nla_len(a)) : 0;

	if (!len)
		return 0;
	*out = arena_text(&d->texts, (struct text){nla_data(a), len});
	return out->len == len ? 0 : -ENOMEM;
}

static uint32_t number(const struct nlattr *a, uint32_t otherwise)
{
	return a ? nla_get_u32(a) : otherwise;
}

/* A whole range of users is no condition. */
static bool has_users(const struct nlattr *a)
{
	struct fib_rule_uid_range range;

	if (!a)
		return false;
	memcpy(&range, nla_data(a), sizeof(range));
	return range.start != 0 || range.end != UINT32_MAX;
}

static bool has_more(const struct fib_rule_hdr *head, struct nlattr **attr)
{
	bool is_suppressing =
		number(attr[FRA_SUPPRESS_PREFIXLEN], UINT32_MAX) != UINT32_MAX ||
		number(attr[FRA_SUPPRESS_IFGROUP], UINT32_MAX) != UINT32_MAX;

	return head->tos || is_suppressing || attr[FRA_L3MDEV] || attr[FRA_TUN_ID] ||
	       attr[FRA_FLOW] || attr[FRA_SPORT_RANGE] || attr[FRA_DPORT_RANGE] ||
	       has_users(attr[FRA_UID_RANGE]);
}

static int take_rule(struct routing_decoder *d, const struct fib_rule_hdr *head,
		     struct nlattr **attr, struct routing_rule *r)
{
	int error = take_prefix(attr[FRA_SRC], head->family, head->src_len, &r->source,
				&r->source_len);

	if (!error)
		error = take_prefix(attr[FRA_DST], head->family, head->dst_len, &r->target,
				    &r->target_len);
	if (!error)
		error = take_name(d, attr[FRA_IIFNAME], &r->in);
	if (!error)
		error = take_name(d, attr[FRA_OIFNAME], &r->out);
	r->preference = number(attr[FRA_PRIORITY], 0);
	r->table = number(attr[FRA_TABLE], head->table);
	r->mark = number(attr[FRA_FWMARK], 0);
	r->mark_mask = number(attr[FRA_FWMASK], r->mark ? UINT32_MAX : 0);
	r->proto = attr[FRA_IP_PROTO] ? nla_get_u8(attr[FRA_IP_PROTO]) : 0;
	r->is_inverted = (head->flags & FIB_RULE_INVERT) != 0;
	r->has_more = has_more(head, attr);
	return error;
}

static int decode_rule(void *context, const struct nlmsghdr *h)
{
	static const unsigned char sizes[FRA_MAX + 1] = {
		[FRA_PRIORITY] = 4,
		[FRA_FWMARK] = 4,
		[FRA_FWMASK] = 4,
		[FRA_TABLE] = 4,
		[FRA_SUPPRESS_PREFIXLEN] = 4,
		[FRA_SUPPRESS_IFGROUP] = 4,
		[FRA_IP_PROTO] = 1,
		[FRA_UID_RANGE] = sizeof(struct fib_rule_uid_range)};
	struct routing_decoder *d = context;
	const struct fib_rule_hdr *head = nlmsg_data(h);
	struct nlattr *attr[FRA_MAX + 1];
	struct routing_rule *kept, row = {.family = head->family,
					  .action = action_of(head->action),
					  .order = (uint32_t)d->rows.n};
	int error = messages_attributes(h, sizeof(*head), attr, FRA_MAX, sizes);

	if (error || (head->family != AF_INET && head->family != AF_INET6))
		return error;
	error = take_rule(d, head, attr, &row);
	if (error)
		return error;
	kept = vec_push(&d->rows);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

int routing_decode(struct routing_decoder *d, const void *bytes, size_t len)
{
	return messages_into(&d->rows, bytes, len, RTM_NEWRULE, sizeof(struct fib_rule_hdr),
			     decode_rule, d);
}

static int compare_rows(const void *a, const void *b)
{
	const struct routing_rule *x = a, *y = b;

	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

struct routing_table *routing_finish(struct routing_decoder *d)
{
	struct routing_table *t = table_new(sizeof(*t), NULL);

	if (t) {
		t->head.arena = d->texts;
		arena_init(&d->texts);
		t->rows = rows_freeze(&t->head.arena, &d->rows, compare_rows, &t->n);
	}
	if (t && !t->rows) {
		table_unref(t);
		t = NULL;
	}
	vec_reset(&d->rows);
	return t;
}

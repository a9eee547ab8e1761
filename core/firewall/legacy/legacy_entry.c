/* One entry of a legacy table out of bytes that may say anything: every offset is checked
 * against what is there. What it means to a packet stands in legacy_exprs.c. */
#include "core/firewall/legacy/legacy.h"

#include <errno.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

/* Entries and what is in them begin at such offsets. */
enum { ALIGNMENT = __alignof__(struct xt_counters) };

static struct text part(struct text t, size_t offset, size_t len)
{
	return (struct text){t.bytes + offset, len};
}

/* A NUL-terminated name in a field of so many bytes. */
static bool name_of(struct text field, struct text *name)
{
	size_t len = field.len ? strnlen(field.bytes, field.len) : 0;

	*name = part(field, 0, len);
	return len < field.len;
}

#define FIELD(type, member) \
	part(t, offsetof(struct type, member), sizeof(((const struct type *)NULL)->member))

/* Both families' headers have these, each at places of its own. */
#define TAKE_PLACES(e, type, ip)                               \
	do {                                                   \
		(e)->source = FIELD(type, ip.src);             \
		(e)->source_mask = FIELD(type, ip.smsk);       \
		(e)->destination = FIELD(type, ip.dst);        \
		(e)->destination_mask = FIELD(type, ip.dmsk);  \
		(e)->iif = FIELD(type, ip.iniface);            \
		(e)->iif_mask = FIELD(type, ip.iniface_mask);  \
		(e)->oif = FIELD(type, ip.outiface);           \
		(e)->oif_mask = FIELD(type, ip.outiface_mask); \
	} while (0)

static void take_v4(struct text t, const struct ipt_entry *raw, struct legacy_entry *e)
{
	TAKE_PLACES(e, ipt_entry, ip);
	e->proto = raw->ip.proto;
	e->is_fragment = raw->ip.flags & IPT_F_FRAG;
	e->is_goto = raw->ip.flags & IPT_F_GOTO;
	e->inverted = raw->ip.invflags;
	e->packets = raw->counters.pcnt;
	e->bytes = raw->counters.bcnt;
}

/* Without its flag the protocol is not looked at. */
static void take_v6(struct text t, const struct ip6t_entry *raw, struct legacy_entry *e)
{
	TAKE_PLACES(e, ip6t_entry, ipv6);
	e->proto = raw->ipv6.flags & IP6T_F_PROTO ? raw->ipv6.proto : 0;
	e->is_goto = raw->ipv6.flags & IP6T_F_GOTO;
	e->inverted = raw->ipv6.invflags & (uint8_t)~LEGACY_NOT_FRAGMENT;
	e->packets = raw->counters.pcnt;
	e->bytes = raw->counters.bcnt;
}

/* A match or target of at least its head. */
static int extension_at(struct text t, struct legacy_extension *out, size_t *len)
{
	struct xt_entry_match head;

	if (t.len < sizeof(head))
		return -EBADMSG;
	memcpy(&head, t.bytes, sizeof(head));
	*len = head.u.match_size;
	if (*len < sizeof(head) || *len > t.len || *len % ALIGNMENT)
		return -EBADMSG;
	if (!name_of(part(t, offsetof(struct xt_entry_match, u.user.name),
			  sizeof(head.u.user.name)),
		     &out->name))
		return -EBADMSG;
	out->revision = head.u.user.revision;
	out->data = part(t, sizeof(head), *len - sizeof(head));
	return 0;
}

static int take_offsets(struct text t, size_t head, uint16_t target, uint16_t next,
			struct legacy_entry *e)
{
	size_t len;

	if (target < head || next < target || next > t.len || target % ALIGNMENT ||
	    next % ALIGNMENT)
		return -EBADMSG;
	e->next = e->offset + next;
	e->matches = part(t, head, target - head);
	return extension_at(part(t, target, (size_t)(next - target)), &e->target, &len);
}

int legacy_entry_at(struct text table, uint32_t offset, bool is_v6,
		    struct legacy_entry *out)
{
	size_t head = is_v6 ? sizeof(struct ip6t_entry) : sizeof(struct ipt_entry);
	struct legacy_entry e = {.offset = offset, .is_v6 = is_v6};
	struct ip6t_entry v6;
	struct ipt_entry v4;
	struct text t;
	int error;

	if (offset % ALIGNMENT || offset > table.len || table.len - offset < head)
		return -EBADMSG;
	t = part(table, offset, table.len - offset);
	if (is_v6) {
		memcpy(&v6, t.bytes, sizeof(v6));
		take_v6(t, &v6, &e);
		error = take_offsets(t, head, v6.target_offset, v6.next_offset, &e);
	} else {
		memcpy(&v4, t.bytes, sizeof(v4));
		take_v4(t, &v4, &e);
		error = take_offsets(t, head, v4.target_offset, v4.next_offset, &e);
	}
	if (!error)
		*out = e;
	return error;
}

int legacy_match_next(struct text *rest, struct legacy_extension *out)
{
	size_t len;
	int error;

	if (!rest->len)
		return 0;
	error = extension_at(*rest, out, &len);
	if (error)
		return error;
	*rest = part(*rest, len, rest->len - len);
	return 1;
}

bool legacy_entry_is_head(const struct legacy_entry *e, struct text *name)
{
	struct text field = e->target.data;

	if (!text_equals_str(e->target.name, XT_ERROR_TARGET))
		return false;
	field.len = field.len < XT_FUNCTION_MAXNAMELEN ? field.len : XT_FUNCTION_MAXNAMELEN;
	return name_of(field, name);
}

bool legacy_entry_verdict(const struct legacy_entry *e, int32_t *verdict)
{
	if (e->target.name.len || e->target.data.len < sizeof(*verdict))
		return false;
	memcpy(verdict, e->target.data.bytes, sizeof(*verdict));
	return true;
}

static bool is_zero(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (t.bytes[i])
			return false;
	}
	return true;
}

bool legacy_entry_is_unconditional(const struct legacy_entry *e)
{
	return !e->matches.len && !e->proto && !e->is_fragment && !e->inverted &&
	       is_zero(e->source_mask) && is_zero(e->destination_mask) &&
	       is_zero(e->iif_mask) && is_zero(e->oif_mask);
}

/* Items of several kinds -> programs and filters, by interface and place. What a filter
 * says is filters.c; what a packet meets is core/path. */
#include "core/network/programs.h"

#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bundle.h"
#include "core/base/messages.h"
#include "core/network/filters.h"
#include "core/network/programs_impl.h"

enum { ROWS_MAX = 50000, DIGITS_MAX = 24, QUEUE_DROPS_AT = 8 };

struct program_decoder *programs_new(void)
{
	struct program_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->rows = VEC_OF(struct program_row);
	d->qdiscs = VEC_OF(struct qdisc_row);
	d->links = VEC_OF(struct named);
	d->groups = VEC_OF(struct named);
	d->programs = VEC_OF(struct named);
	d->kinds = VEC_OF(struct named);
	arena_init(&d->texts);
	return d;
}

static void each_vec(struct program_decoder *d, void (*done)(struct vec *v))
{
	struct vec *all[] = {&d->rows,   &d->qdiscs,   &d->links,
			     &d->groups, &d->programs, &d->kinds};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		done(all[i]);
}

void programs_reset(struct program_decoder *d)
{
	each_vec(d, vec_reset);
	arena_release(&d->texts);
	d->filters_error = d->hooks_error = d->groups_error = 0;
	d->n_orders = 0;
}

void programs_free(struct program_decoder *d)
{
	if (!d)
		return;
	each_vec(d, vec_release);
	arena_release(&d->texts);
	free(d);
}

/* ---- words of items ---- */

/* "12/..." -> 12, and the text moves on behind the '/'. False: there is no number. */
static bool take_number(struct text *t, int base, uint64_t *out)
{
	char digits[DIGITS_MAX];
	size_t len = 0;
	char *end;

	while (len < t->len && t->bytes[len] != '/' && t->bytes[len] != ' ')
		len++;
	if (!len || len >= sizeof(digits))
		return false;
	memcpy(digits, t->bytes, len);
	digits[len] = '\0';
	errno = 0;
	*out = strtoull(digits, &end, base);
	if (*end || errno || digits[0] == '-' || digits[0] == '+')
		return false;
	len += len < t->len;
	*t = (struct text){t->bytes + len, t->len - len};
	return true;
}

static bool takes_word(struct text *t, const char *word)
{
	size_t len = strlen(word);

	if (t->len < len || memcmp(t->bytes, word, len))
		return false;
	*t = (struct text){t->bytes + len, t->len - len};
	return true;
}

static int add_named(struct program_decoder *d, struct vec *v, uint64_t number,
		     struct text name)
{
	struct text kept = arena_text(&d->texts, name);
	struct named *n;

	if (kept.len != name.len)
		return -ENOMEM;
	if (v->n == ROWS_MAX)
		return -EBADMSG;
	n = vec_push(v);
	if (!n)
		return -ENOMEM;
	*n = (struct named){number, kept};
	return 0;
}

static int add_row(struct program_decoder *d, const struct program_row *row)
{
	struct program_row *kept;

	if (d->rows.n == ROWS_MAX)
		return -EBADMSG;
	kept = vec_push(&d->rows);
	if (!kept)
		return -ENOMEM;
	*kept = *row;
	kept->order = d->n_orders++;
	return 0;
}

/* ---- interfaces ---- */

static int add_xdp(struct program_decoder *d, uint32_t ifindex, const struct nlattr *xdp)
{
	static const int types[] = {IFLA_XDP_HW_PROG_ID, IFLA_XDP_DRV_PROG_ID,
				    IFLA_XDP_SKB_PROG_ID, IFLA_XDP_PROG_ID};
	struct program_row row = {
		.place = PROGRAM_AT_XDP, .kind = PROGRAM_OF_XDP, .ifindex = ifindex};
	uint32_t last = 0;
	int error = 0;

	/* The last one repeats a single one of the others. */
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]) && !error; i++) {
		const struct nlattr *id = nla_find(nla_data(xdp), nla_len(xdp), types[i]);

		if (!id || nla_len(id) < 4 || nla_get_u32(id) == last || !nla_get_u32(id))
			continue;
		row.id = last = nla_get_u32(id);
		error = add_row(d, &row);
	}
	return error;
}

static int decode_link(void *context, const struct nlmsghdr *h)
{
	static const unsigned char sizes[IFLA_XDP + 1] = {0};
	struct program_decoder *d = context;
	const struct ifinfomsg *m = nlmsg_data(h);
	struct nlattr *attr[IFLA_XDP + 1];
	uint32_t ifindex = (uint32_t)m->ifi_index;
	struct text name = TEXT_NONE;
	int error = messages_attributes(h, sizeof(*m), attr, IFLA_XDP, sizes);

	if (error)
		return error;
	if (attr[IFLA_IFNAME])
		name = (struct text){nla_data(attr[IFLA_IFNAME]),
				     strnlen(nla_data(attr[IFLA_IFNAME]),
					     (size_t)nla_len(attr[IFLA_IFNAME]))};
	error = add_named(d, &d->links, ifindex, name);
	return error || !attr[IFLA_XDP] ? error : add_xdp(d, ifindex, attr[IFLA_XDP]);
}

static int take_link(struct program_decoder *d, struct text name,
		     const struct bundle_item *item)
{
	(void)name;
	return messages_each(item->data.bytes, item->data.len, RTM_NEWLINK,
			     sizeof(struct ifinfomsg), decode_link, d);
}

/* ---- queueing disciplines ---- */

static void read_drops(struct qdisc_row *row, const struct nlattr *stats)
{
	const struct nlattr *queue =
		stats ? nla_find(nla_data(stats), nla_len(stats), TCA_STATS_QUEUE) : NULL;
	uint32_t drops;

	if (!queue || nla_len(queue) < QUEUE_DROPS_AT + 4)
		return;
	memcpy(&drops, (const uint8_t *)nla_data(queue) + QUEUE_DROPS_AT, sizeof(drops));
	row->has_drops = true;
	row->drops = drops;
}

static int decode_qdisc(void *context, const struct nlmsghdr *h)
{
	static const unsigned char sizes[TCA_STATS2 + 1] = {[TCA_KIND] = 1};
	struct program_decoder *d = context;
	const struct tcmsg *m = nlmsg_data(h);
	struct nlattr *attr[TCA_STATS2 + 1];
	struct qdisc_row *kept, row = {.ifindex = (uint32_t)m->tcm_ifindex,
				       .handle = m->tcm_handle,
				       .parent = m->tcm_parent};
	int error = messages_attributes(h, sizeof(*m), attr, TCA_STATS2, sizes);
	struct text kind;

	if (error)
		return error;
	if (!attr[TCA_KIND] || d->qdiscs.n == ROWS_MAX)
		return -EBADMSG;
	kind = (struct text){
		nla_data(attr[TCA_KIND]),
		strnlen(nla_data(attr[TCA_KIND]), (size_t)nla_len(attr[TCA_KIND]))};
	row.kind = arena_text(&d->texts, kind);
	read_drops(&row, attr[TCA_STATS2]);
	kept = row.kind.len == kind.len ? vec_push(&d->qdiscs) : NULL;
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

static int take_qdisc(struct program_decoder *d, struct text name,
		      const struct bundle_item *item)
{
	(void)name;
	if (item->error)
		d->filters_error = item->error;
	return messages_each(item->data.bytes, item->data.len, RTM_NEWQDISC,
			     sizeof(struct tcmsg), decode_qdisc, d);
}

/* ---- filters ---- */

struct filter_context {
	struct program_decoder *decoder;
	uint32_t ifindex, parent;
};

static enum program_place place_of(uint32_t parent)
{
	if (parent == TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS))
		return PROGRAM_AT_INGRESS;
	if (parent == TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS))
		return PROGRAM_AT_EGRESS;
	return PROGRAM_AT_QUEUE;
}

/* "bpf" or "bpf guard"; what it belongs to is told by the number of its row. */
static int keep_kind(struct program_decoder *d, const struct filter *f)
{
	char text[FILTER_KIND_MAX + FILTER_NAME_MAX + 1];

	snprintf(text, sizeof(text), "%s%s%s", f->kind, f->name[0] ? " " : "", f->name);
	return add_named(d, &d->kinds, d->n_orders, text_of(text));
}

static int decode_filter(void *context, const struct nlmsghdr *h)
{
	struct filter_context *c = context;
	struct filter f;
	int got = filter_decode(h, &f);

	if (got <= 0)
		return got;
	f.row.ifindex = c->ifindex;
	f.row.parent = c->parent;
	f.row.place = place_of(c->parent);
	got = keep_kind(c->decoder, &f);
	return got ? got : add_row(c->decoder, &f.row);
}

static int take_filter(struct program_decoder *d, struct text name,
		       const struct bundle_item *item)
{
	struct filter_context c = {.decoder = d};
	uint64_t ifindex, parent;

	if (item->error)
		d->filters_error = item->error;
	if (!item->data.len)
		return 0;
	if (!takes_word(&name, "/") || !take_number(&name, 10, &ifindex) ||
	    !take_number(&name, 16, &parent) || ifindex > UINT32_MAX || parent > UINT32_MAX)
		return -EBADMSG;
	c.ifindex = (uint32_t)ifindex;
	c.parent = (uint32_t)parent;
	return messages_each(item->data.bytes, item->data.len, RTM_NEWTFILTER,
			     sizeof(struct tcmsg), decode_filter, &c);
}

/* ---- programs of devices and control groups ---- */

static int add_ids(struct program_decoder *d, struct program_row row, struct text ids)
{
	uint64_t id;
	int error = 0;

	while (ids.len && !error) {
		if (!take_number(&ids, 10, &id) || !id || id > UINT32_MAX)
			return -EBADMSG;
		row.id = (uint32_t)id;
		error = add_row(d, &row);
	}
	return error;
}

static int take_hook(struct program_decoder *d, struct text name,
		     const struct bundle_item *item, struct program_row row)
{
	uint64_t ifindex;

	if (item->error)
		d->hooks_error = item->error;
	if (!item->data.len)
		return 0;
	if (!takes_word(&name, "/") || !take_number(&name, 10, &ifindex) ||
	    ifindex > UINT32_MAX)
		return -EBADMSG;
	row.ifindex = (uint32_t)ifindex;
	return add_ids(d, row, item->data);
}

#define HOOK(function, of, at)                                                   \
	static int function(struct program_decoder *d, struct text name,         \
			    const struct bundle_item *item)                      \
	{                                                                        \
		return take_hook(d, name, item,                                  \
				 (struct program_row){.kind = of, .place = at}); \
	}

HOOK(take_tcx_ingress, PROGRAM_OF_TCX, PROGRAM_AT_INGRESS)
HOOK(take_tcx_egress, PROGRAM_OF_TCX, PROGRAM_AT_EGRESS)
HOOK(take_netkit_ingress, PROGRAM_OF_NETKIT, PROGRAM_AT_INGRESS)
HOOK(take_netkit_egress, PROGRAM_OF_NETKIT, PROGRAM_AT_EGRESS)

static int take_group(struct program_decoder *d, struct text name,
		      const struct bundle_item *item)
{
	struct program_row row = {.kind = PROGRAM_OF_CGROUP, .place = PROGRAM_AT_SOCKET};

	if (item->error)
		d->groups_error = item->error;
	if (!name.len)
		return 0;
	if (!takes_word(&name, "/") || !take_number(&name, 10, &row.cgroup) || !row.cgroup)
		return -EBADMSG;
	if (!name.len)
		return add_named(d, &d->groups, row.cgroup, item->data);
	if (text_equals_str(name, "egress"))
		row.place = PROGRAM_AT_SEND;
	else if (!text_equals_str(name, "ingress"))
		return -EBADMSG;
	return add_ids(d, row, item->data);
}

static int take_program(struct program_decoder *d, struct text name,
			const struct bundle_item *item)
{
	uint64_t id;

	if (!takes_word(&name, "/") || !take_number(&name, 10, &id))
		return -EBADMSG;
	return add_named(d, &d->programs, id, item->data);
}

static const struct {
	const char *word;
	int (*take)(struct program_decoder *d, struct text name,
		    const struct bundle_item *item);
} takers[] = {
	{"link", take_link},
	{"qdisc", take_qdisc},
	{"filter", take_filter},
	{"tcx-ingress", take_tcx_ingress},
	{"tcx-egress", take_tcx_egress},
	{"netkit-ingress", take_netkit_ingress},
	{"netkit-egress", take_netkit_egress},
	{"cgroup", take_group},
	{"program", take_program},
};

static int take(void *context, const struct bundle_item *item)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
		struct text name = item->name;

		if (takes_word(&name, takers[i].word) &&
		    (!name.len || name.bytes[0] == '/'))
			return takers[i].take(context, name, item);
	}
	return 0;
}

int programs_decode(struct program_decoder *d, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take, d);
}

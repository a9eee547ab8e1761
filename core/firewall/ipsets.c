/* Heads of ipsets as the kernel lists them, and what lists of sets list. */
#include "core/firewall/ipsets.h"

#include <errno.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/base/text.h"
#include "core/firewall/nft/ruleset_rows.h"

static const char *const dim_words[N_IPSET_DIMS] = {
	[IPSET_DIM_IP] = "ip",   [IPSET_DIM_NET] = "net",     [IPSET_DIM_PORT] = "port",
	[IPSET_DIM_MAC] = "mac", [IPSET_DIM_IFACE] = "iface", [IPSET_DIM_MARK] = "mark",
	[IPSET_DIM_SET] = "set",
};

static enum ipset_dim dim_of(struct text word)
{
	for (int i = 0; i < N_IPSET_DIMS; i++) {
		if (dim_words[i] && text_equals_str(word, dim_words[i]))
			return (enum ipset_dim)i;
	}
	return IPSET_DIM_OTHER;
}

/* "hash:ip,port,net" */
static void fill_dims(struct fw_ipset *s)
{
	const char *at = memchr(s->type.bytes, ':', s->type.len);
	const char *end = s->type.bytes + s->type.len;

	while (at && at < end && s->n_dims < IPSET_DIMS) {
		const char *from = at + 1;
		const char *comma = memchr(from, ',', (size_t)(end - from));
		struct text word = {from, (size_t)((comma ? comma : end) - from)};

		s->dims[s->n_dims++] = dim_of(word);
		at = comma;
	}
	/* More dimensions than any type has. */
	if (at && at < end)
		s->dims[0] = IPSET_DIM_OTHER;
}

static struct raw_ipset *find_raw(struct ruleset_decoder *d, struct text name)
{
	for (size_t i = 0; i < d->ipsets.n; i++) {
		struct raw_ipset *s = vec_at(&d->ipsets, i);

		if (text_equals(s->row.name, name))
			return s;
	}
	return NULL;
}

static int add(struct ruleset_decoder *d, const struct nft_attributes *a, struct text name)
{
	struct raw_ipset s = {.first_member = NULL}, *kept;

	if (nft_keep(&d->arena, name, &s.row.name) < 0 ||
	    nft_keep(&d->arena, nft_name(a->at[IPSET_ATTR_TYPENAME]), &s.row.type) < 0)
		return -ENOMEM;
	s.row.index = (uint16_t)nft_integer(a->at[IPSET_ATTR_INDEX]);
	s.row.family = (uint8_t)nft_integer(a->at[IPSET_ATTR_FAMILY]);
	s.row.has_timeouts =
		nft_nested(a->at[IPSET_ATTR_DATA]).at[IPSET_ATTR_TIMEOUT] != NULL;
	if (s.row.type.len)
		fill_dims(&s.row);
	kept = vec_push(&d->ipsets);
	if (!kept)
		return -ENOMEM;
	*kept = s;
	return 0;
}

static int add_member(struct ruleset_decoder *d, struct raw_ipset *s, struct text name)
{
	struct raw_ipset_member **last = &s->first_member;

	while (*last)
		last = &(*last)->next;
	*last = arena_alloc(&d->arena, sizeof(**last));
	return *last ? nft_keep(&d->arena, name, &(*last)->name) : -ENOMEM;
}

static int add_members(struct ruleset_decoder *d, struct raw_ipset *s,
		       const struct nlattr *list)
{
	const struct nlattr *one;
	int left, error = 0;

	nft_for_each(one, left, list)
	{
		struct nft_attributes a = nft_nested(one);

		if (!error && a.at[IPSET_ATTR_NAME])
			error = add_member(d, s, nft_name(a.at[IPSET_ATTR_NAME]));
	}
	return error;
}

int ipsets_take(struct ruleset_decoder *d, const struct nlmsghdr *h)
{
	struct nft_attributes a =
		nft_attributes_of(nlmsg_attrdata(h, sizeof(struct nfgenmsg)),
				  nlmsg_attrlen(h, sizeof(struct nfgenmsg)));
	struct text name;
	int error = 0;

	if (a.is_damaged)
		return -EBADMSG;
	name = nft_name(a.at[IPSET_ATTR_SETNAME]);
	if (text_is_empty(name) || (h->nlmsg_type & 0xff) != IPSET_CMD_LIST)
		return 0;
	if (a.at[IPSET_ATTR_INDEX] && !find_raw(d, name))
		error = add(d, &a, name);
	if (!error && a.at[IPSET_ATTR_ADT] && find_raw(d, name))
		error = add_members(d, find_raw(d, name), a.at[IPSET_ATTR_ADT]);
	return error;
}

/* "set NAME", as a reason of doubt: visible. */
static const char *words_of(struct arena *arena, struct text name)
{
	struct str s = {0};
	const char *words = NULL;

	if (!str_puts(&s, "set ") && !text_show(&s, name, TEXT_UTF8))
		words = arena_copy(arena, s.data, s.len);
	str_release(&s);
	return words;
}

static int resolve(struct ruleset_decoder *d, struct ruleset *r, size_t at)
{
	const struct raw_ipset *raw = vec_at(&d->ipsets, at);
	struct fw_ipset *s = &r->ipsets[at];
	size_t n = 0;

	for (const struct raw_ipset_member *m = raw->first_member; m; m = m->next)
		n++;
	s->members = arena_alloc(&r->head.arena, (n + 1) * sizeof(*s->members));
	if (!s->members)
		return -ENOMEM;
	for (const struct raw_ipset_member *m = raw->first_member; m; m = m->next) {
		struct raw_ipset *found = find_raw(d, m->name);

		s->members[s->n_members++] =
			found ? (uint32_t)(found -
					   (struct raw_ipset *)vec_at(&d->ipsets, 0))
			      : FW_NONE;
	}
	return 0;
}

int ipsets_finish(struct ruleset_decoder *d, struct ruleset *r)
{
	r->ipsets = arena_alloc(&r->head.arena, (d->ipsets.n + 1) * sizeof(*r->ipsets));
	if (!r->ipsets)
		return -ENOMEM;
	for (size_t i = 0; i < d->ipsets.n; i++) {
		struct fw_ipset *s = &r->ipsets[r->n_ipsets++];

		*s = ((struct raw_ipset *)vec_at(&d->ipsets, i))->row;
		s->words = words_of(&r->head.arena, s->name);
		if (!s->words || resolve(d, r, i) < 0)
			return -ENOMEM;
	}
	return 0;
}

const struct fw_ipset *ipsets_find(const struct ruleset *r, uint16_t number)
{
	for (size_t i = 0; i < r->n_ipsets; i++) {
		if (r->ipsets[i].index == number)
			return &r->ipsets[i];
	}
	return NULL;
}

bool ipsets_are_same(const struct ruleset *a, const struct ruleset *b)
{
	if (a->n_ipsets != b->n_ipsets)
		return false;
	for (size_t i = 0; i < a->n_ipsets; i++) {
		const struct fw_ipset *x = &a->ipsets[i], *y = &b->ipsets[i];

		if (x->index != y->index || x->family != y->family ||
		    !text_equals(x->name, y->name) || !text_equals(x->type, y->type) ||
		    x->n_members != y->n_members ||
		    memcmp(x->members, y->members, x->n_members * sizeof(*x->members)))
			return false;
	}
	return true;
}

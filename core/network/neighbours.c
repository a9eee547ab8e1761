/* RTM_NEWNEIGH messages -> neighbours. Knows no bridges' tables. */
#include "core/network/neighbours.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/messages.h"
#include "core/base/rows.h"

#define MAC_SIZE 6

void neighbours_init(struct neighbour_decoder *d)
{
	vec_init(&d->rows, sizeof(struct neighbour_row));
}

void neighbours_release(struct neighbour_decoder *d)
{
	vec_release(&d->rows);
}

static int decode_neighbour(void *context, const struct nlmsghdr *h)
{
	static const unsigned char sizes[NDA_MAX + 1] = {[NDA_PROBES] = 4};
	struct neighbour_decoder *d = context;
	const struct ndmsg *m = nlmsg_data(h);
	struct nlattr *attr[NDA_MAX + 1];
	struct neighbour_row row = {.ifindex = (uint32_t)m->ndm_ifindex,
				    .state = m->ndm_state,
				    .flags = m->ndm_flags};
	struct neighbour_row *kept;
	int error = messages_attributes(h, sizeof(*m), attr, NDA_MAX, sizes);

	if (error)
		return error;
	if (m->ndm_family != AF_INET && m->ndm_family != AF_INET6)
		return 0;
	if (!attr[NDA_DST] || nla_len(attr[NDA_DST]) < (m->ndm_family == AF_INET ? 4 : 16))
		return -EBADMSG;
	row.address = addr_from(m->ndm_family, nla_data(attr[NDA_DST]));
	row.has_mac = attr[NDA_LLADDR] && nla_len(attr[NDA_LLADDR]) == MAC_SIZE;
	if (row.has_mac)
		memcpy(row.mac, nla_data(attr[NDA_LLADDR]), MAC_SIZE);
	if (attr[NDA_PROBES])
		row.n_probes = nla_get_u32(attr[NDA_PROBES]);
	kept = vec_push(&d->rows);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

int neighbours_decode(struct neighbour_decoder *d, const void *bytes, size_t len)
{
	return messages_into(&d->rows, bytes, len, RTM_NEWNEIGH, sizeof(struct ndmsg),
			     decode_neighbour, d);
}

static int compare_rows(const void *a, const void *b)
{
	const struct neighbour_row *x = a, *y = b;
	int order = addr_compare(&x->address, &y->address);

	return order ? order : (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

/* Each once: a dump that changed under way may tell one twice. */
static int fill(struct neighbour_table *t, const struct vec *rows)
{
	t->rows = rows_freeze_once(&t->head.arena, rows, compare_rows, &t->n);
	return t->rows ? 0 : -ENOMEM;
}

struct neighbour_table *neighbours_finish(struct neighbour_decoder *d)
{
	struct neighbour_table *t = table_new(sizeof(*t), NULL);

	if (t && fill(t, &d->rows) < 0) {
		table_unref(t);
		t = NULL;
	}
	vec_reset(&d->rows);
	return t;
}

const struct neighbour_row *neighbours_find(const struct neighbour_table *t,
					    const struct addr *a, uint32_t ifindex)
{
	struct neighbour_row key = {.address = addr_unmapped(a), .ifindex = ifindex};

	if (!t->n)
		return NULL;
	return bsearch(&key, t->rows, t->n, sizeof(key), compare_rows);
}

const char *neighbour_state_word(uint16_t state)
{
	static const struct {
		uint16_t bit;
		const char *word;
	} words[] = {
		{NUD_PERMANENT, "PERMANENT"}, {NUD_NOARP, "NOARP"},
		{NUD_REACHABLE, "REACHABLE"}, {NUD_PROBE, "PROBE"},
		{NUD_DELAY, "DELAY"},         {NUD_STALE, "STALE"},
		{NUD_FAILED, "FAILED"},       {NUD_INCOMPLETE, "INCOMPLETE"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (state & words[i].bit)
			return words[i].word;
	return "NONE";
}

/* The pieces of legacy tables as they come, put together; and which families were told as a
 * whole. Knows no rules. core/base/xtables.h. */
#include "core/firewall/legacy/legacy.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <string.h>

#include "core/base/xtables.h"

/* IPv4 and IPv6; -1: no such family. */
static int index_of(uint8_t family)
{
	return family == NFPROTO_IPV4 ? 0 : family == NFPROTO_IPV6 ? 1 : -1;
}

static bool is_known_twice(const struct ruleset_decoder *d, const struct xtables_piece *p)
{
	for (size_t i = 0; i < d->tables.n; i++) {
		const struct raw_table *t = vec_at(&d->tables, i);

		if (t->of.is_legacy && t->of.family == p->family &&
		    text_equals_str(t->of.table, p->table))
			return true;
	}
	return false;
}

/* The next piece of the table that is open. */
static bool goes_on(const struct ruleset_decoder *d, const struct xtables_piece *p)
{
	struct xtables_piece same = *p;

	same.offset = d->legacy.piece.offset;
	return p->offset == d->legacy.bytes.len && p->offset &&
	       !memcmp(&same, &d->legacy.piece, sizeof(same));
}

static int finish(struct ruleset_decoder *d)
{
	const struct xtables_piece *p = &d->legacy.piece;
	int error = legacy_rows_add(d, p, (struct text){d->legacy.bytes.data, p->size});

	str_release(&d->legacy.bytes);
	if (!error)
		d->legacy.n_tables[index_of(p->family)]++;
	/* Not known how it works: its family is not read as a whole. */
	return error == -EOPNOTSUPP ? 0 : error;
}

static int take_piece(struct ruleset_decoder *d, const struct nlmsghdr *h)
{
	const char *data = nlmsg_data(h);
	struct xtables_piece p;
	size_t n;

	if (nlmsg_datalen(h) <= (int)sizeof(p))
		return -EBADMSG;
	memcpy(&p, data, sizeof(p));
	n = (size_t)nlmsg_datalen(h) - sizeof(p);
	if (index_of(p.family) < 0 || p.table[sizeof(p.table) - 1])
		return -EBADMSG;
	if (!p.offset) {
		str_release(&d->legacy.bytes);
		d->legacy.piece = p;
		if (is_known_twice(d, &p))
			return -EBADMSG;
	} else if (!goes_on(d, &p)) {
		return -EBADMSG;
	}
	if (n > p.size - d->legacy.bytes.len)
		return -EBADMSG;
	if (str_append(&d->legacy.bytes, data + sizeof(p), n) < 0)
		return -ENOMEM;
	return d->legacy.bytes.len == p.size ? finish(d) : 0;
}

static int take_end(struct ruleset_decoder *d, const struct nlmsghdr *h)
{
	struct xtables_end end;
	int i;

	if (nlmsg_datalen(h) < (int)sizeof(end))
		return -EBADMSG;
	memcpy(&end, nlmsg_data(h), sizeof(end));
	i = index_of(end.family);
	if (i < 0)
		return -EBADMSG;
	d->is_changing |= end.is_changing;
	d->legacy.is_whole[i] =
		!end.error && !end.is_changing && end.n_tables == d->legacy.n_tables[i];
	return 0;
}

int legacy_tables_take(struct ruleset_decoder *d, const struct nlmsghdr *h)
{
	return h->nlmsg_type == XTABLES_PIECE ? take_piece(d, h) : take_end(d, h);
}

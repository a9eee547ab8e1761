/*
 * For each port that rules name (published_ports.c) a packet to every address of this host.
 * Follows nobody further than the translation.
 */
#include "core/path/published.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "core/path/published_ports.h"
#include "core/path/walking.h"

enum { ADDRESSES_MAX = 32, WALKS_MAX = 16, CT_NEW = 8 };
#define PUBLISHED_ID UINT64_C(0x9ab1000000000000)

struct search {
	const struct path_world *world;
	struct vec asked; /* struct published_port */
	struct vec rows;  /* struct published_row */
	bool is_cut;
};

/* ---- where a packet is sent ---- */

static struct fw_packet packet_to(const struct published_port *p, const struct addr *to)
{
	struct fw_packet packet = {.daddr = *to,
				   .proto = p->proto,
				   .dport = p->port,
				   .tcp_flags = p->proto == IPPROTO_TCP ? TH_SYN : 0,
				   .is_source_unknown = true,
				   .is_sport_unknown = true,
				   .is_mark_known = true};

	packet.saddr.family = to->family;
	packet.ct = (struct fw_conntrack){.state = CT_NEW,
					  .has_entry = true,
					  .is_mark_known = true,
					  .saddr = packet.saddr,
					  .daddr = *to,
					  .dport = p->port};
	return packet;
}

static struct published_row *row_to(struct search *s, const struct published_row *like)
{
	for (size_t i = 0; i < s->rows.n; i++) {
		struct published_row *row = vec_at(&s->rows, i);

		if (row->proto == like->proto && row->port == like->port &&
		    row->to_port == like->to_port && addr_equals(&row->to, &like->to))
			return row;
	}
	return NULL;
}

static int add_row(struct search *s, const struct published_row *found)
{
	struct published_row *row = row_to(s, found);

	if (row) {
		row->n_asked += !addr_equals(&row->asked, &found->asked);
		row->is_partly = row->is_partly || found->is_partly;
		return 0;
	}
	if (s->rows.n >= PUBLISHED_MAX) {
		s->is_cut = true;
		return 0;
	}
	row = vec_push(&s->rows);
	if (!row)
		return -ENOMEM;
	*row = *found;
	return 0;
}

/* What becomes of one walk of the packet. */
struct trip {
	struct walking k;
	struct path path;
};

static void walk_in(struct trip *t, const struct path_world *w, struct fw_choices *c,
		    const struct published_port *p, const struct address_row *at)
{
	memset(t, 0, sizeof(*t));
	t->path.ask = (struct path_ask){.proto = p->proto,
					.server = at->local,
					.server_port = p->port,
					.in_ifindex = at->ifindex};
	t->path.in_ifindex = at->ifindex;
	t->k = (struct walking){.world = w,
				.path = &t->path,
				.leg = &t->path.request,
				.choices = c,
				.packet = packet_to(p, &at->local)};
	leg_start(t->k.leg);
	t->k.lookups = world_lookups(&t->k);
	device_enter(&t->k, at->ifindex);
	if (walking_hook(&t->k, PLACE_INGRESS))
		walking_hook(&t->k, PLACE_PREROUTING);
}

static bool is_translated(const struct trip *t, const struct published_port *p,
			  const struct address_row *at)
{
	const struct fw_packet *now = &t->k.packet;

	return !addr_equals(&now->daddr, &at->local) || now->dport != p->port;
}

/* A redirect takes each device's own address. */
static struct addr target_of(const struct trip *t, const struct address_row *at)
{
	return addr_equals(&t->k.packet.daddr, &at->local) ? (struct addr){0}
							   : t->k.packet.daddr;
}

/* All ways that the packet may take; those that end elsewhere make it partly so. */
static int ask_at(struct search *s, const struct published_port *p,
		  const struct address_row *at, struct trip *t)
{
	struct fw_choices c = {0};
	struct vec found = VEC_OF(struct published_row);
	size_t n_walks = 0, n_others = 0;
	int error = 0;

	do {
		struct published_row *row = NULL;

		walk_in(t, s->world, &c, p, at);
		error = t->k.error;
		n_others += !is_translated(t, p, at);
		if (error || !is_translated(t, p, at))
			continue;
		row = vec_push(&found);
		error = row ? 0 : -ENOMEM;
		if (row)
			*row = (struct published_row){.proto = p->proto,
						      .port = p->port,
						      .asked = at->local,
						      .n_asked = 1,
						      .to = target_of(t, at),
						      .to_port = t->k.packet.dport,
						      .rule = t->k.leg->nat_rule};
	} while (!error && ++n_walks < WALKS_MAX && fw_choices_next(&c));
	for (size_t i = 0; i < found.n && !error; i++) {
		struct published_row *row = vec_at(&found, i);
		const struct published_row *first = vec_at(&found, 0);

		row->is_partly = n_others || c.is_overfull || n_walks == WALKS_MAX ||
				 row->to_port != first->to_port ||
				 !addr_equals(&row->to, &first->to);
		error = add_row(s, row);
	}
	vec_release(&found);
	return error;
}

static bool can_be_asked(const struct path_world *w, const struct address_row *a)
{
	const struct link_row *link =
		w->space->links ? links_find(w->space->links, a->ifindex) : NULL;

	return link && (link->flags & IFF_UP) && !(link->flags & IFF_LOOPBACK) &&
	       !addr_is_loopback(&a->local) && !addr_is_link_local(&a->local);
}

static int ask_everywhere(struct search *s)
{
	const struct address_table *all = s->world->space->addresses;
	struct trip *t = malloc(sizeof(*t));
	size_t n_addresses = 0;
	int error = t ? 0 : -ENOMEM;

	for (size_t i = 0; all && i < all->n && !error; i++) {
		if (!can_be_asked(s->world, &all->rows[i]))
			continue;
		if (++n_addresses > ADDRESSES_MAX) {
			s->is_cut = true;
			break;
		}
		for (size_t k = 0; k < s->asked.n && !error; k++)
			error = ask_at(s, vec_at(&s->asked, k), &all->rows[i], t);
	}
	free(t);
	return error;
}

/* ---- who is there ---- */

static bool is_cable(const struct space *here, const struct space *there, uint32_t ifindex)
{
	const struct link_row *far = links_find(there->links, ifindex);
	const struct link_row *near = far ? links_find(here->links, far->peer) : NULL;

	if (!near)
		return false;
	if (text_equals_str(far->kind, "macvlan") || text_equals_str(far->kind, "ipvlan"))
		return true;
	return text_equals_str(far->kind, "veth") && text_equals_str(near->kind, "veth") &&
	       near->peer == far->ifindex;
}

static const struct space *space_with(const struct path_world *w, const struct addr *a)
{
	const struct snapshot *s = w->snapshot;
	const struct space *found = NULL;

	for (size_t i = 0; w->space->links && i < s->n_spaces; i++) {
		const struct space *other = &s->spaces[i];
		uint32_t ifindex = 0;

		if (other == w->space || !other->links || !other->addresses)
			continue;
		ifindex = address_ifindex(other->addresses, a);
		if (!ifindex || !is_cable(w->space, other, ifindex))
			continue;
		if (found)
			return NULL;
		found = other;
	}
	return found;
}

/* As the engine names it: of its server, else of another listener in there. */
static struct text container_of(const struct snapshot *s, const struct published_row *row)
{
	struct text found = TEXT_NONE;

	if (!row->space || row->is_here)
		return found;
	if (row->endpoint)
		return row->endpoint->container;
	for (size_t i = 0; i < s->n_endpoints; i++) {
		const struct endpoint *e = &s->endpoints[i];

		if (e->space != row->space || text_is_empty(e->container))
			continue;
		if (!text_is_empty(found) && !text_equals(found, e->container))
			return TEXT_NONE;
		found = e->container;
	}
	return found;
}

static void find_server(const struct path_world *w, struct published_row *row)
{
	struct addr to = row->to.family ? row->to : row->asked;

	row->is_here = !row->to.family || world_is_here(w, &row->to) == TRI_YES;
	row->space = row->is_here ? w->space : space_with(w, &row->to);
	row->is_served = TRI_UNSURE;
	if (row->space)
		path_socket(row->space, row->proto, &to, row->to_port, 0, &row->endpoint,
			    w->snapshot, &row->is_served);
	if (row->is_served == TRI_UNSURE)
		row->endpoint = NULL;
	row->container = container_of(w->snapshot, row);
}

/* ---- the table ---- */

static uint64_t id_of(const struct published_row *row)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < sizeof(row->to.bytes); i++)
		sum = (sum ^ row->to.bytes[i]) * UINT64_C(0x100000001b3);
	sum = (sum ^ row->to_port) * UINT64_C(0x100000001b3);
	return PUBLISHED_ID | (sum & 0xffffff) << 24 | (uint64_t)row->proto << 16 |
	       row->port;
}

static int compare_rows(const void *a, const void *b)
{
	const struct published_row *x = a, *y = b;

	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	if (x->to_port != y->to_port)
		return x->to_port < y->to_port ? -1 : 1;
	return addr_compare(&x->to, &y->to);
}

static void release(struct table *t)
{
	table_unref(((struct published_table *)t)->snapshot);
}

static struct published_table *freeze(struct search *s, struct snapshot *snapshot)
{
	struct published_table *t = table_new(sizeof(*t), release);
	size_t n = s->rows.n;

	if (!t)
		return NULL;
	t->snapshot = table_ref(snapshot);
	t->rows = arena_alloc(&t->head.arena, (n + 1) * sizeof(*t->rows));
	if (!t->rows) {
		table_unref(t);
		return NULL;
	}
	t->is_cut = s->is_cut;
	for (; t->n < n; t->n++) {
		struct published_row *row = &t->rows[t->n];

		*row = *(const struct published_row *)vec_at(&s->rows, t->n);
		row->id = id_of(row);
		find_server(s->world, row);
	}
	if (n)
		qsort(t->rows, n, sizeof(*t->rows), compare_rows);
	return t;
}

struct published_table *published_find(const struct path_world *w,
				       struct snapshot *snapshot)
{
	struct search s = {.world = w,
			   .asked = VEC_OF(struct published_port),
			   .rows = VEC_OF(struct published_row)};
	struct published_table *t = NULL;
	int error = 0;

	if (w->rules)
		error = published_ports(w->rules, &s.asked, &s.is_cut);
	if (!error)
		error = ask_everywhere(&s);
	if (!error)
		t = freeze(&s, snapshot);
	vec_release(&s.asked);
	vec_release(&s.rows);
	return t;
}

/*
 * Sets that rules look the source up in, for exposure: an element alone says nothing of the
 * sources around, so however large, a set is asked for whole. Decides nothing.
 */
#include <string.h>

#include "core/path/exposure_impl.h"
#include "core/path/member_age.h"

static const char not_asked[] = "a set was not asked yet";
static const char changed[] = "the rules changed before a set of them was asked";

static bool copy_name(char *out, size_t room, struct text name)
{
	if (name.len >= room || memchr(name.bytes, 0, name.len))
		return false;
	memcpy(out, name.bytes, name.len);
	return true;
}

static void await(struct walking *k, const struct question *q, bool *is_awaited)
{
	*is_awaited = true;
	path_add_need(k->path, q);
	walking_doubt(k, NO_ROW, not_asked);
}

/* NULL: not told, or not wholly. */
static const struct fw_member *answer_to(struct walking *k, const struct question *q,
					 bool *is_awaited)
{
	const struct responses *all = k->world->responses;
	const struct response *r = all ? responses_find(all, q) : NULL;

	if (!all)
		return NULL;
	if (r && r->state != RESPONSE_WAITING)
		return r->state == RESPONSE_WHOLE ? r->table : NULL;
	await(k, q, is_awaited);
	return NULL;
}

/* ---- told with these rules? ---- */

static const struct question rules_again = {.kind = QUESTION_RULESET, .round = ROUND_AGAIN};

static void compare(struct exposure_agains *all, const struct path_world *w)
{
	const struct response *r =
		w->responses ? responses_find(w->responses, &rules_again) : NULL;
	struct exposure_again *row = &all->rows[all->n];

	if (!r || r->state == RESPONSE_WAITING || !w->rules ||
	    all->n == sizeof(all->rows) / sizeof(all->rows[0]))
		return;
	*row = (struct exposure_again){.world = w};
	row->rules = r->state == RESPONSE_WHOLE ? r->table : NULL;
	row->is_same = row->rules && ruleset_has_same_rules(w->rules, row->rules);
	all->n++;
}

void exposure_compare_rules(struct exposure_agains *all, const struct path_world *w,
			    const struct exposure_wish *wish)
{
	all->n = 0;
	compare(all, w);
	for (size_t i = 0; i < wish->n_inside; i++)
		compare(all, &wish->inside[i]);
}

static const struct exposure_again *again_of(const struct walking *k)
{
	const struct exposure_agains *all = ((const struct exposure_one *)k)->try->agains;

	for (size_t i = 0; all && i < all->n; i++)
		if (all->rows[i].world == k->world)
			return &all->rows[i];
	return NULL;
}

/* Elements that were told later than the rules stand for them only if these have stayed. */
static const struct fw_member *of_these_rules(struct walking *k, const struct fw_member *m,
					      bool *is_awaited)
{
	const struct exposure_again *again;

	if (!m || member_is_of(m, k->world->rules))
		return m;
	again = again_of(k);
	if (!again) {
		await(k, &rules_again, is_awaited);
		return NULL;
	}
	if (again->is_same && member_is_between(m, k->world->rules, again->rules))
		return m;
	walking_doubt(k, NO_ROW, changed);
	return NULL;
}

static const struct fw_member *whole_set(void *walking, uint32_t row, const uint8_t *key,
					 bool *is_awaited)
{
	struct walking *k = walking;
	const struct fw_set *set = &k->world->rules->sets[row];
	const struct fw_table *table = &k->world->rules->tables[set->table];
	struct question q = {.kind = QUESTION_MEMBER};

	(void)key;
	q.member.backend = MEMBER_NFT;
	q.member.family = table->family;
	if (!copy_name(q.member.table, sizeof(q.member.table), table->name) ||
	    !copy_name(q.member.set, sizeof(q.member.set), set->name))
		return NULL;
	return of_these_rules(k, answer_to(k, &q, is_awaited), is_awaited);
}

/* ---- ipsets ---- */

static const struct ipset_members *whole_ipset(struct walking *k, uint32_t row,
					       bool *is_awaited)
{
	const struct fw_ipset *s = &k->world->rules->ipsets[row];
	struct question q = {.kind = QUESTION_MEMBER};
	const struct fw_member *m;

	q.member.backend = MEMBER_IPSET;
	q.member.family = s->family;
	if (!copy_name(q.member.set, sizeof(q.member.set), s->name))
		return NULL;
	m = answer_to(k, &q, is_awaited);
	return m && m->has_all && m->all.is_known ? &m->all : NULL;
}

static void narrow_ports(struct fw_cell *cell, uint16_t port,
			 const struct ipset_around *around)
{
	struct ipset_around here = *around;

	/* It was changed on the way: from what to what, others know. */
	if (port != cell->port)
		here.port_low = here.port_high = cell->port;
	if (here.port_low > cell->port_low)
		cell->port_low = here.port_low;
	if (here.port_high < cell->port_high)
		cell->port_high = here.port_high;
}

static void narrow(struct walking *k, const struct ipset_members *all,
		   const struct ipset_key *key, const struct ipset_around *around)
{
	struct fw_cell *cell = k->lookups.cell;

	if (!cell)
		return;
	if (all->has_address && addr_equals(&key->address, &cell->at))
		fw_cell_split(cell, &around->low, &around->high);
	if (all->has_port)
		narrow_ports(cell, key->port, around);
}

/* Keys of two addresses, marks and devices are of types that nobody read whole. */
static const struct fw_member *ask_ipset(void *walking, uint32_t row,
					 const struct ipset_key *key, bool *is_awaited)
{
	static const struct fw_member has = {.is_in = TRI_YES}, has_not = {.is_in = TRI_NO};
	struct walking *k = walking;
	const struct ipset_members *all = whole_ipset(k, row, is_awaited);
	struct ipset_around around;
	bool is_in;

	if (!all || key->address2.family || key->has_mark || key->device[0] ||
	    all->has_address != (key->address.family != 0) ||
	    all->has_port != key->has_port)
		return NULL;
	is_in = ipset_members_have(all, &key->address, key->proto, key->port, &around);
	narrow(k, all, key, &around);
	return is_in ? &has : &has_not;
}

void exposure_ask_whole(struct fw_lookups *lookups)
{
	lookups->set_member = whole_set;
	lookups->ipset_member = ask_ipset;
}

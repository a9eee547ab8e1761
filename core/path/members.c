/* Sets whose elements are not in the ruleset: their questions, and the answers that came.
 * Decides nothing. */
#include <string.h>

#include "core/path/member_age.h"
#include "core/path/walking.h"

/* So many elements are read together, where the kernel says how many there are. */
enum { WHOLE_MAX = 10000, SET_ANONYMOUS = 1 /* NFT_SET_ANONYMOUS */ };

static const char not_asked[] = "a set was not asked yet";
static const char changed[] = "the rules changed before a set of them was asked";

static bool copy_name(char *out, size_t room, struct text name)
{
	if (name.len >= room || memchr(name.bytes, 0, name.len))
		return false;
	memcpy(out, name.bytes, name.len);
	return true;
}

static const struct response *answer_of(const struct walking *k, const struct question *q)
{
	const struct responses *all = k->world->responses;
	const struct response *r = all ? responses_find(all, q) : NULL;

	return r && r->state != RESPONSE_WAITING ? r : NULL;
}

/* Not told yet: nothing that follows is certain. */
static const struct fw_member *await(struct walking *k, const struct question *q,
				     bool *is_awaited)
{
	*is_awaited = true;
	path_add_need(k->path, q);
	k->is_astray = true;
	if (k->leg)
		walking_doubt(k, NO_ROW, not_asked);
	return NULL;
}

/* A small or anonymous set is read whole: every packet asks it. */
static bool is_read_whole(const struct fw_set *set)
{
	if (set->n_told)
		return set->n_told <= WHOLE_MAX;
	return set->flags & SET_ANONYMOUS;
}

/* False: it cannot be asked. */
static bool set_question(const struct path_world *w, uint32_t row, const uint8_t *key,
			 struct question *q)
{
	const struct fw_set *set = &w->rules->sets[row];
	const struct fw_table *table = &w->rules->tables[set->table];
	struct member_ask *m = &q->member;

	*q = (struct question){.kind = QUESTION_MEMBER};
	m->backend = MEMBER_NFT;
	m->family = table->family;
	if (!copy_name(m->table, sizeof(m->table), table->name) ||
	    !copy_name(m->set, sizeof(m->set), set->name))
		return false;
	if (is_read_whole(set))
		return true;
	if (!key || set->key_len > MEMBER_KEY_BYTES)
		return false;
	m->key_len = (uint8_t)set->key_len;
	memcpy(m->key, key, set->key_len);
	return true;
}

/* ---- of which generation it is ---- */

static bool is_same_as(struct walking *k, const struct ruleset *again)
{
	if (k->compared == RULES_NOT_COMPARED)
		k->compared = ruleset_has_same_rules(k->world->rules, again) ? RULES_SAME
									     : RULES_OTHER;
	return k->compared == RULES_SAME;
}

/* The generation is another one, maybe for other elements only: then the rules, asked again
 * behind it, are still the same. */
static const struct fw_member *compare(struct walking *k, const struct fw_member *m,
				       bool *is_awaited)
{
	const struct question q = {.kind = QUESTION_RULESET, .round = ROUND_AGAIN};
	const struct response *r = answer_of(k, &q);
	const struct ruleset *again;

	if (!r)
		return await(k, &q, is_awaited);
	again = r->state == RESPONSE_WHOLE ? r->table : NULL;
	if (again && member_is_between(m, k->world->rules, again) && is_same_as(k, again))
		return m;
	k->is_astray = true;
	if (k->leg)
		walking_doubt(k, NO_ROW, changed);
	return NULL;
}

const struct fw_member *world_set_member(void *walking, uint32_t set, const uint8_t *key,
					 bool *is_awaited)
{
	struct walking *k = walking;
	const struct fw_member *m;
	const struct response *r;
	struct question q;

	if (!set_question(k->world, set, key, &q))
		return NULL;
	r = answer_of(k, &q);
	if (!r)
		return await(k, &q, is_awaited);
	/* Of a part of its elements the missing one may be the one. */
	m = r->state == RESPONSE_WHOLE ? r->table : NULL;
	if (m && !member_is_of(m, k->world->rules))
		return compare(k, m, is_awaited);
	return m;
}

const struct fw_member *world_ipset_member(void *walking, uint32_t ipset,
					   const struct ipset_key *key, bool *is_awaited)
{
	struct walking *k = walking;
	const struct fw_ipset *s = &k->world->rules->ipsets[ipset];
	struct question q = {.kind = QUESTION_MEMBER};
	const struct response *r;

	q.member.backend = MEMBER_IPSET;
	q.member.family = (uint8_t)key->address.family;
	q.member.ipset = *key;
	if (!copy_name(q.member.set, sizeof(q.member.set), s->name))
		return NULL;
	r = answer_of(k, &q);
	if (!r)
		return await(k, &q, is_awaited);
	return r->state == RESPONSE_WHOLE ? r->table : NULL;
}

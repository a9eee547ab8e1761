/*
 * What can be seen: namespaces that come and go, sources that are lost and regained. Until
 * all has answered once nothing is said of either.
 */
#include "core/snapshot/events_impl.h"

#include <errno.h>
#include <string.h>

#include "core/base/time.h"

#define LOST_NS (3 * NS_PER_S) /* a look that was disturbed is no loss */

/* ---- namespaces ---- */

static bool is_named(const struct source_note *note, const char *source,
		     const struct space *space)
{
	struct text name = space->is_own ? TEXT_NONE : space->name;

	return strcmp(note->source, source) == 0 && text_equals(note->space, name);
}

bool space_is_whole(const struct snapshot *s, const struct space *space,
		    enum table_kind table)
{
	const struct socket_table *t = table == TABLE_TCP ? space->tcp : space->udp;
	const char *source = table == TABLE_TCP ? "tcp" : "udp";

	if (!t)
		return false;
	if (t->from_text)
		source = "proc.net";
	for (size_t i = 0; i < s->n_notes; i++)
		if (is_named(&s->notes[i], source, space))
			return false;
	return true;
}

struct known_space *spaces_find(struct events *v, uint64_t key)
{
	for (size_t i = 0; i < v->spaces.n; i++) {
		struct known_space *k = vec_at(&v->spaces, i);

		if (k->key == key)
			return k;
	}
	return NULL;
}

/* The list of namespaces was told, and all of it. */
static bool is_list_whole(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_notes; i++)
		if (strcmp(s->notes[i].source, "namespaces") == 0 &&
		    text_is_empty(s->notes[i].space))
			return false;
	return s->is_settled;
}

/* It is there and cannot be opened (any more). */
static bool is_closed(const struct snapshot *s, const struct known_space *k)
{
	for (size_t i = 0; i < s->n_notes; i++)
		if (strcmp(s->notes[i].source, "namespaces") == 0 &&
		    !text_is_empty(s->notes[i].space) &&
		    text_equals_str(s->notes[i].space, k->name))
			return true;
	return false;
}

static size_t n_listeners_in(const struct events *v, uint64_t key)
{
	size_t n = 0;

	for (size_t i = 0; i < v->listeners.n; i++)
		n += ((const struct listener *)vec_at(&v->listeners, i))->space == key;
	return n;
}

static void tell_space(struct events *v, enum event_kind kind, const struct known_space *k,
		       struct moment at)
{
	struct event e = {.kind = kind, .subject = k->key};

	if (kind == EVENT_SPACE_WENT) {
		e.number_was = n_listeners_in(v, k->key);
		/* Else it is no number. */
		e.number_is = k->was_whole[TABLE_TCP] && k->was_whole[TABLE_UDP];
	}
	memcpy(e.space, k->name, sizeof(e.space));
	events_add(v, &e, at);
}

static int add_space(struct events *v, const struct snapshot *s, const struct space *space,
		     struct moment at)
{
	struct known_space *k = vec_push(&v->spaces);

	if (!k)
		return -ENOMEM;
	k->key = space_key(space);
	k->is_own = space->is_own;
	k->is_there = true;
	event_keep(k->name, sizeof(k->name), space->name);
	if (v->was_settled && is_list_whole(s) && !k->is_own)
		tell_space(v, EVENT_SPACE_CAME, k, at);
	return 0;
}

static void drop_spaces(struct events *v, const struct snapshot *s, struct moment at)
{
	size_t n = 0;

	for (size_t i = 0; i < v->spaces.n; i++) {
		struct known_space *k = vec_at(&v->spaces, i);
		bool is_kept = k->is_there || !is_list_whole(s) || is_closed(s, k);

		if (!is_kept && !k->is_own)
			tell_space(v, EVENT_SPACE_WENT, k, at);
		if (is_kept)
			*(struct known_space *)vec_at(&v->spaces, n++) = *k;
	}
	vec_truncate(&v->spaces, n);
}

int spaces_compare(struct events *v, const struct snapshot *s, struct moment at)
{
	for (size_t i = 0; i < v->spaces.n; i++)
		((struct known_space *)vec_at(&v->spaces, i))->is_there = false;
	for (size_t i = 0; i < s->n_spaces; i++) {
		struct known_space *k = spaces_find(v, space_key(&s->spaces[i]));

		if (k)
			k->is_there = true;
		else if (add_space(v, s, &s->spaces[i], at))
			return -ENOMEM;
	}
	drop_spaces(v, s, at);
	return 0;
}

/* ---- sources ---- */

/* By its words without the numbers in them, which change all the time. */
static uint64_t key_of(const struct missing *m)
{
	uint64_t hash = event_hash(EVENT_HASH, m->source, strlen(m->source) + 1);

	for (const char *c = m->reason; *c; c++)
		if (*c < '0' || *c > '9')
			hash = event_hash(hash, c, 1);
	return hash;
}

static struct lost *find_lost(struct events *v, uint64_t key)
{
	for (size_t i = 0; i < v->lost.n; i++) {
		struct lost *l = vec_at(&v->lost, i);

		if (l->key == key)
			return l;
	}
	return NULL;
}

/* Before any was looked for, nobody's owners were seen: that some cannot be is no loss. */
static bool is_no_loss(const struct events *v, const struct missing *m)
{
	return !v->was_settled || (!v->had_owners && strcmp(m->source, "owners") == 0);
}

static int add_lost(struct events *v, const struct missing *m, uint64_t key,
		    struct moment at)
{
	struct lost *l = vec_push(&v->lost);
	struct str note = {0};

	if (!l)
		return -ENOMEM;
	*l = (struct lost){.key = key,
			   .is_there = true,
			   .is_first = is_no_loss(v, m),
			   .since_ns = at.now_ns};
	str_printf(&note, "%s: %s", m->source, m->reason);
	event_keep(l->note, sizeof(l->note), text_of_str(&note));
	str_release(&note);
	return 0;
}

static void tell_source(struct events *v, enum event_kind kind, const struct lost *l,
			struct moment at)
{
	struct event e = {.kind = kind, .subject = l->key};

	memcpy(e.note, l->note, sizeof(e.note));
	events_add(v, &e, at);
}

static void drop_found(struct events *v, struct moment at)
{
	size_t n = 0;

	for (size_t i = 0; i < v->lost.n; i++) {
		struct lost *l = vec_at(&v->lost, i);

		if (l->is_there)
			*(struct lost *)vec_at(&v->lost, n++) = *l;
		else if (l->is_told)
			tell_source(v, EVENT_SEEN, l, at);
	}
	vec_truncate(&v->lost, n);
}

int sources_compare(struct events *v, const struct snapshot *s, struct moment at)
{
	for (size_t i = 0; i < v->lost.n; i++)
		((struct lost *)vec_at(&v->lost, i))->is_there = false;
	for (size_t i = 0; i < s->n_missing; i++) {
		uint64_t key = key_of(&s->missing[i]);
		struct lost *l = find_lost(v, key);

		if (l)
			l->is_there = true;
		else if (add_lost(v, &s->missing[i], key, at))
			return -ENOMEM;
	}
	drop_found(v, at);
	v->had_owners = v->had_owners || s->owners;
	return 0;
}

void sources_turn(struct events *v, struct moment at)
{
	for (size_t i = 0; i < v->lost.n; i++) {
		struct lost *l = vec_at(&v->lost, i);

		if (l->is_told || at.now_ns - l->since_ns < LOST_NS)
			continue;
		l->is_told = true;
		if (!l->is_first)
			tell_source(v, EVENT_UNSEEN, l, at);
	}
}

int64_t sources_due_ns(const struct events *v)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < v->lost.n; i++) {
		const struct lost *l = vec_at(&v->lost, i);

		if (!l->is_told && l->since_ns + LOST_NS < due)
			due = l->since_ns + LOST_NS;
	}
	return due;
}

/* The namespaces that are watched: they follow the list that the host gives. */
#include "core/snapshot/refresh_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/snapshot/space_list.h"
#include "core/snapshot/text_sockets.h"

struct watched_space *refresh_space(const struct refresh *r, size_t i)
{
	return *(struct watched_space **)vec_at(&r->spaces, i);
}

struct feed *space_feed(struct watched_space *s, enum source_id id)
{
	return &s->feeds[id - N_HOST_SOURCES];
}

size_t refresh_n_feeds(const struct refresh *r)
{
	return N_HOST_SOURCES + r->spaces.n * N_SPACE_SOURCES;
}

struct feed *refresh_feed(const struct refresh *r, size_t i)
{
	if (i < N_HOST_SOURCES)
		return (struct feed *)&r->feeds[i];
	i -= N_HOST_SOURCES;
	return &refresh_space(r, i / N_SPACE_SOURCES)->feeds[i % N_SPACE_SOURCES];
}

static void set_ref(struct watched_space *s, const struct netns_ref *ref)
{
	s->ref = *ref;
	s->name[0] = '\0';
	if (ref->kind == NETNS_NAME)
		memcpy(s->name, ref->name, strnlen(ref->name, NETNS_NAME_MAX) + 1);
	if (ref->kind == NETNS_PID)
		snprintf(s->name, sizeof(s->name), "pid %d", ref->pid);
}

struct watched_space *space_new(const struct netns_ref *ref, uint64_t netns)
{
	struct watched_space *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->netns = netns;
	set_ref(s, ref);
	for (enum source_id id = N_HOST_SOURCES; id < N_SOURCES; id++)
		feed_init(space_feed(s, id), id, s);
	return s;
}

void space_free(struct watched_space *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < N_SPACE_SOURCES; i++)
		feed_release(&s->feeds[i]);
	free(s);
}

/* Of a row that can be asked for; -EINVAL: its name cannot. */
static int ref_of(const struct space_entry *row, struct netns_ref *out)
{
	struct request probe = {.kind = REQUEST_NAMESPACES};

	if (text_is_empty(row->name)) {
		probe.netns.kind = NETNS_PID;
		probe.netns.pid = row->pid;
	} else {
		probe.netns.kind = NETNS_NAME;
		if (row->name.len > NETNS_NAME_MAX)
			return -EINVAL;
		memcpy(probe.netns.name, row->name.bytes, row->name.len);
	}
	*out = probe.netns;
	return request_check(&probe);
}

static struct watched_space *find_space(const struct vec *spaces, uint64_t netns)
{
	for (size_t i = 0; i < spaces->n; i++) {
		struct watched_space *s = *(struct watched_space **)vec_at(spaces, i);

		if (s->netns == netns)
			return s;
	}
	return NULL;
}

/* Puts the namespace of a row behind those that were kept before. */
static int take_row(const struct refresh *r, struct vec *kept,
		    const struct space_entry *row)
{
	struct watched_space *s;
	struct watched_space **slot;
	struct netns_ref ref;

	if (row->error || find_space(kept, row->inode) || ref_of(row, &ref))
		return 0;
	slot = vec_push(kept);
	if (!slot)
		return -ENOMEM;
	s = find_space(&r->spaces, row->inode);
	if (s)
		set_ref(s, &ref);
	else
		s = space_new(&ref, row->inode);
	if (!s) {
		vec_truncate(kept, kept->n - 1);
		return -ENOMEM;
	}
	s->is_listed = s->is_kept = true;
	*slot = s;
	return 0;
}

/* Answers that are still on their way find nobody. */
static void drop_space(struct refresh *r, struct watched_space *s)
{
	for (size_t i = 0; i < r->pending.n; i++) {
		struct pending *p = vec_at(&r->pending, i);

		if (p->feed && p->feed->space == s)
			p->feed = NULL;
	}
	space_free(s);
}

int spaces_follow_list(struct refresh *r)
{
	const struct space_list *list = r->feeds[FROM_NAMESPACES].table;
	struct vec kept = VEC_OF(struct watched_space *);
	struct watched_space **first = list ? vec_push(&kept) : NULL;
	int e = 0;

	if (!first)
		return list ? -ENOMEM : 0;
	for (size_t i = 0; i < r->spaces.n; i++)
		refresh_space(r, i)->is_kept = i == 0;
	*first = refresh_space(r, 0);
	for (size_t i = 0; i < list->n; i++) {
		int failed = take_row(r, &kept, &list->rows[i]);

		e = failed ? failed : e;
	}
	for (size_t i = 0; i < r->spaces.n; i++)
		if (!refresh_space(r, i)->is_kept)
			drop_space(r, refresh_space(r, i));
	vec_release(&r->spaces);
	r->spaces = kept;
	r->offered = NULL;
	r->cursor = 0;
	return e;
}

static const struct text_sockets *text_of_space(struct watched_space *s)
{
	return space_feed(s, FROM_PROC_NET)->table;
}

struct socket_table *space_tcp(struct watched_space *s)
{
	const struct text_sockets *text = text_of_space(s);

	if (plan_is_text(s, FROM_TCP))
		return text ? text->tcp : NULL;
	return space_feed(s, FROM_TCP)->table;
}

struct socket_table *space_udp(struct watched_space *s)
{
	const struct text_sockets *text = text_of_space(s);

	if (plan_is_text(s, FROM_UDP))
		return text ? text->udp : NULL;
	return space_feed(s, FROM_UDP)->table;
}

/* What was told before all of them went does not count. */
struct socket_table *space_mptcp(const struct refresh *r, struct watched_space *s)
{
	const struct feed *f = space_feed(s, FROM_MPTCP);

	return plan_needs(r, f) ? f->table : NULL;
}

struct connection_table *space_connections(struct watched_space *s)
{
	const struct text_sockets *text = text_of_space(s);

	if (plan_is_text(s, FROM_TCP))
		return text ? text->connections : NULL;
	return space_feed(s, FROM_CONNECTIONS)->table;
}

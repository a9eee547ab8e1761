/* What the refresh knows at a moment, as a snapshot and as rows for the doctor. */
#include "core/snapshot/refresh_state.h"

#include <errno.h>
#include <string.h>

#include "core/snapshot/space_list.h"

static int fill_space(const struct refresh *r, struct snapshot *s, struct space *out,
		      struct watched_space *from)
{
	out->netns = from->netns;
	out->is_own = from->ref.kind == NETNS_OWN ||
		      (from->netns && s->host && from->netns == s->host->netns);
	out->name = arena_text(&s->head.arena, text_of(from->name));
	out->tcp = table_ref(space_tcp(from));
	out->udp = table_ref(space_udp(from));
	out->mptcp = table_ref(space_mptcp(r, from));
	out->connections = table_ref(space_connections(from));
	out->links = table_ref(space_feed(from, FROM_LINKS)->table);
	out->addresses = table_ref(space_feed(from, FROM_ADDRESSES)->table);
	out->local_routes = table_ref(space_feed(from, FROM_LOCAL_ROUTES)->table);
	out->facts = table_ref(space_feed(from, FROM_NET)->table);
	return from->name[0] && text_is_empty(out->name) ? -ENOMEM : 0;
}

static int fill_spaces(const struct refresh *r, struct snapshot *s)
{
	int e = 0;

	s->spaces = arena_alloc(&s->head.arena, r->spaces.n * sizeof(*s->spaces));
	if (!s->spaces)
		return -ENOMEM;
	s->n_spaces = r->spaces.n;
	for (size_t i = 0; i < r->spaces.n && !e; i++)
		e = fill_space(r, s, &s->spaces[i], refresh_space(r, i));
	return e;
}

static int fill_host(const struct refresh *r, struct snapshot *s)
{
	s->wall_ns = r->wall_ns;
	s->boot_ns = r->boot_ns;
	s->is_settled = refresh_is_settled(r);
	s->host = table_ref(r->feeds[FROM_HOST].table);
	s->port_names = table_ref(r->port_names);
	s->users = table_ref(r->users);
	s->owners = table_ref(r->feeds[FROM_OWNERS].table);
	s->cgroups = table_ref(r->feeds[FROM_CGROUPS].table);
	s->units = table_ref(r->feeds[FROM_SOCKET_UNITS].table);
	if (!s->owners || !r->answered.n)
		return 0;
	s->owners_asked = arena_alloc(&s->head.arena, r->answered.n * sizeof(uint32_t));
	if (!s->owners_asked)
		return -ENOMEM;
	for (size_t i = 0; i < r->answered.n; i++) {
		uint32_t inode = *(uint32_t *)vec_at(&r->answered, i);

		if (!confirm_is_open(r, inode))
			s->owners_asked[s->n_owners_asked++] = inode;
	}
	return 0;
}

static int add_note(struct snapshot *s, struct vec *notes, const struct source_note *note)
{
	struct source_note *slot = vec_push(notes);

	if (!slot)
		return -ENOMEM;
	*slot = *note;
	slot->space = arena_text(&s->head.arena, note->space);
	return note->space.len && !slot->space.len ? -ENOMEM : 0;
}

static int note_feeds(const struct refresh *r, struct snapshot *s, struct vec *notes)
{
	int e = 0;

	for (size_t i = 0; i < refresh_n_feeds(r) && !e; i++) {
		const struct feed *f = refresh_feed(r, i);
		const struct source_note note = {
			.source = f->source->name,
			.space = text_of(f->space ? f->space->name : ""),
			.status = feed_status(f),
			.error = f->error,
		};

		if (f->is_answered && note.status != SOURCE_OK && plan_needs(r, f))
			e = add_note(s, notes, &note);
	}
	return e;
}

/* Namespaces that cannot be opened, and sockets that nobody's owners were asked for. */
static int note_left_out(const struct refresh *r, struct snapshot *s, struct vec *notes)
{
	const struct space_list *list = r->feeds[FROM_NAMESPACES].table;
	struct source_note note = {sources[FROM_NAMESPACES].name, .status = SOURCE_ERROR};
	int e = 0;

	for (size_t i = 0; list && i < list->n && !e; i++) {
		note.space = list->rows[i].name;
		note.error = list->rows[i].error;
		if (note.error)
			e = add_note(s, notes, &note);
	}
	note = (struct source_note){sources[FROM_OWNERS].name, .status = SOURCE_TRUNCATED};
	if (!e && r->wanted.n > wishes_n_inodes(r) &&
	    feed_status(&r->feeds[FROM_OWNERS]) == SOURCE_OK)
		e = add_note(s, notes, &note);
	return e;
}

static int fill_notes(const struct refresh *r, struct snapshot *s)
{
	struct vec notes = VEC_OF(struct source_note);
	int e = note_feeds(r, s, &notes);

	if (!e)
		e = note_left_out(r, s, &notes);
	if (!e && notes.n) {
		s->notes = arena_alloc(&s->head.arena, notes.n * sizeof(*s->notes));
		e = s->notes ? 0 : -ENOMEM;
	}
	if (!e && notes.n) {
		memcpy(s->notes, notes.data, notes.n * sizeof(*s->notes));
		s->n_notes = notes.n;
	}
	vec_release(&notes);
	return e;
}

struct snapshot *refresh_snapshot(struct refresh *r)
{
	struct snapshot *s = snapshot_new();
	int e;

	if (!s)
		return NULL;
	e = fill_host(r, s);
	if (!e)
		e = fill_spaces(r, s);
	if (!e)
		e = fill_notes(r, s);
	if (!e)
		e = snapshot_link(s, r->history);
	if (!e)
		return s;
	table_unref(s);
	return NULL;
}

size_t refresh_sources(const struct refresh *r, struct source_state *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < refresh_n_feeds(r); i++) {
		const struct feed *f = refresh_feed(r, i);

		if (!f->is_asked && !plan_needs(r, f))
			continue;
		if (n++ >= room)
			continue;
		out[n - 1] = (struct source_state){
			.name = f->source->name,
			.space = text_of(f->space ? f->space->name : ""),
			.asked = f->is_asked,
			.answered = f->is_answered,
			.status = f->status,
			.error = f->error,
			.rows = f->table ? f->source->decoder->count(f->table) : 0,
			.took_ns = f->took_ns,
		};
	}
	return n;
}

/*
 * Owners of an endpoint and what follows from them. Where no owner can be read, the
 * socket's control group may still tell the unit. An owner list is called complete only if
 * every process was read. Folds nothing.
 */
#include "core/snapshot/holders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"

static int compare_inodes(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static bool was_asked(const struct snapshot *s, uint32_t inode)
{
	return !s->owners_asked || bsearch(&inode, s->owners_asked, s->n_owners_asked,
					   sizeof(inode), compare_inodes);
}

static bool has_manager(const struct snapshot *s, const struct fold_member *m)
{
	for (size_t i = 0; i < m->n_links; i++) {
		if (process_is_manager(&s->owners->processes[m->links[i].process]))
			return true;
	}
	return false;
}

void holders_find(const struct snapshot *s, struct fold_member *m)
{
	uint32_t inode = m->socket->inode;

	if (!s->owners || !inode)
		return;
	m->n_links = owners_of(s->owners, inode, &m->links);
	m->is_open = owners_is_partial(s->owners, inode) || !was_asked(s, inode);
	if (s->units && has_manager(s, m))
		m->activation = socket_units_find(s->units, m->socket);
}

bool holders_has_cgroups(const struct snapshot *s)
{
	return !s->host || s->host->has_cgroup2;
}

/* The parent of a prefork first; who holds the socket for others last. */
static int compare_owners(const void *a, const void *b)
{
	const struct process_row *x = *(const struct process_row *const *)a;
	const struct process_row *y = *(const struct process_row *const *)b;
	int order = (int)process_is_manager(x) - (int)process_is_manager(y);

	if (!order)
		order = (x->start_ticks > y->start_ticks) -
			(x->start_ticks < y->start_ticks);
	return order ? order : (x->pid > y->pid) - (x->pid < y->pid);
}

/* Equal rows are neighbours after sorting: a process has one row, one pid and one start. */
static size_t unique(const struct process_row **owners, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (!kept || owners[kept - 1] != owners[i])
			owners[kept++] = owners[i];
	}
	return kept;
}

static int fill_owners(struct snapshot *s, struct endpoint *e,
		       const struct fold_member *members, size_t n)
{
	size_t n_links = 0, at = 0;

	for (size_t i = 0; i < n; i++)
		n_links += members[i].n_links;
	if (!n_links)
		return 0;
	e->owners =
		arena_alloc(&s->head.arena, n_links * sizeof(const struct process_row *));
	if (!e->owners)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < members[i].n_links; k++) {
			uint32_t process = members[i].links[k].process;

			e->owners[at++] = &s->owners->processes[process];
		}
	}
	qsort(e->owners, at, sizeof(const struct process_row *), compare_owners);
	e->n_owners = unique(e->owners, at);
	return 0;
}

static enum owners_state state_of(const struct snapshot *s, const struct owners_lack *lack,
				  const struct endpoint *e, bool has_inode, bool is_open)
{
	if (!has_inode)
		return OWNERS_NONE_FOUND; /* no descriptor can lead to it */
	if (!s->owners)
		return lack->whole ? OWNERS_UNKNOWN : OWNERS_PENDING;
	if (e->n_owners)
		return lack->whole || is_open ? OWNERS_AT_LEAST : OWNERS_COMPLETE;
	if (is_open && s->owners->is_whole && !lack->is_cut)
		return OWNERS_PENDING;
	if (lack->whole || is_open || lack->outside)
		return OWNERS_UNKNOWN;
	return OWNERS_NONE_FOUND;
}

static void fill_state(const struct snapshot *s, const struct owners_lack *lack,
		       struct endpoint *e, const struct fold_member *members, size_t n)
{
	bool has_inode = false, is_open = false;

	for (size_t i = 0; i < n; i++) {
		has_inode = has_inode || members[i].socket->inode;
		is_open = is_open || members[i].is_open;
	}
	e->owners_state = state_of(s, lack, e, has_inode, is_open);
	if (e->owners_state != OWNERS_AT_LEAST && e->owners_state != OWNERS_UNKNOWN)
		return;
	if (lack->whole)
		e->owners_missing = lack->whole;
	else
		e->owners_missing = is_open ? lack->yet : lack->outside;
}

/* Ticks since boot in ns; 0: not known, or no number that a clock could show. */
static int64_t ticks_ns(uint64_t ticks, uint32_t per_s)
{
	if (!per_s || ticks / per_s >= (uint64_t)(INT64_MAX / NS_PER_S))
		return 0;
	return (int64_t)(ticks / per_s) * NS_PER_S +
	       (int64_t)(ticks % per_s) * NS_PER_S / (int64_t)per_s;
}

static void fill_from_owners(const struct snapshot *s, struct endpoint *e)
{
	if (!e->n_owners)
		return;
	if (s->host)
		e->started_boot_ns = ticks_ns(e->owners[0]->start_ticks, s->host->clk_tck);
	for (size_t i = 0; i < e->n_owners; i++)
		e->is_exe_deleted = e->is_exe_deleted || e->owners[i]->exe_deleted;
	if (process_is_manager(e->owners[0]))
		return; /* it holds the socket for another unit than its own */
	e->unit = e->owners[0]->unit;
	e->container = e->owners[0]->container;
}

/* The names in the path of a socket's control group, borrowed from the arena. 0 or -ENOMEM.
 */
static int names_of_socket(struct snapshot *s, const struct socket_row *socket,
			   struct cgroup_names *out)
{
	static const char head[] = "0::";
	size_t n_head = sizeof(head) - 1;
	struct text path = TEXT_NONE;
	char *line;

	*out = (struct cgroup_names){0};
	if (s->cgroups && socket->cgroup_id && holders_has_cgroups(s))
		path = cgroups_path(s->cgroups, socket->cgroup_id);
	if (text_is_empty(path))
		return 0;
	line = arena_alloc(&s->head.arena, n_head + path.len + 1);
	if (!line)
		return -ENOMEM;
	memcpy(line, head, n_head);
	memcpy(line + n_head, path.bytes, path.len);
	line[n_head + path.len] = '\n';
	*out = cgroup_names_of((struct text){line, n_head + path.len + 1});
	return 0;
}

/* "docker:3f2a..." */
static int container_text(struct snapshot *s, const struct cgroup_names *names,
			  struct text *out)
{
	size_t n = names->engine.len;
	char *text;

	*out = TEXT_NONE;
	if (text_is_empty(names->container))
		return 0;
	text = arena_alloc(&s->head.arena, n + 1 + names->container.len);
	if (!text)
		return -ENOMEM;
	if (n)
		memcpy(text, names->engine.bytes, n);
	text[n] = ':';
	memcpy(text + n + 1, names->container.bytes, names->container.len);
	*out = (struct text){text, n + 1 + names->container.len};
	return 0;
}

/* From the sockets' control groups, if all of them that are known say the same. */
static int infer_unit(struct snapshot *s, struct endpoint *e,
		      const struct fold_member *members, size_t n)
{
	struct cgroup_names first = {0};
	bool is_known = false;

	for (size_t i = 0; i < n; i++) {
		struct cgroup_names names;

		if (i && members[i].socket->cgroup_id == members[i - 1].socket->cgroup_id)
			continue;
		if (names_of_socket(s, members[i].socket, &names))
			return -ENOMEM;
		if (text_is_empty(names.unit) && text_is_empty(names.container))
			continue;
		if (is_known && (!text_equals(names.unit, first.unit) ||
				 !text_equals(names.container, first.container)))
			return 0;
		first = names;
		is_known = true;
	}
	if (!is_known)
		return 0;
	e->unit = first.unit;
	e->unit_is_inferred = true;
	return container_text(s, &first, &e->container);
}

static bool text_ends(struct text t, const char *end)
{
	size_t n = strlen(end);

	return t.len >= n && memcmp(t.bytes + t.len - n, end, n) == 0;
}

/*
 * Whether a manager that could not be read may hold an unowned listener. A unit file alone
 * proves nothing, it may not be in use: the socket must have been made by the manager or in
 * a socket unit, or pid 1 be the only process that could not be read.
 */
static bool may_be_activated(const struct snapshot *s, const struct endpoint *e)
{
	if (e->n_owners || e->owners_state == OWNERS_NONE_FOUND)
		return false;
	if (text_equals_str(e->unit, "init.scope") || text_ends(e->unit, ".socket"))
		return true;
	return text_is_empty(e->unit) && text_is_empty(e->container) &&
	       e->owners_state == OWNERS_UNKNOWN && s->owners && s->owners->is_whole &&
	       s->owners->n_unread == 1 && s->owners->unread_pid == 1;
}

static void fill_activation(const struct snapshot *s, struct endpoint *e,
			    const struct fold_member *members, size_t n)
{
	bool may_be = s->units && may_be_activated(s, e);
	const struct socket_unit_row *unit = NULL;

	for (size_t i = 0; i < n && !unit; i++) {
		unit = members[i].activation;
		if (!unit && may_be)
			unit = socket_units_find(s->units, members[i].socket);
	}
	if (!unit)
		return;
	e->socket_unit = unit->unit;
	e->activates = unit->service;
}

int holders_fill(struct snapshot *s, const struct owners_lack *lack, struct endpoint *e,
		 const struct fold_member *members, size_t n)
{
	int r = fill_owners(s, e, members, n);

	if (r)
		return r;
	fill_state(s, lack, e, members, n);
	fill_from_owners(s, e);
	if (!e->n_owners)
		r = infer_unit(s, e, members, n);
	fill_activation(s, e, members, n);
	return r;
}

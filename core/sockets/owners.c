/*
 * Builds the table of socket owners out of the owner scan's items, in whatever order they
 * come. Does not read /proc, and does not know ports: a socket is its inode here.
 */
#include "core/sockets/owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/sockets/owner_table.h"
#include "core/sockets/procstat.h"

#define CONTAINER_MAX 320 /* engine, colon and a directory's name */

struct owner_decoder {
	struct owner_table
		*table; /* its arena takes the texts; NULL before the first part */
	struct candidates candidates;
	struct vec links;   /* struct owner_link, process: index of a candidate */
	struct vec partial; /* uint32_t */
	uint64_t n_scans, n_workers, n_seen, n_unread;
};

struct owner_decoder *owners_new(void)
{
	struct owner_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->links = VEC_OF(struct owner_link);
	d->partial = VEC_OF(uint32_t);
	return d;
}

void owners_reset(struct owner_decoder *d)
{
	table_unref(d->table);
	d->table = NULL;
	candidates_reset(&d->candidates);
	vec_reset(&d->links);
	vec_reset(&d->partial);
	d->n_scans = d->n_workers = d->n_seen = d->n_unread = 0;
}

void owners_free(struct owner_decoder *d)
{
	if (!d)
		return;
	table_unref(d->table);
	candidates_release(&d->candidates);
	vec_release(&d->links);
	vec_release(&d->partial);
	free(d);
}

/* What one item may do to its candidate. Each takes the item as it came, error and all. */

static int keep_text(struct owner_decoder *d, struct text *out, struct text t)
{
	struct text copy = arena_text(&d->table->head.arena, t);

	if (!text_is_empty(t) && text_is_empty(copy))
		return -ENOMEM;
	*out = copy;
	return 0;
}

static int take_stat(struct owner_decoder *d, struct candidate *c,
		     const struct bundle_item *item)
{
	struct procstat s;
	int err = procstat_parse(item->data, &s);

	if (err < 0)
		return item->error ? 0 : err;
	c->row.start_ticks = s.start_ticks;
	c->row.state = s.state;
	c->row.parent = s.parent;
	return keep_text(d, &c->row.comm, s.comm);
}

/* "S 1 4711 comm": state, parent, start, then the name with whatever it holds. */
static int take_task(struct owner_decoder *d, struct candidate *c,
		     const struct bundle_item *item)
{
	struct text words = item->data;
	char state = words.len ? words.bytes[0] : 0;
	uint64_t parent, start_ticks;

	if (item->error)
		return 0;
	words = piece_tail(words, 2);
	if (!piece_number(&words, INT32_MAX, &parent) || !piece_starts(words, " "))
		return -EBADMSG;
	words = piece_tail(words, 1);
	if (!piece_number(&words, UINT64_MAX, &start_ticks) || !piece_starts(words, " "))
		return -EBADMSG;
	c->row.start_ticks = start_ticks;
	c->row.state = state;
	c->row.parent = (int32_t)parent;
	return keep_text(d, &c->row.comm, piece_tail(words, 1));
}

static int take_euid(struct owner_decoder *d, struct candidate *c,
		     const struct bundle_item *item)
{
	struct text digits = item->data;
	uint64_t uid;

	(void)d;
	if (item->error)
		return 0;
	if (!piece_number(&digits, UINT32_MAX, &uid) || digits.len)
		return -EBADMSG;
	c->row.uid = (uint32_t)uid;
	return 0;
}

/* systemd's "\x2d" in the name of a machine is '-'. Returns the length. */
static size_t unescape(char *out, size_t room, struct text t)
{
	size_t n = 0;

	for (; t.len && n < room; n++) {
		bool is_dash = piece_starts(t, "\\x2d");

		out[n] = is_dash ? '-' : t.bytes[0];
		t = piece_tail(t, is_dash ? 4 : 1);
	}
	return n;
}

static int take_cgroup(struct owner_decoder *d, struct candidate *c,
		       const struct bundle_item *item)
{
	struct cgroup_names names = cgroup_names_of(item->data);
	char container[CONTAINER_MAX];
	size_t n = names.engine.len;
	int err;

	c->row.is_user_unit = names.is_user_unit;
	err = keep_text(d, &c->row.unit, names.unit);
	if (err < 0 || text_is_empty(names.container))
		return err;
	memcpy(container, names.engine.bytes, n);
	container[n++] = ':';
	n += unescape(container + n, sizeof(container) - n, names.container);
	return keep_text(d, &c->row.container, (struct text){container, n});
}

/* ENOENT: a kernel thread or a zombie, which have no program. */
static int take_exe(struct owner_decoder *d, struct candidate *c,
		    const struct bundle_item *item)
{
	static const char mark[] = " (deleted)";
	struct text target = item->data;

	c->row.exe_error = item->error == ENOENT ? 0 : item->error;
	c->row.exe_deleted = piece_ends(target, mark);
	if (c->row.exe_deleted)
		target.len -= strlen(mark);
	return keep_text(d, &c->row.exe, target);
}

static int take_unread(struct owner_decoder *d, struct candidate *c,
		       const struct bundle_item *item)
{
	(void)d;
	c->unread_error = item->error;
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct owner_decoder *d, struct candidate *c,
		    const struct bundle_item *item);
	bool is_of_all; /* every process has it: ENOENT says that this one has vanished */
} process_items[] = {
	{"stat", take_stat, true}, {"cgroup", take_cgroup, true}, {"euid", take_euid, true},
	{"exe", take_exe, false},  {"fd", take_unread, true},     {"task", take_task, true},
};

enum { N_PROCESS_ITEMS = sizeof(process_items) / sizeof(*process_items) };

/* "fd/N" or "task/TID/fd/N" */
static bool split_fd_name(struct text name, struct owner_link *out)
{
	uint64_t number;

	out->in_thread_only = piece_starts(name, "task/");
	if (out->in_thread_only) {
		name = piece_tail(name, strlen("task/"));
		if (!piece_number(&name, INT32_MAX, &number) || !piece_starts(name, "/"))
			return false;
		name = piece_tail(name, 1);
	}
	if (!piece_starts(name, "fd/"))
		return false;
	name = piece_tail(name, strlen("fd/"));
	if (!piece_number(&name, INT32_MAX, &number) || name.len)
		return false;
	out->fd = (int32_t)number;
	return true;
}

static int take_link(struct owner_decoder *d, size_t process, struct owner_link link,
		     const struct bundle_item *item)
{
	struct text target = item->data;
	struct owner_link *kept;
	uint64_t inode;

	if (item->error)
		return 0;
	if (!piece_starts(target, "socket:["))
		return -EBADMSG;
	target = piece_tail(target, strlen("socket:["));
	if (!piece_number(&target, UINT32_MAX, &inode) || !text_equals_str(target, "]"))
		return -EBADMSG;
	kept = vec_push(&d->links);
	if (!kept)
		return -ENOMEM;
	link.inode = (uint32_t)inode;
	link.process = (uint32_t)process;
	*kept = link;
	candidates_at(&d->candidates, process)->has_links = true;
	return 0;
}

/* name is what follows "PID/"; names that are not known are passed over. */
static int take_process_item(struct owner_decoder *d, int32_t pid, struct text name,
			     const struct bundle_item *item)
{
	struct owner_link link = {0};
	bool is_link = split_fd_name(name, &link);
	size_t i = 0, process;
	struct candidate *c;

	while (i < N_PROCESS_ITEMS && !text_equals_str(name, process_items[i].name))
		i++;
	if (!is_link && i == N_PROCESS_ITEMS)
		return 0;
	if (candidates_find(&d->candidates, pid, &process) < 0)
		return -ENOMEM;
	if (is_link)
		return take_link(d, process, link, item);
	c = candidates_at(&d->candidates, process);
	if (item->error == ESRCH || (item->error == ENOENT && process_items[i].is_of_all)) {
		c->is_gone = true;
		return 0;
	}
	return process_items[i].take(d, c, item);
}

/* "full=1 pids=312 unread=7"; words that are not known are passed over. */
static int take_scan(struct owner_decoder *d, struct text words)
{
	uint64_t workers = 0;
	const struct {
		const char *key;
		uint64_t *value;
	} known[] = {
		{"pids=", &d->n_seen}, {"unread=", &d->n_unread}, {"workers=", &workers}};
	struct text word;

	while (piece_next(&words, ' ', &word)) {
		for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
			uint64_t number;

			if (!piece_starts(word, known[i].key))
				continue;
			word = piece_strip(piece_tail(word, strlen(known[i].key)));
			if (!piece_number(&word, UINT32_MAX, &number) || word.len)
				return -EBADMSG;
			*known[i].value += number;
			break;
		}
	}
	d->n_scans++;
	if (workers > d->n_workers)
		d->n_workers = workers;
	return 0;
}

static int take_partial(struct owner_decoder *d, struct text inodes)
{
	struct text word;
	uint64_t number;

	while (piece_next(&inodes, ' ', &word)) {
		uint32_t *inode;

		word = piece_strip(word);
		if (!word.len)
			continue;
		if (!piece_number(&word, UINT32_MAX, &number) || word.len)
			return -EBADMSG;
		inode = vec_push(&d->partial);
		if (!inode)
			return -ENOMEM;
		*inode = (uint32_t)number;
	}
	return 0;
}

static int take_item(void *decoder, const struct bundle_item *item)
{
	struct owner_decoder *d = decoder;
	struct text name = item->name;
	uint64_t pid;

	if (text_equals_str(name, "scan"))
		return take_scan(d, item->data);
	if (text_equals_str(name, "partial"))
		return take_partial(d, item->data);
	if (!piece_number(&name, INT32_MAX, &pid) || !piece_starts(name, "/"))
		return 0;
	return take_process_item(d, (int32_t)pid, piece_tail(name, 1), item);
}

static bool has_table(struct owner_decoder *d)
{
	if (!d->table)
		d->table = table_new(sizeof(*d->table), NULL);
	return d->table != NULL;
}

int owners_decode(struct owner_decoder *d, const void *bytes, size_t len)
{
	return has_table(d) ? bundle_each(bytes, len, take_item, d) : -ENOMEM;
}

struct owner_table *owners_finish(struct owner_decoder *d)
{
	struct owner_table *t;

	if (!has_table(d))
		return NULL;
	t = d->table;
	if (owner_table_fill(t, &d->candidates, &d->links, &d->partial) < 0) {
		owners_reset(d);
		return NULL;
	}
	t->n_seen = d->n_seen;
	if (d->n_unread > t->n_unread)
		t->n_unread = d->n_unread;
	t->is_whole = d->n_scans && d->n_scans >= d->n_workers;
	d->table = NULL;
	owners_reset(d);
	return t;
}

/*
 * The owner scan: which process holds which of the wanted sockets, by the links in
 * /proc/PID/fd. The first run looks at every descriptor of every process; later ones list
 * the pids, look again at what was found, and read only processes whose number of
 * descriptors changed (statx of /proc/PID/fd, Linux 6.2), new ones, and a share of all, in
 * turn: a sixteenth, on a host of very many processes a sixty-fourth. A wanted socket that
 * this does not explain brings a whole scan, and if that finds nothing, one of the threads'
 * own descriptor tables. proc(5).
 *
 * It says which of the wanted sockets have not been looked for everywhere yet; it names
 * nobody.
 */
#include "core/host/broker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/str.h"
#include "core/base/time.h"
#include "core/base/vec.h"
#include "core/host/broker/protocol.h"
#include "core/host/read/owner_procs.h"
#include "core/host/read/owner_tasks.h"

/* Runs after which every process has been read again. */
#define ROUND          16
#define ROUND_OF_MANY  64
#define MANY_PROCESSES 500
/* From here on the kernel's own walk is faster, with its loading. */
#define WALK_PROCESSES 150
/* What was listed beforehand counts as long. */
#define LIST_IS_NEW (100 * NS_PER_MS)

struct wanted {
	uint32_t inode;
	bool is_found;   /* some process of this shard holds it */
	bool was_found;  /* at the run before */
	bool is_covered; /* every process of this shard was read since it was first wanted
			  */
	bool threads_looked;   /* the threads' tables too */
	unsigned wanted_since; /* run in which it was first wanted */
};

struct owner_scan {
	struct worker_role role;
	int proc_fd;
	struct vec wanted;    /* struct wanted, sorted by inode */
	struct vec procs;     /* struct proc, sorted by pid */
	struct inode_set set; /* of the wanted inodes */
	unsigned run;
	unsigned round; /* runs of a round; set at the first run */
	bool is_first;
	bool counts_work; /* the kernel tells the number of descriptors */
	size_t n_unread;
	struct str partial;
	struct owner_tasks *tasks; /* NULL: not used yet, or not possible */
	bool is_walk_refused;
	int64_t listed_ns; /* when the processes were listed for the run to come; 0: not */
};

struct owner_scan *owner_scan_new(const struct worker_role *role)
{
	struct owner_scan *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->role = *role;
	s->is_first = true;
	s->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->wanted = VEC_OF(struct wanted);
	s->procs = VEC_OF(struct proc);
	if (s->proc_fd >= 0)
		return s;
	free(s);
	return NULL;
}

void owner_scan_free(struct owner_scan *s)
{
	if (!s)
		return;
	procs_release(&s->procs);
	vec_release(&s->wanted);
	inode_set_release(&s->set);
	str_release(&s->partial);
	owner_tasks_free(s->tasks);
	close(s->proc_fd);
	free(s);
}

static int compare_wanted(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static struct wanted *find_wanted(const struct vec *v, uint32_t inode)
{
	struct wanted key = {.inode = inode};

	return v->n ? bsearch(&key, v->data, v->n, sizeof(key), compare_wanted) : NULL;
}

/* Takes the new list over, keeping what is known of inodes that were wanted before. */
static int set_wanted(struct owner_scan *s, const uint32_t *inodes, size_t n)
{
	struct vec next = VEC_OF(struct wanted);

	for (size_t i = 0; i < n; i++) {
		const struct wanted *before = find_wanted(&s->wanted, inodes[i]);
		struct wanted *w = vec_push(&next);

		if (!w) {
			vec_release(&next);
			return -ENOMEM;
		}
		*w = before ? *before
			    : (struct wanted){.inode = inodes[i], .wanted_since = s->run};
		w->was_found = w->is_found;
		w->is_found = false;
	}
	if (next.n)
		qsort(next.data, next.n, sizeof(struct wanted), compare_wanted);
	vec_release(&s->wanted);
	s->wanted = next;
	return inode_set_fill(&s->set, inodes, n);
}

/* Reads the processes that `choose` names; with everything chosen this is a whole scan. */
enum choice { READ_ALL, READ_CHANGED };

static int read_processes(struct owner_scan *s, enum choice choice)
{
	/* Processes without a descriptor, the kernel's, stand beside each other: after one
	 * of them, asking for the number first is cheaper. */
	bool may_have_none = s->counts_work;

	for (size_t i = 0; i < s->procs.n; i++) {
		struct proc *p = vec_at(&s->procs, i);
		/* By the pid: a place in the list moves when others come and go. */
		unsigned turn = (unsigned)p->pid / s->role.n_shards % s->round;
		bool is_due = choice == READ_ALL || turn == s->run % s->round;
		int error = 0;

		if (!is_due)
			is_due = !s->counts_work || proc_count_fds(s->proc_fd, p) ||
				 !proc_recheck(s->proc_fd, p);
		if (!is_due || (may_have_none && proc_has_none(s->proc_fd, p)))
			continue;
		error = proc_read_fds(s->proc_fd, p, &s->set);
		if (error == -ENOMEM)
			return error;
		may_have_none = s->counts_work && !p->n_fds;
	}
	return 0;
}

static void note_found(struct owner_scan *s)
{
	for (size_t i = 0; i < s->procs.n; i++) {
		const struct proc *p = vec_at(&s->procs, i);

		for (size_t k = 0; k < p->n_hits; k++) {
			struct wanted *w = find_wanted(&s->wanted, p->hits[k].inode);

			if (w)
				w->is_found = true;
		}
	}
}

/*
 * A whole scan is called for by a wanted inode that nobody of ours holds, if it was never
 * looked for or if somebody held it at the run before: it may have been handed to a process
 * whose number of descriptors is what it was.
 */
static bool has_unexplained(struct owner_scan *s)
{
	bool is_any = false;

	for (size_t i = 0; i < s->wanted.n; i++) {
		struct wanted *w = vec_at(&s->wanted, i);

		if (w->is_found || (w->is_covered && !w->was_found))
			continue;
		w->threads_looked = w->threads_looked && !w->was_found;
		is_any = true;
	}
	return is_any;
}

static void note_covered(struct owner_scan *s, bool was_whole)
{
	for (size_t i = 0; i < s->wanted.n; i++) {
		struct wanted *w = vec_at(&s->wanted, i);

		if (was_whole || s->run - w->wanted_since >= s->round)
			w->is_covered = true;
	}
}

/* Sockets that no process' own table has: a thread may have left the common table
 * (CLONE_FILES). */
static int read_threads(struct owner_scan *s)
{
	struct inode_set lost = {0};
	int error = 0;

	for (size_t i = 0; i < s->wanted.n; i++) {
		struct wanted *w = vec_at(&s->wanted, i);

		if (w->is_found || w->threads_looked)
			continue;
		w->threads_looked = true;
		error = inode_set_add(&lost, w->inode);
		if (error)
			break;
	}
	for (size_t i = 0; !error && lost.n && i < s->procs.n; i++)
		error = proc_read_thread_fds(s->proc_fd, vec_at(&s->procs, i), &lost);
	inode_set_release(&lost);
	return error == -ENOMEM ? error : 0;
}

static int look(struct owner_scan *s)
{
	bool is_whole = s->is_first || !s->counts_work;
	int error = 0;

	if (s->is_first) {
		s->counts_work = procs_tell_counts(s->proc_fd);
		s->round = s->procs.n > MANY_PROCESSES ? ROUND_OF_MANY : ROUND;
	}
	if (!error)
		error = read_processes(s, is_whole ? READ_ALL : READ_CHANGED);
	if (error)
		return error;
	note_found(s);
	if (has_unexplained(s) && !is_whole) {
		error = read_processes(s, READ_ALL);
		is_whole = true;
		note_found(s);
	}
	note_covered(s, is_whole);
	s->is_first = false;
	s->run++;
	return error ? error : read_threads(s);
}

static int put_partial(struct owner_scan *s, struct bundle_out *out)
{
	str_reset(&s->partial);
	for (size_t i = 0; i < s->wanted.n; i++) {
		const struct wanted *w = vec_at(&s->wanted, i);

		if (w->is_covered)
			continue;
		if (s->partial.len > 60000) {
			bundle_out_item(out, "partial", s->partial.data, s->partial.len, 0);
			str_reset(&s->partial);
		}
		str_printf(&s->partial, "%u ", w->inode);
	}
	return bundle_out_item(out, "partial", s->partial.data, s->partial.len, 0);
}

static int put_summary(struct owner_scan *s, bool is_whole, const char *by,
		       struct bundle_out *out)
{
	char words[96];
	int n = snprintf(words, sizeof(words),
			 "full=%d pids=%zu unread=%zu workers=%u by=%s", is_whole,
			 s->procs.n, s->n_unread, s->role.n_shards, by);

	return s->partial.failed ? -ENOMEM
				 : bundle_out_item(out, "scan", words, (size_t)n, 0);
}

static int run_by_files(struct owner_scan *s, const uint32_t *inodes, size_t n_inodes,
			struct bundle_out *out)
{
	bool is_first = s->is_first;
	int error = set_wanted(s, inodes, n_inodes);

	if (!error)
		error = look(s);
	if (error)
		return error;
	s->n_unread = 0;
	for (size_t i = 0; i < s->procs.n && !out->error; i++) {
		struct proc *p = vec_at(&s->procs, i);

		s->n_unread += proc_is_refused(p);
		proc_put(s->proc_fd, p, &s->set, out);
	}
	put_partial(s, out);
	return put_summary(s, is_first, "files", out);
}

/* ---- by the kernel's own walk ---- */

static bool wants_walk(const struct owner_scan *s)
{
	switch (s->role.way) {
	case OWNERS_BY_FILES:
		return false;
	case OWNERS_BY_TASKS:
		return !s->is_walk_refused;
	case OWNERS_BY_SIZE:
		break;
	}
	return !s->is_walk_refused && s->procs.n * s->role.n_shards >= WALK_PROCESSES;
}

static int prepare_walk(struct owner_scan *s)
{
	if (!s->tasks)
		s->tasks = owner_tasks_new(s->proc_fd, &s->role);
	return s->tasks ? owner_tasks_prepare(s->tasks) : -EOPNOTSUPP;
}

/* Where one process holds too much for it the next look may find less. */
static void forget_walk(struct owner_scan *s, int error)
{
	s->is_walk_refused = error != -E2BIG;
	owner_tasks_free(s->tasks);
	s->tasks = NULL;
}

static int walk_tasks(struct owner_scan *s, const uint32_t *inodes, size_t n_inodes)
{
	int error = prepare_walk(s);

	if (!error)
		error = owner_tasks_run(s->tasks, inodes, n_inodes);
	if (error)
		forget_walk(s, error);
	return error;
}

/* Whom the walk did not meet, as another namespace's first process, or a new one. */
static int read_unseen(struct owner_scan *s, struct bundle_out *out)
{
	s->n_unread = 0;
	for (size_t i = 0; i < s->procs.n && !out->error; i++) {
		struct proc *p = vec_at(&s->procs, i);
		int error;

		if (owner_tasks_saw(s->tasks, p->pid))
			continue;
		p->n_hits = 0;
		error = proc_read_fds(s->proc_fd, p, &s->set);
		if (!error)
			error = proc_read_thread_fds(s->proc_fd, p, &s->set);
		if (error)
			return error;
		s->n_unread += proc_is_refused(p);
		proc_put(s->proc_fd, p, &s->set, out);
	}
	return out->error;
}

static int put_walk(struct owner_scan *s, const uint32_t *inodes, size_t n_inodes,
		    struct bundle_out *out)
{
	int error = inode_set_fill(&s->set, inodes, n_inodes);

	if (!error)
		error = owner_tasks_put(s->tasks, out);
	if (!error)
		error = read_unseen(s, out);
	return error ? error : put_summary(s, true, "tasks", out);
}

static int list_processes(struct owner_scan *s)
{
	int64_t listed_ns = s->listed_ns;

	s->listed_ns = 0;
	if (listed_ns && host_now_ns() - listed_ns < LIST_IS_NEW)
		return 0;
	return procs_list(s->proc_fd, &s->procs, s->role.shard, s->role.n_shards);
}

void owner_scan_prepare(struct owner_scan *s)
{
	int error = list_processes(s);

	if (error)
		return;
	s->listed_ns = host_now_ns();
	if (!wants_walk(s))
		return;
	error = prepare_walk(s);
	if (error)
		forget_walk(s, error);
}

/* The pids are listed before the walk: who comes later is seen by it or by the next look.
 */
int owner_scan_run(struct owner_scan *s, const uint32_t *inodes, size_t n_inodes,
		   struct bundle_out *out)
{
	int error = list_processes(s);

	if (error)
		return error;
	if (wants_walk(s) && walk_tasks(s, inodes, n_inodes) == 0)
		return put_walk(s, inodes, n_inodes, out);
	return run_by_files(s, inodes, n_inodes, out);
}

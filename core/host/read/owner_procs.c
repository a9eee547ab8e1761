/* Reading processes' descriptors. Decides nothing about when to look; who a process is, is
 * in owner_facts.c. */
#include "core/host/read/owner_procs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DENTS_ROOM  65536
#define FIRST_DENTS 2048
#define FEW_HITS    3 /* of which each is looked at by its whole path */

static char dents[DENTS_ROOM] __attribute__((aligned(16)));

/* "123" -> 123; -1 for anything else (also "." and ".."). */
static long number_of(const char *digits)
{
	long n = 0;

	if (*digits == '\0')
		return -1;
	for (; *digits; digits++) {
		if (*digits < '0' || *digits > '9' || n > INT32_MAX / 10)
			return -1;
		n = n * 10 + (*digits - '0');
	}
	return n;
}

/* "socket:[123]" -> 123; 0 for anything else. */
static uint32_t socket_inode(const char *target, ssize_t len)
{
	uint64_t n = 0;

	if (len < 10 || memcmp(target, "socket:[", 8) != 0)
		return 0;
	for (ssize_t i = 8; i < len && target[i] != ']'; i++)
		n = n * 10 + (uint64_t)(target[i] - '0');
	return n <= UINT32_MAX ? (uint32_t)n : 0;
}

static void proc_release(struct proc *p)
{
	free(p->hits);
	str_release(&p->stat);
	str_release(&p->facts);
}

void procs_release(struct vec *procs)
{
	for (size_t i = 0; i < procs->n; i++)
		proc_release(vec_at(procs, i));
	vec_release(procs);
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return x < y ? -1 : x > y;
}

static int list_pids(int proc_fd, struct vec *pids, unsigned shard, unsigned n_shards)
{
	bool is_sorted = true;
	pid_t last = 0;
	ssize_t got;

	if (lseek(proc_fd, 0, SEEK_SET) < 0)
		return -errno;
	while ((got = getdents64(proc_fd, dents, sizeof(dents))) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *e = (const void *)(dents + at);
			long pid = number_of(e->d_name);
			pid_t *slot;

			at += e->d_reclen;
			if (pid <= 0 || (unsigned long)pid % n_shards != shard)
				continue;
			slot = vec_push(pids);
			if (!slot)
				return -ENOMEM;
			*slot = (pid_t)pid;
			is_sorted = is_sorted && *slot > last;
			last = *slot;
		}
	}
	if (got < 0)
		return -errno;
	if (!is_sorted)
		qsort(pids->data, pids->n, sizeof(pid_t), compare_pids);
	return 0;
}

/* Both lists are sorted: one walk moves the processes that live on. */
static int merge_pids(const struct vec *pids, struct vec *procs)
{
	struct vec next = VEC_OF(struct proc);
	size_t old = 0;

	for (size_t i = 0; i < pids->n; i++) {
		pid_t pid = *(pid_t *)vec_at(pids, i);
		struct proc *to = vec_push(&next);

		if (!to) {
			procs_release(&next);
			for (; old < procs->n; old++)
				proc_release(vec_at(procs, old));
			vec_reset(procs);
			return -ENOMEM;
		}
		while (old < procs->n && ((struct proc *)vec_at(procs, old))->pid < pid)
			proc_release(vec_at(procs, old++));
		if (old < procs->n && ((struct proc *)vec_at(procs, old))->pid == pid)
			*to = *(struct proc *)vec_at(procs, old++);
		else
			*to = (struct proc){.pid = pid, .n_fds = -1};
	}
	for (; old < procs->n; old++)
		proc_release(vec_at(procs, old));
	vec_release(procs);
	*procs = next;
	return 0;
}

int procs_list(int proc_fd, struct vec *procs, unsigned shard, unsigned n_shards)
{
	struct vec pids = VEC_OF(pid_t);
	int error = list_pids(proc_fd, &pids, shard, n_shards);

	if (!error)
		error = merge_pids(&pids, procs);
	vec_release(&pids);
	return error;
}

bool procs_tell_counts(int proc_fd)
{
	struct stat st;

	return fstatat(proc_fd, "self/fd", &st, 0) == 0 && st.st_size > 0;
}

static int64_t count_fds(int proc_fd, pid_t pid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "%d/fd", (int)pid);
	return fstatat(proc_fd, path, &st, 0) ? -1 : st.st_size;
}

/*
 * Where the links may not be read though the list may (a process with more capabilities
 * than ours), none may. Else a link is gone because the descriptor was closed meanwhile.
 */
static bool is_refusal(int error)
{
	return error == EACCES || error == EPERM;
}

bool proc_count_fds(int proc_fd, struct proc *p)
{
	/* A refusal stays one until its turn comes: nothing to read there again. */
	if (is_refusal(p->error))
		return false;
	return p->n_fds < 0 || count_fds(proc_fd, p->pid) != p->n_fds;
}

void hit_path(char path[64], pid_t pid, const struct hit *h)
{
	if (h->tid)
		snprintf(path, 64, "%d/task/%d/fd/%d", (int)pid, (int)h->tid, (int)h->fd);
	else
		snprintf(path, 64, "%d/fd/%d", (int)pid, (int)h->fd);
}

static int open_fds(int proc_fd, pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/fd", (int)pid);
	return openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool hit_stands(int proc_fd, pid_t pid, const struct hit *h)
{
	char path[64], target[64];
	ssize_t len;

	hit_path(path, pid, h);
	len = readlinkat(proc_fd, path, target, sizeof(target));
	return len > 0 && socket_inode(target, len) == h->inode;
}

/* The same from within the directory: without the way there for each of many. */
static bool hits_stand(int dir_fd, const struct proc *p)
{
	char digits[16], target[64];
	bool stand = true;

	for (size_t i = 0; stand && i < p->n_hits; i++) {
		const struct hit *h = &p->hits[i];
		ssize_t len;

		if (h->tid)
			continue;
		snprintf(digits, sizeof(digits), "%d", (int)h->fd);
		len = readlinkat(dir_fd, digits, target, sizeof(target));
		stand = len > 0 && socket_inode(target, len) == h->inode;
	}
	return stand;
}

bool proc_recheck(int proc_fd, const struct proc *p)
{
	int fd = p->n_hits > FEW_HITS ? open_fds(proc_fd, p->pid) : -1;
	bool stand = fd < 0 || hits_stand(fd, p);

	for (size_t i = 0; stand && i < p->n_hits; i++)
		if (fd < 0 || p->hits[i].tid)
			stand = hit_stands(proc_fd, p->pid, &p->hits[i]);
	if (fd >= 0)
		close(fd);
	return stand;
}

static int add_hit(struct proc *p, uint32_t inode, long fd, pid_t tid)
{
	if (p->n_hits == p->cap_hits) {
		size_t cap = p->cap_hits ? 2 * p->cap_hits : 4;
		struct hit *grown = reallocarray(p->hits, cap, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		p->hits = grown;
		p->cap_hits = cap;
	}
	p->hits[p->n_hits++] = (struct hit){inode, (int32_t)fd, tid};
	return 0;
}

/* Every descriptor in an open fd directory. 0, -ENOMEM or -errno of the listing or the
 * links. */
static int read_fd_dir(int dir_fd, struct proc *p, pid_t tid,
		       const struct inode_set *wanted, int64_t *n_fds)
{
	char target[64];
	/* Where the first link is refused, all are: no long list of them, then. */
	size_t room = FIRST_DENTS;
	ssize_t got;

	*n_fds = 0;
	for (; (got = getdents64(dir_fd, dents, room)) > 0; room = sizeof(dents)) {
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *e = (const void *)(dents + at);
			uint32_t inode;
			ssize_t len;

			at += e->d_reclen;
			if (e->d_name[0] == '.')
				continue;
			++*n_fds;
			len = readlinkat(dir_fd, e->d_name, target, sizeof(target));
			if (len < 0 && is_refusal(errno))
				return -errno;
			inode = socket_inode(target, len);
			if (inode && inode_set_has(wanted, inode) &&
			    add_hit(p, inode, number_of(e->d_name), tid))
				return -ENOMEM;
		}
	}
	return got < 0 ? -errno : 0;
}

/* What only threads hold is not in the common table: it stays if it still stands. */
static void keep_thread_hits(int proc_fd, struct proc *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n_hits; i++)
		if (p->hits[i].tid && hit_stands(proc_fd, p->pid, &p->hits[i]))
			p->hits[kept++] = p->hits[i];
	p->n_hits = kept;
}

int proc_read_fds(int proc_fd, struct proc *p, const struct inode_set *wanted)
{
	int fd, error;

	keep_thread_hits(proc_fd, p);
	p->facts_due = true;
	p->error = 0;
	fd = open_fds(proc_fd, p->pid);
	if (fd < 0) {
		p->error = errno;
		return 0;
	}
	/* What changes while it is read makes the count differ at the next look. */
	error = read_fd_dir(fd, p, 0, wanted, &p->n_fds);
	close(fd);
	if (error)
		p->n_fds = -1;
	if (error && error != -ENOMEM)
		p->error = -error;
	return error == -ENOMEM ? error : 0;
}

bool proc_has_none(int proc_fd, struct proc *p)
{
	if (count_fds(proc_fd, p->pid) != 0)
		return false;
	keep_thread_hits(proc_fd, p);
	p->facts_due = true;
	p->error = 0;
	p->n_fds = 0;
	return true;
}

/*
 * True if a thread's table may be another one than its process'. kcmp(2) tells; where it
 * may not, the table is read.
 */
static bool has_own_table(pid_t pid, pid_t tid)
{
	return syscall(SYS_kcmp, pid, tid, KCMP_FILES, 0, 0) != 0;
}

/* The directory of the threads of a process that has more than one; NULL: nothing to look
 * at. */
static DIR *open_tasks(int proc_fd, pid_t pid)
{
	char path[32];
	struct stat st;
	DIR *tasks;
	int fd;

	snprintf(path, sizeof(path), "%d/task", (int)pid);
	/* Links: itself, its parent's, and one from every thread. */
	if (fstatat(proc_fd, path, &st, 0) || st.st_nlink <= 3)
		return NULL;
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tasks = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !tasks)
		close(fd);
	return tasks;
}

int proc_read_thread_fds(int proc_fd, struct proc *p, const struct inode_set *lost)
{
	int64_t n_fds;
	DIR *tasks = is_refusal(p->error) ? NULL : open_tasks(proc_fd, p->pid);
	struct dirent *e;
	char path[32];
	int error = 0;

	while (tasks && !error && (e = readdir(tasks))) {
		long tid = number_of(e->d_name);
		int fd;

		if (tid <= 0 || tid == p->pid || !has_own_table(p->pid, (pid_t)tid))
			continue;
		snprintf(path, sizeof(path), "%ld/fd", tid);
		fd = openat(dirfd(tasks), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		error = read_fd_dir(fd, p, (pid_t)tid, lost, &n_fds);
		close(fd);
	}
	if (tasks)
		closedir(tasks);
	return error == -ENOMEM ? error : 0;
}

/* Reading processes' descriptors and who they are. Decides nothing about when to look. */
#include "core/host/owner_procs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DENTS_ROOM 65536

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
			for (size_t k = 0; k < next.n; k++)
				proc_release(vec_at(&next, k));
			for (; old < procs->n; old++)
				proc_release(vec_at(procs, old));
			vec_release(&next);
			vec_reset(procs);
			return -ENOMEM;
		}
		while (old < procs->n && ((struct proc *)vec_at(procs, old))->pid < pid)
			proc_release(vec_at(procs, old++));
		if (old < procs->n && ((struct proc *)vec_at(procs, old))->pid == pid)
			*to = *(struct proc *)vec_at(procs, old++);
		else
			*to = (struct proc){.pid = pid, .is_new = true, .n_fds = -1};
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

bool procs_tell_counts(int proc_fd, const struct vec *procs)
{
	struct stat st;

	(void)procs;
	return fstatat(proc_fd, "self/fd", &st, 0) == 0 && st.st_size > 0;
}

static int64_t count_fds(int proc_fd, pid_t pid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "%d/fd", (int)pid);
	return fstatat(proc_fd, path, &st, 0) ? -1 : st.st_size;
}

bool proc_count_fds(int proc_fd, struct proc *p)
{
	/* A refusal stays one: nothing to read there again. */
	if (p->error == EACCES || p->error == EPERM)
		return false;
	return p->n_fds < 0 || count_fds(proc_fd, p->pid) != p->n_fds;
}

static void hit_path(char path[64], pid_t pid, const struct hit *h)
{
	if (h->tid)
		snprintf(path, 64, "%d/task/%d/fd/%d", (int)pid, (int)h->tid, (int)h->fd);
	else
		snprintf(path, 64, "%d/fd/%d", (int)pid, (int)h->fd);
}

static bool hit_stands(int proc_fd, pid_t pid, const struct hit *h)
{
	char path[64], target[64];
	ssize_t len;

	hit_path(path, pid, h);
	len = readlinkat(proc_fd, path, target, sizeof(target));
	return len > 0 && socket_inode(target, len) == h->inode;
}

bool proc_recheck(int proc_fd, const struct proc *p)
{
	for (size_t i = 0; i < p->n_hits; i++)
		if (!hit_stands(proc_fd, p->pid, &p->hits[i]))
			return false;
	return true;
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

/* Every descriptor in an open fd directory. 0, -ENOMEM or -errno of the listing. */
static int read_fd_dir(int dir_fd, struct proc *p, pid_t tid, const struct inode_set *wanted)
{
	char target[64];
	ssize_t got;

	while ((got = getdents64(dir_fd, dents, sizeof(dents))) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *e = (const void *)(dents + at);
			uint32_t inode;
			ssize_t len;

			at += e->d_reclen;
			if (e->d_name[0] == '.')
				continue;
			len = readlinkat(dir_fd, e->d_name, target, sizeof(target));
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
	char path[32];
	struct stat st;
	int fd, error;

	keep_thread_hits(proc_fd, p);
	p->is_new = false;
	p->facts_due = true;
	p->error = 0;
	snprintf(path, sizeof(path), "%d/fd", (int)p->pid);
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		p->error = errno;
		return 0;
	}
	/* Counted before it is read: a change while reading shows at the next look. */
	p->n_fds = fstat(fd, &st) ? -1 : st.st_size;
	error = read_fd_dir(fd, p, 0, wanted);
	close(fd);
	if (error && error != -ENOMEM)
		p->error = -error;
	return error == -ENOMEM ? error : 0;
}

int proc_read_thread_fds(int proc_fd, struct proc *p, const struct inode_set *lost)
{
	char path[64];
	int error = 0;
	DIR *tasks;
	struct dirent *e;
	int fd;

	snprintf(path, sizeof(path), "%d/task", (int)p->pid);
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tasks = fd < 0 ? NULL : fdopendir(fd);
	while (tasks && !error && (e = readdir(tasks))) {
		long tid = number_of(e->d_name);

		if (tid <= 0 || tid == p->pid)
			continue;
		snprintf(path, sizeof(path), "%ld/fd", tid);
		fd = openat(dirfd(tasks), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		error = read_fd_dir(fd, p, (pid_t)tid, lost);
		close(fd);
	}
	if (tasks)
		closedir(tasks);
	return error == -ENOMEM ? error : 0;
}

static bool holds_wanted(const struct proc *p, const struct inode_set *wanted)
{
	for (size_t i = 0; i < p->n_hits; i++)
		if (inode_set_has(wanted, p->hits[i].inode))
			return true;
	return false;
}

static ssize_t read_small(int proc_fd, const char *path, char *bytes, size_t room)
{
	int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -errno : read(fd, bytes, room);

	if (fd >= 0 && len < 0)
		len = -errno;
	if (fd >= 0)
		close(fd);
	return len;
}

static void keep_item(struct str *to, const char *name, const char *bytes, ssize_t len)
{
	uint8_t room[BUNDLE_HEAD + 64 + 4096];
	struct bundle_item item = {text_of(name), {bytes, len < 0 ? 0 : (size_t)len},
				   len < 0 ? (int)-len : 0};
	long size = bundle_put(room, sizeof(room), &item);

	if (size > 0)
		str_append(to, room, (size_t)size);
}

/* Of status only the line "Uid:" is kept. */
static ssize_t uid_line(char *status, ssize_t len)
{
	char *line = len > 0 ? memmem(status, (size_t)len, "\nUid:", 5) : NULL;
	char *end;

	if (!line)
		return len > 0 ? 0 : len;
	line++;
	end = memchr(line, '\n', (size_t)(status + len - line));
	len = (end ? end + 1 : status + len) - line;
	memmove(status, line, (size_t)len);
	return len;
}

static void read_facts(int proc_fd, struct proc *p)
{
	char path[64], bytes[4096];
	ssize_t len;

	str_reset(&p->facts);
	snprintf(path, sizeof(path), "%d/status", (int)p->pid);
	len = read_small(proc_fd, path, bytes, sizeof(bytes));
	keep_item(&p->facts, path, bytes, uid_line(bytes, len));
	snprintf(path, sizeof(path), "%d/cgroup", (int)p->pid);
	keep_item(&p->facts, path, bytes, read_small(proc_fd, path, bytes, sizeof(bytes)));
	snprintf(path, sizeof(path), "%d/exe", (int)p->pid);
	len = readlinkat(proc_fd, path, bytes, sizeof(bytes));
	keep_item(&p->facts, path, bytes, len < 0 ? -errno : len);
	p->facts_due = false;
}

/* The items of `facts` one by one: a part must hold whole items. */
static void put_facts(const struct proc *p, struct bundle_out *out)
{
	struct bundle_reader r;
	struct bundle_item item;
	char name[64];

	bundle_read(&r, p->facts.data, p->facts.len);
	while (bundle_next(&r, &item) > 0) {
		snprintf(name, sizeof(name), "%.*s", (int)item.name.len, item.name.bytes);
		bundle_out_item(out, name, item.data.bytes, item.data.len, item.error);
	}
}

/* Where in stat the start time (field 22) begins: 20 blanks after the last ')'. */
static size_t start_field(const char *stat, size_t len)
{
	const char *at = len ? memrchr(stat, ')', len) : NULL;

	for (int blanks = 0; at && blanks < 20; blanks++)
		at = memchr(at + 1, ' ', (size_t)(stat + len - at - 1));
	return at ? (size_t)(at - stat) : len;
}

/* Same start time and same name: still the one that the facts are of. */
static bool is_same_process(const struct str *before, const char *stat, size_t len)
{
	size_t a = start_field(str_text(before), before->len), b = start_field(stat, len);
	const char *name = len ? memrchr(stat, ')', len) : NULL;
	size_t name_len = name ? (size_t)(name - stat) : 0;
	size_t field = strcspn(str_text(before) + a + (a < before->len), " ");

	return before->len > a && len > b && before->len > name_len && len - b > field &&
	       memcmp(before->data, stat, name_len + 1) == 0 &&
	       memcmp(before->data + a, stat + b, field + 1) == 0;
}

/* pid and start time are the identity: another start time means another process of that number. */
static void refresh_stat(int proc_fd, struct proc *p, const char *path)
{
	char bytes[1024];
	ssize_t len = read_small(proc_fd, path, bytes, sizeof(bytes));

	if (len <= 0 || !is_same_process(&p->stat, bytes, (size_t)len))
		p->facts_due = true;
	str_reset(&p->stat);
	if (len > 0)
		str_append(&p->stat, bytes, (size_t)len);
}

static void put_hits(const struct proc *p, const struct inode_set *wanted, struct bundle_out *out)
{
	char path[64], target[32];

	for (size_t i = 0; i < p->n_hits; i++) {
		const struct hit *h = &p->hits[i];
		int len;

		if (!inode_set_has(wanted, h->inode))
			continue;
		hit_path(path, p->pid, h);
		len = snprintf(target, sizeof(target), "socket:[%u]", h->inode);
		bundle_out_item(out, path, target, (size_t)len, 0);
	}
}

int proc_put(int proc_fd, struct proc *p, const struct inode_set *wanted, struct bundle_out *out)
{
	char path[64];

	if (p->error && p->error != ENOENT && p->error != ESRCH) {
		snprintf(path, sizeof(path), "%d/fd", (int)p->pid);
		bundle_out_item(out, path, NULL, 0, p->error);
	}
	if (!holds_wanted(p, wanted))
		return out->error;
	snprintf(path, sizeof(path), "%d/stat", (int)p->pid);
	refresh_stat(proc_fd, p, path);
	if (p->facts_due || !p->facts.len)
		read_facts(proc_fd, p);
	bundle_out_item(out, path, p->stat.data, p->stat.len, p->stat.len ? 0 : ESRCH);
	put_facts(p, out);
	put_hits(p, wanted, out);
	return out->error;
}

/* The records of a walk -> items of the owner scan. What a walk does not tell (programs,
 * control groups) is read from /proc, once for all processes that share it. */
#include "core/host/read/owner_tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/host/bpf/owner_tasks.bpf.h"
#include "core/host/bpf/task_walk.h"
#include "core/host/read/owner_procs.h"

enum { NS_PER_TICK = 10000000, FACT_SLOTS = 8192, FACT_BYTES = 4096 };

/* What is the same for all of one key. */
struct fact {
	uint64_t key[2];
	int error;    /* positive */
	size_t at, n; /* in the texts; n 0 and error 0: free */
};

struct owner_tasks {
	struct worker_role role;
	int proc_fd;
	struct task_walk walk;
	struct vec seen;    /* uint32_t, sorted: pids */
	struct fact *facts; /* FACT_SLOTS, of this walk */
	size_t n_facts;
	struct str texts;
};

/* A small file of /proc/self from a word on; NULL: it has none. */
static const char *read_from(int proc_fd, const char *path, const char *word, char *bytes,
			     size_t room)
{
	int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, room - 1);

	if (fd >= 0)
		close(fd);
	bytes[n > 0 ? n : 0] = '\0';
	return strstr(bytes, word);
}

/* /proc is of our own pid namespace, and nobody shifted the time since boot. */
static bool is_same_world(int proc_fd)
{
	char bytes[4096];
	const char *at =
		read_from(proc_fd, "self/status", "\nNSpid:", bytes, sizeof(bytes));
	long pid = 0;
	int end = 0;

	if (!at || sscanf(at, " NSpid: %ld%n", &pid, &end) != 1 || at[end] != '\n' ||
	    pid != (long)getpid())
		return false;
	at = read_from(proc_fd, "self/timens_offsets", "boottime", bytes, sizeof(bytes));
	if (!at)
		return true;
	at += strlen("boottime");
	return at[strspn(at, " \t0\n")] == '\0';
}

struct owner_tasks *owner_tasks_new(int proc_fd, const struct worker_role *role)
{
	struct owner_tasks *t = is_same_world(proc_fd) ? calloc(1, sizeof(*t)) : NULL;

	if (!t)
		return NULL;
	t->role = *role;
	t->proc_fd = proc_fd;
	t->seen = VEC_OF(uint32_t);
	task_walk_init(&t->walk);
	t->facts = calloc(FACT_SLOTS, sizeof(*t->facts));
	if (t->facts)
		return t;
	owner_tasks_free(t);
	return NULL;
}

void owner_tasks_free(struct owner_tasks *t)
{
	if (!t)
		return;
	task_walk_release(&t->walk);
	vec_release(&t->seen);
	str_release(&t->texts);
	free(t->facts);
	free(t);
}

/* The next record at `at`: its bytes in *holder or *record. Its length with its hits, which
 * are at its end; 0: no more. */
static size_t next_record(const struct str *records, size_t at, struct task_record *record,
			  struct task_holder *holder)
{
	size_t left = records->len - at, size = sizeof(*record);

	if (left < size)
		return 0;
	memcpy(record, records->data + at, size);
	if (record->kind != TASK_RECORD_HOLDER)
		return size;
	size = sizeof(*holder);
	if (left < size)
		return 0;
	memcpy(holder, records->data + at, size);
	if (holder->n_hits > (left - size) / sizeof(struct task_hit))
		return 0;
	return size + holder->n_hits * sizeof(struct task_hit);
}

static int compare_pids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t *find_seen(const struct owner_tasks *t, uint32_t pid)
{
	return t->seen.n ? bsearch(&pid, t->seen.data, t->seen.n, sizeof(pid), compare_pids)
			 : NULL;
}

/* A process whose table was not walked to its end was not seen: its number becomes that of
 * nobody, as the smaller of its neighbours. */
static void drop_broken(struct owner_tasks *t)
{
	struct task_record r;
	struct task_holder h;

	for (size_t at = 0, n; (n = next_record(&t->walk.records, at, &r, &h)); at += n) {
		uint32_t *pid = r.kind == TASK_RECORD_BROKEN ? find_seen(t, r.pid) : NULL;

		if (pid)
			*pid = pid > (uint32_t *)t->seen.data ? pid[-1] : 0;
	}
}

static int note_seen(struct owner_tasks *t)
{
	struct task_record r;
	struct task_holder h;
	bool is_sorted = true;
	uint32_t last = 0, *slot;

	vec_reset(&t->seen);
	for (size_t at = 0, n; (n = next_record(&t->walk.records, at, &r, &h)); at += n) {
		if (r.kind != TASK_RECORD_SEEN)
			continue;
		slot = vec_push(&t->seen);
		if (!slot)
			return -ENOMEM;
		*slot = r.pid;
		is_sorted = is_sorted && r.pid >= last;
		last = r.pid;
	}
	if (!is_sorted)
		qsort(t->seen.data, t->seen.n, sizeof(uint32_t), compare_pids);
	drop_broken(t);
	return 0;
}

int owner_tasks_prepare(struct owner_tasks *t)
{
	return task_walk_prepare(&t->walk);
}

int owner_tasks_run(struct owner_tasks *t, const uint32_t *inodes, size_t n_inodes)
{
	int error =
		task_walk_run(&t->walk, t->role.shard, t->role.n_shards, inodes, n_inodes);

	return error ? error : note_seen(t);
}

bool owner_tasks_saw(const struct owner_tasks *t, pid_t pid)
{
	return find_seen(t, (uint32_t)pid) != NULL;
}

/* ---- what is read once for many ---- */

static void forget_facts(struct owner_tasks *t)
{
	if (t->n_facts)
		memset(t->facts, 0, FACT_SLOTS * sizeof(*t->facts));
	t->n_facts = 0;
	str_reset(&t->texts);
}

static struct fact *find_fact(const struct owner_tasks *t, const uint64_t key[2])
{
	uint64_t hash = (key[0] >> 4 ^ key[1] << 7) * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(hash >> 32) & (FACT_SLOTS - 1);

	while ((t->facts[i].n || t->facts[i].error) &&
	       memcmp(t->facts[i].key, key, sizeof(t->facts[i].key)) != 0)
		i = (i + 1) & (FACT_SLOTS - 1);
	return &t->facts[i];
}

static ssize_t read_fact(int proc_fd, const char *path, bool is_link, char *bytes)
{
	int fd;
	ssize_t n;

	if (is_link) {
		n = readlinkat(proc_fd, path, bytes, FACT_BYTES);
		return n < 0 ? -errno : n;
	}
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -errno : read(fd, bytes, FACT_BYTES);
	if (fd >= 0 && n < 0)
		n = -errno;
	if (fd >= 0)
		close(fd);
	return n;
}

/* A failure is this process' own: the next one of that key is asked again. */
static int put_fact(struct owner_tasks *t, const char *path, bool is_link,
		    const uint64_t key[2], struct bundle_out *out)
{
	struct fact *f = find_fact(t, key);
	char bytes[FACT_BYTES];
	ssize_t n;

	if (f->n)
		return bundle_out_item(out, path, t->texts.data + f->at, f->n, 0);
	n = read_fact(t->proc_fd, path, is_link, bytes);
	if (n <= 0 || (!key[0] && !key[1]) || t->n_facts > FACT_SLOTS / 2)
		return bundle_out_item(out, path, bytes, n < 0 ? 0 : (size_t)n,
				       n < 0 ? (int)-n : 0);
	*f = (struct fact){{key[0], key[1]}, 0, t->texts.len, (size_t)n};
	str_append(&t->texts, bytes, (size_t)n);
	if (t->texts.failed)
		return -ENOMEM;
	t->n_facts++;
	return bundle_out_item(out, path, bytes, (size_t)n, 0);
}

/* ---- items ---- */

/* As get_task_state() of fs/proc/array.c has it. */
static char state_letter(uint32_t state)
{
	static const char letters[] = "RSDTtXZPI";
	unsigned i = 0;

	if ((state & 0x402) == 0x402)
		return 'I';
	/* Those that are frozen, or wait for a lock of a real-time kernel. */
	if (state & 0x9000)
		return 'D';
	for (state &= 0x7f; state; state >>= 1)
		i++;
	return letters[i];
}

static int put_task(const struct task_holder *h, struct bundle_out *out)
{
	char path[64], words[96];
	int len;

	snprintf(path, sizeof(path), "%u/task", h->pid);
	len = snprintf(words, sizeof(words), "%c %u %llu %.*s", state_letter(h->state),
		       h->parent, (unsigned long long)h->start_ns / NS_PER_TICK,
		       TASK_COMM_BYTES, h->comm);
	bundle_out_item(out, path, words, (size_t)len, 0);
	snprintf(path, sizeof(path), "%u/euid", h->pid);
	len = snprintf(words, sizeof(words), "%u", h->euid);
	return bundle_out_item(out, path, words, (size_t)len, 0);
}

static int put_holder(struct owner_tasks *t, const struct task_holder *h,
		      struct bundle_out *out)
{
	uint64_t program[2] = {h->exe_mount, h->exe_entry}, groups[2] = {h->groups, 0};
	char path[64];

	put_task(h, out);
	snprintf(path, sizeof(path), "%u/cgroup", h->pid);
	put_fact(t, path, false, groups, out);
	snprintf(path, sizeof(path), "%u/exe", h->pid);
	return put_fact(t, path, true, program, out);
}

static int put_hit(const struct task_holder *h, const struct task_hit *at,
		   struct bundle_out *out)
{
	struct hit hit = {at->inode, (int32_t)at->fd, (pid_t)h->tid};
	char path[64], target[32];
	int len;

	hit_path(path, (pid_t)h->pid, &hit);
	len = snprintf(target, sizeof(target), "socket:[%u]", at->inode);
	return bundle_out_item(out, path, target, (size_t)len, 0);
}

static int put_hits(const struct task_holder *h, const char *bytes, struct bundle_out *out)
{
	struct task_hit hit;

	for (uint32_t i = 0; i < h->n_hits; i++) {
		memcpy(&hit, bytes + i * sizeof(hit), sizeof(hit));
		put_hit(h, &hit, out);
	}
	return out->error;
}

int owner_tasks_put(struct owner_tasks *t, struct bundle_out *out)
{
	struct task_record r;
	struct task_holder h = {0};

	forget_facts(t);
	for (size_t at = 0, n; (n = next_record(&t->walk.records, at, &r, &h)); at += n) {
		if (r.kind != TASK_RECORD_HOLDER)
			continue;
		put_holder(t, &h, out);
		if (put_hits(&h, t->walk.records.data + at + sizeof(h), out))
			return out->error;
	}
	return 0;
}

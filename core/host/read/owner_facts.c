/* Who holds a wanted socket: the small files of a process, kept until it is another one.
 * proc(5). */
#include "core/host/read/owner_procs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool proc_is_refused(const struct proc *p)
{
	return p->error && p->error != ENOENT && p->error != ESRCH;
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
	struct bundle_item item = {
		text_of(name), {bytes, len < 0 ? 0 : (size_t)len}, len < 0 ? (int)-len : 0};
	long size = bundle_put(room, sizeof(room), &item);

	if (size > 0)
		str_append(to, room, (size_t)size);
}

/* The directory of a process belongs to its effective user, dumpable or not: a tenth of
 * what reading status costs. fs/proc/base.c, task_dump_owner(). */
static void keep_euid(int proc_fd, struct proc *p)
{
	char path[32], digits[16];
	struct stat st;
	int error;

	snprintf(path, sizeof(path), "%d", (int)p->pid);
	error = fstatat(proc_fd, path, &st, 0) ? errno : 0;
	snprintf(digits, sizeof(digits), "%u", error ? 0 : (unsigned)st.st_uid);
	snprintf(path, sizeof(path), "%d/euid", (int)p->pid);
	keep_item(&p->facts, path, digits, error ? -error : (ssize_t)strlen(digits));
}

static void read_facts(int proc_fd, struct proc *p)
{
	char path[64], bytes[4096];
	ssize_t len;

	str_reset(&p->facts);
	keep_euid(proc_fd, p);
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

	/* The blanks around the field belong to it: 12 is not the start of 123. */
	return before->len > a + field + 1 && len > b + field + 1 &&
	       before->len > name_len && memcmp(before->data, stat, name_len + 1) == 0 &&
	       memcmp(before->data + a, stat + b, field + 2) == 0;
}

/* pid and start time are the identity: another start time means another process of that
 * number. */
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

static void put_hits(const struct proc *p, const struct inode_set *wanted,
		     struct bundle_out *out)
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

int proc_put(int proc_fd, struct proc *p, const struct inode_set *wanted,
	     struct bundle_out *out)
{
	char path[64];

	if (proc_is_refused(p)) {
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

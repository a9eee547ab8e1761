/* Questions of bpf(2). Every attribute is written out as linux/bpf.h has it; a kernel that
 * does not know a place says EINVAL. */
#include "core/host/kernel/bpf_query.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/host/kernel/cgroup2.h"

enum { GET_FD_BY_ID = 13, GET_INFO_BY_FD = 15, PROG_QUERY = 16 };
enum { QUERY_EFFECTIVE = 1, CGROUP_INGRESS = 0, CGROUP_EGRESS = 1 };
enum { IDS_MAX = 64, NOTED_MAX = 1024, GROUPS_MAX = 20000, PATH_ROOM = 1024 };
enum { INFO_BYTES = 80, NAME_AT = 64, NAME_BYTES = 16 };

/* union bpf_attr, as far as each command reads it. */
union attributes {
	struct {
		uint32_t target, attach_type, flags, attach_flags;
		uint64_t ids;
		uint32_t n_ids, padding;
		uint64_t more[4];
	} query;
	struct {
		uint32_t id, next_id, open_flags;
	} by_id;
	struct {
		uint32_t fd, len;
		uint64_t info;
	} by_fd;
};

static int ask(int command, union attributes *a)
{
	long got = syscall(SYS_bpf, command, a, sizeof(*a));

	return got < 0 ? -errno : (int)got;
}

static uint64_t address_of(void *at)
{
	return (uint64_t)(uintptr_t)at;
}

void bpf_query_open(struct bpf_query *q)
{
	q->ids = VEC_OF(uint32_t);
}

void bpf_query_close(struct bpf_query *q)
{
	vec_release(&q->ids);
}

void bpf_query_note(struct bpf_query *q, uint32_t id)
{
	uint32_t *kept;

	for (size_t i = 0; i < q->ids.n; i++)
		if (*(uint32_t *)vec_at(&q->ids, i) == id)
			return;
	kept = q->ids.n < NOTED_MAX ? vec_push(&q->ids) : NULL;
	if (kept)
		*kept = id;
}

static int put_ids(struct bpf_query *q, struct bundle_out *out, const char *name,
		   const uint32_t *ids, uint32_t n, int error)
{
	char text[IDS_MAX * 11 + 1];
	size_t len = 0;

	for (uint32_t i = 0; i < n; i++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u",
					i ? " " : "", ids[i]);
		bpf_query_note(q, ids[i]);
	}
	return bundle_out_item(out, name, text, len, error);
}

int bpf_query_put(struct bpf_query *q, struct bundle_out *out, const char *name,
		  uint32_t target, uint32_t attach_type, uint32_t flags)
{
	uint32_t ids[IDS_MAX] = {0};
	union attributes a = {.query = {.target = target,
					.attach_type = attach_type,
					.flags = flags,
					.ids = address_of(ids),
					.n_ids = IDS_MAX}};
	int error = ask(PROG_QUERY, &a);
	bool is_cut = error == -ENOSPC;
	uint32_t n;

	if (error < 0 && !is_cut)
		return error;
	if (!a.query.n_ids)
		return 0;
	n = a.query.n_ids < IDS_MAX ? a.query.n_ids : IDS_MAX;
	error = put_ids(q, out, name, ids, n, is_cut ? EMSGSIZE : 0);
	return error ? error : (int)n;
}

/* ---- control groups ---- */

struct group_walk {
	struct bpf_query *query;
	struct bundle_out *out;
	unsigned n;
	int error;            /* positive: the first one */
	char path[PATH_ROOM]; /* "/system.slice" */
};

/* How many there are, or -errno. */
static int put_group(struct group_walk *w, int dir_fd, uint64_t inode, const char *word,
		     uint32_t attach_type)
{
	char name[64];

	snprintf(name, sizeof(name), "cgroup/%llu/%s", (unsigned long long)inode, word);
	return bpf_query_put(w->query, w->out, name, (uint32_t)dir_fd, attach_type,
			     QUERY_EFFECTIVE);
}

/* 0 or -errno. */
static int look_at_group(struct group_walk *w, int dir_fd)
{
	char name[64];
	struct stat st;
	int in, out;

	if (fstat(dir_fd, &st))
		return -errno;
	in = put_group(w, dir_fd, st.st_ino, "ingress", CGROUP_INGRESS);
	out = in < 0 ? in : put_group(w, dir_fd, st.st_ino, "egress", CGROUP_EGRESS);
	if (out < 0)
		return out;
	if (!in && !out)
		return 0;
	snprintf(name, sizeof(name), "cgroup/%llu", (unsigned long long)st.st_ino);
	return bundle_out_item(w->out, name, w->path, strlen(w->path), 0);
}

static void walk_groups(struct group_walk *w, int dir_fd, size_t path_len);

static void walk_child(struct group_walk *w, int dir_fd, const char *child, size_t path_len)
{
	size_t len = strlen(child);
	int fd;

	if (path_len + len + 2 > sizeof(w->path))
		return;
	fd = openat(dir_fd, child, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	w->path[path_len] = '/';
	memcpy(w->path + path_len + 1, child, len + 1);
	walk_groups(w, fd, path_len + 1 + len);
	w->path[path_len] = '\0';
}

/* Takes dir_fd. The depth is bounded by the path's room. */
static void walk_groups(struct group_walk *w, int dir_fd, size_t path_len)
{
	int error = look_at_group(w, dir_fd);
	DIR *dir = error ? NULL : fdopendir(dir_fd);
	struct dirent *e;

	w->n++;
	if (!dir) {
		if (error && !w->error)
			w->error = -error;
		close(dir_fd);
		return;
	}
	while (!w->error && !w->out->error && (e = readdir(dir))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		if (w->n >= GROUPS_MAX) {
			w->error = EMSGSIZE;
			break;
		}
		walk_child(w, dirfd(dir), e->d_name, path_len);
	}
	closedir(dir);
}

void bpf_query_groups(struct bpf_query *q, struct bundle_out *out)
{
	struct group_walk w = {.query = q, .out = out};
	int fd = cgroup2_open();

	if (fd >= 0)
		walk_groups(&w, fd, 0);
	else if (fd != -ENOENT || cgroup2_is_used())
		w.error = -fd;
	/* A kernel without such programs has none. */
	if (w.error && w.error != EINVAL)
		bundle_out_item(out, "cgroup", "", 0, w.error);
}

/* ---- names ---- */

/* struct bpf_prog_info. 0 or -errno. */
static int read_name(uint32_t id, char name[NAME_BYTES + 1])
{
	uint8_t info[INFO_BYTES] = {0};
	union attributes a = {.by_id = {.id = id}};
	int fd = ask(GET_FD_BY_ID, &a), error;

	if (fd < 0)
		return fd;
	a = (union attributes){.by_fd = {(uint32_t)fd, sizeof(info), address_of(info)}};
	error = ask(GET_INFO_BY_FD, &a);
	close(fd);
	if (error < 0)
		return error;
	memcpy(name, info + NAME_AT, NAME_BYTES);
	name[NAME_BYTES] = '\0';
	return 0;
}

void bpf_query_tell(struct bpf_query *q, struct bundle_out *out)
{
	for (size_t i = 0; i < q->ids.n && !out->error; i++) {
		uint32_t id = *(uint32_t *)vec_at(&q->ids, i);
		char name[NAME_BYTES + 1] = "", item[32];
		int error = read_name(id, name);

		snprintf(item, sizeof(item), "program/%u", id);
		bundle_out_item(out, item, name, strlen(name), -error);
	}
}

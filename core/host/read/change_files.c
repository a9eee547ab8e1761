/* When files were written. Reads no file. statx(2). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/read/changes.h"
#include "core/host/read/open_beneath.h"

static bool may_go_on(const struct change_list *l)
{
	return l->n_items < CHANGE_ITEMS_MAX && l->n_looks < CHANGE_LOOKS_MAX &&
	       !l->out->error;
}

static void put_item(struct change_list *l, const char *path, int64_t wall_ns, int error)
{
	char name[PATH_MAX], digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRId64, wall_ns);

	if (!may_go_on(l))
		return;
	if (snprintf(name, sizeof(name), "%smtime:%s", l->pid_word, path) >=
	    (int)sizeof(name))
		return;
	l->n_items++;
	bundle_out_item(l->out, name, error ? NULL : digits, error ? 0 : (size_t)n, error);
}

static int64_t written_ns(const struct statx *x)
{
	return x->stx_mtime.tv_sec * NS_PER_S + x->stx_mtime.tv_nsec;
}

static bool is_directory(const struct statx *x)
{
	return S_ISDIR(x->stx_mode);
}

static int look(struct change_list *l, int fd, const char *path, struct statx *x)
{
	l->n_looks++;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, x)) {
		put_item(l, path, 0, errno);
		return -1;
	}
	if (written_ns(x) >= l->since_ns)
		put_item(l, path, written_ns(x), 0);
	return 0;
}

void change_files_put_fd(struct change_list *l, int fd, const char *path)
{
	struct statx x;

	if (may_go_on(l))
		look(l, fd, path, &x);
}

static int open_path(int root_fd, const char *path)
{
	int fd;

	if (root_fd >= 0)
		return open_in_root(root_fd, path);
	fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void put_entries(struct change_list *l, int fd, int root_fd, const char *path,
			unsigned n_levels)
{
	int readable = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = readable < 0 ? NULL : fdopendir(readable);
	char entry[PATH_MAX];
	struct dirent *e;

	if (readable >= 0 && !dir)
		close(readable);
	while (dir && may_go_on(l) && (e = readdir(dir)))
		if (e->d_name[0] != '.' && snprintf(entry, sizeof(entry), "%s/%s", path,
						    e->d_name) < (int)sizeof(entry))
			change_files_put(l, root_fd, entry, n_levels - 1);
	if (dir)
		closedir(dir);
}

void change_files_put(struct change_list *l, int root_fd, const char *path,
		      unsigned n_levels)
{
	struct statx x;
	int fd = may_go_on(l) ? open_path(root_fd, path) : -ENOENT;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return;
	if (fd < 0) {
		put_item(l, path, 0, -fd);
		return;
	}
	if (!look(l, fd, path, &x) && is_directory(&x) && n_levels)
		put_entries(l, fd, root_fd, path, n_levels);
	close(fd);
}

/*
 * The files of systemd's socket units, from every directory that its manager reads. Does
 * not know which of them counts. systemd.unit(5).
 */
#include "core/host/broker/worker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNIT_FILE_MAX 16384
#define MAX_FILES     2048

struct unit_walk {
	struct bundle_out *out;
	unsigned n_files;
};

/* A directory opened together with its entries in the order of their names. */
struct listing {
	int fd; /* -1: it is not there, or not for us */
	struct dirent **entries;
	int n;
};

static void list_open(struct listing *l, int dir_fd, const char *name)
{
	*l = (struct listing){
		.fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	if (l->fd >= 0)
		l->n = scandirat(l->fd, ".", &l->entries, NULL, alphasort);
	if (l->n < 0)
		l->n = 0;
}

static void list_close(struct listing *l)
{
	for (int i = 0; i < l->n; i++)
		free(l->entries[i]);
	free(l->entries);
	if (l->fd >= 0)
		close(l->fd);
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static void put_file(struct unit_walk *w, int dir_fd, const char *dir, const char *file)
{
	char name[1024];

	if (w->n_files++ >= MAX_FILES)
		return;
	snprintf(name, sizeof(name), "%s/%s", dir, file);
	bundle_out_file(w->out, dir_fd, file, name, UNIT_FILE_MAX);
}

/* The drop-ins of a unit or of all ("x.socket.d", "socket.d"), and links to instances. */
static void put_subdir(struct unit_walk *w, int dir_fd, const char *dir, const char *sub)
{
	bool is_drop_in = ends_with(sub, ".socket.d") || strcmp(sub, "socket.d") == 0;
	bool has_links = ends_with(sub, ".wants") || ends_with(sub, ".requires");
	struct listing l;
	char name[512];

	if (!is_drop_in && !has_links)
		return;
	snprintf(name, sizeof(name), "%s/%s", dir, sub);
	list_open(&l, dir_fd, sub);
	for (int i = 0; i < l.n; i++)
		if (ends_with(l.entries[i]->d_name, is_drop_in ? ".conf" : ".socket"))
			put_file(w, l.fd, name, l.entries[i]->d_name);
	list_close(&l);
}

static void put_dir(struct unit_walk *w, int root_fd, const char *dir)
{
	struct listing l;

	list_open(&l, root_fd, dir);
	for (int i = 0; i < l.n; i++) {
		const char *name = l.entries[i]->d_name;

		if (ends_with(name, ".socket"))
			put_file(w, l.fd, dir, name);
		else
			put_subdir(w, l.fd, dir, name);
	}
	list_close(&l);
}

/* /lib is a link to /usr/lib on most hosts: then it has been read. */
static bool is_same_dir(int root_fd, const char *a, const char *b)
{
	struct stat x, y;

	return !fstatat(root_fd, a, &x, 0) && !fstatat(root_fd, b, &y, 0) &&
	       x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

int files_read_socket_units(struct bundle_out *out)
{
	static const char *const dirs[] = {
		"etc/systemd/system.control", "run/systemd/system.control",
		"run/systemd/transient",      "run/systemd/generator.early",
		"etc/systemd/system",         "etc/systemd/system.attached",
		"run/systemd/system",         "run/systemd/system.attached",
		"run/systemd/generator",      "usr/local/lib/systemd/system",
		"usr/lib/systemd/system",     "run/systemd/generator.late",
	};
	struct unit_walk w = {.out = out};
	int root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root_fd < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		put_dir(&w, root_fd, dirs[i]);
	if (!is_same_dir(root_fd, "lib/systemd/system", "usr/lib/systemd/system"))
		put_dir(&w, root_fd, "lib/systemd/system");
	close(root_fd);
	if (out->error)
		return out->error;
	return w.n_files > MAX_FILES ? -EMSGSIZE : 0;
}

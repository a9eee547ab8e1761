/* How some processes do: the files of /proc that say it. Does not know what they mean.
 * proc(5), cgroups(7). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/host/read/evidence.h"
#include "core/host/read/process_groups.h"

#define SMALL_FILE 4096
#define CMDLINE    256     /* what is longer is told as cut */
#define FDS_MAX    1000000 /* where the kernel does not count them for us */

static int put_number(struct bundle_out *out, const char *name, long value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%ld", value);

	return bundle_out_item(out, name, digits, (size_t)n, 0);
}

/* How many descriptors are open; the size of the directory since Linux 6.2. Or -errno. */
static long count_fds(int dir_fd)
{
	struct stat st;
	struct dirent *e;
	long n = 0;
	int fd;
	DIR *dir;

	fd = openat(dir_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	if (fstat(fd, &st) == 0 && st.st_size > 0)
		n = st.st_size;
	else
		while (n < FDS_MAX && (e = readdir(dir)))
			n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* The value behind a key at the start of a line; NULL: there is none. */
static char *find_line(char *text, const char *key)
{
	size_t len = strlen(key);

	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, len)) {
			line[strcspn(line, "\n")] = '\0';
			return line + len;
		}
	}
	return NULL;
}

/* A small file as a string: 0 or -errno. */
static int read_small(int dir_fd, const char *path, char text[SMALL_FILE])
{
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;
	int error = 0;

	if (fd < 0)
		return -errno;
	n = read(fd, text, SMALL_FILE - 1);
	if (n < 0)
		error = -errno;
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return error;
}

/*
 * Whether the control group is frozen, its ancestors' freezing included. 1, 0 or -errno.
 * A path that leads out of the group that we see is not followed.
 */
static int read_frozen(int dir_fd)
{
	char text[SMALL_FILE], path[SMALL_FILE + 64], *group, *value;
	int error = read_small(dir_fd, "cgroup", text);

	if (error)
		return error;
	group = find_line(text, "0::");
	if (!group || strstr(group, "/.."))
		return -ENOENT;
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cgroup.events", group);
	error = read_small(AT_FDCWD, path, text);
	if (error == -ENOENT) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup/unified%s/cgroup.events",
			 group);
		error = read_small(AT_FDCWD, path, text);
	}
	if (error)
		return error;
	value = find_line(text, "frozen ");
	return value ? atoi(value) != 0 : -ENOENT;
}

static int put_counted(struct bundle_out *out, const char *name, long value)
{
	if (value < 0)
		return bundle_out_item(out, name, NULL, 0, (int)-value);
	return put_number(out, name, value);
}

/* All through one directory: a number that another process takes over is not mixed in. */
static int put_process(struct bundle_out *out, uint32_t pid)
{
	static const char *const files[] = {"stat", "status", "limits", "wchan"};
	char path[32], name[48];
	int dir_fd;

	snprintf(path, sizeof(path), "/proc/%u", pid);
	dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0) {
		snprintf(name, sizeof(name), "%u/stat", pid);
		return bundle_out_item(out, name, NULL, 0, errno);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(name, sizeof(name), "%u/%s", pid, files[i]);
		bundle_out_file(out, dir_fd, files[i], name, SMALL_FILE);
	}
	snprintf(name, sizeof(name), "%u/cmdline", pid);
	bundle_out_file(out, dir_fd, "cmdline", name, CMDLINE);
	snprintf(name, sizeof(name), "%u/n_fds", pid);
	put_counted(out, name, count_fds(dir_fd));
	snprintf(name, sizeof(name), "%u/frozen", pid);
	put_counted(out, name, read_frozen(dir_fd));
	process_group_put(out, dir_fd, pid);
	close(dir_fd);
	return out->error;
}

int process_states_read(const struct pid_list *pids, struct bundle_out *out)
{
	for (size_t i = 0; i < pids->n; i++)
		if (put_process(out, pids->pids[i]))
			return out->error;
	return 0;
}

/* Files of a process's control group. Does not know what they mean. */
#include "core/host/read/process_groups.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EVENTS_MAX 4096

/* "0::/system.slice/nginx.service" among the lines of /proc/PID/cgroup. */
static int read_group(int dir_fd, char group[PATH_MAX])
{
	char text[PATH_MAX], *line;
	int fd = openat(dir_fd, "cgroup", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	text[n] = '\0';
	line = !strncmp(text, "0::", 3) ? text : strstr(text, "\n0::");
	if (!line)
		return -ENOENT;
	line += *line == '\n' ? 4 : 3;
	line[strcspn(line, "\n")] = '\0';
	if (strstr(line, "/.."))
		return -ENOENT;
	memcpy(group, line, strlen(line) + 1);
	return 0;
}

/* Where the hierarchy is mounted beside those of v1 it is "unified". */
static bool has_file(const char *path)
{
	return access(path, F_OK) == 0;
}

static int put_events(struct bundle_out *out, uint32_t pid, const char *group,
		      const char *file)
{
	char path[PATH_MAX + 64], name[48];

	snprintf(name, sizeof(name), "%u/%s", pid, file);
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", group, file);
	if (!has_file(path))
		snprintf(path, sizeof(path), "/sys/fs/cgroup/unified%s/%s", group, file);
	return bundle_out_file(out, AT_FDCWD, path, name, EVENTS_MAX);
}

int process_group_put(struct bundle_out *out, int dir_fd, uint32_t pid)
{
	char group[PATH_MAX], name[48];
	int error = read_group(dir_fd, group);

	if (error) {
		snprintf(name, sizeof(name), "%u/memory.events", pid);
		return bundle_out_item(out, name, NULL, 0, -error);
	}
	if (put_events(out, pid, group, "memory.events"))
		return out->error;
	return put_events(out, pid, group, "pids.events");
}

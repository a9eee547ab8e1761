/* Finds the unified hierarchy of control groups; reads nothing of it. */
#include "core/host/kernel/cgroup2.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Another mount may stand on it. */
static int open_group(const char *path)
{
	struct statfs of;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!fstatfs(fd, &of) && of.f_type == CGROUP2_SUPER_MAGIC)
		return fd;
	close(fd);
	return -ENOENT;
}

/* proc_pid_mountinfo(5): the mount point is the fifth field. */
int cgroup2_open(void)
{
	char line[4096], found[1024];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	int fd = -ENOENT;

	while (fd < 0 && f && fgets(line, sizeof(line), f))
		if (strstr(line, " - cgroup2 ") &&
		    sscanf(line, "%*d %*d %*s %*s %1023s", found) == 1)
			fd = open_group(found);
	if (f)
		fclose(f);
	return fd;
}

/* cgroups(7): "0::/path". */
bool cgroup2_is_used(void)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[4096];
	bool is_used = false;

	while (!is_used && f && fgets(line, sizeof(line), f))
		is_used = !strncmp(line, "0::", 3);
	if (f)
		fclose(f);
	return is_used;
}

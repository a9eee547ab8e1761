/* openat2(2), and what stands in for it. Reads nothing. */
#include "core/host/read/open_beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SAFE_FLAGS (O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

static int open_resolved(int dir_fd, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {.flags = (unsigned)flags, .resolve = resolve};
	long fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* One name after another, no link among them. */
int open_beneath_by_parts(int dir_fd, const char *path, int flags)
{
	int at = dir_fd, fd = -1;

	do {
		const char *end = strchrnul(path, '/');
		size_t len = (size_t)(end - path);
		int mine = *end ? O_RDONLY | O_DIRECTORY : flags;
		char name[NAME_MAX + 1];

		fd = -EXDEV;
		if (len > 0 && len < sizeof(name)) {
			memcpy(name, path, len);
			name[len] = '\0';
			if (strcmp(name, "..") != 0)
				fd = openat(at, name, mine | SAFE_FLAGS | O_NOFOLLOW);
		}
		if (fd == -1)
			fd = -errno;
		if (at != dir_fd)
			close(at);
		at = fd;
		path = *end ? end + 1 : end;
	} while (fd >= 0 && *path);
	return fd;
}

/* A filter of system calls may answer with EPERM what it does not know. */
int open_beneath(int dir_fd, const char *path, int flags)
{
	int fd = open_resolved(dir_fd, path, flags | SAFE_FLAGS,
			       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
				       RESOLVE_NO_MAGICLINKS);

	if (fd == -ENOSYS || fd == -EPERM)
		return open_beneath_by_parts(dir_fd, path, flags);
	return fd;
}

int open_in_root(int root_fd, const char *path)
{
	return open_resolved(root_fd, path, O_PATH | O_CLOEXEC,
			     RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

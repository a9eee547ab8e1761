/* Entering another network namespace and coming back. Does not look for namespaces. */
#include "core/host/kernel/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_ino;
}

void netns_home_open(struct netns_home *home)
{
	home->fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	home->inode = home->fd < 0 ? 0 : inode_of(home->fd);
}

void netns_home_close(struct netns_home *home)
{
	if (home->fd >= 0)
		close(home->fd);
	home->fd = -1;
}

static int open_ref(const struct netns_ref *ref)
{
	char path[NETNS_NAME_MAX + 32];
	int fd;

	if (ref->kind == NETNS_NAME)
		snprintf(path, sizeof(path), NETNS_RUN_DIR "/%s", ref->name);
	else
		snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)ref->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int netns_enter(const struct netns_home *home, const struct netns_ref *ref, uint64_t *inode)
{
	int fd, error = 0;

	if (ref->kind == NETNS_OWN) {
		*inode = home->inode;
		return 0;
	}
	if (home->fd < 0)
		return -EPERM;
	fd = open_ref(ref);
	if (fd < 0)
		return fd;
	if (setns(fd, CLONE_NEWNET))
		error = -errno;
	else
		*inode = inode_of(fd);
	close(fd);
	return error;
}

int netns_leave(const struct netns_home *home, const struct netns_ref *ref)
{
	if (ref->kind == NETNS_OWN)
		return 0;
	return setns(home->fd, CLONE_NEWNET) ? -errno : 0;
}

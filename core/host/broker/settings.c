/* Opening, renaming, removing in one directory. open(2), rename(2). */
#include "core/host/broker/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/host/broker/rights.h"

/* The directory `name` beneath dir, made if it is not there. dir is closed. */
static int step_into(int dir, const char *name)
{
	int fd = -1;

	if (mkdirat(dir, name, 0700) == 0 || errno == EEXIST)
		fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	close(dir);
	return fd;
}

static int open_dir(const struct settings_place *place)
{
	int fd = fcntl(place->dir_fd, F_DUPFD_CLOEXEC, 3);
	const char *at = place->below;
	char name[SETTINGS_NAME_MAX];

	if (fd < 0)
		return -errno;
	while (fd >= 0 && *at) {
		size_t len = strcspn(at, "/");

		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		fd = step_into(fd, name);
		at += len + (at[len] == '/');
	}
	return fd;
}

static int put(int fd, const char *bytes, size_t len)
{
	ssize_t n = write(fd, bytes, len);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -ENOSPC;
}

/* The old file into the new one. Without an old one there is nothing to copy. */
static int copy(int dir_fd, const char *name, int to)
{
	char bytes[4096];
	ssize_t n = 0, size = 0;
	int from = openat(dir_fd, name,
			  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int r = 0;

	if (from < 0)
		return errno == ENOENT ? 0 : -errno;
	while (!r && (n = read(from, bytes, sizeof(bytes))) > 0) {
		size += n;
		r = size > SETTINGS_SIZE_MAX ? -EFBIG : put(to, bytes, (size_t)n);
	}
	if (!r && n < 0)
		r = -errno;
	close(from);
	return r;
}

static void forget(struct settings *s)
{
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	*s = (struct settings){.dir_fd = -1};
}

/* A leftover of that name is of a process that is gone: ours has this number. */
static int create(struct settings *s, const struct settings_place *place)
{
	int fd, r;

	s->dir_fd = open_dir(place);
	if (s->dir_fd < 0)
		return s->dir_fd;
	snprintf(s->new_name, sizeof(s->new_name), ".%.*s.new-%d", SETTINGS_NAME_MAX,
		 place->name, (int)getpid());
	unlinkat(s->dir_fd, s->new_name, 0);
	fd = openat(s->dir_fd, s->new_name,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = copy(s->dir_fd, place->name, fd);
	if (!r && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (!r)
		return fd;
	unlinkat(s->dir_fd, s->new_name, 0);
	close(fd);
	return r;
}

int settings_open(struct settings *s, const struct settings_place *place)
{
	int fd;

	if (place->dir_fd <= 0 || !place->name || !*place->name)
		return -EROFS;
	if (s->is_open)
		settings_close(s, place, false);
	rights_act_as_caller(true);
	fd = create(s, place);
	rights_act_as_caller(false);
	s->is_open = fd >= 0;
	if (fd < 0)
		forget(s);
	return fd;
}

int settings_close(struct settings *s, const struct settings_place *place, bool is_kept)
{
	int r = 0;

	if (!s->is_open)
		return -EBADF;
	rights_act_as_caller(true);
	if (is_kept && renameat(s->dir_fd, s->new_name, s->dir_fd, place->name))
		r = -errno;
	if (!is_kept || r)
		unlinkat(s->dir_fd, s->new_name, 0);
	rights_act_as_caller(false);
	forget(s);
	return r;
}

/* The program of a process and its configuration: when they were written. Finds the latter
 * by the process's names and its open files. Reads no file of it. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/host/read/changes.h"

#define LEVELS    2
#define FDS_MAX   1024 /* looked at */
#define NAME_ROOM 64

/* A name that stands for itself beneath /etc. */
static bool is_plain(const char *name)
{
	return name[0] && name[0] != '.' && !strchr(name, '/') && strlen(name) < NAME_ROOM;
}

static void put_configuration(struct change_list *l, int root_fd, const char *name)
{
	char path[NAME_ROOM + 16];

	if (!is_plain(name))
		return;
	snprintf(path, sizeof(path), "/etc/%.*s", NAME_ROOM, name);
	change_files_put(l, root_fd, path, LEVELS);
	snprintf(path, sizeof(path), "/etc/%.*s.conf", NAME_ROOM, name);
	change_files_put(l, root_fd, path, 0);
}

static ssize_t read_link(int dir_fd, const char *name, char target[PATH_MAX])
{
	ssize_t len = readlinkat(dir_fd, name, target, PATH_MAX - 1);

	target[len > 0 ? len : 0] = '\0';
	return len;
}

static void put_program(struct change_list *l, int dir_fd, char path[PATH_MAX])
{
	int fd;

	if (read_link(dir_fd, "exe", path) <= 0)
		return;
	fd = openat(dir_fd, "exe", O_PATH | O_CLOEXEC);
	if (fd < 0)
		return;
	change_files_put_fd(l, fd, path);
	close(fd);
}

static void put_open_files(struct change_list *l, int dir_fd)
{
	int fd = openat(dir_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char target[PATH_MAX];
	struct dirent *e;

	if (fd >= 0 && !dir)
		close(fd);
	for (unsigned n = 0; dir && n < FDS_MAX && (e = readdir(dir)); n++) {
		int file;

		if (e->d_name[0] == '.' || read_link(dirfd(dir), e->d_name, target) <= 0 ||
		    strncmp(target, "/etc/", 5) != 0)
			continue;
		file = openat(dirfd(dir), e->d_name, O_PATH | O_CLOEXEC);
		if (file < 0)
			continue;
		change_files_put_fd(l, file, target);
		close(file);
	}
	if (dir)
		closedir(dir);
}

static void read_comm(int dir_fd, char comm[NAME_ROOM])
{
	int fd = openat(dir_fd, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, comm, NAME_ROOM - 1);

	comm[n > 0 ? n : 0] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
}

void change_pids_put(struct change_list *l, uint32_t pid)
{
	char path[32], word[32], program[PATH_MAX] = "", comm[NAME_ROOM];
	const char *base;
	int dir_fd, root_fd;

	snprintf(path, sizeof(path), "/proc/%u", pid);
	dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return;
	snprintf(word, sizeof(word), "pid:%u:", pid);
	l->pid_word = word;
	put_program(l, dir_fd, program);
	base = strrchr(program, '/') ? strrchr(program, '/') + 1 : "";
	read_comm(dir_fd, comm);
	root_fd = openat(dir_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd >= 0) {
		put_configuration(l, root_fd, comm);
		if (strcmp(comm, base) != 0)
			put_configuration(l, root_fd, base);
		close(root_fd);
	}
	put_open_files(l, dir_fd);
	l->pid_word = "";
	close(dir_fd);
}

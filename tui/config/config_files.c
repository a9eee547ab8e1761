/* Finding, opening and reading the files. Understands no line of them. */
#include "tui/config/config_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/str.h"

#define SYSTEM_FILE "/etc/dport/dport.ini"
#define ROOTS_HOME  "/root"

/* Does not wait for a FIFO, becomes nobody's terminal. */
static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

static void add_file(struct config_files *f, const char *path)
{
	struct config_file *file = &f->files[f->n];
	int fd = open_file(path);

	if (fd == -ENOENT || fd == -ENOTDIR ||
	    snprintf(file->path, sizeof(file->path), "%s", path) >= CONFIG_PATH_MAX)
		return;
	file->fd = fd < 0 ? -1 : fd;
	file->error = fd < 0 ? -fd : 0;
	f->n++;
}

/* The directory of the user's own that there is already; the rest may be made. */
static void find_dir(struct config_files *f, const char *base)
{
	f->dir_fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Root with the environment of another (sudo, su) keeps nothing in that one's house. */
static bool is_ours(const char *dir)
{
	struct stat s;

	return dir && dir[0] == '/' && stat(dir, &s) == 0 && s.st_uid == geteuid();
}

static void add_own(struct config_files *f)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char path[CONFIG_PATH_MAX];
	bool is_root = geteuid() == 0;

	if (xdg && (xdg[0] != '/' || (is_root && !is_ours(xdg))))
		xdg = NULL;
	if (is_root && !is_ours(home))
		home = ROOTS_HOME;
	if (!xdg && (!home || home[0] != '/'))
		return;
	snprintf(f->below, sizeof(f->below), "%s", xdg ? "dport" : ".config/dport");
	snprintf(f->name, sizeof(f->name), "dport.ini");
	if (snprintf(path, sizeof(path), "%s/%s/%s", xdg ? xdg : home, f->below, f->name) >=
	    CONFIG_PATH_MAX)
		return;
	strcpy(f->path, path);
	find_dir(f, xdg ? xdg : home);
	add_file(f, path);
}

/* A link stays one: what it leads to is written anew. */
static void keep_where(struct config_files *f, const char *path)
{
	char real[PATH_MAX];
	struct stat s;
	char *slash;

	if (!realpath(path, real) || stat(real, &s) || !S_ISREG(s.st_mode))
		return;
	slash = strrchr(real, '/');
	if (strlen(slash + 1) >= sizeof(f->name))
		return;
	strcpy(f->name, slash + 1);
	f->below[0] = '\0';
	slash[slash == real] = '\0';
	if (f->dir_fd >= 0)
		close(f->dir_fd);
	find_dir(f, real);
}

int config_files_open(struct config_files *f, const char *named)
{
	*f = (struct config_files){.dir_fd = -1};
	if (named) {
		struct config_file *file = &f->files[0];

		file->fd = open_file(named);
		if (file->fd < 0)
			return file->fd;
		snprintf(file->path, sizeof(file->path), "%s", named);
		snprintf(f->path, sizeof(f->path), "%s", named);
		f->n = 1;
		keep_where(f, named);
		return 0;
	}
	add_file(f, SYSTEM_FILE);
	add_own(f);
	if (f->path[0])
		keep_where(f, f->path);
	return 0;
}

int config_file_text(int fd, struct str *out)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0 && str_append(out, bytes, (size_t)n))
			return -ENOMEM;
		if (out->len > CONFIG_TEXT_MAX)
			return -EFBIG;
	}
	return n < 0 ? -errno : 0;
}

static int take_file(struct config_file *file, struct config *c,
		     char error[CONFIG_ERROR_MAX])
{
	struct str text = {0}, name = {0};
	int r;

	if (file->fd < 0)
		return 0;
	text_show(&name, text_of(file->path), TEXT_ASCII);
	r = config_file_text(file->fd, &text);
	if (!r)
		r = config_read(c, str_text(&name), text_of_str(&text), error);
	else
		snprintf(error, CONFIG_ERROR_MAX, "%.200s cannot be read: %s",
			 str_text(&name), strerror(-r));
	close(file->fd);
	file->fd = -1;
	str_release(&text);
	str_release(&name);
	return r;
}

int config_files_read(struct config_files *f, struct config *c,
		      char error[CONFIG_ERROR_MAX])
{
	int r = 0;

	for (int i = 0; !r && i < f->n; i++)
		r = take_file(&f->files[i], c, error);
	return r ? r : config_finish(c, error);
}

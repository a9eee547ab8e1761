/* Whole small files of firewalld into a bundle. Does not know what they say. */
#include "core/host/read/firewalld_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILES_MAX = 64, FILE_BYTES_MAX = 16 << 10 };

#define KEPT    "/etc/firewalld"
#define SHIPPED "/usr/lib/firewalld"

struct listing {
	struct bundle_out *out;
	const char *root;
	unsigned n;
};

static bool is_xml(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 4 && !strcmp(name + len - 4, ".xml");
}

/* What is not there is left out. */
static void put_file(struct listing *l, int dir_fd, const char *place, const char *name)
{
	char item[PATH_MAX];

	if (snprintf(item, sizeof(item), "file:%s/%s", place, name) >= (int)sizeof(item) ||
	    l->n++ >= FILES_MAX)
		return;
	bundle_out_file(l->out, dir_fd, name, item, FILE_BYTES_MAX);
}

static bool is_in(const char *root, const char *place, const char *name)
{
	char path[PATH_MAX];

	return place &&
	       snprintf(path, sizeof(path), "%s%s/%s", root, place, name) <
		       (int)sizeof(path) &&
	       !faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW);
}

static void put_refusal(struct listing *l, const char *place, int error)
{
	char item[PATH_MAX];

	if (error != ENOENT &&
	    snprintf(item, sizeof(item), "file:%s", place) < (int)sizeof(item))
		bundle_out_item(l->out, item, NULL, 0, error);
}

/* before: a place whose files of the same name win; NULL: none. */
static void put_place(struct listing *l, const char *place, const char *before)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	if (snprintf(path, sizeof(path), "%s%s", l->root, place) >= (int)sizeof(path))
		return;
	dir = opendir(path);
	if (!dir) {
		put_refusal(l, place, errno);
		return;
	}
	while (!l->out->error && (e = readdir(dir)))
		if (is_xml(e->d_name) && !is_in(l->root, before, e->d_name))
			put_file(l, dirfd(dir), place, e->d_name);
	closedir(dir);
}

int firewalld_files_put(struct bundle_out *out, const char *root)
{
	struct listing l = {.out = out, .root = root};

	if (!is_in(root, "/etc", "firewalld"))
		return 0;
	/* Services first: a zone says nothing of those that are not here. */
	put_place(&l, KEPT "/services", NULL);
	put_place(&l, KEPT "/zones", NULL);
	put_place(&l, SHIPPED "/zones", KEPT "/zones");
	return out->error;
}

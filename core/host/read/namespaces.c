/* The network namespaces of this host: the named ones and one process of each other. Enters
 * none. */
#include "core/host/broker/worker.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_NAMESPACES 512

struct found {
	uint64_t inodes[MAX_NAMESPACES];
	size_t n;
	dev_t device; /* that namespaces lie on; 0: not known */
};

/* False if it was known already or there is no room. */
static bool add_new(struct found *f, uint64_t inode)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->inodes[i] == inode)
			return false;
	if (f->n == MAX_NAMESPACES)
		return false;
	f->inodes[f->n++] = inode;
	return true;
}

static int put_namespace(struct bundle_out *out, const char *name, uint64_t inode,
			 int error)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)inode);

	return bundle_out_item(out, name, digits, error ? 0 : (size_t)n, error);
}

static void put_named(struct bundle_out *out, struct found *f)
{
	char name[NAME_MAX + 8];
	DIR *dir = opendir(NETNS_RUN_DIR);
	struct dirent *e;
	struct stat st;

	while (dir && !out->error && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "name/%s", e->d_name);
		if (strlen(e->d_name) > NETNS_NAME_MAX)
			put_namespace(out, name, 0, ENAMETOOLONG);
		else if (fstatat(dirfd(dir), e->d_name, &st, 0))
			put_namespace(out, name, 0, errno);
		else if (f->device && st.st_dev != f->device)
			put_namespace(out, name, 0,
				      EINVAL); /* a file whose mount is gone */
		else if (add_new(f, st.st_ino))
			put_namespace(out, name, st.st_ino, 0);
	}
	if (dir)
		closedir(dir);
}

static void put_of_processes(struct bundle_out *out, struct found *f)
{
	char path[NAME_MAX + 16], name[NAME_MAX + 8];
	DIR *dir = opendir("/proc");
	unsigned n_refused = 0;
	struct dirent *e;
	struct stat st;

	while (dir && !out->error && (e = readdir(dir))) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%s/ns/net", e->d_name);
		snprintf(name, sizeof(name), "pid/%s", e->d_name);
		if (fstatat(dirfd(dir), path, &st, 0))
			n_refused += errno == EACCES || errno == EPERM;
		else if (add_new(f, st.st_ino))
			put_namespace(out, name, st.st_ino, 0);
	}
	if (n_refused)
		put_namespace(out, "refused", 0, EACCES);
	if (dir)
		closedir(dir);
}

int files_read_namespaces(struct bundle_out *out, uint64_t own_inode)
{
	struct found f = {.n = 0};
	struct stat st;

	if (stat("/proc/self/ns/net", &st) == 0)
		f.device = st.st_dev;
	add_new(&f, own_inode);
	put_named(out, &f);
	put_of_processes(out, &f);
	return out->error;
}

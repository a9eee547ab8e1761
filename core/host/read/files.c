/*
 * The closed sets of small files that a request may ask for, and the tree of control
 * groups. Reads them, does not know what they mean. proc(5), cgroups(7).
 */
#include "core/host/broker/worker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/host/kernel/cgroup2.h"
#include "core/host/read/evidence.h"

#define SMALL_FILE 65000
#define LONG_FILE  (1 << 20) /* /etc/services of some hosts has 300 KiB */
#define MAX_GROUPS 20000

struct named_file {
	const char *path, *name;
	size_t limit;
};

static int put_files(struct bundle_out *out, const struct named_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bundle_out_file(out, AT_FDCWD, files[i].path, files[i].name,
				    files[i].limit))
			return out->error;
	return 0;
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int put_number(struct bundle_out *out, const char *name, long value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%ld", value);

	return bundle_out_item(out, name, digits, (size_t)n, 0);
}

static int put_link(struct bundle_out *out, const char *path, const char *name)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof(target));

	if (n < 0)
		return bundle_out_item(out, name, NULL, 0, errno);
	return bundle_out_item(out, name, target, (size_t)n, 0);
}

/* Only the lines of a long file that hold a word. */
static int put_lines(struct bundle_out *out, const char *path, const char *name,
		     const char *word)
{
	char kept[16384], *line = NULL;
	size_t len = 0, room = 0;
	FILE *f = fopen(path, "re");
	int error = 0;
	ssize_t n;

	if (!f)
		return bundle_out_item(out, name, NULL, 0, errno);
	while ((n = getline(&line, &room, f)) > 0) {
		if (!strstr(line, word))
			continue;
		if (len + (size_t)n > sizeof(kept)) {
			error = EMSGSIZE;
			break;
		}
		memcpy(kept + len, line, (size_t)n);
		len += (size_t)n;
	}
	if (ferror(f))
		error = EIO;
	free(line);
	fclose(f);
	return bundle_out_item(out, name, kept, len, error);
}

/*
 * What a service manager with ProcSubset=pid, or a missing /proc, would hide: uname(2)
 * tells the same as these two files.
 */
static void put_uname(struct bundle_out *out)
{
	struct utsname n;

	if (uname(&n))
		return;
	bundle_out_item(out, "sys/kernel/hostname", n.nodename, strlen(n.nodename), 0);
	bundle_out_item(out, "sys/kernel/osrelease", n.release, strlen(n.release), 0);
}

int files_read_host(struct bundle_out *out)
{
	static const struct named_file files[] = {
		{"/proc/sys/kernel/random/boot_id", "sys/kernel/random/boot_id", 64},
		{"/proc/loadavg", "loadavg", 256},
		{"/proc/1/comm", "1/comm", 64},
		{"/etc/services", "etc/services", LONG_FILE},
		{"/etc/passwd", "etc/passwd", LONG_FILE},
		{"/proc/self/status", "self/status", 4096},
		{"/sys/class/dmi/id/sys_vendor", "dmi/sys_vendor", 128},
		{"/sys/class/dmi/id/product_name", "dmi/product_name", 128},
		{"/sys/class/dmi/id/bios_version", "dmi/bios_version", 128},
		{"/sys/class/dmi/id/chassis_asset_tag", "dmi/chassis_asset_tag", 128},
	};

	put_uname(out);
	put_files(out, files, COUNT(files));
	put_lines(out, "/proc/stat", "stat", "btime ");
	put_lines(out, "/proc/self/mountinfo", "mount/cgroup2", " - cgroup2 ");
	put_lines(out, "/proc/self/mountinfo", "mount/proc", " - proc ");
	put_link(out, "/proc/self/ns/net", "self/ns/net");
	put_link(out, "/proc/self/ns/pid", "self/ns/pid");
	put_link(out, "/proc/1/ns/pid", "1/ns/pid");
	put_number(out, "clk_tck", sysconf(_SC_CLK_TCK));
	put_number(out, "page_size", sysconf(_SC_PAGESIZE));
	bundle_out_item(out, "kernel/nfnetlink_hook", NULL, 0, -hooks_find());
	return out->error;
}

int files_read_net(struct bundle_out *out)
{
	static const struct named_file files[] = {
#define NET(x) {"/proc/sys/net/" x, "sys/net/" x, 256}
		NET("ipv4/ip_local_port_range"),
		NET("ipv4/ip_unprivileged_port_start"),
		NET("ipv4/tcp_syncookies"),
		NET("ipv4/ip_nonlocal_bind"),
		NET("core/somaxconn"),
#undef NET
		{"/proc/thread-self/net/sockstat", "net/sockstat", 4096},
		{"/proc/thread-self/net/sockstat6", "net/sockstat6", 4096},
		{"/proc/thread-self/net/protocols", "net/protocols", SMALL_FILE},
		{"/proc/thread-self/net/netstat", "net/netstat", SMALL_FILE},
	};

	return put_files(out, files, COUNT(files));
}

/*
 * A table longer than one item comes as several items of the same name, each of whole lines
 * (the first has the head line).
 */
static int put_table(struct bundle_out *out, const char *path, const char *name)
{
	char lines[32768], line[512];
	size_t len = 0;
	FILE *f = fopen(path, "re");
	int error;

	if (!f)
		return bundle_out_item(out, name, NULL, 0, errno);
	while (fgets(line, sizeof(line), f)) {
		size_t n = strlen(line);

		if (len + n > sizeof(lines)) {
			if (bundle_out_item(out, name, lines, len, 0))
				break;
			len = 0;
		}
		memcpy(lines + len, line, n);
		len += n;
	}
	error = ferror(f) ? EIO : 0;
	fclose(f);
	return bundle_out_item(out, name, lines, len, error);
}

int files_read_proc_net_sockets(struct bundle_out *out)
{
	static const char *const names[] = {"net/tcp", "net/tcp6", "net/udp", "net/udp6"};
	char path[64];

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "/proc/thread-self/%s", names[i]);
		if (put_table(out, path, names[i]))
			return out->error;
	}
	return 0;
}

struct group_walk {
	struct bundle_out *out;
	unsigned n;
	char path[4096]; /* beneath the mount, without first '/' */
};

/* Depth first; the depth is bounded by the path's room. */
static void walk_groups(struct group_walk *w, int dir_fd, size_t path_len)
{
	DIR *dir = fdopendir(dir_fd);
	struct dirent *e;
	struct stat st;

	if (!dir) {
		close(dir_fd);
		return;
	}
	while (!w->out->error && w->n < MAX_GROUPS && (e = readdir(dir))) {
		size_t name_len = strlen(e->d_name);
		char digits[24];
		int fd;

		if (e->d_type != DT_DIR || e->d_name[0] == '.' ||
		    path_len + name_len + 2 > sizeof(w->path) || path_len > 1024)
			continue;
		fd = openat(dirfd(dir), e->d_name,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			continue;
		memcpy(w->path + path_len, e->d_name, name_len + 1);
		snprintf(digits, sizeof(digits), "%llu",
			 fstat(fd, &st) ? 0ULL : (unsigned long long)st.st_ino);
		bundle_out_item(w->out, w->path, digits, strlen(digits), 0);
		w->n++;
		w->path[path_len + name_len] = '/';
		walk_groups(w, fd, path_len + name_len + 1);
	}
	closedir(dir);
}

int files_read_cgroups(struct bundle_out *out)
{
	struct group_walk w = {.out = out};
	int fd = cgroup2_open();

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	walk_groups(&w, fd, 0);
	if (out->error)
		return out->error;
	return w.n == MAX_GROUPS ? -EMSGSIZE : 0;
}

/*
 * The ends of log files: beneath one directory, what was turned away lately included, and
 * those that some processes write.
 * Decides by names and times which; does not know what lines say.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/read/line_item.h"
#include "core/host/read/logs.h"
#include "core/host/read/open_beneath.h"
#include "core/host/read/program_run.h"

#define TAIL        (64 << 10)
#define FILES_MAX   32
#define HELD_MAX    8
#define ENTRIES_MAX 4096 /* looked at in one directory */
#define UNPACK_MS   400
#define UNPACK_MAX  ((size_t)64 << 20)
#define PACKED_MAX  2 /* files */
#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))

/* What was read already, by whatever name. */
struct reading {
	struct bundle_out *out;
	int64_t since_ns;
	const char *log_dir;
	int dir_fd;
	struct {
		dev_t device;
		ino_t inode;
	} seen[FILES_MAX + HELD_MAX];
	size_t n_seen, n_files, n_held, n_packed;
};

static bool was_seen(struct reading *r, const struct stat *st)
{
	for (size_t i = 0; i < r->n_seen; i++)
		if (r->seen[i].inode == st->st_ino && r->seen[i].device == st->st_dev)
			return true;
	r->seen[r->n_seen].device = st->st_dev;
	r->seen[r->n_seen].inode = st->st_ino;
	r->n_seen++;
	return false;
}

static int64_t written_ns(const struct stat *st)
{
	return st->st_mtim.tv_sec * NS_PER_S + st->st_mtim.tv_nsec;
}

/* ---- Those that processes hold open ---- */

/* "access.log", "/srv/logs/out"; not the log of a database, which is no text either. */
static bool is_log_name(const char *path)
{
	const char *last = strrchr(path, '/');

	return last &&
	       (strcasestr(last, "log") || strstr(path, "/log/") || strstr(path, "/logs/"));
}

/* Opened anew through a handle that cannot be exchanged: nothing but a regular file is. */
static int open_held(int fd_dir, const char *number, struct stat *st)
{
	int handle = openat(fd_dir, number, O_PATH | O_CLOEXEC), fd;
	char path[48];

	if (handle < 0)
		return -errno;
	if (fstat(handle, st) || !S_ISREG(st->st_mode)) {
		close(handle);
		return -EINVAL;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", handle);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		fd = -errno;
	close(handle);
	return fd;
}

/* The link's own mode tells whether it is open for writing. */
static void try_held(struct reading *r, uint32_t pid, int fd_dir, const char *number)
{
	char target[PATH_MAX], name[PATH_MAX + 32];
	struct stat link, st;
	ssize_t len;
	int fd;

	if (fstatat(fd_dir, number, &link, AT_SYMLINK_NOFOLLOW) ||
	    !(link.st_mode & S_IWUSR))
		return;
	len = readlinkat(fd_dir, number, target, sizeof(target) - 1);
	if (len <= 0 || target[0] != '/')
		return;
	target[len] = '\0';
	if (!is_log_name(target))
		return;
	snprintf(name, sizeof(name), "pid:%u:%s", pid, target);
	fd = open_held(fd_dir, number, &st);
	if (fd == -EINVAL)
		return;
	r->n_held++;
	if (fd < 0) {
		bundle_out_item(r->out, name, NULL, 0, -fd);
		return;
	}
	if (!was_seen(r, &st))
		line_item_tail(r->out, fd, name, TAIL);
	close(fd);
}

static void read_held(struct reading *r, uint32_t pid)
{
	char path[48];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	dir = opendir(path);
	if (!dir)
		return;
	for (unsigned n = 0; n < ENTRIES_MAX && r->n_held < HELD_MAX && !r->out->error;
	     n++) {
		e = readdir(dir);
		if (!e)
			break;
		if (e->d_name[0] != '.')
			try_held(r, pid, dirfd(dir), e->d_name);
	}
	closedir(dir);
}

/* ---- Those beneath the directory ---- */

/* must: it is told also if it may not be read, or was not written for long. */
static void read_file(struct reading *r, const char *path, bool must)
{
	char name[PATH_MAX + 32];
	struct stat st;
	int fd;

	if (r->n_files >= FILES_MAX || r->out->error)
		return;
	fd = open_beneath(r->dir_fd, path, O_RDONLY);
	if (fd == -ENOENT || fd == -ENOTDIR || (fd < 0 && !must))
		return;
	snprintf(name, sizeof(name), "file:%s/%s", r->log_dir, path);
	if (fd < 0) {
		r->n_files++;
		bundle_out_item(r->out, name, NULL, 0, -fd);
		return;
	}
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    (must || written_ns(&st) >= r->since_ns) && !was_seen(r, &st)) {
		r->n_files++;
		line_item_tail(r->out, fd, name, TAIL);
	}
	close(fd);
}

/* ---- Those that were turned away ---- */

/* "syslog.1.gz": what its tool prints. */
static void read_packed(struct reading *r, const char *path, const char *tool)
{
	char name[PATH_MAX + 32], program[32];
	const char *const argv[] = {program_find(tool, program), "-dc", NULL};
	struct stat st;
	int fd;

	if (!argv[0] || r->n_files >= FILES_MAX || r->n_packed >= PACKED_MAX)
		return;
	fd = open_beneath(r->dir_fd, path, O_RDONLY);
	if (fd < 0)
		return;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && written_ns(&st) >= r->since_ns &&
	    !was_seen(r, &st)) {
		r->n_files++;
		r->n_packed++;
		snprintf(name, sizeof(name), "file:%s/%s", r->log_dir, path);
		program_tail(argv, fd, name, UNPACK_MS, TAIL, UNPACK_MAX, r->out);
	}
	close(fd);
}

/* What stood in it until a moment ago. logrotate(8) */
static void read_turned(struct reading *r, const char *path)
{
	static const struct {
		const char *ending, *tool;
	} packed[] = {{"gz", "gzip"}, {"xz", "xz"}, {"zst", "zstd"}};
	char turned[PATH_MAX];

	snprintf(turned, sizeof(turned), "%s.1", path);
	read_file(r, turned, false);
	for (size_t i = 0; i < COUNT(packed); i++) {
		snprintf(turned, sizeof(turned), "%s.1.%s", path, packed[i].ending);
		read_packed(r, turned, packed[i].tool);
	}
}

static bool ends_in_log(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && !strcmp(name + len - 4, ".log");
}

/* The *.log of one directory beneath; "" is the directory itself. */
static void read_logs_in(struct reading *r, const char *directory)
{
	int fd = open_beneath(r->dir_fd, *directory ? directory : ".",
			      O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char path[2 * NAME_MAX + 2];
	struct dirent *e;

	if (fd >= 0 && !dir)
		close(fd);
	for (unsigned n = 0; dir && n < ENTRIES_MAX && (e = readdir(dir)); n++) {
		if (!ends_in_log(e->d_name))
			continue;
		snprintf(path, sizeof(path), "%s%s%s", directory, *directory ? "/" : "",
			 e->d_name);
		read_file(r, path, false);
	}
	if (dir)
		closedir(dir);
}

static void read_subdirectories(struct reading *r)
{
	int fd = open_beneath(r->dir_fd, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (fd >= 0 && !dir)
		close(fd);
	for (unsigned n = 0; dir && n < ENTRIES_MAX && (e = readdir(dir)); n++)
		if (e->d_name[0] != '.' && strlen(e->d_name) <= NAME_MAX &&
		    (e->d_type == DT_DIR || e->d_type == DT_UNKNOWN))
			read_logs_in(r, e->d_name);
	if (dir)
		closedir(dir);
}

int log_files_read(const struct past_ask *ask, const char *log_dir, struct bundle_out *out)
{
	static const char *const known[] = {
		"syslog",          "messages",        "kern.log",
		"auth.log",        "secure",          "daemon.log",
		"ufw.log",         "fail2ban.log",    "firewalld",
		"nginx/error.log", "haproxy.log",     "apache2/error.log",
		"httpd/error_log", "mysql/error.log", "audit/audit.log",
	};
	static const char *const directories[] = {"postgresql", "redis", ""};
	struct reading r = {.out = out, .since_ns = ask->since_wall_ns, .log_dir = log_dir};

	for (size_t i = 0; i < ask->pids.n; i++)
		read_held(&r, ask->pids.pids[i]);
	r.dir_fd = open(log_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.dir_fd < 0)
		return out->error;
	for (size_t i = 0; i < COUNT(known); i++)
		read_file(&r, known[i], true);
	for (size_t i = 0; i < COUNT(known); i++)
		read_turned(&r, known[i]);
	for (size_t i = 0; i < COUNT(directories); i++)
		read_logs_in(&r, directories[i]);
	read_subdirectories(&r);
	close(r.dir_fd);
	return out->error;
}

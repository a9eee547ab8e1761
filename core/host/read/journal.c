/* The journal, as journalctl(1) tells it. Does not read its files itself, and does not know
 * what lines say. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/read/line_item.h"
#include "core/host/read/logs.h"
#include "core/host/broker/protocol.h"

#define TIMEOUT_MS 2000
#define OUTPUT_MAX (4 << 20)

/* In the new process: nothing of ours but its output. It ends when we do. */
static void __attribute__((noreturn))
become_program(const char *const argv[], int output, pid_t parent)
{
	static const char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8",
						  NULL};
	struct sigaction normal = {.sa_handler = SIG_DFL};
	int null = open("/dev/null", O_RDWR);

	for (int s = 1; s < NSIG; s++)
		sigaction(s, &normal, NULL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		_exit(126);
	closefrom(STDERR_FILENO + 1);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(126);
	execve(argv[0], (char *const *)argv, (char *const *)environment);
	_exit(127);
}

static int start_program(const char *const argv[], pid_t *pid)
{
	pid_t parent = getpid();
	int fds[2], error;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	*pid = fork();
	if (*pid == 0)
		become_program(argv, fds[1], parent);
	error = errno;
	close(fds[1]);
	if (*pid > 0)
		return fds[0];
	close(fds[0]);
	return -error;
}

/* Until its end, or what we allow it. 0 or a positive errno. */
static int copy_output(int fd, struct line_item *item, int64_t until_ns, size_t limit)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char bytes[16384];

	for (;;) {
		int64_t left_ns = until_ns - host_now_ns();
		size_t room = limit < sizeof(bytes) ? limit : sizeof(bytes);
		ssize_t got;

		if (left_ns <= 0)
			return ETIMEDOUT;
		if (poll(&p, 1, (int)(left_ns / NS_PER_MS) + 1) <= 0)
			continue;
		got = read(fd, bytes, room ? room : 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? errno : 0;
		if (!room)
			return EMSGSIZE;
		line_item_add(item, bytes, (size_t)got);
		limit -= (size_t)got;
	}
}

int journal_run(const char *const argv[], const char *name, int timeout_ms, size_t limit,
		struct bundle_out *out)
{
	static struct line_item item;
	int64_t until_ns = host_now_ns() + timeout_ms * NS_PER_MS;
	int status = 0, error, fd;
	pid_t pid = -1;

	fd = start_program(argv, &pid);
	if (fd < 0)
		return bundle_out_item(out, name, NULL, 0, -fd);
	line_item_start(&item, out, name);
	error = copy_output(fd, &item, until_ns, limit);
	close(fd);
	if (error)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!error && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		error = EIO;
	return line_item_end(&item, error);
}

static const char *find_program(void)
{
	static const char *const paths[] = {"/usr/bin/journalctl", "/bin/journalctl"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (!access(paths[i], X_OK))
			return paths[i];
	return NULL;
}

/* Without the right journalctl tells our own lines and hides the system's. */
static int hidden_error(void)
{
	static const char *const patterns[] = {"/run/log/journal/*/system.journal",
					       "/var/log/journal/*/system.journal"};
	int error = 0;

	for (size_t i = 0; i < 2; i++) {
		glob_t found;

		if (glob(patterns[i], GLOB_NOSORT, NULL, &found))
			continue;
		for (size_t j = 0; j < found.gl_pathc; j++)
			if (faccessat(AT_FDCWD, found.gl_pathv[j], R_OK, AT_EACCESS))
				error = errno;
		globfree(&found);
	}
	return error;
}

int journal_read(const struct past_ask *ask, struct bundle_out *out)
{
	const char *program = find_program();
	char since[32];
	int hidden;
	const char *const argv[] = {program,   "-o",  "json", "--no-pager", "-q",
				    "--since", since, "-n",   "4000",       NULL};

	snprintf(since, sizeof(since), "@%" PRId64, ask->since_wall_ns / NS_PER_S);
	if (!program ||
	    (access("/run/log/journal", F_OK) && access("/var/log/journal", F_OK)))
		return bundle_out_item(out, "journal", NULL, 0, ENOENT);
	journal_run(argv, "journal", TIMEOUT_MS, OUTPUT_MAX, out);
	hidden = hidden_error();
	if (hidden)
		bundle_out_item(out, "journal", NULL, 0, hidden);
	return out->error;
}

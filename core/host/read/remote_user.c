/* Becoming the user who called us, before his own program is run. capabilities(7). */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/host/read/remote.h"

extern char **environ;

/* sudo(8) says who called it; only who is root already may be told. */
static uid_t caller_uid(void)
{
	const char *word = getuid() == 0 ? getenv("SUDO_UID") : NULL;
	char *end;
	unsigned long n;

	if (!word || !*word)
		return getuid();
	errno = 0;
	n = strtoul(word, &end, 10);
	return *end || errno || n >= (uid_t)-1 ? getuid() : (uid_t)n;
}

/* What ssh(1) and its configuration go by. */
static int clean_environment(const struct passwd *user, bool is_other)
{
	static const char *const kept[] = {"HOME",          "USER",
					   "LOGNAME",       "PATH",
					   "SSH_AUTH_SOCK", "XDG_RUNTIME_DIR",
					   "KRB5CCNAME",    "XDG_CONFIG_HOME"};
	enum { N_KEPT = sizeof(kept) / sizeof(kept[0]) };
	static char words[N_KEPT][4096];
	static char *entries[N_KEPT + 2];
	size_t n = 0;

	for (size_t i = 0; i < N_KEPT; i++) {
		const char *value = getenv(kept[i]);

		if (is_other && user && i == 0)
			value = user->pw_dir;
		if (is_other && user && (i == 1 || i == 2))
			value = user->pw_name;
		if (!value || snprintf(words[n], sizeof(words[n]), "%s=%s", kept[i],
				       value) >= (int)sizeof(words[n]))
			continue;
		entries[n] = words[n];
		n++;
	}
	entries[n++] = (char *)"LC_ALL=C";
	entries[n] = NULL;
	environ = entries;
	return 0;
}

static int become(uid_t uid, const struct passwd *user)
{
	gid_t gid = user ? user->pw_gid : getgid();

	if (uid == getuid())
		return setresgid(getgid(), getgid(), getgid()) || setresuid(uid, uid, uid)
			       ? -errno
			       : 0;
	if (!user)
		return -ENOENT;
	if (initgroups(user->pw_name, gid) || setresgid(gid, gid, gid) ||
	    setresuid(uid, uid, uid))
		return -errno;
	return 0;
}

static int clear_capabilities(void)
{
	cap_t none = cap_init();
	int error = none ? 0 : -ENOMEM;

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (none && cap_set_proc(none))
		error = -errno;
	cap_free(none);
	return error;
}

static void restore_signals(void)
{
	struct sigaction normal = {.sa_handler = SIG_DFL}, ignore = {.sa_handler = SIG_IGN};
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		sigaction(s, &normal, NULL);
	/* It cannot write a file: that is an error of its writing, not its end. */
	sigaction(SIGXFSZ, &ignore, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int remote_become_caller(void)
{
	uid_t uid = caller_uid();
	struct passwd *user = getpwuid(uid);
	int error = clean_environment(user, uid != getuid());

	restore_signals();
	for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	if (!error)
		error = become(uid, user);
	if (!error)
		error = clear_capabilities();
	if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		error = -errno;
	return error;
}

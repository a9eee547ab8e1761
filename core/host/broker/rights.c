/* What this process may do, and giving it up for good. Decides nothing about who may do
 * what. */
#include "core/host/broker/rights.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/capability.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

#define NOBODY 65534

extern char **environ;

bool rights_is_privileged(void)
{
	return geteuid() == 0 || getauxval(AT_SECURE) != 0;
}

static bool steers_libraries(const char *entry)
{
	static const char *const prefixes[] = {
		"TERMINFO", "TERMCAP",      "LD_",           "LOCPATH=",
		"NLSPATH=", "MALLOC_",      "GCONV",         "HOSTALIASES=",
		"RES_",     "IFS=",         "NCURSES_TRACE", "GLIBC_TUNABLES=",
		"RESOLV_",  "LOCALDOMAIN=",
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(entry, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

void rights_clean_environment(void)
{
	char **to = environ;

	if (!environ)
		return;
	for (char **from = environ; *from; from++)
		if (!steers_libraries(*from))
			*to++ = *from;
	*to = NULL;
}

/* What is held while it is not used; NULL: nothing is lent. */
static cap_t own_capabilities;

static void lay_down(void)
{
	cap_t none = cap_get_proc();

	own_capabilities = none ? cap_dup(none) : NULL;
	if (own_capabilities && !cap_clear_flag(none, CAP_EFFECTIVE))
		cap_set_proc(none);
	cap_free(none);
	setfsuid(getuid());
	setfsgid(getgid());
}

static void take_up(void)
{
	setfsuid(geteuid());
	setfsgid(getegid());
	if (own_capabilities)
		cap_set_proc(own_capabilities);
	cap_free(own_capabilities);
	own_capabilities = NULL;
}

void rights_act_as_caller(bool is_caller)
{
	if (!getuid())
		return;
	if (is_caller)
		lay_down();
	else
		take_up();
}

static int become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return -errno;
	return 0;
}

static int become_real_user(void)
{
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return -errno;
	return 0;
}

/* The bounding set can only be lowered while CAP_SETPCAP is held; without it exec is barred
 * from gaining anything by NO_NEW_PRIVS all the same. */
static void drop_bounding_set(void)
{
	for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
}

static int clear_capabilities(void)
{
	cap_t none = cap_init();
	int error = 0;

	if (!none)
		return -ENOMEM;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (cap_set_proc(none))
		error = -errno;
	cap_free(none);
	return error;
}

/* Trying to get it back must fail. */
static int verify_dropped(bool is_nobody)
{
	cap_t now = cap_get_proc();
	cap_t none = cap_init();
	int differs = now && none ? cap_compare(now, none) : -1;

	cap_free(now);
	cap_free(none);
	if (differs != 0)
		return -EPERM;
	if (is_nobody &&
	    (setresuid(0, 0, 0) == 0 || getuid() != NOBODY || geteuid() != NOBODY))
		return -EPERM;
	return 0;
}

int rights_drop(void)
{
	bool was_root = geteuid() == 0, is_nobody;
	int error;

	drop_bounding_set();
	error = was_root ? become_nobody() : become_real_user();
	is_nobody = was_root && !error;
	if (was_root && (error == -EPERM || error == -EINVAL))
		error = 0;
	if (!error)
		error = clear_capabilities();
	if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		error = -errno;
	if (!error && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		error = -errno;
	return error ? error : verify_dropped(is_nobody);
}

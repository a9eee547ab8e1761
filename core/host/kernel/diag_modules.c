/* The modules that answer sock_diag: which of them are there. Sends no request. */
#include "core/host/kernel/diag_modules.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"

#define KEPT_NS (500 * NS_PER_MS) /* a module may come or go: for one look at most */

static const char *const names[N_DIAG_MODULES] = {
	[DIAG_TCP] = "tcp_diag",
	[DIAG_UDP] = "udp_diag",
	[DIAG_MPTCP] = "mptcp_diag",
};

/* mptcp_diag came with Linux 5.9; older ones cut the protocol's number to TCP's. */
static bool is_since_5_9(const char *release)
{
	unsigned major, minor;

	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		return false;
	return major > 5 || (major == 5 && minor >= 9);
}

void diag_modules_init(struct diag_modules *m)
{
	struct utsname name;

	*m = (struct diag_modules){.loaded = "/proc/modules", .until_ns = INT64_MIN};
	if (uname(&name))
		return;
	m->tells_mptcp = is_since_5_9(name.release);
	snprintf(m->builtin, sizeof(m->builtin), "/lib/modules/%s/modules.builtin",
		 name.release);
}

/* "tcp_diag 16384 0 - Live 0x0000000000000000" */
static void take_loaded(struct diag_modules *m, char *line)
{
	line[strcspn(line, " \n")] = '\0';
	for (size_t i = 0; i < N_DIAG_MODULES; i++)
		m->is_ready[i] |= !strcmp(line, names[i]);
}

/* "kernel/net/ipv4/tcp_diag.ko" */
static void take_builtin(struct diag_modules *m, char *line)
{
	char *name = strrchr(line, '/');
	char *end;

	line[strcspn(line, "\n")] = '\0';
	name = name ? name + 1 : line;
	end = strrchr(name, '.');
	if (!end || strcmp(end, ".ko") != 0)
		return;
	*end = '\0';
	for (size_t i = 0; i < N_DIAG_MODULES; i++)
		m->is_ready[i] |= !strcmp(name, names[i]);
}

/* 0, or -errno if there is no such list. */
static int read_list(struct diag_modules *m, const char *path,
		     void (*take)(struct diag_modules *m, char *line))
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	if (!f)
		return -errno;
	while (getline(&line, &room, f) > 0)
		take(m, line);
	free(line);
	fclose(f);
	return 0;
}

static void look(struct diag_modules *m)
{
	bool has_no_modules;

	memset(m->is_ready, 0, sizeof(m->is_ready));
	has_no_modules = read_list(m, m->loaded, take_loaded) == -ENOENT;
	for (size_t i = 0; i < N_DIAG_MODULES; i++)
		m->is_ready[i] |= has_no_modules;
	if (!m->is_ready[DIAG_TCP] || !m->is_ready[DIAG_UDP] || !m->is_ready[DIAG_MPTCP])
		read_list(m, m->builtin, take_builtin);
	m->is_ready[DIAG_MPTCP] &= m->tells_mptcp;
}

bool diag_modules_allow(struct diag_modules *m, uint16_t protocol, int64_t now_ns)
{
	if (now_ns >= m->until_ns) {
		look(m);
		m->until_ns = now_ns + KEPT_NS;
	}
	switch (protocol) {
	case IPPROTO_TCP:
		return m->is_ready[DIAG_TCP];
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return m->is_ready[DIAG_UDP];
	case IPPROTO_MPTCP:
		return m->is_ready[DIAG_MPTCP];
	default:
		return false;
	}
}

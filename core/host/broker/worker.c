/* The loop of a worker. What is read is chosen in the files that worker.h and evidence.h
 * name. */
#include "core/host/broker/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/host/read/evidence.h"
#include "core/host/broker/protocol.h"
#include "core/host/kernel/generation.h"

struct worker {
	int socket;
	struct netns_home home;
	struct worker_role role;
	struct owner_scan *scan;
	struct bundle_out out;
	enum blob_status status; /* how the answer under way ends */
	uint32_t inodes[REQUEST_OWNERS_MAX];
};

static int read_set(struct worker *w, const struct request *r)
{
	switch (r->files.set) {
	case FILES_HOST:
		return files_read_host(&w->out);
	case FILES_NET:
		return files_read_net(&w->out);
	case FILES_PROC_NET_SOCKETS:
		return files_read_proc_net_sockets(&w->out);
	case FILES_COUNTERS:
		return files_read_counters(&w->out);
	case FILES_SETTINGS:
		return files_read_settings(&w->out);
	case N_FILE_SETS:
		break;
	}
	return -EINVAL;
}

static int run_scan(struct worker *w, const struct request *r)
{
	if (!w->scan)
		w->scan = owner_scan_new(&w->role);
	if (!w->scan)
		return -ENOMEM;
	return owner_scan_run(w->scan, r->owners.inodes, r->owners.n_inodes, &w->out);
}

/* Also the kinds that no worker serves end here: as an error, not as silence. */
static int answer(struct worker *w, const struct request *r)
{
	switch (r->kind) {
	case REQUEST_FILES:
		return read_set(w, r);
	case REQUEST_OWNERS:
		return run_scan(w, r);
	case REQUEST_NAMESPACES:
		return files_read_namespaces(&w->out, w->home.inode);
	case REQUEST_SOCKET_UNITS:
		return files_read_socket_units(&w->out);
	case REQUEST_CGROUPS:
		return files_read_cgroups(&w->out);
	case REQUEST_RULESET:
	case REQUEST_STANDING_RULES:
		return ruleset_read(&w->out, &w->status);
	case REQUEST_GENERATION:
		return generation_read(&w->out);
	case REQUEST_MEMBER:
		return set_member_read(&r->member, &w->out);
	case REQUEST_ROUTE:
		return route_read(&r->route, &w->out);
	case REQUEST_CONNTRACK:
		return conntrack_read(&r->conntrack, &w->out, &w->status);
	case REQUEST_PROCESSES:
		return process_states_read(&r->processes, &w->out);
	case REQUEST_LOGS:
		return logs_read(&r->logs, &w->out);
	case REQUEST_CHANGES:
		return changes_read(&r->changes, &w->out);
	case REQUEST_NAMES:
		return name_lookup_read(&r->names, &w->out);
	case REQUEST_PROBE:
		return probe_run(&r->probe, &w->out);
	case REQUEST_REACH:
		return reach_run(&r->reach, &w->out);
	case REQUEST_REMOTE:
		return remote_run(&r->remote, &w->out);
	case REQUEST_JOINED:
		return joined_read(&w->out);
	case REQUEST_UNITS:
		return unit_states_read(&w->out);
	case REQUEST_PROGRAMS:
		return programs_read(&w->out);
	case REQUEST_IPSEC:
		return ipsec_read(&w->out);
	case REQUEST_BRIDGES:
		return bridges_read(&w->out);
	case REQUEST_SOCK_DIAG:
	case REQUEST_RTNETLINK:
	case REQUEST_TRACE:
	case REQUEST_DROPS:
	case REQUEST_CAPTURE:
	case N_REQUEST_KINDS:
		break;
	}
	return -EINVAL;
}

static void serve(struct worker *w, const struct message *m)
{
	struct request r;
	uint64_t netns = 0;
	int error = request_unpack(&r, m->body, m->len, w->inodes);

	if (!error)
		error = netns_enter(&w->home, &r.netns, &netns);
	bundle_out_start(&w->out, w->socket, m->seq, netns);
	w->status = BLOB_LAST;
	if (!error) {
		error = answer(w, &r);
		if (netns_leave(&w->home, &r.netns))
			_exit(1);
	}
	bundle_out_end(&w->out, w->status, error < 0 ? -error : 0);
}

static void prepare(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct rlimit no_files = {0, 0};
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigemptyset(&none);
	sigaction(SIGINT, &ignore, NULL);
	sigaction(SIGQUIT, &ignore, NULL);
	sigaction(SIGTSTP, &ignore, NULL);
	sigaction(SIGTTOU, &ignore, NULL);
	sigaction(SIGTTIN, &ignore, NULL);
	/* Also these reach the whole job; it ends with the broker, who decides. */
	sigaction(SIGHUP, &ignore, NULL);
	sigaction(SIGTERM, &ignore, NULL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* It never writes a file. */
	setrlimit(RLIMIT_FSIZE, &no_files);
}

void worker_main(int socket, const struct worker_role *role)
{
	/* Large and hardly used: only pages that are written to cost anything. */
	static uint8_t packet[MESSAGE_MAX];
	static struct worker w;
	struct message m;

	prepare();
	w.socket = socket;
	w.role = *role;
	netns_home_open(&w.home);
	if (role->is_early)
		w.scan = owner_scan_new(role);
	if (w.scan)
		owner_scan_prepare(w.scan);
	for (;;) {
		struct pollfd p = {.fd = socket, .events = POLLIN};
		ssize_t got = recv(socket, packet, sizeof(packet), 0);

		if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			poll(&p, 1, -1);
			continue;
		}
		if (got <= 0)
			_exit(0);
		if (message_parse(&m, packet, (size_t)got) || m.type != MESSAGE_REQUEST)
			_exit(1);
		serve(&w, &m);
	}
}

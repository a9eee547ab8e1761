/*
 * A host under load, for measuring: many processes with many descriptors, listeners and
 * connections, in a network namespace of its own.
 *
 *   load PROCESSES FDS LISTENERS ESTABLISHED
 *
 * Half of the listeners are UDP, half IPv6, a tenth are shared by five processes.
 * ESTABLISHED counts sockets (two a connection). Prints "ready" and runs until its standard
 * input ends; everything dies with it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_PORT 1025
#define PAIRS_EACH 250 /* connections one process makes to itself */
#define SHARERS    5

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	kill(0, SIGKILL);
	exit(1);
}

static void loopback_up(void)
{
	struct ifreq r = {.ifr_name = "lo"};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	r.ifr_flags = IFF_UP | IFF_RUNNING;
	if (s < 0 || ioctl(s, SIOCSIFFLAGS, &r))
		die("loopback");
	close(s);
}

static int bind_to(int s, bool is_v6, unsigned port)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
				  .sin6_port = htons((uint16_t)port)};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int on = 1;

	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (is_v6)
		setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	return is_v6 ? bind(s, (struct sockaddr *)&v6, sizeof(v6))
		     : bind(s, (struct sockaddr *)&v4, sizeof(v4));
}

/* Listener i: every second one UDP, every second pair IPv6. */
static int make_listener(unsigned i)
{
	bool is_udp = i % 2, is_v6 = i / 2 % 2;
	int s = socket(is_v6 ? AF_INET6 : AF_INET, is_udp ? SOCK_DGRAM : SOCK_STREAM, 0);

	if (s < 0 || bind_to(s, is_v6, FIRST_PORT + i) || (!is_udp && listen(s, 128)))
		die("listener");
	return s;
}

static void fill_descriptors(unsigned n)
{
	int null = open("/dev/null", O_RDONLY), pair[2];

	for (unsigned i = 0; i + 2 < n; i += 2) {
		if (i % 4 == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0)
			continue;
		if (dup(null) < 0 || dup(null) < 0)
			die("descriptors");
	}
}

static void make_pairs(unsigned port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind_to(listener, false, port) || listen(listener, 512))
		die("pair listener");
	for (unsigned i = 0; i < PAIRS_EACH; i++) {
		int s = socket(AF_INET, SOCK_STREAM, 0);

		if (s < 0 || connect(s, (struct sockaddr *)&to, sizeof(to)) ||
		    accept(listener, NULL, NULL) < 0)
			die("pair");
	}
}

static pid_t start_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGTERM, SIG_DFL);
	}
	return pid;
}

static void tell_ready(int ready)
{
	if (write(ready, "x", 1) != 1)
		die("ready");
	close(ready);
}

int main(int argc, char **argv)
{
	unsigned n_processes, n_fds, n_listeners, n_pair_processes, n_shared;
	struct rlimit files;
	int ready[2], shared[1024];
	char c;

	if (argc != 5)
		return 2;
	n_processes = (unsigned)atoi(argv[1]);
	n_fds = (unsigned)atoi(argv[2]);
	n_listeners = (unsigned)atoi(argv[3]);
	n_pair_processes = (unsigned)atoi(argv[4]) / 2 / PAIRS_EACH;
	n_shared = n_listeners / 10;
	setpgid(0, 0);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (unshare(CLONE_NEWNET) || pipe(ready) || n_shared > 1024)
		die("start");
	loopback_up();
	for (unsigned i = 0; i < n_shared; i++)
		shared[i] = make_listener(i);
	for (unsigned p = 0; p < n_processes; p++) {
		if (start_child())
			continue;
		for (unsigned i = 0; i < n_shared; i++)
			if ((p + n_processes - i * SHARERS % n_processes) % n_processes >=
			    SHARERS)
				close(shared[i]);
		for (unsigned i = n_shared + p; i < n_listeners; i += n_processes)
			make_listener(i);
		fill_descriptors(n_fds);
		tell_ready(ready[1]);
		for (;;)
			pause();
	}
	for (unsigned p = 0; p < n_pair_processes; p++) {
		if (start_child())
			continue;
		make_pairs(FIRST_PORT + n_listeners + p);
		tell_ready(ready[1]);
		for (;;)
			pause();
	}
	for (unsigned i = 0; i < n_shared; i++)
		close(shared[i]);
	for (unsigned i = 0; i < n_processes + n_pair_processes; i++)
		if (read(ready[0], &c, 1) != 1)
			die("waiting");
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
	return 0;
}

/*
 * A zoo of listeners: every way that a socket can be bound, shared, handed on and hidden,
 * in the network namespace it is started in. Prints "ready", then obeys words on standard
 * input: "fork" (a new worker of an old socket), "close" (the reuseport group loses a
 * member). Ends, and everything with it, when its input ends.
 *
 *   7001 forked workers            7002 SO_REUSEPORT, three processes    7003 held by
 * "systemd" and its service 7004 passed over a socket      7005 [::] v6only 7006 [::]
 * dual-stack 7007 0.0.0.0 and [::] v6only   7008 127.0.0.1 and ::1                7009
 * bound to device lo 7010 in another namespace      7011 udp v4, 7012 udp v6, 7013 only in
 * a thread's own descriptor table 7014 accept queue overfull     7015 MPTCP 7016 v4-mapped
 * address 7017 a hostile process name    7018 an address that is not here      7019 two
 * services, 0.0.0.0 and [::] v6only 7020 program file deleted      7021 program is a
 * zombie's thread     7022 connections in several states
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static int ready[2];
static int old_socket = -1; /* of 7001: only workers keep it */

static void die(const char *what)
{
	fprintf(stderr, "zoo: %s: %s\n", what, strerror(errno));
	kill(0, SIGKILL);
	exit(1);
}

static int option(int s, int level, int name, int value)
{
	return setsockopt(s, level, name, &value, sizeof(value));
}

struct binding {
	int family, type, protocol;
	const char *address;
	unsigned port;
	int v6only; /* -1: as it is */
	bool reuseport, freebind;
	const char *device;
	int backlog;
};

static int make(struct binding b)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)b.port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
				  .sin6_port = htons((uint16_t)b.port)};
	int s = socket(b.family, b.type, b.protocol);
	bool is_v4 = b.family == AF_INET;

	if (s < 0)
		die("socket");
	option(s, SOL_SOCKET, SO_REUSEADDR, 1);
	if (b.reuseport)
		option(s, SOL_SOCKET, SO_REUSEPORT, 1);
	if (b.freebind)
		option(s, IPPROTO_IP, IP_FREEBIND, 1);
	if (!is_v4 && b.v6only >= 0)
		option(s, IPPROTO_IPV6, IPV6_V6ONLY, b.v6only);
	if (b.device && setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, b.device,
				   (socklen_t)strlen(b.device)))
		die("device");
	inet_pton(b.family, b.address,
		  is_v4 ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr);
	if (is_v4 ? bind(s, (struct sockaddr *)&v4, sizeof(v4))
		  : bind(s, (struct sockaddr *)&v6, sizeof(v6)))
		die("bind");
	if (b.type == SOCK_STREAM && listen(s, b.backlog ? b.backlog : 64))
		die("listen");
	return s;
}

static int tcp4(const char *address, unsigned port)
{
	return make((struct binding){AF_INET, SOCK_STREAM, 0, address, port, .v6only = -1});
}

static int tcp6(const char *address, unsigned port, int v6only)
{
	return make((struct binding){AF_INET6, SOCK_STREAM, 0, address, port,
				     .v6only = v6only});
}

static void tell_ready(void)
{
	if (write(ready[1], "x", 1) != 1)
		die("ready");
}

static void wait_ready(unsigned n)
{
	char c;

	while (n--)
		if (read(ready[0], &c, 1) != 1)
			die("waiting");
}

/* A child that runs what `live` does, says that it is ready, and stays. */
static pid_t start(const char *name, void (*live)(int), int argument)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (name)
		prctl(PR_SET_NAME, name);
	if (live)
		close(old_socket);
	if (live)
		live(argument);
	tell_ready();
	for (;;)
		pause();
}

static void live_nothing(int unused)
{
	(void)unused;
}

static void live_reuseport(int unused)
{
	(void)unused;
	make((struct binding){AF_INET, SOCK_STREAM, 0, "0.0.0.0", 7002, .v6only = -1,
			      .reuseport = true});
}

static void send_fd(int socket, int fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	char byte = 'x';
	struct iovec iov = {&byte, 1};
	struct msghdr h = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.room,
			   .msg_controllen = sizeof(control.room)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	if (sendmsg(socket, &h, 0) != 1)
		die("passing");
}

static void live_receiver(int socket)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr h = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.room,
			   .msg_controllen = sizeof(control.room)};

	if (recvmsg(socket, &h, 0) != 1)
		die("receiving");
}

static void start_passing(void)
{
	int pair[2], listener;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		die("pair");
	start("receiver", live_receiver, pair[0]);
	listener = tcp4("0.0.0.0", 7004);
	send_fd(pair[1], listener);
	close(listener);
	close(pair[0]);
	close(pair[1]);
	wait_ready(1);
}

static void live_elsewhere(int unused)
{
	(void)unused;
	if (unshare(CLONE_NEWNET))
		die("namespace");
	tcp4("0.0.0.0", 7010);
}

static void *thread_with_own_table(void *unused)
{
	(void)unused;
	if (unshare(CLONE_FILES))
		die("own table");
	tcp4("0.0.0.0", 7013);
	tell_ready();
	for (;;)
		pause();
	return NULL;
}

static void live_thread(int unused)
{
	pthread_t thread;

	(void)unused;
	pthread_create(&thread, NULL, thread_with_own_table, NULL);
}

static void *thread_of_dead_leader(void *unused)
{
	(void)unused;
	tcp4("0.0.0.0", 7021);
	tell_ready();
	for (;;)
		pause();
	return NULL;
}

static void live_dead_leader(int unused)
{
	pthread_t thread;

	(void)unused;
	pthread_create(&thread, NULL, thread_of_dead_leader, NULL);
	syscall(SYS_exit, 0); /* only this thread ends */
}

static int connect_to(unsigned port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(s, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS)
		die("connect");
	return s;
}

static void live_queue(int unused)
{
	(void)unused;
	make((struct binding){AF_INET, SOCK_STREAM, 0, "0.0.0.0", 7014, .v6only = -1,
			      .backlog = 2});
	for (int i = 0; i < 3; i++)
		connect_to(7014);
}

static void live_connections(int unused)
{
	int listener = tcp6("::", 7022, 0), closed[2];

	(void)unused;
	for (int i = 0; i < 5; i++)
		connect_to(7022);
	usleep(50000);
	for (int i = 0; i < 3; i++)
		accept(listener, NULL, NULL);
	/* one whose client has gone: CLOSE-WAIT here */
	closed[0] = connect_to(7022);
	usleep(20000);
	for (int i = 0; i < 2; i++)
		accept(listener, NULL, NULL);
	closed[1] = accept(listener, NULL, NULL);
	(void)closed[1];
	close(closed[0]);
	usleep(20000);
}

static void live_mptcp(int unused)
{
	int s = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);

	(void)unused;
	if (s < 0)
		return; /* this kernel has none */
	close(s);
	make((struct binding){AF_INET, SOCK_STREAM, IPPROTO_MPTCP, "0.0.0.0", 7015,
			      .v6only = -1});
}

static void live_plain4(int port)
{
	tcp4("0.0.0.0", (unsigned)port);
}

static void live_plain6only(int port)
{
	tcp6("::", (unsigned)port, 1);
}

static void live_single(int unused)
{
	(void)unused;
	tcp6("::", 7005, 1);
	tcp6("::", 7006, 0);
	tcp4("0.0.0.0", 7007);
	tcp6("::", 7007, 1);
	tcp4("127.0.0.1", 7008);
	tcp6("::1", 7008, 1);
	make((struct binding){AF_INET, SOCK_STREAM, 0, "0.0.0.0", 7009, .v6only = -1,
			      .device = "lo"});
	make((struct binding){AF_INET, SOCK_DGRAM, 0, "0.0.0.0", 7011, .v6only = -1});
	make((struct binding){AF_INET6, SOCK_DGRAM, 0, "::", 7012, .v6only = 1});
	make((struct binding){AF_INET6, SOCK_STREAM, 0, "::ffff:127.0.0.1", 7016,
			      .v6only = 0});
	make((struct binding){AF_INET, SOCK_STREAM, 0, "192.0.2.77", 7018, .v6only = -1,
			      .freebind = true});
}

/* A copy of this program, started and then removed. */
static void start_deleted(void)
{
	char path[] = "/tmp/dport-zoo-XXXXXX", bytes[65536];
	int from = open("/proc/self/exe", O_RDONLY), to = mkstemp(path);
	ssize_t n;
	pid_t pid;

	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)n) != n)
			die("copy");
	fchmod(to, 0755);
	close(to);
	close(from);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(old_socket);
		dup2(ready[1], 9);
		execl(path, "deleted", "listen", NULL);
		die("exec");
	}
	wait_ready(1);
	unlink(path);
}

static void start_all(void)
{
	int activated;

	old_socket = tcp4("0.0.0.0", 7001);
	start("worker", NULL, 0);
	start("worker", NULL, 0);
	activated = tcp4("0.0.0.0", 7003);
	start("served", live_nothing, 0);
	start("systemd", live_nothing, 0);
	close(activated);
	wait_ready(4);
	for (int i = 0; i < 3; i++)
		start("member", live_reuseport, 0);
	start("single", live_single, 0);
	start("elsewhere", live_elsewhere, 0);
	start("threaded", live_thread, 0);
	start("headless", live_dead_leader, 0);
	start("queue", live_queue, 0);
	start("mptcp", live_mptcp, 0);
	start("\033[31m\xe2\x80\xae\xff\r\n", live_plain4, 7017);
	start("alpha", live_plain4, 7019);
	start("beta", live_plain6only, 7019);
	start("busy", live_connections, 0);
	wait_ready(3 + 1 + 1 + 2 + 1 + 1 + 1 + 1 + 1 + 1 + 1);
	start_passing();
	start_deleted();
}

int main(int argc, char **argv)
{
	char line[64];

	if (argc > 1 && strcmp(argv[1], "listen") == 0) {
		ready[1] = 9;
		tcp4("0.0.0.0", 7020);
		tell_ready();
		for (;;)
			pause();
	}
	setpgid(0, 0);
	if (pipe(ready))
		die("pipe");
	start_all();
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "fork\n") == 0) {
			start("late", NULL, 0);
			wait_ready(1);
		}
		puts("done");
		fflush(stdout);
	}
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
	return 0;
}

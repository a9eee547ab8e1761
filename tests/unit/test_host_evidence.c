/* Readers of processes, settings, names and a connection of our own, against this host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

#include "core/base/time.h"
#include "core/host/broker/worker.h"
#include "tests/unit/evidence_ear.h"

static int forget(void **state)
{
	(void)state;
	free(heard.bytes);
	heard.bytes = NULL;
	return 0;
}

static int read_processes(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)status;
	return process_states_read(ask, out);
}

static struct bundle_item of_pid(pid_t pid, const char *file)
{
	char name[64];

	snprintf(name, sizeof(name), "%d/%s", (int)pid, file);
	return heard_item(name);
}

static long told_descriptors(void)
{
	struct pid_list one = {{(uint32_t)getpid()}, 1};
	char digits[24] = "";

	hear(read_processes, &one);
	snprintf(digits, sizeof(digits), "%.*s", (int)of_pid(getpid(), "n_fds").data.len,
		 (const char *)of_pid(getpid(), "n_fds").data.bytes);
	return atol(digits);
}

static void a_process_is_told_by_its_files(void **state)
{
	struct pid_list one = {{(uint32_t)getpid()}, 1};
	long before, after;
	int fd;

	(void)state;
	hear(read_processes, &one);
	assert_true(item_has(of_pid(getpid(), "stat"), " ("));
	assert_true(item_has(of_pid(getpid(), "status"), "Threads:\t1\n"));
	assert_true(item_has(of_pid(getpid(), "limits"), "Max open files"));
	assert_true(item_has(of_pid(getpid(), "cmdline"), "test_host_evidence"));
	before = told_descriptors();
	assert_true(before >= 3);
	fd = open("/dev/null", O_RDONLY);
	assert_true(fd >= 0);
	after = told_descriptors();
	close(fd);
	assert_int_equal(after, before + 1);
}

static void a_process_that_is_gone_is_an_error(void **state)
{
	struct pid_list gone = {{0}, 1};
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	gone.pids[0] = (uint32_t)pid;
	hear(read_processes, &gone);
	assert_int_equal(of_pid(pid, "stat").error, ENOENT);
	assert_int_equal(heard.end.error, 0);
}

static int read_counters(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)ask;
	(void)status;
	return files_read_counters(out);
}

static void counters_are_told_by_their_files(void **state)
{
	(void)state;
	hear(read_counters, NULL);
	assert_true(item_has(heard_item("net/snmp"), "\nTcp: "));
	assert_true(item_has(heard_item("net/netstat"), "TcpExt: "));
	assert_true(item_has(heard_item("net/dev"), "lo:"));
	assert_true(heard_item("net/softnet_stat").data.len > 0);
}

static int read_settings(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)ask;
	(void)status;
	return files_read_settings(out);
}

static void settings_are_told_of_every_device(void **state)
{
	(void)state;
	hear(read_settings, NULL);
	assert_true(heard_item("sys/net/ipv4/ip_forward").data.len >= 2);
	assert_true(heard_item("sys/net/ipv4/conf/all/rp_filter").data.len >= 2);
	assert_true(heard_item("sys/net/ipv4/conf/lo/route_localnet").data.len >= 2);
	heard_item("net/ip_tables_names");
	heard_item("modules");
	assert_int_equal(heard.end.error, 0);
}

static int read_name(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)status;
	return name_lookup_read(ask, out);
}

static void a_name_is_told_by_its_addresses(void **state)
{
	static const struct name_ask own = {"localhost"}, number = {"192.0.2.9"};

	(void)state;
	hear(read_name, &own);
	assert_true(heard_words("127.0.0.1") || heard_words("::1"));
	hear(read_name, &number);
	assert_true(text_equals_str(heard_item("address").data, "192.0.2.9"));
}

/* Reserved by RFC 6761: nobody has it; without a network nobody answers. */
static void a_name_without_addresses_is_an_error(void **state)
{
	static const struct name_ask none = {"name.invalid"};
	int error;

	(void)state;
	hear(read_name, &none);
	error = heard_item("address").error;
	assert_true(error == ENOENT || error == EAGAIN);
	assert_int_equal(heard_item("address").data.len, 0);
}

static int run_probe(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)status;
	return probe_run(ask, out);
}

static int listen_on_loopback(uint16_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

/* A server that greets, which is unread when the probe closes, and says how it parted. */
static void serve_one(int fd)
{
	char byte;
	int one = accept(fd, NULL, NULL);
	ssize_t got;

	if (send(one, "hello\n", 6, MSG_NOSIGNAL) != 6)
		_exit(1);
	got = recv(one, &byte, 1, 0);
	close(one);
	_exit(got == 0 ? 0 : 2);
}

static void a_probe_connects_and_parts_without_reset(void **state)
{
	struct probe_ask ask = {.proto = IPPROTO_TCP, .timeout_ms = 2000};
	int fd = listen_on_loopback(&ask.port), status;
	pid_t server = fork();

	(void)state;
	if (server == 0)
		serve_one(fd);
	ask.address = addr_v4((uint8_t[]){127, 0, 0, 1});
	hear(run_probe, &ask);
	assert_true(item_has(heard_item("probe"), "result=connected errno=0 took_ns="));
	assert_true(item_has(heard_item("probe"), " from=127.0.0.1"));
	assert_true(item_has(heard_item("probe"), " sport="));
	assert_int_equal(waitpid(server, &status, 0), server);
	assert_int_equal(status, 0);
	close(fd);
}

static void a_probe_of_a_closed_port_is_refused(void **state)
{
	struct probe_ask ask = {.proto = IPPROTO_TCP, .timeout_ms = 2000};
	char words[64];

	(void)state;
	close(listen_on_loopback(&ask.port));
	ask.address = addr_v4((uint8_t[]){127, 0, 0, 1});
	hear(run_probe, &ask);
	snprintf(words, sizeof(words), "result=refused errno=%d took_ns=", ECONNREFUSED);
	assert_true(item_has(heard_item("probe"), words));
}

/* Its queue of one is full: what comes then is dropped. */
static void a_probe_that_nobody_answers_times_out(void **state)
{
	struct probe_ask ask = {.proto = IPPROTO_TCP, .timeout_ms = 150};
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = listen_on_loopback(&ask.port), fill[4];
	char words[64];

	(void)state;
	a.sin_port = htons(ask.port);
	assert_int_equal(listen(fd, 0), 0);
	for (size_t i = 0; i < 4; i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fill[i], (struct sockaddr *)&a, sizeof(a));
	}
	ask.address = addr_v4((uint8_t[]){127, 0, 0, 1});
	hear(run_probe, &ask);
	snprintf(words, sizeof(words), "result=timed-out errno=%d took_ns=", ETIMEDOUT);
	assert_true(item_has(heard_item("probe"), words));
	for (size_t i = 0; i < 4; i++)
		close(fill[i]);
	close(fd);
}

#define one(test) cmocka_unit_test_teardown(test, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		one(a_process_is_told_by_its_files),
		one(a_process_that_is_gone_is_an_error),
		one(counters_are_told_by_their_files),
		one(settings_are_told_of_every_device),
		one(a_name_is_told_by_its_addresses),
		one(a_name_without_addresses_is_an_error),
		one(a_probe_connects_and_parts_without_reset),
		one(a_probe_of_a_closed_port_is_refused),
		one(a_probe_that_nobody_answers_times_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

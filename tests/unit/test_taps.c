/* Tap processes with a capture that the test plays: streams, ends, deaths, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/broker/taps.h"

enum { PATIENCE_MS = 10000 };

/* What the played capture does: set before the fork. */
static enum play { ENDS_AT_ONCE, STREAMS, REFUSES, DIES, FLOODS, HANGS } play;

static struct {
	unsigned n_parts, n_ends, n_notices;
	size_t n_bytes;
	struct blob end;
	char bytes[256]; /* of the last part that had some */
} heard;

static struct taps taps;

static void take_blob(void *arg, const struct blob *b)
{
	(void)arg;
	assert_int_equal(b->part, heard.n_parts);
	heard.n_parts++;
	heard.n_bytes += b->len;
	if (b->len)
		snprintf(heard.bytes, sizeof(heard.bytes), "%.*s", (int)b->len,
			 (const char *)b->bytes);
	if (blob_is_end(b)) {
		heard.n_ends++;
		heard.end = *b;
	}
}

static void take_notice(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
	heard.n_notices++;
}

static int open_played(void **handle, const struct request *r, int save_fd, const void *arg,
		       char *error, size_t room)
{
	(void)r;
	(void)arg;
	*handle = &play;
	if (save_fd >= 0 && write(save_fd, "saved", 5) != 5)
		return -EIO;
	if (play != REFUSES)
		return 0;
	snprintf(error, room, "not here");
	return -EPERM;
}

static int run_played(void *handle, int stop_fd,
		      int (*put)(void *put_arg, const void *bytes, size_t len),
		      void *put_arg)
{
	static const uint8_t much[TAP_PART_MAX];
	struct pollfd p = {.fd = stop_fd, .events = POLLIN};

	(void)handle;
	if (play == DIES)
		raise(SIGKILL);
	if (play == HANGS)
		for (;;)
			pause();
	while (play == FLOODS)
		if (put(put_arg, much, sizeof(much)))
			return -EPIPE;
	put(put_arg, "first", 5);
	while (play == STREAMS && poll(&p, 1, -1) < 1)
		;
	put(put_arg, "rest", 4);
	return 0;
}

static void close_played(void *handle)
{
	(void)handle;
}

static size_t played_problem(void *out, int error, const char *sentence)
{
	return (size_t)snprintf(out, TAP_PART_MAX, "%d %s", error, sentence);
}

static const struct tap_ops ops = {open_played, run_played, close_played, played_problem,
				   NULL};
static const struct request request = {.kind = REQUEST_CAPTURE};
static const struct blob_sink sink = {take_blob, take_notice, NULL};

static int begin(void **state)
{
	(void)state;
	memset(&heard, 0, sizeof(heard));
	taps_init(&taps, &ops, -1, &sink);
	return 0;
}

static int end(void **state)
{
	(void)state;
	taps_release(&taps);
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

static void ask(uint32_t seq, enum play play_as)
{
	play = play_as;
	assert_int_equal(taps_request(&taps, seq, &request), 0);
}

/* One turn of the broker's loop. */
static void turn(void)
{
	struct pollfd polls[N_TAPS];
	pid_t pid;

	for (unsigned i = 0; i < N_TAPS; i++)
		polls[i] = (struct pollfd){taps_fd(&taps, i), POLLIN, 0};
	poll(polls, N_TAPS, 5);
	for (unsigned i = 0; i < N_TAPS; i++)
		if (polls[i].revents)
			taps_read(&taps, i);
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		assert_true(taps_reaped(&taps, pid));
}

static void serve_until(const unsigned *count, unsigned n)
{
	int64_t until_ns = host_now_ns() + PATIENCE_MS * NS_PER_MS;

	while (*count < n && host_now_ns() < until_ns)
		turn();
	assert_true(*count >= n);
}

static void reap_all(void)
{
	int64_t until_ns = host_now_ns() + PATIENCE_MS * NS_PER_MS;
	unsigned n = 1;

	while (n && host_now_ns() < until_ns) {
		turn();
		n = 0;
		for (unsigned i = 0; i < N_TAPS; i++)
			n += taps.taps[i].pid > 0;
	}
	assert_int_equal(n, 0);
}

static void test_an_answer_is_a_stream_with_an_end(void **state)
{
	(void)state;
	ask(7, ENDS_AT_ONCE);
	serve_until(&heard.n_ends, 1);
	assert_int_equal(heard.n_parts, 3);
	assert_int_equal(heard.end.seq, 7);
	assert_int_equal(heard.end.status, BLOB_LAST);
	assert_int_equal(heard.end.error, 0);
	assert_int_equal(heard.n_bytes, 9);
	assert_int_equal(heard.n_notices, 0);
}

static void test_a_cancelled_one_tells_the_rest(void **state)
{
	(void)state;
	ask(1, STREAMS);
	serve_until(&heard.n_parts, 1);
	assert_string_equal(heard.bytes, "first");
	assert_false(taps_cancel(&taps, 2, host_now_ns()));
	assert_int_equal(heard.n_ends, 0);
	assert_true(taps_cancel(&taps, 1, host_now_ns()));
	assert_true(taps_cancel(&taps, 1, host_now_ns()));
	serve_until(&heard.n_ends, 1);
	assert_string_equal(heard.bytes, "rest");
	assert_int_equal(heard.end.status, BLOB_LAST);
	assert_false(taps_cancel(&taps, 1, host_now_ns()));
}

static void test_one_that_cannot_open_says_why(void **state)
{
	(void)state;
	ask(1, REFUSES);
	serve_until(&heard.n_ends, 1);
	assert_int_equal(heard.end.status, BLOB_LAST);
	assert_int_equal(heard.end.error, EPERM);
	assert_string_equal(heard.bytes, "1 not here");
	assert_int_equal(heard.n_notices, 0);
}

static void test_one_that_dies_ends_its_answer_with_a_notice(void **state)
{
	(void)state;
	ask(1, DIES);
	serve_until(&heard.n_ends, 1);
	assert_int_equal(heard.end.status, BLOB_INTERRUPTED);
	assert_int_equal(heard.end.error, EIO);
	assert_int_equal(heard.n_notices, 1);
	reap_all();
	heard.n_parts = heard.n_ends = 0;
	ask(2, ENDS_AT_ONCE);
	serve_until(&heard.n_ends, 1);
	assert_int_equal(heard.end.status, BLOB_LAST);
}

static void test_one_that_does_not_end_is_killed(void **state)
{
	int64_t now_ns = host_now_ns();

	(void)state;
	ask(1, HANGS);
	assert_int_equal(taps_due_ns(&taps), INT64_MAX);
	taps_cancel(&taps, 1, now_ns);
	assert_true(taps_due_ns(&taps) > now_ns && taps_due_ns(&taps) < INT64_MAX);
	taps_forgive(&taps, 5);
	taps_tick(&taps, taps_due_ns(&taps) - 1);
	assert_int_equal(heard.n_ends, 0);
	taps_tick(&taps, taps_due_ns(&taps));
	assert_int_equal(heard.n_ends, 1);
	assert_int_equal(heard.end.status, BLOB_INTERRUPTED);
	assert_int_equal(heard.end.error, ETIMEDOUT);
	reap_all();
}

static void test_one_that_floods_waits_for_its_reader(void **state)
{
	struct timespec moment = {.tv_nsec = 200 * NS_PER_MS};
	unsigned before;

	(void)state;
	ask(1, FLOODS);
	nanosleep(&moment, NULL);
	assert_int_equal(heard.n_parts, 0);
	serve_until(&heard.n_parts, 50);
	before = heard.n_parts;
	taps_stop(&taps);
	reap_all();
	assert_int_equal(heard.n_parts, before);
}

/* Both ends of its socket are the last that the limit allows: none can be moved to its
 * place, where something of ours stands. */
static void ask_without_descriptors(uint32_t seq)
{
	int first = dup(STDERR_FILENO), second = dup(STDERR_FILENO);
	struct rlimit before, low;

	assert_true(first > STDERR_FILENO + 1 && second > first);
	close(first);
	close(second);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	low = before;
	low.rlim_cur = (rlim_t)second + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	ask(seq, ENDS_AT_ONCE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void test_one_without_descriptors_writes_nowhere(void **state)
{
	int place = STDERR_FILENO + 1, kept = fcntl(place, F_DUPFD_CLOEXEC, 10);
	siginfo_t ended;
	int ours[2];
	char byte;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ours), 0);
	assert_int_equal(dup2(ours[0], place), place);
	ask_without_descriptors(1);
	/* Before its end is met, which kills it. */
	assert_int_equal(waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT), 0);
	serve_until(&heard.n_ends, 1);
	reap_all();
	assert_int_equal(heard.end.status, BLOB_INTERRUPTED);
	assert_int_equal(heard.end.error, EIO);
	assert_int_equal(heard.n_notices, 1);
	assert_int_equal(recv(ours[1], &byte, 1, MSG_DONTWAIT), -1);
	close(ours[0]);
	close(ours[1]);
	if (kept >= 0)
		dup2(kept, place);
	close(kept >= 0 ? kept : place);
}

static void test_as_many_run_as_may(void **state)
{
	(void)state;
	for (uint32_t seq = 1; seq <= N_TAPS; seq++)
		ask(seq, HANGS);
	assert_int_equal(taps_request(&taps, 9, &request), -EBUSY);
}

static void test_without_a_way_to_capture_nothing_is_forked(void **state)
{
	(void)state;
	taps.ops = (struct tap_ops){0};
	assert_int_equal(taps_request(&taps, 1, &request), -ENOSYS);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_the_first_one_gets_the_file_for_packets(void **state)
{
	char got[16] = "";
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	taps.save_fd = fds[1];
	ask(1, ENDS_AT_ONCE);
	serve_until(&heard.n_ends, 1);
	heard.n_parts = 0;
	ask(2, ENDS_AT_ONCE);
	serve_until(&heard.n_ends, 2);
	reap_all();
	assert_int_equal(read(fds[0], got, sizeof(got)), 5);
	/* Nobody else holds it. */
	assert_int_equal(read(fds[0], got, sizeof(got)), 0);
	close(fds[0]);
}

static void test_one_can_have_a_file_of_its_own(void **state)
{
	char got[16] = "";
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	play = ENDS_AT_ONCE;
	assert_int_equal(taps_request_saving(&taps, 1, &request, fds[1], -1), 0);
	serve_until(&heard.n_ends, 1);
	heard.n_parts = 0;
	ask(2, ENDS_AT_ONCE);
	serve_until(&heard.n_ends, 2);
	reap_all();
	assert_int_equal(read(fds[0], got, sizeof(got)), 5);
	assert_int_equal(read(fds[0], got, sizeof(got)), 0);
	close(fds[0]);
}

static void test_a_file_is_closed_where_nothing_can_be_captured(void **state)
{
	char got[16];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	taps.ops = (struct tap_ops){0};
	assert_int_equal(taps_request_saving(&taps, 1, &request, fds[1], -1), -ENOSYS);
	assert_int_equal(read(fds[0], got, sizeof(got)), 0);
	close(fds[0]);
}

#define tap(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		tap(test_an_answer_is_a_stream_with_an_end),
		tap(test_a_cancelled_one_tells_the_rest),
		tap(test_one_that_cannot_open_says_why),
		tap(test_one_that_dies_ends_its_answer_with_a_notice),
		tap(test_one_that_does_not_end_is_killed),
		tap(test_one_that_floods_waits_for_its_reader),
		tap(test_one_without_descriptors_writes_nowhere),
		tap(test_as_many_run_as_may),
		tap(test_without_a_way_to_capture_nothing_is_forked),
		tap(test_the_first_one_gets_the_file_for_packets),
		tap(test_one_can_have_a_file_of_its_own),
		tap(test_a_file_is_closed_where_nothing_can_be_captured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

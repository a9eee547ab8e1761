/* Worker processes that are killed, stopped and forgotten: every request gets one answer
 * that ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/unit/lanes_ear.h"

#define MANY    200
#define N_KILLS 6 /* more than workers may be lost at a time */

static void test_a_request_is_answered(void **state)
{
	(void)state;
	ask(REQUEST_FILES);
	serve_until(1);
	expect_end(BLOB_LAST, 0);
	assert_true(heard.n_bytes > 0);
	assert_true(heard.end.wall_ns > 0 && heard.end.boot_ns > 0);
	assert_int_equal(heard.n_notices, 0);
}

static void test_two_owner_workers_make_one_answer(void **state)
{
	(void)state;
	ask(REQUEST_OWNERS);
	assert_true(lanes.lanes[1].pid > 0 && lanes.lanes[2].pid > 0);
	serve_until(1);
	expect_end(BLOB_LAST, 0);
	assert_true(heard.n_parts >= 2);
}

static void test_many_requests_are_answered_in_their_order(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		ask(REQUEST_NAMESPACES);
	serve_until(MANY);
	expect_end(BLOB_LAST, 0);
	assert_int_equal(lanes.n_queued, 0);
}

static void test_a_worker_killed_at_work_ends_its_answer(void **state)
{
	pid_t pid = worker(0);
	unsigned n = heard.n_ends;

	(void)state;
	kill(pid, SIGSTOP);
	ask(REQUEST_FILES);
	kill_worker(pid);
	serve_until(n + 1);
	expect_end(BLOB_INTERRUPTED, EIO);
	assert_int_equal(heard.n_notices, 1);
	assert_non_null(strstr(heard.notice, "file reader"));
	assert_non_null(strstr(heard.notice, "at work"));
	ask(REQUEST_FILES);
	serve_until(n + 2);
	expect_end(BLOB_LAST, 0);
	assert_int_not_equal(lanes.lanes[0].pid, pid);
}

/* Whether the end is heard by the socket first or by the signal. */
static void test_lost_workers_are_forgotten_once_reaped(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_KILLS; i++) {
		pid_t pid = worker(0);
		unsigned n = heard.n_ends;

		kill(pid, SIGSTOP);
		ask(REQUEST_FILES);
		kill_worker(pid);
		if (i % 2)
			assert_true(lanes_read(&lanes, 0, host_now_ns()));
		reap();
		assert_int_equal(heard.n_ends, n + 1);
		assert_int_equal(lanes.n_abandoned, 0);
		ask(REQUEST_FILES);
		serve_until(n + 2);
		expect_end(BLOB_LAST, 0);
	}
	assert_int_equal(heard.n_notices, N_KILLS);
}

static void test_what_a_worker_sent_before_its_death_still_counts(void **state)
{
	pid_t pid = worker(0);
	struct pollfd p = {.fd = lanes_fd(&lanes, 0), .events = POLLIN};

	(void)state;
	ask(REQUEST_NAMESPACES);
	assert_int_equal(poll(&p, 1, 10000), 1);
	kill_worker(pid);
	reap();
	assert_int_equal(heard.n_ends, 2);
	expect_end(BLOB_LAST, 0);
}

static void test_a_worker_killed_idle_is_said_and_replaced(void **state)
{
	(void)state;
	kill_worker(worker(0));
	reap();
	assert_int_equal(heard.n_notices, 1);
	assert_null(strstr(heard.notice, "at work"));
	assert_int_equal(lanes_fd(&lanes, 0), -1);
	ask(REQUEST_FILES);
	serve_until(2);
	expect_end(BLOB_LAST, 0);
}

static void test_a_death_not_heard_of_yet_costs_no_request(void **state)
{
	(void)state;
	kill_worker(worker(0));
	ask(REQUEST_FILES);
	serve_until(2);
	expect_end(BLOB_LAST, 0);
}

static void test_a_stopped_worker_is_cut_off_at_its_deadline(void **state)
{
	pid_t pid = worker(0), other = worker(1);
	unsigned n = heard.n_ends;
	int64_t start_ns = host_now_ns();

	(void)state;
	lanes.patience_ns = SHORT;
	kill(pid, SIGSTOP);
	ask(REQUEST_FILES);
	assert_true(lanes_due_ns(&lanes) - start_ns >= SHORT);
	serve_until(n + 1);
	expect_end(BLOB_TIMED_OUT, ETIMEDOUT);
	assert_true(host_now_ns() - start_ns >= SHORT);
	assert_int_equal(lanes_due_ns(&lanes) == INT64_MAX, 1);
	while (lanes.n_abandoned)
		reap();
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(lanes.lanes[1].pid, other);
	lanes.patience_ns = INT64_MAX;
	ask(REQUEST_FILES);
	serve_until(n + 2);
	expect_end(BLOB_LAST, 0);
}

static void test_time_in_which_nobody_listened_does_not_count(void **state)
{
	pid_t pid = worker(0);

	(void)state;
	lanes.patience_ns = SHORT;
	kill(pid, SIGSTOP);
	ask(REQUEST_FILES);
	lanes_forgive(&lanes, PATIENT);
	lanes_tick(&lanes, host_now_ns() + SHORT);
	assert_int_equal(heard.n_ends, 1);
	kill(pid, SIGCONT);
	serve_until(2);
	expect_end(BLOB_LAST, 0);
}

static void test_half_an_owner_scan_says_that_it_is_half(void **state)
{
	pid_t pid = worker(1);

	(void)state;
	kill(pid, SIGSTOP);
	ask(REQUEST_OWNERS);
	kill_worker(pid);
	heard.n_bytes = 0;
	serve_until(2);
	expect_end(BLOB_INTERRUPTED, EIO);
	assert_true(heard.n_bytes > 0);
}

static void test_too_many_that_would_not_die_start_no_further(void **state)
{
	(void)state;
	lanes.n_abandoned = 4;
	ask(REQUEST_FILES);
	serve_until(1);
	expect_end(BLOB_LAST, EBUSY);
	lanes.n_abandoned = 0;
}

static void test_a_full_queue_is_refused(void **state)
{
	static const uint8_t body[1];
	int error = 0;

	(void)state;
	for (unsigned i = 0; !error && i < 100000; i++)
		error = lanes_request(&lanes, i + 1, REQUEST_FILES, body, 0);
	assert_int_equal(error, -ENOBUFS);
}

static void test_the_slow_worker_is_started_only_when_needed(void **state)
{
	(void)state;
	lanes_start(&lanes, true);
	assert_true(lanes.lanes[0].pid > 0 && lanes.lanes[1].pid > 0);
	assert_int_equal(lanes.lanes[SLOW_LANE].pid, 0);
	ask(REQUEST_FILES); /* one at a time: the lanes end in no order among themselves */
	serve_until(1);
	ask(REQUEST_OWNERS);
	assert_int_equal(lanes.lanes[SLOW_LANE].pid, 0);
	serve_until(2);
	ask(REQUEST_CHANGES);
	assert_true(lanes.lanes[SLOW_LANE].pid > 0);
	serve_until(3);
	expect_end(BLOB_LAST, 0);
}

/* Its answer, asked for first, comes last. */
static void test_what_takes_long_holds_up_nothing_else(void **state)
{
	pid_t slow = worker(SLOW_LANE);

	(void)state;
	kill(slow, SIGSTOP);
	ask(REQUEST_CHANGES);
	ask(REQUEST_NAMESPACES);
	while (heard.n_ends < 2) {
		struct pollfd p = {.fd = lanes_fd(&lanes, 0), .events = POLLIN};

		assert_int_equal(poll(&p, 1, 10000), 1);
		lanes_read(&lanes, 0, host_now_ns());
	}
	assert_int_equal(heard.end.seq, 3);
	expect_end(BLOB_LAST, 0);
	kill(slow, SIGCONT);
	while (heard.n_ends < 3)
		lanes_read(&lanes, SLOW_LANE, host_now_ns());
	assert_int_equal(heard.end.seq, 2);
	expect_end(BLOB_LAST, 0);
}

/* A part as the worker sends it, from the other end of the lane's socket. */
static void send_part(int fd, uint32_t seq, uint32_t part, enum blob_status status)
{
	uint8_t head[MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE];
	struct blob b = {.seq = seq, .part = part, .status = status};

	message_put_blob(head, &b);
	assert_int_equal(send(fd, head, sizeof(head), 0), sizeof(head));
}

static void test_an_answer_that_starts_anew_counts_its_parts_anew(void **state)
{
	static const uint32_t parts[] = {0, 1, 0, 1};
	pid_t pid = worker(0);
	int fds[2];

	(void)state;
	kill(pid, SIGSTOP);
	ask(REQUEST_RULESET);
	assert_int_equal(mailbox_pair(fds), 0);
	mailbox_release(&lanes.lanes[0].box);
	assert_int_equal(mailbox_init_take(&lanes.lanes[0].box, fds[0]), 0);
	for (unsigned i = 0; i < 4; i++) {
		send_part(fds[1], 2, parts[i], i < 3 ? BLOB_MORE : BLOB_LAST);
		assert_true(lanes_read(&lanes, 0, host_now_ns()));
		assert_int_equal(heard.n_parts, parts[i] + 1);
	}
	assert_int_equal(heard.n_ends, 2);
	assert_false(heard.is_disordered);
	close(fds[1]);
}

static void test_what_no_worker_serves_is_refused(void **state)
{
	static const enum request_kind kinds[] = {REQUEST_SOCK_DIAG, REQUEST_RTNETLINK,
						  REQUEST_CAPTURE,   REQUEST_TRACE,
						  REQUEST_DROPS,     N_REQUEST_KINDS};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		assert_int_equal(lanes_request(&lanes, 1, kinds[i], "", 0), -EINVAL);
	assert_int_equal(lanes.n_queued, 0);
}

/* How many of its descriptors lead to something with this at the start of its name. */
static unsigned count_fds(pid_t pid, const char *start)
{
	char path[64], target[64];
	struct dirent *e;
	unsigned n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((e = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), e->d_name, target, sizeof(target));

		n += atoi(e->d_name) > STDERR_FILENO && len > (ssize_t)strlen(start) &&
		     !memcmp(target, start, strlen(start));
	}
	closedir(dir);
	return n;
}

static void test_a_worker_has_nothing_open_of_its_parent(void **state)
{
	int memory = memfd_create("parent", 0);
	int fd = fcntl(memory, F_DUPFD, 10);

	(void)state;
	close(memory);
	assert_true(fd >= 10);
	assert_int_equal(count_fds(getpid(), "/memfd:parent"), 1);
	worker(0);
	worker(1);
	worker(SLOW_LANE);
	for (unsigned i = 0; i < REMOTE_LANE; i++) {
		assert_int_equal(count_fds(lanes.lanes[i].pid, "/memfd:parent"), 0);
		assert_int_equal(count_fds(lanes.lanes[i].pid, "socket:"), 1);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_lanes(test_a_request_is_answered),
		with_lanes(test_two_owner_workers_make_one_answer),
		with_lanes(test_many_requests_are_answered_in_their_order),
		with_lanes(test_a_worker_killed_at_work_ends_its_answer),
		with_lanes(test_lost_workers_are_forgotten_once_reaped),
		with_lanes(test_what_a_worker_sent_before_its_death_still_counts),
		with_lanes(test_a_worker_killed_idle_is_said_and_replaced),
		with_lanes(test_a_death_not_heard_of_yet_costs_no_request),
		with_lanes(test_a_stopped_worker_is_cut_off_at_its_deadline),
		with_lanes(test_time_in_which_nobody_listened_does_not_count),
		with_lanes(test_half_an_owner_scan_says_that_it_is_half),
		with_lanes(test_too_many_that_would_not_die_start_no_further),
		with_lanes(test_a_full_queue_is_refused),
		with_lanes(test_a_worker_has_nothing_open_of_its_parent),
		with_lanes(test_the_slow_worker_is_started_only_when_needed),
		with_lanes(test_what_takes_long_holds_up_nothing_else),
		with_lanes(test_what_no_worker_serves_is_refused),
		with_lanes(test_an_answer_that_starts_anew_counts_its_parts_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

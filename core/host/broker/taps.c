/* Tap processes: forked, listened to, told to end. Does not know what they see. */
#include "core/host/broker/taps.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/broker/rights.h"

#define END_GRACE  (3 * NS_PER_S) /* for a tap that was told to end */
#define LAST_GRACE (1000 * NS_PER_MS)

void taps_init(struct taps *t, const struct tap_ops *ops, int save_fd,
	       const struct blob_sink *sink)
{
	*t = (struct taps){.save_fd = save_fd > 0 ? save_fd : -1, .sink = *sink};
	if (ops)
		t->ops = *ops;
	for (unsigned i = 0; i < N_TAPS; i++) {
		t->taps[i].box = MAILBOX_CLOSED;
		t->taps[i].kill_ns = INT64_MAX;
	}
}

/* Its socket ends: so does it, when it has told the rest. */
static void tell_to_end(struct tap *tap, int64_t now_ns)
{
	if (tap->is_ending || tap->box.fd < 0)
		return;
	tap->is_ending = true;
	tap->kill_ns = now_ns + END_GRACE;
	shutdown(tap->box.fd, SHUT_WR);
}

void taps_stop(struct taps *t)
{
	for (unsigned i = 0; i < N_TAPS; i++) {
		struct tap *tap = &t->taps[i];

		mailbox_release(&tap->box);
		tap->seq = 0;
	}
}

static void reap_until(struct taps *t, int64_t until_ns)
{
	struct timespec pause = {.tv_nsec = 2 * NS_PER_MS};
	unsigned n;

	do {
		n = 0;
		for (unsigned i = 0; i < N_TAPS; i++) {
			struct tap *tap = &t->taps[i];

			if (tap->pid > 0 && waitpid(tap->pid, NULL, WNOHANG) != 0)
				tap->pid = 0;
			n += tap->pid > 0;
		}
		if (n)
			nanosleep(&pause, NULL);
	} while (n && host_now_ns() < until_ns);
}

void taps_release(struct taps *t)
{
	taps_stop(t);
	reap_until(t, host_now_ns() + LAST_GRACE);
	for (unsigned i = 0; i < N_TAPS; i++)
		if (t->taps[i].pid > 0)
			kill(t->taps[i].pid, SIGKILL);
	reap_until(t, host_now_ns() + LAST_GRACE);
	if (t->save_fd >= 0)
		close(t->save_fd);
	t->save_fd = -1;
}

static struct tap *free_tap(struct taps *t)
{
	for (unsigned i = 0; i < N_TAPS; i++)
		if (!t->taps[i].seq && !t->taps[i].pid)
			return &t->taps[i];
	return NULL;
}

static struct tap *tap_of(struct taps *t, uint32_t seq)
{
	for (unsigned i = 0; i < N_TAPS; i++)
		if (seq && t->taps[i].seq == seq)
			return &t->taps[i];
	return NULL;
}

static const struct tap_ops *ops_of(const struct taps *t, enum request_kind kind)
{
	return kind == REQUEST_TRACE   ? &trace_ops
	       : kind == REQUEST_DROPS ? &drops_ops
				       : &t->ops;
}

/* How long it lasts at most by itself; INT64_MAX: until it is told. */
static int64_t patience_ns(const struct request *r)
{
	if (r->kind == REQUEST_TRACE)
		return r->trace.timeout_ms * NS_PER_MS;
	return r->kind == REQUEST_DROPS ? r->drops.timeout_ms * NS_PER_MS : INT64_MAX;
}

static int start(struct taps *t, struct tap *tap, uint32_t seq, const struct request *r)
{
	bool is_capture = r->kind == REQUEST_CAPTURE;
	int64_t lasts_ns = patience_ns(r);
	struct tap_start s = {.save_fd = is_capture ? t->save_fd : -1,
			      .seq = seq,
			      .request = r,
			      .ops = ops_of(t, r->kind)};
	int fds[2], error = mailbox_pair(fds);
	pid_t pid;

	if (error)
		return error;
	pid = fork();
	if (pid == 0) {
		s.socket = fds[1];
		tap_main(&s);
	}
	error = -errno;
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return error;
	}
	*tap = (struct tap){.pid = pid, .seq = seq, .kind = r->kind};
	/* It ends itself at its deadline; one that cannot is not waited for. */
	tap->kill_ns =
		lasts_ns == INT64_MAX ? INT64_MAX : host_now_ns() + lasts_ns + END_GRACE;
	error = mailbox_init_take(&tap->box, fds[0]);
	if (error)
		tap->seq = 0;
	return error;
}

int taps_request(struct taps *t, uint32_t seq, const struct request *r)
{
	struct tap *tap = free_tap(t);
	bool is_capture = r->kind == REQUEST_CAPTURE;
	int error;

	if (is_capture && !t->ops.open)
		return -ENOSYS;
	if (!tap)
		return -EBUSY;
	error = start(t, tap, seq, r);
	if (!error && is_capture && t->save_fd >= 0) {
		close(t->save_fd);
		t->save_fd = -1;
	}
	return error;
}

static void remember_file(struct tap *tap, const char *name, const struct stat *made)
{
	if (!tap || strlen(name) >= sizeof(tap->file))
		return;
	strcpy(tap->file, name);
	tap->made = *made;
}

int taps_request_saving(struct taps *t, uint32_t seq, const struct request *r, int save_fd,
			int dir_fd)
{
	int before = t->save_fd, error;
	struct stat made = {0};

	t->save_fd = save_fd;
	t->dir_fd = dir_fd;
	fstat(save_fd, &made);
	error = taps_request(t, seq, r);
	if (!error)
		remember_file(tap_of(t, seq), r->capture.save, &made);
	if (t->save_fd >= 0)
		close(t->save_fd);
	t->save_fd = before;
	return error;
}

bool taps_cancel(struct taps *t, uint32_t seq, int64_t now_ns)
{
	struct tap *tap = tap_of(t, seq);

	if (tap)
		tell_to_end(tap, now_ns);
	return tap != NULL;
}

int taps_fd(const struct taps *t, unsigned i)
{
	return t->taps[i].box.fd;
}

/* A capture that did not begin has no use for the file that was made for it. Another one of
 * that name is left alone. */
static void drop_empty_file(const struct taps *t, const struct tap *tap)
{
	struct stat now;

	if (!tap->file[0])
		return;
	rights_act_as_caller(true);
	if (!fstatat(t->dir_fd, tap->file, &now, AT_SYMLINK_NOFOLLOW) &&
	    now.st_dev == tap->made.st_dev && now.st_ino == tap->made.st_ino &&
	    now.st_size == 0)
		unlinkat(t->dir_fd, tap->file, 0);
	rights_act_as_caller(false);
}

/* The process may still be there for a moment: its place is free when it is reaped. */
static void end_answer(const struct taps *t, struct tap *tap)
{
	drop_empty_file(t, tap);
	tap->file[0] = '\0';
	tap->kill_ns = host_now_ns() + END_GRACE;
	mailbox_release(&tap->box);
	tap->seq = 0;
}

static const char *death_words(enum request_kind kind)
{
	if (kind == REQUEST_TRACE)
		return "the process that traces packets died, and its table with it; what "
		       "it saw so far stands";
	if (kind == REQUEST_DROPS)
		return "the process that watches for dropped packets died, and its program "
		       "with it; what it saw so far stands";
	return "the process that captures packets died; what it saw so far stands";
}

static void tap_died(struct taps *t, struct tap *tap, int error)
{
	struct blob b = {.seq = tap->seq,
			 .part = tap->next_part,
			 .status = BLOB_INTERRUPTED,
			 .error = error,
			 .netns = tap->netns};

	if (tap->pid > 0)
		kill(tap->pid, SIGKILL);
	/* First the sentence: whoever starts another one at the end of the answer has the
	 * last word. */
	t->sink.notice(t->sink.arg, death_words(tap->kind));
	blob_stamp(&b);
	t->sink.blob(t->sink.arg, &b);
	end_answer(t, tap);
}

/* One packet. False: there is none now. */
static bool take_packet(struct taps *t, struct tap *tap)
{
	int got = tap->box.fd < 0 ? 0 : mailbox_receive(&tap->box);
	struct message m;
	struct blob b;

	if (got == 0)
		return false;
	if (got < 0 || message_parse(&m, tap->box.packet, tap->box.packet_len) ||
	    message_get_blob(&b, &m) || b.seq != tap->seq || b.part != tap->next_part) {
		tap_died(t, tap, EIO);
		return false;
	}
	tap->next_part++;
	tap->netns = b.netns;
	t->sink.blob(t->sink.arg, &b);
	if (blob_is_end(&b))
		end_answer(t, tap);
	return true;
}

void taps_read(struct taps *t, unsigned i)
{
	take_packet(t, &t->taps[i]);
}

void taps_tick(struct taps *t, int64_t now_ns)
{
	for (unsigned i = 0; i < N_TAPS; i++) {
		struct tap *tap = &t->taps[i];

		if (now_ns < tap->kill_ns)
			continue;
		tap->kill_ns = INT64_MAX;
		if (tap->seq)
			tap_died(t, tap, ETIMEDOUT);
		else if (tap->pid > 0)
			kill(tap->pid, SIGKILL);
	}
}

int64_t taps_due_ns(const struct taps *t)
{
	int64_t due = INT64_MAX;

	for (unsigned i = 0; i < N_TAPS; i++)
		if (t->taps[i].pid > 0 && t->taps[i].kill_ns < due)
			due = t->taps[i].kill_ns;
	return due;
}

void taps_forgive(struct taps *t, int64_t ns)
{
	for (unsigned i = 0; i < N_TAPS; i++)
		if (t->taps[i].kill_ns != INT64_MAX)
			t->taps[i].kill_ns += ns;
}

bool taps_reaped(struct taps *t, pid_t pid)
{
	for (unsigned i = 0; i < N_TAPS; i++) {
		struct tap *tap = &t->taps[i];

		if (tap->pid != pid)
			continue;
		tap->pid = 0;
		tap->kill_ns = INT64_MAX;
		/* What it sent before is read as usual; then its socket's end is met. */
		return true;
	}
	return false;
}

/* Worker processes and their deadlines. Does not know what is read. */
#include "core/host/broker/lanes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "core/base/time.h"

#define QUEUE_MAX   1024
#define WORKERS_MAX 4 /* killed ones that would not die, before no new one is started */
#define REAP_GRACE  (200 * NS_PER_MS) /* at the end, for killed ones to be gone */

/* One request's answer, of one lane or of several together. */
struct lane_answer {
	uint32_t seq;
	enum request_kind kind;
	unsigned n_lanes, n_working;
	struct blob last; /* part counter; worst status and first error so far */
};

struct queued_request {
	struct queued_request *next;
	uint32_t seq;
	enum request_kind kind;
	size_t len;
	uint8_t body[];
};

static int64_t patience(const struct lanes *l, enum request_kind kind)
{
	static const int64_t ms[N_REQUEST_KINDS] = {
#define X(name, word, who, deadline_ms) [REQUEST_##name] = deadline_ms,
		REQUEST_KINDS(X)
#undef X
	};

	return ms[kind] * NS_PER_MS < l->patience_ns ? ms[kind] * NS_PER_MS
						     : l->patience_ns;
}

void lanes_init(struct lanes *l, unsigned n_owner_lanes, const struct blob_sink *sink)
{
	*l = (struct lanes){
		.n_owner_lanes = n_owner_lanes, .sink = *sink, .patience_ns = INT64_MAX};
	for (unsigned i = 0; i < N_LANES; i++)
		l->lanes[i].box = MAILBOX_CLOSED;
	l->lanes[0].role = (struct worker_role){.n_shards = 1};
	for (unsigned i = 0; i < n_owner_lanes; i++)
		l->lanes[1 + i].role = (struct worker_role){
			.shard = i, .n_shards = n_owner_lanes, .is_early = true};
	l->lanes[SLOW_LANE].role = (struct worker_role){.n_shards = 1};
	l->lanes[REMOTE_LANE].role = (struct worker_role){.n_shards = 1};
}

void lanes_find_owners(struct lanes *l, enum owners_way way)
{
	for (unsigned i = 0; i < N_LANES; i++)
		l->lanes[i].role.way = way;
}

static void stop_worker(struct lanes *l, struct lane *lane)
{
	if (lane_stop(lane))
		l->n_abandoned++;
}

/* So that nothing is left of us, not even a zombie where nobody else reaps. */
static void reap_briefly(unsigned n)
{
	struct timespec pause = {.tv_nsec = 2 * NS_PER_MS};
	sigset_t children, before;

	if (!n)
		return;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, &before);
	for (int64_t left = REAP_GRACE; n && left > 0; left -= pause.tv_nsec) {
		while (n && waitpid(-1, NULL, WNOHANG) > 0)
			n--;
		if (n)
			sigtimedwait(&children, NULL, &pause);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static int start_worker(const struct lanes *l, struct lane *lane)
{
	return l->n_abandoned < WORKERS_MAX ? lane_start(lane) : -EBUSY;
}

void lanes_start(struct lanes *l, bool with_owners)
{
	for (unsigned i = l->looks_once; i <= (with_owners ? l->n_owner_lanes : 0); i++)
		if (!l->lanes[i].pid && start_worker(l, &l->lanes[i]))
			stop_worker(l, &l->lanes[i]);
}

void lanes_stop(struct lanes *l)
{
	for (unsigned i = 0; i < N_LANES; i++)
		stop_worker(l, &l->lanes[i]);
}

void lanes_release(struct lanes *l)
{
	for (unsigned i = 0; i < N_LANES; i++) {
		struct lane_answer *a = l->lanes[i].answer;

		stop_worker(l, &l->lanes[i]);
		if (a && --a->n_working == 0)
			free(a);
	}
	while (l->first) {
		struct queued_request *q = l->first;

		l->first = q->next;
		free(q);
	}
	l->last = NULL;
	l->n_queued = 0;
	reap_briefly(l->n_abandoned);
}

static void emit(struct lanes *l, struct lane_answer *a, struct blob b)
{
	b.seq = a->seq;
	b.part = a->last.part++;
	l->sink.blob(l->sink.arg, &b);
}

/* One lane is done with its share. The last one ends the answer. */
static void finish_share(struct lanes *l, struct lane *lane, struct blob b)
{
	struct lane_answer *a = lane->answer;

	lane->answer = NULL;
	if (b.status > a->last.status)
		a->last.status = b.status;
	if (!a->last.error)
		a->last.error = b.error;
	if (--a->n_working) {
		b.status = BLOB_MORE;
		b.error = 0;
		if (b.len)
			emit(l, a, b);
		return;
	}
	b.status = a->last.status == BLOB_MORE ? BLOB_LAST : a->last.status;
	b.error = a->last.error;
	emit(l, a, b);
	free(a);
}

static void fail_share(struct lanes *l, struct lane *lane, enum blob_status status,
		       int error)
{
	struct blob b = {.status = status, .error = error};

	blob_stamp(&b);
	if (lane->answer)
		finish_share(l, lane, b);
}

/* Who answers, as the third column of REQUEST_KINDS. */
enum server { BROKER, WORKER, OWNER_WORKERS, SLOW_WORKER, REMOTE_WORKER, TAP };

static enum server server_of(enum request_kind kind)
{
	static const enum server servers[N_REQUEST_KINDS] = {
#define X(name, word, who, ms) [REQUEST_##name] = who,
		REQUEST_KINDS(X)
#undef X
	};

	return (unsigned)kind < N_REQUEST_KINDS ? servers[kind] : BROKER;
}

/* Where the files are read: a process that is there already is not forked again. */
static unsigned file_lane(const struct lanes *l)
{
	return l->has_ended && l->lanes[1].pid && !l->lanes[1].answer;
}

static bool lane_serves(const struct lanes *l, unsigned i, enum request_kind kind)
{
	switch (server_of(kind)) {
	case WORKER:
		return i == file_lane(l);
	case OWNER_WORKERS:
		return i >= 1 && i <= l->n_owner_lanes;
	case SLOW_WORKER:
		return i == SLOW_LANE;
	case REMOTE_WORKER:
		return i == REMOTE_LANE;
	case BROKER:
	case TAP:
		break;
	}
	return false;
}

static bool can_start(const struct lanes *l, enum request_kind kind)
{
	for (unsigned i = 0; i < N_LANES; i++)
		if (lane_serves(l, i, kind) && l->lanes[i].answer)
			return false;
	return true;
}

static int hand_over(struct lanes *l, struct lane *lane, const struct queued_request *q)
{
	bool is_old = lane->pid > 0;
	int error = is_old ? 0 : start_worker(l, lane);

	if (!error)
		error = lane_send(lane, q->seq, q->body, q->len);
	if (!is_old || error != -EPIPE)
		return error;
	/* It died idle and we had not heard of it. */
	stop_worker(l, lane);
	error = start_worker(l, lane);
	return error ? error : lane_send(lane, q->seq, q->body, q->len);
}

static void start_request(struct lanes *l, const struct queued_request *q, int64_t now_ns)
{
	struct lane_answer *a = calloc(1, sizeof(*a));
	struct blob failed = {.seq = q->seq, .status = BLOB_LAST, .error = ENOMEM};

	if (!a) {
		blob_stamp(&failed);
		l->sink.blob(l->sink.arg, &failed);
		return;
	}
	*a = (struct lane_answer){.seq = q->seq, .kind = q->kind};
	for (unsigned i = 0; i < N_LANES; i++) {
		if (!lane_serves(l, i, q->kind))
			continue;
		a->n_lanes++;
		a->n_working++;
		l->lanes[i].answer = a;
		l->lanes[i].deadline_ns = now_ns + patience(l, q->kind);
	}
	for (unsigned i = 0; i < N_LANES; i++) {
		int error = l->lanes[i].answer == a ? hand_over(l, &l->lanes[i], q) : 0;

		if (error) {
			stop_worker(l, &l->lanes[i]);
			fail_share(l, &l->lanes[i], BLOB_LAST, -error);
		}
	}
}

/* The first waiting request that finds its lanes idle: the order within a lane is kept, as
 * all of a lane wait for the same lanes. */
static void start_waiting(struct lanes *l, int64_t now_ns)
{
	struct queued_request **at = &l->first;
	struct queued_request *before = NULL;

	while (*at) {
		struct queued_request *q = *at;

		if (!can_start(l, q->kind)) {
			before = q;
			at = &q->next;
			continue;
		}
		*at = q->next;
		if (l->last == q)
			l->last = before;
		l->n_queued--;
		start_request(l, q, now_ns);
		free(q);
	}
}

int lanes_request(struct lanes *l, uint32_t seq, enum request_kind kind, const void *body,
		  size_t len)
{
	struct queued_request *q;

	if (server_of(kind) == BROKER || server_of(kind) == TAP)
		return -EINVAL;
	if (l->n_queued >= QUEUE_MAX)
		return -ENOBUFS;
	q = malloc(sizeof(*q) + len);
	if (!q)
		return -ENOMEM;
	*q = (struct queued_request){.seq = seq, .kind = kind, .len = len};
	memcpy(q->body, body, len);
	if (l->last)
		l->last->next = q;
	else
		l->first = q;
	l->last = q;
	l->n_queued++;
	return 0;
}

int lanes_fd(const struct lanes *l, unsigned i)
{
	return l->lanes[i].box.fd;
}

static const char *lane_word(unsigned i)
{
	if (i == REMOTE_LANE)
		return "ssh";
	if (i == SLOW_LANE)
		return "log reader";
	return i == 0 ? "file reader" : "owner scan";
}

static void worker_died(struct lanes *l, unsigned i)
{
	char sentence[NOTICE_MAX];
	bool was_working = l->lanes[i].answer != NULL;

	stop_worker(l, &l->lanes[i]);
	fail_share(l, &l->lanes[i], BLOB_INTERRUPTED, EIO);
	snprintf(sentence, sizeof(sentence),
		 "the %s's process died%s; the next look starts it again", lane_word(i),
		 was_working ? " at work" : "");
	l->sink.notice(l->sink.arg, sentence);
}

/* One packet of a lane. False: there is none, or no process any more. */
static bool take_packet(struct lanes *l, unsigned i)
{
	struct lane *lane = &l->lanes[i];
	struct message m;
	struct blob b;
	int got = lane->box.fd < 0 ? 0 : mailbox_receive(&lane->box);

	if (got == 0)
		return false;
	if (got < 0 || message_parse(&m, lane->box.packet, lane->box.packet_len) ||
	    message_get_blob(&b, &m) || !lane->answer || b.seq != lane->answer->seq) {
		worker_died(l, i);
		return true;
	}
	/* A dump that changed under way starts anew. */
	if (b.part == 0 && lane->answer->n_lanes == 1)
		lane->answer->last.part = 0;
	if (blob_is_end(&b))
		finish_share(l, lane, b);
	else
		emit(l, lane->answer, b);
	return true;
}

bool lanes_read(struct lanes *l, unsigned i, int64_t now_ns)
{
	bool had_packet = take_packet(l, i);

	if (had_packet)
		start_waiting(l, now_ns);
	if (l->looks_once && i == 0 && !l->lanes[0].answer && l->lanes[0].pid) {
		stop_worker(l, &l->lanes[0]);
		l->has_ended = true;
	}
	return had_packet;
}

void lanes_tick(struct lanes *l, int64_t now_ns)
{
	for (unsigned i = 0; i < N_LANES; i++) {
		struct lane *lane = &l->lanes[i];

		if (!lane->answer || now_ns < lane->deadline_ns)
			continue;
		stop_worker(l, lane);
		fail_share(l, lane, BLOB_TIMED_OUT, ETIMEDOUT);
	}
	start_waiting(l, now_ns);
}

int64_t lanes_due_ns(const struct lanes *l)
{
	int64_t due = INT64_MAX;

	for (unsigned i = 0; i < N_LANES; i++)
		if (l->lanes[i].answer && l->lanes[i].deadline_ns < due)
			due = l->lanes[i].deadline_ns;
	return due;
}

void lanes_forgive(struct lanes *l, int64_t ns)
{
	for (unsigned i = 0; i < N_LANES; i++)
		if (l->lanes[i].answer)
			l->lanes[i].deadline_ns += ns;
}

bool lanes_reaped(struct lanes *l, pid_t pid, int64_t now_ns)
{
	for (unsigned i = 0; i < N_LANES; i++) {
		struct lane *lane = &l->lanes[i];

		if (lane->pid != pid)
			continue;
		lane->pid = 0; /* the number may be another's from now on */
		/* What it sent before it died is read first. */
		while (lane->answer && take_packet(l, i))
			;
		if (lane->box.fd >= 0)
			worker_died(l, i);
		start_waiting(l, now_ns);
		return true;
	}
	if (l->n_abandoned)
		l->n_abandoned--;
	return false;
}

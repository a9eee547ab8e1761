/*
 * One capture from its opening to its last record. Chooses what is told and when; knows no
 * packet format (packet), no outcome (tracker) and no process (core/host/taps).
 */
#include "capture/child.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "capture/ports.h"
#include "capture/source.h"
#include "capture/tracker.h"

#define NS_PER_MS     INT64_C(1000000)
#define TICK_NS       (100 * NS_PER_MS)
#define STATE_NS      (1000 * NS_PER_MS)
#define RING_DELAY_NS (250 * NS_PER_MS) /* a packet may wait so long in the ring */
#define DRAIN_MS      120 /* the kernel gives a block of packets after 50 ms at the latest */
#define CHUNK         8192 /* frames before the clock is looked at */
#define PART_BYTES    60000
#define TOLD_MAX      256   /* records in a tick */
#define TOLD_LAST     65536 /* when a live capture ends */
#define SAVE_BYTES    (INT64_C(1) << 30)

struct capture_child {
	struct capture_plan plan;
	struct source_in *source;
	struct tracker *tracker;
	struct ports *ports; /* NULL: of a flow */
	const struct record_sink *sink;
	int sink_error;
	bool is_file, has_told_save;
	size_t n_left; /* records that may still be told in this tick */
	uint64_t n_not_told;
	uint64_t n_presumed; /* half-open by the tracker, answered by the lack of ACKs */
	size_t len;
	uint8_t part[PART_BYTES];
};

static int64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 * NS_PER_MS + t.tv_nsec;
}

/* ---- telling ---- */

static void flush(struct capture_child *c)
{
	if (c->len && !c->sink_error && c->sink->put(c->sink->arg, c->part, c->len))
		c->sink_error = -EPIPE;
	c->len = 0;
}

static void tell(struct capture_child *c, const struct record *r)
{
	if (c->len + RECORD_MAX > PART_BYTES)
		flush(c);
	c->len += record_put(c->part + c->len, r);
}

static void tell_state(struct capture_child *c)
{
	struct record r = {.kind = RECORD_STATE};
	struct capture_state *s = &r.state;
	uint64_t presumed;

	s->is_ready = true;
	s->wall_ns = clock_ns(CLOCK_REALTIME);
	source_state(c->source, s);
	tracker_state(c->tracker, s);
	s->n_not_told = c->n_not_told;
	s->n_ports_left_out = c->ports ? ports_n_evicted(c->ports) : 0;
	presumed = c->n_presumed < s->n_outcomes[OUTCOME_HALF_OPEN]
			   ? c->n_presumed
			   : s->n_outcomes[OUTCOME_HALF_OPEN];
	s->n_outcomes[OUTCOME_HALF_OPEN] -= presumed;
	s->n_outcomes[OUTCOME_ANSWERED] += presumed;
	tell(c, &r);
}

static void tell_problem(struct capture_child *c, int error, const char *sentence)
{
	uint8_t bytes[RECORD_MAX];
	size_t len = capture_problem(bytes, error, sentence);

	if (c->len + len > PART_BYTES)
		flush(c);
	memcpy(c->part + c->len, bytes, len);
	c->len += len;
}

size_t capture_problem(void *out, int error, const char *sentence)
{
	struct record r = {.kind = RECORD_PROBLEM, .problem.error = error};

	snprintf(r.problem.text, sizeof(r.problem.text), "%s", sentence);
	return record_put(out, &r);
}

static void tell_port(void *arg, const struct port_count *count)
{
	struct record r = {.kind = RECORD_PORT, .port = *count};
	uint32_t *n = r.port.n_outcomes, presumed = n[OUTCOME_OPEN];

	if (presumed > n[OUTCOME_HALF_OPEN])
		presumed = n[OUTCOME_HALF_OPEN];
	n[OUTCOME_OPEN] = 0;
	n[OUTCOME_HALF_OPEN] -= presumed;
	n[OUTCOME_ANSWERED] += presumed;
	tell(arg, &r);
}

static bool is_planned_port(const struct capture_plan *p, uint16_t port)
{
	for (unsigned i = 0; i < p->n_ports; i++)
		if (p->ports[i] == port)
			return true;
	return p->n_ports == 0;
}

/* A server sends its SYN-ACK again after a second if no ACK came. The row of its port
 * counts it as open beside half-open, until the row is told. */
static void presume(struct capture_child *c, const struct attempt *a)
{
	if (c->is_file || a->outcome != OUTCOME_HALF_OPEN || a->n_syn_acks != 1 ||
	    a->n_client_resets)
		return;
	c->n_presumed++;
	ports_outcome(c->ports, &a->server, a->server_port, a->proto, OUTCOME_OPEN);
}

static void take_attempt(void *arg, const struct attempt *told)
{
	struct capture_child *c = arg;
	struct record r = {.kind = RECORD_ATTEMPT};

	if (!is_planned_port(&c->plan, told->server_port))
		return;
	if (c->plan.kind == CAPTURE_DASHBOARD) {
		presume(c, told);
		return;
	}
	if (!c->n_left && !c->is_file) {
		c->n_not_told += told->is_decided;
		return;
	}
	c->n_left -= c->n_left > 0;
	r.attempt = *told;
	tell(c, &r);
}

/* ---- what the plan is about ---- */

static bool is_planned_end(const struct addr *wanted, const struct flow *f)
{
	return !wanted->family || addr_equals(wanted, &f->source) ||
	       addr_equals(wanted, &f->target);
}

/* The filter lets more pass, to show that packets are seen at all. */
static bool is_planned(const struct capture_plan *p, const struct packet *packet)
{
	const struct flow *f = &packet->flow;

	if (p->proto && f->proto != p->proto)
		return false;
	if (!is_planned_port(p, f->source_port) && !is_planned_port(p, f->target_port))
		return false;
	return is_planned_end(&p->server, f);
}

static void take_packets(void *arg, const struct packet *packets, size_t n)
{
	struct capture_child *c = arg;
	struct packet planned[SOURCE_BATCH];
	size_t n_planned = 0;

	if (!c->plan.n_ports && !c->plan.proto && !c->plan.server.family) {
		tracker_packets(c->tracker, packets, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (is_planned(&c->plan, &packets[i]))
			planned[n_planned++] = packets[i];
	if (n_planned)
		tracker_packets(c->tracker, planned, n_planned);
}

/* ---- opening ---- */

static size_t max_attempts(const struct capture_child *c)
{
	if (c->is_file && c->plan.kind != CAPTURE_FLOW)
		return (size_t)1 << 17;
	return c->plan.kind == CAPTURE_ALL ? (size_t)1 << 18 : (size_t)1 << 17;
}

/* A file's dashboard has counts only: its outcomes need not be presumed. */
static bool is_told_one_by_one(const struct capture_child *c)
{
	return !c->is_file || c->plan.kind != CAPTURE_DASHBOARD;
}

static int set_up(struct capture_child *c)
{
	struct tracker_options o = {
		.max_attempts = max_attempts(c),
		.with_events = c->plan.kind == CAPTURE_FLOW,
		.tell = is_told_one_by_one(c) ? take_attempt : NULL,
		.arg = c,
	};

	if (c->plan.kind != CAPTURE_FLOW) {
		c->ports = ports_new(PORTS_MAX, clock_ns(CLOCK_REALTIME));
		if (!c->ports)
			return -ENOMEM;
	}
	o.ports = c->ports;
	/* Less randomness than wished for is no reason not to look. */
	if (getrandom(&o.seed, sizeof(o.seed), GRND_NONBLOCK) != sizeof(o.seed))
		o.seed = (uint64_t)clock_ns(CLOCK_REALTIME);
	c->tracker = tracker_new(&o);
	return c->tracker ? 0 : -ENOMEM;
}

static int open_live(struct capture_child *c, char error[SOURCE_ERROR_MAX])
{
	const struct capture_plan *p = &c->plan;
	char filter[4096];
	struct live_options o = {
		.device = *p->device ? p->device : "any",
		.filter = filter,
		.snaplen = p->kind == CAPTURE_FLOW ? 1024 : 128,
		.buffer_bytes = p->kind == CAPTURE_ALL ? 16 << 20 : 4 << 20,
		.is_promiscuous = p->is_promiscuous,
	};

	if (capture_filter(p, filter, sizeof(filter))) {
		strcpy(error, "the filter is too long");
		return -E2BIG;
	}
	return source_open_live(&c->source, &o, error);
}

static struct capture_child *child_new(const struct capture_plan *p, bool is_file)
{
	struct capture_child *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->plan = *p;
	c->is_file = is_file;
	if (set_up(c) == 0)
		return c;
	capture_child_free(c);
	return NULL;
}

static int refuse_memory(char *error, size_t room)
{
	snprintf(error, room, "there is not enough memory for a capture");
	return -ENOMEM;
}

int capture_child_open(struct capture_child **out, const struct capture_plan *p,
		       int save_fd, bool with_payload, char *error, size_t room)
{
	struct capture_child *c = child_new(p, false);
	char sentence[SOURCE_ERROR_MAX] = "";
	int code = c ? open_live(c, sentence) : refuse_memory(sentence, sizeof(sentence));

	if (!code && save_fd >= 0) {
		code = source_save_take(c->source, save_fd, with_payload, SAVE_BYTES,
					sentence);
		save_fd = -1;
	}
	if (!code) {
		*out = c;
		return 0;
	}
	if (save_fd >= 0)
		close(save_fd);
	snprintf(error, room, "%s", sentence);
	capture_child_free(c);
	return code;
}

int capture_child_open_file_take(struct capture_child **out, const struct capture_plan *p,
				 int fd, char *error, size_t room)
{
	struct capture_child *c = child_new(p, true);
	char sentence[SOURCE_ERROR_MAX] = "";
	int code;

	if (!c) {
		close(fd);
		return refuse_memory(error, room);
	}
	code = source_open_file_take(&c->source, fd, NULL, sentence);
	if (!code) {
		*out = c;
		return 0;
	}
	snprintf(error, room, "%s", sentence);
	capture_child_free(c);
	return code;
}

void capture_child_free(struct capture_child *c)
{
	if (!c)
		return;
	tracker_free(c->tracker);
	ports_free(c->ports);
	source_close(c->source);
	free(c);
}

/* ---- running ---- */

/* When the next tick and the next state are due, CLOCK_MONOTONIC. */
struct schedule {
	int64_t tick_ns, state_ns;
};

static void look_at_saving(struct capture_child *c)
{
	int error = c->has_told_save ? 0 : source_save_error(c->source);

	if (!error)
		return;
	c->has_told_save = true;
	tell_problem(c, -error,
		     error == -EFBIG ? "the file of packets reached its limit of 1 GiB: "
				       "what came later is not in it"
				     : "the file of packets could not be written to its "
				       "end: what came later is not in it");
}

/* Silence decides only when all that the ring held was read. */
static void keep_time(struct capture_child *c, struct schedule *due, bool is_read_empty)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	int64_t wall_ns = clock_ns(CLOCK_REALTIME);

	if (now_ns < due->tick_ns)
		return;
	due->tick_ns = now_ns + TICK_NS;
	c->n_left = TOLD_MAX;
	if (is_read_empty)
		tracker_tick(c->tracker, wall_ns - RING_DELAY_NS);
	tracker_tell(c->tracker);
	if (now_ns >= due->state_ns) {
		due->state_ns = now_ns + STATE_NS;
		if (c->ports)
			ports_emit(c->ports, wall_ns, tell_port, c);
		source_save_flush(c->source);
		look_at_saving(c);
		tell_state(c);
	}
	flush(c);
}

/* The end of everything: what is undecided is told as such. */
static void tell_rest(struct capture_child *c)
{
	c->n_left = TOLD_LAST;
	tracker_finish(c->tracker);
	if (c->ports)
		ports_emit(c->ports, clock_ns(CLOCK_REALTIME), tell_port, c);
	source_save_close(c->source);
	look_at_saving(c);
	tell_state(c);
	flush(c);
}

static bool is_readable(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, timeout_ms) > 0;
}

static long drain(struct capture_child *c, char error[SOURCE_ERROR_MAX])
{
	int64_t end_ns = clock_ns(CLOCK_MONOTONIC) + DRAIN_MS * NS_PER_MS, left_ns;
	long got = 0;

	while (got >= 0 && (left_ns = end_ns - clock_ns(CLOCK_MONOTONIC)) > 0) {
		is_readable(source_fd(c->source), (int)(left_ns / NS_PER_MS) + 1);
		got = source_read(c->source, CHUNK, take_packets, c, error);
	}
	return got;
}

static int wait_ms(const struct schedule *due)
{
	int64_t left = due->tick_ns - clock_ns(CLOCK_MONOTONIC);

	return left <= 0 ? 0 : (int)(left / NS_PER_MS) + 1;
}

static int run_live(struct capture_child *c, int stop_fd, char error[SOURCE_ERROR_MAX])
{
	struct pollfd polls[2] = {{source_fd(c->source), POLLIN, 0}, {stop_fd, POLLIN, 0}};
	struct schedule due = {0};
	long got = 0;

	while (got >= 0 && !c->sink_error && !polls[1].revents) {
		poll(polls, 2, got == CHUNK ? 0 : wait_ms(&due));
		got = source_read(c->source, CHUNK, take_packets, c, error);
		keep_time(c, &due, got >= 0 && got < CHUNK);
	}
	if (got >= 0 && !c->sink_error)
		got = drain(c, error);
	return got < 0 ? (int)got : 0;
}

static int run_file(struct capture_child *c, int stop_fd, char error[SOURCE_ERROR_MAX])
{
	int64_t state_ns = clock_ns(CLOCK_MONOTONIC) + TICK_NS, now_ns;
	long got;

	while ((got = source_read(c->source, CHUNK, take_packets, c, error)) > 0) {
		now_ns = clock_ns(CLOCK_MONOTONIC);
		if (now_ns < state_ns)
			continue;
		state_ns = now_ns + TICK_NS;
		tell_state(c);
		flush(c);
		if (c->sink_error || is_readable(stop_fd, 0))
			break;
	}
	return got < 0 ? (int)got : 0;
}

int capture_child_run(struct capture_child *c, int stop_fd, const struct record_sink *sink)
{
	char error[SOURCE_ERROR_MAX] = "";
	int code;

	c->sink = sink;
	if (c->plan.kind != CAPTURE_FLOW)
		source_keep_little(c->source);
	c->n_left = TOLD_MAX;
	tell_state(c);
	flush(c);
	code = c->is_file ? run_file(c, stop_fd, error) : run_live(c, stop_fd, error);
	if (code)
		tell_problem(c, -code, error);
	tell_rest(c);
	return c->sink_error ? c->sink_error : code;
}

/*
 * One capture from its opening to its last record. Chooses what is looked at, and when
 * something is told (what: child_tell.c); knows no packet format (packet), no outcome
 * (tracker) and no process (core/host/taps).
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

#include "capture/child_impl.h"
#include "core/base/time.h"

#define TELL_RARELY     20 /* a twentieth of the time is spent on it */
#define TICK_NS         (100 * NS_PER_MS)
#define STATE_NS        NS_PER_S
#define RING_DELAY_NS   (250 * NS_PER_MS) /* a packet may wait so long in the ring */
#define DRAIN_MS        120 /* the kernel gives a block of packets after 50 ms at the latest */
#define CHUNK           8192              /* frames before the clock is looked at */
#define CLIENT_ATTEMPTS ((size_t)1 << 14) /* of one that is named */
#define SAVE_BYTES      (INT64_C(1) << 30)
#define RING_BYTES      (16 << 20) /* a quarter of a second of the fastest flood */

static int64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
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
	if (!child_is_planned_port(p, f->source_port) &&
	    !child_is_planned_port(p, f->target_port))
		return false;
	return is_planned_end(&p->server, f);
}

static bool is_of_client(const struct capture_plan *p, const struct flow *f)
{
	return addr_equals(&p->client, &f->source) || addr_equals(&p->client, &f->target);
}

/* Of a flow to another port: what this host makes of it, or sends on, has its beginning. */
static bool is_around(const struct capture_child *c, const struct packet *packet)
{
	return c->around && packet->flow.proto == IPPROTO_TCP &&
	       (!c->plan.proto || c->plan.proto == IPPROTO_TCP);
}

/* Packets in their order, for one of the trackers. */
struct share {
	struct packet packets[SOURCE_BATCH];
	size_t n;
};

static void take_share(struct tracker *t, const struct share *s)
{
	if (s->n)
		tracker_packets(t, s->packets, s->n);
}

static void take_packets(void *arg, const struct packet *packets, size_t n)
{
	struct capture_child *c = arg;
	const struct capture_plan *p = &c->plan;
	struct share wanted, others, around;

	if (!p->n_ports && !p->proto && !p->server.family && !c->others) {
		tracker_packets(c->tracker, packets, n);
		return;
	}
	wanted.n = others.n = around.n = 0;
	for (size_t i = 0; i < n; i++) {
		struct share *s =
			!c->others || is_of_client(p, &packets[i].flow) ? &wanted : &others;

		if (is_planned(p, &packets[i]))
			s->packets[s->n++] = packets[i];
		else if (is_around(c, &packets[i]))
			around.packets[around.n++] = packets[i];
	}
	take_share(c->tracker, &wanted);
	take_share(c->others, &others);
	take_share(c->around, &around);
}

/* ---- opening ---- */

/* A flow's reader keeps 20,000; and its attempts are large, as they have their packets. */
static size_t max_attempts(const struct capture_child *c)
{
	return (size_t)1 << (c->plan.kind == CAPTURE_FLOW && !c->is_file ? 15 : 17);
}

/* A dashboard has counts only. */
static bool is_told_one_by_one(const struct capture_child *c)
{
	return c->plan.kind != CAPTURE_DASHBOARD;
}

static bool has_client(const struct capture_child *c)
{
	return c->plan.kind == CAPTURE_FLOW && c->plan.client.family;
}

static bool has_surroundings(const struct capture_child *c)
{
	return c->plan.kind == CAPTURE_FLOW && c->plan.n_ports && !c->is_file;
}

static int make_around(struct capture_child *c, struct tracker_options *o)
{
	if (!has_surroundings(c))
		return 0;
	o->max_attempts = CHILD_AROUND;
	o->with_events = false;
	o->arg = &c->beyond;
	c->around = tracker_new(o);
	return c->around ? 0 : -ENOMEM;
}

static int make_trackers(struct capture_child *c, struct tracker_options *o)
{
	o->with_events = c->plan.kind == CAPTURE_FLOW;
	o->max_attempts = has_client(c) ? CLIENT_ATTEMPTS : max_attempts(c);
	o->arg = &c->first;
	c->tracker = tracker_new(o);
	if (!c->tracker || !has_client(c))
		return c->tracker ? make_around(c, o) : -ENOMEM;
	o->max_attempts = max_attempts(c);
	o->with_events = false; /* nor does the filter let others' data pass */
	o->arg = &c->rest;
	c->others = tracker_new(o);
	return c->others ? make_around(c, o) : -ENOMEM;
}

static int set_up(struct capture_child *c)
{
	struct tracker_options o = {
		.tell = is_told_one_by_one(c) ? child_take_attempt : NULL,
		.wants = child_wants_attempt,
		/* The dashboard's filter lets no ACK pass; a file has them. */
		.presumes_answered = c->plan.kind == CAPTURE_DASHBOARD && !c->is_file,
		.tells_once = c->is_file,
	};

	c->first.child = c->rest.child = c->beyond.child = c;
	if (c->plan.kind != CAPTURE_FLOW) {
		c->ports = ports_new(PORTS_MAX, clock_ns(CLOCK_REALTIME));
		if (!c->ports)
			return -ENOMEM;
	}
	o.ports = c->ports;
	/* Less randomness than wished for is no reason not to look. */
	if (getrandom(&o.seed, sizeof(o.seed), GRND_NONBLOCK) != sizeof(o.seed))
		o.seed = (uint64_t)clock_ns(CLOCK_REALTIME);
	return make_trackers(c, &o);
}

static int open_live(struct capture_child *c, char error[SOURCE_ERROR_MAX])
{
	const struct capture_plan *p = &c->plan;
	char filter[4096];
	struct live_options o = {
		.device = *p->device ? p->device : "any",
		.filter = filter,
		.snaplen = p->kind == CAPTURE_FLOW ? 1024 : 128,
		.buffer_bytes = RING_BYTES,
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
		child_open_links(c);
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
	tracker_free(c->others);
	tracker_free(c->around);
	ports_free(c->ports);
	child_close_links(c);
	source_close(c->source);
	free(c);
}

/* ---- running ---- */

/* When the next tick, state and telling of changes are due, and the last tick was,
 * CLOCK_MONOTONIC. */
struct schedule {
	int64_t tick_ns, state_ns, tell_ns, last_ns;
};

static void look_at_saving(struct capture_child *c)
{
	int error = c->has_told_save ? 0 : source_save_error(c->source);

	if (!error)
		return;
	c->has_told_save = true;
	child_tell_problem(c, -error,
			   error == -EFBIG
				   ? "the file of packets reached its limit of 1 GiB: "
				     "what came later is not in it"
				   : "the file of packets could not be written to its "
				     "end: what came later is not in it");
}

static void tick(struct capture_child *c, int64_t now_ns)
{
	tracker_tick(c->tracker, now_ns);
	if (c->others)
		tracker_tick(c->others, now_ns);
	if (c->around)
		tracker_tick(c->around, now_ns);
}

/* Going through a flood takes long, and nothing is read meanwhile: the longer, the rarer.
 * The client that is named does not wait for that. */
static void tell_changes(struct capture_child *c, struct schedule *due, int64_t now_ns)
{
	if (c->others)
		tracker_tell(c->tracker);
	if (now_ns < due->tell_ns)
		return;
	tracker_tell(c->others ? c->others : c->tracker);
	if (c->around)
		tracker_tell(c->around);
	due->tell_ns = now_ns + (clock_ns(CLOCK_MONOTONIC) - now_ns) * TELL_RARELY;
}

/* Nothing is to be decided or told but the state. */
static bool is_quiet(const struct capture_child *c)
{
	return !tracker_is_waiting(c->tracker) &&
	       (!c->others || !tracker_is_waiting(c->others)) &&
	       (!c->around || !tracker_is_waiting(c->around));
}

/* With the second of the wall clock, as whoever shows it wakes then too; not twice at once.
 */
static int64_t next_state_ns(int64_t now_ns, int64_t wall_ns)
{
	int64_t left_ns = STATE_NS - wall_ns % STATE_NS;

	return now_ns + left_ns + (left_ns < STATE_NS / 2 ? STATE_NS : 0);
}

/* Silence decides only when all that the ring held was read. */
static void keep_time(struct capture_child *c, struct schedule *due, bool is_read_empty)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	int64_t wall_ns = clock_ns(CLOCK_REALTIME);

	if (now_ns < due->tick_ns)
		return;
	due->last_ns = now_ns;
	child_begin_tick(c);
	if (is_read_empty)
		tick(c, wall_ns - RING_DELAY_NS);
	tell_changes(c, due, now_ns);
	child_tell_links(c, false);
	if (now_ns >= due->state_ns) {
		due->state_ns = next_state_ns(now_ns, wall_ns);
		child_tell_links(c, true);
		child_tell_ports(c, wall_ns);
		source_save_flush(c->source);
		look_at_saving(c);
		child_tell_state(c, wall_ns);
	}
	due->tick_ns = is_quiet(c) ? due->state_ns : now_ns + TICK_NS;
	child_flush(c);
}

/* What was read is told at the next tick, which may have been put off. */
static void tick_soon(struct schedule *due)
{
	if (due->tick_ns > due->last_ns + TICK_NS)
		due->tick_ns = due->last_ns + TICK_NS;
}

/* The end of everything: what is undecided is told as such. */
static void tell_rest(struct capture_child *c)
{
	child_begin_end(c);
	child_read_links(c);
	child_tell_links(c, true);
	tracker_finish(c->tracker);
	if (c->others)
		tracker_finish(c->others);
	if (c->around)
		tracker_finish(c->around);
	child_tell_ports(c, clock_ns(CLOCK_REALTIME));
	source_save_close(c->source);
	look_at_saving(c);
	child_tell_state(c, clock_ns(CLOCK_REALTIME));
	child_flush(c);
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
	struct pollfd polls[] = {
		{source_fd(c->source), POLLIN, 0}, {stop_fd, POLLIN, 0}, {-1, POLLIN, 0}};
	struct schedule due = {0};
	long got = 0;

	while (got >= 0 && !c->sink_error && !polls[1].revents) {
		polls[2].fd = child_links_fd(c);
		poll(polls, 3, got == CHUNK ? 0 : wait_ms(&due));
		got = source_read(c->source, CHUNK, take_packets, c, error);
		if (got > 0)
			tick_soon(&due);
		if (polls[2].revents)
			child_read_links(c);
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
		child_tell_state(c, clock_ns(CLOCK_REALTIME));
		child_flush(c);
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
	child_begin_tick(c);
	child_tell_state(c, clock_ns(CLOCK_REALTIME));
	child_flush(c);
	code = c->is_file ? run_file(c, stop_fd, error) : run_live(c, stop_fd, error);
	if (code)
		child_tell_problem(c, -code, error);
	tell_rest(c);
	return c->sink_error ? c->sink_error : code;
}

/*
 * What a capture tells: records into parts, as many in a tick as a reader can bear. Reads
 * no packet and no clock.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "capture/child_impl.h"

void child_flush(struct capture_child *c)
{
	if (c->len && !c->sink_error && c->sink->put(c->sink->arg, c->part, c->len))
		c->sink_error = -EPIPE;
	c->len = 0;
}

static void tell(struct capture_child *c, const struct record *r)
{
	if (c->len + RECORD_MAX > CHILD_PART_BYTES)
		child_flush(c);
	c->len += record_put(c->part + c->len, r);
}

/* Of both trackers. */
static void sum_up(const struct capture_child *c, struct capture_state *s)
{
	struct capture_state others = {0};

	tracker_state(c->tracker, s);
	if (!c->others)
		return;
	tracker_state(c->others, &others);
	s->n_attempts += others.n_attempts;
	s->n_evicted += others.n_evicted;
	for (unsigned i = 0; i < N_OUTCOMES; i++)
		s->n_outcomes[i] += others.n_outcomes[i];
}

void child_tell_state(struct capture_child *c, int64_t wall_ns)
{
	struct record r = {.kind = RECORD_STATE};
	struct capture_state *s = &r.state;
	uint64_t presumed = tracker_n_presumed(c->tracker);

	s->is_ready = true;
	s->wall_ns = wall_ns;
	source_state(c->source, s);
	sum_up(c, s);
	s->n_not_told = c->n_not_told;
	s->n_ports_left_out = c->ports ? ports_n_evicted(c->ports) : 0;
	if (presumed > s->n_outcomes[OUTCOME_HALF_OPEN])
		presumed = s->n_outcomes[OUTCOME_HALF_OPEN];
	s->n_outcomes[OUTCOME_HALF_OPEN] -= presumed;
	s->n_outcomes[OUTCOME_ANSWERED] += presumed;
	tell(c, &r);
}

void child_tell_problem(struct capture_child *c, int error, const char *sentence)
{
	uint8_t bytes[RECORD_MAX];
	size_t len = capture_problem(bytes, error, sentence);

	if (c->len + len > CHILD_PART_BYTES)
		child_flush(c);
	memcpy(c->part + c->len, bytes, len);
	c->len += len;
}

size_t capture_problem(void *out, int error, const char *sentence)
{
	struct record r = {.kind = RECORD_PROBLEM, .problem.error = error};

	snprintf(r.problem.text, sizeof(r.problem.text), "%s", sentence);
	return record_put(out, &r);
}

void child_tell_link(void *arg, const struct link_sight *s)
{
	struct record r = {.kind = RECORD_LINK};

	r.link = *s;
	tell(arg, &r);
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

void child_tell_ports(struct capture_child *c, int64_t wall_ns)
{
	if (c->ports)
		ports_emit(c->ports, wall_ns, tell_port, c);
}

bool child_is_planned_port(const struct capture_plan *p, uint16_t port)
{
	for (unsigned i = 0; i < p->n_ports; i++)
		if (p->ports[i] == port)
			return true;
	return p->n_ports == 0;
}

static void tell_attempt(struct capture_child *c, const struct attempt *told)
{
	struct record r;

	r.kind = RECORD_ATTEMPT; /* what is large is not cleared first */
	r.attempt = *told;
	tell(c, &r);
}

bool child_wants_attempt(void *arg, uint16_t server_port, bool is_decided)
{
	const struct telling *t = arg;
	struct capture_child *c = t->child;

	if (!child_is_planned_port(&c->plan, server_port) && t != &c->beyond)
		return false;
	if (t->n_left || c->is_file)
		return true;
	/* The undecided is told again; at the end it is not. */
	c->n_not_told += t != &c->beyond && (is_decided || c->is_ending);
	return false;
}

void child_take_attempt(void *arg, const struct attempt *told)
{
	struct telling *t = arg;

	t->n_left -= t->n_left > 0;
	tell_attempt(t->child, told);
}

void child_begin_tick(struct capture_child *c)
{
	c->first.n_left = c->rest.n_left = CHILD_TOLD_MAX;
	c->beyond.n_left = CHILD_TOLD_AROUND;
	child_links_begin_tick(c);
}

void child_begin_end(struct capture_child *c)
{
	child_links_begin_tick(c);
	c->is_ending = true;
	c->first.n_left = CHILD_TOLD_LAST;
	c->rest.n_left = CHILD_TOLD_OTHERS;
	c->beyond.n_left = CHILD_TOLD_AROUND_LAST;
}

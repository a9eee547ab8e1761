/* A run with its inquiry: what the command and the Guide both drive. Prints nothing. */
#include "tui/live/diagnose.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/time.h"

void diagnose_start(struct diagnose *d, const struct run_options *o,
		    const struct netns_ref *space, int64_t now_ns)
{
	struct capture_ask capture;
	struct drop_ask drops;

	*d = (struct diagnose){0};
	inquiry_init(&d->inquiry, space);
	d->inquiry.utc_offset_s = o->utc_offset_s;
	run_init(&d->run, o, &d->inquiry.responses, &d->inquiry.attempts, now_ns);
	capture = run_capture_ask(&d->run);
	inquiry_capture(&d->inquiry, &capture);
	if (run_drop_ask(&d->run, &drops))
		inquiry_drops(&d->inquiry, &drops);
}

void diagnose_end(struct diagnose *d)
{
	run_release(&d->run);
	inquiry_release(&d->inquiry);
	table_unref(d->snapshot);
	d->snapshot = NULL;
}

const struct space *diagnose_space(const struct snapshot *s, const struct netns_ref *ref)
{
	char name[NETNS_NAME_MAX + 8];

	if (ref->kind == NETNS_PID)
		snprintf(name, sizeof(name), "pid %d", ref->pid);
	else
		snprintf(name, sizeof(name), "%s", ref->name);
	for (size_t i = 0; i < s->n_spaces; i++) {
		const struct space *space = &s->spaces[i];

		if (ref->kind == NETNS_OWN ? space->is_own
					   : text_equals_str(space->name, name))
			return space;
	}
	return NULL;
}

struct netns_ref diagnose_ref(const char *name, const struct netns_ref *own)
{
	struct netns_ref ref = {0};
	size_t len = strlen(name);

	if (!strncmp(name, "pid ", 4)) {
		ref.kind = NETNS_PID;
		ref.pid = atoi(name + 4);
		return ref;
	}
	if (!len || len > NETNS_NAME_MAX)
		return *own;
	ref.kind = NETNS_NAME;
	memcpy(ref.name, name, len + 1);
	return ref;
}

int32_t diagnose_utc_offset_s(int64_t wall_ns)
{
	time_t now = (time_t)(wall_ns / NS_PER_S);
	struct tm local;

	return localtime_r(&now, &local) ? (int32_t)local.tm_gmtoff : 0;
}

static bool is_served(const struct snapshot *s, const struct space *space,
		      const struct target_port *p)
{
	for (size_t i = 0; i < s->n_endpoints; i++) {
		const struct endpoint *e = &s->endpoints[i];

		if (e->space == space && e->port == p->port &&
		    endpoint_is_stream(e) == (p->proto == IPPROTO_TCP))
			return true;
	}
	return false;
}

void diagnose_keep_served(struct target *t, const struct snapshot *s,
			  const struct space *space)
{
	enum { DNS_PORT = 53 };
	bool is_first;

	if (!*t->service || t->n_ports != 2 || t->ports[0].port != t->ports[1].port ||
	    t->ports[0].port == DNS_PORT)
		return;
	is_first = is_served(s, space, &t->ports[0]);
	if (is_first == is_served(s, space, &t->ports[1]))
		return;
	t->ports[0] = t->ports[is_first ? 0 : 1];
	t->n_ports = 1;
}

void diagnose_snapshot(struct diagnose *d, struct snapshot *s, bool is_settled)
{
	struct snapshot *before = d->snapshot;

	d->snapshot = table_ref(s);
	run_snapshot(&d->run, s, diagnose_space(s, &d->inquiry.space), is_settled);
	table_unref(before);
}

int diagnose_blob(struct diagnose *d, const struct blob *b)
{
	return inquiry_blob(&d->inquiry, b);
}

static void ask(void *arg, const struct question *q)
{
	/* Want of memory shows as a question that stays unanswered until its deadline. */
	inquiry_ask(arg, q);
}

int diagnose_step(struct diagnose *d, struct channel *c, int64_t now_ns, int64_t wall_ns)
{
	struct inquiry *i = &d->inquiry;
	bool has_changed;
	int error;

	run_capture(&d->run, i->capture_error, i->has_capture_ended);
	run_trace(&d->run, &i->trace, i->trace_error, i->has_trace_ended);
	if (i->are_drops_wanted)
		run_drops(&d->run, &i->drops, i->drops_error, i->have_drops_ended);
	has_changed = run_step(&d->run, now_ns,
			       channel_is_replay(c) ? i->last_wall_ns : wall_ns, ask, i);
	if (run_trace_ask(&d->run))
		inquiry_trace(i, run_trace_ask(&d->run));
	if (run_wants_capture_end(&d->run))
		inquiry_end_capture(i);
	error = inquiry_send(i, c);
	if (run_is_done(&d->run))
		inquiry_give_up(i, c);
	return error ? error : has_changed;
}

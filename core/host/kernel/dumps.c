/* The queue of dumps. How a dump is asked and read is in netlink.c. */
#include "core/host/kernel/dumps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"

#define WAITING_MAX   2048
#define DUMP_DEADLINE (5 * NS_PER_S)

struct waiting_dump {
	struct request request;
	uint32_t seq;
	uint8_t *ports; /* of the request; NULL: none */
};

int dumps_init(struct dumps *d, const struct blob_sink *sink)
{
	*d = (struct dumps){.sink = *sink, .waiting = VEC_OF(struct waiting_dump)};
	diag_modules_init(&d->modules);
	count_dump_init(&d->count);
	return netlink_init(&d->netlink);
}

void dumps_release(struct dumps *d)
{
	if (d->is_busy)
		dump_end(&d->netlink, &d->current, false);
	netlink_release(&d->netlink);
	count_dump_release(&d->count);
	free(d->current_ports);
	for (size_t i = d->first; i < d->waiting.n; i++)
		free(((struct waiting_dump *)vec_at(&d->waiting, i))->ports);
	vec_release(&d->waiting);
}

/* An end without bytes: it could not be read, or not to its end. */
static void end_without_bytes(struct dumps *d, enum blob_status status, int error)
{
	struct blob b = d->current.part;

	b.status = status;
	b.error = error;
	b.bytes = NULL;
	b.len = 0;
	blob_stamp(&b);
	d->sink.blob(d->sink.arg, &b);
}

/* Makes room where the started ones stood, not each time. */
static void forget_started(struct dumps *d)
{
	size_t left = d->waiting.n - d->first;

	if (left && d->first < WAITING_MAX)
		return;
	if (left)
		memmove(d->waiting.data, vec_at(&d->waiting, d->first),
			left * d->waiting.size);
	vec_truncate(&d->waiting, left);
	d->first = 0;
}

/* Looking changes nothing: what would load a module is refused here, whoever asks. */
static int start(struct dumps *d, int64_t now_ns)
{
	const struct request *r = &d->current.request;

	if (r->kind == REQUEST_SOCK_DIAG &&
	    !diag_modules_allow(&d->modules, r->sock_diag.protocol, now_ns))
		return -ENOPKG;
	if (count_dump_is_worth(&d->count, r))
		d->is_counting = !count_dump_start(&d->count, &d->netlink.home, r,
						   &d->current.part.netns);
	return d->is_counting ? 0 : dump_start(&d->netlink, &d->current);
}

/* What is behind the last answer. */
static void forget_current(struct dumps *d, bool is_whole)
{
	dump_end(&d->netlink, &d->current, is_whole);
	free(d->current_ports);
	d->current_ports = NULL;
	d->is_busy = d->is_counting = false;
}

static void start_next(struct dumps *d, int64_t now_ns)
{
	while (!d->is_busy && d->first < d->waiting.n) {
		const struct waiting_dump *w = vec_at(&d->waiting, d->first++);
		int error;

		d->current = (struct dump){.request = w->request, .part = {.seq = w->seq}};
		d->current_ports = w->ports;
		d->deadline_ns = now_ns + DUMP_DEADLINE;
		d->retry_ns = INT64_MAX;
		error = start(d, now_ns);
		d->is_busy = error == 0;
		if (!error)
			break;
		forget_current(d, false);
		end_without_bytes(d, BLOB_LAST, -error);
	}
	forget_started(d);
}

static void finish(struct dumps *d, bool is_whole, int64_t now_ns)
{
	forget_current(d, is_whole);
	start_next(d, now_ns);
}

/* The message that they stand in is soon another one. */
static int keep_ports(struct waiting_dump *w)
{
	struct request *r = &w->request;

	if (r->kind != REQUEST_SOCK_DIAG || !r->sock_diag.ports)
		return 0;
	w->ports = malloc(REQUEST_PORT_BYTES);
	if (!w->ports)
		return -ENOMEM;
	memcpy(w->ports, r->sock_diag.ports, REQUEST_PORT_BYTES);
	r->sock_diag.ports = w->ports;
	return 0;
}

int dumps_request(struct dumps *d, uint32_t seq, const struct request *r, int64_t now_ns)
{
	struct waiting_dump *w, new = {.request = *r, .seq = seq};

	if (d->waiting.n - d->first >= WAITING_MAX)
		return -ENOBUFS;
	if (keep_ports(&new))
		return -ENOMEM;
	w = vec_push(&d->waiting);
	if (!w) {
		free(new.ports);
		return -ENOMEM;
	}
	*w = new;
	start_next(d, now_ns);
	return 0;
}

int dumps_fd(const struct dumps *d)
{
	return d->is_busy && !d->is_counting && d->retry_ns == INT64_MAX
		       ? dump_fd(&d->current)
		       : -1;
}

void dumps_step(struct dumps *d, int64_t now_ns)
{
	struct blob part;
	int got = d->is_busy && !d->is_counting ? dump_step(&d->netlink, &d->current, &part)
						: 0;

	if (got == 2)
		d->retry_ns = now_ns + dump_retry_ms(&d->current) * NS_PER_MS;
	if (got != 1)
		return;
	d->sink.blob(d->sink.arg, &part);
	if (blob_is_end(&part))
		finish(d, true, now_ns);
}

/* A count that cannot be had is a dump after all. */
static void go_on_counting(struct dumps *d, int64_t now_ns)
{
	int got = count_dump_step(&d->count);

	if (got > 0)
		got = count_dump_send(&d->count, &d->current.part, &d->sink);
	else if (!got)
		return;
	if (!got) {
		finish(d, true, now_ns);
		return;
	}
	d->is_counting = false;
	got = dump_start(&d->netlink, &d->current);
	if (got) {
		end_without_bytes(d, BLOB_LAST, -got);
		finish(d, false, now_ns);
	}
}

void dumps_tick(struct dumps *d, int64_t now_ns)
{
	int error;

	if (!d->is_busy)
		return;
	if (now_ns >= d->deadline_ns) {
		end_without_bytes(d, BLOB_TIMED_OUT, ETIMEDOUT);
		finish(d, false, now_ns);
	} else if (d->is_counting) {
		go_on_counting(d, now_ns);
	} else if (now_ns >= d->retry_ns) {
		d->retry_ns = INT64_MAX;
		error = start(d, now_ns);
		if (error) {
			end_without_bytes(d, BLOB_LAST, -error);
			finish(d, false, now_ns);
		}
	}
}

void dumps_forgive(struct dumps *d, int64_t ns)
{
	if (d->is_busy)
		d->deadline_ns += ns;
}

int64_t dumps_due_ns(const struct dumps *d)
{
	if (!d->is_busy)
		return INT64_MAX;
	if (d->is_counting)
		return 0;
	return d->retry_ns < d->deadline_ns ? d->retry_ns : d->deadline_ns;
}

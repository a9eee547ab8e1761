/* The queue of dumps. How a dump is asked and read is in netlink.c. */
#include "core/host/kernel/dumps.h"

#include <errno.h>
#include <string.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"

#define WAITING_MAX   2048
#define DUMP_DEADLINE (5 * NS_PER_S)

struct waiting_dump {
	struct request request;
	uint32_t seq;
};

int dumps_init(struct dumps *d, const struct blob_sink *sink)
{
	*d = (struct dumps){.sink = *sink, .waiting = VEC_OF(struct waiting_dump)};
	diag_modules_init(&d->modules);
	return netlink_init(&d->netlink);
}

void dumps_release(struct dumps *d)
{
	if (d->is_busy)
		dump_end(&d->netlink, &d->current, false);
	netlink_release(&d->netlink);
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
	return dump_start(&d->netlink, &d->current);
}

static void start_next(struct dumps *d, int64_t now_ns)
{
	while (!d->is_busy && d->first < d->waiting.n) {
		const struct waiting_dump *w = vec_at(&d->waiting, d->first++);
		int error;

		d->current = (struct dump){.request = w->request, .part = {.seq = w->seq}};
		d->deadline_ns = now_ns + DUMP_DEADLINE;
		d->retry_ns = INT64_MAX;
		error = start(d, now_ns);
		d->is_busy = error == 0;
		if (!error)
			break;
		dump_end(&d->netlink, &d->current, false);
		end_without_bytes(d, BLOB_LAST, -error);
	}
	forget_started(d);
}

static void finish(struct dumps *d, bool is_whole, int64_t now_ns)
{
	dump_end(&d->netlink, &d->current, is_whole);
	d->is_busy = false;
	start_next(d, now_ns);
}

int dumps_request(struct dumps *d, uint32_t seq, const struct request *r, int64_t now_ns)
{
	struct waiting_dump *w;

	if (d->waiting.n - d->first >= WAITING_MAX)
		return -ENOBUFS;
	w = vec_push(&d->waiting);
	if (!w)
		return -ENOMEM;
	*w = (struct waiting_dump){*r, seq};
	start_next(d, now_ns);
	return 0;
}

int dumps_fd(const struct dumps *d)
{
	return d->is_busy && d->retry_ns == INT64_MAX ? dump_fd(&d->current) : -1;
}

void dumps_step(struct dumps *d, int64_t now_ns)
{
	struct blob part;
	int got = d->is_busy ? dump_step(&d->netlink, &d->current, &part) : 0;

	if (got == 2)
		d->retry_ns = now_ns + dump_retry_ms(&d->current) * NS_PER_MS;
	if (got != 1)
		return;
	d->sink.blob(d->sink.arg, &part);
	if (blob_is_end(&part))
		finish(d, true, now_ns);
}

void dumps_tick(struct dumps *d, int64_t now_ns)
{
	int error;

	if (!d->is_busy)
		return;
	if (now_ns >= d->deadline_ns) {
		end_without_bytes(d, BLOB_TIMED_OUT, ETIMEDOUT);
		finish(d, false, now_ns);
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
	return d->retry_ns < d->deadline_ns ? d->retry_ns : d->deadline_ns;
}

/* A capture request as a plan, and a capture as what a tap runs. */
#include "tui/live/taps.h"

#include <errno.h>
#include <string.h>

#include "capture/child.h"

static struct capture_plan plan_of(const struct request *r)
{
	static const enum capture_kind kinds[] = {
		[CAPTURE_REQUEST_DASHBOARD] = CAPTURE_DASHBOARD,
		[CAPTURE_REQUEST_FLOW] = CAPTURE_FLOW,
		[CAPTURE_REQUEST_ALL] = CAPTURE_ALL,
	};
	struct capture_plan p = {
		.kind = kinds[r->capture.kind],
		.proto = r->capture.proto,
		.n_ports = r->capture.n_ports,
		.client = r->capture.client,
		.server = r->capture.server,
		.is_promiscuous = r->capture.is_promiscuous,
	};

	_Static_assert(sizeof(p.ports) == sizeof(r->capture.ports), "as many ports");
	memcpy(p.ports, r->capture.ports, sizeof(p.ports));
	memcpy(p.device, r->capture.device, sizeof(p.device) - 1);
	return p;
}

static int open_capture(void **handle, const struct request *r, int save_fd,
			const void *arg, char *error, size_t room)
{
	struct capture_plan plan = plan_of(r);
	const bool *with_payload = arg;
	struct capture_child *child = NULL;
	int code = capture_child_open(&child, &plan, save_fd, *with_payload, error, room);

	*handle = child;
	return code;
}

static int run_capture(void *handle, int stop_fd,
		       int (*put)(void *put_arg, const void *bytes, size_t len),
		       void *put_arg)
{
	struct record_sink sink = {put, put_arg};

	return capture_child_run(handle, stop_fd, &sink);
}

static void close_capture(void *handle)
{
	capture_child_free(handle);
}

struct tap_ops taps_of_capture(const bool *with_payload)
{
	return (struct tap_ops){open_capture, run_capture, close_capture, capture_problem,
				with_payload};
}

/* Any bytes as a capture file, from libpcap to the last record; a byte ahead chooses what
 * is told. */
#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/child.h"
#include "core/wire/attempts.h"
#include "tests/fuzz/parts.h"

static int take(void *arg, const void *bytes, size_t len)
{
	assert(attempts_take(arg, bytes, len, NULL) == 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capture_plan plan = {.kind = CAPTURE_ALL};
	struct capture_child *child;
	struct attempts attempts;
	struct record_sink sink = {take, &attempts};
	char error[256] = "";
	int fd = size ? memfd_create("capture", MFD_CLOEXEC) : -1;

	if (fd < 0)
		return 0;
	plan.kind = data[0] % 3;
	plan.n_ports = data[0] / 3 % 2;
	plan.ports[0] = 443;
	if (write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
		return close(fd);
	lseek(fd, 0, SEEK_SET);
	attempts_init(&attempts, 256);
	if (capture_child_open_file_take(&child, &plan, fd, error, sizeof(error)) == 0) {
		capture_child_run(child, -1, &sink);
		assert(attempts.is_ready);
		capture_child_free(child);
	} else {
		assert(*error);
	}
	attempts_release(&attempts);
	return 0;
}

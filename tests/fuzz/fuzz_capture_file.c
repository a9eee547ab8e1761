/*
 * Any bytes as a capture file, from the file to the last record; a byte ahead chooses what
 * is told. And what is read without libpcap is the same as with it.
 */
#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/child.h"
#include "capture/source.h"
#include "core/wire/attempts.h"
#include "tests/fuzz/parts.h"

static int take(void *arg, const void *bytes, size_t len)
{
	assert(attempts_take(arg, bytes, len, NULL) == 0);
	return 0;
}

static void add_up(void *arg, const struct packet *packets, size_t n)
{
	uint64_t *sum = arg;

	for (size_t i = 0; i < n; i++) {
		uint32_t clock = 0;

		packet_timestamp(&packets[i], &clock);
		*sum = *sum * 31 + packets[i].sequence + packets[i].payload_len +
		       packets[i].payload_wire_len + packets[i].flow.source_port + clock;
		for (uint32_t k = 0; k < packets[i].payload_len; k++)
			*sum = *sum * 31 + packets[i].payload[k];
	}
}

/* A filter that lets all pass is libpcap's work. -EBADMSG: the file is damaged. */
static int read_all(int fd, const char *filter, struct capture_state *state, uint64_t *sum)
{
	char error[SOURCE_ERROR_MAX] = "";
	struct source_in *s;
	long got;

	lseek(fd, 0, SEEK_SET);
	if (source_open_file_take(&s, dup(fd), filter, error))
		return -1;
	do
		got = source_read(s, 100, add_up, sum, error);
	while (got > 0);
	assert(!got || *error);
	source_state(s, state);
	source_close(s);
	return (int)got;
}

/* But for times: of those after 2038 and fractions beyond a second it makes others. */
static void compare_with_libpcap(int fd)
{
	struct capture_state ours = {0}, theirs = {0};
	uint64_t our_sum = 0, their_sum = 0;

	int our_end = read_all(fd, NULL, &ours, &our_sum);

	/* libpcap makes no filter for links that it does not know either. */
	if (!packet_knows_link((int)ours.link_type))
		return;
	assert(our_end == read_all(fd, "", &theirs, &their_sum));
	assert(ours.n_packets == theirs.n_packets);
	assert(ours.n_undecoded == theirs.n_undecoded);
	assert(our_sum == their_sum);
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
	compare_with_libpcap(fd);
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

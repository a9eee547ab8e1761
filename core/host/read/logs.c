/* The kernel's log; other logs are in journal.c and log_files.c. Does not know what lines
 * say. Documentation/ABI/testing/dev-kmsg. */
#include "core/host/read/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/host/read/line_item.h"
#include "core/host/broker/protocol.h"

#define RECORD_MAX  8192      /* the kernel refuses to cut a record */
#define RECORDS_MAX (1 << 20) /* while new ones come all the time */

/* The first line of a record; behind it stand lines about its device. */
static void add_record(struct line_item *item, char *record, size_t len)
{
	char *end = memchr(record, '\n', len);

	if (end)
		len = (size_t)(end - record);
	record[len] = '\n';
	line_item_add(item, record, len + 1);
}

/* EPIPE: some were overwritten before we read them; the next is the oldest there is. */
static int read_kmsg(struct bundle_out *out)
{
	static struct line_item item;
	char record[RECORD_MAX + 1];
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	int error = 0;

	if (fd < 0)
		return bundle_out_item(out, "kmsg", NULL, 0, errno);
	line_item_start(&item, out, "kmsg");
	for (unsigned n = 0; n < RECORDS_MAX && !error && !out->error; n++) {
		ssize_t got = read(fd, record, RECORD_MAX);

		if (got > 0)
			add_record(&item, record, (size_t)got);
		else if (got == 0 || errno == EAGAIN)
			break;
		else if (errno != EPIPE && errno != EINTR && errno != EINVAL)
			error = errno;
	}
	close(fd);
	return line_item_end(&item, error);
}

/* Both clocks at one moment, to turn the kernel's times into the day's. */
static int put_now(struct bundle_out *out)
{
	struct blob now = {0};
	char text[48];
	int n;

	blob_stamp(&now);
	n = snprintf(text, sizeof(text), "%" PRId64 " %" PRId64, now.wall_ns, now.boot_ns);
	return bundle_out_item(out, "now", text, (size_t)n, 0);
}

/* What the journal may take long for comes last. */
int logs_read(const struct past_ask *ask, struct bundle_out *out)
{
	if (put_now(out) || read_kmsg(out) || log_files_read(ask, "/var/log", out))
		return out->error;
	return journal_read(ask, out);
}

/* Counting instead of dumping. How it is counted is in core/host/bpf/end_count.c. */
#include "core/host/kernel/count_dump.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/ends_told.h"
#include "core/base/time.h"
#include "core/host/broker/protocol.h"

/* Loading the count takes as long as dumping so many; a loaded one is always quicker. */
enum { MANY = 10000, MANY_IF_LOADED = 2000 };
#define STEP_MAX     (2 * NS_PER_MS)
#define MESSAGE_SIZE (16 + sizeof(struct end_told))
#define PART_SIZE    (BLOB_PART_MAX / MESSAGE_SIZE * MESSAGE_SIZE)

void count_dump_init(struct count_dump *c)
{
	*c = (struct count_dump){.is_refused = false};
	end_count_init(&c->count);
}

void count_dump_release(struct count_dump *c)
{
	end_count_release(&c->count);
}

/* TCP sockets of this host and those of our namespace that only wait for their time to
 * end; 0: not known. */
static unsigned long n_sockets(void)
{
	unsigned long n_waiting = 0, n = 0;
	char text[512];
	ssize_t got = -1;
	int fd = open("/proc/net/sockstat", O_RDONLY | O_CLOEXEC);
	const char *line;

	if (fd >= 0) {
		got = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	if (got <= 0)
		return 0;
	text[got] = '\0';
	line = strstr(text, "\nTCP: ");
	if (!line || sscanf(line, "\nTCP: inuse %*u orphan %*u tw %lu alloc %lu",
			    &n_waiting, &n) != 2)
		return 0;
	return n + n_waiting;
}

bool count_dump_is_worth(const struct count_dump *c, const struct request *r)
{
	if (r->kind != REQUEST_SOCK_DIAG || !r->sock_diag.ports || c->is_refused)
		return false;
	return n_sockets() >= (c->count.is_loaded ? MANY_IF_LOADED : MANY);
}

int count_dump_start(struct count_dump *c, const struct netns_home *home,
		     const struct request *r, uint64_t *inode)
{
	int error = netns_enter(home, &r->netns, inode);

	if (error)
		return error;
	error = end_count_start(&c->count, r->sock_diag.ports, r->sock_diag.states);
	if (netns_leave(home, &r->netns))
		abort(); /* we would serve from a foreign namespace from now on */
	c->is_refused = !c->count.is_loaded;
	return error;
}

int count_dump_step(struct count_dump *c)
{
	int64_t until_ns = host_now_ns() + STEP_MAX;
	int got;

	do
		got = end_count_step(&c->count);
	while (!got && host_now_ns() < until_ns);
	return got;
}

int count_dump_send(struct count_dump *c, const struct blob *head,
		    const struct blob_sink *sink)
{
	struct blob part = {.seq = head->seq, .netns = head->netns};
	size_t at = 0, len;
	int error = end_count_take(&c->count, 0);

	if (error)
		return error;
	len = c->count.messages.len;
	do {
		part.len = len - at < PART_SIZE ? len - at : PART_SIZE;
		part.bytes = part.len ? (const uint8_t *)c->count.messages.data + at : NULL;
		at += part.len;
		part.status = at == len ? BLOB_LAST : BLOB_MORE;
		blob_stamp(&part);
		sink->blob(sink->arg, &part);
		part.part++;
	} while (at < len);
	return 0;
}

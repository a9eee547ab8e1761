/* A reader of the worker's, run in a process of its own as there, and all of its answer.
 * Include cmocka.h first. */
#ifndef TESTS_UNIT_EVIDENCE_EAR_H
#define TESTS_UNIT_EVIDENCE_EAR_H

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/bundle.h"
#include "core/host/read/evidence.h"
#include "core/host/broker/mailbox.h"
#include "core/host/broker/protocol.h"

/* What is read: 0 or -errno; *status as a worker would end it. */
typedef int evidence_reader(const void *ask, struct bundle_out *out,
			    enum blob_status *status);

static struct {
	struct blob end;
	uint8_t *bytes; /* of all parts since the last start */
	size_t len;
	unsigned n_starts;
} heard;

static inline void __attribute__((noreturn))
serve_reader(evidence_reader *read_it, const void *ask, int fd)
{
	static struct bundle_out out; /* large */
	struct pollfd p = {.fd = fd, .events = POLLIN};
	enum blob_status status = BLOB_LAST;
	char ready;
	int error;

	/* The parent has closed its copy of fd: it may be what is read. Neither end blocks.
	 */
	if (poll(&p, 1, 20000) != 1 || recv(fd, &ready, 1, 0) != 1)
		_exit(1);
	bundle_out_start(&out, fd, 1, 0);
	error = read_it(ask, &out, &status);
	bundle_out_end(&out, status, error < 0 ? -error : 0);
	_exit(0);
}

static inline void keep_part(const struct blob *b)
{
	if (b->part == 0) {
		heard.len = 0;
		heard.n_starts++;
	}
	heard.bytes = realloc(heard.bytes, heard.len + b->len + 1);
	assert_non_null(heard.bytes);
	if (b->len)
		memcpy(heard.bytes + heard.len, b->bytes, b->len);
	heard.len += b->len;
	heard.end = *b;
}

static inline void hear(evidence_reader *read_it, const void *ask)
{
	struct message message;
	struct mailbox m;
	struct blob b;
	int fds[2], status;
	pid_t pid;

	heard.n_starts = 0;
	assert_int_equal(mailbox_pair(fds), 0);
	pid = fork();
	if (pid == 0)
		serve_reader(read_it, ask, fds[1]);
	assert_true(pid > 0);
	close(fds[1]);
	assert_int_equal(send(fds[0], "", 1, 0), 1);
	assert_int_equal(mailbox_init_take(&m, fds[0]), 0);
	do {
		struct pollfd p = {.fd = m.fd, .events = POLLIN};

		assert_int_equal(poll(&p, 1, 20000), 1);
		assert_int_equal(mailbox_receive(&m), 1);
		assert_int_equal(message_parse(&message, m.packet, m.packet_len), 0);
		assert_int_equal(message_get_blob(&b, &message), 0);
		keep_part(&b);
	} while (!blob_is_end(&b));
	mailbox_release(&m);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* The nth item of a name, from 0. */
static inline bool heard_nth(const char *name, unsigned n, struct bundle_item *out)
{
	struct bundle_reader r;
	struct bundle_item item;
	int got;

	bundle_read(&r, heard.bytes, heard.len);
	while ((got = bundle_next(&r, &item)) == 1)
		if (text_equals_str(item.name, name) && n-- == 0) {
			*out = item;
			return true;
		}
	assert_int_equal(got, 0);
	return false;
}

static inline struct bundle_item heard_item(const char *name)
{
	struct bundle_item item = {.error = 0};

	if (!heard_nth(name, 0, &item))
		fail_msg("no item %s", name);
	return item;
}

static inline bool item_has(struct bundle_item item, const char *words)
{
	return item.data.len >= strlen(words) &&
	       memmem(item.data.bytes, item.data.len, words, strlen(words));
}

static inline bool heard_words(const char *words)
{
	return memmem(heard.bytes, heard.len, words, strlen(words)) != NULL;
}

#endif

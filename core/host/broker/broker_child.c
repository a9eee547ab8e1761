/* What the broker and its child say to each other. Serves nothing itself. */
#include "core/host/broker/broker_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/host/broker/rights.h"

void broker_send_blob(void *broker, const struct blob *b)
{
	struct broker *k = broker;
	uint8_t head[MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE];
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)b->bytes, b->len}};

	message_put_blob(head, b);
	if (!k->ui_is_gone && mailbox_send(&k->ui, iov, b->len ? 2 : 1, -1))
		k->ui_is_gone = true;
}

void broker_send(struct broker *k, enum message_type type, const void *body, size_t len,
		 int fd)
{
	uint8_t head[MESSAGE_HEAD_SIZE];
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)body, len}};

	if (k->ui_is_gone) {
		if (fd >= 0)
			close(fd);
		return;
	}
	message_put_head(head, type, 0);
	if (mailbox_send(&k->ui, iov, len ? 2 : 1, fd))
		k->ui_is_gone = true;
}

void broker_send_notice(void *broker, const char *sentence)
{
	broker_send(broker, MESSAGE_NOTICE, sentence, strnlen(sentence, NOTICE_MAX), -1);
}

static void answer_error(struct broker *k, uint32_t seq, int error)
{
	struct blob b = {.seq = seq, .status = BLOB_LAST, .error = error};

	blob_stamp(&b);
	broker_send_blob(k, &b);
}

void broker_answer_first(struct broker *k, int64_t now_ns)
{
	for (unsigned i = 0; i < k->options.n_first; i++) {
		int error = dumps_request(&k->dumps, i + 1, &k->options.first[i], now_ns);

		if (error)
			answer_error(k, i + 1, -error);
	}
	/* As far as it is there: the kernel answers a dump while it is asked. */
	for (unsigned i = 0; i < k->options.n_first; i++)
		dumps_step(&k->dumps, now_ns);
}

/* What is active or changes something is only served where the call allows it. */
static bool is_allowed(const struct broker *k, enum request_kind kind)
{
	if (kind == REQUEST_PROBE || kind == REQUEST_REACH)
		return k->options.allows_probe;
	if (kind == REQUEST_REMOTE)
		return k->options.allows_remote;
	return kind != REQUEST_TRACE || k->options.allows_change;
}

/* A new file in the export directory, where the caller himself could make one, or -errno.
 */
static int create_file(const struct broker *k, const char *name)
{
	int fd;

	if (k->options.export_dir_fd < 0)
		return -EROFS;
	rights_act_as_caller(true);
	fd = openat(k->options.export_dir_fd, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = -errno;
	rights_act_as_caller(false);
	return fd;
}

static void remove_file(const struct broker *k, const char *name)
{
	rights_act_as_caller(true);
	unlinkat(k->options.export_dir_fd, name, 0);
	rights_act_as_caller(false);
}

/* Who wants packets in a file is not served without it, and told which of both failed. */
static void refuse_file(struct broker *k, uint32_t seq, const char *name, int error)
{
	static uint8_t problem[TAP_PART_MAX];
	struct blob b = {.seq = seq, .status = BLOB_LAST, .error = error, .bytes = problem};
	char sentence[TAP_ERROR_MAX];

	snprintf(sentence, sizeof(sentence), "%s cannot be created: %s", name,
		 strerror(error));
	if (k->taps.ops.problem)
		b.len = k->taps.ops.problem(problem, error, sentence);
	blob_stamp(&b);
	broker_send_blob(k, &b);
}

/* 0: it is answered, now or later; or -errno. */
static int request_tap(struct broker *k, uint32_t seq, const struct request *r)
{
	const char *name = r->kind == REQUEST_CAPTURE ? r->capture.save : "";
	int fd, error;

	if (!*name)
		return taps_request(&k->taps, seq, r);
	fd = create_file(k, name);
	if (fd < 0) {
		refuse_file(k, seq, name, -fd);
		return 0;
	}
	error = taps_request_saving(&k->taps, seq, r, fd, k->options.export_dir_fd);
	if (error)
		remove_file(k, name);
	return error;
}

static void take_request(struct broker *k, const struct message *m, int64_t now_ns)
{
	static uint32_t inodes[REQUEST_OWNERS_MAX];
	struct request r;
	int error =
		k->options.serves ? request_unpack(&r, m->body, m->len, inodes) : -EPERM;

	if (!error && !is_allowed(k, r.kind))
		error = -EPERM;
	if (!error && (r.kind == REQUEST_CAPTURE || r.kind == REQUEST_TRACE ||
		       r.kind == REQUEST_DROPS)) {
		error = request_tap(k, m->seq, &r);
	} else if (!error && r.kind != REQUEST_SOCK_DIAG && r.kind != REQUEST_RTNETLINK) {
		error = lanes_request(&k->lanes, m->seq, r.kind, m->body, m->len);
		lanes_tick(&k->lanes, now_ns);
	} else if (!error) {
		error = dumps_request(&k->dumps, m->seq, &r, now_ns);
	}
	if (error)
		answer_error(k, m->seq, -error);
}

static void take_export(struct broker *k, const struct message *m)
{
	char name[EXPORT_NAME_MAX + 1];
	uint8_t error = 0;
	int fd = -1;

	snprintf(name, sizeof(name), "%.*s", (int)m->len, (const char *)m->body);
	if (!export_name_is_fine((const char *)m->body, m->len))
		error = EINVAL;
	else
		fd = create_file(k, name);
	if (!error && fd < 0)
		error = (uint8_t)-fd;
	broker_send(k, MESSAGE_EXPORT, &error, 1, fd);
}

static void take_settings(struct broker *k, const struct message *m)
{
	uint8_t order = m->len ? m->body[0] : 0, answer;
	int r = -EINVAL, fd = -1;

	if (order == SETTINGS_OPEN)
		r = fd = settings_open(&k->settings, &k->options.settings);
	else if (order == SETTINGS_KEEP || order == SETTINGS_DROP)
		r = settings_close(&k->settings, &k->options.settings,
				   order == SETTINGS_KEEP);
	answer = r < 0 ? (uint8_t)-r : order == SETTINGS_KEEP ? SETTINGS_KEPT : 0;
	if (order != SETTINGS_DROP)
		broker_send(k, MESSAGE_SETTINGS, &answer, 1, fd < 0 ? -1 : fd);
}

/* The terminal is left. The answer to an order that we did not wait for stops nobody again.
 */
static void take_suspend(struct broker *k)
{
	if (k->is_late)
		k->is_late = false;
	else
		job_suspend(k, false);
}

/* Other answers than captures have their deadlines: they come to their end, and the child,
 * which has forgotten the request, passes over them. */
static void take_cancel(struct broker *k, uint32_t seq, int64_t now_ns)
{
	taps_cancel(&k->taps, seq, now_ns);
}

static int take_message(struct broker *k, int64_t now_ns)
{
	struct message m;

	if (message_parse(&m, k->ui.packet, k->ui.packet_len))
		return -EBADMSG;
	switch (m.type) {
	case MESSAGE_REQUEST:
		take_request(k, &m, now_ns);
		return 0;
	case MESSAGE_TERMINAL:
		terminal_set_exit(&k->terminal, m.body, m.len);
		return 0;
	case MESSAGE_SUSPEND:
		take_suspend(k);
		return 0;
	case MESSAGE_EXPORT:
		take_export(k, &m);
		return 0;
	case MESSAGE_SETTINGS:
		take_settings(k, &m);
		return 0;
	case MESSAGE_CANCEL:
		take_cancel(k, m.seq, now_ns);
		return 0;
	case MESSAGE_BLOB:
	case MESSAGE_RESUMED:
	case MESSAGE_NOTICE:
	case N_MESSAGE_TYPES:
		break;
	}
	return -EBADMSG;
}

void broker_read_child(struct broker *k, int64_t now_ns)
{
	int got = 0;

	while (!k->ui_is_gone && k->ui.n_queued < UI_QUEUE_MAX &&
	       (got = mailbox_receive(&k->ui)) > 0) {
		if (take_message(k, now_ns) == 0)
			continue;
		got = -EBADMSG;
		break;
	}
	if (got >= 0)
		return;
	k->ui_is_gone = true;
	k->was_damaged = got == -EBADMSG;
	if (k->was_damaged)
		kill(k->child, SIGKILL);
}

void broker_read_last_words(struct broker *k)
{
	struct message m;

	while (mailbox_receive(&k->ui) > 0)
		if (!message_parse(&m, k->ui.packet, k->ui.packet_len) &&
		    m.type == MESSAGE_TERMINAL)
			terminal_set_exit(&k->terminal, m.body, m.len);
}

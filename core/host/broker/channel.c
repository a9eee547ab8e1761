/* The ui's end of the seam, live: messages to and from the broker. The recorded twin is
 * channel_replay.c. */
#include "core/host/broker/channel_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/host/broker/protocol.h"

struct channel *channel_live_take(int fd)
{
	struct channel *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return NULL;
	}
	c->export_fd = -1;
	c->settings = -ENODATA;
	c->debug_fd = -1;
	c->next_seq = 1;
	if (mailbox_init_take(&c->box, fd)) {
		free(c);
		return NULL;
	}
	return c;
}

static void drop_settings(struct channel *c)
{
	if (c->settings >= 0 && c->settings != CHANNEL_SETTINGS_KEPT)
		close(c->settings);
	c->settings = -ENODATA;
}

void channel_free(struct channel *c)
{
	if (!c)
		return;
	recorder_close(c->recorder);
	channel_replay_release(c->replay);
	mailbox_release(&c->box);
	if (c->export_fd >= 0)
		close(c->export_fd);
	drop_settings(c);
	if (c->debug_fd >= 0)
		close(c->debug_fd);
	free(c);
}

int channel_fd(const struct channel *c)
{
	return c->replay ? channel_replay_fd(c->replay) : c->box.fd;
}

int channel_control_fd(const struct channel *c)
{
	return c->replay ? c->box.fd : -1;
}

bool channel_is_replay(const struct channel *c)
{
	return c->replay != NULL;
}

static int send_message(struct channel *c, enum message_type type, uint32_t seq,
			const void *body, size_t len)
{
	uint8_t head[MESSAGE_HEAD_SIZE];
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)body, len}};

	if (c->box.fd < 0)
		return -EPIPE;
	message_put_head(head, type, seq);
	return mailbox_send(&c->box, iov, len ? 2 : 1, -1);
}

static struct pending *pending_slot(struct channel *c, uint32_t seq)
{
	for (size_t i = 0; i < CHANNEL_PENDING_MAX; i++)
		if (c->pending[i].seq == seq)
			return &c->pending[i];
	return NULL;
}

static void channel_debug(struct channel *c, const char *word, const char *text,
			  const struct blob *b)
{
	int64_t now = host_now_ns();

	if (c->debug_fd < 0)
		return;
	if (b)
		dprintf(c->debug_fd,
			"%lld.%06lld %s %u.%u %s status=%d error=%d netns=%llu bytes=%zu\n",
			(long long)(now / 1000000000), (long long)(now % 1000000000 / 1000),
			word, b->seq, b->part, text, (int)b->status, b->error,
			(unsigned long long)b->netns, b->len);
	else
		dprintf(c->debug_fd, "%lld.%06lld %s %s\n", (long long)(now / 1000000000),
			(long long)(now % 1000000000 / 1000), word, text);
}

static bool is_stream(const struct request *r)
{
	return r->kind == REQUEST_CAPTURE || r->kind == REQUEST_TRACE ||
	       r->kind == REQUEST_DROPS;
}

void channel_expect(struct channel *c, const struct request *first, size_t n)
{
	for (size_t i = 0; i < n && i < CHANNEL_PENDING_MAX; i++) {
		struct pending *p = &c->pending[c->n_expected++];

		p->seq = c->next_seq++;
		p->is_expected = true;
		request_text(&first[i], p->text);
	}
}

/* The expected one of these words; NULL: none. */
static struct pending *expected_slot(struct channel *c, const char *text)
{
	for (size_t i = 0; i < c->n_expected; i++)
		if (c->pending[i].is_expected && !strcmp(c->pending[i].text, text))
			return &c->pending[i];
	return NULL;
}

static int send_request(struct channel *c, const struct request *r)
{
	static uint8_t body[MESSAGE_MAX - MESSAGE_HEAD_SIZE];
	long len = request_pack(r, body, sizeof(body));

	if (len < 0)
		return (int)len;
	return send_message(c, MESSAGE_REQUEST, c->next_seq, body, (size_t)len);
}

int channel_request(struct channel *c, const struct request *r, uint32_t *seq)
{
	struct pending *p, *expected;
	int error = request_check(r);

	if (error)
		return error;
	p = pending_slot(c, 0);
	if (!p)
		return -ENOBUFS;
	request_text(r, p->text);
	channel_debug(c, "ask", p->text, NULL);
	expected = expected_slot(c, p->text);
	if (expected) {
		expected->is_expected = expected->is_unheard = false;
		*seq = expected->seq;
		return 0;
	}
	if (c->replay)
		error = channel_replay_ask(c->replay, p->text, c->next_seq, is_stream(r));
	else
		error = send_request(c, r);
	if (error)
		return error;
	p->seq = c->next_seq;
	p->is_stream = is_stream(r);
	p->is_unheard = p->is_expected = false;
	*seq = c->next_seq;
	c->next_seq += c->next_seq == UINT32_MAX ? 2 : 1;
	return 0;
}

int channel_cancel(struct channel *c, uint32_t seq)
{
	struct pending *p = seq ? pending_slot(c, seq) : NULL;

	if (p && c->replay && channel_replay_stands(c->replay))
		p->seq = 0; /* its end is not told */
	if (!p || c->replay)
		return 0;
	channel_debug(c, "cancel", p->text, NULL);
	if (!p->is_stream)
		p->seq = 0;
	return send_message(c, MESSAGE_CANCEL, seq, NULL, 0);
}

void channel_give_up(struct channel *c, uint32_t seq)
{
	struct pending *p = seq ? pending_slot(c, seq) : NULL;
	struct blob b = {.seq = seq, .status = BLOB_LAST, .error = ETIMEDOUT};

	if (!p || c->replay || !c->recorder || p->is_unheard || recorder_error(c->recorder))
		return;
	blob_stamp(&b);
	recorder_write(c->recorder, p->text, &b);
	p->is_unheard = true;
}

bool channel_wants_write(const struct channel *c)
{
	return c->box.first != NULL;
}

int channel_flush(struct channel *c)
{
	return mailbox_flush(&c->box);
}

/* Keeps what is received, and forgets the request once it is answered. */
static enum channel_event take_blob(struct channel *c, const struct blob *b)
{
	struct pending *p = b->seq ? pending_slot(c, b->seq) : NULL;

	if (!p)
		return CHANNEL_NOTHING;
	if (p->is_expected) {
		/* Nobody can ask for the rest of it. */
		p->text[0] = '\0';
		p->seq = blob_is_end(b) ? 0 : p->seq;
		p->is_expected = !blob_is_end(b);
		return CHANNEL_NOTHING;
	}
	channel_debug(c, "got", p->text, b);
	if (c->recorder && !p->is_unheard && !recorder_error(c->recorder))
		recorder_write(c->recorder, p->text, b);
	if (blob_is_end(b))
		p->seq = 0;
	return CHANNEL_BLOB;
}

static void take_settings(struct channel *c, const struct message *m)
{
	uint8_t answer = m->len ? m->body[0] : (uint8_t)EIO;

	drop_settings(c);
	if (answer == SETTINGS_KEPT) {
		c->settings = CHANNEL_SETTINGS_KEPT;
		return;
	}
	c->settings =
		c->box.passed_fd >= 0 ? c->box.passed_fd : -(int)(answer ? answer : EIO);
	c->box.passed_fd = -1;
}

static enum channel_event take_message(struct channel *c, struct blob *out)
{
	struct message m;

	if (message_parse(&m, c->box.packet, c->box.packet_len))
		return CHANNEL_CLOSED;
	switch (m.type) {
	case MESSAGE_BLOB:
		return message_get_blob(out, &m) ? CHANNEL_CLOSED : take_blob(c, out);
	case MESSAGE_SUSPEND:
		return CHANNEL_SUSPEND;
	case MESSAGE_RESUMED:
		return CHANNEL_RESUMED;
	case MESSAGE_EXPORT:
		if (c->export_fd >= 0)
			close(c->export_fd);
		c->export_fd = c->box.passed_fd;
		c->export_error = c->export_fd < 0 && m.len ? -(int)m.body[0] : 0;
		c->box.passed_fd = -1;
		return CHANNEL_EXPORT;
	case MESSAGE_SETTINGS:
		take_settings(c, &m);
		return CHANNEL_SETTINGS;
	case MESSAGE_NOTICE:
		snprintf(c->notice, sizeof(c->notice), "%.*s", (int)m.len,
			 (const char *)m.body);
		return CHANNEL_NOTICE;
	case MESSAGE_REQUEST:
	case MESSAGE_TERMINAL:
	case MESSAGE_CANCEL:
	case N_MESSAGE_TYPES:
		break;
	}
	return CHANNEL_CLOSED;
}

enum channel_event channel_receive(struct channel *c, struct blob *out)
{
	enum channel_event event = CHANNEL_NOTHING;
	int got;

	if (c->box.fd >= 0) {
		while (event == CHANNEL_NOTHING && (got = mailbox_receive(&c->box)) != 0)
			event = got < 0 ? CHANNEL_CLOSED : take_message(c, out);
		if (event != CHANNEL_NOTHING)
			return event;
	}
	if (c->replay && channel_replay_next(c->replay, out))
		return take_blob(c, out);
	return CHANNEL_NOTHING;
}

void channel_record_take(struct channel *c, struct recorder *rec)
{
	recorder_close(c->recorder);
	c->recorder = rec;
	for (size_t i = 0; i < CHANNEL_PENDING_MAX; i++)
		c->pending[i].is_unheard = true;
}

const struct recorder *channel_recorder(const struct channel *c)
{
	return c->recorder;
}

int channel_record_close(struct channel *c)
{
	struct recorder *rec = c->recorder;

	c->recorder = NULL;
	return recorder_close(rec);
}

void channel_debug_take(struct channel *c, int fd)
{
	c->debug_fd = fd;
}

int channel_terminal_exit(struct channel *c, const void *bytes, size_t len)
{
	if (len > TERMINAL_EXIT_MAX)
		return -EMSGSIZE;
	return send_message(c, MESSAGE_TERMINAL, 0, bytes, len);
}

int channel_suspend(struct channel *c)
{
	return send_message(c, MESSAGE_SUSPEND, 0, NULL, 0);
}

int channel_export(struct channel *c, const char *name)
{
	size_t len = strlen(name);

	if (!export_name_is_fine(name, len))
		return -EINVAL;
	return send_message(c, MESSAGE_EXPORT, 0, name, len);
}

int channel_take_export(struct channel *c)
{
	int fd = c->export_fd;

	c->export_fd = -1;
	if (fd >= 0)
		return fd;
	return c->export_error ? c->export_error : -EIO;
}

int channel_settings_open(struct channel *c)
{
	uint8_t order = SETTINGS_OPEN;

	return send_message(c, MESSAGE_SETTINGS, 0, &order, 1);
}

int channel_settings_close(struct channel *c, bool is_kept)
{
	uint8_t order = is_kept ? SETTINGS_KEEP : SETTINGS_DROP;

	return send_message(c, MESSAGE_SETTINGS, 0, &order, 1);
}

int channel_take_settings(struct channel *c)
{
	int settings = c->settings;

	c->settings = -ENODATA;
	return settings;
}

const char *channel_notice(const struct channel *c)
{
	return c->notice;
}

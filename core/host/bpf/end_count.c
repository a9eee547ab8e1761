/* Loads the count once, has it run part by part, makes messages of what it found. */
#include "core/host/bpf/end_count.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <unistd.h>

#include "core/base/ends_told.h"
#include "core/host/bpf/tcp_ends.inc"

/* A run looks at so many blocks of heads: well under a millisecond where these are not
 * crowded. */
enum { BLOCKS_EACH = 256, ENDS_AT_ONCE = 512 };

static const struct bpf_light_code code = {tcp_ends_data, tcp_ends_instructions,
					   sizeof(tcp_ends_data) - 1,
					   sizeof(tcp_ends_instructions) - 1};

struct message {
	struct nlmsghdr head;
	struct end_told end;
};

struct taken {
	struct tcp_end ends[ENDS_AT_ONCE];
	uint32_t counts[ENDS_AT_ONCE];
	uint32_t n, position;
};

_Static_assert(sizeof(struct message) == 44 && sizeof(struct tcp_end) == 24, "no padding");

void end_count_init(struct end_count *c)
{
	*c = (struct end_count){0};
}

static void close_fd(int fd)
{
	if (fd > 0)
		close(fd);
}

static void unload(struct end_count *c)
{
	close_fd(c->code.count.fd);
	close_fd(c->code.ends.fd);
	close_fd(c->code.hands.fd);
	close_fd(c->code.settings.fd);
	memset(&c->code, 0, sizeof(c->code));
	c->is_loaded = false;
}

void end_count_release(struct end_count *c)
{
	unload(c);
	str_release(&c->messages);
}

static int load(struct end_count *c)
{
	int error;

	unload(c);
	c->code.head.size = sizeof(c->code);
	error = bpf_light_load(&code, &c->code.head);
	c->is_loaded = !error;
	if (error)
		unload(c);
	return error;
}

/* The next ones out of the kernel's hash. 1: there may be more; 0: that is all; -errno. */
static int take_some(struct end_count *c, struct taken *t, bool is_first)
{
	t->n = ENDS_AT_ONCE;
	return bpf_light_take(c->code.ends.fd, is_first, &t->position, t->ends, t->counts,
			      &t->n);
}

/* What an earlier count that was given up has left. */
static int forget_ends(struct end_count *c)
{
	static struct taken t;
	int more = take_some(c, &t, true);

	while (more > 0)
		more = take_some(c, &t, false);
	return more;
}

int end_count_start(struct end_count *c, const uint8_t *ports, uint32_t states)
{
	struct tcp_ends_settings settings = {.n_blocks = BLOCKS_EACH, .states = states};
	int error = c->is_loaded ? 0 : load(c);

	if (!error)
		error = forget_ends(c);
	memcpy(settings.ports, ports, sizeof(settings.ports));
	if (error >= 0)
		error = bpf_light_set(c->code.settings.fd, &settings);
	if (error >= 0)
		error = end_count_step(c);
	return error < 0 ? error : 0;
}

int end_count_step(struct end_count *c)
{
	uint32_t how = TCP_ENDS_BROKEN;
	int error = bpf_light_run(c->code.count.fd, &how);

	if (error)
		return error;
	return how == TCP_ENDS_MORE ? 0 : how == TCP_ENDS_DONE ? 1 : -EAGAIN;
}

static void put_some(struct end_count *c, const struct taken *t, uint32_t seq)
{
	for (uint32_t i = 0; i < t->n; i++) {
		const struct tcp_end *e = &t->ends[i];
		struct message m = {.head = {.nlmsg_len = sizeof(m),
					     .nlmsg_type = ENDS_TOLD,
					     .nlmsg_seq = seq},
				    .end = {.ifindex = e->ifindex,
					    .port = e->port,
					    .family = e->family,
					    .state = e->state,
					    .n = t->counts[i]}};

		memcpy(m.end.address, e->address, sizeof(m.end.address));
		str_append(&c->messages, (const char *)&m, sizeof(m));
	}
}

int end_count_take(struct end_count *c, uint32_t seq)
{
	static struct taken t;
	bool is_first = true;
	int more;

	str_reset(&c->messages);
	do {
		more = take_some(c, &t, is_first);
		if (more >= 0)
			put_some(c, &t, seq);
		is_first = false;
	} while (more > 0);
	return more < 0 ? more : c->messages.failed ? -ENOMEM : 0;
}

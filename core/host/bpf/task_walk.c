/* Loads the walk once, tells it what is wanted, reads what it says. */
#include "core/host/bpf/task_walk.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/host/bpf/owner_tasks.bpf.h"
#include "core/host/bpf/owner_tasks.inc"

enum { ROOM_MIN = 4096, READ_ROOM = 65536, RECORDS_MAX = 64 << 20 };

static const struct bpf_light_code code = {owner_tasks_data, owner_tasks_instructions,
					   sizeof(owner_tasks_data) - 1,
					   sizeof(owner_tasks_instructions) - 1};

void task_walk_init(struct task_walk *w)
{
	*w = (struct task_walk){.link_fd = -1, .keys = VEC_OF(uint32_t)};
}

static void close_fd(int fd)
{
	if (fd > 0)
		close(fd);
}

static void unload(struct task_walk *w)
{
	close_fd(w->link_fd);
	close_fd(w->code.walk.fd);
	close_fd(w->code.hands.fd);
	close_fd(w->code.wanted.fd);
	close_fd(w->code.settings.fd);
	memset(&w->code, 0, sizeof(w->code));
	w->link_fd = -1;
	w->room = 0;
	w->has_walked = false;
	vec_reset(&w->keys);
}

void task_walk_release(struct task_walk *w)
{
	unload(w);
	vec_release(&w->keys);
	str_release(&w->records);
}

static int load(struct task_walk *w, size_t n_inodes)
{
	uint32_t room = ROOM_MIN;
	int error;

	while (room < n_inodes)
		room *= 2;
	unload(w);
	w->code.head.size = sizeof(w->code);
	w->code.wanted.max_entries = room;
	error = bpf_light_load(&code, &w->code.head);
	if (!error)
		error = w->link_fd = bpf_light_attach_walk(w->code.walk.fd);
	if (error < 0) {
		unload(w);
		return error;
	}
	w->room = room;
	return 0;
}

/* The kernel's set becomes what is wanted now; mostly it is that already. */
static int set_wanted(struct task_walk *w, const uint32_t *inodes, size_t n)
{
	size_t size = n * sizeof(*inodes);
	uint32_t *keys;
	int error;

	if (w->keys.n == n && (!n || memcmp(w->keys.data, inodes, size) == 0))
		return 0;
	error = bpf_light_remove_keys(w->code.wanted.fd, w->keys.data, (uint32_t)w->keys.n);
	vec_reset(&w->keys);
	if (error >= 0)
		error = bpf_light_add_keys(w->code.wanted.fd, inodes, (uint32_t)n);
	for (size_t i = 0; error >= 0 && i < n; i++) {
		keys = vec_push(&w->keys);
		if (!keys)
			return -ENOMEM;
		*keys = inodes[i];
	}
	return error < 0 ? error : 0;
}

static int read_records(struct task_walk *w)
{
	static char bytes[READ_ROOM];
	int fd = bpf_light_open_walk(w->link_fd);
	ssize_t got;
	int error;

	if (fd < 0)
		return fd;
	str_reset(&w->records);
	while ((got = read(fd, bytes, sizeof(bytes))) > 0 || (got < 0 && errno == EAGAIN)) {
		if (got > 0)
			str_append(&w->records, bytes, (size_t)got);
		if (w->records.failed || w->records.len > RECORDS_MAX)
			break;
	}
	error = got < 0 ? -errno : got > 0 ? -ENOMEM : 0;
	close(fd);
	return error;
}

/* The first walk finds out what sockets have in common, and keeps it. */
static int walk_first(struct task_walk *w, unsigned shard, unsigned n_shards)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct task_walk_settings settings = {
		.shard = shard, .n_shards = n_shards, .socket_fd = (uint32_t)fd};
	int error = fd < 0 ? -errno : bpf_light_set(w->code.settings.fd, &settings);

	if (error >= 0)
		error = read_records(w);
	if (fd >= 0)
		close(fd);
	w->has_walked = !error;
	return error;
}

int task_walk_prepare(struct task_walk *w)
{
	return w->room ? 0 : load(w, 0);
}

int task_walk_run(struct task_walk *w, unsigned shard, unsigned n_shards,
		  const uint32_t *inodes, size_t n_inodes)
{
	int error = 0;

	if (n_inodes > w->room || !w->room)
		error = load(w, n_inodes);
	if (!error)
		error = set_wanted(w, inodes, n_inodes);
	if (error)
		return error;
	return w->has_walked ? read_records(w) : walk_first(w, shard, n_shards);
}

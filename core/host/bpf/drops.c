/*
 * The tap that tells which of one client's packets the kernel threw away, with its own
 * reason: loads and attaches the watcher (drops.bpf.c), gives up every right, hands on what
 * it says. The watcher goes with this process. Items: "ready" (once), "drop" (time, reason,
 * function, interface, protocol, from, port, to, port, flags, sequence number), at the end
 * "lost" and "left_out" where there were more.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/bundle.h"
#include "core/base/time.h"
#include "core/host/bpf/btf_names.h"
#include "core/host/bpf/drops.bpf.h"
#include "core/host/bpf/drops.inc"
#include "core/host/bpf/light.h"
#include "core/host/broker/protocol.h"
#include "core/host/broker/taps.h"

enum { TOLD_MAX = 4000, ITEM_ROOM = 512, LINE_ROOM = 320 };
#define RECORD_BUSY    (UINT32_C(1) << 31)
#define RECORD_DROPPED (UINT32_C(1) << 30)

static const struct bpf_light_code code = {drops_data, drops_instructions,
					   sizeof(drops_data) - 1,
					   sizeof(drops_instructions) - 1};
/* As in drops.bpf.c: what is constant there comes from us. */
static const char format[] = "%ps";

struct drops {
	struct {
		struct bpf_light_head head;
		struct bpf_light_map settings, lost, events, format;
		struct bpf_light_program watcher;
	} code;
	int link_fd;
	_Atomic uint64_t *consumer;
	const _Atomic uint64_t *producer;
	const uint8_t *ring;
	const _Atomic uint64_t *lost;
	struct btf_names reasons;
	int64_t until_ns;
	uint64_t n_told, n_left_out;
	int (*put)(void *arg, const void *bytes, size_t len);
	void *put_arg;
};

static int put_item(struct drops *d, const char *name, const char *line, size_t len)
{
	uint8_t room[ITEM_ROOM];
	struct bundle_item item = {text_of(name), {line, len}, 0};
	long size = bundle_put(room, sizeof(room), &item);

	return size < 0 ? (int)size : d->put(d->put_arg, room, (size_t)size);
}

static int put_number(struct drops *d, const char *name, uint64_t number)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%llu", (unsigned long long)number);

	return number ? put_item(d, name, line, (size_t)len) : 0;
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* A word that has no name here is its number: another part's of the kernel, or no BTF. */
static const char *reason_word(const struct drops *d, uint32_t reason, char room[32])
{
	const char *word = btf_names_word(&d->reasons, reason);

	if (word)
		return word;
	snprintf(room, 32, "%u", reason);
	return room;
}

static int put_drop(struct drops *d, const struct drop_event *e)
{
	int family = e->family == AF_INET ? AF_INET : AF_INET6;
	int64_t wall_ns =
		clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC) + (int64_t)e->time_ns;
	char from[INET6_ADDRSTRLEN] = "", to[INET6_ADDRSTRLEN] = "", number[32];
	char line[LINE_ROOM];
	/* "nft_do_chain [nf_tables]": the name alone. */
	int len = (int)strcspn(e->function, " ");

	if (d->n_told >= TOLD_MAX) {
		d->n_left_out++;
		return 0;
	}
	d->n_told++;
	inet_ntop(family, e->source, from, sizeof(from));
	inet_ntop(family, e->target, to, sizeof(to));
	len = snprintf(line, sizeof(line), "%lld %s %.*s %u %u %s %u %s %u %u %u",
		       (long long)wall_ns, reason_word(d, e->reason, number), len ? len : 1,
		       len ? e->function : "-", e->ifindex, e->proto, from, e->source_port,
		       to, e->target_port, e->flags, e->sequence);
	return put_item(d, "drop", line, (size_t)len);
}

/* One record of the ring. 1: there was one; 0: none, or it is being written; -errno. */
static int relay(struct drops *d)
{
	uint64_t at = atomic_load_explicit(d->consumer, memory_order_relaxed);
	const uint8_t *record = d->ring + (at & (DROP_RING_BYTES - 1));
	struct drop_event e;
	uint32_t head, size;
	int error = 0;

	if (at >= atomic_load_explicit(d->producer, memory_order_acquire))
		return 0;
	head = atomic_load_explicit((const _Atomic uint32_t *)(const void *)record,
				    memory_order_acquire);
	if (head & RECORD_BUSY)
		return 0;
	size = head & ~(RECORD_BUSY | RECORD_DROPPED);
	if (!(head & RECORD_DROPPED) && size >= sizeof(e)) {
		memcpy(&e, record + 8, sizeof(e));
		error = put_drop(d, &e);
	}
	at += (8 + (uint64_t)size + 7) & ~UINT64_C(7);
	atomic_store_explicit(d->consumer, at, memory_order_release);
	return error ? error : 1;
}

static int drain(struct drops *d)
{
	int result = 1;

	while (result > 0)
		result = relay(d);
	return result;
}

/* ---- with rights ---- */

static void *map(int fd, size_t len, int protection, off_t at)
{
	void *bytes = mmap(NULL, len, protection, MAP_SHARED, fd, at);

	return bytes == MAP_FAILED ? NULL : bytes;
}

/* The ring is mapped twice in a row: a record is whole wherever it begins. */
static int map_all(struct drops *d)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *shared;

	d->consumer = map(d->code.events.fd, page, PROT_READ | PROT_WRITE, 0);
	shared = map(d->code.events.fd, page + 2 * (size_t)DROP_RING_BYTES, PROT_READ,
		     (off_t)page);
	d->lost = map(d->code.lost.fd, page, PROT_READ, 0);
	if (!d->consumer || !shared || !d->lost)
		return -ENOMEM;
	d->producer = (const void *)shared;
	d->ring = shared + page;
	return 0;
}

static struct drop_settings settings_of(const struct drop_ask *ask)
{
	struct drop_settings s = {.proto = ask->proto, .ports = {ask->port}};
	struct stat st;

	if (stat("/proc/self/ns/net", &st) == 0)
		s.netns = (uint32_t)st.st_ino;
	s.family = (uint8_t)ask->client.family;
	memcpy(s.client, ask->client.bytes, s.family == AF_INET ? 4 : 16);
	return s;
}

static int load(struct drops *d, const struct drop_ask *ask)
{
	struct drop_settings settings = settings_of(ask);
	int error;

	if (!settings.netns)
		return -ENOENT;
	d->code.head.size = sizeof(d->code);
	d->code.format.initial_value = (uint64_t)(uintptr_t)format;
	error = bpf_light_load(&code, &d->code.head);
	if (error)
		return error;
	error = bpf_light_set(d->code.settings.fd, &settings);
	if (error >= 0)
		error = map_all(d);
	if (error >= 0)
		error = d->link_fd =
			bpf_light_attach_tracepoint(d->code.watcher.fd, "kfree_skb");
	return error < 0 ? error : 0;
}

/* All that cannot be had on this kernel is one error; a right is another. */
static int open_drops(void **handle, const struct request *r, int save_fd, const void *arg,
		      char *sentence, size_t room)
{
	static struct drops drops;
	int error;

	(void)arg;
	if (save_fd >= 0)
		close(save_fd);
	drops.until_ns = host_now_ns() + r->drops.timeout_ms * NS_PER_MS;
	error = load(&drops, &r->drops);
	if (error && error != -EPERM && error != -ENOMEM)
		error = -EOPNOTSUPP;
	if (error) {
		snprintf(sentence, room, "the watcher of dropped packets: %s",
			 strerror(-error));
		return error;
	}
	/* Without names there are numbers. */
	btf_names_read("skb_drop_reason", "SKB_DROP_REASON_", &drops.reasons);
	*handle = &drops;
	return 0;
}

/* ---- without ---- */

static int run_drops(void *handle, int stop_fd,
		     int (*put)(void *put_arg, const void *bytes, size_t len),
		     void *put_arg)
{
	struct drops *d = handle;
	int64_t now_ns;
	int error;

	d->put = put;
	d->put_arg = put_arg;
	error = put_item(d, "ready", "", 0);
	while (!error && (now_ns = host_now_ns()) < d->until_ns) {
		struct pollfd polls[] = {{stop_fd, POLLIN, 0},
					 {d->code.events.fd, POLLIN, 0}};

		poll(polls, 2, (int)((d->until_ns - now_ns) / NS_PER_MS) + 1);
		error = drain(d);
		if (polls[0].revents)
			break;
	}
	if (!error)
		error = put_number(d, "lost",
				   atomic_load_explicit(d->lost, memory_order_relaxed));
	return error ? error : put_number(d, "left_out", d->n_left_out);
}

/* The process ends: what is loaded goes with its descriptors. */
static void close_drops(void *handle)
{
	struct drops *d = handle;

	close(d->link_fd);
	btf_names_release(&d->reasons);
}

const struct tap_ops drops_ops = {
	.open = open_drops, .run = run_drops, .close = close_drops};

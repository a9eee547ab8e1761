/* A console that finds out who can reach its listeners, and the broker's end of its
 * channel. */
#ifndef TESTS_SCREENS_EXPOSURE_DESK_H
#define TESTS_SCREENS_EXPOSURE_DESK_H

#include <sys/socket.h>
#include <unistd.h>

#include "core/base/bundle.h"
#include "core/host/broker/protocol.h"
#include "tests/screens/broker_end.h"
#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tui/live/exposures_impl.h"

/* The console, the words, and a channel at whose other end this test answers. */
struct desk {
	struct console console;
	struct exposures exposures;
	struct channel *channel;
	int other_end;
	int64_t now_ns;
	uint32_t seqs[N_REQUEST_KINDS]; /* of requests that wait for an answer; 0: none */
};

/* The sockets of one transport as the kernel lists them. */
static UNUSED struct socket_table *list_sockets(struct snapshot *s, enum socket_proto proto)
{
	struct socket_table *t = table_new(sizeof(*t), NULL);

	t->rows = fixture_alloc(s, s->n_endpoints, sizeof(*t->rows));
	for (size_t i = 0; i < s->n_endpoints; i++)
		if (s->endpoints[i].proto == proto)
			t->rows[t->n++] = *s->endpoints[i].sockets[0];
	return t;
}

/* The device that all of the fixture's addresses are on. */
static UNUSED struct snapshot *with_device(struct snapshot *s)
{
	struct link_table *links = s->spaces[0].links;

	links->rows[0].flags = 1;
	table_unref(s->spaces[0].tcp);
	s->spaces[0].tcp = list_sockets(s, PROTO_TCP);
	s->spaces[0].udp = list_sockets(s, PROTO_UDP);
	s->spaces[0].addresses->rows[0].prefix_len = 24;
	return s;
}

static UNUSED void open_desk(struct desk *d, struct snapshot *s)
{
	const struct netns_ref own = {.kind = NETNS_OWN};

	*d = (struct desk){.now_ns = 100 * NS_PER_S};
	d->channel = broker_end_open(&d->other_end);
	exposures_init(&d->exposures, &own);
	d->exposures.slice_ns = 60 * NS_PER_S;
	fixture_console(&d->console, false, NULL);
	d->console.model.reach = &d->exposures.reach;
	d->console.model.page = PAGE;
	if (s)
		model_snapshot_take(&d->console.model, with_device(s));
}

static UNUSED void close_desk(struct desk *d)
{
	console_release(&d->console);
	exposures_release(&d->exposures);
	channel_free(d->channel);
	close(d->other_end);
}

static UNUSED bool turn(struct desk *d)
{
	return exposures_turn(&d->exposures, d->channel, &d->console.model, d->now_ns,
			      FIXTURE_WALL_NS);
}

/* What the console has asked since. */
static UNUSED void hear(struct desk *d)
{
	static uint8_t packet[MESSAGE_MAX];
	static uint32_t inodes[REQUEST_OWNERS_MAX];
	struct request request;
	struct message m;
	ssize_t len;

	while ((len = recv(d->other_end, packet, sizeof(packet), MSG_DONTWAIT)) > 0) {
		assert_int_equal(message_parse(&m, packet, (size_t)len), 0);
		if (m.type == MESSAGE_REQUEST &&
		    !request_unpack(&request, m.body, m.len, inodes))
			d->seqs[request.kind] = m.seq;
	}
}

/* Its request, which is answered now; 0: it waits for none. */
static UNUSED uint32_t take_seq(struct desk *d, enum request_kind kind)
{
	uint32_t seq;

	hear(d);
	seq = d->seqs[kind];
	d->seqs[kind] = 0;
	return seq;
}

static UNUSED bool asks(struct desk *d, enum request_kind kind)
{
	hear(d);
	return d->seqs[kind] != 0;
}

static UNUSED bool tell(struct desk *d, uint32_t seq, int error)
{
	struct blob b = {.seq = seq, .status = BLOB_LAST, .error = error};

	return exposures_takes_blob(&d->exposures, &b);
}

static UNUSED bool tell_settings(struct desk *d, uint32_t seq)
{
	static const struct bundle_item items[] = {
		{.name = {"net/ip6_tables_names", 20}, .error = ENOENT},
		{.name = {"net/ip_tables_names", 19}, .error = ENOENT},
		{.name = {"sys/net/ipv4/ip_forward", 23}, .data = {"0\n", 2}}};
	uint8_t bytes[256];
	struct blob b = {.seq = seq, .status = BLOB_LAST, .bytes = bytes};

	for (size_t i = 0; i < N_OF(items); i++) {
		long size = bundle_put(bytes + b.len, sizeof(bytes) - b.len, &items[i]);

		assert_true(size > 0);
		b.len += (size_t)size;
	}
	return exposures_takes_blob(&d->exposures, &b);
}

/* What a kernel without nf_tables and without legacy tables says; or that it may not. */
static UNUSED void answer_rules(struct desk *d, int error)
{
	uint32_t seq = take_seq(d, REQUEST_STANDING_RULES);

	assert_int_not_equal(seq, 0);
	assert_true(tell(d, seq, error));
}

/* Rules as a host had them. */
static UNUSED void tell_rules(struct desk *d)
{
	static uint8_t bytes[1 << 16];
	FILE *f = fopen("tests/fixtures/ruleset-docker.bin", "rb");
	struct blob b = {.seq = take_seq(d, REQUEST_STANDING_RULES),
			 .status = BLOB_LAST,
			 .bytes = bytes};

	assert_non_null(f);
	b.len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	assert_int_not_equal(b.seq, 0);
	assert_true(exposures_takes_blob(&d->exposures, &b));
}

/* Programs: words in one item; NULL: none. False: nobody asked. */
static UNUSED bool tell_programs(struct desk *d, const char *name, const char *text)
{
	uint32_t seq = take_seq(d, REQUEST_PROGRAMS);
	uint8_t bytes[256];
	struct blob b = {.seq = seq, .status = BLOB_LAST, .bytes = bytes};

	if (!seq)
		return false;
	if (name) {
		struct bundle_item item = {.name = text_of(name), .data = text_of(text)};
		long size = bundle_put(bytes, sizeof(bytes), &item);

		assert_true(size > 0);
		b.len = (size_t)size;
	}
	return exposures_takes_blob(&d->exposures, &b);
}

static UNUSED void answer_settings(struct desk *d)
{
	uint32_t seq = take_seq(d, REQUEST_FILES);

	assert_int_not_equal(seq, 0);
	assert_true(tell_settings(d, seq));
	tell_programs(d, NULL, NULL);
}

/* The first reading. */
static UNUSED void answer(struct desk *d, int error)
{
	answer_rules(d, error);
	answer_settings(d);
}

/* The typical host has no rules, and that is known. */
static UNUSED void open_answered_desk(struct desk *d)
{
	open_desk(d, typical());
	turn(d);
	answer(d, ENOPKG);
}

/* Where nothing tells whether rules changed they are read again after a rest. */
static UNUSED void come_to_next_reading(struct desk *d)
{
	d->now_ns += 4 * NS_PER_S;
	d->exposures.ask_at_ns = d->now_ns;
	turn(d);
}

static const char *word(struct desk *d, size_t i)
{
	return reach_word(&d->exposures.reach, &d->console.model.snapshot->endpoints[i]);
}

static UNUSED size_t n_told(struct desk *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->console.model.snapshot->n_endpoints; i++)
		n += word(d, i) != NULL;
	return n;
}

#endif

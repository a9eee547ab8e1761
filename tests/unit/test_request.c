/* Requests as text, checked, and as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/host/request.h"
#include "tests/unit/request_rows.h"

#define ARGS_MAX    100
#define MESSAGE_MAX 65536

struct room {
	uint8_t bytes[MESSAGE_MAX];
	uint32_t inodes[REQUEST_OWNERS_MAX];
};

static int make_room(void **state)
{
	*state = malloc(sizeof(struct room));
	return *state ? 0 : -1;
}

static int free_room(void **state)
{
	free(*state);
	return 0;
}

static void every_request_has_its_text(void **state)
{
	char out[REQUEST_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(texts); i++) {
		assert_ptr_equal(request_text(&texts[i].request, out), out);
		assert_string_equal(out, texts[i].text);
	}
}

static void the_longest_text_fits_a_tar_header(void **state)
{
	struct request r = {.netns = NAMED(""), .sock_diag = TCP_LISTENERS};
	char out[REQUEST_TEXT_MAX];

	(void)state;
	r.sock_diag.family = AF_INET6;
	r.sock_diag.protocol = IPPROTO_MPTCP;
	r.sock_diag.states = UINT32_MAX;
	r.sock_diag.extensions = UINT8_MAX;
	for (size_t len = 1; len <= NETNS_NAME_MAX; len++) {
		memset(r.netns.name, len % 2 ? '~' : 'a', len);
		assert_int_equal(request_check(&r), 0);
		request_text(&r, out);
		assert_true(strlen(strchr(out, '/') + 1) <= ARGS_MAX);
	}
}

static void long_names_that_differ_at_their_end_have_different_texts(void **state)
{
	struct request a = {.kind = REQUEST_CGROUPS, .netns = NAMED(NAME_63)}, b = a;
	char one[REQUEST_TEXT_MAX], other[REQUEST_TEXT_MAX];

	(void)state;
	b.netns.name[NETNS_NAME_MAX - 1] = 'z';
	assert_string_not_equal(request_text(&a, one), request_text(&b, other));
	b = a;
	assert_string_equal(request_text(&a, one), request_text(&b, other));
}

static void what_is_out_of_range_is_refused_and_still_has_a_text(void **state)
{
	struct room *room = *state;
	char out[REQUEST_TEXT_MAX];

	for (size_t i = 0; i < N_OF(refused); i++) {
		if (request_check(&refused[i].request) != -EINVAL)
			fail_msg("accepted: %s", refused[i].title);
		assert_int_equal(
			request_pack(&refused[i].request, room->bytes, MESSAGE_MAX),
			-EINVAL);
		assert_non_null(strstr(request_text(&refused[i].request, out), "/-"));
	}
	for (size_t i = 0; i < N_OF(texts); i++)
		assert_int_equal(request_check(&texts[i].request), 0);
}

/* Those that the text leaves out. */
static void assert_same_arguments(const struct request *in, const struct request *out)
{
	if (in->kind == REQUEST_PROCESSES)
		assert_memory_equal(&in->processes, &out->processes, sizeof(in->processes));
	if (in->kind == REQUEST_LOGS)
		assert_memory_equal(&in->logs, &out->logs, sizeof(in->logs));
	if (in->kind == REQUEST_CHANGES)
		assert_memory_equal(&in->changes, &out->changes, sizeof(in->changes));
	if (in->kind == REQUEST_PROBE)
		assert_int_equal(in->probe.timeout_ms, out->probe.timeout_ms);
	if (in->kind == REQUEST_REACH)
		assert_memory_equal(&in->reach, &out->reach, sizeof(in->reach));
	if (in->kind == REQUEST_DROPS)
		assert_memory_equal(&in->drops, &out->drops, sizeof(in->drops));
	if (in->kind == REQUEST_REMOTE)
		assert_memory_equal(&in->remote, &out->remote, sizeof(in->remote));
	if (in->kind == REQUEST_TRACE)
		assert_memory_equal(&in->trace, &out->trace, sizeof(in->trace));
}

static void what_was_packed_is_unpacked_to_the_same(void **state)
{
	struct room *room = *state;
	char text[REQUEST_TEXT_MAX];

	for (size_t i = 0; i < N_OF(texts); i++) {
		const struct request *in = &texts[i].request;
		long n = request_pack(in, room->bytes, MESSAGE_MAX);
		struct request out;

		assert_true(n > 0);
		assert_int_equal(request_unpack(&out, room->bytes, (size_t)n, room->inodes),
				 0);
		assert_string_equal(request_text(&out, text), texts[i].text);
		assert_same_arguments(in, &out);
		if (in->kind != REQUEST_OWNERS)
			continue;
		assert_int_equal(out.owners.n_inodes, in->owners.n_inodes);
		assert_memory_equal(out.owners.inodes, three_inodes,
				    4 * in->owners.n_inodes);
	}
}

static void the_largest_request_fits_one_message(void **state)
{
	struct room *room = *state;
	uint32_t *many = calloc(REQUEST_OWNERS_MAX, sizeof(*many));
	struct request out, in = {.kind = REQUEST_OWNERS};
	long n;

	assert_non_null(many);
	many[REQUEST_OWNERS_MAX - 1] = 99;
	in.owners.inodes = many;
	in.owners.n_inodes = REQUEST_OWNERS_MAX;
	n = request_pack(&in, room->bytes, MESSAGE_MAX);
	assert_true(n > 0);
	assert_int_equal(request_pack(&in, room->bytes, (size_t)n - 1), -EMSGSIZE);
	assert_int_equal(request_unpack(&out, room->bytes, (size_t)n, room->inodes), 0);
	assert_int_equal(out.owners.n_inodes, REQUEST_OWNERS_MAX);
	assert_int_equal(out.owners.inodes[REQUEST_OWNERS_MAX - 1], 99);
	free(many);
}

static void too_little_room_leaves_it_untouched(void **state)
{
	uint8_t small[71];

	(void)state;
	memset(small, 0xaa, sizeof(small));
	assert_int_equal(request_pack(&texts[0].request, small, sizeof(small)), -EMSGSIZE);
	for (size_t i = 0; i < sizeof(small); i++)
		assert_int_equal(small[i], 0xaa);
}

static void a_message_of_another_length_is_refused(void **state)
{
	struct room *room = *state;

	for (size_t i = 0; i < N_OF(texts); i++) {
		long n = request_pack(&texts[i].request, room->bytes, MESSAGE_MAX);
		struct request out = {.kind = REQUEST_CGROUPS};

		for (size_t len = 0; len <= (size_t)n + 4; len++) {
			/* a copy of its own, so that a read past the end is seen */
			uint8_t *copy = malloc(len + 1);

			assert_non_null(copy);
			memcpy(copy + 1, room->bytes, len);
			assert_int_equal(request_unpack(&out, copy + 1, len, room->inodes),
					 len == (size_t)n ? 0 : -EBADMSG);
			free(copy);
		}
	}
}

static void a_damaged_message_is_refused_and_leaves_the_output(void **state)
{
	struct request in = {.kind = REQUEST_CGROUPS, .netns = NAMED("blue")};
	struct request out = {.kind = REQUEST_OWNERS};
	struct room *room = *state;

	for (size_t i = 0; i < N_OF(damages); i++) {
		long n = request_pack(&in, room->bytes, MESSAGE_MAX);

		room->bytes[damages[i].at] = damages[i].value;
		if (request_unpack(&out, room->bytes, (size_t)n, room->inodes) != -EBADMSG)
			fail_msg("accepted: %s", damages[i].title);
		assert_int_equal(out.kind, REQUEST_OWNERS);
	}
}

static void a_damaged_body_is_refused(void **state)
{
	struct room *room = *state;
	struct request out;

	for (size_t i = 0; i < N_OF(body_damages); i++) {
		long n = request_pack(&body_damages[i].request, room->bytes, MESSAGE_MAX);

		assert_true(n > (long)body_damages[i].at);
		room->bytes[body_damages[i].at] = body_damages[i].value;
		if (request_unpack(&out, room->bytes, (size_t)n, room->inodes) != -EBADMSG)
			fail_msg("accepted: %s", body_damages[i].title);
	}
}

static void assert_fits(const struct request *r)
{
	char out[REQUEST_TEXT_MAX];

	assert_int_equal(request_check(r), 0);
	assert_true(strlen(strchr(request_text(r, out), '/') + 1) <= ARGS_MAX);
}

static void long_texts_that_differ_at_their_end_differ_and_fit(void **state)
{
	struct request a = {
		.kind = REQUEST_CAPTURE,
		.netns = NAMED(NAME_63),
		.capture = {.proto = IPPROTO_UDP,
			    .n_ports = REQUEST_PORTS_MAX,
			    .ports = {65535, 65534, 65533, 65532, 65531, 65530, 65529, 1},
			    .client = {AF_INET6, {[0 ... 15] = 0xee}},
			    .server = {AF_INET6, {[0 ... 15] = 0xdd}},
			    .device = "\x01\x02\x03\x04\x05\x06\x07\x10\x11\x12%%%%%"}};
	struct request b = a;
	char one[REQUEST_TEXT_MAX], other[REQUEST_TEXT_MAX];

	(void)state;
	b.capture.is_promiscuous = true;
	assert_fits(&a);
	assert_fits(&b);
	assert_string_not_equal(request_text(&a, one), request_text(&b, other));
	b.capture.is_promiscuous = false;
	assert_string_equal(request_text(&a, one), request_text(&b, other));
}

static void no_cut_text_ends_within_an_escaped_byte(void **state)
{
	struct request r = {.kind = REQUEST_CAPTURE,
			    .capture = {.client = {AF_INET6, {[0 ... 15] = 0xee}},
					.device = "%%%%%%%%%%%%%%%"}};
	char out[REQUEST_TEXT_MAX];

	(void)state;
	for (unsigned n = 0; n <= 3; n++) {
		char *percent;

		r.capture.n_ports = 1;
		r.capture.ports[0] = (uint16_t[]){1, 10, 100, 1000}[n];
		assert_fits(&r);
		percent = strrchr(request_text(&r, out), '%');
		assert_non_null(percent);
		assert_memory_equal(percent, "%25", 3);
	}
}

static void every_kind_has_a_row(void **state)
{
	bool is_there[N_REQUEST_KINDS] = {false};

	(void)state;
	for (size_t i = 0; i < N_OF(texts); i++)
		is_there[texts[i].request.kind] = true;
	for (size_t i = 0; i < N_REQUEST_KINDS; i++)
		if (!is_there[i])
			fail_msg("no row: %s", request_word((enum request_kind)i));
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void what_random_bytes_unpack_to_packs_to_the_same_bytes(void **state)
{
	struct room *room = *state;
	uint64_t seed = UINT64_C(0x5eed0001);
	uint8_t packed[512], again[512];
	size_t n_accepted = 0;

	for (size_t i = 0; i < 20000; i++) {
		const struct request *in = &texts[next_random(&seed) % N_OF(texts)].request;
		long n = request_pack(in, packed, sizeof(packed));
		struct request out;

		for (uint64_t flips = next_random(&seed) % 3; flips > 0; flips--)
			packed[next_random(&seed) % (size_t)n] =
				(uint8_t)next_random(&seed);
		if (request_unpack(&out, packed, (size_t)n, room->inodes))
			continue;
		n_accepted++;
		assert_int_equal(request_check(&out), 0);
		assert_int_equal(request_pack(&out, again, sizeof(again)), n);
		assert_memory_equal(packed, again, (size_t)n);
	}
	assert_true(n_accepted > 1000);
}

static void every_kind_has_a_word(void **state)
{
	(void)state;
	assert_string_equal(request_word(REQUEST_SOCK_DIAG), "sock_diag");
	assert_string_equal(request_word(REQUEST_CGROUPS), "cgroups");
	assert_string_equal(request_word(N_REQUEST_KINDS), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_a_word),
		cmocka_unit_test(every_request_has_its_text),
		cmocka_unit_test(the_longest_text_fits_a_tar_header),
		cmocka_unit_test(long_names_that_differ_at_their_end_have_different_texts),
		cmocka_unit_test(what_is_out_of_range_is_refused_and_still_has_a_text),
		cmocka_unit_test(what_was_packed_is_unpacked_to_the_same),
		cmocka_unit_test(the_largest_request_fits_one_message),
		cmocka_unit_test(too_little_room_leaves_it_untouched),
		cmocka_unit_test(a_message_of_another_length_is_refused),
		cmocka_unit_test(a_damaged_message_is_refused_and_leaves_the_output),
		cmocka_unit_test(a_damaged_body_is_refused),
		cmocka_unit_test(long_texts_that_differ_at_their_end_differ_and_fit),
		cmocka_unit_test(no_cut_text_ends_within_an_escaped_byte),
		cmocka_unit_test(every_kind_has_a_row),
		cmocka_unit_test(what_random_bytes_unpack_to_packs_to_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, make_room, free_room);
}

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

#define N_OF(rows)  (sizeof(rows) / sizeof(*(rows)))
#define ARGS_MAX    100
#define MESSAGE_MAX 65536
#define OWN_NETNS                 \
	{                         \
		.kind = NETNS_OWN \
	}
#define NAMED(text)                              \
	{                                        \
		.kind = NETNS_NAME, .name = text \
	}
#define TCP_LISTENERS                                                       \
	{                                                                   \
		.family = AF_INET, .protocol = IPPROTO_TCP, .states = 0x400 \
	}
#define NAME_63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const uint32_t three_inodes[] = {7, 0x12345678, UINT32_MAX};

static const struct {
	struct request request;
	const char *text;
} texts[] = {
	{{.kind = REQUEST_SOCK_DIAG,
	  .sock_diag = {.family = AF_INET,
			.protocol = IPPROTO_TCP,
			.states = 0x400,
			.extensions = 0x40}},
	 "sock_diag/family=2,protocol=6,states=0x400,ext=0x40"},
	{{.kind = REQUEST_SOCK_DIAG,
	  .sock_diag = {.protocol = IPPROTO_TCP, .states = 0x400, .extensions = 0x40}},
	 "sock_diag/family=0,protocol=6,states=0x400,ext=0x40"},
	{{.kind = REQUEST_SOCK_DIAG,
	  .netns = {.kind = NETNS_PID, .pid = 4711},
	  .sock_diag = {.family = AF_INET6,
			.protocol = IPPROTO_MPTCP,
			.states = UINT32_MAX,
			.extensions = UINT8_MAX}},
	 "sock_diag/family=10,protocol=262,states=0xffffffff,ext=0xff,netns=pid:4711"},
	{{.kind = REQUEST_RTNETLINK, .rtnetlink = {RTNL_LINKS}}, "rtnetlink/dump=links"},
	{{.kind = REQUEST_RTNETLINK, .rtnetlink = {RTNL_LOCAL_ROUTES}},
	 "rtnetlink/dump=local_routes"},
	{{.kind = REQUEST_FILES, .netns = NAMED("blue"), .files = {FILES_NET}},
	 "files/set=net,netns=name:blue"},
	{{.kind = REQUEST_FILES, .files = {FILES_HOST}}, "files/set=host"},
	{{.kind = REQUEST_FILES, .files = {FILES_PROC_NET_SOCKETS}},
	 "files/set=proc_net_sockets"},
	{{.kind = REQUEST_OWNERS, .owners = {three_inodes, 3}}, "owners/-"},
	{{.kind = REQUEST_OWNERS, .netns = NAMED("blue")}, "owners/netns=name:blue"},
	{{.kind = REQUEST_NAMESPACES}, "namespaces/-"},
	{{.kind = REQUEST_SOCKET_UNITS}, "socket_units/-"},
	{{.kind = REQUEST_CGROUPS}, "cgroups/-"},
	/* what is not of the chosen kind of namespace does not count */
	{{.kind = REQUEST_CGROUPS, .netns = {NETNS_OWN, 12, "blue"}}, "cgroups/-"},
	{{.kind = REQUEST_CGROUPS, .netns = NAMED("a%b~c")},
	 "cgroups/netns=name:a%25b%7Ec"},
	{{.kind = REQUEST_CGROUPS, .netns = NAMED("a=b,c:d._-")},
	 "cgroups/netns=name:a=b,c:d._-"},
	{{.kind = REQUEST_CGROUPS,
	  .netns = NAMED("abcdefghijklmnopqrstuvwxyzabcdefghijklm")},
	 "cgroups/netns=name:abcdefghijklmnopqrstuvwxyzabcdefghijklm"},
	{{.kind = REQUEST_CGROUPS,
	  .netns = NAMED("abcdefghijklmnopqrstuvwxyzabcdefghijklmn")},
	 "cgroups/netns=long:abcdefghijklmnopqrstuv.a7daab58094a831d"},
};

static const struct {
	const char *title;
	struct request request;
} refused[] = {
	{"unknown kind", {.kind = N_REQUEST_KINDS}},
	{"wild kind", {.kind = (enum request_kind)0xffff}},
	{"wild kind of namespace",
	 {.kind = REQUEST_CGROUPS, .netns = {.kind = (enum netns_kind)3}}},
	{"both families of UDP", {.sock_diag = {.protocol = IPPROTO_UDP, .states = 1}}},
	{"both families of MPTCP", {.sock_diag = {.protocol = IPPROTO_MPTCP, .states = 1}}},
	{"another family",
	 {.sock_diag = {.family = AF_UNIX, .protocol = IPPROTO_TCP, .states = 1}}},
	{"no protocol", {.sock_diag = {.family = AF_INET, .states = 1}}},
	{"another protocol",
	 {.sock_diag = {.family = AF_INET, .protocol = IPPROTO_RAW, .states = 1}}},
	{"a protocol whose low byte is TCP",
	 {.sock_diag = {.family = AF_INET, .protocol = 0x106 + 0x100, .states = 1}}},
	{"no state", {.sock_diag = {.family = AF_INET, .protocol = IPPROTO_TCP}}},
	{"unknown dump", {.kind = REQUEST_RTNETLINK, .rtnetlink = {N_RTNETLINK_DUMPS}}},
	{"unknown set", {.kind = REQUEST_FILES, .files = {N_FILE_SETS}}},
	{"too many inodes",
	 {.kind = REQUEST_OWNERS, .owners = {three_inodes, REQUEST_OWNERS_MAX + 1}}},
	{"inodes that are nowhere", {.kind = REQUEST_OWNERS, .owners = {NULL, 1}}},
	{"pid 0", {.kind = REQUEST_CGROUPS, .netns = {.kind = NETNS_PID}}},
	{"negative pid",
	 {.kind = REQUEST_CGROUPS, .netns = {.kind = NETNS_PID, .pid = -1}}},
	{"empty name", {.kind = REQUEST_CGROUPS, .netns = NAMED("")}},
	{"dot", {.kind = REQUEST_CGROUPS, .netns = NAMED(".")}},
	{"dot dot", {.kind = REQUEST_CGROUPS, .netns = NAMED("..")}},
	{"slash", {.kind = REQUEST_CGROUPS, .netns = NAMED("a/b")}},
	{"space", {.kind = REQUEST_CGROUPS, .netns = NAMED("a b")}},
	{"newline", {.kind = REQUEST_CGROUPS, .netns = NAMED("a\nb")}},
	{"delete", {.kind = REQUEST_CGROUPS, .netns = NAMED("a\x7f")}},
	{"UTF-8", {.kind = REQUEST_CGROUPS, .netns = NAMED("\xc3\xa9")}},
	/* the initializer leaves no room for the NUL */
	{"name without an end", {.kind = REQUEST_CGROUPS, .netns = NAMED(NAME_63 "x")}},
};

/* Bytes of a packed "cgroups" request in the namespace "blue" that make it damaged. */
static const struct {
	const char *title;
	size_t at;
	uint8_t value;
} damages[] = {
	{"kind", 0, N_REQUEST_KINDS},
	{"kind of namespace", 1, 3},
	{"own namespace with a name", 1, NETNS_OWN},
	{"first zero", 2, 1},
	{"second zero", 3, 1},
	{"pid beside a name", 4, 1},
	{"slash in the name", 9, '/'},
	{"empty name", 8, 0},
	{"bytes behind the name's end", 13, 'x'},
	{"last byte of the name", 71, 'x'},
	{"kind with a body", 0, REQUEST_FILES},
};

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
	uint8_t packed[256], again[256];
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
		cmocka_unit_test(what_random_bytes_unpack_to_packs_to_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, make_room, free_room);
}

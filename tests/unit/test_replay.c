/* Reading recordings: what is taken, what is refused, and the order of the parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "tests/unit/recording.h"

/* The first member and the sentence that it gives; NULL: it is taken. */
static const struct {
	const char *name, *json, *error;
} metas[] = {
	{"meta.json", GOOD_META, NULL},
	{"meta.json", "{\"version\":1,\"byte_order\":" OWN_ORDER ",\"later\":[1]}", NULL},
	{"meta.json", META_OF("7", OWN_ORDER),
	 "made by a newer dport (version 7, this one reads 1)"},
	{"meta.json", META_OF("7", "\"middle\""),
	 "made by a newer dport (version 7, this one reads 1)"},
	{"meta.json", META_OF("1", OTHER_ORDER), "made on a "},
	{"meta.json", META_OF("1", "\"middle\""),
	 "no recording: its meta.json names no byte order"},
	{"meta.json", META_OF("1", "1"), "no recording: its meta.json names no byte order"},
	{"meta.json", META_OF("0", OWN_ORDER),
	 "no recording: its meta.json names no version"},
	{"meta.json", META_OF("-1", OWN_ORDER),
	 "no recording: its meta.json names no version"},
	{"meta.json", META_OF("\"1\"", OWN_ORDER),
	 "no recording: its meta.json names no version"},
	{"meta.json", META_OF("1.0", OWN_ORDER),
	 "no recording: its meta.json names no version"},
	{"meta.json", META_OF("99999999999999999999", OWN_ORDER),
	 "no recording: its meta.json is no JSON object"},
	{"meta.json", "{}", "no recording: its meta.json names no version"},
	{"meta.json", "[1]", "no recording: its meta.json is no JSON object"},
	{"meta.json", "", "no recording: its meta.json is no JSON object"},
	{"meta.json", "{\"version\":1,\"version\":1}",
	 "no recording: its meta.json is no JSON object"},
	{NAME, HEAD, "no recording: its first member is not meta.json"},
	{"notes.txt", GOOD_META, "no recording: its first member is not meta.json"},
};

/* A member behind meta.json: how many parts it gives, or what is said (at byte N). */
static const struct {
	const char *title, *name, *data;
	size_t n_parts;
	const char *error;
} members[] = {
	{"an empty part", NAME, HEAD, 1, NULL},
	{"a part with bytes", NAME, HEAD "part=x\n\n", 1, NULL},
	{"a source of a later version", "00000001/0/later_9/-", HEAD, 1, NULL},
	{"the largest numbers", "4294967295/18446744073709551615/files/-",
	 "part=0 status=timed-out error=4095 wall=9223372036854775807 "
	 "boot=9223372036854775807\n",
	 1, NULL},
	{"a capture", "wire.pcap", "\xd4\xc3\xb2\xa1", 0, NULL},
	{"a later member", "later/00000001/x", "?", 0, NULL},
	{"a name of seven digits", "0000001/0/" TEXT, "?", 0, NULL},
	{"a second meta.json", "meta.json", GOOD_META, 0, "1024: a second meta.json"},
	{"number 0", "00000000/0/" TEXT, HEAD, 0, "1024: the name of a part is malformed"},
	{"nine digits with a zero", "000000001/0/" TEXT, HEAD, 0, "1024: the name"},
	{"a number over the range", "4294967296/0/" TEXT, HEAD, 0, "1024: the name"},
	{"a namespace over the range", "00000001/18446744073709551616/" TEXT, HEAD, 0,
	 "1024: the name"},
	{"a namespace with a zero", "00000001/01/" TEXT, HEAD, 0, "1024: the name"},
	{"no namespace", "00000001//" TEXT, HEAD, 0, "1024: the name"},
	{"no source", "00000001/0//set=net", HEAD, 0, "1024: the name"},
	{"no arguments", "00000001/0/files/", HEAD, 0, "1024: the name"},
	{"no slash before arguments", "00000001/0/files", HEAD, 0, "1024: the name"},
	{"a slash in the arguments", NAME "/x", HEAD, 0, "1024: the name"},
	{"a space in the arguments", NAME " x", HEAD, 0, "1024: the name"},
	{"an escape sequence", NAME "\033[2J", HEAD, 0, "1024: the name"},
	{"no data", NAME, "", 0, "1536: a part has no head line"},
	{"no newline", NAME, "part=0 status=last error=0 wall=1 boot=2", 0,
	 "1536: a part has no head line"},
	{"a newline only", NAME, "\n", 0, "1536: the head line of a part is malformed"},
	{"an unknown status", NAME, "part=0 status=done error=0 wall=1 boot=2\n", 0,
	 "1536: the head line"},
	{"a longer status", NAME, "part=0 status=lasting error=0 wall=1 boot=2\n", 0,
	 "1536: the head line"},
	{"no status", NAME, "part=0 status= error=0 wall=1 boot=2\n", 0,
	 "1536: the head line"},
	{"an unknown word", NAME, "part=0 status=last error=0 wall=1 boot=2 more=1\n", 0,
	 "1536: the head line"},
	{"a missing word", NAME, "part=0 status=last error=0 wall=1\n", 0,
	 "1536: the head line"},
	{"another order", NAME, "status=last part=0 error=0 wall=1 boot=2\n", 0,
	 "1536: the head line"},
	{"two spaces", NAME, "part=0  status=last error=0 wall=1 boot=2\n", 0,
	 "1536: the head line"},
	{"a part over the range", NAME,
	 "part=4294967296 status=last error=0 wall=1 boot=2\n", 0, "1536: the head line"},
	{"an error over the range", NAME, "part=0 status=last error=4096 wall=1 boot=2\n",
	 0, "1536: the head line"},
	{"a negative error", NAME, "part=0 status=last error=-1 wall=1 boot=2\n", 0,
	 "1536: the head line"},
	{"a time over the range", NAME,
	 "part=0 status=last error=0 wall=9223372036854775808 boot=2\n", 0,
	 "1536: the head line"},
	{"a number with a zero", NAME, "part=0 status=last error=00 wall=1 boot=2\n", 0,
	 "1536: the head line"},
	{"an empty number", NAME, "part= status=last error=0 wall=1 boot=2\n", 0,
	 "1536: the head line"},
	{"a hexadecimal number", NAME, "part=0 status=last error=0x1 wall=1 boot=2\n", 0,
	 "1536: the head line"},
};

/*
 * Parts in the order of the file, "SEQ.PARTstatus" with '@' and a letter for another text,
 * and as they stand in the recording, ":" and the place in the file that the bytes came
 * from ('-': from none).
 */
static const struct {
	const char *file, *read, *error;
} orders[] = {
	{"", "", NULL},
	{"1.0l", "1.0l:a", NULL},
	{"1.0m 1.1m 1.2l", "1.0m:a 1.1m:b 1.2l:c", NULL},
	{"3.0m 4.0m 3.1l 4.1l", "3.0m:a 3.1l:c 4.0m:b 4.1l:d", NULL},
	{"9.0m 2.0l 9.1l", "9.0m:a 9.1l:c 2.0l:b", NULL},
	{"3.0m 3.1m 3.0m 3.1l", "3.0m:c 3.1l:d", NULL},
	{"3.0m 3.1m 4.0l 3.0l", "3.0l:d 4.0l:c", NULL},
	{"3.0m 3.0m 3.0m", "3.0m:c 3.1i:-", NULL},
	{"3.0m 3.1l 3.0t", "3.0t:c", NULL},
	{"3.0m", "3.0m:a 3.1i:-", NULL},
	{"3.0m 4.0m 3.1m 5.0d", "3.0m:a 3.1m:c 3.2i:- 4.0m:b 4.1i:- 5.0d:d", NULL},
	{"3.1l", "", "damaged at byte 1024: a part is missing before this one"},
	{"3.0m 3.2l", "", "damaged at byte 2048: a part is missing before this one"},
	{"3.0m 3.1m 3.1l", "", "damaged at byte 3072: a part is missing before this one"},
	{"3.0m 3.4294967295l", "", "damaged at byte 2048: a part is missing before"},
	{"3.0l 3.1l", "", "damaged at byte 2048: a part follows the last one"},
	{"3.0m 3.1l@b", "", "damaged at byte 2048: two requests have the same number"},
	{"3.0m 3.0l@b", "", "damaged at byte 2048: two requests have the same number"},
};

static const char status_letters[] = "mlitd"; /* as enum blob_status */

static void the_first_member_decides_whether_it_is_a_recording(void **state)
{
	char error[256];

	(void)state;
	for (size_t i = 0; i < N_OF(metas); i++) {
		struct str file = {0};
		struct recording *r;

		add_text(&file, metas[i].name, metas[i].json);
		str_fill(&file, '\0', TAR_END_MARK);
		r = recording_from_bytes(file.data, file.len, error);
		assert_true((r != NULL) == (metas[i].error == NULL));
		if (!r)
			assert_ptr_equal(strstr(error, metas[i].error), error);
		recording_free(r);
		str_release(&file);
	}
}

/* "damaged at byte N: what; ..." begins so; NULL: there is none */
static void check_damage(const char *title, const char *damage, const char *wanted)
{
	const char *head = "damaged at byte ";

	if ((damage != NULL) != (wanted != NULL))
		fail_msg("%s: %s", title, damage ? damage : "accepted");
	if (damage && (strncmp(damage, head, strlen(head)) != 0 ||
		       strstr(damage, wanted) != damage + strlen(head)))
		fail_msg("%s: \"%s\"", title, damage);
}

static void what_stands_before_the_damage_is_taken(void **state)
{
	char error[256];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct str file = {0};
		struct recording *r;
		size_t at;

		add_text(&file, "meta.json", GOOD_META);
		add_text(&file, "00000001/0/files/a", HEAD);
		add_text(&file, "00000002/0/files/a", HEAD);
		at = file.len;
		add_text(&file, "00000003/0/files/a", i ? "?\n" : HEAD);
		if (!i)
			file.data[at] = 'x'; /* the checksum is wrong now */
		add_text(&file, "00000004/0/files/a", HEAD);
		str_fill(&file, '\0', TAR_END_MARK);
		r = recording_from_bytes(file.data, file.len, error);
		assert_non_null(r);
		assert_int_equal(recording_n_parts(r), 2);
		assert_non_null(strstr(recording_damage(r),
				       "; the 2 parts before it could be read"));
		recording_free(r);
		str_release(&file);
	}
}

static void a_member_is_a_part_or_skipped_or_damage(void **state)
{
	char error[256];

	(void)state;
	for (size_t i = 0; i < N_OF(members); i++) {
		struct str file = {0};
		struct recording *r;

		add_text(&file, "meta.json", GOOD_META);
		add_text(&file, members[i].name, members[i].data);
		str_fill(&file, '\0', TAR_END_MARK);
		r = recording_from_bytes(file.data, file.len, error);
		assert_non_null(r);
		assert_int_equal(recording_n_parts(r), members[i].n_parts);
		check_damage(members[i].title, recording_damage(r), members[i].error);
		recording_free(r);
		str_release(&file);
	}
}

static void a_member_that_is_no_regular_file_is_skipped(void **state)
{
	struct str file = {0};
	struct recording *r;
	char error[256];
	size_t at;

	(void)state;
	add_text(&file, "meta.json", GOOD_META);
	at = file.len;
	add_text(&file, NAME, "?");
	str_fill(&file, '\0', TAR_END_MARK);
	file.data[at + 156] = '5';
	mend_checksum(file.data + at);
	r = recording_from_bytes(file.data, file.len, error);
	assert_non_null(r);
	assert_int_equal(recording_n_parts(r), 0);
	recording_free(r);
	str_release(&file);
}

static void a_part_of_the_largest_size_is_taken_and_a_larger_one_refused(void **state)
{
	static char data[sizeof(HEAD) - 1 + BLOB_PART_MAX + 1] = HEAD;
	char error[256];

	(void)state;
	for (size_t over = 0; over < 2; over++) {
		struct str file = {0};
		struct recording *r;

		add_text(&file, "meta.json", GOOD_META);
		add_member(&file, NAME, data, sizeof(data) - 1 + over);
		str_fill(&file, '\0', TAR_END_MARK);
		r = recording_from_bytes(file.data, file.len, error);
		assert_non_null(r);
		assert_int_equal(recording_n_parts(r), 1 - over);
		check_damage("size", recording_damage(r),
			     over ? "1536: a part is larger than 64 KiB; " : NULL);
		recording_free(r);
		str_release(&file);
	}
}

static void add_order(struct str *file, const char *words)
{
	char place = 'a', name[64], data[128];
	uint32_t seq, part;
	int n;

	for (; *words; words += strspn(words, " "), place++) {
		char status;
		bool is_other;

		assert_int_equal(sscanf(words, "%" SCNu32 ".%" SCNu32 "%c%n", &seq, &part,
					&status, &n),
				 3);
		words += n;
		is_other = *words == '@';
		words += is_other ? 2 : 0;
		snprintf(name, sizeof(name), "%08" PRIu32 "/0/files/%s", seq,
			 is_other ? "b" : "a");
		snprintf(data, sizeof(data),
			 "part=%" PRIu32 " status=%s error=0 wall=%d boot=0\n%c", part,
			 status == 'm'   ? "more"
			 : status == 'l' ? "last"
			 : status == 't' ? "truncated"
					 : "timed-out",
			 place, place);
		add_text(file, name, data);
	}
}

static void read_order(struct str *out, const struct recording *r)
{
	for (size_t i = 0; i < recording_n_parts(r); i++) {
		const struct blob *b = &recording_part(r, i)->blob;

		str_printf(out, "%s%" PRIu32 ".%" PRIu32 "%c:%c", i ? " " : "", b->seq,
			   b->part, status_letters[b->status], b->len ? *b->bytes : '-');
	}
}

static void parts_stand_answer_by_answer_and_every_answer_ends(void **state)
{
	char error[256];

	(void)state;
	for (size_t i = 0; i < N_OF(orders); i++) {
		struct str file = {0}, read = {0};
		struct recording *r;

		add_text(&file, "meta.json", GOOD_META);
		add_order(&file, orders[i].file);
		str_fill(&file, '\0', TAR_END_MARK);
		r = recording_from_bytes(file.data, file.len, error);
		if ((r != NULL) != (orders[i].error == NULL))
			fail_msg("%s: %s", orders[i].file, r ? "accepted" : error);
		if (r) {
			read_order(&read, r);
			assert_string_equal(str_text(&read), orders[i].read);
			assert_int_equal(recording_start_ns(r), *orders[i].file ? 'a' : 0);
		} else {
			assert_ptr_equal(strstr(error, orders[i].error), error);
		}
		recording_free(r);
		str_release(&read);
		str_release(&file);
	}
}

static void the_nth_answer_for_a_text_is_found_and_then_repeated(void **state)
{
	/* text a: 7, 3, 5 in the order of the file, interleaved with text b: 4 */
	static const uint32_t seqs[] = {7, 3, 5, 5, 5};
	struct str file = {0};
	size_t first = 99, end = 99;
	bool is_repeat = true;
	struct recording *r;
	char error[256];

	(void)state;
	add_text(&file, "meta.json", GOOD_META);
	add_order(&file, "7.0m 3.0m 4.0l@b 7.1l 3.1l 5.0l");
	str_fill(&file, '\0', TAR_END_MARK);
	r = recording_from_bytes(file.data, file.len, error);
	assert_non_null(r);
	assert_int_equal(recording_find(r, "files/c", 0, &first, &end, &is_repeat),
			 -ENOENT);
	assert_int_equal(recording_find(r, "files/", 0, &first, &end, &is_repeat), -ENOENT);
	assert_int_equal(recording_find(r, "", 0, &first, &end, &is_repeat), -ENOENT);
	assert_true(first == 99 && end == 99 && is_repeat);
	for (unsigned nth = 0; nth < N_OF(seqs); nth++) {
		assert_int_equal(
			recording_find(r, "files/a", nth, &first, &end, &is_repeat), 0);
		assert_int_equal(is_repeat, nth >= 3);
		assert_int_equal(end - first, seqs[nth] == 5 ? 1 : 2);
		for (size_t i = first; i < end; i++)
			assert_int_equal(recording_part(r, i)->blob.seq, seqs[nth]);
	}
	assert_int_equal(recording_find(r, "files/a", UINT32_MAX, &first, &end, &is_repeat),
			 0);
	assert_int_equal(recording_find(r, "files/b", 0, &first, &end, &is_repeat), 0);
	assert_int_equal(recording_part(r, first)->blob.seq, 4);
	assert_false(is_repeat);
	recording_free(r);
	str_release(&file);
}

static void the_namespaces_that_were_looked_at_are_known(void **state)
{
	static const struct {
		const char *texts[3], *netns;
	} recordings[] = {
		{{"files/set=host", "files/set=net"}, ""},
		{{"files/set=net,netns=name:blue"}, "name:blue"},
		{{"files/set=host", "files/set=net,netns=pid:812"}, "pid:812"},
		{{"files/set=net", "namespaces/-", "files/set=net,netns=pid:812"}, "all"},
		{{"files/set=net,netns=long:abc.0123456789abcdef"}, NULL},
		{{"files/set=network"}, NULL},
		{{NULL}, NULL},
	};
	char error[256], name[128];

	(void)state;
	for (size_t i = 0; i < N_OF(recordings); i++) {
		struct str file = {0};
		struct recording *r;
		const char *netns;

		add_text(&file, "meta.json", GOOD_META);
		for (int k = 0; k < 3 && recordings[i].texts[k]; k++) {
			snprintf(name, sizeof(name), "%08d/0/%s", k + 1,
				 recordings[i].texts[k]);
			add_text(&file, name, HEAD);
		}
		str_fill(&file, '\0', TAR_END_MARK);
		r = recording_from_bytes(file.data, file.len, error);
		assert_non_null(r);
		netns = recording_netns(r);
		assert_true((netns != NULL) == (recordings[i].netns != NULL));
		if (netns)
			assert_string_equal(netns, recordings[i].netns);
		recording_free(r);
		str_release(&file);
	}
}

static void many_answers_are_found_in_little_time(void **state)
{
	enum { N = 50000 };
	struct str file = {0};
	struct recording *r;
	size_t first, end;
	bool is_repeat;
	char error[256], name[64];

	(void)state;
	add_text(&file, "meta.json", GOOD_META);
	for (int i = N; i > 0; i--) {
		snprintf(name, sizeof(name), "%08d/0/files/n=%d", i, i % 10);
		add_text(&file, name, HEAD);
	}
	r = recording_from_bytes(file.data, file.len, error);
	assert_non_null(r);
	for (unsigned nth = 0; nth < N / 10; nth++) {
		assert_int_equal(
			recording_find(r, "files/n=3", nth, &first, &end, &is_repeat), 0);
		assert_int_equal(recording_part(r, first)->blob.seq, N - 7 - 10 * nth);
	}
	recording_free(r);
	str_release(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_member_decides_whether_it_is_a_recording),
		cmocka_unit_test(a_member_is_a_part_or_skipped_or_damage),
		cmocka_unit_test(what_stands_before_the_damage_is_taken),
		cmocka_unit_test(a_member_that_is_no_regular_file_is_skipped),
		cmocka_unit_test(
			a_part_of_the_largest_size_is_taken_and_a_larger_one_refused),
		cmocka_unit_test(parts_stand_answer_by_answer_and_every_answer_ends),
		cmocka_unit_test(the_nth_answer_for_a_text_is_found_and_then_repeated),
		cmocka_unit_test(the_namespaces_that_were_looked_at_are_known),
		cmocka_unit_test(many_answers_are_found_in_little_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Any bytes as a recording: it is refused with a sentence, or every part of it is found
 * again. */
#include <assert.h>
#include <string.h>

#include "core/host/tape/record.h"
#include "tests/fuzz/parts.h"

static void find_again(const struct recording *rec, const char *text)
{
	size_t first, end;
	bool is_repeat;

	for (unsigned nth = 0; nth < 3; nth++) {
		assert(!recording_find(rec, text, nth, &first, &end, &is_repeat));
		assert(first < end && end <= recording_n_parts(rec));
		assert(blob_is_end(&recording_part(rec, end - 1)->blob));
		for (size_t i = first; i < end; i++)
			assert(!strcmp(recording_part(rec, i)->text, text));
	}
}

/* They are in order, do not overlap, and each text has an answer at any of them. */
static void go_through(const struct recording *rec)
{
	const struct tape_moment *m;
	size_t n = recording_moments(rec, &m), first, end;
	bool is_repeat;

	for (size_t i = 0; i < n; i++) {
		const char *text = recording_part(rec, 0)->text;

		assert(m[i].wall_ns <= m[i].until_ns);
		assert(!i || m[i - 1].until_ns < m[i].wall_ns);
		assert(!recording_find(rec, text,
				       recording_nth_at(rec, text, m[i].until_ns), &first,
				       &end, &is_repeat));
		assert(!is_repeat);
		assert(!recording_find(rec, text,
				       recording_nth_from(rec, text, m[i].wall_ns), &first,
				       &end, &is_repeat));
		assert(!is_repeat);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[256] = "";
	struct recording *rec = recording_from_bytes(data, size, error);

	if (!rec) {
		assert(*error);
		return 0;
	}
	for (size_t i = 0; i < recording_n_parts(rec); i++)
		find_again(rec, recording_part(rec, i)->text);
	go_through(rec);
	assert(recording_n_parts(rec) || !recording_start_ns(rec));
	recording_free(rec);
	return 0;
}

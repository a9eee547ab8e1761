/* Any bytes as the items of programs, filters and queueing disciplines. */
#include <assert.h>
#include <string.h>

#include "core/network/programs.h"
#include "tests/fuzz/parts.h"

static void check_row(const struct program_table *t, const struct program_row *r)
{
	bool is_shared;
	size_t n;
	const struct program_row *rows =
		r->ifindex || !r->cgroup ? programs_on(t, r->ifindex, r->place, &n)
					 : programs_of_group(t, r->cgroup, r->place, &n);

	assert(r->cgroup || (rows && r >= rows && r < rows + n));
	assert(r->words && strlen(r->words) && r->device);
	assert(r->match.source_len <= 128 && r->match.target_len <= 128);
	assert(programs_dropped(t, t, r, &is_shared) <= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct program_decoder *d = programs_new();
	struct program_table *t;
	const uint8_t *bytes;
	size_t len;

	assert(d);
	while (parts_next(&p, &bytes, &len))
		programs_decode(d, bytes, len);
	t = programs_finish(d);
	assert(t);
	for (size_t i = 0; i < t->n; i++)
		check_row(t, &t->rows[i]);
	table_unref(t);
	programs_free(d);
	return 0;
}

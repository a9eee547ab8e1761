/* Any bytes as logs, and what is found in them. */
#include <assert.h>

#include "core/logs/known.h"
#include "core/logs/match.h"
#include "tests/fuzz/parts.h"

#define NOW INT64_C(1795341600000000000)

static void look(const struct log_table *t)
{
	static const int32_t pid = 812;
	const struct addr client = {.family = 2, .bytes = {10, 0, 0, 9}};
	const struct log_wanted w = {.from_ns = NOW - 1000000000,
				     .to_ns = NOW + 1000000000,
				     .clients = {&client, 1},
				     .port = 443,
				     .proto = 6,
				     .pids = &pid,
				     .n_pids = 1,
				     .unit = text_of("web.service"),
				     .comm = text_of("web")};
	struct log_match found[8];
	size_t n = logs_match(t, &w, found, 8);

	assert(n <= t->n);
	for (size_t i = 0; i < n && i < 8; i++) {
		const struct log_line *line = &t->rows[found[i].line];

		assert(found[i].line < t->n);
		assert(line->wall_ns > 0);
		assert(found[i].meaning < N_LOG_MEANINGS);
		assert(line->from_kernel || line->from_netfilter ||
		       found[i].meaning != LOG_MEANS_FIREWALL);
	}
	n = logs_match_known(t, &w, found, 8);
	for (size_t i = 0; i < n; i++)
		assert(found[i].line < t->n && found[i].meaning < N_LOG_MEANINGS);
}

/* What was found by sifting is what every form by itself finds. */
static void compare_sentences(const struct log_table *t)
{
	const struct log_sentence *next = t->sentences;

	for (size_t i = 0; t->has_sentences && i < t->n; i++) {
		struct form_found found;
		const struct known *k = known_find(&t->rows[i], &found);
		bool is_next =
			next && next < t->sentences + t->n_sentences && next->line == i;

		assert(is_next == (k != NULL));
		if (!is_next)
			continue;
		assert(next->known == k && next->found.pid == found.pid &&
		       next->found.reason == found.reason);
		next++;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct log_decoder *d = logs_new(3600, NOW);
	struct log_table *t;
	const uint8_t *bytes;
	size_t len;

	while (parts_next(&p, &bytes, &len))
		logs_decode(d, bytes, len);
	t = logs_finish(d);
	for (size_t i = 0; i < t->n; i++) {
		assert(t->rows[i].text.len <= LOG_TEXT_MAX);
		assert(t->rows[i].message.len <= t->rows[i].text.len);
		assert(i == 0 || t->rows[i - 1].wall_ns <= t->rows[i].wall_ns);
	}
	compare_sentences(t);
	look(t);
	table_unref(t);
	logs_free(d);
	return 0;
}

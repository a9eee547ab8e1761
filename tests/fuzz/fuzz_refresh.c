/*
 * Any bytes as answers to real requests. Input: records of u8 what, u8 which request, u8
 * status, u8 error, le16 length, bytes; what is left of the clock moves in `what`.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bundle.h"
#include "core/base/cursor.h"
#include "core/snapshot/refresh.h"
#include "tests/fuzz/parts.h"

#define ASKED_MAX 4096
#define NS_PER_MS 1000000

struct asked {
	uint32_t seq, part;
	struct request request;
};

struct player {
	struct refresh *refresh;
	struct asked asked[ASKED_MAX];
	size_t n;
	uint32_t last_seq;
	int64_t now_ns;
};

static void ask(struct player *p)
{
	struct request request;

	while (p->n < ASKED_MAX && refresh_next(p->refresh, p->now_ns, &request)) {
		assert(request_check(&request) == 0);
		p->asked[p->n++] = (struct asked){.seq = ++p->last_seq, .request = request};
		assert(refresh_sent(p->refresh, p->last_seq, p->now_ns) == 0);
	}
}

static void give(struct player *p, size_t i, uint8_t status, int error, const void *bytes,
		 size_t len)
{
	struct blob b = {.seq = p->asked[i].seq,
			 .part = p->asked[i].part++,
			 .status = (enum blob_status)(status % 5),
			 .error = error,
			 .netns = status & 0x80 ? 4026531840 : 0,
			 .boot_ns = p->now_ns,
			 .bytes = bytes,
			 .len = len};

	if (status & 0x40)
		b.part = p->asked[i].part = 0;
	if (blob_is_end(&b))
		p->asked[i] = p->asked[--p->n];
	assert(refresh_blob(p->refresh, &b, p->now_ns) >= 0);
}

/* The facts without which nothing is shown. */
static void give_facts(struct player *p)
{
	static const struct bundle_item kernel = {
		{"sys/kernel/osrelease", 20}, {"6.1", 3}, 0};
	uint8_t bytes[128];
	long len = bundle_put(bytes, sizeof(bytes), &kernel);

	for (size_t i = 0; i < p->n; i++) {
		const struct request *r = &p->asked[i].request;

		if (r->kind == REQUEST_FILES && r->files.set == FILES_HOST) {
			give(p, i, BLOB_LAST, 0, bytes, (size_t)len);
			return;
		}
	}
}

static void look(struct player *p)
{
	struct source_state rows[4];
	struct snapshot *s = refresh_snapshot(p->refresh);

	assert(s && s->n_spaces > 0);
	for (size_t i = 0; i < s->n_notes; i++)
		assert(s->notes[i].status != SOURCE_OK && s->notes[i].error >= 0);
	table_unref(s);
	refresh_sources(p->refresh, rows, 4);
	refresh_is_settled(p->refresh);
	refresh_due_ns(p->refresh);
}

static void play(struct player *p, struct cursor *c)
{
	uint8_t what = cursor_u8(c), which = cursor_u8(c), status = cursor_u8(c);
	uint8_t error = cursor_u8(c);
	size_t len = cursor_le16(c);
	const uint8_t *bytes;

	len = len < cursor_left(c) ? len : cursor_left(c);
	bytes = cursor_bytes(c, len);
	p->now_ns += (int64_t)(what >> 3) * 100 * NS_PER_MS;
	ask(p);
	if (what & 1)
		give_facts(p);
	if (p->n)
		give(p, which % p->n, status, error, bytes, len);
	if (what & 2)
		look(p);
	if ((what & 7) == 4)
		refresh_now(p->refresh);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct player p;
	struct refresh_options options = {.spaces = SPACES_OWN};
	struct cursor c = cursor_of(data, size);
	uint8_t choice = cursor_u8(&c);

	if (choice & 1)
		options.spaces = SPACES_ALL;
	options.without_owners = choice & 2;
	options.without_connections = choice & 4;
	options.once = choice & 8;
	memset(&p, 0, sizeof(p));
	p.refresh = refresh_new(&options);
	while (cursor_left(&c))
		play(&p, &c);
	look(&p);
	refresh_free(p.refresh);
	return 0;
}

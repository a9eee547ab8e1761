/* One source in one place: parts become an answer, answers a table. Asks nothing. */
#include "core/snapshot/feed.h"

#include <errno.h>
#include <string.h>

void feed_init(struct feed *f, enum source_id id, struct watched_space *space)
{
	*f = (struct feed){.id = id, .source = &sources[id], .space = space};
}

static void reply_release(struct feed *f, struct reply *r)
{
	if (r->decoder)
		f->source->decoder->close(r->decoder);
	*r = (struct reply){0};
}

static void end_look(struct feed *f)
{
	for (unsigned i = 0; i < SOURCE_REQUESTS_MAX; i++)
		reply_release(f, &f->replies[i]);
	f->n_sent = f->n_ended = 0;
}

void feed_release(struct feed *f)
{
	end_look(f);
	table_unref(f->table);
	f->table = NULL;
}

void feed_sent(struct feed *f, int64_t now_ns)
{
	if (!f->n_sent)
		f->asked_ns = now_ns;
	f->is_asked = true;
	f->n_sent++;
}

bool feed_is_under_way(const struct feed *f)
{
	return f->n_sent > 0;
}

bool feed_is_half_sent(const struct feed *f)
{
	return f->n_sent > 0 && f->n_sent < f->source->n_requests;
}

bool feed_is_complete(const struct feed *f)
{
	return f->n_ended == f->source->n_requests;
}

static bool is_damage(int r)
{
	return r == -EBADMSG || r == -ENOMEM;
}

static int decode(struct feed *f, struct reply *r, const struct blob *b,
		  const struct wanted *w)
{
	int e;

	r->has_bytes = true;
	if (!r->decoder)
		r->decoder = f->source->decoder->open(w);
	e = r->decoder ? f->source->decoder->decode(r->decoder, b->bytes, b->len) : -ENOMEM;
	if (is_damage(e))
		r->error = -e;
	else if (e && !r->lack)
		r->lack = -e;
	return e == -ENOMEM ? e : 0;
}

int feed_take(struct feed *f, unsigned i, const struct blob *b, const struct wanted *w,
	      int spoiled)
{
	struct reply *r = &f->replies[i];
	int e = 0;

	if (b->part == 0)
		reply_release(f, r);
	if (!r->error)
		r->error = b->part == r->n_parts ? spoiled : EBADMSG;
	r->n_parts = b->part + 1;
	if (!r->error && b->len)
		e = decode(f, r, b, w);
	if (blob_is_end(b)) {
		r->status = b->status;
		if (!r->error)
			r->error = b->error;
		f->n_ended++;
	}
	return e;
}

static bool is_whole(const struct reply *r)
{
	return r->status == BLOB_LAST && !r->error && !r->lack;
}

/* Takes over the end of the first answer that is not whole. */
static void judge(struct feed *f)
{
	f->status = BLOB_LAST;
	f->error = 0;
	f->is_none = false;
	for (unsigned i = 0; i < f->source->n_requests; i++) {
		const struct reply *r = &f->replies[i];
		bool is_missed;

		if (is_whole(r))
			continue;
		is_missed = !r->error || r->error != f->source->none_error;
		f->is_none = !is_missed || r->error == ENOPKG;
		if (is_missed) {
			f->status = r->status;
			f->error = r->error ? r->error : r->lack;
		}
		break;
	}
	f->n_failed = feed_status(f) == SOURCE_OK ? 0 : f->n_failed + 1;
}

enum source_status feed_status(const struct feed *f)
{
	if (f->status == BLOB_TIMED_OUT)
		return SOURCE_TIMED_OUT;
	if (f->error == EBADMSG)
		return SOURCE_DAMAGED;
	if (f->error == ENODATA)
		return SOURCE_NOT_RECORDED;
	if (f->status == BLOB_TRUNCATED || f->error == EMSGSIZE)
		return SOURCE_TRUNCATED;
	if (f->error)
		return SOURCE_ERROR;
	return f->status == BLOB_INTERRUPTED ? SOURCE_INTERRUPTED : SOURCE_OK;
}

static bool is_worth_using(const struct feed *f)
{
	enum source_status s = feed_status(f);

	return s == SOURCE_OK || s == SOURCE_TRUNCATED || !f->is_answered ||
	       f->n_failed > 1 || f->is_none;
}

/* An answer without a byte tells nothing, unless it is whole: then there is nothing. */
static bool tells_something(const struct feed *f)
{
	for (unsigned i = 0; i < f->source->n_requests; i++)
		if (f->replies[i].has_bytes || is_whole(&f->replies[i]))
			return true;
	return false;
}

static void *make_table(struct feed *f)
{
	static const struct wanted nothing = {0};
	void *decoders[SOURCE_REQUESTS_MAX];

	for (unsigned i = 0; i < f->source->n_requests; i++) {
		struct reply *r = &f->replies[i];

		if (!r->decoder)
			r->decoder = f->source->decoder->open(&nothing);
		if (!r->decoder)
			return NULL;
		decoders[i] = r->decoder;
	}
	return f->source->decoder->finish(decoders);
}

static bool is_same(const struct feed *f, const void *table)
{
	if (!table || !f->table)
		return table == f->table;
	return f->source->decoder->is_same(table, f->table);
}

static enum feed_outcome adopt(struct feed *f)
{
	void *table = NULL;

	if (!is_worth_using(f))
		return FEED_KEPT;
	if (tells_something(f)) {
		table = make_table(f);
		if (!table) {
			f->error = ENOMEM;
			return FEED_LOST;
		}
	}
	if (is_same(f, table)) {
		table_unref(table);
		return FEED_SAME;
	}
	table_unref(f->table);
	f->table = table;
	return FEED_NEW;
}

enum feed_outcome feed_finish(struct feed *f, int64_t now_ns)
{
	enum feed_outcome outcome;

	judge(f);
	outcome = adopt(f);
	f->is_answered = true;
	f->took_ns = now_ns > f->asked_ns ? now_ns - f->asked_ns : 0;
	end_look(f);
	return outcome;
}

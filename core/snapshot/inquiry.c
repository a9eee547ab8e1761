/* Questions go out, parts come in and become tables. What is asked is the run's business.
 */
#include "core/snapshot/inquiry.h"

#include <errno.h>

#include "core/snapshot/inquiry_rows.h"

enum { ATTEMPTS_MAX = 20000 };

/* One request under way. */
struct inquiry_pending {
	uint32_t seq;
	struct response *response;
	void *decoder;
	uint32_t n_parts;
	int error; /* positive: what follows is not taken */
	int lack;  /* positive: taken, but it is not all */
};

void inquiry_init(struct inquiry *i, const struct netns_ref *space)
{
	*i = (struct inquiry){.space = *space, .pending = VEC_OF(struct inquiry_pending)};
	responses_init(&i->responses);
	attempts_init(&i->attempts, ATTEMPTS_MAX);
	fw_trace_init(&i->trace);
	drops_init(&i->drops);
}

static const struct inquiry_row *row_of(const struct inquiry_pending *p)
{
	return &inquiry_rows[p->response->question.kind];
}

static void close_decoder(struct inquiry_pending *p)
{
	if (p->decoder)
		row_of(p)->close(p->decoder);
	p->decoder = NULL;
}

void inquiry_release(struct inquiry *i)
{
	for (size_t k = 0; k < i->pending.n; k++)
		close_decoder(vec_at(&i->pending, k));
	vec_release(&i->pending);
	responses_release(&i->responses);
	attempts_release(&i->attempts);
	fw_trace_release(&i->trace);
	drops_release(&i->drops);
}

int inquiry_ask(struct inquiry *i, const struct question *q)
{
	return responses_add(&i->responses, q) ? 0 : -ENOMEM;
}

void inquiry_capture(struct inquiry *i, const struct capture_ask *ask)
{
	if (i->is_capture_wanted)
		return;
	i->is_capture_wanted = true;
	i->capture = *ask;
}

void inquiry_trace(struct inquiry *i, const struct trace_ask *ask)
{
	if (i->is_trace_wanted)
		return;
	i->is_trace_wanted = true;
	i->trace_ask = *ask;
}

void inquiry_drops(struct inquiry *i, const struct drop_ask *ask)
{
	if (i->are_drops_wanted)
		return;
	i->are_drops_wanted = true;
	i->drop_ask = *ask;
}

void inquiry_end_capture(struct inquiry *i)
{
	i->is_capture_ending = true;
}

static bool is_under_way(const struct inquiry *i, const struct response *r)
{
	for (size_t k = 0; k < i->pending.n; k++) {
		const struct inquiry_pending *p = vec_at(&i->pending, k);

		if (p->response == r)
			return true;
	}
	return false;
}

static int send_question(struct inquiry *i, struct channel *c, struct response *r)
{
	struct request request = inquiry_request(&r->question, &i->space);
	struct inquiry_pending *p = vec_push(&i->pending);
	int error;

	if (!p)
		return -ENOMEM;
	p->response = r;
	error = channel_request(c, &request, &p->seq);
	if (!error)
		return 0;
	vec_truncate(&i->pending, i->pending.n - 1);
	if (error != -EINVAL)
		return error;
	r->state = RESPONSE_FAILED;
	r->error = EINVAL;
	return 0;
}

static int send_capture(struct inquiry *i, struct channel *c)
{
	struct request request = {
		.kind = REQUEST_CAPTURE, .netns = i->space, .capture = i->capture};
	int error;

	if (!i->is_capture_wanted || i->has_capture_ended)
		return 0;
	if (!i->capture_seq) {
		error = channel_request(c, &request, &i->capture_seq);
		if (error != -EINVAL)
			return error;
		i->capture_error = EINVAL;
		i->has_capture_ended = true;
		return 0;
	}
	if (i->is_capture_ending && !i->is_capture_told) {
		error = channel_cancel(c, i->capture_seq);
		i->is_capture_told = !error;
		return error;
	}
	return 0;
}

static int send_trace(struct inquiry *i, struct channel *c)
{
	struct request request = {
		.kind = REQUEST_TRACE, .netns = i->space, .trace = i->trace_ask};
	int error;

	if (!i->is_trace_wanted || i->has_trace_ended)
		return 0;
	if (!i->trace_seq) {
		error = channel_request(c, &request, &i->trace_seq);
		if (error != -EINVAL)
			return error;
		i->trace_error = EINVAL;
		i->has_trace_ended = true;
		return 0;
	}
	if (i->is_capture_ending && !i->is_trace_told) {
		error = channel_cancel(c, i->trace_seq);
		i->is_trace_told = !error;
		return error;
	}
	return 0;
}

static int send_drops(struct inquiry *i, struct channel *c)
{
	struct request request = {
		.kind = REQUEST_DROPS, .netns = i->space, .drops = i->drop_ask};
	int error;

	if (!i->are_drops_wanted || i->have_drops_ended)
		return 0;
	if (!i->drops_seq) {
		error = channel_request(c, &request, &i->drops_seq);
		if (error != -EINVAL)
			return error;
		i->drops_error = EINVAL;
		i->have_drops_ended = true;
		return 0;
	}
	if (i->is_capture_ending && !i->are_drops_told) {
		error = channel_cancel(c, i->drops_seq);
		i->are_drops_told = !error;
		return error;
	}
	return 0;
}

int inquiry_send(struct inquiry *i, struct channel *c)
{
	int error = send_capture(i, c);

	if (!error)
		error = send_trace(i, c);
	if (!error)
		error = send_drops(i, c);
	for (size_t k = 0; !error && k < i->responses.rows.n; k++) {
		struct response *r = *(struct response **)vec_at(&i->responses.rows, k);

		if (r->state == RESPONSE_WAITING && !is_under_way(i, r))
			error = send_question(i, c, r);
	}
	return error == -ENOBUFS ? 0 : error;
}

static int take_capture(struct inquiry *i, const struct blob *b)
{
	bool changed = false;
	int error = b->len ? attempts_take(&i->attempts, b->bytes, b->len, &changed) : 0;

	if (error == -ENOMEM)
		return error;
	if (error)
		i->capture_error = EBADMSG;
	if (!blob_is_end(b))
		return changed ? 1 : 0;
	i->has_capture_ended = true;
	if (b->error)
		i->capture_error = b->error;
	else if (i->attempts.error)
		i->capture_error = i->attempts.error;
	else if (b->status != BLOB_LAST && !i->capture_error)
		i->capture_error = EPIPE;
	return 1;
}

/* An answer without a part is none: there was no trace. */
static int take_trace(struct inquiry *i, const struct blob *b)
{
	int error = b->len ? fw_trace_take(&i->trace, b->bytes, b->len, b->wall_ns) : 0;

	if (error == -ENOMEM)
		return error;
	if (error)
		i->trace_error = EBADMSG;
	if (!blob_is_end(b))
		return b->len ? 1 : 0;
	i->has_trace_ended = true;
	if (b->error)
		i->trace_error = b->error;
	else if (b->status != BLOB_LAST && !i->trace_error)
		i->trace_error = EPIPE;
	return 1;
}

static int take_drops(struct inquiry *i, const struct blob *b)
{
	int error = b->len ? drops_take(&i->drops, b->bytes, b->len) : 0;

	if (error == -ENOMEM)
		return error;
	if (error)
		i->drops_error = EBADMSG;
	if (!blob_is_end(b))
		return b->len ? 1 : 0;
	i->have_drops_ended = true;
	if (b->error)
		i->drops_error = b->error;
	else if (b->status != BLOB_LAST && !i->drops_error)
		i->drops_error = EPIPE;
	return 1;
}

static void take_part(struct inquiry *i, struct inquiry_pending *p, const struct blob *b)
{
	struct inquiry_setting setting = {i->utc_offset_s, b->wall_ns};
	int error;

	if (b->part == 0) {
		close_decoder(p);
		p->error = p->lack = 0;
	} else if (b->part != p->n_parts && !p->error) {
		p->error = EBADMSG;
	}
	p->n_parts = b->part + 1;
	if (!p->decoder && !p->error) {
		p->decoder = row_of(p)->open(&setting, &p->response->question);
		p->error = p->decoder ? 0 : ENOMEM;
	}
	if (p->error || !b->len)
		return;
	error = row_of(p)->decode(p->decoder, b->bytes, b->len);
	if (error == -ENOMEM || error == -EBADMSG)
		p->lack = -error;
}

static void finish(struct inquiry_pending *p, const struct blob *b)
{
	const struct inquiry_row *row = row_of(p);
	struct response *r = p->response;
	bool is_none = b->error && b->error == row->none_error;
	bool is_answer = !b->error || is_none ||
			 (row->takes_errors && b->error != EPERM && b->error != ENODATA &&
			  b->status == BLOB_LAST);

	r->wall_ns = b->wall_ns;
	r->boot_ns = b->boot_ns;
	r->error = p->error ? p->error : b->error;
	if (!p->error && p->decoder && (is_answer || b->len || p->n_parts > 1))
		r->table = row->finish(p->decoder, b->error);
	if (!r->table) {
		r->state = RESPONSE_FAILED;
		r->error = r->error ? r->error : p->lack ? p->lack : ENOMEM;
	} else if (is_answer && b->status == BLOB_LAST && !p->lack) {
		r->state = RESPONSE_WHOLE;
		r->error = 0;
	} else {
		r->state = RESPONSE_PART;
		r->error = r->error ? r->error : p->lack;
		if (!r->error && b->status == BLOB_TIMED_OUT)
			r->error = ETIMEDOUT;
	}
	close_decoder(p);
}

static void forget(struct inquiry *i, size_t at)
{
	struct inquiry_pending *p = vec_at(&i->pending, at);

	*p = *(struct inquiry_pending *)vec_at(&i->pending, i->pending.n - 1);
	vec_truncate(&i->pending, i->pending.n - 1);
}

void inquiry_give_up(const struct inquiry *i, struct channel *c)
{
	for (size_t k = 0; k < i->pending.n; k++) {
		const struct inquiry_pending *p = vec_at(&i->pending, k);

		channel_give_up(c, p->seq);
	}
}

int inquiry_blob(struct inquiry *i, const struct blob *b)
{
	if (b->wall_ns > i->last_wall_ns) {
		i->last_wall_ns = b->wall_ns;
		i->last_boot_ns = b->boot_ns;
	}
	if (i->capture_seq && b->seq == i->capture_seq)
		return take_capture(i, b);
	if (i->trace_seq && b->seq == i->trace_seq)
		return take_trace(i, b);
	if (i->drops_seq && b->seq == i->drops_seq)
		return take_drops(i, b);
	for (size_t k = 0; k < i->pending.n; k++) {
		struct inquiry_pending *p = vec_at(&i->pending, k);

		if (p->seq != b->seq)
			continue;
		take_part(i, p, b);
		if (!blob_is_end(b))
			return 0;
		finish(p, b);
		forget(i, k);
		return 1;
	}
	return -ENOENT;
}

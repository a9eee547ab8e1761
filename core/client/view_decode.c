/* The bundle of what clients said -> their views. Which form a text has is tried here. */
#include <errno.h>
#include <stdlib.h>

#include "core/base/bundle.h"
#include "core/base/pieces.h"
#include "core/client/readers.h"

enum { COMPLAINT_MAX = 4096, NAME_MAX_BYTES = 300, EXIT_SSH = 255, EXIT_NO_PROGRAM = 127 };

struct client_decoder {
	struct client_table *table;
	struct client_view *view; /* under way; NULL: none */
	struct str bytes, complaint;
};

struct client_decoder *clients_new(void)
{
	struct client_decoder *d = calloc(1, sizeof(*d));

	if (d)
		d->table = table_new(sizeof(*d->table), NULL);
	if (d && d->table)
		return d;
	free(d);
	return NULL;
}

void clients_free(struct client_decoder *d)
{
	if (!d)
		return;
	table_unref(d->table);
	str_release(&d->bytes);
	str_release(&d->complaint);
	free(d);
}

static void append(struct str *s, struct text t, size_t max)
{
	size_t room = s->len < max ? max - s->len : 0;

	str_append(s, t.bytes, t.len < room ? t.len : room);
}

static int64_t number_of(struct text t)
{
	uint64_t n = 0;

	return piece_number(&t, INT64_MAX, &n) && !t.len ? (int64_t)n : 0;
}

/* "remote 1795370492000000000 ssh:bob@web1" */
static int start_view(struct client_decoder *d, const struct bundle_item *item)
{
	struct text rest = item->data, kind, time;

	d->view = NULL;
	if (!piece_word(&rest, &kind) || !piece_word(&rest, &time))
		return -EBADMSG;
	if (d->table->n == CLIENT_VIEWS_MAX) {
		d->table->n_left_out++;
		return 0;
	}
	d->view = &d->table->views[d->table->n++];
	d->view->is_remote = text_equals_str(kind, "remote");
	d->view->start_ns = d->view->end_ns = number_of(time);
	d->view->name = arena_text(&d->table->head.arena,
				   piece_head(piece_strip(rest), NAME_MAX_BYTES));
	str_reset(&d->bytes);
	str_reset(&d->complaint);
	return 0;
}

static struct text first_line(struct text t)
{
	struct text line = TEXT_NONE;

	while (piece_next(&t, '\n', &line))
		if (piece_strip(line).len)
			return piece_strip(line);
	return TEXT_NONE;
}

static int read_text(struct client_decoder *d)
{
	struct arena *a = &d->table->head.arena;
	struct text t = text_of_str(&d->bytes);
	int error = client_read_script(d->view, a, t);

	if (error == -ENOENT)
		error = client_read_report(d->view, a, t);
	/* The script says all in its own lines: others are a greeting's. */
	if (error == -ENOENT && !d->view->is_remote)
		error = client_read_words(d->view, a, t);
	return error == -ENOENT ? 0 : error;
}

/* "1795370492000000000 255": of ssh(1) that is its own failure. */
static int end_view(struct client_decoder *d, const struct bundle_item *item)
{
	struct text rest = item->data, time, code;
	struct client_view *v = d->view;
	int error = 0, exit_code = 0;

	d->view = NULL;
	if (!v)
		return 0;
	if (v->is_remote && piece_word(&rest, &time))
		v->end_ns = number_of(time);
	if (v->is_remote && piece_word(&rest, &code))
		exit_code = (int)number_of(code);
	v->error = item->error;
	d->view = v;
	if (d->bytes.failed || d->complaint.failed)
		error = -ENOMEM;
	if (!error)
		error = read_text(d);
	d->view = NULL;
	if (v->n_tries || v->is_unresolved)
		return error;
	if (!v->error && v->is_remote)
		v->error = exit_code == EXIT_SSH          ? ECONNABORTED
			   : exit_code == EXIT_NO_PROGRAM ? ENOENT
							  : ENOMSG;
	v->words =
		arena_text(&d->table->head.arena, first_line(text_of_str(&d->complaint)));
	return error;
}

static int take(void *context, const struct bundle_item *item)
{
	struct client_decoder *d = context;

	if (text_equals_str(item->name, "start"))
		return start_view(d, item);
	if (text_equals_str(item->name, "end"))
		return end_view(d, item);
	if (d->view && text_equals_str(item->name, "bytes"))
		append(&d->bytes, item->data, CLIENT_TEXT_MAX);
	else if (d->view && text_equals_str(item->name, "complaint"))
		append(&d->complaint, item->data, COMPLAINT_MAX);
	return 0;
}

int clients_decode(struct client_decoder *d, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take, d);
}

struct client_table *clients_finish(struct client_decoder *d)
{
	/* One that was cut off under way said nothing that can be trusted to be whole. */
	if (d->view)
		d->view->error = d->view->error ? d->view->error : ETIMEDOUT;
	d->view = NULL;
	return table_ref(d->table);
}

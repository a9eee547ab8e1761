/* What a capture tells, on standard output; what it lost, on standard error. */
#include "tui/command/capture_impl.h"

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROWS_MAX 100000

static struct text device_name(void *arg, uint32_t number)
{
	const struct capture_view *v = arg;
	const struct link_row *row = v->links ? links_find(v->links, number) : NULL;

	return row ? row->name : TEXT_NONE;
}

void capture_view_init(struct capture_view *v)
{
	bool is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	attempts_init(&v->attempts, ROWS_MAX);
	v->ports = VEC_OF(struct port_count);
	v->words = (struct capture_words){
		.text_mode = v->cli->is_ascii || !is_utf8 ? TEXT_ASCII : TEXT_UTF8,
		.device = device_name,
		.arg = v,
	};
	v->is_stream = !v->cli->is_summary &&
		       (v->cli->format == FORMAT_TEXT || v->cli->format == FORMAT_JSONL);
}

void capture_view_release(struct capture_view *v)
{
	attempts_release(&v->attempts);
	vec_release(&v->ports);
	str_release(&v->out);
	if (v->links)
		table_unref(v->links);
}

static int put_attempt(struct capture_view *v, const struct attempt *a)
{
	return v->cli->format == FORMAT_JSONL ? capture_json_line(&v->out, a, &v->words)
					      : capture_text_line(&v->out, a, &v->words);
}

/* It was not decided when it was told last, or otherwise. */
static bool is_news(const struct capture_view *v, const struct attempt *a)
{
	const struct attempt *before = attempts_find(&v->attempts, a);

	return a->is_decided &&
	       (!before || !before->is_decided || before->outcome != a->outcome);
}

static int take_record(struct capture_view *v, const struct record *r)
{
	long gone;

	if (r->kind == RECORD_PORT && v->cli->is_summary) {
		gone = capture_ports_add(&v->ports, &r->port);
		v->n_ports_gone += gone > 0 ? (uint64_t)gone : 0;
		return gone < 0 ? (int)gone : 0;
	}
	/* A file's attempt is told once, with all that came of it. */
	if (r->kind == RECORD_ATTEMPT && v->is_stream &&
	    (v->is_file || is_news(v, &r->attempt)))
		return put_attempt(v, &r->attempt);
	return 0;
}

static int write_what_is_there(struct capture_view *v)
{
	int code = v->out.failed ? EXIT_INTERNAL : 0;

	if (!code && v->out.len)
		code = cli_write_out(&v->out, v->signal_fd);
	str_reset(&v->out);
	return code;
}

/* Is it looked at again? Totals are told by the capture itself. */
static bool is_kept(const struct capture_view *v, const struct record *r)
{
	if (r->kind != RECORD_ATTEMPT)
		return true;
	return !v->cli->is_summary && !(v->is_file && v->is_stream);
}

static int put_undecided(struct capture_view *v)
{
	int error = 0;

	for (size_t i = 0; !error && i < attempts_n(&v->attempts); i++)
		if (!attempts_at(&v->attempts, i)->is_decided)
			error = put_attempt(v, attempts_at(&v->attempts, i));
	return error;
}

/* Of a recording: what a capture of ours tells is whole. */
static void note_damage(struct attempts *a)
{
	if (a->error)
		return;
	a->error = EBADMSG;
	snprintf(a->problem, sizeof(a->problem),
		 "a part of what was captured is damaged: some attempts are missing");
}

/* A flow's capture tells what begins at other ports too, which a diagnosis asks for. */
static bool is_beside(const struct capture_view *v, const struct record *r)
{
	const struct target *t = &v->target;

	if (r->kind != RECORD_ATTEMPT || !t->n_ports)
		return false;
	for (size_t i = 0; i < t->n_ports; i++)
		if (t->ports[i].port == r->attempt.server_port)
			return false;
	return true;
}

int capture_take(struct capture_view *v, const void *bytes, size_t len)
{
	struct cursor c = cursor_of(bytes, len);
	struct record r;
	int error = 0, got = 0;

	while (!error && (got = record_get(&c, &r)) > 0) {
		if (is_beside(v, &r))
			continue;
		error = take_record(v, &r);
		if (!error && is_kept(v, &r))
			error = attempts_take_record(&v->attempts, &r);
	}
	if (got < 0)
		note_damage(&v->attempts);
	if (error)
		return EXIT_INTERNAL;
	return v->is_stream ? write_what_is_there(v) : 0;
}

static void put_losses(const struct capture_view *v)
{
	struct str text = {0};
	struct capture_state state = v->attempts.state;
	bool is_document = !v->is_stream && !v->cli->is_summary;

	state.n_ports_left_out += v->n_ports_gone;
	if (!v->cli->is_summary)
		state.n_ports_left_out = 0;
	else
		state.n_not_told = 0;
	capture_losses(&text, &state, is_document ? v->attempts.n_forgotten : 0);
	for (char *line = text.data, *end; line && *line; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		fprintf(stderr, "dport: %s.\n", line);
	}
	str_release(&text);
}

int capture_finish(struct capture_view *v)
{
	struct capture_document d = {
		.source = v->cli->capture_read     ? v->cli->capture_read
			  : v->cli->capture_device ? v->cli->capture_device
						   : "any",
		.attempts = &v->attempts,
		.ports = v->cli->is_summary ? &v->ports : NULL,
	};
	long gone = capture_ports_sort(&v->ports);
	int error = 0, code;

	v->n_ports_gone += gone > 0 ? (uint64_t)gone : 0;
	if (v->is_stream)
		error = put_undecided(v);
	if (!error && v->cli->format == FORMAT_JSON)
		error = capture_json(&v->out, &d, &v->words);
	else if (!error && v->cli->format == FORMAT_TEXT)
		error = capture_text_totals(&v->out, &d, &v->words);
	code = error ? EXIT_INTERNAL : write_what_is_there(v);
	put_losses(v);
	return code;
}

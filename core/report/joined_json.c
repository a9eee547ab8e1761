/* The views of other ends as JSON. */
#include "core/report/joined.h"

#include <string.h>

#include "core/diagnosis/joined.h"

bool joined_has_rows(const struct evidence *e)
{
	return e->remote || e->joined;
}

static json_t *port(uint16_t n)
{
	return n ? json_integer(n) : json_null();
}

static json_t *tri(enum tri t)
{
	return t == TRI_UNSURE ? json_null() : json_boolean(t == TRI_YES);
}

static json_t *resolved(struct document *d, const struct client_view *v)
{
	json_t *all = v->has_resolved ? json_array() : json_null();

	for (size_t i = 0; v->has_resolved && i < v->n_addresses; i++)
		document_add(d, all, document_address(&v->addresses[i]));
	return all;
}

static enum client_result result_of(const struct client_view *v, const struct client_try *t)
{
	return v->is_unresolved ? CLIENT_UNRESOLVED : t ? t->result : CLIENT_UNKNOWN;
}

/* Why it says nothing. */
static json_t *missing(const struct client_view *v, bool is_silent)
{
	struct arena a = {0};
	json_t *out = json_null();

	if (is_silent || v->error)
		out = json_string(joined_error_words(&a, v));
	arena_release(&a);
	return out;
}

static json_t *row(struct document *d, const struct evidence *e,
		   const struct client_view *v)
{
	static const struct client_try none = {
		.took_ms = -1, .has_left = TRI_UNSURE, .was_answered_here = TRI_UNSURE};
	const struct client_try *t = joined_try(e, v, &e->target.address);
	json_t *o = json_object();

	if (!t)
		t = client_view_try(v);
	document_put(d, o, "name", document_name(v->name));
	document_put(d, o, "source", json_string(v->is_remote ? "ssh" : "file"));
	document_put(d, o, "form", document_words(client_form_word(v->form)));
	document_put(d, o, "result", document_words(client_result_word(result_of(v, t))));
	document_put(d, o, "time", v->start_ns ? json_of_time(v->start_ns) : json_null());
	document_put(d, o, "missing", missing(v, !t && !v->is_unresolved));
	if (!t)
		t = &none;
	document_put(d, o, "target", document_address(&t->target));
	document_put(d, o, "port", port(t->port));
	document_put(d, o, "from", document_address(&t->source));
	document_put(d, o, "from_port", port(t->source_port));
	document_put(d, o, "took_ms",
		     t->took_ms >= 0 ? json_integer(t->took_ms) : json_null());
	document_put(d, o, "resolved", resolved(d, v));
	document_put(d, o, "hosts_file", json_boolean(v->is_by_hosts_file));
	document_put(d, o, "left", tri(t->has_left));
	document_put(d, o, "error", document_name(t->error));
	document_put(d, o, "cause", document_name(v->cause));
	return o;
}

json_t *joined_json(struct document *d, const struct evidence *e)
{
	json_t *all = json_array();

	for (size_t i = 0; i < joined_n(e); i++)
		document_add(d, all, row(d, e, joined_at(e, i)));
	return all;
}

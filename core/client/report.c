/*
 * A saved document of dport as the other end's view: dport.probe/1, dport.diagnosis/1 and
 * dport.capture/1. Other keys and schemas are passed over.
 */
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "core/base/pieces.h"
#include "core/base/time.h"
#include "core/client/readers.h"

struct document_reading {
	struct client_view *view;
	struct arena *arena;
	bool has_failed; /* for want of memory */
};

static struct text text_at(const json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);

	if (!json_is_string(value))
		return TEXT_NONE;
	return (struct text){json_string_value(value), json_string_length(value)};
}

static struct text keep(struct document_reading *r, struct text t)
{
	struct text copy = arena_text(r->arena, t);

	r->has_failed |= t.len && !copy.bytes;
	return copy;
}

static struct addr address_at(const json_t *o, const char *key)
{
	return client_address_of(text_at(o, key));
}

static uint16_t port_at(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 && n <= UINT16_MAX ? (uint16_t)n : 0;
}

/* As time_rfc3339() writes it: "2026-11-22T13:32:07.123Z". 0: it is none. */
static int64_t time_of(struct text t)
{
	static const char between[] = "--T::.Z";
	uint64_t n[7] = {0};
	struct tm tm;

	for (size_t i = 0; i < 7; i++) {
		if (!piece_number(&t, 9999, &n[i]) || !t.len || t.bytes[0] != between[i])
			return 0;
		t = piece_tail(t, 1);
	}
	if (n[0] < 1970 || n[1] < 1 || n[1] > 12 || n[2] > 31 || n[3] > 23 || n[4] > 59)
		return 0;
	tm = (struct tm){.tm_year = (int)n[0] - 1900,
			 .tm_mon = (int)n[1] - 1,
			 .tm_mday = (int)n[2],
			 .tm_hour = (int)n[3],
			 .tm_min = (int)n[4],
			 .tm_sec = (int)n[5]};
	/* 9999 is more than 64 bits of nanoseconds hold. */
	if (n[0] > 2200)
		return 0;
	return (int64_t)timegm(&tm) * NS_PER_S + (int64_t)n[6] * NS_PER_MS;
}

static int64_t time_at(const json_t *o, const char *key)
{
	return time_of(text_at(o, key));
}

static void take_time(struct document_reading *r, int64_t start_ns, int64_t end_ns)
{
	if (!start_ns && !end_ns)
		return;
	/* Asked now: when is known better than by the clock there. */
	if (r->view->is_remote)
		return;
	r->view->start_ns = start_ns ? start_ns : end_ns;
	r->view->end_ns = end_ns ? end_ns : start_ns;
	r->view->has_own_time = true;
}

/* ---- dport probe ---- */

static enum client_result probe_result(const json_t *o)
{
	struct text outcome = text_at(o, "outcome");
	enum client_result said = client_result_of(text_at(o, "error"));

	if (text_equals_str(outcome, "connected"))
		return CLIENT_CONNECTED;
	if (text_equals_str(outcome, "refused"))
		return CLIENT_REFUSED;
	if (text_equals_str(outcome, "timed-out"))
		return CLIENT_TIMED_OUT;
	return outcome.len ? (said ? said : CLIENT_FAILED) : CLIENT_UNKNOWN;
}

/* The way there as its kernel gave it. */
static void take_way(struct document_reading *r, const json_t *o, struct client_try *t)
{
	const json_t *route = json_object_get(o, "route");
	struct text state = text_at(json_object_get(o, "neighbour"), "state");

	t->device = keep(r, text_at(route, "device"));
	t->next_hop = keep(r, text_at(route, "gateway"));
	t->has_no_route = text_at(route, "error").len > 0;
	t->is_neighbour_dead = text_contains_nocase(state, text_of("failed")) ||
			       text_contains_nocase(state, text_of("incomplete"));
}

static void take_probe_try(struct document_reading *r, const json_t *o, uint16_t port)
{
	double ms = json_number_value(json_object_get(o, "took_ms"));
	json_int_t n_syns = json_integer_value(json_object_get(o, "syns"));
	struct client_try *t;

	t = text_at(o, "outcome").len && address_at(o, "address").family
		    ? client_add_try(r->view)
		    : NULL;
	if (!t)
		return;
	t->target = address_at(o, "address");
	t->port = port;
	t->source = address_at(o, "source");
	t->source_port = port_at(o, "source_port");
	t->result = probe_result(o);
	t->error = keep(r, text_at(o, "error"));
	t->error_from = address_at(json_object_get(o, "icmp"), "from");
	if (json_is_number(json_object_get(o, "took_ms")) && ms >= 0 && ms < INT32_MAX)
		t->took_ms = (int32_t)ms;
	if (n_syns > 1 && n_syns < UINT16_MAX)
		t->n_repeats = (uint32_t)n_syns - 1;
	if (client_result_is_open(t->result))
		t->has_left = TRI_YES;
	take_way(r, o, t);
}

static void take_resolve(struct document_reading *r, const json_t *resolve)
{
	const json_t *all = json_object_get(resolve, "addresses"), *one;
	size_t i;

	json_array_foreach(all, i, one)
	{
		struct text t = {json_string_value(one), json_string_length(one)};
		struct addr a =
			json_is_string(one) ? client_address_of(t) : (struct addr){0};

		r->view->has_resolved |= a.family != 0;
		client_add_address(r->view, &a);
	}
	r->view->is_by_hosts_file =
		json_array_size(json_object_get(resolve, "hosts_file")) > 0;
}

static void read_probe(struct document_reading *r, const json_t *root)
{
	const json_t *target = json_object_get(root, "target"), *one;
	const json_t *all = json_object_get(root, "addresses");
	size_t i;

	r->view->form = CLIENT_FORM_PROBE;
	take_time(r, 0, time_at(root, "time"));
	r->view->host = keep(r, text_at(target, "host"));
	take_resolve(r, json_object_get(root, "resolve"));
	r->view->cause = keep(r, text_at(root, "cause"));
	r->view->certainty = keep(r, text_at(root, "certainty"));
	r->view->is_unresolved = text_equals_str(r->view->cause, "client.name-unresolved");
	/* A datagram's fate says nothing of a connection. */
	if (text_equals_str(text_at(target, "proto"), "udp"))
		return;
	json_array_foreach(all, i, one) take_probe_try(r, one, port_at(target, "port"));
}

/* ---- dport diagnose ---- */

static enum client_result diagnosis_result(const json_t *root)
{
	struct text verdict = text_at(root, "verdict");
	const json_t *syn = json_object_get(root, "syn");

	if (text_equals_str(verdict, "healthy"))
		return CLIENT_CONNECTED;
	if (json_integer_value(json_object_get(syn, "rst")) > 0)
		return CLIENT_REFUSED;
	if (json_array_size(json_object_get(syn, "icmp")))
		return CLIENT_UNREACHABLE;
	if (json_integer_value(json_object_get(syn, "silence")) > 0)
		return CLIENT_TIMED_OUT;
	return CLIENT_UNKNOWN;
}

static void read_diagnosis(struct document_reading *r, const json_t *root)
{
	const json_t *target = json_object_get(root, "target");
	const json_t *window = json_object_get(root, "window");
	const json_t *syn = json_object_get(root, "syn");
	struct client_try *t = client_add_try(r->view);

	r->view->form = CLIENT_FORM_DIAGNOSIS;
	take_time(r, time_at(window, "start"), time_at(window, "end"));
	r->view->cause = keep(r, text_at(root, "cause"));
	r->view->certainty = keep(r, text_at(root, "certainty"));
	t->target = address_at(target, "address");
	t->port = port_at(target, "port");
	t->source = address_at(target, "client");
	t->result = diagnosis_result(root);
	/* What its capture shows on the way out is on the wire. */
	if (text_equals_str(text_at(target, "role"), "client") &&
	    json_integer_value(json_object_get(syn, "seen")) > 0)
		t->has_left = TRI_YES;
}

/* ---- dport capture ---- */

static enum client_result capture_result(struct text outcome)
{
	if (text_equals_str(outcome, "answered") || text_equals_str(outcome, "half-open"))
		return CLIENT_CONNECTED;
	if (text_equals_str(outcome, "reset-later"))
		return CLIENT_RESET;
	if (text_equals_str(outcome, "refused"))
		return CLIENT_REFUSED;
	if (text_equals_str(outcome, "icmp"))
		return CLIENT_UNREACHABLE;
	return text_equals_str(outcome, "silent") ? CLIENT_TIMED_OUT : CLIENT_UNKNOWN;
}

static void take_attempt(struct document_reading *r, const json_t *o)
{
	struct client_try *t;
	int64_t start_ns = time_at(o, "first"), end_ns = time_at(o, "last");

	if (!text_equals_str(text_at(o, "proto"), "tcp") || !port_at(o, "sport"))
		return;
	t = client_add_try(r->view);
	if (!t)
		return;
	t->target = address_at(o, "server");
	t->port = port_at(o, "sport");
	t->source = address_at(o, "client");
	t->source_port = port_at(o, "cport");
	t->result = capture_result(text_at(o, "outcome"));
	t->has_left = TRI_YES;
	t->n_repeats = (uint32_t)json_integer_value(json_object_get(o, "syns"));
	t->n_repeats -= t->n_repeats > 0;
	t->error_from = address_at(json_object_get(o, "icmp"), "from");
	if (!r->view->has_own_time || start_ns > r->view->end_ns)
		take_time(r, start_ns, end_ns);
}

static void read_capture(struct document_reading *r, const json_t *root)
{
	const json_t *all = json_object_get(root, "attempts"), *one;
	size_t i;

	r->view->form = CLIENT_FORM_CAPTURE;
	json_array_foreach(all, i, one) take_attempt(r, one);
}

static const struct {
	const char *schema;
	void (*read)(struct document_reading *r, const json_t *root);
} schemas[] = {
	{"dport.probe/1", read_probe},
	{"dport.diagnosis/1", read_diagnosis},
	{"dport.capture/1", read_capture},
};

int client_read_report(struct client_view *v, struct arena *a, struct text t)
{
	struct document_reading r = {.view = v, .arena = a};
	struct text stripped = piece_strip(t);
	json_t *root;

	if (!piece_starts(stripped, "{"))
		return -ENOENT;
	root = json_loadb(stripped.bytes, stripped.len, JSON_DISABLE_EOF_CHECK, NULL);
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
		if (text_equals_str(text_at(root, "schema"), schemas[i].schema))
			schemas[i].read(&r, root);
	json_decref(root);
	if (r.has_failed)
		return -ENOMEM;
	return v->form ? 0 : -ENOENT;
}

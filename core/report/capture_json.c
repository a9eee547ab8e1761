/* Attempts as JSON: dport.capture/1. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/report/capture.h"
#include "core/report/capture_stream.h"
#include "core/report/document.h"

#define NO_ATTEMPTS "\n  \"attempts\": []"
#define ROW_INDENT  "    "

static json_t *number_or_null(uint64_t n, bool is_known)
{
	return is_known ? json_integer((json_int_t)n) : json_null();
}

static json_t *icmp(struct document *d, const struct attempt *a)
{
	json_t *o;

	if (!a->icmp_from.family)
		return json_null();
	o = json_object();
	document_put(d, o, "type", json_integer(a->icmp_type));
	document_put(d, o, "code", json_integer(a->icmp_code));
	document_put(d, o, "from", document_address(&a->icmp_from));
	document_put(d, o, "count", json_integer(a->n_icmp));
	document_put(d, o, "words",
		     document_words(capture_icmp_words(a->icmp_from.family, a->icmp_type,
						       a->icmp_code)));
	return o;
}

static json_t *devices(struct document *d, const struct attempt *a,
		       const struct capture_words *w)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < a->n_devices; i++) {
		struct text name = w->device ? w->device(w->arg, a->devices[i]) : TEXT_NONE;

		document_add(d, all,
			     text_is_empty(name) ? json_sprintf("#%u", a->devices[i])
						 : json_of_text(name));
	}
	return all;
}

static json_t *attempt(struct document *d, const struct attempt *a,
		       const struct capture_words *w)
{
	enum outcome outcome = (enum outcome)a->outcome;
	json_t *o = json_object();

	document_put(d, o, "client", document_address(&a->client));
	document_put(d, o, "cport", json_integer(a->client_port));
	document_put(d, o, "server", document_address(&a->server));
	document_put(d, o, "sport", json_integer(a->server_port));
	document_put(d, o, "proto", json_string(a->proto == IPPROTO_UDP ? "udp" : "tcp"));
	document_put(d, o, "devices", devices(d, a, w));
	document_put(d, o, "first", json_of_time(a->first_ns));
	document_put(d, o, "last", json_of_time(a->last_ns));
	document_put(d, o, "syns", json_integer(a->n_syns));
	document_put(d, o, "outcome", json_string(outcome_word(outcome)));
	document_put(d, o, "state",
		     json_string(outcome_state(outcome, a->proto,
					       attempt_is_port_unreachable(a))));
	document_put(d, o, "rtt_ms", a->rtt_ns < 0 ? json_null() : json_of_ms(a->rtt_ns));
	document_put(d, o, "icmp", icmp(d, a));
	document_put(d, o, "rst_ttl", number_or_null(a->rst_ttl, a->rst_ttl > 0));
	document_put(d, o, "synack_ttl",
		     number_or_null(a->syn_ack_ttl, a->syn_ack_ttl > 0));
	document_put(d, o, "synacks", json_integer(a->n_syn_acks));
	document_put(d, o, "client_resets", json_integer(a->n_client_resets));
	document_put(d, o, "sni", document_name(text_of(a->sni)));
	document_put(d, o, "stream", a->has_stream ? stream_json(d, a) : json_null());
	return o;
}

static json_t *outcomes(struct document *d, const uint32_t *n32, const uint64_t *n64)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < N_OUTCOMES; i++)
		document_put(d, o, outcome_word((enum outcome)i),
			     json_integer((json_int_t)(n32 ? n32[i] : n64[i])));
	return o;
}

static json_t *port(struct document *d, const struct port_count *p)
{
	json_t *o = json_object();

	document_put(d, o, "server", document_address(&p->server));
	document_put(d, o, "sport", json_integer(p->port));
	document_put(d, o, "proto", json_string(p->proto == IPPROTO_UDP ? "udp" : "tcp"));
	document_put(d, o, "syns", json_integer(p->n_syns));
	document_put(d, o, "attempts", json_integer(p->n_attempts));
	document_put(d, o, "clients_at_least", json_integer(p->n_clients));
	document_put(d, o, "totals", outcomes(d, p->n_outcomes, NULL));
	return o;
}

static void put_losses(struct document *d, const struct attempts *a)
{
	const struct capture_state *s = &a->state;

	document_put(d, d->root, "device_drops",
		     json_integer((json_int_t)s->n_device_drops));
	document_put(d, d->root, "undecoded", json_integer((json_int_t)s->n_undecoded));
	document_put(d, d->root, "evicted", json_integer((json_int_t)s->n_evicted));
	document_put(d, d->root, "not_told",
		     json_integer((json_int_t)(s->n_not_told + a->n_forgotten)));
	document_put(d, d->root, "problem",
		     a->error ? json_of_text(text_of(a->problem)) : json_null());
}

static int put_attempt(struct str *out, const struct attempt *a,
		       const struct capture_words *w, bool indented)
{
	struct document d = {0};
	json_t *o = attempt(&d, a, w);
	int error = d.failed || !o ? -ENOMEM : json_write(out, o, indented);

	json_decref(o);
	return error;
}

/* Each line of `text`, without the last line's end, ROW_INDENT further in. */
static void put_further_in(struct str *out, const struct str *text)
{
	const char *at = str_text(text), *end;

	for (; (end = strchr(at, '\n')) && end[1]; at = end + 1) {
		str_puts(out, ROW_INDENT);
		str_append(out, at, (size_t)(end + 1 - at));
	}
	str_puts(out, ROW_INDENT);
	str_append(out, at, end ? (size_t)(end - at) : strlen(at));
}

/* One after another: all of them as jansson's values would take four times the memory. */
static int put_attempts(struct str *out, const struct attempts *a,
			const struct capture_words *w)
{
	struct str row = {0};
	int error = 0;

	for (size_t i = 0; i < attempts_n(a) && !error; i++) {
		str_reset(&row);
		error = put_attempt(&row, attempts_at(a, i), w, true);
		str_puts(out, i ? ",\n" : "\n");
		put_further_in(out, &row);
	}
	if (attempts_n(a))
		str_puts(out, "\n  ");
	str_release(&row);
	return error;
}

/* The document without its attempts, and these where it says that there are none: that is
 * a line of its own, and a string has no line's end. */
static int put_frame(struct str *out, const char *frame, const struct attempts *a,
		     const struct capture_words *w)
{
	const char *place = strstr(frame, NO_ATTEMPTS);
	size_t before = out->len;
	int error;

	if (!place)
		return -EINVAL;
	place += strlen(NO_ATTEMPTS) - 1;
	str_append(out, frame, (size_t)(place - frame));
	error = put_attempts(out, a, w);
	str_puts(out, place);
	if (!error && out->failed)
		error = -ENOMEM;
	if (error)
		str_truncate(out, before);
	return error;
}

int capture_json(struct str *out, const struct capture_document *doc,
		 const struct capture_words *w)
{
	const struct attempts *a = doc->attempts;
	struct str frame = {0};
	struct document d;
	json_t *ports;
	int error;

	document_init(&d);
	document_put(&d, d.root, "schema", json_string("dport.capture/1"));
	document_put(&d, d.root, "source", document_words(doc->source));
	document_put(&d, d.root, "packets", json_integer((json_int_t)a->state.n_packets));
	document_put(&d, d.root, "kernel_drops",
		     json_integer((json_int_t)a->state.n_kernel_drops));
	document_put(&d, d.root, "attempts", json_array());
	document_put(&d, d.root, "totals", outcomes(&d, NULL, a->state.n_outcomes));
	put_losses(&d, a);
	if (doc->ports) {
		ports = json_array();
		for (size_t i = 0; i < doc->ports->n; i++)
			document_add(&d, ports, port(&d, vec_at(doc->ports, i)));
		document_put(&d, d.root, "ports", ports);
	}
	error = document_finish(&d, &frame);
	if (!error)
		error = put_frame(out, str_text(&frame), a, w);
	str_release(&frame);
	return error;
}

int capture_json_line(struct str *out, const struct attempt *a,
		      const struct capture_words *w)
{
	return put_attempt(out, a, w, false);
}

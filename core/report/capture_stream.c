/* The conversation behind a handshake as JSON: numbers as they were seen, null what was
 * not. */
#include "core/report/capture_stream.h"

static void put_number(struct document *d, json_t *o, const char *key, uint64_t n)
{
	if (n)
		document_put(d, o, key, json_integer((json_int_t)n));
}

static void put_ms(struct document *d, json_t *o, const char *key, int64_t ns)
{
	if (ns >= 0)
		document_put(d, o, key, json_of_ms(ns));
}

static void put_alert(struct document *d, json_t *side, const struct stream_side *s)
{
	static const char *const levels[N_ALERTS] = {
		[ALERT_WARNING] = "warning",
		[ALERT_FATAL] = "fatal",
		[ALERT_SEALED] = "encrypted",
	};
	json_t *o;

	if (s->alert_level == ALERT_NONE)
		return;
	o = json_object();
	document_put(d, o, "level", json_string(levels[s->alert_level]));
	if (s->alert_level != ALERT_SEALED)
		document_put(d, o, "code", json_integer(s->alert_code));
	document_put(d, side, "tls_alert", o);
}

static void put_reset(struct document *d, json_t *side, const struct stream_side *s)
{
	json_t *o;

	if (s->rst_ns < 0)
		return;
	o = json_object();
	put_ms(d, o, "ms", s->rst_ns);
	document_put(d, o, "ttl", json_integer(s->rst_ttl));
	document_put(d, o, "ip_id", json_integer(s->rst_ip_id));
	document_put(d, o, "window", json_integer(s->rst_window));
	document_put(d, o, "in_sequence", json_boolean(s->is_rst_exact));
	/* Of the end's other packets, to hold it beside. */
	put_number(d, o, "others_ttl_least", s->ttl_least);
	put_number(d, o, "others_ttl_most", s->ttl_most);
	put_number(d, o, "others_ip_id", s->ip_id);
	document_put(d, side, "rst", o);
}

static json_t *side(struct document *d, const struct stream_side *s, uint8_t bytes,
		    uint32_t n_bytes)
{
	json_t *o = json_object();

	document_put(d, o, "first_bytes",
		     json_string(first_bytes_word((enum first_bytes)bytes)));
	put_ms(d, o, "first_ms", s->first_ns);
	put_number(d, o, "bytes", n_bytes);
	put_number(d, o, "acknowledged", s->n_acknowledged);
	put_ms(d, o, "fin_ms", s->fin_ns);
	put_reset(d, o, s);
	if (s->tls_version)
		document_put(d, o, "tls_version",
			     json_string(tls_version_words(s->tls_version)));
	put_alert(d, o, s);
	if (s->stuck_ns < 0)
		return o;
	put_number(d, o, "mss", s->mss);
	put_number(d, o, "sent_again", s->n_again);
	put_number(d, o, "sent_again_bytes", s->again_bytes);
	put_number(d, o, "missing_bytes", s->missing_bytes);
	return o;
}

static void put_too_big(struct document *d, json_t *stream, const struct stream *s)
{
	json_t *o;

	if (!s->n_too_big)
		return;
	o = json_object();
	document_put(d, o, "from", document_address(&s->too_big_from));
	put_number(d, o, "mtu", s->too_big_mtu);
	document_put(d, o, "count", json_integer(s->n_too_big));
	document_put(d, stream, "too_big", o);
}

json_t *stream_json(struct document *d, const struct attempt *a)
{
	const char *schedule = syn_schedule_word(attempt_schedule(a));
	const struct stream *s = &a->stream;
	json_t *o = json_object();

	document_put(d, o, "client",
		     side(d, &s->side[STREAM_CLIENT], a->client_bytes, a->n_client_bytes));
	document_put(d, o, "server",
		     side(d, &s->side[STREAM_SERVER], a->server_bytes, a->n_server_bytes));
	put_number(d, o, "http_status", a->http_status);
	if (s->says != SAYS_NOTHING)
		document_put(d, o, "says", json_string(saying_word((enum saying)s->says)));
	put_number(d, o, "bare_acks", s->n_bare_acks);
	if (s->is_reused)
		document_put(d, o, "timestamp_went_back", json_boolean(s->is_older));
	put_too_big(d, o, s);
	if (schedule)
		document_put(d, o, "syn_schedule", json_string(schedule));
	return o;
}

/* Both ends speak, and not the same: TLS and plain text, alerts, protocols, PROXY headers.
 * What ends without a word is checks_stream_end.c. */
#include "core/diagnosis/check_stream.h"

#include "core/base/time.h"

/* Ruled out where conversations went well and none went like this. */
static int not_told(const struct stories *s, enum story one, struct finding *f)
{
	return s->n[STORY_SERVED] && !s->n[one] ? ruled_out(f) : CERTAINTY_NONE;
}

static void place(const struct check_view *v, struct finding *f, int behind)
{
	f->position = AT_APPLICATION + behind;
	f->endpoint = stream_endpoint(v);
}

/* ---- server.tls-mismatch ---- */

static int tell_tls_to_plain(const struct check_view *v, struct finding *f,
			     const struct stories *s)
{
	const struct attempt *a = s->newest[STORY_TLS_TO_PLAIN];
	bool is_known = a->server_bytes != BYTES_OTHER;
	int error =
		finding_say(f, v->arena, "the client speaks TLS, and %s answers %s with %s",
			    stream_service(v), view_port(v),
			    first_bytes_words((enum first_bytes)a->server_bytes));

	place(v, f, 0);
	if (!error)
		error = stream_prove_words(v, f, a, s->n[STORY_TLS_TO_PLAIN]);
	if (!error)
		error = finding_prove(f, v->arena, "capture", false, NULL,
				      "such a client says \"wrong version number\", \"SSL "
				      "record too long\" or the like: it means plain text");
	if (!error)
		error = finding_advise(
			f, v->arena, view_text(v, "curl -v http://%s/", stream_target(v)),
			NULL, NULL,
			"let the client use the plain protocol here or the port that "
			"serves TLS; or turn TLS on for this port in the service");
	if (error)
		return error;
	return (int)stream_certainty(v, is_known ? CERTAINTY_PROVEN : CERTAINTY_LIKELY);
}

static int tell_plain_to_tls(const struct check_view *v, struct finding *f,
			     const struct attempt *a, unsigned n, enum certainty most)
{
	int error = finding_say(f, v->arena,
				"the client speaks plain text, and %s expects TLS on %s",
				stream_service(v), view_port(v));

	place(v, f, 0);
	if (!error)
		error = a->server_bytes == BYTES_NONE ? stream_prove_end(v, f, a, n)
						      : stream_prove_words(v, f, a, n);
	if (!error && a->stream.says == SAYS_TLS_WANTED)
		error = finding_prove(f, v->arena, "capture", true, NULL,
				      "the service says that plain HTTP was sent to a port "
				      "for HTTPS");
	if (!error && a->server_bytes == BYTES_NONE && most >= CERTAINTY_LIKELY)
		error = finding_prove(f, v->arena, "capture", true, NULL,
				      "connections that begin with a TLS ClientHello are "
				      "answered with TLS");
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "openssl s_client -connect %s", stream_target(v)),
			NULL, NULL,
			"let the client use TLS (https://), or the port that serves plain "
			"text");
	return error ? error : (int)stream_certainty(v, most);
}

/* Those that were served show what the port serves. */
static bool are_only_beside_served(const struct stories *s, enum story one, bool is_shown)
{
	return stories_are_only(s, one) ||
	       (is_shown && s->n[one] && s->n[one] + s->n[STORY_SERVED] == s->n_told);
}

static bool is_plain(uint8_t client_bytes)
{
	return client_bytes == BYTES_HTTP_REQUEST || client_bytes == BYTES_SMTP_REQUEST;
}

/* TLS servers hang up on plain text without a word, as many others do for other reasons. */
static int suspect_plain_to_tls(const struct check_view *v, struct finding *f,
				const struct stories *s)
{
	enum story one = s->n[STORY_CLOSED_UNHEARD] ? STORY_CLOSED_UNHEARD : STORY_RESET;
	const struct attempt *a = s->newest[one];
	bool speaks_tls =
		stream_was_seen(v, BYTES_TLS_CLIENT_HELLO, BYTES_TLS_SERVER_HELLO);

	if (!are_only_beside_served(s, one, speaks_tls) || !is_plain(a->client_bytes))
		return s->n[STORY_TLS_TO_PLAIN] ? CERTAINTY_NONE
						: not_told(s, STORY_PLAIN_TO_TLS, f);
	return tell_plain_to_tls(v, f, a, s->n[one],
				 speaks_tls ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE);
}

int check_tls_mismatch(const struct check_view *v, struct finding *f)
{
	struct stories s;

	stories_count(v, &s);
	if (stories_are_only(&s, STORY_TLS_TO_PLAIN))
		return tell_tls_to_plain(v, f, &s);
	if (stories_are_only(&s, STORY_PLAIN_TO_TLS))
		return tell_plain_to_tls(v, f, s.newest[STORY_PLAIN_TO_TLS],
					 s.n[STORY_PLAIN_TO_TLS], CERTAINTY_PROVEN);
	return suspect_plain_to_tls(v, f, &s);
}

/* ---- server.tls-alert ---- */

/* What to look at, by the alert (RFC 8446, 6.2). */
static const struct {
	uint8_t code;
	bool is_of_client;
	const char *advice;
} alert_advice[] = {
	{70, false, "the service takes no TLS version that the client offers"},
	{70, true, "the client takes no TLS version that the service chose"},
	{71, false, "the client's ciphers are too weak for the service"},
	{40, false,
	 "no cipher, group or certificate type in common, or a client "
	 "certificate is wanted"},
	{112, false,
	 "the service has no certificate for the name that the client asks for"},
	{120, false, "no application protocol (ALPN) in common"},
	{116, false, "the service wants a certificate of the client"},
	{48, false, "the service does not trust who issued the client's certificate"},
	{48, true,
	 "the client does not trust who issued the service's certificate: a missing "
	 "intermediate certificate, or a private authority"},
	{42, true, "the client rejects the service's certificate, as for another name"},
	{45, true, "the service's certificate has expired by the client's clock"},
	{46, true, "the client rejects the service's certificate"},
};

static const char *advice_of(const struct stream_side *s, bool is_of_client)
{
	for (size_t i = 0; i < sizeof(alert_advice) / sizeof(alert_advice[0]); i++)
		if (s->alert_level == ALERT_FATAL &&
		    alert_advice[i].code == s->alert_code &&
		    alert_advice[i].is_of_client == is_of_client)
			return alert_advice[i].advice;
	return is_of_client ? "the client did not take the handshake, as a rule for the "
			      "service's certificate: its name, its issuer, its dates"
			    : "the service did not take the client's handshake: its log "
			      "says why";
}

/* The end that gave up: of both the server, whose alert comes first. */
static bool is_of_client(const struct attempt *a)
{
	return a->stream.side[STREAM_SERVER].alert_level != ALERT_FATAL;
}

static const char *alert_words(const struct check_view *v, const struct stream_side *s)
{
	const char *words = tls_alert_words(s->alert_code);

	if (s->alert_level == ALERT_SEALED)
		return "an encrypted alert where its Finished belongs";
	return view_text(v, "the alert %u (%s)", s->alert_code, words ? words : "unknown");
}

static int prove_alert(const struct check_view *v, struct finding *f,
		       const struct attempt *a, const struct stream_side *s)
{
	const struct stream_side *client = &a->stream.side[STREAM_CLIENT];
	const struct stream_side *server = &a->stream.side[STREAM_SERVER];
	bool is_chosen = a->server_bytes == BYTES_TLS_SERVER_HELLO;

	return finding_prove(
		f, v->arena, "capture", true, stream_dump(v),
		"the client offers up to %s%s%s, the server %s%s; then %s sends %s",
		client->tls_version ? tls_version_words(client->tls_version) : "TLS",
		a->sni[0] ? " and asks for " : "",
		a->sni[0] ? view_word(v, text_of(a->sni)) : "",
		is_chosen ? "chooses " : "sends no ServerHello",
		is_chosen ? tls_version_words(server->tls_version) : "",
		is_of_client(a) ? "the client" : "the server", alert_words(v, s));
}

static const char *s_client(const struct check_view *v, const struct attempt *a)
{
	if (!a->sni[0])
		return view_text(v, "openssl s_client -connect %s", stream_target(v));
	return view_text(v, "openssl s_client -connect %s -servername %s", stream_target(v),
			 view_word(v, text_of(a->sni)));
}

int check_tls_alert(const struct check_view *v, struct finding *f)
{
	const struct stream_side *side;
	const struct attempt *a;
	struct stories s;
	int error;

	stories_count(v, &s);
	if (!stories_are_only(&s, STORY_ALERT))
		return not_told(&s, STORY_ALERT, f);
	a = s.newest[STORY_ALERT];
	side = &a->stream.side[is_of_client(a) ? STREAM_CLIENT : STREAM_SERVER];
	place(v, f, 0);
	error = finding_say(
		f, v->arena, "both speak TLS on %s, and %s gives up with %s", view_port(v),
		is_of_client(a) ? "the client" : stream_service(v), alert_words(v, side));
	if (!error)
		error = prove_alert(v, f, a, side);
	if (!error)
		error = finding_advise(f, v->arena, s_client(v, a), NULL, NULL, "%s",
				       advice_of(side, is_of_client(a)));
	if (error)
		return error;
	return (int)stream_certainty(
		v, side->alert_level == ALERT_FATAL ? CERTAINTY_PROVEN : CERTAINTY_LIKELY);
}

/* ---- server.protocol-mismatch ---- */

int check_protocol_mismatch(const struct check_view *v, struct finding *f)
{
	const struct attempt *a;
	struct stories s;
	int error;

	stories_count(v, &s);
	if (!stories_are_only(&s, STORY_PROTOCOL))
		return not_told(&s, STORY_PROTOCOL, f);
	a = s.newest[STORY_PROTOCOL];
	place(v, f, 0);
	error = finding_say(
		f, v->arena,
		"client and service speak different protocols on %s: the client "
		"begins with %s, %s with %s",
		view_port(v), first_bytes_words((enum first_bytes)a->client_bytes),
		stream_service(v), first_bytes_words((enum first_bytes)a->server_bytes));
	if (!error)
		error = stream_prove_words(v, f, a, s.n[STORY_PROTOCOL]);
	if (!error)
		error = finding_advise(f, v->arena, view_text(v, "dport list"), NULL, NULL,
				       "look which port serves what the client speaks, and "
				       "correct the client's port or the service's");
	if (error)
		return error;
	return (int)stream_certainty(v, a->server_bytes == BYTES_OTHER ? CERTAINTY_LIKELY
								       : CERTAINTY_PROVEN);
}

/* ---- server.proxy-header ---- */

static int tell_proxy_sent(const struct check_view *v, struct finding *f,
			   const struct attempt *a, unsigned n, enum certainty most)
{
	int error =
		finding_say(f, v->arena,
			    "the client (a balancer) begins with a PROXY header, and %s "
			    "does not take it on %s",
			    stream_service(v), view_port(v));

	place(v, f, 1);
	if (!error)
		error = a->server_bytes == BYTES_NONE ? stream_prove_end(v, f, a, n)
						      : stream_prove_words(v, f, a, n);
	if (!error)
		error = finding_advise(f, v->arena, NULL, NULL, NULL,
				       "turn the PROXY protocol on in the service for "
				       "this listener, or off in the balancer");
	return error ? error : (int)stream_certainty(v, most);
}

static int tell_proxy_missing(const struct check_view *v, struct finding *f,
			      const struct stories *s, enum story one, bool is_taken)
{
	const struct attempt *a = s->newest[one];
	int error = finding_say(f, v->arena,
				"%s hangs up on %s without a word: it may expect a PROXY "
				"header, which the client does not send",
				stream_service(v), view_port(v));

	place(v, f, 1);
	if (!error)
		error = stream_prove_end(v, f, a, s->n[one]);
	if (!error && is_taken)
		error = finding_prove(
			f, v->arena, "capture", true, NULL,
			"connections that begin with a PROXY header are answered");
	if (!error)
		error = finding_advise(f, v->arena, NULL, NULL, NULL,
				       "look whether the listener is set to the PROXY "
				       "protocol; then let the client come through the "
				       "balancer, or take it off");
	if (error)
		return error;
	if (stream_log_tells(v, f) == CERTAINTY_PROVEN)
		return (int)stream_certainty(v, CERTAINTY_PROVEN);
	return (int)stream_certainty(v, is_taken ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE);
}

int check_proxy_header(const struct check_view *v, struct finding *f)
{
	bool is_taken;
	enum story one;
	struct stories s;

	stories_count(v, &s);
	if (stories_are_only(&s, STORY_PROXY_REFUSED))
		return tell_proxy_sent(v, f, s.newest[STORY_PROXY_REFUSED],
				       s.n[STORY_PROXY_REFUSED], CERTAINTY_PROVEN);
	one = s.n[STORY_CLOSED_UNHEARD] ? STORY_CLOSED_UNHEARD : STORY_RESET;
	is_taken = stream_was_seen(v, BYTES_PROXY_HEADER, BYTES_NONE);
	if (!are_only_beside_served(&s, one, is_taken))
		return not_told(&s, STORY_PROXY_REFUSED, f);
	if (s.newest[one]->client_bytes == BYTES_PROXY_HEADER)
		return tell_proxy_sent(v, f, s.newest[one], s.n[one], CERTAINTY_LIKELY);
	/* An abort is no sign of it unless others show that it is expected. */
	if (one == STORY_RESET && !is_taken)
		return CERTAINTY_NONE;
	if (!s.newest[one]->stream.side[STREAM_SERVER].n_heard)
		return CERTAINTY_NONE;
	return tell_proxy_missing(v, f, &s, one, is_taken);
}

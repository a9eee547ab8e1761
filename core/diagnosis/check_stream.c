/* What the checks of conversations ask and say alike. Finds no fault itself. */
#include "core/diagnosis/check_stream.h"

#include "core/diagnosis/check_logs.h"
#include "core/diagnosis/sight.h"

const struct endpoint *stream_endpoint(const struct check_view *v)
{
	const struct endpoint *e = NULL;
	enum tri served = TRI_UNSURE;

	view_socket(v, &served, &e);
	return served == TRI_YES ? e : NULL;
}

const char *stream_service(const struct check_view *v)
{
	const struct endpoint *e = stream_endpoint(v);

	return e && e->n_owners ? view_owner(v, e) : "the service";
}

/* Of nobody in particular: one who goes wrong among others who do not may be a scan. */
static bool are_others_served(const struct check_view *v)
{
	for (size_t i = 0; i < attempts_n(v->e->attempts); i++) {
		const struct attempt *a = attempts_at(v->e->attempts, i);
		struct addr client = addr_unmapped(&a->client);

		if (story_of(a, v->e->window_end_ns) == STORY_SERVED &&
		    sight_is_at_port(v->e, a) && !addr_equals(&client, &v->walk->client))
			return true;
	}
	return false;
}

enum certainty stream_certainty(const struct check_view *v, enum certainty most)
{
	if (!v->e->target.is_client_named && are_others_served(v))
		return CERTAINTY_POSSIBLE;
	if (sight_is_lossy(v->e) && most > CERTAINTY_POSSIBLE)
		return most - 1;
	if (most == CERTAINTY_PROVEN && !stream_endpoint(v))
		return CERTAINTY_LIKELY;
	return most;
}

const char *stream_dump(const struct check_view *v)
{
	return view_text(v, "tcpdump -nAi any 'tcp port %u'", v->e->target.port);
}

const char *stream_target(const struct check_view *v)
{
	char text[ADDR_TEXT_MAX];
	const struct addr *a = &v->walk->server;

	return view_text(v, a->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
			 addr_format(a, text), v->e->target.port);
}

static const char *connections(const struct check_view *v, unsigned n)
{
	return view_text(v, "%u connection%s", n, n == 1 ? "" : "s");
}

/* "a TLS ClientHello for 'www.example.org'" */
static const char *client_words(const struct check_view *v, const struct attempt *a)
{
	const char *words = first_bytes_words((enum first_bytes)a->client_bytes);

	if (a->client_bytes != BYTES_TLS_CLIENT_HELLO || !a->sni[0])
		return words;
	return view_text(v, "%s for %s", words, view_word(v, text_of(a->sni)));
}

static const char *server_words(const struct check_view *v, const struct attempt *a)
{
	const char *words = first_bytes_words((enum first_bytes)a->server_bytes);

	if (a->server_bytes != BYTES_HTTP_STATUS)
		return words;
	return view_text(v, "%s (%u)", words, a->http_status);
}

int stream_prove_words(const struct check_view *v, struct finding *f,
		       const struct attempt *a, unsigned n)
{
	const struct stream_side *s = a->stream.side;
	bool is_server_first = s[STREAM_SERVER].first_ns >= 0 &&
			       (s[STREAM_CLIENT].first_ns < 0 ||
				s[STREAM_SERVER].first_ns < s[STREAM_CLIENT].first_ns);

	return finding_prove(f, v->arena, "capture", true, stream_dump(v),
			     is_server_first
				     ? "%s: the server speaks first, with %s; the client's "
				       "first bytes are %s"
				     : "%s: the server's first bytes are %s, the client's "
				       "are %s",
			     connections(v, n), server_words(v, a), client_words(v, a));
}

static const char *asked_words(const struct check_view *v, const struct attempt *a)
{
	if (!a->stream.side[STREAM_SERVER].n_heard)
		return "before the client has said anything";
	return view_text(v, "after %u bytes of the client (%s)",
			 a->stream.side[STREAM_SERVER].n_heard, client_words(v, a));
}

int stream_prove_end(const struct check_view *v, struct finding *f, const struct attempt *a,
		     unsigned n)
{
	const struct stream_side *s = &a->stream.side[STREAM_SERVER];
	bool is_reset = s->rst_ns >= 0 && (s->fin_ns < 0 || s->rst_ns < s->fin_ns);
	int64_t end_ns = is_reset ? s->rst_ns : s->fin_ns;
	int64_t open_ns = a->answered_ns - a->first_ns;

	return finding_prove(
		f, v->arena, "capture", true, stream_dump(v),
		"%s: the server's end %s it %.1f ms after its SYN-ACK, %s, and "
		"has not sent a byte",
		connections(v, n), is_reset ? "resets" : "closes",
		(double)(end_ns - open_ns) / 1e6, asked_words(v, a));
}

bool stream_was_seen(const struct check_view *v, uint8_t client_bytes, uint8_t server_bytes)
{
	for (size_t i = 0; i < attempts_n(v->e->attempts); i++) {
		const struct attempt *a = attempts_at(v->e->attempts, i);
		struct addr server = addr_unmapped(&a->server);

		if (a->client_bytes == client_bytes &&
		    (server_bytes == BYTES_NONE ? a->server_bytes != BYTES_NONE
						: a->server_bytes == server_bytes) &&
		    sight_is_at_port(v->e, a) && addr_equals(&server, &v->walk->server))
			return true;
	}
	return false;
}

/* ---- logs ---- */

enum certainty stream_log_tells(const struct check_view *v, struct finding *f)
{
	struct log_said s;

	if (!view_logs_support(v, f->fault, &s) || s.match.is_before ||
	    prove_said(v, f, &s) < 0)
		return CERTAINTY_NONE;
	return said_certainty(v, &s) >= CERTAINTY_LIKELY ? CERTAINTY_PROVEN
							 : CERTAINTY_POSSIBLE;
}

bool stream_log_blames(const struct check_view *v, enum fault other)
{
	struct log_said s;

	return view_logs_support(v, other, &s) && !s.match.is_before &&
	       said_certainty(v, &s) >= CERTAINTY_LIKELY;
}

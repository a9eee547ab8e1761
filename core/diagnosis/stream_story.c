/* One word for each conversation. Asks the packets only, names no fault. */
#include "core/diagnosis/stream_story.h"

#include "core/base/time.h"
#include "core/diagnosis/sight.h"
#include "core/services/known.h"

/* A server that hangs up later was waiting for something. Looking up a name may take the
 * one that hangs up unasked a while. */
#define AT_ONCE_NS     NS_PER_S
#define UNASKED_NS     (3 * NS_PER_S)
#define AGAIN_LEAST    3                  /* times */
#define STUCK_NS       (NS_PER_S * 3 / 2) /* longer than sending again takes */
#define MSS_USUAL      1460
#define UNHEARD_SURE   2   /* one may have come late */
#define SSH_BANNER_MAX 255 /* with its line's end: RFC 4253, 4.2 */
/* Of IP and TCP that an MSS does not count, and options that it does. */
#define OPTIONS_MOST 40

static const struct stream_side *client_of(const struct attempt *a)
{
	return &a->stream.side[STREAM_CLIENT];
}

static const struct stream_side *server_of(const struct attempt *a)
{
	return &a->stream.side[STREAM_SERVER];
}

/* -1: it did not. */
static int64_t end_ns(const struct stream_side *s)
{
	if (s->fin_ns < 0 || s->rst_ns < 0)
		return s->fin_ns < 0 ? s->rst_ns : s->fin_ns;
	return s->fin_ns < s->rst_ns ? s->fin_ns : s->rst_ns;
}

bool story_is_ended_by_server(const struct attempt *a)
{
	int64_t server_ns = a->has_stream ? end_ns(server_of(a)) : -1;
	int64_t client_ns = a->has_stream ? end_ns(client_of(a)) : -1;

	return server_ns >= 0 && (client_ns < 0 || server_ns < client_ns);
}

/* ---- RSTs from elsewhere ---- */

unsigned story_distance(uint8_t ttl)
{
	unsigned first = ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;

	return first - ttl;
}

static unsigned apart(unsigned a, unsigned b)
{
	return a > b ? a - b : b - a;
}

unsigned story_reset_hops(const struct stream_side *s)
{
	unsigned at, least, most;

	if (s->rst_ns < 0 || !s->ttl_least || !s->rst_ttl ||
	    (s->rst_ttl >= s->ttl_least && s->rst_ttl <= s->ttl_most))
		return 0;
	at = story_distance(s->rst_ttl);
	least = apart(at, story_distance(s->ttl_least));
	most = apart(at, story_distance(s->ttl_most));
	return least < most ? least : most;
}

/* ---- what is stuck ---- */

static unsigned full_size(const struct attempt *a)
{
	unsigned one = client_of(a)->mss, other = server_of(a)->mss;
	unsigned mss = one && other ? (one < other ? one : other) : one + other;

	return mss ? mss : MSS_USUAL;
}

static unsigned full_size_least(const struct attempt *a)
{
	return full_size(a) - OPTIONS_MOST;
}

bool story_passes_full_size(const struct attempt *a, const struct stream_side *s)
{
	unsigned passed =
		s->passed_bytes > s->selective_bytes ? s->passed_bytes : s->selective_bytes;

	return passed >= full_size_least(a);
}

/* Loss lets one of that size through at times; a reader that takes no more is no narrow
 * link; and where not even acknowledgements arrive, nothing does. */
static bool is_size_to_blame(const struct attempt *a, const struct stream_side *s)
{
	const struct stream_side *other = s == client_of(a) ? server_of(a) : client_of(a);

	return s->n_behind && !story_passes_full_size(a, s) && !other->n_shut &&
	       other->n_unheard < UNHEARD_SURE;
}

const struct stream_side *story_stuck_side(const struct attempt *a, int64_t until_ns,
					   bool *is_sure)
{
	unsigned least = full_size_least(a);

	*is_sure = false;
	for (unsigned i = 0; a->has_stream && i < N_STREAM_ENDS; i++) {
		const struct stream_side *s = &a->stream.side[i];
		bool is_again = s->n_again >= AGAIN_LEAST && s->again_bytes >= least;
		bool is_missing = s->missing_bytes >= least &&
				  until_ns - a->first_ns - s->stuck_ns >= STUCK_NS;

		if ((!is_again && !is_missing) || a->stream.side[!i].is_shut)
			continue;
		*is_sure = is_size_to_blame(a, s);
		return s;
	}
	return NULL;
}

/* ---- what they say to each other ---- */

enum family {
	FAMILY_NONE,
	FAMILY_UNKNOWN,
	FAMILY_TLS,
	FAMILY_HTTP,
	FAMILY_SSH,
	FAMILY_PROXY,
	FAMILY_SMTP,
	FAMILY_GREETING
};

static enum family family_of(uint8_t bytes)
{
	switch ((enum first_bytes)bytes) {
	case BYTES_NONE:
		return FAMILY_NONE;
	case BYTES_OTHER:
		return FAMILY_UNKNOWN;
	case BYTES_TLS_CLIENT_HELLO:
	case BYTES_TLS_SERVER_HELLO:
	case BYTES_TLS_ALERT:
		return FAMILY_TLS;
	case BYTES_HTTP_REQUEST:
	case BYTES_HTTP_STATUS:
		return FAMILY_HTTP;
	case BYTES_SSH_BANNER:
		return FAMILY_SSH;
	case BYTES_PROXY_HEADER:
		return FAMILY_PROXY;
	case BYTES_SMTP_GREETING:
	case BYTES_SMTP_REQUEST:
		return FAMILY_SMTP;
	case BYTES_FTP_GREETING:
	case BYTES_IMAP_GREETING:
	case BYTES_POP_GREETING:
	case BYTES_MYSQL_GREETING:
		return FAMILY_GREETING;
	case N_FIRST_BYTES:
		break;
	}
	return FAMILY_UNKNOWN;
}

static bool is_fatal(const struct stream_side *s)
{
	return s->alert_level == ALERT_FATAL || s->alert_level == ALERT_SEALED;
}

static enum story story_of_tls(const struct attempt *a)
{
	if (is_fatal(client_of(a)) || is_fatal(server_of(a)))
		return STORY_ALERT;
	return a->server_bytes == BYTES_TLS_SERVER_HELLO ? STORY_SERVED : STORY_UNTOLD;
}

/* What it says stands at the end of it: the words may be anybody's otherwise. */
static enum story story_of_saying(const struct attempt *a)
{
	if (a->stream.says == SAYS_TLS_WANTED)
		return STORY_PLAIN_TO_TLS;
	if (!story_is_ended_by_server(a))
		return STORY_UNTOLD;
	if (a->stream.says == SAYS_TOO_MANY)
		return STORY_TOO_MANY;
	return a->stream.says == SAYS_DENIED ? STORY_DENIED : STORY_UNTOLD;
}

static enum story story_of_proxy(const struct attempt *a, enum family server)
{
	if (server == FAMILY_TLS && a->server_bytes == BYTES_TLS_ALERT)
		return STORY_PROXY_REFUSED;
	if (server == FAMILY_HTTP && a->http_status == 400)
		return STORY_PROXY_REFUSED;
	/* A banner comes before the header, also where the header is expected. */
	return server == FAMILY_SSH || server == FAMILY_SMTP || server == FAMILY_GREETING
		       ? STORY_UNTOLD
		       : STORY_SERVED;
}

static bool is_lines_before_banner(const struct attempt *a)
{
	return a->client_bytes == BYTES_SSH_BANNER && a->server_bytes == BYTES_OTHER &&
	       a->n_client_bytes <= SSH_BANNER_MAX;
}

static bool is_ended(const struct attempt *a)
{
	return end_ns(server_of(a)) >= 0 || end_ns(client_of(a)) >= 0;
}

bool story_awaits_end(const struct attempt *a)
{
	return a->has_stream && is_lines_before_banner(a) && !is_ended(a);
}

static enum story story_of_answer(const struct attempt *a)
{
	enum family client = family_of(a->client_bytes),
		    server = family_of(a->server_bytes);
	enum story said = story_of_saying(a);

	if (said != STORY_UNTOLD)
		return said;
	if (client == FAMILY_PROXY)
		return story_of_proxy(a, server);
	if (client == FAMILY_TLS && server == FAMILY_TLS)
		return story_of_tls(a);
	if (client == FAMILY_NONE || client == server)
		return STORY_SERVED;
	if (client == FAMILY_SSH && server == FAMILY_UNKNOWN)
		return is_lines_before_banner(a) && is_ended(a) ? STORY_PROTOCOL
								: STORY_UNTOLD;
	if (client == FAMILY_SSH || (server == FAMILY_SSH && client != FAMILY_UNKNOWN))
		return STORY_PROTOCOL;
	if (client == FAMILY_TLS)
		return STORY_TLS_TO_PLAIN;
	if (server == FAMILY_TLS)
		return STORY_PLAIN_TO_TLS;
	if (client == FAMILY_UNKNOWN || server == FAMILY_UNKNOWN)
		return STORY_SERVED;
	return STORY_PROTOCOL;
}

/* The service that is known for the port speaks first. */
static bool is_port_of_greeting(const struct attempt *a)
{
	for (size_t i = 0; i < n_known_services; i++)
		if (known_services[i].first == FIRST_SERVER &&
		    known_service_uses(&known_services[i], a->server_port, a->proto))
			return true;
	return false;
}

/* The server's end hung up without a byte. */
static enum story story_of_end(const struct attempt *a)
{
	const struct stream_side *client = client_of(a), *server = server_of(a);
	int64_t end = end_ns(server), asked_ns = client->first_ns;

	if (!story_is_ended_by_server(a))
		return STORY_UNTOLD;
	if (asked_ns >= 0 && asked_ns <= end) {
		if (end - asked_ns > AT_ONCE_NS)
			return STORY_UNTOLD;
		return end == server->rst_ns ? STORY_RESET : STORY_CLOSED_UNHEARD;
	}
	if (end > a->answered_ns - a->first_ns + UNASKED_NS)
		return STORY_UNTOLD;
	return end == server->rst_ns ? STORY_RESET : STORY_CLOSED_AT_ONCE;
}

enum story story_of(const struct attempt *a, int64_t until_ns)
{
	bool is_sure;

	if (!a->has_stream)
		return STORY_UNTOLD;
	if (story_reset_hops(client_of(a)) || story_reset_hops(server_of(a)))
		return STORY_FOREIGN_RESET;
	if (!sight_is_open(a))
		return STORY_UNTOLD;
	if (story_stuck_side(a, until_ns, &is_sure))
		return STORY_STUCK;
	return a->server_bytes == BYTES_NONE ? story_of_end(a) : story_of_answer(a);
}

bool story_is_ill(enum story s, const struct attempt *a)
{
	if (s == STORY_CLOSED_AT_ONCE)
		return is_port_of_greeting(a);
	return s != STORY_SERVED && s != STORY_UNTOLD;
}

void stories_count(const struct check_view *v, struct stories *out)
{
	*out = (struct stories){0};
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);
		enum story s = story_of(a, v->e->window_end_ns);

		out->n[s]++;
		out->newest[s] = a;
		out->n_told += s != STORY_UNTOLD;
	}
}

bool stories_are_only(const struct stories *s, enum story one)
{
	return s->n[one] && s->n[one] == s->n_told;
}

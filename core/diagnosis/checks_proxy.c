/* Programs that take a connection here and make another one for it: their service behind,
 * and ports that a container engine publishes on loopback. */
#include <netinet/in.h>
#include <string.h>

#include "core/base/time.h"
#include "core/diagnosis/check_beyond.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/sight.h"
#include "core/firewall/text/rule_text.h"

/* A proxy calls its upstream as soon as it has accepted, or has read the request. */
#define CALLS_WITHIN_NS (300 * NS_PER_MS)
enum { BAD_GATEWAY = 502, UNAVAILABLE = 503, GATEWAY_TIMEOUT = 504 };

/* ---- the service behind a proxy ---- */

/* What the process that takes the target's connections calls for each of them. */
struct upstream {
	const struct attempt *call; /* the newest; NULL: none was seen */
	uint32_t n_calls, n_refused, n_silent;
	uint32_t n_errors; /* of the clients' connections, answered with 502, 503 or 504 */
};

/* Taken by the proxy, and nothing of the service came. */
static bool got_nothing(const struct attempt *a)
{
	if (!sight_is_open(a))
		return false;
	return a->server_bytes == BYTES_NONE || a->http_status == BAD_GATEWAY ||
	       a->http_status == UNAVAILABLE || a->http_status == GATEWAY_TIMEOUT;
}

static bool is_call_of_ours(const struct check_view *v, const struct attempt *a)
{
	const struct probe_result *p = v->e->probe;
	struct addr client = addr_unmapped(&a->client);

	if (p && p->source_port == a->client_port && addr_equals(&p->source, &client))
		return false;
	return a->proto == IPPROTO_TCP &&
	       address_is_here(v->e->space->addresses, v->e->space->local_routes,
			       &client) == TRI_YES;
}

static bool is_for(const struct attempt *outer, const struct attempt *call)
{
	return call->first_ns >= outer->answered_ns &&
	       call->first_ns - outer->answered_ns <= CALLS_WITHIN_NS;
}

static bool has_failed(const struct check_view *v, const struct attempt *call)
{
	return !call->n_syn_acks && sight_has_failed(v->e, call);
}

/* The first call that follows this connection; NULL: none. */
static const struct attempt *call_for(const struct check_view *v,
				      const struct attempt *outer)
{
	const struct attempt *found = NULL;

	for (size_t i = 0; i < attempts_n(v->e->attempts); i++) {
		const struct attempt *a = attempts_at(v->e->attempts, i);

		if (a != outer && is_call_of_ours(v, a) && is_for(outer, a) &&
		    (!found || a->first_ns < found->first_ns))
			found = a;
	}
	return found;
}

static bool is_same_target(const struct attempt *a, const struct attempt *b)
{
	return a->server_port == b->server_port && addr_equals(&a->server, &b->server);
}

/* UNSURE: it is too early to say. */
static enum tri is_call_in_vain(const struct check_view *v, const struct upstream *u,
				const struct attempt *outer, const struct attempt *call)
{
	int64_t now_ns = v->e->has_window_ended ? v->e->window_end_ns : v->e->now_ns;

	if (!call)
		return now_ns - outer->answered_ns < CALLS_WITHIN_NS ? TRI_UNSURE : TRI_NO;
	if (call->n_syn_acks || (u->call && !is_same_target(u->call, call)))
		return TRI_NO;
	return has_failed(v, call) ? TRI_YES : TRI_UNSURE;
}

static void count_call(struct upstream *u, const struct attempt *outer,
		       const struct attempt *call)
{
	u->call = call;
	u->n_calls++;
	u->n_refused += call->outcome == OUTCOME_REFUSED;
	u->n_silent += call->outcome == OUTCOME_SILENT || call->outcome == OUTCOME_OPEN;
	u->n_errors += outer->http_status != 0;
}

/* False: some of them do not fit a proxy whose upstream is down. */
static bool find_upstream(const struct check_view *v, struct upstream *u)
{
	*u = (struct upstream){0};
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);
		const struct attempt *call;
		enum tri in_vain;

		if (!sight_is_open(a))
			continue;
		if (!got_nothing(a))
			return false;
		call = call_for(v, a);
		in_vain = is_call_in_vain(v, u, a, call);
		if (in_vain == TRI_NO)
			return false;
		if (in_vain == TRI_YES)
			count_call(u, a, call);
	}
	return u->n_calls > 0;
}

static bool is_owned_by(const struct endpoint *e, const char *const *words, size_t n)
{
	for (size_t i = 0; i < e->n_owners; i++)
		for (size_t k = 0; k < n; k++)
			if (text_equals_str(e->owners[i]->comm, words[k]))
				return true;
	return false;
}

static bool is_known_proxy(const struct endpoint *e)
{
	static const char *const words[] = {
		"docker-proxy", "rootlessport", "rootlesskit",     "slirp4netns",
		"pasta",        "haproxy",      "nginx",           "envoy",
		"traefik",      "caddy",        "varnishd",        "squid",
		"apache2",      "httpd",        "socat",           "stunnel",
		"stunnel4",     "xinetd",       "systemd-socket-", "pgbouncer",
	};

	return is_owned_by(e, words, sizeof(words) / sizeof(words[0]));
}

static const char *call_words(const struct upstream *u)
{
	if (u->n_refused == u->n_calls)
		return "refused";
	return u->n_silent == u->n_calls ? "not answered" : "not taken";
}

static int tell_upstream(const struct check_view *v, struct finding *f,
			 const struct endpoint *e, const struct upstream *u)
{
	struct addr to = addr_unmapped(&u->call->server);
	unsigned port = u->call->server_port;
	char server[ADDR_TEXT_MAX];
	int error;

	addr_format(&to, server);
	error = finding_say(f, v->arena,
			    "%s takes %s, and its own connections to %s port %u are %s",
			    view_owner(v, e), view_port(v), server, port, call_words(u));
	if (!error)
		error = finding_prove(
			f, v->arena, "capture", true,
			view_text(v, "tcpdump -ni any 'host %s and tcp port %u'", server,
				  port),
			"after each of %u connections of clients this host called %s port "
			"%u, and was %s",
			u->n_calls, server, port, call_words(u));
	if (!error && u->n_errors)
		error = finding_prove(f, v->arena, "capture", true, NULL,
				      "%u of them were answered with status 502, 503 or "
				      "504: the words of a proxy for it",
				      u->n_errors);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(f, v->arena,
				       view_text(v, "dport diagnose %s:%u", server, port),
				       NULL, NULL,
				       "the proxy is well: look at the service behind it, "
				       "and at the upstream address in its configuration");
	return error;
}

/* One coincidence proves nothing; a proxy by its name, its error status or twice does. */
int check_upstream_down(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = NULL;
	enum tri served = TRI_UNSURE;
	struct upstream u;
	int error;

	if (v->e->target.proto != IPPROTO_TCP || sightings_n_open(&v->sight) == 0)
		return v->sight.n_all ? ruled_out(f) : CERTAINTY_NONE;
	view_socket(v, &served, &e);
	if (served != TRI_YES || !e)
		return CERTAINTY_NONE;
	if (!find_upstream(v, &u))
		return ruled_out(f);
	f->position = AT_APPLICATION - 1;
	f->endpoint = e;
	error = tell_upstream(v, f, e, &u);
	if (error)
		return error;
	return is_known_proxy(e) || u.n_errors || u.n_calls > 1 ? CERTAINTY_LIKELY
								: CERTAINTY_POSSIBLE;
}

/* ---- published on loopback ---- */

static bool is_engine(const struct endpoint *e)
{
	static const char *const words[] = {"docker-proxy", "rootlessport", "rootlesskit",
					    "slirp4netns",  "pasta",        "conmon"};

	return is_owned_by(e, words, sizeof(words) / sizeof(words[0]));
}

/* The engine's own listener, where nobody else serves the port; NULL: not so. */
static const struct endpoint *published_on_loopback(const struct check_view *v)
{
	const struct endpoint *serving[16];
	size_t n = evidence_serving(v->e, serving, 16);

	for (size_t i = 0; i < n; i++)
		if (serving[i]->scope != SCOPE_LOOPBACK || !is_engine(serving[i]))
			return NULL;
	return n ? serving[0] : NULL;
}

int check_published_on_loopback(const struct check_view *v, struct finding *f)
{
	const struct endpoint *taker = NULL, *e;
	enum tri served = TRI_UNSURE;
	int error;

	if (sight_was_answered(v) || v->was_anyone_taken ||
	    (v->walk->is_walked && v->walk->path.is_translated))
		return ruled_out(f);
	view_socket(v, &served, &taker);
	e = published_on_loopback(v);
	if (served != TRI_NO || !e)
		return served == TRI_UNSURE ? CERTAINTY_NONE : ruled_out(f);
	f->position = AT_SOCKET;
	f->explains_reset = true;
	f->endpoint = e;
	error = finding_say(
		f, v->arena,
		"%s is published on loopback only, by %s: nobody outside reaches it",
		view_port(v), view_owner(v, e));
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true, "ss -tlpen",
				      "%s keeps the port on %s", view_owner(v, e),
				      view_listens_on(v, e));
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, "docker ps --format '{{.Names}} {{.Ports}}'", NULL,
			"opens the port to all that can reach this host: the engine's "
			"rules stand before the host's own firewall",
			"publish it on an address of this host (-p ADDRESS:%u:PORT in "
			"place of 127.0.0.1), or put a proxy before it",
			v->e->target.port);
	if (error)
		return error;
	return view_is_untranslated(v) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

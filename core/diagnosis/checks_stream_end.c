/* The service takes the connection and ends it: aborted, turned away, or too many. */
#include "core/base/time.h"
#include "core/diagnosis/check_stream.h"
#include "core/diagnosis/sight.h"

static void place(const struct check_view *v, struct finding *f, int behind)
{
	f->position = AT_APPLICATION + behind;
	f->endpoint = stream_endpoint(v);
}

/* Of those in sight, the resets that counters of the window can have counted. */
static unsigned n_resets(const struct check_view *v)
{
	unsigned n = 0;

	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);
		int64_t at_ns = a->first_ns + a->stream.side[STREAM_SERVER].rst_ns;

		n += story_of(a, v->e->window_end_ns) == STORY_RESET &&
		     at_ns >= v->e->window_start_ns && at_ns <= v->e->window_end_ns;
	}
	return n;
}

/* -1: not known */
static int64_t aborts(const struct check_view *v)
{
	int64_t on_data = evidence_delta(v->e, "TcpExt.TCPAbortOnData");
	int64_t on_close = evidence_delta(v->e, "TcpExt.TCPAbortOnClose");

	return on_data < 0 || on_close < 0 ? -1 : on_data + on_close;
}

static int prove_aborts(const struct check_view *v, struct finding *f, int64_t n_aborts)
{
	int64_t resets = evidence_delta(v->e, "Tcp.OutRsts");

	if (resets < 0)
		return 0;
	if (n_aborts <= 0)
		return finding_prove(f, v->arena, "counters", true, "nstat -az TcpOutRsts",
				     "this host's own stack sent +%lld RSTs in this time",
				     (long long)resets);
	return finding_prove(f, v->arena, "counters", true,
			     "nstat -az TcpOutRsts TcpExtTCPAbortOnData "
			     "TcpExtTCPAbortOnClose",
			     "this host's own stack sent +%lld RSTs in this time; programs "
			     "aborted +%lld connections",
			     (long long)resets, (long long)n_aborts);
}

/* A firewall's RST is none of the stack's: it does not count there. */
static enum certainty sure_of_resets(const struct check_view *v)
{
	int64_t resets = evidence_delta(v->e, "Tcp.OutRsts");
	int64_t n = n_resets(v);

	if (!stream_endpoint(v) || resets < 0 || resets < n || !n)
		return CERTAINTY_POSSIBLE;
	/* With data unread it may just have had enough: of what, its first bytes may tell.
	 */
	return evidence_delta(v->e, "TcpExt.TCPAbortOnData") >= n ? CERTAINTY_PROVEN
								  : CERTAINTY_LIKELY;
}

int check_resets_after_accept(const struct check_view *v, struct finding *f)
{
	int64_t n_aborts = aborts(v);
	struct stories s;
	int error;

	stories_count(v, &s);
	if (s.n[STORY_SERVED] && !s.n[STORY_RESET])
		return ruled_out(f);
	if (!stories_are_only(&s, STORY_RESET) ||
	    (n_resets(v) && !evidence_delta(v->e, "Tcp.OutRsts")))
		return CERTAINTY_NONE;
	place(v, f, 2);
	error = finding_say(f, v->arena,
			    "%s takes connections on %s and resets them without an answer",
			    stream_service(v), view_port(v));
	if (!error)
		error = stream_prove_end(v, f, s.newest[STORY_RESET], s.n[STORY_RESET]);
	if (!error)
		error = prove_aborts(v, f, n_aborts);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"look into the service's log of these seconds: it closes with data "
			"unread, or aborts on purpose (SO_LINGER 0), as after a crash of "
			"the worker or a check that fails");
	if (error)
		return error;
	return (int)stream_certainty(v, sure_of_resets(v));
}

/* ---- turned away ---- */

static bool is_hung_up(const struct stories *s)
{
	return s->n[STORY_CLOSED_AT_ONCE] + s->n[STORY_CLOSED_UNHEARD] > 0 &&
	       s->n[STORY_CLOSED_AT_ONCE] + s->n[STORY_CLOSED_UNHEARD] +
			       s->n[STORY_RESET] ==
		       s->n_told;
}

static enum story hung_up(const struct stories *s)
{
	return s->n[STORY_CLOSED_AT_ONCE] ? STORY_CLOSED_AT_ONCE : STORY_CLOSED_UNHEARD;
}

/* Nothing is odd about it, and the log does not say that it was for this. */
static bool is_in_order(const struct check_view *v, const struct stories *s, enum fault f)
{
	enum story one = hung_up(s);

	return s->n[one] && !story_is_ill(one, s->newest[one]) && !stream_log_blames(v, f);
}

/* It says why itself, to the client or in its log; else that it hung up fits much. */
static enum certainty sure_of_words(const struct check_view *v, struct finding *f,
				    bool is_said)
{
	enum certainty told = stream_log_tells(v, f);

	return is_said || told == CERTAINTY_PROVEN ? CERTAINTY_PROVEN : CERTAINTY_POSSIBLE;
}

static int say_denied(const struct check_view *v, struct finding *f,
		      const struct stories *s, enum story one)
{
	char client[ADDR_TEXT_MAX];
	int error = finding_say(
		f, v->arena,
		one == STORY_DENIED
			? "%s takes the connection of %s on %s and says that it is not "
			  "allowed"
			: "%s takes the connection of %s on %s and hangs up without a word",
		stream_service(v), addr_format(&v->walk->client, client), view_port(v));

	if (error)
		return error;
	return one == STORY_DENIED ? stream_prove_words(v, f, s->newest[one], s->n[one])
				   : stream_prove_end(v, f, s->newest[one], s->n[one]);
}

int check_access_denied(const struct check_view *v, struct finding *f)
{
	enum certainty sure;
	struct stories s;
	enum story one;
	int error;

	stories_count(v, &s);
	one = s.n[STORY_DENIED] ? STORY_DENIED : hung_up(&s);
	if (one == STORY_DENIED ? !stories_are_only(&s, one) : !is_hung_up(&s))
		return s.n[STORY_SERVED] ? ruled_out(f) : CERTAINTY_NONE;
	if (one != STORY_DENIED && (stream_log_blames(v, FAULT_CONNECTION_LIMIT) ||
				    is_in_order(v, &s, FAULT_ACCESS_DENIED)))
		return CERTAINTY_NONE;
	place(v, f, 3);
	error = say_denied(v, f, &s, one);
	if (error)
		return error;
	sure = sure_of_words(v, f, one == STORY_DENIED);
	error = finding_advise(f, v->arena, NULL, NULL, NULL,
			       "look at the service's own lists (hosts.allow and "
			       "hosts.deny, allow and deny, pg_hba.conf) and at its log of "
			       "these seconds");
	return error ? error : (int)stream_certainty(v, sure);
}

/* ---- too many ---- */

int check_connection_limit(const struct check_view *v, struct finding *f)
{
	enum certainty sure;
	struct stories s;
	enum story one;
	int error;

	stories_count(v, &s);
	/* At a limit some get in: that is no reason against it. */
	one = s.n[STORY_TOO_MANY] ? STORY_TOO_MANY : hung_up(&s);
	if (one != STORY_TOO_MANY && !is_hung_up(&s) &&
	    !(s.n[one] && s.n[one] + s.n[STORY_SERVED] == s.n_told))
		return CERTAINTY_NONE;
	if (one != STORY_TOO_MANY && (stream_log_blames(v, FAULT_ACCESS_DENIED) ||
				      is_in_order(v, &s, FAULT_CONNECTION_LIMIT)))
		return CERTAINTY_NONE;
	place(v, f, 4);
	error = finding_say(f, v->arena,
			    one == STORY_TOO_MANY
				    ? "%s turns clients of %s away: it has too many already"
				    : "%s hangs up on clients of %s without a word: it may "
				      "have too many",
			    stream_service(v), view_port(v));
	if (!error)
		error = one == STORY_TOO_MANY
				? stream_prove_words(v, f, s.newest[one], s.n[one])
				: stream_prove_end(v, f, s.newest[one], s.n[one]);
	if (error)
		return error;
	sure = sure_of_words(v, f, one == STORY_TOO_MANY);
	error = finding_advise(
		f, v->arena,
		view_text(v, "ss -Htn state established '( sport = :%u )'",
			  v->e->target.port),
		NULL, NULL,
		"see who holds the connections, and whether they are given back; then "
		"raise the service's own limit (max_connections, MaxStartups, per_source)");
	return error ? error : (int)stream_certainty(v, sure);
}

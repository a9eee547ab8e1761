/* Steps, states and headline in words. Decides nothing of the diagnosis. */
#include "tui/view/guide/guide_words.h"

#include <inttypes.h>
#include <netinet/in.h>

#include "core/base/time.h"
#include "core/report/diagnose.h"

struct step_words {
	const char *name, *question;
	const char *passes, *fails; /* the word of its state */
	const char *later;          /* what it waits for before its turn */
	enum run_phase until;       /* it is told when that is over */
};

static const struct step_words steps[N_STEPS] = {
	[STEP_CLIENT] = {"client",
			 "Does the client's first packet (SYN) reach this machine?",
			 "arrives", "fails", "for the capture to be ready", RUN_CLOSING},
	[STEP_SERVER] = {"server", "Is a program listening on that address and port?",
			 "listens", "fails", "for the list of sockets", RUN_CLOSING},
	[STEP_FIREWALL] = {"firewall+route",
			   "Does a rule or a route here stop the packet, or the answer?",
			   "passes", "stops", "for rules, routes and counters",
			   RUN_CLOSING},
	[STEP_NAT] =
		{"NAT, proxy",
		 "Is the packet passed on (NAT, container, proxy)? Then we look there.",
		 "passes on", "fails", "for the packet's way", RUN_CLOSING},
	[STEP_LOGS] = {"logs", "Does a log line from those seconds tell why?", "read",
		       "confirms", "for the attempts to be over", RUN_ASKING},
};

/* Where this host is the client. */
static const struct step_words outward[N_STEPS] = {
	[STEP_CLIENT] = {"client", "Does this host get a connection to it?", "connects",
			 "fails", "for the name and our own connection", RUN_WATCHING},
	[STEP_SERVER] = {"server", "What does the other end say once it is connected?",
			 "answers", "fails", "for the first bytes", RUN_CLOSING},
	[STEP_FIREWALL] = {"firewall+route",
			   "Does a rule or a route of this host stop what it sends?",
			   "passes", "stops", "for rules, routes and counters",
			   RUN_CLOSING},
	[STEP_NAT] = {"NAT, proxy",
		      "Does this host pass the packet on under another address?",
		      "passes on", "fails", "for the packet's way", RUN_CLOSING},
	[STEP_LOGS] = {"logs", "Does a log line from those seconds tell why?", "read",
		       "confirms", "for the attempts to be over", RUN_ASKING},
};

static const struct step_words *words_of(const struct model *m, enum step_id s)
{
	return m->guide.aim.role == AIM_CLIENT ? &outward[s] : &steps[s];
}

void guide_put(const struct model *m, struct str *out, struct text t)
{
	/* A backslash is the escape of a name that was shown before: not escaped again. */
	for (size_t at = 0; at < t.len;) {
		size_t start = at;
		long c = text_next_char(t, &at);
		struct text one = {t.bytes + start, at - start};

		if (c == '\\')
			str_putc(out, '\\');
		else
			text_show(out, one, model_text_mode(m));
	}
}

const char *guide_step_name(enum step_id s)
{
	return steps[s].name;
}

const char *guide_step_question(const struct model *m, enum step_id s)
{
	return words_of(m, s)->question;
}

const struct finding *guide_cause(const struct guide *g)
{
	return g->result ? diagnosis_cause(g->result) : NULL;
}

static const struct finding *finding_of(const struct diagnosis *d, enum step_id s)
{
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].step == s)
			return &d->findings[i];
	return NULL;
}

/* What a client notices of it. */
static const char *failure_word(const struct model *m, enum step_id s)
{
	const struct finding *f = finding_of(m->guide.result, s);

	if (!f)
		return words_of(m, s)->fails;
	if (f->explains_icmp)
		return "rejects";
	if (f->explains_reset)
		return "refuses";
	return f->explains_silence && s == STEP_FIREWALL ? "drops" : words_of(m, s)->fails;
}

/* Without a fault of the step's own: what it says is true, and something does not fit. */
static const char *doubt_word(const struct model *m, enum step_id s)
{
	const struct finding *f = finding_of(m->guide.result, s);

	if (!f && s == STEP_SERVER)
		return words_of(m, s)->passes;
	return !f && s == STEP_FIREWALL ? "disagrees" : "perhaps";
}

/* A step that passed because there is nothing to look at. */
static bool is_nothing(const struct diagnosis *d, enum step_id s)
{
	if (s == STEP_NAT)
		return !d->path || !d->path->is_translated;
	return s == STEP_LOGS && !d->steps[s].n_proofs;
}

static enum role say(const struct model *m, struct str *out, enum role role,
		     enum symbol symbol, const char *word)
{
	str_printf(out, "%s %s", symbol_text(symbol, m->is_ascii), word);
	return role;
}

enum role guide_step_state(const struct model *m, enum step_id s, struct str *out)
{
	const struct diagnosis *d = m->guide.result;

	if (!d)
		return m->guide.is_running
			       ? say(m, out, ROLE_UNKNOWN, SYMBOL_WAITING, "waiting")
			       : say(m, out, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "unknown");
	switch (d->steps[s].state) {
	case STEP_WAITING:
		return say(m, out, ROLE_UNKNOWN, SYMBOL_WAITING, "waiting");
	case STEP_PASS:
		return is_nothing(d, s) ? say(m, out, ROLE_NORMAL, SYMBOL_NONE, "none")
					: say(m, out, ROLE_GOOD, SYMBOL_GOOD,
					      words_of(m, s)->passes);
	case STEP_FAIL:
		if (s == STEP_LOGS) {
			str_printf(out, "%s %s", m->is_ascii ? "*" : "●", steps[s].fails);
			return ROLE_NOTICE;
		}
		return say(m, out, ROLE_BAD, SYMBOL_BAD, failure_word(m, s));
	case STEP_WARN:
		return say(m, out, ROLE_WARN, SYMBOL_SOME, doubt_word(m, s));
	case STEP_DENIED:
		return say(m, out, ROLE_WARN, SYMBOL_NO_RIGHT, "needs root");
	case STEP_SKIPPED:
		return say(m, out, ROLE_NORMAL, SYMBOL_NONE, "none");
	case STEP_UNKNOWN:
		break;
	}
	return say(m, out, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "unknown");
}

/* "3 of 5 s": of the phase. */
static void put_deadline(const struct model *m, struct str *out)
{
	const struct guide *g = &m->guide;
	int64_t past_s = (m->now_ns - g->phase_ns) / NS_PER_S;
	int64_t whole_s = (g->limits_ns[g->phase] + NS_PER_S - 1) / NS_PER_S;

	if (past_s < 0)
		past_s = 0;
	if (past_s > whole_s)
		past_s = whole_s;
	str_printf(out, "%" PRId64 " of %" PRId64 " s", past_s, whole_s);
}

/* "watching for SYNs, 3 of 5 s" */
static void put_phase(const struct model *m, struct str *out)
{
	const struct guide *g = &m->guide;
	bool is_trying = g->phase == RUN_WATCHING && g->aim.role == AIM_CLIENT;

	str_puts(out, is_trying ? "trying to connect" : run_phase_words(g->phase));
	if (!g->limits_ns[g->phase])
		return;
	str_puts(out, ", ");
	put_deadline(m, out);
}

/* ", 4 s at most" */
static void put_left(const struct model *m, enum run_phase until, struct str *out)
{
	int64_t left_ns = guide_left_ns(&m->guide, until, m->now_ns);

	if (left_ns > 0)
		str_printf(out, ", %" PRId64 " s at most",
			   (left_ns + NS_PER_S - 1) / NS_PER_S);
}

/* What the sockets say before the packet's way is known. */
static bool put_listener(const struct model *m, struct str *out)
{
	const struct endpoint *e = NULL;
	const struct evidence *seen = m->guide.evidence;

	if (!seen || !seen->snapshot || !seen->space || !evidence_serving(seen, &e, 1))
		return false;
	if (e->n_owners) {
		text_show(out, e->owners[0]->comm, model_text_mode(m));
		str_printf(out, " %" PRId32, e->owners[0]->pid);
	} else {
		str_puts(out, "a socket");
	}
	str_puts(out, " on ");
	endpoint_listens_on(out, e);
	str_puts(out, "; whether it takes the packet is told after the watching");
	return true;
}

/* What the first step waits for while the window is open; false: it is not. */
static bool put_window(const struct model *m, struct str *out)
{
	const struct guide *g = &m->guide;

	if (g->phase != RUN_WATCHING)
		return false;
	if (g->aim.role == AIM_CLIENT)
		str_puts(out, "for our own connection, ");
	else
		str_puts(out,
			 g->aim.proto == IPPROTO_UDP ? "for a datagram, " : "for a SYN, ");
	put_deadline(m, out);
	return true;
}

static void put_waiting(const struct model *m, enum step_id s, struct str *out)
{
	bool is_server = m->guide.aim.role != AIM_CLIENT;

	if (s == STEP_CLIENT && put_window(m, out))
		return;
	if (s == STEP_SERVER && is_server && put_listener(m, out))
		return;
	if (s == STEP_CLIENT && is_server && m->guide.phase > RUN_WATCHING)
		str_puts(out, "for the rest of the capture");
	else
		str_puts(out, words_of(m, s)->later);
	put_left(m, words_of(m, s)->until, out);
}

void guide_step_words(const struct model *m, enum step_id s, struct str *out)
{
	const struct diagnosis *d = m->guide.result;

	if (m->guide.is_running && (!d || d->steps[s].state == STEP_WAITING))
		put_waiting(m, s, out);
	else if (d)
		guide_put(m, out, d->steps[s].summary);
}

static void put_certainty(const struct model *m, const struct diagnosis *d, struct str *out)
{
	if (d->certainty)
		str_printf(out, " %s %s", symbol_text(SYMBOL_DOT, m->is_ascii),
			   certainty_word(d->certainty));
}

static enum role put_verdict(const struct model *m, const struct diagnosis *d,
			     struct str *out)
{
	bool is_guess = d->verdict == VERDICT_UNKNOWN && d->n_findings;

	switch (d->verdict) {
	case VERDICT_HEALTHY:
		return guide_is_unproven(&m->guide)
			       ? say(m, out, ROLE_BAD, SYMBOL_BAD,
				     "NO CLIENT GOT THROUGH YET")
			       : say(m, out, ROLE_GOOD, SYMBOL_GOOD, diagnose_headline(d));
	case VERDICT_FAULT:
		return say(m, out, ROLE_BAD, SYMBOL_BAD, diagnose_headline(d));
	case VERDICT_UNKNOWN:
		break;
	}
	if (!is_guess)
		return say(m, out, ROLE_UNKNOWN, SYMBOL_UNKNOWN, diagnose_headline(d));
	say(m, out, ROLE_WARN, SYMBOL_UNKNOWN, "PERHAPS: ");
	str_puts(out, fault_headline(d->findings[0].fault));
	return ROLE_WARN;
}

enum role guide_headline(const struct model *m, struct str *out)
{
	const struct guide *g = &m->guide;
	const struct diagnosis *d = g->result;
	enum role role;

	if (g->is_running) {
		str_printf(out, "%s ", symbol_text(SYMBOL_WAITING, m->is_ascii));
		put_phase(m, out);
		return ROLE_NOTICE;
	}
	if (!d)
		return say(m, out, ROLE_WARN, SYMBOL_UNKNOWN, "not enough memory");
	role = put_verdict(m, d, out);
	if (d->verdict != VERDICT_HEALTHY || !guide_is_unproven(g))
		put_certainty(m, d, out);
	return role;
}

void guide_target(const struct model *m, struct str *out)
{
	const struct guide *g = &m->guide;
	struct aim aim = g->aim;

	if (!aim.client.family && g->result && g->result->has_sample &&
	    g->result->n_groups == 1)
		aim.client = g->result->sample.client;
	diagnose_target_words(out, &aim);
	if (g->host[0]) {
		str_puts(out, " as ");
		text_show(out, text_of(g->host), model_text_mode(m));
	}
	if (!g->is_open)
		return; /* it is still asked */
	if (aim.role == AIM_CLIENT)
		str_puts(out, " (this host is the client)");
	else if (aim.role == AIM_ROUTER)
		str_puts(out, " (this host is on the way)");
	else if (aim.address.family)
		str_puts(out, " (this host is the server)");
}

/* "open, 3 ms, from 198.51.100.7" */
static void put_handshake(const struct attempt *a, struct str *out)
{
	char client[ADDR_TEXT_MAX];

	str_puts(out, "open");
	if (a->rtt_ns >= 0)
		str_printf(out, a->rtt_ns < NS_PER_MS ? ", %.2f ms" : ", %.0f ms",
			   (double)a->rtt_ns / 1e6);
	str_printf(out, ", from %s", addr_format(&a->client, client));
}

static enum role put_now(const struct model *m, struct str *out)
{
	const struct guide *g = &m->guide;
	const struct attempt *a = guide_handshake(g);
	char client[ADDR_TEXT_MAX];

	if (a) {
		put_handshake(a, out);
		return ROLE_GOOD;
	}
	if (g->is_running || !g->result) {
		put_phase(m, out);
		return g->before.verdict == VERDICT_FAULT ? ROLE_BAD : ROLE_NOTICE;
	}
	if (g->result->verdict == VERDICT_HEALTHY && g->before.client.family)
		str_printf(out, "nothing stops it here, but %s was not seen to get through",
			   addr_format(&g->before.client, client));
	else if (g->result->verdict == VERDICT_HEALTHY)
		str_puts(out, "nothing stops it here, but no client was seen to get "
			      "through");
	else
		guide_put(m, out, g->result->summary);
	return g->result->verdict == VERDICT_FAULT || guide_is_unproven(g) ? ROLE_BAD
									   : ROLE_WARN;
}

bool guide_before_now(const struct model *m, struct str *out, enum role *role)
{
	const struct guide_before *b = &m->guide.before;

	if (!b->is_there)
		return false;
	str_puts(out, "before: ");
	guide_put(m, out, text_of_str(&b->words));
	str_printf(out, " %s now: ", symbol_text(SYMBOL_ARROW, m->is_ascii));
	*role = put_now(m, out);
	return true;
}

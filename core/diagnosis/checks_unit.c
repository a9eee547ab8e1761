/*
 * The service behind the port as systemd, the kernel's tables and the logs know it: it is
 * down, it is not started, or another has its port.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/base/time.h"
#include "core/diagnosis/check_logs.h"
#include "core/diagnosis/sight.h"

enum { UNITS_MAX = 8 };

static bool is_tcp(const struct check_view *v)
{
	return v->e->target.proto == IPPROTO_TCP;
}

static enum tri who_serves(const struct check_view *v, const struct endpoint **e)
{
	enum tri served = TRI_UNSURE;

	view_socket(v, &served, e);
	return served;
}

static void place(const struct check_view *v, struct finding *f)
{
	f->position = AT_SOCKET;
	f->explains_reset = is_tcp(v);
	f->explains_icmp = f->explains_silence = !is_tcp(v);
}

static const char *shown(const struct check_view *v, struct text t)
{
	struct str s = {0};
	const char *copy;

	text_show(&s, t, TEXT_ASCII);
	copy = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return copy;
}

/* ---- what systemd says of it ---- */

/* "failed (exit-code, status 1), restarted 5 times" */
static const char *state_words(const struct check_view *v, const struct unit_state *u)
{
	const char *status = "", *restarts = "";

	if (u->exit_status)
		status = view_text(v, ", %s %d", u->was_killed ? "signal" : "status",
				   u->exit_status);
	if (u->n_restarts)
		restarts = view_text(v, ", restarted %u time%s", u->n_restarts,
				     u->n_restarts == 1 ? "" : "s");
	return view_text(v, "%s (%s%s)%s",
			 text_equals_str(u->active, "failed") ? "failed" : shown(v, u->sub),
			 u->result.len ? shown(v, u->result) : "no result told", status,
			 restarts);
}

static int prove_unit(const struct check_view *v, struct finding *f,
		      const struct unit_state *u)
{
	return finding_prove(f, v->arena, "systemd", true,
			     view_text(v, "systemctl status %s", view_word(v, u->id)),
			     "%s is %s", shown(v, u->id), state_words(v, u));
}

static int advise_unit(const struct check_view *v, struct finding *f, struct text unit)
{
	const char *word = view_word(v, unit);
	const struct known_service *k =
		known_service_of(unit, TEXT_NONE, v->e->target.port, v->e->target.proto);
	int error;

	error = finding_advise(f, v->arena,
			       view_text(v, "journalctl -u %s -n 50 --no-pager", word),
			       NULL, NULL, "read what it said last%s%s",
			       k && *k->logs ? ", also in " : "", k ? k->logs : "");
	if (!error && k && *k->check)
		error = finding_advise(f, v->arena, k->check, NULL, NULL,
				       "check its configuration (%s)", k->config);
	if (!error)
		error = finding_advise(f, v->arena,
				       view_text(v, "systemctl restart %s", word), NULL,
				       NULL, "once its reason is gone, start it");
	return error;
}

/* ---- server.service-failed ---- */

struct units {
	const struct unit_state *rows[UNITS_MAX];
	size_t n, n_down;
	const struct unit_state *down; /* the first */
};

static void add_unit(struct units *all, const struct unit_state *u)
{
	if (!u || all->n == UNITS_MAX)
		return;
	for (size_t i = 0; i < all->n; i++)
		if (all->rows[i] == u)
			return;
	all->rows[all->n++] = u;
	if (!unit_state_is_down(u))
		return;
	all->n_down++;
	all->down = all->down ? all->down : u;
}

/* Of the loaded units those that are known to use the port; `use` at least. */
static void collect_units(const struct check_view *v, enum known_use use, struct units *out)
{
	const struct unit_state_table *t = v->e->units;

	for (size_t i = 0; t && i < t->n; i++) {
		const struct known_service *k;

		if (!piece_ends(t->rows[i].id, ".service"))
			continue;
		k = known_service_of(t->rows[i].id, TEXT_NONE, 0, 0);
		if (k &&
		    known_service_uses(k, v->e->target.port, v->e->target.proto) >= use)
			add_unit(out, &t->rows[i]);
	}
}

static int tell_unit(const struct check_view *v, struct finding *f,
		     const struct unit_state *u)
{
	struct log_said s;
	int error;

	error = finding_say(f, v->arena, "nobody listens on %s: %s is %s", view_port(v),
			    shown(v, u->id), state_words(v, u));
	if (!error)
		error = prove_unit(v, f, u);
	if (!error && view_logs_support(v, f->fault, &s))
		error = prove_said(v, f, &s);
	if (!error)
		error = prove_wire(v, f);
	return error ? error : advise_unit(v, f, u->id);
}

/* A unit that is known for the port is down. Where several are, or another that may be
 * meant runs, it stays a suspicion. */
static int check_units(const struct check_view *v, struct finding *f)
{
	struct units own = {.n = 0}, all = {.n = 0};
	struct text socket;
	const struct unit_state *activated =
		unit_states_find(v->e->units, evidence_activated(v->e, &socket));
	const struct unit_state *u;
	int error;

	collect_units(v, KNOWN_OWN, &own);
	collect_units(v, KNOWN_SHARED, &all);
	u = activated && unit_state_is_down(activated) ? activated
	    : own.down                                 ? own.down
						       : all.down;
	if (!u)
		return CERTAINTY_NONE;
	error = tell_unit(v, f, u);
	if (error)
		return error;
	if (u == activated || (u == own.down && own.n_down == 1))
		return CERTAINTY_LIKELY;
	return all.n == 1 ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
}

/* Without systemd's own word: what it, or the kernel, wrote down. */
static int check_lines(const struct check_view *v, struct finding *f)
{
	struct log_said s;
	int error;

	if ((v->e->units && v->e->units->n) || !view_logs_support(v, f->fault, &s))
		return CERTAINTY_NONE;
	error = finding_say(f, v->arena, "nobody listens on %s: %s, %s", view_port(v),
			    view_speaker(v, &s, "its service"),
			    log_meaning_what(s.match.meaning));
	if (!error)
		error = prove_said(v, f, &s);
	if (!error)
		error = prove_wire(v, f);
	if (!error && s.line->unit.len)
		error = advise_unit(v, f, s.line->unit);
	return error ? error : said_certainty(v, &s);
}

static bool listens_after(const struct check_view *v)
{
	const struct socket_table *t = v->e->listeners_after;

	for (size_t i = 0; t && i < t->n; i++)
		if (t->rows[i].port == v->e->target.port)
			return true;
	return false;
}

static bool is_any_there(const struct check_view *v, const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_sockets; i++)
		if (!e->sockets[i]->cookie || evidence_socket_after(v->e, e->sockets[i]))
			return true;
	return false;
}

/* The socket that took the port was closed while clients tried. */
static int check_gone(const struct check_view *v, struct finding *f,
		      const struct endpoint *e)
{
	bool is_back = listens_after(v);
	int error;

	if (!is_tcp(v) || !v->e->listeners_after || !e->n_sockets || is_any_there(v, e) ||
	    !sight_was_refused(v))
		return CERTAINTY_NONE;
	f->endpoint = e;
	error = finding_say(f, v->arena,
			    is_back ? "%s on %s was closed and opened again in this time: "
				      "the service restarts"
				    : "%s on %s has gone in this time: the service ended",
			    view_owner(v, e), view_port(v));
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true, "ss -tlpen",
				      "%s listened on %s at first, and this socket is "
				      "not there any more",
				      view_owner(v, e), view_listens_on(v, e));
	if (!error)
		error = prove_wire(v, f);
	if (!error && e->unit.len)
		error = advise_unit(v, f, e->unit);
	if (error)
		return error;
	return is_back ? CERTAINTY_LIKELY : CERTAINTY_PROVEN;
}

/* Nobody listened at first; somebody does at the end. */
static int check_came(const struct check_view *v, struct finding *f)
{
	int error;

	if (!is_tcp(v) || !v->e->listeners_after || !listens_after(v) ||
	    !sight_was_refused(v))
		return CERTAINTY_NONE;
	error = finding_say(f, v->arena,
			    "nobody listened on %s at first, and somebody does by now: the "
			    "service starts only now, or again and again",
			    view_port(v));
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true, "ss -tlpen",
				      "a socket of %s has come in this time", view_port(v));
	if (!error)
		error = prove_wire(v, f);
	return error ? error : CERTAINTY_LIKELY;
}

int check_service_failed(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = NULL, *serving[1];
	enum tri served = who_serves(v, &e);
	int got;

	if (served == TRI_UNSURE || !view_is_for_here(v) || !view_is_untranslated(v))
		return CERTAINTY_NONE;
	place(v, f);
	if (served == TRI_YES)
		return e ? check_gone(v, f, e) : CERTAINTY_NONE;
	/* Somebody holds the port elsewhere: that is told, and is no failed service. */
	if (evidence_serving(v->e, serving, 1))
		return CERTAINTY_NONE;
	got = check_came(v, f);
	if (got || v->was_anyone_taken)
		return got;
	got = check_units(v, f);
	return got ? got : check_lines(v, f);
}

/* ---- server.activation-stuck ---- */

static bool is_starting(const struct unit_state *u)
{
	return text_equals_str(u->active, "activating");
}

static int tell_stuck(const struct check_view *v, struct finding *f, const char *socket,
		      const struct unit_state *u)
{
	const char *word = view_word(v, u->id);
	int error;

	error = finding_say(f, v->arena,
			    "%s holds %s, and the service that it starts is "
			    "not up: %s is %s",
			    socket, view_port(v), shown(v, u->id), state_words(v, u));
	if (!error)
		error = prove_unit(v, f, u);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "journalctl -u %s -n 50 --no-pager", word), NULL, NULL,
			"read why it does not start");
	if (!error)
		error = finding_advise(
			f, v->arena, view_text(v, "systemctl reset-failed %s", word), NULL,
			NULL, "once that is mended, let it be started again");
	return error;
}

static uint32_t n_waiting(const struct check_view *v, const struct endpoint *e)
{
	uint32_t n = 0;

	for (size_t i = 0; i < e->n_sockets; i++) {
		const struct socket_row *s = evidence_socket_after(v->e, e->sockets[i]);

		s = s ? s : e->sockets[i];
		if (s->queue_length != QUEUE_UNKNOWN && s->queue_length > n)
			n = s->queue_length;
	}
	return n;
}

/* The manager listens, and what it should start does not take what waits. */
static int check_held(const struct check_view *v, struct finding *f,
		      const struct endpoint *e)
{
	const struct unit_state *u = unit_states_find(v->e->units, e->activates);
	bool is_waiting = is_tcp(v) && n_waiting(v, e) > 0;
	int error;

	if (!u || !(unit_state_is_down(u) || is_starting(u)))
		return CERTAINTY_NONE;
	if (sightings_got_bytes(v->e, &v->sight))
		return ruled_out(f);
	f->position = AT_QUEUE;
	f->endpoint = e;
	f->explains_silence = true;
	error = tell_stuck(v, f, shown(v, e->socket_unit), u);
	if (!error && is_waiting)
		error = finding_prove(f, v->arena, "sock_diag", true, "ss -tln",
				      "%u connections wait to be accepted",
				      n_waiting(v, e));
	if (error)
		return error;
	if (!is_waiting)
		return CERTAINTY_POSSIBLE; /* it is started by whoever comes */
	return unit_state_is_down(u) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

/* The manager has given up: its socket is closed. */
static int check_given_up(const struct check_view *v, struct finding *f)
{
	struct text socket, service = evidence_activated(v->e, &socket);
	const struct unit_state *s, *u;
	int error;

	if (!service.len)
		return CERTAINTY_NONE;
	s = unit_states_find(v->e->units, socket);
	u = unit_states_find(v->e->units, service);
	if (!s || !text_equals_str(s->active, "failed"))
		return CERTAINTY_NONE;
	place(v, f);
	error = finding_say(f, v->arena, "%s is %s: systemd starts nothing for %s any more",
			    shown(v, s->id), state_words(v, s), view_port(v));
	if (!error)
		error = prove_unit(v, f, s);
	if (!error && u)
		error = prove_unit(v, f, u);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(f, v->arena,
				       view_text(v, "journalctl -u %s -n 50 --no-pager",
						 view_word(v, service)),
				       NULL, NULL, "read why the service does not start");
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "systemctl restart %s", view_word(v, socket)),
			view_text(v, "systemctl stop %s", view_word(v, socket)), NULL,
			"once that is mended, open the socket again");
	return error ? error : CERTAINTY_PROVEN;
}

int check_activation_stuck(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = NULL, *serving[1];
	enum tri served = who_serves(v, &e);

	if (served == TRI_YES && e && e->activates.len)
		return check_held(v, f, e);
	if (served != TRI_NO || !view_is_untranslated(v) || v->was_anyone_taken ||
	    evidence_serving(v->e, serving, 1))
		return CERTAINTY_NONE;
	return check_given_up(v, f);
}

/* ---- server.unexpected-owner ---- */

static bool is_same_program(const struct check_view *v, const struct endpoint *e,
			    const struct log_said *s)
{
	const struct known_service *k = view_service(v, e);

	if (k && k == said_service(v, s))
		return true;
	for (size_t i = 0; i < e->n_owners; i++)
		if (text_equals(e->owners[i]->comm, s->line->tag) ||
		    (e->owners[i]->unit.len &&
		     text_equals(e->owners[i]->unit, s->line->unit)))
			return true;
	return false;
}

/* Another service wanted the port after it was taken: its line names the port. */
static bool is_wanted_by_other(const struct check_view *v, const struct endpoint *e,
			       struct log_said *s)
{
	const struct snapshot *all = v->e->snapshot;
	int64_t start_ns = all->wall_ns - all->boot_ns + e->started_boot_ns;

	return e->n_owners && e->started_boot_ns &&
	       view_said(v, LOG_MEANS_ADDRESS_IN_USE, s) && s->match.has_port &&
	       s->line->is_attested &&
	       (s->line->tag.len || s->line->unit.len || said_service(v, s)) &&
	       !is_same_program(v, e, s) &&
	       s->line->wall_ns + s->line->slack_ns + NS_PER_S >= start_ns;
}

int check_unexpected_owner(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = NULL;
	const struct unit_state *u;
	struct log_said s;
	int error;

	if (who_serves(v, &e) != TRI_YES || !e || !is_wanted_by_other(v, e, &s))
		return CERTAINTY_NONE;
	u = said_unit(v, &s);
	f->position = AT_SOCKET;
	f->endpoint = e;
	error = finding_say(f, v->arena, "%s holds %s, which %s wanted and could not take",
			    view_owner(v, e), view_port(v),
			    view_speaker(v, &s, "another service"));
	if (!error)
		error = prove_said(v, f, &s);
	if (!error && u)
		error = prove_unit(v, f, u);
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true,
				      is_tcp(v) ? "ss -tlpen" : "ss -ulpen",
				      "%s listens on %s, and did before that",
				      view_owner(v, e), view_listens_on(v, e));
	if (!error)
		error = finding_advise(f, v->arena, NULL, NULL,
				       "whoever uses it there loses it",
				       "decide which of the two is to have the port; stop "
				       "or move the other one");
	if (error)
		return error;
	return u && unit_state_is_down(u) ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
}

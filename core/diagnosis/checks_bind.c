/*
 * Nobody takes the port because the service could not bind it: what its log says, beside
 * what the kernel's tables say now. A failed bind of which nothing is left to be seen is
 * told as possible only.
 */
#include <netinet/in.h>

#include "core/base/time.h"
#include "core/diagnosis/check_logs.h"
#include "core/sockets/connections.h"

#define DENIAL_NEAR_NS (5 * NS_PER_S)

enum {
	TIME_WAIT = 6,
	BIND_FAILURES = 1u << LOG_MEANS_ADDRESS_IN_USE | 1u << LOG_MEANS_BIND_DENIED |
			1u << LOG_MEANS_BIND_ABSENT,
};

static bool is_tcp(const struct check_view *v)
{
	return v->e->target.proto == IPPROTO_TCP;
}

/* Nobody takes the packet, and nothing sends it past the sockets. */
static bool is_unserved(const struct check_view *v)
{
	const struct endpoint *e;
	enum tri served;

	view_socket(v, &served, &e);
	return served == TRI_NO && view_is_untranslated(v) && !v->was_anyone_taken;
}

/* The service's last word about this port is that a bind failed, for this reason. */
static bool has_failed(const struct check_view *v, enum log_meaning why,
		       struct log_said *out)
{
	return is_unserved(v) && view_said_any(v, BIND_FAILURES, out) &&
	       out->match.meaning == why;
}

static void place(const struct check_view *v, struct finding *f)
{
	f->position = AT_SOCKET;
	f->explains_reset = is_tcp(v);
	f->explains_icmp = f->explains_silence = !is_tcp(v);
}

static const char *unit_word(const struct check_view *v, const struct log_said *s)
{
	return s->line->unit.len ? view_word(v, s->line->unit) : NULL;
}

static int advise_start(const struct check_view *v, struct finding *f,
			const struct log_said *s)
{
	const char *unit = unit_word(v, s);

	return finding_advise(f, v->arena,
			      unit ? view_text(v, "systemctl restart %s", unit) : NULL,
			      NULL, NULL, "then start the service again");
}

/* ---- server.address-in-use ---- */

static bool is_any(const struct addr *a)
{
	struct addr plain = addr_unmapped(a);

	return !plain.family || addr_is_any(&plain);
}

/* bind(2) with one cannot be beside the other. */
static bool do_conflict(const struct addr *a, const struct addr *b)
{
	struct addr x = addr_unmapped(a), y = addr_unmapped(b);

	return is_any(a) || is_any(b) || addr_equals(&x, &y);
}

static int64_t started_wall_ns(const struct check_view *v, const struct endpoint *e)
{
	const struct snapshot *s = v->e->snapshot;

	return e->started_boot_ns ? s->wall_ns - s->boot_ns + e->started_boot_ns : 0;
}

/* A listener that was there before the bind failed. */
static const struct endpoint *find_listener(const struct check_view *v,
					    const struct log_said *s)
{
	const struct endpoint *serving[32];
	size_t n = evidence_serving(v->e, serving, 32);

	for (size_t i = 0; i < n; i++) {
		int64_t start_ns = started_wall_ns(v, serving[i]);

		if (do_conflict(&serving[i]->address, &s->match.address) && start_ns &&
		    start_ns <= s->line->wall_ns + s->line->slack_ns + NS_PER_S)
			return serving[i];
	}
	return NULL;
}

static uint32_t n_holding(const struct connection_group *g)
{
	uint32_t n = 0;

	for (unsigned state = 1; state < N_TCP_STATES; state++)
		if (state != TIME_WAIT)
			n += g->counts[state];
	return n;
}

/* Connections with the port as their own end, and no listener that they came through. */
static const struct connection_group *find_connection(const struct check_view *v,
						      const struct log_said *s)
{
	const struct connection_table *t = v->e->connections_after;

	for (size_t i = 0; t && i < t->n; i++) {
		const struct connection_group *g = &t->rows[i];

		if (g->port == v->e->target.port && n_holding(g) &&
		    do_conflict(&g->local, &s->match.address) && v->e->space->tcp &&
		    connections_listener(v->e->space->tcp, g) < 0)
			return g;
	}
	return NULL;
}

static bool is_source_port(const struct check_view *v)
{
	const struct net_facts *n = v->e->space->facts;

	return n && v->e->target.port >= n->local_port_low &&
	       v->e->target.port <= n->local_port_high;
}

static int tell_listener(const struct check_view *v, struct finding *f,
			 const struct log_said *s, const struct endpoint *e)
{
	const char *unit = e->unit.len ? view_word(v, e->unit) : NULL;
	int error;

	f->endpoint = e;
	error = finding_say(f, v->arena, "%s could not take %s: %s holds it on %s",
			    view_speaker(v, s, "the service"), view_port(v),
			    view_owner(v, e), view_listens_on(v, e));
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true,
				      view_text(v, "ss -%clpen 'sport = :%u'",
						is_tcp(v) ? 't' : 'u', v->e->target.port),
				      "%s listens on %s, and did before that",
				      view_owner(v, e), view_listens_on(v, e));
	if (!error)
		error = finding_advise(
			f, v->arena, unit ? view_text(v, "systemctl stop %s", unit) : NULL,
			unit ? view_text(v, "systemctl start %s", unit) : NULL,
			"whoever uses it there loses it",
			"decide which of the two is to have the port, and stop or move %s "
			"if it is not that one",
			view_owner(v, e));
	return error;
}

static int tell_connection(const struct check_view *v, struct finding *f,
			   const struct log_said *s, const struct connection_group *g)
{
	unsigned port = v->e->target.port;
	bool is_source = is_source_port(v);
	char local[ADDR_TEXT_MAX];
	int error;

	error = finding_say(f, v->arena, "%s could not take %s: %s",
			    view_speaker(v, s, "the service"), view_port(v),
			    is_source ? "a connection of this host has it as its source "
					"port"
				      : "connections of its last run still have it");
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true,
				      view_text(v, "ss -tanpe 'sport = :%u'", port),
				      "%u connection%s with %s port %u as its own end, and "
				      "nobody listens there",
				      n_holding(g), n_holding(g) == 1 ? "" : "s",
				      addr_format(&g->local, local), port);
	if (!error && is_source)
		error = finding_prove(
			f, v->arena, "proc", false,
			"sysctl net.ipv4.ip_local_port_range "
			"net.ipv4.ip_local_reserved_ports",
			"the port is one that the kernel gives to outgoing connections "
			"(%u to %u)",
			v->e->space->facts->local_port_low,
			v->e->space->facts->local_port_high);
	if (!error)
		error = finding_advise(
			f, v->arena, view_text(v, "ss -tanpe 'sport = :%u'", port), NULL,
			NULL,
			is_source ? "end that connection or wait for its end, and reserve "
				    "the port: add %u to net.ipv4.ip_local_reserved_ports"
				  : "wait for their end; a service that sets SO_REUSEADDR "
				    "need not (port %u)",
			port);
	return error;
}

static int tell_nobody(const struct check_view *v, struct finding *f,
		       const struct log_said *s)
{
	return finding_say(f, v->arena,
			   "%s could not take %s, and what held it is not there any more",
			   view_speaker(v, s, "the service"), view_port(v));
}

int check_address_in_use(const struct check_view *v, struct finding *f)
{
	const struct endpoint *listener;
	const struct connection_group *connection = NULL;
	struct log_said s;
	int error;

	if (!has_failed(v, LOG_MEANS_ADDRESS_IN_USE, &s))
		return CERTAINTY_NONE;
	listener = find_listener(v, &s);
	if (!listener && is_tcp(v))
		connection = find_connection(v, &s);
	place(v, f);
	if (listener)
		error = tell_listener(v, f, &s, listener);
	else if (connection)
		error = tell_connection(v, f, &s, connection);
	else
		error = tell_nobody(v, f, &s);
	if (!error)
		error = prove_said(v, f, &s);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = advise_start(v, f, &s);
	if (error)
		return error;
	if (!listener && !connection)
		return CERTAINTY_POSSIBLE;
	return said_certainty(v, &s);
}

/* ---- server.privileged-port, server.bind-denied ---- */

/* A denial by a security module that belongs to the line. */
static bool was_denied(const struct check_view *v, const struct log_said *s,
		       struct log_said *denial)
{
	int64_t apart_ns;

	if (!view_said(v, LOG_MEANS_BIND_FORBIDDEN, denial))
		return false;
	apart_ns = denial->line->wall_ns - s->line->wall_ns;
	if (apart_ns < 0)
		apart_ns = -apart_ns;
	return apart_ns <= DENIAL_NEAR_NS + denial->line->slack_ns + s->line->slack_ns;
}

static bool is_privileged(const struct check_view *v)
{
	const struct net_facts *n = v->e->space->facts;

	return n && v->e->target.port < n->unprivileged_start;
}

int check_privileged_port(const struct check_view *v, struct finding *f)
{
	struct log_said s, denial;
	const char *unit;
	unsigned start;
	int error;

	/* Root has the right: then it is something else that forbids it. */
	if (!is_privileged(v) || !has_failed(v, LOG_MEANS_BIND_DENIED, &s) ||
	    was_denied(v, &s, &denial) || s.line->is_root)
		return CERTAINTY_NONE;
	start = v->e->space->facts->unprivileged_start;
	unit = unit_word(v, &s);
	place(v, f);
	error = finding_say(f, v->arena,
			    "%s may not take %s: ports below %u need "
			    "CAP_NET_BIND_SERVICE",
			    view_speaker(v, &s, "the service"), view_port(v), start);
	if (!error)
		error = prove_said(v, f, &s);
	if (!error)
		error = finding_prove(f, v->arena, "proc", false,
				      "sysctl net.ipv4.ip_unprivileged_port_start",
				      "ports are free to everybody from %u on", start);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, unit ? view_text(v, "systemctl edit %s", unit) : NULL,
			unit ? view_text(v, "systemctl revert %s", unit) : NULL, NULL,
			"give the service that right alone "
			"(AmbientCapabilities=CAP_NET_BIND_SERVICE in its unit), or let it "
			"listen on a port from %u on",
			start);
	if (!error)
		error = advise_start(v, f, &s);
	return error ? error : said_certainty(v, &s);
}

static int tell_denied(const struct check_view *v, struct finding *f,
		       const struct log_said *s, const struct log_said *denial)
{
	const char *who = view_speaker(v, s, "the service");
	int error;

	error = finding_say(f, v->arena, "%s may not take %s: %s", who, view_port(v),
			    denial ? "a security module (SELinux, AppArmor) denies it"
				   : "something denies it, and no denial was found in the "
				     "logs");
	if (!error && denial)
		error = prove_said(v, f, denial);
	if (!error && s != denial)
		error = prove_said(v, f, s);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, "ausearch -m AVC -ts recent", NULL, NULL,
			"SELinux: give port %u the type that the service's policy allows "
			"(semanage port -a -t TYPE -p %s %u); AppArmor: add what was "
			"denied to its profile and load it (apparmor_parser -r)",
			v->e->target.port, is_tcp(v) ? "tcp" : "udp", v->e->target.port);
	if (!error)
		error = advise_start(v, f, s);
	return error;
}

int check_bind_denied(const struct check_view *v, struct finding *f)
{
	bool has_denial, has_line;
	struct log_said s, denial;
	int error;

	if (!is_unserved(v))
		return CERTAINTY_NONE;
	has_line = has_failed(v, LOG_MEANS_BIND_DENIED, &s);
	has_denial = has_line ? was_denied(v, &s, &denial)
			      : view_said(v, LOG_MEANS_BIND_FORBIDDEN, &denial);
	if (!has_denial && (!has_line || (is_privileged(v) && !s.line->is_root)))
		return CERTAINTY_NONE;
	place(v, f);
	error = tell_denied(v, f, has_line ? &s : &denial, has_denial ? &denial : NULL);
	if (error)
		return error;
	if (!has_denial)
		return CERTAINTY_POSSIBLE;
	if (denial.match.has_port)
		return CERTAINTY_LIKELY;
	/* The denial names no port: the service's own word does. */
	return has_line ? said_certainty(v, &s) : CERTAINTY_POSSIBLE;
}

/* ---- server.address-absent ---- */

static bool is_here(const struct check_view *v, const struct addr *a)
{
	const struct address_table *t = v->e->space->addresses;
	struct addr plain = addr_unmapped(a);

	for (size_t i = 0; t && i < t->n; i++)
		if (addr_equals(&t->rows[i].local, &plain))
			return true;
	return false;
}

static int advise_address(const struct check_view *v, struct finding *f,
			  const struct log_said *s, bool is_here_now, const char *address)
{
	const char *unit = unit_word(v, s);
	int error = 0;

	if (is_here_now)
		error = advise_start(v, f, s);
	else
		error = finding_advise(
			f, v->arena, "ip address", NULL, NULL,
			"put %s on this host, or give the service an address that is here",
			address);
	if (!error)
		error = finding_advise(
			f, v->arena, unit ? view_text(v, "systemctl edit %s", unit) : NULL,
			unit ? view_text(v, "systemctl revert %s", unit) : NULL, NULL,
			"let it start after its address is there "
			"(After=network-online.target and Wants=network-online.target)");
	return error;
}

int check_address_absent(const struct check_view *v, struct finding *f)
{
	char address[ADDR_TEXT_MAX];
	bool is_here_now;
	struct log_said s;
	int error;

	if (!has_failed(v, LOG_MEANS_BIND_ABSENT, &s) || !s.match.address.family ||
	    is_any(&s.match.address) || !v->e->space->addresses)
		return CERTAINTY_NONE;
	is_here_now = is_here(v, &s.match.address);
	addr_format(&s.match.address, address);
	place(v, f);
	error = finding_say(f, v->arena, "%s could not take %s on %s: the address %s",
			    view_speaker(v, &s, "the service"), view_port(v), address,
			    is_here_now ? "was not here yet when it started"
					: "is not on this host");
	if (!error)
		error = prove_said(v, f, &s);
	if (!error)
		error = finding_prove(f, v->arena, "rtnetlink", true, "ip address",
				      "%s is %s an address of this host now", address,
				      is_here_now ? "by now" : "not");
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = advise_address(v, f, &s, is_here_now, address);
	return error ? error : said_certainty(v, &s);
}

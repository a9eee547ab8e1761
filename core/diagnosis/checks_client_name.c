/* This host as the client: its name for the target, which of its addresses are taken first,
 * and what sends programs another way. */
#include <errno.h>
#include <string.h>

#include "core/base/str.h"
#include "core/base/time.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/client_side.h"

/* ---- the name does not resolve ---- */

static const char *reply_words(const struct check_view *v, const struct names_reply *r)
{
	char took[TIME_TEXT_MAX];

	if (r->error == ETIMEDOUT)
		return view_text(v, "no answer in %s", time_span(r->took_ns, took));
	if (r->error)
		return r->error == EBADMSG ? "an answer that is damaged"
					   : strerror(r->error);
	if (r->reply.code)
		return dns_code_word(r->reply.code);
	return r->reply.n ? "an address" : "no such address";
}

static int prove_servers(const struct check_view *v, struct finding *f,
			 const struct names_answer *t)
{
	int error = 0;

	for (size_t i = 0; !error && i < t->n_replies && f->n_proofs < PROOFS_MAX; i++) {
		const struct names_reply *r = &t->replies[i];
		char server[ADDR_TEXT_MAX];

		if (r->is_aaaa)
			continue; /* the same of the other type */
		addr_format(&r->server, server);
		error = finding_prove(
			f, v->arena, "dns", true,
			view_text(v, "dig @%s %s", server, view_word(v, text_of(r->name))),
			"the name server %s on %s: %s", server,
			view_word(v, text_of(r->name)), reply_words(v, r));
	}
	return error;
}

static bool is_anyone_heard(const struct names_answer *t)
{
	for (size_t i = 0; i < t->n_replies; i++)
		if (!t->replies[i].error)
			return true;
	return false;
}

static const char *why_unresolved(const struct names_answer *t)
{
	if (t->error == ENOENT)
		return "there is no such name";
	if (t->n_replies && !is_anyone_heard(t))
		return "no name server answers";
	if (t->error == ETIMEDOUT)
		return "the resolver did not answer in time";
	return "the resolver failed";
}

int check_name_unresolved(const struct check_view *v, struct finding *f)
{
	const struct names_answer *t = v->e->names;
	const char *name = view_word(v, v->e->target.name);
	int error;

	if (!v->e->is_client_side || !t)
		return CERTAINTY_NONE;
	if (t->n || !t->error)
		return ruled_out(f);
	f->position = AT_CLIENT - 60;
	error = finding_say(f, v->arena, "%s does not resolve here: %s", name,
			    why_unresolved(t));
	if (!error)
		error = finding_prove(f, v->arena, "names", true,
				      view_text(v, "getent ahosts %s", name),
				      "this host's resolver: %s; /etc/hosts does not have "
				      "it",
				      why_unresolved(t));
	if (!error)
		error = prove_servers(v, f, t);
	if (!error)
		error = finding_advise(
			f, v->arena, "cat /etc/resolv.conf /etc/hosts", NULL, NULL,
			t->error == ENOENT
				? "see whether the name is spelled right and its domain is "
				  "among those that are searched"
				: "see whether the name servers of this host are right and "
				  "answer");
	/* A patience of ours is not that of every program. */
	return error ? error : t->error == ETIMEDOUT ? CERTAINTY_LIKELY : CERTAINTY_PROVEN;
}

/* ---- the name means another host ---- */

static bool has_address(const struct names_answer *t, const struct addr *a)
{
	for (size_t i = 0; i < t->n; i++)
		if (addr_equals(&t->addresses[i], a))
			return true;
	return false;
}

static const char *addresses_words(const struct check_view *v, const struct names_answer *t)
{
	struct str s = {0};
	const char *words;

	for (size_t i = 0; i < t->n && i < 4; i++) {
		char text[ADDR_TEXT_MAX];

		str_printf(&s, "%s%s", i ? ", " : "", addr_format(&t->addresses[i], text));
	}
	words = view_text(v, "%s%s", str_text(&s), t->n > 4 ? ", ..." : "");
	str_release(&s);
	return words;
}

static int say_elsewhere(const struct check_view *v, struct finding *f,
			 const struct names_answer *t, const char *instead)
{
	const char *name = view_word(v, v->e->target.name);
	int error;

	f->position = AT_CLIENT - 50;
	error = finding_say(f, v->arena, "%s resolves to %s, not to %s", name,
			    addresses_words(v, t), instead);
	if (!error)
		error = finding_prove(
			f, v->arena, "names", true, view_text(v, "getent ahosts %s", name),
			"this host's resolver gives %s for %s%s", addresses_words(v, t),
			name, t->n_hosts ? ", out of /etc/hosts" : "");
	if (!error)
		error = prove_servers(v, f, t);
	if (!error)
		error = finding_advise(f, v->arena, "cat /etc/hosts", NULL, NULL,
				       t->n_hosts ? "correct the line of /etc/hosts"
						  : "correct the record, or the list of "
						    "domains that are searched");
	return error;
}

static int check_expected(const struct check_view *v, struct finding *f,
			  const struct names_answer *t)
{
	char text[ADDR_TEXT_MAX];
	int error;

	if (has_address(t, &v->e->expected))
		return ruled_out(f);
	error = say_elsewhere(v, f, t, addr_format(&v->e->expected, text));
	return error ? error : CERTAINTY_PROVEN;
}

/* /etc/hosts hides what the name servers say, and that works where the other does not. */
static int check_overridden(const struct check_view *v, struct finding *f,
			    const struct names_answer *t)
{
	const struct reach_result *given = client_row(v->e, &t->addresses[0]);
	char text[ADDR_TEXT_MAX];

	if (!given || given->outcome == REACH_CONNECTED)
		return given ? ruled_out(f) : CERTAINTY_NONE;
	for (size_t i = 0; i < v->e->plan.n; i++) {
		const struct addr *a = &v->e->plan.addresses[i];
		const struct reach_result *r = client_row(v->e, a);
		int error;

		if (has_address(t, a) || !r || r->outcome != REACH_CONNECTED)
			continue;
		error = say_elsewhere(v, f, t, addr_format(a, text));
		if (!error)
			error = finding_prove(f, v->arena, "reach", true, NULL,
					      "%s, which the name servers give, takes our "
					      "connection",
					      addr_format(a, text));
		return error ? error : CERTAINTY_LIKELY;
	}
	return CERTAINTY_NONE;
}

/* Asked where the service is: the name's addresses are none of this host's. A balancer or a
 * translation before it would look the same from here. */
static int check_not_here(const struct check_view *v, struct finding *f,
			  const struct names_answer *t)
{
	int error;

	if (v->sight.n_all)
		return ruled_out(f);
	for (size_t i = 0; i < t->n; i++)
		if (addr_is_loopback(&t->addresses[i]) ||
		    address_is_here(v->e->space->addresses, v->e->space->local_routes,
				    &t->addresses[i]) != TRI_NO)
			return ruled_out(f);
	if (v->walk->path.is_translated)
		return CERTAINTY_NONE;
	error = say_elsewhere(v, f, t, "an address of this host");
	return error ? error : CERTAINTY_POSSIBLE;
}

int check_name_elsewhere(const struct check_view *v, struct finding *f)
{
	const struct names_answer *t = v->e->names;

	if (!t || !t->n || !v->e->target.name.len)
		return CERTAINTY_NONE;
	if (v->e->target.role == AIM_SERVER)
		return v->e->has_window_ended ? check_not_here(v, f, t) : CERTAINTY_NONE;
	if (!v->e->is_client_side)
		return CERTAINTY_NONE;
	if (v->e->expected.family)
		return check_expected(v, f, t);
	if (t->n_hosts && !names_answer_has_dns(t, &t->addresses[0]))
		return check_overridden(v, f, t);
	return CERTAINTY_NONE;
}

/* ---- IPv6 first ---- */

/* Of the resolver's addresses; *n: how many were tried, *first: one that failed. */
static size_t n_open(const struct evidence *e, uint8_t family, size_t *n,
		     const struct reach_result **first)
{
	size_t found = 0;

	*n = 0;
	for (size_t i = 0; i < e->names->n; i++) {
		const struct reach_result *r = client_row(e, &e->names->addresses[i]);

		if (!r || r->to.family != family)
			continue;
		(*n)++;
		found += r->outcome == REACH_CONNECTED;
		if (!*first && r->outcome != REACH_CONNECTED)
			*first = r;
	}
	return found;
}

int check_prefers_ipv6(const struct check_view *v, struct finding *f)
{
	const struct names_answer *t = v->e->names;
	const struct reach_result *failed = NULL, *none = NULL;
	const char *name = view_word(v, v->e->target.name);
	size_t n_v6, n_v4;
	int error;

	if (!v->e->is_client_side || !t || !t->n || !v->e->reach)
		return CERTAINTY_NONE;
	if (t->addresses[0].family != AF_INET6 || n_open(v->e, AF_INET6, &n_v6, &failed) ||
	    !n_v6)
		return ruled_out(f);
	if (!n_open(v->e, AF_INET, &n_v4, &none))
		return CERTAINTY_NONE;
	f->position = AT_CLIENT - 40;
	error = finding_say(f, v->arena,
			    "%s is tried over IPv6 first, which fails; over IPv4 it works",
			    name);
	if (!error)
		error = finding_prove(
			f, v->arena, "names", true, view_text(v, "getent ahosts %s", name),
			"the resolver puts IPv6 first: %s", addresses_words(v, t));
	if (!error && failed)
		error = finding_prove(f, v->arena, "reach", true, NULL, "over IPv6: %s",
				      client_outcome_words(v, failed));
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"have the service take IPv6 and the way let it through, or take "
			"the AAAA record away; clients that race both do not notice, the "
			"others wait");
	return error ? error : CERTAINTY_PROVEN;
}

/* ---- a proxy ---- */

static struct text variable(const struct evidence *e, const char *name)
{
	for (size_t i = 0; e->reach && i < e->reach->n_variables; i++)
		if (text_equals_str(e->reach->variables[i].name, name))
			return e->reach->variables[i].value;
	return TEXT_NONE;
}

/* By which programs would go; "" none. */
static const char *proxy_name(const struct evidence *e)
{
	static const char *const plain[] = {"http_proxy", "all_proxy", "ALL_PROXY", ""};
	static const char *const tls[] = {"https_proxy", "HTTPS_PROXY", "all_proxy",
					  "ALL_PROXY", ""};
	const char *const *names = e->plan.talk == REACH_TALK_TLS    ? tls
				   : e->plan.talk == REACH_TALK_HTTP ? plain
								     : plain + 3;

	while (**names && text_is_empty(variable(e, *names)))
		names++;
	return *names;
}

static bool ends_with(struct text name, struct text domain)
{
	return domain.len && name.len >= domain.len &&
	       !memcmp(name.bytes + name.len - domain.len, domain.bytes, domain.len) &&
	       (name.len == domain.len || domain.bytes[0] == '.' ||
		name.bytes[name.len - domain.len - 1] == '.');
}

/* Among those that are reached without it: names, ends of names, addresses, "*". */
static bool is_without(const struct check_view *v)
{
	char server[ADDR_TEXT_MAX];
	struct text rest = variable(v->e, "no_proxy"), goal = v->e->target.name;
	size_t start = 0;

	if (text_is_empty(rest))
		rest = variable(v->e, "NO_PROXY");
	if (text_is_empty(goal))
		goal = text_of(addr_format(&v->walk->server, server));
	for (size_t i = 0; rest.bytes && i <= rest.len; i++) {
		struct text word = {rest.bytes + start, i - start};

		if (i < rest.len && rest.bytes[i] != ',' && rest.bytes[i] != ' ')
			continue;
		start = i + 1;
		if (text_equals_str(word, "*") || ends_with(goal, word))
			return true;
	}
	return false;
}

int check_uses_proxy(const struct check_view *v, struct finding *f)
{
	const char *name = v->e->is_client_side && v->e->reach ? proxy_name(v->e) : "";
	int error;

	if (!v->e->is_client_side || !v->e->reach)
		return CERTAINTY_NONE;
	if (!*name || is_without(v))
		return ruled_out(f);
	f->position = AT_CLIENT - 35;
	error = finding_say(f, v->arena,
			    "programs that heed %s go to the proxy %s instead of to %s",
			    name, view_word(v, variable(v->e, name)), client_goal(v));
	if (!error)
		error = finding_prove(f, v->arena, "environment", false,
				      view_text(v, "env | grep -i proxy"),
				      "%s is set to %s where this was started, and "
				      "no_proxy does not name the target",
				      name, view_word(v, variable(v->e, name)));
	if (!error)
		error = finding_advise(f, v->arena,
				       view_text(v, "no_proxy=%s curl -v ...",
						 v->e->target.name.len
							 ? view_word(v, v->e->target.name)
							 : "TARGET"),
				       NULL, NULL,
				       "try the program without the proxy, and name the "
				       "target in no_proxy if that is how it shall go");
	/* Whether the program in question heeds it is not seen. */
	return error ? error : CERTAINTY_POSSIBLE;
}

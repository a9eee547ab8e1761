/* Translations that take a packet which was not theirs, or are remembered although the
 * rules have changed. */
#include <netinet/in.h>

#include "core/diagnosis/check_beyond.h"
#include "core/diagnosis/check_help.h"

/* ---- a service whose traffic is taken ---- */

/* The listener of a container engine or of kube-proxy only keeps the port. */
static bool is_placeholder(const struct check_view *v, const struct endpoint *e)
{
	static const char *const words[] = {"docker-proxy", "rootlessport", "conmon",
					    "kube-proxy",   "rootlesskit",  "slirp4netns",
					    "pasta"};

	if (beyond_engine(v))
		return true;
	for (size_t i = 0; i < e->n_owners; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (text_equals_str(e->owners[i]->comm, words[k]))
				return true;
	return e->owners_state != OWNERS_COMPLETE && !e->n_owners;
}

static const struct endpoint *robbed(const struct check_view *v)
{
	const struct walk *w = v->walk;
	const struct endpoint *e = NULL;
	enum tri served = TRI_UNSURE;

	path_socket(v->e->space, v->e->target.proto, &w->server, v->e->target.port,
		    w->path.in_ifindex, &e, v->e->snapshot, &served);
	return served == TRI_YES && e && !is_placeholder(v, e) ? e : NULL;
}

int check_steals_port(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	const struct endpoint *e;
	struct beyond b;
	int error;

	if (sight_was_answered(v) || v->was_anyone_taken ||
	    (v->walk->is_walked && !p->is_translated))
		return ruled_out(f);
	if (!beyond_look(v, &b))
		return CERTAINTY_NONE;
	e = robbed(v);
	if (!e)
		return ruled_out(f);
	f->position = AT_PREROUTING;
	f->explains_silence = f->explains_reset = f->explains_icmp = true;
	f->endpoint = e;
	beyond_blame(v, f);
	error = finding_say(f, v->arena,
			    "%s listens on %s here, and a translation takes its clients to "
			    "%s",
			    view_owner(v, e), view_port(v), beyond_words(v, &b));
	if (!error)
		error = beyond_prove(v, f, &b);
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true, "ss -lpen",
				      "%s listens on %s", view_owner(v, e),
				      view_listens_on(v, e));
	if (!error)
		error = finding_advise(
			f, v->arena, beyond_show_command(v), NULL,
			"the other host loses these clients",
			"if this host's service is meant, take the translation out (%s)",
			beyond_rule_words(v));
	if (error)
		return error;
	/* Nobody came to grief: the other host may be the one that is meant. */
	return v->sight.n_all ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
}

/* ---- an entry of the old rules ---- */

static bool is_nat_sure(const struct check_view *v)
{
	const struct path *p = &v->walk->path;

	return v->walk->is_walked && v->e->rules && view_is_untranslated(v) &&
	       (p->is_translated || !p->request.is_nat_touched);
}

/* Where the present rules would send the first packet of this flow. */
static bool is_as_now(const struct check_view *v, const struct conntrack_row *row)
{
	const struct path *p = &v->walk->path;
	struct addr to = p->is_translated ? p->server : v->walk->server;
	uint16_t port = p->is_translated ? p->server_port : v->e->target.port;

	return addr_equals(&row->reply.saddr, &to) && row->reply.sport == port;
}

static int tell_stale(const struct check_view *v, struct finding *f,
		      const struct conntrack_row *row)
{
	const struct path *p = &v->walk->path;
	const char *proto = v->e->target.proto == IPPROTO_UDP ? "udp" : "tcp";
	struct addr to = p->is_translated ? p->server : v->walk->server;
	unsigned port = p->is_translated ? p->server_port : v->e->target.port;
	char client[ADDR_TEXT_MAX], old[ADDR_TEXT_MAX], now[ADDR_TEXT_MAX],
		server[ADDR_TEXT_MAX];
	int error;

	addr_format(&row->original.saddr, client);
	addr_format(&row->original.daddr, server);
	addr_format(&row->reply.saddr, old);
	addr_format(&to, now);
	error = finding_say(
		f, v->arena,
		"an old entry sends %s of %s to %s port %u; the rules would send "
		"it to %s port %u",
		view_port(v), client, old, row->reply.sport, now, port);
	if (!error)
		error = finding_prove(
			f, v->arena, "conntrack", true,
			view_text(v, "conntrack -L -p %s --orig-src %s --orig-port-dst %u",
				  proto, client, row->original.dport),
			"tracked with target %s port %u, %s, %u s to live: each packet "
			"keeps it alive",
			old, row->reply.sport,
			conntrack_is_unreplied(row) ? "no answer seen" : "answered",
			row->timeout_s);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v,
				  "conntrack -D -p %s --orig-src %s --orig-dst %s "
				  "--orig-port-src %u --orig-port-dst %u",
				  proto, client, server, row->original.sport,
				  row->original.dport),
			NULL, "the one flow is cut; its next packet begins a new one",
			"delete the entry: the next packet meets the present rules");
	return error;
}

int check_stale_entry(const struct check_view *v, struct finding *f)
{
	const struct conntrack_row *row = beyond_entry(v);
	int error;

	if (sight_was_answered(v) || v->was_anyone_taken || !v->sight.n_all)
		return v->sight.n_all ? ruled_out(f) : CERTAINTY_NONE;
	if (!row || !is_nat_sure(v) || row->zone)
		return CERTAINTY_NONE;
	if (is_as_now(v, row))
		return ruled_out(f);
	f->position = AT_PREROUTING;
	f->explains_silence = f->explains_reset = f->explains_icmp = true;
	error = tell_stale(v, f, row);
	if (error)
		return error;
	return sight_is_silent(v) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

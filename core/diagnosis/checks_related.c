/* The control connection passes, the data connection that it agreed on does not. Provable
 * is FTP on this host: the port was agreed on a moment ago, so a socket listens there, and
 * the rules stop a SYN to it that no helper of connection tracking has called related. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/deny_certainty.h"
#include "core/diagnosis/related.h"
#include "core/diagnosis/sight.h"

enum { NFT_HELPER = 3 /* NFT_OBJECT_CT_HELPER */ };

/* A rule gives connections a helper; which ones is not asked. */
static bool has_helper(const struct ruleset *r)
{
	for (size_t i = 0; i < r->n_rules; i++)
		for (uint32_t k = 0; k < r->rules[i].n_exprs; k++) {
			const struct fw_expr *x = r->rules[i].exprs[k];

			if (x->kind == FW_EXPR_OBJREF && x->key == NFT_HELPER)
				return true;
			/* -j CT --helper: its name stands in the bytes behind the flags. */
			if (x->kind == FW_EXPR_XT_TARGET &&
			    text_equals_str(x->name, "CT") &&
			    text_contains_nocase(x->value, text_of("ftp")))
				return true;
		}
	return false;
}

static bool is_listened(const struct check_view *v, uint16_t port)
{
	const struct socket_table *tables[] = {v->e->listeners_after, v->e->space->tcp};

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; tables[k] && i < tables[k]->n; i++) {
			const struct socket_row *s = &tables[k]->rows[i];

			if (s->port == port && (addr_is_any(&s->local) ||
						addr_equals(&s->local, &v->walk->server)))
				return true;
		}
	return false;
}

static const char *client_words(const struct check_view *v)
{
	char client[ADDR_TEXT_MAX];

	return view_text(v, "%s", addr_format(&v->walk->client, client));
}

static int prove_both(const struct check_view *v, struct finding *f,
		      const struct related *r)
{
	int error = finding_prove(
		f, v->arena, "capture", true,
		view_text(v, "tcpdump -ni any 'host %s and tcp[13] & 2 != 0'",
			  client_words(v)),
		"the control connection to port %u was answered; %u SYN%s to port %u of %s "
		"%s not",
		v->e->target.port, r->n_syns, r->n_syns == 1 ? "" : "s",
		r->data->server_port, r->is_active ? "the client" : "this host",
		r->n_syns == 1 ? "was" : "were");

	if (error || r->is_active || !is_listened(v, r->data->server_port))
		return error;
	return finding_prove(f, v->arena, "sock_diag", true, "ss -tln",
			     "a socket of this host listens on port %u",
			     r->data->server_port);
}

static int advise(const struct check_view *v, struct finding *f, const struct related *r)
{
	if (r->is_active)
		return finding_advise(f, v->arena, NULL, NULL, NULL,
				      "the client's side stops connections from port %u of "
				      "this host: use "
				      "passive mode there, or have its firewall read FTP",
				      r->data->client_port);
	return finding_advise(
		f, v->arena,
		view_text(v,
			  "nft 'add table inet ftp; add ct helper inet ftp ftp { type "
			  "\"ftp\" protocol tcp; }; add chain inet ftp pre { type filter "
			  "hook "
			  "prerouting priority 0; }; add rule inet ftp pre tcp dport %u ct "
			  "helper set \"ftp\"'",
			  v->e->target.port),
		"nft delete table inet ftp",
		"it cannot read FTP over TLS: there give the service a fixed range of "
		"passive ports and allow just that; the rule that accepts ct state related "
		"must be there",
		"let connection tracking read the control connection, so that its data "
		"connections count as related");
}

static int tell_passive(const struct check_view *v, struct finding *f,
			const struct related *r, const struct path_leg *leg)
{
	int error;

	f->position = deny_position(leg, false);
	f->chain = leg->chain;
	f->rule = leg->rule;
	error = finding_say(f, v->arena,
			    "%s from %s is answered, and its data connection to port %u is "
			    "%s by %s",
			    view_port(v), client_words(v), r->data->server_port,
			    deny_verb(leg), deny_place(v, leg));
	if (!error)
		error = prove_both(v, f, r);
	if (!error)
		error = deny_prove_rule(v, f, leg);
	if (!error && !has_helper(v->e->rules))
		error = finding_prove(f, v->arena, "nf_tables", false, "nft list ruleset",
				      "no rule has connection tracking read FTP: to this "
				      "host the data connection is one like any other");
	return error ? error : advise(v, f, r);
}

static int certainty_passive(const struct check_view *v, const struct related *r,
			     const struct path_leg *leg)
{
	bool is_reset = leg->verdict == PATH_REJECT && leg->reject.is_reset;
	bool is_fit = is_reset ? r->data->outcome == OUTCOME_REFUSED
		      : leg->verdict == PATH_REJECT
			      ? r->data->outcome == OUTCOME_ICMP
			      : r->data->outcome == OUTCOME_SILENT ||
					r->data->outcome == OUTCOME_OPEN;
	int64_t moved = deny_moved(v, leg);

	if (!is_fit || moved == 0)
		return CERTAINTY_NONE;
	/* A service that heard of the failure waits no more. Ports of data connections
	 * differ each time, those of services do not. */
	if (!is_listened(v, r->data->server_port))
		return moved > 0 && r->has_many_ports && !r->n_open ? CERTAINTY_LIKELY
								    : CERTAINTY_POSSIBLE;
	if (moved < 0)
		return has_helper(v->e->rules) ? CERTAINTY_POSSIBLE : CERTAINTY_LIKELY;
	return deny_have_rules_changed(v) ? CERTAINTY_LIKELY : CERTAINTY_PROVEN;
}

static int check_passive(const struct check_view *v, struct finding *f,
			 const struct related *r)
{
	struct path *p = arena_alloc(v->arena, sizeof(*p));
	int certainty, error;

	if (!p)
		return -ENOMEM;
	if (!v->e->rules || !related_walk(v->e, v->walk, p) || p->n_needs ||
	    !deny_is_there(v, &p->request))
		return CERTAINTY_NONE;
	certainty = certainty_passive(v, r, &p->request);
	if (certainty == CERTAINTY_NONE)
		return CERTAINTY_NONE;
	error = tell_passive(v, f, r, &p->request);
	return error ? error : certainty;
}

/* What left this host and came to nothing is not this host's to explain. */
static int check_active(const struct check_view *v, struct finding *f,
			const struct related *r)
{
	int error;

	f->position = AT_APPLICATION;
	error = finding_say(
		f, v->arena,
		"%s from %s is answered, and this host's data connection to port "
		"%u of the client comes to nothing",
		view_port(v), client_words(v), r->data->server_port);
	if (!error)
		error = prove_both(v, f, r);
	if (!error)
		error = advise(v, f, r);
	if (error)
		return error;
	/* A reset may be of a client that waits no more. */
	return r->data->outcome == OUTCOME_REFUSED || r->n_open ? CERTAINTY_POSSIBLE
								: CERTAINTY_LIKELY;
}

int check_related_channel(const struct check_view *v, struct finding *f)
{
	struct related r;

	if (v->e->target.proto != IPPROTO_TCP || !v->walk->client.family)
		return CERTAINTY_NONE;
	if (!related_look(v->e, v->walk, &r))
		return r.control && r.n_open ? ruled_out(f) : CERTAINTY_NONE;
	return r.is_active ? check_active(v, f, &r) : check_passive(v, f, &r);
}

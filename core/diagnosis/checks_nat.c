/* Translations on the way in. */
#include "core/diagnosis/check_help.h"
#include "core/firewall/rule_text.h"

static const char *nat_rule_words(const struct check_view *v)
{
	uint32_t rule = v->walk->path.request.nat_rule;
	struct str s = {0};
	const char *out;

	if (!v->e->rules || rule >= v->e->rules->n_rules)
		return "a rule that is not known";
	rule_place(&s, v->e->rules, &v->e->rules->rules[rule]);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

int check_redirect_unserved(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	const struct endpoint *e = NULL;
	enum tri served = TRI_UNSURE;
	int error;

	if (v->was_anyone_taken || (v->walk->is_walked && !p->is_translated))
		return ruled_out(f);
	if (!v->walk->is_walked || !p->is_local || p->request.verdict == PATH_UNSURE)
		return CERTAINTY_NONE;
	view_socket(v, &served, &e);
	if (served != TRI_NO)
		return served == TRI_YES ? ruled_out(f) : CERTAINTY_NONE;
	f->position = AT_SOCKET;
	f->explains_reset = evidence_delta(v->e, "Tcp.OutRsts") != 0;
	f->chain = p->request.nat_chain;
	f->rule = p->request.nat_rule;
	error = finding_say(f, v->arena,
			    "%s is translated to port %u here, where nobody listens",
			    view_port(v), p->server_port);
	if (!error)
		error = finding_prove(f, v->arena, "nf_tables", false,
				      "nft -a list ruleset",
				      "the translation is made by %s", nat_rule_words(v));
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"start the service on port %u, or correct the translation",
			p->server_port);
	if (error)
		return error;
	return sight_was_refused(v) && f->explains_reset ? CERTAINTY_PROVEN
							 : CERTAINTY_LIKELY;
}

/* The rule that stops a packet as words: where it stands, who manages it, what shows it.
 * How to let somebody in: deny_advice.c. Judges nothing. */
#include "core/diagnosis/check_deny.h"

#include "core/diagnosis/check_help.h"
#include "core/firewall/text/rule_text.h"

const struct fw_rule *deny_rule(const struct check_view *v, const struct path_leg *leg)
{
	return v->e->rules && leg->rule < v->e->rules->n_rules
		       ? &v->e->rules->rules[leg->rule]
		       : NULL;
}

const struct fw_chain *deny_chain(const struct check_view *v, const struct path_leg *leg)
{
	return v->e->rules && leg->chain < v->e->rules->n_chains
		       ? &v->e->rules->chains[leg->chain]
		       : NULL;
}

const char *deny_place(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_rule *rule = deny_rule(v, leg);
	const struct fw_chain *chain = deny_chain(v, leg);
	struct str s = {0};
	const char *out;

	if (rule)
		rule_place(&s, v->e->rules, rule);
	else if (chain)
		policy_place(&s, v->e->rules, chain);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

const char *deny_rule_text(const struct check_view *v, const struct path_leg *leg)
{
	return view_rule_text(v, deny_rule(v, leg));
}

const char *deny_manager(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_rule *rule = deny_rule(v, leg);
	const struct fw_chain *chain = deny_chain(v, leg);

	if (rule)
		return rule_manager(v->e->rules, rule);
	return chain ? chain_manager(v->e->rules, chain) : NULL;
}

const char *deny_chain_words(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_chain *chain = deny_chain(v, leg);
	const struct fw_table *table = ruleset_table_of(v->e->rules, chain);

	return view_text(v, "%s %s %s", fw_family_word(table->family),
			 view_word(v, table->name), view_word(v, chain->name));
}

const char *deny_show_command(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_rule *rule = deny_rule(v, leg);
	struct str s = {0};
	const char *out;

	rule_show_command(&s, v->e->rules, deny_chain(v, leg), rule ? rule->index : 0);
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
}

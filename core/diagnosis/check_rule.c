/* A rule as the words of a finding: where it stands, what it says, what shows it by hand.
 */
#include "core/diagnosis/check_help.h"
#include "core/firewall/text/rule_text.h"

/* Into the arena; the string is given back. */
static const char *keep_words(const struct check_view *v, struct str *s)
{
	const char *out = view_text(v, "%s", str_text(s));

	str_release(s);
	return out;
}

const char *view_rule_source(const struct check_view *v, const struct fw_rule *rule)
{
	return rule ? ruleset_source(v->e->rules, rule->chain) : "nf_tables";
}

const char *view_rule_place(const struct check_view *v, const struct fw_rule *rule)
{
	struct str s = {0};

	rule_place(&s, v->e->rules, rule);
	return keep_words(v, &s);
}

const char *view_rule_text(const struct check_view *v, const struct fw_rule *rule)
{
	struct str s = {0};

	if (rule)
		rule_text(&s, v->e->rules, rule);
	return keep_words(v, &s);
}

const char *view_rule_command(const struct check_view *v, const struct fw_rule *rule)
{
	struct str s = {0};

	if (!rule)
		return "nft -a list ruleset";
	rule_show_command(&s, v->e->rules, ruleset_chain(v->e->rules, rule), rule->index);
	return keep_words(v, &s);
}

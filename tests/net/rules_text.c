/*
 * rules_text: every rule of the network namespace that it runs in, one a line: the program
 * that its owner types, the table, a tab, the text, a tab, who manages it or "-". For
 * test_iptables_text.py and test_managers.py.
 */
#include <locale.h>
#include <stdio.h>

#include "core/firewall/text/rule_text.h"
#include "tests/net/rules_reader.h"

static int print_rules(const struct ruleset *r)
{
	for (size_t i = 0; i < r->n_rules; i++) {
		const struct fw_rule *rule = &r->rules[i];
		const struct fw_chain *c = ruleset_chain(r, rule);
		const struct fw_table *t = ruleset_table_of(r, c);
		const char *manager = rule_manager(r, rule);
		struct str text = {0};

		if (rule_text(&text, r, rule))
			return 1;
		printf("%s %.*s %.*s\t%s\t%s\n", fw_program(t), (int)t->name.len,
		       t->name.bytes, (int)c->name.len, c->name.bytes, str_text(&text),
		       manager ? manager : "-");
		str_release(&text);
	}
	return 0;
}

int main(void)
{
	int error;
	struct ruleset *r;

	setlocale(LC_ALL, "C.UTF-8");
	r = rules_read(NULL, &error);
	if (!r) {
		fprintf(stderr, "rules_text: the ruleset cannot be read: %d\n", error);
		return 1;
	}
	error = print_rules(r);
	table_unref(r);
	return error;
}

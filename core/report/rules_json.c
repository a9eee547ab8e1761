/* dport.rules/1. Written rule by rule: one object on a line, so that a long list need not
 * be held whole. */
#include "core/report/rules.h"

#include <errno.h>

#include "core/firewall/text/rule_text.h"
#include "core/report/document.h"
#include "core/report/rules_marks.h"

static json_t *str_json(struct str *s)
{
	json_t *value = s->failed ? NULL : json_of_text(text_of_str(s));

	str_release(s);
	return value;
}

static json_t *count_json(bool has_counter, uint64_t n)
{
	return has_counter ? json_integer((json_int_t)n) : json_null();
}

static void put_chain(struct document *d, const struct ruleset *r, const struct fw_chain *c)
{
	const struct fw_table *t = ruleset_table_of(r, c);

	document_put(d, d->root, "backend", json_string(rules_backend(r, c)));
	document_put(d, d->root, "family", json_string(fw_family_word(t->family)));
	document_put(d, d->root, "table", document_name(t->name));
	document_put(d, d->root, "chain", document_name(c->name));
	document_put(d, d->root, "hook", document_words(rules_hook(c)));
	document_put(d, d->root, "priority",
		     c->is_base ? json_integer(c->priority) : json_null());
}

static json_t *place_json(struct document *d, const struct ruleset *r, uint32_t rule)
{
	const struct fw_rule *row;
	const struct fw_chain *c;
	json_t *o;

	if (rule >= r->n_rules)
		return json_null();
	row = &r->rules[rule];
	c = ruleset_chain(r, row);
	o = json_object();
	document_put(d, o, "table", document_name(ruleset_table_of(r, c)->name));
	document_put(d, o, "chain", document_name(c->name));
	document_put(d, o, "handle", json_integer((json_int_t)row->handle));
	document_put(d, o, "index", json_integer(row->index));
	return o;
}

static json_t *notes_json(struct document *d, const struct rule_marks *m)
{
	json_t *all = json_array();

	for (size_t i = 0; i < m->n_notes; i++)
		document_add(d, all, json_string(m->notes[i]));
	return all;
}

static json_t *rule_object(struct document *d, struct rules_marks *all, uint32_t rule)
{
	const struct ruleset *r = all->view->rules;
	const struct fw_rule *row = &r->rules[rule];
	const struct fw_chain *c = ruleset_chain(r, row);
	struct rule_marks marks;
	struct str text = {0};

	rules_marks_of(all, rule, &marks);
	document_init(d);
	put_chain(d, r, c);
	document_put(d, d->root, "handle", json_integer((json_int_t)row->handle));
	document_put(d, d->root, "index", json_integer(row->index));
	if (rule_text(&text, r, row))
		d->failed = true;
	document_put(d, d->root, "text", str_json(&text));
	document_put(d, d->root, "packets", count_json(row->has_counter, row->packets));
	document_put(d, d->root, "bytes", count_json(row->has_counter, row->bytes));
	document_put(d, d->root, "manager", document_words(rule_manager(r, row)));
	document_put(d, d->root, "opaque", document_name(marks.opaque));
	document_put(d, d->root, "shadowed_by", place_json(d, r, marks.shadow.by));
	document_put(d, d->root, "notes", notes_json(d, &marks));
	document_put(d, d->root, "variant",
		     json_string(rules_variant(ruleset_table_of(r, c))));
	return d->root;
}

/* The line without its end. */
static int put_rule(struct str *out, struct rules_marks *all, uint32_t rule, bool is_first)
{
	struct document d;
	json_t *o = rule_object(&d, all, rule);
	int error;

	str_puts(out, is_first ? "\n    " : ",\n    ");
	error = d.failed ? -ENOMEM : json_write(out, o, false);
	json_decref(o);
	if (!error)
		str_truncate(out, out->len - 1);
	return error;
}

static int put_rules(struct str *out, struct rules_marks *all,
		     const struct rules_options *o)
{
	bool is_first = true;
	int error = 0;

	for (uint32_t i = 0; i < all->view->rules->n_rules && !error; i++) {
		if (!rules_is_wanted(all->view, i))
			continue;
		error = put_rule(out, all, i, is_first);
		is_first = false;
		if (!error)
			error = rules_flush(out, o, false);
	}
	return error;
}

int rules_json(struct str *out, const struct rules_view *v, const struct rules_options *o)
{
	struct rules_marks *all = rules_marks_new(v);
	const struct ruleset *r = v->rules;
	int error;

	if (!all)
		return -ENOMEM;
	str_printf(out,
		   "{\n  \"schema\": \"dport.rules/1\",\n  \"generation\": %u,\n"
		   "  \"rules\": [",
		   r->generation);
	error = put_rules(out, all, o);
	str_printf(out,
		   "\n  ],\n  \"is_whole\": %s,\n  \"has_all_legacy_v4\": %s,\n"
		   "  \"has_all_legacy_v6\": %s\n}\n",
		   r->is_changing || v->is_part ? "false" : "true",
		   r->is_legacy_read_v4 ? "true" : "false",
		   r->is_legacy_read_v6 ? "true" : "false");
	rules_marks_free(all);
	return error ? error : rules_flush(out, o, true);
}

/* A configuration put to work, and printed. Reads nothing. */
#include "tui/config/config.h"

#include <errno.h>
#include <string.h>

#include "tui/find.h"
#include "tui/view/ports/port_columns.h"

void config_apply(const struct config *c, struct model *m)
{
	const char *filter = c->values[SETTING_FILTER].text;

	config_bind_keys(c);
	m->columns = c->columns;
	m->sort = c->sort;
	m->is_reversed = c->is_reversed;
	m->groups.by = c->group;
	m->interval_ns = c->interval_ns;
	m->is_utc = c->is_utc;
	m->is_ascii = m->is_ascii || c->is_ascii;
	m->graph = c->graph;
	if (*filter)
		find_set_filter(m, filter);
}

static void put_source(struct str *out, const struct config_value *v)
{
	if (v->file && v->line)
		str_printf(out, "; %s:%u\n", v->file, v->line);
	else
		str_printf(out, "; %s\n", v->file ? v->file : "built in");
}

static void put_value(struct str *out, const char *key, const struct config_value *v)
{
	put_source(out, v);
	str_printf(out, "%s = ", key);
	text_show(out, text_of(v->text), TEXT_UTF8);
	str_putc(out, '\n');
}

static void put_keys(struct str *out, const struct config *c)
{
	str_puts(out, "\n[keys]\n");
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++) {
		struct config_value v = c->keys[a];
		struct str name = {0};

		if (keymap_n_variants((enum action)a) > 1)
			continue; /* cannot be set */
		if (!v.text)
			v.text = keymap_keys((enum action)a);
		keymap_put_name(&name, (enum action)a);
		put_value(out, str_text(&name), &v);
		str_release(&name);
	}
}

int config_print(const struct config *c, struct str *out)
{
	const char *section = "";

	for (int s = 0; s < N_SETTINGS; s++) {
		if (strcmp(config_section((enum setting)s), section) != 0) {
			str_printf(out, "%s[%s]\n", *section ? "\n" : "",
				   config_section((enum setting)s));
			section = config_section((enum setting)s);
		}
		put_value(out, config_key((enum setting)s), &c->values[s]);
	}
	put_keys(out, c);
	return out->failed ? -ENOMEM : 0;
}

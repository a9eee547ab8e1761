/* One value after the other: what is taken, what is not. Reads no file. */
#include "tui/config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/terminal/input.h"
#include "tui/view/ports/port_columns.h"

enum { SHOWN_MAX = 60 }; /* of a wrong word */

static const struct {
	const char *section, *key, *value, *taken;
} settings[N_SETTINGS] = {
#define X(name, in_section, with_key, built_in, is_taken) \
	[SETTING_##name] = {.section = (in_section),      \
			    .key = (with_key),            \
			    .value = (built_in),          \
			    .taken = (is_taken)},
	SETTINGS(X)
#undef X
};

void config_init(struct config *c)
{
	*c = (struct config){.interval_ns = NS_PER_S};
	for (int s = 0; s < N_SETTINGS; s++)
		c->values[s].text = settings[s].value;
}

void config_release(struct config *c)
{
	arena_release(&c->arena);
	*c = (struct config){0};
}

const char *config_section(enum setting s)
{
	return settings[s].section;
}

const char *config_key(enum setting s)
{
	return settings[s].key;
}

int config_refuse(char error[CONFIG_ERROR_MAX], struct text word, const char *what,
		  const char *taken)
{
	struct str shown = {0};
	bool is_long;

	text_show(&shown, word, TEXT_ASCII);
	is_long = shown.len > SHOWN_MAX;
	str_truncate(&shown, SHOWN_MAX);
	snprintf(error, CONFIG_ERROR_MAX, "'%s%s' %s: %s", str_text(&shown),
		 is_long ? "..." : "", what, taken);
	str_release(&shown);
	return -EINVAL;
}

static int refuse_value(char error[CONFIG_ERROR_MAX], enum setting s, const char *value)
{
	char what[48];

	snprintf(what, sizeof(what), "is no value of %s", settings[s].key);
	return config_refuse(error, text_of(value), what, settings[s].taken);
}

/* ---- kinds of values: 0 or -EINVAL ---- */

static int read_bool(const char *text, bool *out)
{
	static const char *const words[][2] = {
		{"no", "yes"}, {"off", "on"}, {"false", "true"}, {"0", "1"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (int value = 0; value < 2; value++)
			if (strcmp(text, words[i][value]) == 0) {
				*out = value;
				return 0;
			}
	return -EINVAL;
}

static int read_seconds(const char *text, int64_t *out_ns)
{
	double seconds;
	char *end;

	if (text[strspn(text, "0123456789.")] != '\0')
		return -EINVAL;
	seconds = strtod(text, &end);
	if (*end || end == text || seconds < 0.5 || seconds > 60)
		return -EINVAL;
	*out_ns = (int64_t)(seconds * (double)NS_PER_S);
	return 0;
}

static int read_color(const char *text, enum color_choice *out)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i]) == 0) {
			*out = (enum color_choice)i;
			return 0;
		}
	return -EINVAL;
}

static int read_sort(const char *text, const struct column **out)
{
	const struct column *column =
		columns_find(port_columns, n_port_columns, text_of(text));

	if (!column || !column->order)
		return -EINVAL;
	*out = column;
	return 0;
}

/* Names the column that there is not. */
static int set_columns(struct config *c, const char *text, char error[CONFIG_ERROR_MAX])
{
	struct str taken = {0};
	struct text wrong;
	int r;

	if (strcmp(text, settings[SETTING_COLUMNS].value) == 0) {
		columns_reset(&c->columns);
		return 0;
	}
	r = columns_read(&c->columns, port_columns, n_port_columns, text_of(text), &wrong);
	if (!r)
		return 0;
	for (size_t i = 0; i < n_port_columns; i++)
		str_printf(&taken, "%s%s", i ? " " : "", port_columns[i].id);
	config_refuse(error, wrong,
		      wrong.len ? "is no column, or named twice" : "names no column",
		      str_text(&taken));
	str_release(&taken);
	return r;
}

static int check_filter(const char *text, char error[CONFIG_ERROR_MAX])
{
	char why[FILTER_ERROR_MAX];
	struct filter *f = filter_parse(text, why);

	if (!f)
		snprintf(error, CONFIG_ERROR_MAX, "%s", why);
	filter_free(f);
	return f ? 0 : -EINVAL;
}

static int set(struct config *c, enum setting s, const char *text,
	       char error[CONFIG_ERROR_MAX])
{
	switch (s) {
	case SETTING_COLUMNS:
		return set_columns(c, text, error);
	case SETTING_SORT:
		return read_sort(text, &c->sort);
	case SETTING_REVERSE:
		return read_bool(text, &c->is_reversed);
	case SETTING_GROUP:
		return group_by_find(text_of(text), &c->group) ? 0 : -EINVAL;
	case SETTING_FILTER:
		return check_filter(text, error);
	case SETTING_INTERVAL:
		return read_seconds(text, &c->interval_ns);
	case SETTING_UTC:
		return read_bool(text, &c->is_utc);
	case SETTING_ASCII:
		return read_bool(text, &c->is_ascii);
	case SETTING_COLOR:
		return read_color(text, &c->color);
	case SETTING_THEME:
		return theme_find(text, &c->theme) ? 0 : -EINVAL;
	case SETTING_GRAPH:
		return graph_find(text, &c->graph) ? 0 : -EINVAL;
	case N_SETTINGS:
		break;
	}
	return -EINVAL;
}

static int keep(struct config *c, const struct config_value *v, struct config_value *out)
{
	const char *text = arena_copy(&c->arena, v->text, strlen(v->text));

	if (!text)
		return -ENOMEM;
	*out = (struct config_value){.text = text, .file = v->file, .line = v->line};
	return 0;
}

int config_set(struct config *c, enum setting s, const struct config_value *v,
	       char error[CONFIG_ERROR_MAX])
{
	int r;

	error[0] = '\0';
	r = set(c, s, v->text, error);
	if (r && !error[0])
		refuse_value(error, s, v->text);
	return r ? r : keep(c, v, &c->values[s]);
}

/* ---- keys ---- */

int config_set_keys(struct config *c, enum action a, const struct config_value *v,
		    char error[CONFIG_ERROR_MAX])
{
	const char *at = v->text;
	size_t n = 0;

	if (keymap_n_variants(a) > 1)
		return config_refuse(error, text_of(keymap_keys(a)), "stay as they are",
				     "each of these keys does something else");
	while (*(at += strspn(at, " \t"))) {
		struct text key = {at, strcspn(at, " \t")};

		if (input_named(key) == INPUT_NONE)
			return config_refuse(
				error, key, "is no key",
				"a character, Ctrl-A to Ctrl-Z, Up, Down, Left, "
				"Right, PgUp, PgDn, Home, End, Delete, Backspace, "
				"Tab, Enter, Esc, Space, F1, F5, F10 are");
		at += key.len;
		n++;
	}
	if (!n)
		return config_refuse(error, text_of(v->text), "names no key",
				     "an action needs one");
	return keep(c, v, &c->keys[a]);
}

void config_bind_keys(const struct config *c)
{
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++)
		keymap_bind((enum action)a, c->keys[a].text);
}

static void unbind_keys(void)
{
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++)
		keymap_bind((enum action)a, NULL);
}

int config_check_keys(const struct config *c, const struct config_value **at,
		      char error[CONFIG_ERROR_MAX])
{
	int r = 0;

	config_bind_keys(c);
	for (int a = ACTION_NONE + 1; a < N_ACTIONS && !r; a++) {
		struct str what = {0};
		enum action rival;
		struct text key;

		if (!c->keys[a].text)
			continue;
		rival = keymap_rival((enum action)a, &key);
		if (rival == ACTION_NONE)
			continue;
		str_puts(&what, "has a task on the same screen already, ");
		keymap_put_name(&what, rival);
		r = config_refuse(error, key, str_text(&what), keymap_help(rival));
		*at = &c->keys[a];
		str_release(&what);
	}
	unbind_keys();
	return r;
}

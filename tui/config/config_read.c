/* Lines to values. Knows the sections and keys, not what they take. */
#include "tui/config/config_read.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

struct reading {
	struct config *config;
	const char *file;
	struct text rest; /* not handed to inih yet */
	unsigned line;    /* that inih has, from 1 */
	unsigned wrong_line;
	int result; /* of the first line that is wrong */
	char *error;
	/* Lines in which this file sets them; 0: not. */
	unsigned set_at[N_SETTINGS], keys_at[N_ACTIONS];
};

static void fail(struct reading *r, int result, const char *sentence)
{
	if (r->result)
		return;
	r->result = result;
	r->wrong_line = r->line;
	snprintf(r->error, CONFIG_ERROR_MAX, "%.150s:%u: %.220s", r->file, r->line,
		 sentence);
}

/* "'x' is no key of [ports]: ..." */
static void fail_word(struct reading *r, const char *word, const char *what,
		      const char *taken)
{
	char sentence[CONFIG_ERROR_MAX];

	fail(r, config_refuse(sentence, text_of(word), what, taken), sentence);
}

/* Longer lines than inih takes would be cut in two without a word. */
static bool is_fit(struct reading *r, struct text line, size_t room)
{
	if (line.len && memchr(line.bytes, '\0', line.len))
		fail(r, -EINVAL, "a byte 0 stands in it: it is no text");
	else if (line.len + 2 > room)
		fail(r, -EINVAL, "the line is too long");
	return r->result == 0;
}

/* fgets() over the text. Blanks at the start go: to inih they would continue the line
 * before. */
static char *next_line(char *out, int room, void *user)
{
	struct reading *r = user;
	const char *end;
	struct text line;

	if (r->result || !r->rest.len)
		return NULL;
	end = memchr(r->rest.bytes, '\n', r->rest.len);
	line = (struct text){r->rest.bytes,
			     end ? (size_t)(end - r->rest.bytes) : r->rest.len};
	r->rest.bytes += line.len + (end != NULL);
	r->rest.len -= line.len + (end != NULL);
	r->line++;
	while (line.len && (*line.bytes == ' ' || *line.bytes == '\t')) {
		line.bytes++;
		line.len--;
	}
	if (!is_fit(r, line, (size_t)room))
		return NULL;
	memcpy(out, line.bytes, line.len);
	memcpy(out + line.len, "\n", 2);
	return out;
}

static bool is_again(struct reading *r, const char *name, unsigned *at)
{
	char sentence[64];

	if (*at) {
		snprintf(sentence, sizeof(sentence), "is set in line %u already", *at);
		fail_word(r, name, sentence, "once is enough");
		return true;
	}
	*at = r->line;
	return false;
}

static void take_keys(struct reading *r, const char *name, const struct config_value *v)
{
	enum action a = keymap_named(text_of(name));
	char error[CONFIG_ERROR_MAX];
	int result;

	if (a == ACTION_NONE) {
		fail_word(r, name, "is no action", "dport --print-config lists them");
		return;
	}
	if (is_again(r, name, &r->keys_at[a]))
		return;
	result = config_set_keys(r->config, a, v, error);
	if (result)
		fail(r, result, result == -ENOMEM ? "not enough memory" : error);
}

static void fail_key(struct reading *r, const char *section, const char *name)
{
	struct str taken = {0}, what = {0};

	for (int s = 0; s < N_SETTINGS; s++)
		if (strcmp(section, config_section((enum setting)s)) == 0)
			str_printf(&taken, "%s%s", taken.len ? ", " : "",
				   config_key((enum setting)s));
	str_printf(&what, "is no key of [%s]", section);
	if (taken.len)
		fail_word(r, name, str_text(&what), str_text(&taken));
	else
		fail_word(r, section, "is no section", "ports, console and keys are");
	str_release(&taken);
	str_release(&what);
}

static void take_setting(struct reading *r, const char *section, const char *name,
			 const struct config_value *v)
{
	char error[CONFIG_ERROR_MAX];
	int s = 0, result;

	while (s < N_SETTINGS && (strcmp(section, config_section((enum setting)s)) != 0 ||
				  strcmp(name, config_key((enum setting)s)) != 0))
		s++;
	if (s == N_SETTINGS) {
		fail_key(r, section, name);
		return;
	}
	if (is_again(r, name, &r->set_at[s]))
		return;
	result = config_set(r->config, (enum setting)s, v, error);
	if (result)
		fail(r, result, result == -ENOMEM ? "not enough memory" : error);
}

/* inih's handler. 1: go on. */
static int take(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;
	struct config_value v = {.text = value, .file = r->file, .line = r->line};

	if (r->result)
		return 1;
	if (!*section)
		fail_word(r, name, "stands before any section",
			  "[ports], [console] and [keys] are");
	else if (strcmp(section, "keys") == 0)
		take_keys(r, name, &v);
	else
		take_setting(r, section, name, &v);
	return 1;
}

int config_read(struct config *c, const char *file, struct text text,
		char error[CONFIG_ERROR_MAX])
{
	struct reading r = {.config = c, .rest = text, .error = error};
	int line;

	error[0] = '\0';
	r.file = arena_copy(&c->arena, file, strlen(file));
	if (!r.file)
		return -ENOMEM;
	line = ini_parse_stream(next_line, &r, take, &r);
	if (line > 0 && (!r.result || (unsigned)line < r.wrong_line)) {
		r.result = 0;
		r.line = (unsigned)line;
		fail(&r, -EINVAL,
		     "this is neither '[section]' nor 'key = value' nor a comment (# or "
		     ";)");
	}
	return line < 0 ? -ENOMEM : r.result;
}

int config_finish(struct config *c, char error[CONFIG_ERROR_MAX])
{
	const struct config_value *at;
	char why[CONFIG_ERROR_MAX];
	int r = config_check_keys(c, &at, why);

	if (r)
		snprintf(error, CONFIG_ERROR_MAX, "%.150s:%u: %.220s", at->file, at->line,
			 why);
	return r;
}

/* What is typed becomes a packet. */
#include "tui/state/path_field.h"

#include <string.h>

#include "tui/state/path_aim.h"
#include "tui/state/path_line.h"
#include "tui/screens.h"

unsigned path_open(struct model *m)
{
	struct path_aim aim;

	if (model_view(m) == &view_path)
		return screens_close(m);
	if (screens_ask(m, &view_path, false))
		return EFFECT_DRAW;
	if (!path_aim_at_shown(m, &aim)) {
		model_say(m, ROLE_NOTICE,
			  m->snapshot ? "no port is selected whose packets could be walked"
				      : "nothing was read yet");
		return EFFECT_DRAW;
	}
	path_shown_aim(&m->path, &aim);
	return EFFECT_PATH | EFFECT_PATH_ANEW | screens_open(m, &view_path);
}

static const struct space *space_of(const struct model *m)
{
	return path_aim_space(model_newest(m), &m->path.aim);
}

void path_field_put(struct str *out, const struct model *m)
{
	const struct space *space = space_of(m);

	path_line_put(out, &m->path.ask, space ? space->links : NULL);
}

void path_field_open(struct model *m)
{
	struct str line = {0};

	path_field_put(&line, m);
	str_reset(&m->field_error);
	field_open(&m->field, FIELD_PATH,
		   m->path.line.len ? str_text(&m->path.line) : str_text(&line));
	str_release(&line);
}

/* False: it is no packet (yet); the field says why. */
static bool read_line(struct model *m, struct path_ask *out)
{
	const struct snapshot *s = model_newest(m);
	const struct space *space = space_of(m);
	struct path_line_world w = {.before = &m->path.aim.ask,
				    .is_target_chosen = m->path.aim.is_target_chosen,
				    .names = s ? s->port_names : NULL,
				    .links = space ? space->links : NULL,
				    .addresses = space ? space->addresses : NULL};
	char error[PATH_LINE_ERROR_MAX];

	str_reset(&m->field_error);
	if (!path_line_parse(out, str_text(&m->field.text), &w, error))
		return true;
	text_show(&m->field_error, text_of(error), model_text_mode(m));
	return false;
}

static bool is_blank(const char *line)
{
	return !line[strspn(line, " \t")];
}

static unsigned done(struct model *m)
{
	const char *line = str_text(&m->field.text);
	struct path_ask ask;

	if (!read_line(m, &ask))
		return EFFECT_DRAW;
	path_shown_ask(&m->path, is_blank(line) ? &m->path.aim.ask : &ask,
		       is_blank(line) ? "" : line);
	field_close(&m->field);
	return EFFECT_PATH | EFFECT_DRAW;
}

unsigned path_field_input(struct model *m, int input)
{
	struct path_ask unused;

	switch (field_input(&m->field, input)) {
	case FIELD_NOTHING:
		break;
	case FIELD_CHANGED:
		read_line(m, &unused);
		break;
	case FIELD_DONE:
		return done(m);
	case FIELD_CANCELLED:
		str_reset(&m->field_error);
		field_close(&m->field);
		break;
	}
	return EFFECT_DRAW;
}

/* Places first, then what an action needs where it belongs. One row each. */
#include "tui/reasons.h"

#include "tui/state/counts.h"

/* How one comes to a screen: the key of the action of that name, and where it is pressed.
 */
static const struct {
	unsigned where;
	const char *action, *rest;
} ways[] = {
	{WHERE_PORTS, "undo", " leads there"},
	{WHERE_GUIDE, "guide", " on a port"},
	{WHERE_QUESTION, "guide", " on a port"},
	{WHERE_LADDER, "ladder", " in the guide"},
	{WHERE_DETAILS, "details", " on a port"},
	{WHERE_PATH, "path", " on a port"},
	{WHERE_WIRE, "wire", ""},
	{WHERE_LOGS, "logs", " in the guide"},
	{WHERE_EVENTS, "events", ""},
	{WHERE_COLUMNS, "columns", " in the list of ports"},
	{WHERE_HELP, "help", ""},
	{WHERE_PALETTE, "palette", ""},
};

enum { PLACES_NAMED = 2 }; /* of those where it can be done */

const struct view *reasons_screen(const struct model *m)
{
	const struct view *seen = model_view(m);

	return seen == &view_palette && m->n_shown > 1 ? m->shown[m->n_shown - 2] : seen;
}

/* "only in the guide: Enter on a port"; of several places the first ones. */
static void put_places(struct str *why, unsigned where)
{
	str_puts(why, "only in ");
	if (keymap_put_places(why, where, PLACES_NAMED) != 1)
		return;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		enum action opener = keymap_named(text_of(ways[i].action));

		if (ways[i].where != where || opener == ACTION_NONE)
			continue;
		str_puts(why, ": ");
		keymap_put_key(why, opener);
		str_puts(why, ways[i].rest);
	}
}

/* ---- what an action needs; NULL: it is there ---- */

static const char no_port[] = "no port is selected; dport PORT diagnoses any of them";

static const char *wants_row(const struct model *m)
{
	return m->rows.n + counts_n_lines(m) ? NULL : no_port;
}

/* A row, also a heading of rows, or a line behind them that names a port. */
static const char *wants_aim(const struct model *m)
{
	size_t line = counts_selected(m);
	bool is_line = line < counts_n_lines(m) &&
		       (counts_published(m, line) || counts_other(m, line));

	if (reasons_screen(m) != &view_ports)
		return NULL; /* it aims already */
	return m->selected.row < m->rows.n || is_line ? NULL : no_port;
}

static const char *wants_search(const struct model *m)
{
	if (reasons_screen(m) != &view_ports)
		return NULL; /* it has a search of its own */
	return m->search.len ? NULL : "nothing to search for yet: / starts a search";
}

static const char *wants_picture(const struct model *m)
{
	return m->snapshot ? NULL : "nothing was read yet";
}

static const char *wants_prover(const struct model *m)
{
	return guide_prover(&m->guide).family ? NULL
					      : "nobody was seen trying: whose packets?";
}

static bool is_of_run(const struct model *m)
{
	return reasons_screen(m)->where & WHERE_RUN;
}

/* Other screens tell it themselves. */
static const char *wants_copy(const struct model *m)
{
	bool is_ports = reasons_screen(m) == &view_ports;

	if (is_of_run(m) ? m->guide.result != NULL : !is_ports || !wants_row(m))
		return NULL;
	return "nothing to copy yet";
}

static const char *wants_export(const struct model *m)
{
	bool is_ports = reasons_screen(m) == &view_ports;

	if (reasons_screen(m) == &view_path && !m->path.page)
		return "nothing to export yet";
	if (is_of_run(m) ? m->guide.result != NULL : !is_ports || m->snapshot)
		return NULL;
	return "nothing to export yet";
}

static const char *wants_live(const struct model *m)
{
	if (m->around.replay)
		return "this is a recording already";
	return m->around.record && !m->tape.is_on ? "all that is read is written already"
						  : NULL;
}

static const char *(*const needs[N_ACTIONS])(const struct model *m) = {
	[ACTION_GUIDE] = wants_aim,          [ACTION_NEXT] = wants_search,
	[ACTION_PREVIOUS] = wants_search,    [ACTION_FREEZE] = wants_picture,
	[ACTION_COPY] = wants_copy,          [ACTION_EXPORT] = wants_export,
	[ACTION_PROVE] = wants_prover,       [ACTION_RECORD] = wants_live,
	[ACTION_PICTURE_BACK] = tape_reason, [ACTION_PICTURE_ON] = tape_reason,
};

bool action_reason(const struct model *m, enum action a, struct str *why)
{
	const char *sentence;

	if (!(keymap_where(a) & reasons_screen(m)->where)) {
		put_places(why, keymap_where(a));
		return false;
	}
	sentence = needs[a] ? needs[a](m) : NULL;
	if (sentence)
		str_puts(why, sentence);
	return !sentence;
}

static void say(struct model *m, struct str *why)
{
	model_say(m, ROLE_NOTICE, "%s", str_text(why));
	str_release(why);
}

bool reasons_refuse(struct model *m, enum action a)
{
	struct str why = {0};

	if (a == ACTION_NONE || action_reason(m, a, &why)) {
		str_release(&why);
		return false;
	}
	say(m, &why);
	return true;
}

bool reasons_refuse_key(struct model *m, int input)
{
	unsigned where = keymap_where_input(input);
	struct str why = {0};

	if (!where)
		return false;
	put_places(&why, where);
	say(m, &why);
	return true;
}

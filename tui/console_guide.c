/* Ways into the Guide: what it aims at, and the questions before it. */
#include "tui/console_guide.h"

#include <netinet/in.h>

#include "tui/state/counts.h"
#include "tui/screens.h"

/* What the selected row of Ports stands for. False: nothing that could be diagnosed. */
static bool aim_at_selected(struct model *m)
{
	const struct endpoint *e =
		model_shows(m, &view_details) ? details_endpoint(m) : model_selected(m);
	size_t line = counts_selected(m);
	const struct traffic_other *other =
		line < counts_n_lines(m) ? counts_other(m, line) : NULL;

	const struct published_row *published = counts_published(m, line);

	if (e)
		guide_aim_endpoint(&m->guide, e);
	else if (published)
		guide_aim_port(&m->guide, published->proto, published->port);
	else if (other)
		guide_aim_port(&m->guide, IPPROTO_TCP, other->port);
	return e || published || other;
}

/* A Guide that is shown makes room for another one. True: that is asked about first. */
static bool asks_to_begin(struct model *m)
{
	return screens_ask(m, &view_guide, true) || screens_ask(m, &view_question, false);
}

/* The questions first, where there are any; a Guide of before is over. */
static unsigned begin_guide(struct model *m)
{
	unsigned effects = EFFECT_DIAGNOSE_END;

	if (!guide_ask_open(m))
		return EFFECT_DIAGNOSE | screens_open(m, &view_guide);
	effects |= screens_drop(m, &view_guide);
	m->guide.is_open = false;
	return effects | screens_open(m, &view_question);
}

/* They are answered: the Guide stands in their place. */
static unsigned leave_questions(struct model *m)
{
	screens_close(m);
	m->guide.is_open = true;
	return EFFECT_DIAGNOSE | screens_open(m, &view_guide);
}

unsigned console_answer_question(struct console *c)
{
	struct model *m = &c->model;

	if (view_question.act(m, ACTION_ANSWER))
		return EFFECT_DRAW;
	return leave_questions(m);
}

unsigned console_start_now(struct console *c)
{
	guide_ask_finish(&c->model);
	return leave_questions(&c->model);
}

unsigned console_type_client(struct console *c, int input)
{
	bool is_typed = false;
	unsigned effects = guide_ask_input(&c->model, input, &is_typed);

	return is_typed ? console_answer_question(c) : effects;
}

/* A heading of Ports is no port: it is opened or closed. */
unsigned console_open_guide(struct console *c)
{
	unsigned effects = model_view(&c->model)->act(&c->model, ACTION_GUIDE);

	if (effects)
		return effects;
	if (asks_to_begin(&c->model))
		return EFFECT_DRAW;
	if (!aim_at_selected(&c->model))
		return 0;
	c->model.has_moved = true;
	return begin_guide(&c->model);
}

/* A row of the time line; where there is none, the diagnosis that makes one. */
unsigned console_open_line(struct console *c)
{
	struct model *m = &c->model;

	if (m->guide.is_open)
		return view_logs.act(m, ACTION_WHOLE);
	if (!aim_at_selected(m)) {
		model_say(m, ROLE_NOTICE, "no port is selected: Esc leads to the list");
		return EFFECT_DRAW;
	}
	screens_close(m);
	return begin_guide(m);
}

/* Where an event happened: the row of it, else the diagnosis of its port. */
unsigned console_visit(struct console *c)
{
	struct model *m = &c->model;
	const struct event *e = events_shown_at(&m->events);
	size_t row = e && m->snapshot ? events_shown_row(m, e) : m->rows.n;

	if (!e || !e->endpoint_id || (row == m->rows.n && e->space[0])) {
		model_say(m, ROLE_NOTICE,
			  e ? "it has no row in the list of ports"
			    : "there is no event yet");
		return EFFECT_DRAW;
	}
	if (row < m->rows.n ? screens_ask(m, &view_ports, false) : asks_to_begin(m))
		return EFFECT_DRAW;
	m->has_moved = true;
	if (row < m->rows.n) {
		model_select(m, (struct place){.row = row});
		return screens_open(m, &view_ports);
	}
	guide_aim_port(&m->guide, e->proto == PROTO_UDP ? IPPROTO_UDP : IPPROTO_TCP,
		       e->port);
	return begin_guide(m);
}

unsigned console_open_target(struct console *c, const char *word)
{
	struct model *m = &c->model;
	char error[TARGET_ERROR_MAX];
	size_t n_ports;

	if (asks_to_begin(m))
		return EFFECT_DRAW;
	if (!m->snapshot ||
	    guide_aim_target(&m->guide, word, m->snapshot, &n_ports, error)) {
		model_say(m, ROLE_WARN, "%s", m->snapshot ? error : "nothing was read yet");
		return 0;
	}
	if (n_ports > 1)
		model_say(m, ROLE_NOTICE, "%s needs %zu ports; this is the first", word,
			  n_ports);
	return begin_guide(m);
}

unsigned console_again(struct console *c)
{
	if (screens_ask(&c->model, &view_guide, false))
		return EFFECT_DRAW;
	guide_remember(&c->model.guide);
	return EFFECT_DIAGNOSE | screens_open(&c->model, &view_guide);
}

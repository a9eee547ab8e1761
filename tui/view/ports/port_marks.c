/* Marks of rows and the lines of what is gone. What happened, core/snapshot/events.h says.
 */
#include "tui/view/ports/port_marks.h"

#include <string.h>

#include "tui/view/event_words.h"

enum {
	GONE_LINES_MAX = 3,
	GONE_SHARE = 4, /* of the lines of the screen they take one in so many */
	REST_MIN = 4,   /* columns of the cell's own text that are worth beginning with */
	MARGIN = 2,
};

const struct event *port_mark(const struct model *m, const struct endpoint *e)
{
	return m->is_plain ? NULL : events_mark(m->events.log, e->id, m->now_ns);
}

const struct column *port_mark_column(const struct layout *layout)
{
	for (size_t i = 0; i < layout->n; i++)
		if (strcmp(layout->columns[i].column->id, "owner") == 0)
			return layout->columns[i].column;
	return layout->n ? layout->columns[layout->n - 1].column : NULL;
}

enum role port_mark_print(const struct model *m, const struct event *mark,
			  const struct placed *p, const struct endpoint *e, struct str *out)
{
	struct str rest = {0};
	int room;

	str_reset(out);
	event_put_kind(out, mark->kind, m->is_ascii);
	room = p->width - (int)text_width(text_of_str(out)) - 1;
	if (room >= REST_MIN) {
		table_print(p->column, m, e, room, &rest);
		str_printf(out, " %s", str_text(&rest));
	}
	str_release(&rest);
	return event_role(mark->kind);
}

/* ---- what is gone ---- */

/* As the filter's tests see the row that it was. */
static bool is_taken(const struct model *m, const struct event *e)
{
	struct space space = {.is_own = !e->space[0], .name = text_of(e->space)};
	struct process_row process = {.pid = e->was.pid, .comm = text_of(e->was.comm)};
	const struct process_row *owners[] = {&process};
	const struct endpoint row = {.space = &space,
				     .proto = e->proto,
				     .port = e->port,
				     .address = e->address,
				     .scope = SCOPE_ADDRESS,
				     .owners = owners,
				     .n_owners = e->was.pid != 0,
				     .owners_state = OWNERS_COMPLETE,
				     .uid = UINT32_MAX};

	return !m->filter || filter_takes(m->filter, &row);
}

/* Something happened there since: it came back. */
static bool has_later(const struct events *v, size_t i)
{
	for (size_t k = i + 1; k < events_n(v); k++)
		if (events_at(v, k)->subject == events_at(v, i)->subject)
			return true;
	return false;
}

/* Not back yet, and gone for no longer than a row is marked. */
static bool is_shown(const struct model *m, size_t i)
{
	const struct event *e = events_at(m->events.log, i);

	return e->kind == EVENT_GONE && m->now_ns - e->newest.now_ns < EVENT_MARK_NS &&
	       !m->is_plain && !has_later(m->events.log, i) && is_taken(m, e);
}

static size_t n_gone(const struct model *m)
{
	const struct events *v = m->events.log;
	size_t n = 0;

	for (size_t i = events_n(v); i--;) {
		if (m->now_ns - events_at(v, i)->newest.now_ns >= EVENT_MARK_NS)
			break;
		n += is_shown(m, i);
	}
	return n;
}

int port_n_gone_lines(const struct model *m, int height)
{
	size_t n = n_gone(m);
	int most =
		height / GONE_SHARE < GONE_LINES_MAX ? height / GONE_SHARE : GONE_LINES_MAX;

	return n < (size_t)most ? (int)n : most;
}

static void draw_line(struct frame *f, int y, const struct model *m, const struct event *e,
		      size_t n_more)
{
	struct str text = {0};

	str_printf(&text, "%s ", symbol_text(event_symbol(EVENT_GONE), m->is_ascii));
	event_write(e, model_text_mode(m), &text);
	if (n_more)
		str_printf(&text, "; %zu more are gone (%.*s)", n_more,
			   KEY_ARGS(ACTION_EVENTS));
	frame_text(f, MARGIN, y, f->width - MARGIN, ROLE_DIM, text_of_str(&text));
	str_release(&text);
}

/* The newest at the top; the last line tells of those that have none. */
void port_draw_gone(struct frame *f, int y, int n, const struct model *m)
{
	const struct events *v = m->events.log;
	size_t n_all = n > 0 ? n_gone(m) : 0;
	int drawn = 0;

	for (size_t i = events_n(v); i-- && drawn < n;) {
		if (!is_shown(m, i))
			continue;
		drawn++;
		draw_line(f, y + drawn - 1, m, events_at(v, i),
			  drawn == n ? n_all - (size_t)n : 0);
	}
}

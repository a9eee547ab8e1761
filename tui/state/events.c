/* Which events are shown and which is selected. Knows no words and no screen. */
#include "tui/state/events.h"

#include <errno.h>
#include <string.h>

#include "tui/model.h"

void events_shown_release(struct events_shown *s)
{
	events_free(s->log);
	str_release(&s->search);
	str_release(&s->search_before);
	*s = (struct events_shown){0};
}

struct events *events_shown_log(struct events_shown *s)
{
	if (!s->log)
		s->log = events_new();
	return s->log;
}

/* A question is no news: what became of it is told. */
static bool is_question(const char *sentence)
{
	static const char end[] = "[y/N]";
	size_t len = strlen(sentence), n = sizeof(end) - 1;

	return len >= n && strcmp(sentence + len - n, end) == 0;
}

void events_shown_message(struct model *m, const char *sentence)
{
	struct moment at = {m->wall_ns, m->now_ns};

	if (!is_question(sentence))
		events_message(events_shown_log(&m->events), text_of(sentence), at);
}

int events_shown_list(const struct events_shown *s, struct vec *out)
{
	for (size_t i = 0; i < events_n(s->log); i++) {
		const struct event *e = events_at(s->log, i);
		const struct event **slot;

		if (s->is_chosen && event_kind_group(e->kind) != s->group)
			continue;
		slot = vec_push(out);
		if (!slot)
			return -ENOMEM;
		*slot = e;
	}
	return 0;
}

static const struct event *event_of_list(const struct vec *list, size_t i)
{
	return *(const struct event *const *)vec_at(list, i);
}

size_t events_shown_selected(const struct events_shown *s, const struct vec *list)
{
	if (!list->n)
		return 0;
	for (size_t i = 0; s->selected && i < list->n; i++)
		if (event_of_list(list, i)->number >= s->selected)
			return i;
	return list->n - 1;
}

void events_shown_select(struct events_shown *s, const struct vec *list, size_t i)
{
	s->selected = i + 1 < list->n ? event_of_list(list, i)->number : 0;
}

void events_shown_stay(struct events_shown *s, const struct vec *list, size_t i)
{
	s->selected = event_of_list(list, i)->number;
}

void events_shown_next_group(struct events_shown *s)
{
	if (!s->is_chosen)
		s->group = 0;
	else
		s->group++;
	s->is_chosen = s->group < N_EVENT_GROUPS;
	s->selected = 0;
	s->top = 0;
}

const struct event *events_shown_at(const struct events_shown *s)
{
	struct vec list = VEC_OF(const struct event *);
	const struct event *e = NULL;

	if (!events_shown_list(s, &list) && list.n)
		e = event_of_list(&list, events_shown_selected(s, &list));
	vec_release(&list);
	return e;
}

/* The same socket; else one that has its place now. */
static bool is_of(const struct event *event, const struct endpoint *e, bool is_same)
{
	struct text space = e->space->is_own ? TEXT_NONE : e->space->name;

	if (is_same)
		return e->id == event->endpoint_id;
	return e->proto == event->proto && e->port == event->port &&
	       addr_equals(&e->address, &event->address) &&
	       text_equals_str(space, event->space);
}

size_t events_shown_row(const struct model *m, const struct event *event)
{
	for (int is_same = 1; event->endpoint_id && is_same >= 0; is_same--)
		for (size_t i = 0; i < m->rows.n; i++) {
			const struct endpoint *e = model_endpoint(m, i);

			if (e && is_of(event, e, is_same))
				return i;
		}
	return m->rows.n;
}

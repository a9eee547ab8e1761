/* Who holds the sockets, children under their parents. Finds nobody. */
#include <inttypes.h>

#include "tui/view/details/details_panes.h"
#include "tui/view/ports/port_words.h"

enum { INDENT = 2, STEP = 2, DEPTH_MAX = 8, OWNERS_SHOWN = 200 };

/* NULL: it is started by somebody who holds none of the sockets. Owners stand by their
 * start, and nobody is younger than what he starts: so there is no ring. */
static const struct process_row *parent_of(const struct endpoint *e, size_t owner)
{
	const struct process_row *p = e->owners[owner];

	for (size_t i = 0; p->parent && i < owner; i++)
		if (e->owners[i]->pid == p->parent)
			return e->owners[i];
	return NULL;
}

/* As it was read after a diagnosis of this port; NULL: not read. */
static const struct process_state *state_of(const struct model *m,
					    const struct process_row *p)
{
	const struct evidence *e = m->guide.is_open ? m->guide.evidence : NULL;
	const struct process_state *s =
		e && e->processes ? process_states_find(e->processes, p->pid) : NULL;

	return s && !s->error && s->start_ticks == p->start_ticks ? s : NULL;
}

static void put_files(const struct model *m, const struct process_row *p, struct str *out)
{
	const struct process_state *s = state_of(m, p);

	if (!s || s->n_fds < 0)
		return;
	port_put_dot(m, out);
	str_printf(out, "%" PRId64 " files open", s->n_fds);
	if (s->fd_limit >= 0)
		str_printf(out, " of %" PRId64, s->fd_limit);
}

static void add_owner(const struct pane_page *p, const struct process_row *owner, int depth,
		      bool is_root)
{
	enum role role = owner->exe_deleted ? ROLE_WARN : ROLE_NORMAL;
	struct line_style style = {.width = p->width,
				   .indent = INDENT + STEP * depth,
				   .head_width = depth ? STEP : 0,
				   .head_role = ROLE_DIM,
				   .role = role};
	struct str text = {0};

	port_put_owner(p->m, owner, &text);
	put_files(p->m, owner, &text);
	if (is_root && owner->parent > 1) {
		port_put_dot(p->m, &text);
		str_printf(&text, "started by process %" PRId32, owner->parent);
	}
	lines_add(p->out, &style, depth ? symbol_text(SYMBOL_INTO, p->m->is_ascii) : "",
		  str_text(&text));
	str_release(&text);
}

/* A process whose parent holds a socket as well stands under it. */
static void add_children(const struct pane_page *p, const struct process_row *parent,
			 int depth, size_t *left)
{
	for (size_t i = 0; i < p->e->n_owners && *left; i++) {
		const struct process_row *owner = p->e->owners[i];

		if (parent_of(p->e, i) != parent || depth >= DEPTH_MAX)
			continue;
		(*left)--;
		add_owner(p, owner, depth, !parent);
		add_children(p, owner, depth + 1, left);
	}
}

static void add_rest(const struct pane_page *p, size_t n)
{
	struct str text = {0};

	if (p->e->n_owners > n)
		str_printf(&text, "and %zu more", p->e->n_owners - n);
	if (text.len)
		details_add(p, ROLE_DIM, "", str_text(&text));
	str_release(&text);
}

static void add_none(const struct pane_page *p)
{
	switch (p->e->owners_state) {
	case OWNERS_PENDING:
		details_mark(p, ROLE_DIM, SYMBOL_WAITING, "being looked for");
		return;
	case OWNERS_NONE_FOUND:
		details_mark(p, ROLE_NORMAL, SYMBOL_NONE,
			     "all processes were read and none holds it");
		return;
	case OWNERS_COMPLETE:
	case OWNERS_AT_LEAST:
	case OWNERS_UNKNOWN:
		break;
	}
	details_mark(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN,
		     "not known: not every process could be read");
}

void details_owners(const struct pane_page *p)
{
	size_t most = p->e->n_owners < OWNERS_SHOWN ? p->e->n_owners : OWNERS_SHOWN;
	size_t left = most;

	if (!p->e->n_owners) {
		add_none(p);
		return;
	}
	add_children(p, NULL, 0, &left);
	add_rest(p, most - left);
	if (p->e->owners_state == OWNERS_AT_LEAST)
		details_mark(p, ROLE_UNKNOWN, SYMBOL_ELLIPSIS,
			     "perhaps more: not every process could be read");
}

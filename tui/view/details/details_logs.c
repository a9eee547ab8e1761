/* Where this port's program writes what it sees. Reads no log. */
#include <inttypes.h>

#include "core/services/known.h"
#include "tui/view/details/details_panes.h"

enum { PLACES_MAX = 12, SERVICES_MAX = 4 };

/* Files that an owner holds open, as a diagnosis found them. */
static bool is_held(const struct pane_page *p, const struct log_line *line)
{
	for (size_t i = 0; line->holder && i < p->e->n_owners; i++)
		if (p->e->owners[i]->pid == line->holder)
			return true;
	return false;
}

static bool is_new(const struct log_table *t, const size_t *told, size_t n, size_t at)
{
	for (size_t i = 0; i < n; i++)
		if (text_equals(t->rows[told[i]].source, t->rows[at].source))
			return false;
	return true;
}

/* How many different ones. */
static size_t add_held(const struct pane_page *p)
{
	const struct evidence *e = p->m->guide.is_open ? p->m->guide.evidence : NULL;
	const struct log_table *t = e ? e->logs : NULL;
	size_t told[PLACES_MAX], n = 0;
	struct str text = {0};

	for (size_t i = 0; t && i < t->n && n < PLACES_MAX; i++) {
		if (!is_held(p, &t->rows[i]) || !is_new(t, told, n, i))
			continue;
		told[n++] = i;
		str_reset(&text);
		text_show(&text, t->rows[i].source, model_text_mode(p->m));
		str_printf(&text, ", held open by process %" PRId32, t->rows[i].holder);
		details_add(p, ROLE_NORMAL, "open", str_text(&text));
	}
	str_release(&text);
	return n;
}

/* By what it is called; where nobody is known, by what uses such a port. */
static size_t known_of(const struct pane_page *p, const struct known_service **out)
{
	const struct endpoint *e = p->e;
	uint8_t proto = p->m->details.proto;
	struct text comm = e->n_owners ? e->owners[0]->comm : TEXT_NONE;
	const struct known_service *k = known_service_of(e->unit, comm, e->port, proto);
	size_t n;

	if (k) {
		out[0] = k;
		return 1;
	}
	if (e->n_owners)
		return 0;
	n = known_services_at(e->port, proto, out, SERVICES_MAX);
	return n < SERVICES_MAX ? n : SERVICES_MAX;
}

static size_t add_known(const struct pane_page *p)
{
	const struct known_service *known[SERVICES_MAX];
	size_t n = known_of(p, known), n_told = 0;
	struct str text = {0};

	for (size_t i = 0; i < n; i++) {
		if (!*known[i]->logs)
			continue;
		str_reset(&text);
		str_printf(&text, "%s (where %s has it, unless it was changed)",
			   known[i]->logs, known[i]->name);
		details_add(p, ROLE_NORMAL, "usual", str_text(&text));
		n_told++;
	}
	str_release(&text);
	return n_told;
}

static void add_journal(const struct pane_page *p)
{
	struct str text = {0};

	if (text_is_empty(p->e->unit))
		return;
	str_puts(&text, "journalctl -u ");
	text_show(&text, p->e->unit, model_text_mode(p->m));
	details_add(p, ROLE_KEY, "journal", str_text(&text));
	str_release(&text);
}

void details_logs(const struct pane_page *p)
{
	size_t before = p->out->lines.n, n_held = add_held(p);
	struct str text = {0};

	add_known(p);
	add_journal(p);
	if (p->out->lines.n == before)
		details_add(p, ROLE_DIM, "", "no place is known where it writes");
	if (!n_held) {
		str_printf(&text,
			   "a diagnosis (%.*s) looks which logs its program has open; %.*s "
			   "shows their lines",
			   KEY_ARGS(ACTION_GUIDE), KEY_ARGS(ACTION_LOGS));
		details_add(p, ROLE_DIM, "", str_text(&text));
	}
	str_release(&text);
}

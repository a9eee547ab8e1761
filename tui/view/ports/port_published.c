/* Published ports in words. Decides nothing. */
#include "tui/view/ports/port_published.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "tui/view/ports/port_columns.h"
#include "tui/view/ports/port_reach.h"
#include "tui/view/ports/port_traffic.h"

static enum role put_symbol(const struct model *m, enum role role, enum symbol s,
			    const char *word, struct str *out)
{
	str_printf(out, "%s%s%s", symbol_text(s, m->is_ascii), word[0] ? " " : "", word);
	return role;
}

static enum role print_none(const struct model *m, size_t i, int width, struct str *out)
{
	(void)i;
	(void)width;
	return put_symbol(m, ROLE_DIM, SYMBOL_NONE, "", out);
}

static enum role print_port(const struct model *m, size_t i, int width, struct str *out)
{
	const struct published_row *row = counts_published(m, i);

	(void)width;
	str_printf(out, "%u/%s", (unsigned)row->port,
		   row->proto == IPPROTO_UDP ? "udp" : "tcp");
	return ROLE_NORMAL;
}

static enum role print_service(const struct model *m, size_t i, int width, struct str *out)
{
	const struct published_row *row = counts_published(m, i);
	const struct port_name_table *names = m->snapshot->port_names;
	struct text name = TEXT_NONE;

	if (names)
		name = port_names_find(names, row->port, row->proto == IPPROTO_UDP);
	if (text_is_empty(name))
		return print_none(m, i, width, out);
	text_show(out, name, model_text_mode(m));
	return ROLE_NORMAL;
}

static enum role print_target(const struct model *m, size_t i, int width, struct str *out)
{
	const struct published_row *row = counts_published(m, i);

	(void)width;
	str_printf(out, "%s ", symbol_text(SYMBOL_ARROW, m->is_ascii));
	published_target_text(out, row, model_text_mode(m));
	return row->is_served == TRI_NO ? ROLE_BAD : ROLE_NORMAL;
}

/* Nobody can be named. */
static enum role print_nobody(const struct model *m, size_t i, int width, struct str *out)
{
	const struct published_row *row = counts_published(m, i);

	if (row->is_served == TRI_NO)
		return put_symbol(m, ROLE_BAD, SYMBOL_BAD,
				  width < 14 ? "nobody" : "nobody listens", out);
	if (!m->published->has_looked)
		return put_symbol(m, ROLE_DIM, SYMBOL_WAITING, "", out);
	return put_symbol(m, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "", out);
}

/* The cell of the listener behind. */
static enum role print_behind(const struct model *m, size_t i, const struct column *column,
			      int width, struct str *out)
{
	const struct endpoint *e = counts_published(m, i)->endpoint;

	if (e)
		return table_print(column, m, e, width, out);
	if (!strcmp(column->id, "owner"))
		return print_nobody(m, i, width, out);
	return print_none(m, i, width, out);
}

static enum role print_rate(const struct model *m, size_t i, int width, struct str *out)
{
	const struct traffic_row *counts = counts_of_published(m, i);

	return counts ? port_put_rate(m, counts, width, out) : print_none(m, i, width, out);
}

static enum role print_answer(const struct model *m, size_t i, int width, struct str *out)
{
	const struct traffic_row *counts = counts_of_published(m, i);

	return counts ? port_put_answer(m, counts, width, out)
		      : print_none(m, i, width, out);
}

static enum role print_reach(const struct model *m, size_t i, int width, struct str *out)
{
	const struct published_word *w = counts_published_word(m, i);

	return port_put_word(m, w->has_word ? w->word : NULL, width, out);
}

static const struct {
	const char *column;
	enum role (*print)(const struct model *m, size_t i, int width, struct str *out);
} cells[] = {
	{"port", print_port},        {"service", print_service}, {"address", print_target},
	{"connections", print_none}, {"SYN/s", print_rate},      {"answer", print_answer},
	{"reach", print_reach},      {"netns", print_none},
};

enum role port_published_cell(const struct model *m, size_t i, const struct column *column,
			      int width, struct str *out)
{
	str_reset(out);
	for (size_t k = 0; k < sizeof(cells) / sizeof(cells[0]); k++)
		if (!strcmp(cells[k].column, column->id))
			return cells[k].print(m, i, width, out);
	return print_behind(m, i, column, width, out);
}

/* Or it is not known. */
static bool is_reachable(const struct published_word *w)
{
	return w->has_word && strcmp(w->word, "nobody");
}

void port_published_end(const struct model *m, size_t i, struct str *out)
{
	const struct published_word *w = counts_published_word(m, i);

	if (w->unseen_by && is_reachable(w))
		str_printf(out, "%s does not see it", w->unseen_by);
}

static void dot(const struct model *m, struct str *out)
{
	str_printf(out, " %s ", symbol_text(SYMBOL_DOT, m->is_ascii));
}

/* The address of this host that clients use. */
static void put_asked(const struct published_row *row, struct str *out)
{
	char text[ADDR_TEXT_MAX];

	str_printf(out, " at %s", addr_format(&row->asked, text));
	if (row->n_asked > 1)
		str_printf(out, " and %u more", row->n_asked - 1);
}

static void put_container(const struct model *m, const struct published_row *row,
			  struct str *out)
{
	if (text_is_empty(row->container) || published_goes_by_container(row))
		return;
	dot(m, out);
	text_show(out, row->container, model_text_mode(m));
}

void port_published_summary(const struct model *m, size_t i, struct str *out)
{
	const struct published_row *row = counts_published(m, i);
	const struct endpoint *e = row->endpoint, *proxy = counts_proxy(m, i);
	const struct traffic_row *counts = counts_of_published(m, i);

	print_port(m, i, 0, out);
	put_asked(row, out);
	str_puts(out, "  ");
	print_target(m, i, 0, out);
	put_container(m, row, out);
	if (e && e->n_owners) {
		dot(m, out);
		text_show(out, e->owners[0]->comm, model_text_mode(m));
		str_printf(out, " %" PRId32, e->owners[0]->pid);
	}
	if (proxy) {
		dot(m, out);
		text_show(out, proxy->owners[0]->comm, model_text_mode(m));
		str_printf(out, " %" PRId32 " serves this host itself",
			   proxy->owners[0]->pid);
	}
	if (counts && counts->answer != TRAFFIC_NOBODY) {
		dot(m, out);
		port_put_outcomes(counts, out);
	}
}

/* Fact, consequence, next step. */
enum role port_published_remark(const struct model *m, size_t i, struct str *out)
{
	const struct published_row *row = counts_published(m, i);
	const struct published_word *w = counts_published_word(m, i);

	if (row->is_served == TRI_NO) {
		put_symbol(m, ROLE_BAD, SYMBOL_BAD,
			   "nobody listens on that port there: clients are refused; start"
			   " the service, or publish the port that it has",
			   out);
		return ROLE_BAD;
	}
	if (w->unseen_by && is_reachable(w)) {
		put_symbol(m, ROLE_WARN, SYMBOL_SOME, "", out);
		str_printf(out,
			   " %s does not see it: passed on, past its rules for this host's"
			   " own ports",
			   w->unseen_by);
		return ROLE_WARN;
	}
	if (row->is_partly) {
		put_symbol(m, ROLE_UNKNOWN, SYMBOL_UNKNOWN,
			   "not all clients are sent there: it depends on what is not"
			   " known (source, time, a balance)",
			   out);
		return ROLE_UNKNOWN;
	}
	if (!row->is_here && !row->space && m->published->has_looked) {
		put_symbol(m, ROLE_UNKNOWN, SYMBOL_UNKNOWN,
			   "no namespace that can be read here has that address: another"
			   " host, or a right is wanting",
			   out);
		return ROLE_UNKNOWN;
	}
	put_symbol(m, ROLE_NORMAL, SYMBOL_DOT,
		   row->is_here ? "a rule sends it to another port of this host"
		   : counts_proxy(m, i)
			   ? "a rule sends it on; what it leaves, the proxy takes"
			   : "a rule sends it on; no socket of this host takes part",
		   out);
	return ROLE_NORMAL;
}

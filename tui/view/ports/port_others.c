/* Ports that are asked for and unserved, in words. Decides nothing. */
#include "tui/view/ports/port_others.h"

#include <inttypes.h>
#include <string.h>

#include "tui/chrome.h"
#include "tui/view/ports/port_published.h"
#include "tui/view/ports/port_traffic.h"

enum { ROOM_FOR_WORDS = 14 }; /* "nobody listens" */

static void show(const struct model *m, struct str *out, struct text t)
{
	text_show(out, t, model_text_mode(m));
}

bool port_other_is_text(const struct model *m, size_t i)
{
	return !counts_other(m, i) && !counts_published(m, i);
}

void port_other_text(const struct model *m, size_t i, struct str *out)
{
	const struct traffic_scan *scan = &m->counts->scan;

	(void)i;
	str_puts(out, scan->is_more ? "+ at least " : "+ ");
	chrome_count(out, scan->n_ports, "port", "ports");
	str_puts(out, ", ");
	chrome_count(out, scan->n_clients, "address", "addresses");
	str_puts(out, ": looks like a scan");
}

/* Something answers, and it is no socket that is listed. */
static bool is_answered(const struct traffic_other *o)
{
	const uint32_t *n = o->counts.n_outcomes;

	return n[OUTCOME_ANSWERED] || n[OUTCOME_RESET_LATER] || n[OUTCOME_HALF_OPEN];
}

static const struct endpoint *related(const struct model *m, const struct traffic_other *o)
{
	return o->relation == RELATED_NOT ? NULL : &m->snapshot->endpoints[o->related];
}

static void put_address(struct str *out, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	str_puts(out, addr_format(a, text));
}

/* "nginx", or what the port is called, or its number. */
static void put_who(const struct model *m, const struct endpoint *e, struct str *out)
{
	if (e->n_owners)
		show(m, out, e->owners[0]->comm);
	else if (!text_is_empty(e->service))
		show(m, out, e->service);
	else
		str_puts(out, "a socket");
}

static enum role print_port(const struct model *m, const struct traffic_other *o, int width,
			    struct str *out)
{
	(void)m;
	(void)width;
	str_printf(out, "%u/tcp", (unsigned)o->port);
	return ROLE_NORMAL;
}

static enum role print_none(const struct model *m, const struct traffic_other *o, int width,
			    struct str *out)
{
	(void)o;
	(void)width;
	str_puts(out, symbol_text(SYMBOL_NONE, m->is_ascii));
	return ROLE_DIM;
}

static enum role print_service(const struct model *m, const struct traffic_other *o,
			       int width, struct str *out)
{
	const struct port_name_table *names = m->snapshot->port_names;
	struct text name = names ? port_names_find(names, o->port, false) : TEXT_NONE;

	if (text_is_empty(name))
		return print_none(m, o, width, out);
	show(m, out, name);
	return ROLE_NORMAL;
}

static enum role print_listens_on(const struct model *m, const struct traffic_other *o,
				  int width, struct str *out)
{
	(void)m;
	if (is_answered(o)) {
		str_puts(out, width < ROOM_FOR_WORDS ? "no socket" : "no socket here");
		return ROLE_WARN;
	}
	if (o->relation == RELATED_SAME_PORT) {
		str_puts(out, "not ");
		put_address(out, &o->server);
		return ROLE_BAD;
	}
	str_puts(out, width < ROOM_FOR_WORDS ? "nobody" : "nobody listens");
	return ROLE_BAD;
}

/* "nginx has 443", "postgres: this host only" */
static enum role print_owner(const struct model *m, const struct traffic_other *o,
			     int width, struct str *out)
{
	const struct endpoint *e = related(m, o);

	if (!e || is_answered(o))
		return print_none(m, o, width, out);
	put_who(m, e, out);
	if (o->relation == RELATED_SAME_PORT) {
		str_puts(out, ": ");
		endpoint_listens_on(out, e);
		return ROLE_NORMAL;
	}
	str_printf(out, " has %u", (unsigned)e->port);
	/* Half a number would be another one; the name stands in the sentence below. */
	if ((int)text_width(text_of(str_text(out))) > width) {
		str_reset(out);
		str_printf(out, "has %u", (unsigned)e->port);
	}
	return ROLE_NORMAL;
}

static enum role print_rate(const struct model *m, const struct traffic_other *o, int width,
			    struct str *out)
{
	return port_put_rate(m, &o->counts, width, out);
}

static enum role print_answer(const struct model *m, const struct traffic_other *o,
			      int width, struct str *out)
{
	return port_put_answer(m, &o->counts, width, out);
}

static const struct {
	const char *column;
	enum role (*print)(const struct model *m, const struct traffic_other *o, int width,
			   struct str *out);
} cells[] = {
	{"port", print_port},   {"service", print_service},  {"address", print_listens_on},
	{"owner", print_owner}, {"SYN/s", print_rate},       {"answer", print_answer},
	{"queue", print_none},  {"connections", print_none}, {"netns", print_none},
};

enum role port_other_cell(const struct model *m, size_t i, const struct column *column,
			  int width, struct str *out)
{
	const struct traffic_other *o = counts_other(m, i);

	if (counts_published(m, i))
		return port_published_cell(m, i, column, width, out);
	str_reset(out);
	for (size_t k = 0; o && k < sizeof(cells) / sizeof(cells[0]); k++)
		if (strcmp(cells[k].column, column->id) == 0)
			return cells[k].print(m, o, width, out);
	return ROLE_NORMAL;
}

void port_other_end(const struct model *m, size_t i, struct str *out)
{
	const struct traffic_other *o = counts_other(m, i);

	if (counts_published(m, i))
		port_published_end(m, i, out);
	if (o)
		str_printf(out, "%" PRIu32 " %s here", o->n_clients,
			   o->n_clients == 1 ? "client asks" : "clients ask");
}

static void dot(const struct model *m, struct str *out)
{
	str_printf(out, " %s ", symbol_text(SYMBOL_DOT, m->is_ascii));
}

void port_other_summary(const struct model *m, size_t i, struct str *out)
{
	const struct traffic_other *o = counts_other(m, i);

	if (counts_published(m, i)) {
		port_published_summary(m, i, out);
		return;
	}
	if (!o) {
		str_puts(out,
			 "scan noise of the last minute: ports that nobody serves, asked"
			 " for by addresses that use no other port here");
		return;
	}
	print_port(m, o, 0, out);
	str_puts(out, "  ");
	port_other_end(m, i, out);
	str_puts(out, ", one is ");
	put_address(out, &o->client);
	dot(m, out);
	str_puts(out, "last asked of ");
	put_address(out, &o->server);
	dot(m, out);
	if (o->counts.answer == TRAFFIC_NOBODY)
		str_puts(out, "not in the last minute");
	else
		port_put_outcomes(&o->counts, out);
}

/* Fact, consequence, next step. */
static void put_advice(const struct model *m, const struct traffic_other *o,
		       struct str *out)
{
	const struct endpoint *e = related(m, o);

	if (!e) {
		str_puts(out, "nobody listens there: start the service, or give the"
			      " clients another port");
		return;
	}
	put_who(m, e, out);
	if (o->relation == RELATED_SIBLING) {
		str_printf(out, " listens on %u: perhaps that is the port that they mean",
			   (unsigned)e->port);
		return;
	}
	str_puts(out, " has this port, and not on ");
	put_address(out, &o->server);
	str_puts(out, " (it listens on: ");
	endpoint_listens_on(out, e);
	str_puts(out, "): have it listen there too, or aim elsewhere");
}

enum role port_other_remark(const struct model *m, size_t i, struct str *out)
{
	const struct traffic_other *o = counts_other(m, i);

	if (counts_published(m, i))
		return port_published_remark(m, i, out);
	if (!o) {
		str_puts(out,
			 "an address counts as a client once it also uses a served port"
			 " or comes back in 3 separate minutes");
		return ROLE_NORMAL;
	}
	if (is_answered(o)) {
		str_printf(out, "%s ", symbol_text(SYMBOL_SOME, m->is_ascii));
		str_puts(out, "something answers, and no socket that is listed here does: a"
			      " translation, a container, or a listener that has gone");
		return ROLE_WARN;
	}
	str_printf(out, "%s ", symbol_text(SYMBOL_BAD, m->is_ascii));
	put_advice(m, o, out);
	return ROLE_BAD;
}

/* What stands out, sockets, queue, connections, reach. Owners, clients and logs have files
 * of their own. */
#include "tui/view/details/details_panes.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/view/guide/guide_words.h"
#include "tui/view/ports/port_notes.h"
#include "tui/view/ports/port_reach.h"
#include "tui/view/ports/port_words.h"

enum { INDENT = 2, LABEL = 12, WORD_WIDTH = 24 };

void details_add(const struct pane_page *p, enum role role, const char *label,
		 const char *words)
{
	struct line_style style = {.width = p->width,
				   .indent = INDENT,
				   .head_width = *label ? LABEL : 0,
				   .head_role = ROLE_DIM,
				   .role = role};

	lines_add(p->out, &style, label, words);
}

void details_mark(const struct pane_page *p, enum role role, enum symbol s,
		  const char *words)
{
	const char *symbol = symbol_text(s, p->m->is_ascii);
	struct line_style style = {.width = p->width,
				   .indent = INDENT,
				   .head_width = 1 + (int)text_width(text_of(symbol)),
				   .head_role = role,
				   .role = role};

	lines_add(p->out, &style, symbol, words);
}

/* ---- what stands out ---- */

/* The Guide's result is of this row: not of the same port of another address, namespace
 * or host. */
static bool is_judged(const struct pane_page *p)
{
	const struct guide *g = &p->m->guide;
	struct guide row = {0};

	if (!g->is_open || !g->result || g->is_running || g->is_elsewhere)
		return false;
	guide_aim_endpoint(&row, p->e);
	return g->aim.port == row.aim.port && g->aim.proto == row.aim.proto &&
	       !strcmp(g->space, row.space) &&
	       (!row.aim.address.family || addr_equals(&row.aim.address, &g->aim.address));
}

/* What the Guide says of it stands here too. */
static void add_judged(const struct pane_page *p)
{
	const struct guide *g = &p->m->guide;
	struct str text = {0};

	if (!is_judged(p))
		return;
	str_puts(&text, "the guide says: ");
	guide_put(p->m, &text, g->result->summary);
	if (g->result->verdict == VERDICT_FAULT)
		details_mark(p, ROLE_BAD, SYMBOL_BAD, str_text(&text));
	else if (g->result->verdict == VERDICT_HEALTHY)
		details_mark(p, ROLE_GOOD, SYMBOL_GOOD, str_text(&text));
	else
		details_mark(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, str_text(&text));
	str_release(&text);
}

static size_t n_notes(const struct pane_page *p)
{
	size_t n = 0;

	for (size_t i = 0; i < n_port_notes; i++)
		n += port_notes[i].applies(p->m, p->e);
	return n;
}

static void add_notes(const struct pane_page *p)
{
	size_t before = p->out->lines.n;
	struct str text = {0};

	add_judged(p);
	for (size_t i = 0; i < n_port_notes; i++) {
		if (!port_notes[i].applies(p->m, p->e))
			continue;
		str_reset(&text);
		port_notes[i].write(p->m, p->e, &text);
		details_mark(p, port_notes[i].role, port_notes[i].symbol, str_text(&text));
	}
	if (p->out->lines.n == before)
		details_add(p, ROLE_DIM, "",
			    "nothing: the list of ports has no remark on it");
	str_release(&text);
}

/* ---- sockets ---- */

static void put_options(const struct pane_page *p, const struct socket_row *s,
			struct str *out)
{
	str_printf(out, "%s over %s", socket_proto_word(s->proto),
		   s->family == AF_INET6 ? "IPv6" : "IPv4");
	if (s->ifindex && !text_is_empty(p->e->device)) {
		str_puts(out, ", only through ");
		text_show(out, p->e->device, model_text_mode(p->m));
	}
	if (s->transparent == TRI_YES)
		str_puts(out, ", transparent (takes addresses of others)");
	str_puts(out, ": ");
}

static void add_sockets(const struct pane_page *p)
{
	struct str text = {0};

	port_put_scope(p->m, p->e, &text);
	details_add(p, ROLE_NORMAL, "bound to", str_text(&text));
	for (size_t i = 0; i < p->e->n_sockets; i++) {
		str_reset(&text);
		put_options(p, p->e->sockets[i], &text);
		port_put_socket(p->m, p->e, p->e->sockets[i], &text);
		details_add(p, ROLE_NORMAL, "socket", str_text(&text));
	}
	str_release(&text);
}

/* ---- queue ---- */

static uint32_t highest(const uint32_t *lengths, size_t n)
{
	uint32_t most = 0;

	for (size_t i = 0; i < n; i++)
		if (lengths[i] != QUEUE_UNKNOWN && lengths[i] > most)
			most = lengths[i];
	return most;
}

/* Against the highest that there was, the lowest only for none. No blanks: that nobody
 * looked must not be taken for an empty queue. */
static void put_graph(const struct model *m, const uint32_t *lengths, size_t n,
		      struct str *out)
{
	uint64_t full = highest(lengths, n) ? highest(lengths, n) : 1;

	for (size_t i = 0; i < n; i++) {
		uint64_t level =
			((uint64_t)lengths[i] * (GRAPH_LEVELS - 1) + full - 1) / full;

		const char *shown = graph_level(m->graph, m->is_ascii, (unsigned)level);

		if (lengths[i] == QUEUE_UNKNOWN)
			shown = "?";
		str_puts(out, *shown == ' ' ? "_" : shown);
	}
}

static void add_past(const struct pane_page *p)
{
	uint32_t lengths[QUEUE_PAST_SLOTS];
	size_t n = queue_past_of(&p->m->queues, p->e->id, lengths);
	char span[TIME_TEXT_MAX];
	struct str text = {0};

	if (!n) {
		details_add(p, ROLE_UNKNOWN, "past",
			    p->m->queues.n_left_out
				    ? "not kept: there are too many listeners"
				    : "not known: the queue's length is not told here");
		return;
	}
	put_graph(p->m, lengths, n, &text);
	details_add(p, ROLE_NORMAL, "past", str_text(&text));
	str_reset(&text);
	str_printf(&text,
		   "the last %s, %d s a step, the highest was %" PRIu32
		   "; ?: nobody looked",
		   time_span((int64_t)n * QUEUE_PAST_SLOT_S * NS_PER_S, span),
		   QUEUE_PAST_SLOT_S, highest(lengths, n));
	details_add(p, ROLE_DIM, " ", str_text(&text));
	str_release(&text);
}

static void add_queue(const struct pane_page *p)
{
	const struct queue *q = &p->e->queue;
	bool is_stream = endpoint_is_stream(p->e);
	struct str text = {0};

	port_put_queue(&text, q->length, q->limit);
	str_puts(&text,
		 is_stream ? " connections wait for accept()" : " bytes wait to be read");
	if (p->e->n_sockets > 1)
		str_puts(&text, " (the fullest socket)");
	details_add(p, endpoint_is_full(p->e) ? ROLE_BAD : ROLE_NORMAL, "now",
		    str_text(&text));
	str_reset(&text);
	if (q->high_water == QUEUE_UNKNOWN)
		str_puts(&text, "not told");
	else
		str_printf(&text, "%" PRIu32 " since dport watches", q->high_water);
	details_add(p, ROLE_NORMAL, "highest", str_text(&text));
	str_reset(&text);
	if (q->drops == QUEUE_UNKNOWN)
		str_puts(&text, "not told");
	else
		str_printf(&text, "%" PRIu32 ", %" PRIu32 " of them since dport watches",
			   q->drops, q->new_drops);
	details_add(p, q->new_drops && q->drops != QUEUE_UNKNOWN ? ROLE_BAD : ROLE_NORMAL,
		    "drops", str_text(&text));
	str_release(&text);
	add_past(p);
}

/* ---- connections ---- */

/* What each state means for a person who waits. */
static const char *const state_words[N_TCP_STATES] = {
	[1] = "both ends talk, or could",
	[2] = "asked, no answer yet",
	[3] = "the SYN-ACK was sent, the client's answer did not come yet",
	[4] = "this host hung up, the client did not confirm yet",
	[5] = "this host hung up, the client did not yet",
	[6] = "over; kept for a minute for late packets",
	[8] = "the client hung up, the program here did not close yet",
	[9] = "both hung up, the last confirmation is awaited",
	[11] = "both hung up at once",
};

static uint64_t n_connections(const struct endpoint *e)
{
	uint64_t n = 0;

	for (unsigned state = 1; state < N_TCP_STATES; state++)
		n += e->connections[state];
	return n;
}

static void add_connections(const struct pane_page *p)
{
	struct str text = {0};

	if (!endpoint_is_stream(p->e))
		details_add(p, ROLE_DIM, "", "datagrams have none");
	else if (!p->e->has_connections)
		details_mark(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN,
			     "they could not be counted in this namespace");
	else if (!n_connections(p->e))
		details_add(p, ROLE_DIM, "", "none in any state");
	for (unsigned state = 1; p->e->has_connections && state < N_TCP_STATES; state++) {
		if (!p->e->connections[state])
			continue;
		str_reset(&text);
		str_printf(&text, "%6" PRIu32 "  %s", p->e->connections[state],
			   state_words[state] ? state_words[state] : "");
		details_add(p, ROLE_NORMAL, tcp_state_word(state), str_text(&text));
	}
	str_release(&text);
}

/* ---- reach ---- */

/* A line of the text of sets; what stands behind an empty line is of the whole command. */
static void add_set(const struct pane_page *p, struct text line)
{
	size_t at = 0;
	struct str text = {0};
	bool is_unsure;

	while (at < line.len && line.bytes[at] == ' ')
		at++;
	str_append(&text, line.bytes + at, line.len - at);
	is_unsure = !strncmp(str_text(&text), "unsure", strlen("unsure"));
	details_mark(p, is_unsure ? ROLE_UNKNOWN : ROLE_NORMAL,
		     is_unsure ? SYMBOL_UNKNOWN : SYMBOL_ARROW, str_text(&text));
	str_release(&text);
}

static void add_sets(const struct pane_page *p, const char *sets)
{
	const char *at = sets;

	while (*at) {
		size_t len = strcspn(at, "\n");

		if (len && *at == ' ')
			add_set(p, (struct text){at, len});
		at += len + (at[len] == '\n');
	}
	details_add(
		p, ROLE_DIM, "",
		"by bind address, firewall and translation; routes, other hosts' filters "
		"and this host's own addresses are left out");
}

static void add_reach(const struct pane_page *p)
{
	const struct reach *r = p->m->reach;
	const char *sets = details_sets(p->m);
	struct str text = {0};
	enum role role;

	if (!r) {
		details_mark(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, "nobody finds it out here");
		return;
	}
	role = port_put_reach(p->m, p->e, WORD_WIDTH, &text);
	details_add(p, role, "in a word", str_text(&text));
	str_reset(&text);
	if (r->gap) {
		text_show(&text, text_of(r->gap), model_text_mode(p->m));
		if (r->grant) {
			str_printf(&text, " %s ",
				   symbol_text(SYMBOL_ARROW, p->m->is_ascii));
			text_show(&text, text_of(r->grant), model_text_mode(p->m));
		}
		details_mark(p, ROLE_UNKNOWN, SYMBOL_NO_RIGHT, str_text(&text));
	}
	str_release(&text);
	if (sets)
		add_sets(p, sets);
	else if (reach_is_elsewhere(r, p->e))
		details_mark(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN,
			     "the rules of its namespace are not read here");
	else
		details_mark(p, ROLE_DIM, SYMBOL_WAITING, "being found out");
}

/* ---- all of them ---- */

void details_put_count(const struct pane_page *p, enum details_pane pane, struct str *out)
{
	switch (pane) {
	case PANE_NOTES:
		if (n_notes(p))
			str_printf(out, " (%zu)", n_notes(p));
		return;
	case PANE_SOCKETS:
		str_printf(out, " (%zu)", p->e->n_sockets);
		return;
	case PANE_OWNERS:
		if (p->e->n_owners || p->e->owners_state == OWNERS_NONE_FOUND)
			str_printf(out, " (%zu%s)", p->e->n_owners,
				   p->e->owners_state == OWNERS_AT_LEAST ? "+" : "");
		return;
	case PANE_CONNECTIONS:
		if (p->e->has_connections)
			str_printf(out, " (%" PRIu64 ")", n_connections(p->e));
		return;
	case PANE_CLIENTS:
		if (p->m->details.peers)
			str_printf(out, " (%zu)", p->m->details.peers->n);
		return;
	case PANE_QUEUE:
	case PANE_REACH:
	case PANE_LOGS:
	case N_PANES:
		return;
	}
}

void details_add_pane(const struct pane_page *p, enum details_pane pane)
{
	static void (*const panes[N_PANES])(const struct pane_page *) = {
		[PANE_NOTES] = add_notes,
		[PANE_SOCKETS] = add_sockets,
		[PANE_OWNERS] = details_owners,
		[PANE_QUEUE] = add_queue,
		[PANE_CONNECTIONS] = add_connections,
		[PANE_CLIENTS] = details_clients,
		[PANE_REACH] = add_reach,
		[PANE_LOGS] = details_logs,
	};

	panes[pane](p);
}

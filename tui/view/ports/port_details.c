/* An endpoint in words. Chooses nothing, draws nothing. */
#include "tui/view/ports/port_details.h"

#include <inttypes.h>

#include "core/base/time.h"
#include "tui/view/ports/port_notes.h"
#include "tui/view/ports/port_words.h"

enum { INDENT = 4, LABEL = 8 };

static void show(const struct model *m, struct str *out, struct text t)
{
	text_show(out, t, model_text_mode(m));
}

void port_summary(const struct model *m, const struct endpoint *e, struct str *out)
{
	int64_t up = endpoint_up_ns(m->snapshot, e);
	char span[TIME_TEXT_MAX];

	endpoint_port_text(out, e);
	str_puts(out, "  ");
	if (!text_is_empty(e->unit)) {
		show(m, out, e->unit);
		port_put_dot(m, out);
	}
	if (!text_is_empty(e->container)) {
		show(m, out, e->container);
		port_put_dot(m, out);
	}
	if (e->n_owners) {
		port_put_exe(m, out, e->owners[0]);
		port_put_dot(m, out);
	}
	str_puts(out, "as ");
	port_put_user(m, out, e->uid, e->user);
	if (up > 0) {
		port_put_dot(m, out);
		str_printf(out, "up %s", time_span(up, span));
	}
	port_put_dot(m, out);
	str_puts(out, port_scope_words(e));
}

static void put_quiet(const struct model *m, const struct endpoint *e, struct str *out)
{
	bool is_stream = endpoint_is_stream(e);

	str_printf(out, "%zu %s, %zu %s", e->n_sockets,
		   e->n_sockets == 1 ? "socket" : "sockets", e->n_owners,
		   e->n_owners == 1 ? "owner" : "owners");
	port_put_dot(m, out);
	str_puts(out, is_stream ? "accept queue " : "receive buffer ");
	port_put_queue(out, e->queue.length, e->queue.limit);
	str_puts(out, is_stream ? "" : " bytes");
	if (e->queue.high_water != QUEUE_UNKNOWN && e->queue.high_water > e->queue.length)
		str_printf(out, ", highest %" PRIu32, e->queue.high_water);
	if (e->has_connections) {
		port_put_dot(m, out);
		str_printf(out, "%" PRIu32 " connected", e->connections[1]);
	}
}

enum role port_remark(const struct model *m, const struct endpoint *e, struct str *out)
{
	const struct note *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < n_port_notes; i++) {
		if (!port_notes[i].applies(m, e))
			continue;
		first = first ? first : &port_notes[i];
		n++;
	}
	if (!first) {
		put_quiet(m, e, out);
		return ROLE_NORMAL;
	}
	str_printf(out, "%s ", symbol_text(first->symbol, m->is_ascii));
	if (n > 1)
		str_printf(out, "(1 of %zu, d) ", n);
	first->write(m, e, out);
	return first->role;
}

static void add(const struct model *m, struct lines *out, enum role role, const char *label,
		const char *text)
{
	struct line_style style = {.width = m->width,
				   .indent = INDENT,
				   .head_width = LABEL,
				   .head_role = ROLE_DIM,
				   .role = role};

	lines_add(out, &style, label, text);
}

static void add_notes(const struct model *m, const struct endpoint *e, struct lines *out)
{
	struct line_style style = {.width = m->width, .indent = INDENT, .head_width = 2};
	struct str text = {0};

	for (size_t i = 0; i < n_port_notes; i++) {
		const struct note *note = &port_notes[i];

		if (!note->applies(m, e))
			continue;
		str_reset(&text);
		note->write(m, e, &text);
		style.role = style.head_role = note->role;
		style.head_width =
			1 +
			(int)text_width(text_of(symbol_text(note->symbol, m->is_ascii)));
		lines_add(out, &style, symbol_text(note->symbol, m->is_ascii),
			  str_text(&text));
	}
	str_release(&text);
}

static void add_reach(const struct model *m, const struct endpoint *e, struct lines *out)
{
	struct str text = {0};

	port_put_scope(m, e, &text);
	if (m->reach && reach_word(m->reach, e))
		str_printf(&text, "; with firewall and translations: %s",
			   reach_word(m->reach, e));
	add(m, out, ROLE_NORMAL, "reach", str_text(&text));
	str_release(&text);
}

static void add_sockets(const struct model *m, const struct endpoint *e, struct lines *out)
{
	struct str text = {0};

	for (size_t i = 0; i < e->n_sockets; i++) {
		str_reset(&text);
		port_put_socket(m, e, e->sockets[i], &text);
		add(m, out, ROLE_NORMAL, "socket", str_text(&text));
	}
	str_release(&text);
}

static void add_connections(const struct model *m, const struct endpoint *e,
			    struct lines *out)
{
	struct str text = {0};

	if (!e->has_connections)
		return;
	port_put_connections(e, &text);
	add(m, out, ROLE_NORMAL, "conns", str_text(&text));
	str_release(&text);
}

static void add_owners(const struct model *m, const struct endpoint *e, struct lines *out)
{
	struct str text = {0};

	for (size_t i = 0; i < e->n_owners; i++) {
		str_reset(&text);
		port_put_owner(m, e->owners[i], &text);
		add(m, out, e->owners[i]->exe_deleted ? ROLE_WARN : ROLE_NORMAL, "owner",
		    str_text(&text));
	}
	str_release(&text);
}

void port_lines(const struct model *m, const struct endpoint *e, struct lines *out)
{
	add_notes(m, e, out);
	add_reach(m, e, out);
	add_sockets(m, e, out);
	add_connections(m, e, out);
	add_owners(m, e, out);
}

size_t port_n_lines(const struct model *m, const struct endpoint *e)
{
	struct lines lines = LINES_EMPTY;
	size_t n;

	if (!model_is_open(m, e))
		return 0;
	port_lines(m, e, &lines);
	n = lines.lines.n;
	lines_release(&lines);
	return n;
}

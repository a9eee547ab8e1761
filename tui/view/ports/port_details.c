/* An endpoint in words. Chooses nothing, draws nothing. */
#include "tui/view/ports/port_details.h"

#include <inttypes.h>
#include <time.h>

#include "core/base/time.h"
#include "tui/view/ports/port_notes.h"

enum { INDENT = 4, LABEL = 8 };

static void show(const struct model *m, struct str *out, struct text t)
{
	text_show(out, t, model_text_mode(m));
}

/* " · " between the parts of a line */
static void dot(const struct model *m, struct str *out)
{
	str_printf(out, " %s ", symbol_text(SYMBOL_DOT, m->is_ascii));
}

static void put_user(const struct model *m, struct str *out, uint32_t uid, struct text name)
{
	if (text_is_empty(name))
		str_printf(out, "uid %" PRIu32, uid);
	else
		show(m, out, name);
}

static void put_exe(const struct model *m, struct str *out, const struct process_row *p)
{
	if (!text_is_empty(p->exe))
		show(m, out, p->exe);
	else
		str_puts(out,
			 p->exe_error ? "program file not readable" : "no program file");
	if (p->exe_deleted)
		str_puts(out, " (deleted)");
}

void port_summary(const struct model *m, const struct endpoint *e, struct str *out)
{
	int64_t up = endpoint_up_ns(m->snapshot, e);
	char span[TIME_TEXT_MAX];

	endpoint_port_text(out, e);
	str_puts(out, "  ");
	if (!text_is_empty(e->unit)) {
		show(m, out, e->unit);
		dot(m, out);
	}
	if (!text_is_empty(e->container)) {
		show(m, out, e->container);
		dot(m, out);
	}
	if (e->n_owners) {
		put_exe(m, out, e->owners[0]);
		dot(m, out);
	}
	str_puts(out, "as ");
	put_user(m, out, e->uid, e->user);
	if (up > 0) {
		dot(m, out);
		str_printf(out, "up %s", time_span(up, span));
	}
	dot(m, out);
	str_puts(out, port_scope_words(e));
}

static void put_queue(struct str *out, uint32_t length, uint32_t limit)
{
	if (length == QUEUE_UNKNOWN)
		str_putc(out, '?');
	else
		str_printf(out, "%" PRIu32, length);
	str_puts(out, " of ");
	if (limit == QUEUE_UNKNOWN)
		str_putc(out, '?');
	else
		str_printf(out, "%" PRIu32, limit);
}

static void put_quiet(const struct model *m, const struct endpoint *e, struct str *out)
{
	bool is_stream = endpoint_is_stream(e);

	str_printf(out, "%zu %s, %zu %s", e->n_sockets,
		   e->n_sockets == 1 ? "socket" : "sockets", e->n_owners,
		   e->n_owners == 1 ? "owner" : "owners");
	dot(m, out);
	str_puts(out, is_stream ? "accept queue " : "receive buffer ");
	put_queue(out, e->queue.length, e->queue.limit);
	str_puts(out, is_stream ? "" : " bytes");
	if (e->queue.high_water != QUEUE_UNKNOWN && e->queue.high_water > e->queue.length)
		str_printf(out, ", highest %" PRIu32, e->queue.high_water);
	if (e->has_connections) {
		dot(m, out);
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

	endpoint_listens_on(&text, e);
	str_printf(&text, ": %s", port_scope_words(e));
	if (!text_is_empty(e->device)) {
		str_puts(&text, "; only through ");
		show(m, &text, e->device);
	}
	if (m->reach && reach_word(m->reach, e))
		str_printf(&text, "; with firewall and translations: %s",
			   reach_word(m->reach, e));
	add(m, out, ROLE_NORMAL, "reach", str_text(&text));
	str_release(&text);
}

/* "[::]:443 and IPv4" */
static void put_socket_address(const struct socket_row *s, struct str *out)
{
	char text[ADDR_TEXT_MAX];
	bool is_v6 = s->local.family == AF_INET6;

	str_printf(out, is_v6 ? "[%s]:%u" : "%s:%u", addr_format(&s->local, text),
		   (unsigned)s->port);
	if (s->family != AF_INET6 || !addr_is_any(&s->local))
		return;
	switch (s->v6only) {
	case TRI_YES:
		str_puts(out, " IPv6 only");
		break;
	case TRI_NO:
		str_puts(out, " IPv4 too");
		break;
	case TRI_UNSURE:
		str_puts(out, " IPv4 too? (not told)");
		break;
	}
}

static void add_socket(const struct model *m, const struct endpoint *e,
		       const struct socket_row *s, struct lines *out)
{
	const struct cgroup_table *cgroups = m->snapshot->cgroups;
	struct text cgroup = cgroups ? cgroups_path(cgroups, s->cgroup_id) : TEXT_NONE;
	bool is_stream = endpoint_is_stream(e);
	struct str text = {0};

	put_socket_address(s, &text);
	dot(m, &text);
	if (s->inode)
		str_printf(&text, "inode %" PRIu32, s->inode);
	else
		str_puts(&text, "no inode");
	dot(m, &text);
	str_puts(&text, "queue ");
	put_queue(&text, s->queue_length, s->queue_limit);
	str_puts(&text, is_stream ? "" : " bytes");
	if (s->drops != QUEUE_UNKNOWN) {
		dot(m, &text);
		str_printf(&text, "drops %" PRIu32, s->drops);
	}
	if (!text_is_empty(cgroup)) {
		dot(m, &text);
		str_puts(&text, "cgroup ");
		show(m, &text, cgroup);
	}
	add(m, out, ROLE_NORMAL, "socket", str_text(&text));
	str_release(&text);
}

static void add_connections(const struct model *m, const struct endpoint *e,
			    struct lines *out)
{
	struct str text = {0};

	if (!e->has_connections)
		return;
	for (unsigned state = 1; state < N_TCP_STATES; state++) {
		if (!e->connections[state])
			continue;
		str_printf(&text, "%s%s %" PRIu32, text.len ? ", " : "",
			   tcp_state_word(state), e->connections[state]);
	}
	add(m, out, ROLE_NORMAL, "conns", text.len ? str_text(&text) : "none");
	str_release(&text);
}

static void put_moment(const struct model *m, struct str *out, int64_t wall_ns)
{
	time_t s = (time_t)(wall_ns / NS_PER_S);
	struct tm tm = {0};
	char date[TIME_TEXT_MAX], clock[TIME_TEXT_MAX];

	if (m->is_utc)
		gmtime_r(&s, &tm);
	else
		localtime_r(&s, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	str_printf(out, "%s %s", date, time_clock(wall_ns, m->is_utc, clock));
}

static void put_since(const struct model *m, const struct process_row *p, struct str *out)
{
	const struct host_facts *host = m->snapshot->host;
	uint64_t hz = host && host->clk_tck ? host->clk_tck : 100;
	uint64_t start_ns = p->start_ticks / hz * (uint64_t)NS_PER_S +
			    p->start_ticks % hz * (uint64_t)NS_PER_S / hz;
	int64_t up = m->snapshot->boot_ns - (int64_t)start_ns;
	char span[TIME_TEXT_MAX];

	if (!p->start_ticks || !m->snapshot->boot_ns || up < 0)
		return;
	dot(m, out);
	str_printf(out, "up %s, since ", time_span(up, span));
	put_moment(m, out, m->snapshot->wall_ns - up);
}

static void put_process_state(const struct model *m, char state, struct str *out)
{
	const char *word = NULL;

	if (state == 'T' || state == 't')
		word = "stopped";
	else if (state == 'Z')
		word = "a zombie";
	else if (state == 'D')
		word = "waits for a disk or a lock";
	if (!word)
		return;
	dot(m, out);
	str_puts(out, word);
}

static void add_owner(const struct model *m, const struct process_row *p, struct lines *out)
{
	const struct user_table *users = m->snapshot->users;
	struct text user = users ? users_find(users, p->uid) : TEXT_NONE;
	struct str text = {0};

	show(m, &text, p->comm);
	str_printf(&text, " %" PRId32, p->pid);
	put_process_state(m, p->state, &text);
	if (p->uid != UINT32_MAX) {
		dot(m, &text);
		put_user(m, &text, p->uid, user);
	}
	if (!text_is_empty(p->unit)) {
		dot(m, &text);
		show(m, &text, p->unit);
		str_puts(&text, p->is_user_unit ? " (a user's)" : "");
	}
	if (!text_is_empty(p->container)) {
		dot(m, &text);
		show(m, &text, p->container);
	}
	dot(m, &text);
	put_exe(m, &text, p);
	put_since(m, p, &text);
	add(m, out, p->exe_deleted ? ROLE_WARN : ROLE_NORMAL, "owner", str_text(&text));
	str_release(&text);
}

void port_lines(const struct model *m, const struct endpoint *e, struct lines *out)
{
	add_notes(m, e, out);
	add_reach(m, e, out);
	for (size_t i = 0; i < e->n_sockets; i++)
		add_socket(m, e, e->sockets[i], out);
	add_connections(m, e, out);
	for (size_t i = 0; i < e->n_owners; i++)
		add_owner(m, e->owners[i], out);
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

/* Sockets, owners and queues of an endpoint in words. Chooses nothing, draws nothing. */
#include "tui/view/ports/port_words.h"

#include <inttypes.h>
#include <time.h>

#include "core/base/time.h"
#include "tui/view/ports/port_notes.h"

static void show(const struct model *m, struct str *out, struct text t)
{
	text_show(out, t, model_text_mode(m));
}

void port_put_dot(const struct model *m, struct str *out)
{
	str_printf(out, " %s ", symbol_text(SYMBOL_DOT, m->is_ascii));
}

void port_put_user(const struct model *m, struct str *out, uint32_t uid, struct text name)
{
	if (text_is_empty(name))
		str_printf(out, "uid %" PRIu32, uid);
	else
		show(m, out, name);
}

void port_put_exe(const struct model *m, struct str *out, const struct process_row *p)
{
	if (!text_is_empty(p->exe))
		show(m, out, p->exe);
	else
		str_puts(out,
			 p->exe_error ? "program file not readable" : "no program file");
	if (p->exe_deleted)
		str_puts(out, " (deleted)");
}

void port_put_queue(struct str *out, uint32_t length, uint32_t limit)
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

void port_put_scope(const struct model *m, const struct endpoint *e, struct str *out)
{
	endpoint_listens_on(out, e);
	str_printf(out, ": %s", port_scope_words(e));
	if (text_is_empty(e->device))
		return;
	str_puts(out, "; only through ");
	show(m, out, e->device);
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

void port_put_socket(const struct model *m, const struct endpoint *e,
		     const struct socket_row *s, struct str *out)
{
	const struct cgroup_table *cgroups = m->snapshot->cgroups;
	struct text cgroup = cgroups ? cgroups_path(cgroups, s->cgroup_id) : TEXT_NONE;
	bool is_stream = endpoint_is_stream(e);

	put_socket_address(s, out);
	port_put_dot(m, out);
	if (s->inode)
		str_printf(out, "inode %" PRIu32, s->inode);
	else
		str_puts(out, "no inode");
	port_put_dot(m, out);
	str_puts(out, "queue ");
	port_put_queue(out, s->queue_length, s->queue_limit);
	str_puts(out, is_stream ? "" : " bytes");
	if (s->drops != QUEUE_UNKNOWN) {
		port_put_dot(m, out);
		str_printf(out, "drops %" PRIu32, s->drops);
	}
	if (!text_is_empty(cgroup)) {
		port_put_dot(m, out);
		str_puts(out, "cgroup ");
		show(m, out, cgroup);
	}
}

void port_put_connections(const struct endpoint *e, struct str *out)
{
	size_t before = out->len;

	for (unsigned state = 1; state < N_TCP_STATES; state++) {
		if (!e->connections[state])
			continue;
		str_printf(out, "%s%s %" PRIu32, out->len > before ? ", " : "",
			   tcp_state_word(state), e->connections[state]);
	}
	if (out->len == before)
		str_puts(out, "none");
}

void port_put_moment(const struct model *m, struct str *out, int64_t wall_ns)
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
	port_put_dot(m, out);
	str_printf(out, "up %s, since ", time_span(up, span));
	port_put_moment(m, out, m->snapshot->wall_ns - up);
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
	port_put_dot(m, out);
	str_puts(out, word);
}

void port_put_owner(const struct model *m, const struct process_row *p, struct str *out)
{
	const struct user_table *users = m->snapshot->users;
	struct text user = users ? users_find(users, p->uid) : TEXT_NONE;

	show(m, out, p->comm);
	str_printf(out, " %" PRId32, p->pid);
	put_process_state(m, p->state, out);
	if (p->uid != UINT32_MAX) {
		port_put_dot(m, out);
		port_put_user(m, out, p->uid, user);
	}
	if (!text_is_empty(p->unit)) {
		port_put_dot(m, out);
		show(m, out, p->unit);
		str_puts(out, p->is_user_unit ? " (a user's)" : "");
	}
	if (!text_is_empty(p->container)) {
		port_put_dot(m, out);
		show(m, out, p->container);
	}
	port_put_dot(m, out);
	port_put_exe(m, out, p);
	put_since(m, p, out);
}

/*
 * Lines -> what they say of a port, its clients and its owner. The sentences stand in
 * known.c, the packets in packet_line.c; what a line proves is decided elsewhere.
 */
#include "core/logs/match.h"

#include <string.h>

#include "core/base/pieces.h"
#include "core/base/time.h"
#include "core/logs/known.h"
#include "core/logs/packet_line.h"
#include "core/logs/scan.h"

#define HOLDS_ON_NS    (24 * 3600 * NS_PER_S)
#define PRIORITY_ERROR 3 /* syslog(2): LOG_ERR */
#define UNBANS_MAX     64

/* clang-format off */
static const struct {
	const char *what, *fault;
} meanings[] = {
#define X(name, what, fault) {what, fault},
	LOG_MEANINGS(X)
#undef X
};
/* clang-format on */

const char *log_meaning_what(enum log_meaning m)
{
	return m < N_LOG_MEANINGS ? meanings[m].what : "";
}

const char *log_meaning_fault(enum log_meaning m)
{
	return m < N_LOG_MEANINGS ? meanings[m].fault : "";
}

/* Anybody makes lines that name a client, as many as he likes. */
enum rank { RANK_TUPLE, RANK_SENTENCE_OF_CLIENT, RANK_SENTENCE, RANK_CLIENT, RANK_OWNER };

struct search {
	const struct log_table *table;
	const struct log_wanted *wanted;
	struct log_match *out;
	size_t room, n;
	struct unban {
		struct addr address;
		struct text jail;
	} unbans[UNBANS_MAX]; /* behind the line that is looked at */
	size_t n_unbans;
};

static bool is_client(const struct log_wanted *w, const struct addr *a)
{
	struct addr plain = addr_unmapped(a);

	for (size_t i = 0; a->family && i < w->clients.n; i++) {
		struct addr client = addr_unmapped(&w->clients.rows[i]);

		if (addr_equals(&client, &plain))
			return true;
	}
	return false;
}

static bool has_pid(const struct log_wanted *w, int32_t pid)
{
	for (size_t i = 0; pid > 0 && i < w->n_pids; i++)
		if (w->pids[i] == pid)
			return true;
	return false;
}

static bool is_of_owner(const struct log_wanted *w, const struct log_line *line)
{
	return has_pid(w, line->pid) || has_pid(w, line->holder) ||
	       (w->unit.len && text_equals(w->unit, line->unit)) ||
	       (w->comm.len && text_equals(w->comm, line->tag));
}

static bool is_in_window(const struct log_wanted *w, const struct log_line *line)
{
	return line->wall_ns && line->wall_ns + line->slack_ns >= w->from_ns &&
	       line->wall_ns - line->slack_ns <= w->to_ns;
}

static bool is_shortly_before(const struct log_wanted *w, const struct log_line *line)
{
	return line->wall_ns && line->wall_ns < w->from_ns &&
	       line->wall_ns >= w->from_ns - HOLDS_ON_NS;
}

/* Either direction of the flow; has_tuple where the client is one of those looked for. */
static bool match_packet(const struct log_wanted *w, const struct log_line *line,
			 struct log_match *m)
{
	struct packet_line p;
	bool is_there, is_back;

	if (!packet_line_read(line->message, &p) || p.proto != w->proto)
		return false;
	is_there = p.dport == w->port && (!w->clients.n || is_client(w, &p.saddr));
	is_back = p.sport == w->port && w->clients.n && is_client(w, &p.daddr);
	if (!w->port || (!is_there && !is_back))
		return false;
	m->meaning = LOG_MEANS_FIREWALL;
	m->has_tuple = w->clients.n > 0;
	m->prefix = p.prefix;
	return true;
}

static bool fits(const struct log_wanted *w, const struct log_line *line,
		 const struct known *k, const struct form_found *found)
{
	switch (k->fit) {
	case FIT_WINDOW:
		return true;
	case FIT_PORT:
		return found->has_port && found->port == w->port;
	case FIT_PORT_OR_OWNER:
		return found->has_port ? found->port == w->port : is_of_owner(w, line);
	case FIT_CLIENT:
		return is_client(w, &found->address);
	case FIT_CLIENT_OR_OWNER:
		return is_client(w, &found->address) || is_of_owner(w, line);
	case FIT_OWNER:
		return is_of_owner(w, line);
	case FIT_COMM:
		return has_pid(w, found->pid) ||
		       (w->comm.len && text_equals(w->comm, found->word));
	case FIT_UNIT:
		return w->unit.len &&
		       text_equals(w->unit, found->word.len ? found->word : line->unit);
	}
	return false;
}

static bool is_unbanned(const struct search *s, const struct form_found *ban)
{
	for (size_t i = 0; i < s->n_unbans; i++) {
		if (addr_equals(&s->unbans[i].address, &ban->address) &&
		    text_equals(s->unbans[i].jail, ban->word))
			return true;
	}
	return false;
}

/* Lines are looked at from the latest on, so an unban is known before its ban. */
static bool note_unban(struct search *s, const struct log_line *line)
{
	struct form_found found;

	if (!known_is_unban(line, &found))
		return false;
	if (line->wall_ns <= s->wanted->to_ns && is_client(s->wanted, &found.address) &&
	    !is_unbanned(s, &found) && s->n_unbans < UNBANS_MAX)
		s->unbans[s->n_unbans++] = (struct unban){found.address, found.word};
	return true;
}

static bool match_known(const struct search *s, const struct log_line *line,
			struct log_match *m)
{
	struct form_found found;
	const struct known *k = known_find(line, &found);

	if (!k || (m->is_before && !k->holds_on) || !fits(s->wanted, line, k, &found))
		return false;
	m->meaning = k->meaning == N_LOG_MEANINGS ? found.reason : k->meaning;
	if (m->meaning == LOG_MEANS_BANNED && is_unbanned(s, &found))
		return false;
	m->detail = m->meaning == LOG_MEANS_BANNED ? found.word : found.endpoint;
	return m->meaning < N_LOG_MEANINGS;
}

static bool is_part_of_address(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
	       c == ':';
}

/* The address, and not a piece of a longer one. */
static bool stands_alone(struct text line, size_t at, size_t n, int family)
{
	char before = at ? line.bytes[at - 1] : ' ';
	char behind = at + n < line.len ? line.bytes[at + n] : ' ';
	char second = at + n + 1 < line.len ? line.bytes[at + n + 1] : ' ';

	if (behind == '.' && second >= '0' && second <= '9')
		return false;
	if (before == '.')
		return false;
	if (family == AF_INET)
		return (before < '0' || before > '9') && (behind < '0' || behind > '9');
	return !is_part_of_address(before) && !is_part_of_address(behind);
}

static bool names_address(struct text line, const struct addr *client)
{
	struct addr plain = addr_unmapped(client);
	char address[ADDR_TEXT_MAX];
	size_t at = 0, found, n;

	n = strlen(addr_format(&plain, address));
	while (n && (found = scan_find(piece_tail(line, at), address)) != SCAN_NOWHERE) {
		if (stands_alone(line, at + found, n, plain.family))
			return true;
		at += found + 1;
	}
	return false;
}

static bool names_client(const struct log_wanted *w, const struct log_line *line)
{
	for (size_t i = 0; i < w->clients.n; i++)
		if (names_address(line->text, &w->clients.rows[i]))
			return true;
	return false;
}

/* What is of interest without being a known sentence. */
static bool match_mention(const struct log_wanted *w, const struct log_line *line,
			  struct log_match *m)
{
	if (line->from_kernel)
		return false;
	if (names_client(w, line))
		m->meaning = LOG_MEANS_OF_CLIENT;
	else if (line->priority <= PRIORITY_ERROR && is_of_owner(w, line))
		m->meaning = LOG_MEANS_OF_OWNER;
	else
		return false;
	return true;
}

static bool match_line(struct search *s, uint32_t index, struct log_match *m)
{
	const struct log_line *line = &s->table->rows[index];

	*m = (struct log_match){.line = index};
	if (note_unban(s, line))
		return is_in_window(s->wanted, line) && match_mention(s->wanted, line, m);
	if (!is_in_window(s->wanted, line)) {
		m->is_before = is_shortly_before(s->wanted, line);
		return m->is_before && match_known(s, line, m);
	}
	if (line->from_kernel && match_packet(s->wanted, line, m))
		return true;
	return match_known(s, line, m) || match_mention(s->wanted, line, m);
}

static enum rank rank_of(const struct log_match *m)
{
	bool is_mention =
		m->meaning == LOG_MEANS_OF_CLIENT || m->meaning == LOG_MEANS_OF_OWNER;

	if (m->has_tuple)
		return RANK_TUPLE;
	if (!is_mention)
		return m->has_client ? RANK_SENTENCE_OF_CLIENT : RANK_SENTENCE;
	return m->has_client ? RANK_CLIENT : RANK_OWNER;
}

/* The kernel's line from kmsg, the journal and a file is one line. */
static bool is_same_line(const struct log_line *a, const struct log_line *b)
{
	int64_t apart =
		a->wall_ns > b->wall_ns ? a->wall_ns - b->wall_ns : b->wall_ns - a->wall_ns;

	return a->from_kernel && b->from_kernel &&
	       (a->kind != b->kind || !text_equals(a->source, b->source)) &&
	       apart <= a->slack_ns + b->slack_ns + NS_PER_S &&
	       text_equals(a->message, b->message);
}

static bool is_there_already(const struct search *s, const struct log_match *m)
{
	size_t n = s->n < s->room ? s->n : s->room;

	for (size_t i = 0; i < n; i++)
		if (is_same_line(&s->table->rows[s->out[i].line], &s->table->rows[m->line]))
			return true;
	return false;
}

/* At its place among those that are kept; equals come later, for they are older. */
static void keep(struct search *s, const struct log_match *m)
{
	enum rank rank = rank_of(m);
	size_t kept = s->n < s->room ? s->n : s->room;
	size_t at = kept;

	while (at && rank_of(&s->out[at - 1]) > rank)
		at--;
	s->n++;
	if (at >= s->room)
		return;
	if (kept == s->room)
		kept--;
	memmove(&s->out[at + 1], &s->out[at], (kept - at) * sizeof(*s->out));
	s->out[at] = *m;
}

size_t logs_match(const struct log_table *t, const struct log_wanted *w,
		  struct log_match *out, size_t room)
{
	struct search s = {.table = t, .wanted = w, .out = out, .room = room};

	for (size_t i = t->n; i-- > 0;) {
		struct log_match m;

		if (!match_line(&s, (uint32_t)i, &m) || is_there_already(&s, &m))
			continue;
		m.has_client = names_client(w, &t->rows[i]);
		keep(&s, &m);
	}
	return s.n;
}

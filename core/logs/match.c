/*
 * Lines -> what they say of a port, its clients and its owner. The sentences stand in
 * known.c, the packets in packet_line.c; what a line proves is decided elsewhere.
 */
#include "core/logs/match.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/base/time.h"
#include "core/logs/fit.h"
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
	is_there = p.dport == w->port && (!w->clients.n || fit_is_client(w, &p.saddr));
	is_back = p.sport == w->port && w->clients.n && fit_is_client(w, &p.daddr);
	if (!w->port || (!is_there && !is_back))
		return false;
	m->meaning = LOG_MEANS_FIREWALL;
	m->has_tuple = w->clients.n > 0;
	m->prefix = p.prefix;
	return true;
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
	if (line->wall_ns <= s->wanted->to_ns && fit_is_client(s->wanted, &found.address) &&
	    !is_unbanned(s, &found) && s->n_unbans < UNBANS_MAX)
		s->unbans[s->n_unbans++] = (struct unban){found.address, found.word};
	return true;
}

static int by_line(const void *key, const void *sentence)
{
	uint32_t line = *(const uint32_t *)key;
	const struct log_sentence *s = sentence;

	return (line > s->line) - (line < s->line);
}

/* What the line is known as; NULL: nothing. room: where it may be written. */
static const struct log_sentence *sentence_of(const struct log_table *t, uint32_t line,
					      struct log_sentence *room)
{
	if (t->has_sentences)
		return t->n_sentences ? bsearch(&line, t->sentences, t->n_sentences,
						sizeof(*t->sentences), by_line)
				      : NULL;
	room->line = line;
	room->known = known_find(&t->rows[line], &room->found);
	return room->known ? room : NULL;
}

static bool match_sentence(const struct search *s, const struct log_sentence *what,
			   struct log_match *m)
{
	const struct log_line *line = &s->table->rows[what->line];
	const struct known *k = what->known;
	const struct form_found *found = &what->found;
	enum fit fit;

	if (m->is_before && !k->holds_on)
		return false;
	fit = fit_of(s->wanted, line, k, found);
	if (fit == FIT_NOT)
		return false;
	m->meaning = k->meaning == N_LOG_MEANINGS ? found->reason : k->meaning;
	if (m->meaning == LOG_MEANS_BANNED && is_unbanned(s, found))
		return false;
	m->is_by_guess = fit == FIT_BY_GUESS;
	m->has_port = found->has_port;
	m->detail = m->meaning == LOG_MEANS_BANNED ? found->word : found->endpoint;
	m->name = m->meaning == LOG_MEANS_BANNED ? TEXT_NONE : found->word;
	m->address = found->address;
	return m->meaning < N_LOG_MEANINGS;
}

static bool match_known(const struct search *s, uint32_t index, struct log_match *m)
{
	struct log_sentence room;
	const struct log_sentence *what = sentence_of(s->table, index, &room);

	return what && match_sentence(s, what, m);
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
	if (line->from_kernel || line->from_netfilter)
		return false;
	if (names_client(w, line))
		m->meaning = LOG_MEANS_OF_CLIENT;
	else if (line->priority <= PRIORITY_ERROR && fit_is_owner(w, line))
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
		return m->is_before && match_known(s, index, m);
	}
	if ((line->from_kernel || line->from_netfilter) && match_packet(s->wanted, line, m))
		return true;
	return match_known(s, index, m) || match_mention(s->wanted, line, m);
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

/* What calls itself so in a file of syslog is no more than the copy of what is known. */
static bool is_of_kernel(const struct log_line *line)
{
	return line->from_kernel ||
	       (line->kind == LOG_FILE && text_equals_str(line->tag, "kernel"));
}

/* The kernel's line from kmsg, the journal and a file is one line. */
static bool is_same_line(const struct log_line *a, const struct log_line *b)
{
	int64_t apart =
		a->wall_ns > b->wall_ns ? a->wall_ns - b->wall_ns : b->wall_ns - a->wall_ns;

	return (a->from_kernel || b->from_kernel) && is_of_kernel(a) && is_of_kernel(b) &&
	       (a->kind != b->kind || !text_equals(a->source, b->source)) &&
	       apart <= a->slack_ns + b->slack_ns + NS_PER_S &&
	       text_equals(a->message, b->message);
}

static void forget(struct search *s, size_t at)
{
	size_t kept = s->n < s->room ? s->n : s->room;

	memmove(&s->out[at], &s->out[at + 1], (kept - at - 1) * sizeof(*s->out));
	s->n--;
}

/* The kernel's own line stands for its copies. */
static bool is_there_already(struct search *s, const struct log_match *m)
{
	const struct log_line *line = &s->table->rows[m->line];
	size_t n = s->n < s->room ? s->n : s->room;

	for (size_t i = 0; i < n; i++) {
		const struct log_line *other = &s->table->rows[s->out[i].line];

		if (!is_same_line(other, line))
			continue;
		if (other->from_kernel || !line->from_kernel)
			return true;
		forget(s, i);
		return false;
	}
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

size_t logs_match_known(const struct log_table *t, const struct log_wanted *w,
			struct log_match *out, size_t room)
{
	struct search s = {.table = t, .wanted = w};
	size_t n = 0;

	for (size_t i = t->n; i-- > 0 && n < room;) {
		const struct log_line *line = &t->rows[i];
		struct log_match *m = &out[n];

		*m = (struct log_match){.line = (uint32_t)i};
		if (!is_in_window(w, line)) {
			m->is_before = is_shortly_before(w, line);
			if (!m->is_before)
				continue;
		}
		n += match_known(&s, (uint32_t)i, m) && m->meaning != LOG_MEANS_BANNED;
	}
	return n;
}

/* The fifth step: lines that carry the cause, by tuple, process or unit, and by time. */
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "core/base/time.h"
#include "core/diagnosis/judge_impl.h"
#include "core/diagnosis/log_wish.h"
#include "core/logs/match.h"

enum { MATCHES_MAX = 64, SHOWN_MAX = 200 };

#define CHAIN_NAME_MAX 28 /* that iptables takes */

static void want_clients(const struct judging *j, struct log_wish *w)
{
	const struct sightings *s = &j->d->syn;

	log_wish_client(w, &j->e->target.client);
	for (size_t i = 0; i < s->n; i++)
		log_wish_client(w, &attempts_at(j->e->attempts, s->rows[i])->client);
}

/* As much of it as stands on two lines of a terminal, no escape cut in two. */
static struct text shown_line(struct judging *j, struct text line)
{
	struct str s = {0};
	struct text out;

	for (size_t at = 0; at < line.len && !s.failed;) {
		size_t start = at, before = s.len;

		text_next_char(line, &at);
		text_show(&s, (struct text){line.bytes + start, at - start}, TEXT_ASCII);
		if (s.len <= SHOWN_MAX)
			continue;
		str_truncate(&s, before);
		str_puts(&s, "...");
		break;
	}
	out = judge_text(j, "%s", str_text(&s));
	str_release(&s);
	return out;
}

/* "[UFW ALLOW] ", "ACCEPT-IN ": the line tells of a packet that was let in. */
static bool says_allowed(struct text prefix)
{
	static const char *const words[] = {"allow", "accept", "pass", "permit", "audit"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_contains_nocase(prefix, text_of(words[i])))
			return true;
	return false;
}

/* "f2b-sshd" holds the bans of the jail sshd alone; cut where the name was too long. Of
 * another chain it is not known whose bans it holds. */
static bool may_be_of_jail(const struct judging *j, const struct finding *f,
			   struct text jail)
{
	static const char prefix[] = "f2b-";
	const size_t n = sizeof(prefix) - 1;
	struct text chain;

	if (!j->e->rules || f->chain >= j->e->rules->n_chains)
		return true;
	chain = j->e->rules->chains[f->chain].name;
	if (chain.len <= n || memcmp(chain.bytes, prefix, n) ||
	    text_equals_str(chain, "f2b-chain"))
		return true;
	return jail.len >= chain.len - n &&
	       !strncasecmp(jail.bytes, chain.bytes + n, chain.len - n) &&
	       (jail.len == chain.len - n || chain.len >= CHAIN_NAME_MAX);
}

static bool confirms(const struct judging *j, const struct log_match *m)
{
	const struct finding *f = j->d->n_findings ? &j->d->findings[0] : NULL;

	if (!f || j->d->verdict != VERDICT_FAULT)
		return false;
	/* What netfilter logs says nothing of what stops it elsewhere. */
	if (m->meaning == LOG_MEANS_FIREWALL)
		return m->has_tuple && f->chain != UINT32_MAX && !says_allowed(m->prefix) &&
		       !strncmp(fault_id(f->fault), "firewall.", strlen("firewall."));
	return *log_meaning_fault(m->meaning) &&
	       !strcmp(log_meaning_fault(m->meaning), fault_id(f->fault)) &&
	       (m->meaning != LOG_MEANS_BANNED || may_be_of_jail(j, f, m->detail));
}

/* ---- what is said of them ---- */

struct said {
	const struct log_match *matches;
	size_t n, n_confirm;
};

/* "3 lines of these seconds", "1 earlier line" */
static struct text count_words(struct judging *j, const struct said *s, bool are_confirming)
{
	size_t n = 0, n_before = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (confirms(j, &s->matches[i]) != are_confirming)
			continue;
		n++;
		n_before += s->matches[i].is_before;
	}
	return judge_text(j, "%zu %sline%s%s", n, n_before == n ? "earlier " : "",
			  n == 1 ? "" : "s", n_before ? "" : " of these seconds");
}

/* "a ban of the address in jail sshd" */
static struct text meaning_words(struct judging *j, const struct log_match *m)
{
	bool is_packet = m->meaning == LOG_MEANS_FIREWALL;
	struct text name = shown_line(j, is_packet ? m->prefix : m->detail);
	const char *what = log_meaning_what(m->meaning);
	char clock[TIME_TEXT_MAX];

	if (text_is_empty(name))
		return judge_text(j, "%s", what);
	if (is_packet)
		return judge_text(j, "\"%.*s\", %s", (int)name.len, name.bytes, what);
	if (m->meaning != LOG_MEANS_BANNED)
		return judge_text(j, "%s: %.*s", what, (int)name.len, name.bytes);
	return judge_text(j, "%s in jail %.*s, since %s", what, (int)name.len, name.bytes,
			  time_clock(j->e->logs->rows[m->line].wall_ns, true, clock));
}

static const struct log_match *first_confirming(const struct judging *j,
						const struct said *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (confirms(j, &s->matches[i]))
			return &s->matches[i];
	return NULL;
}

static bool are_mentions_only(const struct said *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->matches[i].meaning != LOG_MEANS_OF_CLIENT)
			return false;
	return true;
}

static void say_state(struct judging *j, const struct said *s)
{
	struct step_result *r = &j->d->steps[STEP_LOGS];
	struct text count = count_words(j, s, s->n_confirm > 0);
	struct text what;

	if (s->n_confirm) {
		what = meaning_words(j, first_confirming(j, s));
		r->state = STEP_FAIL;
		r->summary = judge_text(j, "%.*s carr%s the cause: %.*s", (int)count.len,
					count.bytes, s->n_confirm == 1 ? "ies" : "y",
					(int)what.len, what.bytes);
	} else if (!s->n) {
		r->state = STEP_PASS;
		r->summary = judge_text(j, "no line of these seconds names the port, its "
					   "client or its process");
	} else if (j->d->verdict == VERDICT_HEALTHY && are_mentions_only(s)) {
		r->state = STEP_PASS;
		r->summary = judge_text(j, "%.*s name%s the client, and no fault",
					(int)count.len, count.bytes, s->n == 1 ? "s" : "");
	} else {
		r->state = STEP_WARN;
		r->summary =
			judge_text(j, "%.*s may belong to it", (int)count.len, count.bytes);
	}
}

static void show_line(struct judging *j, const struct log_match *m)
{
	const struct log_line *line = &j->e->logs->rows[m->line];
	struct text source = shown_line(j, line->source);
	struct text text = shown_line(j, line->text);
	char clock[TIME_TEXT_MAX];

	judge_prove(j, STEP_LOGS, "logs", true, NULL, "%s %.*s: %.*s",
		    time_clock(line->wall_ns, true, clock), (int)source.len,
		    source.bytes ? source.bytes : "", (int)text.len,
		    text.bytes ? text.bytes : "");
}

/* Those that confirm stand in front: there is not room for all. */
static void say(struct judging *j, const struct log_match *matches, size_t n)
{
	struct said s = {matches, n, 0};

	for (size_t i = 0; i < n; i++)
		s.n_confirm += confirms(j, &matches[i]);
	say_state(j, &s);
	for (size_t i = 0; i < n && !j->error; i++)
		if (confirms(j, &matches[i]))
			show_line(j, &matches[i]);
	for (size_t i = 0; i < n && !j->error; i++)
		if (!confirms(j, &matches[i]))
			show_line(j, &matches[i]);
}

void judge_logs(struct judging *j)
{
	struct log_match matches[MATCHES_MAX];
	struct log_wish wish;
	struct step_result *r = &j->d->steps[STEP_LOGS];
	size_t n;

	if (!j->e->logs || !logs_are_read(j->e->logs)) {
		r->state = j->e->has_window_ended ? STEP_UNKNOWN : STEP_WAITING;
		r->summary = judge_text(j, j->e->has_window_ended
						   ? "no log could be read"
						   : "read when the attempts are over");
		return;
	}
	log_wish_begin(&wish, j->e);
	want_clients(j, &wish);
	log_wish_owner(&wish, j->e, judge_owner(j));
	n = logs_match(j->e->logs, &wish.log, matches, MATCHES_MAX);
	say(j, matches, n < MATCHES_MAX ? n : MATCHES_MAX);
}

/* The fifth step: lines that carry the cause, by tuple, process or unit, and by time. */
#include <netinet/in.h>
#include <string.h>

#include "core/base/time.h"
#include "core/diagnosis/judge_impl.h"
#include "core/logs/match.h"

enum { MATCHES_MAX = 64, AROUND_S = 2 };

static size_t collect_clients(const struct judging *j, struct addr out[GROUPS_MAX])
{
	const struct sightings *s = &j->d->syn;
	size_t n = 0;

	if (j->e->target.client.family)
		out[n++] = j->e->target.client;
	for (size_t i = 0; i < s->n && n < GROUPS_MAX; i++) {
		struct addr a =
			addr_unmapped(&attempts_at(j->e->attempts, s->rows[i])->client);
		size_t k = 0;

		while (k < n && !addr_equals(&out[k], &a))
			k++;
		if (k == n)
			out[n++] = a;
	}
	return n;
}

static size_t collect_pids(const struct judging *j, int32_t out[REQUEST_PIDS_MAX])
{
	const struct endpoint *e = judge_owner(j);
	size_t n = 0;

	for (size_t i = 0; e && i < e->n_owners && n < REQUEST_PIDS_MAX; i++)
		out[n++] = e->owners[i]->pid;
	return n;
}

static struct text shown_line(struct judging *j, struct text line)
{
	struct str s = {0};
	struct text out;

	text_show(&s, line, TEXT_ASCII);
	out = judge_text(j, "%.*s", s.len > 200 ? 200 : (int)s.len, str_text(&s));
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

static bool confirms(const struct judging *j, const struct log_match *m)
{
	const struct finding *f = j->d->n_findings ? &j->d->findings[0] : NULL;

	if (!f || j->d->verdict != VERDICT_FAULT)
		return false;
	if (m->meaning == LOG_MEANS_FIREWALL)
		return m->has_tuple && !says_allowed(m->prefix) &&
		       !strncmp(fault_id(f->fault), "firewall.", strlen("firewall."));
	return *log_meaning_fault(m->meaning) &&
	       !strcmp(log_meaning_fault(m->meaning), fault_id(f->fault));
}

static void say(struct judging *j, const struct log_match *matches, size_t n)
{
	struct step_result *r = &j->d->steps[STEP_LOGS];
	size_t n_confirm = 0, n_lines = n;

	for (size_t i = 0; i < n; i++)
		n_confirm += confirms(j, &matches[i]);
	r->state = n_confirm ? STEP_FAIL : n ? STEP_WARN : STEP_PASS;
	if (n_confirm)
		r->summary = judge_text(j, "%zu line%s of these seconds carr%s the cause",
					n_confirm, n_confirm == 1 ? "" : "s",
					n_confirm == 1 ? "ies" : "y");
	else if (n_lines)
		r->summary = judge_text(j, "%zu line%s of these seconds may belong to it",
					n_lines, n_lines == 1 ? "" : "s");
	else
		r->summary = judge_text(j, "no line of these seconds names the port, its "
					   "client or its process");
	for (size_t i = 0; i < n && !j->error; i++) {
		const struct log_line *line = &j->e->logs->rows[matches[i].line];
		struct text source = shown_line(j, line->source);
		struct text text = shown_line(j, line->text);

		judge_prove(j, STEP_LOGS, "logs", true, NULL, "%.*s: %.*s", (int)source.len,
			    source.bytes ? source.bytes : "", (int)text.len,
			    text.bytes ? text.bytes : "");
	}
}

static bool is_any_source_read(const struct log_table *t)
{
	for (size_t i = 0; i < t->n_sources; i++)
		if (!t->sources[i].error)
			return true;
	return false;
}

void judge_logs(struct judging *j)
{
	struct log_match matches[MATCHES_MAX];
	struct addr clients[GROUPS_MAX];
	int32_t pids[REQUEST_PIDS_MAX];
	struct log_wanted wanted = {
		.from_ns = j->e->window_start_ns - AROUND_S * NS_PER_S,
		.to_ns = j->e->window_end_ns + AROUND_S * NS_PER_S,
		.port = j->e->target.port,
		.proto = j->e->target.proto,
		.pids = pids,
	};
	struct step_result *r = &j->d->steps[STEP_LOGS];
	const struct endpoint *owner = judge_owner(j);
	size_t n;

	if (!j->e->logs || !is_any_source_read(j->e->logs)) {
		r->state = j->e->has_window_ended ? STEP_UNKNOWN : STEP_WAITING;
		r->summary = judge_text(j, j->e->has_window_ended
						   ? "no log could be read"
						   : "read when the attempts are over");
		return;
	}
	wanted.clients.rows = clients;
	wanted.clients.n = collect_clients(j, clients);
	wanted.n_pids = collect_pids(j, pids);
	if (owner && owner->n_owners) {
		wanted.unit = owner->unit;
		wanted.comm = owner->owners[0]->comm;
	}
	n = logs_match(j->e->logs, &wanted, matches, MATCHES_MAX);
	say(j, matches, n < MATCHES_MAX ? n : MATCHES_MAX);
}

/*
 * What the steps come to: the way, why, whom it affects, what changed, what is not the
 * cause, what to do. In the order of the sketch where all has room, else what to do first.
 */
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "core/base/time.h"
#include "core/report/diagnose.h"
#include "tui/view/guide/guide_lines.h"
#include "tui/view/guide/guide_words.h"

enum { WHY_MAX = 4, BRIEF_WHY_MAX = 2 };

static void add(const struct guide_page *p, const char *label, const struct str *text)
{
	guide_item(p, ROLE_DIM, ROLE_NORMAL, label, text);
}

static void add_text(const struct guide_page *p, enum role head, enum role role,
		     const char *label, struct text t)
{
	struct str text = {0};

	guide_put(p->m, &text, t);
	guide_item(p, head, role, label, &text);
	str_release(&text);
}

static void add_way(const struct guide_page *p)
{
	struct str text = {0};

	guide_way(p->m, &text);
	add(p, p->m->guide.aim.proto == IPPROTO_UDP ? "its way" : "way of the SYN", &text);
	str_release(&text);
}

/* The fault's meaning and its first proofs; what is one already said is not said twice. */
static void add_why(const struct guide_page *p)
{
	const struct finding *f = guide_cause(&p->m->guide);
	size_t max = p->is_brief ? BRIEF_WHY_MAX : WHY_MAX;

	if (!f) {
		add_text(p, ROLE_DIM, ROLE_TITLE, "result", p->m->guide.result->summary);
		return;
	}
	if (p->m->guide.result->verdict == VERDICT_UNKNOWN)
		add_text(p, ROLE_DIM, ROLE_NORMAL, "suspicion",
			 text_of(fault_meaning(f->fault)));
	for (size_t i = 0; i < f->n_proofs && i < max; i++)
		add_text(p, ROLE_DIM, ROLE_NORMAL, i ? "" : "why", f->proofs[i].text);
	if (!text_is_empty(p->m->guide.result->near_words))
		add_text(p, ROLE_DIM, ROLE_NORMAL, "near miss",
			 p->m->guide.result->near_words);
}

/* Independent faults beside the first. */
static void add_also(const struct guide_page *p)
{
	const struct diagnosis *d = p->m->guide.result;
	struct str text = {0};

	for (size_t i = 1; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		str_reset(&text);
		guide_put(p->m, &text, f->summary);
		str_printf(&text, " (%s)", certainty_word(f->certainty));
		guide_item(p, ROLE_WARN, ROLE_NORMAL, i == 1 ? "also" : "", &text);
	}
	str_release(&text);
}

static void add_affected(const struct guide_page *p)
{
	const struct diagnosis *d = p->m->guide.result;
	struct str text = {0};

	guide_put(p->m, &text, d->affected);
	if (d->since_ns) {
		str_puts(&text, text.len ? ", seen since " : "seen since ");
		diagnose_time_words(&text, d->since_ns);
	}
	add(p, "affected", &text);
	str_release(&text);
}

static void add_changes(const struct guide_page *p)
{
	const struct diagnosis *d = p->m->guide.result;
	struct str text = {0};
	char clock[TIME_TEXT_MAX];

	for (size_t i = 0; d->verdict != VERDICT_HEALTHY && i < d->n_changes; i++) {
		str_reset(&text);
		str_printf(&text, "%s ",
			   time_clock(d->changes[i].wall_ns, p->m->is_utc, clock));
		guide_put(p->m, &text, d->changes[i].what);
		add(p, i ? "" : "changed before", &text);
	}
	str_release(&text);
}

static void put_word(struct str *out, struct text word)
{
	static const char *const spellings[] = {"SYN", "IPv4", "IPv6", "DNAT",
						"XDP", "FD",   "BPF",  "NAT"};

	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
		if (strlen(spellings[i]) == word.len &&
		    !strncasecmp(spellings[i], word.bytes, word.len)) {
			str_puts(out, spellings[i]);
			return;
		}
	}
	str_append(out, word.bytes, word.len);
}

/* "accept queue full": the fault's id behind its step, as words. */
static void put_fault(struct str *out, enum fault f)
{
	const char *rest = strchr(fault_id(f), '.');

	while (rest) {
		const char *word = rest + 1, *end = strchr(word, '-');

		if (*rest == '-')
			str_putc(out, ' ');
		put_word(out,
			 (struct text){word, end ? (size_t)(end - word) : strlen(word)});
		rest = end;
	}
}

/* "server: not listening, loopback only"; nothing where none of the step's is excluded. */
static void put_excluded(const struct diagnosis *d, enum step_id step, struct str *out)
{
	for (size_t i = 0; i < d->n_excluded; i++) {
		if (fault_step(d->excluded[i]) != step)
			continue;
		if (out->len)
			str_puts(out, ", ");
		else
			str_printf(out, "%s: ", guide_step_name(step));
		put_fault(out, d->excluded[i]);
	}
}

/* A paragraph for each step: each fault's headline would fill the screen. */
static void add_excluded(const struct guide_page *p)
{
	const struct diagnosis *d = p->m->guide.result;
	const char *label = d->verdict == VERDICT_HEALTHY ? "looked for" : "not the cause";
	struct str text = {0};

	for (int step = 0; step < N_STEPS; step++) {
		str_reset(&text);
		put_excluded(d, (enum step_id)step, &text);
		if (!text.len)
			continue;
		add(p, label, &text);
		label = "";
	}
	str_release(&text);
}

static void add_if_fixed(const struct guide_page *p)
{
	struct str words = {0};

	diagnose_if_fixed_words(&words, p->m->guide.result);
	add_text(p, ROLE_DIM, ROLE_NORMAL, "after this fix", text_of_str(&words));
	str_release(&words);
}

/* ---- what to do ---- */

static void add_next(const struct guide_page *p)
{
	const struct finding *f = guide_cause(&p->m->guide);

	for (size_t i = 0; f && i < f->n_next; i++) {
		const struct next_step *n = &f->next[i];

		add_text(p, ROLE_TITLE, ROLE_NORMAL, i ? "or" : "Next", n->text);
		add_text(p, ROLE_NORMAL, ROLE_KEY, "", n->command);
		add_text(p, ROLE_TITLE, ROLE_KEY, "Undo", n->undo);
		add_text(p, ROLE_TITLE, ROLE_NORMAL, "Risk", n->risk);
	}
}

static void add_to_do(const struct guide_page *p)
{
	const struct guide *g = &p->m->guide;
	bool is_wanted = guide_is_untried(g) || guide_is_unproven(g);

	*p->next_line = p->lines->lines.n;
	add_next(p);
	guide_end_lines(p);
	if (is_wanted && g->aim.role != AIM_CLIENT && !g->is_untestable &&
	    !(g->result && g->result->verdict == VERDICT_FAULT))
		guide_hint_lines(p);
}

/* ---- what is not known ---- */

static void add_gaps(const struct guide_page *p)
{
	const struct diagnosis *d = p->m->guide.result;
	struct str text = {0};

	add_text(p, ROLE_WARN, ROLE_NORMAL, "not visible", d->hidden);
	for (size_t i = 0; i < d->n_gaps; i++) {
		const struct gap *gap = &d->gaps[i];

		str_reset(&text);
		str_printf(&text, "%s: ", gap->source);
		guide_put(p->m, &text, gap->reason);
		if (!text_is_empty(gap->grant)) {
			str_printf(&text, " %s ",
				   symbol_text(SYMBOL_ARROW, p->m->is_ascii));
			guide_put(p->m, &text, gap->grant);
		}
		guide_item(p, ROLE_WARN, ROLE_NORMAL, i ? "" : "not seen", &text);
	}
	str_release(&text);
}

static void add_moment(const struct guide_page *p)
{
	const struct diagnosis *d = p->m->guide.result;
	struct str text = {0};
	char span[TIME_TEXT_MAX];

	if (!d->time_ns)
		return;
	diagnose_time_words(&text, d->time_ns);
	if (d->window_end_ns > d->window_start_ns)
		str_printf(&text, ", watched for %s",
			   time_span(d->window_end_ns - d->window_start_ns, span));
	add(p, "made at", &text);
	str_release(&text);
}

static void add_role(const struct guide_page *p)
{
	const struct guide *g = &p->m->guide;
	char address[ADDR_TEXT_MAX];
	struct str text = {0};

	if (g->host[0] && g->aim.role != AIM_CLIENT) {
		text_show(&text, text_of(g->host), model_text_mode(p->m));
		str_puts(&text, " was not looked up: every address of this host is "
				"looked at");
	} else if (g->asked_for.family) {
		str_printf(&text,
			   "%s is not here: SYNs to the port of any address of this "
			   "host count",
			   addr_format(&g->asked_for, address));
	} else if (g->aim.role == AIM_CLIENT) {
		str_puts(&text, "the address is not of this host: this host is looked at "
				"as the client");
	}
	if (g->is_untestable)
		str_puts(&text, "nobody could try from the client: what is said rests on "
				"this host alone");
	guide_item(p, ROLE_WARN, ROLE_NORMAL, "note", &text);
	str_release(&text);
}

/* What the kernel's trace said, if one was made. */
static void add_traced(const struct guide_page *p)
{
	const struct diagnosis *d = p->m->guide.result;

	for (size_t i = 0; i < d->n_traced; i++)
		add_text(p, ROLE_DIM, ROLE_NORMAL, i ? "" : "trace", d->traced[i].sentence);
}

void guide_cause_lines(const struct guide_page *p)
{
	const struct guide *g = &p->m->guide;

	if (!guide_is_done(g)) {
		add_role(p);
		if (guide_is_untried(g) && g->aim.role != AIM_CLIENT && !g->is_untestable)
			guide_hint_lines(p);
		return;
	}
	add_way(p);
	add_why(p);
	add_traced(p);
	add_also(p);
	if (p->is_brief)
		add_to_do(p);
	if (g->result->verdict == VERDICT_UNKNOWN)
		add_gaps(p);
	add_affected(p);
	add_changes(p);
	add_excluded(p);
	add_if_fixed(p);
	if (!p->is_brief)
		add_to_do(p);
	add_role(p);
	if (g->result->verdict != VERDICT_UNKNOWN)
		add_gaps(p);
	add_moment(p);
}

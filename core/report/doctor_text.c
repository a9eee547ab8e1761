/*
 * What can be seen here as text: the conclusion in the first lines, then who reads, where,
 * each source with its reason and grant, the terminal, and what the host offers.
 */
#include "core/report/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>

#include "core/base/time.h"
#include "core/base/version.h"
#include "core/report/doctor_findings.h"

#define LABEL_WIDTH 14
#define WRAP        78

struct writer {
	struct str *out;
	const struct snapshot *s;
	const struct doctor_surroundings *around;
	enum text_mode mode;
};

static void show(struct writer *w, struct text t)
{
	text_show(w->out, t, w->mode);
}

static void show_words(struct writer *w, const char *words)
{
	show(w, text_of(words));
}

static void put_label(struct writer *w, const char *label)
{
	str_printf(w->out, "  %-*s", LABEL_WIDTH, label);
}

static void put_name_or(struct writer *w, struct text name, const char *otherwise)
{
	if (text_is_empty(name))
		str_puts(w->out, otherwise);
	else
		show(w, name);
}

static void put_head(struct writer *w)
{
	const struct host_facts *host = w->s->host;
	char time[TIME_TEXT_MAX];

	str_puts(w->out, "dport " DPORT_VERSION " on ");
	put_name_or(w, host ? host->hostname : TEXT_NONE, "a host of unknown name");
	str_printf(w->out, ", %s", time_rfc3339(w->s->wall_ns, time));
	if (w->around->replay) {
		str_puts(w->out, ", replay of ");
		show_words(w, w->around->replay);
	}
	str_putc(w->out, '\n');
}

/* What a reader in a hurry needs: how much is lacking, and the step that helps most. */
static void put_conclusion(struct writer *w)
{
	const char *grant = NULL;

	for (size_t i = 0; i < w->s->n_missing && !grant; i++)
		grant = w->s->missing[i].grant;
	str_printf(w->out, "View: %s. ", snapshot_view_word(w->s));
	if (!w->s->n_missing)
		str_puts(w->out, "Nothing is missing.\n");
	else
		str_printf(w->out, "Missing: %zu, named below.\n", w->s->n_missing);
	if (grant) {
		str_puts(w->out, "First step: ");
		show_words(w, grant);
		str_putc(w->out, '\n');
	}
}

/* The names, wrapped, each further line under the first. */
static void put_capabilities(struct writer *w, uint64_t caps)
{
	size_t column = LABEL_WIDTH + 2, n = 0;
	struct str name = {0};

	for (int cap = 0; cap < 64; cap++) {
		if (!(caps >> cap & 1))
			continue;
		str_reset(&name);
		if (doctor_cap_name(&name, cap))
			w->out->failed = true;
		if (n && column + name.len + 2 > WRAP) {
			str_puts(w->out, ",\n");
			str_fill(w->out, ' ', column = LABEL_WIDTH + 2);
		} else if (n) {
			column += 2;
			str_puts(w->out, ", ");
		}
		str_puts(w->out, str_text(&name));
		column += name.len;
		n++;
	}
	str_release(&name);
}

static void put_reader(struct writer *w)
{
	const struct host_facts *host = w->s->host;
	bool is_known = host && host->uid != UINT32_MAX;

	str_puts(w->out, "\nWho reads\n");
	put_label(w, "user");
	if (is_known) {
		str_printf(w->out, "%" PRIu32 " (", host->uid);
		put_name_or(w, w->s->users ? users_find(w->s->users, host->uid) : TEXT_NONE,
			    "no name");
		str_putc(w->out, ')');
	} else {
		str_putc(w->out, '?');
	}
	str_putc(w->out, '\n');
	put_label(w, "capabilities");
	if (!is_known)
		str_putc(w->out, '?');
	else if (!host->caps)
		str_puts(w->out, "none");
	else if (doctor_has_all_caps(host->caps))
		str_puts(w->out, "all");
	else
		put_capabilities(w, host->caps);
	str_putc(w->out, '\n');
}

static void put_host(struct writer *w)
{
	const struct host_facts *host = w->s->host;
	char time[TIME_TEXT_MAX];

	str_puts(w->out, "\nWhere\n");
	put_label(w, "kernel");
	put_name_or(w, host ? host->kernel : TEXT_NONE, "?");
	str_putc(w->out, '\n');
	put_label(w, "started");
	str_puts(w->out,
		 host && host->boot_wall_ns ? time_rfc3339(host->boot_wall_ns, time) : "?");
	str_putc(w->out, '\n');
	put_label(w, "first process");
	put_name_or(w, host ? host->init : TEXT_NONE, "?");
	str_putc(w->out, '\n');
}

static void put_space(struct writer *w, const struct space *space)
{
	put_label(w, space->is_own ? "this network" : "also read");
	if (!space->is_own) {
		put_name_or(w, space->name, "no name");
		str_putc(w->out, ' ');
	}
	if (space->netns)
		str_printf(w->out, "net:[%" PRIu64 "]", space->netns);
	else
		str_puts(w->out, "net:[?]");
	if (space->links)
		str_printf(w->out, ", %zu interface%s", space->links->n,
			   space->links->n == 1 ? "" : "s");
	if (space->addresses)
		str_printf(w->out, ", %zu address%s", space->addresses->n,
			   space->addresses->n == 1 ? "" : "es");
	str_putc(w->out, '\n');
}

/* "owners", "owners in blue" */
static void print_source(struct str *out, const struct source_state *source,
			 enum text_mode mode)
{
	text_show(out, text_of(source->name), mode);
	if (!text_is_empty(source->space)) {
		str_puts(out, " in ");
		text_show(out, source->space, mode);
	}
}

static size_t source_width(const struct source_state *source, enum text_mode mode)
{
	struct str name = {0};
	size_t width;

	print_source(&name, source, mode);
	width = text_width((struct text){name.data, name.len});
	str_release(&name);
	return width;
}

static void put_reason(struct writer *w, const char *label, const char *words)
{
	if (!words)
		return;
	str_fill(w->out, ' ', 10);
	str_puts(w->out, label);
	show_words(w, words);
	str_putc(w->out, '\n');
}

static void put_source(struct writer *w, const struct source_state *source, size_t width)
{
	size_t own_width = source_width(source, w->mode);
	struct doctor_finding f;

	doctor_judge(&f, w->s, source);
	str_printf(w->out, "  %-6s  ", doctor_state_word(f.state));
	print_source(w->out, source, w->mode);
	str_fill(w->out, ' ', width - own_width);
	str_printf(w->out, "  %7zu row%s\n", source->rows, source->rows == 1 ? "" : "s");
	put_reason(w, "", f.reason);
	put_reason(w, "would help: ", f.grant);
}

static void put_sources(struct writer *w, const struct source_state *sources, size_t n)
{
	size_t width = 0;

	for (size_t i = 0; i < n; i++) {
		size_t own = source_width(&sources[i], w->mode);

		width = own > width ? own : width;
	}
	str_puts(w->out, "\nWhat can be seen\n");
	for (size_t i = 0; i < n; i++)
		put_source(w, &sources[i], width);
}

static void put_terminal(struct writer *w)
{
	str_puts(w->out, "\nTerminal\n");
	put_label(w, "TERM");
	put_name_or(w, text_of(w->around->term ? w->around->term : ""), "not set");
	str_puts(w->out, w->around->is_terminal ? "\n" : " (the output is no terminal)\n");
	put_label(w, "charset");
	put_name_or(w, text_of(w->around->charset ? w->around->charset : ""), "not known");
	str_puts(w->out, w->mode == TEXT_UTF8 ? "\n" : " (shown in ASCII)\n");
}

static void put_feature(struct writer *w, const struct doctor_feature *feature,
			const struct source_state *sources, size_t n)
{
	static const char *const words[] = {
		[TRI_NO] = "no", [TRI_YES] = "yes", [TRI_UNSURE] = "?"};
	enum tri has = doctor_has(feature, w->s->host, sources, n);

	str_printf(w->out, "  %-6s  %s", words[has], feature->name);
	if (feature->major)
		str_printf(w->out, " (since %u.%u)", feature->major, feature->minor);
	str_putc(w->out, '\n');
	if (has == TRI_YES) {
		put_reason(w, "", feature->gives);
		return;
	}
	put_reason(w, has == TRI_NO ? "" : "without it: ", feature->without);
	put_reason(w, "would help: ", feature->grant);
}

/* All lines of the snapshot that no source has said already. */
static void put_missing(struct writer *w, const struct source_state *sources, size_t n)
{
	bool has_title = false;

	for (size_t i = 0; i < w->s->n_missing; i++) {
		const struct missing *m = &w->s->missing[i];
		bool is_said = false;

		for (size_t k = 0; k < n && !is_said; k++) {
			struct doctor_finding f;

			doctor_judge(&f, w->s, &sources[k]);
			is_said = f.reason == m->reason;
		}
		if (is_said)
			continue;
		str_puts(w->out, has_title ? "" : "\nWhat is missing besides\n");
		has_title = true;
		str_puts(w->out, "  ");
		show_words(w, m->source);
		str_putc(w->out, '\n');
		put_reason(w, "", m->reason);
		put_reason(w, "would help: ", m->grant);
	}
}

int doctor_text(struct str *out, const struct snapshot *s,
		const struct source_state *sources, size_t n_sources,
		const struct doctor_surroundings *around)
{
	bool has_utf8 = around->charset && !strcasecmp(around->charset, "UTF-8");
	struct writer w = {.out = out,
			   .s = s,
			   .around = around,
			   .mode = has_utf8 ? TEXT_UTF8 : TEXT_ASCII};

	put_head(&w);
	put_conclusion(&w);
	put_reader(&w);
	put_host(&w);
	for (size_t i = 0; i < s->n_spaces; i++)
		put_space(&w, &s->spaces[i]);
	put_sources(&w, sources, n_sources);
	put_missing(&w, sources, n_sources);
	put_terminal(&w);
	str_puts(out, "\nWhat this host offers\n");
	for (size_t i = 0; i < N_DOCTOR_FEATURES; i++)
		put_feature(&w, &doctor_features[i], sources, n_sources);
	return out->failed ? -ENOMEM : 0;
}

/* Sentences on the capture behind the rows. Does not draw. */
#include "tui/view/wire_words.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/chrome.h"

static const char *proto_word(uint8_t proto)
{
	return proto == IPPROTO_UDP ? "udp" : proto == IPPROTO_TCP ? "tcp" : "tcp and udp";
}

static const char *symbol(const struct model *m, enum symbol s)
{
	return symbol_text(s, m->is_ascii);
}

static bool is_replay(const struct model *m)
{
	return m->around.replay != NULL;
}

void wire_put_aim(const struct model *m, struct str *out)
{
	const struct wire_aim *aim = &m->wire.aim;
	char text[ADDR_TEXT_MAX];

	if (aim->port)
		str_printf(out, "%u/%s", aim->port, proto_word(aim->proto));
	else
		str_puts(out, "all ports");
	if (aim->client.family)
		str_printf(out, " from %s", addr_format(&aim->client, text));
	if (!*aim->space)
		return;
	str_puts(out, " in ");
	text_show(out, text_of(aim->space), model_text_mode(m));
}

/* "4:12" */
static void put_left(const struct model *m, struct str *out)
{
	int64_t left_s = (m->wire.until_ns - m->now_ns + NS_PER_S - 1) / NS_PER_S;

	left_s = left_s > 0 ? left_s : 0;
	str_printf(out, "%" PRId64 ":%02" PRId64, left_s / 60, left_s % 60);
}

static enum role put_running(const struct model *m, struct str *out)
{
	str_printf(out, "%s %s", symbol(m, SYMBOL_GOOD),
		   wire_saving(&m->wire) ? "saving" : "looking");
	if (m->wire.until_ns) {
		str_puts(out, ", ends in ");
		put_left(m, out);
	}
	return ROLE_GOOD;
}

static enum role put_ended(const struct model *m, struct str *out)
{
	static const struct {
		enum symbol symbol;
		const char *word;
		enum role role;
	} words[] = {
		[WIRE_END_TOLD] = {SYMBOL_NONE, "ended", ROLE_HEADER},
		[WIRE_END_LIMIT] = {SYMBOL_NONE, "ended after 5 min", ROLE_HEADER},
		[WIRE_END_NO_RIGHT] = {SYMBOL_NO_RIGHT, "needs root", ROLE_WARN},
		[WIRE_END_NOT_RECORDED] = {SYMBOL_NONE, "not recorded", ROLE_WARN},
		[WIRE_END_FAILED] = {SYMBOL_BAD, "the capture failed", ROLE_BAD},
	};
	enum wire_end end = m->wire.end;
	bool is_whole = end == WIRE_END_TOLD && is_replay(m);

	_Static_assert(WIRE_LIMIT_S == 300, "the words above");
	str_printf(out, "%s %s", symbol(m, words[end].symbol),
		   is_whole ? "as recorded" : words[end].word);
	return words[end].role;
}

enum role wire_put_state(const struct model *m, struct str *out)
{
	switch (m->wire.phase) {
	case WIRE_IDLE:
	case WIRE_BEGINS:
		str_printf(out, "%s begins", symbol(m, SYMBOL_WAITING));
		return ROLE_HEADER;
	case WIRE_RUNS:
		return put_running(m, out);
	case WIRE_ENDED:
		return put_ended(m, out);
	}
	return ROLE_HEADER;
}

void wire_put_limits(const struct model *m, struct str *out)
{
	const struct wire_aim *aim = &m->wire.aim;
	char text[ADDR_TEXT_MAX];

	if (aim->port)
		str_printf(out, "%s port %u", proto_word(aim->proto), aim->port);
	else
		str_puts(out, "tcp and udp, every port");
	if (aim->client.family)
		str_printf(out, ", client %s", addr_format(&aim->client, text));
	else
		str_puts(out, ", any client");
	str_puts(out, ", all interfaces; ");
	if (is_replay(m))
		str_puts(out, "as recorded");
	else
		str_printf(out, "%d min or until Esc", WIRE_LIMIT_S / 60);
	str_printf(out, "; last %d kept", WIRE_ROWS_MAX);
}

static void put_outcome(const struct model *m, uint64_t n, const char *word, bool *is_first,
			struct str *out)
{
	if (!n)
		return;
	str_printf(out, *is_first ? ":%s " : " %s ",
		   *is_first ? "" : symbol(m, SYMBOL_DOT));
	str_printf(out, "%" PRIu64 " %s", n, word);
	*is_first = false;
}

/* The usual first, then what fails, then what is not known yet or never will be. */
static void put_outcomes(const struct model *m, const struct capture_state *s,
			 struct str *out)
{
	static const enum outcome order[] = {OUTCOME_ANSWERED,  OUTCOME_SILENT,
					     OUTCOME_REFUSED,   OUTCOME_ICMP,
					     OUTCOME_HALF_OPEN, OUTCOME_RESET_LATER};
	uint64_t n_open = s->n_outcomes[OUTCOME_OPEN], n_awaited = wire_n_awaited(&m->wire);
	bool is_first = true;

	_Static_assert(sizeof(order) / sizeof(order[0]) == N_OUTCOMES - 1, "but open");
	for (size_t i = 0; i < N_OUTCOMES - 1; i++)
		put_outcome(m, s->n_outcomes[order[i]], outcome_word(order[i]), &is_first,
			    out);
	n_awaited = n_awaited < n_open ? n_awaited : n_open;
	put_outcome(m, n_awaited, "waiting", &is_first, out);
	put_outcome(m, n_open - n_awaited, "undecided", &is_first, out);
}

void wire_put_totals(const struct model *m, struct str *out)
{
	enum { CLOCK = 8 }; /* "14:32:07" */
	const struct wire_shown *w = &m->wire;
	const struct wire_count *count = wire_count(w);
	struct capture_state s = wire_totals(w);
	char clock[TIME_TEXT_MAX];

	if (!count->since_wall_ns)
		return;
	chrome_count(out, (size_t)s.n_attempts, "attempt", "attempts");
	put_outcomes(m, &s, out);
	str_puts(out, "; ");
	chrome_count(out, (size_t)s.n_packets, "packet", "packets");
	str_printf(out, " since %.*s%s", CLOCK,
		   time_clock(count->since_wall_ns, m->is_utc, clock),
		   count->has_gap ? ", with a gap" : "");
}

/* ---- notes ---- */

static void add(struct lines *lines, int width, enum role head_role, const char *head,
		const char *text)
{
	struct line_style style = {.width = width,
				   .indent = 1,
				   .head_width = 1 + (int)text_width(text_of(head)),
				   .head_role = head_role};

	lines_add(lines, &style, head, text);
}

static void add_loss(const struct model *m, struct lines *lines, int width, uint64_t n,
		     const char *sentence)
{
	struct str text = {0};

	if (!n)
		return;
	str_printf(&text, "%" PRIu64 " %s", n, sentence);
	add(lines, width, ROLE_WARN, symbol(m, SYMBOL_SOME), str_text(&text));
	str_release(&text);
}

/* A capture of one port looks at those beside it too, and counts without telling whose. */
static const char *words_of_untold(const struct wire_aim *aim)
{
	if (aim->client.family)
		return "attempts of all clients came too fast to be shown one by one";
	if (aim->port)
		return "attempts came too fast to be shown one by one; the totals count "
		       "them, and those at ports beside this one";
	return "attempts came too fast to be shown one by one; the totals count them";
}

static void add_losses(const struct model *m, struct lines *lines, int width)
{
	const struct capture_state s = wire_totals(&m->wire);

	add_loss(m, lines, width, s.n_kernel_drops,
		 "packets were dropped by the kernel: outcomes may be wrong by them");
	add_loss(m, lines, width, s.n_device_drops, "packets were dropped by the device");
	add_loss(m, lines, width, s.n_undecoded,
		 "packets were cut short or not understood");
	add_loss(m, lines, width, s.n_evicted,
		 "attempts were forgotten undecided for want of room");
	add_loss(m, lines, width, s.n_not_told, words_of_untold(&m->wire.aim));
	add_loss(m, lines, width, m->wire.attempts.n_forgotten,
		 "older attempts made room for newer ones");
}

static void add_file(const struct model *m, struct lines *lines, int width,
		     const struct wire_saved *file)
{
	struct str text = {0};

	str_printf(&text, "%s %s: ", file->is_closed ? "saved" : "saving to", file->name);
	chrome_count(&text, (size_t)file->n_packets, "packet", "packets");
	if (file->problem[0]) {
		str_puts(&text, "; ");
		text_show(&text, text_of(file->problem), model_text_mode(m));
	} else if (!file->is_closed) {
		str_printf(&text, ", headers only; %.*s ends it", KEY_ARGS(ACTION_SAVE));
	}
	add(lines, width, file->problem[0] ? ROLE_BAD : ROLE_GOOD,
	    symbol(m, file->problem[0] ? SYMBOL_BAD : SYMBOL_GOOD), str_text(&text));
	str_release(&text);
}

/* What is wrong, in the words of the capture. */
static void add_problem(const struct model *m, struct lines *lines, int width,
			const char *before)
{
	struct str text = {0};

	str_puts(&text, before);
	text_show(&text, text_of(m->wire.problem), model_text_mode(m));
	add(lines, width, ROLE_BAD, symbol(m, SYMBOL_BAD), str_text(&text));
	str_release(&text);
}

static void add_anew(const struct model *m, struct lines *lines, int width, enum role role,
		     enum symbol s, const char *before)
{
	struct str text = {0};

	str_printf(&text, "%s%.*s begins a new one", before, KEY_ARGS(ACTION_ANEW));
	add(lines, width, role, symbol(m, s), str_text(&text));
	str_release(&text);
}

static void add_end(const struct model *m, struct lines *lines, int width)
{
	const struct wire_shown *w = &m->wire;

	if (w->phase != WIRE_ENDED)
		return;
	switch (w->end) {
	case WIRE_END_LIMIT:
		add_anew(m, lines, width, ROLE_NORMAL, SYMBOL_NONE,
			 "the capture ended after 5 minutes: ");
		return;
	case WIRE_END_FAILED:
		add_problem(m, lines, width, "the capture failed: ");
		add_anew(m, lines, width, ROLE_DIM, SYMBOL_ARROW, "");
		return;
	case WIRE_END_TOLD:
		if (w->problem[0])
			add_problem(m, lines, width, "");
		return;
	case WIRE_END_NO_RIGHT:
	case WIRE_END_NOT_RECORDED:
		return;
	}
}

void wire_add_notes(const struct model *m, struct lines *lines, int width)
{
	const struct wire_shown *w = &m->wire;

	if (w->saved.n)
		add_file(m, lines, width, wire_saved_at(w, w->saved.n - 1));
	if (wire_n(w))
		add_end(m, lines, width);
	add_losses(m, lines, width);
}

/* ---- no rows ---- */

/* Where a client would try: the Guide's address, if it is about the same port. */
static struct addr server_of(const struct model *m)
{
	struct guide aimed = {0};

	memcpy(aimed.space, m->wire.aim.space, sizeof(aimed.space));
	if (m->guide.aim.port == m->wire.aim.port)
		aimed.aim.address = m->guide.aim.address;
	return guide_server(&aimed, m->snapshot);
}

static void add_try(const struct model *m, struct lines *lines, int width)
{
	const struct wire_aim *aim = &m->wire.aim;
	struct addr server = server_of(m);
	char address[ADDR_TEXT_MAX];
	struct str text = {0};

	if (!aim->port)
		return;
	str_printf(&text, "try at the client now: nc %s-vz -w5 %s %u",
		   aim->proto == IPPROTO_UDP ? "-u " : "",
		   server.family ? addr_format(&server, address) : "ADDRESS", aim->port);
	add(lines, width, ROLE_KEY, symbol(m, SYMBOL_ARROW), str_text(&text));
	str_release(&text);
}

static void add_nobody(const struct model *m, struct lines *lines, int width)
{
	const struct wire_shown *w = &m->wire;
	bool is_running = w->phase == WIRE_RUNS;
	char clock[TIME_TEXT_MAX];
	struct str text = {0};

	str_puts(&text, is_running ? "nobody has tried so far" : "nobody tried");
	if (w->since_wall_ns)
		str_printf(&text, ", since %s",
			   time_clock(w->since_wall_ns, m->is_utc, clock));
	add(lines, width, ROLE_NORMAL, symbol(m, is_running ? SYMBOL_WAITING : SYMBOL_NONE),
	    str_text(&text));
	if (is_running)
		add_try(m, lines, width);
	str_release(&text);
}

static void add_no_right(const struct model *m, struct lines *lines, int width)
{
	struct str text = {0};

	str_puts(&text, "packets cannot be seen: ");
	text_show(&text, text_of(m->wire.problem), model_text_mode(m));
	add(lines, width, ROLE_WARN, symbol(m, SYMBOL_NO_RIGHT), str_text(&text));
	add(lines, width, ROLE_KEY, symbol(m, SYMBOL_ARROW),
	    "run dport as root, or give it cap_net_raw (setcap takes all of its "
	    "capabilities in one call)");
	str_release(&text);
}

static void add_not_recorded(const struct model *m, struct lines *lines, int width)
{
	add(lines, width, ROLE_WARN, symbol(m, SYMBOL_NONE),
	    "the recording holds no capture of these attempts: single attempts are in it "
	    "where a diagnosis, or dport capture, was recorded");
}

void wire_add_empty(const struct model *m, struct lines *lines, int width)
{
	const struct wire_shown *w = &m->wire;

	if (w->phase == WIRE_IDLE || w->phase == WIRE_BEGINS) {
		add(lines, width, ROLE_NORMAL, symbol(m, SYMBOL_WAITING),
		    is_replay(m) ? "looking into the recording" : "the capture begins");
		return;
	}
	if (w->phase == WIRE_ENDED && w->end == WIRE_END_NO_RIGHT)
		add_no_right(m, lines, width);
	else if (w->phase == WIRE_ENDED && w->end == WIRE_END_NOT_RECORDED)
		add_not_recorded(m, lines, width);
	else if (w->phase != WIRE_ENDED || w->end != WIRE_END_FAILED)
		add_nobody(m, lines, width);
	add_end(m, lines, width);
}

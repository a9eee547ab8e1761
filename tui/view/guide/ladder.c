/* The screen Ladder: the packets of the newest attempt, in time, with what did not come. */
#include <inttypes.h>
#include <netinet/in.h>
#include <stdint.h>

#include "core/base/time.h"
#include "tui/page.h"
#include "tui/terminal/lines.h"
#include "tui/view.h"
#include "tui/view/guide/guide_title.h"
#include "tui/view/guide/guide_words.h"

enum {
	HEAD = 2,
	FOOT = 2,
	TIME_WIDTH = 9,
	KIND_WIDTH = 9,
	ARROW_MAX = 40,
	ARROW_MIN = 8,
	NOTES_WIDTH = 34,
};

static const char *const kind_words[N_PACKET_KINDS] = {
	[PACKET_SYN] = "SYN",   [PACKET_SYN_ACK] = "SYN-ACK", [PACKET_ACK] = "ACK",
	[PACKET_DATA] = "data", [PACKET_FIN] = "FIN",         [PACKET_RST] = "RST",
	[PACKET_ICMP] = "ICMP", [PACKET_UDP] = "UDP",
};

struct page {
	const struct model *m;
	const struct diagnosis *d;
	struct lines *lines;
	int width, arrow;
};

static void put_end(struct str *out, const struct addr *a, uint16_t port)
{
	char text[ADDR_TEXT_MAX];

	str_printf(out, a->family == AF_INET6 ? "[%s]:%u" : "%s:%u", addr_format(a, text),
		   port);
}

static void pad(struct str *out, size_t width)
{
	size_t used = text_width(text_of_str(out));

	str_fill(out, ' ', used < width ? width - used : 0);
}

/* "-------->", of the arrow's width */
static void put_arrow(const struct page *p, struct str *out, bool is_from_server)
{
	bool is_ascii = p->m->is_ascii;

	if (is_from_server)
		str_puts(out, is_ascii ? "<" : "◀");
	for (int i = 1; i < p->arrow; i++)
		str_puts(out, symbol_text(SYMBOL_LINE, is_ascii));
	if (!is_from_server)
		str_puts(out, is_ascii ? ">" : "▶");
}

static void add(const struct page *p, enum role head_role, const char *head, enum role role,
		const char *notes)
{
	struct line_style style = {.width = p->width,
				   .head_width = TIME_WIDTH + KIND_WIDTH + p->arrow + 2,
				   .head_role = head_role,
				   .role = role};

	lines_add(p->lines, &style, head, notes);
}

static void add_ends(const struct page *p)
{
	const struct attempt *a = &p->d->sample;
	struct str head = {0}, server = {0};
	size_t at;

	put_end(&server, &a->server, a->server_port);
	str_fill(&head, ' ', TIME_WIDTH);
	put_end(&head, &a->client, a->client_port);
	at = TIME_WIDTH + KIND_WIDTH + (size_t)p->arrow - server.len;
	if (head.len + 2 <= at) {
		pad(&head, at);
		str_append(&head, server.data, server.len);
		add(p, ROLE_TITLE, str_text(&head), ROLE_TITLE, "");
	} else {
		add(p, ROLE_TITLE, str_text(&head), ROLE_TITLE, str_text(&server));
	}
	str_release(&head);
	str_release(&server);
}

static enum role role_of(const struct attempt_event *e)
{
	if (e->kind == PACKET_RST || e->kind == PACKET_ICMP)
		return ROLE_BAD;
	return e->is_from_server ? ROLE_GOOD : ROLE_NORMAL;
}

static void put_notes(const struct attempt *a, const struct attempt_event *e,
		      struct str *out)
{
	if (e->is_repeated)
		str_puts(out, "same, sent again");
	else if (e->kind == PACKET_SYN || e->kind == PACKET_SYN_ACK)
		str_printf(out, "win %u  ttl %u", e->window, e->ttl);
	else if (e->kind == PACKET_DATA || e->kind == PACKET_UDP)
		str_printf(out, "%u bytes  ttl %u", e->length, e->ttl);
	else
		str_printf(out, "ttl %u", e->ttl);
	if (e->kind == PACKET_ICMP && a->n_icmp)
		str_printf(out, "  type %u code %u", a->icmp_type, a->icmp_code);
}

static void add_event(const struct page *p, const struct attempt_event *e)
{
	struct str head = {0}, notes = {0};
	const char *word = e->kind < N_PACKET_KINDS ? kind_words[e->kind] : "?";

	str_printf(&head, " %6.3f  %-*s", (double)e->at_ns / 1e9, KIND_WIDTH, word);
	put_arrow(p, &head, e->is_from_server);
	put_notes(&p->d->sample, e, &notes);
	add(p, role_of(e), str_text(&head), ROLE_NORMAL, str_text(&notes));
	str_release(&head);
	str_release(&notes);
}

static bool is_answered(const struct attempt *a)
{
	for (size_t i = 0; i < a->n_events; i++)
		if (a->events[i].is_from_server)
			return true;
	return a->answered_ns != 0;
}

static void add_sentence(const struct page *p, enum role role, const char *label,
			 struct text t)
{
	struct line_style style = {.width = p->width,
				   .indent = TIME_WIDTH,
				   .head_width = KIND_WIDTH,
				   .head_role = ROLE_DIM,
				   .role = role};
	struct str text = {0};

	guide_put(p->m, &text, t);
	if (text.len)
		lines_add(p->lines, &style, label, str_text(&text));
	str_release(&text);
}

/* "client: a TLS ClientHello; server: an HTTP answer in plain text (400)" */
static void add_first_bytes(const struct page *p)
{
	const struct attempt *a = &p->d->sample;
	struct str text = {0};

	if (a->client_bytes == BYTES_NONE && a->server_bytes == BYTES_NONE)
		return;
	str_printf(&text, "client: %s; server: %s",
		   first_bytes_words((enum first_bytes)a->client_bytes),
		   first_bytes_words((enum first_bytes)a->server_bytes));
	if (a->server_bytes == BYTES_HTTP_STATUS)
		str_printf(&text, " (%u)", a->http_status);
	add_sentence(p, ROLE_NORMAL, "spoken", text_of_str(&text));
	str_release(&text);
}

/* What did not come, and the place that the judgement names for it. */
static void add_silence(const struct page *p)
{
	const struct finding *f = guide_cause(&p->m->guide);

	if (is_answered(&p->d->sample))
		return;
	add_sentence(p, ROLE_WARN, "", text_of("(nothing comes back)"));
	if (f && f->explains_silence)
		add_sentence(p, ROLE_BAD,
			     p->d->verdict == VERDICT_FAULT ? "cause" : "perhaps",
			     f->summary);
}

static void add_outcome(const struct page *p)
{
	const struct attempt *a = &p->d->sample;
	struct str text = {0};
	char clock[TIME_TEXT_MAX];

	if (a->outcome == OUTCOME_OPEN)
		str_puts(&text, "not decided yet");
	else
		str_printf(&text, "%s %s %s", outcome_word(a->outcome),
			   symbol_text(SYMBOL_ARROW, p->m->is_ascii),
			   outcome_state(a->outcome, a->proto,
					 attempt_is_port_unreachable(a)));
	str_printf(&text, "; began at %s", time_clock(a->first_ns, p->m->is_utc, clock));
	if (p->d->syn.n_all > 1)
		str_printf(&text, "; the newest of %" PRIu64, p->d->syn.n_all);
	add_sentence(p, ROLE_NORMAL, "outcome", text_of_str(&text));
	str_release(&text);
}

static void fill(const struct page *p)
{
	if (!p->d || !p->d->has_sample) {
		add_sentence(p, ROLE_UNKNOWN, "",
			     text_of(p->m->guide.is_running
					     ? "no packet of a client was seen so far"
					     : "no packet of a client was seen"));
		return;
	}
	add_ends(p);
	for (size_t i = 0; i < p->d->sample.n_events; i++)
		add_event(p, &p->d->sample.events[i]);
	if (p->d->sample.n_events == ATTEMPT_EVENTS_MAX)
		add_sentence(p, ROLE_DIM, "", text_of("(what came later was not kept)"));
	add_silence(p);
	add_first_bytes(p);
	add_outcome(p);
}

static int arrow_width(int width)
{
	int room = width - TIME_WIDTH - KIND_WIDTH - 2 - NOTES_WIDTH;

	if (room < ARROW_MIN)
		return ARROW_MIN;
	return room > ARROW_MAX ? ARROW_MAX : room;
}

static void draw(struct frame *f, struct model *m)
{
	struct lines lines = LINES_EMPTY;
	struct page page = {m, m->guide.result, &lines, f->width - 1,
			    arrow_width(f->width)};

	fill(&page);
	guide_draw_title(f, m);
	page_draw(f, m, WHERE_LADDER, &lines, &m->guide.ladder);
	lines_release(&lines);
}

static unsigned act(struct model *m, enum action a)
{
	if (roll_scroll(&m->guide.ladder, a, m->page))
		return EFFECT_DRAW;
	return a == ACTION_COPY ? view_guide.act(m, a) : 0;
}

const struct view view_ladder = {
	.name = "ladder",
	.where = WHERE_LADDER,
	.draw = draw,
	.act = act,
};

/* Lines of one attempt's packets. What they mean is said by who draws them. */
#include "tui/view/guide/ladder_lines.h"

#include <netinet/in.h>

#include "core/base/time.h"
#include "tui/view/guide/guide_words.h"

enum {
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

static int arrow_width(int width)
{
	int room = width - TIME_WIDTH - KIND_WIDTH - 2 - NOTES_WIDTH;

	if (room < ARROW_MIN)
		return ARROW_MIN;
	return room > ARROW_MAX ? ARROW_MAX : room;
}

struct ladder ladder_of(const struct model *m, struct lines *lines, int width,
			const struct attempt *a)
{
	return (struct ladder){m, lines, a, width - 1, arrow_width(width)};
}

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
static void put_arrow(const struct ladder *l, struct str *out, bool is_from_server)
{
	bool is_ascii = l->m->is_ascii;

	if (is_from_server)
		str_puts(out, is_ascii ? "<" : "◀");
	for (int i = 1; i < l->arrow; i++)
		str_puts(out, symbol_text(SYMBOL_LINE, is_ascii));
	if (!is_from_server)
		str_puts(out, is_ascii ? ">" : "▶");
}

static void add(const struct ladder *l, enum role head_role, const char *head,
		enum role role, const char *notes)
{
	struct line_style style = {.width = l->width,
				   .head_width = TIME_WIDTH + KIND_WIDTH + l->arrow + 2,
				   .head_role = head_role,
				   .role = role};

	lines_add(l->lines, &style, head, notes);
}

static void add_ends(const struct ladder *l)
{
	const struct attempt *a = l->attempt;
	struct str head = {0}, server = {0};
	size_t at;

	put_end(&server, &a->server, a->server_port);
	str_fill(&head, ' ', TIME_WIDTH);
	put_end(&head, &a->client, a->client_port);
	at = TIME_WIDTH + KIND_WIDTH + (size_t)l->arrow - server.len;
	if (head.len + 2 <= at) {
		pad(&head, at);
		str_append(&head, server.data, server.len);
		add(l, ROLE_TITLE, str_text(&head), ROLE_TITLE, "");
	} else {
		add(l, ROLE_TITLE, str_text(&head), ROLE_TITLE, str_text(&server));
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

static void add_event(const struct ladder *l, const struct attempt_event *e)
{
	struct str head = {0}, notes = {0};
	const char *word = e->kind < N_PACKET_KINDS ? kind_words[e->kind] : "?";

	str_printf(&head, " %6.3f  %-*s", (double)e->at_ns / 1e9, KIND_WIDTH, word);
	put_arrow(l, &head, e->is_from_server);
	put_notes(l->attempt, e, &notes);
	add(l, role_of(e), str_text(&head), ROLE_NORMAL, str_text(&notes));
	str_release(&head);
	str_release(&notes);
}

bool ladder_is_answered(const struct attempt *a)
{
	for (size_t i = 0; i < a->n_events; i++)
		if (a->events[i].is_from_server)
			return true;
	return a->answered_ns != 0;
}

void ladder_add_sentence(const struct ladder *l, enum role role, const char *label,
			 struct text t)
{
	struct line_style style = {.width = l->width,
				   .indent = TIME_WIDTH,
				   .head_width = KIND_WIDTH,
				   .head_role = ROLE_DIM,
				   .role = role};
	struct str text = {0};

	guide_put(l->m, &text, t);
	if (text.len)
		lines_add(l->lines, &style, label, str_text(&text));
	str_release(&text);
}

void ladder_add_packets(const struct ladder *l)
{
	const struct attempt *a = l->attempt;

	add_ends(l);
	for (size_t i = 0; i < a->n_events; i++)
		add_event(l, &a->events[i]);
	if (a->n_events == ATTEMPT_EVENTS_MAX)
		ladder_add_sentence(l, ROLE_DIM, "",
				    text_of("(what came later was not kept)"));
}

/* "client: a TLS ClientHello; server: an HTTP answer in plain text (400)" */
void ladder_add_spoken(const struct ladder *l)
{
	const struct attempt *a = l->attempt;
	struct str text = {0};

	if (a->client_bytes == BYTES_NONE && a->server_bytes == BYTES_NONE)
		return;
	str_printf(&text, "client: %s; server: %s",
		   first_bytes_words((enum first_bytes)a->client_bytes),
		   first_bytes_words((enum first_bytes)a->server_bytes));
	if (a->server_bytes == BYTES_HTTP_STATUS)
		str_printf(&text, " (%u)", a->http_status);
	ladder_add_sentence(l, ROLE_NORMAL, "spoken", text_of_str(&text));
	str_release(&text);
}

void ladder_add_outcome(const struct ladder *l, const char *more)
{
	const struct attempt *a = l->attempt;
	struct str text = {0};
	char clock[TIME_TEXT_MAX];

	if (a->outcome == OUTCOME_OPEN)
		str_puts(&text, "not decided yet");
	else
		str_printf(&text, "%s %s %s", outcome_word(a->outcome),
			   symbol_text(SYMBOL_ARROW, l->m->is_ascii),
			   outcome_state(a->outcome, a->proto,
					 attempt_is_port_unreachable(a)));
	str_printf(&text, "; began at %s%s", time_clock(a->first_ns, l->m->is_utc, clock),
		   more);
	ladder_add_sentence(l, ROLE_NORMAL, "outcome", text_of_str(&text));
	str_release(&text);
}

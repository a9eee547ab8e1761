/*
 * What the Guide says while the run goes on: the selected step's question, what was heard
 * so far, and what to type at the client so that something is heard.
 */
#include <inttypes.h>
#include <netinet/in.h>

#include "core/diagnosis/hearing.h"
#include "tui/view/guide/guide_lines.h"
#include "tui/view/guide/guide_words.h"

enum { DEEPER = 5, NARROW = 64, NARROW_DEEPER = 2 };

static void add(const struct guide_page *p, enum role role, const struct str *text)
{
	struct line_style style = {.width = p->width,
				   .indent = p->width < NARROW ? NARROW_DEEPER : DEEPER,
				   .role = role};

	if (text->len)
		lines_add(p->lines, &style, "", str_text(text));
}

/* ---- what was heard ---- */

static void put_n(struct str *out, uint64_t n, const char *what)
{
	str_printf(out, "%s%" PRIu64 " %s%s", out->len ? ", " : "", n, what,
		   n == 1 ? "" : "s");
}

/* "heard it: SYN from 203.0.113.9:51514" */
static void put_newest(const struct attempt *a, struct str *out)
{
	struct addr client = addr_unmapped(&a->client);
	bool is_v6 = client.family == AF_INET6;
	char text[ADDR_TEXT_MAX];

	str_printf(out, "heard it: %s from %s%s%s:%u",
		   a->proto == IPPROTO_UDP ? "datagram" : "SYN", is_v6 ? "[" : "",
		   addr_format(&client, text), is_v6 ? "]" : "", a->client_port);
}

static void put_counts(const struct hearing *h, bool is_udp, struct str *out)
{
	put_n(out, h->n_syns, is_udp ? "datagram" : "SYN");
	if (!is_udp) {
		put_n(out, h->n_syn_acks, "SYN-ACK");
		put_n(out, h->n_resets, "RST");
	}
	put_n(out, h->n_icmp, "ICMP error");
	if (h->n_attempts > 1)
		str_printf(out, " in %" PRIu64 " attempts", h->n_attempts);
}

/* Nobody yet; that others are heard shows that the capture works. */
static void put_silence(const struct hearing *h, struct str *out)
{
	str_puts(out, "nothing heard so far");
	if (h->n_others)
		str_printf(out, "; the capture works: %" PRIu64 " other attempt%s seen",
			   h->n_others, h->n_others == 1 ? " was" : "s were");
}

static void add_heard(const struct guide_page *p)
{
	const struct guide *g = &p->m->guide;
	struct str text = {0};
	struct hearing h;

	if (!g->evidence || g->phase < RUN_WATCHING || g->evidence->capture_error)
		return;
	hearing_count(g->evidence, &h);
	if (!h.newest) {
		put_silence(&h, &text);
		add(p, ROLE_UNKNOWN, &text);
		str_release(&text);
		return;
	}
	put_newest(h.newest, &text);
	add(p, ROLE_GOOD, &text);
	str_reset(&text);
	put_counts(&h, g->aim.proto == IPPROTO_UDP, &text);
	add(p, ROLE_NORMAL, &text);
	str_release(&text);
}

void guide_live_lines(const struct guide_page *p, enum step_id s)
{
	const struct guide *g = &p->m->guide;
	struct str text = {0};

	if (!g->is_running || p->is_brief)
		return;
	str_puts(&text, guide_step_question(p->m, s));
	add(p, ROLE_DIM, &text);
	str_release(&text);
	if (s == STEP_CLIENT && g->aim.role != AIM_CLIENT)
		add_heard(p);
}

/* ---- what to type at the client ---- */

static void put_server(const struct guide_page *p, struct str *out)
{
	struct addr a = guide_server(&p->m->guide, p->m->snapshot);
	char text[ADDR_TEXT_MAX];

	str_puts(out, a.family ? addr_format(&a, text) : "ADDRESS");
}

static void add_hint(const struct guide_page *p, const char *label, const char *command,
		     const char *between, const char *after)
{
	struct str text = {0};

	str_puts(&text, command);
	put_server(p, &text);
	str_printf(&text, "%s%u%s", between, p->m->guide.aim.port, after);
	guide_item(p, ROLE_DIM, ROLE_KEY, label, &text);
	str_release(&text);
}

/* While nobody tries. */
void guide_hint_lines(const struct guide_page *p)
{
	struct addr a = guide_server(&p->m->guide, p->m->snapshot);
	struct str text = {0};
	bool is_v6 = a.family == AF_INET6;

	if (p->m->guide.is_running)
		str_puts(&text, "Try at the client now, with one of these:");
	else
		str_printf(&text, "Try at the client with one of these, then %.*s here:",
			   KEY_ARGS(ACTION_AGAIN));
	guide_item(p, ROLE_TITLE, ROLE_NORMAL, "Next", &text);
	str_release(&text);
	if (p->m->guide.aim.proto == IPPROTO_UDP) {
		add_hint(p, "any system", "nc -u -vz -w5 ", " ", "");
		return;
	}
	add_hint(p, "Linux, macOS", "nc -vz -w5 ", " ", "");
	add_hint(p, "Windows", "Test-NetConnection ", " -Port ", "");
	add_hint(p, "with curl", is_v6 ? "curl -v telnet://[" : "curl -v telnet://",
		 is_v6 ? "]:" : ":", "");
}

/*
 * The screen Help: the keys of the screen before, the words on it explained, what is
 * missing here and the grants that would help. Scrolls.
 */
#include <stdint.h>

#include "tui/chrome.h"
#include "tui/lines.h"
#include "tui/view.h"

enum { HEAD = 2, FOOT = 2, INDENT = 1, KEYS_WIDTH = 24, WORDS_WIDTH = 16 };

/* symbol: stands before the word if has_symbol. */
struct glossary {
	bool has_symbol;
	enum symbol symbol;
	const char *word, *meaning;
};

/* The words of the screen Ports. */
static const struct glossary port_words[] = {
	{false, 0, "listener",
	 "a socket that waits for clients: TCP in LISTEN, or UDP bound to"
	 " a port without a peer. Sockets that serve one port together"
	 " (both families, SO_REUSEPORT) are one row"},
	{false, 0, "PORT", "number and protocol"},
	{false, 0, "SERVICE",
	 "the port's name in /etc/services: what usually uses it, no proof"},
	{false, 0, "ephemeral",
	 "the port lies in ip_local_port_range, from which outgoing"
	 " connections get theirs"},
	{false, 0, "any v4+v6",
	 "every address of this host. any v4, any v6: of one family"},
	{false, 0, "this host only",
	 "loopback: programs on this host reach it, nobody else"},
	{false, 0, "10.0.0.5 (eth0)", "only this address, which that interface has"},
	{true, SYMBOL_SOME, "absent",
	 "bound to an address that no interface has: nobody reaches"
	 " it until one has"},
	{false, 0, "OWNER",
	 "the program that holds the socket: name and process id, the first"
	 " one started. +4: four more processes hold it"},
	{true, SYMBOL_ELLIPSIS, "behind owners",
	 "at least these, perhaps more: not every"
	 " process could be read"},
	{true, SYMBOL_WAITING, "looking", "not looked for yet"},
	{true, SYMBOL_NO_RIGHT, "needs root",
	 "other users' processes cannot be read without"
	 " rights; see what is missing below"},
	{true, SYMBOL_UNKNOWN, "not known",
	 "nobody was found, and not all could be looked at;"
	 " ? alone: this cell is not known"},
	{true, SYMBOL_NONE, "no process",
	 "all were looked at and none holds it: the kernel's"
	 " own socket"},
	{false, 0, "QUEUE 0/128",
	 "connections that wait for accept(), and how many listen()"
	 " allows. UDP: bytes that wait to be read"},
	{true, SYMBOL_BAD, "full (511)",
	 "more wait than are allowed: new clients are not"
	 " answered"},
	{true, SYMBOL_SOME, "was full", "it was full at some time since dport watches"},
	{false, 0, "CONN", "established connections that came through this listener"},
	{false, 0, "REACHED BY",
	 "who gets through to it, by bind address, firewall and translation; routes are"
	 " left out. any: every address of a family. lan: private networks alone. host:"
	 " this host alone. 3 nets, any but 2: these networks, or all but these. nobody."
	 " unsure: it depends on what is not known. many: too many to find out here. dport "
	 "exposure PORT names them"},
	{false, 0, "UNIT", "the systemd unit, else the container, that the owner runs in"},
	{false, 0, "DROPS",
	 "what the kernel threw away at this socket; (+n): since dport"
	 " watches"},
	{false, 0, "NETNS",
	 "network namespace: a network stack of its own (containers);"
	 " (own): the one that dport runs in"},
	{true, SYMBOL_NONE, "", "there is none"},
	{false, 0, "inode, cgroup",
	 "the socket's number in /proc/PID/fd; its control group,"
	 " which names the unit"},
};

/* The words of the Guide and of the ladder. */
static const struct glossary guide_words[] = {
	{false, 0, "refused", "the client's word: something answered no"},
	{false, 0, "timed out", "the client's word: nothing answered"},
	{false, 0, "no route",
	 "the client's \"No route to host\": mostly a firewall's no, seldom routing"},
	{false, 0, "reset", "the client's word: it answered, then hung up"},
	{false, 0, "SYN", "the first packet of a TCP connection: the client asks"},
	{false, 0, "SYN-ACK", "the answer to it: the server is willing"},
	{false, 0, "RST", "the answer no, or the end of a connection at once"},
	{true, SYMBOL_GOOD, "arrives ...", "the step was looked at and is fine"},
	{true, SYMBOL_BAD, "drops", "the packet is thrown away, and nobody is told"},
	{true, SYMBOL_BAD, "rejects",
	 "something answers the client no, with an ICMP error"},
	{true, SYMBOL_BAD, "refuses", "something answers the client no, with a reset"},
	{true, SYMBOL_BAD, "fails", "this is what keeps the client out"},
	{true, SYMBOL_SOME, "perhaps", "it may be this; a neighbour is not excluded"},
	{true, SYMBOL_UNKNOWN, "unknown",
	 "it was looked at, and what this host can see does not decide it"},
	{true, SYMBOL_NO_RIGHT, "needs root", "it cannot be seen without a right"},
	{true, SYMBOL_NONE, "none", "there is nothing of the kind on the way"},
	{true, SYMBOL_WAITING, "waiting",
	 "not known yet; what for and how long stands there"},
	{false, 0, "proven", "observed on this host now"},
	{false, 0, "likely", "all that was seen fits, and the neighbours are excluded"},
	{false, 0, "possible", "it fits, and a neighbour is not excluded"},
	{false, 0, "seen, read",
	 "seen: observed happening; read: concluded from how the host is configured"},
	{false, 0, "input, forward",
	 "hooks: the places where the kernel asks the firewall about a packet, in this"
	 " order; input is for packets to this host, forward for those passed on"},
	{false, 0, "policy", "what a chain of rules does with what no rule decided"},
	{false, 0, "handle", "the number of a rule, by which nft deletes it"},
	{false, 0, "before, now",
	 "after r: the result before and this one. Once a fault, it stays red until a "
	 "client"
	 " got through; a connection of our own does not count"},
};

struct page {
	const struct model *m;
	struct lines *lines;
	int width;
};

static void title(const struct page *p, const char *text)
{
	struct line_style style = {.width = p->width, .indent = INDENT, .role = ROLE_TITLE};

	if (p->lines->lines.n)
		lines_add(p->lines, &style, "", "");
	lines_add(p->lines, &style, "", text);
}

static void item(const struct page *p, int head_width, const char *head, const char *text)
{
	struct line_style style = {.width = p->width,
				   .indent = INDENT + 1,
				   .head_width = head_width,
				   .head_role = ROLE_KEY};

	lines_add(p->lines, &style, head, text);
}

static void add_keys(const struct page *p, unsigned where)
{
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++)
		if (keymap_where((enum action)a) & where)
			item(p, KEYS_WIDTH, keymap_keys((enum action)a),
			     keymap_help((enum action)a));
	if (where != WHERE_PORTS)
		return;
	title(p, "Keys while typing");
#define X(keys, help) item(p, KEYS_WIDTH, keys, help);
	FIELD_KEYS(X)
#undef X
}

static void add_words(const struct page *p, const struct glossary *words, size_t n)
{
	struct str head = {0};

	for (size_t i = 0; i < n; i++) {
		const struct glossary *g = &words[i];

		str_reset(&head);
		if (g->has_symbol)
			str_printf(&head, "%s ", symbol_text(g->symbol, p->m->is_ascii));
		str_puts(&head, g->word);
		item(p, WORDS_WIDTH, str_text(&head), g->meaning);
	}
	str_release(&head);
}

static void add_glossary(const struct page *p)
{
	if (p->m->help_where & WHERE_RUN)
		add_words(p, guide_words, sizeof(guide_words) / sizeof(guide_words[0]));
	else
		add_words(p, port_words, sizeof(port_words) / sizeof(port_words[0]));
}

static void add_grant(const struct page *p, const char *grant)
{
	struct str text = {0};

	if (!grant)
		return;
	str_printf(&text, "%s ", symbol_text(SYMBOL_ARROW, p->m->is_ascii));
	text_show(&text, text_of(grant), model_text_mode(p->m));
	item(p, WORDS_WIDTH, "", str_text(&text));
	str_release(&text);
}

static void add_one_missing(const struct page *p, const struct missing *missing)
{
	struct str source = {0}, text = {0};

	text_show(&source, text_of(missing->source), model_text_mode(p->m));
	text_show(&text, text_of(missing->reason), model_text_mode(p->m));
	item(p, WORDS_WIDTH, str_text(&source), str_text(&text));
	add_grant(p, missing->grant);
	str_release(&source);
	str_release(&text);
}

static void add_sentence(const struct page *p, const char *head, const char *sentence)
{
	struct str text = {0};

	if (!sentence)
		return;
	text_show(&text, text_of(sentence), model_text_mode(p->m));
	item(p, WORDS_WIDTH, head, str_text(&text));
	str_release(&text);
}

static void add_gap(const struct page *p, const struct reach *r)
{
	add_sentence(p, "REACHED BY", r->gap);
	if (r->gap)
		add_grant(p, r->grant);
}

static void add_missing(const struct page *p)
{
	const struct snapshot *s = p->m->snapshot;
	const struct surroundings *around = &p->m->around;

	add_sentence(p, "recording", around->replay_damage);
	add_sentence(p, "terminal", around->terminal_notice);
	if (p->m->reach)
		add_gap(p, p->m->reach);
	if (!s) {
		item(p, 0, "", "nothing was read yet");
		return;
	}
	for (size_t i = 0; i < s->n_missing; i++)
		add_one_missing(p, &s->missing[i]);
	if (!s->n_missing && !(p->m->reach && p->m->reach->gap))
		item(p, 0, "",
		     s->is_settled ? "nothing: all sources could be read"
				   : "nothing so far: not all have answered yet");
}

static void fill(const struct page *p)
{
	title(p, "Keys");
	add_keys(p, p->m->help_where);
	title(p, "Words and signs");
	add_glossary(p);
	title(p, "What is missing here");
	add_missing(p);
}

static void draw(struct frame *f, struct model *m)
{
	struct lines lines = LINES_EMPTY;
	struct page page = {m, &lines, f->width - 1};
	struct str range = {0};
	int height = f->height - HEAD - FOOT;
	size_t n, top, last_top;

	fill(&page);
	n = lines.lines.n;
	m->page = height;
	last_top = lines_last_top(&lines, height);
	if (m->help_top > last_top)
		m->help_top = last_top;
	top = m->help_top;
	chrome_header(f, 0, m);
	chrome_rule(f, 1, m, WHERE_HELP);
	for (int y = 0; y < height && top + (size_t)y < n; y++)
		lines_draw(&lines, top + (size_t)y, f, 0, HEAD + y, f->width);
	if (last_top)
		str_printf(&range, "%zu-%zu of %zu", top + 1,
			   top + (size_t)height < n ? top + (size_t)height : n, n);
	chrome_message(f, f->height - FOOT, m, str_text(&range));
	chrome_footer(f, f->height - 1, m, WHERE_HELP);
	str_release(&range);
	lines_release(&lines);
}

static unsigned scroll(struct model *m, long n)
{
	lines_scroll(&m->help_top, n);
	return EFFECT_DRAW;
}

static unsigned up(struct model *m)
{
	return scroll(m, -1);
}

static unsigned down(struct model *m)
{
	return scroll(m, 1);
}

static unsigned page_up(struct model *m)
{
	return scroll(m, -m->page);
}

static unsigned page_down(struct model *m)
{
	return scroll(m, m->page);
}

static unsigned first(struct model *m)
{
	m->help_top = 0;
	return EFFECT_DRAW;
}

static unsigned last(struct model *m)
{
	m->help_top = INT32_MAX; /* drawing brings it to the last page */
	return EFFECT_DRAW;
}

static unsigned (*const acts[N_ACTIONS])(struct model *m) = {
	[ACTION_UP] = up,           [ACTION_DOWN] = down,
	[ACTION_PAGE_UP] = page_up, [ACTION_PAGE_DOWN] = page_down,
	[ACTION_FIRST] = first,     [ACTION_LAST] = last,
};

static unsigned act(struct model *m, enum action a)
{
	return acts[a] ? acts[a](m) : 0;
}

const struct view view_help = {
	.name = "help",
	.where = WHERE_HELP,
	.draw = draw,
	.act = act,
};

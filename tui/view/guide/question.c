/*
 * The screen before the Guide: one question at a time, its answers, and what Enter does.
 * What the answers mean is tui/state/guide_ask.h.
 */
#include <stdio.h>
#include <string.h>

#include "tui/chrome.h"
#include "tui/page.h"
#include "tui/roll.h"
#include "tui/view.h"
#include "tui/view/guide/guide_words.h"

enum {
	INDENT = 1,
	NAME_WIDTH = 20,
	ROLE_NAME_WIDTH = 20,
	NARROW = 64, /* columns below which what an answer means is left out */
	FOOT_LINES = 3,
	CLIENT_NAME_MAX = ADDR_TEXT_MAX + 32,
};

struct answer_words {
	const char *name, *meaning;
};

static const struct answer_words symptom_words[N_SYMPTOMS] = {
	[SYMPTOM_UNKNOWN] = {"I do not know", "or something else"},
	[SYMPTOM_REFUSED] = {"refused", "something answered no"},
	[SYMPTOM_TIMEOUT] = {"timed out", "nothing answered"},
	[SYMPTOM_NO_ROUTE] = {"no route to host", "mostly a firewall's no, seldom routing"},
	[SYMPTOM_RESET] = {"reset", "it answered, then hung up"},
	[SYMPTOM_TLS] = {"TLS, certificate",
			 "it answered, and the two do not agree on the encryption"},
	[SYMPTOM_SLOW] = {"slow, or no answer", "it connects, then nothing comes"},
};

static const struct answer_words role_words[] = {
	[AIM_CLIENT] = {"the client", "it connects from here: look how far it gets"},
	[AIM_SERVER] = {"the server",
			"that address leads here: cloud address, load balancer, NAT"},
	[AIM_ROUTER] = {"on the way", "it passes the client's packets on (a router)"},
};

static const char *title_of(enum ask_kind kind)
{
	switch (kind) {
	case ASK_ROLE:
		return "What is this host: the server, the client, or on the way?";
	case ASK_SYMPTOM:
		return "What does the client say?";
	case ASK_CLIENT:
		return "Which client?";
	case N_ASKS:
		break;
	}
	return "";
}

static void put_why(const struct model *m, struct str *out)
{
	const struct guide *g = &m->guide;
	char address[ADDR_TEXT_MAX];

	switch (m->ask.at) {
	case ASK_ROLE:
		if (g->host[0])
			text_show(out, text_of(g->host), model_text_mode(m));
		else
			str_puts(out, addr_format(&g->aim.address, address));
		str_puts(out, g->host[0] ? " is not this host's own name."
					 : " is not an address of this host.");
		return;
	case ASK_SYMPTOM:
		str_puts(out, "The words of its error message tell much. Guess nothing: "
			      "the default is fine.");
		return;
	case ASK_CLIENT:
		str_puts(out, "With its address, only what comes from there counts.");
		return;
	case N_ASKS:
		return;
	}
}

/* ---- answers ---- */

static struct answer_words client_words(const struct model *m, size_t i,
					char name[CLIENT_NAME_MAX])
{
	const struct guide_ask *a = &m->ask;
	char text[ADDR_TEXT_MAX];

	switch (guide_ask_client(a, i)) {
	case ASK_ANYONE:
		return (struct answer_words){"anyone", "whoever tries this port now"};
	case ASK_SEEN:
		addr_format(&a->clients[i - 1].address, name);
		return (struct answer_words){name, a->clients[i - 1].is_at_port
							   ? "was seen trying this port"
							   : "uses a port here"};
	case ASK_TYPED:
		if (a->typed.family)
			snprintf(name, CLIENT_NAME_MAX, "another: %s",
				 addr_format(&a->typed, text));
		return (struct answer_words){a->typed.family ? name : "another address",
					     "type it"};
	case ASK_NOBODY:
		break;
	}
	return (struct answer_words){"I cannot test",
				     "nobody can try now: look at this host alone"};
}

static struct answer_words words_of(const struct model *m, size_t i,
				    char name[CLIENT_NAME_MAX])
{
	switch (m->ask.at) {
	case ASK_ROLE:
		return role_words[guide_ask_role(i)];
	case ASK_SYMPTOM:
		return symptom_words[guide_ask_symptom(i)];
	case ASK_CLIENT:
		return client_words(m, i, name);
	case N_ASKS:
		break;
	}
	return (struct answer_words){"", ""};
}

/* Addresses of IPv6 need more than words do. */
static int name_width(const struct model *m)
{
	char name[CLIENT_NAME_MAX];
	int widest = NAME_WIDTH;

	for (size_t i = 0; i < guide_ask_n(&m->ask); i++) {
		int width = (int)strlen(words_of(m, i, name).name) + 2;

		widest = width > widest ? width : widest;
	}
	return widest;
}

static void draw_answer(struct frame *f, const struct model *m, size_t i, int y)
{
	char name[CLIENT_NAME_MAX];
	struct answer_words words = words_of(m, i, name);
	int x = INDENT + 1, width = name_width(m);

	frame_put(f, x, y, f->width - x, ROLE_TITLE, text_of(words.name));
	if (f->width >= NARROW)
		frame_put(f, x + width, y, f->width - x - width, ROLE_NORMAL,
			  text_of(words.meaning));
	if (i == m->ask.chosen[m->ask.at])
		page_pointer(f, y, m);
}

/* ---- the screen ---- */

/* What comes after Enter. */
static const char *next_words(const struct model *m)
{
	const struct guide_ask *a = &m->ask;
	bool is_client =
		a->at == ASK_ROLE && guide_ask_role(a->chosen[ASK_ROLE]) == AIM_CLIENT;

	if (is_client)
		return "Enter: dport tries to connect from here, once for each address.";
	if (a->at == ASK_ROLE)
		return "Enter: what the client says, then which client.";
	if (a->at == ASK_SYMPTOM)
		return "Enter: which client. Enter again: the diagnosis begins.";
	if (guide_ask_client(a, a->chosen[ASK_CLIENT]) == ASK_NOBODY)
		return "Enter: the diagnosis begins; nobody is waited for.";
	return "Enter: the diagnosis begins; it watches for 5 seconds.";
}

static void draw_head(struct frame *f, const struct model *m)
{
	struct str target = {0};

	guide_target(m, &target);
	frame_text(f, 1, 0, f->width - 2, ROLE_TITLE, text_of_str(&target));
	chrome_rule(f, 1, m, WHERE_QUESTION);
	str_release(&target);
}

/* Title and reason. Returns the row of the first answer. */
static int draw_question(struct frame *f, const struct model *m, int room)
{
	struct str why = {0};
	int y = PAGE_HEAD;

	frame_put(f, INDENT, y++, f->width - INDENT, ROLE_TITLE,
		  text_of(title_of(m->ask.at)));
	if (room >= (int)guide_ask_n(&m->ask) + FOOT_LINES + 1) {
		put_why(m, &why);
		frame_put(f, INDENT, y, f->width - INDENT, ROLE_DIM, text_of_str(&why));
		y += 2;
		str_release(&why);
	}
	return y;
}

static void draw(struct frame *f, struct model *m)
{
	struct guide_ask *a = &m->ask;
	int room = page_height(f), y, end = f->height - PAGE_FOOT;
	size_t n = guide_ask_n(a);
	struct roll roll = {.selected = a->chosen[a->at]};

	m->page = room;
	draw_head(f, m);
	y = draw_question(f, m, room);
	roll_show(&roll, roll.selected, roll.selected + 1, end - y, n);
	for (size_t i = roll.top; i < n && y < end; i++)
		draw_answer(f, m, i, y++);
	if (y + 1 < end)
		frame_put(f, INDENT, y + 1, f->width - INDENT, ROLE_DIM,
			  text_of(next_words(m)));
	chrome_message(f, f->height - PAGE_FOOT, m, "");
	chrome_footer(f, f->height - 1, m, WHERE_QUESTION);
}

/* ---- actions ---- */

/* 0: all are answered, and the diagnosis may begin. */
static unsigned answer(struct model *m)
{
	struct guide_ask *a = &m->ask;
	bool is_typed = a->at == ASK_CLIENT &&
			guide_ask_client(a, a->chosen[ASK_CLIENT]) == ASK_TYPED;

	if (is_typed && !a->typed.family) {
		field_open(&m->field, FIELD_CLIENT, "");
		return EFFECT_DRAW;
	}
	return guide_ask_next(m) ? EFFECT_DRAW : 0;
}

static unsigned act(struct model *m, enum action a)
{
	struct guide_ask *ask = &m->ask;
	struct roll roll = {.selected = ask->chosen[ask->at]};

	if (a == ACTION_ANSWER)
		return answer(m);
	if (a == ACTION_BACK)
		return guide_ask_back(ask) ? EFFECT_DRAW : 0;
	if (!roll_choose(&roll, a, m->page, guide_ask_n(ask)))
		return 0;
	ask->chosen[ask->at] = roll.selected;
	if (ask->at == ASK_CLIENT && guide_ask_client(ask, roll.selected) != ASK_TYPED)
		ask->typed = (struct addr){0};
	return EFFECT_DRAW;
}

const struct view view_question = {
	.name = "question",
	.where = WHERE_QUESTION,
	.draw = draw,
	.act = act,
};

/* Looks of events by their tone. */
#include "tui/view/event_words.h"

static const struct {
	enum role role;
	enum symbol symbol;
} looks[] = {
	[TONE_QUIET] = {ROLE_NOTICE, SYMBOL_DOT},
	[TONE_GOOD] = {ROLE_GOOD, SYMBOL_GOOD},
	[TONE_WARN] = {ROLE_WARN, SYMBOL_SOME},
	[TONE_BAD] = {ROLE_BAD, SYMBOL_BAD},
};

enum role event_role(enum event_kind k)
{
	return looks[event_kind_tone(k)].role;
}

enum symbol event_symbol(enum event_kind k)
{
	return looks[event_kind_tone(k)].symbol;
}

void event_put_kind(struct str *out, enum event_kind k, bool is_ascii)
{
	str_printf(out, "%s %s", symbol_text(event_symbol(k), is_ascii),
		   event_kind_word(k));
}

const char *event_group_help(enum event_group g)
{
	static const char *const words[N_EVENT_GROUPS] = {
#define X(name, word, help) [EVENTS_OF_##name] = help,
		EVENT_GROUPS(X)
#undef X
	};

	return words[g];
}

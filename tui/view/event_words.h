/* How a kind of event looks: symbol, word and role. */
#ifndef TUI_VIEW_EVENT_WORDS_H
#define TUI_VIEW_EVENT_WORDS_H

#include "core/snapshot/events.h"
#include "tui/terminal/theme.h"

enum role event_role(enum event_kind k);
enum symbol event_symbol(enum event_kind k);
/* Appends "✖ gone". */
void event_put_kind(struct str *out, enum event_kind k, bool is_ascii);
/* What belongs to a group, as the end of a sentence. */
const char *event_group_help(enum event_group g);

#endif

/* Text to the clipboard of the user's terminal: OSC 52. Makes the bytes; sends nothing. */
#ifndef TUI_CLIPBOARD_H
#define TUI_CLIPBOARD_H

#include <stdbool.h>

#include "core/base/text.h"

#define CLIPBOARD_MAX 74000 /* bytes of text that terminals commonly take */

/*
 * Appends the sequence; in_screen: in the pieces that GNU screen passes on. 0, -EMSGSIZE
 * (nothing is appended), -ENOMEM. XTerm Control Sequences, "Operating System Commands".
 */
int clipboard_bytes(struct str *out, struct text t, bool in_screen);

#endif

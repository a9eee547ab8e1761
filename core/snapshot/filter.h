/*
 * The words that choose endpoints, in `dport list FILTER...` and behind the console's f and
 * / keys.
 *
 * A filter is words, all of which must hold. A word:
 *
 *   443  443/udp  8000-8100       the port
 *   https                         the service, or part of an owner's name, the user, unit,
 *                                 container or address
 *   10.0.0.0/8                    an address in it
 *   port:     a port, a range or a service's name
 *   proto:    tcp udp udplite mptcp
 *   proc:     part of an owner's command name or the name of its exe
 *   pid:      of an owner
 *   user:     name or uid of the socket, or uid of an owner
 *   unit: container:  part of its name; unit: also that of the socket unit
 *   scope:    any any-v4 any-v6 loopback address absent
 *   addr:     address or prefix/len that it is bound to
 *   dev:      the device bound to, or the one that carries the address
 *   netns:    name, the pid that stands for it, inode; "own"
 *   state:    full deleted unowned ephemeral activated, or bad: full now or before,
 *             dropping, or bound to an address that no interface has
 *
 * A leading ! or - turns a word round. Case does not matter. In a line "..." keeps blanks
 * together, with \xHH and \u{h} in it as on the screen (text_show()): proc:"tmux: server".
 */
#ifndef CORE_SNAPSHOT_FILTER_H
#define CORE_SNAPSHOT_FILTER_H

#include "core/snapshot/snapshot.h"

#define FILTER_ERROR_MAX 160

struct filter;

/*
 * From one line (split at blanks) or from argv words. NULL with error[] = one sentence
 * (printable ASCII) naming the word and what is taken. An empty filter takes all.
 */
struct filter *filter_parse(const char *line, char error[FILTER_ERROR_MAX]);
struct filter *filter_parse_words(char *const *words, int n_words,
				  char error[FILTER_ERROR_MAX]);
/* Appends a name from outside as it can stand behind a key in a line: in quotes where it
 * has to. 0 or -ENOMEM. */
int filter_quote(struct str *out, struct text name);
/* The i-th key ("port"), and the i-th word of state: ("full"); NULL: that were all. */
const char *filter_key(size_t i);
const char *filter_state(size_t i);

/* NULL is allowed. */
void filter_free(struct filter *f);
/* A NULL filter takes all. */
bool filter_takes(const struct filter *f, const struct endpoint *e);
/*
 * True if any text of the row (port, service, address, owner, pid, user, unit, container,
 * device, namespace) has the needle, as the / key searches.
 */
bool endpoint_has_text(const struct endpoint *e, struct text needle);

#endif

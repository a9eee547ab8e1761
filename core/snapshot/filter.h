/*
 * The words that choose endpoints, in `dport list FILTER...` and behind the console's f and / keys.
 *
 * A filter is words, all of which must hold. A word: 443 · 443/udp · 8000-8100 · https (a service or part of any owner's name, user,
 * unit or address) · port: proto: proc: pid: user: unit: container: scope: (any any-v4 any-v6 loopback address absent) · addr: (address or prefix/len) ·
 * dev: netns: state: (full deleted unowned ephemeral activated) · a leading ! or - turns a word round. Case does not matter.
 */
#ifndef CORE_SNAPSHOT_FILTER_H
#define CORE_SNAPSHOT_FILTER_H

#include "core/snapshot/snapshot.h"

struct filter;

/* From one line (split at blanks) or from argv words. NULL with error[] = one sentence naming the word and what is taken. An empty filter takes all. */
struct filter *filter_parse(const char *line, char error[160]);
struct filter *filter_parse_words(char *const *words, int n_words, char error[160]);
void filter_free(struct filter *f);
bool filter_takes(const struct filter *f, const struct endpoint *e);
/* True if any text of the row (port, service, address, owner, user, unit) has the needle, as the / key searches. */
bool endpoint_has_text(const struct endpoint *e, struct text needle);

#endif

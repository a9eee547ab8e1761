/* The readers of one text, shared by view_decode.c and the files that have them. Each fills
 * the view with texts in the arena. 0; -ENOENT: it is not of this form; -ENOMEM. */
#ifndef CORE_CLIENT_READERS_H
#define CORE_CLIENT_READERS_H

#include "core/client/view.h"

/* script.c: lines "dport WORD ..." of the script. */
int client_read_script(struct client_view *v, struct arena *a, struct text t);
/* report.c: a document of dport: probe, diagnosis, capture. */
int client_read_report(struct client_view *v, struct arena *a, struct text t);
/* words.c: what people paste. */
int client_read_words(struct client_view *v, struct arena *a, struct text t);

/* results.c: the words of an error as programs print them; UNKNOWN: none of them. */
enum client_result client_result_of(struct text words);
/* One more attempt with nothing known; NULL: no room. */
struct client_try *client_add_try(struct client_view *v);
/* Into the resolver's answers, once. */
void client_add_address(struct client_view *v, const struct addr *address);
/* An address, bare or in brackets; none: it is none. */
struct addr client_address_of(struct text t);

#endif

/*
 * Both ends as one: what a client's own view says beside what this host saw. Finds no
 * fault; checks_joined.c does. A view is what somebody says: by ssh at this very time, or
 * in a file, which counts by the time that it names.
 */
#ifndef CORE_DIAGNOSIS_JOINED_H
#define CORE_DIAGNOSIS_JOINED_H

#include "core/client/view.h"
#include "core/diagnosis/finding.h"

/* All views: of clients that were asked, then of files. */
size_t joined_n(const struct evidence *e);
const struct client_view *joined_at(const struct evidence *e, size_t i);
/* The attempt of a view that is about the target's port and, if server has a family, about
 * that address or one that is not said; NULL: none. */
const struct client_try *joined_try(const struct evidence *e, const struct client_view *v,
				    const struct addr *server);

/* How sure anything can be that rests on this view: proven of one that tried within the
 * window, likely of a text whose time is not its own, possible of one an hour before it. */
enum certainty joined_limit(const struct evidence *e, const struct client_view *v);
/* It is known to have tried within the window. */
bool joined_is_now(const struct evidence *e, const struct client_view *v);
/* The attempts at the target's port that a capture saw while the view tried: by its own
 * address, and by others. An unsaid source: all are others. */
struct joined_sight {
	uint32_t n_own, n_own_open, n_own_silent;
	uint32_t n_others, n_others_open, n_others_failed;
	struct addr other; /* one of the others: that fits the view's result, if any does */
	uint32_t n_fitting; /* others that met what the client says */
};
struct joined_sight joined_sight(const struct evidence *e, const struct client_view *v,
				 const struct client_try *t);
/* None of them is an address of this host; UNSURE: one is not known. */
enum tri joined_is_elsewhere(const struct evidence *e, const struct client_view *v,
			     const struct client_try *t);

/*
 * Where --from names nobody: the address under which the client says that it tried, once
 * this host saw it, or saw nobody else in its place. Sets the target's client of e, or
 * leaves it as asked.
 */
void joined_name_client(struct evidence *e, const struct aim *asked);

/* "client" or "client (file)": the source of a proof. */
const char *joined_source(const struct client_view *v);
/* "ssh:bob@c1", "file notes.txt", as a shown text in the arena; "" for want of memory. */
const char *joined_name(struct arena *a, const struct client_view *v);
/* What it says in one sentence: "ssh:bob@c1 got no answer from 10.0.0.1 port 443 after 4.0
 * s, by nc"; in the arena. */
const char *joined_words(const struct evidence *e, struct arena *a,
			 const struct client_view *v);
/* Why a view says nothing: "the login was not possible: ..."; in the arena. */
const char *joined_error_words(struct arena *a, const struct client_view *v);

#endif

/* What the checks of both ends share. Private to checks_joined*.c. */
#ifndef CORE_DIAGNOSIS_CHECK_JOINED_H
#define CORE_DIAGNOSIS_CHECK_JOINED_H

#include "core/diagnosis/checks.h"
#include "core/diagnosis/joined.h"

/* One attempt of one client at the walk's address, as it tells it, and what was seen of it.
 */
struct check_joined {
	const struct check_view *v;
	const struct client_view *view;
	const struct client_try *try;
	struct joined_sight sight;
};

/*
 * Runs the check for every client that says something of an attempt, once the window has
 * ended and where there was a capture; the surest finding counts. Ruled out only if it is
 * for each of them, undecided if it is for one.
 */
int joined_check(const struct check_view *v, struct finding *f,
		 int (*check)(const struct check_joined *c, struct finding *f));
/* joined_limit(), and no more than this. */
int joined_at_most(const struct check_joined *c, enum certainty most);
/* Its own dport names this cause, sure enough to act on. */
bool joined_names(const struct check_joined *c, enum fault fault);
/* Its own words as a proof. */
int joined_prove(const struct check_joined *c, struct finding *f);
/* A text of the client's, in the arena. */
const char *joined_shown(const struct check_joined *c, struct text t);
/* Packets were seen, and none was lost: what is not seen did not come. */
bool joined_capture_works(const struct check_view *v);
/* Something stands before the capture. */
enum tri joined_has_xdp(const struct check_view *v);

#endif

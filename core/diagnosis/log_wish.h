/*
 * What log lines are held against in a diagnosis: its window with a margin, the port, the
 * clients that were seen, who holds the port or may speak of it. Matches nothing itself:
 * core/logs/match.h does.
 */
#ifndef CORE_DIAGNOSIS_LOG_WISH_H
#define CORE_DIAGNOSIS_LOG_WISH_H

#include "core/diagnosis/check_logs.h"
#include "core/diagnosis/diagnosis.h"

/* log borrows the other members: a wish stays where it was begun. */
struct log_wish {
	struct log_wanted log;
	struct addr clients[GROUPS_MAX];
	int32_t pids[REQUEST_PIDS_MAX];
	struct log_names names;
};

/* Time and port; nobody yet. A window that goes on lasts until now. */
void log_wish_begin(struct log_wish *w, const struct evidence *e);
/* Each once, as many as there is room for; none: nothing. */
void log_wish_client(struct log_wish *w, const struct addr *client);
/* The processes and the unit of who holds the port; NULL or unknown: what is known to use
 * it. */
void log_wish_owner(struct log_wish *w, const struct evidence *e,
		    const struct endpoint *owner);

#endif

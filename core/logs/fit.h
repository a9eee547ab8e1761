/* Whether a known sentence is about what is looked for. Inside core/logs. Pure. */
#ifndef CORE_LOGS_FIT_H
#define CORE_LOGS_FIT_H

#include "core/logs/known.h"

enum fit {
	FIT_NOT,
	FIT_BY_GUESS, /* by what a known service is called, where the owner is not known */
	FIT_WELL,
};

/* By the row's own rule. A denial that was only told (permissive) fits nothing. */
enum fit fit_of(const struct log_wanted *w, const struct log_line *line,
		const struct known *k, const struct form_found *found);
/* One of the clients; false where there are none. */
bool fit_is_client(const struct log_wanted *w, const struct addr *a);
/* Written by the owner, as far as he is known, or to a file that he holds. */
bool fit_is_owner(const struct log_wanted *w, const struct log_line *line);

#endif

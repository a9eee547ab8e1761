/* The sentences that are known, and what must fit for a line to count. Inside core/logs. */
#ifndef CORE_LOGS_KNOWN_H
#define CORE_LOGS_KNOWN_H

#include "core/logs/form.h"
#include "core/logs/lines.h"

/* Whose word it must be. */
enum known_from { KNOWN_KERNEL, KNOWN_INIT, KNOWN_BANS, KNOWN_PROGRAM };

enum known_fit {
	FIT_WINDOW,          /* its time alone: it is of the whole host */
	FIT_PORT,            /* the port */
	FIT_PORT_OR_OWNER,   /* the port, where the line tells one, else the owner */
	FIT_PORT_OR_COMM,    /* the port, where the line tells one, else FIT_COMM */
	FIT_CLIENT_PORT,     /* the address, and the port */
	FIT_CLIENT,          /* the address */
	FIT_CLIENT_OR_OWNER, /* either */
	FIT_OWNER,           /* process, holder of the file or unit */
	FIT_COMM,            /* the process' name or pid, as the line tells it */
	FIT_UNIT,            /* the unit, as the line tells it */
};

struct known {
	const char *form;
	enum log_meaning meaning; /* N_LOG_MEANINGS: that of its %r */
	enum known_from from;
	enum known_fit fit;
	bool holds_on; /* it still matters a day later */
};

/* One line that is a known sentence. */
struct log_sentence {
	uint32_t line; /* index */
	const struct known *known;
	struct form_found found; /* borrows from the line */
};

/* Looks through all rows once and keeps what was found, in the table's arena. 0, -ENOMEM.
 */
int known_find_all(struct log_table *t);
/* The first row whose form the line's message has; NULL: none. */
const struct known *known_find(const struct log_line *line, struct form_found *found);
/* The ban of *found is over: the same holes as those of KNOWN_BANS. */
bool known_is_unban(const struct log_line *line, struct form_found *found);

#endif

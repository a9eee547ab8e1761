/*
 * What the logs say of a walk's port, for the checks. A line decides nothing by its text
 * alone: it must be about this port, its clients or its service, of its time, and of a
 * writer who could not be somebody else. Shared by checks_*.c only.
 */
#ifndef CORE_DIAGNOSIS_CHECK_LOGS_H
#define CORE_DIAGNOSIS_CHECK_LOGS_H

#include "core/diagnosis/check_help.h"
#include "core/logs/match.h"
#include "core/services/known.h"

enum { LOG_NAMES_MAX = 96 };

/* What may be speaking of a port that nobody holds: units and programs that are known to
 * use it. Borrowed from the evidence and the table of services. */
struct log_names {
	struct text units[LOG_NAMES_MAX], comms[LOG_NAMES_MAX];
	size_t n_units, n_comms;
};
void evidence_log_names(const struct evidence *e, struct log_names *out);

struct log_said {
	const struct log_line *line;
	struct log_match match;
};

/*
 * Each the latest such line. False: there is none, or no log was read. The port's process
 * is whoever holds it (any address); where nobody does, what is known to use the port, and
 * the service that systemd starts for it.
 */
bool view_said(const struct check_view *v, enum log_meaning meaning, struct log_said *out);
/* Of several: bit 1u << meaning. */
bool view_said_any(const struct check_view *v, uint32_t meanings, struct log_said *out);
/* A line whose meaning speaks for this fault. */
bool view_logs_support(const struct check_view *v, enum fault fault, struct log_said *out);

/*
 * How far the line alone carries: LIKELY where its writer is known to be who he says, the
 * port stands in it or it is of the port's own service, and it is of these minutes or its
 * unit is down; else POSSIBLE.
 */
int said_certainty(const struct check_view *v, const struct log_said *s);
/* "nginx.service", "sshd", else `otherwise`: who speaks, shown. Never NULL. */
const char *view_speaker(const struct check_view *v, const struct log_said *s,
			 const char *otherwise);
/* The service that speaks; NULL: not known. Its unit as systemd has it now, one that is
 * down first; NULL: none is loaded. */
const struct known_service *said_service(const struct check_view *v,
					 const struct log_said *s);
const struct unit_state *said_unit(const struct check_view *v, const struct log_said *s);
/* The line as a proof, with its time, its source and why it counts. 0 or -ENOMEM. */
int prove_said(const struct check_view *v, struct finding *f, const struct log_said *s);

/* What the endpoint's service is known as; e NULL: what uses the port, where it is one
 * alone. NULL: not known. */
const struct known_service *view_service(const struct check_view *v,
					 const struct endpoint *e);
/* A next step: where s has its port and how to check and take up a change. Nothing of
 * NULL. 0 or -ENOMEM. */
int advise_configuration(const struct check_view *v, struct finding *f,
			 const struct known_service *s);
/* The unit that systemd starts for the target's port (its .socket in *socket), as its files
 * or systemd say; none: no such. */
struct text evidence_activated(const struct evidence *e, struct text *socket);

#endif

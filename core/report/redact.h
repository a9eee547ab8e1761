/*
 * Stand-ins for the names that a report must not carry out of the house: "addr-1",
 * "user-2". Within one redactor the same name always gets the same stand-in. Ports, process
 * names and unit names are not its business.
 */
#ifndef CORE_REPORT_REDACT_H
#define CORE_REPORT_REDACT_H

#include "core/base/addr.h"
#include "core/base/arena.h"
#include "core/base/vec.h"

enum redact_kind {
	REDACT_ADDRESS,
	REDACT_HOST,
	REDACT_USER,
	REDACT_CONTAINER,
	N_REDACT_KINDS
};

struct redactor {
	struct arena arena;
	struct vec names[N_REDACT_KINDS];
	bool failed; /* for want of memory: then "hidden" stands in for the name */
};

void redactor_init(struct redactor *r);
void redactor_release(struct redactor *r);

/* All texts returned live as long as the redactor. No text stays no text. */
struct text redact_name(struct redactor *r, enum redact_kind kind, struct text name);
/* Any and loopback addresses tell nothing and stay: no text. An address has one stand-in,
 * bare or v4-mapped. */
struct text redact_addr(struct redactor *r, const struct addr *a);
/* "docker:3f2a..." becomes "docker:container-1": the engine stays. */
struct text redact_container(struct redactor *r, struct text container);
/*
 * A path or unit name: runs of 12 and more hexadecimal digits (ids of containers), the name
 * of the given container (may be none) and the user in /home/USER become their stand-ins.
 */
struct text redact_path(struct redactor *r, struct text path, struct text container);

#endif

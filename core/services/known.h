/*
 * Services as they are known: where each listens unless somebody changed it, what it is
 * called, where it is configured, and how its configuration is checked and taken up. The
 * rows are in assets/services, built into the program. Nothing of it is evidence of this
 * host; it is for words, and to know which lines of a log may be of interest.
 */
#ifndef CORE_SERVICES_KNOWN_H
#define CORE_SERVICES_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/text.h"

enum first_speaker { FIRST_CLIENT, FIRST_SERVER };

struct known_service {
	const char *name;
	const char *ports; /* "22/tcp ~80/tcp" */
	enum first_speaker first;
	const char *programs, *units; /* words */
	/* Places apart by ", "; "" is none. */
	const char *logs, *config;
	const char *directive, *check, *reload; /* "" is none */
};

enum known_use {
	KNOWN_NOT,    /* it does not use this port as a rule */
	KNOWN_SHARED, /* it does, and so do others */
	KNOWN_OWN,    /* hardly anything else does */
};

extern const struct known_service known_services[];
extern const size_t n_known_services;

/* proto: IPPROTO_TCP or IPPROTO_UDP. */
enum known_use known_service_uses(const struct known_service *s, uint16_t port,
				  uint8_t proto);
bool known_service_has_program(const struct known_service *s, struct text comm);
/* "postgresql@15-main.service" is of "postgresql@*.service". */
bool known_service_has_unit(const struct known_service *s, struct text unit);
/*
 * The service that runs as this unit, else as this program on that port, else as this
 * program where only one does. Either may be none. NULL: not known.
 */
const struct known_service *known_service_of(struct text unit, struct text comm,
					     uint16_t port, uint8_t proto);
/* Whose log this file is: the place itself, or a file beneath it ("/var/log/x/"). NULL. */
const struct known_service *known_service_of_log(struct text path);
/* Those that use a port, as they stand in the table; returns how many, at most room. */
size_t known_services_at(uint16_t port, uint8_t proto, const struct known_service **out,
			 size_t room);
/* The next word of a field ("" at its end, then false). */
bool known_next_word(const char **rest, struct text *out);

#endif

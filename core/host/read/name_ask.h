/* What one name is to each who may be asked. Private to name_*.c. */
#ifndef CORE_HOST_READ_NAME_ASK_H
#define CORE_HOST_READ_NAME_ASK_H

#include <stdint.h>
#include <stdio.h>

#include "core/base/addr.h"

/* An item of a bundle to a stream. */
void name_put(FILE *f, const char *item, const void *data, size_t len, int error);
/*
 * name_servers.c: what /etc/hosts has ("hosts": an address each), then what every server of
 * /etc/resolv.conf answers, as they send it ("dns/SERVER/A or AAAA/MICROSECONDS/NAME", or
 * an error), all of them at once; until one of them knows an address, for the next name
 * that the list of domains makes.
 */
void name_ask_sources(FILE *f, const char *name);

#endif

/* Ports that people mistake for each other: 443 and 8443, 25 and 587. Knows no traffic. */
#ifndef CORE_SERVICES_SIBLINGS_H
#define CORE_SERVICES_SIBLINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two different ports on which the same kind of service is usual. */
bool ports_are_siblings(uint16_t a, uint16_t b);
/* The siblings of a port: at most room are written. Returns their number. */
size_t ports_siblings(uint16_t port, uint16_t *out, size_t room);

#endif

/*
 * Addresses that keepalived moves between hosts, as its configuration names them: lines
 * "10.0.0.100/24". Pure.
 */
#ifndef CORE_NAT_VIRTUAL_ADDRESSES_H
#define CORE_NAT_VIRTUAL_ADDRESSES_H

#include <stdbool.h>

#include "core/base/addr.h"
#include "core/base/text.h"

/* A line of the text is this address, with or without the length of its network. */
bool virtual_addresses_have(struct text lines, const struct addr *a);

#endif

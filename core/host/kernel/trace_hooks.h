/* Which chains there are besides those of IP, for a trace. NFT_MSG_GETCHAIN. */
#ifndef CORE_HOST_TRACE_HOOKS_H
#define CORE_HOST_TRACE_HOOKS_H

#include "core/host/kernel/trace_table.h"

/*
 * Asks the kernel for the base chains of the families bridge and netdev in the present
 * namespace; changes nothing. *out is empty where it does not tell, and holds no more than
 * TRACE_DEVICES_MAX devices.
 */
void trace_hooks_ask(struct trace_hooks *out);

#endif

/* Whose cloud this host runs in, by what its firmware says (DMI). Nobody is asked. */
#ifndef CORE_SNAPSHOT_CLOUD_HOST_H
#define CORE_SNAPSHOT_CLOUD_HOST_H

#include "core/base/text.h"

/* Any may be none. NULL: no cloud that is known here. */
const char *cloud_of_host(struct text vendor, struct text product, struct text bios,
			  struct text asset);
/* "its security groups and network ACLs": what stands before a host there; static words. */
const char *cloud_guards(const char *cloud);

#endif

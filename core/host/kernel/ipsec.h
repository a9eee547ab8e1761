/* What of the kernel's messages about IPsec may leave the reader. linux/xfrm.h. */
#ifndef CORE_HOST_IPSEC_H
#define CORE_HOST_IPSEC_H

#include <stdbool.h>
#include <stdint.h>

/* False for every message that may hold a key (XFRM_MSG_NEWSA, ACQUIRE, EXPIRE, ...), and
 * for those that nobody here reads. */
bool ipsec_may_leave(uint16_t type);

#endif

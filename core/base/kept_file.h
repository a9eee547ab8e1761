/* One file of configuration as it stands. Knows nothing of what is in it. */
#ifndef CORE_BASE_KEPT_FILE_H
#define CORE_BASE_KEPT_FILE_H

#include "core/base/text.h"

struct kept_file {
	struct text path, bytes; /* "/etc/firewalld/zones/public.xml" */
	int error;               /* positive errno: it could not be read; then no bytes */
};

#endif

/* /proc/PID/stat -> what names a process. proc(5). Pure. */
#ifndef CORE_SOCKETS_PROCSTAT_H
#define CORE_SOCKETS_PROCSTAT_H

#include <stdint.h>

#include "core/base/text.h"

struct procstat {
	struct text comm;     /* borrowed; may hold any byte, also ')' and newlines */
	char state;           /* field 3 */
	int32_t parent;       /* field 4: 0 for none in this pid namespace */
	uint64_t start_ticks; /* field 22 */
};

/* A whole stat file; its comm ends at the last ')'. 0 or -EBADMSG. */
int procstat_parse(struct text file, struct procstat *out);

#endif

/* Reading /proc/PID/stat and status. Does not know descriptors or owners. */
#include "core/sockets/procstat.h"

#include <errno.h>
#include <string.h>

#include "core/base/pieces.h"

enum { FIELD_STATE = 3, FIELD_PARENT = 4, FIELD_START = 22 };

int procstat_parse(struct text file, struct procstat *out)
{
	const char *open, *close;
	struct procstat s = {0};
	struct text rest, field;
	uint64_t parent;

	open = file.len ? memchr(file.bytes, '(', file.len) : NULL;
	close = open ? memrchr(open, ')', file.len - (size_t)(open - file.bytes)) : NULL;
	if (!close)
		return -EBADMSG;
	s.comm = (struct text){open + 1, (size_t)(close - open) - 1};
	/* behind ") " */
	rest = piece_tail(file, (size_t)(close - file.bytes) + 2);
	for (int i = FIELD_STATE; i <= FIELD_START; i++) {
		if (!piece_next(&rest, ' ', &field) || !field.len)
			return -EBADMSG;
		if (i == FIELD_STATE)
			s.state = field.bytes[0];
		if (i == FIELD_PARENT && piece_number(&field, INT32_MAX, &parent))
			s.parent = (int32_t)parent;
	}
	if (!piece_number(&field, UINT64_MAX, &s.start_ticks) || piece_strip(field).len)
		return -EBADMSG;
	*out = s;
	return 0;
}

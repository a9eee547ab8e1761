/*
 * The time at the front of a log line. RFC 3339 and its relatives ("2026-11-22
 * 10:00:00.123 UTC", nginx's "2026/11/22 10:00:00"), syslog's "Nov 22 10:00:00", Apache's
 * "[Sun Nov 22 10:00:00.123 2026]", the access logs' "[22/Nov/2026:10:00:00 +0000]". Pure.
 */
#ifndef CORE_LOGS_STAMP_H
#define CORE_LOGS_STAMP_H

#include "core/logs/scan.h"

/* For stamps that tell no zone or no year. */
struct stamp_clock {
	int32_t utc_offset_s;
	int64_t wall_ns; /* now; 0: stamps without a year are not understood */
};

enum stamp_form { STAMP_ISO, STAMP_SYSLOG, STAMP_APACHE, STAMP_ACCESS };

struct stamp {
	int64_t wall_ns;
	int64_t slack_ns; /* a second where the stamp has no fraction */
	enum stamp_form form;
};

/*
 * Cuts a stamp that *rest begins with off it, with the blanks behind it. Within an access
 * log's line, and behind a key ("time="), it is found where it stands, and *rest stays.
 * False: there is none that is understood. A zone's letters that are not known are taken
 * for the local ones.
 */
bool stamp_read(struct text *rest, const struct stamp_clock *clock, struct stamp *out);

#endif

/* Times and lengths of time as text. Never asks for the present moment. */
#include "core/base/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Seconds since 1970, rounded down also before it; *ms is what was cut off. */
static time_t split(int64_t wall_ns, int *ms)
{
	int64_t s = wall_ns / NS_PER_S;
	int64_t rest = wall_ns % NS_PER_S;

	if (rest < 0) {
		s--;
		rest += NS_PER_S;
	}
	*ms = (int)(rest / NS_PER_MS);
	return (time_t)s;
}

static struct tm utc_of(int64_t wall_ns, int *ms)
{
	time_t s = split(wall_ns, ms);
	struct tm tm = {0};

	gmtime_r(&s, &tm);
	return tm;
}

const char *time_rfc3339(int64_t wall_ns, char out[TIME_TEXT_MAX])
{
	int ms;
	struct tm tm = utc_of(wall_ns, &ms);
	size_t len = strftime(out, TIME_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);

	snprintf(out + len, TIME_TEXT_MAX - len, ".%03dZ", ms);
	return out;
}

static const char *clock_local(int64_t wall_ns, char out[TIME_TEXT_MAX])
{
	int ms;
	time_t s = split(wall_ns, &ms);
	struct tm tm = {0};
	size_t len;
	long minutes;
	char sign;

	localtime_r(&s, &tm);
	len = strftime(out, TIME_TEXT_MAX, "%H:%M:%S", &tm);
	minutes = labs(tm.tm_gmtoff) / 60;
	sign = tm.tm_gmtoff < 0 ? '-' : '+';
	if (minutes % 60)
		snprintf(out + len, TIME_TEXT_MAX - len, " %c%02ld:%02ld", sign,
			 minutes / 60, minutes % 60);
	else
		snprintf(out + len, TIME_TEXT_MAX - len, " %c%02ld", sign, minutes / 60);
	return out;
}

const char *time_clock(int64_t wall_ns, bool utc, char out[TIME_TEXT_MAX])
{
	int ms;
	struct tm tm;

	if (!utc)
		return clock_local(wall_ns, out);
	tm = utc_of(wall_ns, &ms);
	strftime(out, TIME_TEXT_MAX, "%H:%M:%S UTC", &tm);
	return out;
}

const char *time_compact(int64_t wall_ns, char out[TIME_TEXT_MAX])
{
	int ms;
	struct tm tm = utc_of(wall_ns, &ms);

	strftime(out, TIME_TEXT_MAX, "%Y%m%dT%H%M%SZ", &tm);
	return out;
}

/* From large to small; the second word is left out where it would be zero. */
static const struct unit {
	int64_t seconds;
	const char *name;
	int64_t part_seconds; /* 0: one word only */
	const char *part_name;
} units[] = {
	{INT64_C(31536000), "y", 86400, "d"},
	{86400, "d", 3600, "h"},
	{3600, "h", 60, "min"},
	{60, "min", 0, NULL},
	{1, "s", 0, NULL},
};

const char *time_span(int64_t ns, char out[TIME_TEXT_MAX])
{
	int64_t s = ns > 0 ? ns / NS_PER_S : 0;
	const struct unit *u = units;
	int64_t part;

	while (u->seconds > 1 && s < u->seconds)
		u++;
	part = u->part_seconds ? s % u->seconds / u->part_seconds : 0;
	if (part)
		snprintf(out, TIME_TEXT_MAX, "%" PRId64 " %s %" PRId64 " %s",
			 s / u->seconds, u->name, part, u->part_name);
	else
		snprintf(out, TIME_TEXT_MAX, "%" PRId64 " %s", s / u->seconds, u->name);
	return out;
}

/* Dates and times of log lines -> nanoseconds since 1970. Knows no lines. */
#include "core/logs/stamp.h"

#include <string.h>

#include "core/base/pieces.h"
#include "core/base/time.h"

#define DAY_S       INT64_C(86400)
#define STAMP_AHEAD (DAY_S * NS_PER_S) /* how far a stamp without a year may be ahead */

struct civil {
	int year, month, day, hour, minute, second;
	int64_t fraction_ns;
	bool has_fraction;
};

/* Days since 1970 in the Gregorian calendar: years begin in March, so that the leap day is
 * their last. */
static int64_t days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era =
		year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static bool is_civil(const struct civil *c)
{
	return c->year >= 1971 && c->year <= 2200 && c->month >= 1 && c->month <= 12 &&
	       c->day >= 1 && c->day <= 31 && c->hour <= 23 && c->minute <= 59 &&
	       c->second <= 60;
}

static int64_t wall_of(const struct civil *c, int64_t utc_offset_s)
{
	int64_t s = days_of(c->year, c->month, c->day) * DAY_S + c->hour * 3600 +
		    c->minute * 60 + c->second - utc_offset_s;

	return s * NS_PER_S + c->fraction_ns;
}

static bool scan_month(struct text *rest, int *out)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12 && rest->len >= 3; i++) {
		if (!memcmp(rest->bytes, names + 3 * i, 3)) {
			*rest = piece_tail(*rest, 3);
			*out = i + 1;
			return true;
		}
	}
	return false;
}

/* ".123456" or ",123": digits behind the ninth are passed over. */
static void scan_fraction(struct text *rest, struct civil *c)
{
	struct text t = *rest;
	int64_t unit = NS_PER_S / 10;
	int digit;

	if (!scan_literal(&t, ".") && !scan_literal(&t, ","))
		return;
	while (scan_digits(&t, 1, &digit)) {
		c->fraction_ns += unit * digit;
		unit /= 10;
		c->has_fraction = true;
	}
	if (c->has_fraction)
		*rest = t;
}

/* "10:00:00.123" */
static bool scan_clock(struct text *rest, struct civil *c)
{
	if (!scan_digits(rest, 2, &c->hour) || !scan_literal(rest, ":") ||
	    !scan_digits(rest, 2, &c->minute) || !scan_literal(rest, ":") ||
	    !scan_digits(rest, 2, &c->second))
		return false;
	scan_fraction(rest, c);
	return true;
}

/* "+01:00", "-0500", "+02" */
static bool scan_offset(struct text *rest, int64_t *seconds)
{
	struct text t = *rest;
	bool is_west = piece_starts(t, "-");
	int hours, minutes = 0;

	if ((!scan_literal(&t, "-") && !scan_literal(&t, "+")) ||
	    !scan_digits(&t, 2, &hours))
		return false;
	if (piece_starts(t, ":")) {
		struct text behind = piece_tail(t, 1);

		if (scan_digits(&behind, 2, &minutes))
			t = behind;
	} else {
		(void)scan_digits(&t, 2, &minutes);
	}
	*seconds = (is_west ? -1 : 1) * (hours * 3600 + minutes * 60);
	*rest = t;
	return true;
}

static bool scan_zone_name(struct text *rest, int64_t *seconds)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {
		{"Z", 0},    {"UTC", 0},  {"GMT", 0},  {"CET", 1},  {"CEST", 2},
		{"EET", 2},  {"EEST", 3}, {"MSK", 3},  {"JST", 9},  {"EST", -5},
		{"EDT", -4}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7},
	};
	size_t n = 0;

	while (n < rest->len && rest->bytes[n] >= 'A' && rest->bytes[n] <= 'Z')
		n++;
	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++) {
		if (text_equals_str(piece_head(*rest, n), zones[i].name)) {
			*seconds = zones[i].hours * 3600;
			*rest = piece_tail(*rest, n);
			return true;
		}
	}
	return false;
}

/* Behind the clock, with or without a blank between; none: the local one. */
static int64_t scan_zone(struct text *rest, const struct stamp_clock *clock)
{
	int64_t seconds = clock->utc_offset_s;
	struct text t = *rest;

	scan_blanks(&t);
	if (scan_offset(&t, &seconds) || scan_zone_name(&t, &seconds))
		*rest = t;
	return seconds;
}

static bool finish(const struct civil *c, int64_t utc_offset_s, enum stamp_form form,
		   struct stamp *out)
{
	if (!is_civil(c))
		return false;
	*out = (struct stamp){.wall_ns = wall_of(c, utc_offset_s),
			      .slack_ns = c->has_fraction ? 0 : NS_PER_S,
			      .form = form};
	return true;
}

static bool read_iso(struct text *rest, const struct stamp_clock *clock, struct stamp *out)
{
	struct text t = *rest;
	struct civil c = {0};
	const char *separator;
	int64_t seconds;

	if (!scan_digits(&t, 4, &c.year))
		return false;
	separator = piece_starts(t, "/") ? "/" : "-";
	if (!scan_literal(&t, separator) || !scan_digits(&t, 2, &c.month) ||
	    !scan_literal(&t, separator) || !scan_digits(&t, 2, &c.day))
		return false;
	if ((!scan_literal(&t, "T") && !scan_literal(&t, " ")) || !scan_clock(&t, &c))
		return false;
	seconds = scan_zone(&t, clock);
	if (!finish(&c, seconds, STAMP_ISO, out))
		return false;
	*rest = t;
	return true;
}

static int year_of(int64_t wall_ns, int32_t utc_offset_s)
{
	int64_t days = (wall_ns / NS_PER_S + utc_offset_s) / DAY_S;
	int year = 1970 + (int)(days / 366);

	while (days_of(year + 1, 1, 1) <= days)
		year++;
	return year;
}

/* "Nov 22 10:00:00", "Nov  2 10:00:00": the last one that is not ahead by over a day. */
static bool read_syslog(struct text *rest, const struct stamp_clock *clock,
			struct stamp *out)
{
	struct text t = *rest;
	struct civil c = {0};
	uint64_t day;

	if (clock->wall_ns <= 0 || !scan_month(&t, &c.month) || !scan_literal(&t, " "))
		return false;
	scan_blanks(&t);
	if (!piece_number(&t, 31, &day) || !scan_literal(&t, " ") || !scan_clock(&t, &c))
		return false;
	c.day = (int)day;
	c.year = year_of(clock->wall_ns, clock->utc_offset_s) + 1;
	while (wall_of(&c, clock->utc_offset_s) > clock->wall_ns + STAMP_AHEAD)
		c.year--;
	if (!finish(&c, clock->utc_offset_s, STAMP_SYSLOG, out))
		return false;
	*rest = t;
	return true;
}

/* "Sun Nov 22 10:00:00.123456 2026" */
static bool read_apache(struct text *rest, const struct stamp_clock *clock,
			struct stamp *out)
{
	struct text t = piece_tail(*rest, 4);
	struct civil c = {0};
	uint64_t day;

	if (!scan_month(&t, &c.month) || !scan_literal(&t, " "))
		return false;
	scan_blanks(&t);
	if (!piece_number(&t, 31, &day) || !scan_literal(&t, " ") || !scan_clock(&t, &c) ||
	    !scan_literal(&t, " ") || !scan_digits(&t, 4, &c.year))
		return false;
	c.day = (int)day;
	if (!finish(&c, clock->utc_offset_s, STAMP_APACHE, out))
		return false;
	*rest = t;
	return true;
}

static bool read_bracketed(struct text *rest, const struct stamp_clock *clock,
			   struct stamp *out)
{
	struct text t = *rest;

	if (!scan_literal(&t, "["))
		return false;
	if (!read_apache(&t, clock, out) && !read_iso(&t, clock, out))
		return false;
	if (!scan_literal(&t, "]"))
		return false;
	*rest = t;
	return true;
}

/* Within: `10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200` */
static bool read_access(struct text t, const struct stamp_clock *clock, struct stamp *out)
{
	struct civil c = {0};
	size_t at = scan_find(t, " [");
	int64_t seconds;

	if (at == SCAN_NOWHERE)
		return false;
	t = piece_tail(t, at + 2);
	if (!scan_digits(&t, 2, &c.day) || !scan_literal(&t, "/") ||
	    !scan_month(&t, &c.month) || !scan_literal(&t, "/") ||
	    !scan_digits(&t, 4, &c.year) || !scan_literal(&t, ":") || !scan_clock(&t, &c))
		return false;
	seconds = scan_zone(&t, clock);
	return scan_literal(&t, "]") && finish(&c, seconds, STAMP_ACCESS, out);
}

/* logfmt and JSON lines that begin with their time. */
static bool read_keyed(struct text t, const struct stamp_clock *clock, struct stamp *out)
{
	static const char *const keys[] = {"time=\"",    "time=",
					   "ts=",        "{\"time\":\"",
					   "{\"ts\":\"", "{\"timestamp\":\""};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct text behind = t;

		if (scan_literal(&behind, keys[i]))
			return read_iso(&behind, clock, out);
	}
	return false;
}

bool stamp_read(struct text *rest, const struct stamp_clock *clock, struct stamp *out)
{
	if (read_iso(rest, clock, out) || read_syslog(rest, clock, out) ||
	    read_bracketed(rest, clock, out)) {
		scan_blanks(rest);
		return true;
	}
	return read_keyed(*rest, clock, out) || read_access(*rest, clock, out);
}

/* Matches of xtables that depend on what was before, on chance or on the clock, as
 * iptables-save(8) writes them. */
#include "core/firewall/text/text_xt.h"

#include <inttypes.h>
#include <stddef.h>
#include <time.h>
#include <linux/netfilter/xt_connlimit.h>
#include <linux/netfilter/xt_hashlimit.h>
#include <linux/netfilter/xt_limit.h>
#include <linux/netfilter/xt_quota.h>
#include <linux/netfilter/xt_recent.h>
#include <linux/netfilter/xt_statistic.h>
#include <linux/netfilter/xt_time.h>

/* Seconds; net/netfilter/xt_hashlimit.c leaves them to iptables. */
enum { BYTE_EXPIRE_S = 15, BYTE_EXPIRE_BURST_S = 60 };

static bool limit(struct str *out, struct text info, uint8_t family)
{
	struct xt_rateinfo m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out, "limit", false);
	xt_rate(out, m.avg, XT_LIMIT_SCALE);
	if (m.burst != 5)
		str_printf(out, " --limit-burst %u", m.burst);
	return true;
}

/* The kernel keeps what a byte costs, in steps of 16 bytes. */
static uint64_t bytes_of_cost(uint64_t cost)
{
	uint64_t r = cost ? UINT32_MAX / cost : UINT32_MAX;

	return (r ? r - 1 : 0) << XT_HASHLIMIT_BYTE_SHIFT;
}

static uint64_t cost_of_bytes(uint64_t bytes)
{
	return UINT32_MAX / ((bytes >> XT_HASHLIMIT_BYTE_SHIFT) + 1);
}

static const struct {
	const char *word;
	uint64_t bytes;
} byte_units[] = {{"m", 1 << 20}, {"k", 1 << 10}, {"", 1}};

static size_t unit_of_rate(uint64_t rate, uint64_t cost)
{
	for (size_t i = 0; i < 2; i++)
		if (rate >= byte_units[i].bytes &&
		    cost_of_bytes(rate & ~(byte_units[i].bytes - 1)) == cost)
			return i;
	return 2;
}

/* Returns after how many seconds an entry is forgotten if nothing else is said. */
static uint32_t hash_bytes(struct str *out, uint64_t cost, uint64_t burst)
{
	uint64_t rate = bytes_of_cost(cost);
	size_t unit = unit_of_rate(rate, cost);

	str_printf(out, " %" PRIu64 "%sb/s", rate / byte_units[unit].bytes,
		   byte_units[unit].word);
	if (!burst)
		return BYTE_EXPIRE_S;
	rate *= burst;
	unit = rate >= byte_units[0].bytes ? 0 : rate >= byte_units[1].bytes ? 1 : 2;
	str_printf(out, " --hashlimit-burst %" PRIu64 "%sb", rate / byte_units[unit].bytes,
		   byte_units[unit].word);
	return BYTE_EXPIRE_BURST_S;
}

static void hash_table(struct str *out, const struct hashlimit_cfg3 *c, uint32_t expire_s,
		       unsigned bits)
{
	if (c->size)
		str_printf(out, " --hashlimit-htable-size %u", c->size);
	if (c->max)
		str_printf(out, " --hashlimit-htable-max %u", c->max);
	if (c->gc_interval != 1000)
		str_printf(out, " --hashlimit-htable-gcinterval %u", c->gc_interval);
	if (c->expire != expire_s * 1000)
		str_printf(out, " --hashlimit-htable-expire %u", c->expire);
	if (c->srcmask != bits)
		str_printf(out, " --hashlimit-srcmask %u", c->srcmask);
	if (c->dstmask != bits)
		str_printf(out, " --hashlimit-dstmask %u", c->dstmask);
	if (c->mode & XT_HASHLIMIT_RATE_MATCH) {
		xt_option(out, "hashlimit-rate-match", false);
		if (c->interval != 1)
			str_printf(out, " --hashlimit-rate-interval %u", c->interval);
	}
}

static bool hashlimit(struct str *out, struct text info, uint8_t family)
{
	static const struct xt_word modes[] = {{XT_HASHLIMIT_HASH_SIP, "srcip"},
					       {XT_HASHLIMIT_HASH_SPT, "srcport"},
					       {XT_HASHLIMIT_HASH_DIP, "dstip"},
					       {XT_HASHLIMIT_HASH_DPT, "dstport"}};
	struct xt_hashlimit_mtinfo3 m;
	uint32_t expire_s;

	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out,
		  m.cfg.mode & XT_HASHLIMIT_INVERT ? "hashlimit-above" : "hashlimit-upto",
		  false);
	if (m.cfg.mode & XT_HASHLIMIT_BYTES) {
		expire_s = hash_bytes(out, m.cfg.avg, m.cfg.burst);
	} else {
		expire_s = xt_rate(out, m.cfg.avg, XT_HASHLIMIT_SCALE_v2);
		str_printf(out, " --hashlimit-burst %" PRIu64, (uint64_t)m.cfg.burst);
	}
	if (m.cfg.mode & 15) {
		xt_option(out, "hashlimit-mode", false);
		XT_WORDS(out, m.cfg.mode, modes);
	}
	str_puts(out, " --hashlimit-name ");
	text_show(out, xt_name(m.name, sizeof(m.name)), TEXT_ASCII);
	hash_table(out, &m.cfg, expire_s, family == AF_INET6 ? 128 : 32);
	return true;
}

static bool connlimit(struct str *out, struct text info, uint8_t family)
{
	struct xt_connlimit_info m;
	unsigned bits = 0, n = family == AF_INET6 ? 4 : 1;

	if (!xt_take(info, &m, sizeof(m)))
		return false;
	for (unsigned i = 0; i < n; i++)
		bits += (unsigned)__builtin_popcount(m.v6_mask[i]);
	str_printf(out, " --connlimit-%s %u --connlimit-mask %u --connlimit-%s",
		   m.flags & XT_CONNLIMIT_INVERT ? "upto" : "above", m.limit, bits,
		   m.flags & XT_CONNLIMIT_DADDR ? "daddr" : "saddr");
	return true;
}

static bool recent(struct str *out, struct text info, uint8_t family)
{
	struct xt_recent_mtinfo_v1 m;
	const char *what;

	if (!xt_take(info, &m, sizeof(m)))
		return false;
	what = m.check_set & XT_RECENT_SET      ? "set"
	       : m.check_set & XT_RECENT_CHECK  ? "rcheck"
	       : m.check_set & XT_RECENT_UPDATE ? "update"
	       : m.check_set & XT_RECENT_REMOVE ? "remove"
						: NULL;
	if (!what)
		return false;
	xt_option(out, what, m.invert);
	if (m.seconds)
		str_printf(out, " --seconds %u", m.seconds);
	if (m.hit_count)
		str_printf(out, " --hitcount %u", m.hit_count);
	if (m.check_set & XT_RECENT_REAP)
		xt_option(out, "reap", false);
	if (m.check_set & XT_RECENT_TTL)
		xt_option(out, "rttl", false);
	str_puts(out, " --name ");
	text_show(out, xt_name(m.name, sizeof(m.name)), TEXT_ASCII);
	str_puts(out, " --mask ");
	xt_address(out, &m.mask, family);
	str_puts(out, m.side == XT_RECENT_SOURCE ? " --rsource" : " --rdest");
	return true;
}

static bool statistic(struct str *out, struct text info, uint8_t family)
{
	struct xt_statistic_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)) || m.mode > XT_STATISTIC_MODE_NTH)
		return false;
	if (m.mode == XT_STATISTIC_MODE_RANDOM) {
		str_puts(out, " --mode random");
		xt_option(out, "probability", m.flags & XT_STATISTIC_INVERT);
		str_printf(out, " %.11f", m.u.random.probability / 2147483648.0);
		return true;
	}
	str_puts(out, " --mode nth");
	xt_option(out, "every", m.flags & XT_STATISTIC_INVERT);
	str_printf(out, " %u --packet %u", m.u.nth.every + 1, m.u.nth.packet);
	return true;
}

static bool quota(struct str *out, struct text info, uint8_t family)
{
	struct xt_quota_info m;

	(void)family;
	if (!xt_take(info, &m, offsetof(struct xt_quota_info, master)))
		return false;
	xt_option(out, "quota", m.flags & XT_QUOTA_INVERT);
	str_printf(out, " %" PRIu64, (uint64_t)m.quota);
	return true;
}

static void time_of_day(struct str *out, const char *option, uint32_t seconds)
{
	str_printf(out, " --%s %02u:%02u:%02u", option, seconds / 3600, seconds / 60 % 60,
		   seconds % 60);
}

static void date(struct str *out, const char *option, uint32_t seconds)
{
	time_t at = seconds;
	struct tm tm;
	char text[32];

	if (!seconds || !gmtime_r(&at, &tm))
		return;
	if (strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		str_printf(out, " --%s %s", option, text);
}

static void days_of_month(struct str *out, uint32_t days)
{
	const char *between = " ";

	xt_option(out, "monthdays", false);
	for (unsigned i = 1; i < 32; i++) {
		if (!(days >> i & 1))
			continue;
		str_printf(out, "%s%u", between, i);
		between = ",";
	}
}

static bool clock_time(struct str *out, struct text info, uint8_t family)
{
	static const struct xt_word weekdays[] = {{2, "Mon"},  {4, "Tue"},  {8, "Wed"},
						  {16, "Thu"}, {32, "Fri"}, {64, "Sat"},
						  {128, "Sun"}};
	struct xt_time_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.daytime_start || m.daytime_stop != XT_TIME_MAX_DAYTIME) {
		time_of_day(out, "timestart", m.daytime_start);
		time_of_day(out, "timestop", m.daytime_stop);
	}
	if (m.monthdays_match != XT_TIME_ALL_MONTHDAYS)
		days_of_month(out, m.monthdays_match);
	if (m.weekdays_match != XT_TIME_ALL_WEEKDAYS) {
		xt_option(out, "weekdays", false);
		XT_WORDS(out, m.weekdays_match, weekdays);
	}
	date(out, "datestart", m.date_start);
	date(out, "datestop", m.date_stop);
	if (m.flags & XT_TIME_LOCAL_TZ)
		xt_option(out, "kerneltz", false);
	if (m.flags & XT_TIME_CONTIGUOUS)
		xt_option(out, "contiguous", false);
	return true;
}

static const struct xt_row rows[] = {
	{"limit", 0, 0, limit},         {"hashlimit", 3, 0, hashlimit},
	{"connlimit", 1, 0, connlimit}, {"recent", 1, 0, recent},
	{"statistic", 0, 0, statistic}, {"quota", 0, 0, quota},
	{"time", 0, 0, clock_time},
};

const struct xt_rows xt_history_rows = {rows, sizeof(rows) / sizeof(*rows)};

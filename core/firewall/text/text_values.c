/* A row of names per data type, and a printer for those that are no mere numbers. */
#include "core/firewall/text/text_values.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "core/base/addr.h"
#include "core/base/cursor.h"
#include "core/firewall/text/text_symbols.h"

size_t text_type_len(unsigned type)
{
	static const uint8_t lengths[N_TEXT_TYPES] = {
#define X(name, number, bytes) [number] = (bytes),
		TEXT_TYPES(X)
#undef X
	};

	return type < N_TEXT_TYPES ? lengths[type] : 0;
}

bool text_type_is_host(unsigned type)
{
	switch (type) {
	case TEXT_TYPE_MARK:
	case TEXT_TYPE_IFINDEX:
	case TEXT_TYPE_ARPHRD:
	case TEXT_TYPE_REALM:
	case TEXT_TYPE_CLASSID:
	case TEXT_TYPE_UID:
	case TEXT_TYPE_GID:
	case TEXT_TYPE_CT_STATE:
	case TEXT_TYPE_CT_DIR:
	case TEXT_TYPE_CT_STATUS:
	case TEXT_TYPE_CT_LABEL:
	case TEXT_TYPE_PKTTYPE:
	case TEXT_TYPE_DEVGROUP:
	case TEXT_TYPE_FIB_ADDR:
	case TEXT_TYPE_BOOLEAN:
	case TEXT_TYPE_TIME:
	case TEXT_TYPE_TIME_DATE:
	case TEXT_TYPE_TIME_HOUR:
	case TEXT_TYPE_TIME_DAY:
	case TEXT_TYPE_CGROUP2:
	case TEXT_TYPE_NFPROTO:
		return true;
	default:
		return false;
	}
}

bool text_type_is_flags(unsigned type)
{
	return type == TEXT_TYPE_CT_STATE || type == TEXT_TYPE_CT_STATUS ||
	       type == TEXT_TYPE_TCP_FLAG || type == TEXT_TYPE_CT_LABEL ||
	       type == TEXT_TYPE_BITMASK;
}

bool text_type_has_prefix(unsigned type)
{
	return type == TEXT_TYPE_IPV4 || type == TEXT_TYPE_IPV6 || type == TEXT_TYPE_MARK;
}

uint64_t text_number(struct text bytes, bool is_big_endian)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes.len && i < sizeof(value); i++) {
		size_t at =
			is_big_endian || __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
				? i
				: (bytes.len < sizeof(value) ? bytes.len : sizeof(value)) -
					  1 - i;

		value = value << 8 | (uint8_t)bytes.bytes[at];
	}
	return value;
}

static int hex_bytes(struct str *out, struct text bytes)
{
	str_puts(out, "0x");
	for (size_t i = 0; i < bytes.len; i++)
		str_printf(out, "%02x", (uint8_t)bytes.bytes[i]);
	return out->failed ? -1 : 0;
}

static int ether_value(struct str *out, struct text bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		str_printf(out, "%s%02x", i ? ":" : "", (uint8_t)bytes.bytes[i]);
	return out->failed ? -1 : 0;
}

/* Numbers of bits; their names stand in a file of the host. */
static int label_value(struct str *out, struct text bytes)
{
	const char *between = "";

	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		if (!((uint8_t)bytes.bytes[bit / 8] >> bit % 8 & 1))
			continue;
		str_printf(out, "%s%zu", between, bit);
		between = ",";
	}
	return *between ? 0 : str_puts(out, "0x0");
}

static int address_value(struct str *out, int family, struct text bytes)
{
	struct addr a = addr_from(family, bytes.bytes);
	char text[ADDR_TEXT_MAX];

	return str_puts(out, addr_format(&a, text));
}

int text_name_value(struct str *out, struct text bytes, bool is_prefix)
{
	struct text name = {bytes.bytes, strnlen(bytes.bytes, bytes.len)};

	str_putc(out, '"');
	text_show(out, name, TEXT_ASCII);
	return str_puts(out, is_prefix ? "*\"" : "\"");
}

int text_duration(struct str *out, uint64_t ms)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
	bool is_empty = true;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (ms < units[i].ms)
			continue;
		str_printf(out, "%" PRIu64 "%s", ms / units[i].ms, units[i].unit);
		ms %= units[i].ms;
		is_empty = false;
	}
	return is_empty ? str_puts(out, "0s") : 0;
}

/* Every bit by its name, what is left as a number. */
static int flags_value(struct str *out, unsigned type, uint64_t value)
{
	const char *between = "";

	if (!value)
		return str_puts(out, "0x0");
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t flag = value & (UINT64_C(1) << bit);
		const char *name = flag ? text_symbol(type, flag) : NULL;

		if (!name)
			continue;
		str_printf(out, "%s%s", between, name);
		between = ",";
		value &= ~flag;
	}
	return value ? str_printf(out, "%s0x%" PRIx64, between, value) : 0;
}

/* Seconds of the day in UTC, as no zone is known here. */
static int hour_value(struct str *out, uint64_t seconds)
{
	unsigned hours = (unsigned)(seconds / 3600 % 24),
		 minutes = (unsigned)(seconds / 60 % 60);

	str_printf(out, "\"%02u:%02u", hours, minutes);
	if (seconds % 60)
		str_printf(out, ":%02u", (unsigned)(seconds % 60));
	return str_putc(out, '"');
}

/* In UTC as well. */
static int date_value(struct str *out, uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char text[32];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) ||
	    !strftime(text, sizeof(text), "\"%Y-%m-%d %H:%M:%S\"", &tm))
		return str_printf(out, "%" PRIu64, ns);
	return str_puts(out, text);
}

static int number_value(struct str *out, unsigned type, uint64_t value)
{
	switch (type) {
	case TEXT_TYPE_NONE: /* raw bytes of a packet */
		return str_printf(out, "0x%" PRIx64, value);
	case TEXT_TYPE_MARK:
		return str_printf(out, "0x%08" PRIx64, value);
	case TEXT_TYPE_CLASSID:
		if (!value)
			return str_puts(out, "none");
		return str_printf(out, "%" PRIx64 ":%" PRIx64, value >> 16, value & 0xffff);
	case TEXT_TYPE_IFINDEX: /* 1 is the loopback device of every namespace */
		return value == 1 ? str_puts(out, "\"lo\"")
				  : str_printf(out, "%" PRIu64, value);
	case TEXT_TYPE_TIME_HOUR:
		return hour_value(out, value);
	case TEXT_TYPE_TIME_DATE:
		return date_value(out, value);
	case TEXT_TYPE_TIME:
		return text_duration(out, value);
	case TEXT_TYPE_ETHERTYPE:
		return str_printf(out, "0x%04" PRIx64, value);
	case TEXT_TYPE_DSCP:
		return str_printf(out, "0x%02" PRIx64, value);
	default:
		return str_printf(out, "%" PRIu64, value);
	}
}

int text_plain_value(struct str *out, unsigned type, struct text bytes, bool is_big_endian)
{
	if (text_symbol(type, text_number(bytes, is_big_endian)) && bytes.len <= 8)
		return number_value(out, type, text_number(bytes, is_big_endian));
	return text_value(out, type, bytes, is_big_endian);
}

int text_value(struct str *out, unsigned type, struct text bytes, bool is_big_endian)
{
	bool is_quoted = type == TEXT_TYPE_TIME_DAY || type == TEXT_TYPE_DEVGROUP;
	const char *symbol;
	uint64_t value;

	if (!bytes.len)
		return str_puts(out, "\"\"");
	if (type == TEXT_TYPE_IPV4 && bytes.len == 4)
		return address_value(out, AF_INET, bytes);
	if (type == TEXT_TYPE_IPV6 && bytes.len == 16)
		return address_value(out, AF_INET6, bytes);
	if (type == TEXT_TYPE_ETHER)
		return ether_value(out, bytes);
	if (type == TEXT_TYPE_IFNAME || type == TEXT_TYPE_STRING)
		return text_name_value(out, bytes, false);
	if (type == TEXT_TYPE_CT_LABEL)
		return label_value(out, bytes);
	if (bytes.len > sizeof(value))
		return hex_bytes(out, bytes);
	value = text_number(bytes, is_big_endian);
	if (text_type_is_flags(type))
		return flags_value(out, type, value);
	symbol = text_symbol(type, value);
	if (symbol)
		return str_printf(out, is_quoted ? "\"%s\"" : "%s", symbol);
	return number_value(out, type, value);
}

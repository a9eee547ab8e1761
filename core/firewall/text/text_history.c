/* Expressions that decide by what was before: limits, quotas, counts. */
#include "core/firewall/text/text_writer.h"

#include <inttypes.h>

static const char *unit_of(uint64_t seconds)
{
	switch (seconds) {
	case 1:
		return "second";
	case 60:
		return "minute";
	case 3600:
		return "hour";
	case 86400:
		return "day";
	case 604800:
		return "week";
	default:
		return NULL;
	}
}

/* "10 mbytes": the largest unit that leaves no rest. */
static void bytes_text(struct str *out, uint64_t bytes)
{
	static const char *const units[] = {"bytes", "kbytes", "mbytes"};
	size_t unit = 0;

	while (unit < 2 && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	str_printf(out, "%" PRIu64 " %s", bytes, units[unit]);
}

static void limit_text(struct str *out, const struct fw_expr *e)
{
	const char *unit = unit_of(e->amount2);

	str_printf(out, "limit rate %s", e->is_inverted ? "over " : "");
	if (e->key == 1)
		bytes_text(out, e->amount);
	else
		str_printf(out, "%" PRIu64, e->amount);
	if (unit)
		str_printf(out, "/%s", unit);
	else
		str_printf(out, "/%" PRIu64 " seconds", e->amount2);
	if (e->key == 1 && e->len) {
		str_puts(out, " burst ");
		bytes_text(out, e->len);
	} else if (e->key != 1 && e->len && e->len != 5) {
		str_printf(out, " burst %u packets", e->len);
	}
}

void text_history(struct str *out, const struct fw_expr *e)
{
	switch (e->kind) {
	case FW_EXPR_LIMIT:
		limit_text(out, e);
		break;
	case FW_EXPR_QUOTA:
		str_printf(out, "quota %s", e->is_inverted ? "over " : "");
		bytes_text(out, e->amount);
		break;
	case FW_EXPR_CONNLIMIT:
		str_printf(out, "ct count %s%" PRIu64, e->is_inverted ? "over " : "",
			   e->amount);
		break;
	case FW_EXPR_LAST:
		str_puts(out, "last");
		break;
	case FW_EXPR_COUNTER:
		str_puts(out, "counter");
		break;
	case FW_EXPR_OPAQUE:
		str_puts(out, "(expression ");
		text_show(out, e->name, TEXT_ASCII);
		str_putc(out, ')');
		break;
	case FW_EXPR_INNER:
		str_puts(out, "(expression inner)");
		break;
	default:
		str_puts(out, "(expression)");
	}
}

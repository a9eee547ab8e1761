/* What managers of firewalls put into the names of chains and sets. Judges nothing. */
#include <string.h>

#include "core/diagnosis/check_deny.h"
#include "core/firewall/text/rule_text.h"

bool deny_name_is_plain(struct text name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.bytes[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || memchr("_.:-", c, 4)))
			return false;
	}
	return name.len > 0 && name.bytes[0] != '-';
}

struct text deny_name_after(struct text name, const char *prefix)
{
	size_t len = strlen(prefix);

	if (name.len <= len || memcmp(name.bytes, prefix, len) != 0)
		return TEXT_NONE;
	return (struct text){name.bytes + len, name.len - len};
}

/* Of chain "f2b-JAIL", of ipset "f2b-JAIL", of set "addr-set-JAIL". */
struct text deny_jail(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_rule *rule = deny_rule(v, leg);
	const struct fw_chain *chain = deny_chain(v, leg);
	struct text set = rule ? rule_set_name(v->e->rules, rule) : TEXT_NONE;
	struct text jail = deny_name_after(set, "f2b-");

	if (text_is_empty(jail))
		jail = deny_name_after(set, "addr-set-");
	if (text_is_empty(jail))
		jail = deny_name_after(set, "addr6-set-");
	if (!text_is_empty(jail))
		return jail;
	return chain ? deny_name_after(chain->name, "f2b-") : TEXT_NONE;
}

/* The zone of "filter_IN_ZONE", "filter_IN_ZONE_deny", "IN_ZONE_allow"; none: of a policy
 * between zones, or another chain. */
struct text deny_zone(struct text chain)
{
	static const char *const prefixes[] = {"filter_IN_", "IN_"};
	static const char *const suffixes[] = {"_pre", "_log", "_deny", "_allow", "_post"};
	struct text zone = TEXT_NONE;

	for (size_t i = 0; i < 2 && text_is_empty(zone); i++)
		zone = deny_name_after(chain, prefixes[i]);
	if (!text_is_empty(deny_name_after(zone, "policy_")))
		return TEXT_NONE;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		size_t len = strlen(suffixes[i]);

		if (zone.len > len &&
		    !memcmp(zone.bytes + zone.len - len, suffixes[i], len))
			zone.len -= len;
	}
	return deny_name_is_plain(zone) ? zone : TEXT_NONE;
}

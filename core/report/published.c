/* Words of rows. Finds nothing. */
#include "core/report/published.h"

#include <netinet/in.h>
#include <string.h>

#include "core/firewall/text/rule_text.h"

/* A namespace without a name of its own ("pid 812") goes by its container's. */
bool published_goes_by_container(const struct published_row *row)
{
	struct text name = row->space ? row->space->name : TEXT_NONE;

	return name.len > 4 && !memcmp(name.bytes, "pid ", 4) &&
	       !text_is_empty(row->container);
}

int published_target_text(struct str *out, const struct published_row *row,
			  enum text_mode mode)
{
	const char *form = row->to.family == AF_INET6 ? "[%s]:%u" : "%s:%u";
	char text[ADDR_TEXT_MAX];

	if (!row->to.family)
		return str_printf(out, "port %u here", (unsigned)row->to_port);
	str_printf(out, form, addr_format(&row->to, text), (unsigned)row->to_port);
	if (row->is_here)
		return str_puts(out, " here");
	if (!row->space)
		return 0;
	str_puts(out, " in ");
	return text_show(
		out, published_goes_by_container(row) ? row->container : row->space->name,
		mode);
}

static bool is_of_family(const struct ruleset *r, const struct fw_chain *c, int family)
{
	const char *word = fw_family_word(ruleset_table_of(r, c)->family);

	return !strcmp(word, "inet") || !strcmp(word, family == AF_INET6 ? "ip6" : "ip");
}

/* One that a person takes for the firewall of this host. */
static bool is_host_firewall(const char *manager)
{
	static const char *const words[] = {"ufw", "firewalld", "nixos-firewall"};

	for (size_t i = 0; manager && i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(manager, words[i]))
			return true;
	return false;
}

static const char *firewall_of(const struct ruleset *r, const struct fw_chain *c)
{
	const char *manager = chain_manager(r, c);

	for (uint32_t i = 0; i < c->n_rules && !is_host_firewall(manager); i++)
		manager = rule_manager(r, &r->rules[c->first_rule + i]);
	return is_host_firewall(manager) ? manager : NULL;
}

const char *published_unseen_by(const struct ruleset *rules,
				const struct published_row *row)
{
	const char *found = NULL;

	for (size_t i = 0; i < rules->n_chains && !row->is_here && !found; i++) {
		const struct fw_chain *c = &rules->chains[i];

		if (c->is_base && c->type == FW_FILTER && c->hook == FW_INPUT &&
		    is_of_family(rules, c, row->to.family))
			found = firewall_of(rules, c);
	}
	return found;
}

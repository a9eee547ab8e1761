/* Whether an allow exists that an earlier rule decides before, and words for it. */
#include "core/diagnosis/check_allow.h"

#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"
#include "core/firewall/box/box.h"
#include "core/path/allow.h"

/* The conditions on ports of the rule's part that takes this packet; false: it has none
 * that does. */
static bool ports_of(const struct check_view *v, const struct fw_rule *rule,
		     const struct path_leg *leg, struct span *out)
{
	uint8_t port[2] = {(uint8_t)(leg->met.dport >> 8), (uint8_t)leg->met.dport};
	struct span own = box_value(port, sizeof(port));
	struct rule_boxes boxes;

	box_rule(v->e->rules, rule, BOX_NOW, &boxes);
	for (size_t i = 0; i < boxes.n; i++) {
		*out = boxes.rows[i].fields[BOX_PORT];
		if (span_holds(out, &own))
			return true;
	}
	return false;
}

/* One address of all that the allow is for: somebody meant that one. */
static bool is_for_one_source(const struct path_leg *leg)
{
	unsigned whole = leg->met.saddr.family == AF_INET ? 32 : 128;

	return leg->is_source_in_set || (leg->names_source && leg->source_prefix == whole);
}

const struct fw_rule *deny_shadowed_allow(const struct check_view *v,
					  const struct path_leg *leg)
{
	struct path_world world = evidence_world(v->e);
	const struct fw_rule *blocker = deny_rule(v, leg);
	struct span asked, stopped;
	uint32_t allow;

	if (!blocker || is_for_one_source(leg))
		return NULL;
	allow = path_allow_behind(&world, leg);
	if (allow >= v->e->rules->n_rules)
		return NULL;
	/* What stops fewer ports than the allow is for is an exception that was meant. */
	if (!ports_of(v, &v->e->rules->rules[allow], leg, &asked) || span_is_all(&asked) ||
	    !ports_of(v, blocker, leg, &stopped) || !span_holds(&stopped, &asked))
		return NULL;
	return &v->e->rules->rules[allow];
}

/* Only rules of nft that nobody manages are moved by hand; both stand in one chain. */
static int advise_move(const struct check_view *v, struct finding *f,
		       const struct path_leg *leg, const struct fw_rule *allow)
{
	const struct fw_rule *blocker = deny_rule(v, leg);
	const struct fw_chain *chain = deny_chain(v, leg);
	const char *text = view_rule_text(v, allow), *manager = deny_manager(v, leg);

	if (ruleset_table_of(v->e->rules, chain)->backend != FW_NFT || manager ||
	    allow->chain != blocker->chain)
		return finding_advise(f, v->arena, NULL, NULL, NULL,
				      "the allow is there and comes too late (%s): put it "
				      "before the rule that decides",
				      view_rule_place(v, allow));
	return finding_advise(
		f, v->arena,
		view_text(v, "nft -e -a insert rule %s handle %llu %s",
			  deny_chain_words(v, leg), (unsigned long long)blocker->handle,
			  view_word(v, text_of(text))),
		view_text(v, "nft delete rule %s handle H", deny_chain_words(v, leg)),
		"lets in all that the allow is for; lost at reload",
		"or move the whole allow before it (the command prints the new rule's "
		"handle H; then delete handle %llu)",
		(unsigned long long)allow->handle);
}

int deny_tell_allow(const struct check_view *v, struct finding *f,
		    const struct path_leg *leg)
{
	const struct fw_rule *allow = deny_shadowed_allow(v, leg);
	int error;

	if (!allow)
		return 0;
	error = finding_prove(
		f, v->arena, view_rule_source(v, allow), false,
		view_text(v, "nft -a list chain %s", deny_chain_words(v, leg)),
		"%s would accept it and is never reached: %s", view_rule_place(v, allow),
		view_rule_text(v, allow));
	return error ? error : advise_move(v, f, leg, allow);
}

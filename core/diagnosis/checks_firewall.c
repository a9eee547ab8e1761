/* Rules that stop the packet or its answer. Which rule it is the walk says; whether that
 * is what happened, the wire and the counters. */
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_beyond.h"
#include "core/diagnosis/check_allow.h"
#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/check_traced.h"
#include "core/diagnosis/sight.h"

static bool is_deny(const struct check_view *v, const struct path_leg *leg)
{
	return v->e->rules && leg->is_walked && leg->chain < v->e->rules->n_chains &&
	       (leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT) &&
	       (leg->decided_by == DECIDER_RULE || leg->decided_by == DECIDER_POLICY);
}

/* ---- is it what happened? ---- */

/* The kernel's own reasons to be silent: each has a counter. */
static bool has_other_silence(const struct check_view *v)
{
	static const char *const counters[] = {
		"TcpExt.ListenOverflows",
		"TcpExt.ListenDrops",
		"TcpExt.IPReversePathFilter",
		"Ip.InAddrErrors",
		"Ip6InAddrErrors",
		"Ip.OutNoRoutes",
		"Ip6OutNoRoutes",
		"TcpExt.TCPMD5NotFound",
	};

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (evidence_delta(v->e, counters[i]) > 0)
			return true;
	return false;
}

/* The rule's own error: its type and code, and sent by this host. */
static bool is_icmp_of(const struct check_view *v, const struct attempt *a,
		       const struct path_leg *leg)
{
	const struct space *s = v->e->space;

	return a->icmp_type == leg->reject.type && a->icmp_code == leg->reject.code &&
	       (a->is_icmp_of_server ||
		address_is_here(s->addresses, s->local_routes, &a->icmp_from) == TRI_YES);
}

static bool has_foreign_icmp(const struct check_view *v, const struct path_leg *leg)
{
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (a->outcome == OUTCOME_ICMP && !is_icmp_of(v, a, leg))
			return true;
	}
	return false;
}

/* Does what was seen fit the way in which the rule stops it? An answer of this host that is
 * rejected on its way out is not seen either. */
static enum tri fits(const struct check_view *v, const struct path_leg *leg)
{
	enum wire wire = view_wire(v), wanted = WIRE_SILENCE;

	if (leg == &v->walk->path.request && leg->verdict == PATH_REJECT)
		wanted = leg->reject.is_reset ? WIRE_RESET : WIRE_ICMP;
	if (wire == WIRE_NOTHING || wire == WIRE_MIXED)
		return TRI_UNSURE;
	return wire == wanted && (wire != WIRE_ICMP || !has_foreign_icmp(v, leg)) ? TRI_YES
										  : TRI_NO;
}

static int64_t policy_delta(const struct check_view *v, const struct fw_chain *before)
{
	const struct ruleset *after = v->e->rules_after;
	const struct fw_table *table = ruleset_table_of(v->e->rules, before);

	for (size_t i = 0; after && before->has_counter && i < after->n_chains; i++) {
		const struct fw_chain *c = &after->chains[i];
		const struct fw_table *t = ruleset_table_of(after, c);

		if (c->handle != before->handle || t->handle != table->handle ||
		    t->family != table->family)
			continue;
		return c->has_counter && c->packets >= before->packets
			       ? (int64_t)(c->packets - before->packets)
			       : -1;
	}
	return -1;
}

/* How often its decider counted in the window; -1: it does not count, or was not read. */
static int64_t moved_of(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_rule *rule = deny_rule(v, leg);
	const struct fw_chain *chain = deny_chain(v, leg);

	if (rule)
		return evidence_rule_delta(v->e, rule);
	return chain ? policy_delta(v, chain) : -1;
}

static bool have_rules_changed(const struct check_view *v)
{
	return v->e->rules && v->e->rules_after &&
	       !ruleset_is_same(v->e->rules, v->e->rules_after);
}

/* Without a counter of its own: the other reasons are excluded by theirs. */
static int certainty_uncounted(const struct check_view *v, const struct path_leg *leg)
{
	bool is_reset = leg->verdict == PATH_REJECT && leg->reject.is_reset;

	if (leg->verdict == PATH_REJECT && !is_reset)
		return CERTAINTY_PROVEN;
	if (!v->e->counters || !v->e->counters_after)
		return CERTAINTY_LIKELY;
	/* Silence is also what a program in the way makes, and nobody counts that. */
	if (!is_reset && leg->n_programs)
		return CERTAINTY_LIKELY;
	if (is_reset)
		return evidence_delta(v->e, "Tcp.OutRsts") ? CERTAINTY_LIKELY
							   : CERTAINTY_PROVEN;
	/* A datagram's silence says little: the service may be a silent one. */
	return has_other_silence(v) || v->e->target.proto == IPPROTO_UDP ? CERTAINTY_LIKELY
									 : CERTAINTY_PROVEN;
}

/* CERTAINTY_NONE: what was seen speaks against it. */
static int certainty_of(const struct check_view *v, const struct path_leg *leg)
{
	int64_t moved = moved_of(v, leg);
	enum tri is_fit = fits(v, leg);

	if (!v->sight.n_all)
		return CERTAINTY_LIKELY;
	/* Its counter stood still while SYNs came: something else took them. */
	if (is_fit == TRI_NO || (moved == 0 && view_wire(v) != WIRE_NOTHING))
		return CERTAINTY_NONE;
	if (is_fit == TRI_UNSURE || sight_is_of_other_host(v))
		return CERTAINTY_POSSIBLE;
	if (have_rules_changed(v))
		return CERTAINTY_LIKELY;
	if (moved < 0)
		return certainty_uncounted(v, leg);
	/* Others move it too: then the kernel's other reasons must be excluded. */
	return moved > v->sight.n_syns && has_other_silence(v) ? CERTAINTY_LIKELY
							       : CERTAINTY_PROVEN;
}

/* ---- words ---- */

static int prove_counter(const struct check_view *v, struct finding *f,
			 const struct path_leg *leg)
{
	int64_t moved = moved_of(v, leg);

	if (moved <= 0 || !v->sight.n_all)
		return 0;
	return finding_prove(f, v->arena, "nf_tables", true, deny_show_command(v, leg),
			     "its counter moved by %lld while %u %s%s arrived",
			     (long long)moved, v->sight.n_syns,
			     v->e->target.proto == IPPROTO_UDP ? "datagram" : "SYN",
			     v->sight.n_syns == 1 ? "" : "s");
}

static int prove_rule(const struct check_view *v, struct finding *f,
		      const struct path_leg *leg)
{
	const char *manager = deny_manager(v, leg), *text = deny_rule_text(v, leg);
	const char *command = deny_show_command(v, leg);

	return finding_prove(f, v->arena, "nf_tables", false, command, "%s%s%s%s%s",
			     deny_place(v, leg), *text ? ": " : "", text,
			     manager ? ", made by " : "", manager ? manager : "");
}

/* Only the kernel counts resets that it sends by itself. */
static int prove_not_the_stack(const struct check_view *v, struct finding *f,
			       const struct path_leg *leg)
{
	if (!leg->reject.is_reset || !sight_was_refused(v) ||
	    evidence_delta(v->e, "Tcp.OutRsts") != 0)
		return 0;
	return finding_prove(f, v->arena, "counters", true, "nstat -az TcpOutRsts",
			     "a reset came back and the kernel's own count of resets stood "
			     "still: a rule made it");
}

static const char *verb(const struct path_leg *leg)
{
	if (leg->verdict == PATH_DROP)
		return "dropped";
	return leg->reject.is_reset ? "rejected with a reset"
				    : "rejected with an ICMP error";
}

static int position_of(const struct path_leg *leg, bool is_reply)
{
	switch (leg->at) {
	case PLACE_INGRESS:
		return AT_INGRESS;
	case PLACE_PREROUTING:
		return AT_PREROUTING;
	case PLACE_ROUTE:
		return AT_ROUTE;
	case PLACE_OUTPUT:
		return is_reply ? AT_OUTPUT : AT_PREROUTING;
	case PLACE_POSTROUTING:
	case PLACE_EGRESS:
		return is_reply ? AT_POSTROUTING : AT_INPUT;
	case PLACE_INPUT:
	case PLACE_FORWARD:
	case PLACE_SOCKET:
	case PLACE_NEIGHBOUR:
	case N_PLACES:
		break;
	}
	return is_reply ? AT_POSTROUTING : AT_INPUT;
}

/* All that a deny of either leg has in common. */
static int tell(const struct check_view *v, struct finding *f, const struct path_leg *leg)
{
	char client[ADDR_TEXT_MAX];
	bool is_reply = leg == &v->walk->path.reply;
	int error, certainty = certainty_traced(v, leg, certainty_of(v, leg));

	if (certainty == CERTAINTY_NONE)
		return CERTAINTY_NONE;
	f->position = position_of(leg, is_reply);
	f->chain = leg->chain;
	f->rule = leg->rule;
	f->explains_silence = is_reply || leg->verdict == PATH_DROP;
	f->explains_reset = !f->explains_silence && leg->reject.is_reset;
	f->explains_icmp = !f->explains_silence && !leg->reject.is_reset;
	error = finding_say(f, v->arena, "%s%s%s: %s%s by %s%s", view_port(v),
			    v->walk->client.family ? " from " : "",
			    v->walk->client.family ? addr_format(&v->walk->client, client)
						   : "",
			    is_reply ? "the answer is " : "", verb(leg), deny_place(v, leg),
			    deny_queue_words(leg));
	if (!error)
		error = prove_rule(v, f, leg);
	if (!error)
		error = deny_prove_queue(v, f, leg);
	if (!error)
		error = prove_counter(v, f, leg);
	if (!error)
		error = prove_not_the_stack(v, f, leg);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = deny_has_queue(leg) ? deny_advise_queue(v, f, leg)
					    : deny_advise(v, f, leg);
	return error ? error : certainty;
}

/* ---- which of them is it? ---- */

static bool is_ban_chain(const struct check_view *v, const struct path_leg *leg)
{
	static const char *const words[] = {"ban", "block", "deny", "crowdsec", "f2b"};
	const struct fw_chain *chain = deny_chain(v, leg);

	for (size_t i = 0; chain && i < sizeof(words) / sizeof(words[0]); i++)
		if (text_contains_nocase(chain->name, text_of(words[i])))
			return true;
	return false;
}

/* The source is singled out: an element of a set, or its whole address in a chain of bans.
 */
static bool is_blocklist(const struct check_view *v, const struct path_leg *leg)
{
	unsigned whole = v->walk->server.family == AF_INET ? 32 : 128;

	if (leg->rule == UINT32_MAX)
		return false;
	return (leg->is_source_in_set && (leg->element != UINT32_MAX || leg->member)) ||
	       (leg->names_source && leg->source_prefix == whole && is_ban_chain(v, leg));
}

/* kube-proxy's own words: in iptables a comment, in nftables the chain of its own. */
static bool is_without_endpoints(const struct check_view *v, const struct path_leg *leg)
{
	const struct fw_rule *rule = deny_rule(v, leg);
	const struct fw_chain *chain = deny_chain(v, leg);
	const struct fw_table *table = chain ? ruleset_table_of(v->e->rules, chain) : NULL;

	if (!rule)
		return false;
	if (text_equals_str(table->name, "kube-proxy") &&
	    text_equals_str(chain->name, "reject-chain"))
		return true;
	return text_contains_nocase(rule->comment, text_of("has no endpoints")) ||
	       strstr(deny_rule_text(v, leg), "has no endpoints");
}

static enum fault fault_of_request(const struct check_view *v)
{
	const struct path_leg *leg = &v->walk->path.request;

	if (!v->walk->is_walked || !is_deny(v, leg))
		return FAULT_NONE;
	if (leg->at == PLACE_INGRESS)
		return FAULT_NETDEV_DROP;
	if (deny_has_queue(leg))
		return FAULT_QUEUE_UNREAD;
	if (is_blocklist(v, leg))
		return FAULT_BLOCKLISTED;
	if (is_without_endpoints(v, leg))
		return FAULT_NO_ENDPOINTS;
	if (v->walk->path.is_translated && v->walk->path.is_forwarded)
		return FAULT_FORWARD_DROP;
	if (deny_shadowed_allow(v, leg))
		return FAULT_SHADOWED_ALLOW;
	if (leg->verdict == PATH_REJECT)
		return FAULT_REJECT;
	return leg->decided_by == DECIDER_POLICY ? FAULT_POLICY_DROP : FAULT_DROP;
}

static int check_request(const struct check_view *v, struct finding *f)
{
	const struct path_leg *leg = &v->walk->path.request;

	/* A SYN-ACK: the SYN met a socket. */
	if (sight_was_answered(v) || sight_got_syn_ack(v))
		return ruled_out(f);
	if (fault_of_request(v) != f->fault)
		return v->walk->is_walked && leg->verdict != PATH_UNSURE ? ruled_out(f)
									 : CERTAINTY_NONE;
	return tell(v, f, leg);
}

int check_drop(const struct check_view *v, struct finding *f)
{
	return check_request(v, f);
}

static int tell_later(const struct check_view *v, struct finding *f,
		      const struct path_leg *leg)
{
	int error;

	f->position = position_of(leg, false);
	f->chain = leg->chain;
	f->rule = leg->rule;
	f->explains_silence = true;
	error = finding_say(f, v->arena, "%s: what follows the handshake is %s by %s",
			    view_port(v), verb(leg), deny_place(v, leg));
	if (!error)
		error = prove_rule(v, f, leg);
	if (!error)
		error = prove_counter(v, f, leg);
	if (!error && sight_has_open_handshakes(v->e))
		error = finding_prove(f, v->arena, "sock_diag", true,
				      "ss -tn state syn-recv",
				      "handshakes that are complete on the wire still wait "
				      "for their last ACK here");
	if (!error)
		error = prove_wire(v, f);
	return error ? error : deny_advise(v, f, leg);
}

/* The SYN passes, and a rule stops the packets of the connection behind it. */
int check_later_drop(const struct check_view *v, struct finding *f)
{
	const struct path_leg *request = &v->walk->path.request;
	const struct path *later;
	int64_t moved;
	int error;

	if (v->e->target.proto != IPPROTO_TCP || sightings_got_bytes(v->e, &v->sight) ||
	    !sight_was_answered(v) || request->verdict != PATH_ACCEPT)
		return ruled_out(f);
	later = view_established(v);
	if (!later || !is_deny(v, &later->request))
		return CERTAINTY_NONE;
	moved = moved_of(v, &later->request);
	if (moved == 0 || (moved < 0 && !sight_has_open_handshakes(v->e)))
		return CERTAINTY_NONE;
	error = tell_later(v, f, &later->request);
	if (error)
		return error;
	return moved > 0 && sight_has_open_handshakes(v->e) ? CERTAINTY_PROVEN
							    : CERTAINTY_LIKELY;
}

/* Without its file nobody can say that the queues are read. */
int check_queue_unread(const struct check_view *v, struct finding *f)
{
	bool is_whole;
	struct text text;

	if (!settings_file(v->e->settings, SETTING_QUEUE_READERS, &text, &is_whole))
		return CERTAINTY_NONE;
	return check_request(v, f);
}

int check_policy_drop(const struct check_view *v, struct finding *f)
{
	return check_request(v, f);
}

int check_reject(const struct check_view *v, struct finding *f)
{
	return check_request(v, f);
}

/* Translated, and seen on its way beyond: no rule here stopped it. */
int check_forward_drop(const struct check_view *v, struct finding *f)
{
	struct beyond b;

	if (beyond_look(v, &b) && b.n_left)
		return ruled_out(f);
	return check_request(v, f);
}

int check_no_endpoints(const struct check_view *v, struct finding *f)
{
	return check_request(v, f);
}

/* The rule that stops it is told as of a drop or a reject; then what it stands before. */
int check_shadowed_allow(const struct check_view *v, struct finding *f)
{
	int certainty = check_request(v, f);
	int error = certainty > CERTAINTY_NONE
			    ? deny_tell_allow(v, f, &v->walk->path.request)
			    : 0;

	return error ? error : certainty;
}

int check_blocklisted(const struct check_view *v, struct finding *f)
{
	return check_request(v, f);
}

int check_netdev_drop(const struct check_view *v, struct finding *f)
{
	return check_request(v, f);
}

int check_reply_drop(const struct check_view *v, struct finding *f)
{
	const struct path_leg *leg = &v->walk->path.reply;

	/* The capture stands behind the rules: an answer that it saw was let out. */
	if (sight_was_answered(v) || sight_got_syn_ack(v))
		return ruled_out(f);
	if (!v->walk->is_walked || !leg->is_walked)
		return CERTAINTY_NONE;
	if (!is_deny(v, leg))
		return leg->verdict == PATH_UNSURE ? CERTAINTY_NONE : ruled_out(f);
	return tell(v, f, leg);
}

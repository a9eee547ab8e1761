/* Rules that stop the packet or its answer. Which rule it is the walk says; whether that
 * is what happened, the wire and the counters. */
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_beyond.h"
#include "core/diagnosis/check_allow.h"
#include "core/diagnosis/check_bridge.h"
#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/deny_certainty.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/check_traced.h"
#include "core/diagnosis/sight.h"

bool deny_is_there(const struct check_view *v, const struct path_leg *leg)
{
	return v->e->rules && leg->is_walked && leg->chain < v->e->rules->n_chains &&
	       (leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT) &&
	       (leg->decided_by == DECIDER_RULE || leg->decided_by == DECIDER_POLICY);
}

/* ---- words ---- */

int deny_prove_counter(const struct check_view *v, struct finding *f,
		       const struct path_leg *leg)
{
	int64_t moved = deny_moved(v, leg);

	if (moved <= 0 || !v->sight.n_all)
		return 0;
	return finding_prove(f, v->arena, ruleset_source(v->e->rules, leg->chain), true,
			     deny_show_command(v, leg),
			     "its counter moved by %lld while %u %s%s arrived",
			     (long long)moved, v->sight.n_syns,
			     v->e->target.proto == IPPROTO_UDP ? "datagram" : "SYN",
			     v->sight.n_syns == 1 ? "" : "s");
}

int deny_prove_rule(const struct check_view *v, struct finding *f,
		    const struct path_leg *leg)
{
	const char *manager = deny_manager(v, leg), *text = deny_rule_text(v, leg);
	const char *command = deny_show_command(v, leg);

	return finding_prove(f, v->arena, ruleset_source(v->e->rules, leg->chain), false,
			     command, "%s%s%s%s%s", deny_place(v, leg), *text ? ": " : "",
			     text, manager ? ", made by " : "", manager ? manager : "");
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

const char *deny_verb(const struct path_leg *leg)
{
	if (leg->verdict == PATH_DROP)
		return "dropped";
	return leg->reject.is_reset ? "rejected with a reset"
				    : "rejected with an ICMP error";
}

int deny_position(const struct path_leg *leg, bool is_reply)
{
	switch (leg->at) {
	case PLACE_INGRESS:
	case PLACE_BRIDGE_PREROUTING:
	case PLACE_BRIDGE_INPUT:
	case PLACE_BRIDGE_FORWARD:
		return AT_INGRESS;
	case PLACE_PREROUTING:
		return AT_PREROUTING;
	case PLACE_ROUTE:
		return AT_ROUTE;
	case PLACE_OUTPUT:
		return is_reply ? AT_OUTPUT : AT_PREROUTING;
	case PLACE_POSTROUTING:
	case PLACE_BRIDGE_OUTPUT:
	case PLACE_BRIDGE_POSTROUTING:
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

void deny_blame(struct finding *f, const struct path_leg *leg, bool is_reply)
{
	f->position = deny_position(leg, is_reply);
	f->chain = leg->chain;
	f->rule = leg->rule;
	f->explains_silence = is_reply || leg->verdict == PATH_DROP;
	f->explains_reset = !f->explains_silence && leg->reject.is_reset;
	f->explains_icmp = !f->explains_silence && !leg->reject.is_reset;
}

/* ", a ban of fail2ban's jail sshd" */
static const char *ban_words(const struct check_view *v, const struct path_leg *leg)
{
	struct text jail = deny_jail(v, leg);
	const char *manager = deny_manager(v, leg);

	if (!manager || strcmp(manager, "fail2ban") || !deny_name_is_plain(jail))
		return "";
	return view_text(v, ", a ban of fail2ban's jail %s", view_word(v, jail));
}

/* All that a deny of either leg has in common. */
static int tell(const struct check_view *v, struct finding *f, const struct path_leg *leg)
{
	char client[ADDR_TEXT_MAX];
	bool is_reply = leg == &v->walk->path.reply;
	int error, certainty = certainty_traced(v, leg, deny_certainty(v, leg));

	if (certainty == CERTAINTY_NONE)
		return CERTAINTY_NONE;
	deny_blame(f, leg, is_reply);
	error = finding_say(f, v->arena, "%s%s%s: %s%s by %s%s%s", view_port(v),
			    v->walk->client.family ? " from " : "",
			    v->walk->client.family ? addr_format(&v->walk->client, client)
						   : "",
			    is_reply ? "the answer is " : "", deny_verb(leg),
			    deny_place(v, leg), deny_queue_words(leg), ban_words(v, leg));
	if (!error)
		error = deny_prove_zone(v, f, leg);
	if (!error)
		error = deny_tell_kept(v, f, leg);
	if (!error)
		error = deny_prove_client_words(v, f, leg);
	if (!error)
		error = deny_prove_rule(v, f, leg);
	if (!error)
		error = deny_prove_queue(v, f, leg);
	if (!error)
		error = deny_prove_counter(v, f, leg);
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

	if (!v->walk->is_walked || !deny_is_there(v, leg))
		return FAULT_NONE;
	if (leg->at == PLACE_INGRESS || leg->at == PLACE_EGRESS)
		return FAULT_NETDEV_DROP;
	if (bridge_is_place(leg->at))
		return FAULT_BRIDGE_DROP;
	if (deny_has_queue(leg))
		return FAULT_QUEUE_UNREAD;
	if (proxied_is_dropped(v))
		return FAULT_REDIRECT_UNSERVED;
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

	f->position = deny_position(leg, false);
	f->chain = leg->chain;
	f->rule = leg->rule;
	f->explains_silence = true;
	error = finding_say(f, v->arena, "%s: what follows the handshake is %s by %s",
			    view_port(v), deny_verb(leg), deny_place(v, leg));
	if (!error)
		error = deny_prove_rule(v, f, leg);
	if (!error)
		error = deny_prove_counter(v, f, leg);
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

	/* Without a handshake nothing follows it: check_drop() says the rest. */
	if (v->e->target.proto != IPPROTO_TCP || !sight_was_answered(v) ||
	    request->verdict != PATH_ACCEPT)
		return CERTAINTY_NONE;
	if (sightings_got_bytes(v->e, &v->sight))
		return ruled_out(f);
	later = view_established(v);
	if (!later || !deny_is_there(v, &later->request))
		return undecided(f);
	moved = deny_moved(v, &later->request);
	if (moved == 0 || (moved < 0 && !sight_has_open_handshakes(v->e)))
		return undecided(f);
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

/* What was seen at the bridge itself has passed the chains before it. */
int check_bridge_drop(const struct check_view *v, struct finding *f)
{
	int certainty, error;

	if (fault_of_request(v) == f->fault && bridge_was_passed(v))
		return CERTAINTY_NONE;
	certainty = check_request(v, f);
	error = certainty > CERTAINTY_NONE ? bridge_prove_between(v, f) : 0;
	return error ? error : certainty;
}

int check_reply_drop(const struct check_view *v, struct finding *f)
{
	const struct path_leg *leg = &v->walk->path.reply;

	/* The capture stands behind the rules: an answer that it saw was let out. But one
	 * that it saw at a bridge has its ports before it. */
	if (sight_was_answered(v) ||
	    (sight_got_syn_ack(v) && !bridge_is_behind_capture(v, leg)))
		return ruled_out(f);
	if (!v->walk->is_walked || !leg->is_walked)
		return CERTAINTY_NONE;
	if (!deny_is_there(v, leg))
		return leg->verdict == PATH_UNSURE ? CERTAINTY_NONE : ruled_out(f);
	return tell(v, f, leg);
}

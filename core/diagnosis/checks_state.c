/* Rules and connection tracking that disagree: packets that a rule keeps from tracking and
 * another passes only when they are tracked; packets of which tracking makes nothing. */
#include <errno.h>
#include <netinet/in.h>

#include "core/diagnosis/check_bridge.h"
#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/check_traced.h"
#include "core/diagnosis/deny_certainty.h"
#include "core/diagnosis/sight.h"
#include "core/firewall/notrack.h"
#include "core/path/otherwise.h"

enum { UNTRACKING_MAX = 8, ACK = 0x10 };

static const char *from_words(const struct check_view *v)
{
	char client[ADDR_TEXT_MAX];

	return v->walk->client.family
		       ? view_text(v, " from %s", addr_format(&v->walk->client, client))
		       : "";
}

/* ---- untracked ---- */

/* The leg that a rule stops, of packets that were not seen beyond it. NULL: none; *is_out:
 * what was seen speaks against it. */
static const struct path_leg *stopped_leg(const struct check_view *v, bool *is_out)
{
	const struct path *p = &v->walk->path;
	bool has_met_socket = sight_was_answered(v) || sight_got_syn_ack(v);

	*is_out = has_met_socket;
	if (has_met_socket || !v->walk->is_walked)
		return NULL;
	if (deny_is_there(v, &p->request))
		return &p->request;
	return deny_is_there(v, &p->reply) ? &p->reply : NULL;
}

static bool passes(const struct path *p)
{
	return !p->n_needs && p->request.verdict == PATH_ACCEPT &&
	       (!p->reply.is_walked || p->reply.verdict == PATH_ACCEPT);
}

/* The rule without which the packet is tracked, and nothing stops it or its answer. NULL:
 * there is none. */
static const struct fw_rule *untracking_rule(const struct check_view *v)
{
	struct path_world world = evidence_world(v->e);
	const struct ruleset *r = v->e->rules;
	struct path *p = arena_alloc(v->arena, sizeof(*p));
	size_t n = 0;

	for (size_t i = 0; p && i < r->n_rules && n < UNTRACKING_MAX; i++) {
		if (!fw_rule_untracks(&r->rules[i]))
			continue;
		n++;
		if (!path_walk_without(&world, &v->walk->path.ask, (uint32_t)i, p) &&
		    passes(p))
			return &r->rules[i];
	}
	return NULL;
}

static int advise_tracking(const struct check_view *v, struct finding *f,
			   const struct path_leg *leg, const struct fw_rule *rule)
{
	const struct fw_chain *chain = ruleset_chain(v->e->rules, rule);
	const struct fw_table *table = ruleset_table_of(v->e->rules, chain);
	const char *risk =
		"the table of tracked connections takes these too: see how full it is";
	const char *command = NULL;
	int error;

	if (table->backend == FW_NFT)
		command = view_text(v, "nft delete rule %s %s %s handle %llu",
				    fw_family_word(table->family),
				    view_word(v, table->name), view_word(v, chain->name),
				    (unsigned long long)rule->handle);
	error = finding_advise(
		f, v->arena, command ? command : view_rule_command(v, rule),
		command ? view_text(v, "nft add rule %s %s %s %s",
				    fw_family_word(table->family),
				    view_word(v, table->name), view_word(v, chain->name),
				    view_word(v, text_of(view_rule_text(v, rule))))
			: NULL,
		risk, "have the port tracked: take it out of %s%s",
		view_rule_place(v, rule), command ? ", or the rule as a whole" : "");
	return error ? error : deny_advise(v, f, leg);
}

static int tell_untracked(const struct check_view *v, struct finding *f,
			  const struct path_leg *leg, const struct fw_rule *rule)
{
	bool is_reply = leg == &v->walk->path.reply;
	int error;

	deny_blame(f, leg, is_reply);
	error = finding_say(f, v->arena,
			    "%s%s: %s%s by %s, which would pass it if %s did not keep it "
			    "from being tracked",
			    view_port(v), from_words(v), is_reply ? "the answer is " : "",
			    deny_verb(leg), deny_place(v, leg), view_rule_place(v, rule));
	if (!error)
		error = finding_prove(f, v->arena, view_rule_source(v, rule), false,
				      view_rule_command(v, rule),
				      "%s keeps it from being tracked: %s",
				      view_rule_place(v, rule), view_rule_text(v, rule));
	if (!error)
		error = deny_prove_rule(v, f, leg);
	if (!error)
		error = deny_prove_counter(v, f, leg);
	if (!error)
		error = prove_wire(v, f);
	return error ? error : advise_tracking(v, f, leg, rule);
}

int check_untracked(const struct check_view *v, struct finding *f)
{
	bool is_out;
	const struct path_leg *leg = stopped_leg(v, &is_out);
	const struct fw_rule *rule;
	int error, certainty;

	if (is_out)
		return ruled_out(f);
	if (!leg || !v->e->rules)
		return passes(&v->walk->path) && v->walk->is_walked ? ruled_out(f)
								    : CERTAINTY_NONE;
	rule = untracking_rule(v);
	if (!rule)
		return ruled_out(f);
	certainty = certainty_traced(v, leg, deny_certainty(v, leg));
	if (certainty == CERTAINTY_NONE)
		return CERTAINTY_NONE;
	error = tell_untracked(v, f, leg, rule);
	return error ? error : certainty;
}

/* ---- invalid ---- */

/* What becomes of such a packet of the flow; NULL: not known. In the arena. */
static const struct path *walk_invalid(const struct check_view *v, uint8_t flags)
{
	struct path_world world = evidence_world(v->e);
	struct path_ask ask = v->walk->path.ask;
	struct path *p = arena_alloc(v->arena, sizeof(*p));

	ask.is_established = false;
	ask.is_invalid = true;
	ask.tcp_flags = flags;
	return p && !path_walk(&world, &ask, p) && !p->n_needs ? p : NULL;
}

/* Which of its packets tracking made nothing of. */
enum invalid {
	INVALID_NONE,
	INVALID_SYN,      /* the first one already */
	INVALID_ACK,      /* the handshake is done on the wire, and not here */
	INVALID_ONE_SIDE, /* this host passes on what the client sends; what the server
			     answers goes another way */
};

/* Forwarded, and of the server's answers none came by here. */
static bool is_one_sided(const struct check_view *v)
{
	if (!v->walk->path.is_forwarded || v->walk->path.is_translated)
		return false;
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (a->outcome == OUTCOME_ANSWERED && !a->n_syn_acks &&
		    a->server_bytes == BYTES_NONE)
			return true;
	}
	return false;
}

static enum invalid kind_of(const struct check_view *v)
{
	if (is_one_sided(v))
		return INVALID_ONE_SIDE;
	if (sight_was_answered(v))
		return !sightings_got_bytes(v->e, &v->sight) &&
				       sight_has_open_handshakes(v->e)
			       ? INVALID_ACK
			       : INVALID_NONE;
	return !sight_got_syn_ack(v) && sight_is_silent(v) ? INVALID_SYN : INVALID_NONE;
}

/* What comes otherwise passes: as a SYN, or with the handshake behind it. */
static bool passes_when_valid(const struct check_view *v, enum invalid kind)
{
	const struct path *p = &v->walk->path;

	if (p->request.verdict != PATH_ACCEPT)
		return false;
	if (kind == INVALID_SYN)
		return !p->reply.is_walked || p->reply.verdict == PATH_ACCEPT;
	p = view_established(v);
	return p && p->request.verdict == PATH_ACCEPT;
}

static int certainty_invalid(const struct check_view *v, enum invalid kind, int64_t moved)
{
	uint32_t n_enough =
		kind == INVALID_SYN ? v->sight.n_syns : (uint32_t)v->sight.n_all;
	bool is_alone = !v->sight.n_others;

	if (moved < 0)
		return kind == INVALID_ONE_SIDE ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
	if (deny_has_other_silence(v))
		return CERTAINTY_POSSIBLE;
	/* Strays of others are invalid as well, everywhere: the rule must have counted as
	 * much as this client lacks. */
	if (moved + 1 < n_enough)
		return CERTAINTY_POSSIBLE;
	if (kind == INVALID_SYN)
		return is_alone ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
	return is_alone && !deny_have_rules_changed(v) ? CERTAINTY_PROVEN
						       : CERTAINTY_LIKELY;
}

static const char *kind_words(enum invalid kind)
{
	switch (kind) {
	case INVALID_SYN:
		return "the SYN";
	case INVALID_ACK:
		return "what follows the SYN";
	case INVALID_ONE_SIDE:
		return "what follows the SYN, whose answer goes another way,";
	case INVALID_NONE:
		break;
	}
	return "";
}

static int prove_kind(const struct check_view *v, struct finding *f, enum invalid kind)
{
	if (kind == INVALID_ACK)
		return finding_prove(f, v->arena, "sock_diag", true,
				     "ss -tn state syn-recv",
				     "handshakes that are complete on the wire still wait "
				     "for their last ACK here");
	if (kind == INVALID_ONE_SIDE)
		return finding_prove(f, v->arena, "capture", true, NULL,
				     "the client's SYN and ACK came by here, and no "
				     "SYN-ACK of the server");
	return 0;
}

static int advise_invalid(const struct check_view *v, struct finding *f, enum invalid kind,
			  const struct path_leg *leg)
{
	char client[ADDR_TEXT_MAX];
	int error;

	if (kind == INVALID_ONE_SIDE)
		error = finding_advise(
			f, v->arena,
			view_text(v, "ip route get %s",
				  addr_format(&v->walk->client, client)),
			NULL, NULL,
			"have both directions come by one router: see on the server which "
			"way its answers to this client take");
	else
		error = finding_advise(
			f, v->arena, "conntrack -E -p tcp", NULL, NULL,
			"see what tracking knows of this flow, and who empties or "
			"bypasses its table");
	return error ? error : deny_advise(v, f, leg);
}

static int tell_invalid(const struct check_view *v, struct finding *f, enum invalid kind,
			const struct path_leg *leg)
{
	int error;

	f->position = deny_position(leg, false);
	f->chain = leg->chain;
	f->rule = leg->rule;
	f->explains_silence = true;
	error = finding_say(f, v->arena,
			    "%s%s: %s is %s by %s: connection tracking calls it invalid",
			    view_port(v), from_words(v), kind_words(kind), deny_verb(leg),
			    deny_place(v, leg));
	if (!error)
		error = deny_prove_rule(v, f, leg);
	if (!error)
		error = deny_prove_counter(v, f, leg);
	if (!error)
		error = prove_kind(v, f, kind);
	if (!error)
		error = prove_wire(v, f);
	return error ? error : advise_invalid(v, f, kind, leg);
}

int check_invalid_drop(const struct check_view *v, struct finding *f)
{
	enum invalid kind = kind_of(v);
	const struct path *p;
	int64_t moved;
	int error;

	if (v->e->target.proto != IPPROTO_TCP || sightings_got_bytes(v->e, &v->sight))
		return ruled_out(f);
	if (kind == INVALID_NONE || !v->walk->is_walked || !v->walk->client.family ||
	    !v->e->rules || !passes_when_valid(v, kind))
		return CERTAINTY_NONE;
	p = walk_invalid(v, kind == INVALID_SYN ? 0 : ACK);
	if (!p || !deny_is_there(v, &p->request) || p->request.verdict != PATH_DROP)
		return p ? ruled_out(f) : CERTAINTY_NONE;
	moved = deny_moved(v, &p->request);
	if (moved == 0)
		return ruled_out(f);
	/* Of a SYN the kernel says no more than that it is gone: not without a count. */
	if (kind == INVALID_SYN && moved < 0)
		return CERTAINTY_NONE;
	error = tell_invalid(v, f, kind, &p->request);
	return error ? error : certainty_invalid(v, kind, moved);
}

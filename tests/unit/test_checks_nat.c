/* Faults of translations: what must be seen of the flow beyond this host before one is
 * told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

#define BACKEND "10.1.0.2"

enum { FAILED = 0x20, REACHABLE = 0x02 };

static struct path *path_of(struct scene *c)
{
	return &c->e.walks[0].path;
}

/* By rule 0 of the input chain, for want of another one; out by eth1. */
static void translate(struct scene *c)
{
	struct path *p = path_of(c);

	p->is_translated = p->is_forwarded = true;
	p->is_local = false;
	p->endpoint = NULL;
	p->socket = NULL;
	p->is_served = TRI_UNSURE;
	p->server = hand_addr(BACKEND);
	p->server_port = 8443;
	p->out_ifindex = ETH1;
	p->request.decided_by = DECIDER_NONE;
	p->request.nat_chain = c->input;
	p->request.nat_rule = 0;
	p->request.hops[p->request.n_hops++] = (struct path_hop){.place = PLACE_ROUTE,
								 .ifindex = ETH1,
								 .chain = UINT32_MAX,
								 .rule = UINT32_MAX};
	scene_listen(c, &(struct hand_socket){0});
}

/* The newest attempt as it left for the backend. */
static void leave(struct scene *c, struct attempt a)
{
	struct record r = {.kind = RECORD_ATTEMPT, .attempt = a};
	struct attempt *t = &r.attempt;

	t->client = hand_addr(CLIENT);
	t->server = hand_addr(BACKEND);
	t->server_port = 8443;
	t->client_port = (uint16_t)(40000 + c->n_tried - 1);
	t->sequence = c->n_tried;
	t->proto = IPPROTO_TCP;
	t->n_syns = t->n_syns ? t->n_syns : 1;
	t->first_ns = WALL + NS_PER_S + c->n_tried + 1000;
	t->last_ns = t->first_ns;
	t->rtt_ns = -1;
	assert_int_equal(attempts_take_record(&c->attempts, &r), 0);
}

static void hop(struct scene *c, uint16_t state)
{
	scene_neighbour(c, state);
	c->neighbour.address = hand_addr(BACKEND);
	c->neighbour.ifindex = ETH1;
}

static void call(struct scene *c, enum probe_outcome outcome, int error)
{
	struct question q = {.kind = QUESTION_PROBE,
			     .probe = {.proto = IPPROTO_TCP,
				       .address = hand_addr(BACKEND),
				       .port = 8443}};

	assert_non_null(responses_add(&c->responses, &q));
	c->probe = (struct probe_result){.outcome = outcome, .error = error};
	c->e.probe = &c->probe;
}

static void tried(struct scene *c, struct attempt outer, struct attempt inner)
{
	scene_tell(c, CLIENT, outer);
	leave(c, inner);
	scene_walk(c, SERVER, CLIENT);
	translate(c);
}

/* ---- a port ---- */

static void refused_there(struct scene *c)
{
	tried(c, REFUSED_TRY, REFUSED_TRY);
}

static void refused_here(struct scene *c)
{
	scene_tell(c, CLIENT, REFUSED_TRY);
	scene_walk(c, SERVER, CLIENT);
	translate(c);
}

static void refused_to_another_packet(struct scene *c)
{
	refused_there(c);
	scene_forget(c);
	scene_tell(c, CLIENT, REFUSED_TRY);
	c->n_tried += 5;
	leave(c, REFUSED_TRY);
}

static void refused_and_stopped_before(struct scene *c)
{
	refused_there(c);
	scene_deny(c, false, c->input, 0, PATH_DROP)->at = PLACE_FORWARD;
}

static void answered_there(struct scene *c)
{
	tried(c, ANSWERED_TRY, ANSWERED_TRY);
}

static void our_call_is_refused(struct scene *c)
{
	tried(c, SILENT_TRY, SILENT_TRY);
	call(c, PROBE_REFUSED, ECONNREFUSED);
}

/* ---- a host ---- */

static void no_link_address(struct scene *c)
{
	scene_tell(c, CLIENT, SILENT_TRY);
	scene_walk(c, SERVER, CLIENT);
	translate(c);
	hop(c, FAILED);
}

static void no_link_address_untried(struct scene *c)
{
	no_link_address(c);
	scene_forget(c);
}

static void silent_there(struct scene *c)
{
	tried(c, SILENT_TRY, SILENT_TRY);
	hop(c, REACHABLE);
}

static void silent_to_us_too(struct scene *c)
{
	silent_there(c);
	call(c, PROBE_TIMED_OUT, ETIMEDOUT);
}

static void silent_to_us_behind_a_gateway(struct scene *c)
{
	silent_to_us_too(c);
	path_of(c)->request.hops[0].gateway = hand_addr("10.1.0.254");
}

static void silent_and_never_left(struct scene *c)
{
	scene_tell(c, CLIENT, SILENT_TRY);
	scene_walk(c, SERVER, CLIENT);
	translate(c);
	hop(c, REACHABLE);
}

static void silent_under_our_address(struct scene *c)
{
	silent_there(c);
	path_of(c)->is_source_translated = true;
}

/* ---- the way back ---- */

static void lives_for_us(struct scene *c)
{
	silent_there(c);
	call(c, PROBE_CONNECTED, 0);
}

static void lives_and_answered_here(struct scene *c)
{
	tried(c, SILENT_TRY,
	      (struct attempt){.outcome = OUTCOME_HALF_OPEN, .n_syn_acks = 2});
	call(c, PROBE_CONNECTED, 0);
}

static void lives_for_us_under_our_address(struct scene *c)
{
	lives_for_us(c);
	path_of(c)->is_source_translated = true;
}

static void on_one_network(struct scene *c)
{
	silent_there(c);
	path_of(c)->out_ifindex = ETH0;
	path_of(c)->request.hops[0].ifindex = ETH0;
	c->neighbour.ifindex = ETH0;
}

static void on_one_network_by_a_gateway(struct scene *c)
{
	on_one_network(c);
	path_of(c)->request.hops[0].gateway = hand_addr("10.0.0.254");
}

/* ---- what this host does with it ---- */

static void dropped_on_its_way(struct scene *c)
{
	no_link_address(c);
	hop(c, REACHABLE);
	scene_deny(c, false, c->input, 0, PATH_DROP)->at = PLACE_FORWARD;
	scene_move(c, 0, 3);
}

static void dropped_and_yet_seen_beyond(struct scene *c)
{
	dropped_on_its_way(c);
	leave(c, SILENT_TRY);
}

static void dropped_untranslated(struct scene *c)
{
	dropped_on_its_way(c);
	path_of(c)->is_translated = false;
}

static void steals(struct scene *c)
{
	refused_there(c);
	scene_listen(c, scene_web);
}

static void steals_and_serves(struct scene *c)
{
	answered_there(c);
	scene_listen(c, scene_web);
}

static const struct scene_row rows[] = {
	LIKELY("a reset from the backend", refused_there, FAULT_DNAT_WRONG_PORT,
	       "443/tcp is translated to 10.1.0.2 port 8443, where nobody listens"),
	BESIDE("our own call is refused there", our_call_is_refused, FAULT_DNAT_WRONG_PORT,
	       CERTAINTY_POSSIBLE),
	NEVER("a reset that nobody saw beyond", refused_here, FAULT_DNAT_WRONG_PORT),
	NEVER("a reset to another packet", refused_to_another_packet,
	      FAULT_DNAT_WRONG_PORT),
	NEVER("a rule stops it before", refused_and_stopped_before, FAULT_DNAT_WRONG_PORT),
	EXCLUDED("answered by the backend", answered_there, FAULT_DNAT_WRONG_PORT),
	PROVEN("no link address", no_link_address, FAULT_DNAT_DEAD_HOST,
	       "that host does not answer (no link address)"),
	LIKELY("no link address, nobody tried", no_link_address_untried,
	       FAULT_DNAT_DEAD_HOST, ""),
	LIKELY("silent to us too", silent_to_us_too, FAULT_DNAT_DEAD_HOST, ""),
	LIKELY("silent, though its answer must come here", silent_under_our_address,
	       FAULT_DNAT_DEAD_HOST, ""),
	BESIDE("silent, and nothing else is known", silent_there, FAULT_DNAT_DEAD_HOST,
	       CERTAINTY_POSSIBLE),
	NEVER("a gateway may be slow", silent_to_us_behind_a_gateway, FAULT_DNAT_DEAD_HOST),
	NEVER("silent, and it was not seen to leave", silent_and_never_left,
	      FAULT_DNAT_DEAD_HOST),
	BESIDE("silent, and a reset to our call", our_call_is_refused, FAULT_NO_RETURN_PATH,
	       CERTAINTY_POSSIBLE),
	NEVER("silent, and silent to us too", silent_to_us_too, FAULT_NO_RETURN_PATH),
	EXCLUDED("it takes our call", lives_for_us, FAULT_DNAT_DEAD_HOST),
	LIKELY("it takes our call, the client's come to nothing", lives_for_us,
	       FAULT_NO_RETURN_PATH, "its answer to 10.0.0.2 does not come back"),
	EXCLUDED("its answer comes by here", lives_and_answered_here, FAULT_NO_RETURN_PATH),
	EXCLUDED("its answer can go nowhere else", lives_for_us_under_our_address,
		 FAULT_NO_RETURN_PATH),
	LIKELY("on one network", on_one_network, FAULT_HAIRPIN,
	       "10.0.0.2 and 10.1.0.2 port 8443 are on one network"),
	EXCLUDED("a gateway between", on_one_network_by_a_gateway, FAULT_HAIRPIN),
	EXCLUDED("on another network", silent_there, FAULT_HAIRPIN),
	PROVEN("dropped on its way", dropped_on_its_way, FAULT_FORWARD_DROP, "dropped by"),
	EXCLUDED("dropped, and yet seen beyond", dropped_and_yet_seen_beyond,
		 FAULT_FORWARD_DROP),
	EXCLUDED("dropped, and not translated", dropped_untranslated, FAULT_FORWARD_DROP),
	LIKELY("a service of this host loses its clients", steals, FAULT_STEALS_PORT,
	       "nginx 812 listens on 443/tcp here"),
	EXCLUDED("nobody listens here", refused_there, FAULT_STEALS_PORT),
	EXCLUDED("the other one serves them", steals_and_serves, FAULT_STEALS_PORT),
};

static void a_translation_is_blamed_only_for_what_was_seen_of_it(void **state)
{
	(void)state;
	scene_run(rows, N_OF(rows));
}

static void translated_by_legacy(struct scene *c)
{
	refused_there(c);
	c->rules.tables[0].backend = FW_LEGACY;
	c->rules.tables[0].family = NFPROTO_IPV4;
	c->rules.tables[0].name = text_of("nat");
	c->rules.chains[c->input].name = text_of("PREROUTING");
}

static void the_very_rule_is_shown_by_hand(void **state)
{
	static const struct {
		void (*make)(struct scene *c);
		const char *command;
	} shown[] = {
		{refused_there, "nft -a list chain inet filter input"},
		{translated_by_legacy, "iptables-legacy -t nat -S PREROUTING 1"},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(shown); i++) {
		static struct scene c;
		struct diagnosis *d = scene_judge(&c, shown[i].make);
		const struct finding *f = &d->findings[0];

		assert_int_equal(f->fault, FAULT_DNAT_WRONG_PORT);
		assert_true(text_equals_str(f->proofs[0].command, shown[i].command));
		assert_true(text_equals_str(f->next[0].command, shown[i].command));
		scene_give_back(&c, d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_very_rule_is_shown_by_hand),
		cmocka_unit_test(a_translation_is_blamed_only_for_what_was_seen_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

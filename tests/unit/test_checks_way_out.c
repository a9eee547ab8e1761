/* The ways out: when each fault of them is told, how surely, and when not; and where a
 * router saw the packet last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/link_scenes.h"

/* ---- the answer's neighbour ---- */

static void entry_of(struct scene *c, uint16_t state, const uint8_t mac[6])
{
	link_taken_try(c);
	link_asked(c);
	link_answers_to(c, mac, ETH0);
	scene_neighbour(c, state);
	memcpy(c->neighbour.mac, mac, 6);
}

static void entry_fixed(struct scene *c)
{
	entry_of(c, PERMANENT, other_mac);
}

static void entry_learnt(struct scene *c)
{
	entry_of(c, REACHABLE, other_mac);
}

static void entry_stale(struct scene *c)
{
	entry_of(c, STALE, other_mac);
}

static void entry_contradicted(struct scene *c)
{
	entry_of(c, PERMANENT, other_mac);
	link_claimed(c, CLIENT, client_mac);
}

static void entry_right(struct scene *c)
{
	entry_of(c, PERMANENT, client_mac);
}

static void entry_virtual(struct scene *c)
{
	static const uint8_t vrrp[6] = {0, 0, 0x5e, 0, 1, 7};

	entry_of(c, PERMANENT, vrrp);
}

/* The SYN came by a router: its link address is not the client's. */
static void entry_behind_a_router(struct scene *c)
{
	scene_try(c, (struct attempt){.outcome = OUTCOME_HALF_OPEN,
				      .n_syns = 3,
				      .n_syn_acks = 3,
				      .syn_ttl = 63,
				      .answered_ns = WALL + NS_PER_S + 2});
	link_asked(c);
	link_answers_to(c, other_mac, ETH0);
	scene_neighbour(c, REACHABLE);
	memcpy(c->neighbour.mac, other_mac, 6);
}

/* The way back leads over a gateway. */
static void entry_of_gateway(struct scene *c, uint16_t state)
{
	struct path_leg *leg;

	entry_of(c, state, other_mac);
	leg = &c->e.walks[0].path.reply;
	leg->hops[0].gateway = hand_addr("10.0.0.254");
	c->neighbour.address = hand_addr("10.0.0.254");
}

static void entry_of_gateway_fixed(struct scene *c)
{
	entry_of_gateway(c, PERMANENT);
}

static void entry_of_gateway_contradicted(struct scene *c)
{
	entry_of_gateway(c, PERMANENT);
	link_claimed(c, "10.0.0.254", client_mac);
}

static void entry_of_gateway_learnt(struct scene *c)
{
	entry_of_gateway(c, REACHABLE);
}

static const struct scene_row entry_rows[] = {
	LIKELY("a fixed entry", entry_fixed, FAULT_NEIGHBOUR_WRONG, "02:00:00:00:00:99"),
	PROVEN("a fixed entry, and the client itself says otherwise", entry_contradicted,
	       FAULT_NEIGHBOUR_WRONG, ""),
	LIKELY("a learnt entry that is old", entry_stale, FAULT_NEIGHBOUR_WRONG, ""),
	POSSIBLE("a learnt entry that was confirmed", entry_learnt, FAULT_NEIGHBOUR_WRONG,
		 ""),
	EXCLUDED("the right entry", entry_right, FAULT_NEIGHBOUR_WRONG),
	NEVER("a group of routers has another address than its frames", entry_virtual,
	      FAULT_NEIGHBOUR_WRONG),
	NEVER("a router sent the SYN on", entry_behind_a_router, FAULT_NEIGHBOUR_WRONG),
	PROVEN("the gateway itself says otherwise", entry_of_gateway_contradicted,
	       FAULT_NEIGHBOUR_WRONG, "10.0.0.254"),
	POSSIBLE("a fixed entry of a gateway that may be two", entry_of_gateway_fixed,
		 FAULT_NEIGHBOUR_WRONG, ""),
	NEVER("two gateways, in and out", entry_of_gateway_learnt, FAULT_NEIGHBOUR_WRONG),
};

/* ---- the answer's interface ---- */

static void astray(struct scene *c)
{
	link_taken_try(c);
	link_asked(c);
	link_answers_to(c, other_mac, ETH1);
}

static void astray_of_one(struct scene *c)
{
	scene_name(c);
	astray(c);
	scene_tell(c, "10.0.0.3", ANSWERED_TRY);
}

static void astray_with_loss(struct scene *c)
{
	astray(c);
	link_tell(c, (struct link_sight){.kind = LINK_STATE, .n = 1});
}

/* A bond: in by one port, out by the other, and both by the bond. */
static void astray_on_a_bond(struct scene *c)
{
	struct link_sight s = link_row_of(c, LINK_ASK, 3);

	astray(c);
	s.device = 9;
	link_tell(c, s);
	link_answers_to(c, other_mac, 9);
}

static void astray_and_answered(struct scene *c)
{
	scene_try(c, ANSWERED_TRY);
	link_asked(c);
	link_answers_to(c, other_mac, ETH1);
}

static void not_answered_at_all(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	link_asked(c);
}

static const struct scene_row way_rows[] = {
	LIKELY("in by eth0, out by eth1, and nobody hears", astray, FAULT_ASYMMETRIC,
	       "eth1"),
	NEVER("others get through on the same ways", astray_of_one, FAULT_ASYMMETRIC),
	NEVER("an answer by eth0 may have been missed", astray_with_loss, FAULT_ASYMMETRIC),
	EXCLUDED("both ports of one bond", astray_on_a_bond, FAULT_ASYMMETRIC),
	EXCLUDED("the client got its answer", astray_and_answered, FAULT_ASYMMETRIC),
	NEVER("no answer left", not_answered_at_all, FAULT_ASYMMETRIC),
};

/* ---- datagrams ---- */

static void datagram(struct scene *c, struct attempt a)
{
	static const struct hand_socket dns[] = {SOCK(PROTO_UDP, "0.0.0.0", 53, 200), {0}};

	scene_listen(c, dns);
	c->e.target.proto = IPPROTO_UDP;
	c->e.target.port = 53;
	scene_try(c, a);
	link_asked(c);
}

static void strayed(struct scene *c)
{
	struct link_sight s;

	datagram(c, SILENT_TRY);
	s = link_row_of(c, LINK_STRAY, 3);
	s.is_outgoing = true;
	s.from = hand_addr("10.0.0.9");
	link_tell(c, s);
}

static void strayed_elsewhere(struct scene *c)
{
	struct link_sight s;

	datagram(c, SILENT_TRY);
	s = link_row_of(c, LINK_STRAY, 3);
	s.from = hand_addr("10.0.0.9");
	link_tell(c, s);
}

static void strayed_and_answered(struct scene *c)
{
	strayed(c);
	link_answers_to(c, client_mac, ETH0);
}

static void mute(struct scene *c)
{
	datagram(c, SILENT_TRY);
}

static const struct scene_row datagram_rows[] = {
	PROVEN("answers leave from another address", strayed, FAULT_UDP_REPLY_SOURCE,
	       "answers from 10.0.0.9"),
	EXCLUDED("what came from elsewhere is not this host's", strayed_elsewhere,
		 FAULT_UDP_REPLY_SOURCE),
	EXCLUDED("an answer left from the right address too", strayed_and_answered,
		 FAULT_UDP_REPLY_SOURCE),
	EXCLUDED("no answer at all", mute, FAULT_UDP_REPLY_SOURCE),
};

/* ---- another host's firewall ---- */

static void turned_away(struct scene *c, const char *from, uint8_t type, uint8_t code)
{
	scene_try(c, (struct attempt){.outcome = OUTCOME_HALF_OPEN,
				      .n_syns = 3,
				      .n_syn_acks = 3,
				      .n_icmp = 2,
				      .icmp_from = hand_addr(from),
				      .icmp_type = type,
				      .icmp_code = code,
				      .answered_ns = WALL + NS_PER_S + 2});
}

static void remote(struct scene *c)
{
	turned_away(c, "10.0.0.254", 3, 13);
}

static void remote_by_the_client(struct scene *c)
{
	turned_away(c, CLIENT, 3, 10);
}

static void remote_of_a_datagram(struct scene *c)
{
	c->e.target.proto = IPPROTO_UDP;
	scene_try(c, (struct attempt){.outcome = OUTCOME_SILENT,
				      .n_syns = 3,
				      .n_icmp = 1,
				      .icmp_from = hand_addr(CLIENT),
				      .icmp_type = 3,
				      .icmp_code = 3});
}

static void remote_without_a_way(struct scene *c)
{
	turned_away(c, "10.0.0.254", 3, 1);
}

static void remote_by_ourselves(struct scene *c)
{
	turned_away(c, "10.0.0.9", 3, 13);
}

static void remote_by_the_target(struct scene *c)
{
	turned_away(c, SERVER, 3, 13);
}

static const struct scene_row remote_rows[] = {
	PROVEN("a router turns answers away", remote, FAULT_REMOTE,
	       "another host's firewall turns this host's answers away"),
	PROVEN("the client does", remote_by_the_client, FAULT_REMOTE,
	       "the client's own firewall"),
	NEVER("the client waits no more for a datagram", remote_of_a_datagram,
	      FAULT_REMOTE),
	NEVER("a router knows no way: no firewall", remote_without_a_way, FAULT_REMOTE),
	NEVER("it is an address of this host", remote_by_ourselves, FAULT_REMOTE),
	NEVER("it is the target's", remote_by_the_target, FAULT_REMOTE),
};

/* ---- a router: where it was seen ---- */

struct way_row {
	const char *what;
	uint32_t n_out, n_answers_in, n_answers_out, n_resets_in;
	struct attempt attempt;
	const char *words; /* of the summary */
};

#define TAKEN_TRY                                       \
	((struct attempt){.outcome = OUTCOME_HALF_OPEN, \
			  .n_syns = 3,                  \
			  .n_syn_acks = 3,              \
			  .answered_ns = WALL + NS_PER_S})

static const struct way_row passing_rows[] = {
	{"never sent on", 0, 0, 0, 0, SILENT_TRY,
	 "come in by eth0 and leave by no interface"},
	{"sent on in vain", 3, 0, 0, 0, SILENT_TRY,
	 "on by eth1, and nothing comes back there"},
	{"refused there", 3, 0, 0, 3, REFUSED_TRY, "a reset comes back"},
	{"answered there, not here", 3, 3, 0, 0, TAKEN_TRY,
	 "answers come back by eth1 and leave by no interface"},
	{"all passes", 3, 3, 3, 0, TAKEN_TRY, "packets and answers pass this host"},
	{"an error comes back",
	 3,
	 0,
	 0,
	 0,
	 {.outcome = OUTCOME_ICMP,
	  .n_syns = 1,
	  .n_icmp = 1,
	  .icmp_type = 3,
	  .icmp_code = 1},
	 "an ICMP error of"},
};

static void seen_at(struct scene *c, enum link_kind kind, uint32_t device, bool is_outgoing,
		    uint32_t n)
{
	struct link_sight s = link_row_of(c, kind, n);

	s.device = device;
	s.is_outgoing = is_outgoing;
	if (n)
		link_tell(c, s);
}

static void pass_on(struct scene *c, const struct way_row *r)
{
	struct attempt a = r->attempt;
	struct path *p;

	c->e.target.role = AIM_ROUTER;
	c->e.target.address = hand_addr("10.1.0.2");
	if (a.n_icmp)
		a.icmp_from = hand_addr("10.1.0.9");
	a.server = hand_addr("10.1.0.2");
	scene_tell(c, CLIENT, a);
	scene_walk(c, "10.1.0.2", CLIENT);
	p = &c->e.walks[0].path;
	p->is_local = false;
	p->is_forwarded = true;
	link_look(c);
	seen_at(c, LINK_ASK, ETH0, false, 3);
	seen_at(c, LINK_ASK, ETH1, true, r->n_out);
	seen_at(c, LINK_ANSWER, ETH1, false, r->n_answers_in);
	seen_at(c, LINK_ANSWER, ETH0, true, r->n_answers_out);
	seen_at(c, LINK_RESET, ETH1, false, r->n_resets_in);
}

static struct diagnosis *judge_passing(struct scene *c, const struct way_row *r)
{
	struct diagnosis *d;

	scene_start(c);
	pass_on(c, r);
	for (size_t i = 0; i < c->attempts.links.n; i++)
		((struct link_sight *)vec_at(&c->attempts.links, i))->server =
			hand_addr("10.1.0.2");
	d = judge(&c->e);
	assert_non_null(d);
	return d;
}

static void a_router_says_where_the_packet_was_seen_last(void **state)
{
	static struct scene c;

	(void)state;
	for (size_t i = 0; i < N_OF(passing_rows); i++) {
		struct diagnosis *d = judge_passing(&c, &passing_rows[i]);

		if (d->verdict != VERDICT_UNKNOWN ||
		    !scene_contains(d->summary, passing_rows[i].words))
			fail_msg("%s: \"%.*s\"", passing_rows[i].what, (int)d->summary.len,
				 d->summary.bytes);
		table_unref(d);
		scene_end(&c);
	}
}

static void what_was_lost_or_translated_is_not_said_to_stop_here(void **state)
{
	static struct scene c;
	struct diagnosis *d;

	(void)state;
	scene_start(&c);
	pass_on(&c, &passing_rows[0]);
	link_tell(&c, (struct link_sight){.kind = LINK_STATE, .n = 1});
	d = judge(&c.e);
	assert_false(scene_contains(d->summary, "leave by no interface"));
	scene_give_back(&c, d);
	scene_start(&c);
	pass_on(&c, &passing_rows[0]);
	c.e.walks[0].path.is_source_translated = true;
	d = judge(&c.e);
	assert_false(scene_contains(d->summary, "leave by no interface"));
	scene_give_back(&c, d);
}

ROWS_TEST(an_entry_is_wrong_where_the_clients_frames_contradict_it, entry_rows)
ROWS_TEST(another_way_out_is_told_where_nobody_hears_the_answer, way_rows)
ROWS_TEST(an_answer_from_another_address_is_told_where_it_is_the_only_one, datagram_rows)
ROWS_TEST(an_error_of_another_host_is_told_where_it_is_a_firewalls, remote_rows)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_wrong_where_the_clients_frames_contradict_it),
		cmocka_unit_test(another_way_out_is_told_where_nobody_hears_the_answer),
		cmocka_unit_test(
			an_answer_from_another_address_is_told_where_it_is_the_only_one),
		cmocka_unit_test(an_error_of_another_host_is_told_where_it_is_a_firewalls),
		cmocka_unit_test(a_router_says_where_the_packet_was_seen_last),
		cmocka_unit_test(what_was_lost_or_translated_is_not_said_to_stop_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The next hop of the answer: what of it was seen beats what the rules would say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/sockets/handshakes.h"
#include "tests/unit/link_scenes.h"

enum { FAILED = 0x20 };

static struct handshake_row waiting_row;
static struct handshake_table waiting_table;

static struct path *path_of(struct scene *c)
{
	return &c->e.walks[0].path;
}

/* The rules leave it open whether the SYN meets the socket. */
static void failed_rules_unsure(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_neighbour(c, FAILED);
	path_of(c)->request.verdict = PATH_UNSURE;
}

/* The kernel waits for the ACK of this client, and has sent its SYN-ACK again so often. */
static void waits(struct scene *c, const char *client, uint8_t n_repeats)
{
	failed_rules_unsure(c);
	waiting_row = (struct handshake_row){.local = hand_addr(SERVER),
					     .remote = hand_addr(client),
					     .remote_port = 40000,
					     .n_repeats = n_repeats};
	waiting_table = (struct handshake_table){.rows = &waiting_row, .n = 1};
	c->e.handshakes = &waiting_table;
}

static void failed_and_answering(struct scene *c)
{
	waits(c, CLIENT, 3);
}

static void failed_and_answered_a_moment_ago(struct scene *c)
{
	waits(c, CLIENT, 0);
}

static void failed_and_answering_another(struct scene *c)
{
	waits(c, "10.0.0.77", 3);
}

/* This host is the router: the SYN-ACKs of the server come in by eth1. */
static void passes_on(struct scene *c)
{
	struct link_sight in = link_row_of(c, LINK_ANSWER, 3);

	scene_try(c, (struct attempt){
			     .outcome = OUTCOME_HALF_OPEN, .n_syns = 3, .n_syn_acks = 3});
	path_of(c)->is_forwarded = true;
	path_of(c)->is_local = false;
	link_look(c);
	in.device = ETH1;
	in.is_outgoing = false;
	link_tell(c, in);
}

static void router_cannot_pass_it_back(struct scene *c)
{
	passes_on(c);
	scene_neighbour(c, FAILED);
}

static void router_passes_it_back(struct scene *c)
{
	passes_on(c);
	link_tell(c, link_row_of(c, LINK_ANSWER, 3));
	scene_neighbour(c, FAILED);
}

static void router_has_no_way_back(struct scene *c)
{
	struct path_leg *reply;

	passes_on(c);
	reply = &path_of(c)->reply;
	reply->verdict = PATH_DROP;
	reply->decided_by = DECIDER_ROUTE;
	reply->hops[0].error = ENETUNREACH;
}

static void router_had_a_way_back(struct scene *c)
{
	router_has_no_way_back(c);
	link_tell(c, link_row_of(c, LINK_ANSWER, 3));
}

static const struct scene_row rows[] = {
	PROVEN("SYN-ACKs are sent again and again", failed_and_answering,
	       FAULT_NEIGHBOUR_FAILED, "10.0.0.2 on eth0 does not resolve"),
	POSSIBLE("the rules leave it open, nothing was sent", failed_rules_unsure,
		 FAULT_NEIGHBOUR_FAILED, ""),
	POSSIBLE("one SYN-ACK of this moment", failed_and_answered_a_moment_ago,
		 FAULT_NEIGHBOUR_FAILED, ""),
	POSSIBLE("SYN-ACKs for another client", failed_and_answering_another,
		 FAULT_NEIGHBOUR_FAILED, ""),
	PROVEN("a router that got the SYN-ACK, and cannot send it on",
	       router_cannot_pass_it_back, FAULT_NEIGHBOUR_FAILED, ""),
	EXCLUDED("a router that sent it on", router_passes_it_back, FAULT_NEIGHBOUR_FAILED),
	LIKELY("a router without a way back", router_has_no_way_back, FAULT_NO_ROUTE_BACK,
	       ""),
	EXCLUDED("a router that had one", router_had_a_way_back, FAULT_NO_ROUTE_BACK),
};

static void what_was_seen_of_the_answer_beats_what_rules_say(void **state)
{
	(void)state;
	scene_run(rows, N_OF(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_seen_of_the_answer_beats_what_rules_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Rules that disagree with connection tracking, and data connections that a control
 * connection agreed on: when each is told, and how sure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/diagnosis/related.h"
#include "tests/unit/scene_routes.h"

enum { NOTRACK, PASS_STATE, STOP }; /* rules, where there are these three */
enum { INVALID = 1, ESTABLISHED = 2, DATA_PORT = 40123 };

#define X_NOTRACK                       \
	{                               \
		.kind = FW_EXPR_NOTRACK \
	}
/* ct state: masked, and not zero */
#define X_STATE(bits)                           \
	X_CT(NFT_CT_STATE, 0),                  \
		{.kind = FW_EXPR_BITWISE,       \
		 .sreg = 0,                     \
		 .dreg = 0,                     \
		 .len = 4,                      \
		 .value = BYTES(bits, 0, 0, 0), \
		 .value2 = BYTES(0, 0, 0, 0)},  \
		X_CMP(NFT_CMP_NEQ, 0, 0, 0, 0, 0)
#define X_SPORT(word) X_LOAD(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, word)

/* The port is not tracked; answers pass if their connection is. */
static void untracked_rules(struct scene *c)
{
	struct hand_rules *h = &c->rules;
	uint32_t table;

	hand_start(h);
	table = hand_firewall_table(h, NFPROTO_INET);
	hand_base(h, table, FW_PREROUTING, -300, false);
	RULE(h, X_PORT_IS(443), X_NOTRACK);
	c->output = hand_base(h, table, FW_OUTPUT, 0, false);
	RULE(h, X_STATE(ESTABLISHED), X_ACCEPT);
	RULE(h, X_COUNTER, X_DROP);
}

static void untracked(struct scene *c)
{
	untracked_rules(c);
	scene_try(c, SILENT_TRY);
	scene_walk_really(c);
}

static void untracked_and_counted(struct scene *c)
{
	untracked(c);
	scene_move(c, STOP, 3);
}

static void untracked_and_still(struct scene *c)
{
	untracked(c);
	scene_move(c, STOP, 0);
}

static void untracked_and_answered(struct scene *c)
{
	untracked_rules(c);
	scene_try(c, ANSWERED_TRY);
	scene_walk_really(c);
	scene_move(c, STOP, 3);
}

/* Tracked or not, the answer is dropped. */
static void untracked_beside_a_plain_drop(struct scene *c)
{
	struct hand_rules *h = &c->rules;
	uint32_t table;

	hand_start(h);
	table = hand_firewall_table(h, NFPROTO_INET);
	hand_base(h, table, FW_PREROUTING, -300, false);
	RULE(h, X_PORT_IS(443), X_NOTRACK);
	c->output = hand_base(h, table, FW_OUTPUT, 0, false);
	RULE(h, X_SPORT(0), X_EQ(0, 1, 0xbb), X_COUNTER, X_DROP);
	scene_try(c, SILENT_TRY);
	scene_walk_really(c);
	scene_move(c, 1, 3);
}

static const struct scene_row untracked_rows[] = {
	PROVEN("the rule that wants tracking counted", untracked_and_counted,
	       FAULT_UNTRACKED, "did not keep it from being tracked"),
	PROVEN("nothing else of the kernel's explains the silence", untracked,
	       FAULT_UNTRACKED, "the answer is dropped"),
	NEVER("its counter stood still", untracked_and_still, FAULT_UNTRACKED),
	EXCLUDED("the client was answered", untracked_and_answered, FAULT_UNTRACKED),
	EXCLUDED("the answer is dropped whether tracked or not",
		 untracked_beside_a_plain_drop, FAULT_UNTRACKED),
};

static void a_rule_that_keeps_from_tracking_is_told(void **state)
{
	(void)state;
	scene_run(untracked_rows, N_OF(untracked_rows));
}

/* ---- invalid ---- */

static void invalid_rules(struct scene *c)
{
	struct hand_rules *h = &c->rules;

	hand_start(h);
	c->input = hand_base(h, hand_firewall_table(h, NFPROTO_INET), FW_INPUT, 0, false);
	RULE(h, X_STATE(INVALID), X_COUNTER, X_DROP);
}

static void taken_and_waiting(struct scene *c, uint64_t n)
{
	struct path_ask ask;
	static struct path p;

	invalid_rules(c);
	scene_try(c, (struct attempt){.outcome = OUTCOME_ANSWERED,
				      .n_syn_acks = 1,
				      .answered_ns = WALL + NS_PER_S});
	scene_walk_really(c);
	ask = c->e.walks[0].path.ask;
	ask.is_invalid = true;
	ask.tcp_flags = 0x10;
	scene_route(c, &ask, &p);
	scene_waits_for_ack(c);
	scene_move(c, 0, n);
}

static void invalid_counted(struct scene *c)
{
	taken_and_waiting(c, 3);
}

static void invalid_still(struct scene *c)
{
	taken_and_waiting(c, 0);
}

static void invalid_and_overflowing(struct scene *c)
{
	taken_and_waiting(c, 3);
	scene_count(c, "TcpExt.ListenOverflows", 3);
}

static void invalid_of_others_too(struct scene *c)
{
	taken_and_waiting(c, 3);
	scene_tell(c, "10.0.0.3", SILENT_TRY);
}

static void invalid_yet_served(struct scene *c)
{
	invalid_rules(c);
	scene_try(c, ANSWERED_TRY);
	scene_walk_really(c);
	scene_waits_for_ack(c);
	scene_move(c, 0, 3);
}

static const struct scene_row invalid_rows[] = {
	PROVEN("the rule counted, and this host waits for the ACK", invalid_counted,
	       FAULT_INVALID_DROP, "what follows the SYN is dropped"),
	LIKELY("others tried as well", invalid_of_others_too, FAULT_INVALID_DROP, ""),
	POSSIBLE("the accept queue overflowed", invalid_and_overflowing, FAULT_INVALID_DROP,
		 ""),
	EXCLUDED("the rule stood still", invalid_still, FAULT_INVALID_DROP),
	EXCLUDED("the service spoke", invalid_yet_served, FAULT_INVALID_DROP),
};

static void what_tracking_calls_invalid_is_told_as_sure_as_it_was_seen(void **state)
{
	(void)state;
	scene_run(invalid_rows, N_OF(invalid_rows));
}

/* ---- data connections ---- */

#define CONTROL                                           \
	((struct attempt){.outcome = OUTCOME_ANSWERED,    \
			  .n_syn_acks = 1,                \
			  .first_ns = WALL + NS_PER_S,    \
			  .answered_ns = WALL + NS_PER_S, \
			  .server_bytes = BYTES_FTP_GREETING})
#define DATA                                               \
	((struct attempt){.outcome = OUTCOME_SILENT,       \
			  .n_syns = 3,                     \
			  .first_ns = WALL + 2 * NS_PER_S, \
			  .server_port = DATA_PORT})

static const struct hand_socket with_data[] = {
	SOCK(PROTO_TCP, "0.0.0.0", 21, 100, .limit = 511),
	SOCK(PROTO_TCP, SERVER, DATA_PORT, 101, .limit = 1),
	{0}};
static const struct hand_socket control_only[] = {
	SOCK(PROTO_TCP, "0.0.0.0", 21, 100, .limit = 511), {0}};

/* The port of FTP is accepted, everything else is counted and dropped. */
static void ftp_host(struct scene *c, const struct hand_socket *sockets)
{
	struct hand_rules *h = &c->rules;

	c->e.target.port = 21;
	scene_listen(c, sockets);
	hand_start(h);
	c->input = hand_base(h, hand_firewall_table(h, NFPROTO_INET), FW_INPUT, 0, false);
	RULE(h, X_PORT_IS(21), X_ACCEPT);
	RULE(h, X_COUNTER, X_DROP);
}

static void ftp_tried(struct scene *c, const struct hand_socket *sockets,
		      struct attempt data, uint64_t moved)
{
	static struct path p;
	struct path_ask ask;

	ftp_host(c, sockets);
	scene_try(c, CONTROL);
	scene_tell(c, CLIENT, data);
	scene_walk_really(c);
	ask = c->e.walks[0].path.ask;
	ask.server_port = data.server_port;
	ask.client_port = 0;
	scene_route(c, &ask, &p);
	scene_move(c, 1, moved);
}

static void data_dropped(struct scene *c)
{
	ftp_tried(c, with_data, DATA, 3);
}

static void data_dropped_by_nobody(struct scene *c)
{
	ftp_tried(c, with_data, DATA, 0);
}

static void data_to_a_port_that_nobody_serves(struct scene *c)
{
	ftp_tried(c, control_only, DATA, 3);
}

static void data_answered(struct scene *c)
{
	struct attempt a = DATA;

	a.outcome = OUTCOME_ANSWERED;
	a.n_syn_acks = 1;
	ftp_tried(c, with_data, a, 3);
}

static void data_before_the_control(struct scene *c)
{
	struct attempt a = DATA;

	a.first_ns = WALL + NS_PER_S / 2;
	ftp_tried(c, with_data, a, 3);
}

static void data_of_another_client(struct scene *c)
{
	ftp_host(c, with_data);
	scene_try(c, CONTROL);
	scene_tell(c, "10.0.0.3", DATA);
	scene_walk_really(c);
	scene_move(c, 1, 3);
}

static void data_beside_a_web_service(struct scene *c)
{
	scene_try(c, ANSWERED_TRY);
	scene_tell(c, CLIENT, DATA);
	scene_walk_really(c);
}

static const struct scene_row data_rows[] = {
	PROVEN("the rule counted, and a socket listens", data_dropped,
	       FAULT_RELATED_CHANNEL, "its data connection to port 40123 is dropped"),
	NEVER("the rule stood still", data_dropped_by_nobody, FAULT_RELATED_CHANNEL),
	EXCLUDED("the data connection was answered", data_answered, FAULT_RELATED_CHANNEL),
	NEVER("it was tried before the control connection", data_before_the_control,
	      FAULT_RELATED_CHANNEL),
	NEVER("another client tried", data_of_another_client, FAULT_RELATED_CHANNEL),
	NEVER("the service speaks no FTP", data_beside_a_web_service,
	      FAULT_RELATED_CHANNEL),
};

static void a_data_connection_is_told_where_its_control_connection_passed(void **state)
{
	(void)state;
	scene_run(data_rows, N_OF(data_rows));
}

static void one_port_that_nobody_serves_is_a_suspicion_at_most(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, data_to_a_port_that_nobody_serves);

	(void)state;
	assert_int_not_equal(d->verdict, VERDICT_FAULT);
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].fault == FAULT_RELATED_CHANNEL)
			assert_int_equal(d->findings[i].certainty, CERTAINTY_POSSIBLE);
	scene_give_back(&c, d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_that_keeps_from_tracking_is_told),
		cmocka_unit_test(
			what_tracking_calls_invalid_is_told_as_sure_as_it_was_seen),
		cmocka_unit_test(
			a_data_connection_is_told_where_its_control_connection_passed),
		cmocka_unit_test(one_port_that_nobody_serves_is_a_suspicion_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

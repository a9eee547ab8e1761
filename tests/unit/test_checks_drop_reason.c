/* What the kernel's own reason for dropping a packet does to a fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/diagnosis/drop_reasons.h"
#include "tests/unit/evidence_host.h"

static struct drops told;

/* One packet from a client to the port. */
static void drop(struct scene *c, const char *reason, const char *client, uint8_t flags)
{
	struct drop_row *row;

	drops_release(&told);
	drops_init(&told);
	row = vec_push(&told.rows);
	assert_non_null(row);
	*row = (struct drop_row){.proto = IPPROTO_TCP,
				 .ifindex = 2,
				 .flags = flags,
				 .source = hand_address(client),
				 .target = hand_address(SERVER),
				 .source_port = 40000,
				 .target_port = 443};
	snprintf(row->reason, sizeof(row->reason), "%s", reason);
	snprintf(row->function, sizeof(row->function), "tcp_v4_rcv");
	c->e.drops = &told;
}

enum { SYN = 2, ACK = 16 };

/* A silence and a rule that may be behind it, but no counter tells. */
static void a_rule_may_drop(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void a_rule_may_drop_and_netfilter_did(struct scene *c)
{
	a_rule_may_drop(c);
	drop(c, "NETFILTER_DROP", CLIENT, SYN);
}

static void a_rule_may_drop_and_the_socket_did(struct scene *c)
{
	a_rule_may_drop(c);
	drop(c, "TCP_MD5NOTFOUND", CLIENT, SYN);
}

static void a_rule_may_drop_and_another_client_came_past_it(struct scene *c)
{
	a_rule_may_drop(c);
	drop(c, "NO_SOCKET", "10.0.0.9", SYN);
}

static void a_rule_may_drop_and_an_old_segment_was_thrown_away(struct scene *c)
{
	a_rule_may_drop(c);
	drop(c, "TCP_MD5NOTFOUND", CLIENT, ACK);
}

/* Of a packet without an interface nobody says whose it is. */
static void a_rule_may_drop_and_elsewhere_a_socket_did(struct scene *c)
{
	struct drop_row *row;

	a_rule_may_drop_and_the_socket_did(c);
	row = vec_at(&told.rows, 0);
	row->ifindex = 0;
	row->sequence = attempts_at(c->e.attempts, 0)->sequence + 1;
}

static void a_rule_may_drop_and_the_socket_did_without_its_interface(struct scene *c)
{
	const struct attempt *a;
	struct drop_row *row;

	a_rule_may_drop_and_elsewhere_a_socket_did(c);
	a = attempts_at(c->e.attempts, 0);
	row = vec_at(&told.rows, 0);
	row->sequence = a->sequence;
	row->source_port = a->client_port;
}

static enum certainty judged(void (*make)(struct scene *c), enum fault fault,
			     bool *has_word)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, make);
	enum certainty certainty = CERTAINTY_NONE;

	*has_word = false;
	for (size_t i = 0; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (f->fault != fault)
			continue;
		certainty = f->certainty;
		for (size_t k = 0; k < f->n_proofs; k++)
			*has_word |= strcmp(f->proofs[k].source, "drop reasons") == 0;
	}
	scene_give_back(&c, d);
	return certainty;
}

static void a_reason_never_names_the_rule(void **state)
{
	bool has_word;
	enum certainty alone = judged(a_rule_may_drop, FAULT_DROP, &has_word);

	(void)state;
	assert_false(has_word);
	assert_int_not_equal(alone, CERTAINTY_NONE);
	assert_int_equal(judged(a_rule_may_drop_and_netfilter_did, FAULT_DROP, &has_word),
			 alone);
	assert_true(has_word);
}

static void a_packet_that_came_to_its_socket_met_no_rule_before(void **state)
{
	bool has_word;

	(void)state;
	assert_true(judged(a_rule_may_drop_and_the_socket_did, FAULT_DROP, &has_word) <=
		    CERTAINTY_POSSIBLE);
}

static void others_packets_and_later_segments_say_nothing(void **state)
{
	bool has_word;
	enum certainty alone = judged(a_rule_may_drop, FAULT_DROP, &has_word);

	(void)state;
	assert_int_equal(judged(a_rule_may_drop_and_another_client_came_past_it, FAULT_DROP,
				&has_word),
			 alone);
	assert_int_equal(
		judged(a_rule_may_drop_and_elsewhere_a_socket_did, FAULT_DROP, &has_word),
		alone);
	assert_false(has_word);
	assert_int_not_equal(
		judged(a_rule_may_drop_and_the_socket_did_without_its_interface, FAULT_DROP,
		       &has_word),
		alone);
	assert_int_equal(judged(a_rule_may_drop_and_an_old_segment_was_thrown_away,
				FAULT_DROP, &has_word),
			 alone);
	assert_false(has_word);
}

static void each_reason_is_that_of_its_fault(void **state)
{
	static const struct {
		const char *reason;
		enum fault fault;
	} rows[] = {
		{"NETFILTER_DROP", FAULT_DROP},
		{"NO_SOCKET", FAULT_NOT_LISTENING},
		{"IP_RPFILTER", FAULT_RP_FILTER},
		{"SOCKET_FILTER", FAULT_SOCKET_FILTER},
		{"SOCKET_FILTER", FAULT_CGROUP_DROP},
		{"XFRM_POLICY", FAULT_IPSEC_POLICY},
		{"TCP_MD5UNEXPECTED", FAULT_TCP_AUTHENTICATION},
		{"TCP_AOFAILURE", FAULT_TCP_AUTHENTICATION},
		{"TCP_MINTTL", FAULT_SOCKET_FILTER},
		{"TC_INGRESS", FAULT_TC_DROP},
		{"XDP", FAULT_XDP_DROP},
		{"QDISC_OVERLIMIT", FAULT_QDISC_DROP},
		{"NEIGH_FAILED", FAULT_NEIGHBOUR_FAILED},
		{"NEIGH_CREATEFAIL", FAULT_NEIGHBOUR_TABLE_FULL},
		{"CPU_BACKLOG", FAULT_NIC_DROPS},
		{"TCP_CSUM", FAULT_BAD_CHECKSUM},
		{"PKT_TOO_BIG", FAULT_MTU_BLACK_HOLE},
		{"TCP_LISTEN_OVERFLOW", FAULT_ACCEPT_QUEUE_FULL},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		const struct drop_meaning *m = drop_meaning_of(rows[i].reason);

		assert_non_null(m);
		assert_true(drop_meaning_names(m, rows[i].fault));
		assert_false(drop_meaning_names(m, FAULT_NONE));
	}
	assert_null(drop_meaning_of("NOT_SPECIFIED"));
	assert_null(drop_meaning_of("42"));
	assert_null(drop_meaning_of("NO_SOCKETS"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reason_never_names_the_rule),
		cmocka_unit_test(a_packet_that_came_to_its_socket_met_no_rule_before),
		cmocka_unit_test(others_packets_and_later_segments_say_nothing),
		cmocka_unit_test(each_reason_is_that_of_its_fault),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	drops_release(&told);
	return failed;
}

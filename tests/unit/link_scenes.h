/*
 * What was seen at the interfaces, put beside the host of evidence_host.h, for the tests of
 * the checks that read it. Include cmocka.h first.
 */
#ifndef TESTS_UNIT_LINK_SCENES_H
#define TESTS_UNIT_LINK_SCENES_H

#include "tests/unit/evidence_host.h"

enum { PERMANENT = 0x80, REACHABLE = 2, STALE = 4 };

#define CLIENT_MAC               \
	{                        \
		2, 0, 0, 0, 0, 2 \
	}
#define SERVER_MAC               \
	{                        \
		2, 0, 0, 0, 0, 1 \
	}
#define OTHER_MAC                   \
	{                           \
		2, 0, 0, 0, 0, 0x99 \
	}

static const uint8_t client_mac[6] = CLIENT_MAC, other_mac[6] = OTHER_MAC;

static inline void link_tell(struct scene *c, struct link_sight s)
{
	struct record r = {.kind = RECORD_LINK, .link = s};

	assert_int_equal(attempts_take_record(&c->attempts, &r), 0);
}

static inline void link_look(struct scene *c)
{
	link_tell(c, (struct link_sight){.kind = LINK_STATE});
}

/* A row of the flow at eth0. */
static inline struct link_sight link_row_of(const struct scene *c, enum link_kind kind,
					    uint32_t n)
{
	return (struct link_sight){.kind = (uint8_t)kind,
				   .proto = c->e.target.proto,
				   .device = ETH0,
				   .is_outgoing = kind == LINK_ANSWER,
				   .has_macs = true,
				   .client = hand_addr(CLIENT),
				   .server = hand_addr(SERVER),
				   .server_port = c->e.target.port,
				   .source_mac = CLIENT_MAC,
				   .target_mac = SERVER_MAC,
				   .n = n};
}

static inline void link_asked(struct scene *c)
{
	link_look(c);
	link_tell(c, link_row_of(c, LINK_ASK, 3));
}

static inline void link_claimed(struct scene *c, const char *address, const uint8_t mac[6])
{
	struct link_sight s = {.kind = LINK_TELLS,
			       .device = ETH0,
			       .has_macs = true,
			       .from = hand_addr(address),
			       .n = 2};

	memcpy(s.source_mac, mac, 6);
	link_tell(c, s);
}

/* SYN-ACKs left, and nobody took one. */
static inline void link_taken_try(struct scene *c)
{
	scene_try(c, (struct attempt){.outcome = OUTCOME_HALF_OPEN,
				      .n_syns = 3,
				      .n_syn_acks = 3,
				      .syn_ttl = 64,
				      .answered_ns = WALL + NS_PER_S + 2});
}

static inline void link_answers_to(struct scene *c, const uint8_t mac[6], uint32_t device)
{
	struct link_sight s = link_row_of(c, LINK_ANSWER, 3);

	memcpy(s.target_mac, mac, 6);
	s.device = device;
	link_tell(c, s);
}

#define ROWS_TEST(name, rows)                \
	static void name(void **state)       \
	{                                    \
		(void)state;                 \
		scene_run(rows, N_OF(rows)); \
	}

#endif

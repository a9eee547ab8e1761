/* Conversations that several tests of the checks begin with. Include cmocka.h first. */
#ifndef TESTS_UNIT_STREAM_SCENES_H
#define TESTS_UNIT_STREAM_SCENES_H

#include "core/diagnosis/stream_story.h"
#include "tests/unit/judge_scenes.h"

#define MS NS_PER_MS
#define AT (WALL + NS_PER_S)

/* Open, both ends at rest: what a row changes stands behind it. */
static inline struct attempt talk(uint8_t client, uint8_t server)
{
	struct attempt a = {
		.outcome = OUTCOME_ANSWERED,
		.n_syn_acks = 1,
		.first_ns = AT,
		.answered_ns = AT + 1 * MS,
		.client_bytes = client,
		.server_bytes = server,
		.n_client_bytes = client ? 100 : 0,
		.n_server_bytes = server ? 200 : 0,
		.has_stream = true,
	};

	for (unsigned i = 0; i < N_STREAM_ENDS; i++)
		a.stream.side[i] = (struct stream_side){.first_ns = -1,
							.fin_ns = -1,
							.rst_ns = -1,
							.stuck_ns = -1,
							.mss = 1460,
							.ttl_least = 64,
							.ttl_most = 64};
	if (client)
		a.stream.side[STREAM_CLIENT].first_ns = 2 * MS;
	if (server)
		a.stream.side[STREAM_SERVER].first_ns = 3 * MS;
	a.stream.side[STREAM_SERVER].n_heard = a.n_client_bytes;
	return a;
}

static inline struct attempt hung_up(uint8_t client, bool is_reset)
{
	struct attempt a = talk(client, BYTES_NONE);

	*(is_reset ? &a.stream.side[STREAM_SERVER].rst_ns
		   : &a.stream.side[STREAM_SERVER].fin_ns) = 5 * MS;
	if (is_reset)
		a.outcome = OUTCOME_RESET_LATER;
	a.stream.side[STREAM_SERVER].rst_ttl = is_reset ? 64 : 0;
	return a;
}

#endif

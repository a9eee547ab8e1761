/* A RST from between, segments too big for the way, ports that are used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/stream_scenes.h"

static struct attempt reset_from(uint8_t ttl, uint8_t others)
{
	struct attempt a = talk(BYTES_HTTP_REQUEST, BYTES_NONE);
	struct stream_side *s = &a.stream.side[STREAM_CLIENT];

	s->ttl_least = s->ttl_most = others;
	s->rst_ttl = ttl;
	s->rst_ns = 3 * MS;
	a.n_client_resets = 1;
	return a;
}

static void reset_from_between(struct scene *c)
{
	scene_try(c, reset_from(40, 57));
}

static void reset_one_hop_off(struct scene *c)
{
	scene_try(c, reset_from(58, 57));
}

static void reset_one_hop_off_twice(struct scene *c)
{
	reset_one_hop_off(c);
	scene_tell(c, CLIENT, reset_from(58, 57));
}

static void reset_by_the_client(struct scene *c)
{
	scene_try(c, reset_from(57, 57));
}

/* Nothing else of the client was seen: whether the RST is its own cannot be said. */
static void reset_by_whom_is_not_known(struct scene *c)
{
	struct attempt a = reset_from(57, 57);

	a.has_stream = false;
	scene_try(c, a);
}

/* 64 and 255 less seven routers: the same host, another default. */
static void reset_with_another_default(struct scene *c)
{
	scene_try(c, reset_from(248, 57));
}

/* A service may set its sockets' TTL; the stack's RST has its own. */
static void reset_by_this_host(struct scene *c)
{
	struct attempt a = hung_up(BYTES_HTTP_REQUEST, true);

	a.stream.side[STREAM_SERVER].ttl_least = 10;
	a.stream.side[STREAM_SERVER].ttl_most = 10;
	scene_try(c, a);
}

static struct attempt stuck(uint32_t n_again, uint16_t bytes, uint32_t n_behind)
{
	struct attempt a = talk(BYTES_HTTP_REQUEST, BYTES_HTTP_STATUS);
	struct stream_side *s = &a.stream.side[STREAM_SERVER];

	s->n_again = n_again;
	s->again_bytes = bytes;
	s->n_behind = n_behind;
	s->stuck_ns = 300 * MS;
	return a;
}

static void large_is_stuck(struct scene *c)
{
	scene_try(c, stuck(4, 1448, 3));
}

static void all_is_stuck(struct scene *c)
{
	scene_try(c, stuck(4, 1448, 0));
}

static void small_is_stuck(struct scene *c)
{
	scene_try(c, stuck(4, 300, 3));
}

static void sent_again_once(struct scene *c)
{
	scene_try(c, stuck(1, 1448, 1));
}

static void large_passes_elsewhere(struct scene *c)
{
	struct attempt a = talk(BYTES_HTTP_REQUEST, BYTES_HTTP_STATUS);

	a.stream.side[STREAM_SERVER].n_acknowledged = 20000;
	scene_tell(c, CLIENT, a);
	large_is_stuck(c);
}

static void handshakes_are_lost_too(struct scene *c)
{
	scene_tell(c, CLIENT,
		   (struct attempt){.outcome = OUTCOME_HALF_OPEN,
				    .n_syns = 2,
				    .n_syn_acks = 3,
				    .answered_ns = AT + NS_PER_S});
	large_is_stuck(c);
}

/* As large_is_stuck, but for one thing. */
static void stuck_where(struct scene *c, struct stream_side server,
			struct stream_side client)
{
	struct attempt a = stuck(4, 1448, 3);
	struct stream_side *s = &a.stream.side[STREAM_SERVER],
			   *other = &a.stream.side[STREAM_CLIENT];

	s->passed_bytes = server.passed_bytes;
	s->selective_bytes = server.selective_bytes;
	other->n_shut = client.n_shut;
	other->is_shut = client.is_shut;
	other->n_unheard = client.n_unheard;
	scene_try(c, a);
}
#define STUCK(name, server, ...)                              \
	static void name(struct scene *c)                     \
	{                                                     \
		stuck_where(c, (struct stream_side)server,    \
			    (struct stream_side)__VA_ARGS__); \
	}
#define ONE(...)            \
	{                   \
		__VA_ARGS__ \
	}

STUCK(small_passes, ONE(.passed_bytes = 300, .selective_bytes = 210), {0})
STUCK(full_size_passed, ONE(.passed_bytes = 1448), {0})
STUCK(full_size_passed_behind, ONE(.selective_bytes = 2896), {0})
STUCK(reader_takes_no_more, ONE(0), {.n_shut = 3, .is_shut = true})
STUCK(reader_took_no_more, ONE(0), {.n_shut = 1})
STUCK(nothing_is_heard, ONE(0), {.n_unheard = 4})
STUCK(one_came_late, ONE(0), {.n_unheard = 1})

static void questions_are_missing(struct scene *c)
{
	struct attempt a = talk(BYTES_OTHER, BYTES_NONE);

	a.stream.side[STREAM_CLIENT].missing_bytes = 2896;
	a.stream.side[STREAM_CLIENT].n_behind = 1;
	a.stream.side[STREAM_CLIENT].stuck_ns = 2 * MS;
	scene_try(c, a);
}

static void questions_are_late(struct scene *c)
{
	questions_are_missing(c);
	c->e.window_end_ns = AT + NS_PER_S;
	c->e.now_ns = c->e.window_end_ns;
}

static void bare_ack(struct scene *c)
{
	scene_try(c, (struct attempt){
			     .outcome = OUTCOME_OPEN, .n_syns = 3, .has_bare_ack = true});
}

static void bare_ack_counted(struct scene *c)
{
	bare_ack(c);
	scene_count(c, "TcpExt.TCPSYNChallenge", 2);
}

static void bare_ack_then_answered(struct scene *c)
{
	scene_try(c, (struct attempt){.outcome = OUTCOME_ANSWERED,
				      .n_syns = 2,
				      .n_syn_acks = 1,
				      .answered_ns = AT + NS_PER_S,
				      .has_bare_ack = true});
}

static void challenges_of_others(struct scene *c)
{
	silent_unexplained(c);
	scene_count(c, "TcpExt.TCPSYNChallenge", 5);
}

static const struct scene_row way_rows[] = {
	LIKELY("a RST from 17 routers nearer", reset_from_between, FAULT_MIDDLEBOX_RESET,
	       "under the client's address"),
	POSSIBLE("one router apart, once", reset_one_hop_off, FAULT_MIDDLEBOX_RESET, ""),
	LIKELY("one router apart, twice", reset_one_hop_off_twice, FAULT_MIDDLEBOX_RESET,
	       ""),
	EXCLUDED("the client's own RST", reset_by_the_client, FAULT_MIDDLEBOX_RESET),
	NEVER("a RST beside which nothing stands", reset_by_whom_is_not_known,
	      FAULT_MIDDLEBOX_RESET),
	EXCLUDED("another default TTL", reset_with_another_default, FAULT_MIDDLEBOX_RESET),
	EXCLUDED("this host's own RST", reset_by_this_host, FAULT_MIDDLEBOX_RESET),
	LIKELY("full size is stuck, the rest passes", large_is_stuck, FAULT_MTU_BLACK_HOLE,
	       "full-size segments of the server"),
	LIKELY("small segments behind them arrive", small_passes, FAULT_MTU_BLACK_HOLE,
	       "full-size segments of the server"),
	POSSIBLE("loss: one of that size was acknowledged", full_size_passed,
		 FAULT_MTU_BLACK_HOLE, ""),
	POSSIBLE("loss: so much arrived behind the hole", full_size_passed_behind,
		 FAULT_MTU_BLACK_HOLE, ""),
	NEVER("the client takes no more", reader_takes_no_more, FAULT_MTU_BLACK_HOLE),
	POSSIBLE("the client took no more for a while", reader_took_no_more,
		 FAULT_MTU_BLACK_HOLE, ""),
	POSSIBLE("not even an ACK reaches the client", nothing_is_heard,
		 FAULT_MTU_BLACK_HOLE, ""),
	LIKELY("an ACK came late to the client", one_came_late, FAULT_MTU_BLACK_HOLE, ""),
	POSSIBLE("nothing passes any more", all_is_stuck, FAULT_MTU_BLACK_HOLE, ""),
	NEVER("a small segment is stuck", small_is_stuck, FAULT_MTU_BLACK_HOLE),
	NEVER("a segment was lost once", sent_again_once, FAULT_MTU_BLACK_HOLE),
	BESIDE("full size passes elsewhere", large_passes_elsewhere, FAULT_MTU_BLACK_HOLE,
	       CERTAINTY_POSSIBLE),
	BESIDE("SYN-ACKs are lost as well", handshakes_are_lost_too, FAULT_MTU_BLACK_HOLE,
	       CERTAINTY_POSSIBLE),
	LIKELY("full-size questions never come", questions_are_missing,
	       FAULT_MTU_BLACK_HOLE, "of the client"),
	NEVER("they may yet come", questions_are_late, FAULT_MTU_BLACK_HOLE),
	NEVER("a question that does not arrive needs no answer", questions_are_missing,
	      FAULT_NO_ANSWER),
	LIKELY("an ACK without SYN", bare_ack, FAULT_TUPLE_REUSE, "uses its port"),
	PROVEN("the same, counted", bare_ack_counted, FAULT_TUPLE_REUSE, ""),
	EXCLUDED("it got over it", bare_ack_then_answered, FAULT_TUPLE_REUSE),
	EXCLUDED("others' challenges", challenges_of_others, FAULT_TUPLE_REUSE),
};

static void what_the_way_does_decides(void **state)
{
	(void)state;
	scene_run(way_rows, N_OF(way_rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_way_does_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Faults of interfaces, addresses and neighbours, by the kernel's state and counts. What
 * only limits of the whole machine or real cards bring about (net.nic-drops,
 * net.neighbour-table-full) is shown here alone, by evidence that is made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

enum { NUD_INCOMPLETE = 0x01, NUD_REACHABLE = 0x02, NUD_FAILED = 0x20 };
enum { IS_UP_ALONE = 0x1003, IS_DOWN = 0x1002 };

static struct path *path_of(struct scene *c)
{
	return &c->e.walks[0].path;
}

/* Links of this scene's own; the others' are shared. */
static void link_flags(struct scene *c, uint32_t eth0, uint32_t eth1)
{
	static struct link_row rows[3];

	memcpy(rows, c->s->spaces[0].links->rows, sizeof(rows));
	rows[1].flags = eth0;
	rows[2].flags = eth1;
	c->s->spaces[0].links->rows = rows;
}

/* ---- links ---- */

static void all_down(struct scene *c)
{
	scene_name(c);
	scene_walk(c, SERVER, CLIENT);
	link_flags(c, IS_DOWN, IS_DOWN);
}

static void no_carrier(struct scene *c)
{
	scene_name(c);
	scene_walk(c, SERVER, CLIENT);
	link_flags(c, IS_UP_ALONE, LINK_IS_UP);
}

static void no_carrier_and_another_way(struct scene *c)
{
	no_carrier(c);
	path_of(c)->reply.hops[0].ifindex = ETH1;
}

static void other_down(struct scene *c)
{
	scene_name(c);
	scene_walk(c, SERVER, CLIENT);
	link_flags(c, LINK_IS_UP, IS_DOWN);
}

static void way_out_down(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	path_of(c)->reply.hops[0].ifindex = ETH1;
	link_flags(c, LINK_IS_UP, IS_UP_ALONE);
}

static void down_since_it_answered(struct scene *c)
{
	scene_try(c, ANSWERED_TRY);
	link_flags(c, IS_DOWN, IS_DOWN);
}

static const struct scene_row link_rows[] = {
	LIKELY("every link is down", all_down, FAULT_LINK_DOWN, "eth0"),
	LIKELY("the link of the way has no carrier", no_carrier, FAULT_LINK_DOWN,
	       "no carrier"),
	POSSIBLE("it may come another way", no_carrier_and_another_way, FAULT_LINK_DOWN,
		 ""),
	PROVEN("the way out has no carrier", way_out_down, FAULT_LINK_DOWN,
	       "the answer to 10.0.0.2 leaves"),
	EXCLUDED("another link is down", other_down, FAULT_LINK_DOWN),
	EXCLUDED("it was answered", down_since_it_answered, FAULT_LINK_DOWN),
	NEVER("the client that is not seen is an effect", all_down,
	      FAULT_SYN_NEVER_ARRIVES),
};

static void a_link_that_is_down_matters_where_the_way_leads_by_it(void **state)
{
	(void)state;
	scene_run(link_rows, N_OF(link_rows));
}

/* ---- what an interface loses ---- */

static void lose(struct scene *c, uint64_t n_taken, uint64_t n_lost)
{
	scene_name(c);
	scene_walk(c, SERVER, CLIENT);
	scene_count(c, "dev.eth0.rx_packets", n_taken);
	scene_count(c, "dev.eth0.rx_drop", n_lost);
	scene_count(c, "dev.eth0.rx_fifo", 0);
	scene_count(c, "softnet.dropped", 0);
}

static void loses_many(struct scene *c)
{
	lose(c, 100, 50);
}

static void loses_most(struct scene *c)
{
	lose(c, 20, 90);
}

static void loses_in_the_backlog(struct scene *c)
{
	lose(c, 20, 0);
	scene_count(c, "softnet.dropped", 40);
}

static void loses_few(struct scene *c)
{
	lose(c, 10000, 50);
}

static void loses_by_a_program(struct scene *c)
{
	loses_many(c);
	c->program = (struct program_row){.place = PROGRAM_AT_XDP,
					  .kind = PROGRAM_OF_XDP,
					  .ifindex = ETH0,
					  .words = "XDP program 12",
					  .device = "eth0"};
	c->programs.rows = &c->program;
	c->programs.n = 1;
}

static void loses_none(struct scene *c)
{
	lose(c, 100, 0);
}

static const struct scene_row loss_rows[] = {
	/* net.nic-drops */
	LIKELY("most are lost, the client not seen", loses_most, FAULT_NIC_DROPS,
	       "eth0 loses packets"),
	POSSIBLE("a third is lost, the client not seen", loses_many, FAULT_NIC_DROPS, ""),
	LIKELY("the backlog drops", loses_in_the_backlog, FAULT_NIC_DROPS, "loses packets"),
	NEVER("few are lost", loses_few, FAULT_NIC_DROPS),
	NEVER("an XDP program may drop them", loses_by_a_program, FAULT_NIC_DROPS),
	EXCLUDED("none is lost", loses_none, FAULT_NIC_DROPS),
};

static void losses_of_an_interface_count_where_they_are_many(void **state)
{
	(void)state;
	scene_run(loss_rows, N_OF(loss_rows));
}

/* ---- the queue on the way out ---- */

static void queue_drops(struct scene *c, uint64_t n)
{
	scene_try(c, SILENT_TRY);
	for (size_t i = 0; i < 2; i++)
		c->qdiscs[i] = (struct qdisc_row){.ifindex = ETH0,
						  .handle = 0x10000,
						  .parent = 0xffffffff,
						  .kind = {"tbf", 3},
						  .drops = 5 + (i ? n : 0),
						  .has_drops = true};
	c->programs.qdiscs = &c->qdiscs[0];
	c->programs_after.qdiscs = &c->qdiscs[1];
	c->programs.n_qdiscs = c->programs_after.n_qdiscs = 1;
}

static void queue_drops_all(struct scene *c)
{
	queue_drops(c, 3);
}

static struct handshake_row handshake;
static struct handshake_table handshakes;

/* The answer was made, and the kernel sent it again so often. */
static void queue_drops_and_it_waits(struct scene *c, uint8_t n_repeats)
{
	queue_drops(c, 3);
	handshake = (struct handshake_row){.local = hand_addr(SERVER),
					   .remote = hand_addr(CLIENT),
					   .n_repeats = n_repeats};
	handshakes.rows = &handshake;
	handshakes.n = 1;
	c->e.handshakes = &handshakes;
}

static void queue_drops_what_waits(struct scene *c)
{
	queue_drops_and_it_waits(c, 0);
}

static void queue_drops_yet_it_was_sent(struct scene *c)
{
	queue_drops_and_it_waits(c, 3);
}

static void queue_drops_some(struct scene *c)
{
	queue_drops(c, 1);
}

static void queue_dropped_before(struct scene *c)
{
	queue_drops(c, 0);
}

static void queue_of_another_drops(struct scene *c)
{
	queue_drops(c, 3);
	c->qdiscs[0].ifindex = c->qdiscs[1].ifindex = ETH1;
}

static void queue_was_made_anew(struct scene *c)
{
	queue_drops(c, 3);
	c->qdiscs[1].handle = 0x20000;
}

static const struct scene_row queue_rows[] = {
	LIKELY("as many as SYNs", queue_drops_all, FAULT_QDISC_DROP, "queue of eth0 (tbf)"),
	PROVEN("and the handshake waits", queue_drops_what_waits, FAULT_QDISC_DROP,
	       "queue of eth0 (tbf)"),
	POSSIBLE("the queue took what was sent again", queue_drops_yet_it_was_sent,
		 FAULT_QDISC_DROP, ""),
	POSSIBLE("fewer than SYNs", queue_drops_some, FAULT_QDISC_DROP, ""),
	EXCLUDED("none in this time", queue_dropped_before, FAULT_QDISC_DROP),
	NEVER("another interface's", queue_of_another_drops, FAULT_QDISC_DROP),
	NEVER("it is another queue now", queue_was_made_anew, FAULT_QDISC_DROP),
};

static void a_queue_is_blamed_for_what_it_drops_in_step(void **state)
{
	(void)state;
	scene_run(queue_rows, N_OF(queue_rows));
}

/* ---- neighbours ---- */

static void table_full(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	c->e.neighbours = &c->neighbours;
	scene_count(c, "arp_cache.table_fulls", 3);
}

static void table_full_for_others(struct scene *c)
{
	table_full(c);
	scene_neighbour(c, NUD_REACHABLE);
}

static void table_full_before(struct scene *c)
{
	table_full(c);
	scene_count(c, "arp_cache.table_fulls", 0);
}

/* The client is in 10.0.0.0/24 here, does not resolve, and 10.0.0.254 brought its SYN. */
static void too_wide(struct scene *c)
{
	static struct neighbour_row rows[2];
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 0xfe};
	struct attempt a = SILENT_TRY;

	memcpy(a.client_mac, mac, sizeof(mac));
	scene_try(c, a);
	rows[0] = (struct neighbour_row){
		.address = hand_addr(CLIENT), .ifindex = ETH0, .state = NUD_FAILED};
	rows[1] = (struct neighbour_row){.address = hand_addr("10.0.0.254"),
					 .ifindex = ETH0,
					 .state = NUD_REACHABLE,
					 .has_mac = true};
	memcpy(rows[1].mac, mac, sizeof(mac));
	c->neighbours.rows = rows;
	c->neighbours.n = 2;
	c->e.neighbours = &c->neighbours;
}

static void gone_from_the_wire(struct scene *c)
{
	too_wide(c);
	c->neighbours.rows[1].mac[5] = 7;
}

static void by_a_gateway(struct scene *c)
{
	too_wide(c);
	path_of(c)->reply.hops[0].gateway = hand_addr("10.0.0.254");
}

static const struct scene_row neighbour_rows[] = {
	/* net.neighbour-table-full */
	LIKELY("no entry, and the table refused as many", table_full,
	       FAULT_NEIGHBOUR_TABLE_FULL, "neighbours is full"),
	EXCLUDED("the next hop has its entry", table_full_for_others,
		 FAULT_NEIGHBOUR_TABLE_FULL),
	EXCLUDED("it was full once", table_full_before, FAULT_NEIGHBOUR_TABLE_FULL),
	PROVEN("a gateway brings what counts as near", too_wide, FAULT_WRONG_NETMASK,
	       "10.0.0.1/24"),
	NEVER("then the neighbour is an effect", too_wide, FAULT_NEIGHBOUR_FAILED),
	NEVER("nobody known brought it", gone_from_the_wire, FAULT_WRONG_NETMASK),
	PROVEN("nobody known brought it: the neighbour", gone_from_the_wire,
	       FAULT_NEIGHBOUR_FAILED, "10.0.0.2"),
	EXCLUDED("the answer goes by a gateway", by_a_gateway, FAULT_WRONG_NETMASK),
};

static void a_next_hop_without_an_entry_is_told_from_one_that_is_silent(void **state)
{
	(void)state;
	scene_run(neighbour_rows, N_OF(neighbour_rows));
}

/* ---- sources and addresses ---- */

static void from(struct scene *c, const char *client, int error)
{
	struct path_leg *leg;

	scene_tell(c, client, SILENT_TRY);
	scene_walk(c, SERVER, client);
	leg = &path_of(c)->request;
	path_of(c)->reply.is_walked = false;
	leg->verdict = PATH_DROP;
	leg->decided_by = DECIDER_ROUTE;
	leg->at = PLACE_ROUTE;
	leg->n_hops = 1;
	leg->hops[0].place = PLACE_ROUTE;
	leg->hops[0].error = error;
	scene_count(c, "rt_cache.in_martian_src", 3);
}

static void from_own_address(struct scene *c)
{
	from(c, "10.0.0.9", EINVAL);
}

static void from_loopback(struct scene *c)
{
	from(c, "127.0.0.5", EINVAL);
}

static void from_own_address_not_counted(struct scene *c)
{
	from_own_address(c);
	scene_count(c, "rt_cache.in_martian_src", 0);
}

static void from_own_address_that_passes(struct scene *c)
{
	scene_tell(c, "10.0.0.9", SILENT_TRY);
	scene_walk(c, SERVER, "10.0.0.9");
	scene_count(c, "rt_cache.in_martian_src", 3);
}

static void martians_of_others(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_count(c, "rt_cache.in_martian_src", 9);
}

/* The address rows are shared: this scene's own. */
static void address_flags(struct scene *c, uint32_t flags)
{
	static struct address_row rows[4];

	memcpy(rows, c->s->spaces[0].addresses->rows, sizeof(rows));
	rows[0].flags = flags;
	c->s->spaces[0].addresses->rows = rows;
}

static void in_check(struct scene *c, uint32_t flags)
{
	scene_try(c, SILENT_TRY);
	path_of(c)->is_local = false;
	path_of(c)->request.verdict = PATH_DROP;
	path_of(c)->request.decided_by = DECIDER_ROUTE;
	address_flags(c, flags);
	scene_count(c, "Ip.InAddrErrors", 3);
}

static void tentative(struct scene *c)
{
	in_check(c, 0x40);
}

static void failed_the_check(struct scene *c)
{
	in_check(c, 0x48);
}

static void deprecated(struct scene *c)
{
	in_check(c, 0x20);
}

static void tentative_and_taken_in(struct scene *c)
{
	tentative(c);
	path_of(c)->is_local = true;
}

static const struct scene_row address_rows[] = {
	PROVEN("its own address", from_own_address, FAULT_MARTIAN, "this host itself"),
	PROVEN("loopback", from_loopback, FAULT_MARTIAN, "a loopback address"),
	LIKELY("not counted", from_own_address_not_counted, FAULT_MARTIAN, "martian"),
	NEVER("the kernel takes it", from_own_address_that_passes, FAULT_MARTIAN),
	EXCLUDED("others' counts", martians_of_others, FAULT_MARTIAN),
	PROVEN("a tentative address", tentative, FAULT_ADDRESS_UNUSABLE, "tentative"),
	PROVEN("a duplicate", failed_the_check, FAULT_ADDRESS_UNUSABLE, "dadfailed"),
	EXCLUDED("a deprecated one serves", deprecated, FAULT_ADDRESS_UNUSABLE),
	NEVER("the kernel takes it in", tentative_and_taken_in, FAULT_ADDRESS_UNUSABLE),
};

static void an_address_is_blamed_by_the_kernels_own_word(void **state)
{
	(void)state;
	scene_run(address_rows, N_OF(address_rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_that_is_down_matters_where_the_way_leads_by_it),
		cmocka_unit_test(losses_of_an_interface_count_where_they_are_many),
		cmocka_unit_test(a_queue_is_blamed_for_what_it_drops_in_step),
		cmocka_unit_test(
			a_next_hop_without_an_entry_is_told_from_one_that_is_silent),
		cmocka_unit_test(an_address_is_blamed_by_the_kernels_own_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

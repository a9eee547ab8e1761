/* The link layer: when each fault of it is told, how surely, and when not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/link_scenes.h"

/* ---- frames for another host ---- */

static void other_mac_frames(struct scene *c)
{
	struct link_sight s = link_row_of(c, LINK_ASK, 3);

	link_look(c);
	s.is_to_other_mac = true;
	memcpy(s.target_mac, other_mac, 6);
	link_tell(c, s);
}

static void wrong_mac(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	other_mac_frames(c);
}

static void wrong_mac_with_loss(struct scene *c)
{
	wrong_mac(c);
	link_tell(c, (struct link_sight){.kind = LINK_STATE, .n = 4});
}

static void wrong_mac_and_right_too(struct scene *c)
{
	wrong_mac(c);
	link_tell(c, link_row_of(c, LINK_ASK, 3));
}

static void wrong_mac_beneath_a_bridge(struct scene *c)
{
	static struct link_row links[] = {
		{.ifindex = ETH0, .name = {"eth0", 4}, .master = 9},
		{.ifindex = 9, .name = {"br0", 3}, .kind = {"bridge", 6}},
	};

	wrong_mac(c);
	c->s->spaces[0].links->rows = links;
	c->s->spaces[0].links->n = N_OF(links);
}

static void wrong_mac_of_an_address_elsewhere(struct scene *c)
{
	struct link_sight s = link_row_of(c, LINK_ASK, 3);

	scene_tell(c, CLIENT,
		   (struct attempt){.outcome = OUTCOME_SILENT,
				    .n_syns = 3,
				    .server = hand_addr("10.0.0.77")});
	scene_walk(c, "10.0.0.77", CLIENT);
	link_look(c);
	s.is_to_other_mac = true;
	s.server = hand_addr("10.0.0.77");
	link_tell(c, s);
}

static void wrong_mac_of_a_balanced_address(struct scene *c)
{
	static struct link_row links[] = {
		{.ifindex = ETH0, .name = {"lo", 2}, .flags = 0x8},
	};

	wrong_mac(c);
	c->s->spaces[0].links->rows = links;
	c->s->spaces[0].links->n = N_OF(links);
}

static void wrong_mac_not_looked_at(struct scene *c)
{
	scene_try(c, SILENT_TRY);
}

static void wrong_mac_yet_answered(struct scene *c)
{
	scene_try(c, ANSWERED_TRY);
	other_mac_frames(c);
}

static const struct scene_row mac_rows[] = {
	PROVEN("every frame is for another link address", wrong_mac, FAULT_WRONG_MAC,
	       "02:00:00:00:00:99"),
	LIKELY("some frames could not be looked at", wrong_mac_with_loss, FAULT_WRONG_MAC,
	       ""),
	EXCLUDED("frames for this host came as well", wrong_mac_and_right_too,
		 FAULT_WRONG_MAC),
	EXCLUDED("the client got through", wrong_mac_yet_answered, FAULT_WRONG_MAC),
	NEVER("a bridge stands on the interface", wrong_mac_beneath_a_bridge,
	      FAULT_WRONG_MAC),
	NEVER("the address is another host's", wrong_mac_of_an_address_elsewhere,
	      FAULT_WRONG_MAC),
	NEVER("the address is on loopback, as a balanced server has it",
	      wrong_mac_of_a_balanced_address, FAULT_WRONG_MAC),
	NEVER("frames were not looked at", wrong_mac_not_looked_at, FAULT_WRONG_MAC),
};

/* ---- tags ---- */

static void tagged_as(struct scene *c, uint16_t vlan)
{
	struct link_sight s = link_row_of(c, LINK_ASK, 3);

	scene_try(c, SILENT_TRY);
	link_look(c);
	s.has_tag = true;
	s.vlan = vlan;
	link_tell(c, s);
}

static void tagged(struct scene *c)
{
	tagged_as(c, 20);
}

static void tagged_with_a_priority(struct scene *c)
{
	tagged_as(c, 0);
}

/* An interface for VLAN 20 stands on eth0: the frame comes up there without its tag. */
static void tagged_and_taken(struct scene *c)
{
	struct link_sight s = link_row_of(c, LINK_ASK, 3);

	tagged(c);
	s.device = ETH1;
	link_tell(c, s);
}

static const struct scene_row tag_rows[] = {
	PROVEN("a tag that nothing takes", tagged, FAULT_VLAN_TAG, "VLAN 20"),
	EXCLUDED("a priority is no VLAN", tagged_with_a_priority, FAULT_VLAN_TAG),
	EXCLUDED("a VLAN interface takes it", tagged_and_taken, FAULT_VLAN_TAG),
};

/* ---- checksums ---- */

static void damaged_by(struct scene *c, uint32_t n_bad, int64_t delta)
{
	struct link_sight s = link_row_of(c, LINK_ASK, 3);

	scene_try(c, SILENT_TRY);
	link_look(c);
	s.n_bad_checksums = n_bad;
	link_tell(c, s);
	if (delta >= 0)
		scene_count(c, "Tcp.InCsumErrors", (uint64_t)delta);
}

static void damaged(struct scene *c)
{
	damaged_by(c, 3, 3);
}

static void damaged_uncounted(struct scene *c)
{
	damaged_by(c, 3, -1);
}

static void damaged_and_the_kernel_content(struct scene *c)
{
	damaged_by(c, 3, 0);
}

static void damaged_of_others(struct scene *c)
{
	damaged_by(c, 0, 5);
}

static void damaged_in_part(struct scene *c)
{
	damaged_by(c, 1, 1);
}

static const struct scene_row sum_rows[] = {
	PROVEN("every SYN is damaged, and the kernel counted", damaged, FAULT_BAD_CHECKSUM,
	       "wrong TCP checksum"),
	LIKELY("the kernel does not tell", damaged_uncounted, FAULT_BAD_CHECKSUM, ""),
	NEVER("the kernel found nothing wrong", damaged_and_the_kernel_content,
	      FAULT_BAD_CHECKSUM),
	EXCLUDED("the counter moved for others", damaged_of_others, FAULT_BAD_CHECKSUM),
	NEVER("some SYNs were right", damaged_in_part, FAULT_BAD_CHECKSUM),
};

/* ---- two owners ---- */

static void twin(struct scene *c)
{
	wrong_mac(c);
	link_claimed(c, SERVER, other_mac);
}

static void twin_unseen(struct scene *c)
{
	scene_name(c);
	scene_walk(c, SERVER, CLIENT);
	link_look(c);
	link_claimed(c, SERVER, other_mac);
}

static void twin_without_a_client(struct scene *c)
{
	scene_walk(c, SERVER, CLIENT);
	link_look(c);
	link_claimed(c, SERVER, other_mac);
}

static void twin_elsewhere(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	link_asked(c);
	link_claimed(c, SERVER, other_mac);
}

static void twin_of_our_own(struct scene *c)
{
	struct link_sight s = {.kind = LINK_TELLS,
			       .device = ETH1,
			       .has_macs = true,
			       .is_source_own = true,
			       .from = hand_addr(SERVER),
			       .n = 1};

	wrong_mac(c);
	link_tell(c, s);
}

static void twin_of_the_client(struct scene *c)
{
	link_taken_try(c);
	link_asked(c);
	link_answers_to(c, other_mac, ETH0);
	link_claimed(c, CLIENT, other_mac);
	link_claimed(c, CLIENT, client_mac);
}

static void twin_of_the_client_unused(struct scene *c)
{
	link_taken_try(c);
	link_asked(c);
	link_answers_to(c, client_mac, ETH0);
	link_claimed(c, CLIENT, other_mac);
	link_claimed(c, CLIENT, client_mac);
}

static const struct scene_row twin_rows[] = {
	PROVEN("frames go to the other owner", twin, FAULT_DUPLICATE_ADDRESS,
	       "two hosts answer for 10.0.0.1"),
	NEVER("the other owner explains the link address", twin, FAULT_WRONG_MAC),
	LIKELY("nothing of the client comes here", twin_unseen, FAULT_DUPLICATE_ADDRESS,
	       ""),
	NEVER("frames come here and are not answered", twin_elsewhere,
	      FAULT_DUPLICATE_ADDRESS),
	NEVER("nobody tried, and nobody is named", twin_without_a_client,
	      FAULT_DUPLICATE_ADDRESS),
	NEVER("another interface of this host says so", twin_of_our_own,
	      FAULT_DUPLICATE_ADDRESS),
	PROVEN("answers go to the client's twin", twin_of_the_client,
	       FAULT_DUPLICATE_ADDRESS, "two hosts answer for 10.0.0.2"),
	NEVER("the twin explains the entry", twin_of_the_client, FAULT_NEIGHBOUR_WRONG),
	NEVER("answers go to the right one of two", twin_of_the_client_unused,
	      FAULT_DUPLICATE_ADDRESS),
};

ROWS_TEST(frames_for_another_host_are_told_where_none_is_for_this_one, mac_rows)
ROWS_TEST(a_tag_is_told_where_nothing_takes_it, tag_rows)
ROWS_TEST(damage_is_told_where_every_packet_of_the_client_has_it, sum_rows)
ROWS_TEST(two_owners_are_told_where_frames_go_to_the_wrong_one, twin_rows)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			frames_for_another_host_are_told_where_none_is_for_this_one),
		cmocka_unit_test(a_tag_is_told_where_nothing_takes_it),
		cmocka_unit_test(damage_is_told_where_every_packet_of_the_client_has_it),
		cmocka_unit_test(two_owners_are_told_where_frames_go_to_the_wrong_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

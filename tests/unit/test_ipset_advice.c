/* A client that an ipset holds: how it is taken out, and put back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

static struct fw_ipset ipset;
static struct fw_member member;
static bool is_met_otherwise;

static struct path_leg *held(struct scene *c)
{
	struct path_leg *leg;

	scene_try(c, SILENT_TRY);
	c->rules.r.ipsets = &ipset;
	c->rules.r.n_ipsets = 1;
	leg = scene_deny(c, false, c->input, 0, PATH_DROP);
	leg->ipset = 0;
	leg->member = &member;
	leg->is_source_in_set = true;
	leg->met.saddr = hand_addr(is_met_otherwise ? "10.0.0.9" : CLIENT);
	return leg;
}

static void held_by_plain_rules(struct scene *c)
{
	held(c);
}

static void held_by_firewalld(struct scene *c)
{
	held(c);
	c->rules.tables[0].name = text_of("firewalld");
}

static void held_by_fail2ban(struct scene *c)
{
	held(c);
	c->rules.chains[c->input].name = text_of("f2b-nginx");
}

static int start(void **state)
{
	(void)state;
	ipset = (struct fw_ipset){.index = 1,
				  .name = text_of("bad"),
				  .type = text_of("hash:ip"),
				  .words = "set bad",
				  .dims = {IPSET_DIM_IP},
				  .n_dims = 1};
	member = (struct fw_member){.is_in = TRI_YES};
	is_met_otherwise = false;
	return 0;
}

static void expect(void (*fill)(struct scene *c), const char *command, const char *undo)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, fill);
	const struct next_step *next = &d->findings[0].next[0];

	assert_int_equal(d->findings[0].fault, FAULT_BLOCKLISTED);
	if (!text_equals_str(next->command, command))
		fail_msg("%.*s", (int)next->command.len, next->command.bytes);
	assert_true(text_equals_str(next->undo, undo));
	assert_true(next->risk.len > 0);
	scene_give_back(&c, d);
}

static void an_address_is_taken_out(void **state)
{
	(void)state;
	expect(held_by_plain_rules, "ipset del bad 10.0.0.2", "ipset add bad 10.0.0.2");
}

static void a_network_is_taken_out_as_it_was_put_in(void **state)
{
	(void)state;
	ipset.dims[0] = IPSET_DIM_NET;
	member.has_prefix = true;
	member.prefix = 24;
	expect(held_by_plain_rules, "ipset del bad 10.0.0.0/24",
	       "ipset add bad 10.0.0.0/24");
}

static void a_whole_prefix_is_an_address(void **state)
{
	(void)state;
	member.has_prefix = true;
	member.prefix = 32;
	expect(held_by_plain_rules, "ipset del bad 10.0.0.2", "ipset add bad 10.0.0.2");
}

static void a_timeout_is_put_back_too(void **state)
{
	(void)state;
	ipset.has_timeouts = true;
	expect(held_by_plain_rules, "ipset del bad 10.0.0.2",
	       "ipset add bad 10.0.0.2 timeout T");
}

static void a_name_is_one_word_of_the_command(void **state)
{
	(void)state;
	ipset.name = text_of("a;reboot");
	expect(held_by_plain_rules, "ipset del 'a;reboot' 10.0.0.2",
	       "ipset add 'a;reboot' 10.0.0.2");
}

static void firewalld_takes_it_out_itself(void **state)
{
	(void)state;
	expect(held_by_firewalld, "firewall-cmd --ipset=bad --remove-entry=10.0.0.2",
	       "firewall-cmd --ipset=bad --add-entry=10.0.0.2");
}

static void a_ban_is_lifted_by_who_made_it(void **state)
{
	(void)state;
	expect(held_by_fail2ban, "fail2ban-client set 'nginx' unbanip 10.0.0.2",
	       "fail2ban-client set 'nginx' banip 10.0.0.2");
}

static void what_else_an_element_has_is_not_guessed(void **state)
{
	static struct scene c;
	struct diagnosis *d;

	(void)state;
	ipset.dims[1] = IPSET_DIM_PORT;
	ipset.n_dims = 2;
	d = scene_judge(&c, held_by_plain_rules);
	assert_false(
		text_contains_nocase(d->findings[0].next[0].command, text_of("ipset")));
	scene_give_back(&c, d);
}

static void another_address_than_the_client_s_is_not_taken_out(void **state)
{
	static struct scene c;
	struct diagnosis *d;

	(void)state;
	is_met_otherwise = true;
	d = scene_judge(&c, held_by_plain_rules);
	assert_false(
		text_contains_nocase(d->findings[0].next[0].command, text_of("ipset")));
	scene_give_back(&c, d);
}

#define ADVICE(test) cmocka_unit_test_setup(test, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ADVICE(an_address_is_taken_out),
		ADVICE(a_network_is_taken_out_as_it_was_put_in),
		ADVICE(a_whole_prefix_is_an_address),
		ADVICE(a_timeout_is_put_back_too),
		ADVICE(a_name_is_one_word_of_the_command),
		ADVICE(firewalld_takes_it_out_itself),
		ADVICE(a_ban_is_lifted_by_who_made_it),
		ADVICE(what_else_an_element_has_is_not_guessed),
		ADVICE(another_address_than_the_client_s_is_not_taken_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

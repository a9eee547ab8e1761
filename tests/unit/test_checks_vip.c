/* A service's address that another machine answers for: when that is told, and when not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

#define VIP "10.0.0.100"
enum { REACHABLE = 0x02, STALE = 0x04, FAILED = 0x20, PROXIED = 0x08 };

static const struct hand_socket on_vip[] = {SOCK(PROTO_TCP, VIP, 443, 100, .limit = 511),
					    {0}};
static const struct hand_socket on_both[] = {SOCK(PROTO_TCP, VIP, 443, 100, .limit = 511),
					     SOCK(PROTO_TCP, "10.0.0.9", 443, 101),
					     {0}};
static const struct hand_socket none[] = {{0}};

static void answers(struct scene *c, uint16_t state)
{
	scene_neighbour(c, state);
	c->neighbour.address = hand_addr(VIP);
}

static void elsewhere(struct scene *c)
{
	scene_listen(c, on_vip);
	answers(c, REACHABLE);
	scene_walk(c, SERVER, NULL);
}

static void elsewhere_and_named(struct scene *c)
{
	elsewhere(c);
	scene_name(c);
}

static void balanced_here(struct scene *c)
{
	scene_listen(c, none);
	c->settings.files[SETTING_VIRTUAL_SERVICES] = (struct setting_text){
		text_of("TCP  0A000064:01BB rr  \n"
			"  -> 0A000005:01BB      Route   1      0          0\n"),
		0, true};
	answers(c, REACHABLE);
	scene_walk(c, SERVER, NULL);
}

static void balanced_on_another_port(struct scene *c)
{
	balanced_here(c);
	c->settings.files[SETTING_VIRTUAL_SERVICES].text =
		text_of("TCP  0A000064:0050 rr  \n");
}

static void remembered_only(struct scene *c)
{
	elsewhere(c);
	answers(c, STALE);
}

static void nobody_answers(struct scene *c)
{
	elsewhere(c);
	answers(c, FAILED);
}

static void nobody_was_asked(struct scene *c)
{
	elsewhere(c);
	c->neighbours.n = 0;
}

static void this_host_answers_for_others(struct scene *c)
{
	elsewhere(c);
	c->neighbour.flags = PROXIED;
}

static void served_on_an_address_here_too(struct scene *c)
{
	elsewhere(c);
	scene_forget(c);
	c->e.n_walks = 0;
	scene_listen(c, on_both);
	scene_walk(c, SERVER, NULL);
}

static void its_client_calls_this_host(struct scene *c)
{
	scene_listen(c, on_vip);
	answers(c, REACHABLE);
	scene_count(c, "Tcp.OutRsts", 1);
	scene_try(c, REFUSED_TRY);
}

static const struct hand_socket on_any[] = {SOCK(PROTO_TCP, "0.0.0.0", 443, 100), {0}};

static void configure(struct scene *c, const char *lines)
{
	c->settings.files[SETTING_VIRTUAL_ADDRESSES] =
		(struct setting_text){text_of(lines), 0, true};
}

/* Nothing is bound to it: the person names it. */
static void named_and_configured(struct scene *c)
{
	scene_listen(c, on_any);
	answers(c, REACHABLE);
	configure(c, "10.0.0.99/24\n10.0.0.100/24\n");
	c->e.target.address = hand_addr(VIP);
	scene_walk(c, VIP, NULL);
}

static void named_and_never_looked_for(struct scene *c)
{
	named_and_configured(c);
	c->neighbours.n = 0;
}

static void named_and_nobody_answers(struct scene *c)
{
	named_and_configured(c);
	answers(c, FAILED);
	c->neighbour.has_mac = false;
}

static void named_and_another_one_configured(struct scene *c)
{
	named_and_configured(c);
	configure(c, "10.0.0.10/24\n10.0.0.1000\n\377\n");
}

static void bound_and_configured(struct scene *c)
{
	elsewhere(c);
	configure(c, VIP);
}

static void asked_as_its_client(struct scene *c)
{
	elsewhere(c);
	c->e.target.role = AIM_CLIENT;
	c->e.target.address = hand_addr(VIP);
}

static const struct scene_row rows[] = {
	LIKELY("another machine answers for it", elsewhere, FAULT_VIP_ELSEWHERE,
	       "443/tcp is for 10.0.0.100, which is not on this host"),
	NEVER("then nobody says which address the client uses", elsewhere,
	      FAULT_OTHER_ADDRESS),
	LIKELY("nothing of a named client arrives", elsewhere_and_named,
	       FAULT_VIP_ELSEWHERE, ""),
	LIKELY("IPVS of this host balances it", balanced_here, FAULT_VIP_ELSEWHERE, ""),
	NEVER("its balancer needs no listener here", balanced_here, FAULT_NOT_LISTENING),
	EXCLUDED("IPVS balances another port", balanced_on_another_port,
		 FAULT_VIP_ELSEWHERE),
	BESIDE("it answered some time ago", remembered_only, FAULT_VIP_ELSEWHERE,
	       CERTAINTY_POSSIBLE),
	LIKELY("keepalived's configuration has it, and another machine answers",
	       named_and_configured, FAULT_VIP_ELSEWHERE,
	       "443/tcp is for 10.0.0.100, which is not on this host"),
	LIKELY("it is configured and a listener waits for it", bound_and_configured,
	       FAULT_VIP_ELSEWHERE, ""),
	BESIDE("it is configured, and nobody looked for it", named_and_never_looked_for,
	       FAULT_VIP_ELSEWHERE, CERTAINTY_POSSIBLE),
	EXCLUDED("it is configured, and nobody answers for it", named_and_nobody_answers,
		 FAULT_VIP_ELSEWHERE),
	EXCLUDED("another address is configured", named_and_another_one_configured,
		 FAULT_VIP_ELSEWHERE),
	EXCLUDED("nobody answers for it", nobody_answers, FAULT_VIP_ELSEWHERE),
	EXCLUDED("this host never asked", nobody_was_asked, FAULT_VIP_ELSEWHERE),
	EXCLUDED("an entry by which this host answers for others",
		 this_host_answers_for_others, FAULT_VIP_ELSEWHERE),
	EXCLUDED("another listener has an address of this host",
		 served_on_an_address_here_too, FAULT_VIP_ELSEWHERE),
	EXCLUDED("its client calls this host's own address", its_client_calls_this_host,
		 FAULT_VIP_ELSEWHERE),
	EXCLUDED("this host is asked about as the client", asked_as_its_client,
		 FAULT_VIP_ELSEWHERE),
};

static void a_virtual_address_is_elsewhere_only_where_another_machine_answers(void **state)
{
	(void)state;
	scene_run(rows, N_OF(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_virtual_address_is_elsewhere_only_where_another_machine_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

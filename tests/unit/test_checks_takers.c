/*
 * Faults of what takes packets out of the rules' hands: queues that nobody reads, services
 * of IPVS without a real server. By hand: what NFQUEUE does to real packets is in
 * tests/net/test_queues.py, IPVS was in no kernel at hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

static void tell_file(struct scene *c, enum setting_file file, const char *text)
{
	c->settings.files[file] = (struct setting_text){text_of(text), 0, true};
}

/* ---- firewall.queue-unread ---- */

static void unread(struct scene *c)
{
	tell_file(c, SETTING_QUEUE_READERS, "");
	scene_try(c, SILENT_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP)->queue = FW_QUEUE_UNREAD;
}

static void unread_and_counted(struct scene *c)
{
	unread(c);
	scene_move(c, 0, 3);
}

static void held_and_not_read(struct scene *c)
{
	struct path_leg *leg;

	tell_file(c, SETTING_QUEUE_READERS, "3 812 0 0 0 0 0 0 1\n");
	scene_try(c, SILENT_TRY);
	leg = scene_deny(c, false, c->input, 0, PATH_DROP);
	leg->queue = FW_QUEUE_REFUSED;
	leg->reader = (struct queue_reader){.queue = 3, .port_id = 812};
}

static void unread_and_counter_stood_still(struct scene *c)
{
	unread(c);
	scene_move(c, 0, 0);
}

static void unread_and_nobody_tried(struct scene *c)
{
	tell_file(c, SETTING_QUEUE_READERS, "");
	scene_walk(c, SERVER, CLIENT);
	scene_deny(c, false, c->input, 0, PATH_DROP)->queue = FW_QUEUE_UNREAD;
}

static void somebody_reads(struct scene *c)
{
	tell_file(c, SETTING_QUEUE_READERS, "3 812 0 2 65531 0 0 1 1\n");
	scene_try(c, SILENT_TRY);
	c->e.walks[0].path.request.verdict = PATH_UNSURE;
	c->e.walks[0].path.request.decided_by = DECIDER_OPAQUE;
}

static void a_rule_only_drops(struct scene *c)
{
	tell_file(c, SETTING_QUEUE_READERS, "");
	scene_try(c, SILENT_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void answered_all_the_same(struct scene *c)
{
	tell_file(c, SETTING_QUEUE_READERS, "");
	scene_try(c, ANSWERED_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP)->queue = FW_QUEUE_UNREAD;
}

static void answer_is_queued(struct scene *c)
{
	tell_file(c, SETTING_QUEUE_READERS, "");
	scene_try(c, SILENT_TRY);
	scene_deny(c, true, c->output, 1, PATH_DROP)->queue = FW_QUEUE_UNREAD;
}

static void a_queue_without_a_reader_is_told(void **state)
{
	static const struct scene_row rows[] = {
		PROVEN("silence", unread, FAULT_QUEUE_UNREAD,
		       "which gives it to a queue that no program reads"),
		PROVEN("silence and its counter", unread_and_counted, FAULT_QUEUE_UNREAD,
		       "inet filter input"),
		PROVEN("held by one who takes none", held_and_not_read, FAULT_QUEUE_UNREAD,
		       "takes no packets"),
		LIKELY("nobody tried", unread_and_nobody_tried, FAULT_QUEUE_UNREAD, ""),
		NEVER("its counter stood still", unread_and_counter_stood_still,
		      FAULT_QUEUE_UNREAD),
		NEVER("somebody reads it", somebody_reads, FAULT_QUEUE_UNREAD),
		EXCLUDED("a rule that only drops", a_rule_only_drops, FAULT_QUEUE_UNREAD),
		PROVEN("which is a drop then", a_rule_only_drops, FAULT_DROP, ""),
		EXCLUDED("no plain drop", unread, FAULT_DROP),
		EXCLUDED("it was answered", answered_all_the_same, FAULT_QUEUE_UNREAD),
		PROVEN("the answer", answer_is_queued, FAULT_REPLY_DROP,
		       "a queue that no program reads"),
	};

	(void)state;
	scene_run(rows, N_OF(rows));
}

/* ---- proxy.ipvs-no-real-server ---- */

#define UNREACHABLE_TRY(from)                           \
	((struct attempt){.outcome = OUTCOME_ICMP,      \
			  .icmp_type = 3,               \
			  .icmp_code = 3,               \
			  .icmp_from = hand_addr(from), \
			  .is_icmp_of_server = !strcmp(from, SERVER)})

static void take_by_ipvs(struct scene *c, uint32_t n_servers)
{
	struct path *p = &c->e.walks[0].path;

	tell_file(c, SETTING_VIRTUAL_SERVICES, "TCP  0A000001:01BB rr \n");
	p->request.verdict = PATH_REJECT;
	p->request.decided_by = DECIDER_BALANCER;
	p->request.at = PLACE_INPUT;
	p->request.reject = (struct fw_reject){.type = 3, .code = 3};
	p->is_balanced = TRI_YES;
	p->service = (struct ipvs_service){.proto = c->e.target.proto,
					   .address = hand_addr(SERVER),
					   .port = 443,
					   .n_servers = n_servers};
	p->socket = NULL;
	p->endpoint = NULL;
	p->is_served = TRI_UNSURE;
	p->reply.is_walked = false;
}

static void balanced_to_nobody(struct scene *c)
{
	scene_try(c, UNREACHABLE_TRY(SERVER));
	take_by_ipvs(c, 0);
}

static void all_are_taken_out(struct scene *c)
{
	scene_try(c, UNREACHABLE_TRY(SERVER));
	take_by_ipvs(c, 2);
}

static void another_host_says_no(struct scene *c)
{
	scene_try(c, UNREACHABLE_TRY("10.0.0.77"));
	take_by_ipvs(c, 0);
}

static void nothing_came_back(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	take_by_ipvs(c, 0);
}

static void nobody_tried_it(struct scene *c)
{
	scene_walk(c, SERVER, CLIENT);
	take_by_ipvs(c, 0);
}

static void nobody_listens_beside_it(struct scene *c)
{
	static const struct hand_socket none[] = {{0}};

	scene_listen(c, none);
	balanced_to_nobody(c);
}

static void it_was_answered(struct scene *c)
{
	scene_try(c, ANSWERED_TRY);
	take_by_ipvs(c, 0);
}

static void ipvs_chooses(struct scene *c)
{
	static const struct hand_socket none[] = {{0}};

	scene_listen(c, none);
	scene_try(c, SILENT_TRY);
	take_by_ipvs(c, 2);
	c->e.walks[0].path.request.verdict = PATH_UNSURE;
	c->e.walks[0].path.request.decided_by = DECIDER_OPAQUE;
}

static void not_of_ipvs(struct scene *c)
{
	tell_file(c, SETTING_VIRTUAL_SERVICES, "");
	scene_try(c, SILENT_TRY);
}

static void a_service_without_a_real_server_is_told(void **state)
{
	static const struct scene_row rows[] = {
		PROVEN("none", balanced_to_nobody, FAULT_NO_REAL_SERVER,
		       "10.0.0.1:443, which has no real server"),
		PROVEN("none with a weight", all_are_taken_out, FAULT_NO_REAL_SERVER,
		       "no real server with a weight above 0"),
		LIKELY("nobody tried", nobody_tried_it, FAULT_NO_REAL_SERVER, ""),
		POSSIBLE("silence", nothing_came_back, FAULT_NO_REAL_SERVER, ""),
		NEVER("the error of another host", another_host_says_no,
		      FAULT_NO_REAL_SERVER),
		EXCLUDED("it was answered", it_was_answered, FAULT_NO_REAL_SERVER),
		NEVER("it has some", ipvs_chooses, FAULT_NO_REAL_SERVER),
		NEVER("no socket is needed for it", ipvs_chooses, FAULT_NOT_LISTENING),
		NEVER("nor where it has none", nobody_listens_beside_it,
		      FAULT_NOT_LISTENING),
		EXCLUDED("it is not of IPVS", not_of_ipvs, FAULT_NO_REAL_SERVER),
	};

	(void)state;
	scene_run(rows, N_OF(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_without_a_reader_is_told),
		cmocka_unit_test(a_service_without_a_real_server_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

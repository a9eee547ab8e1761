/*
 * The screen Details from hosts made by hand: whole screens against tests/golden/screens
 * (UPDATE_GOLDEN=1 writes them anew), and what keys do there.
 */
#include "tests/screens/busy.h"
#include "tests/screens/golden.h"
#include "tests/screens/judged.h"
#include "tests/screens/recorded.h"
#include "tui/view.h"

/* Three clients of the port that is shown. */
static struct peer_table *some_peers(size_t n)
{
	struct peer_table *t = table_new(sizeof(*t), NULL);

	t->rows = arena_alloc(&t->head.arena, n * sizeof(*t->rows) + 1);
	t->nets = arena_alloc(&t->head.arena, n * sizeof(*t->nets) + 1);
	for (size_t i = 0; i < n; i++) {
		t->rows[i] = (struct peer_row){
			.remote = addr_v4((uint8_t[]){198, 51, (uint8_t)(i / 200),
						      (uint8_t)(i % 200 + 1)}),
			.n = (uint32_t)(n - i),
			.n_close_wait = i == 1};
		t->nets[i] = (struct peer_net){
			.prefix = addr_v4((uint8_t[]){198, 51, (uint8_t)i, 0}),
			.prefix_len = 24,
			.n = (uint32_t)(n - i),
			.n_addresses = 1};
		t->total += n - i;
	}
	t->n = t->n_nets = n;
	return t;
}

/* So many looks in steps of the history, the queue rising and falling. */
static void look_for_a_while(struct console *c, struct snapshot *s, size_t n_looks)
{
	for (size_t i = 0; i < n_looks; i++) {
		for (size_t k = 0; k < s->n_endpoints; k++)
			s->endpoints[k].queue.length = (uint32_t)(i * 37 % 200);
		s->boot_ns += QUEUE_PAST_SLOT_S * NS_PER_S;
		queue_past_take(&c->model.queues, s);
	}
}

static const char sets[] =
	"443/tcp (https)  any v4+v6  nginx: 3 nets\n"
	"    from 10.0.0.0/8, 192.168.7.0/24, fd00::/8 via eth0\n"
	"    unsure for 203.0.113.0/24 via eth0: a set that could not be read\n"
	"\nBy bind address, firewall and translation\n";

struct told {
	struct reach reach;
};

static void tell_reach(struct console *c, struct told *t)
{
	*t = (struct told){.reach = {.rows = VEC_OF(struct reach_row)}};
	reach_follow(&t->reach, c->model.snapshot, &c->model.snapshot->spaces[0]);
	for (size_t i = 0; i < t->reach.rows.n; i++) {
		struct reach_row *row = vec_at(&t->reach.rows, i);

		reach_tell(&t->reach, row->id, row->group, 0, "3 nets");
	}
	c->model.reach = &t->reach;
}

static struct snapshot *forked(void)
{
	struct snapshot *s = typical();

	for (size_t i = 0; i < s->n_endpoints; i++) {
		struct endpoint *e = &s->endpoints[i];

		for (size_t k = 1; k < e->n_owners; k++)
			((struct process_row *)e->owners[k])->parent = e->owners[0]->pid;
		if (e->n_owners)
			((struct process_row *)e->owners[0])->parent = 777;
		if (e->port == 443) {
			e->connections[3] = 2;
			e->connections[6] = 40;
			e->connections[8] = 31;
		}
	}
	return s;
}

static const struct screen_row {
	const char *name;
	struct snapshot *(*make)(void);
	const char *keys;
} screens[] = {
	{"details-*", forked, "/ '443 Enter d"},
	{"details-200x60-ascii-sets", forked, "/ '443 Enter d Tab Tab Tab"},
	{"details-80x24-clients", forked, "/ '443 Enter d Tab Tab Tab Tab Tab"},
	{"details-80x24-end", forked, "/ '443 Enter d G"},
	{"details-40x10", forked, "/ '443 Enter d"},
	{"details-udp-*", typical, "/ '53 Enter d"},
	{"details-no-rights-*", no_rights, "d"},
	{"details-no-rights-*-unread", no_rights, "G d G"},
	{"details-hostile-*", hostile, "Down d"},
	{"details-help-80x24", typical, "d ? G"},
};

/* What the owners were started with: the first wrote something else there. */
static struct process_state_table *some_commands(const struct endpoint *e)
{
	struct process_state_table *t = table_new(sizeof(*t), NULL);

	t->rows = arena_alloc(&t->head.arena, e->n_owners * sizeof(*t->rows) + 1);
	for (; t->n < e->n_owners; t->n++)
		t->rows[t->n] = (struct process_state){
			.pid = e->owners[t->n]->pid,
			.start_ticks = e->owners[t->n]->start_ticks,
			.n_fds = 40 + (int64_t)t->n,
			.fd_limit = 1024,
			.has_cmdline = true,
			.cmdline =
				text_of(t->n ? "nginx: worker process"
					     : "nginx: master process /usr/sbin/nginx -g "
					       "daemon on; master_process on;\033[2J")};
	return t;
}

/* With clients, command lines, a past and sets. */
static void show_busy(struct console *c, struct told *t, struct snapshot *s, size_t n_peers)
{
	look_for_a_while(c, s, 80);
	tell_reach(c, t);
	if (c->model.details.peers_state != PEERS_NOT_TCP)
		details_take_peers(&c->model.details, some_peers(n_peers), 0);
	details_take_owners(&c->model.details, some_commands(details_endpoint(&c->model)),
			    0);
	t->reach.sets_id = c->model.details.id;
	str_puts(&t->reach.sets, sets);
}

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct snapshot *s = row->make();
	struct told t;
	struct console c;

	fixture_console(&c, g->is_ascii, s);
	draw_unseen(&c, g->width, g->height);
	press(&c, row->keys);
	show_busy(&c, &t, s, 14);
	draw_unseen(&c, g->width, g->height);
	if (row->keys[strlen(row->keys) - 1] == 'G')
		press(&c, "G");
	golden_draw(g, &c);
	console_release(&c);
	reach_release(&t.reach);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

static void every_size_can_be_drawn_and_is_harmless(void **state)
{
	struct snapshot *(*const makes[])(void) = {hostile, forked, no_rights, recorded};
	static const char *const keys[] = {"Down", "Tab", "G",    "PgUp",
					   "Tab",  "g",   "PgDn", "Shift-Tab"};

	(void)state;
	for (size_t m = 0; m < N_OF(makes); m++) {
		struct snapshot *s = makes[m]();
		struct console c;
		struct told t;

		fixture_console(&c, m & 1, s);
		press(&c, "Down d");
		show_busy(&c, &t, s, 300);
		draw_all_sizes(&c, NULL, keys, N_OF(keys));
		console_release(&c);
		reach_release(&t.reach);
	}
}

static void is_drawn(struct console *c, const char *words, bool is_there)
{
	check_drawn(c, 158, 60, words, is_there);
}

static void d_opens_the_details_and_leads_back(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	press(&c, "Down Down d");
	assert_ptr_equal(model_view(&c.model), &view_details);
	is_drawn(&c, "80/tcp", true);
	press(&c, "d");
	assert_ptr_equal(model_view(&c.model), &view_ports);
	press(&c, "d Esc");
	assert_ptr_equal(model_view(&c.model), &view_ports);
	console_release(&c);
}

static void right_opens_the_row_inline_and_left_closes_it(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	press(&c, "Right");
	assert_ptr_equal(model_view(&c.model), &view_ports);
	is_drawn(&c, "inode", true);
	press(&c, "Left");
	is_drawn(&c, "inode", false);
	console_release(&c);
}

static void tab_goes_through_all_panes_and_begins_again(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	press(&c, "d");
	for (int i = 0; i < N_PANES; i++) {
		assert_int_equal(c.model.details.pane, i);
		draw_unseen(&c, 80, 24);
		press(&c, "Tab");
	}
	assert_int_equal(c.model.details.pane, 0);
	press(&c, "Shift-Tab");
	assert_int_equal(c.model.details.pane, N_PANES - 1);
	console_release(&c);
}

static void y_copies_the_pane_whole(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, true, forked());
	press(&c, "/ '443 Enter d Tab Tab");
	assert_true(press(&c, "y") & EFFECT_COPY);
	assert_non_null(strstr(str_text(&c.model.copy), "443/tcp owners (5)"));
	assert_non_null(strstr(str_text(&c.model.copy), "started by process 777"));
	assert_non_null(strstr(str_text(&c.model.copy), "/usr/sbin/nginx"));
	console_release(&c);
}

static void children_stand_under_their_parent(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, true, forked());
	press(&c, "/ '443 Enter d Tab Tab");
	is_drawn(&c, "  nginx 1033 |", true);
	is_drawn(&c, "    > nginx 1034 |", true);
	is_drawn(&c, "    > nginx 1037 |", true);
	console_release(&c);
}

/* Read while processes came and went: a parent that is its own grandchild. */
static void a_ring_of_parents_ends_and_nobody_is_lost(void **state)
{
	struct snapshot *s = typical();
	struct console c;

	(void)state;
	for (size_t i = 0; i < s->n_endpoints; i++)
		for (size_t k = 0; k < s->endpoints[i].n_owners; k++)
			((struct process_row *)s->endpoints[i].owners[k])->parent =
				s->endpoints[i]
					.owners[(k + 1) % s->endpoints[i].n_owners]
					->pid;
	fixture_console(&c, true, s);
	press(&c, "/ '443 Enter d Tab Tab");
	is_drawn(&c, "  nginx 1033 |", true);
	is_drawn(&c, "nginx 1037 |", true);
	is_drawn(&c, "more", false);
	console_release(&c);
}

static void a_listener_that_is_gone_is_said_to_be_gone(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	press(&c, "d");
	model_snapshot_take(&c.model, no_rows());
	is_drawn(&c, "the listener of port 22 that was shown is gone", true);
	assert_false(press(&c, "y") & EFFECT_COPY);
	press(&c, "Esc");
	assert_ptr_equal(model_view(&c.model), &view_ports);
	console_release(&c);
}

static void what_is_not_known_says_why(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, true, typical());
	press(&c, "d");
	is_drawn(&c, "no capture is running", true);
	is_drawn(&c, "nobody finds it out here", true);
	details_take_peers(&c.model.details, NULL, EACCES);
	is_drawn(&c, "who is connected is not known: Permission denied", true);
	details_take_peers(&c.model.details, NULL, ENODATA);
	is_drawn(&c, "it is not in the recording", true);
	details_take_peers(&c.model.details, some_peers(2), 0);
	is_drawn(&c, "198.51.0.1", true);
	is_drawn(&c, "1 hung up, not closed here", true);
	console_release(&c);
}

static void another_port_forgets_who_was_connected_to_the_former(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, true, typical());
	press(&c, "d");
	details_take_peers(&c.model.details, some_peers(2), 0);
	press(&c, "Esc Down Down d");
	assert_null(c.model.details.peers);
	assert_int_equal(c.model.details.peers_state, PEERS_WAITING);
	console_release(&c);
}

static void enter_starts_the_guide_for_the_port_that_is_shown(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, true, typical());
	press(&c, "/ '443 Enter d Enter");
	while (model_view(&c.model) == &view_question)
		press(&c, "Enter");
	assert_ptr_equal(model_view(&c.model), &view_guide);
	assert_int_equal(c.model.guide.aim.port, 443);
	console_release(&c);
}

static void over_the_guide_they_are_of_its_target_and_enter_goes_back_to_it(void **state)
{
	struct judged j;
	struct console c;

	(void)state;
	fixture_console(&c, true, typical());
	judged_show(&j, &c, judge_drop);
	press(&c, "d");
	assert_ptr_equal(model_view(&c.model), &view_details);
	is_drawn(&c, "the guide says: 443/tcp from 198.51.100.7: dropped by", true);
	snprintf(c.model.guide.space, sizeof(c.model.guide.space), "web");
	is_drawn(&c, "the guide says", false); /* of that port in another namespace */
	c.model.guide.space[0] = '\0';
	c.model.guide.is_elsewhere = true;
	is_drawn(&c, "the guide says", false); /* of another host's */
	c.model.guide.is_elsewhere = false;
	press(&c, "Enter");
	assert_ptr_equal(model_view(&c.model), &view_guide);
	assert_non_null(c.model.guide.result);
	console_release(&c);
	judged_release(&j);
}

static void files_of_an_owner_are_told_with_their_limit_once_they_were_read(void **state)
{
	struct process_state read = {.pid = 1033, .n_fds = 812, .fd_limit = 1024};
	struct process_state_table processes = {.rows = &read, .n = 1};
	struct judged j;
	struct console c;

	(void)state;
	fixture_console(&c, true, typical());
	judged_show(&j, &c, judge_drop);
	read.start_ticks = j.path.endpoint->owners[0]->start_ticks;
	j.evidence.processes = &processes;
	press(&c, "d");
	is_drawn(&c, "812 files open of 1024", true);
	read.start_ticks++; /* another process of that number */
	is_drawn(&c, "812 files open", false);
	console_release(&c);
	judged_release(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_is_as_recorded),
		cmocka_unit_test(every_size_can_be_drawn_and_is_harmless),
		cmocka_unit_test(d_opens_the_details_and_leads_back),
		cmocka_unit_test(right_opens_the_row_inline_and_left_closes_it),
		cmocka_unit_test(tab_goes_through_all_panes_and_begins_again),
		cmocka_unit_test(y_copies_the_pane_whole),
		cmocka_unit_test(children_stand_under_their_parent),
		cmocka_unit_test(a_ring_of_parents_ends_and_nobody_is_lost),
		cmocka_unit_test(a_listener_that_is_gone_is_said_to_be_gone),
		cmocka_unit_test(what_is_not_known_says_why),
		cmocka_unit_test(another_port_forgets_who_was_connected_to_the_former),
		cmocka_unit_test(enter_starts_the_guide_for_the_port_that_is_shown),
		cmocka_unit_test(
			over_the_guide_they_are_of_its_target_and_enter_goes_back_to_it),
		cmocka_unit_test(
			files_of_an_owner_are_told_with_their_limit_once_they_were_read),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* How the owners of the listener on the screen Details do, with their command lines: when
 * that is asked, and what is shown of it. */
#include <inttypes.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAGE = 5 };
#include "tests/screens/exposure_desk.h"
#include "tui/live/owners_run.h"
#include "tui/view.h"

static const struct netns_ref own = {.kind = NETNS_OWN};

static void start(struct desk *d, struct owners_run *r)
{
	open_answered_desk(d);
	owners_run_init(r, &d->console.model, d->channel, &own);
}

/* On Ports these keys are pressed, which open the details; its owners are asked about. */
static void start_opened(struct desk *d, struct owners_run *r, const char *keys)
{
	start(d, r);
	press(&d->console, keys);
	owners_run_turn(r, d->now_ns);
}

static void end(struct desk *d, struct owners_run *r)
{
	owners_run_release(r);
	close_desk(d);
}

static uint64_t ticks_of(const struct desk *d, int32_t pid)
{
	const struct snapshot *s = d->console.model.snapshot;

	for (size_t i = 0; i < s->n_endpoints; i++)
		for (size_t k = 0; k < s->endpoints[i].n_owners; k++)
			if (s->endpoints[i].owners[k]->pid == pid)
				return s->endpoints[i].owners[k]->start_ticks;
	fail_msg("nobody is %d", (int)pid);
	return 0;
}

/* The answer: one process and its command line (of that many bytes; NULL: it is not told).
 */
static void tell_command(struct desk *d, struct owners_run *r, int32_t pid,
			 struct text cmdline, int error)
{
	char stat_name[32], name[32], stat[256];
	uint8_t bytes[1024];
	struct bundle_item items[] = {
		{.name = {stat_name, 0}, .data = {stat, 0}},
		{.name = {name, 0}, .data = cmdline, .error = error},
	};
	struct blob b = {
		.seq = take_seq(d, REQUEST_PROCESSES), .status = BLOB_LAST, .bytes = bytes};

	assert_int_not_equal(b.seq, 0);
	items[0].name.len =
		(size_t)snprintf(stat_name, sizeof(stat_name), "%d/stat", (int)pid);
	items[0].data.len = (size_t)snprintf(
		stat, sizeof(stat),
		"%d (x) S 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 %" PRIu64 " 0\n", (int)pid,
		ticks_of(d, pid));
	items[1].name.len = (size_t)snprintf(name, sizeof(name), "%d/cmdline", (int)pid);
	for (size_t i = 0; i < 2; i++)
		b.len +=
			(size_t)bundle_put(bytes + b.len, sizeof(bytes) - b.len, &items[i]);
	assert_true(owners_run_takes_blob(r, &b));
}

static void is_drawn(struct desk *d, const char *words, bool is_there)
{
	check_drawn(&d->console, 158, 60, words, is_there);
}

static void a_command_line_stands_beneath_its_process(void **state)
{
	static const char line[] = "/usr/sbin/sshd\0-D\0-o\0X=a b\0";
	struct owners_run r;
	struct desk d;

	(void)state;
	start_opened(&d, &r, "d");
	is_drawn(&d, "command", false);
	tell_command(&d, &r, 812, (struct text){line, sizeof(line) - 1}, 0);
	assert_true(owners_run_turn(&r, d.now_ns));
	is_drawn(&d, "command  /usr/sbin/sshd -D -o X=a b", true);
	is_drawn(&d, "command line", false);
	press(&d.console, "Tab Tab");
	assert_true(press(&d.console, "y") & EFFECT_COPY);
	assert_non_null(strstr(str_text(&d.console.model.copy), "/usr/sbin/sshd -D"));
	end(&d, &r);
}

static void a_hostile_one_is_shown_as_what_it_is_and_a_long_one_as_cut(void **state)
{
	static const char line[] = "\033[2J\033]52;c;eA=\a\xe2\x80\xae\xff\r\nFAKE";
	struct owners_run r;
	struct str picture = {0};
	struct desk d;

	(void)state;
	start_opened(&d, &r, "d");
	tell_command(&d, &r, 812, (struct text){line, sizeof(line) - 1}, EMSGSIZE);
	owners_run_turn(&r, d.now_ns);
	is_drawn(&d, "\\x1b[2J\\x1b]52;c;eA=\\x07\\u{202e}\\xff\\x0d\\x0aFAKE\u2026", true);
	draw_in(&d.console, 80, 24, &picture);
	check_picture(&picture, 80, 24, false);
	str_release(&picture);
	end(&d, &r);
}

static void another_process_of_that_number_is_not_taken_for_it(void **state)
{
	static const char line[] = "nginx";
	struct owners_run r;
	struct desk d;

	(void)state;
	start_opened(&d, &r, "Down Down d");
	((struct process_row *)d.console.model.snapshot->endpoints[2].owners[0])
		->start_ticks++;
	tell_command(&d, &r, 1034, (struct text){line, sizeof(line) - 1}, 0);
	owners_run_turn(&r, d.now_ns);
	is_drawn(&d, "command  nginx", true); /* 1034, one of five */
	is_drawn(&d, "4 command lines are not known: could not be read", true);
	end(&d, &r);
}

static void what_could_not_be_asked_says_why(void **state)
{
	struct owners_run r;
	struct desk d;
	struct blob b = {.status = BLOB_LAST, .error = ENODATA};

	(void)state;
	start_opened(&d, &r, "d");
	b.seq = take_seq(&d, REQUEST_PROCESSES);
	assert_true(owners_run_takes_blob(&r, &b));
	assert_true(owners_run_turn(&r, d.now_ns));
	is_drawn(&d, "1 command line is not known: it is not in the recording", true);
	end(&d, &r);
}

static void it_is_asked_for_what_is_shown_and_again_when_the_owners_are_others(void **state)
{
	static const char line[] = "sshd";
	struct owners_run r;
	struct desk d;

	(void)state;
	start(&d, &r);
	assert_false(owners_run_turn(&r, d.now_ns));
	assert_false(asks(&d, REQUEST_PROCESSES));
	assert_int_equal(owners_run_due_ns(&r), INT64_MAX);
	press(&d.console, "d");
	assert_int_equal(owners_run_due_ns(&r), 0);
	owners_run_turn(&r, d.now_ns);
	tell_command(&d, &r, 812, (struct text){line, 4}, 0);
	owners_run_turn(&r, d.now_ns);
	owners_run_turn(&r, d.now_ns + 5 * NS_PER_S);
	assert_false(asks(&d, REQUEST_PROCESSES));
	((struct process_row *)d.console.model.snapshot->endpoints[0].owners[0])->pid = 813;
	owners_run_turn(&r, d.now_ns + 6 * NS_PER_S);
	assert_true(asks(&d, REQUEST_PROCESSES));
	end(&d, &r);
}

static void those_of_another_port_go(void **state)
{
	static const char line[] = "sshd";
	struct owners_run r;
	struct desk d;

	(void)state;
	start_opened(&d, &r, "d");
	press(&d.console, "Esc Down Down d");
	tell_command(&d, &r, 812, (struct text){line, 4}, 0);
	owners_run_turn(&r, d.now_ns);
	assert_null(d.console.model.details.owners);
	owners_run_turn(&r, d.now_ns);
	assert_true(asks(&d, REQUEST_PROCESSES));
	end(&d, &r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_line_stands_beneath_its_process),
		cmocka_unit_test(
			a_hostile_one_is_shown_as_what_it_is_and_a_long_one_as_cut),
		cmocka_unit_test(another_process_of_that_number_is_not_taken_for_it),
		cmocka_unit_test(what_could_not_be_asked_says_why),
		cmocka_unit_test(
			it_is_asked_for_what_is_shown_and_again_when_the_owners_are_others),
		cmocka_unit_test(those_of_another_port_go),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

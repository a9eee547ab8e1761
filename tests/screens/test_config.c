/* Configuration files: what is taken, what is said of a wrong line, what is kept of them.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tui/config/config_files.h"
#include "tui/config/config_keep.h"
#include "tui/view/ports/port_columns.h"

static int read_text(struct config *c, const char *text, char error[CONFIG_ERROR_MAX])
{
	int r;

	config_init(c);
	r = config_read(c, "it.ini", text_of(text), error);
	return r ? r : config_finish(c, error);
}

static void each_value_is_taken(void **state)
{
	char error[CONFIG_ERROR_MAX];
	struct str columns = {0};
	struct config c;

	(void)state;
	assert_int_equal(read_text(&c,
				   "\xef\xbb\xbf# mine\n"
				   "[ports]\n"
				   "  columns = port +unit Owner ; three\n"
				   "\tsort: CONN\r\n"
				   "reverse=on\n"
				   "group = process\n"
				   "filter = proc:\"tmux: server\" !udp\n"
				   "\n"
				   "[console]\n"
				   "interval = 2.5\nutc = true\nascii = 1\ncolor = never\n"
				   "theme = dark\ngraph = none\n"
				   "[keys]\n"
				   "quit = Q F10\nPAGE-UP = Ctrl-U\n",
				   error),
			 0);
	columns_put(&c.columns, port_columns, n_port_columns, &columns);
	assert_string_equal(str_text(&columns), "port +unit owner");
	assert_string_equal(c.sort->id, "connections");
	assert_true(c.is_reversed && c.is_utc && c.is_ascii);
	assert_int_equal(c.group, GROUP_BY_PROCESS);
	assert_string_equal(c.values[SETTING_FILTER].text, "proc:\"tmux: server\" !udp");
	assert_int_equal(c.values[SETTING_FILTER].line, 7);
	assert_string_equal(c.values[SETTING_FILTER].file, "it.ini");
	assert_int_equal(c.interval_ns, 5 * NS_PER_S / 2);
	assert_int_equal(c.color, COLOR_NEVER);
	assert_int_equal(c.theme, THEME_DARK);
	assert_int_equal(c.graph, GRAPH_NONE);
	assert_string_equal(c.keys[ACTION_QUIT].text, "Q F10");
	assert_string_equal(c.keys[ACTION_PAGE_UP].text, "Ctrl-U");
	str_release(&columns);
	config_release(&c);
}

/* A line longer than any is taken. */
#define TEN  "xxxxxxxxxx"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *text, *error;
} wrong[] = {
	{"[ports]\nsort = size\n",
	 "it.ini:2: 'size' is no value of sort: a column that can be sorted by"},
	{"[ports]\nsort = user\n",
	 "it.ini:2: 'user' is no value of sort: a column that can be sorted by"},
	{"[ports]\n\ncolums = port\n",
	 "it.ini:3: 'colums' is no key of [ports]: columns, sort, reverse, group, filter"},
	{"[prots]\nsort = port\n",
	 "it.ini:2: 'prots' is no section: ports, console and keys are"},
	{"sort = port\n",
	 "it.ini:1: 'sort' stands before any section: [ports], [console] and [keys] are"},
	{"[ports]\nsort = port\nsort = owner\n",
	 "it.ini:3: 'sort' is set in line 2 already: once is enough"},
	{"[ports]\nwhat is this\n",
	 "it.ini:2: this is neither '[section]' nor 'key = value' nor a comment (# or ;)"},
	{"[ports\nsort = port\n",
	 "it.ini:1: this is neither '[section]' nor 'key = value' nor a comment (# or ;)"},
	{"[ports]\nreverse = maybe\n",
	 "it.ini:2: 'maybe' is no value of reverse: yes or no"},
	{"[ports]\ngroup = colour\n", "it.ini:2: 'colour' is no value of group: none, "
				      "service, process, unit or namespace"},
	{"[ports]\nfilter = pid:x\n", "it.ini:2: 'pid:x' is no pid: a number is"},
	{"[console]\ninterval = 0.1\n",
	 "it.ini:2: '0.1' is no value of interval: 0.5 to 60, seconds between two looks"},
	{"[console]\ninterval = nan\n",
	 "it.ini:2: 'nan' is no value of interval: 0.5 to 60, seconds between two looks"},
	{"[console]\ninterval = 1e1\n",
	 "it.ini:2: '1e1' is no value of interval: 0.5 to 60, seconds between two looks"},
	{"[console]\ntheme = \x1b[31m\n", "it.ini:2: '\\x1b[31m' is no value of theme: "
					  "auto, light, dark, blind or mono"},
	{"[keys]\nfly = F1\n",
	 "it.ini:2: 'fly' is no action: dport --print-config lists them"},
	{"[keys]\nquit = Strg-Q\n",
	 "it.ini:2: 'Strg-Q' is no key: a character, Ctrl-A to Ctrl-Z, Up, Down, Left, "
	 "Right, PgUp, PgDn, Home, End, Delete, Backspace, Tab, Enter, Esc, Space, F1, F5, "
	 "F10 are"},
	{"[keys]\nquit =\n", "it.ini:2: '' names no key: an action needs one"},
	{"[keys]\n\nquit = x\n", "it.ini:3: 'x' has a task on the same screen already, "
				 "export: "},
	{"[keys]\nstep = 6\n",
	 "it.ini:2: '1 2 3 4 5' stay as they are: each of these keys does something else"},
	{"[ports]\ncolumns = port port\n",
	 "it.ini:2: 'port' is no column, or named twice: port service "},
	{"[ports]\ncolumns =\n", "it.ini:2: '' names no column: port service "},
	{"[ports]\n# " LONG "\n", "it.ini:2: the line is too long"},
};

static void a_wrong_line_is_named_in_one_sentence(void **state)
{
	char error[CONFIG_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(wrong); i++) {
		struct config c;
		int r = read_text(&c, wrong[i].text, error);

		if (r != -EINVAL ||
		    strncmp(error, wrong[i].error, strlen(wrong[i].error)) != 0)
			fail_msg("%d, %s instead of %s", r, error, wrong[i].error);
		config_release(&c);
	}
}

static void a_byte_0_is_no_text(void **state)
{
	static const char text[] = "[ports]\nsort = po\0rt\n";
	char error[CONFIG_ERROR_MAX];
	struct config c;

	(void)state;
	config_init(&c);
	assert_int_equal(
		config_read(&c, "it.ini", (struct text){text, sizeof(text) - 1}, error),
		-EINVAL);
	assert_string_equal(error, "it.ini:2: a byte 0 stands in it: it is no text");
	config_release(&c);
}

static void the_last_file_counts_value_by_value(void **state)
{
	char error[CONFIG_ERROR_MAX];
	struct str out = {0};
	struct config c;

	(void)state;
	config_init(&c);
	assert_int_equal(config_read(&c, "/etc/dport/dport.ini",
				     text_of("[ports]\nsort = owner\nreverse = yes\n"),
				     error),
			 0);
	assert_int_equal(
		config_read(&c, "own.ini", text_of("[ports]\nsort = queue\n"), error), 0);
	assert_string_equal(c.sort->id, "queue");
	assert_true(c.is_reversed);
	assert_int_equal(config_print(&c, &out), 0);
	assert_non_null(strstr(str_text(&out), "; own.ini:2\nsort = queue\n"));
	assert_non_null(
		strstr(str_text(&out), "; /etc/dport/dport.ini:3\nreverse = yes\n"));
	assert_non_null(strstr(str_text(&out), "; built in\nutc = no\n"));
	str_release(&out);
	config_release(&c);
}

/* What --print-config prints is a file itself. */
static void what_is_printed_can_be_read(void **state)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct str out = {0};
	struct config c, again;

	(void)state;
	read_text(&c, "[ports]\ncolumns = port +unit\n[keys]\nquit = Q\n", error);
	config_print(&c, &out);
	if (read_text(&again, str_text(&out), error))
		fail_msg("%s\n%s", error, str_text(&out));
	assert_string_equal(again.values[SETTING_COLUMNS].text, "port +unit");
	assert_string_equal(again.keys[ACTION_QUIT].text, "Q");
	str_release(&out);
	config_release(&again);
	config_release(&c);
}

static void other_keys_work_and_stand_in_footer_and_help(void **state)
{
	char error[CONFIG_ERROR_MAX];
	struct str picture = {0};
	struct console console;
	struct config c;

	(void)state;
	assert_int_equal(
		read_text(&c, "[keys]\nhelp = H\nfilter = F\ncolumns = Ctrl-O\n", error),
		0);
	fixture_console(&console, false, typical());
	config_apply(&c, &console.model);
	draw_in(&console, 80, 24, &picture);
	assert_non_null(strstr(str_text(&picture), "F filter"));
	assert_non_null(strstr(str_text(&picture), "H help"));
	press(&console, "?");
	assert_int_equal(console.model.n_shown, 1);
	press(&console, "Ctrl-O");
	assert_ptr_equal(model_view(&console.model), &view_columns);
	press(&console, "Esc H");
	assert_ptr_equal(model_view(&console.model), &view_help);
	str_reset(&picture);
	draw_in(&console, 80, 60, &picture);
	assert_non_null(strstr(str_text(&picture), "Ctrl-O"));
	console_release(&console);
	config_release(&c);
	config_init(&c);
	config_bind_keys(&c);
	config_release(&c);
	str_release(&picture);
}

/* ---- what is kept ---- */

static const struct {
	const char *before, *after;
} kept[] = {
	{"", "[ports]\ncolumns = port +unit\nsort = owner\nreverse = no\ngroup = none\n"},
	{"# only this\n", "# only this\n\n[ports]\ncolumns = port +unit\nsort = owner\n"
			  "reverse = no\ngroup = none\n"},
	{"[ports]\nsort=port ; by number\n\n[keys]\nquit = Q",
	 "[ports]\nsort=owner ; by number\ncolumns = port +unit\nreverse = no\n"
	 "group = none\n\n[keys]\nquit = Q"},
	{"[keys]\nsort = s\n[ports]\n\tGroup\r\n  group :  unit  \r\n",
	 "[keys]\nsort = s\n[ports]\n\tGroup\r\n  group :  none  \r\n"
	 "columns = port +unit\nsort = owner\nreverse = no\n"},
	{"[ports] ; here\ncolumns = a;b ;c\n# group = no\n[console]\n[ports]\nreverse = "
	 "yes",
	 "[ports] ; here\ncolumns = port +unit ;c\n# group = no\nsort = owner\ngroup = "
	 "none\n"
	 "[console]\n[ports]\nreverse = no"},
	{"[ports]\nfilter = x\n   \n\n",
	 "[ports]\nfilter = x\ncolumns = port +unit\n"
	 "sort = owner\nreverse = no\ngroup = none\n   \n\n"},
};

static void every_other_byte_of_the_file_stays(void **state)
{
	struct console console;
	struct text wrong_word;

	(void)state;
	fixture_console(&console, false, typical());
	columns_read(&console.model.columns, port_columns, n_port_columns,
		     text_of("port +unit"), &wrong_word);
	console.model.sort = columns_find(port_columns, n_port_columns, text_of("owner"));
	for (size_t i = 0; i < N_OF(kept); i++) {
		struct str out = {0}, twice = {0};

		assert_int_equal(config_keep(&console.model, text_of(kept[i].before), &out),
				 0);
		assert_string_equal(str_text(&out), kept[i].after);
		config_keep(&console.model, text_of_str(&out), &twice);
		assert_string_equal(str_text(&twice), str_text(&out));
		str_release(&out);
		str_release(&twice);
	}
	console_release(&console);
}

static void what_is_kept_comes_back(void **state)
{
	char error[CONFIG_ERROR_MAX];
	struct console console, again;
	struct str out = {0}, shown = {0};
	struct config c;

	(void)state;
	fixture_console(&console, false, typical());
	draw_unseen(&console, 80, 24);
	press(&console, "s s S b b C Down Down Enter - Esc");
	config_keep(&console.model, TEXT_NONE, &out);
	assert_int_equal(read_text(&c, str_text(&out), error), 0);
	fixture_console(&again, false, typical());
	config_apply(&c, &again.model);
	columns_put(&console.model.columns, port_columns, n_port_columns, &shown);
	str_reset(&out);
	columns_put(&again.model.columns, port_columns, n_port_columns, &out);
	assert_string_equal(str_text(&out), str_text(&shown));
	assert_ptr_equal(again.model.sort, console.model.sort);
	assert_int_equal(again.model.is_reversed, console.model.is_reversed);
	assert_int_equal(again.model.groups.by, GROUP_BY_PROCESS);
	console_release(&console);
	console_release(&again);
	config_release(&c);
	str_release(&out);
	str_release(&shown);
}

static void keeping_asks_first_and_says_where(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	assert_int_equal(press(&c, "K"), EFFECT_DRAW);
	assert_string_equal(str_text(&c.model.message),
			    "there is no configuration that can be written");
	c.model.around.keeps_in = "/root/.config/dport/dport.ini";
	press(&c, "K");
	assert_string_equal(str_text(&c.model.message),
			    "keep this in /root/.config/dport/dport.ini? [y/N]");
	assert_int_equal(press(&c, "n") & EFFECT_KEEP, 0);
	assert_string_equal(str_text(&c.model.message), "nothing was written");
	press(&c, "K");
	assert_int_equal(press(&c, "y"), EFFECT_KEEP);
	console_release(&c);
}

static void a_question_without_room_still_says_what_it_takes(void **state)
{
	struct str picture = {0};
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	c.model.around.keeps_in = "/root/.config/dport/dport.ini";
	press(&c, "K");
	draw_in(&c, 40, 10, &picture);
	assert_non_null(strstr(str_text(&picture), "keep this in "));
	assert_non_null(strstr(str_text(&picture), " [y/N]"));
	str_release(&picture);
	console_release(&c);
}

/* ---- files ---- */

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void the_users_file_is_found_and_a_missing_one_is_none(void **state)
{
	char dir[] = "/tmp/config.XXXXXX", path[64], error[CONFIG_ERROR_MAX];
	struct config_files f;
	struct config c;

	(void)state;
	assert_non_null(mkdtemp(dir));
	setenv("XDG_CONFIG_HOME", dir, 1);
	assert_int_equal(config_files_open(&f, NULL), 0);
	assert_true(f.dir_fd >= 0);
	assert_string_equal(f.below, "dport");
	close(f.dir_fd);
	snprintf(path, sizeof(path), "%s/dport", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/dport/dport.ini", dir);
	write_file(path, "[ports]\nsort = owner\n");
	assert_int_equal(config_files_open(&f, NULL), 0);
	assert_string_equal(f.below, "");
	assert_string_equal(f.name, "dport.ini");
	close(f.dir_fd);
	config_init(&c);
	assert_int_equal(config_files_read(&f, &c, error), 0);
	assert_string_equal(c.values[SETTING_SORT].file, path);
	config_release(&c);
	assert_int_equal(config_files_open(&f, "/tmp/there/is/none"), -ENOENT);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	rmdir(dir);
	unsetenv("XDG_CONFIG_HOME");
}

static void too_large_a_file_is_refused(void **state)
{
	char path[] = "/tmp/config.XXXXXX", error[CONFIG_ERROR_MAX];
	int fd = mkstemp(path);
	struct config_files f;
	struct config c;

	(void)state;
	assert_int_equal(ftruncate(fd, CONFIG_TEXT_MAX + 1), 0);
	close(fd);
	assert_int_equal(config_files_open(&f, path), 0);
	config_init(&c);
	assert_int_equal(config_files_read(&f, &c, error), -EFBIG);
	assert_non_null(strstr(error, "cannot be read: File too large"));
	config_release(&c);
	close(f.dir_fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_is_taken),
		cmocka_unit_test(a_wrong_line_is_named_in_one_sentence),
		cmocka_unit_test(a_byte_0_is_no_text),
		cmocka_unit_test(the_last_file_counts_value_by_value),
		cmocka_unit_test(what_is_printed_can_be_read),
		cmocka_unit_test(other_keys_work_and_stand_in_footer_and_help),
		cmocka_unit_test(every_other_byte_of_the_file_stays),
		cmocka_unit_test(what_is_kept_comes_back),
		cmocka_unit_test(keeping_asks_first_and_says_where),
		cmocka_unit_test(a_question_without_room_still_says_what_it_takes),
		cmocka_unit_test(the_users_file_is_found_and_a_missing_one_is_none),
		cmocka_unit_test(too_large_a_file_is_refused),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

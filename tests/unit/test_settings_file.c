/* The configuration file in a directory of our own: made, copied, put in place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/host/broker/settings.h"

struct house {
	char path[64];
	struct settings_place place;
	struct settings settings;
};

static int build(void **state)
{
	static struct house h;

	h = (struct house){.path = "/tmp/settings.XXXXXX"};
	assert_non_null(mkdtemp(h.path));
	h.place = (struct settings_place){.dir_fd = open(h.path, O_RDONLY | O_DIRECTORY),
					  .below = ".config/dport",
					  .name = "dport.ini"};
	assert_true(h.place.dir_fd > 0);
	*state = &h;
	return 0;
}

static int tear_down(void **state)
{
	struct house *h = *state;
	char command[][32] = {".config/dport/dport.ini", ".config/dport", ".config",
			      "real"};

	for (size_t i = 0; i < sizeof(command) / sizeof(command[0]); i++) {
		unlinkat(h->place.dir_fd, command[i], 0);
		unlinkat(h->place.dir_fd, command[i], AT_REMOVEDIR);
	}
	close(h->place.dir_fd);
	assert_int_equal(rmdir(h->path), 0);
	return 0;
}

static void put(const struct house *h, const char *text)
{
	int fd = openat(h->place.dir_fd, ".config/dport/dport.ini",
			O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void expect(const struct house *h, const char *text)
{
	char bytes[128] = "";
	int fd = openat(h->place.dir_fd, ".config/dport/dport.ini", O_RDONLY);

	assert_true(fd >= 0);
	assert_true(read(fd, bytes, sizeof(bytes) - 1) >= 0);
	assert_string_equal(bytes, text);
	close(fd);
}

static int n_files(const struct house *h)
{
	int fd = openat(h->place.dir_fd, ".config/dport", O_RDONLY | O_DIRECTORY), n = 0;
	DIR *dir = fdopendir(fd);

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void write_new(struct house *h, const char *old, const char *text)
{
	int fd = settings_open(&h->settings, &h->place);
	char bytes[128] = "";

	assert_true(fd >= 0);
	assert_true(read(fd, bytes, sizeof(bytes) - 1) >= 0);
	assert_string_equal(bytes, old);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, text, strlen(text), 0), strlen(text));
	close(fd);
}

static void a_first_one_is_made_with_its_directories(void **state)
{
	struct house *h = *state;
	struct stat s;

	write_new(h, "", "sort = port\n");
	assert_int_equal(settings_close(&h->settings, &h->place, true), 0);
	expect(h, "sort = port\n");
	assert_int_equal(fstatat(h->place.dir_fd, ".config/dport/dport.ini", &s, 0), 0);
	assert_int_equal(s.st_mode & 0777, 0600);
	assert_int_equal(fstatat(h->place.dir_fd, ".config/dport", &s, 0), 0);
	assert_int_equal(s.st_mode & 0777, 0700);
	assert_int_equal(n_files(h), 1);
}

static void until_it_is_kept_the_old_one_stands(void **state)
{
	struct house *h = *state;

	write_new(h, "", "");
	settings_close(&h->settings, &h->place, true);
	put(h, "mine\n");
	write_new(h, "mine\n", "new");
	expect(h, "mine\n");
	assert_int_equal(settings_close(&h->settings, &h->place, false), 0);
	expect(h, "mine\n");
	assert_int_equal(n_files(h), 1);
	write_new(h, "mine\n", "new");
	write_new(h, "mine\n", "newer"); /* asked again: the first is gone */
	assert_int_equal(settings_close(&h->settings, &h->place, true), 0);
	expect(h, "newer");
	assert_int_equal(n_files(h), 1);
	assert_int_equal(settings_close(&h->settings, &h->place, true), -EBADF);
}

static void a_link_in_place_of_a_directory_is_not_followed(void **state)
{
	struct house *h = *state;

	assert_int_equal(mkdirat(h->place.dir_fd, "real", 0700), 0);
	assert_int_equal(symlinkat("real", h->place.dir_fd, ".config"), 0);
	assert_true(settings_open(&h->settings, &h->place) < 0);
	assert_false(h->settings.is_open);
	assert_int_equal(faccessat(h->place.dir_fd, "real/dport", F_OK, 0), -1);
}

static void what_is_too_large_is_left_alone(void **state)
{
	struct house *h = *state;
	char path[128];

	write_new(h, "", "");
	settings_close(&h->settings, &h->place, true);
	snprintf(path, sizeof(path), "%s/.config/dport/dport.ini", h->path);
	assert_int_equal(truncate(path, SETTINGS_SIZE_MAX + 1), 0);
	assert_int_equal(settings_open(&h->settings, &h->place), -EFBIG);
	assert_int_equal(n_files(h), 1);
}

static void without_a_directory_nothing_is_kept(void **state)
{
	struct settings_place nowhere = {.dir_fd = -1, .below = "", .name = "dport.ini"};
	struct settings_place none = {0};
	struct settings s = {0};

	(void)state;
	assert_int_equal(settings_open(&s, &nowhere), -EROFS);
	assert_int_equal(settings_open(&s, &none), -EROFS);
}

#define IN_HOUSE(test) cmocka_unit_test_setup_teardown(test, build, tear_down)

/* Where a link leads to is found before the fork; one that is there since is not. */
static void a_link_in_place_of_the_file_is_not_read(void **state)
{
	struct house *h = *state;

	write_new(h, "", "sort = port\n");
	assert_int_equal(settings_close(&h->settings, &h->place, true), 0);
	assert_int_equal(unlinkat(h->place.dir_fd, ".config/dport/dport.ini", 0), 0);
	assert_int_equal(
		symlinkat("/etc/passwd", h->place.dir_fd, ".config/dport/dport.ini"), 0);
	assert_int_equal(settings_open(&h->settings, &h->place), -ELOOP);
	assert_int_equal(n_files(h), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOUSE(a_first_one_is_made_with_its_directories),
		IN_HOUSE(until_it_is_kept_the_old_one_stands),
		IN_HOUSE(a_link_in_place_of_a_directory_is_not_followed),
		IN_HOUSE(a_link_in_place_of_the_file_is_not_read),
		IN_HOUSE(what_is_too_large_is_left_alone),
		cmocka_unit_test(without_a_directory_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

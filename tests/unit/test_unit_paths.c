/* Where unit files lie: which of several counts, and which drop-ins are of a unit. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/sockets/unit_paths.h"
#include "core/sockets/units.h"
#include "tests/unit/items.h"

#define ETC   "etc/systemd/system/"
#define RUN   "run/systemd/system/"
#define USR   "usr/lib/systemd/system/"
#define ROOM  4096
#define PLAIN ITEM(USR "a.socket", "[Socket]\nListenStream=80\n")

static struct socket_unit_table *finish(struct socket_unit_decoder *d)
{
	struct socket_unit_table *t = socket_units_finish(d);

	assert_non_null(t);
	return t;
}

static struct socket_unit_table *table_of(struct socket_unit_decoder *d,
					  const struct bundle_item *items, size_t n)
{
	uint8_t *wire = malloc(ROOM);
	size_t len = items_put(wire, ROOM, items, n);

	assert_int_equal(socket_units_decode(d, wire, len), 0);
	free(wire);
	return finish(d);
}

/* Files beside each other, and the one port that is left; 0: none. */
static const struct {
	const char *name;
	struct bundle_item items[4];
	uint16_t port;
} place_rows[] = {
	{"alone", {PLAIN}, 80},
	{"etc hides usr", {PLAIN, ITEM(ETC "a.socket", "[Socket]\nListenStream=81\n")}, 81},
	{"etc hides run",
	 {ITEM(RUN "a.socket", "[Socket]\nListenStream=82\n"),
	  ITEM(ETC "a.socket", "[Socket]\nListenStream=81\n")},
	 81},
	{"run hides usr", {PLAIN, ITEM(RUN "a.socket", "[Socket]\nListenStream=82\n")}, 82},
	{"usr/local hides usr",
	 {PLAIN,
	  ITEM("usr/local/lib/systemd/system/a.socket", "[Socket]\nListenStream=83\n")},
	 83},
	{"usr is lib",
	 {PLAIN, ITEM("lib/systemd/system/a.socket", "[Socket]\nListenStream=84\n")},
	 80},
	{"masked", {PLAIN, ITEM(ETC "a.socket", "")}, 0},
	{"masked later", {PLAIN, ITEM("lib/systemd/system/a.socket", "")}, 80},
	{"masked with a drop-in",
	 {ITEM(ETC "a.socket", ""),
	  ITEM(ETC "a.socket.d/x.conf", "[Socket]\nListenStream=85\n")},
	 0},
	{"not readable hides", {PLAIN, ITEM_ERROR(ETC "a.socket", EACCES)}, 0},
	{"a dangling link does not hide", {PLAIN, ITEM_ERROR(ETC "a.socket", ENOENT)}, 80},
	{"a drop-in alone",
	 {ITEM(ETC "a.socket.d/x.conf", "[Socket]\nListenStream=85\n")},
	 0},
	{"a drop-in clears and sets",
	 {PLAIN,
	  ITEM(RUN "a.socket.d/x.conf", "[Socket]\nListenStream=\nListenStream=86\n")},
	 86},
	{"the drop-in of etc hides that of run",
	 {PLAIN,
	  ITEM(RUN "a.socket.d/x.conf", "[Socket]\nListenStream=\nListenStream=86\n"),
	  ITEM(ETC "a.socket.d/x.conf", "[Socket]\nListenStream=\nListenStream=87\n")},
	 87},
	{"the later name counts",
	 {PLAIN,
	  ITEM(RUN "a.socket.d/y.conf", "[Socket]\nListenStream=\nListenStream=86\n"),
	  ITEM(ETC "a.socket.d/x.conf", "[Socket]\nListenStream=\nListenStream=87\n")},
	 86},
	{"an empty drop-in masks that of usr",
	 {PLAIN, ITEM(USR "a.socket.d/x.conf", "[Socket]\nListenStream=\n"),
	  ITEM(ETC "a.socket.d/x.conf", "")},
	 80},
	{"a drop-in of another unit",
	 {PLAIN, ITEM(ETC "b.socket.d/x.conf", "[Socket]\nListenStream=\n")},
	 80},
	{"units of users",
	 {ITEM("etc/systemd/user/a.socket", "[Socket]\nListenStream=88\n")},
	 0},
	{"a template", {ITEM(USR "a@.socket", "[Socket]\nListenStream=89\n")}, 0},
	{"an instance", {ITEM(ETC "a@b.socket", "[Socket]\nListenStream=89\n")}, 89},
	{"other files",
	 {PLAIN, ITEM(USR "a.service", "[Socket]\nListenStream=90\n"),
	  ITEM(USR "a.socket.d/sub/x.conf", "[Socket]\nListenStream=\n"),
	  ITEM(USR "a.socket.d/x", "[Socket]\nListenStream=\n")},
	 80},
	{"no names",
	 {PLAIN, ITEM(USR ".socket", "[Socket]\nListenStream=91\n"), ITEM(USR, "x"),
	  ITEM("/", "x")},
	 80},
};

static void the_directories_decide_which_file_counts(void **state)
{
	struct socket_unit_decoder *d = socket_units_new();

	(void)state;
	for (size_t i = 0; i < N_OF(place_rows); i++) {
		struct socket_unit_table *t =
			table_of(d, place_rows[i].items, N_OF(place_rows[i].items));
		uint16_t port = t->n ? t->rows[0].port : 0;

		if (t->n > 1 || port != place_rows[i].port)
			fail_msg("%s: %zu ports, first %u", place_rows[i].name, t->n, port);
		table_unref(t);
	}
	socket_units_free(d);
}

/* From the closest: the order in which systemd 252 chose among drop-ins of one name. */
static const char *const owner_rows[] = {
	"a-b-c@d.socket", "a-b-c@.socket", "a-b-.socket", "a-.socket", "a-b-@d.socket",
	"a-b-@.socket",   "a-@d.socket",   "a-@.socket",  "socket",
};

static const char *const other_owner_rows[] = {
	"a-b-c.socket",  "a-b-c@e.socket", "a-b.socket", "a-c-.socket", "b-.socket",
	"a-b-c-.socket", "a-@e.socket",    "-.socket",   "@.socket",    "@d.socket",
};

static void a_drop_in_names_its_unit_more_or_less_closely(void **state)
{
	struct text unit = LIT("a-b-c@d.socket");

	(void)state;
	for (size_t i = 1; i < N_OF(owner_rows); i++)
		assert_true(unit_path_closeness(unit, text_of(owner_rows[i - 1])) >
			    unit_path_closeness(unit, text_of(owner_rows[i])));
	assert_int_equal(unit_path_closeness(unit, LIT("socket")), 1);
	for (size_t i = 0; i < N_OF(other_owner_rows); i++) {
		if (unit_path_closeness(unit, text_of(other_owner_rows[i])))
			fail_msg("%s", other_owner_rows[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_directories_decide_which_file_counts),
		cmocka_unit_test(a_drop_in_names_its_unit_more_or_less_closely),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Files that were written and packages that were installed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "core/base/time.h"
#include "core/logs/changes.h"
#include "tests/unit/items.h"

#define NOW INT64_C(1795341600) /* 2026-11-22T10:00:00Z */

static struct change_table *table_of(const struct bundle_item *items, size_t n, int result)
{
	uint8_t bytes[4096];
	size_t len = items_put(bytes, sizeof(bytes), items, n);
	struct change_decoder *d = changes_new(3600);
	struct change_table *t;

	assert_int_equal(changes_decode(d, bytes, len), result);
	t = changes_finish(d);
	assert_non_null(t);
	changes_free(d);
	return t;
}

static const struct bundle_item items[] = {
	ITEM("mtime:/etc/nftables.conf", "1795341500000000001\n"),
	ITEM_ERROR("mtime:/etc/iptables", ENOENT),
	ITEM("pid:812:mtime:/etc/nginx/nginx.conf", "1795341606000000000"),
	ITEM("dpkg", "2 10:00:00 upgrade cut:amd64 1 2\n"
		     "2026-11-22 11:00:00 startup archives unpack\n"
		     "2026-11-22 11:00:01 upgrade nginx:amd64 1.0-1 1.1-1\n"
		     "2026-11-22 11:00:01 status half-configured nginx:amd64 1.0-1\n"
		     "2026-11-22 11:00:02 install ufw:all <none> 0.36\n"
		     "2026-11-22 11:00:03 remove ufw:all 0.36 <none>\n"
		     "2026-11-22 11:00:04 upgrade curl:amd64 8 8\n"
		     "2026-11-22 11:00:05 install half:amd64 <none> 1."),
	ITEM("rpm",
	     "2026-11-22T10:00:05+0000 SUBDEBUG Upgrade: nginx-1:1.20.1-1.el9.x86_64\n"
	     "2026-11-22T10:00:05+0000 SUBDEBUG Upgraded: nginx-1:1.20.0-1.el9.x86_64\n"),
	ITEM("elsewhere", "1"),
};

static const struct {
	int64_t wall_ns;
	const char *what, *source;
	int32_t pid;
} rows[] = {
	{(NOW + 6) * NS_PER_S, "/etc/nginx/nginx.conf written", "mtime", 812},
	{(NOW + 5) * NS_PER_S, "nginx-1:1.20.1-1.el9.x86_64 upgraded",
	 "/var/log/dnf.rpm.log", 0},
	{(NOW + 4) * NS_PER_S, "curl 8 installed again", "/var/log/dpkg.log", 0},
	{(NOW + 3) * NS_PER_S, "ufw 0.36 removed", "/var/log/dpkg.log", 0},
	{(NOW + 2) * NS_PER_S, "ufw 0.36 installed", "/var/log/dpkg.log", 0},
	{(NOW + 1) * NS_PER_S, "nginx 1.0-1 -> 1.1-1 upgraded", "/var/log/dpkg.log", 0},
	{(NOW - 100) * NS_PER_S + 1, "/etc/nftables.conf written", "mtime", 0},
};

static void changes_are_told_from_the_newest_on(void **state)
{
	struct change_table *t = table_of(items, N_OF(items), 0);

	(void)state;
	assert_int_equal(t->n, N_OF(rows));
	for (size_t i = 0; i < t->n; i++) {
		assert_text("what", t->rows[i].what, rows[i].what);
		assert_text("source", t->rows[i].source, rows[i].source);
		assert_int_equal(t->rows[i].wall_ns, rows[i].wall_ns);
		assert_int_equal(t->rows[i].pid, rows[i].pid);
	}
	table_unref(t);
}

static void damaged_items_leave_the_others(void **state)
{
	static const struct bundle_item damaged[] = {
		ITEM("mtime:/etc/a", "yesterday"),
		ITEM("mtime:", "5"),
		ITEM("mtime:/etc/b", "99999999999999999999"),
		ITEM("mtime:/etc/c", "7"),
		ITEM("pid:x:mtime:/etc/d", "7"),
	};
	struct change_table *t = table_of(damaged, N_OF(damaged), -EBADMSG);

	(void)state;
	assert_int_equal(t->n, 1);
	assert_text("c", t->rows[0].what, "/etc/c written");
	table_unref(t);
}

static void kept_files_are_told_as_they_stand(void **state)
{
	static const struct bundle_item kept[] = {
		ITEM("file:/etc/firewalld/zones/work.xml", "<zone></zone>"),
		ITEM("mtime:/etc/c", "7"),
		ITEM_ERROR("file:/etc/firewalld/services", EACCES),
		ITEM("file:/etc/firewalld/zones/long.xml", "<zone>"),
		ITEM("file:/etc/firewalld/zones/long.xml", "</zone>"),
	};
	struct change_table *t = table_of(kept, N_OF(kept), 0);

	(void)state;
	assert_int_equal(t->n, 1);
	assert_int_equal(t->n_files, 3);
	assert_text("path", t->files[0].path, "/etc/firewalld/services");
	assert_int_equal(t->files[0].error, EACCES);
	assert_int_equal(t->files[1].error, EMSGSIZE);
	assert_int_equal(t->files[1].bytes.len, 0);
	assert_text("bytes", t->files[2].bytes, "<zone></zone>");
	table_unref(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_told_from_the_newest_on),
		cmocka_unit_test(damaged_items_leave_the_others),
		cmocka_unit_test(kept_files_are_told_as_they_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Control group paths: each is the unit and the container that systemd and the engines mean
 * by it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/sockets/owners.h"
#include "tests/unit/fixture.h"
#include "tests/unit/items.h"

#define ID   "3f2ab04c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708"
#define ID2  "0000b04c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708"
#define POD  "kubepods-burstable-podc0ffee00_1111_2222_3333_444455556666"
#define USER "/user.slice/user-1000.slice/user@1000.service"

struct path_row {
	const char *path;
	const char *unit;
	bool is_user;
	const char *engine;
	const char *container;
};

static const struct path_row path_rows[] = {
	/* systemd */
	{"/", "", false, "", ""},
	{"", "", false, "", ""},
	{"/init.scope", "init.scope", false, "", ""},
	{"/system.slice", "", false, "", ""},
	{"/system.slice/nginx.service", "nginx.service", false, "", ""},
	{"/system.slice/nginx.service (deleted)", "nginx.service", false, "", ""},
	{"/../../system.slice/nginx.service", "nginx.service", false, "", ""},
	{"/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", false,
	 "", ""},
	{"/system.slice/dev-disk-by\\x2dlabel-a.swap", "dev-disk-by\\x2dlabel-a.swap",
	 false, "", ""},
	{"/system.slice/_cpu.service", "cpu.service", false, "", ""},
	{"/system.slice/cups.socket", "cups.socket", false, "", ""},
	{"/system.slice/a.service/b.service", "a.service", false, "", ""},
	{"/system.slice/a.service/init.scope", "a.service", false, "", ""},
	{"/system.slice/.service", "", false, "", ""},
	{"/user.slice/user-1000.slice/session-3.scope", "session-3.scope", false, "", ""},
	{USER, "user@1000.service", false, "", ""},
	{USER "/init.scope", "init.scope", true, "", ""},
	{USER "/app.slice/foo.service", "foo.service", true, "", ""},
	{USER "/app.slice/app-org.term.slice/vte-spawn-1.scope", "vte-spawn-1.scope", true,
	 "", ""},
	{USER "/app.slice/a.service/b.service", "a.service", true, "", ""},
	{"/machine.slice/machine-qemu\\x2d1\\x2ddb.scope",
	 "machine-qemu\\x2d1\\x2ddb.scope", false, "", ""},
	/* docker */
	{"/docker/" ID, "", false, "docker", "3f2ab04c5d6e"},
	{"/docker/" ID "/sub", "", false, "docker", "3f2ab04c5d6e"},
	{"/docker/buildkit/x", "", false, "", ""},
	{"/system.slice/docker-" ID ".scope", "", false, "docker", "3f2ab04c5d6e"},
	{"/apps.slice/docker-" ID ".scope/init.scope", "init.scope", false, "docker",
	 "3f2ab04c5d6e"},
	{"/system.slice:docker:" ID, "", false, "docker", "3f2ab04c5d6e"},
	{USER "/user.slice/docker-" ID ".scope", "", false, "docker", "3f2ab04c5d6e"},
	{"/system.slice/docker.service", "docker.service", false, "", ""},
	{"/system.slice/docker-registry.service", "docker-registry.service", false, "", ""},
	{"/system.slice/docker-cafe.scope", "docker-cafe.scope", false, "", ""},
	{"/system.slice/docker-" ID "g.scope", "docker-" ID "g.scope", false, "", ""},
	/* podman */
	{"/machine.slice/libpod-" ID ".scope", "", false, "podman", "3f2ab04c5d6e"},
	{"/machine.slice/libpod-" ID ".scope/container", "", false, "podman",
	 "3f2ab04c5d6e"},
	{"/machine.slice/libpod-conmon-" ID ".scope", "", false, "podman", "3f2ab04c5d6e"},
	{"/libpod_parent/libpod-" ID, "", false, "podman", "3f2ab04c5d6e"},
	{"/libpod_parent/conmon", "", false, "", ""},
	{USER "/user.slice/libpod-" ID ".scope", "", false, "podman", "3f2ab04c5d6e"},
	{"/system.slice/web.service/libpod-payload-" ID, "web.service", false, "podman",
	 "3f2ab04c5d6e"},
	{USER "/app.slice/web.service/libpod-payload-" ID, "web.service", true, "podman",
	 "3f2ab04c5d6e"},
	/* kubernetes */
	{"/kubepods/burstable/podc0ffee00-1111-2222-3333-444455556666/" ID, "", false,
	 "cri", "3f2ab04c5d6e"},
	{"/kubepods/podc0ffee00/" ID, "", false, "cri", "3f2ab04c5d6e"},
	{"/kubepods.slice/kubepods-burstable.slice/" POD ".slice/cri-containerd-" ID
	 ".scope",
	 "", false, "cri", "3f2ab04c5d6e"},
	{"/kubepods.slice/" POD ".slice/crio-" ID ".scope", "", false, "cri",
	 "3f2ab04c5d6e"},
	{"/kubepods.slice/" POD ".slice/crio-conmon-" ID ".scope", "", false, "cri",
	 "3f2ab04c5d6e"},
	{"/kubepods.slice/" POD ".slice/docker-" ID ".scope", "", false, "docker",
	 "3f2ab04c5d6e"},
	{"/system.slice/containerd.service/" POD ".slice:cri-containerd:" ID,
	 "containerd.service", false, "cri", "3f2ab04c5d6e"},
	{"/kubepods/podc0ffee00", "", false, "", ""},
	{"/default/" ID, "", false, "", ""},
	/* lxc */
	{"/lxc/mail", "", false, "lxc", "mail"},
	{"/lxc/101/ns/system.slice/smtp.service", "smtp.service", false, "lxc", "101"},
	{"/lxc.payload.mail", "", false, "lxc", "mail"},
	{"/lxc.payload.mail/system.slice/smtp.service", "smtp.service", false, "lxc",
	 "mail"},
	{"/lxc.payload/mail/init.scope", "init.scope", false, "lxc", "mail"},
	{"/lxc.monitor.mail", "", false, "", ""},
	{"/machine.slice/machine-lxc\\x2d12\\x2dmail\\x2dout.scope", "", false, "lxc",
	 "mail\\x2dout"},
	/* systemd-nspawn */
	{"/machine.slice/machine-build\\x2dbox.scope", "", false, "nspawn",
	 "build\\x2dbox"},
	{"/machine.slice/systemd-nspawn@build.service", "", false, "nspawn", "build"},
	{"/machine.slice/systemd-nspawn@build.service/supervisor", "", false, "nspawn",
	 "build"},
	{"/machine.slice/systemd-nspawn@build.service/payload/system.slice/sshd.service",
	 "sshd.service", false, "nspawn", "build"},
	{"/machine.slice/systemd-nspawn@build.service/payload" USER "/app.slice/a.service",
	 "a.service", true, "nspawn", "build"},
	{"/machine.slice/machine-lxc\\x2d.scope", "machine-lxc\\x2d.scope", false, "", ""},
	{"/machine.slice/machine-lxc\\x2d1.scope", "machine-lxc\\x2d1.scope", false, "",
	 ""},
	{"/lxc.payload.", "", false, "", ""},
	{"/machine.slice/machine-.scope", "machine-.scope", false, "", ""},
	/* the outer container is the one that this host knows */
	{"/lxc.payload.mail/docker/" ID, "", false, "lxc", "mail"},
	{"/lxc.payload.mail/system.slice/docker-" ID ".scope", "", false, "lxc", "mail"},
	{"/docker/" ID "/kubelet.slice/kubepods.slice/cri-containerd-" ID2 ".scope", "",
	 false, "docker", "3f2ab04c5d6e"},
};

struct file_row {
	const char *file;
	const char *unit;
	const char *container;
};

static const struct file_row file_rows[] = {
	{"0::/system.slice/a.service\n", "a.service", ""},
	{"0::/system.slice/a.service", "a.service", ""},
	{"1:name=systemd:/system.slice/b.service\n0::/system.slice/a.service\n",
	 "a.service", ""},
	{"4:memory:/docker/" ID "\n1:name=systemd:/system.slice/b.service\n0::/\n",
	 "b.service", ""},
	{"12:pids:/docker/" ID "\n11:cpu,cpuacct:/docker/" ID "\n0::/\n", "",
	 "3f2ab04c5d6e"},
	{"4:memory:/user.slice\n3:pids:/system.slice/c.service\n1:name=systemd:/\n",
	 "c.service", ""},
	{"0::/a:b/system.slice/x:y.service\n", "x:y.service", ""},
	{"0:memory:/system.slice/c.service\n1:name=systemd:/system.slice/b.service\n",
	 "b.service", ""},
	{"0::/:3f2ab04c5d6e\n", "", ""},
	{"0::/system.slice/:3f2ab04c5d6e.scope\n", ":3f2ab04c5d6e.scope", ""},
	{"", "", ""},
	{"\n\n", "", ""},
	{"0:", "", ""},
	{"0::", "", ""},
	{"nothing of this kind", "", ""},
	{"/system.slice/a.service\n", "", ""},
	{"9:name=systemd:/\n8:pids:/\n4:memory:/\n0::/\n", "", ""},
};

static void a_path_stands_for_a_unit_and_a_container(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(path_rows); i++) {
		const struct path_row *row = &path_rows[i];
		char file[512];
		struct cgroup_names names;

		snprintf(file, sizeof(file), "0::%s\n", row->path);
		names = cgroup_names_of(text_of(file));
		assert_text(row->path, names.unit, row->unit);
		assert_text(row->path, names.engine, row->engine);
		assert_text(row->path, names.container, row->container);
		if (names.is_user_unit != row->is_user)
			fail_msg("%s: is_user_unit %d", row->path, names.is_user_unit);
	}
}

static void the_unified_line_comes_first_then_that_of_systemd_then_any(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(file_rows); i++) {
		const struct file_row *row = &file_rows[i];
		struct cgroup_names names = cgroup_names_of(text_of(row->file));

		assert_text(row->file, names.unit, row->unit);
		assert_text(row->file, names.container, row->container);
	}
}

static void the_lines_of_a_real_host_are_understood(void **state)
{
	struct fixture f = fixture_read("owners.bundle");
	struct bundle_item items[ITEMS_MAX];
	size_t n = items_of(f.bytes, f.len, items), n_units = 0, n_containers = 0;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct cgroup_names names = cgroup_names_of(items[i].data);

		if (!text_contains_nocase(items[i].name, LIT("/cgroup")))
			continue;
		n_units += !text_is_empty(names.unit);
		n_containers += !text_is_empty(names.container);
	}
	assert_int_equal(n_units, 6);
	assert_int_equal(n_containers, 4);
	fixture_release(&f);
}

static void a_line_cut_anywhere_is_read_within_its_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(path_rows); i++) {
		char file[512];
		int len = snprintf(file, sizeof(file), "0::%s", path_rows[i].path);

		for (size_t cut = 0; cut <= (size_t)len; cut++) {
			uint8_t *at;
			void *memory = fixture_copy(file, cut, 0, &at);
			struct cgroup_names names =
				cgroup_names_of((struct text){(char *)at, cut});

			assert_true(names.unit.len <= cut);
			assert_true(names.container.len <= cut);
			free(memory);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_stands_for_a_unit_and_a_container),
		cmocka_unit_test(
			the_unified_line_comes_first_then_that_of_systemd_then_any),
		cmocka_unit_test(the_lines_of_a_real_host_are_understood),
		cmocka_unit_test(a_line_cut_anywhere_is_read_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

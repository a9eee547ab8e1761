/* How systemd's units are, as systemctl(1) tells it. Does not know what that means. */
#include <errno.h>
#include <unistd.h>

#include "core/host/read/evidence.h"
#include "core/host/read/program_run.h"

#define TIMEOUT_MS 1200
#define OUTPUT_MAX (4 << 20)

int unit_states_read(struct bundle_out *out)
{
	char path[32];
	const char *const argv[] = {
		program_find("systemctl", path),
		"show",
		"--no-pager",
		"-p",
		"Id,ActiveState,SubState,Result,NRestarts,ExecMainCode,ExecMainStatus,"
		"MainPID,Triggers,Listen",
		"--",
		"*.service",
		"*.socket",
		NULL};

	/* sd_booted(3) */
	if (!argv[0] || access("/run/systemd/system", F_OK))
		return -ENOPKG;
	return program_run(argv, "units", TIMEOUT_MS, OUTPUT_MAX, out);
}

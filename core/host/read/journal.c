/* The journal, as journalctl(1) tells it. Does not read its files itself, and does not know
 * what lines say. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/read/logs.h"
#include "core/host/read/program_run.h"

#define TIMEOUT_MS 1800
#define OUTPUT_MAX (4 << 20)
/* What may still hold: of a day, only what is a warning or worse. */
#define EARLIER_S   INT64_C(86400)
#define EARLIER_MS  500
#define EARLIER_MAX (1 << 20)

/* Without the right journalctl tells our own lines and hides the system's. */
static int hidden_error(void)
{
	static const char *const patterns[] = {"/run/log/journal/*/system.journal",
					       "/var/log/journal/*/system.journal"};
	int error = 0;

	for (size_t i = 0; i < 2; i++) {
		glob_t found;

		if (glob(patterns[i], GLOB_NOSORT, NULL, &found))
			continue;
		for (size_t j = 0; j < found.gl_pathc; j++)
			if (faccessat(AT_FDCWD, found.gl_pathv[j], R_OK, AT_EACCESS))
				error = errno;
		globfree(&found);
	}
	return error;
}

static bool is_there(void)
{
	return !access("/run/log/journal", F_OK) || !access("/var/log/journal", F_OK);
}

static void write_time(char out[24], int64_t wall_s)
{
	snprintf(out, 24, "@%" PRId64, wall_s);
}

static void read_since(const char *program, int64_t since_s, struct bundle_out *out)
{
	char since[24];
	const char *const argv[] = {program,   "-o",  "json", "--no-pager", "-q",
				    "--since", since, "-n",   "4000",       NULL};

	write_time(since, since_s);
	program_run(argv, "journal", TIMEOUT_MS, OUTPUT_MAX, out);
}

static void read_earlier(const char *program, int64_t until_s, struct bundle_out *out)
{
	char since[24], until[24];
	const char *const argv[] = {program,   "-o",  "json",    "--no-pager", "-q",
				    "--since", since, "--until", until,        "-p",
				    "warning", "-n",  "1000",    NULL};

	write_time(since, until_s - EARLIER_S);
	write_time(until, until_s);
	/* Behind what was cut within a line. */
	bundle_out_item(out, "journal", "\n", 1, 0);
	program_run(argv, "journal", EARLIER_MS, EARLIER_MAX, out);
}

int journal_read(const struct past_ask *ask, struct bundle_out *out)
{
	int64_t since_s = ask->since_wall_ns / NS_PER_S;
	char path[32];
	const char *program = program_find("journalctl", path);
	int hidden;

	if (!program || !is_there())
		return bundle_out_item(out, "journal", NULL, 0, ENOENT);
	read_since(program, since_s, out);
	read_earlier(program, since_s, out);
	hidden = hidden_error();
	if (hidden)
		bundle_out_item(out, "journal", NULL, 0, hidden);
	return out->error;
}

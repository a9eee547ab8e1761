/* Log lines of a moment, and which of them say something of port 443. */
#ifndef TESTS_UNIT_LOG_LINE_H
#define TESTS_UNIT_LOG_LINE_H

#include "core/base/time.h"
#include "core/logs/match.h"

#define NOW (INT64_C(1795341600) * NS_PER_S)

/* The line is a message of: K the kernel, I process 1, B fail2ban, P a program, O the
 * owner, U the owner's unit, F a file that the owner holds. */
static inline struct log_line line_of(char who, const char *message)
{
	struct log_line line = {.wall_ns = NOW, .kind = LOG_JOURNAL, .priority = 255};

	line.text = line.message = text_of(message);
	line.source = text_of("journal");
	line.from_kernel = who == 'K';
	line.from_init = who == 'I';
	line.pid = who == 'O' ? 812 : 900;
	line.holder = who == 'F' ? 812 : 0;
	if (who == 'U')
		line.unit = text_of("web.service");
	if (who == 'B')
		line.unit = text_of("fail2ban.service");
	return line;
}

static inline size_t match(const struct log_line *rows, size_t n,
			   const struct log_wanted *changed, struct log_match *out,
			   size_t room)
{
	static const int32_t pids[] = {811, 812};
	struct addr clients[2] = {0};
	struct log_table t = {.rows = (struct log_line *)rows, .n = n};
	struct log_wanted w = {.from_ns = NOW - NS_PER_S,
			       .to_ns = NOW + NS_PER_S,
			       .clients = {clients, 2},
			       .netns = 4026531840,
			       .port = 443,
			       .proto = 6,
			       .pids = pids,
			       .n_pids = 2,
			       .unit = text_of("web.service"),
			       .comm = text_of("web")};

	assert_int_equal(addr_parse(&clients[0], "10.0.0.9"), 0);
	assert_int_equal(addr_parse(&clients[1], "2001:db8::9"), 0);
	return logs_match(&t, changed ? changed : &w, out, room);
}

#endif

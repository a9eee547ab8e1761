/* Lines of the kernel's log and of files -> rows. The journal's are in journal.c. */
#include "core/logs/parse.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "core/base/pieces.h"
#include "core/base/time.h"

#define TAG_MAX 48 /* RFC 5424: APP-NAME */
/* The kernel's clock runs away by 20 of a million at most. */
#define KMSG_DRIFT_PART 50000

int parse_keep(struct arena *texts, struct text t, struct text *out)
{
	struct text kept;

	if (t.len > LOG_TEXT_MAX) {
		t.len = LOG_TEXT_MAX;
		for (int i = 0; i < 3 && (t.bytes[t.len] & 0xc0) == 0x80; i++)
			t.len--;
	}
	kept = arena_text(texts, t);
	if (kept.len != t.len)
		return -ENOMEM;
	*out = kept;
	return 0;
}

static size_t tag_length(struct text t)
{
	size_t n = 0;

	while (n < t.len && n < TAG_MAX && (unsigned char)t.bytes[n] > ' ' &&
	       (unsigned char)t.bytes[n] < 0x7f && !strchr("[]:\"", t.bytes[n]))
		n++;
	return n;
}

/*
 * "sshd[812]: message", "kernel: message" (needs_pid: only with "[pid]") -> *tag, *pid (0:
 * none), *message; untouched if text does not begin so.
 */
static bool read_tag(struct text t, bool needs_pid, struct text *tag, int32_t *pid,
		     struct text *message)
{
	size_t n = tag_length(t);
	struct text rest = piece_tail(t, n), behind = rest;
	uint64_t number = 0;

	scan_blanks(&behind);
	if (scan_literal(&behind, "[") && piece_number(&behind, INT32_MAX, &number) &&
	    scan_literal(&behind, "]"))
		rest = behind;
	else if (needs_pid)
		return false;
	if (!n || !scan_literal(&rest, ":"))
		return false;
	scan_blanks(&rest);
	*tag = piece_head(t, n);
	*pid = (int32_t)number;
	*message = rest;
	return true;
}

/* "6,339,5140900,-" */
static bool read_kmsg_head(struct text *line, uint64_t *priority, uint64_t *boot_us)
{
	uint64_t sequence;
	size_t semicolon;

	if (!piece_number(line, UINT16_MAX, priority) || !scan_literal(line, ",") ||
	    !piece_number(line, UINT64_MAX, &sequence) || !scan_literal(line, ",") ||
	    !piece_number(line, INT64_MAX / 4000, boot_us) || !scan_literal(line, ","))
		return false;
	semicolon = scan_find(*line, ";");
	if (semicolon == SCAN_NOWHERE)
		return false;
	*line = piece_tail(*line, semicolon + 1);
	return true;
}

int parse_kmsg(struct text line, struct arena *texts, struct log_line *out,
	       uint64_t *boot_us)
{
	struct log_line row = {.kind = LOG_KERNEL, .source = text_of("kernel")};
	uint64_t priority;

	if (!line.len || line.bytes[0] == ' ')
		return 0;
	if (!read_kmsg_head(&line, &priority, boot_us))
		return -EBADMSG;
	row.from_kernel = priority >> 3 == 0; /* programs are given facility 1 and more */
	row.priority = priority & 7;
	row.slack_ns = NS_PER_S + (int64_t)(*boot_us * 1000 / KMSG_DRIFT_PART);
	if (parse_keep(texts, line, &row.text) < 0)
		return -ENOMEM;
	row.message = row.text;
	if (!row.from_kernel && read_tag(row.text, false, &row.tag, &row.pid, &row.message))
		row.from_init = row.pid == 1 && text_equals_str(row.tag, "systemd");
	*out = row;
	return 1;
}

/* Written by the system's logger alone, so that a tag in it is the logger's word. */
static bool is_system_log(struct text path)
{
	static const char *const names[] = {
		"syslog",   "messages",     "kern.log",    "ufw.log",
		"firewall", "firewall.log", "firewalld",   "iptables.log",
		"warn",     "debug",        "auth.log",    "daemon.log",
		"secure",   "user.log",     "mail.log",    "maillog",
		"cron",     "cron.log",     "haproxy.log", "everything.log",
	};

	if (!scan_literal(&path, "/var/log/"))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (text_equals_str(path, names[i]))
			return true;
	return false;
}

/* A word that tells how bad it is: "[error]", "[core:crit]", "level=error", "FATAL:". */
static uint8_t priority_of_word(struct text word)
{
	static const struct {
		const char *word;
		uint8_t priority;
	} levels[] = {
		{"emerg", 0},   {"alert", 1},  {"crit", 2}, {"critical", 2}, {"fatal", 2},
		{"panic", 2},   {"error", 3},  {"err", 3},  {"severe", 3},   {"warn", 4},
		{"warning", 4}, {"notice", 5}, {"info", 6}, {"log", 6},      {"debug", 7},
	};

	while (word.len && memchr("]:,\"", word.bytes[word.len - 1], 4))
		word.len--;
	for (size_t i = word.len; i-- > 0;) {
		if (memchr("[:=\"", word.bytes[i], 4)) {
			word = piece_tail(word, i + 1);
			break;
		}
	}
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
		size_t n = strlen(levels[i].word);

		if (word.len == n && !strncasecmp(word.bytes, levels[i].word, n))
			return levels[i].priority;
	}
	return LOG_PRIORITY_ANY;
}

/* Of one of the first four words. */
static uint8_t priority_of(struct text message)
{
	uint8_t priority = LOG_PRIORITY_ANY;
	struct text word;

	for (int i = 0; i < 4 && priority == LOG_PRIORITY_ANY; i++) {
		if (!scan_word(&message, &word))
			break;
		priority = priority_of_word(word);
	}
	return priority;
}

/* "host sshd[812]: ...": without the host, if a program stands behind it. */
static struct text without_host(struct text t)
{
	struct text rest = t, host, tag, message;
	int32_t pid;

	if (!scan_word(&rest, &host))
		return t;
	scan_blanks(&rest);
	return read_tag(rest, false, &tag, &pid, &message) ? rest : t;
}

/* "[12345.678901] IN=eth0": printk's own time. */
static struct text without_printk_time(struct text t)
{
	struct text rest = t;
	uint64_t n;

	if (!scan_literal(&rest, "["))
		return t;
	scan_blanks(&rest);
	if (!piece_number(&rest, UINT64_MAX, &n) || !scan_literal(&rest, ".") ||
	    !piece_number(&rest, UINT64_MAX, &n) || !scan_literal(&rest, "]"))
		return t;
	scan_blanks(&rest);
	return rest;
}

static void read_program(struct log_line *row, bool is_trusted, bool is_syslog)
{
	int32_t pid = 0;

	row->message = row->text;
	if (!read_tag(row->text, !is_syslog, &row->tag, &pid, &row->message))
		return;
	if (pid)
		row->pid = pid;
	row->from_kernel = is_trusted && !pid && text_equals_str(row->tag, "kernel");
	row->from_init = is_trusted && pid == 1 && text_equals_str(row->tag, "systemd");
	if (row->from_kernel)
		row->message = without_printk_time(row->message);
}

int parse_file(struct text line, struct text path, int32_t holder,
	       const struct stamp_clock *clock, struct arena *texts, struct log_line *out)
{
	struct log_line row = {
		.kind = LOG_FILE, .source = path, .pid = holder, .holder = holder};
	struct stamp stamp;
	bool is_trusted = !holder && is_system_log(path);
	bool is_syslog = false;

	line = piece_strip(line);
	if (!line.len)
		return 0;
	if (stamp_read(&line, clock, &stamp)) {
		row.wall_ns = stamp.wall_ns;
		row.slack_ns = stamp.slack_ns;
		is_syslog = stamp.form == STAMP_SYSLOG ||
			    (stamp.form == STAMP_ISO && is_trusted);
	}
	if (is_syslog)
		line = without_host(line);
	if (parse_keep(texts, line, &row.text) < 0)
		return -ENOMEM;
	read_program(&row, is_trusted && is_syslog, is_syslog);
	row.priority = priority_of(row.message);
	*out = row;
	return 1;
}

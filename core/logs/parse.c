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
	/* Only root writes there. */
	row.is_attested = true;
	if (!row.from_kernel && read_tag(row.text, false, &row.tag, &row.pid, &row.message))
		row.from_init = row.pid == 1 && text_equals_str(row.tag, "systemd");
	*out = row;
	return 1;
}

/* "/var/log/syslog.1.gz" -> "/var/log/syslog", "/var/log/messages-20261122.xz" ->
 * "/var/log/messages". logrotate(8) */
static struct text unturned(struct text path)
{
	static const char *const packed[] = {".gz", ".xz", ".zst"};
	size_t n;

	for (size_t i = 0; i < sizeof(packed) / sizeof(*packed); i++)
		if (piece_ends(path, packed[i]))
			path.len -= strlen(packed[i]);
	n = path.len;
	while (n && path.bytes[n - 1] >= '0' && path.bytes[n - 1] <= '9')
		n--;
	if (n && n < path.len && (path.bytes[n - 1] == '.' || path.bytes[n - 1] == '-'))
		path.len = n - 1;
	return path;
}

/* Of the system's logger: who writes there chooses his tag. */
static bool is_system_log(struct text path)
{
	static const char *const names[] = {
		"syslog",   "messages",     "kern.log",    "ufw.log",
		"firewall", "firewall.log", "firewalld",   "iptables.log",
		"warn",     "debug",        "auth.log",    "daemon.log",
		"secure",   "user.log",     "mail.log",    "maillog",
		"cron",     "cron.log",     "haproxy.log", "everything.log",
	};

	path = unturned(path);
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

static void read_program(struct log_line *row, bool is_syslog)
{
	int32_t pid = 0;

	row->message = row->text;
	if (!read_tag(row->text, !is_syslog, &row->tag, &pid, &row->message))
		return;
	if (pid)
		row->pid = pid;
	if (!pid && text_equals_str(row->tag, "kernel"))
		row->message = without_printk_time(row->message);
}

/*
 * "type=AVC msg=audit(1795341600.123:77): avc:  denied ...": the kernel's word; other types
 * hold what programs say. auditd.conf(5). False: it is no record of a denial.
 */
static bool read_audit(struct log_line *row)
{
	struct text rest = row->text;
	uint64_t seconds, ms;

	if (!scan_literal(&rest, "type=AVC msg=audit(") ||
	    !piece_number(&rest, INT64_MAX / NS_PER_S, &seconds) ||
	    !scan_literal(&rest, ".") || !piece_number(&rest, 999, &ms))
		return false;
	while (rest.len && rest.bytes[0] != ')')
		rest = piece_tail(rest, 1);
	if (!scan_literal(&rest, "): "))
		return false;
	row->wall_ns = (int64_t)seconds * NS_PER_S + (int64_t)ms * NS_PER_MS;
	row->message = rest;
	row->from_kernel = row->is_attested = true;
	return true;
}

static bool is_audit_log(struct text path)
{
	return text_equals_str(unturned(path), "/var/log/audit/audit.log");
}

/* ulogd(8): its plug-ins SYSLOGEMU and LOGEMU, which nobody else writes to. */
static bool is_packet_log(struct text path)
{
	return piece_starts(path, "/var/log/ulog");
}

/* "host PREFIX IN=eth0 ...": the prefix is a rule's, no program's name. */
static void read_packet(struct log_line *row)
{
	struct text rest = row->text, host;

	if (scan_word(&rest, &host) && !piece_starts(host, "IN="))
		scan_blanks(&rest);
	else
		rest = row->text;
	row->message = rest;
	row->from_netfilter = row->is_attested = true;
}

static int keep_line(struct text line, struct arena *texts, struct log_line *row)
{
	line = piece_strip(line);
	return line.len ? parse_keep(texts, line, &row->text) : 0;
}

/* Files whose lines are of the kernel. 1, 0 or -ENOMEM. */
static int parse_kernel_file(struct text line, bool is_audit,
			     const struct stamp_clock *clock, struct arena *texts,
			     struct log_line *out)
{
	struct log_line row = *out;
	struct stamp stamp;
	int error;

	row.holder = row.pid = 0;
	if (!is_audit && stamp_read(&line, clock, &stamp)) {
		row.wall_ns = stamp.wall_ns;
		row.slack_ns = stamp.slack_ns;
	}
	error = keep_line(line, texts, &row);
	if (error || !row.text.len)
		return error;
	if (!is_audit)
		read_packet(&row);
	else if (!read_audit(&row))
		return 0;
	*out = row;
	return 1;
}

int parse_file(struct text line, struct text path, int32_t holder,
	       const struct stamp_clock *clock, struct arena *texts, struct log_line *out)
{
	struct log_line row = {.kind = LOG_FILE,
			       .source = path,
			       .pid = holder,
			       .holder = holder,
			       .priority = LOG_PRIORITY_ANY};
	bool is_system = !holder && is_system_log(path), is_syslog = false;
	struct stamp stamp;

	line = piece_strip(line);
	if (!line.len)
		return 0;
	if (!holder && (is_audit_log(path) || is_packet_log(path))) {
		*out = row;
		return parse_kernel_file(line, is_audit_log(path), clock, texts, out);
	}
	if (stamp_read(&line, clock, &stamp)) {
		row.wall_ns = stamp.wall_ns;
		row.slack_ns = stamp.slack_ns;
		is_syslog = stamp.form == STAMP_SYSLOG ||
			    (stamp.form == STAMP_ISO && is_system);
	}
	if (is_syslog)
		line = without_host(line);
	if (parse_keep(texts, line, &row.text) < 0)
		return -ENOMEM;
	read_program(&row, is_syslog);
	row.is_attested = holder || !(is_system || is_syslog);
	row.priority = priority_of(row.message);
	*out = row;
	return 1;
}

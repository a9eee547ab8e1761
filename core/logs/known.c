/*
 * The sentences of the kernel, of systemd, of fail2ban and of common daemons. Their texts
 * are those of the programs' sources. A form that does not begin with %* is read from the
 * message's first letter, so that what a client sent, which stands further behind, is not
 * taken for it; one that does must end with the line, and is not looked for in access logs
 * and in what was cut.
 */
#include "core/logs/known.h"

#include "core/logs/scan.h"

#define OF_REASON   N_LOG_MEANINGS
#define NGINX       "[%w] %n#%n: "
#define APACHE      "[%w] [pid %c] "
#define ASYNCIO     "%*error while attempting to bind on address ('%a', %p): "
#define NO_TABLE    "table full, dropping packet"
#define NO_TABLE_IN "table full in netns %n, dropping packet"
#define UPSTREAM    "while connecting to upstream, client: %a,"

/* clang-format off */
#define KERNEL(form, meaning, fit, holds_on) \
	{form, LOG_MEANS_##meaning, KNOWN_KERNEL, fit, holds_on}
#define INIT(form, meaning) {form, LOG_MEANS_##meaning, KNOWN_INIT, FIT_UNIT, true}
#define BAN(form) {form, LOG_MEANS_BANNED, KNOWN_BANS, FIT_CLIENT, true}
#define BIND(form) {form, OF_REASON, KNOWN_PROGRAM, FIT_PORT_OR_OWNER, true}
#define FILES(form) \
	{form, LOG_MEANS_TOO_MANY_FILES, KNOWN_PROGRAM, FIT_PORT_OR_OWNER, false}
#define REFUSED(form) \
	{form, LOG_MEANS_REFUSED_BY_WRAPPER, KNOWN_PROGRAM, FIT_CLIENT, false}
#define PROXY(form, fit) {form, LOG_MEANS_UPSTREAM, KNOWN_PROGRAM, fit, false}

static const struct known sentences[] = {
	KERNEL("nf_conntrack: " NO_TABLE, TABLE_FULL, FIT_WINDOW, false),
	KERNEL("nf_conntrack: nf_conntrack: " NO_TABLE, TABLE_FULL, FIT_WINDOW, false),
	KERNEL("nf_conntrack: " NO_TABLE_IN, TABLE_FULL, FIT_WINDOW, false),
	KERNEL("nf_conntrack: nf_conntrack: " NO_TABLE_IN, TABLE_FULL, FIT_WINDOW, false),
	KERNEL("TCP: %w: Possible SYN flooding on port %e.", SYN_FLOOD, FIT_PORT, false),
	KERNEL("TCP: %w: Possible SYN flooding on port %p.", SYN_FLOOD, FIT_PORT, false),
	KERNEL("TCP: Possible SYN flooding on port %p.", SYN_FLOOD, FIT_PORT, false),
	KERNEL("possible SYN flooding on port %p.", SYN_FLOOD, FIT_PORT, false),
	KERNEL("IPv4: martian source %a from %a, on dev", MARTIAN, FIT_CLIENT, false),
	KERNEL("martian source %a from %a, on dev", MARTIAN, FIT_CLIENT, false),
	KERNEL("neighbour: %w: neighbor table overflow", NEIGHBOUR_FULL, FIT_WINDOW, false),
	KERNEL("%w: neighbor table overflow", NEIGHBOUR_FULL, FIT_WINDOW, false),
	KERNEL("%w: Neighbour table overflow", NEIGHBOUR_FULL, FIT_WINDOW, false),
	KERNEL("Neighbour table overflow", NEIGHBOUR_FULL, FIT_WINDOW, false),
	KERNEL("TCP: out of memory -- consider", OUT_OF_MEMORY, FIT_WINDOW, false),
	KERNEL("Out of memory: Killed process %i (%k)", OUT_OF_MEMORY, FIT_COMM, true),
	KERNEL("Out of memory: Kill process %i (%k)", OUT_OF_MEMORY, FIT_COMM, true),
	KERNEL("Memory cgroup out of memory: Killed process %i (%k)", OUT_OF_MEMORY, FIT_COMM, true),
	KERNEL("Memory cgroup out of memory: Kill process %i (%k)", OUT_OF_MEMORY, FIT_COMM, true),
	KERNEL("Killed process %i (%k)", OUT_OF_MEMORY, FIT_COMM, true),

	INIT("%u: A process of this unit has been killed by the OOM killer", OUT_OF_MEMORY),
	INIT("%u: Failed with result 'oom-kill'", OUT_OF_MEMORY),
	INIT("%u: Main process exited, code=exited, status=%N", UNIT_FAILED),
	INIT("%u: Main process exited, code=killed", UNIT_FAILED),
	INIT("%u: Main process exited, code=dumped", UNIT_FAILED),
	INIT("%u: Control process exited, code=exited, status=%N", UNIT_FAILED),
	INIT("%u: Start request repeated too quickly", UNIT_FAILED),
	INIT("%u: Failed with result '", UNIT_FAILED),
	INIT("%u: Unit entered failed state", UNIT_FAILED),
	INIT("%u: Failed at step ", UNIT_FAILED),
	INIT("Failed to start %u - ", UNIT_FAILED),
	INIT("Failed to start ", UNIT_FAILED),
	INIT("Failed to listen on ", UNIT_FAILED),
	{"%u: Failed to create listening socket (%e): %r", OF_REASON, KNOWN_INIT,
	 FIT_PORT_OR_OWNER, true},
	{"%u: Failed to listen on sockets: %r", OF_REASON, KNOWN_INIT, FIT_UNIT, true},

	BAN("NOTICE [%j] Ban %a%$"),
	BAN("NOTICE [%j] Restore Ban %a%$"),
	BAN("WARNING [%j] Ban %a%$"),
	BAN("[%j] Ban %a%$"),
	BAN("[%j] Restore Ban %a%$"),

	BIND(NGINX "bind() to %e failed (%n: %r)"),
	BIND("[%w] bind() to %e failed (%n: %r)"),
	BIND("nginx: [%w] bind() to %e failed (%n: %r)"),
	BIND("error: Bind to port %p on %a failed: %r"),
	BIND("(%n)%r: AH00072: make_sock: could not bind to address %e"),
	BIND(APACHE "(%n)%r: AH00072: make_sock: could not bind to address %e"),
	BIND("%*LOG: could not bind %w address \"%a\": %r%$"),
	BIND("%*LOG: could not bind %w socket: %r%$"),
	BIND("%*cannot bind socket (%r) for [%e]%$"),
	BIND("%*cannot bind socket (%r) [%e]%$"),
	BIND("%*listening socket for port %p: %r%$"),
	BIND("%*listening socket for %a: %r%$"),
	BIND("%*could not listen on %w socket: %r%$"),
	BIND("%*Bind on TCP/IP port: %r%$"),
	BIND("%*Bind on TCP/IP port. Got error: %n: %r%$"),
	BIND("%*TCP listening socket %e: bind: %r%$"),
	BIND("%*listen %w %e: bind: %r%$"),
	BIND("%*listen %w: %r %e%$"),
	BIND("%*bind: %r%$"),
	BIND("%*bind() failed: %r%$"),
	BIND("%*bind failed: %r%$"),
	BIND(ASYNCIO "[errno %n] %r%$"),
	BIND(ASYNCIO "%r%$"),
	BIND("%*[Errno 98] %r%$"),
	BIND("%*java.net.BindException: %r%$"),
	{"%*Port %p was already in use%$", LOG_MEANS_ADDRESS_IN_USE, KNOWN_PROGRAM, FIT_PORT,
	 true},

	FILES(NGINX "accept4() failed (24: Too many open files)"),
	FILES(NGINX "accept() failed (24: Too many open files)"),
	FILES(NGINX "*%n socket() failed (24: Too many open files)"),
	FILES("error: accept: Too many open files"),
	FILES("(24)Too many open files: "),
	FILES(APACHE "(24)Too many open files: "),
	FILES("Proxy %w reached process FD limit"),
	FILES("%*accept tcp %e: accept4: too many open files; retrying in %w%$"),
	FILES("%*accept tcp %e: accept4: too many open files%$"),
	FILES("%*Too many open files%$"),
	FILES("%*too many open files%$"),

	REFUSED("refused connect from %a"),
	REFUSED("refused connect from %w (%a)"),
	REFUSED("libwrap refused connection to %w (libwrap=%w) from %a"),

	PROXY(NGINX "*%n connect() failed (%n: %c) " UPSTREAM, FIT_CLIENT_OR_OWNER),
	PROXY(NGINX "*%n upstream timed out (%n: %c) " UPSTREAM, FIT_CLIENT_OR_OWNER),
	PROXY(NGINX "*%n no live upstreams " UPSTREAM, FIT_CLIENT_OR_OWNER),
	PROXY(APACHE "(%n)%c: AH00957: %w: attempt to connect to %w (%w) failed", FIT_OWNER),
	PROXY("Server %w is DOWN, reason: ", FIT_OWNER),
	PROXY("backend %w has no server available!", FIT_OWNER),
};

/* clang-format on */

/* A process that holds a file of this name may see another root. */
static bool is_banner(const struct log_line *line)
{
	return text_equals_str(line->unit, "fail2ban.service") ||
	       (!line->holder && text_equals_str(line->source, "/var/log/fail2ban.log"));
}

/* Its end is not that of the line: who wrote it chose where it was cut. */
static bool is_cut(const struct log_line *line)
{
	return line->text.len + 4 > LOG_TEXT_MAX;
}

static enum known_from from_of(const struct log_line *line)
{
	if (line->from_kernel)
		return KNOWN_KERNEL;
	if (line->from_init)
		return KNOWN_INIT;
	return is_banner(line) ? KNOWN_BANS : KNOWN_PROGRAM;
}

const struct known *known_find(const struct log_line *line, struct form_found *found)
{
	enum known_from from = from_of(line);
	bool is_front_only = is_cut(line) || scan_find(line->text, "HTTP/") != SCAN_NOWHERE;

	for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++) {
		const struct known *k = &sentences[i];

		if (k->from != from)
			continue;
		if (is_front_only && k->form[0] == '%' && k->form[1] == '*')
			continue;
		if (form_match(k->form, line->message, found))
			return k;
	}
	return NULL;
}

bool known_is_unban(const struct log_line *line, struct form_found *found)
{
	return is_banner(line) &&
	       (form_match("NOTICE [%j] Unban %a%$", line->message, found) ||
		form_match("[%j] Unban %a%$", line->message, found) ||
		form_match("WARNING [%j] Unban %a%$", line->message, found));
}

/*
 * The sentences of the kernel, of systemd, of fail2ban and of common daemons. Their texts
 * are those of the programs' sources. A form that does not begin with %* is read from the
 * message's first letter, so that what a client sent, which stands further behind, is not
 * taken for it; one that does must end with the line, and is not looked for in access logs
 * and in what was cut.
 */
#include "core/logs/known.h"

#include <errno.h>
#include <string.h>

#include "core/base/vec.h"
#include "core/logs/scan.h"
#include "core/logs/sift.h"

#define OF_REASON   N_LOG_MEANINGS
#define NGINX       "[%w] %n#%n: "
#define APACHE      "[%w] [pid %c] "
#define ASYNCIO     "%*error while attempting to bind on address ('%a', %p): "
#define NO_TABLE    "table full, dropping packet"
#define NO_TABLE_IN "table full in netns %s, dropping packet"
#define UPSTREAM    "while connecting to upstream, client: %a,"
#define POSTGRES    "[%n] FATAL: "
#define POSTGRES_OF "[%n] %w@%w FATAL: "
#define AUDIT       "audit: type=1400 audit(%w): "
#define SELINUX     "avc: denied "
#define APPARMOR    "apparmor=\"DENIED\" operation="

/* clang-format off */
#define KERNEL(form, meaning, fit, holds_on) \
	{form, LOG_MEANS_##meaning, KNOWN_KERNEL, fit, holds_on}
#define DENIED(form) \
	{form, LOG_MEANS_BIND_FORBIDDEN, KNOWN_KERNEL, FIT_PORT_OR_COMM, true}
#define DENIAL(form) DENIED(form), DENIED("AVC " form), DENIED(AUDIT form)
#define LIMIT(form, fit) {form, LOG_MEANS_LIMIT_REACHED, KNOWN_PROGRAM, fit, false}
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
	KERNEL("Out of memory: Killed process %i (%k)", KILLED, FIT_COMM, true),
	KERNEL("Out of memory: Kill process %i (%k)", KILLED, FIT_COMM, true),
	KERNEL("Memory cgroup out of memory: Killed process %i (%k)", KILLED, FIT_COMM, true),
	KERNEL("Memory cgroup out of memory: Kill process %i (%k)", KILLED, FIT_COMM, true),
	KERNEL("Killed process %i (%k)", KILLED, FIT_COMM, true),

	DENIAL(SELINUX "{ name_bind } for pid=%i comm=\"%k\" src=%p "),
	DENIAL(SELINUX "{ net_bind_service } for pid=%i comm=\"%k\" capability=10 "),
	DENIAL(APPARMOR "\"bind\" %*pid=%i comm=\"%k\" %*src=%p"),
	DENIAL(APPARMOR "\"bind\" %*pid=%i comm=\"%k\""),
	DENIAL(APPARMOR "\"capable\" %*pid=%i comm=\"%k\" capability=10 "),

	INIT("%u: A process of this unit has been killed by the OOM killer", KILLED),
	INIT("%u: Failed with result 'oom-kill'", KILLED),
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
	INIT("%u: Trigger limit hit, refusing further activation", UNIT_FAILED),
	{"%u: Too many incoming connections (%n), dropping connection", LOG_MEANS_LIMIT_REACHED,
	 KNOWN_INIT, FIT_UNIT, false},

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
	REFUSED("FAIL: %w address from=%a"),
	REFUSED("refused connection from %a"),
	REFUSED(POSTGRES "no pg_hba.conf entry for host \"%a\","),
	REFUSED(POSTGRES_OF "no pg_hba.conf entry for host \"%a\","),

	LIMIT("drop connection #%n from [%a]:%n on [%w]:%p past MaxStartups", FIT_CLIENT_PORT),
	LIMIT("error: beginning MaxStartups throttling", FIT_OWNER),
	LIMIT(POSTGRES "sorry, too many clients already", FIT_OWNER),
	LIMIT(POSTGRES_OF "sorry, too many clients already", FIT_OWNER),
	LIMIT(POSTGRES "remaining connection slots are reserved for", FIT_OWNER),
	LIMIT(POSTGRES_OF "remaining connection slots are reserved for", FIT_OWNER),
	LIMIT("%*Too many connections%$", FIT_OWNER),
	LIMIT("%*CONNECT: Client \"%a\", \"Connection refused: too many sessions%$", FIT_CLIENT),
	LIMIT("Connection from [%a] refused: too many connections", FIT_CLIENT),
	LIMIT("warning: Connection concurrency limit exceeded: %n from %c[%a] for service",
	      FIT_CLIENT),
	LIMIT("FAIL: %w service_limit from=%a", FIT_CLIENT),
	LIMIT("FAIL: %w per_source_limit from=%a", FIT_CLIENT),
	LIMIT("Proxy %w reached its configured maximum connection limit", FIT_OWNER),
	LIMIT(NGINX "%n worker_connections are not enough", FIT_OWNER),
	LIMIT(NGINX "*%n %n worker_connections are not enough", FIT_OWNER),
	LIMIT(APACHE "AH00161: server reached MaxRequestWorkers setting", FIT_OWNER),
	LIMIT(APACHE "AH00484: server reached MaxRequestWorkers setting", FIT_OWNER),
	LIMIT("%*connection refused because there are too many open connections: %n%$", FIT_OWNER),

	PROXY(NGINX "*%n connect() failed (%n: %c) " UPSTREAM, FIT_CLIENT_OR_OWNER),
	PROXY(NGINX "*%n upstream timed out (%n: %c) " UPSTREAM, FIT_CLIENT_OR_OWNER),
	PROXY(NGINX "*%n no live upstreams " UPSTREAM, FIT_CLIENT_OR_OWNER),
	PROXY(APACHE "(%n)%c: AH00957: %w: attempt to connect to %w (%w) failed", FIT_OWNER),
	PROXY("Server %w is DOWN, reason: ", FIT_OWNER),
	PROXY("backend %w has no server available!", FIT_OWNER),
};

/* clang-format on */

#define N_SENTENCES (sizeof(sentences) / sizeof(*sentences))

_Static_assert(N_SENTENCES <= SIFT_FORMS_MAX, "as many as can be sifted");

/* A process that holds a file of this name may see another root. */
static bool is_banner(const struct log_line *line)
{
	return text_equals_str(line->unit, "fail2ban.service") ||
	       (!line->holder && text_equals_str(line->source, "/var/log/fail2ban.log"));
}

/* Of an access log; or cut: its end is not that of the line, and who wrote it chose where.
 */
static bool is_front_only(const struct log_line *line)
{
	return line->text.len + 4 > LOG_TEXT_MAX ||
	       scan_find(line->text, "HTTP/") != SCAN_NOWHERE;
}

static enum known_from from_of(const struct log_line *line)
{
	if (line->from_kernel)
		return KNOWN_KERNEL;
	if (line->from_init)
		return KNOWN_INIT;
	return is_banner(line) ? KNOWN_BANS : KNOWN_PROGRAM;
}

/* Its first letters are not those of the line: it may begin anywhere. */
static bool is_anywhere(const struct known *k)
{
	return k->form[0] == '%' && k->form[1] == '*';
}

/* Of the sentences in *left, which are used up. */
static const struct known *find_among(struct sifted *left, const struct log_line *line,
				      struct form_found *found)
{
	enum known_from from = from_of(line);
	unsigned i;

	while ((i = sifted_next(left)) < N_SENTENCES) {
		const struct known *k = &sentences[i];

		if (k->from != from || (is_anywhere(k) && is_front_only(line)))
			continue;
		if (form_match(k->form, line->message, found))
			return k;
	}
	return NULL;
}

const struct known *known_find(const struct log_line *line, struct form_found *found)
{
	struct sifted all;

	memset(&all, 0xff, sizeof(all));
	return find_among(&all, line, found);
}

static int keep_sentence(struct vec *all, uint32_t line, const struct known *k,
			 const struct form_found *found)
{
	struct log_sentence *s = vec_push(all);

	if (!s)
		return -ENOMEM;
	*s = (struct log_sentence){line, k, *found};
	return 0;
}

int known_find_all(struct log_table *t)
{
	struct vec all = VEC_OF(struct log_sentence);
	struct form_found found;
	struct sift sift;
	int error = 0;

	sift_init(&sift);
	for (unsigned i = 0; i < N_SENTENCES; i++)
		sift_add(&sift, i, sentences[i].form);
	for (size_t i = 0; i < t->n && !error; i++) {
		struct sifted left = sift_line(&sift, t->rows[i].message);
		const struct known *k = find_among(&left, &t->rows[i], &found);

		if (k)
			error = keep_sentence(&all, (uint32_t)i, k, &found);
	}
	if (!error && all.n) {
		t->sentences = arena_alloc(&t->head.arena, all.n * sizeof(*t->sentences));
		error = t->sentences ? 0 : -ENOMEM;
		if (!error)
			memcpy(t->sentences, all.data, all.n * sizeof(*t->sentences));
	}
	t->n_sentences = error ? 0 : all.n;
	t->has_sentences = !error;
	vec_release(&all);
	return error;
}

bool known_is_unban(const struct log_line *line, struct form_found *found)
{
	return is_banner(line) &&
	       (form_match("NOTICE [%j] Unban %a%$", line->message, found) ||
		form_match("[%j] Unban %a%$", line->message, found) ||
		form_match("WARNING [%j] Unban %a%$", line->message, found));
}

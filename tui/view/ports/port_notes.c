/* Sentences about endpoints. Does not draw. */
#include "tui/view/ports/port_notes.h"

#include <inttypes.h>

#include "tui/view/ports/port_traffic.h"

static const char *const scope_words[N_SCOPES] = {
	[SCOPE_ANY] = "every address of this host, IPv4 and IPv6",
	[SCOPE_ANY_V4] = "every IPv4 address of this host, no IPv6",
	[SCOPE_ANY_V6] = "every IPv6 address of this host, no IPv4",
	[SCOPE_LOOPBACK] = "programs on this host only (loopback)",
	[SCOPE_ADDRESS] = "this one address only",
	[SCOPE_ABSENT] = "an address that this host does not have",
};

const char *port_scope_words(const struct endpoint *e)
{
	return scope_words[e->scope];
}

static void show(const struct model *m, struct str *out, struct text t)
{
	text_show(out, t, model_text_mode(m));
}

static bool is_full(const struct model *m, const struct endpoint *e)
{
	(void)m;
	return endpoint_is_full(e);
}

static void write_full(const struct model *m, const struct endpoint *e, struct str *out)
{
	(void)m;
	str_printf(out,
		   "accept queue full: %" PRIu32 " wait, listen() allows %" PRIu32
		   "; new clients time out until the program accepts faster",
		   e->queue.length, e->queue.limit);
}

static bool was_full(const struct model *m, const struct endpoint *e)
{
	(void)m;
	return endpoint_was_full(e) && !endpoint_is_full(e);
}

static void write_was_full(const struct model *m, const struct endpoint *e, struct str *out)
{
	(void)m;
	str_printf(out,
		   "the accept queue was full a while ago: %" PRIu32
		   " waited, listen() allows %" PRIu32
		   "; clients of that moment had to retry",
		   e->queue.high_water, e->queue.limit);
}

static bool has_new_drops(const struct model *m, const struct endpoint *e)
{
	(void)m;
	return e->queue.new_drops && e->queue.new_drops != QUEUE_UNKNOWN;
}

static void write_drops(const struct model *m, const struct endpoint *e, struct str *out)
{
	(void)m;
	str_printf(out, "%" PRIu32 " %s dropped at this socket since dport watches",
		   e->queue.new_drops,
		   endpoint_is_stream(e) ? "connection attempts" : "datagrams");
}

static const struct process_row *stopped_owner(const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_owners; i++)
		if (e->owners[i]->state == 'T' || e->owners[i]->state == 't')
			return e->owners[i];
	return NULL;
}

static bool is_stopped(const struct model *m, const struct endpoint *e)
{
	(void)m;
	return stopped_owner(e) != NULL;
}

static void write_stopped(const struct model *m, const struct endpoint *e, struct str *out)
{
	const struct process_row *process = stopped_owner(e);

	show(m, out, process->comm);
	str_printf(out,
		   " %" PRId32 " is stopped (a signal or a debugger): it accepts nobody;"
		   " kill -CONT %" PRId32 " lets it go on",
		   process->pid, process->pid);
}

static bool is_absent(const struct model *m, const struct endpoint *e)
{
	(void)m;
	return e->scope == SCOPE_ABSENT;
}

static void write_absent(const struct model *m, const struct endpoint *e, struct str *out)
{
	char text[ADDR_TEXT_MAX];

	(void)m;
	str_printf(out,
		   "this host does not have %s now: nobody reaches the port until it does",
		   addr_format(&e->address, text));
}

static bool is_deleted(const struct model *m, const struct endpoint *e)
{
	(void)m;
	return e->is_exe_deleted;
}

static void write_deleted(const struct model *m, const struct endpoint *e, struct str *out)
{
	(void)m;
	(void)e;
	str_puts(out,
		 "the program's file was deleted or replaced: the old version runs until "
		 "it is restarted");
}

static bool is_owner_missing(const struct model *m, const struct endpoint *e)
{
	(void)m;
	return e->owners_missing &&
	       (e->owners_state == OWNERS_AT_LEAST || e->owners_state == OWNERS_UNKNOWN);
}

/* What helps first, then why: the end is cut on a narrow screen. */
static void write_missing(const struct model *m, const struct endpoint *e, struct str *out)
{
	const struct missing *missing = e->owners_missing;

	str_puts(out, e->n_owners ? "perhaps not all owners" : "owner not known");
	if (missing->grant) {
		str_printf(out, " %s ", symbol_text(SYMBOL_ARROW, m->is_ascii));
		show(m, out, text_of(missing->grant));
	}
	str_puts(out, missing->grant ? "; " : ": ");
	show(m, out, text_of(missing->reason));
}

static bool is_nobodys(const struct model *m, const struct endpoint *e)
{
	(void)m;
	return e->owners_state == OWNERS_NONE_FOUND;
}

static void write_nobody(const struct model *m, const struct endpoint *e, struct str *out)
{
	(void)m;
	(void)e;
	str_puts(out,
		 "no process holds it: a socket of the kernel, or one on its way between "
		 "processes");
}

static bool is_activated(const struct model *m, const struct endpoint *e)
{
	(void)m;
	return !text_is_empty(e->socket_unit);
}

static void write_activated(const struct model *m, const struct endpoint *e,
			    struct str *out)
{
	show(m, out, e->socket_unit);
	str_puts(out, " holds the port");
	if (text_is_empty(e->activates))
		return;
	str_puts(out, " and starts ");
	show(m, out, e->activates);
	str_puts(out, " for clients");
}

static bool is_inferred(const struct model *m, const struct endpoint *e)
{
	(void)m;
	return e->unit_is_inferred;
}

static void write_inferred(const struct model *m, const struct endpoint *e, struct str *out)
{
	show(m, out, text_is_empty(e->unit) ? e->container : e->unit);
	str_puts(out,
		 " is told by the socket's control group, not by a process that was read");
}

static bool is_ephemeral(const struct model *m, const struct endpoint *e)
{
	(void)m;
	return e->is_ephemeral;
}

static void write_ephemeral(const struct model *m, const struct endpoint *e,
			    struct str *out)
{
	(void)m;
	(void)e;
	str_puts(out,
		 "the port is in the range of outgoing connections: perhaps a helper's, "
		 "and another program may take it first");
}

static bool has_answer(const struct model *m, const struct endpoint *e,
		       enum traffic_answer answer)
{
	const struct traffic_row *row = counts_of(m, e);

	return row && row->answer == answer;
}

static bool is_failing(const struct model *m, const struct endpoint *e)
{
	const struct traffic_row *row = counts_of(m, e);

	return row && traffic_is_failing(row->answer) && row->answer != TRAFFIC_SOME;
}

static bool is_failing_some(const struct model *m, const struct endpoint *e)
{
	return has_answer(m, e, TRAFFIC_SOME);
}

static void write_outcomes(const struct model *m, const struct endpoint *e, struct str *out)
{
	str_puts(out, "clients of the last minute: ");
	port_put_outcomes(counts_of(m, e), out);
}

static bool is_half_open(const struct model *m, const struct endpoint *e)
{
	return has_answer(m, e, TRAFFIC_HALF_OPEN);
}

static void write_half_open(const struct model *m, const struct endpoint *e,
			    struct str *out)
{
	write_outcomes(m, e, out);
	str_puts(out, ": the answers do not reach the clients, or these hang up at once");
}

const struct note port_notes[] = {
	{ROLE_BAD, SYMBOL_BAD, is_failing, write_outcomes},
	{ROLE_BAD, SYMBOL_BAD, is_full, write_full},
	{ROLE_BAD, SYMBOL_BAD, is_stopped, write_stopped},
	{ROLE_WARN, SYMBOL_SOME, is_failing_some, write_outcomes},
	{ROLE_BAD, SYMBOL_BAD, has_new_drops, write_drops},
	{ROLE_UNKNOWN, SYMBOL_UNKNOWN, is_half_open, write_half_open},
	{ROLE_WARN, SYMBOL_SOME, was_full, write_was_full},
	{ROLE_WARN, SYMBOL_SOME, is_absent, write_absent},
	{ROLE_WARN, SYMBOL_SOME, is_deleted, write_deleted},
	{ROLE_UNKNOWN, SYMBOL_NO_RIGHT, is_owner_missing, write_missing},
	{ROLE_NORMAL, SYMBOL_NONE, is_nobodys, write_nobody},
	{ROLE_NORMAL, SYMBOL_ARROW, is_activated, write_activated},
	{ROLE_NORMAL, SYMBOL_DOT, is_inferred, write_inferred},
	{ROLE_NORMAL, SYMBOL_DOT, is_ephemeral, write_ephemeral},
};
const size_t n_port_notes = sizeof(port_notes) / sizeof(port_notes[0]);

/*
 * What the socket itself refuses: segments without the right key, what a filter on it or a
 * minimum TTL stops. The kernel counts such drops at the socket; a counter of its own tells
 * why. Neither alone is enough: others move the counters of the namespace too.
 */
#include <string.h>

#include "core/diagnosis/check_kernel.h"

enum { AT_KEY = AT_SOCKET - 35, AT_FILTER = AT_SOCKET - 30 };

static const struct endpoint *endpoint_of(const struct check_view *v)
{
	const struct endpoint *e = NULL;
	enum tri served = TRI_UNSURE;

	view_socket(v, &served, &e);
	return served == TRI_YES ? e : NULL;
}

/* ---- keys: RFC 2385, RFC 5925 ---- */

static const struct kernel_told keys[] = {
	{"TcpExt.TCPMD5NotFound", "TcpExtTCPMD5NotFound",
	 "the service wants TCP-MD5 signatures of %s, and its segments carry none"},
	{"TcpExt.TCPMD5Unexpected", "TcpExtTCPMD5Unexpected",
	 "segments of %s carry TCP-MD5 signatures, and the service has no key for it"},
	{"TcpExt.TCPMD5Failure", "TcpExtTCPMD5Failure",
	 "the TCP-MD5 signatures of %s are made with another key than the service has"},
	{"TcpExt.TCPAORequired", "TcpExtTCPAORequired",
	 "the service wants TCP-AO of %s, and its segments carry none"},
	{"TcpExt.TCPAOKeyNotFound", "TcpExtTCPAOKeyNotFound",
	 "segments of %s carry TCP-AO with a key that the service has not"},
	{"TcpExt.TCPAOBad", "TcpExtTCPAOBad",
	 "the TCP-AO signatures of %s are made with another key than the service has"},
};

enum { N_KEYS = sizeof(keys) / sizeof(keys[0]) };

static int tell_key(const struct check_view *v, struct finding *f,
		    const struct kernel_told *row, const struct endpoint *e)
{
	struct text words = text_of(row->what);
	const char *mark = strstr(row->what, "%s");
	int head = mark ? (int)(mark - words.bytes) : (int)words.len;
	int error;

	f->position = AT_KEY;
	f->endpoint = e;
	f->explains_silence = true;
	error = finding_say(f, v->arena, "%.*s%s%s", head, words.bytes,
			    mark ? kernel_client(v) : "", mark ? mark + 2 : "");
	if (!error)
		error = kernel_prove_counter(v, f, row->counter, row->name);
	if (!error)
		error = kernel_prove_dropped(v, f);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL,
			"a session that works with the old key ends when the key changes",
			"set the same key and method for this peer at both ends (the "
			"neighbour's password in a BGP daemon)");
	return error;
}

int check_tcp_authentication(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = endpoint_of(v);
	const struct kernel_told *row;
	bool is_known;
	int error, certainty;

	if (kernel_is_udp(v))
		return CERTAINTY_NONE;
	row = kernel_first_moved(v, keys, N_KEYS - 3, &is_known);
	if (!row)
		row = kernel_first_moved(v, keys + N_KEYS - 3, 3, &(bool){false});
	if (kernel_has_answered(v) || (!row && is_known))
		return ruled_out(f);
	if (!row || !e || !sight_is_silent(v))
		return CERTAINTY_NONE;
	certainty = kernel_certainty(v, kernel_counted(v, row->counter));
	if (certainty == CERTAINTY_NONE)
		return CERTAINTY_NONE;
	error = tell_key(v, f, row, e);
	return error ? error : certainty;
}

/* ---- filters of the socket ---- */

/* What else a socket counts as dropped has counters of its own. */
static const char *const other_drops[] = {
	"TcpExt.ListenOverflows",  "TcpExt.ListenDrops",   "TcpExt.TCPMD5NotFound",
	"TcpExt.TCPMD5Unexpected", "TcpExt.TCPMD5Failure", "TcpExt.TCPAORequired",
	"TcpExt.TCPAOKeyNotFound", "TcpExt.TCPAOBad",      "TcpExt.TCPMinTTLDrop",
	"TcpExt.TCPBacklogDrop",   "Tcp.InCsumErrors",     "Tcp.InErrs",
	"xfrm.XfrmInError",        "xfrm.XfrmInNoStates",  "xfrm.XfrmInTmplMismatch",
	"xfrm.XfrmInNoPols",       "xfrm.XfrmInPolBlock",  "xfrm.XfrmInPolError",
};

static const char *const other_udp_drops[] = {
	"Udp.RcvbufErrors",        "Udp.InCsumErrors",  "Udp.MemErrors",
	"Udp6RcvbufErrors",        "Udp6InCsumErrors",  "Udp6MemErrors",
	"xfrm.XfrmInTmplMismatch", "xfrm.XfrmInNoPols", "xfrm.XfrmInPolBlock",
	"xfrm.XfrmInPolError",
};

#define SUM(v, rows) kernel_sum(v, rows, sizeof(rows) / sizeof((rows)[0]))

/* A program of the control group is another cause, checks_programs.c. */
static enum tri is_program_there(const struct check_view *v)
{
	const struct path_leg *leg = &v->walk->path.request;

	for (size_t i = 0; leg->is_walked && i < leg->n_programs; i++)
		if (leg->programs[i]->place == PROGRAM_AT_SOCKET)
			return TRI_YES;
	return !v->e->programs || v->e->programs->groups_error || !v->walk->is_walked
		       ? TRI_UNSURE
		       : TRI_NO;
}

static int tell_ttl(const struct check_view *v, struct finding *f, const struct endpoint *e)
{
	const struct attempt *a = sight_newest(v);
	int error;

	f->position = AT_FILTER;
	f->endpoint = e;
	f->explains_silence = true;
	error = finding_say(
		f, v->arena,
		"the socket of %s takes only packets of a minimum TTL, and those "
		"of %s have less",
		view_owner(v, e), kernel_client(v));
	if (!error)
		error = kernel_prove_counter(v, f, "TcpExt.TCPMinTTLDrop",
					     "TcpExtTCPMinTTLDrop");
	if (!error)
		error = kernel_prove_dropped(v, f);
	if (!error && a && a->syn_ttl)
		error = finding_prove(f, v->arena, "capture", true, NULL,
				      "its SYNs arrive with a TTL of %u", a->syn_ttl);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL,
			"a lower minimum lets hosts further away in",
			"the service allows neighbours only (TTL security, GTSM): let the "
			"client send with a TTL of 255 from so near, or allow more hops in "
			"the service");
	return error;
}

static int tell_filter(const struct check_view *v, struct finding *f,
		       const struct endpoint *e)
{
	int error;

	f->position = AT_FILTER;
	f->endpoint = e;
	f->explains_silence = true;
	error = finding_say(
		f, v->arena,
		"the socket of %s itself drops what %s sends: a filter on it, or "
		"a security module",
		view_owner(v, e), kernel_client(v));
	if (!error)
		error = kernel_prove_dropped(v, f);
	if (!error)
		error = finding_prove(
			f, v->arena, "counters", true,
			kernel_is_udp(v) ? "nstat -az 'Udp*'"
					 : "nstat -az 'TcpExtListen*' 'TcpExtTCP*'",
			"no queue, key, policy or checksum accounts for them: "
			"those counters stood still");
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"look into the service for a packet filter that it attaches to its "
			"socket (SO_ATTACH_FILTER, SO_ATTACH_BPF), and into the log of "
			"the security module");
	return error;
}

/* Dropped at the socket, and no counter of another cause moved. */
static int certainty_of_filter(const struct check_view *v)
{
	int64_t others = kernel_is_udp(v) ? SUM(v, other_udp_drops) : SUM(v, other_drops);
	enum step_with dropped = kernel_compare(v, kernel_socket_dropped(v));

	enum tri program = is_program_there(v);

	if (others != 0 || dropped != COUNT_IN_STEP || program == TRI_YES)
		return CERTAINTY_NONE;
	/* A datagram that fills no buffer is counted there as well. */
	if (kernel_is_udp(v) &&
	    kernel_counted(v, kernel_is_v6(v) ? "Udp6InErrors" : "Udp.InErrors") !=
		    COUNT_IN_STEP)
		return CERTAINTY_NONE;
	return program == TRI_NO ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
}

int check_socket_filter(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = endpoint_of(v);
	int error, certainty;

	if (kernel_has_answered(v) || (e && kernel_socket_dropped(v) == 0))
		return ruled_out(f);
	if (!e || !v->sight.n_all || !sight_is_silent(v))
		return CERTAINTY_NONE;
	certainty = kernel_certainty(v, kernel_counted(v, "TcpExt.TCPMinTTLDrop"));
	if (!kernel_is_udp(v) && evidence_delta(v->e, "TcpExt.TCPMinTTLDrop") > 0 &&
	    certainty != CERTAINTY_NONE) {
		error = tell_ttl(v, f, e);
		return error ? error : certainty;
	}
	certainty = certainty_of_filter(v);
	if (certainty == CERTAINTY_NONE)
		return CERTAINTY_NONE;
	error = tell_filter(v, f, e);
	return error ? error : certainty;
}

/*
 * What has no more room: the queue of handshakes, the buffer of datagrams, the memory that
 * TCP may take. The queue of connections that wait for accept() is checks_service.c.
 */
#include <netinet/in.h>

#include "core/diagnosis/check_kernel.h"
#include "core/diagnosis/sight.h"

enum { AT_SYN_QUEUE = AT_SOCKET + 50, AT_BUFFER = AT_QUEUE + 5, AT_MEMORY = AT_QUEUE + 10 };

static const struct endpoint *endpoint_of(const struct check_view *v)
{
	const struct endpoint *e = NULL;
	enum tri served = TRI_UNSURE;

	view_socket(v, &served, &e);
	return served == TRI_YES ? e : NULL;
}

/* ---- SYNs ---- */

/* What the kernel is willing to keep half open for the listener, and how much it keeps. */
struct syn_queue {
	size_t n;
	int64_t limit;   /* tcp_max_syn_backlog; -1: not told */
	int64_t backlog; /* of listen(2); -1: not told */
	bool has_cookies;
};

static struct syn_queue queue_of(const struct check_view *v, const struct endpoint *e)
{
	const struct setting_table *s = v->e->settings;
	struct syn_queue q = {.limit = -1, .backlog = -1, .has_cookies = true};
	struct addr anybody = {0};
	uint8_t n_repeats;
	int64_t value;

	q.n = handshakes_of(v->e->handshakes, &anybody, &n_repeats);
	if (s && settings_int(s, "net/ipv4/tcp_syncookies", &value))
		q.has_cookies = value != 0;
	if (s && settings_int(s, "net/ipv4/tcp_max_syn_backlog", &value))
		q.limit = value;
	if (e->queue.limit != QUEUE_UNKNOWN)
		q.backlog = e->queue.limit;
	return q;
}

/* Without cookies the last quarter is kept for peers that were proven once
 * (tcp_conn_request()). */
static bool is_nearly_full(const struct syn_queue *q)
{
	if (q->has_cookies || !q->n)
		return false;
	return (q->backlog >= 0 && (int64_t)q->n >= q->backlog) ||
	       (q->limit >= 0 && (int64_t)q->n >= q->limit - q->limit / 4 - 1);
}

static int prove_syn_queue(const struct check_view *v, struct finding *f,
			   const struct syn_queue *q)
{
	int error = 0;

	if (q->n)
		error = finding_prove(
			f, v->arena, "sock_diag", true,
			view_text(v, "ss -tn state syn-recv sport = :%u",
				  v->e->target.port),
			"%zu handshakes wait for their last ACK; the queue takes %lld and "
			"tcp_max_syn_backlog is %lld",
			q->n, (long long)q->backlog, (long long)q->limit);
	if (!error)
		error = kernel_prove_counter(v, f, "TcpExt.TCPReqQFullDrop",
					     "TcpExtTCPReqQFullDrop");
	if (!error)
		error = kernel_prove_counter(v, f, "TcpExt.ListenDrops",
					     "TcpExtListenDrops");
	return error;
}

static int tell_syn_queue(const struct check_view *v, struct finding *f,
			  const struct endpoint *e, const struct syn_queue *q)
{
	int error;

	f->position = AT_SYN_QUEUE;
	f->endpoint = e;
	f->explains_silence = true;
	error = finding_say(
		f, v->arena,
		"the SYN queue of %s is full: further SYNs are dropped, and SYN "
		"cookies are off",
		view_owner(v, e));
	if (!error)
		error = prove_syn_queue(v, f, q);
	if (!error)
		error = prove_wire(v, f);
	if (!error && !q->has_cookies)
		error = finding_advise(
			f, v->arena, "sysctl -w net.ipv4.tcp_syncookies=1",
			"sysctl -w net.ipv4.tcp_syncookies=0",
			"lost at reboot; under cookies some options of TCP "
			"are not agreed on",
			"let the kernel answer by SYN cookies when the queue "
			"is full");
	if (!error)
		error = finding_advise(f, v->arena,
				       view_text(v, "ss -tn state syn-recv sport = :%u",
						 v->e->target.port),
				       NULL, NULL,
				       "see whose handshakes fill it: many sources that "
				       "never answer are a "
				       "flood, one network is a lost way back");
	return error;
}

/* What the listener itself dropped is what the namespace counted, or its queue shows it. */
static int certainty_of_syn_queue(const struct check_view *v, const struct syn_queue *q)
{
	enum step_with full = kernel_counted(v, "TcpExt.TCPReqQFullDrop");
	enum step_with dropped = kernel_compare(v, kernel_socket_dropped(v));
	bool is_other = evidence_delta(v->e, "TcpExt.ListenOverflows") > 0 ||
			evidence_delta(v->e, "Ip.OutNoRoutes") > 0 ||
			evidence_delta(v->e, "Ip6OutNoRoutes") > 0;

	if (dropped == COUNT_STILL)
		return CERTAINTY_NONE;
	if (full == COUNT_IN_STEP || full == COUNT_SOME)
		return dropped == COUNT_IN_STEP ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
	if (!is_nearly_full(q) || is_other ||
	    kernel_counted(v, "TcpExt.ListenDrops") != COUNT_IN_STEP)
		return CERTAINTY_NONE;
	return dropped == COUNT_IN_STEP ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

int check_syn_queue_full(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = endpoint_of(v);
	struct syn_queue q;
	int error, certainty;

	if (kernel_is_udp(v))
		return CERTAINTY_NONE;
	/* Answered by a cookie it is answered. */
	if (kernel_has_answered(v) ||
	    (evidence_delta(v->e, "TcpExt.TCPReqQFullDrop") == 0 &&
	     evidence_delta(v->e, "TcpExt.ListenDrops") == 0))
		return ruled_out(f);
	if (!e || !v->sight.n_all || !sight_is_silent(v))
		return CERTAINTY_NONE;
	q = queue_of(v, e);
	certainty = certainty_of_syn_queue(v, &q);
	if (certainty == CERTAINTY_NONE)
		return CERTAINTY_NONE;
	error = tell_syn_queue(v, f, e, &q);
	return error ? error : certainty;
}

/* ---- datagrams ---- */

static uint32_t n_missed(const struct check_view *v)
{
	uint32_t n = 0;

	for (size_t i = 0; i < v->sight.n; i++)
		n += sight_has_failed(v->e, attempts_at(v->e->attempts, v->sight.rows[i]));
	return n;
}

/* The fullest buffer of them after the window. */
static const struct socket_row *fullest(const struct check_view *v,
					const struct endpoint *e)
{
	const struct socket_row *best = NULL;

	for (size_t i = 0; i < e->n_sockets; i++) {
		const struct socket_row *s = evidence_socket_after(v->e, e->sockets[i]);

		if (s && s->queue_length != QUEUE_UNKNOWN &&
		    (!best || s->queue_length > best->queue_length))
			best = s;
	}
	return best;
}

/* Half of it is room for nothing more: each datagram takes more than its bytes. */
static bool is_brimming(const struct check_view *v, const struct endpoint *e)
{
	const struct socket_row *s = fullest(v, e);

	return s && s->queue_limit != QUEUE_UNKNOWN &&
	       s->queue_length >= s->queue_limit / 2;
}

static int tell_buffer(const struct check_view *v, struct finding *f,
		       const struct endpoint *e, const char *counter)
{
	const struct socket_row *s = fullest(v, e);
	int error;

	f->position = AT_BUFFER;
	f->endpoint = e;
	f->explains_silence = true;
	error = finding_say(f, v->arena,
			    "the receive buffer of %s is full: the kernel drops further "
			    "datagrams on %s",
			    view_owner(v, e), view_port(v));
	if (!error)
		error = kernel_prove_dropped(v, f);
	if (!error)
		error = kernel_prove_counter(v, f, counter,
					     kernel_is_v6(v) ? "Udp6RcvbufErrors"
							     : "UdpRcvbufErrors");
	if (!error && s && s->queue_length)
		error = finding_prove(
			f, v->arena, "sock_diag", true,
			view_text(v, "ss -ulnm sport = :%u", v->e->target.port),
			"%u bytes wait in it, it takes %u", s->queue_length,
			s->queue_limit);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"find out why the service reads too slowly; a larger buffer "
			"(SO_RCVBUF, net.core.rmem_max) only bridges bursts");
	return error;
}

int check_udp_buffer_full(const struct check_view *v, struct finding *f)
{
	const char *counter = kernel_is_v6(v) ? "Udp6RcvbufErrors" : "Udp.RcvbufErrors";
	const struct endpoint *e = endpoint_of(v);
	int64_t dropped = kernel_socket_dropped(v), counted = evidence_delta(v->e, counter);
	uint32_t missed = n_missed(v);
	int error;

	if (!kernel_is_udp(v))
		return CERTAINTY_NONE;
	if (dropped == 0 || counted == 0 || (v->sight.n_all && !missed))
		return ruled_out(f);
	if (!e || !missed || counted < 0)
		return CERTAINTY_NONE;
	error = tell_buffer(v, f, e, counter);
	if (error)
		return error;
	if (kernel_compare(v, dropped) == COUNT_IN_STEP)
		return CERTAINTY_PROVEN;
	return dropped > 0 && is_brimming(v, e) ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
}

/* ---- memory ---- */

static const struct kernel_told memory[] = {
	{"TcpExt.TCPAbortOnMemory", "TcpExtTCPAbortOnMemory", ""},
	{"TcpExt.TCPRcvQDrop", "TcpExtTCPRcvQDrop", ""},
	{"TcpExt.RcvPruned", "TcpExtRcvPruned", ""},
	{"TcpExt.PruneCalled", "TcpExtPruneCalled", ""},
	{"TcpExt.TCPMemoryPressures", "TcpExtTCPMemoryPressures", ""},
};

/* Pages that TCP holds on the whole machine, and may hold. */
static bool is_out_of_memory(const struct check_view *v, uint64_t *held, int64_t *limit)
{
	return counters_get(v->e->counters_after, "sockstat.TCP.mem", held) &&
	       v->e->settings &&
	       settings_int_at(v->e->settings, "net/ipv4/tcp_mem", 2, limit) &&
	       *limit > 0 && *held >= (uint64_t)*limit;
}

static bool is_anybody_stuck(const struct check_view *v)
{
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (!sight_is_open(a) || a->server_bytes == BYTES_NONE)
			return true;
	}
	return false;
}

int check_memory_pressure(const struct check_view *v, struct finding *f)
{
	bool is_known;
	const struct kernel_told *moved = kernel_first_moved(
		v, memory, sizeof(memory) / sizeof(memory[0]), &is_known);
	uint64_t held = 0;
	int64_t limit = 0;
	int error;

	if (kernel_is_udp(v))
		return CERTAINTY_NONE;
	if ((!moved && is_known) || (v->sight.n_all && !is_anybody_stuck(v)))
		return ruled_out(f);
	if (!moved || !v->sight.n_all || !is_out_of_memory(v, &held, &limit))
		return CERTAINTY_NONE;
	f->position = AT_MEMORY;
	f->explains_silence = f->explains_reset = true;
	error = finding_say(f, v->arena,
			    "TCP of this machine has no memory left: it holds %llu pages "
			    "and may hold %lld",
			    (unsigned long long)held, (long long)limit);
	if (!error)
		error = finding_prove(f, v->arena, "counters", true,
				      "cat /proc/net/sockstat /proc/sys/net/ipv4/tcp_mem",
				      "sockets hold %llu pages, the limit is %lld",
				      (unsigned long long)held, (long long)limit);
	if (!error)
		error = kernel_prove_counter(v, f, moved->counter, moved->name);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(f, v->arena, "ss -tmn", NULL, NULL,
				       "find the sockets that hold it (Recv-Q, Send-Q and "
				       "skmem): a service that does not read, or leaks "
				       "connections");
	return error ? error : CERTAINTY_LIKELY;
}

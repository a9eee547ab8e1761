/* Reasons and faults in one table; the kernel's reasons are in
 * include/net/dropreason-core.h. */
#include "core/diagnosis/drop_reasons.h"

#include <netinet/in.h>
#include <string.h>

#define TCP_SYN 0x02
#define TCP_RST 0x04
#define SOURCE  "drop reasons"
#define COMMAND "perf trace -e skb:kfree_skb"

#define RULE_FAULTS                                                                        \
	FAULT_DROP, FAULT_POLICY_DROP, FAULT_REJECT, FAULT_BLOCKLISTED,                    \
		FAULT_RATE_LIMITED, FAULT_INVALID_DROP, FAULT_UNTRACKED, FAULT_REPLY_DROP, \
		FAULT_NETDEV_DROP, FAULT_BRIDGE_DROP, FAULT_FORWARD_DROP

static const struct drop_meaning meanings[] = {
	{"NETFILTER_DROP", "netfilter dropped it", STEP_FIREWALL, false, {RULE_FAULTS}},
	{"NO_SOCKET",
	 "no socket takes it",
	 STEP_SERVER,
	 true,
	 {FAULT_NOT_LISTENING, FAULT_LOOPBACK_ONLY, FAULT_OTHER_ADDRESS, FAULT_IPV6_ONLY,
	  FAULT_IPV4_ONLY, FAULT_BOUND_TO_DEVICE, FAULT_TRANSPORT_MISMATCH,
	  FAULT_OTHER_NAMESPACE, FAULT_REDIRECT_UNSERVED, FAULT_SERVICE_FAILED,
	  FAULT_WRONG_PORT}},
	{"IP_RPFILTER",
	 "its source does not fit the interface",
	 STEP_FIREWALL,
	 false,
	 {FAULT_RP_FILTER}},
	{"IP_LOCAL_SOURCE",
	 "its source is this host",
	 STEP_FIREWALL,
	 false,
	 {FAULT_MARTIAN}},
	{"IP_INVALID_SOURCE",
	 "its source can be no host's",
	 STEP_FIREWALL,
	 false,
	 {FAULT_MARTIAN}},
	{"IP_LOCALNET",
	 "127.0.0.0/8 comes in by no interface",
	 STEP_NAT,
	 false,
	 {FAULT_DNAT_TO_LOOPBACK, FAULT_MARTIAN}},
	{"IP_INADDRERRORS",
	 "it is not for this host, which passes nothing on",
	 STEP_FIREWALL,
	 false,
	 {FAULT_NONE}},
	{"IP_INNOROUTES",
	 "no route leads on from here",
	 STEP_FIREWALL,
	 false,
	 {FAULT_NONE}},
	{"IP_OUTNOROUTES",
	 "no route leads there",
	 STEP_FIREWALL,
	 false,
	 {FAULT_NO_ROUTE_BACK, FAULT_ROUTE_REJECTS}},
	{"OTHERHOST",
	 "its frame is for another host",
	 STEP_FIREWALL,
	 false,
	 {FAULT_WRONG_MAC, FAULT_DUPLICATE_ADDRESS}},
	{"SOCKET_FILTER",
	 "a filter of the socket or of its control group dropped it",
	 STEP_SERVER,
	 true,
	 {FAULT_SOCKET_FILTER, FAULT_CGROUP_DROP}},
	{"BPF_CGROUP_EGRESS",
	 "a program of the control group dropped it",
	 STEP_FIREWALL,
	 false,
	 {FAULT_CGROUP_DROP}},
	{"TCP_MINTTL",
	 "its TTL is below what the socket asks for",
	 STEP_SERVER,
	 true,
	 {FAULT_SOCKET_FILTER}},
	{"XFRM_POLICY",
	 "IPsec was asked for, and it has none",
	 STEP_FIREWALL,
	 true,
	 {FAULT_IPSEC_POLICY}},
	{"TCP_MD5*",
	 "its signature does not fit",
	 STEP_SERVER,
	 true,
	 {FAULT_TCP_AUTHENTICATION}},
	{"TCP_AO*",
	 "its signature does not fit",
	 STEP_SERVER,
	 true,
	 {FAULT_TCP_AUTHENTICATION}},
	{"TCP_AUTH_HDR",
	 "its signature does not fit",
	 STEP_SERVER,
	 true,
	 {FAULT_TCP_AUTHENTICATION}},
	{"TCP_LISTEN_OVERFLOW",
	 "the accept queue is full",
	 STEP_SERVER,
	 true,
	 {FAULT_ACCEPT_QUEUE_FULL, FAULT_NOT_ACCEPTING, FAULT_PROCESS_STOPPED,
	  FAULT_FD_EXHAUSTED, FAULT_MEMBER_DEAD}},
	{"SOCKET_RCVBUFF",
	 "the receive buffer is full",
	 STEP_SERVER,
	 true,
	 {FAULT_UDP_BUFFER_FULL, FAULT_PROCESS_STOPPED}},
	{"PROTO_MEM",
	 "the protocol has no memory left",
	 STEP_SERVER,
	 true,
	 {FAULT_MEMORY_PRESSURE}},
	{"XDP", "an XDP program dropped it", STEP_FIREWALL, false, {FAULT_XDP_DROP}},
	{"TC_INGRESS", "a filter of tc dropped it", STEP_FIREWALL, false, {FAULT_TC_DROP}},
	{"TC_EGRESS", "a filter of tc dropped it", STEP_FIREWALL, false, {FAULT_TC_DROP}},
	{"QDISC_*",
	 "the queue of the interface dropped it",
	 STEP_FIREWALL,
	 false,
	 {FAULT_QDISC_DROP}},
	{"FQ_*",
	 "the queue of the interface dropped it",
	 STEP_FIREWALL,
	 false,
	 {FAULT_QDISC_DROP}},
	{"CAKE_FLOOD",
	 "the queue of the interface dropped it",
	 STEP_FIREWALL,
	 false,
	 {FAULT_QDISC_DROP}},
	{"CPU_BACKLOG",
	 "the processor's queue of packets is full",
	 STEP_FIREWALL,
	 false,
	 {FAULT_NIC_DROPS}},
	{"NEIGH_CREATEFAIL",
	 "the table of neighbours is full",
	 STEP_FIREWALL,
	 false,
	 {FAULT_NEIGHBOUR_TABLE_FULL}},
	{"NEIGH_*",
	 "its next hop does not answer",
	 STEP_FIREWALL,
	 false,
	 {FAULT_NEIGHBOUR_FAILED, FAULT_WRONG_NETMASK}},
	{"TCP_CSUM", "its checksum is wrong", STEP_FIREWALL, false, {FAULT_BAD_CHECKSUM}},
	{"UDP_CSUM", "its checksum is wrong", STEP_FIREWALL, false, {FAULT_BAD_CHECKSUM}},
	{"IP_CSUM", "its checksum is wrong", STEP_FIREWALL, false, {FAULT_BAD_CHECKSUM}},
	{"PKT_TOO_BIG",
	 "it is too big for the way on",
	 STEP_CLIENT,
	 false,
	 {FAULT_MTU_BLACK_HOLE}},
	{"IPV6DISABLED",
	 "IPv6 is switched off on the interface",
	 STEP_FIREWALL,
	 false,
	 {FAULT_IPV6_DISABLED}},
};

/* What stops a request before it comes to a socket. Limits let some of it pass. */
static const enum fault before_socket[] = {
	FAULT_DROP,        FAULT_POLICY_DROP, FAULT_REJECT,   FAULT_BLOCKLISTED,
	FAULT_UNTRACKED,   FAULT_NETDEV_DROP, FAULT_XDP_DROP, FAULT_TC_DROP,
	FAULT_BRIDGE_DROP, FAULT_RP_FILTER,   FAULT_MARTIAN,  FAULT_ADDRESS_NOT_HERE,
	FAULT_WRONG_MAC,   FAULT_BAD_CHECKSUM};

static bool is_reason(const char *pattern, const char *reason)
{
	size_t len = strlen(pattern);

	if (pattern[len - 1] == '*')
		return strncmp(pattern, reason, len - 1) == 0;
	return strcmp(pattern, reason) == 0;
}

const struct drop_meaning *drop_meaning_of(const char *reason)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (is_reason(meanings[i].reason, reason))
			return &meanings[i];
	return NULL;
}

/* A place in the kernel that gives no reason tells nothing: a packet that was taken may end
 * there too. */
static bool is_like(const struct attempt *a, const struct drop_row *d, bool is_request)
{
	return a->proto == d->proto &&
	       a->client_port == (is_request ? d->source_port : d->target_port) &&
	       addr_equals(&a->client, is_request ? &d->source : &d->target) &&
	       (!is_request || a->proto != IPPROTO_TCP || a->sequence == d->sequence);
}

/*
 * Where the kernel has let go of a packet's interface it does not tell its namespace
 * either, and another may have the same addresses: then it is ours only if it was seen
 * here.
 */
static bool is_of_here(const struct evidence *e, const struct drop_row *d)
{
	bool is_request = drop_is_request(e, d);

	if (d->ifindex)
		return true;
	for (size_t i = attempts_n(e->attempts); i > 0; i--)
		if (is_like(attempts_at(e->attempts, i - 1), d, is_request))
			return true;
	return false;
}

static bool begins_connection(const struct drop_row *d)
{
	if (d->proto != IPPROTO_TCP || strcmp(d->reason, "PKT_TOO_BIG") == 0)
		return true;
	return (d->flags & TCP_SYN) && !(d->flags & TCP_RST);
}

bool drop_is_telling(const struct evidence *e, const struct drop_row *d)
{
	return strcmp(d->reason, "NOT_SPECIFIED") != 0 && begins_connection(d) &&
	       is_of_here(e, d);
}

bool drop_is_request(const struct evidence *e, const struct drop_row *d)
{
	return d->target_port == e->target.port;
}

/* One of the walk's: its client and, where one is told, its server. */
static bool is_of_walk(const struct check_view *v, const struct drop_row *d)
{
	bool is_request = drop_is_request(v->e, d);
	const struct addr *client = is_request ? &d->source : &d->target;
	const struct addr *server = is_request ? &d->target : &d->source;

	return (!v->walk->client.family || addr_equals(client, &v->walk->client)) &&
	       (!v->walk->server.family || addr_equals(server, &v->walk->server));
}

bool drop_meaning_names(const struct drop_meaning *m, enum fault fault)
{
	for (size_t i = 0; i < sizeof(m->faults) / sizeof(m->faults[0]); i++)
		if (m->faults[i] == fault)
			return fault != FAULT_NONE;
	return false;
}

static bool is_before_socket(enum fault fault)
{
	for (size_t i = 0; i < sizeof(before_socket) / sizeof(before_socket[0]); i++)
		if (before_socket[i] == fault)
			return true;
	return false;
}

/* What was told of one fault. */
struct told {
	uint32_t n_for, n_past;
	const struct drop_row *one_for, *one_past;
	bool is_alone; /* the reason is that of no other fault */
};

static void tell(const struct check_view *v, enum fault fault, struct told *t)
{
	for (size_t i = 0; i < v->e->drops->rows.n; i++) {
		const struct drop_row *d = drops_row(v->e->drops, i);
		const struct drop_meaning *m = drop_meaning_of(d->reason);

		if (!m || !drop_is_telling(v->e, d) || !is_of_walk(v, d))
			continue;
		if (drop_meaning_names(m, fault)) {
			t->n_for++;
			t->one_for = d;
			t->is_alone = m->faults[1] == FAULT_NONE;
		} else if (m->is_of_socket && drop_is_request(v->e, d)) {
			t->n_past++;
			t->one_past = d;
		}
	}
}

int drop_certainty(const struct check_view *v, struct finding *f, enum certainty certainty)
{
	struct told t = {0};
	int error = 0;

	if (!v->e->drops || certainty == CERTAINTY_NONE)
		return (int)certainty;
	tell(v, f->fault, &t);
	if (t.n_for) {
		error = finding_prove(f, v->arena, SOURCE, true, COMMAND,
				      "the kernel's own reason for dropping it: %s in %s "
				      "(%u in the window)",
				      t.one_for->reason, t.one_for->function, t.n_for);
		if (t.is_alone && certainty < CERTAINTY_PROVEN)
			certainty++;
	} else if (t.n_past && is_before_socket(f->fault) && !v->e->drops->n_lost &&
		   !v->e->drops->n_left_out && certainty > CERTAINTY_POSSIBLE) {
		certainty = CERTAINTY_POSSIBLE;
		error = finding_prove(
			f, v->arena, SOURCE, true, COMMAND,
			"packets came past it: the kernel dropped them for %s "
			"in %s",
			t.one_past->reason, t.one_past->function);
	}
	return error ? error : (int)certainty;
}

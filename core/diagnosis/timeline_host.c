/* What moved and what was changed on the host, as rows of the time line: counters, rules,
 * files and packages. Does not order them. */
#include <inttypes.h>

#include "core/base/time.h"
#include "core/diagnosis/timeline_impl.h"
#include "core/firewall/text/rule_text.h"

#define DAY_NS (24 * 3600 * NS_PER_S)

/* Counters that tell of packets that came to nothing. None is of one port
 * alone: they count for the network namespace, softnet for the host. */
static const struct counted {
	const char *name, *words, *command;
} counted[] = {
	{"Tcp.OutRsts", "resets were sent", "nstat -az TcpOutRsts"},
	{"Tcp.InErrs", "TCP segments came damaged", "nstat -az TcpInErrs"},
	{"Tcp.InCsumErrors", "TCP checksums were wrong", "nstat -az TcpInCsumErrors"},
	{"TcpExt.ListenOverflows", "an accept queue was full",
	 "nstat -az TcpExtListenOverflows"},
	{"TcpExt.ListenDrops", "a listener dropped connections",
	 "nstat -az TcpExtListenDrops"},
	{"TcpExt.TCPReqQFullDrop", "a SYN queue was full",
	 "nstat -az TcpExtTCPReqQFullDrop"},
	{"TcpExt.TCPReqQFullDoCookies", "a SYN queue was full, and cookies were sent",
	 "nstat -az TcpExtTCPReqQFullDoCookies"},
	{"TcpExt.TCPTimeouts", "segments were sent again for want of an answer",
	 "nstat -az TcpExtTCPTimeouts"},
	{"TcpExt.TCPBacklogDrop", "a busy socket's backlog was full",
	 "nstat -az TcpExtTCPBacklogDrop"},
	{"TcpExt.TCPRcvQDrop", "a receive queue was full", "nstat -az TcpExtTCPRcvQDrop"},
	{"TcpExt.TCPAbortOnMemory", "connections ended for want of memory",
	 "nstat -az TcpExtTCPAbortOnMemory"},
	{"TcpExt.TCPAbortOnData", "programs hung up with data unread",
	 "nstat -az TcpExtTCPAbortOnData"},
	{"TcpExt.TCPMD5NotFound", "a TCP-MD5 signature was missing",
	 "nstat -az TcpExtTCPMD5NotFound"},
	{"TcpExt.TCPMinTTLDrop", "a TTL was too low for the socket",
	 "nstat -az TcpExtTCPMinTTLDrop"},
	{"TcpExt.IPReversePathFilter", "the reverse-path filter dropped packets",
	 "nstat -az TcpExtIPReversePathFilter"},
	{"Ip.InAddrErrors", "packets were for an address that is not here",
	 "nstat -az IpInAddrErrors"},
	{"Ip.InDiscards", "incoming packets were thrown away", "nstat -az IpInDiscards"},
	{"Ip.OutNoRoutes", "packets had no route out", "nstat -az IpOutNoRoutes"},
	{"Ip.OutDiscards", "outgoing packets were thrown away", "nstat -az IpOutDiscards"},
	{"Icmp.OutDestUnreachs", "ICMP errors were sent", "nstat -az IcmpOutDestUnreachs"},
	{"Icmp.InDestUnreachs", "ICMP errors came in", "nstat -az IcmpInDestUnreachs"},
	{"Udp.NoPorts", "datagrams came for a port that nobody has",
	 "nstat -az UdpNoPorts"},
	{"Udp.RcvbufErrors", "a socket's receive buffer was full",
	 "nstat -az UdpRcvbufErrors"},
	{"Udp.InCsumErrors", "UDP checksums were wrong", "nstat -az UdpInCsumErrors"},
	{"conntrack.drop", "connection tracking dropped packets", "conntrack -S"},
	{"conntrack.insert_failed", "connection tracking had no room or a clash",
	 "conntrack -S"},
	{"conntrack.early_drop", "connection tracking gave up entries", "conntrack -S"},
	{"softnet.dropped", "a processor's queue of packets was full",
	 "cat /proc/net/softnet_stat"},
};

/* When the counters were read again. */
static int64_t closing_ns(const struct timelining *l)
{
	return l->e->window_end_ns ? l->e->window_end_ns : l->e->now_ns;
}

static struct timeline_row *add_moved(struct timelining *l)
{
	struct timeline_row *row = timeline_add(l, TIMELINE_COUNTER, closing_ns(l));

	if (!row)
		return NULL;
	row->from_ns = l->e->window_start_ns;
	row->is_old = false;
	return row;
}

static void add_counter(struct timelining *l, const struct counted *c, int64_t delta)
{
	struct timeline_row *row = add_moved(l);

	if (!row)
		return;
	row->text = timeline_text(l, "%s: +%" PRId64 " (%s, of all ports)", c->words, delta,
				  c->name);
	row->source = text_of("counters");
	row->command = text_of(c->command);
}

static const struct fw_rule *blamed_rule(const struct timelining *l)
{
	const struct ruleset *r = l->e->rules;

	return l->d->has_rule && r && l->d->rule < r->n_rules ? &r->rules[l->d->rule]
							      : NULL;
}

static void add_rule_counter(struct timelining *l)
{
	const struct fw_rule *rule = blamed_rule(l);
	int64_t delta = rule ? evidence_rule_delta(l->e, rule) : 0;
	struct timeline_row *row = delta > 0 ? add_moved(l) : NULL;
	struct str place = {0}, command = {0};

	if (!row)
		return;
	rule_place(&place, l->e->rules, rule);
	rule_show_command(&command, l->e->rules, ruleset_chain(l->e->rules, rule), 0);
	row->text =
		timeline_text(l, "the rule %s counted +%" PRId64, str_text(&place), delta);
	row->source = text_of(ruleset_source(l->e->rules, rule->chain));
	row->command = timeline_copy(l, text_of_str(&command));
	row->is_marked = row->is_bad = true;
	row->why = text_of("it is the rule that the judgement names");
	str_release(&place);
	str_release(&command);
}

static void add_generation(struct timelining *l)
{
	const struct ruleset *before = l->e->rules, *after = l->e->rules_after;
	struct timeline_row *row;

	if (!before || !after || before->generation == after->generation)
		return;
	row = timeline_add(l, TIMELINE_CHANGE, closing_ns(l));
	if (!row)
		return;
	row->from_ns = l->e->window_start_ns;
	row->is_old = false;
	row->is_marked = true;
	row->text = timeline_text(l,
				  "the firewall's rules were changed while this was "
				  "watched (generation %" PRIu32 ", then %" PRIu32 ")",
				  before->generation, after->generation);
	row->source = text_of("nf_tables");
	row->why = text_of("packets of one try may have met different rules");
	row->command = text_of("nft monitor");
}

void timeline_counters(struct timelining *l)
{
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		int64_t delta = evidence_delta(l->e, counted[i].name);

		if (delta > 0)
			add_counter(l, &counted[i], delta);
	}
	add_rule_counter(l);
	add_generation(l);
}

/* ---- what was changed ---- */

static void add_judged_change(struct timelining *l, const struct past_change *c)
{
	struct timeline_row *row = timeline_add(l, TIMELINE_CHANGE, c->wall_ns);

	if (!row)
		return;
	row->is_marked = true;
	row->text = timeline_copy(l, c->what);
	row->source = timeline_copy(l, c->source);
	row->why =
		text_of(l->d->since_ns ? "of the changes before the fault began"
				       : "of the newest changes before this was looked at");
}

/* The judgement told it: the same words, there shown. */
static bool is_judged(const struct timelining *l, const struct change_row *c)
{
	struct str shown = {0};
	bool is_found = false;

	text_show(&shown, c->what, TEXT_ASCII);
	for (size_t i = 0; i < l->d->n_changes && !is_found; i++)
		is_found = l->d->changes[i].wall_ns == c->wall_ns &&
			   text_equals(l->d->changes[i].what, text_of_str(&shown));
	str_release(&shown);
	return is_found;
}

/* Several processes read one file: it was written once. */
static bool is_repeated(const struct change_table *t, size_t at)
{
	for (size_t i = at; i-- > 0 && t->rows[i].wall_ns == t->rows[at].wall_ns;)
		if (text_equals(t->rows[i].what, t->rows[at].what) &&
		    text_equals(t->rows[i].source, t->rows[at].source))
			return true;
	return false;
}

static void add_change(struct timelining *l, const struct change_row *c)
{
	struct timeline_row *row = timeline_add(l, TIMELINE_CHANGE, c->wall_ns);

	if (!row)
		return;
	row->is_raw = true;
	row->text = timeline_copy(l, c->what);
	row->source = timeline_copy(l, c->source);
	row->command = timeline_tail(l, c->source);
}

void timeline_changes(struct timelining *l)
{
	const struct change_table *t = l->e->changes;
	int64_t since_ns = l->e->window_start_ns - DAY_NS;
	size_t n = 0;

	for (size_t i = 0; i < l->d->n_changes; i++)
		add_judged_change(l, &l->d->changes[i]);
	for (size_t i = 0; t && i < t->n; i++) {
		if (t->rows[i].wall_ns < since_ns || is_judged(l, &t->rows[i]) ||
		    is_repeated(t, i))
			continue;
		if (n++ < TIMELINE_CHANGES_MAX)
			add_change(l, &t->rows[i]);
		else
			l->t->n_left_out++;
	}
}

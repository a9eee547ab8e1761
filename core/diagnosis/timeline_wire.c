/* Packets as rows of the time line: what clients sent, what answered, what the kernel
 * dropped. Does not order them. */
#include <netinet/in.h>
#include <stdio.h>

#include "core/diagnosis/drop_reasons.h"
#include "core/diagnosis/sight.h"
#include "core/diagnosis/timeline_impl.h"

enum { ENDS_TEXT_MAX = 2 * ADDR_TEXT_MAX + 32 };

/* "198.51.100.7:51514 to 10.0.0.5:443" */
static const char *ends_words(const struct addr *from, uint16_t from_port,
			      const struct addr *to, uint16_t to_port,
			      char out[ENDS_TEXT_MAX])
{
	struct addr a = addr_unmapped(from), b = addr_unmapped(to);
	char one[ADDR_TEXT_MAX], other[ADDR_TEXT_MAX];
	bool is_v6 = a.family == AF_INET6;

	snprintf(out, ENDS_TEXT_MAX, is_v6 ? "[%s]:%u to [%s]:%u" : "%s:%u to %s:%u",
		 addr_format(&a, one), from_port, addr_format(&b, other), to_port);
	return out;
}

/* NULL: such a packet is not on the line; the ladder has it. */
static const char *packet_words(const struct attempt *a, const struct attempt_event *e)
{
	if (e->kind == PACKET_UDP)
		return e->is_from_server ? "a datagram answers" : "a datagram";
	switch ((enum packet_kind)e->kind) {
	case PACKET_SYN:
		return e->is_repeated ? "SYN, sent again" : "SYN";
	case PACKET_SYN_ACK:
		return e->is_repeated ? "SYN-ACK, sent again" : "SYN-ACK";
	case PACKET_RST:
		return e->is_from_server ? "RST" : "RST of the client";
	case PACKET_ICMP:
		return a->n_icmp ? "an ICMP error" : NULL;
	case PACKET_ACK:
	case PACKET_DATA:
	case PACKET_FIN:
	case PACKET_UDP:
	case N_PACKET_KINDS:
		break;
	}
	return NULL;
}

static bool is_refusal(const struct attempt_event *e)
{
	return e->kind == PACKET_ICMP || (e->kind == PACKET_RST && e->is_from_server);
}

static struct text packet_text(struct timelining *l, const struct attempt *a,
			       const struct attempt_event *e, const char *words)
{
	bool is_answer = e->is_from_server;
	char ends[ENDS_TEXT_MAX], sender[ADDR_TEXT_MAX];
	struct addr icmp_from = addr_unmapped(&a->icmp_from);

	if (is_answer)
		ends_words(&a->server, a->server_port, &a->client, a->client_port, ends);
	else
		ends_words(&a->client, a->client_port, &a->server, a->server_port, ends);
	if (e->kind != PACKET_ICMP)
		return timeline_text(l, "%s, %s", words, ends);
	return timeline_text(l, "%s of %s, type %u code %u, about %s", words,
			     addr_format(&icmp_from, sender), a->icmp_type, a->icmp_code,
			     ends);
}

static struct text capture_command(struct timelining *l, const struct attempt *a)
{
	struct addr client = addr_unmapped(&a->client);
	char text[ADDR_TEXT_MAX];

	return timeline_text(l, "tcpdump -nni any host %s and port %u",
			     addr_format(&client, text), a->server_port);
}

/* What a client ends asks for nothing: it is no SYN. */
static enum timeline_kind kind_of(const struct attempt_event *e)
{
	if (e->is_from_server || is_refusal(e))
		return TIMELINE_ANSWER;
	return e->kind == PACKET_RST ? TIMELINE_RESET : TIMELINE_SYN;
}

static void add_packet(struct timelining *l, const struct attempt *a,
		       const struct attempt_event *e)
{
	const char *words = packet_words(a, e);
	struct timeline_row *row;

	if (!words)
		return;
	row = timeline_add(l, kind_of(e), a->first_ns + e->at_ns);
	if (!row)
		return;
	row->is_bad = is_refusal(e);
	row->text = packet_text(l, a, e, words);
	row->source = text_of("capture");
	row->command = capture_command(l, a);
}

static size_t n_told(const struct attempt *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_events && i < ATTEMPT_EVENTS_MAX; i++)
		n += packet_words(a, &a->events[i]) != NULL;
	return n;
}

/* The newest attempts have their room first. */
void timeline_packets(struct timelining *l)
{
	const struct attempts *all = l->e->attempts;
	size_t n = 0;

	for (size_t i = all ? attempts_n(all) : 0; i-- > 0;) {
		const struct attempt *a = attempts_at(all, i);

		if (!evidence_is_of_target(l->e, a) || !sight_is_at_port(l->e, a))
			continue;
		n += n_told(a);
		if (n > TIMELINE_PACKETS_MAX) {
			l->t->n_left_out += n_told(a);
			continue;
		}
		for (size_t k = 0; k < a->n_events && k < ATTEMPT_EVENTS_MAX; k++)
			add_packet(l, a, &a->events[k]);
	}
}

/* ---- what the kernel dropped ---- */

static void add_drop(struct timelining *l, const struct drop_row *d)
{
	const struct drop_meaning *m = drop_meaning_of(d->reason);
	struct timeline_row *row = timeline_add(l, TIMELINE_DROP, d->wall_ns);
	char ends[ENDS_TEXT_MAX];

	if (!row)
		return;
	ends_words(&d->source, d->source_port, &d->target, d->target_port, ends);
	/* A closed connection's late packets are dropped too. */
	row->is_marked = row->is_bad = drop_is_telling(l->e, d);
	row->text = timeline_text(l, "%s dropped: %s (%s in %s)", ends,
				  m ? m->words : "for a reason that says nothing else",
				  d->reason, d->function);
	row->source = text_of("drop reasons");
	row->command = text_of("perf trace -e skb:kfree_skb");
	if (row->is_marked)
		row->why = text_of(drop_is_request(l->e, d)
					   ? "it is the target's own packet"
					   : "it is an answer to the target's client");
}

static bool is_of_port(const struct timelining *l, const struct drop_row *d)
{
	uint16_t port = l->e->target.port;

	return d->proto == l->e->target.proto &&
	       (d->target_port == port || d->source_port == port);
}

void timeline_drops(struct timelining *l)
{
	const struct drops *drops = l->e->drops;
	size_t n = 0;

	for (size_t i = drops ? drops->rows.n : 0; i-- > 0;) {
		const struct drop_row *d = drops_row(drops, i);

		if (!is_of_port(l, d))
			continue;
		if (n++ < TIMELINE_DROPS_MAX)
			add_drop(l, d);
		else
			l->t->n_left_out++;
	}
}

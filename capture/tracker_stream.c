/*
 * A conversation beyond its handshake, of attempts that are followed with their events: who
 * spoke, acknowledged, got stuck and ended it, and the TLS alerts between. Decides no
 * outcome. Each packet comes here once, before its payload is counted (tracker_seen.c).
 */
#include <netinet/in.h>

#include "capture/packet_selective.h"
#include "capture/tracker_impl.h"

/* Alerts that say goodbye (RFC 8446, 6.1). */
enum { CLOSE_NOTIFY = 0, USER_CANCELED = 90 };
/* An alert is two bytes, and one for its type; then the tag, of CCM_8 a short one. What
 * else a client may send first under TLS 1.3 is longer (a Finished has 36 bytes or more).
 */
enum { SEALED_ALERT = 3 + 16, SEALED_ALERT_SHORT = 3 + 8, TLS_1_3 = 0x0304 };

/* One packet and the two ends as it sees them. */
struct passage {
	struct tracker *t;
	struct live *e;
	struct ladder *ladder;
	struct detail *d;
	const struct packet *p;
	bool is_from_server;
};

static struct stream_side *side_of(const struct passage *g, bool is_server)
{
	return &g->ladder->stream.side[is_server ? STREAM_SERVER : STREAM_CLIENT];
}

static uint32_t next_of(const struct passage *g, bool is_server)
{
	return is_server ? g->d->next_server : g->d->next_client;
}

/* Sequence number of an end's first byte. */
static uint32_t first_of(const struct passage *g, bool is_server)
{
	return (is_server ? g->e->server_sequence : g->e->sequence) + 1;
}

static int64_t time_of(const struct passage *g)
{
	int64_t after_ns = g->t->at_ns - g->d->first_ns;

	return after_ns > 0 ? after_ns : 0;
}

static uint16_t short_of(uint32_t n)
{
	return n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

static void count_up(uint16_t *n)
{
	*n = (uint16_t)(*n + (*n < UINT16_MAX));
}

/* ---- Headers ----------------------------------------------------------------------------
 */

static void note_header(const struct passage *g)
{
	struct stream_side *own = side_of(g, g->is_from_server);
	uint8_t ttl = g->p->ttl;

	if (!own->ttl_least || ttl < own->ttl_least)
		own->ttl_least = ttl;
	if (ttl > own->ttl_most)
		own->ttl_most = ttl;
	own->ip_id = g->p->ip_id;
	if (g->p->mss)
		own->mss = g->p->mss;
	own->is_shut = !g->p->window && g->p->tcp_flags & TH_ACK_;
	if (own->is_shut)
		count_up(&own->n_shut);
	if (!g->is_from_server && packet_timestamp(g->p, &g->ladder->clock))
		g->ladder->has_clock = true;
}

static void unstick(struct stream_side *s)
{
	s->n_again = s->n_behind = 0;
	s->again_bytes = s->missing_bytes = 0;
	s->stuck_ns = -1;
}

/* Which sizes get through: the first of the largest that are under way stands for them. */
static void note_passed(const struct passage *g, bool is_of_server)
{
	struct stream_side *own = side_of(g, is_of_server);
	struct strand *strand = &g->ladder->strands[is_of_server];
	uint16_t bytes;

	if (strand->large_bytes && is_at_or_after(g->p->acknowledged, strand->large_end)) {
		if (strand->large_bytes > own->passed_bytes)
			own->passed_bytes = strand->large_bytes;
		strand->large_bytes = 0;
	}
	bytes = short_of(packet_selective_bytes(g->p));
	if (bytes > own->selective_bytes)
		own->selective_bytes = bytes;
}

static void note_under_way(const struct passage *g)
{
	struct strand *strand = &g->ladder->strands[g->is_from_server];
	uint16_t bytes = short_of(g->p->payload_wire_len);

	if (bytes <= strand->large_bytes ||
	    bytes <= side_of(g, g->is_from_server)->passed_bytes)
		return;
	strand->large_bytes = bytes;
	strand->large_end = g->p->sequence + g->p->payload_wire_len;
}

/* What the sender says that it has of the other end's bytes. */
static void note_acknowledgement(const struct passage *g)
{
	bool is_of_server = !g->is_from_server;
	struct stream_side *other = side_of(g, is_of_server);
	struct strand *strand = &g->ladder->strands[is_of_server];
	uint32_t acknowledged = g->p->acknowledged, first = first_of(g, is_of_server);
	uint32_t n = acknowledged - first;

	if (!(g->p->tcp_flags & TH_ACK_) || n >= UINT32_C(1) << 30)
		return;
	if (n == next_of(g, is_of_server) - first + 1)
		n--; /* the FIN */
	if (n > other->n_acknowledged)
		other->n_acknowledged = n;
	note_passed(g, is_of_server);
	if ((other->n_again && acknowledged - strand->again_at - 1 < UINT32_C(1) << 30) ||
	    (other->missing_bytes && acknowledged - strand->hole_at - 1 < UINT32_C(1)
										  << 30))
		unstick(other);
	else if (other->n_again)
		add_saturating(&other->n_behind, 1);
}

/* ---- Payload ----------------------------------------------------------------------------
 */

static void note_again(const struct passage *g)
{
	struct stream_side *own = side_of(g, g->is_from_server);
	struct strand *strand = &g->ladder->strands[g->is_from_server];
	uint32_t start = g->p->sequence;

	if (start - first_of(g, g->is_from_server) < own->n_acknowledged) {
		count_up(&own->n_unheard);
		return;
	}
	if (!own->n_again || strand->again_at != start) {
		own->n_again = own->n_behind = 0;
		own->stuck_ns = time_of(g);
	}
	strand->again_at = start;
	add_saturating(&own->n_again, 1);
	own->again_bytes = short_of(g->p->payload_wire_len);
}

static void note_hole(const struct passage *g, uint32_t next)
{
	struct stream_side *own = side_of(g, g->is_from_server);

	if (own->missing_bytes)
		return;
	g->ladder->strands[g->is_from_server].hole_at = next;
	own->missing_bytes = short_of(g->p->sequence - next);
	own->stuck_ns = time_of(g);
}

/* Where the segment stands: next, again or behind a hole. True: it is the next. */
static bool place_segment(const struct passage *g)
{
	struct stream_side *own = side_of(g, g->is_from_server);
	uint32_t next = next_of(g, g->is_from_server), start = g->p->sequence;
	uint32_t hole = g->ladder->strands[g->is_from_server].hole_at;

	if (own->missing_bytes && hole - start < g->p->payload_wire_len)
		unstick(own);
	else if (start != next && is_at_or_after(next, start))
		note_again(g);
	else if (start != next)
		note_hole(g, next);
	if (own->missing_bytes)
		add_saturating(&own->n_behind, 1);
	return start == next;
}

/* ---- TLS --------------------------------------------------------------------------------
 */

static void take_alert(struct stream_side *own, const uint8_t *body, size_t len)
{
	uint8_t level;

	if (len < 2 || body[0] < 1 || body[0] > 2 || body[1] == CLOSE_NOTIFY ||
	    body[1] == USER_CANCELED)
		return;
	level = body[0] == 2 ? ALERT_FATAL : ALERT_WARNING;
	if (own->alert_level && (level != ALERT_FATAL || own->alert_level == ALERT_FATAL))
		return;
	own->alert_level = level;
	own->alert_code = body[1];
}

/* Under TLS 1.3 a client's first record of data is its Finished, or why there is none. */
static void take_sealed(const struct passage *g, uint16_t len)
{
	struct strand *strand = &g->ladder->strands[g->is_from_server];
	struct stream_side *own = side_of(g, g->is_from_server);

	if (!g->is_from_server && !strand->is_sealed &&
	    side_of(g, true)->tls_version == TLS_1_3 &&
	    (len == SEALED_ALERT || len == SEALED_ALERT_SHORT) && !own->alert_level)
		own->alert_level = ALERT_SEALED;
	strand->is_sealed = true;
}

/* From record to record; what of one was not captured is counted, a head that was not ends
 * it. */
static void follow_tls(const struct passage *g)
{
	struct strand *strand = &g->ladder->strands[g->is_from_server];
	uint32_t at = 0, wire = g->p->payload_wire_len, len = g->p->payload_len;
	struct tls_record record;

	while (!strand->is_lost) {
		if (strand->record_left >= wire - at) {
			strand->record_left -= wire - at;
			return;
		}
		at += strand->record_left;
		strand->record_left = 0;
		if (at >= len || !payload_tls_record(g->p->payload + at, len - at, &record))
			strand->is_lost = true;
		else
			strand->record_left = TLS_RECORD_HEAD + record.len;
		if (strand->is_lost)
			return;
		if (record.type == TLS_RECORD_DATA)
			take_sealed(g, record.len);
		else if (record.type == TLS_RECORD_ALERT && record.len == 2 &&
			 len - at >= TLS_RECORD_HEAD + 2)
			take_alert(side_of(g, g->is_from_server),
				   g->p->payload + at + TLS_RECORD_HEAD, 2);
	}
}

/* An alert has a segment of its own as a rule: it is known without those before it. */
static void find_alert(const struct passage *g)
{
	struct tls_record record;

	if (g->p->payload_wire_len == TLS_RECORD_HEAD + 2 &&
	    payload_tls_record(g->p->payload, g->p->payload_len, &record) &&
	    record.type == TLS_RECORD_ALERT && record.len == 2)
		take_alert(side_of(g, g->is_from_server), g->p->payload + TLS_RECORD_HEAD,
			   g->p->payload_len - TLS_RECORD_HEAD);
}

static void note_payload(const struct passage *g)
{
	struct stream_side *own = side_of(g, g->is_from_server);
	struct strand *strand = &g->ladder->strands[g->is_from_server];
	uint32_t next = next_of(g, g->is_from_server);
	uint32_t end = g->p->sequence + g->p->payload_wire_len;
	bool is_next;

	if (own->first_ns < 0)
		own->first_ns = time_of(g);
	note_under_way(g);
	is_next = place_segment(g);
	if (is_at_or_after(next, end))
		return; /* all of it was seen before */
	if (strand->is_lost && own->tls_version)
		find_alert(g);
	if (is_next)
		follow_tls(g);
	else
		strand->is_lost = true;
}

/* ---- Ends -------------------------------------------------------------------------------
 */

static void note_end(const struct passage *g, int64_t *at_ns)
{
	struct stream_side *own = side_of(g, g->is_from_server);

	if (own->fin_ns < 0 && own->rst_ns < 0)
		own->n_heard =
			g->is_from_server ? g->d->n_client_bytes : g->d->n_server_bytes;
	if (*at_ns < 0)
		*at_ns = time_of(g);
}

static bool enter(struct tracker *t, struct live *e, const struct packet *p,
		  bool is_from_server, struct passage *out)
{
	*out = (struct passage){
		t, e, live_ladder(t, e), live_detail(t, e), p, is_from_server};
	if (!out->ladder)
		return false;
	live_changed(t, e);
	return true;
}

void stream_take(struct tracker *t, struct live *e, const struct packet *p,
		 bool is_from_server)
{
	struct passage g;

	if (!enter(t, e, p, is_from_server, &g))
		return;
	note_header(&g);
	if (!live_is(e, LIVE_SYN_ACK) || p->tcp_flags & TH_SYN_)
		return;
	note_acknowledgement(&g);
	if (p->payload_wire_len)
		note_payload(&g);
	if (p->tcp_flags & TH_FIN_)
		note_end(&g, &side_of(&g, is_from_server)->fin_ns);
}

void stream_reset(struct tracker *t, struct live *e, const struct packet *p,
		  bool is_from_server)
{
	struct stream_side *own;
	struct passage g;

	if (!enter(t, e, p, is_from_server, &g))
		return;
	own = side_of(&g, is_from_server);
	if (own->rst_ns >= 0)
		return;
	note_end(&g, &own->rst_ns);
	own->rst_ttl = p->ttl;
	own->rst_ip_id = p->ip_id;
	own->rst_window = p->window;
	own->is_rst_exact = p->sequence - next_of(&g, is_from_server) <= (own->fin_ns >= 0);
}

/* ----------------------------------------------------------------------------------------
 */

struct stream_before stream_before(const struct tracker *t, const struct live *e,
				   bool is_from_server)
{
	const struct ladder *ladder = e ? live_ladder(t, e) : NULL;

	if (!ladder || is_from_server || !live_is(e, LIVE_SYN_ACK))
		return (struct stream_before){0};
	return (struct stream_before){true, ladder->has_clock, ladder->clock};
}

void stream_begin(struct tracker *t, struct live *e, const struct packet *p,
		  const struct stream_before *before)
{
	struct ladder *ladder = live_ladder(t, e);
	struct stream *s;

	if (!ladder)
		return;
	s = &ladder->stream;
	for (unsigned i = 0; i < N_STREAM_ENDS; i++) {
		s->side[i].first_ns = s->side[i].stuck_ns = -1;
		s->side[i].fin_ns = s->side[i].rst_ns = -1;
	}
	stream_take(t, e, p, false);
	s->is_reused = before->is_known;
	s->is_older = before->has_clock && ladder->has_clock &&
		      !is_at_or_after(ladder->clock, before->clock);
}

void stream_first_bytes(struct tracker *t, struct live *e, const struct payload *first,
			bool is_from_server)
{
	struct ladder *ladder = live_ladder(t, e);
	struct stream_side *own;

	if (!ladder)
		return;
	own = &ladder->stream.side[is_from_server ? STREAM_SERVER : STREAM_CLIENT];
	own->tls_version = first->tls_version;
	if (is_from_server)
		ladder->stream.says = (uint8_t)first->says;
}

bool stream_has_news(const struct stream *s)
{
	for (unsigned i = 0; i < N_STREAM_ENDS; i++)
		if (s->side[i].first_ns >= 0 || s->side[i].fin_ns >= 0 ||
		    s->side[i].rst_ns >= 0)
			return true;
	return s->n_bare_acks || s->n_too_big || s->is_reused;
}

void stream_bare_ack(struct tracker *t, struct live *e)
{
	struct ladder *ladder = live_ladder(t, e);

	if (ladder)
		count_up(&ladder->stream.n_bare_acks);
}

void stream_too_big(struct tracker *t, struct live *e, const struct packet *p)
{
	struct ladder *ladder = live_ladder(t, e);
	struct stream *s;

	if (!ladder || e->proto != IPPROTO_TCP)
		return;
	s = &ladder->stream;
	if (!s->n_too_big) {
		s->too_big_from = p->icmp_from;
		s->too_big_mtu = p->icmp_mtu;
	}
	count_up(&s->n_too_big);
	live_changed(t, e);
}

/* What several checks ask of the evidence. Finds no fault itself. */
#include "core/diagnosis/check_help.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>

#include "core/base/time.h"
#include "core/diagnosis/sight.h"

static const struct attempt *row_at(const struct check_view *v, size_t i)
{
	return attempts_at(v->e->attempts, v->sight.rows[i]);
}

bool sight_was_answered(const struct check_view *v)
{
	return sightings_n_open(&v->sight) > 0;
}

bool sight_was_refused(const struct check_view *v)
{
	return v->sight.n_outcomes[OUTCOME_REFUSED] > 0;
}

static bool got_icmp(const struct check_view *v)
{
	return v->sight.n_outcomes[OUTCOME_ICMP] > 0;
}

bool sight_got_syn_ack(const struct check_view *v)
{
	for (size_t i = 0; i < v->sight.n; i++)
		if (row_at(v, i)->n_syn_acks)
			return true;
	return false;
}

bool sight_is_of_other_host(const struct check_view *v)
{
	/* At a bridge's port every frame that is not for the port's own address is
	 * another's, also those for the bridge. */
	if (v->walk->is_walked && v->walk->path.in_port)
		return false;
	for (size_t i = 0; i < v->sight.n; i++)
		if (!row_at(v, i)->is_to_other_mac)
			return false;
	return v->sight.n > 0;
}

/* Did one have its time, and got nothing at all? */
static bool has_silence(const struct check_view *v)
{
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = row_at(v, i);

		if ((a->outcome == OUTCOME_SILENT || a->outcome == OUTCOME_OPEN) &&
		    !a->n_syn_acks && sight_has_failed(v->e, a))
			return true;
	}
	return false;
}

enum wire view_wire(const struct check_view *v)
{
	bool is_refused = sight_was_refused(v), has_icmp = got_icmp(v);
	bool is_silent = has_silence(v), is_taken = sight_got_syn_ack(v);

	if (sight_was_answered(v))
		return WIRE_ANSWERED;
	if (is_refused + has_icmp + is_silent + is_taken > 1)
		return WIRE_MIXED;
	if (is_refused || has_icmp)
		return is_refused ? WIRE_RESET : WIRE_ICMP;
	if (is_silent || is_taken)
		return is_silent ? WIRE_SILENCE : WIRE_TAKEN;
	return WIRE_NOTHING;
}

bool sight_is_silent(const struct check_view *v)
{
	return view_wire(v) == WIRE_SILENCE;
}

const struct attempt *sight_newest(const struct check_view *v)
{
	const struct sightings *s = &v->sight;

	return s->n ? attempts_at(v->e->attempts, s->rows[s->n - 1]) : NULL;
}

bool view_is_for_here(const struct check_view *v)
{
	const struct path *p = &v->walk->path;

	if (v->walk->is_walked && (p->is_forwarded || p->is_translated))
		return p->is_local && !p->is_forwarded;
	return v->e->target.role == AIM_SERVER || (v->walk->is_walked && p->is_local);
}

/* Legacy tables that were not read; without the module nothing translates. */
static bool has_unread_nat(const struct check_view *v)
{
	const struct setting_table *s = v->e->settings;
	const struct ruleset *r = v->e->rules;

	if (!r)
		return !s || text_is_empty(s->modules) ||
		       text_contains_nocase(s->modules, text_of("nf_nat"));
	return s && ((!ruleset_has_all_legacy(r, AF_INET) &&
		      text_contains_nocase(s->legacy_v4, text_of("nat"))) ||
		     (!ruleset_has_all_legacy(r, AF_INET6) &&
		      text_contains_nocase(s->legacy_v6, text_of("nat"))));
}

bool view_is_untranslated(const struct check_view *v)
{
	const struct path *p = &v->walk->path;

	if (v->walk->is_walked && p->is_translated)
		return true;
	return !has_unread_nat(v) && !(v->walk->is_walked && p->request.is_nat_touched);
}

const struct socket_row *view_socket(const struct check_view *v, enum tri *served,
				     const struct endpoint **endpoint)
{
	const struct path *p = &v->walk->path;
	bool is_moved = v->walk->is_walked && p->is_translated;

	*served = TRI_UNSURE;
	*endpoint = NULL;
	if (!view_is_for_here(v) || (v->walk->is_walked && p->is_balanced != TRI_NO))
		return NULL;
	if (v->walk->is_walked && p->proxied.state == FW_PROXY_TAKEN) {
		*served = p->is_served;
		*endpoint = p->endpoint;
		return p->socket;
	}
	return path_socket(
		v->e->space, v->e->target.proto, is_moved ? &p->server : &v->walk->server,
		is_moved ? p->server_port : v->e->target.port,
		v->walk->is_walked ? p->in_ifindex : 0, endpoint, v->e->snapshot, served);
}

const struct path *view_established(const struct check_view *v)
{
	enum { PUSH_AND_ACK = 0x18 };
	struct path_world world = evidence_world(v->e);
	struct path_ask ask = v->walk->path.ask;
	struct path *p;

	if (!v->walk->is_walked || !v->walk->client.family)
		return NULL;
	ask.is_established = true;
	ask.tcp_flags = ask.proto == IPPROTO_TCP ? PUSH_AND_ACK : 0;
	p = arena_alloc(v->arena, sizeof(*p));
	return p && !path_walk(&world, &ask, p) && !p->n_needs ? p : NULL;
}

int ruled_out(struct finding *f)
{
	f->is_ruled_out = true;
	return CERTAINTY_NONE;
}

int undecided(struct finding *f)
{
	f->is_undecided = true;
	return CERTAINTY_NONE;
}

static const char *keep(const struct check_view *v, struct str *s)
{
	const char *copy = s->failed ? NULL : arena_copy(v->arena, str_text(s), s->len);

	str_release(s);
	return copy ? copy : "";
}

const char *view_text(const struct check_view *v, const char *format, ...)
{
	struct str s = {0};
	va_list args;

	va_start(args, format);
	str_vprintf(&s, format, args);
	va_end(args);
	return keep(v, &s);
}

static bool is_plain_word(struct text shown)
{
	for (size_t i = 0; i < shown.len; i++)
		if (!isalnum((unsigned char)shown.bytes[i]) &&
		    !strchr("_-.@+", shown.bytes[i]))
			return false;
	return shown.len > 0 && shown.bytes[0] != '-';
}

/* sh(1): within single quotes everything stands for itself but the quote. */
static void put_quoted(struct str *out, struct text shown)
{
	str_putc(out, '\'');
	for (size_t i = 0; i < shown.len; i++)
		if (shown.bytes[i] == '\'')
			str_puts(out, "'\\''");
		else
			str_putc(out, shown.bytes[i]);
	str_putc(out, '\'');
}

const char *view_word(const struct check_view *v, struct text name)
{
	struct str shown = {0}, word = {0};
	struct text t;

	text_show(&shown, name, TEXT_ASCII);
	t = text_of_str(&shown);
	if (is_plain_word(t))
		str_append(&word, t.bytes, t.len);
	else
		put_quoted(&word, t);
	str_release(&shown);
	return keep(v, &word);
}

const char *view_owner(const struct check_view *v, const struct endpoint *e)
{
	struct str s = {0};

	if (!e->n_owners)
		return "a process that is not known";
	text_show(&s, e->owners[0]->comm, TEXT_ASCII);
	str_printf(&s, " %d", e->owners[0]->pid);
	if (e->n_owners > 1)
		str_printf(&s, " +%zu", e->n_owners - 1);
	return keep(v, &s);
}

const char *view_listens_on(const struct check_view *v, const struct endpoint *e)
{
	struct str s = {0};

	endpoint_listens_on(&s, e);
	return keep(v, &s);
}

const char *view_port(const struct check_view *v)
{
	return view_text(v, "%u/%s", v->e->target.port,
			 v->e->target.proto == IPPROTO_UDP ? "udp" : "tcp");
}

static const char *answer_words(const struct check_view *v)
{
	const struct attempt *a = sight_newest(v);
	char from[ADDR_TEXT_MAX];

	if (view_wire(v) == WIRE_MIXED)
		return "not all of them met the same";
	if (sight_was_answered(v))
		return "they were answered";
	if (sight_was_refused(v))
		return "a reset came back";
	if (got_icmp(v) && a && a->n_icmp)
		return view_text(v, "an ICMP error came back (type %u code %u from %s)",
				 a->icmp_type, a->icmp_code,
				 addr_format(&a->icmp_from, from));
	if (sight_got_syn_ack(v))
		return "the handshake did not complete";
	return "nothing came back";
}

int prove_wire(const struct check_view *v, struct finding *f)
{
	const struct sightings *s = &v->sight;
	bool is_udp = v->e->target.proto == IPPROTO_UDP;
	char span[TIME_TEXT_MAX];
	const char *again = "";

	if (!s->n_all)
		return 0;
	if (s->n_repeats)
		again = view_text(v, ", sent again %u time%s", s->n_repeats,
				  s->n_repeats == 1 ? "" : "s");
	return finding_prove(f, v->arena, "capture", true,
			     view_text(v, "tcpdump -ni any '%s port %u'",
				       is_udp ? "udp" : "tcp", v->e->target.port),
			     "%u %s%s%s%s: %s", s->n_syns, is_udp ? "datagram" : "SYN",
			     s->n_syns == 1 ? "" : "s", sightings_span(s, span), again,
			     answer_words(v));
}

/* The items of connections of our own -> rows. Connects to nothing. */
#include "core/network/reach.h"

#include <errno.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/network/fields.h"

/* clang-format off */
static const char *const heard_ids[N_HEARD] = {
#define X(name, word, words) [HEARD_##name] = word,
	HEARD(X)
#undef X
};
static const char *const heard_sentences[N_HEARD] = {
#define X(name, word, words) [HEARD_##name] = words,
	HEARD(X)
#undef X
};
static const char *const outcomes[N_REACH_OUTCOMES] = {
#define X(name, word) [REACH_##name] = word,
	REACH_OUTCOMES(X)
#undef X
};
static const char *const ends[N_REACH_ENDS] = {
#define X(name, word) [REACH_END_##name] = word,
	REACH_ENDS(X)
#undef X
};
/* clang-format on */

static const char *const talks[N_REACH_TALKS] = {
	[REACH_TALK_NONE] = "none",   [REACH_TALK_LISTEN] = "none",
	[REACH_TALK_TLS] = "tls",     [REACH_TALK_HTTP] = "http",
	[REACH_TALK_DNS] = "dns",     [REACH_TALK_NTP] = "ntp",
	[REACH_TALK_EMPTY] = "empty",
};

const char *reach_talk_word(enum reach_talk t)
{
	return talks[t];
}

const char *heard_word(enum heard h)
{
	return heard_ids[h];
}

const char *heard_words(enum heard h)
{
	return heard_sentences[h];
}

const char *reach_outcome_word(enum reach_outcome o)
{
	return outcomes[o];
}

const char *reach_end_word(enum reach_end e)
{
	return ends[e];
}

/* ---- words ---- */

/* Index of the word; -1: none of them. */
static int find_word(struct text value, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (text_equals_str(value, words[i]))
			return i;
	return -1;
}

static bool take_number(struct text word, const char *key, uint64_t max, uint64_t *out)
{
	struct text value;

	return fields_value(word, key, &value) && fields_number(value, 10, out) &&
	       *out <= max;
}

static void take_u32(struct text word, const char *key, uint32_t *out)
{
	uint64_t n;

	if (take_number(word, key, UINT32_MAX, &n))
		*out = (uint32_t)n;
}

static void take_u16(struct text word, const char *key, uint16_t *out)
{
	uint64_t n;

	if (take_number(word, key, UINT16_MAX, &n))
		*out = (uint16_t)n;
}

static void take_ns(struct text word, const char *key, int64_t *out)
{
	uint64_t n;

	if (take_number(word, key, INT64_MAX / 4, &n))
		*out = (int64_t)n;
}

static void take_addr(struct text word, const char *key, struct addr *out)
{
	char address[ADDR_TEXT_MAX];
	struct text value;

	if (!fields_value(word, key, &value) || value.len >= sizeof(address) ||
	    !value.len || memchr(value.bytes, '\0', value.len))
		return;
	memcpy(address, value.bytes, value.len);
	address[value.len] = '\0';
	(void)addr_parse(out, address); /* else it stays none */
}

/* "3.13" */
static void take_icmp(struct reach_result *r, struct text word)
{
	struct text value, type;
	uint64_t t, c;

	if (!fields_value(word, "icmp=", &value) || !piece_next(&value, '.', &type) ||
	    !fields_number(type, 10, &t) || !fields_number(value, 10, &c) ||
	    t > UINT8_MAX || c > UINT8_MAX)
		return;
	r->has_icmp = true;
	r->icmp_type = (uint8_t)t;
	r->icmp_code = (uint8_t)c;
}

static void take_datagram(struct reach_result *r, struct text word)
{
	struct text value;
	uint64_t n;

	if (fields_value(word, "proto=", &value))
		r->is_datagram = text_equals_str(value, "udp");
	take_addr(word, "reply=", &r->stray);
	take_u16(word, "rport=", &r->stray_port);
	if (take_number(word, "fits=", 1, &n))
		r->is_stray_ours = n == 1;
}

/* ---- items ---- */

static void take_reach(struct reach_result *r, struct text words)
{
	struct text word, value;
	uint64_t n;

	while (piece_word(&words, &word)) {
		if (fields_value(word, "result=", &value)) {
			int found = find_word(value, outcomes, N_REACH_OUTCOMES);

			r->is_told |= found >= 0;
			r->outcome = found >= 0 ? (enum reach_outcome)found : r->outcome;
		}
		if (take_number(word, "errno=", INT16_MAX, &n))
			r->error = (int)n;
		take_addr(word, "to=", &r->to);
		take_ns(word, "start_ns=", &r->start_ns);
		take_ns(word, "took_ns=", &r->took_ns);
		take_u32(word, "syns=", &r->n_syns);
		take_u16(word, "sport=", &r->source_port);
		take_addr(word, "from=", &r->source);
		take_icmp(r, word);
		take_addr(word, "sender=", &r->icmp_from);
		take_datagram(r, word);
	}
}

static void take_said_words(struct reach_said *s, struct text word)
{
	struct text value;
	int found;

	if (fields_value(word, "said=", &value)) {
		found = find_word(value, talks, N_REACH_TALKS);
		s->said = found > 0 ? (enum reach_talk)found : REACH_TALK_NONE;
		s->is_told |= found >= 0;
	}
	if (fields_value(word, "heard=", &value)) {
		found = find_word(value, heard_ids, N_HEARD);
		s->heard = found > 0 ? (enum heard)found : HEARD_NOTHING;
	}
	if (fields_value(word, "end=", &value)) {
		found = find_word(value, ends, N_REACH_ENDS);
		s->end = found > 0 ? (enum reach_end)found : REACH_END_OPEN;
	}
}

static void take_said(struct reach_said *s, struct text words)
{
	struct text word;
	uint64_t n;

	while (piece_word(&words, &word)) {
		take_said_words(s, word);
		take_ns(word, "took_ns=", &s->took_ns);
		take_u16(word, "version=", &s->version);
		if (take_number(word, "alert=", UINT8_MAX, &n))
			s->alert = (uint8_t)n;
		take_u16(word, "status=", &s->status);
		take_u32(word, "sent=", &s->sent);
		take_u32(word, "unacked=", &s->unacked);
		take_u32(word, "again=", &s->again);
		take_u32(word, "mss=", &s->mss);
		take_u32(word, "pmtu=", &s->pmtu);
	}
}

static void take_sizes(struct reach_result *r, struct text words)
{
	struct reach_sizes *s = &r->sizes;
	struct text word;

	s->is_told = true;
	while (piece_word(&words, &word)) {
		take_u32(word, "device=", &s->device);
		take_u32(word, "smallest=", &s->smallest);
		take_u32(word, "largest=", &s->largest);
		take_u32(word, "told=", &s->told);
		take_addr(word, "sender=", &s->sender);
	}
}

static void take_ports(struct reach_result *r, struct text words)
{
	struct reach_ports *p = &r->ports;
	struct text word;

	p->is_told = true;
	while (piece_word(&words, &word)) {
		take_u32(word, "low=", &p->low);
		take_u32(word, "high=", &p->high);
		take_u32(word, "busy=", &p->busy);
		take_u32(word, "waiting=", &p->waiting);
		take_u32(word, "held=", &p->held);
		take_u32(word, "reserved=", &p->reserved);
	}
}

static int take_variable(struct reach_table *t, struct text name, struct text value)
{
	struct reach_variable *v = &t->variables[t->n_variables];

	if (t->n_variables == REACH_VARIABLES_MAX || !value.len)
		return 0;
	v->name = arena_text(&t->head.arena, name);
	v->value = arena_text(&t->head.arena, value);
	if (!v->name.bytes || !v->value.bytes)
		return -ENOMEM;
	t->n_variables++;
	return 0;
}

static int take_text(struct reach_table *t, struct text *out, struct text value)
{
	*out = arena_text(&t->head.arena, value);
	return value.len && !out->bytes ? -ENOMEM : 0;
}

static int take_item_of(struct reach_table *t, size_t at, struct text what,
			const struct bundle_item *item)
{
	struct reach_result *r = &t->rows[at];

	if (at >= t->n)
		t->n = at + 1;
	if (text_equals_str(what, "sizes"))
		r->sizes.error = item->error;
	if (item->error)
		return 0;
	if (text_equals_str(what, "reach"))
		take_reach(r, item->data);
	else if (text_equals_str(what, "talk"))
		take_said(&r->said, item->data);
	else if (text_equals_str(what, "second"))
		take_said(&r->second, item->data);
	else if (text_equals_str(what, "sizes"))
		take_sizes(r, item->data);
	else if (text_equals_str(what, "ports"))
		take_ports(r, item->data);
	else if (text_equals_str(what, "server"))
		return take_text(t, &r->said.server, item->data);
	else if (text_equals_str(what, "location"))
		return take_text(t, &r->said.location, item->data);
	return 0;
}

static int take(void *context, const struct bundle_item *item)
{
	struct reach_table *t = context;
	struct text rest = item->name, what;
	uint64_t at;

	if (!piece_next(&rest, '/', &what))
		return 0;
	if (text_equals_str(what, "env"))
		return take_variable(t, rest, item->data);
	/* What is not known is passed over. */
	if (!fields_number(rest, 10, &at))
		return 0;
	return at < REACH_MAX ? take_item_of(t, (size_t)at, what, item) : -EBADMSG;
}

struct reach_table *reach_new(void)
{
	return table_new(sizeof(struct reach_table), NULL);
}

int reach_decode(struct reach_table *t, const void *bytes, size_t len)
{
	return bundle_each(bytes, len, take, t);
}

void reach_free(struct reach_table *t)
{
	table_unref(t);
}

struct reach_table *reach_finish(struct reach_table *t)
{
	return table_ref(t);
}

const struct reach_result *reach_result_of(const struct reach_table *t,
					   const struct addr *to)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].is_told && addr_equals(&t->rows[i].to, to))
			return &t->rows[i];
	return NULL;
}

const char *reach_result_word(const struct reach_result *r)
{
	if (r->is_datagram && r->outcome == REACH_CONNECTED)
		return "answered";
	if (r->is_datagram && r->outcome == REACH_TIMED_OUT)
		return "silent";
	return outcomes[r->outcome];
}

static int64_t stood_ns(const struct reach_result *r)
{
	return r->start_ns + r->took_ns;
}

const struct reach_result *reach_winner(const struct reach_table *t)
{
	const struct reach_result *best = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct reach_result *r = &t->rows[i];

		if (r->is_told && r->outcome == REACH_CONNECTED &&
		    (!best || stood_ns(r) < stood_ns(best)))
			best = r;
	}
	return best;
}

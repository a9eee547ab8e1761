/* The cells of an attempt. What an outcome means is core/wire's and `dport capture`'s. */
#include "tui/view/wire_columns.h"

#include <inttypes.h>
#include <netinet/in.h>

#include "core/base/time.h"

/* ---- names of interfaces ---- */

static const struct space *space_of(const struct model *m)
{
	const struct snapshot *s = m->snapshot;
	const char *name = m->wire.aim.space;

	for (size_t i = 0; s && i < s->n_spaces; i++)
		if (*name ? text_equals_str(s->spaces[i].name, name) : s->spaces[i].is_own)
			return &s->spaces[i];
	return s && s->n_spaces && !*name ? &s->spaces[0] : NULL;
}

static struct text device_name(void *arg, uint32_t number)
{
	const struct space *space = space_of(arg);
	const struct link_row *row =
		space && space->links ? links_find(space->links, number) : NULL;

	return row ? row->name : TEXT_NONE;
}

struct capture_words wire_capture_words(const struct model *m)
{
	return (struct capture_words){.text_mode = model_text_mode(m),
				      .is_utc = m->is_utc,
				      .device = device_name,
				      .arg = (void *)m};
}

void wire_put_devices(const struct model *m, const struct attempt *a, struct str *out)
{
	if (!a->n_devices)
		str_puts(out, symbol_text(SYMBOL_NONE, m->is_ascii));
	for (unsigned i = 0; i < a->n_devices; i++) {
		struct text name = device_name((void *)m, a->devices[i]);

		str_puts(out, i ? "," : "");
		if (text_is_empty(name))
			str_printf(out, "#%" PRIu32, a->devices[i]);
		else
			text_show(out, name, model_text_mode(m));
	}
}

/* ---- outcome and answer ---- */

static enum role put(const struct model *m, struct str *out, enum symbol symbol,
		     const char *word, enum role role)
{
	str_printf(out, "%s %s", symbol_text(symbol, m->is_ascii), word);
	return role;
}

enum role wire_put_outcome(const struct model *m, const struct attempt *a, struct str *out)
{
	static const struct {
		enum symbol symbol;
		enum role role;
	} looks[N_OUTCOMES] = {
		[OUTCOME_OPEN] = {SYMBOL_UNKNOWN, ROLE_UNKNOWN},
		[OUTCOME_ANSWERED] = {SYMBOL_GOOD, ROLE_GOOD},
		[OUTCOME_HALF_OPEN] = {SYMBOL_SOME, ROLE_WARN},
		[OUTCOME_REFUSED] = {SYMBOL_BAD, ROLE_BAD},
		[OUTCOME_ICMP] = {SYMBOL_BAD, ROLE_BAD},
		[OUTCOME_RESET_LATER] = {SYMBOL_SOME, ROLE_WARN},
		[OUTCOME_SILENT] = {SYMBOL_BAD, ROLE_BAD},
	};
	enum outcome o = a->outcome < N_OUTCOMES ? (enum outcome)a->outcome : OUTCOME_OPEN;

	if (wire_awaits(&m->wire, a))
		return put(m, out, SYMBOL_WAITING, "waiting", ROLE_DIM);
	if (o == OUTCOME_OPEN)
		return put(m, out, SYMBOL_UNKNOWN, "undecided", ROLE_UNKNOWN);
	if (o == OUTCOME_SILENT && a->proto == IPPROTO_UDP)
		return put(m, out, SYMBOL_UNKNOWN, capture_outcome_words(a), ROLE_UNKNOWN);
	return put(m, out, looks[o].symbol, capture_outcome_words(a), looks[o].role);
}

/* Of the server's first packet; 0: none was kept. */
static uint8_t answer_ttl(const struct attempt *a)
{
	for (size_t i = 0; i < a->n_events; i++)
		if (a->events[i].is_from_server && a->events[i].kind != PACKET_ICMP)
			return a->events[i].ttl;
	return 0;
}

static void put_packet(struct str *out, const char *word, uint8_t ttl)
{
	str_puts(out, word);
	if (ttl)
		str_printf(out, " ttl %u", ttl);
}

static void put_icmp(struct str *out, const struct attempt *a)
{
	const char *words =
		capture_icmp_words(a->icmp_from.family, a->icmp_type, a->icmp_code);
	char from[ADDR_TEXT_MAX];

	str_printf(out, "%s ", addr_format(&a->icmp_from, from));
	if (words)
		str_puts(out, words);
	else
		str_printf(out, "ICMP %u/%u", a->icmp_type, a->icmp_code);
}

void wire_put_answer(const struct model *m, const struct attempt *a, struct str *out)
{
	if (a->icmp_from.family)
		put_icmp(out, a);
	else if (a->outcome == OUTCOME_REFUSED)
		put_packet(out, "RST", a->rst_ttl);
	else if (a->has_bare_ack)
		put_packet(out, "bare ACK", answer_ttl(a));
	else if (a->n_syn_acks)
		put_packet(out, "SYN-ACK", a->syn_ack_ttl);
	else if (a->answered_ns)
		put_packet(out, a->proto == IPPROTO_UDP ? "datagram" : "answer",
			   answer_ttl(a));
	else if (wire_awaits(&m->wire, a))
		str_puts(out, symbol_text(SYMBOL_WAITING, m->is_ascii));
	else
		str_printf(out, "%s nothing", symbol_text(SYMBOL_NONE, m->is_ascii));
}

/* ---- cells ---- */

static void print_outcome(struct cell_print *p)
{
	p->role = wire_put_outcome(p->context, p->row, p->out);
}

static void put_address(struct str *out, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	str_printf(out, a->family == AF_INET6 ? "[%s]" : "%s", addr_format(a, text));
}

/* An address that is whole says more than half of it and a port. */
static void put_end(struct cell_print *p, const struct addr *a, uint16_t port)
{
	size_t len;

	put_address(p->out, a);
	len = p->out->len;
	str_printf(p->out, ":%u", port);
	if (p->out->len > (size_t)p->width)
		str_truncate(p->out, len);
}

static void print_client(struct cell_print *p)
{
	const struct attempt *a = p->row;

	put_end(p, &a->client, a->client_port);
}

static void print_server(struct cell_print *p)
{
	const struct attempt *a = p->row;

	put_end(p, &a->server, a->server_port);
}

static bool are_ports_many(const void *context)
{
	const struct model *m = context;

	return !m->wire.aim.port;
}

static void print_port(struct cell_print *p)
{
	const struct attempt *a = p->row;

	str_printf(p->out, "%u/%s", a->server_port,
		   a->proto == IPPROTO_UDP ? "udp" : "tcp");
}

static void print_time(struct cell_print *p)
{
	enum { CLOCK = 8, WITH_MS = 12 }; /* "14:32:07", "14:32:07.123" */
	const struct model *m = p->context;
	const struct attempt *a = p->row;
	char clock[TIME_TEXT_MAX];

	time_clock(a->first_ns, m->is_utc, clock);
	str_append(p->out, clock, CLOCK);
	if (p->width >= WITH_MS)
		str_printf(p->out, ".%03d", (int)(a->first_ns / NS_PER_MS % 1000));
}

static void print_syns(struct cell_print *p)
{
	const struct attempt *a = p->row;

	str_printf(p->out, "%" PRIu32, a->n_syns);
	if (a->n_syns > 1)
		p->role = ROLE_NOTICE;
}

static void print_rtt(struct cell_print *p)
{
	const struct model *m = p->context;
	const struct attempt *a = p->row;

	if (a->rtt_ns >= 0)
		str_printf(p->out, "%.2f ms", (double)a->rtt_ns / 1e6);
	else
		str_puts(p->out, symbol_text(SYMBOL_NONE, m->is_ascii));
}

static void print_answer(struct cell_print *p)
{
	wire_put_answer(p->context, p->row, p->out);
}

static void print_devices(struct cell_print *p)
{
	wire_put_devices(p->context, p->row, p->out);
}

const struct column wire_columns[] = {
	{.id = "outcome",
	 .title = "OUTCOME",
	 .width_min = 13,
	 .width_usual = 13,
	 .width_max = 18,
	 .priority = 1,
	 .print = print_outcome},
	{.id = "client",
	 .title = "CLIENT",
	 .width_min = 21,
	 .width_usual = 21,
	 .width_max = 47,
	 .clip = CLIP_MIDDLE,
	 .priority = 2,
	 .print = print_client},
	{.id = "server",
	 .title = "TO",
	 .width_min = 13,
	 .width_usual = 20,
	 .width_max = 47,
	 .clip = CLIP_MIDDLE,
	 .priority = 9,
	 .print = print_server},
	{.id = "port",
	 .title = "PORT",
	 .is_shown = are_ports_many,
	 .width_min = 9,
	 .width_usual = 9,
	 .width_max = 9,
	 .priority = 4,
	 .print = print_port},
	{.id = "first",
	 .title = "BEGAN",
	 .width_min = 8,
	 .width_usual = 12,
	 .width_max = 12,
	 .priority = 3,
	 .print = print_time},
	{.id = "syns",
	 .title = "SENT",
	 .width_min = 4,
	 .width_usual = 4,
	 .width_max = 10,
	 .align = ALIGN_RIGHT,
	 .priority = 5,
	 .print = print_syns},
	{.id = "rtt",
	 .title = "RTT",
	 .width_min = 7,
	 .width_usual = 9,
	 .width_max = 12,
	 .align = ALIGN_RIGHT,
	 .priority = 7,
	 .print = print_rtt},
	{.id = "answer",
	 .title = "ANSWERED BY",
	 .width_min = 14,
	 .width_usual = 16,
	 .width_max = 72,
	 .priority = 6,
	 .print = print_answer},
	{.id = "devices",
	 .title = "DEVICES",
	 .width_min = 7,
	 .width_usual = 10,
	 .width_max = 32,
	 .priority = 8,
	 .print = print_devices},
};

const size_t n_wire_columns = sizeof(wire_columns) / sizeof(wire_columns[0]);

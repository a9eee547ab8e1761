/* Attempts as lines for a person, the outcome first; totals and losses. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "core/report/capture.h"

#define OUTCOME_WIDTH 11 /* "reset-later" */

static const char *proto_word(uint8_t proto)
{
	return proto == IPPROTO_UDP ? "udp" : "tcp";
}

/* What every line has is put together without formats: they would take most of the time. */
static void put_number(struct str *out, uint32_t n)
{
	char digits[10];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	str_append(out, digits + at, sizeof(digits) - at);
}

static void put_end(struct str *out, const struct addr *a, uint16_t port)
{
	bool is_v6 = a->family == AF_INET6;
	char text[ADDR_TEXT_MAX];

	str_puts(out, is_v6 ? "[" : "");
	str_puts(out, addr_format(a, text));
	str_puts(out, is_v6 ? "]:" : ":");
	put_number(out, port);
}

static void put_outcome(struct str *out, const struct attempt *a, enum text_mode mode)
{
	const char *words = capture_outcome_words(a);
	size_t len = strlen(words);

	str_puts(out, capture_mark((enum outcome)a->outcome, mode));
	str_putc(out, ' ');
	str_append(out, words, len);
	str_fill(out, ' ', len < OUTCOME_WIDTH ? OUTCOME_WIDTH - len + 1 : 1);
}

static void put_round_trip(struct str *out, int64_t rtt_ns)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "  rtt %.2f ms", (double)rtt_ns / 1e6);

	str_append(out, text, (size_t)len);
}

static void put_icmp(struct str *out, const struct attempt *a)
{
	char from[ADDR_TEXT_MAX];
	const char *words =
		capture_icmp_words(a->icmp_from.family, a->icmp_type, a->icmp_code);

	if (!a->icmp_from.family)
		return;
	str_printf(out, "  ICMP%s %u/%u", a->icmp_from.family == AF_INET6 ? "v6" : "",
		   a->icmp_type, a->icmp_code);
	if (words)
		str_printf(out, " %s", words);
	str_printf(out, " from %s", addr_format(&a->icmp_from, from));
}

static void put_devices(struct str *out, const struct attempt *a,
			const struct capture_words *w)
{
	for (unsigned i = 0; i < a->n_devices; i++) {
		struct text name = w->device ? w->device(w->arg, a->devices[i]) : TEXT_NONE;

		if (text_is_empty(name))
			continue;
		str_puts(out, i ? "," : "  ");
		text_show(out, name, w->text_mode);
	}
}

/* What is worth a word; nothing stands for what is as usual. */
static void put_rest(struct str *out, const struct attempt *a,
		     const struct capture_words *w)
{
	const char *noun = a->proto == IPPROTO_UDP ? "datagrams" : "SYNs";

	if (a->rtt_ns >= 0)
		put_round_trip(out, a->rtt_ns);
	if (a->n_syns > 1)
		str_printf(out, "  %" PRIu32 " %s", a->n_syns, noun);
	if (a->n_syn_acks > 1)
		str_printf(out, "  %" PRIu32 " SYN-ACKs", a->n_syn_acks);
	if (a->n_client_resets)
		str_puts(out, "  reset by the client");
	if (a->has_bare_ack)
		str_puts(out, "  answered by a bare ACK");
	if (a->is_to_other_mac)
		str_puts(out, "  to another host's MAC");
	put_icmp(out, a);
	if (a->sni[0]) {
		str_puts(out, "  sni ");
		text_show(out, text_of(a->sni), w->text_mode);
	}
	put_devices(out, a, w);
}

int capture_text_line(struct str *out, const struct attempt *a,
		      const struct capture_words *w)
{
	char clock[TIME_TEXT_MAX];

	put_outcome(out, a, w->text_mode);
	put_end(out, &a->client, a->client_port);
	str_puts(out, w->text_mode == TEXT_ASCII ? " -> " : " → ");
	put_end(out, &a->server, a->server_port);
	str_putc(out, '/');
	str_puts(out, proto_word(a->proto));
	str_puts(out, "  ");
	str_puts(out, time_clock(a->first_ns, w->is_utc, clock));
	put_rest(out, a, w);
	return str_putc(out, '\n');
}

static void put_totals(struct str *out, const struct capture_state *s)
{
	str_printf(out, "%" PRIu64 " attempts in %" PRIu64 " packets:", s->n_attempts,
		   s->n_packets);
	for (unsigned o = 0; o < N_OUTCOMES; o++)
		if (s->n_outcomes[o])
			str_printf(out, " %" PRIu64 " %s", s->n_outcomes[o],
				   outcome_word((enum outcome)o));
	str_putc(out, '\n');
}

static void put_port(struct str *out, const struct port_count *p)
{
	struct str end = {0};

	put_end(&end, &p->server, p->port);
	str_printf(&end, "/%s", proto_word(p->proto));
	str_printf(out, "%-32s %9" PRIu32 " %9" PRIu32, str_text(&end), p->n_attempts,
		   p->n_clients);
	for (unsigned o = 0; o < N_OUTCOMES; o++)
		str_printf(out, " %*" PRIu32, OUTCOME_WIDTH, p->n_outcomes[o]);
	str_putc(out, '\n');
	out->failed = out->failed || end.failed;
	str_release(&end);
}

int capture_text_totals(struct str *out, const struct capture_document *d,
			const struct capture_words *w)
{
	(void)w;
	put_totals(out, &d->attempts->state);
	if (!d->ports || !d->ports->n)
		return out->failed ? -ENOMEM : 0;
	str_printf(out, "%-32s %9s %9s", "PORT", "ATTEMPTS", "CLIENTS");
	for (unsigned o = 0; o < N_OUTCOMES; o++)
		str_printf(out, " %*s", OUTCOME_WIDTH, outcome_word((enum outcome)o));
	str_putc(out, '\n');
	for (size_t i = 0; i < d->ports->n; i++)
		put_port(out, vec_at(d->ports, i));
	return out->failed ? -ENOMEM : 0;
}

static void put_loss(struct str *out, uint64_t n, const char *sentence)
{
	if (n)
		str_printf(out, "%" PRIu64 " %s\n", n, sentence);
}

int capture_losses(struct str *out, const struct capture_state *s, uint64_t n_forgotten)
{
	put_loss(out, s->n_kernel_drops,
		 "packets were dropped by the kernel: outcomes may be wrong by them");
	put_loss(out, s->n_device_drops, "packets were dropped by the device");
	put_loss(out, s->n_undecoded, "packets were cut short or not understood");
	put_loss(out, s->n_evicted, "attempts were forgotten undecided for want of room");
	put_loss(out, s->n_not_told,
		 "attempts came too fast to be told one by one; the "
		 "totals count them");
	put_loss(out, s->n_ports_left_out, "rows of ports made room for others");
	put_loss(out, n_forgotten,
		 "older attempts are not in the document; the totals "
		 "count them");
	return out->failed ? -ENOMEM : 0;
}

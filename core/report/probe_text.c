/* Our own tries as text and Markdown: the verdict as `diagnose` has it, then the name and
 * one line for each address. */
#include <errno.h>
#include <string.h>

#include "core/base/time.h"
#include "core/report/diagnose.h"
#include "core/report/probe.h"

static void put_addresses(struct str *out, const struct addr *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char text[ADDR_TEXT_MAX];

		str_printf(out, "%s%s", i ? ", " : "", addr_format(&rows[i], text));
	}
}

static void put_ms(struct str *out, int64_t ns)
{
	str_printf(out, "%.1f ms", (double)ns / 1e6);
}

/* ---- the name ---- */

static void put_server(struct str *out, const struct names_reply *r)
{
	char server[ADDR_TEXT_MAX];

	str_printf(out, "DNS %s: ", addr_format(&r->server, server));
	text_show(out, text_of(r->name), TEXT_ASCII);
	str_printf(out, " %s: ", r->is_aaaa ? "AAAA" : "A");
	if (r->error)
		str_puts(out, strerror(r->error));
	else if (r->reply.n)
		put_addresses(out, r->reply.addresses, r->reply.n);
	else
		str_puts(out, r->reply.code ? dns_code_word(r->reply.code) : "none");
	str_puts(out, " in ");
	put_ms(out, r->took_ns);
}

static const char *error_words(int error)
{
	if (error == ENOENT)
		return "no such name";
	if (error == EAGAIN)
		return "no server answered";
	return error ? strerror(error) : "no address";
}

static void put_name(struct str *out, const struct names_answer *t, const char *start)
{
	if (!t)
		return;
	str_printf(out, "%sresolver: ", start);
	if (t->n)
		put_addresses(out, t->addresses, t->n);
	else
		str_puts(out, error_words(t->error));
	str_puts(out, " in ");
	put_ms(out, t->took_ns);
	str_putc(out, '\n');
	if (t->n_hosts) {
		str_printf(out, "%s/etc/hosts: ", start);
		put_addresses(out, t->hosts, t->n_hosts);
		str_putc(out, '\n');
	}
	for (size_t i = 0; i < t->n_replies; i++) {
		str_puts(out, start);
		put_server(out, &t->replies[i]);
		str_putc(out, '\n');
	}
}

/* ---- the addresses ---- */

static void put_way(struct str *out, const struct evidence *e, const struct addr *server,
		    const char *start)
{
	const struct path_hop *hop = probe_route(e, server);
	const struct link_table *links = e->space ? e->space->links : NULL;
	const struct link_row *link =
		hop && hop->ifindex && links ? links_find(links, hop->ifindex) : NULL;
	char gateway[ADDR_TEXT_MAX];

	if (link) {
		str_printf(out, "%s by ", start);
		text_show(out, link->name, TEXT_ASCII);
	}
	if (hop && hop->gateway.family)
		str_printf(out, " over %s", addr_format(&hop->gateway, gateway));
}

static void put_outcome(struct str *out, const struct reach_result *r)
{
	char text[ADDR_TEXT_MAX];

	str_printf(out, "%s", reach_result_word(r));
	if (r->outcome == REACH_FAILED)
		str_printf(out, " (%s)", strerror(r->error));
	str_printf(out, " %s ", r->outcome == REACH_CONNECTED ? "in" : "after");
	put_ms(out, r->took_ns);
	if (r->n_syns > 1)
		str_printf(out, ", %u %ss", r->n_syns, r->is_datagram ? "datagram" : "SYN");
	if (r->has_icmp)
		str_printf(out, ", ICMP type %u code %u%s%s", r->icmp_type, r->icmp_code,
			   r->icmp_from.family ? " from " : "",
			   addr_format(&r->icmp_from, text));
	if (r->source.family)
		str_printf(out, ", from %s", addr_format(&r->source, text));
	if (r->stray.family)
		str_printf(out, "; a datagram came from %s port %u",
			   addr_format(&r->stray, text), r->stray_port);
}

static const char *talk_words(enum reach_talk t)
{
	switch (t) {
	case REACH_TALK_TLS:
		return "answer to a ClientHello";
	case REACH_TALK_HTTP:
		return "answer to HEAD /";
	case REACH_TALK_DNS:
		return "answer to a DNS query";
	case REACH_TALK_NTP:
		return "answer to an NTP request";
	case REACH_TALK_EMPTY:
		return "answer to an empty datagram";
	case REACH_TALK_NONE:
	case REACH_TALK_LISTEN:
	case N_REACH_TALKS:
		break;
	}
	return "it says of itself";
}

static void put_said(struct str *out, const struct reach_said *s)
{
	if (!s->is_told)
		return;
	str_printf(out, "; %s: %s", talk_words(s->said), heard_words(s->heard));
	if (s->status)
		str_printf(out, ", status %u", s->status);
	if (s->heard == HEARD_TLS_ALERT)
		str_printf(out, " %u", s->alert);
	if (!text_is_empty(s->location)) {
		str_puts(out, ", sent on to ");
		text_show(out, s->location, TEXT_ASCII);
	}
}

static void put_sizes(struct str *out, const struct reach_sizes *s)
{
	if (s->error)
		str_printf(out, "; sizes not tried: %s",
			   s->error == EACCES || s->error == EPERM
				   ? "it needs CAP_NET_RAW, or a group of "
				     "net.ipv4.ping_group_range"
				   : strerror(s->error));
	if (!s->is_told)
		return;
	if (!s->smallest) {
		str_puts(out, "; no packet of any size was echoed");
		return;
	}
	str_printf(out, "; packets up to %u of %u bytes pass", s->largest, s->device);
	if (s->told)
		str_printf(out, ", too big is told (%u)", s->told);
}

static void put_address(struct str *out, const struct evidence *e, const struct addr *a)
{
	const struct reach_result *r = e->reach ? reach_result_of(e->reach, a) : NULL;
	char text[ADDR_TEXT_MAX];

	str_printf(out, "%s: ", addr_format(a, text));
	if (r)
		put_outcome(out, r);
	else
		str_puts(out, "not tried");
	put_way(out, e, a, r ? "" : ", the route leads out");
	if (r) {
		put_said(out, &r->said);
		put_said(out, &r->second);
		put_sizes(out, &r->sizes);
	}
	str_putc(out, '\n');
}

int probe_text(struct str *out, const struct diagnosis *d, const struct evidence *e,
	       enum text_mode mode)
{
	int error = diagnose_text(out, d, mode);

	put_name(out, e->names, "  name    ");
	for (size_t i = 0; i < e->plan.n; i++) {
		str_puts(out, "  tried   ");
		put_address(out, e, &e->plan.addresses[i]);
	}
	return error ? error : out->failed ? -ENOMEM : 0;
}

/* ---- Markdown ---- */

/* Whatever stands in such a line is between backquotes, which it then must not have. */
static void put_quoted(struct str *out, const struct str *lines)
{
	bool is_start = true;

	for (size_t i = 0; i < lines->len; i++) {
		char c = lines->data[i];

		if (is_start)
			str_puts(out, "- `");
		is_start = c == '\n';
		str_puts(out, is_start ? "`" : "");
		str_putc(out, c == '`' ? '\'' : c);
	}
}

int probe_markdown(struct str *out, const struct diagnosis *d, const struct evidence *e)
{
	int error = diagnose_markdown(out, d);
	struct str lines = {0};

	put_name(&lines, e->names, "");
	for (size_t i = 0; i < e->plan.n; i++)
		put_address(&lines, e, &e->plan.addresses[i]);
	str_puts(out, "\n## Tried from here\n\n");
	put_quoted(out, &lines);
	error = error ? error : out->failed || lines.failed ? -ENOMEM : 0;
	str_release(&lines);
	return error;
}

/*
 * Exposure for a person: one line per listener, then a line per way in. Judges nothing.
 */
#include "core/report/exposure.h"

#include <errno.h>

#include "core/firewall/text/rule_text.h"
#include "core/sockets/socket.h"

enum { NETS_SHOWN = 6 };

struct writer {
	struct str *out;
	const struct exposure_page *p;
	enum text_mode mode;
};

static void show(struct writer *w, struct text t)
{
	text_show(w->out, t, w->mode);
}

/* ---- networks ---- */

static void put_network(struct writer *w, const struct addr *prefix, unsigned len)
{
	char text[ADDR_TEXT_MAX];
	unsigned whole = prefix->family == AF_INET6 ? 128 : 32;

	str_puts(w->out, addr_format(prefix, text));
	if (len != whole)
		str_printf(w->out, "/%u", len);
}

static void put_networks(struct writer *w, const struct vec *spans, int family)
{
	size_t n = 0, shown = 0;

	for (size_t i = 0; i < spans->n; i++) {
		struct exposure_span rest = *(const struct exposure_span *)vec_at(spans, i);
		struct addr prefix;
		unsigned len;

		if (rest.low.family != family)
			continue;
		while (exposure_take_prefix(&rest, &prefix, &len)) {
			if (n++ >= NETS_SHOWN)
				continue;
			str_puts(w->out, shown++ ? ", " : "");
			put_network(w, &prefix, len);
		}
	}
	if (n > NETS_SHOWN)
		str_printf(w->out, " and %zu more networks", n - NETS_SHOWN);
}

static struct vec of_family(const struct vec *spans, int family)
{
	struct vec found = VEC_OF(struct exposure_span);

	for (size_t i = 0; i < spans->n; i++) {
		const struct exposure_span *span = vec_at(spans, i);
		struct exposure_span *new =
			span->low.family == family ? vec_push(&found) : NULL;

		if (new)
			*new = *span;
	}
	return found;
}

static bool has_family(const struct vec *spans, int family)
{
	for (size_t i = 0; i < spans->n; i++)
		if (((const struct exposure_span *)vec_at(spans, i))->low.family == family)
			return true;
	return false;
}

static const char *family_word(int family)
{
	return family == AF_INET6 ? "IPv6" : "IPv4";
}

/* The shorter of what is in it and what is not. False: nothing of the family. */
static bool put_family(struct writer *w, const struct vec *all, int family)
{
	struct vec spans = of_family(all, family), others = VEC_OF(struct exposure_span);
	bool has_any = spans.n != 0;

	if (has_any && exposure_turn_round(&spans, family, &others))
		w->out->failed = true;
	if (has_any && !others.n)
		str_printf(w->out, "anywhere (%s)", family_word(family));
	else if (has_any &&
		 exposure_count_prefixes(&others) < exposure_count_prefixes(&spans)) {
		str_printf(w->out, "anywhere (%s) but ", family_word(family));
		put_networks(w, &others, family);
	} else if (has_any) {
		put_networks(w, &spans, family);
	}
	vec_release(&spans);
	vec_release(&others);
	return has_any;
}

static void put_sources(struct writer *w, const struct vec *spans)
{
	size_t before = w->out->len;

	if (exposure_is_anywhere(spans, AF_INET) && exposure_is_anywhere(spans, AF_INET6)) {
		str_puts(w->out, "anywhere");
		return;
	}
	if (put_family(w, spans, AF_INET) && has_family(spans, AF_INET6))
		str_puts(w->out, ", ");
	put_family(w, spans, AF_INET6);
	if (w->out->len == before)
		str_puts(w->out, "nobody");
}

/* ---- ways ---- */

static void put_devices(struct writer *w, const struct exposure_way *way)
{
	str_puts(w->out, " via ");
	for (size_t i = 0; i < way->devices.n; i++) {
		uint32_t ifindex = *(const uint32_t *)vec_at(&way->devices, i);
		const struct link_row *link =
			links_find(w->p->world->space->links, ifindex);

		str_puts(w->out, i ? ", " : "");
		if (link)
			show(w, link->name);
		else
			str_printf(w->out, "if%u", ifindex);
	}
}

static void put_asked(struct writer *w, const struct exposure_way *way)
{
	char text[ADDR_TEXT_MAX];
	bool is_v6 = way->asked.family == AF_INET6;

	if (!way->asked.family && !way->is_translated)
		return;
	str_puts(w->out, way->is_translated ? ", translated from " : ", at ");
	if (way->asked.family)
		str_printf(w->out, is_v6 ? "[%s]:" : "%s:", addr_format(&way->asked, text));
	else
		str_puts(w->out, "port ");
	str_printf(w->out, "%u", way->port);
	if (way->port_high != way->port)
		str_printf(w->out, "-%u", way->port_high);
}

static void put_reason(struct writer *w, uint32_t rule, const char *why)
{
	const struct ruleset *r = w->p->world->rules;

	str_printf(w->out, ": %s", why);
	if (!r || rule >= r->n_rules)
		return;
	str_puts(w->out, " in ");
	rule_place(w->out, r, &r->rules[rule]);
	str_puts(w->out, ": ");
	rule_text(w->out, r, &r->rules[rule]);
}

static void put_doubt(struct writer *w, const struct exposure_way *way, size_t first)
{
	const struct exposure_doubt *doubt = vec_at(&way->doubts, first);
	struct vec spans = VEC_OF(struct exposure_span);

	for (size_t i = first; i < way->doubts.n; i++) {
		const struct exposure_doubt *other = vec_at(&way->doubts, i);
		struct exposure_span *new =
			exposure_is_same_doubt(doubt, other) ? vec_push(&spans) : NULL;

		if (new)
			*new = other->span;
	}
	str_puts(w->out, "    unsure for ");
	put_sources(w, &spans);
	put_devices(w, way);
	put_asked(w, way);
	put_reason(w, doubt->rule, doubt->why);
	str_putc(w->out, '\n');
	vec_release(&spans);
}

static void put_way(struct writer *w, const struct exposure_way *way)
{
	if (way->open.n || !way->doubts.n) {
		str_puts(w->out, "    from ");
		put_sources(w, &way->open);
		put_devices(w, way);
		put_asked(w, way);
		str_putc(w->out, '\n');
	}
	for (size_t i = 0; i < way->doubts.n; i++)
		if (exposure_is_first_doubt(&way->doubts, i))
			put_doubt(w, way, i);
}

/* ---- listeners ---- */

static void put_head(struct writer *w, const struct exposure_listener *l)
{
	const struct endpoint *e = l->endpoint;
	char word[EXPOSURE_WORD_MAX];

	endpoint_port_text(w->out, e);
	if (!text_is_empty(e->service)) {
		str_puts(w->out, " (");
		show(w, e->service);
		str_putc(w->out, ')');
	}
	str_puts(w->out, "  ");
	endpoint_listens_on(w->out, e);
	if (e->n_owners) {
		str_puts(w->out, "  ");
		show(w, e->owners[0]->comm);
	}
	if (!e->space->is_own && !text_is_empty(e->space->name)) {
		str_puts(w->out, "  in ");
		show(w, e->space->name);
	}
	str_printf(w->out, ": %s\n", exposure_word(w->p->exposure, l, word));
}

static void put_host(struct writer *w, const struct exposure_listener *l)
{
	if (l->from_host == TRI_YES && !l->ways.n)
		str_puts(w->out, "    this host only\n");
	if (l->from_host == TRI_NO && l->endpoint->space == w->p->world->space)
		str_puts(w->out, "    not even this host itself\n");
	if (l->from_host == TRI_UNSURE) {
		str_puts(w->out, "    unsure for this host itself");
		put_reason(w, l->host_doubt.rule, l->host_doubt.why);
		str_putc(w->out, '\n');
	}
}

static void put_end(struct writer *w)
{
	const char *grant, *gap = exposure_gap(w->p, &grant);

	str_puts(w->out, "\nBy bind address, firewall and translation; routes and what "
			 "other hosts filter are not\nlooked at, and sources that are this "
			 "host's own addresses do not count.\n");
	if (w->p->exposure->is_cut)
		str_puts(w->out, "There are too many different sources to try them all: "
				 "the rest is unsure.\n");
	if (gap)
		str_printf(w->out, "Bind addresses only: %s.\n", gap);
	if (gap && grant)
		str_printf(w->out, "It takes %s.\n", grant);
}

int exposure_text(struct str *out, const struct exposure_page *p, enum text_mode mode)
{
	struct writer w = {.out = out, .p = p, .mode = mode};

	if (!p->exposure->listeners.n)
		str_puts(out, "Nobody listens there.\n");
	for (size_t i = 0; i < p->exposure->listeners.n; i++) {
		const struct exposure_listener *l = vec_at(&p->exposure->listeners, i);

		put_head(&w, l);
		for (size_t k = 0; k < l->ways.n; k++)
			put_way(&w, vec_at(&l->ways, k));
		put_host(&w, l);
	}
	put_end(&w);
	return out->failed ? -ENOMEM : 0;
}

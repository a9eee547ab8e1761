/* A policy of IPsec in the words of ip-xfrm(8). Nothing in it is text from outside but the
 * device's name, which comes shown. */
#include "core/network/ipsec.h"

#include <netinet/in.h>

static const char *const direction_words[N_IPSEC_DIRECTIONS] = {
#define X(name, word) [IPSEC_##name] = word,
	IPSEC_DIRECTIONS(X)
#undef X
};

const char *ipsec_direction_word(enum ipsec_direction d)
{
	return direction_words[d];
}

static void print_prefix(struct str *out, const char *what, const struct addr *a,
			 unsigned len)
{
	char text[ADDR_TEXT_MAX];

	str_printf(out, "%s %s/%u", what, addr_format(a, text), len);
}

static void print_proto(struct str *out, uint8_t proto)
{
	static const struct {
		uint8_t proto;
		const char *word;
	} words[] = {
		{IPPROTO_TCP, "tcp"},   {IPPROTO_UDP, "udp"}, {IPPROTO_ICMP, "icmp"},
		{IPPROTO_SCTP, "sctp"}, {IPPROTO_ESP, "esp"}, {IPPROTO_AH, "ah"},
		{IPPROTO_COMP, "comp"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].proto == proto) {
			str_puts(out, words[i].word);
			return;
		}
	str_printf(out, "%u", proto);
}

void ipsec_print_selector(struct str *out, const struct ipsec_policy *p, const char *device)
{
	print_prefix(out, "src", &p->source, p->source_len);
	print_prefix(out, " dst", &p->target, p->target_len);
	if (p->ifindex && device)
		str_printf(out, " dev %s", device);
	if (p->proto) {
		str_puts(out, " proto ");
		print_proto(out, p->proto);
	}
	if (p->source_port_mask)
		str_printf(out, " sport %u", p->source_port);
	if (p->target_port_mask)
		str_printf(out, " dport %u", p->target_port);
	str_printf(out, " dir %s", ipsec_direction_word(p->direction));
	if (p->mark_mask || p->mark)
		str_printf(out, " mark 0x%x mask 0x%x", p->mark, p->mark_mask);
	if (p->is_sub)
		str_puts(out, " ptype sub");
	if (p->if_id)
		str_printf(out, " if_id 0x%x", p->if_id);
}

/* linux/xfrm.h: XFRM_MODE_... */
static const char *mode_word(uint8_t mode)
{
	static const char *const words[] = {"transport", "tunnel", "ro", "in_trigger",
					    "beet"};

	return mode < sizeof(words) / sizeof(*words) ? words[mode] : "transport";
}

static void print_template(struct str *out, const struct ipsec_template *t)
{
	char source[ADDR_TEXT_MAX], target[ADDR_TEXT_MAX];

	str_puts(out, " tmpl");
	if (t->source.family && !addr_is_any(&t->source))
		str_printf(out, " src %s", addr_format(&t->source, source));
	if (t->target.family && !addr_is_any(&t->target))
		str_printf(out, " dst %s", addr_format(&t->target, target));
	str_puts(out, " proto ");
	print_proto(out, t->proto);
	if (t->spi)
		str_printf(out, " spi 0x%08x", t->spi);
	str_printf(out, " reqid %u mode %s", t->reqid, mode_word(t->mode));
	if (t->is_optional)
		str_puts(out, " level use");
}

void ipsec_print_rest(struct str *out, const struct ipsec_policy *p)
{
	str_printf(out, " action %s priority %u", p->is_block ? "block" : "allow",
		   p->priority);
	for (size_t i = 0; i < p->n_templates; i++)
		print_template(out, &p->templates[i]);
}

/*
 * How to take one address out of the ipset that a rule stopped it by, and to put it back.
 * Only of sets of addresses: what else an element has besides the address is not known
 * here.
 */
#include <errno.h>
#include <string.h>

#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"
#include "core/firewall/text/rule_text.h"

/* The set that holds the client, as the rule's packet had it; NULL: none does for sure. */
static const struct fw_ipset *set_of(const struct check_view *v, const struct path_leg *leg,
				     bool is_reply)
{
	const struct addr *met = is_reply ? &leg->met.daddr : &leg->met.saddr;
	const struct fw_ipset *s;

	if (leg->ipset >= v->e->rules->n_ipsets || !leg->member || !v->walk->client.family)
		return NULL;
	s = &v->e->rules->ipsets[leg->ipset];
	if (leg->is_source_in_set == is_reply || s->n_dims != 1 ||
	    (s->dims[0] != IPSET_DIM_IP && s->dims[0] != IPSET_DIM_NET))
		return NULL;
	return addr_equals(met, &v->walk->client) ? s : NULL;
}

static unsigned whole(const struct addr *a)
{
	return a->family == AF_INET6 ? 128 : 32;
}

static bool is_network(const struct check_view *v, const struct path_leg *leg)
{
	return leg->member->has_prefix && leg->member->prefix < whole(&v->walk->client);
}

/* "198.51.100.7", or the network of the set that holds it: "198.51.100.0/24". */
static const char *element(const struct check_view *v, const struct path_leg *leg)
{
	struct addr low = v->walk->client, high = low;
	char words[ADDR_TEXT_MAX];

	if (!is_network(v, leg)) {
		addr_format(&low, words);
		return view_text(v, "%s", words);
	}
	addr_bits_span(v->walk->client.bytes, whole(&low) / 8, leg->member->prefix,
		       low.bytes, high.bytes);
	addr_format(&low, words);
	return view_text(v, "%s/%u", words, leg->member->prefix);
}

static const char *risk(const struct check_view *v, const struct path_leg *leg)
{
	return is_network(v, leg)
		       ? "lets the whole network in; other rules may use the set too"
		       : "it returns if the set is filled again; other rules may use the "
			 "set too";
}

static int advise_firewalld(const struct check_view *v, struct finding *f,
			    const struct path_leg *leg, const char *name)
{
	const char *what = element(v, leg);

	return finding_advise(
		f, v->arena,
		view_text(v, "firewall-cmd --ipset=%s --remove-entry=%s", name, what),
		view_text(v, "firewall-cmd --ipset=%s --add-entry=%s", name, what),
		risk(v, leg),
		"firewalld keeps this set: take the address out there; with --permanent it "
		"stays out after a reload");
}

int deny_advise_ipset(const struct check_view *v, struct finding *f,
		      const struct path_leg *leg)
{
	const struct fw_ipset *s = set_of(v, leg, f->fault == FAULT_REPLY_DROP);
	const char *manager = deny_manager(v, leg), *name, *what;

	if (!s)
		return -ENOENT;
	name = view_word(v, s->name);
	if (manager && !strcmp(manager, "firewalld"))
		return advise_firewalld(v, f, leg, name);
	what = element(v, leg);
	return finding_advise(
		f, v->arena, view_text(v, "ipset del %s %s", name, what),
		view_text(v, "ipset add %s %s%s", name, what,
			  s->has_timeouts ? " timeout T" : ""),
		risk(v, leg), "%s",
		s->has_timeouts
			? "an ipset holds it: ask who fills the set; to let it in now (T: "
			  "the "
			  "timeout that ipset list shows beforehand)"
			: "an ipset holds it: ask who fills the set; to let it in now");
}

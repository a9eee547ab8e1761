/* What the name that was typed publishes, for checks of what is served here. Finds no
 * fault. */
#include "core/diagnosis/check_name.h"

#include <netinet/in.h>

static bool is_resolved(const struct names_answer *t, const struct addr *a)
{
	for (size_t i = 0; i < t->n; i++)
		if (addr_equals(&t->addresses[i], a))
			return true;
	return false;
}

/* The first of this family that the name has here; NULL: none. */
static const struct addr *published(const struct check_view *v,
				    const struct names_answer *t, int family)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->addresses[i].family == family &&
		    address_is_here(v->e->space->addresses, v->e->space->local_routes,
				    &t->addresses[i]) == TRI_YES)
			return &t->addresses[i];
	return NULL;
}

int name_prove_published(const struct check_view *v, struct finding *f)
{
	const struct names_answer *t = v->e->names;
	const struct addr *to = &v->walk->server;
	bool is_v6 = to->family == AF_INET6, is_of_dns;
	char text[ADDR_TEXT_MAX], other_text[ADDR_TEXT_MAX];
	const struct addr *other;

	if (!t || !v->e->target.name.len || !is_resolved(t, to))
		return 0;
	other = published(v, t, is_v6 ? AF_INET : AF_INET6);
	is_of_dns = names_answer_has_dns(t, to);
	return finding_prove(
		f, v->arena, "names", true,
		view_text(v, "getent ahosts %s", view_word(v, v->e->target.name)),
		"%s publishes %s (%s) by %s%s%s%s", view_word(v, v->e->target.name),
		addr_format(to, text), is_v6 ? "AAAA" : "A",
		is_of_dns ? "DNS" : "this host's resolver", other ? " beside " : "",
		other ? addr_format(other, other_text) : "",
		is_v6 && other ? ": clients try the IPv6 address first" : "");
}

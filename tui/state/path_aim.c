/* A packet out of what is selected. */
#include "tui/state/path_aim.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "tui/state/counts.h"
#include "tui/state/path_line.h"
#include "tui/view.h"

const struct space *path_aim_space(const struct snapshot *s, const struct path_aim *aim)
{
	for (size_t i = 0; s && i < s->n_spaces; i++)
		if (aim->space[0] ? text_equals_str(s->spaces[i].name, aim->space)
				  : s->spaces[i].is_own)
			return &s->spaces[i];
	return s && s->n_spaces && !aim->space[0] ? &s->spaces[0] : NULL;
}

/* Where a client would aim at, of the family that is served. False: none is known. */
static bool choose_server(const struct snapshot *s, struct path_aim *aim, bool is_v6_alone)
{
	const struct space *space = path_aim_space(s, aim);
	struct addr found = {0};

	if (!space)
		return false;
	if (!is_v6_alone)
		found = path_line_published(space->addresses, AF_INET, aim->ask.in_ifindex);
	if (!found.family)
		found = path_line_published(space->addresses, AF_INET6,
					    aim->ask.in_ifindex);
	aim->ask.server = found;
	aim->is_target_chosen = true;
	return found.family != 0;
}

/* Only this host itself comes to such a port. */
static void aim_inside(struct path_aim *aim, const struct addr *address)
{
	aim->ask.server = *address;
	aim->ask.client = *address;
	aim->ask.is_from_here = true;
}

static bool aim_endpoint(const struct snapshot *s, const struct endpoint *e,
			 struct path_aim *aim)
{
	struct addr address = addr_unmapped(&e->address);
	int len = (int)e->space->name.len;

	aim->ask.proto = endpoint_is_stream(e) ? IPPROTO_TCP : IPPROTO_UDP;
	aim->ask.server_port = e->port;
	if (!e->space->is_own && len < PATH_SPACE_MAX)
		snprintf(aim->space, sizeof(aim->space), "%.*s", len, e->space->name.bytes);
	if (!addr_is_any(&address)) {
		aim->ask.server = address;
		if (addr_is_loopback(&address))
			aim_inside(aim, &address);
		return true;
	}
	return choose_server(s, aim, e->scope == SCOPE_ANY_V6);
}

static bool aim_port(const struct snapshot *s, uint8_t proto, uint16_t port,
		     const struct addr *address, struct path_aim *aim)
{
	aim->ask.proto = proto;
	aim->ask.server_port = port;
	aim->ask.server = *address;
	return address->family || choose_server(s, aim, false);
}

static bool aim_row(const struct model *m, struct path_aim *aim)
{
	static const struct addr none = {0};
	const struct endpoint *e = model_selected(m);
	size_t line = counts_selected(m);
	bool is_line = line < counts_n_lines(m);
	const struct published_row *published = is_line ? counts_published(m, line) : NULL;
	const struct traffic_other *other = is_line ? counts_other(m, line) : NULL;

	if (e)
		return aim_endpoint(m->snapshot, e, aim);
	if (published)
		return aim_port(m->snapshot, published->proto, published->port,
				&published->asked, aim);
	return other && aim_port(m->snapshot, IPPROTO_TCP, other->port, &none, aim);
}

/* The packet that the judgement walked: in a recording its questions are the ones that were
 * asked. */
static bool aim_guide(const struct model *m, struct path_aim *aim)
{
	const struct guide *g = &m->guide;
	const struct path *walked = g->result ? g->result->path : NULL;
	const struct attempt *a = g->result ? guide_handshake(g) : NULL;

	aim->is_of_guide = true;
	snprintf(aim->space, sizeof(aim->space), "%s", g->space);
	if (walked) {
		aim->ask = walked->ask;
		aim->is_target_chosen = !g->aim.address.family;
		return true;
	}
	aim->ask.client = a ? addr_unmapped(&a->client) : g->aim.client;
	aim->ask.client_port = a ? a->client_port : g->aim.client_port;
	aim->ask.is_from_here = g->aim.role == AIM_CLIENT;
	return aim_port(m->snapshot, g->aim.proto, g->aim.port,
			a ? &a->server : &g->aim.address, aim);
}

bool path_aim_at_shown(const struct model *m, struct path_aim *out)
{
	struct path_aim aim = {.ask = {.proto = IPPROTO_TCP}};
	bool is_aimed =
		m->guide.is_open ? aim_guide(m, &aim) : m->snapshot && aim_row(m, &aim);

	aim.ask.server = addr_unmapped(&aim.ask.server);
	if (is_aimed && aim.ask.server.family)
		*out = aim;
	return is_aimed && aim.ask.server.family;
}

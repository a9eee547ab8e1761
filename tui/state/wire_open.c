/* What the screen Wire looks at, by where it is opened. Draws nothing. */
#include "tui/state/wire_open.h"

#include <netinet/in.h>
#include <stdio.h>

#include "tui/state/counts.h"
#include "tui/screens.h"

static void aim_at_endpoint(struct wire_aim *aim, const struct endpoint *e)
{
	struct text name = e->space->name;
	bool is_udp = e->proto == PROTO_UDP || e->proto == PROTO_UDPLITE;

	aim->proto = is_udp ? IPPROTO_UDP : IPPROTO_TCP;
	aim->port = e->port;
	if (!e->space->is_own && name.len < sizeof(aim->space))
		snprintf(aim->space, sizeof(aim->space), "%.*s", (int)name.len, name.bytes);
}

/* The selected row of Ports; everything where no port is selected. */
static void aim_at_selected(const struct model *m, struct wire_aim *aim)
{
	const struct endpoint *e = model_selected(m);
	size_t line = counts_selected(m);
	bool is_line = line < counts_n_lines(m);
	const struct published_row *published = is_line ? counts_published(m, line) : NULL;
	const struct traffic_other *other = is_line ? counts_other(m, line) : NULL;

	if (e) {
		aim_at_endpoint(aim, e);
	} else if (published) {
		aim->proto = published->proto;
		aim->port = published->port;
	} else if (other) {
		aim->proto = IPPROTO_TCP;
		aim->port = other->port;
	}
}

static void aim_at_guided(const struct guide *g, struct wire_aim *aim)
{
	aim->proto = g->aim.proto;
	aim->port = g->aim.port;
	aim->client = addr_unmapped(&g->aim.client);
	snprintf(aim->space, sizeof(aim->space), "%s", g->space);
}

unsigned wire_open(struct model *m)
{
	struct wire_aim aim = {0};

	if (model_view(m) == &view_attempts)
		return screens_close(m);
	if (model_shows(m, &view_attempts))
		return screens_open(m, &view_attempts);
	if (m->guide.is_open)
		aim_at_guided(&m->guide, &aim);
	else
		aim_at_selected(m, &aim);
	wire_aim_at(&m->wire, &aim);
	return EFFECT_WIRE | screens_open(m, &view_attempts);
}

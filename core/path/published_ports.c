/* The boxes of the rules, one after the other. Walks no packet. */
#include "core/path/published_ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "core/firewall/box/box.h"
#include "core/firewall/box/reach.h"

enum {
	WIDE_MAX = 16, /* ports of one rule: more are a range, not a service */
	RULES_MAX = 20000
};

struct named {
	const struct ruleset *rules;
	struct vec *ports;
	bool *is_cut;
};

static int add_port(struct named *s, uint8_t proto, uint16_t port)
{
	struct published_port *new;

	for (size_t i = 0; i < s->ports->n; i++) {
		const struct published_port *p = vec_at(s->ports, i);

		if (p->proto == proto && p->port == port)
			return 0;
	}
	if (s->ports->n >= PUBLISHED_PORTS_MAX) {
		*s->is_cut = true;
		return 0;
	}
	new = vec_push(s->ports);
	if (!new)
		return -ENOMEM;
	*new = (struct published_port){proto, port};
	return 0;
}

static unsigned first_byte(const struct wide *w)
{
	return (unsigned)(w->top >> 56);
}

static unsigned first_two(const struct wide *w)
{
	return (unsigned)(w->top >> 48);
}

static int add_ports(struct named *s, const struct box *b)
{
	static const uint8_t protos[] = {IPPROTO_TCP, IPPROTO_UDP};
	const struct span *proto = &b->fields[BOX_PROTO], *port = &b->fields[BOX_PORT];
	unsigned low = first_two(&port->low), high = first_two(&port->high);
	int error = 0;

	if (high - low >= WIDE_MAX)
		return 0;
	for (size_t i = 0; i < sizeof(protos); i++)
		for (unsigned at = low; at <= high && !error; at++)
			if (first_byte(&proto->low) <= protos[i] &&
			    first_byte(&proto->high) >= protos[i])
				error = add_port(s, protos[i], (uint16_t)at);
	return error;
}

/* Of the chains that translate what comes in, and of those that they lead to. */
static bool is_on_the_way(const struct fw_chain *c, uint8_t hooks)
{
	return (hooks & 1U << FW_PREROUTING) && (!c->is_base || c->type == FW_NAT);
}

static int add_chain(struct named *s, const struct fw_chain *c, struct rule_boxes *boxes,
		     size_t *n_seen)
{
	const struct ruleset *rules = s->rules;
	int error = 0;

	for (uint32_t i = 0; i < c->n_rules && !error; i++) {
		if (++*n_seen > RULES_MAX) {
			*s->is_cut = true;
			return 0;
		}
		box_rule(rules, &rules->rules[c->first_rule + i], BOX_NOW, boxes);
		for (size_t k = 0; k < boxes->n && !error; k++)
			error = add_ports(s, &boxes->rows[k]);
	}
	return error;
}

static bool has_translations(const struct ruleset *rules)
{
	for (size_t i = 0; i < rules->n_chains; i++)
		if (rules->chains[i].is_base && rules->chains[i].type == FW_NAT &&
		    rules->chains[i].hook == FW_PREROUTING)
			return true;
	return false;
}

int published_ports(const struct ruleset *rules, struct vec *out, bool *is_cut)
{
	struct named s = {rules, out, is_cut};
	struct rule_boxes *boxes;
	uint8_t *hooks;
	size_t n_seen = 0;
	int error;

	if (!has_translations(rules))
		return 0;
	boxes = malloc(sizeof(*boxes));
	hooks = calloc(rules->n_chains + 1, 1);
	error = boxes && hooks ? reach_hooks(rules, hooks) : -ENOMEM;
	for (size_t i = 0; i < rules->n_chains && !error; i++)
		if (is_on_the_way(&rules->chains[i], hooks[i]))
			error = add_chain(&s, &rules->chains[i], boxes, &n_seen);
	free(boxes);
	free(hooks);
	return error;
}

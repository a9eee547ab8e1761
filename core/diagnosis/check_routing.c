/* Rules that choose tables of routes beside the kernel's answers. Says nothing to the user
 * but which rule it was. */
#include "core/diagnosis/check_routing.h"

#include <errno.h>
#include <string.h>

static bool is_ended_by_route(const struct path_leg *leg)
{
	return leg->is_walked && leg->routed.target.family &&
	       (leg->decided_by == DECIDER_ROUTE || leg->decided_by == DECIDER_NEIGHBOUR);
}

/* fib_validate_source() looks for the way to the source, by the mark only where
 * src_valid_mark is set: such a packet has no rule named. */
static bool way_of_filter(const struct walk *w, struct route_ask *out)
{
	const struct route_ask *in = &w->path.request.routed;

	if (!in->source.family || in->mark)
		return false;
	*out = (struct route_ask){.target = in->source, .source = in->target};
	return true;
}

bool routing_way(const struct walk *w, struct route_ask *out)
{
	if (!w->is_walked || !w->client.family || w->path.ask.is_from_here)
		return false;
	if (is_ended_by_route(&w->path.request))
		return way_of_filter(w, out);
	if (!w->path.is_local || !is_ended_by_route(&w->path.reply))
		return false;
	*out = w->path.reply.routed;
	return true;
}

struct route_ask routing_plain(const struct route_ask *way)
{
	return (struct route_ask){.target = way->target};
}

static const struct route_answer *answer_of(const struct check_view *v,
					    const struct route_ask *ask)
{
	struct question q = {.kind = QUESTION_ROUTE, .route = *ask};
	const struct response *r = responses_find(v->e->responses, &q);

	return r && r->state != RESPONSE_WAITING ? r->table : NULL;
}

static struct routing_flow flow_of(const struct route_ask *ask)
{
	return (struct routing_flow){.source = ask->source,
				     .target = ask->target,
				     .in = text_of("lo"),
				     .mark = ask->mark,
				     .proto = ask->proto};
}

const struct routing_rule *routing_rule_of(const struct check_view *v)
{
	const struct route_answer *answer, *other;
	struct routing_flow flow, plain;
	struct route_ask way, any;

	if (!v->e->routing || !routing_way(v->walk, &way))
		return NULL;
	any = routing_plain(&way);
	answer = answer_of(v, &way);
	other = answer_of(v, &any);
	if (!answer || (answer->error && (!other || other->error)))
		return NULL;
	flow = flow_of(&way);
	plain = flow_of(&any);
	return routing_decider(v->e->routing, &flow, &plain,
			       answer->error ? 0 : answer->table);
}

static const char *rule_text(const struct check_view *v, const struct routing_rule *r)
{
	struct str s = {0};
	const char *out;

	routing_print(&s, r);
	out = view_text(v, "%u: %s", r->preference, str_text(&s));
	str_release(&s);
	return out;
}

const char *routing_rule_words(const struct check_view *v, const struct routing_rule *r)
{
	return r ? view_text(v, " (ip rule %s)", rule_text(v, r)) : "";
}

/* The way that others would take, as far as it is another one. */
static const char *other_words(const struct check_view *v)
{
	const struct route_answer *other;
	char gateway[ADDR_TEXT_MAX];
	struct route_ask way, any;

	if (!routing_way(v->walk, &way))
		return "";
	any = routing_plain(&way);
	other = answer_of(v, &any);
	if (!other || other->error)
		return "";
	if (!other->gateway.family)
		return "; what the rule does not take goes out on the link itself";
	return view_text(v, "; what the rule does not take goes by %s",
			 addr_format(&other->gateway, gateway));
}

int routing_prove(const struct check_view *v, struct finding *f,
		  const struct routing_rule *r)
{
	const char *show = r && r->family == AF_INET6 ? "ip -6" : "ip";

	if (!r)
		return 0;
	return finding_prove(f, v->arena, "routing", false,
			     r->action == ROUTING_LOOKUP
				     ? view_text(v, "%s rule; %s route show table %u", show,
						 show, r->table)
				     : view_text(v, "%s rule", show),
			     "its way is chosen by the rule %s%s", rule_text(v, r),
			     other_words(v));
}

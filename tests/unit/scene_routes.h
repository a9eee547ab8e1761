/* The kernel's routes for a scene whose packet is really walked: here, or out by eth0.
 * Include cmocka.h first. */
#ifndef TESTS_UNIT_SCENE_ROUTES_H
#define TESTS_UNIT_SCENE_ROUTES_H

#include "tests/unit/judge_scenes.h"

static inline void scene_answer_needs(struct scene *c, const struct path *p)
{
	enum { UNICAST = 1, LOCAL = 2 };
	struct addr server = hand_addr(SERVER);

	for (size_t i = 0; i < p->n_needs; i++) {
		struct response *r = responses_add(&c->responses, &p->needs[i]);
		struct route_answer *t = table_new(sizeof(*t), NULL);
		bool is_here = addr_equals(&r->question.route.target, &server);

		t->type = is_here ? LOCAL : UNICAST;
		t->out_ifindex = is_here ? 1 : ETH0;
		r->table = t;
		r->state = RESPONSE_WHOLE;
	}
}

/* Until nothing is asked any more; *out is how this packet goes. */
static inline void scene_route(struct scene *c, const struct path_ask *ask,
			       struct path *out)
{
	struct path_world world = evidence_world(&c->e);

	for (int round = 0; round < 8; round++) {
		assert_int_equal(path_walk(&world, ask, out), 0);
		if (!out->n_needs)
			return;
		scene_answer_needs(c, out);
	}
	fail_msg("the walk never ends");
}

/* The newest walk's packet is really walked, and its answer, and what follows. */
static inline void scene_walk_really(struct scene *c)
{
	struct walk *w = &c->e.walks[c->e.n_walks - 1];
	struct path_ask ask = w->path.ask;
	static struct path later;

	ask.in_ifindex = ETH0;
	ask.client_port = 40001;
	scene_route(c, &ask, &w->path);
	ask.is_established = true;
	scene_route(c, &ask, &later);
}

#endif

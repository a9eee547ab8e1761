/* A host that is the client of another: one address that is not here, tried once, the way
 * to it open. A test changes what came of it. Include cmocka.h first. */
#ifndef TESTS_UNIT_CLIENT_SCENE_H
#define TESTS_UNIT_CLIENT_SCENE_H

#include "tests/unit/evidence_host.h"

#define FAR  "198.51.100.7"
#define GATE "10.0.0.254"
enum { REACHABLE = 0x02, FAILED = 0x20 };

static struct reach_table tries;

static inline struct reach_result *row(void)
{
	return &tries.rows[0];
}

/* One address that is not here, tried once; the way to it is open. */
static inline void tried(struct scene *c, struct reach_result r)
{
	struct walk *w;

	tries = (struct reach_table){.n = 1};
	r.to = hand_addr(FAR);
	r.is_told = true;
	if (r.error != EADDRNOTAVAIL && !r.source.family) {
		r.source = hand_addr(SERVER);
		r.source_port = 40000;
		r.n_syns = r.n_syns ? r.n_syns : 3;
	}
	tries.rows[0] = r;
	c->e.target.role = AIM_CLIENT;
	c->e.target.address = r.to;
	c->e.is_client_side = c->e.may_probe = true;
	c->e.plan = (struct reach_ask){.proto = IPPROTO_TCP,
				       .port = 443,
				       .n = 1,
				       .addresses = {r.to},
				       .talk = REACH_TALK_TLS};
	c->e.reach = &tries;
	scene_walk(c, FAR, NULL);
	w = &c->e.walks[0];
	w->path.is_local = false;
	w->path.request.hops[0] = (struct path_hop){.place = PLACE_ROUTE,
						    .ifindex = ETH0,
						    .gateway = hand_addr(GATE),
						    .chain = UINT32_MAX,
						    .rule = UINT32_MAX};
	w->path.request.n_hops = 1;
	scene_neighbour(c, REACHABLE);
	c->neighbour.address = hand_addr(GATE);
}

#define TIMED_OUT ((struct reach_result){.outcome = REACH_TIMED_OUT, .error = ETIMEDOUT})
#define REFUSED   ((struct reach_result){.outcome = REACH_REFUSED, .error = ECONNREFUSED})
#define STANDS    ((struct reach_result){.outcome = REACH_CONNECTED, .took_ns = 1000000})

static inline void stands(struct scene *c)
{
	tried(c, STANDS);
}

static inline void silent(struct scene *c)
{
	tried(c, TIMED_OUT);
}

static inline void refused(struct scene *c)
{
	tried(c, REFUSED);
}

#endif

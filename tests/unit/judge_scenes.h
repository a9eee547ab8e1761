/* Hosts that several tests of the judgement begin with. Include cmocka.h first. */
#ifndef TESTS_UNIT_JUDGE_SCENES_H
#define TESTS_UNIT_JUDGE_SCENES_H

#include "tests/unit/evidence_host.h"

static const struct hand_socket none[] = {{0}};

static inline void answered(struct scene *c)
{
	scene_try(c, ANSWERED_TRY);
}

static inline void answered_though_rules_drop(struct scene *c)
{
	answered(c);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static inline void untried_and_unasked(struct scene *c)
{
	scene_walk(c, SERVER, NULL);
}

static inline void untried(struct scene *c)
{
	untried_and_unasked(c);
	c->probe = (struct probe_result){.outcome = PROBE_CONNECTED};
	c->e.probe = &c->probe;
}

static inline void untried_probe_refused(struct scene *c)
{
	untried(c);
	c->probe = (struct probe_result){.outcome = PROBE_REFUSED, .error = ECONNREFUSED};
	c->e.probe = &c->probe;
}

static inline void untried_rules_unread(struct scene *c)
{
	untried(c);
	c->e.rules = NULL;
}

static inline void untried_legacy_rules(struct scene *c)
{
	untried(c);
	c->settings.legacy_v4 = text_of("filter");
}

static inline void untried_so_far(struct scene *c)
{
	untried(c);
	c->e.has_window_ended = false;
}

static inline void silent_unexplained(struct scene *c)
{
	scene_try(c, SILENT_TRY);
}

static inline void remote_target(struct scene *c)
{
	c->e.target.role = AIM_CLIENT;
	c->e.target.address = hand_addr("203.0.113.5");
	scene_walk(c, "203.0.113.5", NULL);
	c->e.walks[0].path.is_local = false;
}

static inline void dropped_and_nobody_listens(struct scene *c)
{
	scene_listen(c, none);
	scene_try(c, SILENT_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

/* The handshake is complete on the wire, and this host does not know of it. */
static inline void scene_waits_for_ack(struct scene *c)
{
	static struct connection_group row;
	static struct connection_table table = {.rows = &row, .n = 1, .total = 1};

	row = (struct connection_group){.local = hand_addr(SERVER), .port = 443};
	row.counts[3] = 1; /* TCP_SYN_RECV */
	c->e.connections_after = &table;
}

#endif

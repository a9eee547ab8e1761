/* A client that says something of its attempt, for the tests of both ends. Include cmocka.h
 * first. */
#ifndef TESTS_UNIT_JOINED_SAYS_H
#define TESTS_UNIT_JOINED_SAYS_H

#include "core/client/view.h"
#include "tests/unit/evidence_host.h"

#define NEAR "10.0.0.3"

/* What one client says; it is remote, and tried within the window. */
static struct client_table *said;

static inline struct client_try *says(struct scene *c, enum client_result result)
{
	struct client_view *v;
	struct client_try *t;

	if (!said)
		said = table_new(sizeof(*said), NULL);
	v = &said->views[0];
	said->n = 1;
	*v = (struct client_view){.is_remote = true,
				  .name = text_of("ssh:bob@c1"),
				  .form = CLIENT_FORM_SCRIPT,
				  .has_own_time = true,
				  .start_ns = WALL + NS_PER_S,
				  .end_ns = WALL + 4 * NS_PER_S,
				  .n_tries = 1};
	t = &v->tries[0];
	*t = (struct client_try){.result = result,
				 .target = hand_addr(SERVER),
				 .source = hand_addr(CLIENT),
				 .took_ms = 4000,
				 .has_left = TRI_UNSURE,
				 .was_answered_here = TRI_NO};
	c->e.remote = said;
	scene_name(c);
	scene_walk(c, SERVER, CLIENT);
	return t;
}

static inline struct client_view *view(void)
{
	return &said->views[0];
}

static inline void left_it(struct scene *c)
{
	struct client_try *t = says(c, CLIENT_TIMED_OUT);

	t->has_left = TRI_YES;
	t->n_repeats = 3;
}

static inline void connected_and_came(struct scene *c)
{
	says(c, CLIENT_CONNECTED)->has_left = TRI_YES;
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

static inline int give_back(void **state)
{
	(void)state;
	table_unref(said);
	return 0;
}

#endif

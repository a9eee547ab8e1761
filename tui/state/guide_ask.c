/* Which question comes when, and what the answers mean to the run. Knows no words. */
#include "tui/state/guide_ask.h"

#include <errno.h>
#include <string.h>

#include "tui/command/diagnose_command.h"
#include "tui/model.h"

static const enum symptom symptoms[] = {
	SYMPTOM_UNKNOWN, SYMPTOM_REFUSED, SYMPTOM_TIMEOUT, SYMPTOM_NO_ROUTE,
	SYMPTOM_RESET,   SYMPTOM_TLS,     SYMPTOM_SLOW,
};

static const enum aim_role roles[] = {AIM_CLIENT, AIM_SERVER, AIM_ROUTER};

/* Behind "anyone" and those that were seen. */
enum { TYPED_BEHIND_SEEN = 1, NOBODY_BEHIND_SEEN, N_BESIDE_SEEN };

size_t guide_ask_n(const struct guide_ask *a)
{
	switch (a->at) {
	case ASK_ROLE:
		return sizeof(roles) / sizeof(roles[0]);
	case ASK_SYMPTOM:
		return sizeof(symptoms) / sizeof(symptoms[0]);
	case ASK_CLIENT:
		return a->n_clients + N_BESIDE_SEEN;
	case N_ASKS:
		break;
	}
	return 0;
}

enum symptom guide_ask_symptom(size_t answer)
{
	return symptoms[answer];
}

enum aim_role guide_ask_role(size_t answer)
{
	return roles[answer];
}

enum ask_client guide_ask_client(const struct guide_ask *a, size_t answer)
{
	if (!answer)
		return ASK_ANYONE;
	if (answer <= a->n_clients)
		return ASK_SEEN;
	return answer == a->n_clients + TYPED_BEHIND_SEEN ? ASK_TYPED : ASK_NOBODY;
}

/* ---- what is unclear ---- */

static bool is_own_name(const struct model *m, const char *name)
{
	const struct host_facts *host = m->snapshot ? m->snapshot->host : NULL;

	return !strcmp(name, "localhost") ||
	       (host && text_equals_str(host->hostname, name));
}

/* An address that is not here, or a name that was not looked up: this host may be behind
 * it, before it, or on the way. */
static bool is_role_unclear(const struct model *m)
{
	const struct guide *g = &m->guide;

	if (g->host[0])
		return !is_own_name(m, g->host);
	return g->aim.address.family && g->aim.role == AIM_CLIENT;
}

/* ---- answers ---- */

static void take_role(struct guide *g, enum aim_role role)
{
	g->aim.role = role;
	if (role != AIM_SERVER || !g->is_elsewhere)
		return;
	/* Who leads it here may translate it to any address. */
	g->asked_for = g->aim.address;
	g->aim.address = (struct addr){0};
}

static void name_client(struct guide *g, const struct addr *client, uint16_t port)
{
	g->aim.client = *client;
	g->aim.client_port = port;
	g->aim.is_client_named = client->family != 0;
}

static void take_client(struct guide *g, const struct guide_ask *a)
{
	size_t answer = a->chosen[ASK_CLIENT];

	switch (guide_ask_client(a, answer)) {
	case ASK_SEEN:
		name_client(g, &a->clients[answer - 1].address, 0);
		return;
	case ASK_TYPED:
		name_client(g, &a->typed, a->typed_port);
		return;
	case ASK_NOBODY:
		g->is_untestable = true;
		return;
	case ASK_ANYONE:
		return;
	}
}

void guide_ask_finish(struct model *m)
{
	const struct guide_ask *a = &m->ask;
	struct guide *g = &m->guide;

	if (a->asks_role)
		take_role(g, guide_ask_role(a->chosen[ASK_ROLE]));
	if (g->aim.role == AIM_CLIENT)
		return;
	g->symptom = guide_ask_symptom(a->chosen[ASK_SYMPTOM]);
	take_client(g, a);
}

static void take_given(struct guide *g, const struct guide_given *given, bool is_unclear)
{
	g->symptom = given->symptom;
	if (given->client.family)
		name_client(g, &given->client, given->client_port);
	if (is_unclear && given->role && !strcmp(given->role, "server"))
		take_role(g, AIM_SERVER);
	else if (given->role && !strcmp(given->role, "client"))
		take_role(g, AIM_CLIENT);
	else if (g->is_elsewhere && (given->client.family || given->role))
		take_role(g, AIM_ROUTER);
}

bool guide_ask_open(struct model *m)
{
	struct guide_given given = m->given;
	struct guide_ask *a = &m->ask;
	struct guide *g = &m->guide;
	bool is_unclear = is_role_unclear(m);
	bool is_said = given.symptom || given.client.family;

	m->given = (struct guide_given){0};
	*a = (struct guide_ask){.at = ASK_SYMPTOM};
	take_given(g, &given, is_unclear);
	if (m->around.replay || is_said || (given.role && g->aim.role == AIM_CLIENT))
		return false;
	a->asks_role = is_unclear && !given.role;
	if (a->asks_role)
		a->at = ASK_ROLE;
	if (m->traffic)
		a->n_clients = traffic_clients(m->traffic, g->aim.port, a->clients,
					       ASK_CLIENTS_MAX);
	return true;
}

bool guide_ask_next(struct model *m)
{
	struct guide_ask *a = &m->ask;
	bool is_client =
		a->at == ASK_ROLE && guide_ask_role(a->chosen[ASK_ROLE]) == AIM_CLIENT;

	if (!is_client && a->at != ASK_CLIENT) {
		a->at++;
		return true;
	}
	guide_ask_finish(m);
	return false;
}

bool guide_ask_back(struct guide_ask *a)
{
	if (a->at == ASK_ROLE || (a->at == ASK_SYMPTOM && !a->asks_role))
		return false;
	a->at--;
	return true;
}

/* 0, or -EINVAL with a sentence. */
static int take_typed(struct model *m)
{
	struct addr client;
	uint16_t port;

	str_reset(&m->field_error);
	if (diagnose_parse_from(str_text(&m->field.text), &client, &port)) {
		str_puts(&m->field_error, "that is no address of a client; like "
					  "198.51.100.7 or 2001:db8::7");
		return -EINVAL;
	}
	m->ask.typed = client;
	m->ask.typed_port = port;
	return 0;
}

unsigned guide_ask_input(struct model *m, int input, bool *is_typed)
{
	switch (field_input(&m->field, input)) {
	case FIELD_NOTHING:
		return 0;
	case FIELD_CHANGED:
		str_reset(&m->field_error);
		return EFFECT_DRAW;
	case FIELD_DONE:
		if (take_typed(m))
			return EFFECT_DRAW;
		*is_typed = true;
		break;
	case FIELD_CANCELLED:
		break;
	}
	str_reset(&m->field_error);
	field_close(&m->field);
	return EFFECT_DRAW;
}

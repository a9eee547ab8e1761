/* What is aimed at, and what became of the result before. Draws nothing, asks nothing. */
#include "tui/state/guide.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/snapshot/filter.h"
#include "tui/live/diagnose.h"

void guide_forget(struct guide *g)
{
	table_unref(g->result);
	g->result = NULL;
	g->evidence = NULL;
	g->is_running = false;
}

void guide_release(struct guide *g)
{
	guide_forget(g);
	str_release(&g->before.words);
	*g = (struct guide){0};
}

static void aim_anew(struct guide *g, struct aim aim)
{
	guide_release(g);
	g->aim = aim;
	g->is_open = true;
}

void guide_aim_endpoint(struct guide *g, const struct endpoint *e)
{
	bool is_udp = e->proto == PROTO_UDP || e->proto == PROTO_UDPLITE;
	struct aim aim = {.proto = is_udp ? IPPROTO_UDP : IPPROTO_TCP,
			  .port = e->port,
			  .role = AIM_SERVER};
	int len = (int)e->space->name.len;

	if (e->scope == SCOPE_ADDRESS || e->scope == SCOPE_ABSENT)
		aim.address = addr_unmapped(&e->address);
	aim_anew(g, aim);
	if (!e->space->is_own && len < GUIDE_SPACE_MAX)
		snprintf(g->space, sizeof(g->space), "%.*s", len, e->space->name.bytes);
}

void guide_aim_port(struct guide *g, uint8_t proto, uint16_t port)
{
	aim_anew(g, (struct aim){.proto = proto, .port = port, .role = AIM_SERVER});
}

static const struct space *first_space(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_spaces; i++)
		if (s->spaces[i].is_own)
			return &s->spaces[i];
	return s->n_spaces ? &s->spaces[0] : NULL;
}

int guide_aim_target(struct guide *g, const char *word, const struct snapshot *s,
		     size_t *n_ports, char error[TARGET_ERROR_MAX])
{
	const struct space *space = first_space(s);
	struct target t;
	struct aim aim = {.role = AIM_SERVER};

	if (target_parse(&t, word, s->port_names, error))
		return -EINVAL;
	diagnose_keep_served(&t, s, space);
	aim.proto = t.ports[0].proto;
	aim.port = t.ports[0].port;
	aim.address = addr_unmapped(&t.address);
	if (aim.address.family && space && space->addresses &&
	    address_is_here(space->addresses, space->local_routes, &aim.address) == TRI_NO)
		aim.role = AIM_CLIENT;
	aim_anew(g, aim);
	g->is_elsewhere = aim.role == AIM_CLIENT;
	snprintf(g->service, sizeof(g->service), "%s", t.service);
	if (t.host[0] && !t.address.family)
		snprintf(g->host, sizeof(g->host), "%s", t.host);
	*n_ports = t.n_ports;
	return 0;
}

bool guide_is_target(const char *word)
{
	char error[TARGET_ERROR_MAX];
	struct target target;

	for (size_t i = 0; filter_key(i); i++) {
		size_t len = strlen(filter_key(i));

		if (!strncasecmp(word, filter_key(i), len) && word[len] == ':')
			return false;
	}
	return !target_parse(&target, word, NULL, error);
}

void guide_begin(struct guide *g)
{
	guide_forget(g);
	g->phase = RUN_LOOKING;
	g->is_running = true;
	g->top = g->ladder.top = 0;
	g->has_moved = false;
	g->step = STEP_CLIENT;
	memset(g->is_unfolded, 0, sizeof(g->is_unfolded));
	g->is_at_end = false;
}

/* The client that the result is about. */
static struct addr client_of(const struct guide *g)
{
	return g->result->has_sample ? g->result->sample.client : g->aim.client;
}

void guide_remember(struct guide *g)
{
	struct guide_before *b = &g->before;
	const struct diagnosis *d = g->result;

	/* They were about the moment before. */
	g->symptom = SYMPTOM_NONE;
	if (!guide_is_done(g) || guide_is_unproven(g))
		return;
	str_reset(&b->words);
	str_append(&b->words, d->summary.bytes, d->summary.len);
	b->is_there = true;
	b->verdict = d->verdict;
	b->client = client_of(g);
}

void guide_take(struct guide *g, struct diagnosis *d, const struct evidence *e,
		const struct run *r)
{
	table_unref(g->result);
	g->result = d;
	g->evidence = e;
	g->phase = r->phase;
	g->phase_ns = r->phase_ns;
	for (int p = 0; p < N_RUN_PHASES; p++)
		g->limits_ns[p] = run_limit_ns(r, (enum run_phase)p);
	g->is_running = !run_is_done(r);
	if (!guide_is_done(g) || g->has_moved)
		return;
	if (d->verdict != VERDICT_HEALTHY && d->n_findings)
		g->step = d->findings[0].step;
}

struct addr guide_prover(const struct guide *g)
{
	if (g->aim.client.family || !g->result || !g->result->has_sample)
		return g->aim.client;
	return addr_unmapped(&g->result->sample.client);
}

void guide_aim_proof(struct guide *g)
{
	g->aim.client = guide_prover(g);
	g->wants_proof = true;
}

static bool got_through(const struct guide *g, const struct attempt *a)
{
	const struct addr *client = &g->before.client;

	return (a->outcome == OUTCOME_ANSWERED || a->outcome == OUTCOME_RESET_LATER) &&
	       a->last_ns >= g->evidence->window_start_ns &&
	       evidence_is_of_target(g->evidence, a) &&
	       (!client->family || addr_equals(client, &a->client));
}

const struct attempt *guide_handshake(const struct guide *g)
{
	const struct attempts *all = g->evidence ? g->evidence->attempts : NULL;

	for (size_t i = all ? attempts_n(all) : 0; i-- > 0;)
		if (got_through(g, attempts_at(all, i)))
			return attempts_at(all, i);
	return NULL;
}

bool guide_is_unproven(const struct guide *g)
{
	return g->before.is_there && g->before.verdict == VERDICT_FAULT &&
	       !guide_handshake(g);
}

bool guide_is_done(const struct guide *g)
{
	return !g->is_running && g->result;
}

bool guide_is_untried(const struct guide *g)
{
	return !g->result || !g->result->syn.n_all;
}

int64_t guide_left_ns(const struct guide *g, enum run_phase until, int64_t now_ns)
{
	int64_t left_ns = g->phase_ns + g->limits_ns[g->phase] - now_ns;

	if (!g->is_running || g->phase > until)
		return 0;
	left_ns = left_ns < 0 ? 0 : left_ns;
	for (enum run_phase p = g->phase + 1; p <= until; p++)
		left_ns += g->limits_ns[p];
	return left_ns;
}

struct addr guide_server(const struct guide *g, const struct snapshot *s)
{
	const struct space *space = s ? first_space(s) : NULL;
	const struct address_row *row = NULL;

	if (g->aim.address.family)
		return g->aim.address;
	if (space && space->addresses && !g->space[0])
		row = address_primary(space->addresses);
	return row ? row->local : (struct addr){0};
}

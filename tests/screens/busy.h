/* Hand-made traffic for the invented hosts. */
#ifndef TESTS_SCREENS_BUSY_H
#define TESTS_SCREENS_BUSY_H

#include "core/wire/records.h"
#include "tests/screens/fixture.h"
#include "tui/state/counts.h"

enum { BUSY_SECONDS = 40 };

static UNUSED void busy_take(struct traffic *t, const struct record *r)
{
	uint8_t bytes[RECORD_MAX];

	if (traffic_take(t, bytes, record_put(bytes, r)) < 0)
		abort();
}

static UNUSED void busy_state(struct traffic *t, int second)
{
	struct record r = {.kind = RECORD_STATE};

	r.state.is_ready = true;
	r.state.wall_ns = FIXTURE_WALL_NS + (second - BUSY_SECONDS) * NS_PER_S;
	busy_take(t, &r);
}

/* n SYNs of one client in this second; as many are decided. */
static UNUSED void busy_port(struct traffic *t, int second, const char *client,
			     unsigned port, uint32_t n, enum outcome outcome)
{
	struct record r = {.kind = RECORD_PORT};

	r.port.proto = IPPROTO_TCP;
	r.port.port = (uint16_t)port;
	addr_parse(&r.port.server, "10.0.0.5");
	addr_parse(&r.port.client, client);
	r.port.n_syns = r.port.n_attempts = n;
	r.port.n_clients = 1;
	r.port.n_outcomes[outcome] = outcome == OUTCOME_OPEN ? 0 : n;
	r.port.until_ns = FIXTURE_WALL_NS + (second + 1 - BUSY_SECONDS) * NS_PER_S;
	r.port.since_ns = r.port.until_ns - NS_PER_S;
	busy_take(t, &r);
}

static UNUSED struct traffic *traffic_for(const struct snapshot *s)
{
	struct traffic *t = traffic_new();

	if (!t)
		abort();
	table_unref(traffic_look(t, s)); /* from now on it knows who is served */
	return t;
}

static UNUSED void busy_second(struct traffic *t, int s)
{
	if (s % 5 == 4)
		busy_port(t, s, "192.0.2.7", 22, 1, OUTCOME_ANSWERED);
	busy_port(t, s, "192.0.2.8", 80, 3, OUTCOME_ANSWERED);
	busy_port(t, s, "192.0.2.9", 443, (uint32_t)(8 + s / 5), OUTCOME_ANSWERED);
	if (s > 20)
		busy_port(t, s, "192.0.2.9", 443, 2, OUTCOME_SILENT);
	if (s > 30)
		busy_port(t, s, "192.0.2.8", 3000, 1, OUTCOME_REFUSED);
	if (s == 39)
		busy_port(t, s, "192.0.2.9", 6379, 1, OUTCOME_OPEN);
	if (s % 4 == 0)
		busy_port(t, s, "192.0.2.9", 8080, 3, OUTCOME_REFUSED);
	if (s % 10 == 0)
		busy_port(t, s, "192.0.2.7", 8080, 1, OUTCOME_REFUSED);
	if (s % 8 == 0)
		busy_port(t, s, "192.0.2.8", 8443, 1, OUTCOME_SILENT);
	if (s == 12)
		busy_port(t, s, "192.0.2.8", 9000, 1, OUTCOME_ANSWERED);
}

/* A host that people use, misuse and scan. */
static UNUSED struct traffic *busy(const struct snapshot *s)
{
	struct traffic *t = traffic_for(s);
	char scanner[32];

	busy_state(t, 0);
	for (int second = 0; second < BUSY_SECONDS; second++) {
		busy_second(t, second);
		for (int i = 0; second == 35 && i < 214; i++) {
			snprintf(scanner, sizeof(scanner), "203.0.113.%d", i % 31);
			busy_port(t, second, scanner, 20000u + (unsigned)i, 1,
				  OUTCOME_REFUSED);
		}
		busy_state(t, second + 1);
	}
	return t;
}

/* Nobody comes. */
static UNUSED struct traffic *quiet(const struct snapshot *s)
{
	struct traffic *t = traffic_for(s);

	for (int second = 0; second <= BUSY_SECONDS; second++)
		busy_state(t, second);
	return t;
}

static UNUSED struct traffic *not_yet(const struct snapshot *s)
{
	return traffic_for(s);
}

static UNUSED struct traffic *not_allowed(const struct snapshot *s)
{
	struct traffic *t = traffic_for(s);

	traffic_end(t, EPERM);
	return t;
}

static UNUSED struct traffic *not_recorded(const struct snapshot *s)
{
	struct traffic *t = traffic_for(s);

	traffic_end(t, ENODATA);
	return t;
}

/* A sentence from outside. */
static UNUSED struct traffic *broken(const struct snapshot *s)
{
	struct traffic *t = traffic_for(s);
	struct record r = {.kind = RECORD_PROBLEM};

	r.problem.error = ENODEV;
	strcpy(r.problem.text, "any\033[2J: No such device");
	busy_take(t, &r);
	traffic_end(t, 0);
	return t;
}

#endif

/* Counts of ports, added up over a capture. */
#include <errno.h>
#include <stdlib.h>

#include "core/report/capture.h"

#define ROWS_MAX 4096
#define WAITING  (4 * ROWS_MAX) /* rows before they are put together */

static int compare_ports(const void *a, const void *b)
{
	const struct port_count *x = a, *y = b;

	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	return addr_compare(&x->server, &y->server);
}

static int compare_busy(const void *a, const void *b)
{
	const struct port_count *x = a, *y = b;

	if (x->n_attempts != y->n_attempts)
		return x->n_attempts > y->n_attempts ? -1 : 1;
	return compare_ports(a, b);
}

static uint32_t sum(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static void merge(struct port_count *to, const struct port_count *p)
{
	to->n_syns = sum(to->n_syns, p->n_syns);
	to->n_attempts = sum(to->n_attempts, p->n_attempts);
	for (int o = 0; o < N_OUTCOMES; o++)
		to->n_outcomes[o] = sum(to->n_outcomes[o], p->n_outcomes[o]);
	/* Which of them are the same is not told: at least so many. */
	if (p->n_clients > to->n_clients)
		to->n_clients = p->n_clients;
	if (p->since_ns < to->since_ns)
		to->since_ns = p->since_ns;
	if (p->until_ns > to->until_ns) {
		to->until_ns = p->until_ns;
		if (p->client.family)
			to->client = p->client;
	}
}

long capture_ports_sort(struct vec *ports)
{
	struct port_count *rows = ports->data;
	size_t kept = 0, gone;

	if (!ports->n)
		return 0;
	qsort(rows, ports->n, sizeof(*rows), compare_ports);
	for (size_t i = 1; i < ports->n; i++) {
		if (compare_ports(&rows[kept], &rows[i]) == 0)
			merge(&rows[kept], &rows[i]);
		else
			rows[++kept] = rows[i];
	}
	vec_truncate(ports, kept + 1);
	qsort(rows, ports->n, sizeof(*rows), compare_busy);
	gone = ports->n > ROWS_MAX ? ports->n - ROWS_MAX : 0;
	vec_truncate(ports, ports->n - gone);
	return (long)gone;
}

long capture_ports_add(struct vec *ports, const struct port_count *p)
{
	struct port_count *row = vec_push(ports);

	if (!row)
		return -ENOMEM;
	*row = *p;
	return ports->n < WAITING ? 0 : capture_ports_sort(ports);
}

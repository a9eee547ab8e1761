/*
 * Every network of 24 bits that IPv4 has, one address of each as a packet of its own: 16.7
 * million for one way in. Processes on all cores share them out. Nothing is left out
 * because a neighbour fared alike: that is what is tested.
 */
#ifndef TESTS_NET_EXPOSURE_SWEEP_H
#define TESTS_NET_EXPOSURE_SWEEP_H

#include <net/if.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "tests/net/exposure_score.h"

enum { SWEEP_WAYS_MAX = 64, SWEEP_CORES_MAX = 16 };
#define SWEEP_NETWORKS (1U << 24)

/* ---- which ways in ---- */

struct sweep_ways {
	struct asked rows[SWEEP_WAYS_MAX];
	size_t n;
};

static inline struct addr sweep_own_address(const struct rules_host *host)
{
	const struct address_table *t = host->space->addresses;

	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].local.family == AF_INET &&
		    !addr_is_loopback(&t->rows[i].local))
			return t->rows[i].local;
	return (struct addr){0};
}

static inline void sweep_add(struct sweep_ways *ways, const struct asked *a)
{
	for (size_t i = 0; i < ways->n; i++) {
		const struct asked *b = &ways->rows[i];

		if (b->proto == a->proto && b->port == a->port &&
		    b->ifindex == a->ifindex && addr_equals(&b->to, &a->to))
			return;
	}
	if (a->to.family == AF_INET && ways->n < SWEEP_WAYS_MAX)
		ways->rows[ways->n++] = *a;
}

static inline void sweep_add_way(struct sweep_ways *ways, const struct rules_host *host,
				 const struct exposure_listener *l,
				 const struct exposure_way *way)
{
	struct asked a = {exposure_proto(l->endpoint->proto), way->asked, way->port,
			  *(const uint32_t *)vec_at(&way->devices, 0)};

	if (!a.to.family && l->endpoint->scope == SCOPE_ADDRESS && !way->is_translated)
		a.to = l->endpoint->address;
	if (!a.to.family)
		a.to = sweep_own_address(host);
	sweep_add(ways, &a);
}

/* Each way that was found, and to each listener the plain one. */
static inline void sweep_find_ways(struct sweep_ways *ways, const struct rules_host *host,
				   const struct exposure *x)
{
	*ways = (struct sweep_ways){.n = 0};
	for (size_t i = 0; i < x->listeners.n; i++) {
		const struct exposure_listener *l = vec_at(&x->listeners, i);
		struct asked plain = {exposure_proto(l->endpoint->proto),
				      l->endpoint->address, l->endpoint->port,
				      if_nametoindex("srv0")};

		if (l->endpoint->scope != SCOPE_ADDRESS)
			plain.to = sweep_own_address(host);
		sweep_add(ways, &plain);
		for (size_t k = 0; k < l->ways.n; k++)
			sweep_add_way(ways, host, l, vec_at(&l->ways, k));
	}
}

/* ---- one of them ---- */

static inline struct addr sweep_source(uint32_t network, uint32_t *number)
{
	uint8_t b[4];

	*number = network << 8 | network * 2654435761U >> 24;
	for (size_t i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(*number >> (24 - 8 * i));
	return addr_v4(b);
}

static inline struct said_list sweep_excluded(const struct exposure *x)
{
	struct said_list list = {.open = VEC_OF(struct said_span),
				 .doubts = VEC_OF(struct said_span)};

	for (size_t i = 0; i < x->excluded.n; i++)
		said_add(&list.open, vec_at(&x->excluded, i));
	said_sort(&list.open);
	return list;
}

static bool may_doubt; /* sets are of kinds that exposure does not read */

/* Every `step`th network from `first` on. */
static inline void sweep_share(struct score *s, const struct rules_host *host,
			       const struct exposure *x, const struct asked *a,
			       uint32_t first, uint32_t step)
{
	struct said_list lists[N_SOCKETS], excluded = sweep_excluded(x);
	enum said said[N_SOCKETS];

	for (size_t i = 0; i < N_SOCKETS; i++)
		lists[i] = said_list_of(vec_at(&x->listeners, i), a);
	for (uint32_t network = first; network < SWEEP_NETWORKS; network += step) {
		uint32_t number;
		struct addr from = sweep_source(network, &number);
		struct outcome o;

		if (said_next(&excluded, number) != SAID_CLOSED)
			continue;
		o = brute(host, a, &from);
		for (size_t i = 0; i < N_SOCKETS; i++)
			said[i] = said_next(&lists[i], number);
		compare(s, &o, x->is_cut || may_doubt, a, &from, said);
	}
	for (size_t i = 0; i < N_SOCKETS; i++)
		said_list_release(&lists[i]);
	said_list_release(&excluded);
}

/* False: a process did not come to its end. */
static inline bool sweep_way(struct score *s, const struct rules_host *host,
			     const struct exposure *x, const struct asked *a)
{
	long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t n = n_cores < 1                 ? 1
		     : n_cores > SWEEP_CORES_MAX ? SWEEP_CORES_MAX
						 : (uint32_t)n_cores;
	struct score *parts = mmap(NULL, n * sizeof(*parts), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool is_whole = parts != MAP_FAILED;
	int status;

	fflush(stdout);
	for (uint32_t i = 0; i < n && is_whole; i++) {
		pid_t pid = fork();

		if (pid)
			is_whole = pid > 0;
		else {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			sweep_share(&parts[i], host, x, a, i, n);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		is_whole = is_whole && WIFEXITED(status) && !WEXITSTATUS(status);
	for (uint32_t i = 0; i < n && is_whole; i++)
		score_add(s, &parts[i]);
	if (parts != MAP_FAILED)
		munmap(parts, n * sizeof(*parts));
	return is_whole;
}

#endif

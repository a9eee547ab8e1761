/* The questions of a run. Private to run.c. */
#ifndef CORE_DIAGNOSIS_RUN_ASK_H
#define CORE_DIAGNOSIS_RUN_ASK_H

#include "core/diagnosis/run.h"

/* Whom to ask, and how many answers are still to come. */
struct asking {
	const struct run *run;
	void (*ask)(void *arg, const struct question *q);
	void *arg;
	unsigned n_waiting, n_new; /* new: never asked before */
};

/* Each puts its question, again and again until it is answered: n_waiting tells. */
void asking_put(struct asking *a, const struct question *q);
void asking_put_kind(struct asking *a, enum question_kind kind, unsigned round);
/* LOGS or CHANGES, from so long before the window, of the processes that serve. */
void asking_put_past(struct asking *a, enum question_kind kind, int64_t before_ns);
/* None if no process is known to serve. */
void asking_put_processes(struct asking *a);
/* The sockets of the target's port (UDP) after the window, of one family. */
struct question run_ask_datagrams(const struct run *r, uint8_t family);
/* What the port's sockets and connections are, and what conntrack has of it. */
void asking_put_ports(struct asking *a);
/*
 * What stands behind the kernel's decisions: the policies of IPsec, where it counted what
 * it stopped for their sake; the rules that choose tables of routes, and how another packet
 * would go, where a route or its next hop stops the packet or its answer.
 */
void asking_put_choosers(struct asking *a);
/* The clients that are asked over ssh, once the window is open. True while their answer is
 * to come. */
bool asking_put_remote(const struct run *r, struct asking *a);
/* Walks anew where something has changed, and puts the routes that the walks want. */
void asking_put_walks(struct run *r, struct asking *a);

#endif

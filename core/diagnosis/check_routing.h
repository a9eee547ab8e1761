/*
 * The rule (ip rule) that chose the table of the way back to the client. Shared by
 * checks_net.c and the run. Finds no fault.
 */
#ifndef CORE_DIAGNOSIS_CHECK_ROUTING_H
#define CORE_DIAGNOSIS_CHECK_ROUTING_H

#include "core/diagnosis/check_help.h"
#include "core/network/routing.h"

/*
 * The question for the way back to the client, where a route or its next hop ended one of
 * the walk's legs: that of the answer; of a packet that the reverse path filter drops, the
 * one which the filter asks. False: no route ended it, or the client is not known.
 */
bool routing_way(const struct walk *w, struct route_ask *out);
/* The same for any packet to that address: by the tables that every host has, and rules
 * that ask for nothing else. */
struct route_ask routing_plain(const struct route_ask *way);

/* The rule that decides the way back; NULL: none of its own, or it is not known which. */
const struct routing_rule *routing_rule_of(const struct check_view *v);
/* " (ip rule 100: from 10.0.0.1 lookup 100)"; "" of NULL. In the arena. */
const char *routing_rule_words(const struct check_view *v, const struct routing_rule *r);
/* The rule, and what the kernel says without what it asks for. Nothing of NULL. 0, -ENOMEM.
 */
int routing_prove(const struct check_view *v, struct finding *f,
		  const struct routing_rule *r);

#endif

/*
 * What is asked of the evidence where this host is the client: its own tries, address by
 * address, and what the name says. Finds no fault.
 */
#ifndef CORE_DIAGNOSIS_CLIENT_SIDE_H
#define CORE_DIAGNOSIS_CLIENT_SIDE_H

#include "core/diagnosis/checks.h"

/* One walk for each address that is tried, as far as there is room, with the source that
 * the kernel chose for it. */
void client_choose_walks(const struct evidence *e, struct walk *rows, size_t *n);

/* What came of trying this address; NULL: it was not tried. */
const struct reach_result *client_row(const struct evidence *e, const struct addr *server);
/* An error of this host itself: none was sent by another one, as far as that is told. */
bool client_is_own_error(const struct evidence *e, const struct reach_result *r);
/* "connection refused after 0.4 ms", "no answer in 5.0 s (3 SYNs)", ...; in the arena. */
const char *client_outcome_words(const struct check_view *v, const struct reach_result *r);
/* "ICMP host unreachable"; in the arena, for a row that has one. */
const char *client_icmp_words(const struct check_view *v, const struct reach_result *r);
/* Is it an error by which a firewall says so: administratively prohibited, or one that no
 * TCP of a host sends? Of UDP a port that is unreachable at the target is none. */
bool client_is_prohibited(const struct reach_result *r);
/* Is it what a host says of a port of UDP that nobody has? */
bool client_is_closed_port(const struct reach_result *r);
/* "SYN" or "datagram": what we sent. */
const char *client_packet_word(const struct reach_result *r);
/* Our SYN to it was seen on an interface by a capture that saw everything; UNSURE: the
 * capture cannot say. */
enum tri client_syn_left(const struct evidence *e, const struct reach_result *r);
/* "10.0.0.5 port 443" */
const char *client_goal(const struct check_view *v);
/* Does the check (of the table) look at our own tries? */
bool check_is_client_side(const struct check *c);

#endif

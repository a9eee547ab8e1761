/* What several checks ask of the evidence. Shared by checks_*.c only. */
#ifndef CORE_DIAGNOSIS_CHECK_HELP_H
#define CORE_DIAGNOSIS_CHECK_HELP_H

#include "core/diagnosis/checks.h"

/* What the wire shows of the attempts at this walk's address, by its client. */
enum wire {
	WIRE_NOTHING, /* nobody tried, or only a moment ago */
	WIRE_ANSWERED,
	WIRE_TAKEN, /* SYN-ACKs left, no handshake was completed */
	WIRE_SILENCE,
	WIRE_RESET,
	WIRE_ICMP,
	WIRE_MIXED, /* several of the kinds of failure */
};
enum wire view_wire(const struct check_view *v);
bool sight_was_answered(const struct check_view *v);
/* SYNs without any answer at all (no SYN-ACK on the wire either), and only such. */
bool sight_is_silent(const struct check_view *v);
bool sight_was_refused(const struct check_view *v);
/* A SYN-ACK came back: the SYN met a socket. */
bool sight_got_syn_ack(const struct check_view *v);
/* Frames for another host, which this one's stack never saw. */
bool sight_is_of_other_host(const struct check_view *v);
/* The newest attempt here; NULL: none. */
const struct attempt *sight_newest(const struct check_view *v);

/* The packet is for a socket of this host; false also where that is not known. */
bool view_is_for_here(const struct check_view *v);
/* No rule that was not read may send it elsewhere. */
bool view_is_untranslated(const struct check_view *v);
/* The socket that would take the packet, whether or not something stops it before; *served
 * as in path.h. UNSURE where the packet is not for this host. */
const struct socket_row *view_socket(const struct check_view *v, enum tri *served,
				     const struct endpoint **endpoint);
/* The way of a packet with data once the handshake is done; NULL: not known. In the arena.
 */
const struct path *view_established(const struct check_view *v);
/* CERTAINTY_NONE, and the evidence excludes it. */
int ruled_out(struct finding *f);
/* CERTAINTY_NONE, and no other check of the same fault may exclude it. */
int undecided(struct finding *f);

/* Shown names, in the arena: "nginx 1033 +4"; "any v4+v6"; "443/tcp". Never NULL. */
const char *view_owner(const struct check_view *v, const struct endpoint *e);
const char *view_listens_on(const struct check_view *v, const struct endpoint *e);
const char *view_port(const struct check_view *v);
/* A name from outside as one word of a command that somebody may paste into a shell: as it
 * is if it is plain, else within quotes that nothing in it ends. */
const char *view_word(const struct check_view *v, struct text name);
/* check_rule.c: "inet filter input handle 27"; the rule's text, "" of NULL. */
/* ruleset_source() of its chain; NULL: "nf_tables". */
const char *view_rule_source(const struct check_view *v, const struct fw_rule *rule);
const char *view_rule_place(const struct check_view *v, const struct fw_rule *rule);
const char *view_rule_text(const struct check_view *v, const struct fw_rule *rule);
/* "nft -a list chain ip nat prerouting", "iptables -t nat -S PREROUTING 2": what shows this
 * rule; NULL: one that is not known, then the command shows them all. */
const char *view_rule_command(const struct check_view *v, const struct fw_rule *rule);
/* printf into the arena; "" for want of memory. */
const char *view_text(const struct check_view *v, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "4 SYNs in 7 s, nothing came back"; the wire's side of any finding. */
int prove_wire(const struct check_view *v, struct finding *f);

#endif

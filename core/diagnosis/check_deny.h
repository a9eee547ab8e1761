/* The rule or policy that ends a leg of the walk, for the checks that blame it. */
#ifndef CORE_DIAGNOSIS_CHECK_DENY_H
#define CORE_DIAGNOSIS_CHECK_DENY_H

#include "core/diagnosis/checks.h"

/* NULL: it is a policy (or none). */
const struct fw_rule *deny_rule(const struct check_view *v, const struct path_leg *leg);
const struct fw_chain *deny_chain(const struct check_view *v, const struct path_leg *leg);

/* Shown words in the arena, never NULL. */
/* "inet filter input handle 27", "iptables filter INPUT rule 3", "inet filter input policy
 * drop" */
const char *deny_place(const struct check_view *v, const struct path_leg *leg);
/* The rule as its owner's program prints it; "" of a policy. */
const char *deny_rule_text(const struct check_view *v, const struct path_leg *leg);
/* "inet filter input"; there must be a chain. */
const char *deny_chain_words(const struct check_view *v, const struct path_leg *leg);
/* "ufw", ...; NULL: nobody known. */
const char *deny_manager(const struct check_view *v, const struct path_leg *leg);

/* "nft -a list chain inet filter input", "iptables -S INPUT 3"; there must be a chain. */
const char *deny_show_command(const struct check_view *v, const struct path_leg *leg);

/* checks_firewall.c: a rule or policy of the rules that were read ends the leg. */
bool deny_is_there(const struct check_view *v, const struct path_leg *leg);
/* "dropped", "rejected with a reset", "rejected with an ICMP error" */
const char *deny_verb(const struct path_leg *leg);
/* enum position: where it stands. */
int deny_position(const struct path_leg *leg, bool is_reply);
/* Where it stands, its rule, and what of it the client sees. */
void deny_blame(struct finding *f, const struct path_leg *leg, bool is_reply);
/* Append what it is, and that it counted. 0 or -ENOMEM. */
int deny_prove_rule(const struct check_view *v, struct finding *f,
		    const struct path_leg *leg);
int deny_prove_counter(const struct check_view *v, struct finding *f,
		       const struct path_leg *leg);

/* checks_proxied.c: the rule is of a transparent proxy that nobody serves. */
bool proxied_is_dropped(const struct check_view *v);

/* deny_names.c: what managers of firewalls put into names. A name that a shell leaves as it
 * is; what stands behind the prefix (none: it does not begin so); the jail of fail2ban
 * whose chain or set the rule is of, the zone of firewalld whose chain it is; none. */
bool deny_name_is_plain(struct text name);
struct text deny_name_after(struct text name, const char *prefix);
struct text deny_jail(const struct check_view *v, const struct path_leg *leg);
struct text deny_zone(struct text chain);
/* deny_zone.c: which zone the packet is in, and which others would let it in; nothing of
 * other managers' rules. 0 or -ENOMEM. */
int deny_prove_zone(const struct check_view *v, struct finding *f,
		    const struct path_leg *leg);
/* deny_kept.c: does the zone of firewalld, as its files keep it, let the target's port in?
 * *path is its file, written unless it is UNSURE for want of one. */
enum tri deny_kept_opens(const struct evidence *e, struct text zone, struct text *path);
/* Where it does and what runs does not: that, and how it is taken up. 0 or -ENOMEM. */
int deny_tell_kept(const struct check_view *v, struct finding *f,
		   const struct path_leg *leg);
/* What a client makes of such an ICMP error; nothing of other ends. 0 or -ENOMEM. */
int deny_prove_client_words(const struct check_view *v, struct finding *f,
			    const struct path_leg *leg);

/* deny_queue.c: the rule gives the packet to a queue, and nobody takes it there. */
bool deny_has_queue(const struct path_leg *leg);
/* ", which gives it to a queue that no program reads"; "" of other rules. */
const char *deny_queue_words(const struct path_leg *leg);
/* 0 or -ENOMEM; nothing of other rules. */
int deny_prove_queue(const struct check_view *v, struct finding *f,
		     const struct path_leg *leg);
int deny_advise_queue(const struct check_view *v, struct finding *f,
		      const struct path_leg *leg);

/* deny_advice.c: what lets this client in, in the manager's own words where there is one. 0
 * or -ENOMEM. */
int deny_advise(const struct check_view *v, struct finding *f, const struct path_leg *leg);

/* deny_ipset.c: where an ipset holds the client. -ENOENT: none does; 0 or -ENOMEM. */
int deny_advise_ipset(const struct check_view *v, struct finding *f,
		      const struct path_leg *leg);

#endif

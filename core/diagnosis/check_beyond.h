/* What is known of a packet that a translation sends on to another host, and what was seen
 * of it there. Shared by checks_*.c and judge_*.c only; finds no fault itself. */
#ifndef CORE_DIAGNOSIS_CHECK_BEYOND_H
#define CORE_DIAGNOSIS_CHECK_BEYOND_H

#include "core/diagnosis/checks.h"

/* The backend: the host behind the translation. */
struct beyond {
	struct addr server; /* as it is aimed at there */
	uint16_t port;
	/* The client's attempts as they left for the backend: the same SYN under the
	 * translated address. */
	uint32_t n_left, n_syn_acks, n_refused, n_unreachable, n_other_icmp;
	uint32_t n_client_resets;
	/* The flow of the newest attempt is tracked with this target, and was let out;
	 * NULL: it is not, or that was not read. */
	const struct conntrack_row *entry;
	/* The namespace of this host that is the backend; NULL: another host, or not sure.
	 */
	const struct space *space;
	enum tri is_served; /* there; UNSURE where the namespace is not known */
	const struct endpoint *endpoint;       /* that serves it there */
	const struct endpoint *loopback_only;  /* that would, but for its address */
	const struct neighbour_row *neighbour; /* of the next hop; NULL: no entry */
	bool is_on_link;
	const struct probe_result *probe; /* our own connection to it; NULL: none */
};

/* False: the walk does not lead to another host by a translation, or is not known. */
bool beyond_look(const struct check_view *v, struct beyond *out);
/* It left this host: by the capture, or, of datagrams to a port that is not captured, by
 * connection tracking. */
bool beyond_has_left(const struct beyond *b);
/* The neighbour entry says that the next hop does not answer (FAILED), or has not yet. */
bool beyond_is_hop_dead(const struct beyond *b);

/* Shown words in the arena. */
/* "10.1.0.2 port 8443" */
const char *beyond_words(const struct check_view *v, const struct beyond *b);
/* "ip nat prerouting handle 4", or that it is not known. */
const char *beyond_source(const struct check_view *v); /* of evidence */
const char *beyond_rule_words(const struct check_view *v);
/* The rule's text; "" where it is not known. */
const char *beyond_rule_text(const struct check_view *v);
/* The command that shows the rule. */
const char *beyond_show_command(const struct check_view *v);
/* "docker", ... where a container engine made the translation; NULL: none. */
const char *beyond_engine(const struct check_view *v);

/* The rows of evidence that every finding about a backend has: the rule, what left, what
 * the kernel tracks, our own connection. 0 or -ENOMEM. */
int beyond_prove(const struct check_view *v, struct finding *f, const struct beyond *b);
/* The rule that translates, as the finding's rule. */
void beyond_blame(const struct check_view *v, struct finding *f);

/* The entry of the client's newest attempt; NULL: none. */
const struct conntrack_row *beyond_entry(const struct check_view *v);

#endif

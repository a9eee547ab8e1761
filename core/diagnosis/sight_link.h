/*
 * What was seen of the flow at which interface, and who claimed which address there: sums
 * over the frames that a capture counted. Finds no fault; shared by checks_*.c and
 * judge_*.c.
 */
#ifndef CORE_DIAGNOSIS_SIGHT_LINK_H
#define CORE_DIAGNOSIS_SIGHT_LINK_H

#include "core/diagnosis/checks.h"

/* The frames of this walk's flow, by its client if it has one. NULL rows: none such. */
struct link_way {
	bool is_known; /* frames were looked at, and none was lost */
	/* SYNs (datagrams) as they came in: for this host, for another link address, with a
	 * tag of a VLAN, with a wrong checksum. */
	uint32_t n_in, n_in_other, n_in_tagged, n_in_bad, n_bad_heads;
	const struct link_sight *in, *in_other, *in_tagged;
	/* As this host sent them on. */
	uint32_t n_out;
	const struct link_sight *out;
	/* Answers and resets, as they left and as they came in. */
	uint32_t n_answers_out, n_answers_in, n_resets_out, n_resets_in;
	const struct link_sight *answer_out, *answer_in;
	/* Datagrams to the client from an address that it did not ask. */
	uint32_t n_stray;
	const struct link_sight *stray;
	/* An answer left by an interface that a question came in by. */
	bool leaves_where_it_came;
};
void link_way_look(const struct check_view *v, struct link_way *out);

/* It passes this host by untranslated: its frames have the same ends on both sides. */
bool link_is_passed_on(const struct check_view *v);
/* Its answers came back to this host, and none left. */
bool link_is_answer_kept(const struct check_view *v);

/* Who says that he has this address: link addresses other than this host's own, at most
 * `room`; *n_own: how often this host itself said so. Returns how many. */
enum { CLAIMS_MAX = 4 };
size_t link_claims(const struct evidence *e, const struct addr *a,
		   const uint8_t *macs[CLAIMS_MAX], uint32_t *n_own);
/* One of them is this one. */
bool link_is_claimed(const uint8_t *const *macs, size_t n, const uint8_t *mac);
/* Of a group of routers (RFC 5798, HSRP, GLBP): it is on no frame that they send on. */
bool link_is_virtual_mac(const uint8_t *mac);

/* The interface as another stands on it: a bridge, a bond, a macvlan takes its frames. */
bool link_is_beneath(const struct evidence *e, uint32_t ifindex);

/* The next hop of the answer (the client itself, or a gateway), and its entry; NULL: it is
 * not known, or has none. */
const struct neighbour_row *link_next_hop(const struct check_view *v, struct addr *hop);
/* SYN-ACKs left, and no client took one. */
bool link_is_taken_only(const struct check_view *v);

/* The address is this host's on an interface whose frames are its own: not on loopback or a
 * dummy, where balanced servers have an address that another host answers for. */
bool link_has_own_place(const struct evidence *e, const struct addr *a);

/* Shown words in the arena: "3 SYNs"; the walk's client ("clients" where none is named) and
 * server; the command that shows the frames. */
const char *link_count(const struct check_view *v, uint32_t n);
const char *link_client(const struct check_view *v);
const char *link_server(const struct check_view *v);
const char *link_frames_command(const struct check_view *v, uint32_t ifindex);
/* Shown words in the arena: the interface in a sentence, and in a command; "aa:bb:...". */
const char *link_name(const struct check_view *v, uint32_t ifindex);
const char *link_argument(const struct check_view *v, uint32_t ifindex);
const char *link_mac(const struct check_view *v, const uint8_t mac[6]);

#endif

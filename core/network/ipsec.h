/*
 * Policies of IPsec: XFRM messages -> rows in the order in which the kernel asks them, and
 * which of them a packet meets. linux/xfrm.h, ip-xfrm(8), net/xfrm/xfrm_policy.c. Security
 * associations hold keys: of them only the number is known here. Pure.
 */
#ifndef CORE_NETWORK_IPSEC_H
#define CORE_NETWORK_IPSEC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/str.h"
#include "core/base/table.h"
#include "core/base/vec.h"

/* X(name, word as of ip xfrm policy), numbered as the kernel does. */
#define IPSEC_DIRECTIONS(X) \
	X(IN, "in")         \
	X(OUT, "out")       \
	X(FORWARD, "fwd")

/* clang-format off */
enum ipsec_direction {
#define X(name, word) IPSEC_##name,
	IPSEC_DIRECTIONS(X)
#undef X
	N_IPSEC_DIRECTIONS
};
/* clang-format on */
const char *ipsec_direction_word(enum ipsec_direction d);

/* What a packet must have been given, or is to be given. */
struct ipsec_template {
	struct addr source, target; /* of the outer header; any: as the packet's */
	uint8_t proto;              /* IPPROTO_ESP, AH, COMP */
	uint8_t mode;               /* XFRM_MODE_... */
	uint32_t spi, reqid;        /* 0: any */
	bool is_optional;           /* "level use": without it is as good */
};

enum { IPSEC_TEMPLATES_MAX = 6 }; /* XFRM_MAX_DEPTH */

struct ipsec_policy {
	/* The selector; families of both are set, prefixes of no bits are any address. */
	struct addr source, target;
	uint8_t source_len, target_len;
	uint8_t proto; /* 0: any */
	uint16_t source_port, source_port_mask, target_port, target_port_mask;
	uint32_t ifindex; /* 0: any */
	uint32_t mark, mark_mask;
	uint32_t if_id; /* of an xfrm interface; 0: of packets without one */
	enum ipsec_direction direction;
	bool is_of_socket; /* set by IP_XFRM_POLICY on one socket, which alone asks it */
	bool is_sub;       /* of the kind "sub", asked beside the main ones */
	bool is_block;
	uint32_t priority; /* the lowest is asked first */
	uint32_t index;
	uint32_t order; /* of the dump, which tells the newest first */
	int64_t used_s; /* wall: when a packet last met it; 0: none did */
	struct ipsec_template templates[IPSEC_TEMPLATES_MAX];
	uint8_t n_templates;
};

struct ipsec_table {
	struct table head;
	/* By direction and priority, of one priority the oldest first: the first that fits
	 * decides. */
	struct ipsec_policy *rows;
	size_t n;
	bool has_states; /* n_states was told */
	uint32_t n_states;
	/* What befalls packets that no policy takes; false also where it was not told:
	 * before Linux 5.15 they pass. */
	bool blocks_others[N_IPSEC_DIRECTIONS];
};

struct ipsec_decoder {
	struct vec rows;
	uint32_t n_states;
	bool has_states;
	bool blocks_others[N_IPSEC_DIRECTIONS];
};
void ipsec_init(struct ipsec_decoder *d);
void ipsec_release(struct ipsec_decoder *d);
/* Messages XFRM_MSG_NEWPOLICY, NEWSADINFO, GETDEFAULT in any order; one of another type is
 * damage. 0, -EBADMSG (nothing of the part is kept), -ENOMEM. */
int ipsec_decode(struct ipsec_decoder *d, const void *bytes, size_t len);
/* NULL: no memory */
struct ipsec_table *ipsec_finish(struct ipsec_decoder *d);

/* A packet as a policy sees it. */
struct ipsec_flow {
	enum ipsec_direction direction;
	struct addr source, target;
	uint8_t proto;
	uint16_t source_port, target_port; /* 0: not known */
	uint32_t mark;
	bool is_mark_known;
	uint32_t out_ifindex; /* OUT: where it leaves; 0: not known */
};

/* What becomes of a packet that has no protection (yet). */
enum ipsec_effect {
	IPSEC_PASSES,
	IPSEC_BLOCKED,  /* by a policy, or for want of one */
	IPSEC_PROTECTS, /* a template is required: IN and FORWARD drop it, OUT wants a
			   security association */
	IPSEC_UNSURE    /* something of it is not known */
};

struct ipsec_answer {
	enum ipsec_effect effect;
	const struct ipsec_policy *policy; /* NULL: none takes it */
	/* Another of the same priority fits too, with another effect: which of them is
	 * older decides, as far as the dump's order tells. */
	bool is_tied;
};
struct ipsec_answer ipsec_find(const struct ipsec_table *t, const struct ipsec_flow *f);

/*
 * ipsec_words.c: as ip xfrm policy takes them. The selector and direction, by which it is
 * shown and deleted; and what stands behind these in "add". device: the selector's, shown
 * already, or NULL.
 */
void ipsec_print_selector(struct str *out, const struct ipsec_policy *p,
			  const char *device);
void ipsec_print_rest(struct str *out, const struct ipsec_policy *p);

#endif

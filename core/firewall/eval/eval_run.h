/*
 * What the parts of the evaluator share while one hook is run: the packet as bytes, the
 * registers, the question that is asked where something is unknown. For eval*.c, exprs.c
 * and near.c only.
 */
#ifndef CORE_FIREWALL_EVAL_RUN_H
#define CORE_FIREWALL_EVAL_RUN_H

#include "core/firewall/eval/eval.h"
#include "core/firewall/eval/guards.h"
#include "core/firewall/eval/regs.h"

enum { HEADER_LINK = 14, HEADER_BYTES = 74 /* ethernet, IPv6, TCP */ };

/* The packet's headers in a row; link is 0 long where there is none. */
struct headers {
	struct octet octets[HEADER_BYTES];
	size_t network, transport, end; /* where they begin */
	bool is_link_unsure;            /* it may be that there is none */
	bool is_stale;                  /* the packet has changed */
	unsigned version;               /* another one each time that they change */
};

/* What a load that many rules begin with gives (guards.h). */
struct eval_loaded {
	enum { EVAL_LOADED_NOT_TRIED, EVAL_LOADED_KNOWN, EVAL_LOADED_UNKNOWN } state;
	uint64_t value;
	/* It is the same for all packets of the cell that is asked for (cell.h). */
	bool is_of_cell;
};

/* Where the search in a list of rules has come to (guards.h). */
struct eval_found {
	bool is_set;
	uint32_t from, rule; /* the first one of the list from there on; FW_NONE: none */
};

enum eval_next {
	EVAL_NEXT,  /* on to the next expression */
	EVAL_BREAK, /* the rule does not match */
	EVAL_DONE,  /* run->verdict says what happens */
};

/* Besides the kernel's own verdict codes (NF_DROP.., NFT_RETURN): */
enum { EVAL_REJECTED = -100, EVAL_STOLEN = -101 };

/* How the rule that is run singled out what it matched. */
struct eval_hold {
	uint32_t set, element, ipset;
	const struct fw_member *member;
	bool is_source_in_set, names_source;
	uint8_t source_prefix;
};

struct eval {
	const struct ruleset *ruleset;
	enum fw_hook hook;
	struct fw_packet *packet;
	const struct fw_lookups *lookups;
	struct fw_choices *choices;
	struct fw_result *out;
	struct headers headers;
	struct eval_loaded loaded[GUARD_LOADS_MAX]; /* of the headers of this version */
	unsigned loaded_version;
	/* By load; the last one: of the rules that no guard finds. */
	struct eval_found found[GUARD_LOADS_MAX + 1];
	struct regs regs;
	uint32_t chain, rule;       /* that are run */
	const struct fw_expr *expr; /* that is run; NULL: none yet */
	uint32_t at;                /* which one of the rule it is; see eval_rule_at() */
	int32_t verdict;
	uint32_t target; /* chain of a jump */
	bool is_in_nat_slot, is_nat_done;
	struct eval_hold hold;
	/* Near misses are looked for: nothing is asked, what a rule's tests missed and what
	 * they hit is noted in these bits, one for each enum fw_field; and what of it is
	 * not known. */
	bool is_near;
	uint32_t missed, hit, unsure;
	/* Of the xtables match that is run: what it tests, why it is unsure, which is tried
	 * first. */
	enum fw_field xt_field;
	enum fw_doubt xt_doubt;
	bool xt_prefers;
	bool is_stuck; /* the walk ends unsure */
	size_t n_entered;
	int error;
};

/* A comparison, and what it means to the rule. */
struct compared {
	const struct octet *octets;
	size_t n;
	enum tri holds;
	bool is_negated; /* the rule goes on where it does not hold */
	bool prefers;    /* where unsure: matching is tried first */
	const uint8_t
		*equals;  /* what the octets are, if it holds; NULL: that is not known */
	const void *data; /* of the question, with data_len */
	size_t data_len;
};

/*
 * Whether it (not negated) holds, as this walk takes it. question: of octets_question(), 0:
 * never the same twice. Near: what makes the rule match.
 */
bool eval_ask(struct eval *e, const char *why, bool prefers, bool is_negated,
	      uint64_t question);
/* A match that is unknown as a whole. */
enum eval_next eval_unsure(struct eval *e, const char *why, bool prefers);
enum eval_next eval_compared(struct eval *e, const struct compared *c);
/* For how far the answer holds (cell.h): the octets are compared; something is made of
 * them. Whoever looks at addresses or ports without cmp, range or lookup calls one. */
void eval_see(const struct eval *e, const struct octet *o, size_t n, const uint8_t *low,
	      const uint8_t *high);
void eval_pin(const struct eval *e, const struct octet *o, size_t n);
/* eval_name.c: of the unknown value that the expression gives. */
uint32_t eval_name(struct eval *e);
/* The register gets n unknown bytes. */
enum eval_next eval_store_unknown(struct eval *e, uint8_t word, size_t n, enum fw_doubt why,
				  enum fw_field field);
enum eval_next eval_store(struct eval *e, uint8_t word, const void *bytes, size_t n,
			  enum fw_field field);
enum eval_next eval_store_u8(struct eval *e, uint8_t word, uint8_t value,
			     enum fw_field field);
enum eval_next eval_done(struct eval *e, int32_t verdict);

/* eval_header.c: the octets of the packet's addresses and ports. */
void eval_address_octets(const struct fw_packet *p, bool is_source, struct octet out[16]);
void eval_port_octets(const struct fw_packet *p, bool is_source, struct octet out[2]);
bool eval_has_ports(const struct fw_packet *p); /* its protocol has some */
bool eval_has_iif(const struct eval *e);
/* Every bit of the address is known. */
bool eval_is_address_known(const struct fw_packet *p, bool is_source);
enum eval_next eval_payload(struct eval *e, const struct fw_expr *x);

/* eval_ct.c: the state as a chain at this priority sees it; 0: not known. */
uint32_t eval_ct_state(const struct eval *e);
bool eval_has_ct(const struct eval *e);
void eval_notrack(struct eval *e);
/* The ends of the flow in one direction. */
void eval_ct_address(const struct eval *e, bool is_reply_tuple, bool is_source,
		     struct octet out[16]);
void eval_ct_port(const struct eval *e, bool is_reply_tuple, bool is_source,
		  struct octet out[2]);

/* eval_fib.c: RTN_*; 0: not known. */
uint8_t eval_address_type(const struct eval *e, bool is_source, uint32_t on);

/* eval_nat.c */
struct nat_target {
	bool is_snat, is_redirect, is_masquerade;
	bool is_unsure;          /* which address or port is not known */
	struct addr address;     /* none: it stays */
	struct addr address_max; /* of a range of them */
	bool has_ports;
	uint16_t port, port_max; /* of a range; equal: one */
	uint32_t flags;          /* NF_NAT_RANGE_... */
};
/* The mapping is set, the walk goes on as after an accept. */
enum eval_next eval_nat_set(struct eval *e, struct nat_target *t);
/* The network of the range from t->address to max, the host part of the packet's own
 * address; false: that is not known. */
bool eval_nat_map(struct eval *e, const struct addr *max, struct nat_target *t);
/* What is in a register, of the packet's family; false: it is not known, or there is none.
 */
bool eval_read_address(struct eval *e, uint8_t word, struct addr *out);
bool eval_read_port(struct eval *e, uint8_t word, uint16_t *out);
/* An ICMP error or a reset goes back. */
enum eval_next eval_rejected(struct eval *e, bool is_reset, uint8_t type, uint8_t code);

/* eval.c: whether tracking has not seen the packet yet where a chain of this priority runs.
 */
bool eval_is_before_conntrack(const struct eval *e, int32_t priority);

/* eval_added.c: the rule that is run puts a key into a set. */
void eval_add(struct eval *e, uint32_t set, const struct octet *key, size_t n,
	      bool is_unsure);
/* NULL, 0: of an ipset. TRI_YES: this walk has put it there; UNSURE: it may have. */
enum tri eval_is_added(const struct eval *e, uint32_t set, const struct octet *key,
		       size_t n);

/* eval_end.c: what is not understood drops, accepts or lets the packet go on. */
enum eval_next eval_anything(struct eval *e, const char *why);

/* eval_ahead.c: false: what stands behind x in the rule that is run does not match for
 * sure.
 */
bool eval_rest_may_match(struct eval *e, const struct fw_expr *x);

/* eval_guards.c: the first rule from there on that may match, or has something to ask; end:
 * none. */
uint32_t eval_pass_over(struct eval *e, uint32_t rule, uint32_t end);

/* eval_chain.c: one base chain to its end: NF_ACCEPT, NF_DROP, NF_QUEUE, EVAL_... */
int32_t eval_base_chain(struct eval *e, uint32_t chain);
/* The expressions of one rule. NFT_BREAK: it does not match. */
int32_t eval_rule(struct eval *e, uint32_t rule);
/* x is the expression of the rule that is run now, and the last one of it. */
bool eval_is_last(const struct eval *e, const struct fw_expr *x);
/* The rule that is run if x is its expression that is run; NULL: x stands elsewhere. */
const struct fw_rule *eval_rule_at(const struct eval *e, const struct fw_expr *x);

#endif

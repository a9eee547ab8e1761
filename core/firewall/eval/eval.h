/*
 * One packet at one hook: the base chains in the kernel's order, each rule literally as the
 * kernel's registers would run it. Three values: what cannot be known (a limit, a recent
 * list, an opaque expression) is a choice, and the caller walks once for each.
 * net/netfilter/nf_tables_core.c, nft_*.c. Pure.
 */
#ifndef CORE_FIREWALL_EVAL_H
#define CORE_FIREWALL_EVAL_H

#include "core/base/addr.h"
#include "core/base/asks.h"
#include "core/base/vec.h"
#include "core/firewall/eval/cell.h"
#include "core/firewall/eval/member.h"
#include "core/firewall/eval/queue_readers.h"
#include "core/firewall/ruleset.h"

/* Connection tracking as this packet meets it. */
struct fw_conntrack {
	uint32_t state; /* NF_CT_STATE_*_BIT as of nft: 1 invalid 2 established 4 related 8
			   new 64 untracked */
	bool is_reply;
	uint32_t status; /* IPS_... */
	bool has_entry;  /* false: every key but state breaks, no nat chain runs */
	uint32_t mark;
	bool is_mark_known;
	/* The original direction's tuple. */
	struct addr saddr, daddr;
	uint16_t sport, dport;
};

/* Of struct fw_packet. */
enum { FW_ADDED_MAX = 3 };
#define FW_ADDED_IPSET 0x80000000U

struct fw_packet {
	struct addr saddr, daddr; /* one family */
	uint8_t proto;            /* IPPROTO_ */
	uint16_t sport, dport;
	uint8_t tcp_flags;
	uint8_t icmp_type, icmp_code;
	uint8_t ttl;
	/* What nobody knows of it: the answer then depends on it where a rule asks. Of an
	 * answer to an unknown client it is the destination. */
	bool is_source_unknown, is_sport_unknown, is_ttl_known;
	bool is_destination_unknown, is_dport_unknown;
	/* Kept by eval: the bits of an unknown address that the walk's picks have fixed (a
	 * rule for 10.0.0.0/8 that was taken as matching: 8 bits), in saddr and daddr. */
	uint8_t saddr_known[16], daddr_known[16];
	/* How often rules have written into it, and set its marks: what was unknown before
	 * is another unknown now. An answer counts on from its request. */
	uint8_t n_rewritten, n_readdressed, n_marked;
	/* Elements that rules have put into sets, or may have. */
	struct fw_added {
		uint64_t key;   /* as eval_added() compares them */
		uint32_t set;   /* of nf_tables: its row; else | FW_ADDED_IPSET */
		bool is_known;  /* every bit of the key */
		bool is_unsure; /* it may also have been taken out */
	} added[FW_ADDED_MAX];
	uint8_t n_added;      /* more than FW_ADDED_MAX: not all are here */
	struct text iif, oif; /* names; none: no device (locally sent, not yet routed) */
	uint32_t iif_index, oif_index;
	uint16_t iif_type, oif_type; /* ARPHRD_; 0: not known */
	bool is_iif_unknown;         /* it has a device, but it is not known which */
	uint32_t mark;
	bool is_mark_known;
	bool has_socket; /* locally sent by a socket: skuid, skgid */
	uint32_t skuid, skgid;
	bool is_skuid_known;
	struct fw_conntrack ct;
	bool is_before_conntrack; /* kept by eval: chains before -200 see no entry */
	/* Chains of the family bridge are run, not those of IP; iif and oif are ports. */
	bool is_at_bridge;
	struct text bridge_in, bridge_out; /* above them; none: no such device */
	bool is_tracked_at_bridge; /* tracking has seen it there: all of IP's hooks see it
				    */
	/* What the last rule of a transparent proxy that it met made of it. TAKEN: a socket
	 * has it, whatever its target is. MISSED: there is none, or none that may. */
	struct fw_proxied {
		enum fw_proxy { FW_PROXY_NONE, FW_PROXY_TAKEN, FW_PROXY_MISSED } state;
		bool is_there;        /* MISSED: a socket that is not transparent */
		bool is_port_changed; /* of the rule, not the packet's own */
		uint16_t port;
		struct addr to; /* none: of the device, or the packet's own */
		uint32_t chain, rule;
	} proxied;
	/* Whose the frame's target address is, as the device that it is at sees it. */
	enum fw_frame { FW_FRAME_OWN, FW_FRAME_OF_OTHER, FW_FRAME_OF_SOMEBODY } frame;
	bool has_mac_from, has_mac_to; /* of the frame, where they are known */
	uint8_t mac_from[6], mac_to[6];
};

/* A socket of this host that takes what begins a flow: a listener, or one of datagrams. */
struct fw_socket {
	enum tri is_there;
	enum tri is_transparent, is_wildcard; /* IP_TRANSPARENT; bound to no address */
};

/* What the kernel would be asked: fib lookups. Answers come from the caller. */
struct fw_lookups {
	/* Address type (RTN_*) of a; on: only on this ifindex, 0: any. 0: not known. */
	uint8_t (*address_type)(void *arg, const struct addr *a, uint32_t on);
	/* Interface that the route to a leaves by; 0: none; UINT32_MAX: not known. */
	uint32_t (*route_device)(void *arg, const struct addr *a, uint32_t mark);
	struct text (*device_name)(void *arg, uint32_t ifindex);
	/* The address of this host that a redirect at prerouting or a masquerade of this
	 * packet takes; none: not known. NULL: the caller sets it after the hook, rules of
	 * the hook do not see it. */
	struct addr (*own_address)(void *arg, const struct fw_packet *p,
				   bool is_masquerade);
	/* What is known of a set that is not read (index; key: of its key_len bytes; NULL:
	 * not wholly known); of what an ipset holds (index, by number's row). NULL: not
	 * known; *is_awaited: it is asked for, and the walk will begin anew. NULL
	 * functions: nobody asks. */
	const struct fw_member *(*set_member)(void *arg, uint32_t set, const uint8_t *key,
					      bool *is_awaited);
	const struct fw_member *(*ipset_member)(void *arg, uint32_t ipset,
						const struct ipset_key *key,
						bool *is_awaited);
	/* Who reads n queues from `first` on; NULL: nobody knows. */
	struct queue_readers (*queue_readers)(void *arg, uint16_t first, uint32_t n);
	/* The socket that has this address (none: as a proxy's rule without one takes it,
	 * of the device) and port for a packet that comes in. NULL: nobody knows. */
	struct fw_socket (*socket)(void *arg, const struct fw_packet *p,
				   const struct addr *to, uint16_t port);
	void *arg;
	int64_t wall_ns;      /* of meta time, hour, day; 0: not known */
	int32_t utc_offset_s; /* of the kernel's own time zone, in meta day; 0 as a rule */
	struct fw_cell *cell; /* how far the answer holds; NULL: nobody asks */
};

/* The unknown matches of one whole walk, as a vector of picks (depth first). */
enum { FW_CHOICES_MAX = 24 };
struct fw_choice {
	uint32_t rule;   /* index of the rule that asked */
	const char *why; /* static words: "limit", "meta mark", "xt match recent", ... */
	bool pick;       /* taken as matching */
	/* Kept by eval: what was picked first; the same question asked again in a walk gets
	 * the same answer (0: asked of something that changes, as a limit). */
	bool first;
	bool is_negated;
	uint64_t question;
};
struct fw_choices {
	struct fw_choice made[FW_CHOICES_MAX];
	size_t n_given;   /* picks that were set before the walk */
	size_t n;         /* picks made in it */
	bool is_overfull; /* more would be needed: the walk ends unsure */
};
/* Prepares the next walk; false: all were walked. First: zeroed choices. */
bool fw_choices_next(struct fw_choices *c);

/* FW_QUEUE: a program decides. */
enum fw_verdict { FW_ACCEPT, FW_DROP, FW_REJECT, FW_QUEUE, FW_STOLEN /* fwd, synproxy */ };

/* Who is behind the queue that a rule gave the packet to. */
enum fw_queue {
	FW_QUEUE_NOT_KNOWN,
	FW_QUEUE_READ,    /* somebody; or somebody reads some of its queues */
	FW_QUEUE_UNREAD,  /* nobody: the kernel drops it */
	FW_QUEUE_REFUSED, /* somebody who takes no packets: likewise */
};

/* Whether a rule may have given the flow to a flowtable. */
enum fw_offload { FW_OFFLOAD_NONE, FW_OFFLOAD_BY_KERNEL, FW_OFFLOAD_BY_HARDWARE };

struct fw_reject {
	bool is_reset;
	uint8_t type, code; /* ICMP of the packet's family */
};

/* One thing that happened on the way, for people: a rule that matched, a policy, a
 * translation. */
struct fw_step {
	uint32_t chain, rule; /* rule UINT32_MAX: the chain's policy */
	enum fw_step_kind {
		FW_STEP_MATCHED,
		FW_STEP_ACCEPT,
		FW_STEP_DROP,
		FW_STEP_REJECT,
		FW_STEP_JUMP,
		FW_STEP_NAT,
		FW_STEP_OTHER
	} kind;
};

struct fw_result {
	enum fw_verdict verdict;
	bool is_by_rule;      /* of the decider: a rule, not a policy */
	uint32_t chain, rule; /* decider of a drop, reject, queue; of an accept the last
				 accepting rule; UINT32_MAX: none ("no chain here") */
	struct fw_reject reject;
	struct vec steps; /* struct fw_step, of this hook */
	/* The first NAT rule that set a mapping; the packet is changed by it only for DNAT
	 * kinds at prerouting and output. */
	bool is_translated, is_snat, is_redirect, is_masquerade, is_nat_unsure;
	uint32_t nat_chain, nat_rule;
	struct addr to;   /* none: the address stays, or it is a redirect at prerouting,
			     whose address the caller knows, or is_nat_unsure */
	uint16_t to_port; /* 0: the port stays */
	bool is_notracked;
	enum fw_offload offload; /* then its packets may pass by the hooks */
	/* Of FW_QUEUE, and of a drop for want of a reader. */
	enum fw_queue queue;
	struct queue_reader reader; /* of FW_QUEUE_READ and REFUSED: one of them */
	/* How the source (or the destination) was singled out by the deciding rule. */
	uint32_t set, element; /* of the rule's lookup that held; UINT32_MAX: none */
	/* Of a set that is not read: where `element` stands. Of an ipset: whose answer it
	 * is; NULL. Borrowed of the lookups. */
	const struct fw_member *member;
	uint32_t ipset;        /* of the rule's set match that held; UINT32_MAX: none */
	bool is_source_in_set; /* that lookup's key holds the source address */
	bool names_source;     /* the rule compares the source address itself */
	uint8_t source_prefix; /* its length, when names_source */
};

void fw_result_release(struct fw_result *r);
/*
 * Runs the hook's base chains of the packet's family and of inet (ingress and egress: also
 * netdev, by device). 0, -ENOMEM. A DNAT changes the packet; a mark set stays set. *out is
 * overwritten; choices->is_overfull: the walk ended unsure, the verdict says nothing.
 */
int firewall_run(const struct ruleset *r, enum fw_hook hook, struct fw_packet *p,
		 const struct fw_lookups *lookups, struct fw_choices *choices,
		 struct fw_result *out);

/* True if any base chain is hooked there for this family. */
bool firewall_has_chains(const struct ruleset *r, enum fw_hook hook, uint8_t family);

/* Whether a rule makes the kernel track connections of this family (NFPROTO_); rules of
 * dormant tables do as well. */
enum tri firewall_tracks(const struct ruleset *r, uint8_t family);
/* Finds it out for both families, once for all packets. */
void ruleset_note_tracking(struct ruleset *r);

/* What tests of rules said of a packet: bits, one for each enum fw_field; a field that was
 * tested twice may have two. */
struct fw_tested {
	uint32_t hit, missed, unsure;
};
/* "source", "port"; what has no name of its own is "other tests". */
const char *fw_field_word(enum fw_field field);
/*
 * What the tests of this one rule say of the packet as it comes to the hook. What cannot be
 * tested ends it: what stands behind it in the rule is not looked at. A mark is never sure:
 * rules before it may set it.
 */
struct fw_tested firewall_test_rule(const struct ruleset *r, uint32_t rule,
				    const struct fw_packet *p,
				    const struct fw_lookups *lookups);

/* A rule that accepts (or translates) and would have matched but for one field. */
struct fw_near {
	uint32_t rule;
	struct fw_tested tested; /* by the rule, and by those that lead to its chain */
	const char *field; /* "source", "destination", "port", "source port", "protocol",
			      "interface", "state", "mark" */
	bool is_of_port;   /* it tests the packet's port, which it got */
};
/* Rules of the chain (and of those it jumps to, 3 deep), those that test the packet's port
 * and got it before all others, else in order; up to room, at most FW_NEAR_MAX. Returns how
 * many. */
enum { FW_NEAR_MAX = 16 };
size_t firewall_near_misses(const struct ruleset *r, uint32_t chain,
			    const struct fw_packet *p, const struct fw_lookups *lookups,
			    struct fw_near *out, size_t room);

#endif

/*
 * What the parts of the walk share while one way is walked (one vector of choices): the
 * packet as it is now, the leg that it is on. For the files of core/path only.
 */
#ifndef CORE_PATH_WALKING_H
#define CORE_PATH_WALKING_H

#include "core/path/path.h"

#define NO_ROW UINT32_MAX /* no chain, rule, set */

/* Types of routes and addresses, rtnetlink(7). */
enum {
	ROUTE_TYPE_UNICAST = 1,
	ROUTE_TYPE_LOCAL = 2,
	ROUTE_TYPE_BROADCAST = 3,
	ROUTE_TYPE_ANYCAST = 4,
	ROUTE_TYPE_MULTICAST = 5,
	ROUTE_TYPE_BLACKHOLE = 6,
	ROUTE_TYPE_UNREACHABLE = 7,
	ROUTE_TYPE_PROHIBIT = 8
};

struct walking {
	const struct path_world *world;
	struct path *path;
	struct path_leg *leg;
	struct fw_packet packet;
	struct fw_lookups lookups;
	struct fw_choices *choices;
	struct addr client;    /* none: nobody in particular */
	bool is_from_here;     /* the client is this host */
	uint32_t out_ifindex;  /* of the last route out; 0: not known */
	bool is_out_unsure;    /* it is one of several, or nobody knows */
	bool is_doubtful;      /* something unread may stop it: no accept is certain */
	bool is_astray;        /* which way it goes is assumed: no drop is certain either */
	bool has_ended;        /* the leg's verdict is set */
	bool is_source_undone; /* of an answer: it is aimed at the client again */
	uint32_t answer_mark;  /* by which the way of an answer of this host is chosen */
	/* Its flow may be offloaded: who stops it behind that may never meet it. Of both
	 * legs; NULL: it is not. */
	const char *bypass;
	/* Of the rules and those that were asked again: */
	enum { RULES_NOT_COMPARED, RULES_SAME, RULES_OTHER } compared;
	/* br_netfilter has shown it to IP's prerouting; its port's programs were met. */
	bool has_met_prerouting, has_met_port;
	struct vec *meetings; /* of each hook; NULL: nobody asks (meetings.c) */
	/* Of an answer: what conntrack turns back there; NULL: nothing. */
	void (*undo_at_prerouting)(struct walking *k);
	int error; /* negative: the walk itself failed */
};

/* hops.c: what is written down about a leg. */
void leg_start(struct path_leg *leg);
/* Noted once; beyond PATH_UNSURE_MAX it is left out. */
void leg_note(struct path_leg *leg, uint32_t rule, const char *why);
bool leg_is_noted(const struct path_leg *leg, uint32_t rule, const char *why);
struct path_hop *walking_hop(struct walking *k, enum place_kind place);
/* Something that is not known may stop the packet, at this place. */
void walking_doubt(struct walking *k, uint32_t rule, const char *why);
/* Legacy tables that were not read may stop it anywhere on the leg. */
void walking_mind_unread(struct walking *k);
/* The leg ends here. Where the way is assumed the verdict becomes unsure. */
void walking_end(struct walking *k, enum path_verdict verdict, enum path_decider by,
		 enum place_kind at);
/* Verdict of a leg that went through. */
void walking_pass(struct walking *k);
/* One of n (> 0), the first one first; each is tried. */
size_t walking_choose(struct walking *k, size_t n, const char *why);

/* hooks.c: the hook's rules on the packet as it is; false: the leg ends, or it failed. The
 * device of INGRESS and EGRESS may be a bridge: its ports are met as well (bridges.h). */
bool walking_hook(struct walking *k, enum place_kind place);
/* The same for an answer: conntrack turns its translation back in the midst of the hook, by
 * undo(), between the chains up to this priority and the others. */
bool walking_hook_undoing(struct walking *k, enum place_kind place, int32_t priority,
			  void (*undo)(struct walking *k));

/* balancers.c: the hook input with what stands there besides rules; false: the leg ends, or
 * it failed. What leaves a socket of this host meets it at output: it is minded there. */
bool walking_input(struct walking *k);
void walking_mind_balancers(struct walking *k);

/* hooked.c: functions at the hook that may stop the packet and are no rules. */
void walking_mind_hooked(struct walking *k, enum place_kind place, enum fw_hook hook);

/* Ingress and egress of the one device that is set, without a bridge's ports. */
bool walking_ingress(struct walking *k);
bool walking_egress(struct walking *k);
/* The hook's chains up to this priority, or those behind it. */
bool walking_half_hook(struct walking *k, enum place_kind place, int32_t priority,
		       bool is_first);

/* programs.c: XDP, tc and control groups, where the packet is. False: the leg ends. */
bool walking_meet_programs(struct walking *k, enum program_place place);

/* translate.c: after a hook that translated. False: it cannot be followed. */
bool walking_translate(struct walking *k, const struct fw_result *r, struct path_hop *h);
/* The address of this host that such a rule gives the packet; none: not known. */
struct addr masquerade_address(struct walking *k, const struct fw_packet *p);
struct addr redirect_address(struct walking *k, const struct fw_packet *p);

/* world.c: what is known of the host. */
struct fw_lookups world_lookups(struct walking *k);
/* The kernel's answer; NULL: not told (where it may still come, it is in needs). */
const struct route_answer *world_route(struct walking *k, const struct route_ask *ask);
/* This host's own, also by being multicast or broadcast. */
enum tri world_takes(const struct path_world *w, const struct addr *a);
enum tri world_is_here(const struct path_world *w, const struct addr *a);
/* Are packets that came in there passed on? */
enum tri world_forwards(const struct path_world *w, int family, uint32_t ifindex);
/* Tables of iptables-legacy whose rules were not read. */
enum tri world_has_unread(const struct path_world *w, int family);
struct text world_device_name(const struct path_world *w, uint32_t ifindex);

/* proxied.c: a socket that rules ask for. */
struct fw_socket world_socket(void *walking, const struct fw_packet *p,
			      const struct addr *to, uint16_t port);
/* A transparent proxy's rule gave the packet to a socket: that one. */
bool walking_has_proxy(const struct walking *k);
const struct socket_row *walking_proxy_socket(const struct walking *k,
					      const struct endpoint **endpoint,
					      enum tri *is_served);
/* What such a rule made of it; NULL: it met none. */
const char *walking_proxy_words(const struct walking *k);

/* members.c: what was answered of a set that is not read; what was not asked yet is in
 * needs.
 */
const struct fw_member *world_set_member(void *walking, uint32_t set, const uint8_t *key,
					 bool *is_awaited);
const struct fw_member *world_ipset_member(void *walking, uint32_t ipset,
					   const struct ipset_key *key, bool *is_awaited);

/* devices.c */
bool device_is_loopback(const struct path_world *w, uint32_t ifindex);
uint32_t device_loopback(const struct path_world *w);
/* The packet comes in there; 0: nobody knows where. */
void device_enter(struct walking *k, uint32_t ifindex);
/* It leaves there; 0: nobody knows: each that it may be is tried, `preferred` first. */
void device_leave(struct walking *k, uint32_t ifindex, uint32_t preferred);
/* It stands between these (0: none), on a bridge: whatever else is known of it stays. */
void device_stand(struct walking *k, uint32_t in, uint32_t out);
/* No device: locally sent, or delivered. */
void device_forget(struct walking *k);
/* The address that a redirect or masquerade takes on this device, or one of those that it
 * may be. toward: of a masquerade the next hop, else NULL. None: it has no such. */
struct addr device_address(struct walking *k, int family, uint32_t ifindex,
			   const struct addr *toward, const char *why);

/* meetings.c: the packet before the hook, and what its rules then did, of the hop that is
 * made next. Takes the steps. n_choices, n_unsure: of choices and leg, before the hook. */
void walking_note_meeting(struct walking *k, struct fw_result *r, size_t n_choices,
			  size_t n_unsure);

/* walk.c: the first way alone, with what it met at each hook. 0, -ENOMEM. */
int walk_first(const struct path_world *w, const struct path_ask *ask,
	       struct vec *meetings);
/* walk.c: every way, one after the other. 0, -ENOMEM. */
int walk_all(const struct path_world *w, const struct path_ask *ask, struct path *out);

/* request.c: may what came in be passed on? False: it ends the leg. */
bool walking_may_pass_on(struct walking *k);
/* request.c: the hook output gave it another mark than this, and rules of type route are
 * there: the kernel looks for its route anew. */
bool walking_is_marked_anew(const struct walking *k, uint32_t old_mark);
/* request.c: as who it leaves, behind postrouting. */
void walking_take_sender(struct walking *k);
/* request.c, reply.c: fill the path's leg. */
void request_walk(struct walking *k);
void reply_walk(struct walking *k);

/* ways.c */
enum way { WAY_ENDS, WAY_HERE, WAY_ON };
/* Where what came in goes, with the hop of it. */
enum way way_through(struct walking *k);
/* The packet's route as it is now. */
struct route_ask request_route_ask(const struct walking *k);
/* The route back to the client, from where the socket stands. */
struct route_ask reply_route_ask(const struct walking *k, const struct addr *server,
				 uint16_t server_port, uint32_t out_ifindex);
extern const char way_forwarding_off[]; /* why a packet is not passed on */
/* Positive errno, 0: there is a way. */
int route_error(const struct route_answer *r);
/* A hop of the route that was asked; NULL: not told. False: it ends the leg. */
bool route_hop(struct walking *k, const struct route_answer *r, bool is_in);

/* merge.c: one more way's outcome into what is known of all of them; the first one gives
 * the hops. */
void path_merge(struct path *all, const struct path *one, const struct fw_choices *choices,
		size_t n_request_picks);
void path_add_need(struct path *p, const struct question *q);
/* Not every way was walked. */
void path_not_all(struct path *p, const char *why);

#endif

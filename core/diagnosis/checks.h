/*
 * The checks: pure functions of the evidence, one for each fault, run on every walk (one
 * address of the target each). What they find is ranked in judge.c.
 */
#ifndef CORE_DIAGNOSIS_CHECKS_H
#define CORE_DIAGNOSIS_CHECKS_H

#include "core/diagnosis/finding.h"

/* What a check looks at. */
struct check_view {
	const struct evidence *e;
	const struct walk *walk;
	struct sightings sight; /* attempts at this walk's address by its client */
	bool was_anyone_taken;  /* somebody got a SYN-ACK at this address */
	struct arena *arena;
};

/* Where a fault stands on the packet's way: the order in which it meets them. */
enum position {
	AT_CLIENT = 100, /* before this host */
	AT_INGRESS = 200,
	AT_PREROUTING = 300,
	AT_ROUTE = 400,
	AT_INPUT = 500,
	AT_SOCKET = 600,
	AT_QUEUE = 700,
	AT_OUTPUT = 800, /* the reply, from here on */
	AT_REPLY_ROUTE = 900,
	AT_POSTROUTING = 1000,
	AT_NEIGHBOUR = 1100,
	AT_APPLICATION = 1200,
};

enum { EFFECT_OF_MAX = 3 };

struct check {
	enum fault fault;
	/*
	 * The certainty with f filled (summary, proofs, next, position), CERTAINTY_NONE
	 * with f->is_ruled_out where the evidence excludes it, CERTAINTY_NONE alone where
	 * it cannot be said; -ENOMEM.
	 */
	int (*run)(const struct check_view *v, struct finding *f);
	/* It is never told beside these, of which it is the effect; FAULT_NONE. */
	enum fault effect_of[EFFECT_OF_MAX];
};

extern const struct check checks[];
extern const size_t n_checks;

/* checks_client.c */
int check_wrong_port(const struct check_view *v, struct finding *f);
int check_syn_never_arrives(const struct check_view *v, struct finding *f);
int check_source_differs(const struct check_view *v, struct finding *f);
int check_gave_up_early(const struct check_view *v, struct finding *f);
/* checks_socket.c */
int check_not_listening(const struct check_view *v, struct finding *f);
int check_loopback_only(const struct check_view *v, struct finding *f);
int check_other_address(const struct check_view *v, struct finding *f);
int check_ipv6_only(const struct check_view *v, struct finding *f);
int check_ipv4_only(const struct check_view *v, struct finding *f);
int check_transport_mismatch(const struct check_view *v, struct finding *f);
int check_bound_to_device(const struct check_view *v, struct finding *f);
int check_other_namespace(const struct check_view *v, struct finding *f);
/* checks_service.c */
int check_accept_queue_full(const struct check_view *v, struct finding *f);
int check_process_stopped(const struct check_view *v, struct finding *f);
int check_fd_exhausted(const struct check_view *v, struct finding *f);
int check_not_accepting(const struct check_view *v, struct finding *f);
int check_no_answer(const struct check_view *v, struct finding *f);
/* checks_member.c */
int check_member_dead(const struct check_view *v, struct finding *f);
/* checks_firewall.c */
int check_drop(const struct check_view *v, struct finding *f);
int check_later_drop(const struct check_view *v, struct finding *f);
int check_policy_drop(const struct check_view *v, struct finding *f);
int check_reject(const struct check_view *v, struct finding *f);
int check_shadowed_allow(const struct check_view *v, struct finding *f);
int check_blocklisted(const struct check_view *v, struct finding *f);
int check_no_endpoints(const struct check_view *v, struct finding *f);
int check_forward_drop(const struct check_view *v, struct finding *f);
int check_reply_drop(const struct check_view *v, struct finding *f);
int check_queue_unread(const struct check_view *v, struct finding *f);
int check_netdev_drop(const struct check_view *v, struct finding *f);
int check_bridge_drop(const struct check_view *v, struct finding *f);
/* checks_traced.c */
int check_traced_request(const struct check_view *v, struct finding *f);
int check_traced_reply(const struct check_view *v, struct finding *f);
/* checks_programs.c */
int check_xdp_drop(const struct check_view *v, struct finding *f);
int check_tc_drop(const struct check_view *v, struct finding *f);
int check_cgroup_drop(const struct check_view *v, struct finding *f);
/* checks_net.c */
int check_no_route_back(const struct check_view *v, struct finding *f);
int check_route_rejects(const struct check_view *v, struct finding *f);
int check_rp_filter(const struct check_view *v, struct finding *f);
int check_address_not_here(const struct check_view *v, struct finding *f);
int check_neighbour_failed(const struct check_view *v, struct finding *f);
/* checks_nat.c */
int check_redirect_unserved(const struct check_view *v, struct finding *f);
int check_dnat_wrong_port(const struct check_view *v, struct finding *f);
int check_container_port(const struct check_view *v, struct finding *f);
int check_container_loopback(const struct check_view *v, struct finding *f);
int check_dnat_dead_host(const struct check_view *v, struct finding *f);
/* checks_nat_limits.c */
int check_conntrack_full(const struct check_view *v, struct finding *f);
int check_ports_exhausted(const struct check_view *v, struct finding *f);
/* checks_proxy.c */
int check_upstream_down(const struct check_view *v, struct finding *f);
int check_published_on_loopback(const struct check_view *v, struct finding *f);
/* checks_ipvs.c */
int check_no_real_server(const struct check_view *v, struct finding *f);
/* checks_vip.c */
int check_vip_elsewhere(const struct check_view *v, struct finding *f);
/* checks_nat_way.c */
int check_forwarding_off(const struct check_view *v, struct finding *f);
int check_dnat_to_loopback(const struct check_view *v, struct finding *f);
int check_hairpin(const struct check_view *v, struct finding *f);
int check_no_return_path(const struct check_view *v, struct finding *f);
/* checks_nat_skip.c */
int check_rule_not_matched(const struct check_view *v, struct finding *f);
/* checks_nat_rules.c */
int check_steals_port(const struct check_view *v, struct finding *f);
int check_stale_entry(const struct check_view *v, struct finding *f);

#endif

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

enum { EFFECT_OF_MAX = 12 };

struct check {
	enum fault fault;
	/*
	 * The certainty with f filled (summary, proofs, next, position), CERTAINTY_NONE
	 * with f->is_ruled_out where the evidence excludes it, CERTAINTY_NONE alone where
	 * it cannot be said; -ENOMEM.
	 */
	int (*run)(const struct check_view *v, struct finding *f);
	/* It is never told beside these, of which it is the effect, whichever of its checks
	 * finds it; the first FAULT_NONE ends them. */
	enum fault effect_of[EFFECT_OF_MAX];
};

extern const struct check checks[];
extern const size_t n_checks;

/* checks_client.c */
int check_wrong_port(const struct check_view *v, struct finding *f);
int check_syn_never_arrives(const struct check_view *v, struct finding *f);
int check_source_differs(const struct check_view *v, struct finding *f);
int check_gave_up_early(const struct check_view *v, struct finding *f);
/* checks_proxied.c */
int check_proxied_unserved(const struct check_view *v, struct finding *f);
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
/* checks_stream.c */
int check_tls_mismatch(const struct check_view *v, struct finding *f);
int check_tls_alert(const struct check_view *v, struct finding *f);
int check_protocol_mismatch(const struct check_view *v, struct finding *f);
int check_proxy_header(const struct check_view *v, struct finding *f);
/* checks_stream_end.c */
int check_resets_after_accept(const struct check_view *v, struct finding *f);
int check_access_denied(const struct check_view *v, struct finding *f);
int check_connection_limit(const struct check_view *v, struct finding *f);
/* checks_stream_way.c */
int check_middlebox_reset(const struct check_view *v, struct finding *f);
int check_tuple_reuse(const struct check_view *v, struct finding *f);
/* checks_stream_size.c */
int check_mtu_black_hole(const struct check_view *v, struct finding *f);
/* checks_bind.c */
int check_address_in_use(const struct check_view *v, struct finding *f);
int check_privileged_port(const struct check_view *v, struct finding *f);
int check_bind_denied(const struct check_view *v, struct finding *f);
int check_address_absent(const struct check_view *v, struct finding *f);
/* checks_unit.c */
int check_service_failed(const struct check_view *v, struct finding *f);
int check_activation_stuck(const struct check_view *v, struct finding *f);
int check_unexpected_owner(const struct check_view *v, struct finding *f);
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
/* checks_refusal.c */
int check_refusal_drop(const struct check_view *v, struct finding *f);
/* checks_limits.c */
int check_rate_limited(const struct check_view *v, struct finding *f);
/* checks_state.c */
int check_untracked(const struct check_view *v, struct finding *f);
int check_invalid_drop(const struct check_view *v, struct finding *f);
/* checks_related.c */
int check_related_channel(const struct check_view *v, struct finding *f);
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
/* checks_link.c */
int check_wrong_mac(const struct check_view *v, struct finding *f);
int check_vlan_tag(const struct check_view *v, struct finding *f);
int check_bad_checksum(const struct check_view *v, struct finding *f);
int check_duplicate_address(const struct check_view *v, struct finding *f);
/* checks_way_out.c */
int check_neighbour_wrong(const struct check_view *v, struct finding *f);
int check_asymmetric(const struct check_view *v, struct finding *f);
int check_udp_reply_source(const struct check_view *v, struct finding *f);
int check_remote(const struct check_view *v, struct finding *f);
/* checks_kernel_link.c */
int check_link_down(const struct check_view *v, struct finding *f);
int check_ipv6_disabled(const struct check_view *v, struct finding *f);
/* checks_kernel_address.c */
int check_address_unusable(const struct check_view *v, struct finding *f);
int check_address_lost(const struct check_view *v, struct finding *f);
/* checks_martian.c */
int check_martian(const struct check_view *v, struct finding *f);
/* checks_ipsec.c */
int check_ipsec_policy(const struct check_view *v, struct finding *f);
/* checks_kernel_way.c */
int check_qdisc_drop(const struct check_view *v, struct finding *f);
int check_nic_drops(const struct check_view *v, struct finding *f);
/* checks_kernel_neighbour.c */
int check_neighbour_table_full(const struct check_view *v, struct finding *f);
int check_wrong_netmask(const struct check_view *v, struct finding *f);
/* checks_kernel_socket.c */
int check_tcp_authentication(const struct check_view *v, struct finding *f);
int check_socket_filter(const struct check_view *v, struct finding *f);
/* checks_kernel_queue.c */
int check_syn_queue_full(const struct check_view *v, struct finding *f);
int check_udp_buffer_full(const struct check_view *v, struct finding *f);
int check_memory_pressure(const struct check_view *v, struct finding *f);
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
/* checks_client_name.c */
int check_name_unresolved(const struct check_view *v, struct finding *f);
int check_name_elsewhere(const struct check_view *v, struct finding *f);
int check_prefers_ipv6(const struct check_view *v, struct finding *f);
int check_uses_proxy(const struct check_view *v, struct finding *f);
/* checks_client_side.c */
int check_client_ports(const struct check_view *v, struct finding *f);
int check_client_no_route(const struct check_view *v, struct finding *f);
int check_client_egress(const struct check_view *v, struct finding *f);
int check_client_next_hop(const struct check_view *v, struct finding *f);
/* checks_client_beyond.c */
int check_client_remote(const struct check_view *v, struct finding *f);
int check_client_mtu(const struct check_view *v, struct finding *f);
int check_client_tls(const struct check_view *v, struct finding *f);
int check_client_tls_alert(const struct check_view *v, struct finding *f);
int check_client_reply_source(const struct check_view *v, struct finding *f);
/* checks_joined.c, checks_joined_between.c */
int check_joined_unresolved(const struct check_view *v, struct finding *f);
int check_joined_elsewhere(const struct check_view *v, struct finding *f);
int check_joined_proxy(const struct check_view *v, struct finding *f);
int check_joined_no_route(const struct check_view *v, struct finding *f);
int check_joined_next_hop(const struct check_view *v, struct finding *f);
int check_joined_egress(const struct check_view *v, struct finding *f);
int check_joined_reset(const struct check_view *v, struct finding *f);
int check_joined_remote(const struct check_view *v, struct finding *f);
int check_joined_source(const struct check_view *v, struct finding *f);
int check_joined_never_arrives(const struct check_view *v, struct finding *f);

#endif

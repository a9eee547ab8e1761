/*
 * What the kernel's own functions at hooks do, by their names; of Linux 4.19 to 6.18. A
 * name that is not here is foreign. Reads no bytes.
 */
#include <string.h>

#include "core/firewall/hooks.h"

static const struct {
	const char *name;
	enum fw_hooked_kind kind;
} functions[] = {
	/* nft_chain_filter.c */
	{"nft_do_chain_ipv4", FW_HOOKED_CHAIN},
	{"nft_do_chain_ipv6", FW_HOOKED_CHAIN},
	{"nft_do_chain_inet", FW_HOOKED_CHAIN},
	{"nf_route_table_hook4", FW_HOOKED_CHAIN},
	{"nf_route_table_hook6", FW_HOOKED_CHAIN},
	{"nf_route_table_inet", FW_HOOKED_CHAIN},
	{"nf_route_table_hook", FW_HOOKED_CHAIN},
	/* ip_tables.c, iptable_*.c: the plain one since 5.15 */
	{"ipt_do_table", FW_HOOKED_LEGACY},
	{"ip6t_do_table", FW_HOOKED_LEGACY},
	{"iptable_raw_hook", FW_HOOKED_LEGACY},
	{"iptable_mangle_hook", FW_HOOKED_LEGACY},
	{"iptable_filter_hook", FW_HOOKED_LEGACY},
	{"iptable_security_hook", FW_HOOKED_LEGACY},
	{"ip6table_raw_hook", FW_HOOKED_LEGACY},
	{"ip6table_mangle_hook", FW_HOOKED_LEGACY},
	{"ip6table_filter_hook", FW_HOOKED_LEGACY},
	{"ip6table_security_hook", FW_HOOKED_LEGACY},
	/* nf_conntrack_proto.c */
	{"ipv4_conntrack_in", FW_HOOKED_TRACKING},
	{"ipv4_conntrack_local", FW_HOOKED_TRACKING},
	{"ipv6_conntrack_in", FW_HOOKED_TRACKING},
	{"ipv6_conntrack_local", FW_HOOKED_TRACKING},
	{"ipv4_confirm", FW_HOOKED_KNOWN},
	{"ipv6_confirm", FW_HOOKED_KNOWN},
	{"nf_confirm", FW_HOOKED_KNOWN},
	{"ipv4_helper", FW_HOOKED_KNOWN},
	{"ipv6_helper", FW_HOOKED_KNOWN},
	/* nf_nat_proto.c */
	{"nf_nat_ipv4_in", FW_HOOKED_NAT},
	{"nf_nat_ipv4_pre_routing", FW_HOOKED_NAT},
	{"nf_nat_ipv4_out", FW_HOOKED_NAT},
	{"nf_nat_ipv4_fn", FW_HOOKED_NAT},
	{"nf_nat_ipv4_local_fn", FW_HOOKED_NAT},
	{"nf_nat_ipv4_local_in", FW_HOOKED_NAT},
	{"nf_nat_ipv6_in", FW_HOOKED_NAT},
	{"nf_nat_ipv6_out", FW_HOOKED_NAT},
	{"nf_nat_ipv6_fn", FW_HOOKED_NAT},
	{"nf_nat_ipv6_local_fn", FW_HOOKED_NAT},
	{"nf_nat_ipv6_local_in", FW_HOOKED_NAT},
	/* fragments are put together; nf_defrag_ipv4.c, nf_defrag_ipv6_hooks.c */
	{"ipv4_conntrack_defrag", FW_HOOKED_KNOWN},
	{"ipv6_defrag", FW_HOOKED_KNOWN},
	/* bpf_nf_link.c */
	{"nf_hook_run_bpf", FW_HOOKED_BPF},
	/* by security marks; security/selinux/hooks.c, smack_netfilter.c, apparmor/lsm.c */
	{"selinux_ip_forward", FW_HOOKED_LABELS},
	{"selinux_ip_output", FW_HOOKED_LABELS},
	{"selinux_ip_postroute", FW_HOOKED_LABELS},
	{"selinux_ipv4_forward", FW_HOOKED_LABELS},
	{"selinux_ipv4_output", FW_HOOKED_LABELS},
	{"selinux_ipv4_postroute", FW_HOOKED_LABELS},
	{"selinux_ipv6_forward", FW_HOOKED_LABELS},
	{"selinux_ipv6_output", FW_HOOKED_LABELS},
	{"selinux_ipv6_postroute", FW_HOOKED_LABELS},
	{"smack_ip_output", FW_HOOKED_LABELS},
	{"smack_ipv4_output", FW_HOOKED_LABELS},
	{"smack_ipv6_output", FW_HOOKED_LABELS},
	{"apparmor_ip_postroute", FW_HOOKED_LABELS},
	{"apparmor_ipv4_postroute", FW_HOOKED_LABELS},
	{"apparmor_ipv6_postroute", FW_HOOKED_LABELS},
	/* of a rule that says synproxy: only of its flows */
	{"ipv4_synproxy_hook", FW_HOOKED_KNOWN},
	{"ipv6_synproxy_hook", FW_HOOKED_KNOWN},
	/* IPVS: by its services; ip_vs_core.c */
	{"ip_vs_in_hook", FW_HOOKED_KNOWN},
	{"ip_vs_out_hook", FW_HOOKED_KNOWN},
	{"ip_vs_forward_icmp", FW_HOOKED_KNOWN},
	{"ip_vs_forward_icmp_v6", FW_HOOKED_KNOWN},
	{"ip_vs_reply4", FW_HOOKED_KNOWN},
	{"ip_vs_reply6", FW_HOOKED_KNOWN},
	{"ip_vs_local_reply4", FW_HOOKED_KNOWN},
	{"ip_vs_local_reply6", FW_HOOKED_KNOWN},
	{"ip_vs_remote_request4", FW_HOOKED_KNOWN},
	{"ip_vs_remote_request6", FW_HOOKED_KNOWN},
	{"ip_vs_local_request4", FW_HOOKED_KNOWN},
	{"ip_vs_local_request6", FW_HOOKED_KNOWN},
	/* bridged packets are not asked twice; br_netfilter_hooks.c */
	{"ip_sabotage_in", FW_HOOKED_KNOWN},
	/* the packet of an ipvlan of mode l3s changes its device; ipvlan_l3s.c */
	{"ipvlan_nf_input", FW_HOOKED_KNOWN},
	/* stands where something has just been taken out; netfilter/core.c */
	{"accept_all", FW_HOOKED_KNOWN},
};

/* "ipt_do_table.cold", "nf_confirm.llvm.4711": the same function. */
static size_t length_of_name(struct text function)
{
	const char *dot = function.len ? memchr(function.bytes, '.', function.len) : NULL;

	return dot ? (size_t)(dot - function.bytes) : function.len;
}

enum fw_hooked_kind hook_function_kind(struct text function)
{
	struct text name = {function.bytes, length_of_name(function)};

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (text_equals_str(name, functions[i].name))
			return functions[i].kind;
	return FW_HOOKED_FOREIGN;
}
